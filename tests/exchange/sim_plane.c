/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The data plane of a node, as both real ones behave: a packet goes out on the newest Child SA of
 * its networks that may be sent on; the engine can say so (outbound_now, which makes it the
 * newest), and so does the first packet that comes in on one that waited for it.
 */
#include "sim.h"

#include "ikev2/child.h"
#include "platform/base/mem.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static bool same_networks(const struct sim_child *a, const struct sim_child *b)
{
	return a->tunnel == b->tunnel && ts_list_equal(&a->local_ts, &b->local_ts) &&
	       ts_list_equal(&a->remote_ts, &b->remote_ts);
}

static struct sim_child *of_map(struct map_node *n, size_t offset)
{
	return n ? (struct sim_child *)(void *)((char *)n - offset) : NULL;
}

struct sim_child *sim_plane_find(struct sim_node *n, uint32_t child)
{
	return of_map(map_find(&n->by_child, &child, sizeof(child)),
		      offsetof(struct sim_child, by_child));
}

struct sim_child *sim_plane_by_spi(struct sim_node *n, uint32_t spi_in)
{
	return of_map(map_find(&n->by_spi, &spi_in, sizeof(spi_in)),
		      offsetof(struct sim_child, by_spi));
}

/* Who of those for the same networks as c sends now; c itself may be gone from the list. */
static void choose(struct sim_node *n, const struct sim_child *c)
{
	struct sim_child *best = NULL;
	struct list *l, *after;

	list_for_each(l, after, &n->children)
	{
		struct sim_child *o = container_of(l, struct sim_child, link);

		if (o->tunnel != c->tunnel || !same_networks(o, c))
			continue;
		o->outbound = false;
		if (o->may_send)
			best = o;
	}
	if (best)
		best->outbound = true;
}

static void send_on(struct sim_node *n, struct sim_child *c)
{
	list_remove(&c->link);
	list_append(&n->children, &c->link);
	c->may_send = true;
	choose(n, c);
}

static void free_child(struct sim_node *n, struct sim_child *c)
{
	list_remove(&c->link);
	map_remove(&n->by_child, &c->by_child);
	if (c->in_spis)
		map_remove(&n->by_spi, &c->by_spi);
	n->child_count--;
}

void sim_plane_init(struct sim_node *n)
{
	list_init(&n->children);
	map_init(&n->by_child, NULL);
	map_init(&n->by_spi, NULL);
}

void sim_plane_forget(struct sim_node *n)
{
	while (!list_is_empty(&n->children)) {
		struct sim_child *c = container_of(n->children.next, struct sim_child, link);

		free_child(n, c);
		free(c);
	}
}

void sim_plane_clear(struct sim_node *n)
{
	sim_plane_forget(n);
	map_clear(&n->by_child);
	map_clear(&n->by_spi);
}

static struct sim_child *child_of(uint32_t tunnel, const struct ike_child_install *in)
{
	struct sim_child *c = mem_zalloc(sizeof(*c));

	*c = (struct sim_child){.tunnel = tunnel,
				.child = in->child,
				.replaces = in->replaces,
				.spi_in = in->spi_in,
				.spi_out = in->spi_out,
				.local = in->local,
				.remote = in->remote,
				.udp_encap = in->udp_encap,
				.initiator = in->initiator,
				.may_send = in->outbound_now,
				.suite = in->suite,
				.local_ts = in->local_ts,
				.remote_ts = in->remote_ts};
	memcpy(c->key_in, in->encr_in.data, in->encr_in.len < 32 ? in->encr_in.len : 32);
	memcpy(c->key_out, in->encr_out.data, in->encr_out.len < 32 ? in->encr_out.len : 32);
	return c;
}

/* The engine itself thinks that another one sends for these networks and is not replaced. */
static bool second_sender(struct sim_node *n, const struct sim_child *c)
{
	struct list *l, *after;

	list_for_each(l, after, &n->children)
	{
		struct sim_child *o = container_of(l, struct sim_child, link);

		if (o != c && o->told && o->child != c->replaces && same_networks(o, c))
			return true;
	}
	return false;
}

static void tell(struct sim_node *n, struct sim_child *c)
{
	struct list *l, *after;

	list_for_each(l, after, &n->children)
	{
		struct sim_child *o = container_of(l, struct sim_child, link);

		if (o->told && same_networks(o, c))
			o->told = false;
	}
	c->told = true;
}

void sim_plane_install(struct sim *s, int node, uint32_t tunnel, const struct ike_child_install *in)
{
	struct sim_node *n = &s->node[node];
	struct sim_child *c = child_of(tunnel, in);

	n->installs++;
	n->child_count++;
	list_append(&n->children, &c->link);
	if (!map_insert(&n->by_child, &c->by_child, &c->child, sizeof(c->child)))
		ck_abort_msg("child %u twice", c->child);
	c->in_spis = map_insert(&n->by_spi, &c->by_spi, &c->spi_in, sizeof(c->spi_in));
	if (!c->in_spis)
		sim_violated(s, node, "inbound SPI twice", c->child);
	if (in->outbound_now && second_sender(n, c))
		sim_violated(s, node, "second live outbound SA", c->child);
	if (in->outbound_now)
		tell(n, c);
	else if (!sim_plane_find(n, in->replaces))
		sim_violated(s, node, "waits for one that is not there", c->child);
	choose(n, c);
	sim_ladder_note(s, "%c installs %u in %08x out %08x%s%s", 'A' + node, c->child, c->spi_in,
			c->spi_out, in->outbound_now ? " sends" : "", in->udp_encap ? " udp" : "");
}

