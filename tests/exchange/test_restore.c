/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An engine's state as bytes: the same again, at any moment of an exchange, without a word to the
 * peer; and what happens with bytes that are no such state.  Random worlds do this in
 * test_seeds.c. */
#include "sim.h"

#include "ikev2/ikesa.h"
#include "ikev2/tunnel.h"
#include "platform/base/mem.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define NOW_END 20 /* what stands before is the mark, the version and the time of the last call */

static void save(int node, struct secret *out)
{
	ck_assert_int_eq(ike_engine_save(w.node[node].engine, out), 0);
}

static int restore(struct view state, struct ike_engine **out)
{
	const struct ike_engine *like = w.node[0].engine;

	return ike_engine_restore(&like->limits, &like->random, w.now_ms, state, out);
}

/* Both sides up with AES-CBC, whose state has no counter that jumps. */
static void up_with_cbc(void)
{
	struct ike_tunnel a = sim_tunnel(&w, 1, 0, 1), b = sim_tunnel(&w, 1, 1, 0);

	a.ike.encr = b.ike.encr = a.child.encr = b.child.encr = 12;
	a.ike.key_bits = b.ike.key_bits = a.child.key_bits = b.child.key_bits = 256;
	sim_bring_up(&a, &b);
}

START_TEST(test_restore_is_the_same)
{
	struct secret before = SECRET_NONE, after = SECRET_NONE;

	up_with_cbc();
	for (int node = 0; node < 2; node++) {
		save(node, &before);
		sim_restore(&w, node);
		save(node, &after);
		ck_assert_uint_eq(before.len, after.len);
		ck_assert_mem_eq(before.data + NOW_END, after.data + NOW_END, before.len - NOW_END);
	}
	secret_clear(&before);
	secret_clear(&after);
	sim_finish();
}
END_TEST

/* The base and its only tunnel, one behind the other; the length of the base. */
static size_t save_parts(struct ike_engine *e, struct secret *state)
{
	struct secret base = SECRET_NONE, part = SECRET_NONE;
	size_t len;

	ck_assert_int_eq(ike_engine_save_base(e, &base), 0);
	ck_assert_int_eq(ike_engine_save_tunnel(e, 1, &part), 0);
	ck_assert_int_eq(ike_engine_save_tunnel(e, 77, &part), ERR_NOT_FOUND);
	len = base.len;
	secret_alloc(state, base.len + part.len);
	memcpy(state->data, base.data, base.len);
	memcpy(state->data + base.len, part.data, part.len);
	secret_clear(&base);
	secret_clear(&part);
	return len;
}

/* An engine from state, and its state. */
static void save_restored(struct view state, struct secret *out)
{
	struct ike_engine *e = NULL;

	ck_assert_int_eq(restore(state, &e), 0);
	for (struct ike_action a; ike_engine_next_action(e, &a);) {
		if (a.type == IKE_ACTION_DH)
			ike_dh_job_free(a.dh);
	}
	ck_assert_int_eq(ike_engine_save(e, out), 0);
	ike_engine_free(e);
}

/* Written tunnel by tunnel, it is the same. */
START_TEST(test_restore_parts)
{
	struct secret whole = SECRET_NONE, again = SECRET_NONE, state = SECRET_NONE;
	struct secret of_whole = SECRET_NONE;
	struct ike_engine *e = NULL;
	size_t base_len;

	up_with_cbc();
	ck_assert_int_eq(sim_command(&w, 0, 1, IKE_CMD_REKEY_CHILD), 0); /* a request is out */
	sim_run(&w, 0);
	save(0, &whole);
	base_len = save_parts(w.node[0].engine, &state);
	save_restored(secret_view(&whole), &of_whole);
	save_restored(secret_view(&state), &again);
	ck_assert_uint_eq(again.len, of_whole.len);
	ck_assert_mem_eq(again.data + NOW_END, of_whole.data + NOW_END, of_whole.len - NOW_END);
	secret_clear(&of_whole);
	for (size_t len = base_len + 1; len < state.len; len++)
		ck_assert_int_eq(restore(view_of(state.data, len), &e), ERR_INVALID);
	secret_clear(&whole);
	secret_clear(&again);
	secret_clear(&state);
	sim_finish();
}
END_TEST

