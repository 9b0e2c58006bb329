/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The archive and differences between configurations.
 *
 * JSON: show archive {"archive":[{"number","what","when","bytes"}...],"maximum"}; show archive
 * config rollback timer {"rollback":{"pending","type","configuredSec","leftSec","user","line",
 * "since"}}; show configuration sessions {"sessions":[{"name","user","line","since","changes",
 * "editors"}...]}
 */
#include "commands/archive.h"
#include "commands/commands_state.h"
#include "commands/config_text.h"
#include "commands/draft.h"
#include "commands/revert.h"
#include "commands/row.h"
#include "commands/running.h"
#include "commands/secret_line.h"
#include "commands/session_place.h"
#include "commands/session_state.h"
#include "commands/show_cmd.h"
#include "commands/show_lines.h"
#include "commands/source.h"
#include "platform/base/mem.h"
#include "platform/os/time_text.h"

#include <string.h>

static const struct answer_column archive_columns[] = {{"Number", false},
						       {"Saved", false},
						       {"Bytes", false},
						       {"Why", false}};

static int show_archive(struct cmd *c)
{
	struct archive_list l;
	struct err_msg e = {.code = 0};
	struct answer *a;

	if (archive_list(cmd_commands(c), &l, &e) != 0)
		return cmd_fail(c, e.code, "%s", e.text);
	a = show_begin(c);
	answer_array(a, "archive");
	answer_table(a, archive_columns, ARRAY_LEN(archive_columns));
	for (size_t i = 0; i < l.count; i++) {
		answer_object(a, NULL);
		answer_row(a);
		answer_number(a, "number", "Number", l.items[i].number);
		answer_text(a, "what", "Why", l.items[i].what);
		answer_text(a, "when", "Saved", l.items[i].when);
		answer_number(a, "bytes", "Bytes", l.items[i].len);
		answer_object_end(a);
	}
	answer_table_end(a);
	answer_array_end(a);
	answer_number(a, "maximum", NULL, cmd_commands(c)->running.box.archive_maximum);
	if (!answer_is_json(a))
		answer_line(a, "%zu copies, at most %u are kept.", l.count,
			    cmd_commands(c)->running.box.archive_maximum);
	archive_list_clear(&l);
	return show_end(c, a);
}

/* Sealed keys and hashes are for those who may configure. */
static void print_difference(struct cmd *c, const struct strbuf *text, bool nothing)
{
	const char *at = text->text;

	if (cmd_wants_json(c)) {
		struct answer *a = show_begin(c);

		show_lines(a, "differences", at, cmd_hides_secrets(c));
		(void)show_end(c, a);
		return;
	}
	if (nothing) {
		cmd_print(c, "!No changes were found\n");
		return;
	}
	cmd_print(c, "!Contextual Config Diffs:\n");
	while (*at != '\0') {
		size_t len = strcspn(at, "\n");
		struct strbuf line;

		strbuf_init(&line);
		if (cmd_hides_secrets(c))
			secret_line_mask(at, len, &line);
		else
			strbuf_add_bytes(&line, at, len);
		strbuf_add_char(&line, '\n');
		cmd_write(c, line.text, line.len);
		strbuf_wipe(&line);
		at += len + (at[len] == '\n');
	}
}

static int differences(struct cmd *c, const struct source *from, const struct source *to)
{
	const struct source *sources[] = {from, to};
	struct config_text trees[2] = {{.line = NULL}, {.line = NULL}};
	struct err_msg e = {.code = 0};
	struct strbuf out;
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_LEN(sources); i++) {
		struct strbuf text;

		strbuf_init(&text);
		r = source_read(cmd_commands(c), sources[i], &text, &e);
		if (r == 0)
			config_text_parse(text.text, &trees[i]);
		strbuf_wipe(&text);
	}
	strbuf_init(&out);
	if (r == 0) {
		size_t n = config_text_diff(&trees[0], &trees[1], &out);

		print_difference(c, &out, n == 0);
	}
	strbuf_wipe(&out);
	for (size_t i = 0; i < ARRAY_LEN(trees); i++)
		config_text_clear(&trees[i]);
	return r == 0 ? 0 : cmd_fail(c, r, "%s", e.text);
}

