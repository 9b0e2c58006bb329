/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Why a tunnel is not up, for `detail` and `diagnose`: reason, cause, evidence, both sides beside
 * each other, and what to do on either side.
 *
 * JSON members, each null when there is nothing to tell:
 *	causeText	the cause as a sentence
 *	fixHere, fixPeer	what to do on this side, on the peer's
 *	comparison	{subject, rows: [{attribute, here, peer, differs}]}
 */
#include "commands/show.h"

#include <stdio.h>
#include <string.h>

#define HERE_WIDTH 40 /* of the column; longer values push the next one away */

static bool is_told(const struct tunnel_status *t)
{
	return t->reason[0] && strcmp(t->reason, "-") != 0;
}

/* Does the failure that the engine remembers say more of the reason that is shown? */
static bool is_of_failure(const struct tunnel_status *t)
{
	return t->cause != IKE_CAUSE_NONE && ike_failure_cause(&t->ike.failure) == t->cause;
}

static void comparison_member(struct answer *a, const struct ike_comparison *c)
{
	answer_object(a, "comparison");
	answer_text(a, "subject", NULL, c->subject);
	answer_array(a, "rows");
	for (size_t i = 0; i < c->count; i++) {
		answer_object(a, NULL);
		answer_text(a, "attribute", NULL, c->row[i].attribute);
		answer_text(a, "here", NULL, c->row[i].here);
		answer_text(a, "peer", NULL, c->row[i].peer);
		answer_bool(a, "differs", NULL, c->row[i].differs);
		answer_object_end(a);
	}
	answer_array_end(a);
	answer_object_end(a);
}

void show_comparison(struct answer *a, const struct ike_comparison *c)
{
	char label[IKE_COMPARISON_TEXT];
	size_t width = strlen("here");

	if (answer_is_json(a)) {
		comparison_member(a, c);
		return;
	}
	for (size_t i = 0; i < c->count; i++) {
		size_t n = strlen(c->row[i].here);

		if (n > width && n <= HERE_WIDTH)
			width = n;
	}
	(void)snprintf(label, sizeof(label), "%c%s", c->subject[0] & ~0x20, c->subject + 1);
	answer_show(a, label, "%-*s  %s", (int)width, "here", "peer");
	for (size_t i = 0; i < c->count; i++) {
		(void)snprintf(label, sizeof(label), "%c %s", c->row[i].differs ? '!' : ' ',
			       c->row[i].attribute);
		answer_show(a, label, "%-*s  %s", (int)width, c->row[i].here, c->row[i].peer);
	}
}

void show_fixes(struct answer *a, const char *here, const char *peer)
{
	answer_text(a, "fixHere", here[0] ? "Fix here" : NULL, here);
	answer_text(a, "fixPeer", peer[0] ? "Fix at the peer" : NULL, peer);
}

static void nothing(struct answer *a)
{
	answer_null(a, "causeText");
	answer_null(a, "fixHere");
	answer_null(a, "fixPeer");
	answer_null(a, "comparison");
}

void show_reason(struct answer *a, const struct tunnel_status *t)
{
	const struct ike_cause_row *row = ike_cause_row(t->cause);
	const struct ike_failure *f = &t->ike.failure;

	if (!is_told(t)) {
		nothing(a);
		return;
	}
	if (t->cause == IKE_CAUSE_NONE) {
		answer_null(a, "causeText");
		answer_show(a, "Reason", "%s", t->reason);
		show_fixes(a, t->hint, "");
		answer_null(a, "comparison");
		return;
	}
	answer_text(a, "causeText", NULL, row->sentence);
	answer_show(a, "Reason", "%s: %s", t->reason, row->sentence);
	if (is_of_failure(t) && f->evidence[0])
		answer_show(a, "Evidence", "%s", f->evidence);
	if (is_of_failure(t) && f->reason == IKE_REASON_AUTH_FAILED)
		answer_show(a, "Noticed", "%s", f->by_peer ? "by the peer" : "here");
	if (is_of_failure(t) && t->ike.comparison.count > 0)
		show_comparison(a, &t->ike.comparison);
	else
		answer_null(a, "comparison");
	show_fixes(a, row->fix_here, row->fix_peer);
}
