/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Decides which lines belong to a refused one.  For a person at a terminal the guard lasts only as
 * long as lines come as fast as a paste does.
 */
#include "commands/guard.h"

#include "commands/commands_state.h"
#include "commands/lexer.h"
#include "commands/mode.h"
#include "commands/session_state.h"

#include <libcli.h>
#include <string.h>

static uint64_t now_ms(const struct session *s)
{
	return s->commands->loop == NULL ? 0 : loop_clock_ms();
}

static bool is_typed(const struct session *s)
{
	return s->style == STYLE_PROMPT;
}

static void extend(struct session *s)
{
	s->guard.until_ms = now_ms(s) + SESSION_PASTE_GAP_MS;
}

/* Would the line enter a mode if its author were allowed to? */
static bool lacks_privilege(const struct session *s)
{
	struct resolution r;
	struct lexed l;
	bool enters;

	lexer_split(s->line, true, &l);
	resolve_line(s->grammar, &l, 0, CMD_EXEC, CMD_EXEC, 15, &r);
	enters = r.row != NULL && (r.row->flags & ROW_ENTERS) != 0;
	resolution_clear(&r);
	lexer_clear(&l);
	return enters;
}

/* `configure terminal` was refused: its lines end at `end` or at a command of EXEC. */
static void begin_in_exec(struct session *s, const struct resolution *refused)
{
	if (refused->node == NULL ? !lacks_privilege(s)
				  : !grammar_leads_to(s->grammar, refused->node, ROW_ENTERS))
		return;
	s->guard = (struct session_guard){.on = true, .outer = CMD_EXEC};
	extend(s);
}

static bool is_command(const struct resolution *r, const char *words)
{
	return r->row != NULL && strcmp(r->row->words, words) == 0;
}

static bool skips_in_exec(struct session *s, const struct resolution *r)
{
	bool leaves = is_command(r, "exit") || is_command(r, "logout") || is_command(r, "quit");

	/* A person who leaves right behind his mistake means it. */
	if (r->status == RESOLVE_OK && (!leaves || (is_typed(s) && !s->guard.skipped)))
		guard_end(s);
	return s->guard.on || is_command(r, "end");
}

void guard_begin(struct session *s, const struct resolution *refused, size_t indent)
{
	if (s->guard.on || refused->no)
		return;
	if (refused->mode == CMD_EXEC) {
		begin_in_exec(s, refused);
		return;
	}
	if (refused->node == NULL) {
		/* An unknown word: what is indented below it belongs to it. */
		s->guard = (struct session_guard){.on = true, .by_indent = true, .indent = indent};
		extend(s);
		return;
	}
	if (!grammar_leads_to(s->grammar, refused->node, ROW_ENTERS))
		return;
	s->guard = (struct session_guard){.on = true, .outer = refused->mode};
	extend(s);
	/* The operator meant to leave what is below; a person may still want to be there. */
	if (!is_typed(s))
		s->place.mode = refused->mode;
}

void guard_end(struct session *s)
{
	s->guard.on = false;
}

void guard_comment(struct session *s)
{
	if (s->guard.on && s->guard.outer == CMD_EXEC && !s->guard.by_indent)
		return;
	guard_end(s);
}

/* `exit` closes a mode that a skipped line would have entered, or the refused one.  A person who
 * types it right behind his mistake means it. */
static bool closes(struct session *s, const struct resolution *r)
{
	if (!is_command(r, "exit"))
		return false;
	if (is_typed(s) && !s->guard.skipped)
		return false;
	if (s->guard.depth == 0)
		s->guard.on = false;
	else
		s->guard.depth--;
	return true;
}

/* A line of the outer level, or one that tries to enter a mode from there and is wrong itself. */
static bool belongs_outside(struct session *s, const struct resolution *r)
{
	bool leaves = is_command(r, "end") || is_command(r, "exit");

	if (r->status != RESOLVE_OK &&
	    (r->node == NULL || !grammar_leads_to(s->grammar, r->node, ROW_ENTERS)))
		return false;
	if (leaves)
		return true;
	for (enum cmd_mode m = s->guard.outer; m >= CMD_CONFIG; m = mode_parent(m)) {
		if (r->mode == m)
			return true;
	}
	return false;
}

static bool skip(struct session *s)
{
	s->guard.skipped = true;
	s->skipped++;
	report_refused(s, REPORT_NO_CARET, "Skipped: parent line rejected");
	return true;
}

bool guard_skips(struct session *s, const struct resolution *r, size_t indent)
{
	bool closing;

	if (!s->guard.on)
		return false;
	if (is_typed(s) && now_ms(s) > s->guard.until_ms) {
		guard_end(s);
		return false;
	}
	extend(s);
	if (s->guard.outer == CMD_EXEC && !s->guard.by_indent)
		return skips_in_exec(s, r) && skip(s);
	if (s->guard.by_indent) {
		if (indent > s->guard.indent)
			return skip(s);
		guard_end(s);
		return false;
	}
	closing = closes(s, r);
	if (!closing && belongs_outside(s, r)) {
		guard_end(s);
		return false;
	}
	if (!closing && r->node != NULL && grammar_leads_to(s->grammar, r->node, ROW_ENTERS))
		s->guard.depth++;
	return skip(s);
}
