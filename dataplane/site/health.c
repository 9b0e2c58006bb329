/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Health of one tunnel.  Two things apart:
 *
 * Silence.  Nothing authenticated came since we sent something (ESP, or an IKE request).  After a
 * second the peer is asked, and asked again each second, so that traffic in one direction is no
 * silence; after 3 s the tunnel is unusable, after 10 s down.  Whatever is heard starts its
 * return; it is usable again once it was heard for 3 s without a gap.
 *
 *   good/degraded --3 s--> unusable --10 s--> down
 *        ^-- heard for 3 s --+-----------------+
 *
 * Quality.  Loss from probes and from gaps in the inbound sequence numbers, delay and jitter from
 * round trips, all as means over ten seconds.  A few samples prove nothing: then probes come faster
 * until there are enough.
 */
#include "dataplane/site/health.h"

#include "platform/base/enum_name.h"

#include <string.h>

#define ASK_AFTER_MS	1000
#define LOST_AFTER_MS	900 /* a second, but for the jitter of our own clock */
#define ASKS_MIN	2   /* unanswered, before a tunnel counts as silent */
#define ASKS_MIN_IDLE	4   /* the same when nothing else was sent */
#define HEARD_LATELY_MS 1600
#define RTT_EVERY_MS	10000
#define QUICK_MS	10000
#define ECHO_MS		1000
#define ECHO_QUICK_MS	100
/* Enough to judge by. */
#define PROBES_MIN   30
#define PROBES_LOST  3
#define PACKETS_MIN  200
#define PACKETS_LOST 5
#define RTTS_MIN     3
#define ODD_US	     20000  /* more than twice the delay and so much: asked again first */
#define STEP_MAX_US  120000 /* what counts of one: a single slow answer is no jitter */

static const struct enum_name state_names[] = {
	{HEALTH_NONE, "none"},	       {HEALTH_GOOD, "good"}, {HEALTH_DEGRADED, "degraded"},
	{HEALTH_UNUSABLE, "unusable"}, {HEALTH_DOWN, "down"}, {0, NULL},
};

const char *health_state_name(enum health_state s)
{
	return enum_name(state_names, (int)s);
}

struct health_limits health_limits_default(void)
{
	return (struct health_limits){.loss = 300, .jitter_us = 30000, .delay_us = 600000};
}

void health_start(struct health *h, uint64_t now_ms)
{
	*h = (struct health){.on = true,
			     .heard_ms = now_ms,
			     .looked_ms = now_ms,
			     .probe_ms = now_ms,
			     .figures = {.score = 100}};
}

void health_stop(struct health *h)
{
	*h = (struct health){.on = false};
}

enum health_state health_state_of(const struct health *h)
{
	if (!h->on)
		return HEALTH_NONE;
	if (h->silent)
		return h->down ? HEALTH_DOWN : HEALTH_UNUSABLE;
	return h->degraded ? HEALTH_DEGRADED : HEALTH_GOOD;
}

/* ---- Probes -----------------------------------------------------------------------------------
 */

/* As RFC 3550 section 6.4.1 estimates jitter, with a larger gain: ten samples show it. */
static void note_step(struct health_figures *f, uint32_t rtt_us, uint32_t last_us)
{
	uint32_t step_us = rtt_us > last_us ? rtt_us - last_us : last_us - rtt_us;

	if (step_us > STEP_MAX_US)
		step_us = STEP_MAX_US;
	if (step_us >= f->jitter_us)
		f->jitter_us += (step_us - f->jitter_us) / 8;
	else
		f->jitter_us -= (f->jitter_us - step_us) / 8;
}

void health_answered(struct health *h, uint32_t rtt_us)
{
	struct health_second *s = &h->seconds[h->at];

	s->probes++;
	s->rtt_count++;
	s->rtt_sum_us += rtt_us;
	if (h->last_rtt_us != 0)
		note_step(&h->figures, rtt_us, h->last_rtt_us);
	h->last_rtt_us = rtt_us == 0 ? 1 : rtt_us;
}

void health_lost(struct health *h, uint64_t now_ms)
{
	h->seconds[h->at].probes++;
	h->seconds[h->at].lost++;
	h->quick_until_ms = now_ms + QUICK_MS;
}

uint32_t health_echo_interval_ms(const struct health *h, uint64_t now_ms)
{
	/* Unusable: one is enough to see it return. */
	return now_ms < h->quick_until_ms && !h->silent ? ECHO_QUICK_MS : ECHO_MS;
}

/* Each second in which an IKE request waits is a loss, its answer a success. */
static void take_ike_probe(struct health *h, const struct health_look *in)
{
	if (in->rtt_at_ms > h->rtt_at_ms) {
		h->rtt_at_ms = in->rtt_at_ms;
		health_answered(h, in->rtt_ms * 1000);
	} else if (h->asked_ms != 0 && in->asked_ms != h->asked_ms) {
		h->seconds[h->at].probes++; /* answered, but not clear which transmission */
	}
	if (in->asked_ms != 0 && in->now_ms - in->asked_ms >= LOST_AFTER_MS)
		health_lost(h, in->now_ms);
	h->asked_ms = in->asked_ms;
}

