/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The page /metrics: a small HTTP/1.1 server on the event loop, for one page and a few clients at a
 * time.  Nothing here waits: answers are made in steps, as the client takes them.
 *
 * A server of our own, because all that is needed is one request line and one answer. libmicrohttpd
 * limits how long a client is idle, not how long a request or an answer may take, so that eight
 * clients that send an octet now and then would keep all others out; and it brings a second TLS
 * library into the process that holds the keys.
 */
#ifndef SHELL_IKESHD_METRICS_HTTP_H
#define SHELL_IKESHD_METRICS_HTTP_H

#include "platform/base/ip.h"

struct commands;
struct log;
struct loop;
struct metrics_http;

#define METRICS_CLIENTS	   8	 /* at a time */
#define METRICS_REQUEST_MS 10000 /* for the request to come */
#define METRICS_ANSWER_MS  60000 /* for the answer to be taken */

struct metrics_http *metrics_http_new(struct loop *loop, const struct log *log);
void metrics_http_free(struct metrics_http *h); /* may be NULL */
/* Whose metrics; clients that come before get 503.  NULL: nobody's any more. */
void metrics_http_serve(struct metrics_http *h, struct commands *c);
/* Listen there from now on; address not set: nowhere.  When that fails, it is said in the log and
 * tried again every ten seconds. */
void metrics_http_listen(struct metrics_http *h, const struct ip_endpoint *at);

#endif
