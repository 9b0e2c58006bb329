/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Metrics as text, OpenMetrics 1.0 or the older text format of Prometheus (0.0.4).  One struct
 * metrics is one answer, made in small steps: first a survey of all sites, then the text, family by
 * family.  Every configured tunnel has its series, also while it is down.
 */
#ifndef COMMANDS_METRICS_H
#define COMMANDS_METRICS_H

#include "platform/base/strbuf.h"

#include <stdbool.h>

struct commands;
struct metrics;

enum metrics_format { METRICS_OPENMETRICS, METRICS_TEXT };

#define METRICS_STEP 16384 /* octets that one step adds, and a little more */

/* The box must have a gateway, and live as long. */
struct metrics *metrics_new(struct commands *c, enum metrics_format format);
void metrics_free(struct metrics *m); /* may be NULL */
/* About a millisecond of work; appends to out.  False: that was the end. */
bool metrics_step(struct metrics *m, struct strbuf *out);
/* What an HTTP client is told. */
const char *metrics_content_type(enum metrics_format format);

#endif
