/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Additional key exchanges (RFC 9370) in IKE_INTERMEDIATE (RFC 9242) between two engines.  Keys and
 * IntAuth are computed here once more, by the formulas of the RFCs, with libcrypto's HMAC. */
#include "sim.h"

#include "ikev2/dh.h"
#include "ikev2/ikesa.h"
#include "ikev2/tunnel.h"
#include "platform/base/mem.h"

#include <check.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <string.h>

#define HASH 32 /* SHA2-256 */

static struct ike_tunnel a, b;

static void profiles(const uint16_t *groups, size_t count)
{
	a = sim_tunnel(&w, 1, 0, 1);
	b = sim_tunnel(&w, 1, 1, 0);
	for (size_t i = 0; i < count; i++)
		a.ike.addke[i] = b.ike.addke[i] = groups[i];
	a.ike.ke = b.ike.ke = 31;
}

static void lives_on(void)
{
	ck_assert_int_eq(sim_command(&w, 0, 1, IKE_CMD_REKEY_CHILD), 0);
	sim_run(&w, 20000);
	ck_assert_int_eq(sim_command(&w, 1, 1, IKE_CMD_REKEY_IKE), 0);
	sim_run(&w, 30000);
	ck_assert_int_eq(sim_command(&w, 0, 1, IKE_CMD_REKEY_IKE), 0);
	sim_run(&w, 30000);
	sim_finish();
}

START_TEST(test_intermediate_rounds)
{
	static const uint16_t groups[] = {19, 20, 14, 31, 15, 16, 19};

	profiles(groups, (size_t)_i + 1);
	sim_bring_up(&a, &b);
	ck_assert_uint_eq(sim_lines(&w, "A --> B  IKE_INTERMEDIATE", "{ KEi }"), (unsigned)_i + 1);
	ck_assert_uint_eq(sim_lines(&w, "B --> A  IKE_INTERMEDIATE response", "{ KEr }"),
			  (unsigned)_i + 1);
	ck_assert_uint_eq(sim_status(&w, 0, 1).suite.addke[_i], groups[_i]);
	ck_assert_uint_eq(sim_status(&w, 1, 1).suite.addke[_i], groups[_i]);
	lives_on();
}
END_TEST

/* ADDKE2 alone is one round. */
START_TEST(test_intermediate_gap)
{
	profiles(NULL, 0);
	a.ike.addke[1] = b.ike.addke[1] = 20;
	a.ike.encr = b.ike.encr = 12;
	a.ike.key_bits = b.ike.key_bits = 256;
	sim_bring_up(&a, &b);
	ck_assert_uint_eq(sim_lines(&w, "A --> B  IKE_INTERMEDIATE", "{ KEi }"), 1);
	lives_on();
}
END_TEST

/* Together with a postquantum preshared key. */
START_TEST(test_intermediate_with_ppk)
{
	static uint8_t key[32] = "a key of thirty-two octets, one";
	const uint16_t group = 19;

	profiles(&group, 1);
	a.ppk.id_len = b.ppk.id_len = 3;
	memcpy(a.ppk.id, "ppk", 3);
	memcpy(b.ppk.id, "ppk", 3);
	a.ppk.key = b.ppk.key = (struct secret){.data = key, .len = sizeof(key)};
	sim_bring_up(&a, &b);
	ck_assert(sim_status(&w, 1, 1).ppk);
	lives_on();
}
END_TEST

/* Off unless configured, and then both sides want the same. */
START_TEST(test_intermediate_disagreement)
{
	static const uint16_t sides[][2] = {{19, 0}, {0, 19}, {19, 20}};
	static const char *const said[] = {"additional-ke differs: here none, peer dh19",
					   "additional-ke differs: here dh19, peer none",
					   "additional-ke differs: here dh20, peer dh19"};

	profiles(NULL, 0);
	a.ike.addke[0] = sides[_i][0];
	b.ike.addke[0] = sides[_i][1];
	a.initiate = true;
	ck_assert_int_eq(sim_set(&w, 1, &b), 0);
	ck_assert_int_eq(sim_set(&w, 0, &a), 0);
	sim_run(&w, 80000);
	ck_assert(!sim_is_up(&w, 0, 1));
	ck_assert_int_eq(sim_status(&w, 0, 1).failure.reason, IKE_REASON_NO_PROPOSAL_CHOSEN);
	/* the side that refuses names what differs, and nothing else */
	if (!strstr(sim_status(&w, 1, 1).failure.evidence, said[_i]))
		ck_abort_msg("%s", sim_status(&w, 1, 1).failure.evidence);
	sim_assert(&w);
}
END_TEST

START_TEST(test_intermediate_off)
{
	sim_bring_up_default();
	ck_assert_uint_eq(sim_lines(&w, "INTERMEDIATE", NULL), 0);
}
END_TEST

