/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whole configurations put in place or merged: configure replace, copy from and to files.  Nothing
 * is changed unless every line of the new configuration is accepted.
 */
#include "commands/commands_state.h"
#include "commands/config_text.h"
#include "commands/loader.h"
#include "commands/lock.h"
#include "commands/revert.h"
#include "commands/row.h"
#include "commands/running.h"
#include "commands/session_state.h"
#include "commands/source.h"
#include "platform/base/mem.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A replacement that waits for its yes. */
struct replacement {
	struct config target;
	char name[128];
	uint32_t minutes; /* 0: no timer */
};

static void drop(struct replacement *r)
{
	config_clear(&r->target);
	free(r);
}

static int refuse(struct cmd *c, const struct err_msg *e)
{
	return cmd_fail(c, e->code, "%s", e->text);
}

static struct source source_of(const struct cmd *c)
{
	if (cmd_has(c, "startup-config"))
		return (struct source){.kind = SOURCE_STARTUP};
	if (cmd_has(c, "archive"))
		return (struct source){.kind = SOURCE_ARCHIVE,
				       .number = cmd_u32(c, "archive-number", 0)};
	return (struct source){.kind = SOURCE_FILE, .file = cmd_text(c, "config-file")};
}

/* May this session replace the configuration now? */
static int check_free(struct cmd *c, struct err_msg *e)
{
	int r = lock_check(cmd_session(c), e);

	return r != 0 ? r : revert_check(cmd_commands(c)->revert, e);
}

static int load(struct cmd *c, const struct source *source, struct replacement *p,
		struct err_msg *e)
{
	struct commands *box = cmd_commands(c);
	struct strbuf text, report;
	size_t refused = 0;
	int r;

	strbuf_init(&text);
	strbuf_init(&report);
	source_name(source, p->name, sizeof(p->name));
	r = source_read(box, source, &text, e);
	if (r == 0)
		refused = loader_run_block(box, &p->target, &box->running, p->name, text.text,
					   &report);
	cmd_write(c, report.text, report.len);
	if (refused != 0)
		r = err_set(e, ERR_INVALID, "%s: %zu line%s rejected, nothing replaced", p->name,
			    refused, refused == 1 ? "" : "s");
	strbuf_wipe(&text);
	strbuf_clear(&report);
	return r;
}

/* Returns the number of lines that differ. */
static size_t list_difference(struct cmd *c, const struct replacement *p, bool print)
{
	const struct config *configs[] = {&cmd_commands(c)->running, &p->target};
	struct config_text trees[2];
	struct strbuf out;
	size_t n;

	strbuf_init(&out);
	for (size_t i = 0; i < ARRAY_LEN(trees); i++) {
		struct strbuf text;

		strbuf_init(&text);
		running_text(configs[i], &text);
		config_text_parse(text.text, &trees[i]);
		strbuf_wipe(&text);
	}
	n = config_text_diff(&trees[0], &trees[1], &out);
	if (print && n != 0) {
		cmd_print(c, "!List of Rollback Commands:\n");
		cmd_write(c, out.text, out.len);
	}
	strbuf_wipe(&out);
	for (size_t i = 0; i < ARRAY_LEN(trees); i++)
		config_text_clear(&trees[i]);
	return n;
}

static int put_in_place(struct cmd *c, struct replacement *p)
{
	struct session *s = cmd_session(c);
	struct err_msg e = {.code = 0};
	int r = check_free(c, &e);

	if (r == 0 && p->minutes != 0)
		r = revert_begin(s->commands->revert, &s->who, NULL, p->minutes * 60, &e);
	if (r != 0)
		return refuse(c, &e);
	if (running_replace(s->commands, &p->target, &e) != 0)
		cmd_print(c, "%% %s\n", e.text);
	event_emit(s->commands->events, EVENT_CONFIG_CHANGED, NULL, 0,
		   "Configuration replaced by %s from %s by %s", p->name, s->who.from, s->who.user);
	cmd_print(c, "Rollback Done\n");
	if (p->minutes != 0)
		cmd_print(c,
			  "The configuration reverts in %" PRIu32
			  " minute%s unless \"configure confirm\" is entered.\n",
			  p->minutes, p->minutes == 1 ? "" : "s");
	return 0;
}

static int replace_answer(struct cmd *c, const char *answer, void *arg)
{
	struct replacement *p = arg;
	int r = 0;

	if (answer != NULL && (answer[0] == 'y' || answer[0] == 'Y'))
		r = put_in_place(c, p);
	else if (answer != NULL)
		cmd_print(c, "Nothing is replaced\n");
	drop(p);
	return r;
}

