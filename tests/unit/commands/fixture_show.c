/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two sites as the gateway would report them, for the tests of screens. */
#include "tests/unit/commands/fixture_show.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HOUR_MS UINT64_C(3600000)

struct ip_addr fixture_addr(const char *text)
{
	struct ip_addr a = {0};

	ck_assert_int_eq(ip_addr_parse(text, &a), 0);
	return a;
}

struct ip_range fixture_range(const char *text)
{
	struct ip_range r = {0};

	ck_assert_int_eq(ip_range_parse(text, &r), 0);
	return r;
}

struct ike_id fixture_fqdn(const char *text)
{
	struct ike_id id = {.type = IKE_ID_FQDN, .len = (uint8_t)strlen(text)};

	memcpy(id.data, text, id.len);
	return id;
}

static struct ip_endpoint endpoint(const char *addr, uint16_t port)
{
	return (struct ip_endpoint){.addr = fixture_addr(addr), .port = port};
}

static struct tunnel_status *add_tunnel(struct site_status *s, enum site_role role, unsigned index,
					const char *name, uint32_t wan, enum tunnel_state state)
{
	struct tunnel_status *t = &s->tunnels[s->tunnel_count++];

	t->role = role;
	t->index = index;
	t->slot = site_slot(role, index - 1);
	(void)snprintf(t->name, sizeof(t->name), "%s", name);
	t->wan_role = wan;
	t->state = state;
	(void)snprintf(t->reason, sizeof(t->reason), "-");
	return t;
}

static void up(struct tunnel_status *t, uint64_t age_ms, const char *peer)
{
	struct ike_tunnel_status *i = &t->ike;

	t->state_since_ms = FIXTURE_NOW_MS - age_ms;
	t->peer = endpoint(peer, 4500);
	i->state = IKE_TUNNEL_UP;
	i->state_since_ms = t->state_since_ms;
	i->spi_i = UINT64_C(0x8f2c00112233a4b5);
	i->spi_r = UINT64_C(0x1b77ccddeeff0011);
	i->local = endpoint("203.0.113.10", 4500);
	i->remote = t->peer;
	i->nat_remote = true;
	i->suite = (struct ike_suite){.encr = 20, .key_bits = 256, .prf = 6, .ke = 20};
	i->rekey_at_ms = FIXTURE_NOW_MS + 4 * HOUR_MS + UINT64_C(48) * 60000;
	i->expire_at_ms = FIXTURE_NOW_MS + 5 * HOUR_MS;
	i->last_rx_ms = FIXTURE_NOW_MS - 2000;
}

static void make_aws(struct site_status *s)
{
	struct tunnel_status *t;

	(void)snprintf(s->name, sizeof(s->name), "AWS-eu-central");
	(void)snprintf(s->device, sizeof(s->device), "ips1");
	s->index = 1;
	s->connected = true;
	s->active = SITE_PRIMARY;
	t = add_tunnel(s, SITE_PRIMARY, 1, "aws-vpn-a", 1, TUNNEL_UP);
	up(t, 76 * HOUR_MS, "198.51.100.21");
	t->rx_bps = 41200000;
	t->tx_bps = 12800000;
	t = add_tunnel(s, SITE_SECONDARY, 1, "aws-vpn-b", 1, TUNNEL_UP);
	up(t, 76 * HOUR_MS, "198.51.100.77");
}

static void make_down(struct tunnel_status *t)
{
	struct ike_failure *f = &t->ike.failure;

	t->state_since_ms = FIXTURE_NOW_MS - 192000;
	t->peer = endpoint("203.0.113.202", 40001);
	t->peer_id_expected = fixture_fqdn("lyon-p2.9c41e7.id.example.net");
	(void)snprintf(t->reason, sizeof(t->reason), "auth-failed");
	t->cause = IKE_CAUSE_PSK_MISMATCH;
	(void)snprintf(t->hint, sizeof(t->hint), "check the PSK on both sides");
	t->ike.attempts = 3;
	t->ike.next_attempt_ms = FIXTURE_NOW_MS + 41500;
	(void)snprintf(t->ike.peer_offer, sizeof(t->ike.peer_offer),
		       "aes-gcm-256/sha2-384/dh20, aes-cbc-256/sha2-256/sha2-256/dh14");
	f->reason = IKE_REASON_AUTH_FAILED;
	f->at_ms = FIXTURE_NOW_MS - 43000; /* 14:02:31 */
	f->exchange = 35;
	f->remote = t->peer;
	f->by_peer = true;
	f->id_seen = fixture_fqdn("lyon-p2.9c41e7.id.example.net");
	(void)snprintf(f->evidence, sizeof(f->evidence), "AUTH payload of peer did not verify");
}

