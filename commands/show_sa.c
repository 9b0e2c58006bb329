/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * `show ipsec sa`: the IKE SAs and Child SAs of tunnels that are up or coming up.
 *
 * JSON: {"sites":[SITE...],"summary":{"ikeSas","childSas"}}, {"sites":[]} when there is no SA.
 *	SITE	name, tunnels [TUNNEL...] (those with an SA)
 *	TUNNEL	role, index, name, ikeSa IKE, childSas [CHILD...]
 *	IKE	spiInitiator, spiResponder (16 hex digits), initiator (are we), local, remote,
 *		natLocal, natRemote, suite, peerId, since, rekeySec, expireSec
 *	CHILD	spiIn, spiOut (8 hex digits), suite, esn, initiator, udpEncap, localTs [range...],
 *		remoteTs [range...], since, rekeySec, expireSec, rxPackets, rxBytes, txPackets,
 *		txBytes, replayDrops, authDrops, selectorDrops, malformedDrops
 */
#include "commands/show.h"
#include "platform/base/duration.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* "10.0.0.0/16", "10.0.0.1/32 tcp 443", "10.0.0.1/32 17 1024-65535" */
static void add_selector(struct strbuf *out, const struct ike_ts *ts)
{
	char range[IP_RANGE_TEXT_MAX];

	strbuf_add(out, ip_range_text(&ts->range, range, sizeof(range)));
	if (ts->protocol)
		strbuf_printf(out, " protocol %u", ts->protocol);
	if (ts->port_first == 0 && ts->port_last == UINT16_MAX)
		return;
	if (ts->port_first > ts->port_last)
		strbuf_add(out, " port opaque"); /* RFC 7296 section 3.13.1 */
	else if (ts->port_first == ts->port_last)
		strbuf_printf(out, " port %u", ts->port_first);
	else
		strbuf_printf(out, " port %u-%u", ts->port_first, ts->port_last);
}

static void add_selectors(struct strbuf *out, const struct ike_ts_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		if (i > 0)
			strbuf_add(out, ", ");
		add_selector(out, &list->ts[i]);
	}
	if (list->count == 0)
		strbuf_add(out, "-");
}

void show_selectors(const struct ike_ts_list *local, const struct ike_ts_list *remote,
		    struct strbuf *out)
{
	add_selectors(out, local);
	strbuf_add(out, " <> ");
	add_selectors(out, remote);
}

static void selector_member(struct answer *a, const char *key, const struct ike_ts_list *list)
{
	struct strbuf text;

	strbuf_init(&text);
	answer_array(a, key);
	for (size_t i = 0; i < list->count; i++) {
		strbuf_reset(&text);
		add_selector(&text, &list->ts[i]);
		answer_text(a, NULL, NULL, text.text);
	}
	answer_array_end(a);
	strbuf_clear(&text);
}

/* 0 means that there is no such time. */
static void left_member(struct answer *a, const struct show_clock *clock, const char *key,
			uint64_t at_ms)
{
	if (at_ms)
		answer_number(a, key, NULL, show_left_ms(clock, at_ms) / 1000);
	else
		answer_null(a, key);
}

void show_ike_members(struct answer *a, const struct show_clock *clock,
		      const struct ike_tunnel_status *ike)
{
	char text[2 * IKE_ID_MAX + 8];

	if (!answer_is_json(a))
		return;
	(void)snprintf(text, sizeof(text), "%016" PRIx64, ike->spi_i);
	answer_text(a, "spiInitiator", NULL, text);
	(void)snprintf(text, sizeof(text), "%016" PRIx64, ike->spi_r);
	answer_text(a, "spiResponder", NULL, text);
	answer_bool(a, "initiator", NULL, ike->initiator);
	answer_text(a, "local", NULL, ip_endpoint_text(&ike->local, text, sizeof(text)));
	answer_text(a, "remote", NULL, ip_endpoint_text(&ike->remote, text, sizeof(text)));
	answer_bool(a, "natLocal", NULL, ike->nat_local);
	answer_bool(a, "natRemote", NULL, ike->nat_remote);
	answer_text(a, "suite", NULL,
		    ike->suite.encr ? ike_suite_text(&ike->suite, text, sizeof(text)) : NULL);
	answer_bool(a, "ppk", NULL, ike->ppk);
	answer_bool(a, "crashToken", NULL, ike->crash_token);
	answer_bool(a, "learnedSingleTrafficSelector", NULL, ike->learned_single_ts);
	answer_text(a, "peerId", NULL,
		    ike->peer_id.type ? ike_id_text(&ike->peer_id, text, sizeof(text)) : NULL);
	answer_time(a, "since", show_wall_ms(clock, ike->state_since_ms));
	left_member(a, clock, "rekeySec", ike->rekey_at_ms);
	left_member(a, clock, "expireSec", ike->expire_at_ms);
}

