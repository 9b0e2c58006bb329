/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Child SAs: two states each.  Both are installed at once; which one a packet leaves on is the
 * policies' matter (rules.c), so that a rekey changes nothing but the SPI in them (RFC 7296 section
 * 2.8).
 */
#include "dataplane/xfrm/plane.h"

#include "platform/base/mem.h"
#include "platform/os/netlink_batch.h"

#include <stdlib.h>

/* ---- Tables ---------------------------------------------------------------------------------- */

void xfrm_child_link_states(struct xfrm_plane *p, struct xfrm_child *c)
{
	(void)map_insert(&p->states, &c->in.node, &c->in.key, sizeof(c->in.key));
	(void)map_insert(&p->states, &c->out.node, &c->out.key, sizeof(c->out.key));
}

void xfrm_child_unlink_states(struct xfrm_plane *p, struct xfrm_child *c)
{
	map_remove(&p->states, &c->in.node);
	map_remove(&p->states, &c->out.node);
}

static void child_free(struct xfrm_child *c)
{
	free(c->pairs);
	free(c);
}

/* Out of all tables; what the kernel has is not touched. */
static void child_unlink(struct xfrm_plane *p, struct xfrm_child *c)
{
	map_remove(&p->children, &c->by_id);
	xfrm_child_unlink_states(p, c);
	list_remove(&c->of_site);
	list_remove(&c->reported);
	if (!c->outbound)
		p->pending--;
}

static void child_link(struct xfrm_plane *p, struct xfrm_child *c)
{
	(void)map_insert(&p->children, &c->by_id, &c->id, sizeof(c->id));
	xfrm_child_link_states(p, c);
	list_append(&c->site->children, &c->of_site);
	if (c->outbound)
		return;
	p->pending++;
	xfrm_child_await_use(p);
}

/* ---- Add and remove -------------------------------------------------------------------------- */

int xfrm_child_check(struct xfrm_plane *p, const struct ip_endpoint *local,
		     const struct ip_endpoint *remote, bool udp_encap, struct err_msg *e)
{
	uint8_t family = remote->addr.family;
	int fd = family == IP_V4 ? p->sockets.natt_v4 : p->sockets.natt_v6;

	if (family != IP_V4 && family != IP_V6)
		return err_set(e, ERR_INVALID, "Child SA without the peer's address");
	if (local->addr.family != family)
		return err_set(e, ERR_INVALID,
			       "Child SA without an own address of the peer's family");
	if (udp_encap && fd < 0)
		return err_set(e, ERR_UNSUPPORTED, "no IPv%u socket on port 4500", family);
	return 0;
}

/* The outer endpoints; the own port is that of the socket, whatever the engine calls it. */
void xfrm_child_set_path(const struct xfrm_plane *p, struct xfrm_child *c,
			 const struct ip_endpoint *local, const struct ip_endpoint *remote,
			 bool udp_encap)
{
	c->local = *local;
	c->local.port = local->addr.family == IP_V4 ? p->port_v4 : p->port_v6;
	c->remote = *remote;
	c->udp_encap = udp_encap;
	c->in.key = xfrm_state_key_of(&local->addr, c->in.key.spi);
	c->out.key = xfrm_state_key_of(&remote->addr, c->out.key.spi);
}

static struct xfrm_child *child_new(const struct xfrm_plane *p, struct xfrm_site *s, uint8_t slot,
				    const struct ike_child_install *install)
{
	struct xfrm_child *c = mem_zalloc(sizeof(*c));

	c->site = s;
	c->slot = slot;
	c->id = install->child;
	c->outbound = install->outbound_now;
	c->path_mtu = XFRM_PATH_MTU;
	c->in.child = c->out.child = c;
	c->in.in = true;
	c->in.key.spi = install->spi_in;
	c->out.key.spi = install->spi_out;
	list_init(&c->reported);
	xfrm_child_set_path(p, c, &install->local, &install->remote, install->udp_encap);
	return c;
}

static int put_states(struct xfrm_plane *p, const struct xfrm_child *c,
		      const struct ike_child_install *install, struct err_msg *e)
{
	struct xfrm_selector selector;
	struct xfrm_state_spec s = {
		.in = true,
		.spi = c->in.key.spi,
		.if_id = XFRM_IF_ID_OF(c->site->index),
		.reqid = XFRM_REQID_BASE | c->slot,
		.src = c->remote,
		.dst = c->local,
		.udp_encap = c->udp_encap,
		.suite = &install->suite,
		.encr = &install->encr_in,
		.integ = &install->integ_in,
	};
	int rc;

	if (c->pairs->count == 1) { /* otherwise the policies look after it */
		selector = xfrm_selector_turned(&c->pairs->items[0]);
		s.selector = &selector;
	}
	rc = xfrm_state_put_new(p->batch, &s, e);
	s.in = false;
	s.spi = c->out.key.spi;
	s.src = c->local;
	s.dst = c->remote;
	s.encr = &install->encr_out;
	s.integ = &install->integ_out;
	s.selector = NULL;
	if (rc == 0)
		rc = xfrm_state_put_new(p->batch, &s, e);
	return rc;
}

static void delete_states(struct xfrm_plane *p, const struct xfrm_child *c)
{
	xfrm_state_put_delete(p->batch, &c->in.key);
	xfrm_state_put_delete(p->batch, &c->out.key);
}

