/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Configuration as a value: defaults, copy, comparison, lists, what a tunnel lacks. */
#include "dataplane/site/site_config.h"
#include "platform/base/mem.h"
#include "tests/unit/platform/suite.h"

#include <stdio.h>
#include <string.h>

static struct ip_range range(const char *text)
{
	struct ip_range r;

	ck_assert_int_eq(ip_range_parse(text, &r), 0);
	return r;
}

static struct ip_addr addr(const char *text)
{
	struct ip_addr a;

	ck_assert_int_eq(ip_addr_parse(text, &a), 0);
	return a;
}

/* The defaults that operators are told (keepalive, dead, rebuild, lifetimes, HA). */
START_TEST(test_defaults)
{
	struct site_config c;

	site_config_init(&c, "Lyon");
	ck_assert_str_eq(c.name, "Lyon");
	ck_assert_uint_eq(c.keepalive_s, 10);
	ck_assert_uint_eq(c.dead_s, 60);
	ck_assert_uint_eq(c.rebuild_s, 90);
	ck_assert_uint_eq(c.ike_lifetime_s, 19800);
	ck_assert_uint_eq(c.child_lifetime_s, 3600);
	ck_assert_uint_eq(c.failback_delay_s, 60);
	ck_assert_uint_eq(c.tunnels[1][2].link_preference, 100);
	ck_assert(c.connection_mode == SITE_RESPONDER_ONLY);
	ck_assert(c.identifier == SITE_ID_IPV4);
	ck_assert(!c.initiate_connection);
	site_config_clear(&c);
	ck_assert_str_eq(c.name, "Lyon");
}
END_TEST

static void fill(struct site_config *c)
{
	struct ip_range r = range("10.0.0.0/16");
	struct tunnel_config *t = &c->tunnels[SITE_PRIMARY][1];

	site_config_init(c, "Lyon");
	ck_assert_int_eq(ip_prefix_parse("10.20.0.0/16", &c->native_range), 0);
	site_network_list_set(&c->network_ranges, "hq", &r);
	site_network_list_set(&c->networks, "lab", &r);
	ck_assert(site_range_list_add(&c->ts_local, &r));
	ck_assert(site_range_list_add(&c->ts_peer, &r));
	t->present = true;
	snprintf(t->name, sizeof(t->name), "vdsl");
	t->public_ip = addr("203.0.113.202");
	secret_set(&t->psk.key, "0123456789abcdef", 16);
	t->psk.sealed = mem_strdup("sealed text");
	ck_assert_int_eq(ike_id_parse(IKE_ID_FQDN, "a.example.net", &t->own_id), 0);
}

START_TEST(test_copy_is_deep_and_equal)
{
	struct site_config a, b;

	fill(&a);
	site_config_init(&b, "other");
	secret_set(&b.tunnels[1][0].psk.key, "old", 3);
	site_config_copy(&b, &a);
	ck_assert(site_config_equal(&a, &b));
	ck_assert_ptr_ne(a.networks.items, b.networks.items);
	ck_assert_ptr_ne(a.tunnels[0][1].psk.key.data, b.tunnels[0][1].psk.key.data);
	ck_assert_ptr_ne(a.tunnels[0][1].psk.sealed, b.tunnels[0][1].psk.sealed);
	ck_assert_uint_eq(b.tunnels[1][0].psk.key.len, 0);
	site_config_clear(&a);
	ck_assert(!site_config_equal(&a, &b));
	ck_assert_str_eq(b.networks.items[0].label, "lab");
	site_config_copy(&b, &b);
	ck_assert_str_eq(b.networks.items[0].label, "lab");
	site_config_clear(&b);
}
END_TEST

static void change(struct site_config *c, unsigned which)
{
	struct tunnel_config *t = &c->tunnels[SITE_PRIMARY][1];
	struct ip_range r = range("192.168.7.1-192.168.7.9");

	switch (which) {
	case 0:
		c->name[0] = 'X';
		break;
	case 1:
		snprintf(c->account, sizeof(c->account), "acme");
		break;
	case 2:
		c->type = SITE_BRANCH;
		break;
	case 3:
		snprintf(c->country, sizeof(c->country), "France");
		break;
	case 4:
		snprintf(c->state, sizeof(c->state), "Ohio");
		break;
	case 5:
		c->license_mbps = 90;
		break;
	case 6:
		c->native_range.len = 17;
		break;
	case 7:
		c->connection_mode = SITE_BIDIRECTIONAL;
		break;
	case 8:
		c->initiate_connection = true;
		break;
	case 9:
		c->identifier = SITE_ID_KEY_ID;
		break;
	case 10:
		c->destination[1].kind = SITE_DEST_FQDN;
		break;
	case 11:
		c->destination[0].addr = addr("192.0.2.1");
		break;
	case 12:
		snprintf(c->destination[0].pop, 8, "Munich");
		break;
	case 13:
		c->init_parameters.encr = 20;
		break;
	case 14:
		c->init_parameters.key_bits = 256;
		break;
	case 15:
		c->init_parameters.prf = 5;
		break;
	case 16:
		c->auth_parameters.integ = 12;
		break;
	case 17:
		c->auth_parameters.ke = 19;
		break;
	case 18:
		c->auth_parameters.aead_only = true;
		break;
	case 19:
		site_network_list_set(&c->network_ranges, "dc", &r);
		break;
	case 20:
		site_network_list_set(&c->network_ranges, "hq", &r);
		break;
	case 21:
		site_network_list_remove(&c->networks, "lab");
		break;
	case 22:
		site_range_list_add(&c->ts_local, &r);
		break;
	case 23:
		c->ts_peer.items[0] = r;
		break;
	case 24:
		c->single_ts = SITE_ENABLE;
		break;
	case 25:
		c->keepalive_s++;
		break;
	case 26:
		c->dead_s++;
		break;
	case 27:
		c->rebuild_s++;
		break;
	case 28:
		c->ike_lifetime_s++;
		break;
	case 29:
		c->child_lifetime_s++;
		break;
	case 30:
		c->failback_delay_s++;
		break;
	case 31:
		c->bandwidth_down++;
		break;
	case 32:
		c->bandwidth_up++;
		break;
	case 33:
		t->present = false;
		break;
	case 34:
		t->name[0] = 'V';
		break;
	case 35:
		t->wan_role = 2;
		break;
	case 36:
		t->public_ip.bytes[3]++;
		break;
	case 37:
		t->local_id[0] = 'i';
		break;
	case 38:
		t->own_id.data[0] = 'A';
		break;
	case 39:
		t->remote_id.type = IKE_ID_KEY_ID;
		break;
	case 40:
		t->fqdn[0] = 'f';
		break;
	case 41:
		t->private_pop = addr("169.254.1.1");
		break;
	case 42:
		t->private_site = addr("169.254.1.2");
		break;
	case 43:
		t->last_mile_down++;
		break;
	case 44:
		t->last_mile_up++;
		break;
	case 45:
		t->link_preference++;
		break;
	case 46:
		t->psk.key.data[15] ^= 1;
		break;
	case 47:
		secret_set(&t->psk.key, "0123456789abcde", 15);
		break;
	case 48:
		t->psk.sealed[0] = 'S';
		break;
	default:
		ck_abort_msg("no such change");
	}
}
#define CHANGES 49

