/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Each PoP has an expected round trip: the measured one, or what light in a cable with detours
 * needs for the distance.  The least wins.  Of the two roles the primary chooses first, and the
 * secondary never has the primary's.  A PoP that is in service is left for a better round trip only
 * when the difference is clear and lasts; one that is not is left at once.
 */
#include "dataplane/site/pop_choice.h"

#include "dataplane/site/place.h"

#include <stdio.h>
#include <string.h>

#define US_PER_KM    15 /* there and back: 200,000 km/s, half as far again as the crow flies */
#define SMOOTH_SHARE 4

static struct pop_measure *measure_of(const struct pop_choice *x, const char *pop)
{
	for (size_t i = 0; i < x->measure_count; i++) {
		if (strcmp(x->measures[i].pop, pop) == 0)
			return (struct pop_measure *)(uintptr_t)&x->measures[i];
	}
	return NULL;
}

void pop_choice_measured(struct pop_choice *x, const char *pop, uint32_t rtt_us)
{
	struct pop_measure *m = measure_of(x, pop);

	if (m != NULL) {
		int64_t step = ((int64_t)rtt_us - (int64_t)m->rtt_us) / SMOOTH_SHARE;

		m->rtt_us = (uint32_t)((int64_t)m->rtt_us + step);
		return;
	}
	if (x->measure_count == POP_MEASURES) /* the oldest one goes */
		memmove(x->measures, x->measures + 1, --x->measure_count * sizeof(x->measures[0]));
	m = &x->measures[x->measure_count++];
	*m = (struct pop_measure){.rtt_us = rtt_us == 0 ? 1 : rtt_us};
	snprintf(m->pop, sizeof(m->pop), "%s", pop);
}

uint32_t pop_choice_rtt_us(const struct pop_choice *x, const char *pop)
{
	const struct pop_measure *m = measure_of(x, pop);

	return m == NULL ? 0 : m->rtt_us;
}

static uint64_t expected_us(const struct pop_choice *x, const struct pop *p,
			    const struct site_config *c)
{
	uint32_t rtt = pop_choice_rtt_us(x, p->name);

	if (rtt != 0)
		return rtt;
	return (uint64_t)(place_distance_km(c->country, c->state, p->latitude, p->longitude) *
			  US_PER_KM);
}

static bool can_have(const struct pop *p, const struct pop *except)
{
	return p != NULL && p != except && pop_in_service(p);
}

/* Of equal ones the first by name. */
static const struct pop *best_of(const struct pop_choice *x, const struct pop_list *l,
				 const struct site_config *c, const struct pop *except)
{
	const struct pop *best = NULL;
	uint64_t least = 0;

	for (size_t i = 0; i < l->count; i++) {
		const struct pop *p = &l->items[i];
		uint64_t us;

		if (!can_have(p, except))
			continue;
		us = expected_us(x, p, c);
		if (best == NULL || us < least) {
			best = p;
			least = us;
		}
	}
	return best;
}

/* May now be left for the better one? */
static bool has_waited(struct pop_choice *x, const struct pop *now, const struct pop *better,
		       const struct site_config *c, enum site_role role, uint64_t now_ms)
{
	uint64_t old_us = expected_us(x, now, c), new_us = expected_us(x, better, c);

	if (new_us * 100 > old_us * (100 - POP_BETTER_PERCENT) || old_us - new_us < POP_BETTER_US) {
		x->better_ms[role] = 0;
		return false;
	}
	if (x->better_ms[role] == 0)
		x->better_ms[role] = now_ms;
	return now_ms - x->better_ms[role] >= POP_BETTER_MS;
}

static bool is_automatic(const struct site_destination *d)
{
	return d->kind == SITE_DEST_FQDN && d->pop[0] == '\0';
}

static bool choose_role(struct pop_choice *x, const struct pop_list *l, const struct site_config *c,
			enum site_role role, const struct pop *except, bool settling,
			uint64_t now_ms)
{
	const struct pop *now = pops_find(l, x->chosen[role]), *best = best_of(x, l, c, except);
	bool measured;

	if (best == now) {
		x->better_ms[role] = 0;
		return false;
	}
	if (can_have(now, except) && best != NULL && !settling) {
		measured = measure_of(x, now->name) != NULL || measure_of(x, best->name) != NULL;
		if (measured && !has_waited(x, now, best, c, role, now_ms))
			return false;
	}
	x->better_ms[role] = 0;
	memset(x->chosen[role], 0, sizeof(x->chosen[role]));
	if (best != NULL)
		snprintf(x->chosen[role], sizeof(x->chosen[role]), "%s", best->name);
	return true;
}

static const struct pop *fixed(const struct pop_list *l, const struct site_destination *d)
{
	if (d->kind == SITE_DEST_ADDRESS)
		return pops_of_address(l, &d->addr);
	return d->kind == SITE_DEST_FQDN && d->pop[0] != '\0' ? pops_find(l, d->pop) : NULL;
}

bool pop_choose(struct pop_choice *x, const struct pop_list *l, const struct site_config *c,
		bool settling, uint64_t now_ms)
{
	bool changed = false;

	for (unsigned i = 0; i < SITE_ROLES; i++) {
		enum site_role role = (enum site_role)i;
		const struct site_destination *other = &c->destination[role == SITE_PRIMARY];
		const struct pop *except;

		if (!is_automatic(&c->destination[role])) {
			changed = changed || x->chosen[role][0] != '\0';
			memset(x->chosen[role], 0, sizeof(x->chosen[role]));
			continue;
		}
		except = role == SITE_SECONDARY && is_automatic(other)
				 ? pops_find(l, x->chosen[SITE_PRIMARY])
				 : fixed(l, other);
		if (choose_role(x, l, c, role, except, settling, now_ms))
			changed = true;
	}
	return changed;
}

const struct pop *pop_of_role(const struct pop_choice *x, const struct pop_list *l,
			      const struct site_config *c, enum site_role role)
{
	if (!is_automatic(&c->destination[role]))
		return fixed(l, &c->destination[role]);
	return x->chosen[role][0] == '\0' ? NULL : pops_find(l, x->chosen[role]);
}

/* The address that the destination means, the first one for names. */
static bool is_lost(const struct pop *p, const struct site_destination *d)
{
	for (uint32_t i = 0; i < p->address_count; i++) {
		if (d->kind == SITE_DEST_ADDRESS && !ip_addr_equal(&p->addresses[i], &d->addr))
			continue;
		return (p->lost & 1U << i) != 0;
	}
	return false;
}

bool pop_is_unavailable(const struct pop_choice *x, const struct pop_list *l,
			const struct site_config *c, enum site_role role, char *why, size_t size)
{
	const struct site_destination *d = &c->destination[role];
	const struct pop *p = pop_of_role(x, l, c, role);

	if (p != NULL && p->shutdown) {
		snprintf(why, size, "PoP %s is shut down: enter no shutdown below pop %s", p->name,
			 p->name);
		return true;
	}
	if (p != NULL && is_lost(p, d)) {
		snprintf(why, size,
			 "This machine has lost the address of PoP %s: add it again, or enter "
			 "shutdown below pop %s",
			 p->name, p->name);
		return true;
	}
	if (p == NULL && d->kind == SITE_DEST_FQDN && l->count != 0) {
		snprintf(why, size,
			 "No PoP is left for the %s tunnels: all others are shut down "
			 "or have no address",
			 site_role_name(role));
		return true;
	}
	return false;
}