/* Each message lost, doubled, late; and the engines become others after each step. */
START_TEST(test_intermediate_bad_network)
{
	static const uint16_t groups[] = {19, 20};

	profiles(groups, 2);
	w.delay_ms = 10;
	w.dh_ms = 40;
	if (_i < 4)
		sim_rule(&w, (struct sim_rule){.from = _i & 1,
					       .exchange = IKE_EXCH_INTERMEDIATE,
					       .response = _i & 1,
					       .skip = (unsigned)_i / 2,
					       .count = 1,
					       .drop = true});
	w.duplicate_percent = _i == 4 ? 100 : 0;
	w.jitter_ms = _i == 4 ? 200 : 0;
	w.restore_percent = _i == 5 ? 100 : 0;
	a.initiate = true;
	ck_assert_int_eq(sim_set(&w, 1, &b), 0);
	ck_assert_int_eq(sim_set(&w, 0, &a), 0);
	sim_run(&w, 60000);
	if (!sim_is_up(&w, 0, 1))
		ck_abort_msg("%s", w.ladder.text);
	w.duplicate_percent = w.jitter_ms = w.restore_percent = 0;
	sim_run(&w, 30000);
	ck_assert_uint_eq(w.node[0].downs, 0);
	sim_finish();
}
END_TEST

/* ---- The formulas ---------------------------------------------------------------------------- */

static void hmac(const void *key, size_t key_len, const void *data, size_t len, uint8_t out[HASH])
{
	unsigned n = 0;

	ck_assert_ptr_nonnull(HMAC(EVP_sha256(), key, (int)key_len, data, len, out, &n));
	ck_assert_uint_eq(n, HASH);
}

struct text {
	uint8_t bytes[4096];
	size_t len;
};

static void add(struct text *t, const void *data, size_t len)
{
	memcpy(t->bytes + t->len, data, len);
	t->len += len;
}

static void add_u64(struct text *t, uint64_t v)
{
	for (int i = 56; i >= 0; i -= 8)
		t->bytes[t->len++] = (uint8_t)(v >> i);
}

/* prf+ of RFC 7296 section 2.13. */
static void expand(const uint8_t key[HASH], const struct text *seed, uint8_t *out, size_t len)
{
	uint8_t last[HASH];
	size_t at = 0;

	for (uint8_t i = 1; at < len; i++) {
		struct text t = {.len = 0};
		size_t part = len - at < HASH ? len - at : HASH;

		if (i > 1)
			add(&t, last, HASH);
		add(&t, seed->bytes, seed->len);
		add(&t, &i, 1);
		hmac(key, HASH, t.bytes, t.len, last);
		memcpy(out + at, last, part);
		at += part;
	}
}

struct generation {
	uint8_t sk_d[HASH], sk_pi[HASH], sk_pr[HASH];
};

/* AES-GCM-256 with salt: SK_d | SK_ei | SK_er | SK_pi | SK_pr, no SK_a. */
static void keys_of(const uint8_t skeyseed[HASH], const struct ike_sa *sa, struct generation *g)
{
	const struct initial *in = sa->initial;
	struct text seed = {.len = 0};
	uint8_t all[HASH + 2 * 36 + 2 * HASH];

	add(&seed, in->ni.data, in->ni.len);
	add(&seed, in->nr.data, in->nr.len);
	add_u64(&seed, sa->spi_i);
	add_u64(&seed, sa->spi_r);
	expand(skeyseed, &seed, all, sizeof(all));
	memcpy(g->sk_d, all, HASH);
	memcpy(g->sk_pi, all + HASH + 72, HASH);
	memcpy(g->sk_pr, all + 2 * HASH + 72, HASH);
}

static struct ike_sa *attempt(void)
{
	return tunnel_attempt_sa(tunnel_find(w.node[0].engine, 1));
}

/* Runs until A waits for a shared secret, and computes it, too. */
static struct ike_sa *until_secret(enum sa_state state, struct secret *shared)
{
	struct ike_dh_job *job;
	struct ike_sa *sa;

	for (unsigned i = 0; i < 5000; i++) {
		sa = attempt();
		if (sa && sa->state == state) {
			job = dh_spare_job(sa->initial->wait.spare, w.node[0].engine->crypto);
			ike_dh_job_run(job);
			secret_move(shared, &job->shared);
			ike_dh_job_free(job);
			return sa;
		}
		sim_run(&w, 1);
	}
	ck_abort_msg("never in state %s\n%s", fsm_sa_state_name(state), w.ladder.text);
}

/* IntAuth_i1A | IntAuth_i1P of a message whose only payload is KE. */
static void int_auth(const uint8_t key[HASH], const struct ike_sa *sa, uint8_t flags,
		     const uint8_t *value, size_t len, uint8_t out[HASH])
{
	size_t ke_len = 8 + len;
	const uint8_t head[] = {IKE_PAYLOAD_SK, 0x20, 43, flags, 0, 0, 0, 1, 0, 0,
				(uint8_t)((32 + ke_len) >> 8), (uint8_t)(32 + ke_len),
				IKE_PAYLOAD_KE, 0, (uint8_t)((4 + ke_len) >> 8),
				(uint8_t)(4 + ke_len),
				/* KE: no next payload, length, group 19 */
				0, 0, (uint8_t)(ke_len >> 8), (uint8_t)ke_len, 0, 19, 0, 0};
	struct text t = {.len = 0};

	add_u64(&t, sa->spi_i);
	add_u64(&t, sa->spi_r);
	add(&t, head, sizeof(head));
	add(&t, value, len);
	hmac(key, HASH, t.bytes, t.len, out);
}

