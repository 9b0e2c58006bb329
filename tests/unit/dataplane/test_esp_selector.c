/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Selector matching as a table: RFC 4301 section 4.4.1.1, RFC 7296 section 3.13.1. */
#include "dataplane/esp/selector.h"
#include "platform/base/mem.h"
#include "tests/unit/dataplane/hex.h"
#include "tests/unit/dataplane/run_suite.h"

#include <string.h>

#define V6(a, b)                                                                                  \
	"60000000 0004 11 40 fd0000010000000000000000000000" a "fd0000020000000000000000000000" b \
	"03e80035"

static const char udp[] = "4500001c 00000000 40110000 0a010001 0a020001 03e80035 00080000";
static const char tcp[] = "4500001c 00000000 40060000 0a010001 0a020001 03e80035 00080000";
static const char first[] = "4500001c 12342000 40110000 0a010001 0a020001 03e80035 00080000";
static const char later[] = "4500001c 12340001 40110000 0a010001 0a020001 03e80035 00080000";
static const char echo[] = "4500001c 00000000 40010000 0a010001 0a020001 08000000 00010001";
static const char unreachable[] = "4500001c 00000000 40010000 0a010001 0a020001 03010000 00000000";
static const char gre[] = "45000018 00000000 402f0000 0a010001 0a020001 03e80035";
static const char udp6[] = V6("01", "01");

struct row {
	const char *packet;
	enum esp_side side;
	const char *range;
	uint8_t protocol;
	uint16_t port_first, port_last;
	bool match;
};

static const struct row rows[] = {
	/* addresses of either side */
	{udp, ESP_SRC, "10.1.0.0/16", 0, 0, 65535, true},
	{udp, ESP_DST, "10.2.0.0/16", 0, 0, 65535, true},
	{udp, ESP_SRC, "10.2.0.0/16", 0, 0, 65535, false},
	{udp, ESP_DST, "10.1.0.0/16", 0, 0, 65535, false},
	{udp, ESP_SRC, "10.1.0.1-10.1.0.1", 0, 0, 65535, true},
	{udp, ESP_SRC, "10.1.0.2-10.1.0.9", 0, 0, 65535, false},
	{udp, ESP_SRC, "10.0.0.0-10.1.0.0", 0, 0, 65535, false},
	{udp, ESP_SRC, "0.0.0.0/0", 0, 0, 65535, true},
	{udp, ESP_SRC, "::/0", 0, 0, 65535, false},
	{udp6, ESP_SRC, "::/0", 0, 0, 65535, true},
	{udp6, ESP_SRC, "0.0.0.0/0", 0, 0, 65535, false},
	{udp6, ESP_SRC, "fd00:1::/64", 0, 0, 65535, true},
	{udp6, ESP_DST, "fd00:2::1/128", 17, 53, 53, true},
	{udp6, ESP_DST, "fd00:2::2-fd00:2::9", 0, 0, 65535, false},
	/* protocol and ports */
	{udp, ESP_SRC, "10.0.0.0/8", 17, 0, 65535, true},
	{tcp, ESP_SRC, "10.0.0.0/8", 17, 0, 65535, false},
	{udp, ESP_DST, "10.0.0.0/8", 17, 53, 53, true},
	{udp, ESP_DST, "10.0.0.0/8", 17, 54, 60, false},
	{udp, ESP_DST, "10.0.0.0/8", 17, 50, 52, false},
	{udp, ESP_SRC, "10.0.0.0/8", 17, 53, 53, false},
	{udp, ESP_SRC, "10.0.0.0/8", 17, 1000, 1000, true},
	{tcp, ESP_DST, "10.0.0.0/8", 17, 53, 53, false},
	/* fragments: only the first shows its ports */
	{first, ESP_DST, "10.0.0.0/8", 17, 53, 53, true},
	{later, ESP_DST, "10.0.0.0/8", 17, 53, 53, false},
	{later, ESP_DST, "10.0.0.0/8", 17, 0, 65535, true},
	{later, ESP_DST, "10.0.0.0/8", 0, 0, 65535, true},
	{later, ESP_DST, "10.0.0.0/8", 6, 0, 65535, false},
	{later, ESP_DST, "10.0.0.0/8", 17, 65535, 0, true}, /* OPAQUE */
	{first, ESP_DST, "10.0.0.0/8", 17, 65535, 0, false},
	/* ICMP: type * 256 + code */
	{echo, ESP_SRC, "10.0.0.0/8", 1, 0x800, 0x800, true},
	{echo, ESP_DST, "10.0.0.0/8", 1, 0x800, 0x8ff, true},
	{unreachable, ESP_DST, "10.0.0.0/8", 1, 0x800, 0x8ff, false},
	{unreachable, ESP_DST, "10.0.0.0/8", 1, 0x301, 0x301, true},
	/* protocols without ports */
	{gre, ESP_SRC, "10.0.0.0/8", 47, 0, 65535, true},
	{gre, ESP_SRC, "10.0.0.0/8", 47, 1000, 1000, false},
};

static void parse(const char *text, uint8_t *packet, size_t cap, struct esp_inner *p)
{
	size_t len = hex_to_bytes(text, packet, cap);

	ck_assert_int_eq(esp_inner_parse(view_of(packet, len), p), 0);
}

static struct ike_ts ts_of(const struct row *r)
{
	struct ip_range range;
	struct ip_prefix prefix;
	struct ike_ts ts;

	if (strchr(r->range, ':') != NULL && strchr(r->range, '/') != NULL) {
		ck_assert_int_eq(ip_prefix_parse(r->range, &prefix), 0);
		range = ip_range_of_prefix(&prefix);
	} else {
		ck_assert_int_eq(ip_range_parse(r->range, &range), 0);
	}
	ts = ike_ts_of_range(&range);
	ts.protocol = r->protocol;
	ts.port_first = r->port_first;
	ts.port_last = r->port_last;
	return ts;
}

START_TEST(test_esp_selectors_match_one)
{
	const struct row *r = &rows[_i];
	struct ike_ts_list list = {.count = 1, .ts = {ts_of(r)}};
	struct esp_selectors *s = esp_selectors_new(&list);
	uint8_t packet[64];
	struct esp_inner p;

	parse(r->packet, packet, sizeof(packet), &p);
	ck_assert_int_eq(esp_selectors_match(s, &p, r->side), r->match);
	free(s);
}
END_TEST

/* Any one of the list is enough; none matches nothing. */
START_TEST(test_esp_selectors_match_list)
{
	struct ike_ts_list list = {.count = 0};
	struct esp_selectors *s = esp_selectors_new(&list);
	uint8_t packet[64];
	struct esp_inner p;

	parse(udp, packet, sizeof(packet), &p);
	ck_assert(!esp_selectors_match(s, &p, ESP_SRC));
	free(s);
	list.count = IKE_TS_MAX;
	for (size_t i = 0; i < IKE_TS_MAX; i++)
		list.ts[i] = ts_of(&rows[2]);
	s = esp_selectors_new(&list);
	ck_assert(!esp_selectors_match(s, &p, ESP_SRC));
	free(s);
	list.ts[IKE_TS_MAX - 1] = ts_of(&rows[0]);
	s = esp_selectors_new(&list);
	ck_assert(esp_selectors_match(s, &p, ESP_SRC));
	free(s);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("esp_selector");
	TCase *t = tcase_create("selector");

	tcase_add_loop_test(t, test_esp_selectors_match_one, 0, ARRAY_LEN(rows));
	tcase_add_test(t, test_esp_selectors_match_list);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
