/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The head of an HTTP/1 request, as far as a server of one page needs it (RFC 9112 sections 3 and
 * 5): method, path, version, whether OpenMetrics is accepted.  Nothing else is looked at; bodies
 * are not read.
 */
#ifndef SHELL_IKESHD_HTTP_REQUEST_H
#define SHELL_IKESHD_HTTP_REQUEST_H

#include "platform/base/err.h"

#include <stdbool.h>
#include <stddef.h>

#define HTTP_HEAD_MAX 4096

struct http_request {
	bool get, head; /* method; neither: another one */
	bool old;	/* HTTP/1.0 */
	bool openmetrics;
	char path[64]; /* without query; one that is longer is cut, and no page of ours */
};

/* ERR_BUSY: the head is not complete yet; ERR_INVALID: this is no request; ERR_NO_SPACE: it is not
 * complete and longer than HTTP_HEAD_MAX. */
int http_request_parse(const char *text, size_t len, struct http_request *out) WARN_UNUSED;

#endif
