/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Our nftables table in a network namespace of its own: nft(8) tells what the kernel has, and
 * packets through a device called ips1 tell what it does.  Needs root and nft; exits 77 without.
 */
#include "dataplane/net/nft.h"
#include "dataplane/net/nft_skeleton.h"
#include "platform/base/mem.h"
#include "platform/os/loop.h"
#include "tests/unit/platform/suite.h"

#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct nft *nft;

/* The kernel's answers to so many of our requests get lost from now on. */
static unsigned lose_answers;
static bool answer_is_due;

ssize_t recv(int fd, void *buf, size_t n, int flags)
{
	if (lose_answers > 0 && answer_is_due) {
		answer_is_due = false;
		lose_answers--;
		errno = ENOBUFS;
		return -1;
	}
	answer_is_due = true; /* the first look is for what came unasked */
	return syscall(SYS_recvfrom, fd, buf, n, flags, NULL, NULL);
}

static int shell(const char *command)
{
	return system(command); /* NOLINT: a test */
}

static void must(const char *command)
{
	ck_assert_msg(shell(command) == 0, "%s", command);
}

static void commit(void)
{
	struct err_msg e = {.text = ""};

	ck_assert_msg(nft_commit(nft, &e) == 0, "%s", e.text);
}

static void set_up(void)
{
	struct err_msg e = {.text = ""};

	ck_assert_int_eq(unshare(CLONE_NEWNET), 0);
	nft = nft_open(&(struct nft_options){.steering = true, .natt_port = 4500}, &e);
	ck_assert_msg(nft != NULL, "%s", e.text);
}

static void tear_down(void)
{
	struct err_msg e = {.text = ""};

	ck_assert_msg(nft_close(nft, &e) == 0, "%s", e.text);
	must("! nft list table inet ikesh 2>/dev/null | grep -q .");
}

/* ---- What nft(8) says
 * ---------------------------------------------------------------------------- */

static json_t *listed(const char *what)
{
	char command[128];
	json_error_t error;
	json_t *all;
	FILE *f;

	snprintf(command, sizeof(command), "nft -j list %s", what);
	f = popen(command, "r"); /* NOLINT: a test */
	ck_assert_ptr_nonnull(f);
	all = json_loadf(f, 0, &error);
	ck_assert_int_eq(pclose(f), 0);
	ck_assert_msg(all != NULL, "%s: %s", what, error.text);
	return all;
}

/* Adds up what fn says of each object of a kind ("rule"). */
static unsigned each(const char *what, const char *kind,
		     unsigned (*fn)(const json_t *o, const void *arg), const void *arg)
{
	json_t *all = listed(what);
	const json_t *list = json_object_get(all, "nftables");
	unsigned sum = 0;

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *o = json_object_get(json_array_get(list, i), kind);

		if (o != NULL)
			sum += fn(o, arg);
	}
	json_decref(all);
	return sum;
}

static unsigned one(const json_t *o, const void *arg)
{
	(void)o;
	(void)arg;
	return 1;
}

/* The map's elements as a mask of what was expected. */
struct expected {
	int ifindex;
	const struct dp_steering *steering;
};

static unsigned check_bucket_map(const json_t *map, const void *arg)
{
	const struct expected *x = arg;
	const json_t *elements = json_object_get(map, "elem");
	unsigned right = 0;

	for (size_t i = 0; i < json_array_size(elements); i++) {
		const json_t *pair = json_array_get(elements, i);
		const json_t *key = json_object_get(json_array_get(pair, 0), "concat");
		const json_t *device = json_array_get(key, 0);
		json_int_t bucket = json_integer_value(json_array_get(key, 1));
		char name[16];

		snprintf(name, sizeof(name), "%d", x->ifindex);
		ck_assert_msg(json_is_integer(device)
				      ? json_integer_value(device) == x->ifindex
				      : strcmp(json_string_value(device), name) == 0 ||
						strcmp(json_string_value(device), "ips1") == 0,
			      "device of an element");
		ck_assert(bucket >= 0 && bucket < DP_BUCKETS);
		right += json_integer_value(json_array_get(pair, 1)) ==
			 x->steering->bucket_slot[bucket];
	}
	ck_assert_uint_eq(right, json_array_size(elements));
	return right;
}

