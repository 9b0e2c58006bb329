/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One line: split, resolved, run.  Configuration lines go to config_line.c, everything else to the
 * row's handler.  A line that fails leaves the session where it was.
 */
#include "commands/apply.h"
#include "commands/audit.h"
#include "commands/banner.h"
#include "commands/commands_state.h"
#include "commands/copied_prompt.h"
#include "commands/guard.h"
#include "commands/lexer.h"
#include "commands/mode.h"
#include "commands/session_place.h"
#include "commands/session_state.h"

#include <libcli.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* What routers print around a configuration, so that their output can be pasted back. */
static const char *const chatter[] = {
	"Building configuration...",
	"Current configuration :",
	"Enter configuration commands, one per line.",
};

static const char *skip_blanks(const char *line)
{
	while (*line != '\0' && (unsigned char)*line <= ' ')
		line++;
	return line;
}

bool line_is_comment(const char *line)
{
	line = skip_blanks(line);
	for (size_t i = 0; i < sizeof(chatter) / sizeof(chatter[0]); i++) {
		if (strncmp(line, chatter[i], strlen(chatter[i])) == 0)
			return true;
	}
	return *line == '\0' || *line == '!';
}

static int run_configuration(struct session *s)
{
	struct cmd *c = &s->cmd;
	struct err_msg e = {.code = 0};
	struct strbuf notes;
	bool changed = false;
	int r;

	strbuf_init(&notes);
	r = config_line_apply(s->config, &s->place, &c->resolved, s->commands->sealer, &notes,
			      s->in_block, &changed, &e);
	report_notes(s, &notes);
	strbuf_clear(&notes);
	if (changed)
		place_touch(s, mode_is_in_site(s->place.mode) ? s->place.site : "");
	if (changed && !mode_is_in_site(s->place.mode) && s->config == &s->commands->running)
		apply_box(s->commands);
	return r == 0 ? 0 : cmd_fail(c, r, "%s", e.text);
}

int line_dispatch(struct cli_def *cli, const char *command, char **argv, int argc)
{
	struct session *s = cli_get_context(cli);
	struct cmd *c = &s->cmd;

	(void)command;
	(void)argv;
	(void)argc;
	if (c->resolved.row->handler != NULL)
		c->result = c->resolved.row->handler(c);
	else
		c->result = run_configuration(s);
	return CLI_OK;
}

static bool parse_filters(struct session *s, const struct lexed *l)
{
	struct cmd *c = &s->cmd;
	struct err_msg e = {.code = 0};
	char text[ERR_TEXT_MAX + 64];
	size_t column = 0;

	if (l->filters == NULL)
		return true;
	c->filters = filter_parse(l->filters, &c->wishes, &column, &e);
	if (c->filters != NULL)
		return true;
	if (e.code == ERR_TRUNCATED) {
		report_refused(s, REPORT_NO_CARET, "Incomplete command.");
		return false;
	}
	snprintf(text, sizeof(text), "Invalid input detected at '^' marker.\n%s", e.text);
	report_refused(s, (size_t)(l->filters - l->line) + column, text);
	return false;
}

/* The row is known and allowed: run it in its mode, and come back when it fails. */
static int run_resolved(struct session *s, bool is_do)
{
	struct cmd *c = &s->cmd;
	struct config_place before = s->place;
	bool more = c->wishes.no_more && s->length != 0;

	if (s->style == STYLE_REPORT && (c->resolved.row->flags & ROW_NOT_IN_FILE) != 0) {
		report_refused(s, REPORT_NO_CARET, "Not a line of a configuration");
		return ERR_DENIED;
	}
	if (!is_do)
		s->place.mode = c->resolved.mode;
	if (more)
		s->io.terminal(s->io_arg, 0, s->width);
	c->result = 0;
	if (grammar_run(s->grammar, c->resolved.node, c->resolved.mode, s->privilege) != CLI_OK)
		c->result = cmd_fail(c, ERR_DENIED, "Command is not allowed");
	if (c->result < 0 && s->place.mode == c->resolved.mode)
		s->place = before;
	return c->result;
}

void line_end(struct session *s)
{
	struct cmd *c = &s->cmd;

	cmd_wrap(c);
	strbuf_wipe(&c->plain);
	strbuf_init(&c->plain);
	if (c->filters != NULL && c->result >= 0)
		filter_end(c->filters, &c->output);
	cmd_flush(c);
	filter_free(c->filters);
	c->filters = NULL;
	if (c->wishes.no_more && s->length != 0)
		s->io.terminal(s->io_arg, s->length, s->width);
	c->wishes = (struct filter_wishes){.json = false};
	resolution_clear(&c->resolved);
}

static int run_words(struct session *s, const struct lexed *l, size_t first, bool is_do)
{
	struct cmd *c = &s->cmd;
	int r = ERR_INVALID;

	if (is_do && first == l->count) {
		report_refused(s, REPORT_NO_CARET, "Incomplete command.");
		return r;
	}
	resolve_line(s->grammar, l, first, is_do ? CMD_EXEC : s->place.mode, CMD_CONFIG,
		     s->privilege, &c->resolved);
	if (!is_do && guard_skips(s, &c->resolved, l->words[0].column + s->line_depth))
		return ERR_WRONG_STATE;
	if (c->resolved.status != RESOLVE_OK)
		report_resolution(s, &c->resolved);
	else if (parse_filters(s, l))
		r = run_resolved(s, is_do);
	if (r < 0 && !is_do)
		guard_begin(s, &c->resolved, l->words[0].column + s->line_depth);
	return r;
}

int line_run(struct session *s, const char *line)
{
	struct lexed l;
	bool is_do = false;
	int r;

	s->cmd.session = s;
	s->line_shift = s->banner.open ? 0 : copied_prompt_len(line, &s->line_depth);
	line += s->line_shift;
	s->line = line;
	if (s->banner.open) {
		r = banner_line(s, line);
		line_end(s);
		place_update_prompt(s);
		return r;
	}
	if (line_is_comment(line)) {
		if (*skip_blanks(line) == '!')
			guard_comment(s);
		return 0;
	}
	lexer_split(line, s->place.mode == CMD_EXEC, &l);
	if (s->place.mode != CMD_EXEC && l.count != 0 && strcasecmp(l.words[0].text, "do") == 0) {
		is_do = true;
		lexer_clear(&l);
		lexer_split(line, true, &l);
	}
	if (l.count == 0) {
		report_refused(s, l.end, "Invalid input detected at '^' marker.");
		r = ERR_INVALID;
	} else {
		r = run_words(s, &l, is_do ? 1 : 0, is_do);
	}
	lexer_clear(&l);
	if (r == 0)
		audit_line(s);
	if (r != CMD_WAITING)
		line_end(s);
	place_update_prompt(s);
	return r;
}
