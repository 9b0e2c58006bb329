/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Own addresses by route; see source.h. */
#include "ikev2/source.h"

#include "ikev2/exchange.h"
#include "ikev2/tunnel.h"

void source_ask(struct ike_engine *e, const struct ike_sa *sa)
{
	if (sa->state == SA_KEY && !ip_addr_is_set(&sa->local.addr))
		engine_source(e, sa->tunnel_id, &sa->remote.addr);
}

/* Nothing is sent before the key pair is there. */
static void take(struct ike_sa *sa, const struct ip_addr *source)
{
	sa->local.addr = *source;
	sa->forced_encap = sa->tunnel->profile.force_encap;
	sa->initial->lie = sa->forced_encap;
}

static bool may_begin(const struct tunnel *t)
{
	return t->profile.initiate || t->profile.may_initiate;
}

void source_known(struct ike_engine *e, struct tunnel *t, const struct ip_addr *source)
{
	struct ike_sa *sa = tunnel_attempt_sa(t), *up = tunnel_current(t);

	if (sa && sa->state == SA_KEY && !ip_addr_is_set(&sa->local.addr)) {
		take(sa, source);
	} else if (sa) {
		if (ip_addr_equal(&sa->local.addr, source))
			return;
		ike_sa_close(e, sa, 0);
		tunnel_attempt_beside(e, t);
	} else if (up) {
		if (up->lineage_initiator && may_begin(t) &&
		    !ip_addr_equal(&up->local.addr, source))
			tunnel_attempt_beside(e, t);
	} else if (ike_failure_cause(&t->failure) == IKE_CAUSE_NO_ROUTE) {
		tunnel_plan_now(e, t);
	}
}