static unsigned buckets_right(int ifindex, const struct dp_steering *s)
{
	struct expected x = {.ifindex = ifindex, .steering = s};

	return each("map inet ikesh bucket", "map", check_bucket_map, &x);
}

/* ---- The table
 * ----------------------------------------------------------------------------------- */

START_TEST(test_skeleton)
{
	commit();
	ck_assert_uint_eq(each("table inet ikesh", "rule", one, NULL), nft_skeleton_rules(true));
	ck_assert(nft_audit(nft));
	/* it reads as what it is meant to be */
	must("nft list chain inet ikesh spread | grep -q 'oif . ct mark & 0x0000000f map @keep'");
	must("nft list chain inet ikesh spread | grep -q 'oif . jhash @nh,96,64 . @th,0,32 mod 64 "
	     "seed 0x696b6573 map @bucket goto fix'");
}
END_TEST

START_TEST(test_changes_reach_the_map)
{
	struct dp_steering s;
	uint64_t random = 7;

	memset(&s, 0, sizeof(s));
	for (unsigned round = 0; round < 40; round++) {
		unsigned set = 0;

		for (unsigned i = 0; i < DP_BUCKETS; i++) {
			if (next_random(&random) % 4 == 0)
				s.bucket_slot[i] = (uint8_t)(next_random(&random) % 7);
			set += s.bucket_slot[i] != 0;
		}
		s.usable = (uint8_t)(next_random(&random) & 0x3f);
		s.pin[round % 6] = ip_addr_v4((uint32_t)(0x0a000000 + round));
		nft_site_set(nft, 3, 12, &s, NULL, 0);
		if (round % 3 == 0) /* several changes in one transaction */
			continue;
		commit();
		ck_assert_uint_eq(buckets_right(12, &s), set);
	}
	nft_site_set(nft, 3, 13, &s, NULL, 0); /* the device was made anew */
	commit();
	ck_assert_uint_gt(buckets_right(13, &s), 0);
	nft_site_remove(nft, 3);
	commit();
	ck_assert_uint_eq(buckets_right(13, &s), 0);
	must("nft list set inet ikesh site | grep -q elements && exit 1; exit 0");
	must("nft list map inet ikesh keep | grep -q elements && exit 1; exit 0");
	must("nft list map inet ikesh pin4 | grep -q elements && exit 1; exit 0");
}
END_TEST

START_TEST(test_flush_by_somebody_is_repaired)
{
	struct dp_steering s = {.bucket_slot = {1, 2, 3}, .usable = 7};

	nft_site_set(nft, 1, 12, &s, NULL, 0);
	commit();
	ck_assert(nft_audit(nft));
	must("nft add table inet other"); /* no harm to ours */
	ck_assert(nft_audit(nft));
	must("nft flush ruleset");
	ck_assert(!nft_audit(nft));
	commit();
	ck_assert(nft_audit(nft));
	ck_assert_uint_eq(buckets_right(12, &s), 3);
	must("nft flush map inet ikesh bucket");
	ck_assert(!nft_audit(nft));
	commit();
	ck_assert_uint_eq(buckets_right(12, &s), 3);
	must("nft flush chain inet ikesh spread");
	ck_assert(!nft_audit(nft));
	commit();
	ck_assert_uint_eq(each("table inet ikesh", "rule", one, NULL), nft_skeleton_rules(true));
}
END_TEST

/* A change that does not fit to what the kernel has is refused as a whole; the next one repairs. */
START_TEST(test_refused_transaction)
{
	struct dp_steering s = {.bucket_slot = {1, 2, 3}};
	struct err_msg e = {.text = ""};

	nft_site_set(nft, 1, 12, &s, NULL, 0);
	commit();
	must("nft delete table inet ikesh");
	s.bucket_slot[0] = 4;
	nft_site_set(nft, 1, 12, &s, NULL, 0);
	ck_assert_int_ne(nft_commit(nft, &e), 0);
	ck_assert_msg(strstr(e.text, "nftables: bucket: No such file") != NULL, "%s", e.text);
	commit();
	ck_assert_uint_eq(buckets_right(12, &s), 3);
}
END_TEST

