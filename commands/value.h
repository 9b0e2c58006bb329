/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One parsed argument.  The type owns parsing, the canonical text, what is allowed (as operators
 * read it) and how the value goes into and out of a field of a configuration struct.
 */
#ifndef COMMANDS_VALUE_H
#define COMMANDS_VALUE_H

#include "commands/args.h"
#include "platform/base/err.h"
#include "platform/base/ip.h"
#include "platform/base/secret.h"
#include "platform/base/strbuf.h"

#define VALUE_TEXT_MAX 256

struct value {
	const struct arg *arg;	   /* NULL: not set */
	char text[VALUE_TEXT_MAX]; /* canonical; of a LABEL_RANGE the label; "" for secrets */
	uint32_t number;	   /* U32, CHOICE */
	struct ip_addr addr;
	struct ip_prefix prefix;
	struct ip_range range;
	struct secret secret;
};

void value_clear(struct value *v);
/* ERR_INVALID or ERR_RANGE: e says what is allowed ("allowed is 30-300 seconds").  ERR_EXISTS: an
 * abbreviation that fits several choices.  *bad is the offset of the first bad character. */
int value_parse(const struct arg *a, const char *text, struct value *v, size_t *bad,
		struct err_msg *e) WARN_UNUSED;
/* "<5-60>", "WORD", "A.B.C.D/len": the left column of `?`. */
const char *value_syntax(const struct arg *a, char *buf, size_t size);
/* "Probe after this silence, 5-60 seconds, default 10": the right column. */
const char *value_help(const struct arg *a, char *buf, size_t size);
bool value_takes_rest(const struct arg *a); /* of the line */
bool value_is_secret(const struct arg *a);

/* Between values and fields of a struct; size is that of the field. */
void value_store(const struct value *v, void *field, size_t size);
/* Append the text that parses to the field's content; false: not set (zero), nothing appended. */
bool value_load(const struct arg *a, const void *field, size_t size, struct strbuf *out);
/* Is the field as arg->standard says (or not set, when there is none)? */
bool value_is_standard(const struct arg *a, const void *field, size_t size);
void value_store_standard(const struct arg *a, void *field, size_t size);

#endif