/* The peer answers, but the node dies before it has written that down: its successor is told to
 * end, and the peer hears so at once. */
START_TEST(test_restore_forgotten_answer)
{
	struct secret state = SECRET_NONE;
	struct ike_engine *e = NULL;
	uint64_t at;

	sim_bring_up_default();
	ck_assert_int_eq(ike_engine_probe(w.node[0].engine, w.now_ms, 1), 0);
	sim_run(&w, 0); /* it is out */
	save(0, &state);
	sim_run(&w, 5000);
	ck_assert_int_eq(restore(secret_view(&state), &e), 0);
	secret_clear(&state);
	ike_engine_free(w.node[0].engine);
	w.node[0].engine = e;
	ck_assert_int_eq(sim_command(&w, 0, 1, IKE_CMD_TERMINATE), 0);
	at = w.now_ms;
	while (w.node[1].downs == 0 && w.now_ms < at + 30000)
		sim_run(&w, 10);
	ck_assert_uint_le(w.now_ms, at + 200 + 4 * w.delay_ms + 10);
}
END_TEST

/* One that only receives stragglers goes with its tunnel's IKE SA: the data plane needs to know
 * where its peer is. */
START_TEST(test_restore_lingering)
{
	struct secret state = SECRET_NONE;
	struct ike_usage usage;
	struct ike_engine *e = NULL;
	unsigned installs = 0;

	sim_bring_up_default();
	ck_assert_int_eq(sim_command(&w, 0, 1, IKE_CMD_REKEY_CHILD), 0);
	sim_run(&w, 500);
	ike_engine_usage(w.node[0].engine, &usage);
	ck_assert_uint_eq(usage.lingering, 1);
	save(0, &state);
	ck_assert_int_eq(restore(secret_view(&state), &e), 0);
	secret_clear(&state);
	for (struct ike_action a; ike_engine_next_action(e, &a);) {
		if (a.type != IKE_ACTION_CHILD_INSTALL)
			continue;
		installs++;
		ck_assert(ip_addr_equal(&a.install->remote.addr, &w.node[1].addr));
		ck_assert(ip_addr_equal(&a.install->local.addr, &w.node[0].addr));
	}
	ck_assert_uint_eq(installs, 2);
	ike_engine_free(e);
}
END_TEST

/* No message, no event, and everything goes on. */
START_TEST(test_restore_is_silent)
{
	uint64_t sent;
	uint32_t ups;

	sim_bring_up_default();
	sent = w.node[0].sent + w.node[1].sent;
	ups = w.node[0].ups + w.node[1].ups;
	sim_restore(&w, 0);
	sim_restore(&w, 1);
	sim_run(&w, 1);
	ck_assert_uint_eq(w.node[0].sent + w.node[1].sent, sent);
	ck_assert_uint_eq(w.node[0].ups + w.node[1].ups, ups);
	ck_assert_int_eq(sim_command(&w, 0, 1, IKE_CMD_REKEY_CHILD), 0);
	ck_assert_int_eq(sim_command(&w, 1, 1, IKE_CMD_REKEY_IKE), 0);
	sim_run(&w, 60000);
	ck_assert_uint_eq(w.node[0].downs + w.node[1].downs, 0);
	ck_assert_uint_ge(sim_counter(&w, 0, "ike_rekeyed"), 1);
	sim_finish();
}
END_TEST

/* After each step of coming up, of rekeying and of going down, both sides are others. */
START_TEST(test_restore_at_every_step)
{
	struct ike_tunnel a = sim_tunnel(&w, 1, 0, 1), b = sim_tunnel(&w, 1, 1, 0);
	static const enum ike_command commands[] = {IKE_CMD_REKEY_CHILD, IKE_CMD_REKEY_IKE,
						    IKE_CMD_CLEAR};

	w.restore_percent = 100;
	w.dh_ms = 30;
	w.traffic_ms = 50;
	a.initiate = true;
	a.child.ke = b.child.ke = 31;
	ck_assert_int_eq(sim_set(&w, 1, &b), 0);
	ck_assert_int_eq(sim_set(&w, 0, &a), 0);
	sim_run(&w, 5000);
	for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
		ck_assert(sim_is_up(&w, 0, 1));
		ck_assert(sim_is_up(&w, 1, 1));
		ck_assert_int_eq(sim_command(&w, _i, 1, commands[i]), 0);
		sim_run(&w, 1);
		ck_assert_int_ne(sim_command(&w, !_i, 1, commands[i]), ERR_INVALID);
		sim_run(&w, 100000);
	}
	w.restore_percent = 0;
	w.traffic_ms = 0;
	sim_run(&w, 30000);
	sim_finish();
}
END_TEST