/* The transaction is done, its answers are lost: nobody knows, so all is made anew. */
START_TEST(test_lost_answers)
{
	struct dp_steering s = {.bucket_slot = {1, 2, 3}, .usable = 7};
	struct err_msg e = {.text = ""};

	nft_site_set(nft, 1, 12, &s, NULL, 0);
	commit();
	s.bucket_slot[1] = 5;
	nft_site_set(nft, 1, 12, &s, NULL, 0);
	lose_answers = 1;
	answer_is_due = false;
	ck_assert_int_eq(nft_commit(nft, &e), ERR_BUSY);
	ck_assert_str_eq(e.text, "nftables: answers were lost");
	ck_assert_uint_eq(lose_answers, 0);
	ck_assert_uint_eq(buckets_right(12, &s), 3); /* it was done */
	ck_assert(!nft_audit(nft));
	s.bucket_slot[2] = 6;
	nft_site_set(nft, 1, 12, &s, NULL, 0);
	commit();
	ck_assert(nft_audit(nft));
	ck_assert_uint_eq(buckets_right(12, &s), 3);
	ck_assert_uint_eq(each("table inet ikesh", "rule", one, NULL), nft_skeleton_rules(true));
}
END_TEST

START_TEST(test_ten_thousand_sites)
{
	struct dp_steering s;
	uint64_t start, made, moved;
	const char *slow = getenv("ASAN_OPTIONS");

	memset(&s, 0, sizeof(s));
	for (unsigned i = 0; i < DP_BUCKETS; i++)
		s.bucket_slot[i] = (uint8_t)(i % 3 + 1);
	s.usable = 7;
	start = loop_clock_ms();
	for (uint32_t site = 1; site <= 10000; site++)
		nft_site_set(nft, site, (int)site + 10, &s, NULL, 0);
	commit();
	made = loop_clock_ms();
	for (unsigned i = 0; i < 8; i++)
		s.bucket_slot[i] = 4;
	for (uint32_t site = 1; site <= 1000; site++)
		nft_site_set(nft, site, (int)site + 10, &s, NULL, 0);
	commit();
	moved = loop_clock_ms();
	printf("10,000 sites in one transaction: %u ms; 8 buckets of 1,000 sites: %u ms\n",
	       (unsigned)(made - start), (unsigned)(moved - made));
	ck_assert_uint_lt(made - start, slow != NULL ? 10000 : 3000);
	ck_assert(nft_audit(nft));
}
END_TEST

/* ---- What it does
 * -------------------------------------------------------------------------------- */

/* A device ips1 whose packets are counted by mark behind our table; 10.20.0.0/16 lies there. */
static int build_path(void)
{
	must("ip link set lo up && ip link add ips1 type veth peer name sink && "
	     "ip link set ips1 up && ip link set sink up && ip addr add 10.0.0.1/24 dev ips1 && "
	     "ip route add 10.20.0.0/16 dev ips1 && "
	     "ip neigh add 10.20.0.9 lladdr 02:00:00:00:00:01 dev ips1 nud permanent && "
	     "ip neigh add 10.20.0.8 lladdr 02:00:00:00:00:01 dev ips1 nud permanent");
	must("nft 'table inet probe { chain c { type filter hook postrouting priority 100; "
	     "oif ips1 udp dport 7000-9000 counter meta mark vmap { 1: jump m1, 2: jump m2, "
	     "3: jump m3, 0: jump m0 }; }; chain m0 { counter; }; chain m1 { counter; }; "
	     "chain m2 { counter; }; chain m3 { counter; }; }'");
	return (int)if_nametoindex("ips1");
}

static unsigned packets_of(const json_t *rule, const void *arg)
{
	const json_t *expr = json_object_get(rule, "expr");

	if (strcmp(json_string_value(json_object_get(rule, "chain")), arg) != 0)
		return 0;
	for (size_t i = 0; i < json_array_size(expr); i++) {
		const json_t *c = json_object_get(json_array_get(expr, i), "counter");

		if (c != NULL)
			return (unsigned)json_integer_value(json_object_get(c, "packets"));
	}
	return 0;
}

static unsigned marked(unsigned slot)
{
	char chain[8];

	snprintf(chain, sizeof(chain), "m%u", slot);
	return each("table inet probe", "rule", packets_of, chain);
}

