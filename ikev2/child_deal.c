/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Negotiating a Child SA: proposals and Traffic Selectors. */
#include "ikev2/child_deal.h"

#include "ikev2/payload_notify.h"
#include "ikev2/payload_ts.h"
#include "ikev2/tunnel.h"

static enum proposal_tier tier_of(const struct tunnel *t)
{
	return t->weak_offer || t->weak_child ? PROPOSAL_TIER_2 : PROPOSAL_TIER_1;
}

uint16_t child_group(const struct ike_sa *sa, const struct child_sa *old)
{
	const struct ike_parameters *p = &sa->tunnel->profile.child;

	if (p->ke != 0)
		return p->ke;
	if (old && old->suite.ke != 0 && proposal_ke_allowed(p, old->suite.ke))
		return old->suite.ke;
	/* The peer has shown that it knows this one. */
	if (proposal_ke_allowed(p, sa->suite.ke))
		return sa->suite.ke;
	return proposal_first_ke(p, tier_of(sa->tunnel));
}

static void spi_octets(uint32_t spi, uint8_t out[4])
{
	out[0] = (uint8_t)(spi >> 24);
	out[1] = (uint8_t)(spi >> 16);
	out[2] = (uint8_t)(spi >> 8);
	out[3] = (uint8_t)spi;
}

void child_write_offer(const struct ike_sa *sa, const struct child_sa *c, uint16_t group,
		       const struct ike_suite *previous, struct proposal_list *offer,
		       struct draft *d)
{
	const struct tunnel *t = sa->tunnel;
	struct ike_parameters params = t->profile.child;
	struct proposal_request rq = {.protocol = IKE_PROTO_ESP,
				      .params = &params,
				      .tier = tier_of(t),
				      .ke = group,
				      .esn = t->profile.esn,
				      .spi_len = 4};

	if (previous) { /* only the group may change */
		params.encr = previous->encr;
		params.key_bits = previous->key_bits;
		params.integ = previous->integ;
	}
	spi_octets(c->spi_in, rq.spi);
	proposal_build(&rq, offer);
	proposal_write(&d->b, offer);
}

void child_first_selectors(const struct tunnel *t, struct ike_ts_list *local,
			   struct ike_ts_list *remote)
{
	const struct profile *p = &t->profile;

	*local = ts_kept_list(&p->local_ts);
	*remote = ts_kept_list(&p->remote_ts);
	if (!p->single_ts && !t->learned_single_ts)
		return;
	(void)ts_pair_at(local, remote, 0, &local->ts[0], &remote->ts[0]);
	local->count = remote->count = 1;
}

/* ---- Responder ------------------------------------------------------------------------------- */

static size_t child_count(const struct ike_sa *sa)
{
	struct list *n, *after;
	size_t count = 0;

	list_for_each(n, after, &sa->children)
	{
		count++;
	}
	return count;
}

static int read_selectors(const struct message_in *in, struct payload_ts *tsi,
			  struct payload_ts *tsr)
{
	const struct payload *pi = payload_find(&in->payloads, IKE_PAYLOAD_TSI);
	const struct payload *pr = payload_find(&in->payloads, IKE_PAYLOAD_TSR);

	if (!pi || !pr || payload_ts_read(pi->body, tsi) || payload_ts_read(pr->body, tsr))
		return ERR_INVALID;
	return 0;
}

bool child_deal_is_malformed(const struct message_in *in)
{
	const struct payload *psa = payload_find(&in->payloads, IKE_PAYLOAD_SA);
	const struct payload *pi = payload_find(&in->payloads, IKE_PAYLOAD_TSI);
	const struct payload *pr = payload_find(&in->payloads, IKE_PAYLOAD_TSR);
	struct payload_sa sa;
	struct payload_ts ts;

	return (psa && payload_sa_read(psa->body, &sa)) || (pi && payload_ts_read(pi->body, &ts)) ||
	       (pr && payload_ts_read(pr->body, &ts));
}