static void make_lyon(struct site_status *s)
{
	struct tunnel_status *t;

	(void)snprintf(s->name, sizeof(s->name), "Branch-Lyon");
	(void)snprintf(s->device, sizeof(s->device), "ips2");
	s->index = 2;
	s->connected = true;
	s->active = SITE_PRIMARY;
	t = add_tunnel(s, SITE_PRIMARY, 1, "fiber", 1, TUNNEL_UP);
	up(t, UINT64_C(41) * 60000 + 7000, "203.0.113.201");
	t->rx_bps = 9900000;
	t->tx_bps = 3100000;
	t->rx_bytes = 1200000000;
	t->tx_bytes = 388000000;
	t->peer_id_expected = fixture_fqdn("lyon-p1.9c41e7.id.example.net");
	t->ike.peer_id = t->peer_id_expected;
	t->last_down = (struct ike_failure){
		.reason = IKE_REASON_DEAD_PEER,
		.at_ms = FIXTURE_NOW_MS - 2539000, /* 13:20:55 */
		.evidence = "no data or reply for 60 s",
	};
	make_down(add_tunnel(s, SITE_PRIMARY, 2, "vdsl", 2, TUNNEL_DOWN));
	t = add_tunnel(s, SITE_PRIMARY, 3, "lte", 0, TUNNEL_INCOMPLETE);
	(void)snprintf(t->reason, sizeof(t->reason), "psk missing");
}

static void make_child(struct child_status *c)
{
	c->ike.child = 7;
	c->ike.spi_in = 0xc82f01aa;
	c->ike.spi_out = 0x4e1100b9;
	c->ike.suite = (struct ike_suite){.encr = 20, .key_bits = 256};
	c->ike.local_ts.count = 1;
	c->ike.local_ts.ts[0] =
		(struct ike_ts){.port_last = UINT16_MAX, .range = fixture_range("10.20.8.0/24")};
	c->ike.remote_ts.count = 2;
	c->ike.remote_ts.ts[0] =
		(struct ike_ts){.port_last = UINT16_MAX, .range = fixture_range("10.0.0.0/16")};
	c->ike.remote_ts.ts[1] = (struct ike_ts){.protocol = 6,
						 .port_first = 443,
						 .port_last = 443,
						 .range = fixture_range("2001:db8::1-2001:db8::5")};
	c->ike.udp_encap = true;
	c->ike.since_ms = FIXTURE_NOW_MS - UINT64_C(41) * 60000 - 7000;
	c->ike.rekey_at_ms = FIXTURE_NOW_MS + UINT64_C(18) * 60000 + 22000;
	c->ike.expire_at_ms = FIXTURE_NOW_MS + UINT64_C(24) * 60000;
	c->counters.rx_packets = 912345;
	c->counters.rx_bytes = 1200000000;
	c->counters.tx_packets = 401122;
	c->counters.tx_bytes = 388999999;
	c->counters.auth_drops = 1;
}

void fixture_show_init(struct fixture_show *f)
{
	memset(f, 0, sizeof(*f));
	f->clock = (struct show_clock){.now_ms = FIXTURE_NOW_MS, .wall_ms = FIXTURE_WALL_MS};
	make_aws(&f->aws);
	make_lyon(&f->lyon);
	make_child(&f->child);
	site_config_init(&f->lyon_config, "Branch-Lyon");
	f->lyon_config.tunnels[SITE_PRIMARY][1].own_id =
		fixture_fqdn("p2-77aa01d3.ipsec.example.net");
	f->aws_site.status = &f->aws;
	f->lyon_site.status = &f->lyon;
	f->lyon_site.config = &f->lyon_config;
	f->lyon_site.children[0] = (struct show_children){.count = 1, .items = &f->child};
}

void fixture_show_clear(struct fixture_show *f)
{
	site_config_clear(&f->lyon_config);
}

char *fixture_finish(struct answer *a)
{
	struct strbuf out;
	char *text;

	strbuf_init(&out);
	answer_finish(a, &out);
	answer_free(a);
	text = strbuf_take(&out);
	strbuf_clear(&out);
	return text;
}

void fixture_expect(struct answer *a, const char *expected)
{
	char *text = fixture_finish(a);

	ck_assert_msg(strcmp(text, expected) == 0, "\n--- got\n%s--- expected\n%s---", text,
		      expected);
	free(text);
}
