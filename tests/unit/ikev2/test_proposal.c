/* SPDX-License-Identifier: GPL-3.0-or-later */
/* proposal*.c: our offers, our choice among what well-known peers offer, the check of answers.
 * Peers' offers are written as text: "ike cbc256 p256 i256 dh14 / ike gcm256 p384 dh20". */
#include "ikev2/proposal.h"
#include "platform/base/mem.h"
#include "tests/unit/ikev2/octets.h"
#include "tests/unit/platform/suite.h"

#include <stdio.h>
#include <string.h>

/* Transforms by short names; numbers are those of the IANA registry. */
static const struct {
	const char *name;
	struct sa_transform t;
} words[] = {
	{"cbc128", {1, 12, 128, false}}, {"cbc192", {1, 12, 192, false}},
	{"cbc256", {1, 12, 256, false}}, {"cbc", {1, 12, 0, false}},
	{"gcm128", {1, 20, 128, false}}, {"gcm256", {1, 20, 256, false}},
	{"gcm", {1, 20, 0, false}},	 {"3des", {1, 3, 0, false}},
	{"null", {1, 11, 0, false}},	 {"chacha", {1, 28, 0, false}},
	{"pmd5", {2, 1, 0, false}},	 {"psha1", {2, 2, 0, false}},
	{"p256", {2, 5, 0, false}},	 {"p384", {2, 6, 0, false}},
	{"p512", {2, 7, 0, false}},	 {"inone", {3, 0, 0, false}},
	{"imd5", {3, 1, 0, false}},	 {"isha1", {3, 2, 0, false}},
	{"i256", {3, 12, 0, false}},	 {"i384", {3, 13, 0, false}},
	{"i512", {3, 14, 0, false}},	 {"dh0", {4, 0, 0, false}},
	{"dh1", {4, 1, 0, false}},	 {"dh2", {4, 2, 0, false}},
	{"dh5", {4, 5, 0, false}},	 {"dh14", {4, 14, 0, false}},
	{"dh15", {4, 15, 0, false}},	 {"dh16", {4, 16, 0, false}},
	{"dh19", {4, 19, 0, false}},	 {"dh20", {4, 20, 0, false}},
	{"dh21", {4, 21, 0, false}},	 {"dh24", {4, 24, 0, false}},
	{"dh31", {4, 31, 0, false}},	 {"esn", {5, 1, 0, false}},
	{"noesn", {5, 0, 0, false}},	 {"addke", {6, 36, 0, false}},
	{"type0", {0, 1, 0, false}},	 {"p256bits", {2, 5, 256, false}},
};

static void add_word(struct sa_offer *o, const char *word, size_t len)
{
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strlen(words[i].name) == len && memcmp(words[i].name, word, len) == 0) {
			ck_assert_uint_lt(o->count, SA_TRANSFORMS_MAX);
			o->transform[o->count++] = words[i].t;
			return;
		}
	ck_abort_msg("no word %.*s", (int)len, word);
}

/* "ike cbc256 ... / esp:4 gcm128 ...": protocol, SPI length behind a colon, transforms; proposals
 * are numbered from 1. */
struct peer {
	uint8_t buf[2048];
	struct view body;
	struct payload_sa sa;
};

static void add_proposal(struct sa_offer *o, const char *text, size_t len)
{
	const char *end = text + len;

	o->protocol = memcmp(text, "ike", 3) == 0 ? IKE_PROTO_IKE : IKE_PROTO_ESP;
	o->spi_len = o->protocol == IKE_PROTO_ESP ? 4 : 0;
	text += 3;
	if (text < end && *text == ':') {
		o->spi_len = (uint8_t)(text[1] - '0');
		text += 2;
	}
	memset(o->spi, 0xab, o->spi_len);
	while (text < end) {
		size_t n = strcspn(text, " /");

		if (n)
			add_word(o, text, n);
		text += n + (text + n < end);
	}
}

static void peer_offers(struct peer *p, const char *text)
{
	struct sa_offer offers[8] = {0};
	size_t count = 0;
	struct message_builder b;

	while (*text) {
		size_t len = strcspn(text, "/");

		offers[count].number = (uint8_t)(count + 1);
		add_proposal(&offers[count++], text, len);
		text += len;
		text += strspn(text, "/ ");
	}
	message_chain_start(&b, p->buf, sizeof(p->buf));
	payload_sa_write(&b, offers, count);
	ck_assert_int_eq(message_finish(&b, &p->body), 0);
	p->body = view_of(p->body.data + 4, p->body.len - 4);
	ck_assert_int_eq(payload_sa_read(p->body, &p->sa), 0);
}

static const char *word_of(const struct sa_transform *t)
{
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (words[i].t.type == t->type && words[i].t.id == t->id &&
		    words[i].t.key_bits == t->key_bits)
			return words[i].name;
	return "?";
}

/* "1 gcm256 p384 dh20" */
static const char *offer_text(const struct sa_offer *o, char *buf, size_t size)
{
	int len = snprintf(buf, size, "%u", o->number);

	for (size_t i = 0; i < o->count; i++)
		len += snprintf(buf + len, size - (size_t)len, " %s", word_of(&o->transform[i]));
	return buf;
}

