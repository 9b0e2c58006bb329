/* SPDX-License-Identifier: GPL-3.0-or-later */
/* proposal_explain.c: which attribute keeps two sides apart.  Numbers are those of the IANA
 * registry; the peers' offers are those of well-known products. */
#include "ikev2/proposal_explain.h"
#include "platform/base/mem.h"
#include "tests/unit/platform/suite.h"

#include <stdio.h>
#include <string.h>

static uint8_t body[2048];

static struct payload_sa offer(const struct sa_offer *o, size_t count)
{
	struct message_builder b;
	struct payload_sa sa;
	struct view v;

	message_chain_start(&b, body, sizeof(body));
	payload_sa_write(&b, o, count);
	ck_assert_int_eq(message_finish(&b, &v), 0);
	ck_assert_int_eq(payload_sa_read(view_of(v.data + 4, v.len - 4), &sa), 0);
	return sa;
}

/* Transforms of one proposal, ended by type 0. */
static struct sa_offer proposal(uint8_t number, uint8_t protocol, const struct sa_transform *t)
{
	struct sa_offer o = {.number = number,
			     .protocol = protocol,
			     .spi_len = protocol == IKE_PROTO_ESP ? 4 : 0};

	for (; t->type; t++)
		o.transform[o.count++] = *t;
	return o;
}

static const char *row(const struct ike_comparison *c, const char *attribute)
{
	static char text[2 * IKE_COMPARISON_TEXT + 16];

	for (size_t i = 0; i < c->count; i++)
		if (strcmp(c->row[i].attribute, attribute) == 0) {
			snprintf(text, sizeof(text), "%s | %s%s", c->row[i].here, c->row[i].peer,
				 c->row[i].differs ? " *" : "");
			return text;
		}
	return "absent";
}

static const struct ike_parameters gcm256_dh20 = {.encr = 20, .key_bits = 256, .prf = 6, .ke = 20};
static const struct ike_parameters cbc256_dh14 = {
	.encr = 12, .key_bits = 256, .prf = 5, .integ = 12, .ke = 14};
static const struct ike_parameters automatic;

static size_t explain(const struct ike_parameters *p, uint8_t protocol,
		      const struct sa_transform *t, bool first, struct ike_comparison *out)
{
	struct sa_offer o = proposal(1, protocol, t);
	struct payload_sa theirs = offer(&o, 1);
	struct proposal_list ours;

	proposal_accepted(protocol, p, false, &ours);
	return proposal_explain(&ours, &theirs, first, out);
}

START_TEST(test_explain_each_attribute_of_ike)
{
	static const struct {
		struct sa_transform t[5];
		const char *text;
	} cases[] = {
		{{{1, 12, 128, 0}, {2, 5, 0, 0}, {3, 12, 0, 0}, {4, 14, 0, 0}},
		 "encryption differs: here aes-cbc-256, peer aes-cbc-128"},
		{{{1, 12, 256, 0}, {2, 2, 0, 0}, {3, 12, 0, 0}, {4, 14, 0, 0}},
		 "prf differs: here sha2-256, peer sha1"},
		{{{1, 12, 256, 0}, {2, 5, 0, 0}, {3, 2, 0, 0}, {4, 14, 0, 0}},
		 "integrity differs: here sha2-256, peer sha1"},
		{{{1, 12, 256, 0}, {2, 5, 0, 0}, {3, 12, 0, 0}, {4, 21, 0, 0}},
		 "dh-group differs: here dh14, peer dh21"},
		{{{1, 3, 0, 0}, {2, 1, 0, 0}, {3, 12, 0, 0}, {4, 14, 0, 0}},
		 "encryption differs: here aes-cbc-256, peer 3des; prf differs: here sha2-256, "
		 "peer md5"},
		{{{1, 12, 256, 0}, {2, 5, 0, 0}, {3, 12, 0, 0}, {4, 14, 0, 0}}, ""},
	};
	char text[200];

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct ike_comparison c;
		size_t n = explain(&cbc256_dh14, IKE_PROTO_IKE, cases[i].t, false, &c);

		ck_assert_str_eq(comparison_text(&c, text, sizeof(text)), cases[i].text);
		ck_assert_uint_eq(n > 0, cases[i].text[0] != '\0');
		ck_assert_str_eq(c.subject, "IKE proposal");
	}
}
END_TEST

