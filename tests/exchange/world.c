/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Drawing a world, running it, and judging what is left of it. */
#include "world.h"

#include "platform/base/mem.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

#define UP_MS		120000
#define SETTLED_MS	1500 /* the first Child SAs are there, whoever began */
#define STORM_MS	600000
#define CALM_MS		420000
#define RESTORED	8 /* in one world of so many engines save themselves and go on from that, */
#define RESTORE_PERCENT 10 /* at so many of all steps */
#define NO_TOKENS	3  /* in one of so many nobody has a secret for RFC 6290 */
#define REAL_DH		20 /* one world of so many computes real keys */

unsigned world_chance(unsigned percent)
{
	return sim_random(&w, 100) < percent;
}

/* ---- The network ----------------------------------------------------------------------------- */

static void network(struct world *p)
{
	static const unsigned losses[] = {0, 0, 5, 15, 30};

	w.loss_percent = losses[sim_random(&w, ARRAY_LEN(losses))];
	w.duplicate_percent = world_chance(50) ? sim_random(&w, 30) : 0;
	w.delay_ms = 1 + sim_random(&w, 150);
	w.jitter_ms = world_chance(60) ? sim_random(&w, 400) : 0;
	w.dh_ms = world_chance(40) ? 1 + sim_random(&w, 200) : 0;
	w.traffic_ms = 700 + sim_random(&w, 3000);
	p->rough = world_chance(40);
	p->hostile = world_chance(30);
	w.garble_percent = p->hostile ? 5 + sim_random(&w, 30) : 0;
	p->lossy = w.loss_percent > 0;
}

/* All nodes but the hub, which is number 1. */
static void nat(int node)
{
	struct sim_node *n = &w.node[node];

	if (node == 1 || !world_chance(25))
		return;
	n->nat = true;
	n->nat_addr = ip_addr_v4(0xcb007101u + (uint32_t)node);
	n->port_shift = (uint16_t)(1000 + sim_random(&w, 1000));
}

/* ---- Tunnels --------------------------------------------------------------------------------- */

/* One selector, a few, or so many that IKE_AUTH goes out in fragments. */
static void networks(struct ike_tunnel *t, struct ike_tunnel *peer, unsigned number)
{
	unsigned count = world_chance(50) ? 1 : world_chance(80) ? 2 + sim_random(&w, 2) : 50;
	char text[32];

	for (unsigned i = 1; i < count; i++) {
		snprintf(text, sizeof(text), "10.%u.%u.0/24", 100 + number, i);
		t->local_ts.ts[t->local_ts.count++] = sim_ts(text);
		peer->remote_ts.ts[peer->remote_ts.count++] = sim_ts(text);
	}
	if (world_chance(30)) /* by route */
		t->local = (struct ip_addr){.family = IP_NONE};
	if (count < 10)
		t->single_ts = peer->single_ts = world_chance(30);
}

/* Sides that want different groups agree by INVALID_KE_PAYLOAD, as long as one has no wish. */
static void groups(struct ike_tunnel *a, struct ike_tunnel *b)
{
	static const uint16_t ike[] = {0, 0, 14, 15, 16, 19, 20, 31, 2};
	static const uint16_t child[] = {0, 0, 0, 14, 19, 20, 31};

	a->ike.ke = b->ike.ke = ike[sim_random(&w, ARRAY_LEN(ike))];
	a->child.ke = b->child.ke = child[sim_random(&w, ARRAY_LEN(child))];
	if (w.real_dh) {
		a->ike.ke = b->ike.ke = 31; /* the fastest */
		a->child.ke = b->child.ke = world_chance(50) ? 31 : 0;
		return;
	}
	if (world_chance(20))
		*(world_chance(50) ? &a->ike.ke : &b->ike.ke) = 0;
	if (world_chance(20))
		*(world_chance(50) ? &a->child.ke : &b->child.ke) = 0;
}

/* RFC 9370: in IKE_SA_INIT, and whenever something is rekeyed. */
static void additional(struct ike_parameters *a, struct ike_parameters *b)
{
	if (world_chance(80))
		return;
	for (uint32_t i = 0, count = 1 + sim_random(&w, 3); i < count; i++)
		a->addke[i] = b->addke[i] = world_chance(50) ? 31 : 19;
}

static void ppk(struct ike_tunnel *a, struct ike_tunnel *b)
{
	static uint8_t key[32] = "a postquantum preshared key 0123";
	struct ike_ppk k = {.id_len = 3, .id = "one", .key = {.data = key, .len = sizeof(key)}};

	if (!world_chance(20))
		return;
	if (world_chance(80))
		a->ppk = k;
	if (world_chance(80))
		b->ppk = k;
}

static void lifetimes(struct ike_tunnel *a, struct ike_tunnel *b)
{
	a->child_lifetime_s = 40 + sim_random(&w, 300);
	b->child_lifetime_s = world_chance(30) ? a->child_lifetime_s : 40 + sim_random(&w, 300);
	a->ike_lifetime_s = 120 + sim_random(&w, 600);
	b->ike_lifetime_s = world_chance(30) ? a->ike_lifetime_s : 120 + sim_random(&w, 600);
}

