/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What answer.c needs of its two writers; nobody else includes this. */
#ifndef COMMANDS_ANSWER_WRITER_H
#define COMMANDS_ANSWER_WRITER_H

#include "commands/answer.h"

/* Printable UTF-8 copy: control characters and broken sequences become '?'; caller frees. */
char *answer_clean(const char *text);
/* Octets of the longest beginning of text that takes at most width columns. */
size_t answer_text_cut(const char *text, size_t width);

struct answer_text;

struct answer_text *answer_text_new(unsigned width);
void answer_text_free(struct answer_text *t);
void answer_text_value(struct answer_text *t, const char *label, const char *value);
void answer_text_table(struct answer_text *t, const struct answer_column *columns, size_t count);
void answer_text_row(struct answer_text *t);
void answer_text_table_end(struct answer_text *t);
void answer_text_block(struct answer_text *t, unsigned indent);
void answer_text_block_end(struct answer_text *t);
void answer_text_line(struct answer_text *t, const char *line);
void answer_text_finish(struct answer_text *t, struct strbuf *out);

struct answer_json;

struct answer_json *answer_json_new(void);
void answer_json_free(struct answer_json *j);
void answer_json_open(struct answer_json *j, const char *key, bool array);
void answer_json_close(struct answer_json *j);
void answer_json_string(struct answer_json *j, const char *key, const char *value); /* NULL: null */
void answer_json_number(struct answer_json *j, const char *key, uint64_t value);
void answer_json_bool(struct answer_json *j, const char *key, bool value);
void answer_json_finish(struct answer_json *j, struct strbuf *out);

#endif