/* ---- Silence ----------------------------------------------------------------------------------
 */

static uint64_t later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static void note_heard(struct health *h, uint64_t heard_ms)
{
	if (heard_ms <= h->heard_ms)
		return;
	if (h->silent && (h->steady_ms == 0 || heard_ms - h->heard_ms >= HEALTH_UNUSABLE_MS))
		h->steady_ms = heard_ms;
	h->heard_ms = heard_ms;
	h->waiting_ms = 0;
	h->asks = 0;
}

static void note_waiting(struct health *h, const struct health_look *in)
{
	uint64_t since = UINT64_MAX;

	h->sending = in->sent_ms > h->heard_ms;
	if (h->waiting_ms != 0)
		return;
	if (h->sending) /* at some time after both of these */
		since = later(h->heard_ms, h->looked_ms);
	if (in->asked_ms != 0 && later(in->asked_ms, h->heard_ms) < since)
		since = later(in->asked_ms, h->heard_ms);
	if (since != UINT64_MAX)
		h->waiting_ms = since == 0 ? 1 : since;
}

static void judge_silence(struct health *h, uint64_t now_ms)
{
	uint64_t silence_ms = h->waiting_ms == 0 ? 0 : now_ms - h->waiting_ms;

	if (!h->silent && silence_ms >= HEALTH_UNUSABLE_MS &&
	    h->asks >= (h->sending ? ASKS_MIN : ASKS_MIN_IDLE)) {
		h->silent = true;
		h->steady_ms = 0;
	}
	if (h->silent && silence_ms >= HEALTH_DOWN_MS)
		h->down = true;
	if (h->silent && h->steady_ms != 0 && now_ms - h->steady_ms >= HEALTH_RETURN_MS &&
	    now_ms - h->heard_ms <= HEARD_LATELY_MS)
		h->silent = h->down = false;
}

static bool wants_probe(struct health *h, const struct health_look *in)
{
	bool waits = h->waiting_ms != 0 && in->now_ms - h->waiting_ms >= ASK_AFTER_MS;
	bool quick = (in->now_ms < h->quick_until_ms || h->degraded) && !in->echoes;
	uint64_t measured_ms = later(h->rtt_at_ms, h->probe_ms);
	bool stale = !in->echoes && in->now_ms - measured_ms >= RTT_EVERY_MS;

	if (waits)
		h->asks++;
	if (!waits && !quick && !stale && !h->silent && in->now_ms - h->heard_ms < HEALTH_IDLE_MS)
		return false;
	h->probe_ms = in->now_ms;
	return true;
}

uint64_t health_deadline(const struct health *h)
{
	if (!h->on || h->waiting_ms == 0 || h->down)
		return UINT64_MAX;
	return h->waiting_ms + (h->silent ? HEALTH_DOWN_MS : HEALTH_UNUSABLE_MS);
}

/* ---- Quality ----------------------------------------------------------------------------------
 */

static struct health_second sum_up(const struct health *h)
{
	struct health_second sum = {.probes = 0};

	for (unsigned i = 0; i < HEALTH_WINDOW_S; i++) {
		const struct health_second *s = &h->seconds[i];

		sum.expected += s->expected;
		sum.received += s->received;
		sum.probes += s->probes;
		sum.lost += s->lost;
		sum.rtt_count += s->rtt_count;
		sum.rtt_sum_us += s->rtt_sum_us;
	}
	return sum;
}

/* Hundredths of a percent; false: too few to tell. */
static bool share_lost(uint32_t lost, uint32_t of, uint32_t lost_min, uint32_t of_min,
		       uint32_t *out)
{
	if (of == 0 || (lost != 0 && lost < lost_min && of < of_min))
		return false;
	*out = (uint32_t)((uint64_t)lost * 10000 / of);
	return true;
}

static void compute_loss(struct health_figures *f, const struct health_second *sum)
{
	uint32_t gaps = sum->expected > sum->received ? sum->expected - sum->received : 0;
	uint32_t of_probes = 0;
	uint32_t of_packets = 0;
	bool by_probes = share_lost(sum->lost, sum->probes, PROBES_LOST, PROBES_MIN, &of_probes);
	bool by_packets = share_lost(gaps, sum->expected, PACKETS_LOST, PACKETS_MIN, &of_packets);

	if (!by_probes && !by_packets)
		return; /* as it was */
	f->loss_known = true;
	f->loss = of_probes > of_packets ? of_probes : of_packets;
}

static void compute_delay(struct health *h, const struct health_second *sum, uint64_t now_ms)
{
	struct health_figures *f = &h->figures;
	uint32_t mean_us;

	if (sum->rtt_count == 0)
		return; /* as it was */
	mean_us = sum->rtt_sum_us / sum->rtt_count;
	if (f->delay_known && sum->rtt_count < RTTS_MIN && mean_us / 2 > f->delay_us + ODD_US) {
		h->quick_until_ms = now_ms + QUICK_MS;
		return;
	}
	f->delay_known = true;
	f->delay_us = mean_us;
}