static void expect_keys(const struct ike_sa *sa, const struct generation *g)
{
	ck_assert_mem_eq(sa->keys.sk_d.data, g->sk_d, HASH);
	ck_assert_mem_eq(sa->keys.sk_pi.data, g->sk_pi, HASH);
	ck_assert_mem_eq(sa->keys.sk_pr.data, g->sk_pr, HASH);
}

START_TEST(test_intermediate_formulas)
{
	const uint16_t group = 19;
	struct secret first = SECRET_NONE, second = SECRET_NONE;
	uint8_t skeyseed[HASH], both[2 * HASH + 4] = {0}, own[64], peer[64];
	struct text nonces = {.len = 0}, seed = {.len = 0};
	struct generation zero, one;
	struct ike_dh_job *job;
	struct ike_sa *sa;

	profiles(&group, 1);
	a.ike.prf = b.ike.prf = IKE_PRF_HMAC_SHA2_256;
	a.ike.encr = b.ike.encr = IKE_ENCR_AES_GCM_16;
	a.ike.key_bits = b.ike.key_bits = 256;
	a.initiate = true;
	w.dh_ms = 20;
	ck_assert_int_eq(sim_set(&w, 1, &b), 0);
	ck_assert_int_eq(sim_set(&w, 0, &a), 0);
	sa = until_secret(SA_SECRET, &first);
	/* SKEYSEED = prf(Ni | Nr, SK(0)) */
	add(&nonces, sa->initial->ni.data, sa->initial->ni.len);
	add(&nonces, sa->initial->nr.data, sa->initial->nr.len);
	hmac(nonces.bytes, nonces.len, first.data, first.len, skeyseed);
	keys_of(skeyseed, sa, &zero);
	sa = until_secret(SA_MORE_SECRET, &second);
	expect_keys(sa, &zero);
	job = dh_spare_job(sa->initial->wait.spare, w.node[0].engine->crypto);
	memcpy(own, job->public_value, 64);
	memcpy(peer, job->peer_value, 64);
	ike_dh_job_free(job);
	/* SKEYSEED(1) = prf(SK_d(0), SK(1) | Ni | Nr) */
	add(&seed, second.data, second.len);
	add(&seed, nonces.bytes, nonces.len);
	hmac(zero.sk_d, HASH, seed.bytes, seed.len, skeyseed);
	keys_of(skeyseed, sa, &one);
	while (attempt()->state != SA_AUTH_SENT)
		sim_run(&w, 1);
	expect_keys(attempt(), &one);
	int_auth(zero.sk_pi, sa, MESSAGE_INITIATOR, own, 64, both);
	int_auth(zero.sk_pr, sa, MESSAGE_RESPONSE, peer, 64, both + HASH);
	both[2 * HASH + 3] = 2; /* IKE_AUTH_MID */
	ck_assert_uint_eq(sa->initial->more->int_auth.len, sizeof(both));
	ck_assert_mem_eq(sa->initial->more->int_auth.data, both, sizeof(both));
	secret_clear(&first);
	secret_clear(&second);
	w.dh_ms = 0;
	sim_run(&w, 10000);
	sim_finish();
}
END_TEST

/* What is said in IKE_INTERMEDIATE counts in IKE_AUTH. */
START_TEST(test_intermediate_is_authenticated)
{
	const uint16_t group = 19;

	profiles(&group, 1);
	a.initiate = true;
	w.dh_ms = 50;
	ck_assert_int_eq(sim_set(&w, 1, &b), 0);
	ck_assert_int_eq(sim_set(&w, 0, &a), 0);
	while (!attempt() || attempt()->state != SA_MORE_SECRET)
		sim_run(&w, 1);
	attempt()->initial->more->int_auth_r.data[3] ^= 1;
	sim_run(&w, 2000);
	ck_assert(!sim_is_up(&w, 0, 1));
	ck_assert_int_eq(sim_status(&w, 1, 1).failure.cause, IKE_CAUSE_PSK_MISMATCH);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("intermediate");
	TCase *tc = sim_case("intermediate");

	tcase_add_loop_test(tc, test_intermediate_rounds, 0, IKE_ADDKE_MAX);
	tcase_add_test(tc, test_intermediate_gap);
	tcase_add_test(tc, test_intermediate_with_ppk);
	tcase_add_loop_test(tc, test_intermediate_disagreement, 0, 3);
	tcase_add_test(tc, test_intermediate_off);
	tcase_add_loop_test(tc, test_intermediate_bad_network, 0, 6);
	tcase_add_test(tc, test_intermediate_formulas);
	tcase_add_test(tc, test_intermediate_is_authenticated);
	suite_add_tcase(suite, tc);
	return sim_run_suite(srunner_create(suite));
}
