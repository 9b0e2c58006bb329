/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * IPsec states and policies of the kernel: ours carry our reqid, and an if_id of a site, by which a
 * policy concerns packets of that site's device only.
 */
#include "platform/base/mem.h"
#include "platform/os/broker_check.h"
#include "platform/os/own.h"

#include <linux/xfrm.h>
#include <netinet/in.h>

/* Newer than the headers, and part of what the kernel tells of a state. */
#define STATE_DIRECTION 33
#define STATE_KEEPALIVE 34

bool broker_is_own_if_id(uint32_t id)
{
	return (id >= OWN_IF_ID_OF(0) && id <= OWN_IF_ID_OF(OWN_SITE_MAX)) || id == OWN_PROBE_IF_ID;
}

static int take_if_id(const struct check *c, struct view v, void *arg)
{
	bool *own = arg;
	uint32_t id;

	*own = broker_u32(v, &id) && broker_is_own_if_id(id);
	return *own ? 0 : broker_deny(c, "this if_id");
}

static int state(const struct check *c, struct view m)
{
	static const struct attr_rule rules[] = {
		{XFRMA_ALG_AUTH, NULL},
		{XFRMA_ALG_AUTH_TRUNC, NULL},
		{XFRMA_ALG_CRYPT, NULL},
		{XFRMA_ALG_AEAD, NULL},
		{XFRMA_ENCAP, NULL},
		{XFRMA_REPLAY_VAL, NULL},
		{XFRMA_REPLAY_ESN_VAL, NULL},
		{XFRMA_REPLAY_THRESH, NULL},
		{XFRMA_ETIMER_THRESH, NULL},
		{XFRMA_MTIMER_THRESH, NULL},
		{XFRMA_LTIME_VAL, NULL},
		{XFRMA_LASTUSED, NULL},
		{XFRMA_MARK, NULL},
		{XFRMA_SET_MARK, NULL},
		{XFRMA_SET_MARK_MASK, NULL},
		{XFRMA_SA_EXTRA_FLAGS, NULL},
		{XFRMA_PAD, NULL},
		{STATE_DIRECTION, NULL},
		{STATE_KEEPALIVE, NULL},
		{XFRMA_IF_ID, take_if_id},
	};
	struct xfrm_usersa_info info;
	bool own = false;
	struct view attrs;
	int rc = broker_body(c, m, &info, sizeof(info), &attrs);

	if (rc == 0)
		rc = broker_attrs(c, attrs, rules, ARRAY_LEN(rules), &own);
	if (rc != 0)
		return rc;
	if (!own || (info.reqid & OWN_REQID_MASK) != OWN_REQID_BASE)
		return broker_deny(c, "a state without our if_id or reqid");
	return info.id.proto == IPPROTO_ESP && info.mode == XFRM_MODE_TUNNEL
		       ? 0
		       : broker_deny(c, "a state that is no ESP tunnel");
}

static int delete_state(const struct check *c, struct view m)
{
	struct xfrm_usersa_id id;
	struct view attrs;
	int rc = broker_body(c, m, &id, sizeof(id), &attrs);

	if (rc != 0)
		return rc;
	return id.proto == IPPROTO_ESP && attrs.len == 0 ? 0
							 : broker_deny(c, "a state that is no ESP");
}

static int policy(const struct check *c, struct view m, size_t fixed)
{
	static const struct attr_rule rules[] = {{XFRMA_MARK, NULL},
						 {XFRMA_TMPL, NULL},
						 {XFRMA_IF_ID, take_if_id}};
	bool own = false;
	int rc;

	if (m.len < fixed)
		return broker_deny(c, "it is too short");
	rc = broker_attrs(c, view_of(m.data + fixed, m.len - fixed), rules, ARRAY_LEN(rules), &own);
	if (rc != 0)
		return rc;
	return own ? 0 : broker_deny(c, "a policy without our if_id");
}

static int put_policy(const struct check *c, struct view m)
{
	return policy(c, m, sizeof(struct xfrm_userpolicy_info));
}

static int delete_policy(const struct check *c, struct view m)
{
	return policy(c, m, sizeof(struct xfrm_userpolicy_id));
}

static int question(const struct check *c, struct view m)
{
	(void)c;
	(void)m;
	return 0;
}

const struct message_rule *broker_xfrm_rules(size_t *count)
{
	static const struct message_rule rules[] = {
		{XFRM_MSG_NEWSA, state},
		{XFRM_MSG_UPDSA, state},
		{XFRM_MSG_DELSA, delete_state},
		{XFRM_MSG_GETSA, question},
		{XFRM_MSG_UPDPOLICY, put_policy},
		{XFRM_MSG_NEWPOLICY, put_policy},
		{XFRM_MSG_DELPOLICY, delete_policy},
		{XFRM_MSG_GETPOLICY, question},
	};

	*count = ARRAY_LEN(rules);
	return rules;
}
