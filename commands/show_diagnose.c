/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * `show ipsec diagnose site NAME`: findings, the most likely one first, each with what mends it.
 *
 * JSON: {"site","state" ("connected",
 * "down"),"findings":[FINDING...],"fine":[texts],"seen":[texts]} FINDING: rank (1, 2, ...), weight
 * (0-100), tunnel {role, index} or null for the whole site, check, text, evidence, comparison (see
 * show_reason.c), fixHere, fixPeer, commands [configuration lines]
 */
#include "commands/diagnose.h"

#include <stdio.h>
#include <string.h>

static void where_text(const struct diagnose_input *in, const struct finding *f, char *buf,
		       size_t size)
{
	char slot[SHOW_TEXT_MAX];
	const char *name = "";

	if (f->slot)
		name = in->site->tunnels[(f->slot - 1) / SITE_TUNNELS][(f->slot - 1) % SITE_TUNNELS]
			       .name;
	(void)snprintf(buf, size, "%s%s%s%s%s", show_slot(f->slot, slot, sizeof(slot)),
		       name[0] ? " (" : "", name, name[0] ? ")" : "", f->slot ? ": " : "");
}

static void tunnel_member(struct answer *a, uint8_t slot)
{
	if (!slot) {
		answer_null(a, "tunnel");
		return;
	}
	answer_object(a, "tunnel");
	answer_text(a, "role", NULL, slot <= SITE_TUNNELS ? "primary" : "secondary");
	answer_number(a, "index", NULL, (uint64_t)(slot - 1) % SITE_TUNNELS + 1);
	answer_object_end(a);
}

/* Each line of text as an element, and as a line of a block. */
static void lines(struct answer *a, const char *key, const char *label, const char *text)
{
	char line[FINDING_COMMANDS];
	bool first = true;

	answer_array(a, key);
	while (*text) {
		size_t n = strcspn(text, "\n");

		(void)snprintf(line, sizeof(line), "%.*s", (int)n, text);
		answer_text(a, NULL, NULL, line);
		answer_show(a, first ? label : "", "%s", line);
		first = false;
		text += n + (text[n] == '\n');
	}
	answer_array_end(a);
}

static void show_finding(struct answer *a, const struct diagnose_input *in, const struct finding *f,
			 size_t rank)
{
	char where[SITE_TEXT_MAX + SHOW_TEXT_MAX];

	where_text(in, f, where, sizeof(where));
	answer_line(a, "%2zu. %s%s", rank, where, f->text);
	answer_block(a, 4);
	answer_object(a, NULL);
	answer_number(a, "rank", NULL, rank);
	answer_number(a, "weight", NULL, f->weight);
	tunnel_member(a, f->slot);
	answer_text(a, "check", NULL, f->check);
	answer_text(a, "text", NULL, f->text);
	answer_text(a, "evidence", f->evidence[0] ? "Evidence" : NULL, f->evidence);
	if (f->comparison.count > 0)
		show_comparison(a, &f->comparison);
	else
		answer_null(a, "comparison");
	show_fixes(a, f->fix_here, f->fix_peer);
	lines(a, "commands", "Commands", f->commands);
	answer_object_end(a);
	answer_block_end(a);
}

static void headline(struct answer *a, const struct diagnose_input *in, size_t count)
{
	const struct site_status *s = in->status;
	unsigned up = 0;

	for (size_t i = 0; s && i < s->tunnel_count; i++)
		up += s->tunnels[i].state == TUNNEL_UP;
	answer_text(a, "site", NULL, in->site->name);
	answer_text(a, "state", NULL, s && s->connected ? "connected" : "down");
	answer_line(a, "Site %s: %s, %u of %zu tunnels up, %zu finding%s%s", in->site->name,
		    s && s->connected ? "connected" : "DOWN", up, s ? s->tunnel_count : 0, count,
		    count == 1 ? "" : "s", count > 1 ? ", the most likely one first" : "");
}

/* ", "-joined texts as an array. */
static void fine_member(struct answer *a, const char *text)
{
	char one[160];

	answer_array(a, "fine");
	while (*text) {
		const char *end = strstr(text, ", ");
		size_t n = end ? (size_t)(end - text) : strlen(text);

		(void)snprintf(one, sizeof(one), "%.*s", (int)n, text);
		answer_text(a, NULL, NULL, one);
		text += n + (end ? 2 : 0);
	}
	answer_array_end(a);
}

void show_diagnosis(struct answer *a, const struct diagnose_input *in, const struct findings *f)
{
	headline(a, in, f->count);
	answer_array(a, "findings");
	for (size_t i = 0; i < f->count; i++) {
		answer_line(a, "%s", "");
		show_finding(a, in, &f->items[i], i + 1);
	}
	answer_array_end(a);
	answer_line(a, "%s", "");
	answer_block(a, 1);
	fine_member(a, f->fine.text);
	if (f->fine.len)
		answer_show(a, "Fine", "%s", f->fine.text);
	lines(a, "seen", "Seen", f->seen.text);
	answer_block_end(a);
}
