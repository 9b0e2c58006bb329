/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Running and startup configuration: show, save, erase. */
#include "commands/cmd_running.h"

#include "commands/archive.h"
#include "commands/commands_state.h"
#include "commands/loader.h"
#include "commands/revert.h"
#include "commands/row.h"
#include "commands/running.h"
#include "commands/secret_line.h"
#include "commands/session_place.h"
#include "commands/session_state.h"
#include "commands/show_cmd.h"
#include "commands/show_lines.h"
#include "commands/store.h"
#include "commands/writer.h"
#include "platform/base/mem.h"

#include <inttypes.h>
#include <string.h>

static struct config_writer writer_for(const struct cmd *c, struct strbuf *out)
{
	return (struct config_writer){
		.out = out,
		.all = cmd_has(c, "all"),
		.hide_secrets = cmd_hides_secrets(c) || cmd_has(c, "redacted"),
	};
}

static int show_running(struct cmd *c)
{
	const char *name = cmd_text(c, "site");
	const struct site_config *site =
		name == NULL ? NULL : config_site(commands_running(cmd_commands(c)), name);
	struct strbuf text;
	struct config_writer w = writer_for(c, &text);

	if (name != NULL && site == NULL)
		return cmd_fail(c, ERR_NOT_FOUND, "There is no site %s", name);
	strbuf_init(&text);
	if (site != NULL) {
		writer_site(&w, site);
		strbuf_add(&text, "end\n");
	} else {
		writer_config(&w, commands_running(cmd_commands(c)));
	}
	if (cmd_wants_json(c)) {
		(void)show_config_json(c, text.text);
	} else {
		cmd_print(c, "Building configuration...\n\n");
		if (site == NULL)
			cmd_print(c, "Current configuration : %zu bytes\n!\n", text.len);
		cmd_write(c, text.text, text.len);
	}
	strbuf_wipe(&text);
	return 0;
}

/* Sealed keys are in the file as well; below privilege 15 they are not shown. */
static void print_redacted(struct cmd *c, const char *text)
{
	while (*text != '\0') {
		size_t len = strcspn(text, "\n");
		struct strbuf line;

		strbuf_init(&line);
		if (cmd_hides_secrets(c))
			secret_line_mask(text, len, &line);
		else
			strbuf_add_bytes(&line, text, len);
		strbuf_add_char(&line, '\n');
		cmd_write(c, line.text, line.len);
		strbuf_wipe(&line);
		text += len + (text[len] == '\n');
	}
}

static int show_startup(struct cmd *c)
{
	struct strbuf text;
	struct err_msg warning = {.code = 0}, e = {.code = 0};
	int r;

	strbuf_init(&text);
	r = store_read(cmd_commands(c), &text, &warning, &e);
	if (r == 0 && cmd_wants_json(c)) {
		(void)show_config_json(c, text.text);
	} else if (r == 0) {
		if (warning.code != 0)
			cmd_print(c, "%% Warning: %s\n", warning.text);
		print_redacted(c, text.text);
	}
	strbuf_wipe(&text);
	if (r == ERR_NOT_FOUND)
		return cmd_fail(c, r, "startup-config is not present");
	return r == 0 ? 0 : cmd_fail(c, r, "%s", e.text);
}

static int show_startup_errors(struct cmd *c)
{
	const struct strbuf *errors = &cmd_commands(c)->startup_errors;

	if (cmd_wants_json(c)) {
		struct answer *a = show_begin(c);

		show_lines(a, "errors", errors->text, cmd_hides_secrets(c));
		return show_end(c, a);
	}
	if (errors->len == 0)
		cmd_print(c, "All lines of startup-config were accepted\n");
	else
		cmd_write(c, errors->text, errors->len);
	return 0;
}

/* The saved configuration is archived as well; a full disk there does not unsave it. */
static void keep_copy(struct cmd *c)
{
	struct err_msg e = {.code = 0};
	struct strbuf text;

	strbuf_init(&text);
	running_text(&cmd_commands(c)->running, &text);
	if (archive_add(cmd_commands(c), text.text, "write", &cmd_session(c)->who, &e) != 0)
		cmd_print(c, "%% Warning: the archive has no copy: %s\n", e.text);
	strbuf_wipe(&text);
}

int running_save(struct cmd *c)
{
	struct commands *box = cmd_commands(c);
	struct err_msg e = {.code = 0};
	size_t warned = 0;

	if (revert_check(box->revert, &e) != 0)
		return cmd_fail(c, e.code, "%s", e.text);
	for (size_t i = 0; i < box->running.count && warned < 10; i++)
		warned += place_warn_secondary(c, box->running.sites[i]);
	cmd_print(c, "Building configuration...\n");
	if (store_save(box, &e) != 0)
		return cmd_fail(c, e.code, "%s", e.text);
	keep_copy(c);
	cmd_print(c, "[OK]\n");
	event_emit(box->events, EVENT_CONFIG_SAVED, NULL, 0, "Startup configuration saved by %s",
		   cmd_session(c)->who.user);
	return 0;
}

static int erase_now(struct cmd *c)
{
	struct err_msg e = {.code = 0};

	if (store_erase(cmd_commands(c), &e) != 0)
		return cmd_fail(c, e.code, "Cannot erase startup-config: %s", e.text);
	cmd_print(c, "[OK]\nErase of startup-config complete\n");
	return 0;
}

static int erase(struct cmd *c)
{
	return cmd_confirm(c, "Erase the startup configuration?", erase_now);
}

static const struct row rows[] = {
	{
		.words = "show running-config [all | redacted | ipsec site <site>] [json]",
		.modes = IN_EXEC,
		.handler = show_running,
		.help = "Configuration in use",
		.manual =
			"The configuration in use, as lines that can be pasted: what differs from "
			"the defaults, or with all everything.  Pre-shared keys are encrypted; "
			"with redacted, and below privilege level 15, they are left out.",
	},
	{
		.words = "show startup-config [json]",
		.modes = IN_EXEC,
		.handler = show_startup,
		.help = "Configuration that the next start uses",
		.manual = "The configuration that was saved last.",
	},
	{
		.words = "show startup-config errors [json]",
		.modes = IN_EXEC,
		.handler = show_startup_errors,
		.help = "Lines of it that were refused at the last start",
		.manual = "Lines of startup-config that were refused when the appliance started, "
			  "with the reason.",
	},
	{
		.words = "copy running-config startup-config",
		.modes = IN_EXEC,
		.privilege = 15,
		.handler = running_save,
		.help = "Save the configuration in use",
		.manual = "Saves the configuration in use: proved to read back, written to a new "
			  "file, synced, and only then put in place of the old one.",
	},
	{
		.words = "write [memory]",
		.modes = IN_EXEC,
		.privilege = 15,
		.handler = running_save,
		.help = "Save the configuration in use",
		.manual = "The same as copy running-config startup-config.",
	},
	{
		.words = "write terminal",
		.modes = IN_EXEC,
		.handler = show_running,
		.help = "Show the configuration in use",
		.manual = "The same as show running-config.",
	},
	{
		.words = "write erase",
		.modes = IN_EXEC,
		.privilege = 15,
		.handler = erase,
		.help = "Remove the saved configuration",
		.manual = "Removes startup-config; the configuration in use stays.",
	},
};

const struct row_table table_running = {
	.family = "running and startup configuration",
	.rows = rows,
	.count = ARRAY_LEN(rows),
};