static void reset_marked(void)
{
	must("nft reset counters table inet probe >/dev/null 2>&1; "
	     "for c in m0 m1 m2 m3; do nft flush chain inet probe $c; "
	     "nft add rule inet probe $c counter; done");
}

/* n flows, one packet each, from ports 20000 on; again: the same flows. */
static void send_flows(unsigned n, const char *to, unsigned port)
{
	char command[320];

	snprintf(command, sizeof(command),
		 "/usr/bin/python3 -c 'import socket\n"
		 "for i in range(%u):\n"
		 " s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
		 " s.bind((\"10.0.0.1\", 20000 + i))\n"
		 " s.setblocking(False)\n"
		 " try: s.sendto(b\"x\", (\"%s\", %u))\n"
		 " except PermissionError: pass\n"
		 " s.close()\n'",
		 n, to, port);
	must(command);
}

static struct dp_steering shared(unsigned first, unsigned second)
{
	struct dp_steering s;

	memset(&s, 0, sizeof(s));
	for (unsigned i = 0; i < DP_BUCKETS; i++)
		s.bucket_slot[i] = i < first ? 1 : i < first + second ? 2 : 3;
	s.usable = 7;
	return s;
}

START_TEST(test_flows_keep_their_slot)
{
	int ifindex = build_path();
	struct dp_steering s = shared(48, 16);
	unsigned second, dead;

	nft_site_set(nft, 1, ifindex, &s, NULL, 0);
	commit();
	send_flows(1000, "10.20.0.9", 7000);
	ck_assert_uint_eq(marked(1) + marked(2), 1000);
	second = marked(2);
	ck_assert_uint_ge(second, 200); /* 25 % of 1000, four standard deviations */
	ck_assert_uint_le(second, 305);
	/* shares turned round: known flows stay, new ones follow */
	s = shared(16, 48);
	nft_site_set(nft, 1, ifindex, &s, NULL, 0);
	commit();
	reset_marked();
	send_flows(1000, "10.20.0.9", 7000);
	ck_assert_uint_eq(marked(2), second);
	reset_marked();
	send_flows(1000, "10.20.0.8", 7000);
	ck_assert_uint_ge(marked(2), 695);
	/* slot 2 is dead: its flows and buckets move, the others stay */
	dead = marked(1);
	s = shared(64, 0);
	s.usable = 5;
	nft_site_set(nft, 1, ifindex, &s, NULL, 0);
	commit();
	reset_marked();
	send_flows(1000, "10.20.0.8", 7000);
	ck_assert_uint_eq(marked(1), 1000);
	ck_assert_uint_lt(dead, 1000);
}
END_TEST

/* Packets whose queue (skb priority) is this one; the probe's chains m1.. count them by port. */
static void expect_queue(unsigned port, uint32_t priority, unsigned packets)
{
	char command[320];

	snprintf(command, sizeof(command),
		 "nft add rule inet probe c udp dport %u meta priority %x:%x counter comment q%u",
		 port, priority >> 16, priority & 0xffff, port);
	must(command);
	send_flows(packets, "10.20.0.9", port);
	snprintf(command, sizeof(command),
		 "nft list chain inet probe c | grep -q 'packets %u .*q%u'", packets, port);
	must(command);
}

/* Priorities where nothing is steered by marks (false) and where it is, on slot 2. */
static void check_priorities(bool steering)
{
	struct err_msg e = {.text = ""};
	struct net_class c[4] = {{.site = 2, .band = 5},
				 {.site = 1, .band = 1},
				 {.band = 3},
				 {.site = 1, .band = 7}};
	struct dp_steering s = shared(0, 64);
	uint32_t slot = steering ? 2 : 0;
	int ifindex = build_path();

	for (size_t i = 0; i < ARRAY_LEN(c); i++) {
		c[i].match.has_protocol = true;
		c[i].match.protocol = 17;
	}
	c[1].match.destination_port = (struct net_ports){true, 7001, 7001};
	c[2].match.has_dscp = true; /* both families: two rules */
	c[2].match.dscp = 46;
	c[3].match.destination_port = (struct net_ports){true, 7003, 7004};
	ck_assert_int_eq(nft_close(nft, &e), 0);
	nft = nft_open(&(struct nft_options){.steering = steering, .natt_port = 4500}, &e);
	if (steering)
		nft_site_set(nft, 1, ifindex, &s, NULL, 0);
	nft_classes_set(nft, c, ARRAY_LEN(c));
	commit();
	ck_assert(nft_audit(nft));
	expect_queue(7001, 0x10110 + slot, 20);
	expect_queue(7002, 0x10010 + slot, 20);
	expect_queue(7004, 0x10710 + slot, 20);
	c[3].band = 0; /* changed in place */
	nft_classes_set(nft, c, ARRAY_LEN(c));
	commit();
	expect_queue(7003, 0x10010 + slot, 20);
	ck_assert_uint_eq(each("chain inet ikesh classes", "rule", one, NULL), 5);
	nft_classes_set(nft, NULL, 0);
	commit();
	ck_assert_uint_eq(each("chain inet ikesh classes", "rule", one, NULL), 0);
}

