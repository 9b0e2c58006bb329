/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An SA payload as offer and as answer.  First octet: what kind of policy; then the payload's body.
 * Whatever we choose must be allowed by the parameters and must be read back as it was written. */
#include "ikev2/proposal.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
	if (!ok)
		abort();
}

static const struct ike_parameters candidates[] = {
	{0},
	{.aead_only = true},
	{.encr = 12, .key_bits = 256, .prf = 5, .integ = 12, .ke = 14},
	{.ke = 20},
};

static void check_answer(const struct proposal_choice *c, uint8_t spi_len)
{
	static const uint8_t spi[8] = {1, 2, 3, 4, 5, 6, 7, 8};
	struct proposal_list ours = {.count = 1, .item = {c->answer}};
	struct proposal_choice back;
	struct message_builder b;
	struct payload_sa sa;
	struct view out;
	uint8_t buf[512];

	message_chain_start(&b, buf, sizeof(buf));
	proposal_write_answer(&b, c, spi, spi_len);
	must(message_finish(&b, &out) == 0);
	must(payload_sa_read(view_of(out.data + 4, out.len - 4), &sa) == 0);
	ours.item[0].spi_len = spi_len;
	must(proposal_verify(&ours, &sa, &back) == 0);
	must(memcmp(&back.suite, &c->suite, sizeof(back.suite)) == 0);
}

static void as_responder(uint8_t mode, const struct payload_sa *sa)
{
	const struct ike_parameters *params = &candidates[mode & 3];
	struct proposal_policy policy = {.protocol = mode & 4 ? IKE_PROTO_ESP : IKE_PROTO_IKE,
					 .params = params,
					 .count = 1,
					 .esn = mode & 8,
					 .ike_auth = mode & 16,
					 .ke = mode & 32 ? 14 : 0,
					 .spi_len = mode & 4 ? 4 : 0};
	struct proposal_choice c;

	if (proposal_select(&policy, sa, &c))
		return;
	must(proposal_allows(policy.protocol, params, &c.suite));
	must(c.suite.key_bits != 0);
	must(suite_is_aead(&c.suite) || c.suite.integ != 0);
	check_answer(&c, policy.spi_len);
}

static void as_initiator(uint8_t mode, const struct payload_sa *sa)
{
	const struct ike_parameters *params = &candidates[mode & 3];
	struct proposal_request rq = {.protocol = mode & 4 ? IKE_PROTO_ESP : IKE_PROTO_IKE,
				      .params = params,
				      .tier = mode & 8 ? PROPOSAL_TIER_2 : PROPOSAL_TIER_1,
				      .esn = mode & 16,
				      .spi_len = mode & 4 ? 4 : 0};
	struct proposal_list ours;
	struct proposal_choice c;

	rq.ke = mode & 4 && !(mode & 32) ? 0 : proposal_first_ke(params, rq.tier);
	proposal_build(&rq, &ours);
	if (proposal_verify(&ours, sa, &c) == 0)
		must(proposal_allows(rq.protocol, params, &c.suite));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct payload_sa sa;
	char text[320];

	if (size < 1 || payload_sa_read(view_of(data + 1, size - 1), &sa))
		return 0;
	proposal_offer_text(&sa, text, sizeof(text));
	must(strlen(text) < sizeof(text));
	as_responder(data[0], &sa);
	as_initiator(data[0], &sa);
	return 0;
}
