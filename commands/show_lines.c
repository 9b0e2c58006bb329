/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines into answers.  Sections nest as deep as the commands do; a text that goes deeper is flat
 * from there on. */
#include "commands/show_lines.h"

#include "commands/config_text.h"
#include "commands/secret_line.h"
#include "commands/show_cmd.h"

#include <string.h>

#define DEPTH_MAX 4

static void put_line(struct answer *a, const char *key, const char *line, size_t len, bool hidden)
{
	struct strbuf text;

	strbuf_init(&text);
	if (hidden)
		secret_line_mask(line, len, &text);
	else
		strbuf_add_bytes(&text, line, len);
	answer_text(a, key, NULL, text.text);
	strbuf_wipe(&text);
}

static void put_items(struct answer *a, const struct config_text *t, bool hidden, unsigned depth)
{
	for (size_t i = 0; i < t->count; i++) {
		const struct config_text *item = &t->items[i];

		answer_object(a, NULL);
		put_line(a, "line", item->line, strlen(item->line), hidden);
		answer_array(a, "lines");
		if (depth < DEPTH_MAX)
			put_items(a, item, hidden, depth + 1);
		answer_array_end(a);
		answer_object_end(a);
		if (depth >= DEPTH_MAX)
			put_items(a, item, hidden, depth);
	}
}

int show_config_json(struct cmd *c, const char *text)
{
	struct answer *a = show_begin(c);
	struct config_text tree;

	config_text_parse(text, &tree);
	answer_array(a, "lines");
	put_items(a, &tree, cmd_hides_secrets(c), 0);
	answer_array_end(a);
	config_text_clear(&tree);
	return show_end(c, a);
}

void show_lines(struct answer *a, const char *key, const char *text, bool hidden)
{
	answer_array(a, key);
	while (*text != '\0') {
		size_t len = strcspn(text, "\n");

		if (len != 0)
			put_line(a, NULL, text, len, hidden);
		text += len + (text[len] == '\n');
	}
	answer_array_end(a);
}