START_TEST(test_priorities_without_marks)
{
	check_priorities(false);
}
END_TEST

START_TEST(test_priorities_with_marks)
{
	check_priorities(true);
}
END_TEST

#define FLOWS 100

/* Port - 20000 and mark of each flow seen since the last call. */
static void note_marks(uint8_t mark_of[FLOWS])
{
	json_t *all = listed("set inet probe seen");
	const json_t *list = json_object_get(all, "nftables");
	unsigned count = 0;

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *set = json_object_get(json_array_get(list, i), "set");
		const json_t *elements = json_object_get(set, "elem");

		for (size_t k = 0; k < json_array_size(elements); k++) {
			const json_t *pair = json_object_get(json_array_get(elements, k), "concat");
			json_int_t port = json_integer_value(json_array_get(pair, 0));

			ck_assert(port >= 20000 && port < 20000 + FLOWS);
			mark_of[port - 20000] =
				(uint8_t)json_integer_value(json_array_get(pair, 1));
			count++;
		}
	}
	json_decref(all);
	ck_assert_uint_eq(count, FLOWS); /* one mark each */
	must("nft flush set inet probe seen");
}

/* Rewritten buckets: no flow moves while its slot serves; when one does not, its flows move, and of
 * the others not one; when it comes back, none moves back. */
START_TEST(test_flows_move_only_when_they_must)
{
	uint8_t before[FLOWS], after[FLOWS], last[FLOWS];
	unsigned moved = 0, of_dead = 0;
	int ifindex = build_path();
	struct dp_steering s = shared(24, 20);

	must("nft 'add set inet probe seen { type inet_service . mark; flags dynamic; "
	     "size 1000; }; add rule inet probe c udp dport 7000 add @seen { udp sport . meta mark "
	     "}'");
	nft_site_set(nft, 1, ifindex, &s, NULL, 0);
	commit();
	send_flows(FLOWS, "10.20.0.9", 7000);
	note_marks(before);
	for (unsigned i = 0; i < DP_BUCKETS; i++)
		s.bucket_slot[i] = (uint8_t)(s.bucket_slot[i] % 3 + 1); /* every single one */
	nft_site_set(nft, 1, ifindex, &s, NULL, 0);
	commit();
	send_flows(FLOWS, "10.20.0.9", 7000);
	note_marks(after);
	ck_assert_mem_eq(before, after, FLOWS);
	for (unsigned i = 0; i < DP_BUCKETS; i++)
		s.bucket_slot[i] = s.bucket_slot[i] == 2 ? 3 : s.bucket_slot[i];
	s.usable = 5;
	nft_site_set(nft, 1, ifindex, &s, NULL, 0);
	commit();
	send_flows(FLOWS, "10.20.0.9", 7000);
	note_marks(after);
	for (unsigned i = 0; i < FLOWS; i++) {
		moved += after[i] != before[i];
		of_dead += before[i] == 2;
		ck_assert(before[i] == 2 ? after[i] != 2 : after[i] == before[i]);
	}
	ck_assert_uint_eq(moved, of_dead);
	ck_assert_uint_ge(moved, 10);
	s = shared(10, 44);
	nft_site_set(nft, 1, ifindex, &s, NULL, 0);
	commit();
	send_flows(FLOWS, "10.20.0.9", 7000);
	note_marks(last);
	ck_assert_mem_eq(last, after, FLOWS);
}
END_TEST