/* Integrity follows from the kind of cipher and is not blamed. */
START_TEST(test_explain_gcm_against_cbc)
{
	static const struct sa_transform cbc[] = {
		{1, 12, 256, 0}, {2, 6, 0, 0}, {3, 13, 0, 0}, {4, 20, 0, 0}, {0, 0, 0, 0}};
	struct ike_comparison c;

	ck_assert_uint_eq(explain(&gcm256_dh20, IKE_PROTO_IKE, cbc, false, &c), 1);
	ck_assert_str_eq(row(&c, "encryption"), "aes-gcm-256 | aes-cbc-256 *");
	ck_assert_str_eq(row(&c, "integrity"), "none | sha2-384");
	ck_assert_str_eq(row(&c, "prf"), "sha2-384 | sha2-384");
	ck_assert_str_eq(row(&c, "dh-group"), "dh20 | dh20");
}
END_TEST

/* RFC 7296 section 3.3: AES-GCM must not come with an integrity algorithm. */
START_TEST(test_explain_gcm_with_integrity)
{
	static const struct sa_transform odd[] = {
		{1, 20, 256, 0}, {2, 6, 0, 0}, {3, 12, 0, 0}, {4, 20, 0, 0}, {0, 0, 0, 0}};
	struct ike_comparison c;

	ck_assert_uint_eq(explain(&gcm256_dh20, IKE_PROTO_IKE, odd, false, &c), 1);
	ck_assert_str_eq(row(&c, "integrity"), "none | sha2-256 *");
}
END_TEST

/* The proposal that comes closest is shown: a peer with a GCM and a CBC proposal, wrong group. */
START_TEST(test_explain_closest_pair)
{
	static const struct sa_transform gcm[] = {{1, 20, 256, 0},
						  {2, 7, 0, 0},
						  {4, 21, 0, 0},
						  {0, 0, 0, 0}};
	static const struct sa_transform cbc[] = {
		{1, 12, 256, 0}, {2, 5, 0, 0}, {3, 12, 0, 0}, {4, 21, 0, 0}, {0, 0, 0, 0}};
	struct sa_offer o[2] = {proposal(1, IKE_PROTO_IKE, gcm), proposal(2, IKE_PROTO_IKE, cbc)};
	struct payload_sa theirs = offer(o, 2);
	struct proposal_list ours;
	struct ike_comparison c;

	proposal_accepted(IKE_PROTO_IKE, &cbc256_dh14, false, &ours);
	ck_assert_uint_eq(proposal_explain(&ours, &theirs, false, &c), 1);
	ck_assert_str_eq(row(&c, "dh-group"), "dh14 | dh21 *");
	ck_assert_str_eq(row(&c, "encryption"), "aes-cbc-256 | aes-cbc-256");
}
END_TEST

START_TEST(test_explain_esp)
{
	static const struct sa_transform no_pfs[] = {{1, 12, 256, 0},
						     {3, 12, 0, 0},
						     {5, 0, 0, 0},
						     {0, 0, 0, 0}};
	static const struct sa_transform esn_only[] = {{1, 12, 256, 0},
						       {3, 12, 0, 0},
						       {5, 1, 0, 0},
						       {0, 0, 0, 0}};
	static const struct sa_transform null[] = {{1, 11, 0, 0},
						   {3, 2, 0, 0},
						   {5, 0, 0, 0},
						   {0, 0, 0, 0}};
	struct ike_comparison c;

	/* a fixed group, and a peer without PFS: only when rekeying */
	ck_assert_uint_eq(explain(&cbc256_dh14, IKE_PROTO_ESP, no_pfs, true, &c), 0);
	ck_assert_str_eq(row(&c, "dh-group"), "absent");
	ck_assert_uint_eq(explain(&cbc256_dh14, IKE_PROTO_ESP, no_pfs, false, &c), 1);
	ck_assert_str_eq(row(&c, "dh-group"), "dh14 | none *");
	/* automatic takes none */
	ck_assert_uint_eq(explain(&automatic, IKE_PROTO_ESP, no_pfs, false, &c), 0);
	ck_assert_uint_eq(explain(&cbc256_dh14, IKE_PROTO_ESP, esn_only, true, &c), 1);
	ck_assert_str_eq(row(&c, "esn"), "plain | extended *");
	ck_assert_uint_eq(explain(&automatic, IKE_PROTO_ESP, null, true, &c), 1);
	ck_assert_ptr_nonnull(strstr(row(&c, "encryption"), "| null *"));
	ck_assert_str_eq(c.subject, "ESP proposal");
}
END_TEST