void show_child_members(struct answer *a, const struct show_clock *clock,
			const struct child_status *child)
{
	const struct ike_child_status *i = &child->ike;
	const struct dp_child_counters *n = &child->counters;
	char text[IKE_SUITE_TEXT_MAX];

	if (!answer_is_json(a))
		return;
	(void)snprintf(text, sizeof(text), "%08" PRIx32, i->spi_in);
	answer_text(a, "spiIn", NULL, text);
	(void)snprintf(text, sizeof(text), "%08" PRIx32, i->spi_out);
	answer_text(a, "spiOut", NULL, text);
	answer_text(a, "suite", NULL, ike_suite_text(&i->suite, text, sizeof(text)));
	answer_bool(a, "esn", NULL, i->suite.esn);
	answer_bool(a, "initiator", NULL, i->initiator);
	answer_bool(a, "udpEncap", NULL, i->udp_encap);
	selector_member(a, "localTs", &i->local_ts);
	selector_member(a, "remoteTs", &i->remote_ts);
	answer_time(a, "since", show_wall_ms(clock, i->since_ms));
	left_member(a, clock, "rekeySec", i->rekey_at_ms);
	left_member(a, clock, "expireSec", i->expire_at_ms);
	answer_number(a, "rxPackets", NULL, n->rx_packets);
	answer_number(a, "rxBytes", NULL, n->rx_bytes);
	answer_number(a, "txPackets", NULL, n->tx_packets);
	answer_number(a, "txBytes", NULL, n->tx_bytes);
	answer_number(a, "replayDrops", NULL, n->replay_drops);
	answer_number(a, "authDrops", NULL, n->auth_drops);
	answer_number(a, "selectorDrops", NULL, n->selector_drops);
	answer_number(a, "malformedDrops", NULL, n->malformed_drops);
}

/* A peer that forces UDP encapsulation looks as if it were behind a NAT; only a translated port
 * proves one. */
static const char *nat_text(const struct ike_tunnel_status *i)
{
	if (i->nat_local && i->nat_remote)
		return ", NAT on both sides";
	if (i->nat_local)
		return ", NAT on our side";
	if (!i->nat_remote)
		return "";
	return i->remote.port == 4500 ? ", peer behind NAT or forcing UDP encapsulation"
				      : ", peer behind NAT";
}

const char *show_addresses(const struct ike_tunnel_status *ike, char *buf, size_t size)
{
	char local[IP_TEXT_MAX], remote[IP_TEXT_MAX];

	(void)snprintf(buf, size, "%s <> %s%s", ip_endpoint_text(&ike->local, local, sizeof(local)),
		       ip_endpoint_text(&ike->remote, remote, sizeof(remote)), nat_text(ike));
	return buf;
}

static void ike_text(struct answer *a, const struct show_clock *clock,
		     const struct tunnel_status *t)
{
	const struct ike_tunnel_status *i = &t->ike;
	char suite[IKE_SUITE_TEXT_MAX] = "negotiating", addresses[SHOW_ADDRESSES_MAX];
	char rekey[DURATION_TEXT_MAX], expire[DURATION_TEXT_MAX], id[2 * IKE_ID_MAX + 8];

	if (i->suite.encr)
		(void)ike_suite_text(&i->suite, suite, sizeof(suite));
	answer_show(a, "IKE SA", "%016" PRIx64 "/%016" PRIx64 " %s, %s", i->spi_i, i->spi_r,
		    i->initiator ? "initiator" : "responder", suite);
	if (i->ppk)
		answer_show(a, "", "with a postquantum preshared key");
	if (i->crash_token)
		answer_show(a, "", "the peer has given a token to tell that it restarted");
	answer_show(a, "Addresses", "%s", show_addresses(i, addresses, sizeof(addresses)));
	if (i->peer_id.type)
		answer_show(a, "Peer ID", "%s (%s)", ike_id_text(&i->peer_id, id, sizeof(id)),
			    ike_id_type_name(i->peer_id.type));
	if (i->rekey_at_ms)
		answer_show(a, "Lifetime", "rekey in %s, expires in %s",
			    duration_short(show_left_ms(clock, i->rekey_at_ms), rekey,
					   sizeof(rekey)),
			    duration_short(show_left_ms(clock, i->expire_at_ms), expire,
					   sizeof(expire)));
}

