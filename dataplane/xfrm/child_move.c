/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A Child SA whose outer endpoints change.  The kernel changes ports in place; for other addresses
 * a state is made anew from what the kernel has (keys, sequence numbers, replay window), beside the
 * old one where its destination differs, so that nothing is lost in between.
 */
#include "dataplane/xfrm/plane.h"

#include "platform/os/netlink.h"
#include "platform/os/netlink_batch.h"

#include <errno.h>
#include <string.h>

struct moving {
	struct xfrm_plane *plane;
	struct xfrm_state_move move;
	bool replaced; /* the old one was deleted under the same key */
	int rc;
	struct err_msg *e;
};

static int take_moving(void *arg, const struct nlmsghdr *answer)
{
	struct moving *m = arg;

	m->rc = xfrm_state_put_moved(m->plane->batch, answer, &m->move, m->e);
	if (m->rc != 0 || !m->replaced)
		return 0;
	/* A packet in between leaves a placeholder, which only an update turns into a state. */
	m->move.message = XFRM_MSG_UPDSA;
	m->rc = xfrm_state_put_moved(m->plane->batch, answer, &m->move, m->e);
	return 0;
}

static bool same_addresses(const struct xfrm_child *a, const struct xfrm_child *b)
{
	return ip_addr_equal(&a->local.addr, &b->local.addr) &&
	       ip_addr_equal(&a->remote.addr, &b->remote.addr) && a->udp_encap == b->udp_encap;
}

/* Requests that bring the state `sa` of the child to where `to` says. */
static int put_move(struct xfrm_plane *p, const struct xfrm_child *c, const struct xfrm_sa *sa,
		    const struct xfrm_child *to, struct err_msg *e)
{
	const struct xfrm_state_key *key = sa->in ? &to->in.key : &to->out.key;
	struct moving m = {
		.plane = p,
		.move = {.message = XFRM_MSG_UPDSA,
			 .in = sa->in,
			 .src = sa->in ? to->remote : to->local,
			 .dst = sa->in ? to->local : to->remote,
			 .udp_encap = to->udp_encap},
		.rc = ERR_NOT_FOUND,
		.e = e,
	};
	union xfrm_request q;
	int rc;

	if (!same_addresses(c, to)) {
		m.move.message = XFRM_MSG_NEWSA;
		m.replaced = memcmp(key, &sa->key, sizeof(*key)) == 0;
		if (m.replaced)
			xfrm_state_put_delete(p->batch, &sa->key);
	}
	xfrm_state_request(&q, &sa->key);
	rc = netlink_query(p->query, &q.header, take_moving, &m, "Child SA: xfrm state", NULL, e);
	return rc == 0 ? m.rc : rc;
}

static bool placeholder(void *arg, size_t index, int errnum, const struct err_msg *e)
{
	(void)arg;
	(void)index;
	(void)e;
	return errnum != EEXIST;
}

static int move_states(struct xfrm_plane *p, struct xfrm_child *c, const struct xfrm_child *to,
		       struct err_msg *e)
{
	int rc = put_move(p, c, &c->in, to, e);

	if (rc == 0)
		rc = put_move(p, c, &c->out, to, e);
	if (rc != 0) {
		netlink_batch_drop(p->batch);
		return rc;
	}
	return netlink_batch_send(p->batch, placeholder, NULL, "Child SA: move xfrm state", NULL,
				  e);
}

/* Old keys that are not the new ones go last: until the policies point elsewhere they are used. */
static int move_child(struct xfrm_plane *p, struct xfrm_child *c, const struct xfrm_child *to,
		      struct err_msg *e)
{
	struct xfrm_state_key old_in = c->in.key, old_out = c->out.key;
	int rc = move_states(p, c, to, e);

	if (rc != 0)
		return rc;
	xfrm_child_unlink_states(p, c);
	xfrm_child_set_path(p, c, &to->local, &to->remote, to->udp_encap);
	xfrm_child_link_states(p, c);
	xfrm_rules_sync(p, c->site);
	if (memcmp(&old_in, &c->in.key, sizeof(old_in)) != 0)
		xfrm_state_put_delete(p->batch, &old_in);
	if (memcmp(&old_out, &c->out.key, sizeof(old_out)) != 0)
		xfrm_state_put_delete(p->batch, &old_out);
	if (netlink_batch_count(p->batch) == 0)
		return 0;
	return xfrm_send(p, "xfrm policies", e);
}

/* Before all others for its networks, as if it were the newest. */
static int send_on(struct xfrm_plane *p, struct xfrm_child *c, struct err_msg *e)
{
	list_remove(&c->of_site);
	list_append(&c->site->children, &c->of_site);
	return xfrm_child_use_outbound(p, c, e);
}

int xfrm_child_update(struct dataplane *dp, const struct ike_child_update *u, struct err_msg *e)
{
	struct xfrm_plane *p = xfrm_plane_of(dp);
	struct xfrm_child *c = xfrm_find_child(p, u->child);
	struct xfrm_child to;
	int rc;

	if (c == NULL)
		return err_set(e, ERR_NOT_FOUND, "Child SA %u is not there", u->child);
	rc = xfrm_child_check(p, &u->local, &u->remote, u->udp_encap, e);
	if (rc != 0)
		return rc;
	to = *c;
	xfrm_child_set_path(p, &to, &u->local, &u->remote, u->udp_encap);
	if (!same_addresses(c, &to) || (to.udp_encap && c->remote.port != to.remote.port))
		rc = move_child(p, c, &to, e);
	if (rc == 0 && u->outbound_now)
		rc = send_on(p, c, e);
	if (rc == 0)
		xfrm_mtu_look(p, c);
	return rc;
}
