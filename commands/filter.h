/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Output filters: `| include|exclude|begin|section|count REGEX`, `| redact`, `| no-more`, `| json`,
 * chained in any number.  Text goes in as it is printed and comes out line by line.
 */
#ifndef COMMANDS_FILTER_H
#define COMMANDS_FILTER_H

#include "platform/base/err.h"
#include "platform/base/strbuf.h"

#include <stdbool.h>
#include <stddef.h>

struct filter_chain;

struct filter_wishes {
	bool json;    /* `| json` */
	bool no_more; /* `| no-more` */
	bool redact;  /* `| redact` */
};

/* text is what follows the first `|`.  NULL: e says why, *column is where in text. */
struct filter_chain *filter_parse(const char *text, struct filter_wishes *wishes, size_t *column,
				  struct err_msg *e);
void filter_free(struct filter_chain *f);
/* Pass text through; what comes out is appended to out.  A last line without \n waits for more. */
void filter_feed(struct filter_chain *f, const char *text, size_t len, struct strbuf *out);
void filter_end(struct filter_chain *f, struct strbuf *out);

/* For `?` behind a `|`: name and help of filter i, NULL past the end. */
const char *filter_name(size_t i, const char **help, bool *takes_regex);

#endif