static void assert_offers(const struct proposal_list *l, const char *const *expected)
{
	char buf[512];

	for (size_t i = 0; i < l->count; i++) {
		ck_assert_ptr_nonnull(expected[i]);
		ck_assert_str_eq(offer_text(&l->item[i], buf, sizeof(buf)), expected[i]);
	}
	ck_assert_ptr_null(expected[l->count]);
}

/* ---- Offers ------------------------------------------------------------------------------------
 */

#define TIER1_GCM "1 gcm256 gcm128 p256 p384 p512 "
#define TIER1_CBC "2 cbc256 cbc128 p256 p384 p512 i256 i384 i512 "

static const struct ike_parameters automatic;
static const struct ike_parameters automatic_aead = {.aead_only = true};

static const struct offer_row {
	uint8_t protocol;
	enum proposal_tier tier;
	uint16_t ke;
	bool esn;
	struct ike_parameters params;
	const char *expected[4];
} offer_rows[] = {
	{1,
	 1,
	 19,
	 false,
	 {0},
	 {TIER1_GCM "dh19 dh20 dh14 dh15 dh16 dh31", TIER1_CBC "dh19 dh20 dh14 dh15 dh16 dh31"}},
	/* the group of the KE payload stands first */
	{1,
	 1,
	 16,
	 false,
	 {0},
	 {TIER1_GCM "dh16 dh19 dh20 dh14 dh15 dh31", TIER1_CBC "dh16 dh19 dh20 dh14 dh15 dh31"}},
	{1,
	 2,
	 2,
	 false,
	 {0},
	 {"1 gcm256 gcm128 p256 p384 p512 psha1 dh2 dh19 dh20 dh14 dh15 dh16 dh31 dh5",
	  "2 cbc256 cbc128 p256 p384 p512 psha1 i256 i384 i512 isha1 dh2 dh19 dh20 dh14 dh15 dh16 "
	  "dh31 "
	  "dh5"}},
	{1, 1, 20, false, {.aead_only = true}, {TIER1_GCM "dh20 dh19 dh14 dh15 dh16 dh31"}},
	/* explicit parameters: one narrow proposal, tier or not */
	{1, 1, 20, false, {20, 256, 6, 0, 20, false, {0}}, {"1 gcm256 p384 dh20"}},
	{1, 2, 2, false, {12, 128, 2, 2, 2, false, {0}}, {"1 cbc128 psha1 isha1 dh2"}},
	{1, 1, 14, false, {12, 256, 5, 12, 14, false, {0}}, {"1 cbc256 p256 i256 dh14"}},
	/* integrity is ignored with AES-GCM */
	{1, 1, 14, false, {20, 128, 5, 12, 14, false, {0}}, {"1 gcm128 p256 dh14"}},
	/* half explicit */
	{1, 1, 14, false, {0, 0, 0, 0, 14, false, {0}}, {TIER1_GCM "dh14", TIER1_CBC "dh14"}},
	/* ESP in IKE_AUTH: no key exchange */
	{3, 1, 0, false, {0}, {"1 gcm256 gcm128 noesn", "2 cbc256 cbc128 i256 i384 i512 noesn"}},
	{3,
	 2,
	 0,
	 false,
	 {0},
	 {"1 gcm256 gcm128 noesn", "2 cbc256 cbc128 i256 i384 i512 isha1 noesn"}},
	{3,
	 1,
	 0,
	 true,
	 {0},
	 {"1 gcm256 gcm128 esn noesn", "2 cbc256 cbc128 i256 i384 i512 esn noesn"}},
	{3, 1, 0, false, {.aead_only = true}, {"1 gcm256 gcm128 noesn"}},
	/* ESP with PFS: automatic lets the peer do without */
	{3,
	 1,
	 19,
	 false,
	 {.aead_only = true},
	 {"1 gcm256 gcm128 dh19 dh20 dh14 dh15 dh16 dh31 dh0 noesn"}},
	{3, 1, 14, false, {12, 256, 0, 2, 14, false, {0}}, {"1 cbc256 isha1 dh14 noesn"}},
};

START_TEST(test_proposal_build)
{
	for (size_t i = 0; i < ARRAY_LEN(offer_rows); i++) {
		const struct offer_row *row = &offer_rows[i];
		struct proposal_request rq = {.protocol = row->protocol,
					      .params = &row->params,
					      .tier = row->tier,
					      .ke = row->ke,
					      .esn = row->esn};
		struct proposal_list l;

		proposal_build(&rq, &l);
		assert_offers(&l, row->expected);
		for (size_t n = 0; n < l.count; n++)
			ck_assert_uint_eq(l.item[n].protocol, row->protocol);
	}
}
END_TEST

