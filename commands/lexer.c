/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Splits lines.  Owns the copies of the words; never interprets them.
 */
#include "commands/lexer.h"

#include <string.h>

static bool is_blank(char c)
{
	return (unsigned char)c <= ' ' || c == 0x7f;
}

/* Length of the word at line, which is not blank; a `"` opens or closes a part with blanks. */
static size_t word_len(const char *line, bool filters)
{
	bool quoted = false;
	size_t n;

	for (n = 0; line[n] != '\0'; n++) {
		if (line[n] == '"')
			quoted = !quoted;
		else if (!quoted && (is_blank(line[n]) || (filters && line[n] == '|')))
			break;
	}
	return n;
}

void lexer_split(const char *line, bool filters, struct lexed *out)
{
	size_t at = 0;
	size_t offsets[LEXER_WORDS] = {0};

	memset(out, 0, sizeof(*out));
	out->line = line;
	strbuf_init(&out->copies);
	for (;;) {
		struct word *w;
		size_t len;

		while (line[at] != '\0' && is_blank(line[at]))
			at++;
		if (line[at] == '\0' || (filters && line[at] == '|'))
			break;
		len = word_len(line + at, filters);
		out->end = at + len;
		if (out->count == LEXER_WORDS) {
			out->surplus = true;
			at += len;
			continue;
		}
		w = &out->words[out->count];
		*w = (struct word){.column = at, .len = len};
		w->quoted = len >= 2 && line[at] == '"' && line[at + len - 1] == '"';
		offsets[out->count++] = out->copies.len;
		if (w->quoted)
			strbuf_add_bytes(&out->copies, line + at + 1, len - 2);
		else
			strbuf_add_bytes(&out->copies, line + at, len);
		strbuf_add_char(&out->copies, '\0');
		at += len;
	}
	if (line[at] == '|')
		out->filters = line + at + 1;
	out->blank_at_end = at == 0 || is_blank(line[at - 1]);
	for (size_t i = 0; i < out->count; i++)
		out->words[i].text = out->copies.text + offsets[i];
}

void lexer_clear(struct lexed *l)
{
	strbuf_wipe(&l->copies);
	memset(l, 0, sizeof(*l));
}

void lexer_rest(const struct lexed *l, size_t i, struct strbuf *out)
{
	if (i < l->count)
		strbuf_add_bytes(out, l->line + l->words[i].column, l->end - l->words[i].column);
}
