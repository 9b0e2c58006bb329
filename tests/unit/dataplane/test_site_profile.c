/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Selectors, routes and engine profiles that follow from a site's configuration. */
#include "dataplane/site/profile.h"
#include "dataplane/site/routes.h"
#include "platform/base/mem.h"
#include "tests/unit/platform/suite.h"

#include <stdio.h>
#include <string.h>

static struct ip_addr addr(const char *text)
{
	struct ip_addr a;

	ck_assert_int_eq(ip_addr_parse(text, &a), 0);
	return a;
}

static void add_network(struct site_network_list *l, const char *label, const char *text)
{
	struct ip_range r;

	ck_assert_int_eq(ip_range_parse(text, &r), 0);
	site_network_list_set(l, label, &r);
}

static void add_range(struct site_range_list *l, const char *text)
{
	struct ip_range r;

	ck_assert_int_eq(ip_range_parse(text, &r), 0);
	ck_assert(site_range_list_add(l, &r));
}

static void native(struct site_config *c, const char *text)
{
	ck_assert_int_eq(ip_prefix_parse(text, &c->native_range), 0);
}

/* "a,b" of all selectors; all of them must be for any protocol and port. */
static const char *ts_text(const struct ike_ts_list *l, char buf[512])
{
	char one[IP_RANGE_TEXT_MAX];
	size_t at = 0;

	buf[0] = '\0';
	for (unsigned i = 0; i < l->count; i++) {
		ck_assert_uint_eq(l->ts[i].protocol, 0);
		ck_assert_uint_eq(l->ts[i].port_first, 0);
		ck_assert_uint_eq(l->ts[i].port_last, 65535);
		at += (size_t)snprintf(buf + at, 512 - at, "%s%s", i == 0 ? "" : ",",
				       ip_range_text(&l->ts[i].range, one, sizeof(one)));
	}
	return buf;
}

static void expect_ts(const struct site_config *c, const char *local, const char *remote)
{
	static struct ike_ts_list l, r;
	char buf[512];

	memset(&l, 0xa5, sizeof(l));
	memset(&r, 0xa5, sizeof(r));
	site_selectors(c, &l, &r);
	ck_assert_str_eq(ts_text(&l, buf), local);
	ck_assert_str_eq(ts_text(&r, buf), remote);
}

START_TEST(test_route_based)
{
	struct site_config c;

	site_config_init(&c, "s");
	expect_ts(&c, "0.0.0.0/0", "0.0.0.0/0");
	native(&c, "10.20.0.0/16");
	add_network(&c.networks, "lab", "10.30.0.0/24");
	expect_ts(&c, "0.0.0.0/0", "0.0.0.0/0");
	add_network(&c.networks, "six", "2001:db8:7::/48");
	expect_ts(&c, "0.0.0.0/0,::/0", "0.0.0.0/0,::/0");
	site_config_clear(&c);
}
END_TEST

START_TEST(test_policy_based)
{
	struct site_config c;

	site_config_init(&c, "s");
	add_network(&c.network_ranges, "hq", "10.0.0.0/16");
	expect_ts(&c, "10.0.0.0/16", "0.0.0.0/0");
	native(&c, "10.20.0.0/16");
	add_network(&c.network_ranges, "dc", "10.1.0.5-10.1.0.9");
	add_network(&c.networks, "lab", "10.30.0.0/24");
	add_network(&c.networks, "again", "10.20.0.0/16");
	expect_ts(&c, "10.0.0.0/16,10.1.0.5-10.1.0.9", "10.20.0.0/16,10.30.0.0/24");
	site_config_clear(&c);
}
END_TEST

START_TEST(test_explicit_selectors_replace)
{
	struct site_config c;

	site_config_init(&c, "s");
	add_network(&c.network_ranges, "hq", "10.0.0.0/16");
	native(&c, "10.20.0.0/16");
	add_range(&c.ts_local, "10.0.7.0/24");
	expect_ts(&c, "10.0.7.0/24", "10.20.0.0/16");
	add_range(&c.ts_peer, "0.0.0.0/0");
	expect_ts(&c, "10.0.7.0/24", "0.0.0.0/0");
	site_config_clear(&c);
}
END_TEST

