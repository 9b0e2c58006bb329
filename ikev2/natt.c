/* SPDX-License-Identifier: GPL-3.0-or-later */
/* NAT detection, port 4500, keepalives and rebinding. */
#include "ikev2/natt.h"

#include "ikev2/natd.h"
#include "ikev2/payload_notify.h"
#include "ikev2/tunnel.h"

#include <string.h>

#define IKE_PORT 500

static void write_hashes(struct ike_engine *e, struct message_builder *b, const struct ike_sa *sa,
			 const struct ip_endpoint *local, const struct ip_endpoint *remote,
			 bool lie)
{
	uint8_t hash[NATD_HASH_LEN];

	if (lie || !ip_addr_is_set(&local->addr))
		engine_random(e, hash, sizeof(hash));
	else
		natd_hash(e->crypto, sa->spi_i, sa->spi_r, local, hash);
	payload_notify_write(b, IKE_N_NAT_DETECTION_SOURCE_IP, view_of(hash, sizeof(hash)));
	natd_hash(e->crypto, sa->spi_i, sa->spi_r, remote, hash);
	payload_notify_write(b, IKE_N_NAT_DETECTION_DESTINATION_IP, view_of(hash, sizeof(hash)));
}

void natt_write(struct ike_engine *e, struct message_builder *b, const struct ike_sa *sa, bool lie)
{
	write_hashes(e, b, sa, &sa->local, &sa->remote, lie);
}

void natt_write_path(struct ike_engine *e, struct message_builder *b, const struct ike_sa *sa,
		     const struct ip_endpoint *local, const struct ip_endpoint *remote)
{
	write_hashes(e, b, sa, local, remote, sa->forced_encap);
}

/* Is there a notify of the type, and does one of them (several addresses are allowed) match? */
static void look(const struct message_in *in, uint16_t type, const uint8_t hash[NATD_HASH_LEN],
		 bool *present, bool *match)
{
	const struct payload *p = NULL;

	*present = *match = false;
	while ((p = payload_next(&in->payloads, IKE_PAYLOAD_NOTIFY, p))) {
		struct payload_notify n;

		if (payload_notify_read(p->body, &n) || n.type != type)
			continue;
		*present = true;
		if (view_equal(n.data, view_of(hash, NATD_HASH_LEN)))
			*match = true;
	}
}

void natt_detect(struct ike_engine *e, struct ike_sa *sa, const struct message_in *in)
{
	uint8_t hash[NATD_HASH_LEN];
	bool present, match;

	natd_hash(e->crypto, in->header.spi_i, in->header.spi_r, &in->remote, hash);
	look(in, IKE_N_NAT_DETECTION_SOURCE_IP, hash, &present, &match);
	sa->nat_remote = present && !match;
	natd_hash(e->crypto, in->header.spi_i, in->header.spi_r, &in->local, hash);
	look(in, IKE_N_NAT_DETECTION_DESTINATION_IP, hash, &present, &match);
	sa->nat_local = present && !match;
}

static bool wants_encap(const struct ike_sa *sa)
{
	return sa->nat_local || sa->nat_remote || sa->forced_encap;
}

/* A peer that stayed on port 500 in spite of a NAT has no UDP encapsulation. */
bool natt_encap(const struct ike_sa *sa)
{
	return sa->natt && wants_encap(sa);
}

void natt_float(struct ike_sa *sa)
{
	if (!wants_encap(sa) || sa->natt)
		return;
	sa->natt = true;
	sa->local.port = NATT_PORT;
	if (sa->remote.port == IKE_PORT)
		sa->remote.port = NATT_PORT;
}

void natt_keepalive_start(struct ike_engine *e, struct ike_sa *sa)
{
	if (sa->nat_local && sa->natt)
		engine_timer_in(e, &sa->nat_keepalive, NATT_KEEPALIVE_MS);
	else
		engine_timer_stop(e, &sa->nat_keepalive);
}

void natt_on_keepalive(struct ike_engine *e, struct ike_sa *sa)
{
	static const uint8_t octet = 0xff;

	engine_send(e, sa->tunnel_id, &sa->local, &sa->remote, view_of(&octet, 1));
	natt_keepalive_start(e, sa);
}

/* Section 2.23: only when the peer is behind the NAT, and not we. */
static bool may_follow(const struct ike_sa *sa)
{
	return sa->nat_remote && !sa->nat_local && sa->natt;
}

static void children_moved(struct ike_engine *e, struct ike_sa *sa)
{
	struct list *n, *after;

	list_for_each(n, after, &sa->children)
	{
		child_moved(e, container_of(n, struct child_sa, of_sa));
	}
}

static void tell_moved(struct ike_engine *e, const struct ike_sa *sa)
{
	engine_count(e, COUNTER_NAT_CHANGES);
	if (sa->tunnel)
		engine_event(e, sa->tunnel_id, IKE_EVENT_NAT_CHANGED, NULL);
}

/* While it is being rekeyed, the peer may be heard on the old one only, and talked to on the new.
 */
static void relatives_follow(struct ike_engine *e, const struct ike_sa *sa,
			     const struct ip_endpoint *was)
{
	struct list *n, *after;

	list_for_each(n, after, &sa->tunnel->sas)
	{
		struct ike_sa *o = container_of(n, struct ike_sa, of_tunnel);

		if (o == sa || o->created_ms != sa->created_ms ||
		    o->established_ms != sa->established_ms || !ip_endpoint_equal(&o->remote, was))
			continue;
		o->remote = sa->remote;
		children_moved(e, o);
	}
}

void natt_follow(struct ike_engine *e, struct ike_sa *sa, const struct ip_endpoint *local,
		 const struct ip_endpoint *remote, bool natt)
{
	struct ip_endpoint was;

	if (ip_endpoint_equal(&sa->remote, remote) && ip_endpoint_equal(&sa->local, local))
		return;
	/* Initiators move to 4500 between IKE_SA_INIT and IKE_AUTH, with or without NAT. */
	if (sa->state == SA_HALF_OPEN) {
		if (sa->half_open) {
			halfopen_remove(&e->halfopen, e->now_ms, &sa->remote.addr);
			halfopen_add(&e->halfopen, e->now_ms, &remote->addr);
		}
		sa->local = *local;
		sa->remote = *remote;
		sa->natt = natt;
		return;
	}
	/* RFC 4555 section 3.8: the peer says so itself. */
	if (sa->mobike || !may_follow(sa) || !natt || ip_endpoint_equal(&sa->remote, remote))
		return;
	was = sa->remote;
	sa->remote = *remote;
	children_moved(e, sa);
	if (sa->tunnel)
		relatives_follow(e, sa, &was);
	tell_moved(e, sa);
}

void natt_follow_esp(struct ike_engine *e, struct ike_sa *sa, const struct ip_endpoint *remote)
{
	struct ip_endpoint now = natt_esp_remote(sa);

	if (!sa->mobike) {
		natt_follow(e, sa, &sa->local, remote, true);
		return;
	}
	if (!may_follow(sa) || ip_endpoint_equal(&now, remote))
		return;
	sa->esp = *remote;
	children_moved(e, sa);
	tell_moved(e, sa);
}

struct ip_endpoint natt_esp_remote(const struct ike_sa *sa)
{
	return sa->esp.port != 0 ? sa->esp : sa->remote;
}