/* A first offer never shows the peer SHA-1 or groups 2 and 5. */
START_TEST(test_proposal_tier_1_has_nothing_legacy)
{
	for (uint8_t protocol = 1; protocol <= 3; protocol = (uint8_t)(protocol + 2)) {
		struct proposal_request rq = {.protocol = protocol,
					      .params = &automatic,
					      .tier = PROPOSAL_TIER_1,
					      .ke = 19};
		struct proposal_list l;

		proposal_build(&rq, &l);
		for (size_t i = 0; i < l.count; i++)
			for (size_t j = 0; j < l.item[i].count; j++) {
				const struct sa_transform *t = &l.item[i].transform[j];

				ck_assert(!(t->type == 2 && t->id == 2));
				ck_assert(!(t->type == 3 && t->id == 2));
				ck_assert(!(t->type == 4 && (t->id == 2 || t->id == 5)));
			}
	}
}
END_TEST

START_TEST(test_proposal_build_previous_first)
{
	static const struct ike_parameters narrow = {20, 256, 6, 0, 20, false, {0}};
	struct ike_suite old = {.encr = 12, .key_bits = 128, .prf = 2, .integ = 2, .ke = 2};
	struct proposal_request rq = {.protocol = IKE_PROTO_IKE,
				      .params = &automatic,
				      .tier = PROPOSAL_TIER_1,
				      .ke = 2,
				      .previous = &old,
				      .spi_len = 8,
				      .spi = {1, 2, 3, 4, 5, 6, 7, 8}};
	struct proposal_list l;
	char buf[512];

	proposal_build(&rq, &l);
	ck_assert_uint_eq(l.count, 3);
	ck_assert_str_eq(offer_text(&l.item[0], buf, sizeof(buf)), "1 cbc128 psha1 isha1 dh2");
	ck_assert_uint_eq(l.item[1].number, 2);
	ck_assert_uint_eq(l.item[2].number, 3);
	ck_assert_uint_eq(l.item[2].spi_len, 8);
	ck_assert_uint_eq(l.item[2].spi[7], 8);
	/* the parameters do not allow it any more */
	rq.params = &narrow;
	rq.ke = 20;
	proposal_build(&rq, &l);
	assert_offers(&l, (const char *const[]){"1 gcm256 p384 dh20", NULL});
	/* it is all that they allow: once is enough */
	old = (struct ike_suite){.encr = 20, .key_bits = 256, .prf = 6, .ke = 20};
	proposal_build(&rq, &l);
	assert_offers(&l, (const char *const[]){"1 gcm256 p384 dh20", NULL});
}
END_TEST

START_TEST(test_proposal_build_previous_child)
{
	struct ike_suite old = {.encr = 20, .key_bits = 128};
	struct proposal_request rq = {.protocol = IKE_PROTO_ESP,
				      .params = &automatic_aead,
				      .tier = PROPOSAL_TIER_1,
				      .ke = 19,
				      .previous = &old,
				      .spi_len = 4};
	struct proposal_list l;

	proposal_build(&rq, &l);
	assert_offers(&l, (const char *const[]){
				  "1 gcm128 dh19 dh0 noesn",
				  "2 gcm256 gcm128 dh19 dh20 dh14 dh15 dh16 dh31 dh0 noesn", NULL});
}
END_TEST

START_TEST(test_proposal_first_ke_and_tier2)
{
	static const struct ike_parameters narrow = {20, 256, 6, 0, 20, false, {0}};
	static const struct ike_parameters group2 = {.ke = 2};

	ck_assert_uint_eq(proposal_first_ke(&automatic, PROPOSAL_TIER_1), 19);
	ck_assert_uint_eq(proposal_first_ke(&automatic, PROPOSAL_TIER_2), 14);
	ck_assert_uint_eq(proposal_first_ke(&group2, PROPOSAL_TIER_1), 2);
	ck_assert(proposal_has_tier2(IKE_PROTO_IKE, &automatic));
	ck_assert(proposal_has_tier2(IKE_PROTO_ESP, &automatic));
	ck_assert(proposal_has_tier2(IKE_PROTO_IKE, &automatic_aead));
	ck_assert(!proposal_has_tier2(IKE_PROTO_ESP, &automatic_aead));
	ck_assert(!proposal_has_tier2(IKE_PROTO_IKE, &narrow));
	ck_assert(proposal_ke_allowed(&automatic, 0));
	ck_assert(proposal_ke_allowed(&automatic, 2));
	ck_assert(!proposal_ke_allowed(&automatic, 21));
	ck_assert(!proposal_ke_allowed(&group2, 0));
	ck_assert(!proposal_ke_allowed(&group2, 14));
	ck_assert(proposal_ke_allowed(&group2, 2));
}
END_TEST

/* ---- Choice ------------------------------------------------------------------------------------
 */

#define NOTHING ""