START_TEST(test_more_than_fits_is_cut)
{
	static struct ike_ts_list l, r;
	struct site_config c;

	site_config_init(&c, "s");
	for (unsigned i = 0; i < IKE_TS_MAX + 9; i++) {
		char label[16], text[32];

		snprintf(label, sizeof(label), "n%u", i);
		snprintf(text, sizeof(text), "10.%u.0.0/16", i);
		add_network(&c.network_ranges, label, text);
	}
	site_selectors(&c, &l, &r);
	ck_assert_uint_eq(l.count, IKE_TS_MAX);
	site_config_clear(&c);
}
END_TEST

static void expect_routes(const struct site_config *c, const char *expected)
{
	size_t count;
	struct ip_prefix *p = routes_of_site(c, &count);
	char text[512] = "";
	char one[IP_TEXT_MAX];
	size_t at = 0;

	for (size_t i = 0; i < count; i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%s", i == 0 ? "" : ",",
				       ip_prefix_text(&p[i], one, sizeof(one)));
	ck_assert_str_eq(text, expected);
	free(p);
}

START_TEST(test_routes)
{
	struct site_config c;

	site_config_init(&c, "s");
	expect_routes(&c, "");
	native(&c, "10.20.0.0/16");
	add_network(&c.networks, "r", "10.30.0.1-10.30.0.3");
	add_network(&c.networks, "all", "0.0.0.0/0");
	expect_routes(&c, "10.20.0.0/16,10.30.0.1/32,10.30.0.2/31");
	add_range(&c.ts_peer, "0.0.0.0/0");
	expect_routes(&c, "10.20.0.0/16,10.30.0.1/32,10.30.0.2/31");
	ck_assert(site_range_list_remove(&c.ts_peer, &c.ts_peer.items[0]));
	add_range(&c.ts_peer, "172.16.0.0/12");
	expect_routes(&c, "172.16.0.0/12");
	site_config_clear(&c);
}
END_TEST

static void site_with_tunnel(struct site_config *c)
{
	struct tunnel_config *t = &c->tunnels[SITE_SECONDARY][1];

	site_config_init(c, "Lyon");
	t->present = true;
	t->public_ip = addr("203.0.113.202");
	secret_set(&t->psk.key, "secret key of test", 18);
}

static const struct profile_box box = {.force_encap = true};

static struct ike_tunnel *profile(const struct site_config *c, const struct profile_box *b)
{
	static struct ike_tunnel p;
	struct err_msg e = {.text = ""};

	memset(&p, 0xa5, sizeof(p));
	ck_assert_msg(profile_of_tunnel(c, SITE_SECONDARY, 1, b, &p, &e) == 0, "%s", e.text);
	return &p;
}

static void expect_id(const struct ike_id *id, unsigned type, const char *text)
{
	char buf[256];

	ck_assert_uint_eq(id->type, type);
	if (type != IKE_ID_NONE)
		ck_assert_str_eq(ike_id_text(id, buf, sizeof(buf)), text);
}

/* UDP where the backend can do nothing else, or prefers it, or the site wants it. */
START_TEST(test_profile_encapsulation)
{
	static const struct profile_box can = {.prefer_encap = true}, kernel = {.esn = true};
	static const struct {
		enum site_tristate site;
		bool box, can, kernel;
	} rows[] = {
		{SITE_INHERIT, true, true, false},
		{SITE_ENABLE, true, true, true},
		{SITE_DISABLE, true, false, false},
	};
	struct site_config c, other;

	site_with_tunnel(&c);
	site_with_tunnel(&other);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		c.udp_encap = rows[i].site;
		ck_assert_int_eq(profile(&c, &box)->force_encap, rows[i].box);
		ck_assert_int_eq(profile(&c, &can)->force_encap, rows[i].can);
		ck_assert_int_eq(profile(&c, &kernel)->force_encap, rows[i].kernel);
		ck_assert_int_eq(site_config_equal(&c, &other), i == 0);
	}
	site_config_clear(&c);
	site_config_clear(&other);
}
END_TEST