static int show_differences(struct cmd *c)
{
	struct source from = {.kind = SOURCE_STARTUP}, to = {.kind = SOURCE_RUNNING};
	const char *words[] = {cmd_text(c, "config-from"), cmd_text(c, "config-to")};
	struct err_msg e = {.code = 0};

	if ((words[0] != NULL && source_parse(words[0], &from, &e) != 0) ||
	    (words[1] != NULL && source_parse(words[1], &to, &e) != 0))
		return cmd_fail(c, e.code, "%s", e.text);
	return differences(c, &from, &to);
}

static int show_running_diff(struct cmd *c)
{
	static const struct source from = {.kind = SOURCE_STARTUP}, to = {.kind = SOURCE_RUNNING};

	return differences(c, &from, &to);
}

static int show_rollback(struct cmd *c)
{
	struct revert_status s = revert_status(cmd_commands(c)->revert);
	struct answer *a = show_begin(c);
	char left[32], since[TIME_TEXT_MAX];

	answer_object(a, "rollback");
	answer_bool(a, "pending", NULL, s.pending);
	if (!s.pending) {
		if (!answer_is_json(a))
			answer_line(a, "No change waits for a confirmation.");
	} else {
		answer_block(a, 0);
		answer_text(a, "type", "Timer type", s.idle ? "idle" : "absolute");
		answer_number(a, "configuredSec", NULL, s.seconds);
		answer_number(a, "leftSec", NULL, (s.left_ms + 999) / 1000);
		answer_show(a, "Time remaining", "%s", revert_left(s.left_ms, left, sizeof(left)));
		answer_text(a, "user", "User", s.user);
		answer_text(a, "line", "Line", s.from);
		answer_text(a, "since", "Since", time_text_iso(s.since_ms, since, sizeof(since)));
		answer_block_end(a);
	}
	answer_object_end(a);
	return show_end(c, a);
}

/* ---- Configuration sessions ------------------------------------------------------------------ */

static void parse(const struct config *config, struct config_text *out)
{
	struct strbuf text;

	strbuf_init(&text);
	running_text(config, &text);
	config_text_parse(text.text, out);
	strbuf_wipe(&text);
}

static size_t draft_difference(const struct draft *d, struct strbuf *out)
{
	struct config_text base, work;
	size_t n;

	parse(&d->base, &base);
	parse(&d->work, &work);
	n = config_text_diff(&base, &work, out);
	config_text_clear(&base);
	config_text_clear(&work);
	return n;
}

static unsigned editors(const struct commands *box, const struct draft *d)
{
	unsigned n = 0;

	for (const struct list *node = box->sessions.next; node != &box->sessions;
	     node = node->next)
		n += container_of((struct list *)(uintptr_t)node, struct session, node)->draft == d;
	return n;
}

static const struct answer_column draft_columns[] = {{"Session", false}, {"User", false},
						     {"Line", false},	 {"Since", false},
						     {"Changes", false}, {"Editors", false}};

static int show_drafts(struct cmd *c)
{
	struct list *node, *after;
	struct answer *a = show_begin(c);

	answer_array(a, "sessions");
	answer_table(a, draft_columns, ARRAY_LEN(draft_columns));
	list_for_each(node, after, &cmd_commands(c)->drafts)
	{
		const struct draft *d = container_of(node, struct draft, node);
		char since[TIME_TEXT_MAX];
		struct strbuf text;

		strbuf_init(&text);
		answer_object(a, NULL);
		answer_row(a);
		answer_text(a, "name", "Session", d->name);
		answer_text(a, "user", "User", d->user);
		answer_text(a, "line", "Line", d->from);
		answer_text(a, "since", "Since",
			    time_text_iso(d->since_wall_ms, since, sizeof(since)));
		answer_number(a, "changes", "Changes", draft_difference(d, &text));
		answer_number(a, "editors", "Editors", editors(cmd_commands(c), d));
		answer_object_end(a);
		strbuf_wipe(&text);
	}
	answer_table_end(a);
	answer_array_end(a);
	return show_end(c, a);
}