/* What explains and what chooses agree: nothing is marked exactly where a choice is possible. */
START_TEST(test_explain_agrees_with_select)
{
	static const uint16_t encr[] = {12, 20, 3}, bits[] = {128, 256}, integ[] = {0, 2, 12},
			      ke[] = {2, 14, 20, 21};
	const struct ike_parameters *params[] = {&automatic, &gcm256_dh20, &cbc256_dh14};

	for (unsigned i = 0; i < 3 * 2 * 3 * 4 * 3; i++) {
		uint16_t e = encr[i % 3], in = integ[i / 6 % 3];
		struct sa_transform t[5] = {{1, e, (uint16_t)(e == 3 ? 0 : bits[i / 3 % 2]), 0},
					    {2, 6, 0, 0},
					    {4, ke[i / 18 % 4], 0, 0},
					    {3, in, 0, 0}};
		const struct ike_parameters *p = params[i / 72];
		struct proposal_policy policy = {.protocol = IKE_PROTO_IKE,
						 .params = p,
						 .count = 1,
						 .ke = t[2].id};
		struct ike_comparison c;
		struct sa_offer o;
		struct payload_sa theirs;
		struct proposal_choice choice;
		size_t marked;

		if (in == 0)
			t[3].type = 0;
		marked = explain(p, IKE_PROTO_IKE, t, false, &c);
		o = proposal(1, IKE_PROTO_IKE, t);
		theirs = offer(&o, 1);
		ck_assert_msg((proposal_select(&policy, &theirs, &choice) == 0) == (marked == 0),
			      "case %u: %zu marked", i, marked);
	}
}
END_TEST

START_TEST(test_explain_long_lists_are_cut)
{
	struct sa_transform many[30] = {{0, 0, 0, 0}};
	struct ike_comparison c;

	for (unsigned i = 0; i < 28; i++)
		many[i] = (struct sa_transform){1, (uint16_t)(1000 + i), 0, 0};
	ck_assert_uint_gt(explain(&cbc256_dh14, IKE_PROTO_IKE, many, false, &c), 0);
	for (size_t i = 0; i < c.count; i++) {
		size_t len = strlen(c.row[i].peer);

		ck_assert_uint_lt(len, IKE_COMPARISON_TEXT);
		if (strcmp(c.row[i].attribute, "encryption") == 0)
			ck_assert_str_eq(c.row[i].peer + len - 5, ", ...");
	}
}
END_TEST

START_TEST(test_show_ours)
{
	struct ike_comparison c;
	struct proposal_list ours;

	proposal_accepted(IKE_PROTO_ESP, &cbc256_dh14, false, &ours);
	proposal_show_ours(&ours, true, &c);
	ck_assert_str_eq(row(&c, "encryption"), "aes-cbc-256 | not told");
	ck_assert_str_eq(row(&c, "dh-group"), "absent");
	comparison_groups(14, 20, &c);
	ck_assert_str_eq(row(&c, "dh-group"), "dh14 | dh20 *");
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		test_explain_each_attribute_of_ike,
		test_explain_gcm_against_cbc,
		test_explain_gcm_with_integrity,
		test_explain_closest_pair,
		test_explain_esp,
		test_explain_agrees_with_select,
		test_explain_long_lists_are_cut,
		test_show_ours,
	};

	return run_cases("proposal_explain", tests, ARRAY_LEN(tests));
}