/* ---- Initialisation vectors ------------------------------------------------------------------ */

struct sent {
	uint64_t spi_i, spi_r;
	uint8_t iv[8];
	uint64_t hash;
	int from;
};

static struct {
	struct sent *item;
	size_t count, repeated;
} ivs;

static void note_iv(void *arg, int from, const struct ike_send *send)
{
	static const uint8_t hash_key[16];
	size_t at = send->local.port == 4500 ? 4 : 0;
	const uint8_t *m = send->payload.data + at;
	struct sent s = {.from = from};

	(void)arg;
	if (send->payload.len < at + 44 || (m[16] != IKE_PAYLOAD_SK && m[16] != IKE_PAYLOAD_SKF))
		return;
	memcpy(&s.spi_i, m, 8);
	memcpy(&s.spi_r, m + 8, 8);
	memcpy(s.iv, m + (m[16] == IKE_PAYLOAD_SK ? 32 : 36), 8);
	s.hash = siphash(hash_key, m, send->payload.len - at);
	for (size_t i = 0; i < ivs.count; i++) {
		const struct sent *o = &ivs.item[i];

		if (o->spi_i == s.spi_i && o->spi_r == s.spi_r && o->from == from &&
		    memcmp(o->iv, s.iv, 8) == 0)
			ivs.repeated += o->hash != s.hash;
	}
	ivs.item = mem_realloc_array(ivs.item, ivs.count + 1, sizeof(*ivs.item));
	ivs.item[ivs.count++] = s;
}

/* A node dies after it has sent what its saved state knows nothing of. */
static void die_with_old_state(int node, uint64_t ms)
{
	struct ike_engine *e = w.node[node].engine;
	struct ike_random random = e->random;
	struct ike_limits limits = e->limits;
	struct secret old = SECRET_NONE;

	save(node, &old);
	sim_run(&w, ms);
	ike_engine_free(w.node[node].engine);
	ck_assert_int_eq(ike_engine_restore(&limits, &random, w.now_ms, secret_view(&old),
					    &w.node[node].engine),
			 0);
	secret_clear(&old);
}

START_TEST(test_restore_never_repeats_an_iv)
{
	memset(&ivs, 0, sizeof(ivs));
	w.tap = note_iv;
	sim_bring_up_default();
	w.restore_percent = 20;
	sim_run(&w, 300000);
	ck_assert_int_eq(sim_command(&w, 0, 1, IKE_CMD_REKEY_IKE), 0);
	sim_run(&w, 300000);
	w.restore_percent = 0;
	sim_assert(&w);
	die_with_old_state(0, 35000); /* liveness checks went out meanwhile */
	sim_run(&w, 300000);
	ck_assert_uint_gt(ivs.count, 100);
	ck_assert_uint_eq(ivs.repeated, 0);
	free(ivs.item);
}
END_TEST

/* ---- Configuration --------------------------------------------------------------------------- */

START_TEST(test_restore_then_configure)
{
	struct ike_tunnel a = sim_tunnel(&w, 1, 0, 1), b = sim_tunnel(&w, 1, 1, 0);

	sim_bring_up(&a, &b);
	sim_restore(&w, 0);
	ck_assert_uint_eq(ike_engine_tunnel_at(w.node[0].engine, 0), 1);
	ck_assert_uint_eq(ike_engine_tunnel_at(w.node[0].engine, 1), 0);
	ck_assert_int_eq(sim_set(&w, 0, &a), 0);
	sim_run(&w, 10000);
	ck_assert_uint_eq(w.node[0].downs, 0);
	sim_restore(&w, 0);
	a.esn = !a.esn;
	ck_assert_int_eq(sim_set(&w, 0, &a), 0);
	sim_run(&w, 10000);
	ck_assert_uint_eq(w.node[0].downs, 1);
	ck_assert(sim_is_up(&w, 0, 1));
	sim_restore(&w, 0);
	sim_remove(&w, 0, 1);
	sim_run(&w, 10000);
	ck_assert_uint_eq(sim_alive(&w, 1), 0);
	sim_assert(&w);
}
END_TEST

