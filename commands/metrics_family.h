/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The families of metrics: one const table, and what its functions write with. */
#ifndef COMMANDS_METRICS_FAMILY_H
#define COMMANDS_METRICS_FAMILY_H

#include "commands/metrics.h"
#include "commands/survey.h"

#include <stdint.h>

struct metrics {
	struct commands *box;
	enum metrics_format format;
	struct survey survey;
	bool surveyed;
	uint64_t now_ms, wall_ms; /* when it began */
	size_t family, site;	  /* what is written next */
	bool headed;		  /* the family has its head */
	struct strbuf *out;	  /* of the running step */
	const struct metrics_family *writing;
	bool labelled; /* the sample at work has a label */
};

enum metrics_type { METRICS_GAUGE, METRICS_COUNTER, METRICS_INFO };

struct metrics_family {
	const char *name; /* without ikesh_, _total and _info; NULL: box writes heads itself */
	enum metrics_type type;
	const char *unit; /* last part of the name, NULL: none */
	const char *help;
	/* One of these writes the samples: of the box, of a site, of a tunnel of it. */
	void (*box)(struct metrics *m);
	void (*of_site)(struct metrics *m, const struct survey_site *s);
	void (*of_tunnel)(struct metrics *m, const struct survey_site *s,
			  const struct survey_tunnel *t);
};

/* NULL past the end. */
const struct metrics_family *metrics_family_at(size_t index);

/* For families that are many: writes the head of f, and samples are of f from now on. */
void metrics_head(struct metrics *m, const struct metrics_family *f);
/* One sample: begin, labels, end. */
void metrics_begin(struct metrics *m);
void metrics_label(struct metrics *m, const char *name, const char *value);
void metrics_end(struct metrics *m, double value);
void metrics_plain(struct metrics *m, double value); /* without labels */
/* Names as the label says them, shared with JSON. */
const char *metrics_tunnel_name(uint8_t slot, char buf[16]); /* "primary-1" */

#endif
