/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Random worlds: every seed draws profiles, a bad network, commands on both sides.  The invariants
 * hold after every step; when the network is good again both sides end up with the same.
 * IKESH_SIM_SEEDS=n runs n seeds; IKESH_SIM_SEED=n runs that one and prints its ladder.  All is
 * done once more with engines that save themselves and go on from that, at any moment.
 */
#include "sim.h"

#include "platform/base/mem.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEEDS_DEFAULT	300
#define RESTORE_PERCENT 10 /* of all steps */
#define STORM_MS	600000
#define CALM_MS		420000

struct plan {
	struct ike_tunnel a, b;
	bool cleared;
	bool lossy;
	bool rough; /* also restarts, outages and operators */
};

static unsigned chance(unsigned percent)
{
	return sim_random(&w, 100) < percent;
}

static void network(void)
{
	static const unsigned losses[] = {0, 0, 5, 15, 30};

	w.loss_percent = losses[sim_random(&w, ARRAY_LEN(losses))];
	w.duplicate_percent = chance(50) ? sim_random(&w, 30) : 0;
	w.delay_ms = 1 + sim_random(&w, 150);
	w.jitter_ms = chance(60) ? sim_random(&w, 400) : 0;
	w.dh_ms = chance(40) ? 1 + sim_random(&w, 200) : 0;
	w.traffic_ms = 700 + sim_random(&w, 3000);
	if (chance(25)) {
		w.node[0].nat = true;
		w.node[0].nat_addr = ip_addr_v4(0xcb007101u);
		w.node[0].port_shift = (uint16_t)(1000 + sim_random(&w, 1000));
	}
}

static void networks(struct ike_tunnel *t, struct ike_tunnel *peer)
{
	unsigned count = 1 + sim_random(&w, 3);
	char text[32];

	for (unsigned i = 1; i < count; i++) {
		snprintf(text, sizeof(text), "10.%u.0.0/16", 100 + i);
		t->local_ts.ts[t->local_ts.count++] = sim_ts(text);
		peer->remote_ts.ts[peer->remote_ts.count++] = sim_ts(text);
	}
}

static void profiles(struct plan *p)
{
	static const uint16_t groups[] = {0, 0, 19, 31};

	p->rough = chance(40);
	p->a = sim_tunnel(&w, 1, 0, 1);
	p->b = sim_tunnel(&w, 1, 1, 0);
	p->a.initiate = true;
	p->b.initiate = !w.node[0].nat && chance(40);
	if (w.node[0].nat)
		p->b.remote.addr = (struct ip_addr){.family = IP_NONE};
	p->a.ike.ke = p->b.ike.ke = 31; /* the fastest */
	p->a.child.ke = groups[sim_random(&w, ARRAY_LEN(groups))];
	p->b.child.ke = p->a.child.ke;
	p->a.esn = chance(50);
	p->b.esn = chance(50);
	if (chance(50))
		networks(&p->a, &p->b);
	p->a.single_ts = p->b.single_ts = chance(30);
	p->a.force_encap = chance(20);
	p->b.force_encap = chance(20);
	p->a.child_lifetime_s = 40 + sim_random(&w, 300);
	p->b.child_lifetime_s = chance(30) ? p->a.child_lifetime_s : 40 + sim_random(&w, 300);
	p->a.ike_lifetime_s = 120 + sim_random(&w, 600);
	p->b.ike_lifetime_s = chance(30) ? p->a.ike_lifetime_s : 120 + sim_random(&w, 600);
}

static void command(struct plan *p)
{
	static const enum ike_command commands[] = {IKE_CMD_REKEY_CHILD, IKE_CMD_REKEY_CHILD,
						    IKE_CMD_REKEY_IKE, IKE_CMD_REKEY_IKE,
						    IKE_CMD_CLEAR};
	enum ike_command c = commands[sim_random(&w, ARRAY_LEN(commands))];
	int node = (int)sim_random(&w, 2);

	if (c == IKE_CMD_CLEAR && !chance(30))
		return;
	p->cleared |= c == IKE_CMD_CLEAR;
	sim_ladder_note(&w, "%c command %d", 'A' + node, c);
	if (sim_command(&w, node, 1, c) == 0 && chance(40)) {
		sim_run(&w, sim_random(&w, 60));
		sim_ladder_note(&w, "%c command %d", 'A' + !node, c);
		ck_assert_int_ne(sim_command(&w, !node, 1, c), ERR_INVALID);
	}
}

/* A gateway loses its memory. */
static void restart(struct plan *p)
{
	struct ike_limits limits = ike_limits_default();
	int node = (int)sim_random(&w, 2);

	sim_ladder_note(&w, "%c restarts", 'A' + node);
	sim_limits(&w, node, &limits);
	sim_plane_forget(&w.node[node]);
	sim_run(&w, sim_random(&w, 3000));
	ck_assert_int_eq(sim_set(&w, node, node ? &p->b : &p->a), 0);
	p->cleared = true;
}

static void outage(struct plan *p)
{
	int node = (int)sim_random(&w, 2);

	sim_ladder_note(&w, "%c is cut off", 'A' + node);
	w.node[node].dead = true;
	sim_run(&w, sim_random(&w, 150000));
	w.node[node].dead = false;
	sim_ladder_note(&w, "%c is back", 'A' + node);
	p->cleared = true;
}

