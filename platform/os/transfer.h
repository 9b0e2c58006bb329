/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Messages to other machines over HTTP(S) and SMTP, by libcurl on the event loop.  Nothing here
 * waits: a receiver that hangs costs a descriptor, and for a mail a thread, until its time is over.
 * Certificates are always verified; redirections and proxies are not used.
 */
#ifndef PLATFORM_OS_TRANSFER_H
#define PLATFORM_OS_TRANSFER_H

#include "platform/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct loop;
struct secret;
struct transfer;
struct transfers;

#define TRANSFER_CONNECT_MS 10000
#define TRANSFER_TOTAL_MS   30000
#define TRANSFER_ANSWER_MAX 65536 /* octets of an answer that are waited for */
#define TRANSFER_TEXT_MAX   256
#define TRANSFER_HEADERS    4
#define TRANSFER_TO	    8

struct transfers *transfers_new(struct loop *loop, struct err_msg *e); /* NULL with e filled */
void transfers_free(struct transfers *o); /* cancels what is under way; may be NULL */

/* What is to be sent; copied. */
struct transfer_request {
	const char *url; /* http, https, smtp, smtps */
	const char *headers[TRANSFER_HEADERS];
	const char *body;
	size_t body_len;
	const char *ca_file; /* NULL: the authorities of the system */
	/* Mail only. */
	const char *from;
	const char *to[TRANSFER_TO];
	bool starttls;	  /* or nothing is sent */
	const char *user; /* NULL: no login */
	const struct secret *password;
};

struct transfer_result {
	bool ok;
	char text[TRANSFER_TEXT_MAX]; /* why not; never with the path of the URL */
};

typedef void transfer_done_fn(void *arg, const struct transfer_result *result);

/* done is called once from the loop, never from inside; NULL: out of memory in the library. */
struct transfer *transfer_start(struct transfers *owner, const struct transfer_request *r,
				transfer_done_fn *done, void *arg);
void transfer_cancel(struct transfer *t); /* without done; may be NULL */

/* An address for webhooks: http or https, with a host, without a login.  ERR_INVALID with e. */
int transfer_check_url(const char *url, struct err_msg *e) WARN_UNUSED;
/* "https://host:8443/...": without what could be a secret. */
const char *transfer_url_name(const char *url, char *buf, size_t size);

#endif
