/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * `show tech-support`: what whoever helps from afar wants to see.  Every `show` that needs no name,
 * taken from the row tables, so that none is forgotten; each through the filter redact.
 */
#include "commands/commands_state.h"
#include "commands/row.h"
#include "commands/session_state.h"
#include "platform/base/mem.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#define COMMAND_MAX 160

/* Those that are shown in another way; NULL: not at all. */
static const struct {
	const char *command, *instead;
} special[] = {
	{"show history", NULL},
	{"show tech-support", NULL},
	{"show running-config", "show running-config redacted"},
	{"show ipsec connection-status", "show ipsec connection-status detail"},
	{"show ipsec site", "show ipsec site json"}, /* in full, of all sites */
};

/* ---- A session whose output is kept ---------------------------------------------------------- */

static void keep(void *arg, const char *text, size_t len)
{
	strbuf_add_bytes(arg, text, len);
}

static void ignore_question(void *arg, const char *prompt, bool hidden)
{
	(void)arg;
	(void)prompt;
	(void)hidden;
}

static void ignore_end(void *arg, int status, const char *prompt)
{
	(void)arg;
	(void)status;
	(void)prompt;
}

static void ignore_text(void *arg, const char *text)
{
	(void)arg;
	(void)text;
}

static void ignore(void *arg)
{
	(void)arg;
}

static void ignore_size(void *arg, unsigned length, unsigned width)
{
	(void)arg;
	(void)length;
	(void)width;
}

static struct session *hidden_session(struct cmd *c, struct strbuf *text)
{
	static const struct session_io io = {.output = keep,
					     .ask = ignore_question,
					     .done = ignore_end,
					     .hold = ignore,
					     .async = ignore_text,
					     .close = ignore,
					     .terminal = ignore_size};
	struct session_who who = cmd_session(c)->who;

	who.privilege = cmd_privilege(c);
	who.ceiling = 0;
	who.interactive = false;
	(void)snprintf(who.from, sizeof(who.from), "tech-support");
	return session_new(cmd_commands(c), &who, &io, text);
}

static void run(struct cmd *c, struct session *s, struct strbuf *text, const char *command)
{
	char line[COMMAND_MAX + 16];

	cmd_print(c, "\n------------------ %s ------------------\n\n", command);
	(void)snprintf(line, sizeof(line), "%s | redact", command);
	session_line(s, line);
	session_interrupt(s); /* harmless when it is done */
	cmd_write(c, text->text, text->len);
	strbuf_wipe(text);
	strbuf_init(text);
	cmd_flush(c);
}

/* ---- Which commands -------------------------------------------------------------------------- */

/* The shortest form of a pattern: what may be left out is, of choices the first.  False: it needs
 * an argument. */
static bool shortest(const char *words, char *out, size_t size)
{
	unsigned optional = 0, choice = 0;
	bool other = false; /* behind the first | of a choice */
	size_t len = 0;

	for (; *words && len + 2 < size; words++) {
		if (*words == '[')
			optional++;
		else if (*words == ']')
			optional--;
		if (optional > 0 || strchr("[]", *words))
			continue;
		if (*words == '{')
			choice++;
		else if (*words == '}')
			other = --choice > 0 && other;
		else if (*words == '|')
			other = true;
		if (other || strchr("{}|", *words))
			continue;
		if (*words == '<')
			return false;
		if (*words != ' ' || (len > 0 && out[len - 1] != ' '))
			out[len++] = *words;
	}
	while (len > 0 && out[len - 1] == ' ')
		len--;
	out[len] = '\0';
	return true;
}

static const char *instead_of(const char *command)
{
	for (size_t i = 0; i < ARRAY_LEN(special); i++)
		if (strcmp(special[i].command, command) == 0)
			return special[i].instead;
	return command;
}

static void run_rows(struct cmd *c, struct session *s, struct strbuf *text,
		     const struct row_table *t)
{
	char command[COMMAND_MAX];
	const char *shown;

	for (size_t i = 0; i < t->count; i++) {
		const struct row *row = &t->rows[i];

		if (strncmp(row->words, "show ", 5) != 0 || (row->flags & ROW_HIDDEN) ||
		    !(row->modes & IN_EXEC) || !shortest(row->words, command, sizeof(command)))
			continue;
		shown = instead_of(command);
		if (shown)
			run(c, s, text, shown);
	}
}

static void machine(struct cmd *c)
{
	struct utsname u;

	cmd_print(c, "------------------ machine ------------------\n\n");
	if (uname(&u) == 0)
		cmd_print(c, "%s %s %s %s\n", u.sysname, u.release, u.version, u.machine);
}

static int tech_support(struct cmd *c)
{
	struct strbuf text;
	struct session *s;

	strbuf_init(&text);
	s = hidden_session(c, &text);
	machine(c);
	for (const struct row_table *const *t = row_tables(); *t; t++)
		run_rows(c, s, &text, *t);
	session_free(s);
	strbuf_wipe(&text);
	return 0;
}

static const struct row rows[] = {
	{
		.words = "show tech-support",
		.modes = IN_EXEC,
		.privilege = 15,
		.handler = tech_support,
		.help = "Everything that whoever helps wants to see, without secrets",
		.manual = "The output of every show command that needs no name, one after the "
			  "other: version, configuration, tunnels with their last exchanges, SAs, "
			  "counters, events.  Pre-shared keys, hashes and keys of SAs are not in "
			  "it; addresses, names and identities are.",
	},
};

const struct row_table table_tech = {
	.family = "show tech-support",
	.rows = rows,
	.count = ARRAY_LEN(rows),
};
