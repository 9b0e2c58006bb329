/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Two timers per IKE SA, both counted from the last authentic packet (IKE or ESP): after
 * keepalive_s a probe, after dead_s the end.  An open request of ours is a probe already.
 */
#include "ikev2/liveness.h"

#include "ikev2/exchange.h"
#include "ikev2/suspect.h"

#define HINT_EVERY_MS	30000
#define DOUBT_FIRST_MS	500 /* then 1, 2 and 4 s: 7.5 s in all */
#define DOUBT_ASKED_MAX 4

void liveness_on_silence(struct ike_engine *e, struct ike_sa *sa)
{
	uint64_t every_ms = sa->tunnel->profile.keepalive_s * 1000ull;

	if (e->now_ms < sa->last_rx_ms + every_ms) {
		engine_timer_at(e, &sa->liveness, sa->last_rx_ms + every_ms);
		return;
	}
	engine_timer_in(e, &sa->liveness, every_ms);
	if (sa->request.open || sa->own)
		return;
	engine_count(e, COUNTER_LIVENESS_PROBES);
	sa->hold_until_ms = 0;
	task_queue_first(e, sa, task_new(TASK_LIVENESS));
}

void liveness_on_hint(struct ike_engine *e, struct ike_sa *sa, bool denied)
{
	if (!ike_sa_is_usable(sa))
		return;
	if (denied && sa->hint.since_ms != 0 && sa->hint.seen < UINT8_MAX)
		sa->hint.seen++;
	if (e->now_ms < sa->hint.next_ms)
		return;
	sa->hint.next_ms = e->now_ms + HINT_EVERY_MS;
	if (liveness_probe(e, sa) == ERR_BUSY)
		engine_count(e, COUNTER_REPLIES_SUPPRESSED);
	if (!denied || sa->hint.since_ms != 0)
		return;
	sa->hint.since_ms = e->now_ms;
	sa->hint.seen = sa->hint.asked = 1;
	engine_timer_in(e, &sa->doubt, DOUBT_FIRST_MS);
}

static void peer_restarted(struct ike_engine *e, struct ike_sa *sa)
{
	struct ike_failure f =
		failure_of(e, IKE_CAUSE_PEER_RESTARTED, sa->request.exchange, false, &sa->remote,
			   "peer answers INVALID_IKE_SPI, %u requests without authentic answer",
			   sa->hint.asked);

	engine_count(e, COUNTER_PEER_RESTARTS);
	ike_sa_fail(e, sa, &f, false);
}

void liveness_on_doubt(struct ike_engine *e, struct ike_sa *sa)
{
	bool heard = sa->last_rx_ms > sa->hint.since_ms;
	bool over = sa->hint.asked >= DOUBT_ASKED_MAX;

	if (!heard && !over) {
		if (sa->request.open) {
			sa->request.pushed++;
			exchange_resend_request(e, sa);
		}
		engine_timer_in(e, &sa->doubt, (uint64_t)DOUBT_FIRST_MS << sa->hint.asked);
		sa->hint.asked++;
		return;
	}
	sa->hint.since_ms = 0;
	/* Who only repeats one old packet is not believed: each request must be denied. */
	if (!heard && sa->request.open && sa->hint.seen > DOUBT_ASKED_MAX / 2)
		peer_restarted(e, sa);
}

void liveness_on_answer(const struct ike_engine *e, struct ike_sa *sa)
{
	if (!sa->request.open || sa->request.exchange != IKE_EXCH_INFORMATIONAL ||
	    sa->request.sent != 1 || sa->request.pushed != 0)
		return;
	sa->rtt_ms = (uint32_t)(e->now_ms - sa->request.first_ms);
	sa->rtt_at_ms = e->now_ms;
}

int liveness_probe(struct ike_engine *e, struct ike_sa *sa)
{
	if (sa->request.open) {
		sa->request.pushed++;
		exchange_resend_request(e, sa);
	} else if (sa->own || sa->theirs || e->now_ms < sa->hold_until_ms) {
		return ERR_BUSY;
	} else {
		task_queue_first(e, sa, task_new(TASK_LIVENESS));
	}
	engine_count(e, COUNTER_LIVENESS_PROBES);
	return 0;
}

void liveness_on_dead(struct ike_engine *e, struct ike_sa *sa)
{
	uint64_t after_ms = sa->tunnel->profile.dead_s * 1000ull;
	struct ike_failure f;

	if (e->now_ms < sa->last_rx_ms + after_ms) {
		engine_timer_at(e, &sa->dead, sa->last_rx_ms + after_ms);
		return;
	}
	/* The clock jumped, and the peer was not even asked. */
	if (!sa->request.open) {
		liveness_on_silence(e, sa);
		engine_timer_in(e, &sa->dead, e->limits.retransmit_ms);
		return;
	}
	engine_count(e, COUNTER_DEAD_PEERS);
	f = failure_make(e, IKE_REASON_DEAD_PEER, sa->request.exchange, false, &sa->remote,
			 "nothing received for %u s, %u requests unanswered",
			 sa->tunnel->profile.dead_s, sa->request.sent);
	trouble_append(sa->tunnel, sa->last_rx_ms, &f);
	ike_sa_fail(e, sa, &f, false);
}
