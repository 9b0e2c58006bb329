/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The text writer: tables whose columns fit their content, blocks of labelled lines, and plain
 * lines.  A table or block is kept until its end, because its widths depend on all values.
 */
#include "commands/answer_writer.h"
#include "platform/base/mem.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define GAP	  2  /* blanks between columns */
#define FREE_MAX  20 /* columns of a free name in a table that is too wide */
#define VALUE_MIN 24 /* a block wraps values only when this much is left of the line */

struct block_line {
	char *label, *value;
};

struct answer_text {
	struct strbuf out;
	unsigned width;
	const struct answer_column *columns; /* NULL: no table is open */
	size_t column_count, row_count;
	char **cells; /* row_count * column_count, NULL: not set */
	bool in_block;
	unsigned indent;
	struct block_line *lines;
	size_t line_count;
};

struct answer_text *answer_text_new(unsigned width)
{
	struct answer_text *t = mem_zalloc(sizeof(*t));

	strbuf_init(&t->out);
	t->width = width;
	return t;
}

static void forget_table(struct answer_text *t)
{
	for (size_t i = 0; i < t->row_count * t->column_count; i++)
		free(t->cells[i]);
	free(t->cells);
	t->cells = NULL;
	t->row_count = t->column_count = 0;
	t->columns = NULL;
}

static void forget_block(struct answer_text *t)
{
	for (size_t i = 0; i < t->line_count; i++) {
		free(t->lines[i].label);
		free(t->lines[i].value);
	}
	free(t->lines);
	t->lines = NULL;
	t->line_count = 0;
	t->in_block = false;
}

void answer_text_free(struct answer_text *t)
{
	if (!t)
		return;
	forget_table(t);
	forget_block(t);
	strbuf_clear(&t->out);
	free(t);
}

static void pad(struct strbuf *out, size_t count)
{
	while (count-- > 0)
		strbuf_add_char(out, ' ');
}

/* ---- Tables ---------------------------------------------------------------------------------- */

void answer_text_table(struct answer_text *t, const struct answer_column *columns, size_t count)
{
	assert(!t->columns && !t->in_block);
	t->columns = columns;
	t->column_count = count;
}

void answer_text_row(struct answer_text *t)
{
	size_t used = t->row_count * t->column_count;

	assert(t->columns);
	t->row_count++;
	t->cells = mem_realloc_array(t->cells, used + t->column_count, sizeof(*t->cells));
	for (size_t i = 0; i < t->column_count; i++)
		t->cells[used + i] = NULL;
}

static void set_cell(struct answer_text *t, const char *heading, const char *value)
{
	char **row;

	assert(t->row_count > 0);
	row = t->cells + (t->row_count - 1) * t->column_count;
	for (size_t i = 0; i < t->column_count; i++) {
		if (strcmp(t->columns[i].heading, heading) == 0) {
			free(row[i]);
			row[i] = mem_strdup(value);
			return;
		}
	}
	assert(false); /* a value without a column of this heading */
}

static const char *cell(const struct answer_text *t, size_t row, size_t column)
{
	const char *value = t->cells[row * t->column_count + column];

	return value ? value : "-";
}

/* Fills widths, returns the width of the whole table. */
static size_t measure(const struct answer_text *t, size_t *widths)
{
	size_t total = 0;

	for (size_t c = 0; c < t->column_count; c++) {
		widths[c] = answer_text_width(t->columns[c].heading);
		for (size_t r = 0; r < t->row_count; r++) {
			size_t w = answer_text_width(cell(t, r, c));

			if (w > widths[c])
				widths[c] = w;
		}
		total += widths[c] + (c > 0 ? GAP : 0);
	}
	return total;
}

/* "a-very-long-name-i..." */
static void cut_free_names(struct answer_text *t)
{
	for (size_t i = 0; i < t->row_count * t->column_count; i++) {
		char *value = t->cells[i];
		size_t keep;

		if (!t->columns[i % t->column_count].free || !value ||
		    answer_text_width(value) <= FREE_MAX)
			continue;
		keep = answer_text_cut(value, FREE_MAX - 3);
		value = mem_realloc_array(value, keep + 4, 1);
		memcpy(value + keep, "...", 4);
		t->cells[i] = value;
	}
}