static void child_text(struct answer *a, const struct show_clock *clock,
		       const struct child_status *child)
{
	const struct ike_child_status *i = &child->ike;
	const struct dp_child_counters *n = &child->counters;
	char suite[IKE_SUITE_TEXT_MAX], age[DURATION_TEXT_MAX], rekey[DURATION_TEXT_MAX],
		expire[DURATION_TEXT_MAX], in[SHOW_TEXT_MAX], out[SHOW_TEXT_MAX];
	struct strbuf selectors;

	strbuf_init(&selectors);
	show_selectors(&i->local_ts, &i->remote_ts, &selectors);
	answer_show(a, "Child SA", "in %08" PRIx32 " out %08" PRIx32 " %s%s, %s", i->spi_in,
		    i->spi_out, ike_suite_text(&i->suite, suite, sizeof(suite)),
		    i->udp_encap ? ", ESP in UDP" : "", i->initiator ? "initiator" : "responder");
	answer_show(a, "", "%s", selectors.text);
	answer_show(a, "", "age %s, rekey in %s, expires in %s",
		    duration_text(show_age_ms(clock, i->since_ms), age, sizeof(age)),
		    duration_short(show_left_ms(clock, i->rekey_at_ms), rekey, sizeof(rekey)),
		    duration_short(show_left_ms(clock, i->expire_at_ms), expire, sizeof(expire)));
	answer_show(a, "", "in %" PRIu64 " packets, %s; out %" PRIu64 " packets, %s", n->rx_packets,
		    show_bytes(n->rx_bytes, in, sizeof(in)), n->tx_packets,
		    show_bytes(n->tx_bytes, out, sizeof(out)));
	answer_show(a, "",
		    "drops: replay %" PRIu64 ", authentication %" PRIu64 ", selector %" PRIu64
		    ", malformed %" PRIu64,
		    n->replay_drops, n->auth_drops, n->selector_drops, n->malformed_drops);
	strbuf_clear(&selectors);
}

static bool has_sa(const struct tunnel_status *t, const struct show_children *children)
{
	return children->count > 0 ||
	       (t->ike.spi_i != 0 && (t->state == TUNNEL_UP || t->state == TUNNEL_CONNECTING));
}

static void tunnel_text(struct answer *a, const struct show_clock *clock, const char *site,
			const struct tunnel_status *t, const struct show_children *children)
{
	char state[SHOW_TEXT_MAX], age[DURATION_TEXT_MAX];

	answer_line(a, "Site %s, tunnel %s %u%s%s%s  %s for %s", site, site_role_name(t->role),
		    t->index, t->name[0] ? " (" : "", t->name, t->name[0] ? ")" : "",
		    show_state(t->state, state, sizeof(state)),
		    duration_text(show_age_ms(clock, t->state_since_ms), age, sizeof(age)));
	answer_block(a, 2);
	ike_text(a, clock, t);
	for (size_t i = 0; i < children->count; i++)
		child_text(a, clock, &children->items[i]);
	answer_block_end(a);
}

static void tunnel_json(struct answer *a, const struct show_clock *clock,
			const struct tunnel_status *t, const struct show_children *children)
{
	answer_object(a, NULL);
	answer_text(a, "role", NULL, site_role_name(t->role));
	answer_number(a, "index", NULL, t->index);
	answer_text(a, "name", NULL, t->name);
	answer_object(a, "ikeSa");
	show_ike_members(a, clock, &t->ike);
	answer_object_end(a);
	answer_array(a, "childSas");
	for (size_t i = 0; i < children->count; i++) {
		answer_object(a, NULL);
		show_child_members(a, clock, &children->items[i]);
		answer_object_end(a);
	}
	answer_array_end(a);
	answer_object_end(a);
}

void show_sa_begin(struct answer *a, struct show_sa_totals *totals)
{
	*totals = (struct show_sa_totals){0};
	answer_array(a, "sites");
}

static bool site_has_sa(const struct show_site *site)
{
	for (size_t i = 0; i < site->status->tunnel_count; i++)
		if (has_sa(&site->status->tunnels[i], &site->children[i]))
			return true;
	return false;
}

void show_sa_site(struct answer *a, struct show_sa_totals *totals, const struct show_clock *clock,
		  const struct show_site *site)
{
	const struct site_status *s = site->status;

	if (!site_has_sa(site))
		return;
	answer_object(a, NULL);
	answer_text(a, "name", NULL, s->name);
	answer_array(a, "tunnels");
	for (size_t i = 0; i < s->tunnel_count; i++) {
		if (!has_sa(&s->tunnels[i], &site->children[i]))
			continue;
		totals->ike++;
		totals->child += site->children[i].count;
		if (answer_is_json(a))
			tunnel_json(a, clock, &s->tunnels[i], &site->children[i]);
		else
			tunnel_text(a, clock, s->name, &s->tunnels[i], &site->children[i]);
	}
	answer_array_end(a);
	answer_object_end(a);
}

void show_sa_end(struct answer *a, const struct show_sa_totals *totals)
{
	answer_array_end(a);
	if (totals->ike == 0) {
		answer_line(a, "No SA is established.");
		return;
	}
	answer_object(a, "summary");
	answer_number(a, "ikeSas", NULL, totals->ike);
	answer_number(a, "childSas", NULL, totals->child);
	answer_object_end(a);
	answer_line(a, "IKE SAs %zu, Child SAs %zu", totals->ike, totals->child);
}
