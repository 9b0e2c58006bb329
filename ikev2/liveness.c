/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Two timers per IKE SA, both counted from the last authentic packet (IKE or ESP): after
 * keepalive_s a probe, after dead_s the end.  An open request of ours is a probe already.
 */
#include "ikev2/liveness.h"

#include "ikev2/exchange.h"
#include "ikev2/suspect.h"

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
