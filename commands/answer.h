/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The answer of a show command: described once, rendered as text for people or as one JSON document
 * for programs.  Each value has a camelCase key (JSON) and a label (text); NULL leaves it out of
 * that form.  Everything that is printed passes one filter: control characters and broken UTF-8,
 * which peers can put into identities, never reach a terminal or a document.
 *
 * Rules of the JSON: keys in the order of the calls; a key is always there, null when there is no
 * value; numbers are plain integers whose unit is in the key (Sec, Bps, Bytes); times are ISO 8601
 * in UTC.
 */
#ifndef COMMANDS_ANSWER_H
#define COMMANDS_ANSWER_H

#include "platform/base/err.h"
#include "platform/base/strbuf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum answer_format { ANSWER_TEXT, ANSWER_JSON };

struct answer;

/* width: columns of the terminal, 0 unlimited.  A JSON answer begins inside its root object. */
struct answer *answer_new(enum answer_format format, unsigned width);
void answer_free(struct answer *a);
bool answer_is_json(const struct answer *a);
/* Appends the whole answer to out, once; JSON ends with one newline. */
void answer_finish(struct answer *a, struct strbuf *out);

/* ---- Structure (JSON only); key NULL inside an array ----------------------------------------- */

void answer_object(struct answer *a, const char *key);
void answer_object_end(struct answer *a);
void answer_array(struct answer *a, const char *key);
void answer_array_end(struct answer *a);

/* ---- Values ---------------------------------------------------------------------------------- */

/* NULL, "" and "-" are "no value": "-" in text, null in JSON. */
void answer_text(struct answer *a, const char *key, const char *label, const char *value);
void answer_number(struct answer *a, const char *key, const char *label, uint64_t value);
void answer_bool(struct answer *a, const char *key, const char *label, bool value); /* yes, no */
void answer_null(struct answer *a, const char *key);
/* wall_ms since 1970 as "2026-11-23T14:00:02Z"; 0: null.  JSON only. */
void answer_time(struct answer *a, const char *key, uint64_t wall_ms);
/* Text only: what a person reads where the document has parts. */
void answer_show(struct answer *a, const char *label, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* ---- Layout (text only) ---------------------------------------------------------------------- */

/* A table: values go into the column whose heading is their label; unset cells show "-".  Columns
 * are as wide as their longest value and two blanks apart.  Nothing is cut, except values of `free`
 * columns to 20 characters, when the table is wider than the terminal. */
struct answer_column {
	const char *heading;
	bool free; /* a free name */
};

void answer_table(struct answer *a, const struct answer_column *columns, size_t count);
void answer_row(struct answer *a);	 /* the next values belong to a new row */
void answer_table_end(struct answer *a); /* a table without rows prints nothing */

/* A block of "label  value" lines, values aligned; long values continue on lines of their own,
 * aligned as well. */
void answer_block(struct answer *a, unsigned indent);
void answer_block_end(struct answer *a);

/* One line of its own; not inside a table or block. */
void answer_line(struct answer *a, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Columns that UTF-8 text takes on a terminal. */
size_t answer_text_width(const char *text);

#endif
