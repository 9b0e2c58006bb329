/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Algebra of Traffic Selectors (RFC 7296 section 2.9); see ts.h.  A selector is a product of
 * protocol, port range and address range; a Child SA's selectors are the product of its two lists.
 */
#include "ikev2/ts.h"

#include "platform/base/err.h"
#include "platform/base/mem.h"

#include <stdio.h>
#include <string.h>

struct ike_ts ike_ts_of_range(const struct ip_range *r)
{
	return (struct ike_ts){.port_last = UINT16_MAX, .range = *r};
}

bool ts_equal(const struct ike_ts *a, const struct ike_ts *b)
{
	return a->protocol == b->protocol && a->port_first == b->port_first &&
	       a->port_last == b->port_last && ip_range_equal(&a->range, &b->range);
}

bool ts_list_equal(const struct ike_ts_list *a, const struct ike_ts_list *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (!ts_equal(&a->ts[i], &b->ts[i]))
			return false;
	return true;
}

/* ---- Protocol and ports ---------------------------------------------------------------------- */

static bool ports_opaque(const struct ike_ts *ts)
{
	return ts->port_first > ts->port_last;
}

static bool ports_any(const struct ike_ts *ts)
{
	return ts->port_first == 0 && ts->port_last == UINT16_MAX;
}

/* OPAQUE stands for packets whose ports are not to be seen; any ports include them. */
static bool upper_covers(const struct ike_ts *outer, const struct ike_ts *inner)
{
	if (outer->protocol && outer->protocol != inner->protocol)
		return false;
	if (ports_any(outer))
		return true;
	if (ports_opaque(outer) || ports_opaque(inner))
		return ports_opaque(outer) && ports_opaque(inner);
	return outer->port_first <= inner->port_first && inner->port_last <= outer->port_last;
}

static bool upper_intersect(const struct ike_ts *a, const struct ike_ts *b, struct ike_ts *out)
{
	if (a->protocol && b->protocol && a->protocol != b->protocol)
		return false;
	out->protocol = a->protocol ? a->protocol : b->protocol;
	if (ports_any(a) || ports_any(b)) {
		const struct ike_ts *narrow = ports_any(a) ? b : a;

		out->port_first = narrow->port_first;
		out->port_last = narrow->port_last;
		return true;
	}
	out->port_first = a->port_first > b->port_first ? a->port_first : b->port_first;
	out->port_last = a->port_last < b->port_last ? a->port_last : b->port_last;
	if (ports_opaque(a) || ports_opaque(b))
		return ports_opaque(a) && ports_opaque(b);
	return out->port_first <= out->port_last;
}

/* ---- Selectors and lists --------------------------------------------------------------------- */

bool ts_covers(const struct ike_ts *outer, const struct ike_ts *inner)
{
	return upper_covers(outer, inner) && ip_range_covers(&outer->range, &inner->range);
}

bool ts_intersect(const struct ike_ts *a, const struct ike_ts *b, struct ike_ts *out)
{
	struct ike_ts both;

	memset(&both, 0, sizeof(both));
	if (!upper_intersect(a, b, &both) || !ip_range_intersect(&a->range, &b->range, &both.range))
		return false;
	*out = both;
	return true;
}

bool ts_list_add(struct ike_ts_list *l, const struct ike_ts *ts)
{
	if (l->count >= IKE_TS_MAX)
		return false;
	l->ts[l->count++] = *ts;
	return true;
}

/* The address behind a; false at the end of the address space. */
static bool address_after(struct ip_addr *a)
{
	for (size_t i = ip_addr_len(a); i-- > 0;)
		if (++a->bytes[i])
			return true;
	return false;
}

/* Walk inner's addresses upwards, each time to the end of the selector that reaches furthest. */
bool ts_list_covers(const struct ike_ts_list *outer, const struct ike_ts *inner)
{
	struct ip_addr at = inner->range.first;

	for (;;) {
		const struct ip_addr *reach = NULL;

		for (size_t i = 0; i < outer->count; i++) {
			const struct ike_ts *o = &outer->ts[i];

			if (!upper_covers(o, inner) || !ip_range_contains(&o->range, &at))
				continue;
			if (!reach || ip_addr_compare(&o->range.last, reach) > 0)
				reach = &o->range.last;
		}
		if (!reach)
			return false;
		if (ip_addr_compare(reach, &inner->range.last) >= 0)
			return true;
		at = *reach;
		if (!address_after(&at))
			return false;
	}
}

bool ts_list_covers_list(const struct ike_ts_list *outer, const struct ike_ts_list *inner)
{
	for (size_t i = 0; i < inner->count; i++)
		if (!ts_list_covers(outer, &inner->ts[i]))
			return false;
	return true;
}

/* ---- Narrowing ------------------------------------------------------------------------------- */

/* Add unless an entry covers it already; entries that it covers give way.  Order is kept: the new
 * one takes the place of the first that it replaces. */
static bool add_reduced(struct ike_ts_list *l, const struct ike_ts *ts)
{
	size_t kept = 0;
	bool placed = false;

	for (size_t i = 0; i < l->count; i++)
		if (ts_covers(&l->ts[i], ts))
			return true;
	for (size_t i = 0; i < l->count; i++) {
		struct ike_ts old = l->ts[i];

		if (!ts_covers(ts, &old)) {
			l->ts[kept++] = old;
		} else if (!placed) {
			l->ts[kept++] = *ts;
			placed = true;
		}
	}
	l->count = (uint16_t)kept;
	return placed || ts_list_add(l, ts);
}