START_TEST(test_pins_and_sites_that_are_not_steered)
{
	int ifindex = build_path();
	struct dp_steering s = shared(64, 0);

	send_flows(10, "10.20.0.9", 7000);
	ck_assert_uint_eq(marked(0), 10);
	s.pin[2] = ip_addr_v4(0x0a140009);
	nft_site_set(nft, 1, ifindex, &s, NULL, 0);
	commit();
	send_flows(10, "10.20.0.9", 7000);
	ck_assert_uint_eq(marked(3), 10);
	send_flows(10, "10.20.0.8", 7000);
	ck_assert_uint_eq(marked(1), 10);
}
END_TEST

static struct dp_rule port_rule(uint32_t number, uint16_t port, uint8_t slot)
{
	struct dp_rule r;

	memset(&r, 0, sizeof(r));
	r.number = number;
	r.slot = slot;
	r.match.has_protocol = true;
	r.match.protocol = 17;
	r.match.destination_port = (struct net_ports){true, port, port};
	return r;
}

START_TEST(test_rules_win_in_order)
{
	int ifindex = build_path();
	struct dp_steering s = shared(64, 0);
	struct dp_rule rules[3] = {port_rule(10, 8000, 2), port_rule(20, 8000, 3),
				   port_rule(30, 8001, DP_RULE_DROP)};

	nft_site_set(nft, 1, ifindex, &s, NULL, 0);
	commit();
	send_flows(20, "10.20.0.9", 8000);
	ck_assert_uint_eq(marked(1), 20);
	/* old flows follow a new rule */
	nft_rules_set(nft, rules, 3);
	nft_site_set(nft, 1, ifindex, &s, rules, 3);
	commit();
	reset_marked();
	send_flows(20, "10.20.0.9", 8000);
	send_flows(5, "10.20.0.9", 8002);
	ck_assert_uint_eq(marked(2), 20);
	ck_assert_uint_eq(marked(1), 5);
	send_flows(7, "10.20.0.9", 8001);
	ck_assert_uint_eq(marked(1) + marked(2) + marked(3), 25);
	ck_assert_uint_eq(nft_rule_hits(nft, 10), 20);
	ck_assert_uint_eq(nft_rule_hits(nft, 20), 0);
	ck_assert_uint_eq(nft_rule_hits(nft, 30), 7);
	/* falls back to any: as if there were no rule */
	rules[0].slot = 0;
	nft_site_set(nft, 1, ifindex, &s, rules, 3);
	commit();
	reset_marked();
	send_flows(20, "10.20.0.9", 8000);
	ck_assert_uint_eq(marked(1), 20);
	ck_assert_uint_eq(nft_rule_hits(nft, 10), 40);
	/* another rule changes: this one's hits stay; removed, the next one decides */
	rules[2] = port_rule(30, 8005, 2);
	nft_rules_set(nft, rules, 3);
	commit();
	ck_assert_uint_eq(nft_rule_hits(nft, 10), 40);
	ck_assert_uint_eq(nft_rule_hits(nft, 30), 0);
	nft_rules_set(nft, rules + 1, 2);
	nft_site_set(nft, 1, ifindex, &s, rules + 1, 2);
	commit();
	reset_marked();
	send_flows(20, "10.20.0.9", 8000);
	ck_assert_uint_eq(marked(3), 20);
	ck_assert(nft_audit(nft));
}
END_TEST

START_TEST(test_rule_matches)
{
	int ifindex = build_path();
	struct dp_steering s = shared(64, 0);
	struct dp_rule r;

	memset(&r, 0, sizeof(r));
	r.number = 65535;
	r.slot = 2;
	ck_assert_int_eq(ip_range_parse("10.0.0.1-10.0.0.7", &r.match.source), 0);
	ck_assert_int_eq(ip_range_parse("10.20.0.9", &r.match.destination), 0);
	r.match.source_port = (struct net_ports){true, 20003, 20005};
	nft_site_set(nft, 1, ifindex, &s, &r, 1);
	nft_rules_set(nft, &r, 1);
	commit();
	send_flows(10, "10.20.0.9", 7000);
	send_flows(10, "10.20.0.8", 7000);
	ck_assert_uint_eq(marked(2), 3);
	ck_assert_uint_eq(marked(1), 17);
	memset(&r.match, 0, sizeof(r.match));
	r.match.has_dscp = true;
	r.match.dscp = 46;
	nft_rules_set(nft, &r, 1);
	commit();
	reset_marked();
	must("/usr/bin/python3 -c 'import socket\n"
	     "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
	     "for tos in (0, 0xb8, 0xb9, 0xbc):\n"
	     " s.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, tos)\n"
	     " s.sendto(b\"x\", (\"10.20.0.9\", 7000))\n'");
	ck_assert_uint_eq(marked(2), 2);
}
END_TEST

