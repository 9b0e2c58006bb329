/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Configuration pasted on terminals that cannot mark pastes: many lines, each faster than a person
 * types.  After the last one a summary says what was refused, because the errors may have scrolled
 * away.
 */
#include "commands/commands_state.h"
#include "commands/session_state.h"

#include <stdio.h>

#define BURST_LINES 5 /* fewer are somebody typing ahead */
#define BURST_WHICH 200

static void reset(struct session *s)
{
	s->burst_lines = 0;
	s->burst_rejected = 0;
	s->burst_skipped = 0;
	strbuf_reset(&s->burst_which);
}

static void pause_came(void *arg)
{
	struct session *s = arg;
	struct strbuf text;

	strbuf_init(&text);
	if (s->burst_lines >= BURST_LINES && s->burst_rejected != 0) {
		strbuf_printf(&text, "%% %zu lines, %zu rejected (%s), %zu skipped\n",
			      s->burst_lines, s->burst_rejected, s->burst_which.text,
			      s->burst_skipped);
		s->io.async(s->io_arg, text.text);
	}
	strbuf_clear(&text);
	reset(s);
}

void burst_init(struct session *s)
{
	s->burst = (struct loop_timer){.fn = pause_came, .arg = s};
	strbuf_init(&s->burst_which);
}

void burst_clear(struct session *s)
{
	if (s->commands->loop != NULL)
		loop_timer_cancel(s->commands->loop, &s->burst);
	strbuf_clear(&s->burst_which);
}

void burst_line(struct session *s, bool rejected, bool skipped)
{
	if (s->style != STYLE_PROMPT || !s->who.interactive || s->commands->loop == NULL)
		return;
	/* Whoever asks for many things in EXEC reads each answer: programs, above all. */
	if (s->burst_lines == 0 && s->place.mode == CMD_EXEC)
		return;
	s->burst_lines++;
	s->burst_skipped += skipped;
	if (rejected) {
		s->burst_rejected++;
		if (s->burst_which.len < BURST_WHICH)
			strbuf_printf(&s->burst_which, "%s%zu", s->burst_which.len == 0 ? "" : ", ",
				      s->burst_lines);
	}
	loop_timer_set(s->commands->loop, &s->burst, loop_clock_ms() + SESSION_PASTE_GAP_MS);
}