static const struct choice_row {
	const char *peer;
	struct ike_parameters params;
	uint16_t ke; /* group of the received KE */
	const char *answer;
} ike_rows[] = {
	/* what vendors offer by default (public documentation) */
	/* strongSwan 5.9 */
	{"ike cbc256 cbc192 cbc128 i256 i384 i512 isha1 p256 p384 p512 psha1 dh19 dh20 dh21 dh31 "
	 "dh15 "
	 "dh16 dh14 / ike gcm256 gcm128 chacha p256 p384 p512 dh19 dh20 dh21 dh31 dh15 dh16 dh14",
	 {0},
	 19,
	 "2 gcm256 p512 dh19"},
	/* Azure route-based gateways: AES256/128, SHA1/SHA256, group 2 only */
	{"ike cbc256 psha1 isha1 dh2 / ike cbc256 p256 i256 dh2 / ike cbc128 psha1 isha1 dh2 / "
	 "ike cbc128 p256 i256 dh2 / ike 3des psha1 isha1 dh2",
	 {0},
	 2,
	 "2 cbc256 p256 i256 dh2"},
	/* AWS offers everything; KE of group 2 costs a round trip, but not our security */
	{"ike cbc128 cbc256 isha1 i256 i384 i512 psha1 p256 p384 p512 dh2 dh14 dh15 dh16 dh19 dh20 "
	 "dh21 / "
	 "ike gcm128 gcm256 psha1 p256 p384 p512 dh2 dh14 dh15 dh16 dh19 dh20 dh21",
	 {0},
	 2,
	 "2 gcm256 p512 dh20"},
	/* FortiGate, older: groups 14 and 5 */
	{"ike cbc128 p256 i256 dh14 dh5 / ike cbc256 p256 i256 dh14 dh5 / ike gcm128 p256 dh14 dh5 "
	 "/ "
	 "ike gcm256 p384 dh14 dh5 / ike chacha p256 dh14 dh5",
	 {0},
	 14,
	 "4 gcm256 p384 dh14"},
	/* Cisco IOS, old */
	{"ike cbc256 cbc192 cbc128 p512 p384 p256 psha1 pmd5 i512 i384 i256 isha1 imd5 dh5 dh2",
	 {0},
	 5,
	 "1 cbc256 p512 i512 dh5"},
	/* Cisco IOS XE */
	{"ike cbc256 p512 p384 i512 i384 dh19 dh14 dh21 dh5", {0}, 19, "1 cbc256 p512 i512 dh19"},
	/* Palo Alto default */
	{"ike cbc128 3des psha1 isha1 dh2", {0}, 2, "1 cbc128 psha1 isha1 dh2"},
	/* OpenIKED */
	{"ike cbc256 cbc192 cbc128 3des p256 p384 p512 psha1 i256 i384 i512 isha1 dh31 dh21 dh20 "
	 "dh19 "
	 "dh16 dh15 dh14 dh5 dh2 / ike gcm128 gcm256 p256 p384 p512 psha1 dh31 dh21 dh20 dh19 dh16 "
	 "dh15 "
	 "dh14 dh5 dh2",
	 {0},
	 31,
	 "2 gcm256 p512 dh31"},

	/* the group of the received KE, and when it does not win */
	{"ike gcm256 p384 dh20 dh19 dh14", {0}, 14, "1 gcm256 p384 dh14"},
	{"ike gcm256 p384 dh20 dh19 dh2", {0}, 2, "1 gcm256 p384 dh20"},
	{"ike gcm256 p384 dh21 dh19 dh14", {0}, 21, "1 gcm256 p384 dh19"},
	{"ike gcm256 p384 dh2 dh5", {0}, 2, "1 gcm256 p384 dh2"},

	/* explicit parameters */
	{"ike gcm256 gcm128 cbc256 i256 inone p256 p384 dh14 dh20",
	 {12, 256, 5, 12, 14, false, {0}},
	 14,
	 "1 cbc256 p256 i256 dh14"},
	{"ike gcm256 p384 dh20", {12, 256, 5, 12, 14, false, {0}}, 20, NOTHING},
	{"ike cbc256 p256 i256 dh14", {.aead_only = true}, 14, NOTHING},
	{"ike cbc256 p256 i256 dh14 / ike gcm128 p256 dh14",
	 {.aead_only = true},
	 14,
	 "2 gcm128 p256 dh14"},

	/* RFC 7296 section 3.3: what makes a proposal or transform unacceptable */
	{"ike gcm256 p384", {0}, 20, NOTHING},	    /* no group */
	{"ike gcm256 dh20", {0}, 20, NOTHING},	    /* no PRF */
	{"ike p384 dh20", {0}, 20, NOTHING},	    /* no cipher */
	{"ike cbc256 p256 dh14", {0}, 14, NOTHING}, /* no integrity */
	{"ike cbc256 p256 inone dh14", {0}, 14, NOTHING},
	{"ike cbc p256 i256 dh14", {0}, 14, NOTHING}, /* AES without key length */
	{"ike gcm p256 dh14", {0}, 14, NOTHING},
	{"ike cbc cbc128 p256 i256 dh14", {0}, 14, "1 cbc128 p256 i256 dh14"},
	{"ike gcm256 p256 i256 dh14", {0}, 14, NOTHING}, /* AEAD with integrity */
	{"ike gcm256 p256 inone dh14", {0}, 14, "1 gcm256 p256 inone dh14"},
	{"ike gcm256 cbc128 p256 i256 dh14", {0}, 14, "1 cbc128 p256 i256 dh14"},
	{"ike gcm256 p256 dh14 addke", {0}, 14, NOTHING}, /* unknown transform type */
	{"ike gcm256 p256 dh14 type0", {0}, 14, NOTHING},
	{"ike gcm256 p256 dh14 addke / ike gcm128 p256 dh14", {0}, 14, "2 gcm128 p256 dh14"},
	{"ike gcm256 p256 dh14 noesn", {0}, 14, NOTHING}, /* no type of IKE */
	{"ike gcm256 p256bits dh14", {0}, 14, NOTHING},	  /* key length where none belongs */
	{"ike gcm256 p256 dh0", {0}, 14, NOTHING},	  /* no DH for an IKE SA */
	{"ike gcm256 p256 dh24", {0}, 24, NOTHING},
	{"ike cbc256 pmd5 imd5 dh14", {0}, 14, NOTHING},
	{"ike:8 gcm256 p256 dh14", {0}, 14, NOTHING}, /* SPI in IKE_SA_INIT */
	{"esp gcm256 noesn", {0}, 14, NOTHING},	      /* another protocol */
	{"esp:4 gcm256 noesn / ike gcm256 p256 dh14", {0}, 14, "2 gcm256 p256 dh14"},
};

