/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Settings of the terminal, for this session only. */
#include "commands/commands_state.h"
#include "commands/row.h"
#include "commands/session_state.h"
#include "commands/show_cmd.h"
#include "platform/base/mem.h"

#include <stdio.h>

static void tell_terminal(struct session *s)
{
	s->io.terminal(s->io_arg, s->length, s->width);
}

static int length(struct cmd *c)
{
	struct session *s = cmd_session(c);

	s->length_is_set = true;
	s->length = cmd_u32(c, "terminal-length", s->length);
	tell_terminal(s);
	return 0;
}

static int width(struct cmd *c)
{
	struct session *s = cmd_session(c);

	s->width_is_set = true;
	s->width = cmd_u32(c, "terminal-width", s->width);
	tell_terminal(s);
	return 0;
}

static void show_event(void *arg, const struct event *ev)
{
	struct session *s = arg;
	char line[EVENT_TEXT_MAX + 128], text[EVENT_TEXT_MAX + 132];

	/* Who watches the tunnels does not want to read what he and others type. */
	if (ev->id == EVENT_CONFIG_COMMAND ||
	    event_row(ev->id)->severity > s->commands->running.box.monitor_severity)
		return;
	snprintf(text, sizeof(text), "*%s\n", event_line(ev, line, sizeof(line)));
	if (s->cmd.running)
		cmd_flush(&s->cmd); /* what the line at work printed was earlier */
	s->io.async(s->io_arg, text);
}

static int monitor(struct cmd *c)
{
	struct session *s = cmd_session(c);

	if (s->monitoring)
		return 0;
	s->monitor = (struct event_listener){.fn = show_event, .arg = s};
	list_init(&s->monitor.node);
	event_listen(s->commands->events, &s->monitor);
	s->monitoring = true;
	return 0;
}

static int no_monitor(struct cmd *c)
{
	struct session *s = cmd_session(c);

	if (s->monitoring)
		event_unlisten(&s->monitor);
	s->monitoring = false;
	return 0;
}

static int paste(struct cmd *c)
{
	cmd_session(c)->paste_by_line = cmd_has(c, "line");
	return 0;
}

static int show_terminal(struct cmd *c)
{
	const struct session *s = cmd_session(c);
	struct answer *a = show_begin(c);

	answer_text(a, "line", NULL, s->who.from);
	answer_text(a, "user", NULL, s->who.user);
	answer_number(a, "length", NULL, s->length);
	answer_number(a, "width", NULL, s->width);
	answer_text(a, "paste", NULL, s->paste_by_line ? "line" : "block");
	answer_bool(a, "monitoring", NULL, s->monitoring);
	answer_line(a, "%s, user %s", s->who.from, s->who.user);
	answer_line(a, "Length: %u lines, Width: %u columns", s->length, s->width);
	answer_line(a, "Pastes are taken by %s, event lines are %s",
		    s->paste_by_line ? "line" : "block", s->monitoring ? "shown" : "not shown");
	return show_end(c, a);
}

static const struct row rows[] = {
	{
		.words = "show terminal [json]",
		.modes = IN_EXEC,
		.handler = show_terminal,
		.help = "Settings of this terminal",
		.manual = "Length, width and the other settings of this terminal; 0 is unlimited.",
	},
	{
		.words = "terminal length <terminal-length>",
		.modes = IN_EXEC,
		.handler = length,
		.help = "Lines of a page",
		.manual = "Lines after which long output pauses; 0 never pauses.",
	},
	{
		.words = "terminal width <terminal-width>",
		.modes = IN_EXEC,
		.handler = width,
		.help = "Columns of the terminal",
		.manual = "Columns that tables may take; 0 is unlimited.",
	},
	{
		.words = "terminal monitor",
		.modes = IN_EXEC,
		.handler = monitor,
		.help = "Show event lines on this terminal",
		.manual = "Event lines are printed on this terminal as they happen.",
	},
	{
		.words = "terminal no monitor",
		.modes = IN_EXEC,
		.handler = no_monitor,
		.help = "No event lines on this terminal",
		.manual = "Ends terminal monitor.",
	},
	{
		.words = "terminal paste { auto | block | line }",
		.modes = IN_EXEC,
		.handler = paste,
		.help = "How pasted configuration is taken",
		.manual = "A pasted block is applied as a whole or, when a line of it is refused, "
			  "not at all; with line, line by line as if it were typed.",
	},
};

const struct row_table table_terminal = {
	.family = "terminal",
	.rows = rows,
	.count = ARRAY_LEN(rows),
};