/* A restored engine tells what there is: the data plane has it, as it says. */
void sim_plane_compare(struct sim *s, int node, const struct ike_child_install *in)
{
	const struct sim_child *c = sim_plane_find(&s->node[node], in->child);
	size_t len = in->encr_in.len < 32 ? in->encr_in.len : 32;

	if (!c || c->spi_in != in->spi_in || c->spi_out != in->spi_out ||
	    c->initiator != in->initiator || c->udp_encap != in->udp_encap)
		sim_violated(s, node, "restored child differs", in->child);
	else if (!ts_list_equal(&c->local_ts, &in->local_ts) ||
		 !ts_list_equal(&c->remote_ts, &in->remote_ts))
		sim_violated(s, node, "selectors of a restored child differ", in->child);
	else if (memcmp(c->key_in, in->encr_in.data, len) != 0 ||
		 memcmp(c->key_out, in->encr_out.data, len) != 0)
		sim_violated(s, node, "keys of a restored child differ", in->child);
	else if (c->told != in->outbound_now && !(c->told && !c->outbound))
		sim_violated(s, node, "sender among restored children differs", in->child);
}

void sim_plane_update(struct sim *s, int node, const struct ike_child_update *u)
{
	struct sim_node *n = &s->node[node];
	struct sim_child *c = sim_plane_find(n, u->child);

	if (!c) {
		sim_violated(s, node, "update of an unknown child", u->child);
		return;
	}
	c->local = u->local;
	c->remote = u->remote;
	c->udp_encap = u->udp_encap;
	if (!u->outbound_now)
		return;
	tell(n, c);
	send_on(n, c);
	sim_ladder_note(s, "%c sends on %u", 'A' + node, c->child);
}

void sim_plane_delete(struct sim *s, int node, uint32_t child)
{
	struct sim_node *n = &s->node[node];
	struct sim_child *c = sim_plane_find(n, child);

	if (!c) {
		sim_violated(s, node, "delete of an unknown child", child);
		return;
	}
	free_child(n, c);
	choose(n, c);
	free(c);
	sim_ladder_note(s, "%c removes %u", 'A' + node, child);
}

void sim_plane_received(struct sim *s, int node, struct sim_child *c, const struct sim_packet *p)
{
	struct sim_node *n = &s->node[node];
	bool newest = p->seq > c->newest;

	if (!c->may_send) { /* the peer sends on it, so do we (RFC 7296 section 2.8) */
		c->may_send = true;
		choose(n, c);
	}
	c->newest = newest ? p->seq : c->newest;
	ike_engine_child_traffic(n->engine, s->now_ms, c->child, s->now_ms);
	if (newest && !ip_endpoint_equal(&p->src, &c->remote))
		ike_engine_child_moved(n->engine, s->now_ms, c->child, &p->src);
}

/* ---- Questions ------------------------------------------------------------------------------- */

struct sim_child *sim_sending(struct sim *s, int node, size_t index)
{
	struct list *l, *after;

	list_for_each(l, after, &s->node[node].children)
	{
		struct sim_child *c = container_of(l, struct sim_child, link);

		if (c->outbound && index-- == 0)
			return c;
	}
	return NULL;
}

bool sim_plane_sends(const struct sim_node *n, uint32_t tunnel)
{
	const struct list *l;

	for (l = n->children.next; l != &n->children; l = l->next) {
		const struct sim_child *c = container_of(l, struct sim_child, link);

		if (c->tunnel == tunnel && c->outbound)
			return true;
	}
	return false;
}

size_t sim_alive(struct sim *s, int node)
{
	return s->node[node].child_count;
}

/* What the peer has deleted it refuses, and soon what it is asked to delete; but one that waits for
 * its first packet may not be there at the peer yet. */
static void check_sender(struct sim *s, int node, const struct sim_child *c,
			 const struct child_sa *of)
{
	struct sim_node *n = &s->node[node];
	struct list *l, *after;

	if (of->sa && of->state != CHILD_DELETING)
		return;
	list_for_each(l, after, &n->children)
	{
		const struct sim_child *o = container_of(l, struct sim_child, link);
		const struct child_sa *other = child_find(n->engine, o->child);

		if (o->tunnel == c->tunnel && same_networks(o, c) && other && other->sa &&
		    other->state == CHILD_LIVE && !other->redundant && (!of->sa || o->may_send))
			sim_violated(s, node, "sends on a deleted SA", c->child);
	}
}

void sim_plane_check(struct sim *s, int node)
{
	struct sim_node *n = &s->node[node];
	struct list *l, *after;

	list_for_each(l, after, &n->children)
	{
		struct sim_child *c = container_of(l, struct sim_child, link);
		const struct child_sa *of = child_find(n->engine, c->child);

		if (!of)
			sim_violated(s, node, "child without owner", c->child);
		else if (c->outbound)
			check_sender(s, node, c, of);
	}
	list_for_each(l, after, &n->engine->children.order)
	{
		struct map_node *m = container_of(l, struct map_node, order);
		struct child_sa *c = container_of(m, struct child_sa, by_number);

		if (c->installed && !sim_plane_find(n, c->number))
			sim_violated(s, node, "child without data plane", c->number);
		if (c->state == CHILD_LIVE && !c->sa)
			sim_violated(s, node, "live child without IKE SA", c->number);
	}
}
