/* SPDX-License-Identifier: GPL-3.0-or-later */
/* reason.c and explain.c: the table of causes as a whole, identities and selectors side by side. */
#include "ikev2/explain.h"
#include "platform/base/mem.h"
#include "tests/unit/platform/suite.h"

#include <ctype.h>
#include <string.h>

static void check_sentence(const char *name, const char *text)
{
	size_t len = strlen(text);

	if (len == 0)
		return;
	ck_assert_msg(isupper((unsigned char)text[0]), "%s: \"%s\"", name, text);
	ck_assert_msg(text[len - 1] != '.', "%s: full stop in \"%s\"", name, text);
	ck_assert_msg(strstr(text, "  ") == NULL, "%s: two blanks in \"%s\"", name, text);
	ck_assert_msg(len < 160, "%s: too long: \"%s\"", name, text);
}

/* Words that Ansible and netmiko take for failed commands. */
static const char *const forbidden[] = {"nvalid input",	    "ncomplete command",
					"mbiguous command", "onnection timed out",
					"not found",	    "% Error"};

START_TEST(test_causes_are_complete)
{
	for (int i = 1; i < IKE_CAUSE_COUNT; i++) {
		const struct ike_cause_row *row = ike_cause_row((enum ike_cause)i);

		ck_assert_msg(row->name != NULL, "cause %d has no row", i);
		ck_assert_int_ne(row->reason, IKE_REASON_NONE);
		ck_assert_uint_gt(strlen(row->sentence), 0);
		check_sentence(row->name, row->sentence);
		check_sentence(row->name, row->fix_here);
		check_sentence(row->name, row->fix_peer);
		for (const char *p = row->name; *p; p++)
			ck_assert(islower((unsigned char)*p) || isdigit((unsigned char)*p) ||
				  *p == '-');
		for (size_t k = 0; k < ARRAY_LEN(forbidden); k++)
			ck_assert_ptr_null(strstr(row->sentence, forbidden[k]));
		for (int o = 1; o < i; o++)
			ck_assert_str_ne(row->name, ike_cause_row((enum ike_cause)o)->name);
		/* the causes of one reason lie together */
		if (i > 1)
			ck_assert_int_ge(
				row->reason == ike_cause_row((enum ike_cause)(i - 1))->reason ||
					ike_cause_of_reason(row->reason) == (enum ike_cause)i,
				1);
	}
}
END_TEST

START_TEST(test_each_reason_has_a_cause)
{
	for (int r = 1; r < IKE_REASON_COUNT; r++) {
		enum ike_cause c = ike_cause_of_reason((enum ike_reason)r);
		struct ike_failure f = {.reason = (enum ike_reason)r};

		ck_assert_int_ne(c, IKE_CAUSE_NONE);
		ck_assert_int_eq(ike_cause_row(c)->reason, r);
		ck_assert_int_eq(ike_failure_cause(&f), c);
	}
	ck_assert_str_eq(ike_cause_row((enum ike_cause)9999)->name, "none");
	ck_assert_int_eq(ike_cause_of_reason(IKE_REASON_NONE), IKE_CAUSE_NONE);
}
END_TEST

static struct ike_id id(enum ike_id_type type, const char *text)
{
	struct ike_id x;

	ck_assert_int_eq(ike_id_parse(type, text, &x), 0);
	return x;
}

