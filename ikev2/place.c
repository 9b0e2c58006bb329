/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tunnels by remote address and their distinct policies; see place.h. */
#include "ikev2/place.h"

#include "ikev2/proposal.h"
#include "ikev2/redirect.h"
#include "ikev2/tunnel.h"
#include "platform/base/mem.h"

#include <stdlib.h>
#include <string.h>

/* ---- Policies -------------------------------------------------------------------------------- */

void policies_init(struct policies *p)
{
	list_init(&p->list);
	p->count = 0;
}

static bool is_of(const struct policy *p, const struct profile *t)
{
	return ip_addr_equal(&p->local, &t->local) && proposal_parameters_equal(&p->ike, &t->ike) &&
	       p->force_encap == t->force_encap && gateway_equal(&p->redirect, &t->redirect);
}

static struct policy *policy_find(const struct policies *ps, const struct profile *t)
{
	struct list *n, *after;

	list_for_each(n, after, &ps->list)
	{
		struct policy *p = container_of(n, struct policy, link);

		if (is_of(p, t))
			return p;
	}
	return NULL;
}

static void policy_join(struct policies *ps, const struct profile *t)
{
	struct policy *p = policy_find(ps, t);

	if (!p) {
		p = mem_zalloc(sizeof(*p));
		p->local = t->local;
		p->ike = t->ike;
		p->force_encap = t->force_encap;
		p->redirect = t->redirect;
		list_append(&ps->list, &p->link);
		ps->count++;
	}
	p->tunnels++;
}

static void policy_leave(struct policies *ps, const struct profile *t)
{
	struct policy *p = policy_find(ps, t);

	if (!p || --p->tunnels > 0)
		return;
	list_remove(&p->link);
	ps->count--;
	free(p);
}

/* ---- Places ---------------------------------------------------------------------------------- */

/* The family, then the address: what ip_addr_equal compares. */
static struct place *find(const struct ike_engine *e, const struct ip_addr *remote)
{
	struct map_node *n = map_find(&e->places, remote, sizeof(*remote));

	return n ? container_of(n, struct place, node) : NULL;
}

const struct place *place_find(const struct ike_engine *e, const struct ip_addr *remote)
{
	return find(e, remote);
}

void place_state(struct tunnel *t, bool up)
{
	list_remove(&t->by_place);
	if (up)
		list_append(&t->place->tunnels, &t->by_place);
	else
		list_prepend(&t->place->tunnels, &t->by_place);
}

void place_join(struct ike_engine *e, struct tunnel *t)
{
	struct place *p = find(e, &t->profile.remote.addr);

	if (!p) {
		p = mem_zalloc(sizeof(*p));
		p->remote = t->profile.remote.addr;
		policies_init(&p->policies);
		list_init(&p->tunnels);
		map_insert(&e->places, &p->node, &p->remote, sizeof(p->remote));
	}
	t->place = p;
	list_init(&t->by_place);
	place_state(t, t->state == IKE_TUNNEL_UP);
	policy_join(&p->policies, &t->profile);
	policy_join(&e->policies, &t->profile);
}

void place_leave(struct ike_engine *e, struct tunnel *t)
{
	struct place *p = t->place;

	list_remove(&t->by_place);
	policy_leave(&p->policies, &t->profile);
	policy_leave(&e->policies, &t->profile);
	t->place = NULL;
	if (!list_is_empty(&p->tunnels))
		return;
	map_remove(&e->places, &p->node);
	free(p);
}

/* ---- Candidates ------------------------------------------------------------------------------ */

static void add(struct candidates *out, const struct policies *ps, const struct ip_addr *local)
{
	struct list *n, *after;

	list_for_each(n, after, &ps->list)
	{
		const struct policy *p = container_of(n, struct policy, link);

		if (ip_addr_is_set(&p->local) && !ip_addr_equal(&p->local, local))
			continue;
		if (out->count == 0)
			out->redirect = p->redirect;
		else if (!gateway_equal(&out->redirect, &p->redirect))
			out->redirect = (struct ike_gateway){.addr = {.family = IP_NONE}};
		out->params[out->count++] = p->ike;
		out->force_encap |= p->force_encap;
	}
}

void candidates_of(const struct ike_engine *e, const struct ip_addr *local,
		   const struct ip_addr *remote, struct candidates *out)
{
	const struct ip_addr anywhere = {.family = IP_NONE};
	const struct place *here = find(e, remote), *any = find(e, &anywhere);

	*out = (struct candidates){
		.params = mem_calloc(2 * e->policies.count + 1, sizeof(*out->params))};
	if (here)
		add(out, &here->policies, local);
	if (any)
		add(out, &any->policies, local);
	/* A stranger's address may be that of a known peer: it fails in IKE_AUTH, with a reason. */
	if (out->count == 0)
		add(out, &e->policies, local);
}