/* ---- No such state --------------------------------------------------------------------------- */

/* Whatever was restored lives a while. */
static void live(struct ike_engine *e)
{
	struct ike_action a;

	for (unsigned i = 0; i < 40; i++) {
		while (ike_engine_next_action(e, &a)) {
			if (a.type == IKE_ACTION_DH) {
				ike_dh_job_run(a.dh);
				ike_engine_dh_done(e, w.now_ms, a.dh);
			}
		}
		ike_engine_tick(e, w.now_ms + i * 5000ull);
	}
	ike_engine_free(e);
}

START_TEST(test_restore_refuses)
{
	struct ike_engine *e = NULL;
	struct secret state = SECRET_NONE;

	sim_bring_up_default();
	save(0, &state);
	ck_assert_int_eq(restore(view_of(NULL, 0), &e), ERR_INVALID);
	state.data[11]++;
	ck_assert_int_eq(restore(secret_view(&state), &e), ERR_UNSUPPORTED);
	state.data[11]--;
	state.data[0]++;
	ck_assert_int_eq(restore(secret_view(&state), &e), ERR_INVALID);
	state.data[0]--;
	w.now_ms -= 5000;
	ck_assert_int_eq(restore(secret_view(&state), &e), ERR_RANGE);
	w.now_ms += 5000;
	for (size_t len = 0; len < state.len; len++)
		ck_assert_int_eq(restore(view_of(state.data, len), &e), ERR_INVALID);
	ck_assert_ptr_null(e);
	ck_assert_int_eq(restore(secret_view(&state), &e), 0);
	live(e);
	secret_clear(&state);
}
END_TEST

/* Every octet another one: refused, or an engine that can live with it. */
START_TEST(test_restore_flipped)
{
	struct secret state = SECRET_NONE;
	size_t refused = 0;

	sim_bring_up_default();
	ck_assert_int_eq(sim_command(&w, _i & 1, 1, IKE_CMD_REKEY_CHILD), 0);
	sim_run(&w, _i & 2 ? 5 : 0);
	save(_i & 1, &state);
	for (size_t i = 12; i < state.len; i++) {
		struct ike_engine *e = NULL;
		uint8_t was = state.data[i];

		state.data[i] ^= (uint8_t)(1u << (i % 8));
		if (restore(secret_view(&state), &e))
			refused++;
		else
			live(e);
		state.data[i] = was;
	}
	ck_assert_uint_gt(refused, 50);
	secret_clear(&state);
}
END_TEST

START_TEST(test_restore_actions_pending)
{
	struct secret state = SECRET_NONE;

	sim_bring_up_default();
	ck_assert_int_eq(sim_command(&w, 0, 1, IKE_CMD_REKEY_CHILD), 0);
	ck_assert_int_eq(ike_engine_save(w.node[0].engine, &state), ERR_WRONG_STATE);
	ck_assert_uint_eq(state.len, 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("restore");
	TCase *tc = sim_case("restore");

	tcase_add_test(tc, test_restore_is_the_same);
	tcase_add_test(tc, test_restore_parts);
	tcase_add_test(tc, test_restore_forgotten_answer);
	tcase_add_test(tc, test_restore_lingering);
	tcase_add_test(tc, test_restore_is_silent);
	tcase_add_loop_test(tc, test_restore_at_every_step, 0, 2);
	tcase_add_test(tc, test_restore_never_repeats_an_iv);
	tcase_add_test(tc, test_restore_then_configure);
	tcase_add_test(tc, test_restore_refuses);
	tcase_add_loop_test(tc, test_restore_flipped, 0, 4);
	tcase_add_test(tc, test_restore_actions_pending);
	suite_add_tcase(suite, tc);
	return sim_run_suite(srunner_create(suite));
}
