/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The arguments that patterns name: one const row each, sorted by name.  To use a new one in a
 * pattern, add a row to args*.c; value.c knows the types.
 */
#ifndef COMMANDS_ARGS_H
#define COMMANDS_ARGS_H

#include <stddef.h>
#include <stdint.h>

enum value_type {
	VALUE_U32,	   /* min..max */
	VALUE_CHOICE,	   /* one word of choices; abbreviations allowed */
	VALUE_NAME,	   /* [A-Za-z0-9_.-], length min..max */
	VALUE_TEXT,	   /* rest of the line, trimmed, quotes taken off; length min..max */
	VALUE_BANNER,	   /* the same; a quote may be a delimiter */
	VALUE_COUNTRY,	   /* rest of the line: a country by name or code; the name is kept */
	VALUE_WORD,	   /* one word of any printable characters, length min..max */
	VALUE_IP,	   /* IPv4 or IPv6 address of a host */
	VALUE_IPV4,	   /* IPv4 only */
	VALUE_PREFIX,	   /* A.B.C.D/len or IPv6 */
	VALUE_RANGE,	   /* prefix, address or A-B */
	VALUE_PORTS,	   /* port or FIRST-LAST; number is first << 16 | last */
	VALUE_LABEL_RANGE, /* LABEL:RANGE */
	VALUE_SECRET, /* rest of the line, raw; kept in a struct secret; length min..max octets */
	VALUE_HEX_SECRET, /* the same written in hexadecimal */
};

struct arg_choice {
	const char *word; /* NULL ends the list */
	uint32_t value;
	const char *help;
};

struct arg {
	const char *name;
	enum value_type type;
	uint32_t min, max;
	const char *standard; /* default as text, NULL: none */
	const char *unit;     /* "seconds", NULL: none */
	const struct arg_choice *choices;
	const char *help;
	const char *noun; /* secrets: what messages call it */
};

const struct arg *arg_find(const char *name); /* or NULL */
const struct arg *arg_at(size_t index);	      /* NULL past the end */

#endif