/* 100 at 0, 50 at the limit, 0 from four times the limit on; straight lines between. */
static uint32_t score_of(uint32_t value, uint32_t limit)
{
	if (limit == 0 || value >= 4 * (uint64_t)limit)
		return limit == 0 ? 100 : 0;
	if (value <= limit)
		return (uint32_t)(100 - (uint64_t)value * 50 / limit);
	return (uint32_t)(50 - ((uint64_t)value - limit) * 50 / (3 * (uint64_t)limit));
}

static uint8_t worst_score(const struct health_figures *f, const struct health_limits *l)
{
	uint32_t worst = score_of(f->loss, l->loss);
	uint32_t jitter = score_of(f->jitter_us, l->jitter_us);
	uint32_t delay = score_of(f->delay_us, l->delay_us);

	worst = jitter < worst ? jitter : worst;
	return (uint8_t)(delay < worst ? delay : worst);
}

/* More than the limit, and by more than chance would have it (two standard deviations). */
static bool loses_too_much(uint32_t lost, uint32_t of, uint32_t lost_min, uint32_t limit)
{
	uint64_t allowed = (uint64_t)of * limit; /* in ten-thousandths of a packet */
	uint64_t above = (uint64_t)lost * 10000;

	if (lost < lost_min || above <= allowed)
		return false;
	above -= allowed;
	return above / 100 * (above / 100) > 4 * allowed;
}

static bool exceeds(const struct health_figures *f, const struct health_second *sum,
		    const struct health_limits *l)
{
	uint32_t gaps = sum->expected > sum->received ? sum->expected - sum->received : 0;

	return (f->delay_us > l->delay_us && sum->rtt_count >= RTTS_MIN) ||
	       f->jitter_us > l->jitter_us ||
	       loses_too_much(sum->lost, sum->probes, PROBES_LOST, l->loss) ||
	       loses_too_much(gaps, sum->expected, PACKETS_LOST, l->loss);
}

/* Well within the limits. */
static bool is_fine(const struct health_figures *f, const struct health_limits *l)
{
	return (uint64_t)f->loss * 5 <= (uint64_t)l->loss * 4 &&
	       (uint64_t)f->jitter_us * 5 <= (uint64_t)l->jitter_us * 4 &&
	       (uint64_t)f->delay_us * 5 <= (uint64_t)l->delay_us * 4;
}

/* A tunnel that is bad again soon after its return has to be good for longer each time. */
static void degrade(struct health *h, uint64_t now_ms)
{
	h->fine_ms = 0;
	if (h->degraded)
		return;
	h->degraded = true;
	if (h->returned_ms == 0 || now_ms - h->returned_ms >= HEALTH_SLA_MEMORY_MS)
		h->return_ms = HEALTH_SLA_RETURN_MS;
	else if (h->return_ms < HEALTH_SLA_MEMORY_MS)
		h->return_ms *= 2;
}

static void judge_quality(struct health *h, const struct health_second *sum, uint64_t now_ms,
			  const struct health_limits *l)
{
	const struct health_figures *f = &h->figures;

	if (f->delay_us > l->delay_us || f->jitter_us > l->jitter_us)
		h->quick_until_ms = now_ms + QUICK_MS;
	if (exceeds(f, sum, l)) {
		degrade(h, now_ms);
	} else if (h->degraded && !is_fine(f, l)) {
		h->fine_ms = 0;
	} else if (h->degraded && h->fine_ms == 0) {
		h->fine_ms = now_ms;
	} else if (h->degraded && now_ms - h->fine_ms >= h->return_ms) {
		h->degraded = false;
		h->returned_ms = now_ms;
	}
}

static void close_second(struct health *h, const struct health_look *in,
			 const struct health_limits *l)
{
	struct health_second sum;

	h->seconds[h->at].expected = in->expected;
	h->seconds[h->at].received = in->received;
	take_ike_probe(h, in);
	sum = sum_up(h);
	compute_loss(&h->figures, &sum);
	compute_delay(h, &sum, in->now_ms);
	h->figures.score = h->silent ? 0 : worst_score(&h->figures, l);
	if (!h->silent)
		judge_quality(h, &sum, in->now_ms, l);
	h->at = (h->at + 1) % HEALTH_WINDOW_S;
	memset(&h->seconds[h->at], 0, sizeof(h->seconds[h->at]));
}

bool health_look(struct health *h, const struct health_look *in, const struct health_limits *l)
{
	bool probe = false;

	if (!h->on)
		return false;
	note_heard(h, in->heard_ms);
	note_waiting(h, in);
	judge_silence(h, in->now_ms);
	if (in->tick) {
		close_second(h, in, l);
		probe = wants_probe(h, in);
		h->looked_ms = in->now_ms;
	}
	return probe;
}