static int show_draft(struct cmd *c)
{
	const struct draft *d = draft_find(cmd_commands(c), cmd_text(c, "draft"));
	struct strbuf text;
	size_t n;

	if (d == NULL)
		return cmd_fail(c, ERR_NOT_FOUND, "There is no configuration session %s",
				cmd_text(c, "draft"));
	strbuf_init(&text);
	n = draft_difference(d, &text);
	print_difference(c, &text, n == 0);
	strbuf_wipe(&text);
	return 0;
}

/* ---- Configuration --------------------------------------------------------------------------- */

static int reset_archive(struct config_line *l, struct err_msg *e)
{
	(void)e;
	l->box->archive_maximum = BOX_ARCHIVE_DEFAULT;
	return 0;
}

static int archive(struct cmd *c)
{
	return cmd_is_no(c) ? place_edit(c, CMD_CONFIG, reset_archive, NULL)
			    : place_enter(c, CMD_ARCHIVE);
}

static const struct row rows[] = {
	{
		.words = "show archive [json]",
		.modes = IN_EXEC,
		.handler = show_archive,
		.help = "Saved copies of the configuration",
		.manual = "The numbered copies that were made whenever the configuration was saved "
			  "or committed.",
	},
	{
		.words = "show archive config differences [<config-from> [<config-to>]] [json]",
		.modes = IN_EXEC,
		.handler = show_differences,
		.help = "Lines that two configurations do not share",
		.manual = "What turns the first configuration into the second one, section by "
			  "section: lines that go have a minus, lines that come a plus.  A "
			  "configuration is running-config, startup-config, a number of the "
			  "archive, or file:NAME.  Without the second one it is running-config, "
			  "without any startup-config and running-config.",
	},
	{
		.words = "show archive config rollback timer [json]",
		.modes = IN_EXEC,
		.handler = show_rollback,
		.help = "Time until an unconfirmed change is reverted",
		.manual = "The change that waits for configure confirm, and how long it still "
			  "does.",
	},
	{
		.words = "show running-config diff [json]",
		.modes = IN_EXEC,
		.handler = show_running_diff,
		.help = "What was changed since the configuration was saved",
		.manual = "The differences from startup-config to running-config.",
	},
	{
		.words = "show configuration sessions [json]",
		.modes = IN_EXEC,
		.handler = show_drafts,
		.help = "Configuration sessions that are not committed",
		.manual = "The copies of the configuration that configure session has made, and "
			  "how many lines differ in each.",
	},
	{
		.words = "show configuration session <draft> [json]",
		.modes = IN_EXEC,
		.handler = show_draft,
		.help = "What a configuration session changes",
		.manual = "The differences that the session makes to the configuration that it "
			  "began with.",
	},
	{
		.words = "archive",
		.no_words = "archive",
		.modes = IN_CONFIG,
		.flags = ROW_ENTERS,
		.enters = CMD_ARCHIVE,
		.handler = archive,
		.help = "Saved copies of the configuration",
		.manual = "Enters the settings of the archive.",
	},
	{
		.words = "maximum <archive-maximum>",
		.modes = IN_ARCHIVE,
		.fields = {FIELD("archive-maximum", struct box_config, archive_maximum)},
		.help = "Copies that are kept",
		.manual = "How many copies are kept; the oldest ones are removed.",
	},
};

const struct row_table table_archive = {
	.family = "archive",
	.rows = rows,
	.count = ARRAY_LEN(rows),
};
