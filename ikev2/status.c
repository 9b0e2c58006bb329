/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What shows read: tunnels, Child SAs, counters.  Changes nothing. */
#include "ikev2/child.h"
#include "ikev2/tunnel.h"

#include <string.h>

static void fill_sa(const struct ike_sa *sa, struct ike_tunnel_status *out)
{
	struct list *n, *after;

	out->spi_i = sa->spi_i;
	out->spi_r = sa->spi_r;
	out->initiator = sa->initiator;
	out->local = sa->local;
	out->remote = sa->remote;
	out->nat_local = sa->nat_local;
	out->nat_remote = sa->nat_remote;
	out->suite = sa->suite;
	out->ppk = sa->ppk;
	out->crash_token = sa->peer_token.len > 0;
	out->peer_id = sa->peer_id;
	out->established_ms = sa->since_ms;
	out->rekey_at_ms = sa->rekey_at_ms;
	out->expire_at_ms = sa->expire_at_ms;
	out->last_rx_ms = sa->last_rx_ms;
	list_for_each(n, after, &sa->children)
	{
		if (container_of(n, struct child_sa, of_sa)->installed)
			out->child_count++;
	}
}

int ike_engine_tunnel_status(const struct ike_engine *e, uint32_t tunnel,
			     struct ike_tunnel_status *out)
{
	const struct tunnel *t = tunnel_find(e, tunnel);
	const struct ike_sa *sa;

	if (!t)
		return ERR_NOT_FOUND;
	memset(out, 0, sizeof(*out));
	out->state = t->state;
	out->admin_down = t->admin_down;
	out->state_since_ms = t->state_since_ms;
	out->attempts = t->attempts;
	out->next_attempt_ms = heap_contains(&t->attempt.node) ? t->attempt.node.due_ms : 0;
	out->failure = t->failure;
	out->learned_single_ts = t->learned_single_ts;
	if (t->comparison)
		out->comparison = *t->comparison;
	memcpy(out->peer_offer, t->peer_offer, sizeof(out->peer_offer));
	sa = tunnel_current(t);
	if (!sa)
		sa = tunnel_attempt_sa(t);
	if (sa)
		fill_sa(sa, out);
	return 0;
}

int ike_engine_pulse(const struct ike_engine *e, uint32_t tunnel, struct ike_pulse *out)
{
	const struct tunnel *t = tunnel_find(e, tunnel);
	const struct ike_sa *sa = t ? tunnel_current(t) : NULL;

	if (!sa)
		return ERR_NOT_FOUND;
	*out = (struct ike_pulse){.last_rx_ms = sa->last_rx_ms,
				  .asked_ms = sa->request.open ? sa->request.first_ms : 0,
				  .rtt_at_ms = sa->rtt_at_ms,
				  .rtt_ms = sa->rtt_ms};
	return 0;
}

static void fill_child(const struct child_sa *c, struct ike_child_status *out)
{
	*out = (struct ike_child_status){.child = c->number,
					 .spi_in = c->spi_in,
					 .spi_out = c->spi_out,
					 .suite = c->suite,
					 .local_ts = ts_kept_list(&c->local_ts),
					 .remote_ts = ts_kept_list(&c->remote_ts),
					 .initiator = c->initiator,
					 .udp_encap = c->udp_encap,
					 .since_ms = c->since_ms,
					 .rekey_at_ms = c->rekey_at_ms,
					 .expire_at_ms = c->expire_at_ms};
}

int ike_engine_child_status(const struct ike_engine *e, uint32_t tunnel, size_t index,
			    struct ike_child_status *out)
{
	const struct tunnel *t = tunnel_find(e, tunnel);
	const struct ike_sa *sa = t ? tunnel_current(t) : NULL;
	struct list *n, *after;

	if (!sa)
		return ERR_NOT_FOUND;
	list_for_each(n, after, &sa->children)
	{
		const struct child_sa *c = container_of(n, struct child_sa, of_sa);

		if (!c->installed || index-- > 0)
			continue;
		fill_child(c, out);
		return 0;
	}
	return ERR_NOT_FOUND;
}

