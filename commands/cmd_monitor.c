/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * `monitor connection-status`: the status screen, drawn again each second until q or Ctrl-C.  On a
 * terminal the screen is cleared before each picture; elsewhere pictures follow one another.
 */
#include "commands/row.h"
#include "commands/session_state.h"
#include "commands/show_cmd.h"
#include "platform/base/mem.h"
#include "platform/os/loop.h"

#include <stdlib.h>
#include <string.h>

#define PERIOD_MS 1000
#define FOOT	  2 /* lines: summary, how to end */
#define ROWS_MIN  8
/* ECMA-48: erase the screen; cursor home; erase the rest of the line; erase the rest of the screen.
 * Nothing flickers when a picture is drawn over the last one. */
#define CLEAR	   "\033[2J"
#define HOME	   "\033[H"
#define LINE_ENDS  "\033[K\n"
#define BELOW_ENDS "\033[J"

struct monitor {
	struct cmd *cmd;
	struct loop *loop;
	struct loop_timer timer;
	struct answer *answer;
	struct show_totals totals;
};

static void stop(struct monitor *m)
{
	loop_timer_cancel(m->loop, &m->timer);
	free(m);
}

static void site(void *arg, const struct show_clock *clock, const struct show_site *s)
{
	struct monitor *m = arg;

	show_status_site(m->answer, &m->totals, clock, s, false);
}

static size_t count_lines(const char *text)
{
	size_t n = 0;

	for (; *text != '\0'; text++)
		n += *text == '\n';
	return n;
}

/* A picture that is higher than the window would scroll away under the next one: what is in the
 * middle is left out, the summary stays. */
static void show_picture(struct cmd *c, struct answer *a)
{
	size_t rows = cmd_session(c)->length, lines, at = 0, from, left_out;
	struct strbuf text;

	strbuf_init(&text);
	answer_finish(a, &text);
	answer_free(a);
	lines = count_lines(text.text);
	left_out = rows > ROWS_MIN && lines >= rows ? lines - rows + 2 : 0;
	from = lines - FOOT - left_out;
	cmd_print(c, HOME);
	for (char *line = text.text, *end; (end = strchr(line, '\n')) != NULL;
	     line = end + 1, at++) {
		if (left_out != 0 && at == from)
			cmd_print(c, "... %zu more lines in a higher window" LINE_ENDS, left_out);
		if (left_out == 0 || at < from || at >= from + left_out)
			cmd_print(c, "%.*s" LINE_ENDS, (int)(end - line), line);
	}
	cmd_print(c, BELOW_ENDS);
	strbuf_clear(&text);
}

static int draw(struct monitor *m)
{
	struct cmd *c = m->cmd;
	struct show_clock clock = show_now(c);
	int err;

	m->answer = answer_new(ANSWER_TEXT, cmd_width(c));
	show_clock_screen(m->answer, &clock);
	show_status_begin(m->answer, &m->totals, false);
	err = show_each_site(c, false, site, m);
	if (err) {
		answer_free(m->answer);
		return err;
	}
	show_status_end(m->answer, &m->totals, show_stranger(c), false);
	answer_line(m->answer, "q or Ctrl-C ends.");
	if (cmd_interactive(c))
		show_picture(c, m->answer);
	else
		(void)show_end(c, m->answer);
	cmd_flush(c);
	return 0;
}

static void tick(void *arg)
{
	struct monitor *m = arg;
	struct cmd *c = m->cmd;
	int err = draw(m);

	if (!err) {
		loop_timer_set(m->loop, &m->timer, loop_now_ms(m->loop) + PERIOD_MS);
		return;
	}
	stop(m);
	cmd_done(c, err);
}

static void key(struct cmd *c, const char *typed, void *arg)
{
	struct monitor *m = arg;

	if (typed && typed[0] != 'q' && typed[0] != 'Q')
		return;
	stop(m);
	if (typed)
		cmd_done(c, 0);
}

/* The first picture comes with the next turn: the terminal knows by then that it needs no pager. */
static int monitor(struct cmd *c)
{
	struct monitor *m;

	if (!show_gateway(c))
		return ERR_WRONG_STATE;
	m = mem_zalloc(sizeof(*m));
	if (cmd_interactive(c))
		cmd_print(c, CLEAR);
	m->cmd = c;
	m->loop = commands_loop(cmd_commands(c));
	m->timer.fn = tick;
	m->timer.arg = m;
	loop_timer_set(m->loop, &m->timer, loop_now_ms(m->loop));
	return cmd_hold(c, key, m);
}

static const struct row rows[] = {
	{
		.words = "monitor connection-status",
		.modes = IN_EXEC,
		.handler = monitor,
		.help = "State of all tunnels, drawn again each second",
		.manual = "Shows the connection status until q or Ctrl-C is typed.",
	},
};

const struct row_table table_monitor = {
	.family = "monitor",
	.rows = rows,
	.count = ARRAY_LEN(rows),
};
