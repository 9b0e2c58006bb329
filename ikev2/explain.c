/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Identities and traffic selectors of both sides beside each other; see explain.h.  Proposals are
 * in proposal_explain.c.  RFC 7296 sections 2.9 and 3.5. */
#include "ikev2/explain.h"

#include "ikev2/ts.h"

#include <stdio.h>
#include <string.h>

#define OCTETS_SHOWN 32

/* ---- Identities ------------------------------------------------------------------------------ */

static bool id_addr(const struct ike_id *id, struct ip_addr *out)
{
	bool v4 = id->type == IKE_ID_IPV4_ADDR && id->len == 4;
	bool v6 = id->type == IKE_ID_IPV6_ADDR && id->len == 16;

	if (!v4 && !v6)
		return false;
	*out = ip_addr_from_bytes(id->data, id->len);
	return true;
}

/* "6c 79 6f 6e", what is on the wire. */
static void octets_text(const struct ike_id *id, char buf[IKE_COMPARISON_TEXT])
{
	size_t len = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < id->len && i < OCTETS_SHOWN; i++)
		len += (size_t)snprintf(buf + len, IKE_COMPARISON_TEXT - len, "%s%02x",
					i ? " " : "", id->data[i]);
	if (id->len > OCTETS_SHOWN)
		snprintf(buf + len, IKE_COMPARISON_TEXT - len, " ...");
}

static void add_row(struct ike_comparison *c, const char *attribute, const char *here,
		    const char *peer, bool differs)
{
	snprintf(c->row[c->count].attribute, sizeof(c->row[0].attribute), "%s", attribute);
	snprintf(c->row[c->count].here, sizeof(c->row[0].here), "%s", here);
	snprintf(c->row[c->count].peer, sizeof(c->row[0].peer), "%s", peer);
	c->row[c->count++].differs = differs;
}

enum ike_cause id_explain(const struct ike_id *expected, const struct ike_id *seen,
			  const struct ip_addr *from, struct ike_comparison *out)
{
	char here[2 * IKE_ID_MAX + 8], peer[2 * IKE_ID_MAX + 8];
	char here_octets[IKE_COMPARISON_TEXT], peer_octets[IKE_COMPARISON_TEXT];
	struct ip_addr addr;
	bool types = expected->type != seen->type;
	bool octets = expected->len != seen->len ||
		      memcmp(expected->data, seen->data, expected->len) != 0;

	memset(out, 0, sizeof(*out));
	snprintf(out->subject, sizeof(out->subject), "identity of the peer");
	add_row(out, "type", ike_id_type_name(expected->type), ike_id_type_name(seen->type), types);
	add_row(out, "value", ike_id_text(expected, here, sizeof(here)),
		ike_id_text(seen, peer, sizeof(peer)), octets);
	octets_text(expected, here_octets);
	octets_text(seen, peer_octets);
	add_row(out, "octets", here_octets, peer_octets, octets);
	if (id_addr(seen, &addr) && ip_addr_is_private(&addr) && !ip_addr_equal(&addr, from))
		return IKE_CAUSE_ID_PRIVATE;
	if (types && strcmp(here, peer) == 0)
		return IKE_CAUSE_ID_TYPE;
	return IKE_CAUSE_ID_VALUE;
}

/* ---- Traffic selectors ----------------------------------------------------------------------- */

static bool have_common(const struct ike_ts_list *a, const struct ike_ts_list *b)
{
	struct ike_ts common;

	for (size_t i = 0; i < a->count; i++)
		for (size_t k = 0; k < b->count; k++)
			if (ts_intersect(&a->ts[i], &b->ts[k], &common))
				return true;
	return false;
}

static void networks_text(const struct ike_ts_list *l, char buf[IKE_COMPARISON_TEXT])
{
	if (strlen(ts_list_text(l, buf, IKE_COMPARISON_TEXT)) == IKE_COMPARISON_TEXT - 1)
		memcpy(buf + IKE_COMPARISON_TEXT - 4, "...", 4);
}

static void add_networks(struct ike_comparison *c, const char *attribute,
			 const struct ike_ts_list *here, const struct ike_ts_list *peer)
{
	char ours[IKE_COMPARISON_TEXT], theirs[IKE_COMPARISON_TEXT] = "not told";

	networks_text(here, ours);
	if (peer)
		networks_text(peer, theirs);
	add_row(c, attribute, ours, theirs, peer && !have_common(here, peer));
}

void selectors_explain(const struct ike_ts_list *local, const struct ike_ts_list *remote,
		       const struct ike_ts_list *peer_local, const struct ike_ts_list *peer_remote,
		       struct ike_comparison *out)
{
	memset(out, 0, sizeof(*out));
	snprintf(out->subject, sizeof(out->subject), "traffic selectors");
	add_networks(out, "networks here", local, peer_local);
	add_networks(out, "networks of the peer", remote, peer_remote);
	/* Each side has something in common, but no pair does. */
	if (peer_local && !out->row[0].differs && !out->row[1].differs)
		out->row[0].differs = out->row[1].differs = true;
}