/* The last column is not padded: no line ends with blanks. */
static void put_cell(struct answer_text *t, const size_t *widths, size_t column, const char *value)
{
	strbuf_add(&t->out, value);
	if (column + 1 < t->column_count)
		pad(&t->out, widths[column] - answer_text_width(value) + GAP);
	else
		strbuf_add_char(&t->out, '\n');
}

void answer_text_table_end(struct answer_text *t)
{
	size_t *widths;

	assert(t->columns);
	if (t->row_count == 0) {
		forget_table(t);
		return;
	}
	widths = mem_calloc(t->column_count, sizeof(*widths));
	if (measure(t, widths) > t->width && t->width > 0) {
		cut_free_names(t);
		(void)measure(t, widths);
	}
	for (size_t c = 0; c < t->column_count; c++)
		put_cell(t, widths, c, t->columns[c].heading);
	for (size_t r = 0; r < t->row_count; r++)
		for (size_t c = 0; c < t->column_count; c++)
			put_cell(t, widths, c, cell(t, r, c));
	free(widths);
	forget_table(t);
}

/* ---- Blocks ---------------------------------------------------------------------------------- */

void answer_text_block(struct answer_text *t, unsigned indent)
{
	assert(!t->columns && !t->in_block);
	t->in_block = true;
	t->indent = indent;
}

/* value in lines of at most width columns, broken at blanks; later lines are indented. */
static void put_wrapped(struct strbuf *out, const char *value, size_t width, size_t indent)
{
	while (answer_text_width(value) > width) {
		size_t len = answer_text_cut(value, width), end = len;

		/* A break needs a blank at or before the margin; a longer word stays whole. */
		while (end > 0 && value[end] != ' ')
			end--;
		if (end == 0) {
			const char *blank = strchr(value + len, ' ');

			if (!blank)
				break;
			end = (size_t)(blank - value);
		}
		strbuf_add_bytes(out, value, end);
		strbuf_add_char(out, '\n');
		pad(out, indent);
		value += end;
		value += strspn(value, " ");
	}
	strbuf_add(out, value);
	strbuf_add_char(out, '\n');
}

void answer_text_block_end(struct answer_text *t)
{
	size_t labels = 0, margin;

	assert(t->in_block);
	for (size_t i = 0; i < t->line_count; i++) {
		size_t w = answer_text_width(t->lines[i].label);

		if (w > labels)
			labels = w;
	}
	margin = t->indent + labels + GAP;
	for (size_t i = 0; i < t->line_count; i++) {
		const char *label = t->lines[i].label;
		size_t room = t->width >= margin + VALUE_MIN ? t->width - margin : SIZE_MAX;

		pad(&t->out, t->indent);
		strbuf_add(&t->out, label);
		pad(&t->out, labels - answer_text_width(label) + GAP);
		put_wrapped(&t->out, t->lines[i].value, room, margin);
	}
	forget_block(t);
}

/* ---- Both ------------------------------------------------------------------------------------ */

void answer_text_value(struct answer_text *t, const char *label, const char *value)
{
	if (t->columns) {
		set_cell(t, label, value);
		return;
	}
	assert(t->in_block);
	t->lines = mem_realloc_array(t->lines, t->line_count + 1, sizeof(*t->lines));
	t->lines[t->line_count++] =
		(struct block_line){.label = mem_strdup(label), .value = mem_strdup(value)};
}

void answer_text_line(struct answer_text *t, const char *line)
{
	assert(!t->columns && !t->in_block);
	strbuf_add(&t->out, line);
	strbuf_add_char(&t->out, '\n');
}

void answer_text_finish(struct answer_text *t, struct strbuf *out)
{
	assert(!t->columns && !t->in_block);
	strbuf_add_bytes(out, t->out.text, t->out.len);
	strbuf_reset(&t->out);
}
