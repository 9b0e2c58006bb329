/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `debug ike`, `undebug`, `show debugging`: what the IKE engine says while somebody watches. */
#include "commands/row.h"
#include "commands/show_cmd.h"
#include "platform/base/mem.h"

#include <stdlib.h>

static const struct {
	const char *word, *title;
	enum ike_trace_kind kind;
} kinds[] = {
	{"packet", "IKE messages", IKE_TRACE_PACKET},
	{"state", "IKE states", IKE_TRACE_STATE},
	{"proposal", "IKE proposals", IKE_TRACE_PROPOSAL},
};

static void tell(struct cmd *c, size_t i, const char *site, bool on)
{
	cmd_print(c, "%s debugging is %s%s%s\n", kinds[i].title, on ? "on" : "off",
		  site && site[0] ? ", site " : "", site && site[0] ? site : "");
}

static int debug(struct cmd *c)
{
	const char *site = cmd_text(c, "site");
	struct gateway *g = show_gateway(c);
	struct site_status *status;
	int rc = 0;

	if (!g)
		return ERR_WRONG_STATE;
	status = mem_zalloc(sizeof(*status));
	if (site)
		rc = gateway_site_find(g, site, status);
	free(status);
	if (rc)
		return cmd_fail(c, rc, "Site %s is not configured", site);
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		if (!cmd_has(c, kinds[i].word))
			continue;
		gateway_debug_on(g, kinds[i].kind, site);
		tell(c, i, site, true);
	}
	return 0;
}

static int undebug(struct cmd *c)
{
	bool all = cmd_has(c, "all");
	struct gateway *g = show_gateway(c);

	if (!g)
		return ERR_WRONG_STATE;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		if (!all && !cmd_has(c, kinds[i].word))
			continue;
		gateway_debug_off(g, kinds[i].kind);
		if (!all)
			tell(c, i, NULL, false);
	}
	if (all)
		cmd_print(c, "All possible debugging has been turned off\n");
	return 0;
}

static int show_debugging(struct cmd *c)
{
	struct gateway *g = show_gateway(c);
	struct answer *a;
	bool any = false;

	if (!g)
		return ERR_WRONG_STATE;
	a = show_begin(c);
	answer_array(a, "debugging");
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		const char *site = gateway_debug_site(g, kinds[i].kind);

		if (!site)
			continue;
		any = true;
		answer_object(a, NULL);
		answer_text(a, "kind", NULL, kinds[i].word);
		answer_text(a, "site", NULL, site);
		answer_object_end(a);
		if (!answer_is_json(a))
			answer_line(a, "%s debugging is on%s%s", kinds[i].title,
				    site[0] ? ", site " : "", site);
	}
	answer_array_end(a);
	if (!any && !answer_is_json(a))
		answer_line(a, "No debugging is on.");
	return show_end(c, a);
}

#define UNDEBUG_MANUAL "Ends what debug ike began, of all sites; all ends everything."

static const struct row rows[] = {
	{
		.words = "debug ike { packet | state | proposal } [site <site>]",
		.modes = IN_EXEC,
		.privilege = 15,
		.handler = debug,
		.help = "Show what IKE does on terminals that monitor",
		.manual = "Lines about the tunnels of one site, or of all, on every terminal with "
			  "terminal monitor: packet shows each message with its payloads by name, "
			  "state each change of an SA with its meaning and each failure with its "
			  "evidence, proposal what each side offers and chooses and where they "
			  "differ.  No keys are shown.  At most 200 lines a second are printed; "
			  "the next line says how many were left out.",
		.reference = "RFC 7296",
	},
	{
		.words = "undebug { all | ike { packet | state | proposal } }",
		.modes = IN_EXEC,
		.privilege = 15,
		.handler = undebug,
		.help = "End debugging",
		.manual = UNDEBUG_MANUAL,
	},
	{
		.words = "no debug { all | ike { packet | state | proposal } }",
		.modes = IN_EXEC,
		.privilege = 15,
		.handler = undebug,
		.help = "End debugging",
		.manual = UNDEBUG_MANUAL,
	},
	{
		.words = "show debugging [json]",
		.modes = IN_EXEC,
		.handler = show_debugging,
		.help = "What is being debugged",
		.manual = "The kinds of debug ike that are on, and the site that each is about.",
	},
};

const struct row_table table_debug = {
	.family = "debug",
	.rows = rows,
	.count = ARRAY_LEN(rows),
};
