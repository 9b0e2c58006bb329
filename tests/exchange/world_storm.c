/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What happens in a world: commands, restarts, outages, operators, NATs, strangers. */
#include "world.h"

#include "platform/base/mem.h"

#include <check.h>
#include <stdio.h>

static struct world_link *any_link(struct world *p)
{
	return &p->link[sim_random(&w, (uint32_t)p->links)];
}

static int either(const struct world_link *l)
{
	return world_chance(50) ? l->a : l->b;
}

static int other(const struct world_link *l, int node)
{
	return node == l->a ? l->b : l->a;
}

static struct ike_tunnel *profile_of(struct world_link *l, int node)
{
	return node == l->a ? &l->ta : &l->tb;
}

static void disturb(struct world *p, int node)
{
	for (size_t i = 0; i < p->links; i++)
		if (p->link[i].a == node || p->link[i].b == node)
			p->link[i].disturbed = true;
}

/* On one side, or on both nearly at once. */
static void command(struct world_link *l)
{
	static const enum ike_command commands[] = {IKE_CMD_REKEY_CHILD, IKE_CMD_REKEY_CHILD,
						    IKE_CMD_REKEY_IKE, IKE_CMD_REKEY_IKE,
						    IKE_CMD_CLEAR};
	enum ike_command c = commands[sim_random(&w, ARRAY_LEN(commands))];
	int node = either(l);

	if (c == IKE_CMD_CLEAR && !world_chance(30))
		return;
	l->disturbed |= c == IKE_CMD_CLEAR;
	sim_ladder_note(&w, "%c command %d on tunnel %u", 'A' + node, c, l->id);
	if (sim_command(&w, node, l->id, c) != 0 || !world_chance(40))
		return;
	sim_run(&w, sim_random(&w, 60));
	node = other(l, node);
	sim_ladder_note(&w, "%c command %d on tunnel %u", 'A' + node, c, l->id);
	ck_assert_int_ne(sim_command(&w, node, l->id, c), ERR_INVALID);
}

/* A gateway loses its memory. */
static void restart(struct world *p)
{
	int node = (int)sim_random(&w, (uint32_t)w.nodes);

	sim_ladder_note(&w, "%c restarts", 'A' + node);
	if (w.node[node].crash_secret != 0 && world_chance(20)) /* it has lost that as well */
		w.node[node].crash_secret = (uint8_t)(w.node[node].crash_secret % 100 + 100);
	sim_limits(&w, node, &p->limits);
	sim_plane_forget(&w.node[node]);
	sim_run(&w, sim_random(&w, 3000));
	for (size_t i = 0; i < p->links; i++)
		if (p->link[i].a == node || p->link[i].b == node)
			ck_assert_int_eq(sim_set(&w, node, profile_of(&p->link[i], node)), 0);
	disturb(p, node);
}

static void outage(struct world *p)
{
	int node = (int)sim_random(&w, (uint32_t)w.nodes);

	disturb(p, node);
	sim_ladder_note(&w, "%c is cut off", 'A' + node);
	w.node[node].dead = true;
	sim_run(&w, sim_random(&w, 150000));
	w.node[node].dead = false;
	sim_ladder_note(&w, "%c is back", 'A' + node);
}

static void change(struct world_link *l, int node)
{
	struct ike_tunnel *t = profile_of(l, node);

	sim_ladder_note(&w, "%c changes its profile %u", 'A' + node, l->id);
	t->force_encap = !t->force_encap;
	ck_assert_int_eq(sim_set(&w, node, t), 0);
}

static void remove_and_add(struct world_link *l, int node)
{
	sim_ladder_note(&w, "%c removes tunnel %u", 'A' + node, l->id);
	sim_remove(&w, node, l->id);
	sim_run(&w, sim_random(&w, 20000));
	sim_ladder_note(&w, "%c adds it again", 'A' + node);
	ck_assert_int_eq(sim_set(&w, node, profile_of(l, node)), 0);
}

static void terminate(struct world_link *l, int node)
{
	sim_ladder_note(&w, "%c terminates %u", 'A' + node, l->id);
	ck_assert_int_eq(sim_command(&w, node, l->id, IKE_CMD_TERMINATE), 0);
	sim_run(&w, sim_random(&w, 20000));
	sim_ladder_note(&w, "%c may again", 'A' + node);
	ck_assert_int_ne(sim_command(&w, node, l->id, IKE_CMD_INITIATE), ERR_INVALID);
	if (sim_status(&w, node, l->id).admin_down) /* it cannot initiate: a new profile instead */
		sim_remove(&w, node, l->id);
	ck_assert_int_eq(sim_set(&w, node, profile_of(l, node)), 0);
}

/* Down by command, and up again; or other parameters. */
static void operator(struct world_link *l)
{
	static void (*const ways[])(struct world_link *, int) = {change, remove_and_add, terminate};

	l->disturbed = true;
	ways[sim_random(&w, ARRAY_LEN(ways))](l, either(l));
}

static void rebind(int node)
{
	w.node[node].port_shift++;
	sim_ladder_note(&w, "NAT rebinding of %c", 'A' + node);
}

/* The data plane gives a Child SA up: its sequence numbers end, or the kernel lost it. */
static void broken(struct world *p)
{
	int node = (int)sim_random(&w, (uint32_t)w.nodes);
	struct sim_child *c = sim_sending(&w, node, 0);

	if (!c)
		return;
	sim_ladder_note(&w, "%c cannot use child %u any more", 'A' + node, c->child);
	p->link[c->tunnel - 1].disturbed = true;
	ike_engine_child_broken(w.node[node].engine, w.now_ms, c->child);
}

/* Nobody needs a key for any of this; it must not matter. */
static void stranger(struct world_link *l)
{
	int node = either(l);
	struct ip_endpoint peer = profile_of(l, node)->remote;

	switch (sim_random(&w, 3)) {
	case 0:
		sim_ladder_note(&w, "%c hears that its peer is unreachable", 'A' + node);
		ike_engine_unreachable(w.node[node].engine, w.now_ms, &peer,
				       IKE_CAUSE_PORT_UNREACHABLE, "ICMP port unreachable");
		return;
	case 1:
		sim_ladder_note(&w, "%c sends its last message again", 'A' + node);
		if (w.node[node].last_sent_len > 0)
			sim_inject(&w, node, other(l, node), world_chance(50),
				   w.node[node].last_sent, w.node[node].last_sent_len);
		return;
	default:
		sim_ladder_note(&w, "%c asks for a sign of life", 'A' + node);
		(void)!ike_engine_probe(w.node[node].engine, w.now_ms, l->id);
		return;
	}
}

void world_event(struct world *p)
{
	if (world_chance(50))
		command(any_link(p));
	if (p->rough && world_chance(10))
		restart(p);
	if (p->rough && world_chance(5))
		outage(p);
	if (p->rough && world_chance(10))
		operator(any_link(p));
	if (p->rough && world_chance(3))
		broken(p);
	if (p->hostile && world_chance(30))
		stranger(any_link(p));
	for (size_t i = 0; i < w.nodes; i++)
		if (w.node[i].nat && world_chance(5))
			rebind((int)i);
}
