/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes resolved lines as canonical text with their sections in front. */
#include "commands/audit.h"

#include "commands/commands_state.h"
#include "commands/draft.h"
#include "commands/mode.h"
#include "commands/secret_line.h"
#include "commands/session_state.h"

#include <libcli.h>
#include <string.h>

/* A value as it was typed, but canonical. */
static void add_value(const struct value *v, struct strbuf *out)
{
	char range[IP_RANGE_TEXT_MAX];

	if (value_is_secret(v->arg))
		strbuf_add(out, "<hidden>");
	else if (strpbrk(v->text, " \"") != NULL)
		strbuf_printf(out, "\"%s\"", v->text);
	else
		strbuf_add(out, v->text);
	if (v->arg->type == VALUE_LABEL_RANGE)
		strbuf_printf(out, ":%s", ip_range_text(&v->range, range, sizeof(range)));
}

/* Words from the root of the tree to node; *value counts the arguments on the way. */
static void add_words(const struct resolution *r, const struct cli_command *node, size_t *value,
		      struct strbuf *out)
{
	if (node->parent != NULL) {
		add_words(r, node->parent, value, out);
		strbuf_add_char(out, ' ');
	}
	if (grammar_arg(node) != NULL && *value < r->count)
		add_value(&r->values[(*value)++], out);
	else
		strbuf_add(out, node->command);
}

/* "ipsec site A / tunnel primary 1 / " */
static void add_sections(const struct session *s, enum cmd_mode mode, struct strbuf *out)
{
	if (mode_is_in_site(mode))
		strbuf_printf(out, "ipsec site %s / ", s->place.site);
	if (mode == CMD_TUNNEL)
		strbuf_printf(out, "tunnel %s %u / ", site_role_name(s->place.role),
			      s->place.index0 + 1);
	else if (mode == CMD_NETRULE)
		strbuf_printf(out, "network-rule %u / ", s->place.rule);
	else if (mode == CMD_POP || mode == CMD_ACCOUNT)
		strbuf_printf(out, "%s %s / ", mode == CMD_POP ? "pop" : "account",
			      s->place.object);
	else if (mode > CMD_SITE)
		strbuf_printf(out, "%s / ", mode_section(mode));
}

static bool is_audited(const struct row *row, enum cmd_mode mode)
{
	return mode == CMD_EXEC ? row->privilege >= 15 : (row->flags & ROW_QUIET) == 0;
}

static void emit(struct session *s, const char *text)
{
	event_emit(s->commands->events, EVENT_CONFIG_COMMAND, NULL, 0,
		   "User:%s (%s)  logged command:%s", s->who.user, s->who.from, text);
}

void audit_line(struct session *s)
{
	const struct resolution *r = &s->cmd.resolved;
	struct strbuf text, masked;
	size_t value = 0;

	if (s->style == STYLE_REPORT || r->row == NULL || !is_audited(r->row, r->mode))
		return;
	strbuf_init(&text);
	strbuf_init(&masked);
	if (s->draft != NULL && r->mode != CMD_EXEC)
		strbuf_printf(&masked, "configure session %s / ", s->draft->name);
	add_sections(s, r->mode, &masked);
	add_words(r, r->node, &value, &text);
	secret_line_mask(text.text, text.len, &masked);
	if (s->trial)
		strbuf_printf(&s->audit, "%s\n", masked.text);
	else
		emit(s, masked.text);
	strbuf_wipe(&text);
	strbuf_clear(&masked);
}

void audit_block_begin(struct session *s)
{
	strbuf_reset(&s->audit);
}

void audit_block_done(struct session *s, int accepted)
{
	char *rest = s->audit.text;

	for (char *line; accepted != 0 && (line = strsep(&rest, "\n")) != NULL;) {
		if (*line != '\0')
			emit(s, line);
	}
	strbuf_reset(&s->audit);
}
