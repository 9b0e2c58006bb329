/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The last exchanges of a tunnel, one line for each message.
 *
 * JSON: "lastExchanges": [{at, direction ("sent" or "received"), exchange, response, messageId,
 *remote, octets, datagrams, times, lastTimeAt (null: once), checksBefore, payloads [names],
 *outcome}]
 */
#include "commands/show.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define OUTCOME_MAX 80

/* "14:02:31.118" */
static const char *moment(const struct show_clock *clock, uint64_t at_ms, char *buf, size_t size)
{
	size_t len = strlen(show_moment(clock, at_ms, buf, size));

	(void)snprintf(buf + len, size - len, ".%03u",
		       (unsigned)(show_wall_ms(clock, at_ms) % 1000));
	return buf;
}

static void step_member(struct answer *a, const struct show_clock *clock, const struct ike_step *s)
{
	char text[IKE_STEP_TEXT_MAX], remote[IP_TEXT_MAX], outcome[OUTCOME_MAX], *name, *rest;

	answer_object(a, NULL);
	answer_time(a, "at", show_wall_ms(clock, s->at_ms));
	answer_text(a, "direction", NULL, s->out ? "sent" : "received");
	answer_text(a, "exchange", NULL, show_exchange(s->exchange));
	answer_bool(a, "response", NULL, s->response);
	answer_number(a, "messageId", NULL, s->id);
	answer_text(a, "remote", NULL, ip_endpoint_text(&s->remote, remote, sizeof(remote)));
	answer_number(a, "octets", NULL, s->octets);
	answer_number(a, "datagrams", NULL, s->datagrams);
	answer_number(a, "times", NULL, s->times);
	answer_time(a, "lastTimeAt", show_wall_ms(clock, s->again_ms));
	answer_number(a, "checksBefore", NULL, s->checks);
	answer_array(a, "payloads");
	(void)ike_step_payloads(s, text, sizeof(text));
	for (name = s->count > 0 ? text : NULL; name; name = rest) {
		rest = strstr(name, ", ");
		if (rest) {
			*rest = '\0';
			rest += 2;
		}
		answer_text(a, NULL, NULL, name);
	}
	answer_array_end(a);
	answer_text(a, "outcome", NULL, ike_step_outcome(s, outcome, sizeof(outcome)));
	answer_object_end(a);
}

static void step_line(struct answer *a, const struct show_clock *clock, const struct ike_step *s)
{
	const char *exchange = show_exchange(s->exchange);
	char when[SHOW_TEXT_MAX], again[SHOW_TEXT_MAX], text[IKE_STEP_TEXT_MAX],
		outcome[OUTCOME_MAX], times[80] = "", parts[32] = "", checks[48] = "";

	if (s->times > 1)
		(void)snprintf(times, sizeof(times), ", %u times until %s", s->times,
			       moment(clock, s->again_ms, again, sizeof(again)));
	if (s->datagrams > 1)
		(void)snprintf(parts, sizeof(parts), " in %u fragments", s->datagrams);
	if (s->checks > 0)
		(void)snprintf(checks, sizeof(checks), " (after %" PRIu32 " like it)", s->checks);
	(void)ike_step_outcome(s, outcome, sizeof(outcome));
	answer_line(a, "   %s %s %s %s %" PRIu32 ", %" PRIu32 " octets%s%s: %s%s%s%s",
		    moment(clock, s->at_ms, when, sizeof(when)), s->out ? "-->" : "<--",
		    exchange ? exchange : "-", s->response ? "response" : "request", s->id,
		    s->octets, parts, times, ike_step_payloads(s, text, sizeof(text)), checks,
		    outcome[0] ? "  => " : "", outcome);
}

void show_ladder(struct answer *a, const struct show_clock *clock, const struct show_steps *steps)
{
	answer_array(a, "lastExchanges");
	for (size_t i = 0; answer_is_json(a) && i < steps->count; i++)
		step_member(a, clock, &steps->items[i]);
	answer_array_end(a);
	if (answer_is_json(a) || steps->count == 0)
		return;
	answer_line(a, "  Last exchanges (--> sent, <-- received)");
	for (size_t i = 0; i < steps->count; i++)
		step_line(a, clock, &steps->items[i]);
}