static void profiles(struct world_link *l)
{
	struct ike_tunnel *a = &l->ta, *b = &l->tb;
	bool nat = w.node[l->a].nat;

	*a = sim_tunnel(&w, l->id, l->a, l->b);
	*b = sim_tunnel(&w, l->id, l->b, l->a);
	a->initiate = true;
	b->initiate = !nat && world_chance(40);
	if (nat)
		b->remote.addr = (struct ip_addr){.family = IP_NONE};
	groups(a, b);
	a->ike.aead_only = a->child.aead_only = world_chance(20);
	a->esn = world_chance(50);
	b->esn = world_chance(50);
	networks(a, b, l->id);
	ppk(a, b);
	additional(&a->ike, &b->ike);
	additional(&a->child, &b->child);
	a->force_encap = world_chance(20);
	b->force_encap = world_chance(20);
	lifetimes(a, b);
}

static void join(struct world *p, int a, int b)
{
	struct world_link *l = &p->link[p->links++];

	l->a = a;
	l->b = b;
	l->id = (uint32_t)p->links;
	profiles(l);
}

/* A pair, a hub with its sites, or everybody with everybody. */
static void links(struct world *p)
{
	int nodes = (int)w.nodes;

	for (int i = 0; i < nodes; i++)
		nat(i);
	join(p, 0, 1);
	for (int i = 2; i < nodes; i++)
		join(p, i, 1);
	if (nodes == 3 && world_chance(40))
		join(p, w.node[2].nat ? 2 : 0, w.node[2].nat ? 0 : 2);
	if (w.node[p->link[p->links - 1].b].nat)
		p->links--; /* both behind NATs: they cannot meet */
}

static void set(const struct world_link *l)
{
	ck_assert_int_eq(sim_set(&w, l->b, &l->tb), 0);
	ck_assert_int_eq(sim_set(&w, l->a, &l->ta), 0);
}

/* ---- Its life -------------------------------------------------------------------------------- */

static void begin(struct world *p)
{
	for (size_t i = 0; i < p->links; i++)
		set(&p->link[i]);
	for (size_t i = 0; i < p->links; i++) {
		sim_run_until(&w, p->link[i].a, p->link[i].id, IKE_TUNNEL_UP, UP_MS);
		sim_run_until(&w, p->link[i].b, p->link[i].id, IKE_TUNNEL_UP, 1000);
	}
	sim_run(&w, SETTLED_MS);
	sim_count_from_here(&w);
}

static void storm(struct world *p)
{
	uint64_t end_ms = w.now_ms + STORM_MS;

	while (w.now_ms < end_ms && !w.violation[0]) {
		sim_run(&w, 1 + sim_random(&w, 30000));
		world_event(p);
	}
}

/* Long lifetimes and a good network: what is left over goes away, the rest agrees. */
static void calm(struct world *p)
{
	w.loss_percent = w.duplicate_percent = w.garble_percent = w.jitter_ms = w.dh_ms = 0;
	for (size_t i = 0; i < p->links; i++) {
		struct world_link *l = &p->link[i];

		l->ta.child_lifetime_s = l->tb.child_lifetime_s = 36000;
		l->ta.ike_lifetime_s = l->tb.ike_lifetime_s = 36000;
		set(l);
	}
	sim_run(&w, CALM_MS);
	w.traffic_ms = 0;
	sim_run(&w, 30000);
	for (size_t i = 0; i < p->links; i++)
		if (!sim_is_up(&w, p->link[i].a, p->link[i].id) ||
		    !sim_is_up(&w, p->link[i].b, p->link[i].id))
			sim_violated(&w, p->link[i].a, "not up at the end", p->link[i].id);
}

/* ---- Judgement ------------------------------------------------------------------------------- */

/* Late, doubled and crossing messages cost no packet.  Lost ones may, when a lifetime ends before
 * an answer has come through. */
static void no_loss(const struct world *p, const struct world_link *l)
{
	const struct sim_tally *a = sim_tally(&w, l->a, l->id), *b = sim_tally(&w, l->b, l->id);

	if (l->disturbed || p->lossy)
		return;
	if (a->downs + b->downs > 0)
		sim_violated(&w, l->a, "went down, though nothing happened to it", l->id);
	if (l->ta.local_ts.count > 1 || w.node[l->a].nat || a->failed + b->failed > 0)
		return;
	if (a->esp_lost + b->esp_lost > 0)
		sim_violated(&w, l->a, "ESP lost", l->id);
	if (a->esp_unsent + b->esp_unsent > 0)
		sim_violated(&w, l->a, "nothing to send on", l->id);
}

static void judge(const struct world *p)
{
	for (size_t i = 0; i < p->links; i++) {
		no_loss(p, &p->link[i]);
		if (!w.violation[0])
			sim_check_agree(&w, p->link[i].a, p->link[i].b, p->link[i].id);
	}
	if (!w.violation[0])
		sim_check_quiet(&w);
}

void world_run(uint64_t seed, bool print)
{
	struct world p = {.limits = ike_limits_default()};
	size_t nodes;

	sim_init(&w, seed, 2);
	nodes = world_chance(70) ? 2 : 3 + sim_random(&w, SIM_NODES_MAX - 2);
	while (w.nodes < nodes)
		sim_add(&w);
	w.print = print;
	w.quiet = !print;
	w.real_dh = seed % REAL_DH == 0;
	w.restore_percent = seed % RESTORED == 0 ? RESTORE_PERCENT : 0;
	if (world_chance(15)) /* cookies from the second half-open IKE SA on */
		p.limits.max_half_open = 3;
	for (size_t i = 0; i < w.nodes; i++) {
		w.node[i].crash_secret = seed % NO_TOKENS == 0 ? 0 : (uint8_t)(i + 1);
		sim_limits(&w, (int)i, &p.limits);
	}
	network(&p);
	links(&p);
	begin(&p);
	storm(&p);
	calm(&p);
	judge(&p);
}