START_TEST(test_profile_defaults)
{
	struct site_config c;
	struct ike_tunnel *p;

	site_with_tunnel(&c);
	p = profile(&c, &box);
	ck_assert_uint_eq(p->local.family, IP_NONE);
	expect_id(&p->local_id, IKE_ID_NONE, "");
	expect_id(&p->remote_id, IKE_ID_IPV4_ADDR, "203.0.113.202");
	ck_assert_uint_eq(p->remote.port, 0);
	ck_assert(ip_addr_equal(&p->remote.addr, &c.tunnels[1][1].public_ip));
	ck_assert(secret_equal(&p->psk, &c.tunnels[1][1].psk.key));
	ck_assert(!p->initiate && !p->may_initiate && !p->single_ts && p->force_encap && !p->esn);
	ck_assert(!p->child.aead_only && !p->ike.aead_only);
	ck_assert_uint_eq(p->keepalive_s, 10);
	ck_assert_uint_eq(p->dead_s, 60);
	ck_assert_uint_eq(p->rebuild_s, 90);
	ck_assert_uint_eq(p->ike_lifetime_s, 19800);
	ck_assert_uint_eq(p->child_lifetime_s, 3600);
	ck_assert_uint_eq(p->local_ts.count, 1);
	site_config_clear(&c);
}
END_TEST

