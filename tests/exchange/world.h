/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A random world, drawn from one seed: two to five gateways, the tunnels between them, a bad
 * network, and ten minutes in which operators, restarts, outages, NATs and strangers do what they
 * can.  Then everything is calm, and what is left must be right.
 */
#ifndef TESTS_EXCHANGE_WORLD_H
#define TESTS_EXCHANGE_WORLD_H

#include "sim.h"

#define WORLD_LINKS_MAX 6

/* A tunnel between two nodes; b is never behind a NAT. */
struct world_link {
	int a, b;
	uint32_t id; /* on both */
	struct ike_tunnel ta, tb;
	bool disturbed; /* by more than bad luck on the way: it may go down */
};

struct world {
	struct world_link link[WORLD_LINKS_MAX]; /* tunnel i + 1 */
	size_t links;
	bool rough;   /* also restarts, outages and operators */
	bool lossy;   /* the network lost messages during the storm */
	bool hostile; /* strangers send copies with other bits, and false news */
	struct ike_limits limits;
};

/* Runs all of it in `w` (sim.h), which is left for sim_clear; violation says what was wrong. */
void world_run(uint64_t seed, bool print);

/* In world_storm.c: something happens to one of the tunnels or gateways. */
void world_event(struct world *p);

unsigned world_chance(unsigned percent);

#endif