/* Nonce and KE: mandatory or not by the exchange, which the rules have seen to. */
static int read_keys(const struct message_in *in, struct child_deal *out)
{
	const struct payload *pn = payload_find(&in->payloads, IKE_PAYLOAD_NONCE);
	const struct payload *pk = payload_find(&in->payloads, IKE_PAYLOAD_KE);

	out->nonce = view_of(NULL, 0);
	out->ke = (struct payload_ke){0};
	if (pn && payload_nonce_read(pn->body, &out->nonce))
		return ERR_INVALID;
	if (pk && payload_ke_read(pk->body, &out->ke))
		return ERR_INVALID;
	return 0;
}

/* Not reserved (RFC 4303 section 2.1), and not in use between us already. */
static bool spi_is_usable(const struct ike_sa *sa, const struct proposal_choice *c)
{
	return c->peer_spi_len == 4 && child_spi_of(c) > 255 &&
	       !child_by_spi_out(sa, child_spi_of(c));
}

unsigned child_deal_accept(struct ike_engine *e, const struct ike_sa *sa,
			   const struct message_in *in, bool first, struct child_deal *out)
{
	const struct profile *p = &sa->tunnel->profile;
	const struct payload *psa = payload_find(&in->payloads, IKE_PAYLOAD_SA);
	struct proposal_policy policy = {.protocol = IKE_PROTO_ESP,
					 .params = &p->child,
					 .count = 1,
					 .esn = p->esn,
					 .ike_auth = first,
					 .spi_len = 4};
	struct payload_sa offers;
	struct ike_ts_list local = ts_kept_list(&p->local_ts), remote = ts_kept_list(&p->remote_ts);
	struct payload_ts tsi, tsr;

	if (!psa || payload_sa_read(psa->body, &offers) || read_selectors(in, &tsi, &tsr) ||
	    read_keys(in, out))
		return IKE_N_INVALID_SYNTAX;
	if (child_count(sa) >= e->limits.max_children_per_ike)
		return IKE_N_NO_ADDITIONAL_SAS;
	policy.ke = out->ke.group;
	if (proposal_select(&policy, &offers, &out->choice) || !spi_is_usable(sa, &out->choice))
		return IKE_N_NO_PROPOSAL_CHOSEN;
	if (ts_narrow(&tsi.list, &tsr.list, &remote, &local, p->single_ts, &out->ts))
		return IKE_N_TS_UNACCEPTABLE;
	if (out->choice.suite.ke != 0 && out->choice.suite.ke != out->ke.group)
		return IKE_N_INVALID_KE_PAYLOAD;
	return 0;
}

void child_deal_write(const struct child_deal *deal, const struct child_sa *c,
		      const struct nonce *nr, const struct ike_dh_job *job, struct draft *d)
{
	uint8_t spi[4];

	spi_octets(c->spi_in, spi);
	proposal_write_answer(&d->b, &deal->choice, spi, sizeof(spi));
	if (nr)
		payload_nonce_write(&d->b, nonce_view(nr));
	if (job)
		payload_ke_write(&d->b, job->group, dh_job_public(job));
	payload_ts_write(&d->b, IKE_PAYLOAD_TSI, &deal->ts.tsi);
	payload_ts_write(&d->b, IKE_PAYLOAD_TSR, &deal->ts.tsr);
	if (deal->ts.additional)
		payload_notify_write(&d->b, IKE_N_ADDITIONAL_TS_POSSIBLE, view_of(NULL, 0));
}

/* ---- Initiator ------------------------------------------------------------------------------- */

int child_deal_check(const struct ike_sa *sa, const struct message_in *in,
		     const struct proposal_list *offer, const struct ike_ts_list *local,
		     const struct ike_ts_list *remote, struct child_deal *out)
{
	const struct payload *psa = payload_find(&in->payloads, IKE_PAYLOAD_SA);
	struct payload_sa answer;
	struct payload_ts tsi, tsr;

	if (!psa || payload_sa_read(psa->body, &answer) || read_selectors(in, &tsi, &tsr) ||
	    read_keys(in, out) || proposal_verify(offer, &answer, &out->choice) ||
	    !spi_is_usable(sa, &out->choice) || tsi.ignored || tsr.ignored ||
	    ts_check_answer(local, remote, &tsi.list, &tsr.list))
		return ERR_INVALID;
	out->ts.tsi = tsi.list;
	out->ts.tsr = tsr.list;
	return 0;
}
