/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * nftables: transactions and questions about one table, ours.  All of its messages name the table
 * in the attribute with the number 1.
 */
#include "platform/base/mem.h"
#include "platform/os/broker_check.h"
#include "platform/os/own.h"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <string.h>

#define NFT(message) (NFNL_SUBSYS_NFTABLES << 8 | (message))
#define TABLE_NAME   1

_Static_assert(NFTA_TABLE_NAME == TABLE_NAME && NFTA_CHAIN_TABLE == TABLE_NAME &&
		       NFTA_RULE_TABLE == TABLE_NAME && NFTA_SET_TABLE == TABLE_NAME &&
		       NFTA_SET_ELEM_LIST_TABLE == TABLE_NAME,
	       "the same in all messages");

/* Walks the attributes of one message, of which only the table's name is of interest here. */
static int named(const struct check *c, struct view attrs, bool *found)
{
	for (size_t at = 0; at < attrs.len;) {
		struct nlattr a;

		if (attrs.len - at < sizeof(a))
			return broker_deny(c, "octets behind its attributes");
		memcpy(&a, attrs.data + at, sizeof(a));
		if (a.nla_len < sizeof(a) || a.nla_len > attrs.len - at)
			return broker_deny(c, "an attribute of a wrong length");
		if ((a.nla_type & NLA_TYPE_MASK) == TABLE_NAME) {
			if (!broker_text_is(view_of(attrs.data + at + sizeof(a),
						    a.nla_len - sizeof(a)),
					    OWN_TABLE))
				return broker_deny(c, "a table of somebody else");
			*found = true;
		}
		at += (a.nla_len + 3U) & ~3U;
	}
	return 0;
}

static int in_table(const struct check *c, struct view m)
{
	struct nfgenmsg gen;
	struct view attrs;
	bool found = false;
	int rc = broker_body(c, m, &gen, sizeof(gen), &attrs);

	if (rc == 0)
		rc = named(c, attrs, &found);
	if (rc != 0)
		return rc;
	if (gen.nfgen_family != NFPROTO_INET)
		return broker_deny(c, "a table of another family");
	return found ? 0 : broker_deny(c, "no table is named");
}

static int take_table(const struct check *c, struct view v, void *arg)
{
	bool *found = arg;

	*found = broker_text_is(v, OWN_TABLE);
	return *found ? 0 : broker_deny(c, "a table of somebody else");
}

/* A table could be named by a number as well: by its name only. */
static int table(const struct check *c, struct view m)
{
	static const struct attr_rule rules[] = {{NFTA_TABLE_NAME, take_table}};
	struct nfgenmsg gen;
	struct view attrs;
	bool found = false;
	int rc = broker_body(c, m, &gen, sizeof(gen), &attrs);

	if (rc == 0)
		rc = broker_attrs(c, attrs, rules, ARRAY_LEN(rules), &found);
	if (rc != 0)
		return rc;
	return found && gen.nfgen_family == NFPROTO_INET ? 0
							 : broker_deny(c, "a table without name");
}

static int limit(const struct check *c, struct view m)
{
	struct nfgenmsg gen;
	struct view attrs;
	int rc = broker_body(c, m, &gen, sizeof(gen), &attrs);

	if (rc != 0)
		return rc;
	return gen.res_id == htons(NFNL_SUBSYS_NFTABLES) && attrs.len == 0
		       ? 0
		       : broker_deny(c, "a transaction of another kind");
}

static int question(const struct check *c, struct view m)
{
	(void)c;
	(void)m;
	return 0;
}

const struct message_rule *broker_nft_rules(size_t *count)
{
	static const struct message_rule rules[] = {
		{NFNL_MSG_BATCH_BEGIN, limit},	     {NFNL_MSG_BATCH_END, limit},
		{NFT(NFT_MSG_NEWTABLE), table},	     {NFT(NFT_MSG_DELTABLE), table},
		{NFT(NFT_MSG_NEWCHAIN), in_table},   {NFT(NFT_MSG_DELCHAIN), in_table},
		{NFT(NFT_MSG_NEWRULE), in_table},    {NFT(NFT_MSG_DELRULE), in_table},
		{NFT(NFT_MSG_NEWSET), in_table},     {NFT(NFT_MSG_DELSET), in_table},
		{NFT(NFT_MSG_NEWSETELEM), in_table}, {NFT(NFT_MSG_DELSETELEM), in_table},
		{NFT(NFT_MSG_GETGEN), question},     {NFT(NFT_MSG_GETRULE), question},
		{NFT(NFT_MSG_GETSETELEM), question},
	};

	*count = ARRAY_LEN(rules);
	return rules;
}