static void check_choice(const struct proposal_policy *policy, const char *peer_text,
			 const char *answer)
{
	struct peer *peer = mem_zalloc(sizeof(*peer));
	struct proposal_choice c;
	char buf[256];
	int rc;

	peer_offers(peer, peer_text);
	rc = proposal_select(policy, &peer->sa, &c);
	if (!*answer) {
		ck_assert_msg(rc == ERR_NOT_FOUND, "%s", peer_text);
	} else {
		ck_assert_msg(rc == 0, "%s", peer_text);
		ck_assert_msg(strcmp(offer_text(&c.answer, buf, sizeof(buf)), answer) == 0,
			      "%s: got %s, not %s", peer_text, buf, answer);
	}
	free(peer);
}

START_TEST(test_proposal_select_ike)
{
	for (size_t i = 0; i < ARRAY_LEN(ike_rows); i++) {
		struct proposal_policy policy = {.protocol = IKE_PROTO_IKE,
						 .params = &ike_rows[i].params,
						 .count = 1,
						 .ke = ike_rows[i].ke};

		check_choice(&policy, ike_rows[i].peer, ike_rows[i].answer);
	}
}
END_TEST

static const struct child_row {
	const char *peer;
	struct ike_parameters params;
	uint16_t ke;
	bool ike_auth, esn;
	const char *answer;
} child_rows[] = {
	/* Azure: GCM256, then AES with SHA-1 or SHA-256, no PFS */
	{"esp gcm256 noesn / esp cbc256 isha1 noesn / esp cbc256 i256 noesn / esp cbc128 isha1 "
	 "noesn",
	 {0},
	 0,
	 true,
	 false,
	 "1 gcm256 noesn"},
	/* ASA and others: CBC only */
	{"esp cbc256 isha1 noesn / esp cbc128 i256 noesn",
	 {0},
	 0,
	 true,
	 false,
	 "2 cbc128 i256 noesn"},
	/* IKE_AUTH: a group in the offer is passed over and not answered */
	{"esp gcm256 dh14 noesn", {0}, 0, true, false, "1 gcm256 noesn"},
	{"esp gcm256 dh14 noesn", {.ke = 20}, 0, true, false, "1 gcm256 noesn"},
	/* never ESP NULL */
	{"esp null i256 noesn", {0}, 0, true, false, NOTHING},
	/* CREATE_CHILD_SA: with and without PFS */
	{"esp gcm256 noesn", {0}, 0, false, false, "1 gcm256 noesn"},
	{"esp gcm256 dh14 noesn", {0}, 14, false, false, "1 gcm256 dh14 noesn"},
	{"esp gcm256 dh14 dh0 noesn", {0}, 14, false, false, "1 gcm256 dh14 noesn"},
	{"esp gcm256 dh14 dh0 noesn", {0}, 0, false, false, "1 gcm256 dh0 noesn"},
	{"esp gcm256 dh24 dh0 noesn", {0}, 24, false, false, "1 gcm256 dh0 noesn"},
	{"esp gcm256 dh24 noesn", {0}, 24, false, false, NOTHING},
	{"esp gcm256 dh24 dh14 noesn", {0}, 24, false, false, "1 gcm256 dh14 noesn"},
	{"esp gcm256 dh14 noesn", {0}, 0, false, false, "1 gcm256 dh14 noesn"}, /* no KE came: asked
										   for */
	{"esp gcm256 dh0 noesn", {0}, 0, false, false, "1 gcm256 dh0 noesn"},
	/* an explicit group is an obligation */
	{"esp gcm256 noesn", {.ke = 14}, 0, false, false, NOTHING},
	{"esp gcm256 dh0 noesn", {.ke = 14}, 0, false, false, NOTHING},
	{"esp gcm256 dh14 dh0 noesn", {.ke = 14}, 14, false, false, "1 gcm256 dh14 noesn"},
	{"esp gcm256 dh14 dh20 noesn", {.ke = 20}, 14, false, false, "1 gcm256 dh20 noesn"},
	/* sequence numbers */
	{"esp gcm256 esn noesn", {0}, 0, true, false, "1 gcm256 noesn"},
	{"esp gcm256 esn noesn", {0}, 0, true, true, "1 gcm256 esn"},
	{"esp gcm256 noesn", {0}, 0, true, true, "1 gcm256 noesn"},
	{"esp gcm256 esn", {0}, 0, true, false, NOTHING},
	{"esp gcm256", {0}, 0, true, false, NOTHING}, /* mandatory, section 3.3.3 */
	{"esp gcm256 p256 noesn", {0}, 0, true, false, NOTHING},
	{"esp:8 gcm256 noesn", {0}, 0, true, false, NOTHING},
	{"esp:0 gcm256 noesn", {0}, 0, true, false, NOTHING},
	/* 100 Mbps rule */
	{"esp cbc256 i256 noesn", {.aead_only = true}, 0, true, false, NOTHING},
};