START_TEST(test_each_difference_is_seen)
{
	for (unsigned i = 0; i < CHANGES; i++) {
		struct site_config a, b;

		fill(&a);
		fill(&b);
		ck_assert(site_config_equal(&a, &b));
		change(&b, i);
		ck_assert_msg(!site_config_equal(&a, &b), "change %u not seen", i);
		ck_assert_msg(!site_config_equal(&b, &a), "change %u not seen", i);
		site_config_clear(&a);
		site_config_clear(&b);
	}
}
END_TEST

START_TEST(test_network_list)
{
	struct site_network_list l = {.count = 0};
	struct ip_range a = range("10.0.0.0/8");
	struct ip_range b = range("10.9.0.1");

	site_network_list_set(&l, "x", &a);
	site_network_list_set(&l, "y", &a);
	site_network_list_set(&l, "x", &b);
	ck_assert_uint_eq(l.count, 2);
	ck_assert_str_eq(l.items[0].label, "x");
	ck_assert(ip_range_equal(&l.items[0].range, &b));
	ck_assert(!site_network_list_remove(&l, "z"));
	ck_assert(site_network_list_remove(&l, "x"));
	ck_assert_str_eq(l.items[0].label, "y");
	ck_assert(site_network_list_remove(&l, "y"));
	ck_assert_ptr_null(l.items);
}
END_TEST

START_TEST(test_range_list)
{
	struct site_range_list l = {.count = 0};
	struct ip_range a = range("10.0.0.0/8");
	struct ip_range b = range("10.9.0.1");

	ck_assert(site_range_list_add(&l, &a));
	ck_assert(!site_range_list_add(&l, &a));
	ck_assert(site_range_list_add(&l, &b));
	ck_assert(site_range_list_remove(&l, &a));
	ck_assert(!site_range_list_remove(&l, &a));
	ck_assert(ip_range_equal(&l.items[0], &b));
	ck_assert(site_range_list_remove(&l, &b));
	ck_assert_ptr_null(l.items);
}
END_TEST

START_TEST(test_missing)
{
	struct site_config c;
	struct tunnel_config *t;

	site_config_init(&c, "s");
	t = &c.tunnels[SITE_SECONDARY][0];
	t->present = true;
	ck_assert_str_eq(site_tunnel_missing(&c, SITE_SECONDARY, 0), "psk missing");
	t->psk.sealed = mem_strdup("$6$x");
	ck_assert_str_eq(site_tunnel_missing(&c, SITE_SECONDARY, 0), "psk cannot be decrypted");
	secret_set(&t->psk.key, "k", 1);
	ck_assert_str_eq(site_tunnel_missing(&c, SITE_SECONDARY, 0), "public-ip missing");
	t->public_ip = addr("2001:db8::1");
	ck_assert_ptr_null(site_tunnel_missing(&c, SITE_SECONDARY, 0));
	c.identifier = SITE_ID_FQDN;
	ck_assert_str_eq(site_tunnel_missing(&c, SITE_SECONDARY, 0), "local-id missing");
	ck_assert_int_eq(ike_id_parse(IKE_ID_FQDN, "x.example", &t->remote_id), 0);
	ck_assert_ptr_null(site_tunnel_missing(&c, SITE_SECONDARY, 0));
	site_config_clear(&c);
}
END_TEST

START_TEST(test_slots_and_names)
{
	ck_assert_uint_eq(site_slot(SITE_PRIMARY, 0), 1);
	ck_assert_uint_eq(site_slot(SITE_PRIMARY, 2), 3);
	ck_assert_uint_eq(site_slot(SITE_SECONDARY, 2), 6);
	ck_assert_str_eq(site_role_name(SITE_PRIMARY), "primary");
	ck_assert_str_eq(site_role_name(SITE_SECONDARY), "secondary");
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		test_defaults,
		test_copy_is_deep_and_equal,
		test_each_difference_is_seen,
		test_network_list,
		test_range_list,
		test_missing,
		test_slots_and_names,
	};

	return run_cases("site_config", tests, ARRAY_LEN(tests));
}