/* One side: what the policy leaves of the offer.  *lost when the list was too short. */
static void narrow_side(const struct ike_ts_list *offer, const struct ike_ts_list *policy,
			struct ike_ts_list *out, bool *lost)
{
	out->count = 0;
	for (size_t i = 0; i < offer->count; i++) {
		if (ts_list_covers(policy, &offer->ts[i])) {
			*lost |= !add_reduced(out, &offer->ts[i]);
			continue;
		}
		for (size_t j = 0; j < policy->count; j++) {
			struct ike_ts both;

			if (ts_intersect(&offer->ts[i], &policy->ts[j], &both))
				*lost |= !add_reduced(out, &both);
		}
	}
}

static bool has_family(const struct ike_ts_list *l, uint8_t family)
{
	for (size_t i = 0; i < l->count; i++)
		if (l->ts[i].range.first.family == family)
			return true;
	return false;
}

/* Selectors of a family that the other side does not have match no packet. */
static void drop_lonely(struct ike_ts_list *l, const struct ike_ts_list *other)
{
	size_t kept = 0;

	for (size_t i = 0; i < l->count; i++)
		if (has_family(other, l->ts[i].range.first.family))
			l->ts[kept++] = l->ts[i];
	l->count = (uint16_t)kept;
}

/* The initiator's first choice comes first in the offer, and narrowing keeps the order: the first
 * entry of each list contains it where the policy does.  The families of the pair must agree. */
static void keep_one_pair(struct ts_answer *a)
{
	uint8_t family = a->tsi.ts[0].range.first.family;

	a->additional |= a->tsi.count > 1 || a->tsr.count > 1;
	a->tsi.count = 1;
	for (size_t i = 0; i < a->tsr.count; i++)
		if (a->tsr.ts[i].range.first.family == family) {
			a->tsr.ts[0] = a->tsr.ts[i];
			break;
		}
	a->tsr.count = 1;
}

int ts_narrow(const struct ike_ts_list *tsi, const struct ike_ts_list *tsr,
	      const struct ike_ts_list *policy_i, const struct ike_ts_list *policy_r, bool single,
	      struct ts_answer *out)
{
	bool lost = false;

	out->additional = false;
	narrow_side(tsi, policy_i, &out->tsi, &lost);
	narrow_side(tsr, policy_r, &out->tsr, &lost);
	drop_lonely(&out->tsi, &out->tsr);
	drop_lonely(&out->tsr, &out->tsi);
	if (!out->tsi.count || !out->tsr.count)
		return ERR_NOT_FOUND;
	out->additional = lost;
	if (single)
		keep_one_pair(out);
	return 0;
}

int ts_check_answer(const struct ike_ts_list *offer_i, const struct ike_ts_list *offer_r,
		    const struct ike_ts_list *tsi, const struct ike_ts_list *tsr)
{
	if (!tsi->count || !tsr->count)
		return ERR_INVALID;
	if (!ts_list_covers_list(offer_i, tsi) || !ts_list_covers_list(offer_r, tsr))
		return ERR_INVALID;
	return 0;
}

/* ---- Pairs and texts ------------------------------------------------------------------------- */

bool ts_pair_at(const struct ike_ts_list *local, const struct ike_ts_list *remote, size_t index,
		struct ike_ts *l, struct ike_ts *r)
{
	for (size_t i = 0; i < local->count; i++)
		for (size_t j = 0; j < remote->count; j++) {
			if (local->ts[i].range.first.family != remote->ts[j].range.first.family)
				continue;
			if (index-- == 0) {
				*l = local->ts[i];
				*r = remote->ts[j];
				return true;
			}
		}
	return false;
}

size_t ts_pair_count(const struct ike_ts_list *local, const struct ike_ts_list *remote)
{
	struct ike_ts l, r;
	size_t n = 0;

	while (ts_pair_at(local, remote, n, &l, &r))
		n++;
	return n;
}

static const char *protocol_text(uint8_t protocol, char *buf, size_t size)
{
	static const struct {
		uint8_t number;
		const char *name;
	} names[] = {{1, "icmp"}, {6, "tcp"}, {17, "udp"}, {58, "ipv6-icmp"}, {132, "sctp"}};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (names[i].number == protocol)
			return names[i].name;
	snprintf(buf, size, "protocol %u", protocol);
	return buf;
}

const char *ts_text(const struct ike_ts *ts, char *buf, size_t size)
{
	char range[IP_RANGE_TEXT_MAX], protocol[24] = "", number[16], ports[24] = "";

	ip_range_text(&ts->range, range, sizeof(range));
	if (ts->protocol)
		snprintf(protocol, sizeof(protocol), " %s",
			 protocol_text(ts->protocol, number, sizeof(number)));
	if (ports_opaque(ts))
		snprintf(ports, sizeof(ports), " opaque");
	else if (ts->port_first == ts->port_last)
		snprintf(ports, sizeof(ports), " %u", ts->port_first);
	else if (!ports_any(ts))
		snprintf(ports, sizeof(ports), " %u-%u", ts->port_first, ts->port_last);
	snprintf(buf, size, "%s%s%s", range, protocol, ports);
	return buf;
}

const char *ts_list_text(const struct ike_ts_list *l, char *buf, size_t size)
{
	size_t len = 0;

	if (size)
		buf[0] = '\0';
	for (size_t i = 0; i < l->count && len < size; i++) {
		char one[TS_TEXT_MAX];
		int n = snprintf(buf + len, size - len, "%s%s", i ? ", " : "",
				 ts_text(&l->ts[i], one, sizeof(one)));

		len += n > 0 ? (size_t)n : 0;
	}
	return buf;
}
