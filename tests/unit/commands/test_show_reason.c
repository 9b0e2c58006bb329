/* SPDX-License-Identifier: GPL-3.0-or-later */
/* show_reason.c: what an operator reads of a tunnel that is down, and programs get. */
#include "platform/base/mem.h"
#include "tests/unit/commands/fixture_show.h"
#include "tests/unit/platform/suite.h"

#include <jansson.h>
#include <string.h>

static struct tunnel_status mismatch(void)
{
	struct tunnel_status t = {.state = TUNNEL_DOWN, .cause = IKE_CAUSE_IKE_ALGORITHMS};
	struct ike_comparison *c = &t.ike.comparison;

	(void)strcpy(t.reason, "no-proposal-chosen");
	t.ike.failure.reason = IKE_REASON_NO_PROPOSAL_CHOSEN;
	t.ike.failure.cause = IKE_CAUSE_IKE_ALGORITHMS;
	(void)strcpy(t.ike.failure.evidence, "dh-group differs: here dh20, peer dh14");
	(void)strcpy(c->subject, "IKE proposal");
	c->count = 2;
	(void)strcpy(c->row[0].attribute, "encryption");
	(void)strcpy(c->row[0].here, "aes-gcm-256");
	(void)strcpy(c->row[0].peer, "aes-gcm-256, aes-gcm-128");
	(void)strcpy(c->row[1].attribute, "dh-group");
	(void)strcpy(c->row[1].here, "dh20");
	(void)strcpy(c->row[1].peer, "dh14");
	c->row[1].differs = true;
	return t;
}

static struct answer *block_of(const struct tunnel_status *t)
{
	struct answer *a = answer_new(ANSWER_TEXT, 0);

	answer_block(a, 2);
	show_reason(a, t);
	answer_block_end(a);
	return a;
}

START_TEST(test_reason_with_comparison)
{
	struct tunnel_status t = mismatch();

	fixture_expect(block_of(&t),
		       "  Reason           no-proposal-chosen: No IKE proposal of the peer is "
		       "accepted here\n"
		       "  Evidence         dh-group differs: here dh20, peer dh14\n"
		       "  IKE proposal     here         peer\n"
		       "    encryption     aes-gcm-256  aes-gcm-256, aes-gcm-128\n"
		       "  ! dh-group       dh20         dh14\n"
		       "  Fix here         Allow what it offers in init-parameters\n"
		       "  Fix at the peer  Offer for IKE what is accepted here\n");
}
END_TEST

/* What the engine remembers is about something older. */
START_TEST(test_reason_of_another_failure)
{
	struct tunnel_status t = mismatch();

	t.cause = IKE_CAUSE_SILENT;
	(void)strcpy(t.reason, "no-response");
	fixture_expect(block_of(&t),
		       "  Reason           no-response: The peer does not answer at all\n"
		       "  Fix here         Check public-ip and the route to it\n"
		       "  Fix at the peer  Let UDP 500 and 4500 of this appliance pass, and check "
		       "that IKEv2 is enabled for it\n");
}
END_TEST

START_TEST(test_reason_of_the_configuration)
{
	struct tunnel_status t = {.state = TUNNEL_DOWN};

	(void)strcpy(t.reason, "duplicate-identity");
	(void)strcpy(t.hint, "Lyon primary 2 has the same identities and addresses");
	fixture_expect(block_of(&t),
		       "  Reason    duplicate-identity\n"
		       "  Fix here  Lyon primary 2 has the same identities and addresses\n");
}
END_TEST

START_TEST(test_reason_of_a_healthy_tunnel)
{
	struct tunnel_status t = {.state = TUNNEL_UP, .reason = "-"};

	fixture_expect(block_of(&t), "");
}
END_TEST

static json_t *document(const struct tunnel_status *t)
{
	struct answer *a = answer_new(ANSWER_JSON, 0);
	char *text;
	json_t *doc;

	show_reason(a, t);
	text = fixture_finish(a);
	doc = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	ck_assert_msg(doc != NULL, "%s", text);
	free(text);
	return doc;
}

START_TEST(test_reason_json)
{
	struct tunnel_status t = mismatch();
	json_t *doc = document(&t), *c = json_object_get(doc, "comparison");
	json_t *row = json_array_get(json_object_get(c, "rows"), 1);

	ck_assert_str_eq(json_string_value(json_object_get(doc, "causeText")),
			 "No IKE proposal of the peer is accepted here");
	ck_assert_str_eq(json_string_value(json_object_get(doc, "fixPeer")),
			 "Offer for IKE what is accepted here");
	ck_assert_str_eq(json_string_value(json_object_get(c, "subject")), "IKE proposal");
	ck_assert_str_eq(json_string_value(json_object_get(row, "attribute")), "dh-group");
	ck_assert_str_eq(json_string_value(json_object_get(row, "here")), "dh20");
	ck_assert_str_eq(json_string_value(json_object_get(row, "peer")), "dh14");
	ck_assert(json_is_true(json_object_get(row, "differs")));
	json_decref(doc);
	t = (struct tunnel_status){.state = TUNNEL_UP, .reason = "-"};
	doc = document(&t);
	ck_assert(json_is_null(json_object_get(doc, "comparison")));
	ck_assert(json_is_null(json_object_get(doc, "fixHere")));
	json_decref(doc);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		test_reason_with_comparison,
		test_reason_of_another_failure,
		test_reason_of_the_configuration,
		test_reason_of_a_healthy_tunnel,
		test_reason_json,
	};

	return run_cases("show_reason", tests, ARRAY_LEN(tests));
}