START_TEST(test_peer_identities)
{
	static const struct {
		enum site_identifier identifier;
		const char *local_id;
		unsigned type;
		const char *text;
	} rows[] = {
		{SITE_ID_FQDN, "lyon-p2.id.example.net", IKE_ID_FQDN, "lyon-p2.id.example.net"},
		{SITE_ID_EMAIL, "lyon@example.net", IKE_ID_RFC822_ADDR, "lyon@example.net"},
		{SITE_ID_KEY_ID, "site-17", IKE_ID_KEY_ID, "site-17"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct site_config c;

		site_with_tunnel(&c);
		c.identifier = rows[i].identifier;
		snprintf(c.tunnels[1][1].local_id, SITE_TEXT_MAX, "%s", rows[i].local_id);
		expect_id(&profile(&c, &box)->remote_id, rows[i].type, rows[i].text);
		/* an override wins, and a dynamic peer has no address */
		c.tunnels[1][1].remote_id = ike_id_of_addr(&(struct ip_addr){IP_V4, {10, 0, 0, 2}});
		c.tunnels[1][1].public_ip = (struct ip_addr){.family = IP_NONE};
		expect_id(&profile(&c, &box)->remote_id, IKE_ID_IPV4_ADDR, "10.0.0.2");
		ck_assert_uint_eq(profile(&c, &box)->remote.addr.family, IP_NONE);
		site_config_clear(&c);
	}
}
END_TEST

START_TEST(test_ipv6_peer)
{
	struct site_config c;

	site_with_tunnel(&c);
	c.tunnels[1][1].public_ip = addr("2001:db8::7");
	expect_id(&profile(&c, &box)->remote_id, IKE_ID_IPV6_ADDR, "2001:db8::7");
	site_config_clear(&c);
}
END_TEST

START_TEST(test_bad_local_id_names_the_tunnel)
{
	static struct ike_tunnel p;
	struct site_config c;
	struct err_msg e = {.text = ""};

	site_with_tunnel(&c);
	c.identifier = SITE_ID_EMAIL;
	snprintf(c.tunnels[1][1].local_id, SITE_TEXT_MAX, "no-mail-address");
	ck_assert_int_eq(profile_of_tunnel(&c, SITE_SECONDARY, 1, &box, &p, &e), ERR_INVALID);
	ck_assert_ptr_nonnull(strstr(e.text, "Lyon tunnel secondary 2"));
	ck_assert_ptr_nonnull(strstr(e.text, "no-mail-address"));
	site_config_clear(&c);
}
END_TEST

START_TEST(test_own_identity)
{
	struct site_config c;
	struct tunnel_config *t = &c.tunnels[1][1];

	site_with_tunnel(&c);
	c.destination[SITE_PRIMARY].kind = SITE_DEST_ADDRESS; /* the other role's */
	c.destination[SITE_PRIMARY].addr = addr("192.0.2.1");
	expect_id(&profile(&c, &box)->local_id, IKE_ID_NONE, "");
	c.destination[SITE_SECONDARY].kind = SITE_DEST_ADDRESS;
	c.destination[SITE_SECONDARY].addr = addr("192.0.2.10");
	expect_id(&profile(&c, &box)->local_id, IKE_ID_IPV4_ADDR, "192.0.2.10");
	ck_assert(ip_addr_equal(&profile(&c, &box)->local, &c.destination[1].addr));
	c.destination[SITE_SECONDARY].kind = SITE_DEST_FQDN;
	snprintf(t->fqdn, sizeof(t->fqdn), "p1.ipsec.example.net");
	expect_id(&profile(&c, &box)->local_id, IKE_ID_FQDN, "p1.ipsec.example.net");
	ck_assert_uint_eq(profile(&c, &box)->local.family, IP_NONE);
	ck_assert_int_eq(ike_id_parse(IKE_ID_FQDN, "own.example", &t->own_id), 0);
	expect_id(&profile(&c, &box)->local_id, IKE_ID_FQDN, "own.example");
	site_config_clear(&c);
}
END_TEST

START_TEST(test_who_initiates)
{
	static const struct {
		enum site_connection_mode mode;
		bool wish, reachable, may, does;
	} rows[] = {
		{SITE_RESPONDER_ONLY, false, true, false, false},
		{SITE_RESPONDER_ONLY, true, true, false, false},
		{SITE_BIDIRECTIONAL, false, true, true, false},
		{SITE_BIDIRECTIONAL, true, true, true, true},
		{SITE_BIDIRECTIONAL, true, false, false, false},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct site_config c;

		site_with_tunnel(&c);
		c.identifier = SITE_ID_FQDN;
		snprintf(c.tunnels[1][1].local_id, SITE_TEXT_MAX, "x.example");
		c.connection_mode = rows[i].mode;
		c.initiate_connection = rows[i].wish;
		if (!rows[i].reachable)
			c.tunnels[1][1].public_ip = (struct ip_addr){.family = IP_NONE};
		ck_assert_msg(profile(&c, &box)->initiate == rows[i].does, "row %zu", i);
		ck_assert_msg(profile(&c, &box)->may_initiate == rows[i].may, "row %zu", i);
		site_config_clear(&c);
	}
}
END_TEST

START_TEST(test_license_and_single_ts)
{
	const struct profile_box single = {.single_ts = true};
	struct site_config c;

	site_with_tunnel(&c);
	c.license_mbps = 99;
	ck_assert(!profile(&c, &box)->child.aead_only);
	c.license_mbps = 100;
	ck_assert(profile(&c, &box)->child.aead_only);
	ck_assert(profile(&c, &single)->single_ts);
	c.single_ts = SITE_DISABLE;
	ck_assert(!profile(&c, &single)->single_ts);
	c.single_ts = SITE_ENABLE;
	ck_assert(profile(&c, &box)->single_ts);
	site_config_clear(&c);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		test_route_based,
		test_policy_based,
		test_explicit_selectors_replace,
		test_more_than_fits_is_cut,
		test_routes,
		test_profile_defaults,
		test_profile_encapsulation,
		test_peer_identities,
		test_ipv6_peer,
		test_bad_local_id_names_the_tunnel,
		test_own_identity,
		test_who_initiates,
		test_license_and_single_ts,
	};

	return run_cases("site_profile", tests, ARRAY_LEN(tests));
}