START_TEST(test_proposal_select_child)
{
	for (size_t i = 0; i < ARRAY_LEN(child_rows); i++) {
		const struct child_row *row = &child_rows[i];
		struct proposal_policy policy = {.protocol = IKE_PROTO_ESP,
						 .params = &row->params,
						 .count = 1,
						 .esn = row->esn,
						 .ike_auth = row->ike_auth,
						 .ke = row->ke,
						 .spi_len = 4};

		check_choice(&policy, row->peer, row->answer);
	}
}
END_TEST

START_TEST(test_proposal_select_among_candidates)
{
	static const struct ike_parameters candidates[] = {
		{12, 128, 2, 2, 2, false, {0}},
		{20, 256, 6, 0, 20, false, {0}},
	};
	struct proposal_policy policy = {.protocol = IKE_PROTO_IKE,
					 .params = candidates,
					 .count = 2,
					 .ke = 2};

	check_choice(&policy, "ike cbc128 psha1 isha1 dh2", "1 cbc128 psha1 isha1 dh2");
	check_choice(&policy, "ike cbc128 psha1 isha1 dh2 / ike gcm256 p384 dh20",
		     "2 gcm256 p384 dh20");
	/* parts of two policies do not make a third one */
	check_choice(&policy, "ike cbc128 p384 isha1 dh20", NOTHING);
	policy.count = 0;
	check_choice(&policy, "ike gcm256 p384 dh20", NOTHING);
}
END_TEST

START_TEST(test_proposal_select_fills_suite_and_spi)
{
	struct proposal_policy policy = {.protocol = IKE_PROTO_ESP,
					 .params = &automatic,
					 .count = 1,
					 .ke = 14,
					 .esn = true,
					 .spi_len = 4};
	struct peer peer;
	struct proposal_choice c;
	uint8_t buf[128];
	static const uint8_t spi[] = {0xc0, 0xff, 0xee, 1};
	struct message_builder b;
	struct view out;

	peer_offers(&peer, "esp cbc256 i512 dh14 esn");
	ck_assert_int_eq(proposal_select(&policy, &peer.sa, &c), 0);
	ck_assert_uint_eq(c.suite.encr, 12);
	ck_assert_uint_eq(c.suite.key_bits, 256);
	ck_assert_uint_eq(c.suite.integ, 14);
	ck_assert_uint_eq(c.suite.prf, 0);
	ck_assert_uint_eq(c.suite.ke, 14);
	ck_assert(c.suite.esn);
	assert_octets(view_of(c.peer_spi, c.peer_spi_len), "abababab");
	message_chain_start(&b, buf, sizeof(buf));
	proposal_write_answer(&b, &c, spi, sizeof(spi));
	ck_assert_int_eq(message_finish(&b, &out), 0);
	assert_octets(out, "00 00 0034  00 00 0030 01 03 04 04 c0ffee01"
			   "03 00 000c 01 00 000c 800e 0100  03 00 0008 03 00 000e"
			   "03 00 0008 04 00 000e  00 00 0008 05 00 0001");
}
END_TEST

/* ---- The initiator's check ----------------------------------------------------------------------
 */

static const struct verify_row {
	const char *answer;
	struct ike_parameters params;
	uint16_t ke;
	uint8_t protocol;
	bool ok;
} verify_rows[] = {
	{"ike gcm256 p384 dh19", {0}, 19, 1, true},
	{"ike gcm128 p512 dh31", {0}, 19, 1, true},
	{"ike gcm256 p384 inone dh19", {0}, 19, 1, true}, /* NONE says nothing */
	{"ike gcm256 psha1 dh19", {0}, 19, 1, false},	  /* not in tier 1 */
	{"ike gcm256 p384 dh2", {0}, 19, 1, false},
	{"ike cbc192 p256 i256 dh19", {0}, 19, 1, false},
	{"ike gcm p384 dh19", {0}, 19, 1, false},	    /* key length dropped */
	{"ike gcm256 gcm128 p384 dh19", {0}, 19, 1, false}, /* two of one type */
	{"ike gcm256 p384", {0}, 19, 1, false},
	{"ike gcm256 dh19", {0}, 19, 1, false},
	{"ike gcm256 p384 dh0", {0}, 19, 1, false},
	{"ike gcm256 p384 i256 dh19", {0}, 19, 1, false},
	{"ike gcm256 p384 dh19 noesn", {0}, 19, 1, false},
	{"ike gcm256 p384 dh19 addke", {0}, 19, 1, false},
	{"ike:8 gcm256 p384 dh19", {0}, 19, 1, false},
	{"esp gcm256 noesn", {0}, 19, 1, false},
	{"ike gcm256 p384 dh19 / ike gcm256 p384 dh19", {0}, 19, 1, false},
	{"ike cbc256 p256 i256 dh19", {0}, 19, 1, false}, /* proposal 2 under number 1 */
	{"ike gcm128 p384 dh20", {20, 256, 6, 0, 20, false, {0}}, 20, 1, false},
	{"ike gcm256 p384 dh20", {20, 256, 6, 0, 20, false, {0}}, 20, 1, true},
	{"esp gcm256 noesn", {0}, 0, 3, true},
	{"esp gcm256 dh0 noesn", {0}, 0, 3, true},
	{"esp gcm256 dh14 noesn", {0}, 0, 3, false},
	{"esp gcm256 esn", {0}, 0, 3, false},
	{"esp gcm256", {0}, 0, 3, false},
	{"esp null i256 noesn", {0}, 0, 3, false},
	{"esp gcm256 dh19 noesn", {0}, 19, 3, true},
	{"esp gcm256 dh0 noesn", {0}, 19, 3, true}, /* automatic offers NONE */
	{"esp gcm256 noesn", {0}, 19, 3, true},
	{"esp gcm256 noesn", {.ke = 14}, 14, 3, false},
	{"esp gcm256 dh0 noesn", {.ke = 14}, 14, 3, false},
};