START_TEST(test_id_explain)
{
	const struct ip_addr from = ip_addr_v4(0xc6336415); /* 198.51.100.21 */
	struct ike_id expected = id(IKE_ID_IPV4_ADDR, "198.51.100.21");
	struct ike_id seen = id(IKE_ID_IPV4_ADDR, "192.168.1.2");
	struct ike_comparison c;

	ck_assert_int_eq(id_explain(&expected, &seen, &from, &c), IKE_CAUSE_ID_PRIVATE);
	ck_assert_str_eq(c.row[1].here, "198.51.100.21");
	ck_assert_str_eq(c.row[1].peer, "192.168.1.2");
	ck_assert_str_eq(c.row[2].peer, "c0 a8 01 02");
	ck_assert(!c.row[0].differs && c.row[1].differs && c.row[2].differs);

	/* its own public address, but another one */
	seen = id(IKE_ID_IPV4_ADDR, "198.51.100.99");
	ck_assert_int_eq(id_explain(&expected, &seen, &from, &c), IKE_CAUSE_ID_VALUE);

	/* the address as text: Palo Alto and others can be configured so */
	seen = id(IKE_ID_FQDN, "198.51.100.21");
	ck_assert_int_eq(id_explain(&expected, &seen, &from, &c), IKE_CAUSE_ID_TYPE);
	ck_assert_str_eq(c.row[0].here, "ipv4");
	ck_assert_str_eq(c.row[0].peer, "fqdn");

	expected = id(IKE_ID_FQDN, "lyon.example.net");
	seen = id(IKE_ID_KEY_ID, "lyon.example.net");
	ck_assert_int_eq(id_explain(&expected, &seen, &from, &c), IKE_CAUSE_ID_TYPE);
	ck_assert(!c.row[2].differs);

	/* a full stop at the end shows in the octets */
	seen = id(IKE_ID_KEY_ID, "lyon.example.net.");
	expected = id(IKE_ID_KEY_ID, "lyon.example.net");
	ck_assert_int_eq(id_explain(&expected, &seen, &from, &c), IKE_CAUSE_ID_VALUE);
	ck_assert_str_eq(c.row[2].peer + strlen(c.row[2].here), " 2e");
}
END_TEST

static struct ike_ts_list networks(const char *a, const char *b)
{
	struct ike_ts_list l = {.count = 0};
	struct ip_range r;

	ck_assert_int_eq(ip_range_parse(a, &r), 0);
	l.ts[l.count++] = ike_ts_of_range(&r);
	if (b) {
		ck_assert_int_eq(ip_range_parse(b, &r), 0);
		l.ts[l.count++] = ike_ts_of_range(&r);
	}
	return l;
}

START_TEST(test_selectors_explain)
{
	struct ike_ts_list local = networks("10.0.0.0/16", "10.1.0.0/16");
	struct ike_ts_list remote = networks("10.20.0.0/16", NULL);
	struct ike_ts_list asked_local = networks("10.1.2.0/24", NULL);
	struct ike_ts_list asked_remote = networks("192.168.7.0/24", NULL);
	struct ike_comparison c;

	selectors_explain(&local, &remote, &asked_local, &asked_remote, &c);
	ck_assert_uint_eq(c.count, 2);
	ck_assert_str_eq(c.row[0].here, "10.0.0.0/16, 10.1.0.0/16");
	ck_assert_str_eq(c.row[0].peer, "10.1.2.0/24");
	ck_assert(!c.row[0].differs);
	ck_assert_str_eq(c.row[1].here, "10.20.0.0/16");
	ck_assert_str_eq(c.row[1].peer, "192.168.7.0/24");
	ck_assert(c.row[1].differs);
	selectors_explain(&local, &remote, NULL, NULL, &c);
	ck_assert_str_eq(c.row[0].peer, "not told");
	ck_assert(!c.row[0].differs && !c.row[1].differs);
}
END_TEST

START_TEST(test_selectors_explain_cuts)
{
	struct ike_ts_list many = networks("10.0.0.0/16", NULL),
			   one = networks("10.9.0.0/16", NULL);
	struct ike_comparison c;
	size_t len;

	while (many.count < IKE_TS_MAX)
		many.ts[many.count++] = many.ts[0];
	selectors_explain(&many, &one, &many, &one, &c);
	len = strlen(c.row[0].here);
	ck_assert_uint_eq(len, IKE_COMPARISON_TEXT - 1);
	ck_assert_str_eq(c.row[0].here + len - 3, "...");
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		test_causes_are_complete, test_each_reason_has_a_cause, test_id_explain,
		test_selectors_explain,	  test_selectors_explain_cuts,
	};

	return run_cases("reason", tests, ARRAY_LEN(tests));
}