static size_t list_len(const struct list *l)
{
	size_t count = 0;

	for (const struct list *n = l->next; n != l; n = n->next)
		count++;
	return count;
}

void ike_engine_usage(const struct ike_engine *e, struct ike_usage *out)
{
	struct list *n, *after;

	*out = (struct ike_usage){.tunnels = e->tunnels.count,
				  .ike_sas = e->sas.count,
				  .half_open = e->halfopen.total,
				  .children = e->children.count,
				  .lingering = list_len(&e->lingering),
				  .dh_jobs = e->jobs.count,
				  .timers = e->timers.count,
				  .actions = list_len(&e->actions)};
	list_for_each(n, after, &e->sas.order)
	{
		struct map_node *node = container_of(n, struct map_node, order);
		const struct ike_sa *sa = container_of(node, struct ike_sa, by_spi);

		out->requests += list_len(&sa->tasks) + (sa->own ? 1 : 0);
		out->reassembly_bytes += sa->request_fragments.bytes + sa->answer_fragments.bytes;
	}
}

const char *ike_engine_counter(const struct ike_engine *e, size_t index, uint64_t *value)
{
	static const char *const names[COUNTER_COUNT] = {
		[COUNTER_RX] = "rx",
		[COUNTER_TX] = "tx",
		[COUNTER_RX_MALFORMED] = "rx_malformed",
		[COUNTER_RX_MAJOR_VERSION] = "rx_major_version",
		[COUNTER_RX_UNKNOWN_SPI] = "rx_unknown_spi",
		[COUNTER_RX_UNEXPECTED] = "rx_unexpected",
		[COUNTER_RX_RETRANSMIT] = "rx_retransmit",
		[COUNTER_RX_NOT_AUTHENTIC] = "rx_not_authentic",
		[COUNTER_RX_INVALID_SYNTAX] = "rx_invalid_syntax",
		[COUNTER_RX_UNPROTECTED_NOTIFY] = "rx_unprotected_notify",
		[COUNTER_RX_TOO_OFTEN] = "rx_too_often",
		[COUNTER_RX_DROPPED_LOAD] = "rx_dropped_load",
		[COUNTER_RETRANSMITS] = "retransmits",
		[COUNTER_TIMEOUTS] = "timeouts",
		[COUNTER_COOKIES_SENT] = "cookies_sent",
		[COUNTER_COOKIES_REPLAYED] = "cookies_replayed",
		[COUNTER_REPLIES_SUPPRESSED] = "replies_suppressed",
		[COUNTER_INIT_REQUESTS] = "init_requests",
		[COUNTER_AUTH_FAILED] = "auth_failed",
		[COUNTER_UNKNOWN_PEER] = "unknown_peer",
		[COUNTER_IKE_ESTABLISHED] = "ike_established",
		[COUNTER_IKE_REKEYED] = "ike_rekeyed",
		[COUNTER_CHILD_INSTALLED] = "child_installed",
		[COUNTER_CHILD_REKEYED] = "child_rekeyed",
		[COUNTER_COLLISIONS] = "collisions",
		[COUNTER_TEMPORARY_FAILURES] = "temporary_failures",
		[COUNTER_LIVENESS_PROBES] = "liveness_probes",
		[COUNTER_PEER_RESTARTS] = "peer_restarts",
		[COUNTER_QCD_SENT] = "crash_tokens_sent",
		[COUNTER_QCD_ACCEPTED] = "crash_tokens_accepted",
		[COUNTER_QCD_WRONG] = "crash_tokens_wrong",
		[COUNTER_DEAD_PEERS] = "dead_peers",
		[COUNTER_NAT_CHANGES] = "nat_changes",
		[COUNTER_ADDRESS_UPDATES] = "address_updates",
		[COUNTER_REDIRECTS] = "redirects_followed",
		[COUNTER_PEERS_REDIRECTED] = "peers_redirected",
		[COUNTER_ILLEGAL_TRANSITIONS] = "illegal_transitions",
	};

	if (index >= COUNTER_COUNT)
		return NULL;
	*value = e->counters[index];
	return names[index];
}