START_TEST(test_proposal_verify)
{
	for (size_t i = 0; i < ARRAY_LEN(verify_rows); i++) {
		const struct verify_row *row = &verify_rows[i];
		struct proposal_request rq = {.protocol = row->protocol,
					      .params = &row->params,
					      .tier = PROPOSAL_TIER_1,
					      .ke = row->ke,
					      .spi_len = row->protocol == IKE_PROTO_ESP ? 4 : 0};
		struct proposal_list ours;
		struct proposal_choice c;
		struct peer peer;

		proposal_build(&rq, &ours);
		peer_offers(&peer, row->answer);
		ck_assert_msg((proposal_verify(&ours, &peer.sa, &c) == 0) == row->ok, "%s",
			      row->answer);
	}
}
END_TEST

START_TEST(test_proposal_verify_second_proposal)
{
	struct proposal_request rq = {.protocol = IKE_PROTO_IKE,
				      .params = &automatic,
				      .tier = PROPOSAL_TIER_1,
				      .ke = 19};
	struct proposal_list ours;
	struct proposal_choice c;
	struct peer peer;

	proposal_build(&rq, &ours);
	peer_offers(&peer, "ike cbc256 p256 i384 dh14");
	peer.sa.item[0].number = 2;
	ck_assert_int_eq(proposal_verify(&ours, &peer.sa, &c), 0);
	ck_assert_uint_eq(c.suite.encr, 12);
	ck_assert_uint_eq(c.suite.key_bits, 256);
	ck_assert_uint_eq(c.suite.prf, 5);
	ck_assert_uint_eq(c.suite.integ, 13);
	ck_assert_uint_eq(c.suite.ke, 14);
	peer.sa.item[0].number = 3;
	ck_assert_int_eq(proposal_verify(&ours, &peer.sa, &c), ERR_INVALID);
}
END_TEST

/* Our responder answers what our initiator accepts, for every pair of parameter sets. */
START_TEST(test_proposal_both_sides)
{
	static const struct ike_parameters sets[] = {
		{0},
		{.aead_only = true},
		{12, 128, 2, 2, 2, false, {0}},
		{12, 256, 7, 14, 16, false, {0}},
		{20, 128, 5, 0, 19, false, {0}},
		{20, 256, 6, 0, 20, false, {0}},
		{.ke = 31},
		{.encr = 12, .key_bits = 256},
	};

	for (size_t i = 0; i < ARRAY_LEN(sets); i++)
		for (size_t r = 0; r < ARRAY_LEN(sets); r++)
			for (int esp = 0; esp < 2; esp++) {
				uint8_t protocol = esp ? IKE_PROTO_ESP : IKE_PROTO_IKE;
				struct proposal_request rq = {
					.protocol = protocol,
					.params = &sets[i],
					.tier = PROPOSAL_TIER_2,
					.ke = proposal_first_ke(&sets[i], PROPOSAL_TIER_2),
					.spi_len = esp ? 4 : 0,
				};
				struct proposal_policy policy = {.protocol = protocol,
								 .params = &sets[r],
								 .count = 1,
								 .ke = rq.ke,
								 .spi_len = rq.spi_len};
				struct proposal_list ours;
				struct proposal_choice choice, seen;
				struct message_builder b;
				struct payload_sa sa;
				struct view out;
				uint8_t buf[1024];

				proposal_build(&rq, &ours);
				message_chain_start(&b, buf, sizeof(buf));
				proposal_write(&b, &ours);
				ck_assert_int_eq(message_finish(&b, &out), 0);
				ck_assert_int_eq(payload_sa_read(view_of(out.data + 4, out.len - 4),
								 &sa),
						 0);
				if (proposal_select(&policy, &sa, &choice)) {
					ck_assert_uint_ne(i, r);
					continue;
				}
				ck_assert(proposal_allows(protocol, &sets[i], &choice.suite));
				ck_assert(proposal_allows(protocol, &sets[r], &choice.suite));
				message_chain_start(&b, buf, sizeof(buf));
				proposal_write_answer(&b, &choice, (const uint8_t *)"abcd",
						      rq.spi_len);
				ck_assert_int_eq(message_finish(&b, &out), 0);
				ck_assert_int_eq(payload_sa_read(view_of(out.data + 4, out.len - 4),
								 &sa),
						 0);
				ck_assert_int_eq(proposal_verify(&ours, &sa, &seen), 0);
				ck_assert_mem_eq(&seen.suite, &choice.suite, sizeof(seen.suite));
			}
}
END_TEST