/* The program beside us that looks at SYN packets. */
static void expect_mss(const char *arguments)
{
	char command[PATH_MAX + 64];

	(void)snprintf(command, sizeof(command), IKESH_TEST_DIR "/nft_mss.py %s", arguments);
	must(command);
}

/* A SYN that passes a device of ours in either direction gets an MSS that fits the device's MTU of
 * that moment, or the route's; a smaller one stays. */
START_TEST(test_mss)
{
	must("sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 "
	     "net.ipv4.conf.all.rp_filter=0 net.ipv6.conf.default.accept_dad=0 && "
	     "for d in lan ips1; do ip link add $d type veth peer name far-$d && "
	     "ip link set $d up && ip link set far-$d up; done && "
	     "ip addr add 10.0.0.1/24 dev lan && ip addr add fd00:1::1/64 dev lan nodad && "
	     "ip addr add 10.20.0.1/24 dev ips1 && ip addr add fd00:2::1/64 dev ips1 nodad && "
	     "for n in 'lan 10.0.0.2' 'lan fd00:1::2' 'ips1 10.20.0.9' 'ips1 fd00:2::9'; do "
	     "set -- $n; ip neigh replace $2 lladdr 02:00:00:00:00:01 dev $1 nud permanent; done");
	commit();
	must("ip link set ips1 mtu 1438");
	expect_mss("1398 1378");
	must("ip link set ips1 mtu 1334");
	expect_mss("1294 1274");
	expect_mss("1000 1000 1000");
	must("ip route replace 10.20.0.0/24 dev ips1 mtu 1300 && "
	     "ip -6 route replace fd00:2::/64 dev ips1 metric 256 mtu 1290");
	expect_mss("1260 1230");
}
END_TEST

/* ---- Strangers
 * ---------------------------------------------------------------------------------- */

/* Sends datagrams as fast as it can, to us from us. */
static void send_many(const char *address, unsigned port, const char *octets)
{
	char command[512];

	snprintf(command, sizeof(command),
		 "/usr/bin/python3 -c 'import socket\n"
		 "s = socket.socket(socket.AF_INET%s, socket.SOCK_DGRAM)\n"
		 "for i in range(5000):\n"
		 " s.sendto(%s, (\"%s\", %u))\n'",
		 strchr(address, ':') != NULL ? "6" : "", octets, address, port);
	must(command);
}

static uint64_t dropped_of(const char *address, unsigned port, const char *octets)
{
	uint64_t before = nft_strangers_dropped(nft);

	send_many(address, port, octets);
	return nft_strangers_dropped(nft) - before;
}

