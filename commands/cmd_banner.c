/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * banner motd: text between two delimiters, over several lines if need be.  While the second one is
 * missing, every line of the session belongs to the banner (session.banner).
 */
#include "commands/banner.h"

#include "commands/commands_state.h"
#include "commands/row.h"
#include "commands/session_place.h"
#include "commands/session_state.h"
#include "commands/writer.h"
#include "platform/base/mem.h"

#include <stdio.h>
#include <string.h>

static int store(struct config_line *l, struct err_msg *e)
{
	const struct strbuf *text = l->arg;

	if (text->len >= sizeof(l->box->banner))
		return err_set(e, ERR_RANGE, "banner motd: allowed are %zu characters",
			       sizeof(l->box->banner) - 1);
	if (strstr(text->text, "^C") != NULL)
		return err_set(e, ERR_INVALID, "banner motd: ^C cannot be part of the text");
	memset(l->box->banner, 0, sizeof(l->box->banner));
	memcpy(l->box->banner, text->text, text->len);
	return 0;
}

static int finish(struct cmd *c)
{
	struct session_banner *b = &cmd_session(c)->banner;
	int r;

	for (size_t i = 0; i < b->text.len; i++) {
		unsigned char ch = (unsigned char)b->text.text[i];

		if ((ch < ' ' && ch != '\n' && ch != '\t') || ch == 0x7f)
			b->text.text[i] = '?';
	}
	b->open = false;
	r = place_edit(c, CMD_CONFIG, store, &b->text);
	strbuf_reset(&b->text);
	return r;
}

/* Adds what is in front of the delimiter.  True: it was there. */
static bool take(struct session_banner *b, const char *text)
{
	const char *end = strstr(text, b->delimiter);
	size_t room = 2 * (size_t)BOX_BANNER_MAX - (b->text.len < 2 * (size_t)BOX_BANNER_MAX
							    ? b->text.len
							    : 2 * (size_t)BOX_BANNER_MAX);
	size_t len = end == NULL ? strlen(text) : (size_t)(end - text);

	/* More than fits is refused at the end, not kept until then. */
	strbuf_add_bytes(&b->text, text, len < room ? len : room);
	if (end == NULL && room > 1)
		strbuf_add_char(&b->text, '\n');
	return end != NULL;
}

int banner_line(struct session *s, const char *line)
{
	return take(&s->banner, line) ? finish(&s->cmd) : 0;
}

int banner_abandon(struct session *s)
{
	if (!s->banner.open)
		return 0;
	s->banner.open = false;
	strbuf_reset(&s->banner.text);
	report_refused(s, REPORT_NO_CARET, "banner motd: the closing delimiter is missing");
	return ERR_TRUNCATED;
}

/* The raw line behind "banner motd". */
static const char *raw_text(const char *line)
{
	for (int i = 0; i < 2; i++) {
		line += strspn(line, " \t");
		line += strcspn(line, " \t");
	}
	return line + strspn(line, " \t");
}

static int clear(struct config_line *l, struct err_msg *e)
{
	(void)e;
	memset(l->box->banner, 0, sizeof(l->box->banner));
	return 0;
}

static int banner(struct cmd *c)
{
	struct session *s = cmd_session(c);
	struct session_banner *b = &s->banner;
	const char *text = raw_text(s->line);
	size_t len = strncmp(text, "^C", 2) == 0 ? 2 : 1;

	if (cmd_is_no(c))
		return place_edit(c, CMD_CONFIG, clear, NULL);
	snprintf(b->delimiter, sizeof(b->delimiter), "%.*s", (int)len, text);
	text += len;
	b->open = true;
	strbuf_reset(&b->text);
	if (*text != '\0' && take(b, text))
		return finish(c);
	if (cmd_interactive(c))
		cmd_print(c, "Enter TEXT message.  End with the character '%s'.\n", b->delimiter);
	return 0;
}

static void write_banner(const struct row *row, const void *object, struct config_writer *w)
{
	const struct box_config *b = object;

	(void)row;
	if (b->banner[0] != '\0')
		strbuf_printf(w->out, "banner motd ^C\n%s^C\n", b->banner);
	else if (w->all)
		writer_line(w, "no banner motd");
}

static const struct row rows[] = {
	{
		.words = "banner motd <banner>",
		.no_words = "banner motd [<rest>]",
		.modes = IN_CONFIG,
		.handler = banner,
		.write = write_banner,
		.help = "Text that terminals show at the beginning",
		.manual = "Text that every terminal shows when a session begins.  It stands "
			  "between two equal characters (or ^C), on one line or on several.",
	},
};

const struct row_table table_banner = {
	.family = "banner",
	.rows = rows,
	.count = ARRAY_LEN(rows),
};
