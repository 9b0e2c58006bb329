/* SPDX-License-Identifier: GPL-3.0-or-later */
/* BIRD's configuration from sites: BIRD itself is the judge of the grammar; policy is looked for in
 * the text, and the rules of refusal are asked one by one. */
#include "dataplane/site/bgp_state.h"
#include "platform/base/mem.h"
#include "tests/unit/dataplane/run_suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct site_config lyon, aws, plain;
static struct bgp_text_site sites[3];

static struct ip_addr addr(const char *text)
{
	struct ip_addr a;

	ck_assert_int_eq(ip_addr_parse(text, &a), 0);
	return a;
}

static struct ip_prefix prefix(const char *text)
{
	struct ip_prefix p;

	ck_assert_int_eq(ip_prefix_parse(text, &p), 0);
	return p;
}

static void add_tunnel(struct site_config *c, enum site_role role, const char *peer,
		       const char *pop, const char *site)
{
	struct tunnel_config *t = &c->tunnels[role][0];

	t->present = true;
	t->public_ip = addr(peer);
	t->private_pop = addr(pop);
	t->private_site = addr(site);
}

static void set_up(void)
{
	site_config_init(&lyon, "Lyon");
	site_config_init(&aws, "AWS");
	site_config_init(&plain, "Plain");
	lyon.native_range = prefix("10.20.0.0/16");
	plain.native_range = prefix("10.30.0.0/16");
	aws.native_range = prefix("172.31.0.0/16");
	aws.bgp.enabled = true;
	aws.bgp.local_as = 65010;
	aws.bgp.peer_as = 64512;
	add_tunnel(&aws, SITE_PRIMARY, "198.51.100.21", "169.254.21.2", "169.254.21.1");
	add_tunnel(&aws, SITE_SECONDARY, "198.51.100.77", "169.254.22.2", "169.254.22.1");
	snprintf(plain.account, sizeof(plain.account), "other");
	sites[0] = (struct bgp_text_site){.index = 1, .config = &aws, .wanted = 1};
	sites[1] = (struct bgp_text_site){.index = 2, .config = &lyon};
	sites[2] = (struct bgp_text_site){.index = 3, .config = &plain};
}

static void tear_down(void)
{
	site_config_clear(&lyon);
	site_config_clear(&aws);
	site_config_clear(&plain);
}

/* The text, after BIRD has found nothing wrong with it. */
static char *written(void)
{
	char path[] = "/tmp/bgp-text-XXXXXX", command[128];
	struct strbuf text;
	char *result;
	FILE *f;
	int fd = mkstemp(path);

	ck_assert_int_ge(fd, 0);
	strbuf_init(&text);
	bgp_text_write(&text, sites, ARRAY_LEN(sites), "/dev/null");
	f = fdopen(fd, "w");
	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(text.text, 1, text.len, f), text.len);
	ck_assert_int_eq(fclose(f), 0);
	snprintf(command, sizeof(command), "/usr/sbin/bird -p -c %s", path);
	ck_assert_msg(system(command) == 0, "BIRD refuses\n%s", text.text);
	ck_assert_int_eq(unlink(path), 0);
	result = strbuf_take(&text);
	strbuf_clear(&text);
	return result;
}

/* The block of a protocol. */
static char *protocol(const char *text, const char *name)
{
	char head[64];
	const char *begin, *end;

	snprintf(head, sizeof(head), "protocol bgp %s from", name);
	begin = strstr(text, head);
	ck_assert_msg(begin != NULL, "no %s in\n%s", name, text);
	end = strstr(begin, "\n}\n");
	ck_assert_ptr_nonnull(end);
	return strndup(begin, (size_t)(end - begin));
}

START_TEST(test_primary_is_preferred)
{
	char *text = written();
	char *primary = protocol(text, "s1t1"), *secondary = protocol(text, "s1t4");

	ck_assert_ptr_nonnull(strstr(primary, "disabled no;"));
	ck_assert_ptr_nonnull(strstr(primary, "bgp_med = 100;"));
	ck_assert_ptr_nonnull(strstr(primary, "bgp_local_pref = 200;"));
	ck_assert_ptr_null(strstr(primary, "prepend"));
	ck_assert_ptr_nonnull(strstr(secondary, "disabled yes;"));
	ck_assert_ptr_nonnull(strstr(secondary, "bgp_med = 200;"));
	ck_assert_ptr_nonnull(strstr(secondary, "bgp_local_pref = 100;"));
	ck_assert_ptr_nonnull(strstr(secondary, "bgp_path.prepend(65010);"));
	ck_assert_ptr_nonnull(strstr(secondary, "hold time 60;"));
	ck_assert_ptr_nonnull(strstr(secondary, "keepalive time 20;"));
	free(primary);
	free(secondary);
	free(text);
}
END_TEST

/* Inside one AS there is no path to lengthen: the peer would see a loop (RFC 4271 section 9.1.2).
 */
START_TEST(test_internal_session)
{
	char *text, *secondary;

	aws.bgp.peer_as = aws.bgp.local_as;
	text = written();
	secondary = protocol(text, "s1t4");
	ck_assert_ptr_null(strstr(secondary, "prepend"));
	free(secondary);
	free(text);
}
END_TEST