/* Down by command, and up again; or other parameters. */
static void operator(struct plan *p)
{
	int node = (int)sim_random(&w, 2);
	struct ike_tunnel *t = node ? &p->b : &p->a;

	p->cleared = true;
	if (chance(50)) {
		sim_ladder_note(&w, "%c changes its profile", 'A' + node);
		t->force_encap = !t->force_encap;
		ck_assert_int_eq(sim_set(&w, node, t), 0);
		return;
	}
	sim_ladder_note(&w, "%c terminates", 'A' + node);
	ck_assert_int_eq(sim_command(&w, node, 1, IKE_CMD_TERMINATE), 0);
	sim_run(&w, sim_random(&w, 20000));
	sim_ladder_note(&w, "%c may again", 'A' + node);
	ck_assert_int_ne(sim_command(&w, node, 1, IKE_CMD_INITIATE), ERR_INVALID);
	if (sim_status(&w, node, 1).admin_down) /* it cannot initiate: a new profile instead */
		sim_remove(&w, node, 1);
	ck_assert_int_eq(sim_set(&w, node, t), 0);
}

static void storm(struct plan *p)
{
	uint64_t end_ms = w.now_ms + STORM_MS;

	while (w.now_ms < end_ms && !w.violation[0]) {
		sim_run(&w, 1 + sim_random(&w, 30000));
		if (chance(50))
			command(p);
		if (p->rough && chance(10))
			restart(p);
		if (p->rough && chance(5))
			outage(p);
		if (p->rough && chance(10))
			operator(p);
		if (w.node[0].nat && chance(5)) { /* rebinding */
			w.node[0].port_shift++;
			sim_ladder_note(&w, "NAT rebinding");
		}
	}
}

/* Long lifetimes and a good network: what is left over goes away, the rest agrees. */
static void calm(struct plan *p)
{
	p->lossy = w.loss_percent > 0;
	w.loss_percent = w.duplicate_percent = w.jitter_ms = w.dh_ms = 0;
	p->a.child_lifetime_s = p->b.child_lifetime_s = 36000;
	p->a.ike_lifetime_s = p->b.ike_lifetime_s = 36000;
	ck_assert_int_eq(sim_set(&w, 0, &p->a), 0);
	ck_assert_int_eq(sim_set(&w, 1, &p->b), 0);
	sim_run(&w, CALM_MS);
	w.traffic_ms = 0;
	sim_run(&w, 30000);
	if (!sim_is_up(&w, 0, 1) || !sim_is_up(&w, 1, 1))
		snprintf(w.violation, sizeof(w.violation), "not up at the end");
}

/* Packets that the peer could not take, or that had nothing to go out on. */
static uint64_t missed(void)
{
	return w.node[0].esp_lost + w.node[1].esp_lost + w.node[0].esp_unsent +
	       w.node[1].esp_unsent;
}

/* Late, doubled and crossing messages cost no packet.  Lost ones may, when a lifetime ends before
 * an answer has come through. */
static void no_loss(const struct plan *p, uint64_t before)
{
	bool steady = w.node[0].downs == 0 && w.node[1].downs == 0 && w.node[0].ups == 1 &&
		      !p->cleared && !p->lossy && p->a.local_ts.count == 1 && !w.node[0].nat &&
		      !sim_event(&w, 0, IKE_ACTION_EVENT, IKE_EVENT_CHILD_FAILED) &&
		      !sim_event(&w, 1, IKE_ACTION_EVENT, IKE_EVENT_CHILD_FAILED);

	if (steady && missed() != before && !w.violation[0])
		snprintf(w.violation, sizeof(w.violation), "ESP lost");
}

static void run_seed(uint64_t seed, bool print, unsigned restore_percent)
{
	struct plan p = {0};
	uint64_t lost;

	sim_init(&w, seed, 2);
	w.print = print;
	w.quiet = !print;
	w.restore_percent = restore_percent;
	network();
	profiles(&p);
	ck_assert_int_eq(sim_set(&w, 1, &p.b), 0);
	ck_assert_int_eq(sim_set(&w, 0, &p.a), 0);
	sim_run_until(&w, 0, 1, IKE_TUNNEL_UP, 120000);
	sim_run_until(&w, 1, 1, IKE_TUNNEL_UP, 1000);
	lost = missed();
	sim_run(&w, 120000);
	storm(&p);
	calm(&p);
	no_loss(&p, lost);
	if (!w.violation[0]) {
		sim_check_quiet(&w);
		sim_check_agree(&w, 0, 1, 1);
	}
}

static void run_seeds(unsigned restore_percent)
{
	const char *one = getenv("IKESH_SIM_SEED"), *many = getenv("IKESH_SIM_SEEDS");
	unsigned long first = one ? strtoul(one, NULL, 10) : 1;
	unsigned long count = one ? 1 : many ? strtoul(many, NULL, 10) : SEEDS_DEFAULT;
	unsigned failed = 0;

	for (unsigned long seed = first; seed < first + count; seed++) {
		run_seed(seed, one != NULL, restore_percent);
		if (w.violation[0]) {
			fprintf(stderr, "seed %lu: %s\n", seed, w.violation);
			failed++;
		}
		sim_clear(&w);
	}
	ck_assert_msg(failed == 0, "%u seeds failed; IKESH_SIM_SEED=n prints the ladder of one",
		      failed);
}

START_TEST(test_seeds)
{
	run_seeds(0);
}
END_TEST

START_TEST(test_seeds_restored)
{
	run_seeds(RESTORE_PERCENT);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("seeds");
	TCase *tc = tcase_create("seeds");

	tcase_set_timeout(tc, 1200);
	tcase_add_test(tc, test_seeds);
	tcase_add_test(tc, test_seeds_restored);
	suite_add_tcase(suite, tc);
	return sim_run_suite(srunner_create(suite));
}
