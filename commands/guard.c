/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Decides which lines belong to a refused one.  For a person at a terminal the guard lasts only as
 * long as lines come as fast as a paste does.
 */
#include "commands/guard.h"

#include "commands/commands_state.h"
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

void guard_begin(struct session *s, const struct resolution *refused, size_t indent)
{
	if (s->guard.on || refused->mode == CMD_EXEC || refused->no)
		return;
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

/* `exit` closes a mode that a skipped line would have entered, or the refused one.  A person who
 * types it right behind his mistake means it. */
static bool closes(struct session *s, const struct resolution *r)
{
	if (r->row == NULL || strcmp(r->row->words, "exit") != 0)
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
	bool leaves = r->row != NULL &&
		      (strcmp(r->row->words, "end") == 0 || strcmp(r->row->words, "exit") == 0);

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