START_TEST(test_strangers_may_send_little)
{
	const struct ip_addr v4 = ip_addr_v4(0x7f000001);
	struct ip_addr v6;

	ck_assert_int_eq(ip_addr_parse("::1", &v6), 0);
	must("ip link set lo up");
	/* nobody listens: no answers, which would go to the sender's port */
	must("nft add table inet quiet && nft add chain inet quiet out "
	     "\"{ type filter hook output priority 0; }\" && "
	     "nft add rule inet quiet out meta l4proto { icmp, ipv6-icmp } drop");
	commit();
	ck_assert_uint_gt(dropped_of("127.0.0.1", 4500, "b\"\\x11\" * 64"), 1000);
	ck_assert_uint_gt(dropped_of("::1", 4500, "b\"\\x11\" * 64"), 1000);
	ck_assert_uint_gt(dropped_of("127.0.0.1", 4500, "b\"\\x00\""), 1000); /* no SPI */
	ck_assert_uint_eq(dropped_of("127.0.0.1", 4500, "bytes(4) + b\"\\x11\" * 60"), 0);
	ck_assert_uint_eq(dropped_of("127.0.0.1", 4501, "b\"\\x11\" * 64"), 0);
	nft_peer_hold(nft, &v4);
	nft_peer_hold(nft, &v4);
	nft_peer_hold(nft, &v6);
	commit();
	ck_assert_uint_eq(dropped_of("127.0.0.1", 4500, "b\"\\x11\" * 64"), 0);
	ck_assert_uint_eq(dropped_of("::1", 4500, "b\"\\x11\" * 64"), 0);
	nft_peer_drop(nft, &v4); /* it has another Child SA */
	nft_peer_drop(nft, &v6);
	commit();
	ck_assert_uint_eq(dropped_of("127.0.0.1", 4500, "b\"\\x11\" * 64"), 0);
	ck_assert_uint_gt(dropped_of("::1", 4500, "b\"\\x11\" * 64"), 1000);
	must("nft flush set inet ikesh peers4"); /* seen, and made anew */
	ck_assert(!nft_audit(nft));
	commit();
	ck_assert_uint_eq(dropped_of("127.0.0.1", 4500, "b\"\\x11\" * 64"), 0);
	ck_assert(nft_audit(nft));
}
END_TEST

START_TEST(test_df)
{
	const uint32_t sites[] = {3, 12};

	commit();
	nft_df_set(nft, sites, ARRAY_LEN(sites));
	commit();
	must("nft list set inet ikesh df | grep -q ips12");
	must("nft list chain inet ikesh df | grep -q 'ip frag-off set ip frag-off & 49151'");
	ck_assert(nft_audit(nft));
	must("nft flush chain inet ikesh df"); /* seen, and made anew */
	ck_assert(!nft_audit(nft));
	commit();
	must("nft list chain inet ikesh df | grep -q 'fib daddr . mark oifname @df'");
	nft_df_set(nft, sites, 1);
	commit();
	must("nft list set inet ikesh df | grep -q ips3");
	must("! nft list set inet ikesh df | grep -q ips12");
	nft_df_set(nft, NULL, 0);
	commit();
	must("! nft list chain inet ikesh df | grep -q fib");
	ck_assert(nft_audit(nft));
}
END_TEST

/* Without steering there are clamp and guard. */
START_TEST(test_guard_without_steering)
{
	struct err_msg e = {.text = ""};
	const struct ip_addr v4 = ip_addr_v4(0x7f000001);

	ck_assert_int_eq(nft_close(nft, &e), 0);
	nft = nft_open(&(struct nft_options){.natt_port = 4600}, &e);
	ck_assert_ptr_nonnull(nft);
	nft_peer_hold(nft, &v4);
	commit();
	ck_assert_uint_eq(each("table inet ikesh", "rule", one, NULL), nft_skeleton_rules(false));
	ck_assert(nft_audit(nft));
	must("nft list set inet ikesh peers4 | grep -q 127.0.0.1");
	must("nft list chain inet ikesh guard | grep -q 'udp dport 4600 goto strangers'");
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		test_priorities_without_marks,
		test_priorities_with_marks,
		test_skeleton,
		test_changes_reach_the_map,
		test_flush_by_somebody_is_repaired,
		test_refused_transaction,
		test_lost_answers,
		test_ten_thousand_sites,
		test_flows_keep_their_slot,
		test_flows_move_only_when_they_must,
		test_pins_and_sites_that_are_not_steered,
		test_rules_win_in_order,
		test_rule_matches,
		test_mss,
		test_df,
		test_strangers_may_send_little,
		test_guard_without_steering,
	};
	Suite *suite = suite_create("nft");
	TCase *tcase = tcase_create("nft");
	SRunner *runner;
	int failed;

	if (geteuid() != 0 || shell("nft list ruleset >/dev/null 2>&1") != 0) {
		fprintf(stderr, "skipped: needs root and nft\n");
		return TEST_SKIPPED;
	}
	tcase_set_timeout(tcase, 120);
	tcase_add_checked_fixture(tcase, set_up, tear_down);
	for (size_t i = 0; i < ARRAY_LEN(tests); i++)
		tcase_add_test(tcase, tests[i]);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