START_TEST(test_announced_networks)
{
	char *text = written();

	/* Those of the same account and its VPN users, no others. */
	ck_assert_ptr_nonnull(strstr(text, "route 10.20.0.0/16 blackhole;"));
	ck_assert_ptr_nonnull(strstr(text, "route 10.41.0.0/16 blackhole;"));
	ck_assert_ptr_null(strstr(text, "route 10.30.0.0/16 blackhole;"));
	free(text);
	ck_assert(site_range_list_add(&aws.bgp.advertise,
				      &(struct ip_range){.first = addr("192.168.0.0"),
							 .last = addr("192.168.2.255")}));
	text = written();
	ck_assert_ptr_nonnull(strstr(text, "route 192.168.0.0/23 blackhole;"));
	ck_assert_ptr_nonnull(strstr(text, "route 192.168.2.0/24 blackhole;"));
	ck_assert_ptr_null(strstr(text, "route 10.20.0.0/16 blackhole;"));
	free(text);
}
END_TEST

START_TEST(test_password_and_limits)
{
	char *text;

	secret_set(&aws.bgp.password.key, "a b'c\\d;}#", 10);
	aws.bgp.maximum_prefix = 7;
	aws.bgp.hold_s = 0;
	text = written();
	ck_assert_ptr_nonnull(strstr(text, "password \"a b'c\\d;}#\";"));
	ck_assert_ptr_nonnull(strstr(text, "import limit 7 action restart;"));
	free(text);
}
END_TEST

START_TEST(test_nothing_but_names)
{
	char *text;

	aws.native_range = (struct ip_prefix){.len = 0};
	lyon.native_range = (struct ip_prefix){.len = 0};
	plain.native_range = (struct ip_prefix){.len = 0};
	text = written();
	ck_assert_ptr_nonnull(strstr(text, "protocol bgp s1t1"));
	free(text);
}
END_TEST

START_TEST(test_missing)
{
	ck_assert_ptr_null(bgp_missing(&aws, 1));
	ck_assert_ptr_null(bgp_missing(&aws, 4));
	ck_assert_str_eq(bgp_missing(&aws, 2), "bgp missing");
	ck_assert_str_eq(bgp_missing(&lyon, 1), "bgp missing");
	aws.bgp.peer_as = 0;
	ck_assert_str_eq(bgp_missing(&aws, 1), "peer-as missing");
	aws.bgp.local_as = 0;
	ck_assert_str_eq(bgp_missing(&aws, 1), "local-as missing");
	aws.bgp.local_as = aws.bgp.peer_as = 1;
	aws.tunnels[0][0].private_site = (struct ip_addr){.family = IP_NONE};
	ck_assert_str_eq(bgp_missing(&aws, 1), "private-ip missing");
}
END_TEST

START_TEST(test_names)
{
	static const char *const bad[] = {"",	   "s0t1",  "s1t7",    "s1t0",
					  "s1",	   "s1t",   "s1t12",   "t1t1",
					  "s-1t1", "s01t1", "kernel4", "s100000t1"};
	char name[BGP_NAME_MAX];
	uint32_t index = 0;
	uint8_t slot = 0;

	ck_assert(bgp_protocol_parse(bgp_protocol_name(99999, 6, name), &index, &slot));
	ck_assert_str_eq(name, "s99999t6");
	ck_assert_uint_eq(index, 99999);
	ck_assert_uint_eq(slot, 6);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ck_assert_msg(!bgp_protocol_parse(bad[i], &index, &slot), "%s", bad[i]);
}
END_TEST

START_TEST(test_refusals)
{
	static const struct {
		const char *prefix, *why;
	} cases[] = {
		{"0.0.0.0/0", "default route"},
		{"128.0.0.0/1", "too wide"},
		{"10.0.0.0/7", "too wide"},
		{"198.51.100.0/24", "covers an address of the tunnels"},
		{"198.51.100.77/32", "covers an address of the tunnels"},
		{"169.254.22.0/30", "covers an address of the tunnels"},
		{"10.20.3.0/24", "belongs to another site"},
		{"10.30.0.0/16", "belongs to another site"},
		{"172.31.7.0/24", ""},
		{"192.168.7.0/24", ""},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct ip_prefix p = prefix(cases[i].prefix);

		ck_assert_str_eq(bgp_refusal(sites, ARRAY_LEN(sites), 1, &p), cases[i].why);
	}
}
END_TEST

/* A line without its protocol does not take that of the next one. */
START_TEST(test_routes_end_with_their_lines)
{
	static struct bgp_neighbour neighbour;
	static struct tunnel tunnel = {.slot = 1, .bgp = &neighbour};
	static struct site site = {.index = 1, .tunnels = {&tunnel}, .config = {.name = "Lyon"}};
	struct site *by_index[] = {NULL, &site};
	struct gateway *g = mem_zalloc(sizeof(*g));
	struct bgp_route out[4];

	g->by_index = by_index;
	g->index_cap = 2;
	tunnel.site = &site;
	ck_assert_uint_eq(bgp_routes_parse(g,
					   "10.1.0.0/16 unicast\n"
					   "10.2.0.0/16 unicast [s1t1 1700000000] * (100)\n"
					   "\tBGP.as_path: 64512\n"
					   "10.3.0.0/16 unicast [\n"
					   "s1t1 1700000000] * (100)\n",
					   false, out, 0, 4),
			  1);
	ck_assert_str_eq(out[0].site, "Lyon");
	ck_assert_str_eq(out[0].path, "64512");
	ck_assert_uint_eq(out[0].prefix.addr.bytes[1], 2);
	free(g);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("bgp_text");
	TCase *t = tcase_create("text");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, test_primary_is_preferred);
	tcase_add_test(t, test_internal_session);
	tcase_add_test(t, test_announced_networks);
	tcase_add_test(t, test_password_and_limits);
	tcase_add_test(t, test_nothing_but_names);
	tcase_add_test(t, test_missing);
	tcase_add_test(t, test_names);
	tcase_add_test(t, test_refusals);
	tcase_add_test(t, test_routes_end_with_their_lines);
	suite_add_tcase(s, t);
	return run_suite(s);
}