static int replace(struct cmd *c)
{
	struct source source = source_of(c);
	struct replacement *p = mem_zalloc(sizeof(*p));
	struct err_msg e = {.code = 0};
	int r;

	config_init(&p->target);
	p->minutes = cmd_u32(c, "replace-minutes", 0);
	r = check_free(c, &e);
	if (r == 0)
		r = load(c, &source, p, &e);
	if (r != 0) {
		r = refuse(c, &e);
	} else if (list_difference(c, p, cmd_has(c, "list")) == 0 && p->minutes == 0) {
		cmd_print(c, "The running configuration is the same already, nothing to replace\n");
	} else if (cmd_has(c, "force") || !cmd_interactive(c)) {
		r = put_in_place(c, p);
	} else {
		return cmd_ask(c,
			       "This replaces the running configuration as a whole. Proceed? "
			       "[no]: ",
			       false, replace_answer, p);
	}
	drop(p);
	return r;
}

static int save_file(struct cmd *c)
{
	const char *name = cmd_text(c, "config-file");
	struct err_msg e = {.code = 0};
	struct strbuf text;
	int r;

	strbuf_init(&text);
	running_text(&cmd_commands(c)->running, &text);
	r = source_write_file(cmd_commands(c), name, text.text, text.len, &e);
	if (r == 0)
		cmd_print(c, "%zu bytes copied\n", text.len);
	strbuf_wipe(&text);
	return r == 0 ? 0 : cmd_fail(c, r, "Cannot write file %s: %s", name, e.text);
}

/* Lines of the file on top of the running configuration; those that are refused are left out. */
static int merge(struct cmd *c)
{
	struct session *s = cmd_session(c);
	struct source source = source_of(c);
	struct err_msg e = {.code = 0};
	struct strbuf text, report;
	struct config target;
	char name[128];
	size_t refused = 0;
	int r = lock_check(s, &e);

	strbuf_init(&text);
	strbuf_init(&report);
	config_init(&target);
	if (r == 0)
		r = source_read(s->commands, &source, &text, &e);
	if (r == 0) {
		source_name(&source, name, sizeof(name));
		config_copy(&target, &s->commands->running);
		refused = loader_merge(s->commands, &target, name, text.text, &report, &e);
		r = e.code;
		cmd_write(c, report.text, report.len);
	}
	if (r == 0) {
		r = running_replace(s->commands, &target, &e);
		event_emit(s->commands->events, EVENT_CONFIG_CHANGED, NULL, 0,
			   "Configured from %s by %s with %s", s->who.from, s->who.user, name);
	}
	if (r == 0 && refused != 0)
		r = err_set(&e, ERR_INVALID, "%zu line%s of %s rejected", refused,
			    refused == 1 ? "" : "s", name);
	strbuf_wipe(&text);
	strbuf_clear(&report);
	config_clear(&target);
	return r == 0 ? 0 : refuse(c, &e);
}

static const struct row rows[] = {
	{
		.words = "configure replace { startup-config | archive <archive-number> | file "
			 "<config-file> } [list] [force] [time <replace-minutes>]",
		.modes = IN_EXEC,
		.privilege = 15,
		.handler = replace,
		.help = "Put a saved configuration in place of the running one",
		.manual =
			"Replaces the running configuration as a whole by a saved one.  Only what "
			"differs is changed, so that tunnels that are the same in both stay up; "
			"list prints the difference, force asks nothing, and time takes the "
			"replacement back after so many minutes unless configure confirm is "
			"entered.  A configuration with lines that are refused replaces nothing.",
	},
	{
		.words = "copy running-config file <config-file>",
		.modes = IN_EXEC,
		.privilege = 15,
		.handler = save_file,
		.help = "Save the configuration in use under a name",
		.manual = "Writes the running configuration to a file of the appliance.",
	},
	{
		.words = "copy { startup-config | file <config-file> } running-config",
		.modes = IN_EXEC,
		.privilege = 15,
		.handler = merge,
		.help = "Merge into the configuration in use",
		.manual = "Runs the lines of the saved configuration on top of the running one.  "
			  "Lines that are refused are named and left out; when the result "
			  "contradicts itself nothing is changed.",
	},
};

const struct row_table table_replace = {
	.family = "saved configurations",
	.rows = rows,
	.count = ARRAY_LEN(rows),
};