START_TEST(test_proposal_allows)
{
	static const struct ike_parameters narrow = {20, 256, 6, 0, 20, false, {0}};
	struct ike_suite s = {.encr = 20, .key_bits = 256, .prf = 6, .ke = 20};

	ck_assert(proposal_allows(IKE_PROTO_IKE, &automatic, &s));
	ck_assert(proposal_allows(IKE_PROTO_IKE, &narrow, &s));
	s.ke = 19;
	ck_assert(!proposal_allows(IKE_PROTO_IKE, &narrow, &s));
	ck_assert(!proposal_allows(IKE_PROTO_ESP, &narrow, &s));
	s.ke = 0;
	ck_assert(!proposal_allows(IKE_PROTO_IKE, &automatic, &s));
	ck_assert(proposal_allows(IKE_PROTO_ESP, &narrow, &s));
	s = (struct ike_suite){.encr = 12, .key_bits = 128, .prf = 2, .integ = 2, .ke = 2};
	ck_assert(proposal_allows(IKE_PROTO_IKE, &automatic, &s));
	ck_assert(!proposal_allows(IKE_PROTO_IKE, &automatic_aead, &s));
	s.integ = 0;
	ck_assert(!proposal_allows(IKE_PROTO_IKE, &automatic, &s));
}
END_TEST

/* ---- Text ---------------------------------------------------------------------------------------
 */

START_TEST(test_proposal_offer_text)
{
	static const struct {
		const char *peer, *text;
	} rows[] = {
		{"ike gcm256 p384 dh20 / ike cbc256 i256 p256 dh14",
		 "aes-gcm-256/sha2-384/dh20, aes-cbc-256/sha2-256/sha2-256/dh14"},
		{"ike cbc256 cbc128 psha1 p256 isha1 dh2 dh5 dh21",
		 "aes-cbc-256+aes-cbc-128/sha1/sha1+sha2-256/dh2+dh5+dh21"},
		{"ike 3des pmd5 imd5 dh1", "3des/md5/md5/dh1"},
		{"ike chacha p256 dh31", "chacha20-poly1305/sha2-256/dh31"},
		{"esp null isha1 dh0 noesn", "null/sha1/no-dh"},
		{"esp cbc isha1 noesn", "aes-cbc/sha1"},
	};
	char buf[320];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct peer peer;

		peer_offers(&peer, rows[i].peer);
		ck_assert_str_eq(proposal_offer_text(&peer.sa, buf, sizeof(buf)), rows[i].text);
	}
}
END_TEST

START_TEST(test_proposal_offer_text_is_cut)
{
	struct peer peer;
	size_t whole;
	char buf[320];

	peer_offers(&peer, "ike gcm256 p384 dh20 / ike cbc256 i256 p256 dh14");
	whole = strlen(proposal_offer_text(&peer.sa, buf, sizeof(buf)));
	for (size_t size = 4; size <= whole + 4; size++) {
		char *small = mem_zalloc(size); /* ASan sees an octet too many */

		proposal_offer_text(&peer.sa, small, size);
		ck_assert_uint_lt(strlen(small), size);
		if (size < whole + 4)
			ck_assert_str_eq(small + strlen(small) - 3, "...");
		free(small);
	}
}
END_TEST

START_TEST(test_proposal_offer_text_unknown_numbers)
{
	struct octets body =
		hex("00 00 0020 01 01 00 03 03 00 0008 01 00 03e7 03 00 0008 02 00 03e7"
		    "00 00 0008 04 00 03e7");
	struct payload_sa sa;
	char buf[80];

	ck_assert_int_eq(payload_sa_read(octets_view(&body), &sa), 0);
	ck_assert_str_eq(proposal_offer_text(&sa, buf, sizeof(buf)), "encr-999/prf-999/dh-999");
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		test_proposal_build,
		test_proposal_tier_1_has_nothing_legacy,
		test_proposal_build_previous_first,
		test_proposal_build_previous_child,
		test_proposal_first_ke_and_tier2,
		test_proposal_select_ike,
		test_proposal_select_child,
		test_proposal_select_among_candidates,
		test_proposal_select_fills_suite_and_spi,
		test_proposal_verify,
		test_proposal_verify_second_proposal,
		test_proposal_both_sides,
		test_proposal_allows,
		test_proposal_offer_text,
		test_proposal_offer_text_is_cut,
		test_proposal_offer_text_unknown_numbers,
	};

	return run_cases("proposal", tests, ARRAY_LEN(tests));
}
