/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * `show notifications`.
 *
 * JSON: {"receivers":[R...],"repeats","leastCriticality","digestSec","repeatIntervalSec"}
 *   R: kind ("syslog", "webhook", "email"), receiver (name), state ("idle": nothing was sent yet,
 *     "ok", "failing"), sent, waiting, lost (messages of log hosts, stories of others), failures
 *     (attempts), lastSent, reason (why it fails), nextTrySec
 *   repeats: stories of the same things that were not told one by one
 */
#include "commands/show_notify.h"

#include "platform/base/mem.h"

#include <inttypes.h>

static const struct answer_column columns[] = {
	{"Kind", false},    {"Receiver", true}, {"State", false},    {"Sent", false},
	{"Waiting", false}, {"Lost", false},	{"Failures", false}, {"Last", false},
};

static const char *state_of(const struct receiver_status *r)
{
	if (r->trouble[0] != '\0')
		return "failing";
	return r->sent == 0 ? "idle" : "ok";
}

static void receiver(struct answer *a, const struct show_clock *clock,
		     const struct receiver_status *r)
{
	char text[SHOW_TEXT_MAX];

	answer_row(a);
	answer_object(a, NULL);
	answer_text(a, "kind", "Kind", r->kind);
	answer_text(a, "receiver", "Receiver", r->name);
	answer_text(a, "state", "State", state_of(r));
	answer_number(a, "sent", "Sent", r->sent);
	answer_number(a, "waiting", "Waiting", r->waiting);
	answer_number(a, "lost", "Lost", r->lost);
	answer_number(a, "failures", "Failures", r->failures);
	answer_time(a, "lastSent", r->sent_ms);
	if (r->sent_ms != 0)
		answer_show(a, "Last", "%s",
			    show_wall_moment(clock, r->sent_ms, text, sizeof(text)));
	answer_text(a, "reason", NULL, r->trouble);
	if (r->retry_ms != 0)
		answer_number(a, "nextTrySec", NULL,
			      (show_left_ms(clock, r->retry_ms) + 999) / 1000);
	else
		answer_null(a, "nextTrySec");
	answer_object_end(a);
}

static void why(struct answer *a, const struct show_clock *clock, const struct receiver_status *r)
{
	if (r->trouble[0] == '\0')
		return;
	if (r->retry_ms != 0)
		answer_line(a, " %s %s: %s; tried again in %" PRIu64 " s", r->kind, r->name,
			    r->trouble, (show_left_ms(clock, r->retry_ms) + 999) / 1000);
	else
		answer_line(a, " %s %s: %s", r->kind, r->name, r->trouble);
}

void show_notify(struct answer *a, const struct show_clock *clock,
		 const struct receiver_status *list, size_t count, const struct box_notify *config,
		 uint64_t repeats)
{
	answer_array(a, "receivers");
	answer_table(a, columns, ARRAY_LEN(columns));
	for (size_t i = 0; i < count; i++)
		receiver(a, clock, &list[i]);
	answer_table_end(a);
	answer_array_end(a);
	for (size_t i = 0; i < count; i++)
		why(a, clock, &list[i]);
	if (count == 0)
		answer_line(a, "Nobody is told: there is no logging host, notify webhook or "
			       "notify email.");
	answer_number(a, "repeats", NULL, repeats);
	answer_number(a, "leastCriticality", NULL, config->criticality);
	answer_number(a, "digestSec", NULL, config->digest_s);
	answer_number(a, "repeatIntervalSec", NULL, config->repeat_s);
	if (repeats > 0)
		answer_line(a, "%" PRIu64 " stories of the same things were not told one by one.",
			    repeats);
}