static int install_states(struct xfrm_plane *p, struct xfrm_child *c,
			  const struct ike_child_install *install, struct err_msg *e)
{
	struct err_msg ignored;
	bool unknown = false;
	int rc = put_states(p, c, install, e);

	if (rc != 0) {
		netlink_batch_drop(p->batch);
		return rc;
	}
	rc = netlink_batch_send(p->batch, NULL, NULL, "Child SA: xfrm state", &unknown, e);
	if (unknown && xfrm_child_ask(p, &c->in) && xfrm_child_ask(p, &c->out))
		rc = 0; /* only the answer was lost */
	if (rc == 0)
		return 0;
	delete_states(p, c); /* one of them may be there */
	if (xfrm_send(p, "xfrm state", &ignored) != 0)
		xfrm_audit_soon(p);
	return rc;
}

/* An earlier process installed them: the kernel goes on counting where it is.  New ones with the
 * same keys would begin at one again. */
static int find_states(struct xfrm_plane *p, struct xfrm_child *c, struct err_msg *e)
{
	if (xfrm_child_ask(p, &c->in) && xfrm_child_ask(p, &c->out))
		return 0;
	return err_set(e, ERR_WRONG_STATE, "SPI 0x%08x or 0x%08x: the kernel has lost it",
		       c->in.key.spi, c->out.key.spi);
}

static int add_child(struct xfrm_plane *p, struct xfrm_child *c,
		     const struct ike_child_install *install, struct err_msg *e)
{
	struct err_msg ignored;
	int rc = esp_transform_of(&install->suite, &c->transform);

	if (rc != 0)
		return err_set(e, rc, "Child SA with unknown algorithms");
	if (xfrm_find_sa(p, &c->in.key) != NULL || xfrm_find_sa(p, &c->out.key) != NULL)
		return err_set(e, ERR_EXISTS, "SPI 0x%08x or 0x%08x is already in use",
			       c->in.key.spi, c->out.key.spi);
	rc = xfrm_pairs_new(&install->local_ts, &install->remote_ts, &c->pairs, e);
	if (rc == 0 && install->restored)
		rc = find_states(p, c, e);
	else if (rc == 0)
		rc = install_states(p, c, install, e);
	if (rc != 0)
		return rc;
	child_link(p, c);
	rc = xfrm_rules_apply(p, c->site, e);
	if (rc == 0)
		return 0;
	child_unlink(p, c);
	xfrm_rules_sync(p, c->site);
	delete_states(p, c);
	if (xfrm_send(p, "xfrm policies", &ignored) != 0)
		xfrm_audit_soon(p);
	return rc;
}

int xfrm_child_add(struct dataplane *dp, uint32_t site, uint8_t slot,
		   struct ike_child_install *install, struct err_msg *e)
{
	struct xfrm_plane *p = xfrm_plane_of(dp);
	struct xfrm_site *s = xfrm_find_site(p, site);
	struct xfrm_child *c;
	int rc;

	if (s == NULL)
		rc = err_set(e, ERR_NOT_FOUND, "site %u has no device", site);
	else if (slot < 1 || slot > DP_SLOTS)
		rc = err_set(e, ERR_RANGE, "slot %u: allowed are 1 to %d", slot, DP_SLOTS);
	else if (xfrm_find_child(p, install->child) != NULL)
		rc = err_set(e, ERR_EXISTS, "Child SA %u is already there", install->child);
	else
		rc = xfrm_child_check(p, &install->local, &install->remote, install->udp_encap, e);
	if (rc == 0) {
		c = child_new(p, s, slot, install);
		rc = add_child(p, c, install, e);
		if (rc == 0)
			xfrm_mtu_begin(p, c);
		else
			child_free(c);
	}
	secret_clear(&install->encr_in);
	secret_clear(&install->integ_in);
	secret_clear(&install->encr_out);
	secret_clear(&install->integ_out);
	return rc;
}

static void remove_and_send(struct xfrm_plane *p, struct xfrm_site *s)
{
	struct err_msg e = {.text = ""};

	if (netlink_batch_count(p->batch) == 0 || xfrm_send(p, "remove Child SA", &e) == 0)
		return;
	log_line(p->log, LOG_LVL_WARNING, LOG_XFRM, "site %u: %s", s->index, e.text);
	xfrm_audit_soon(p);
}

void xfrm_child_remove(struct dataplane *dp, uint32_t child)
{
	struct xfrm_plane *p = xfrm_plane_of(dp);
	struct xfrm_child *c = xfrm_find_child(p, child);

	if (c == NULL)
		return;
	if (p->pending > 0) /* the one that replaces it may have been used a moment ago */
		xfrm_child_look_for_use(p, c->site);
	child_unlink(p, c);
	xfrm_rules_sync(p, c->site); /* first nobody sends on it any more */
	delete_states(p, c);
	remove_and_send(p, c->site);
	child_free(c);
}

void xfrm_children_remove(struct xfrm_plane *p, struct xfrm_site *s)
{
	struct list gone;
	struct list *node, *after;

	list_init(&gone);
	list_for_each(node, after, &s->children)
	{
		child_unlink(p, container_of(node, struct xfrm_child, of_site));
		list_append(&gone, node);
	}
	xfrm_rules_sync(p, s);
	list_for_each(node, after, &gone)
	{
		struct xfrm_child *c = container_of(node, struct xfrm_child, of_site);

		delete_states(p, c);
		child_free(c);
	}
	remove_and_send(p, s);
}
