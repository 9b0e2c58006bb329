/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Anti-replay against a naive model that remembers every number, the inference of the high half of
 * extended sequence numbers against RFC 4303 appendix A2 written out in 64-bit arithmetic, and
 * several threads on one window.
 */
#include "dataplane/esp/replay.h"
#include "platform/base/mem.h"
#include "tests/unit/dataplane/run_suite.h"

#include <check.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#define SEEN_MAX 20000

/* Everything that was taken in. */
struct model {
	uint64_t top;
	size_t count;
	uint64_t seen[SEEN_MAX];
};

static bool model_is_new(const struct model *m, uint64_t seq)
{
	if (seq == 0 || (m->top >= ESP_REPLAY_WINDOW && seq <= m->top - ESP_REPLAY_WINDOW))
		return false;
	for (size_t i = 0; i < m->count; i++) {
		if (m->seen[i] == seq)
			return false;
	}
	return true;
}

static void model_take(struct model *m, uint64_t seq)
{
	ck_assert_uint_lt(m->count, SEEN_MAX);
	m->seen[m->count++] = seq;
	if (seq > m->top)
		m->top = seq;
}

/* The number with these low bits that lies nearest to the window: of all whole numbers with low
 * half `low`, the first one not left of the window (RFC 4303 appendix A2.1 says the same in words:
 * the receiver can be up to 2^32 - W packets behind). */
static bool model_infer(uint64_t top, uint32_t low, uint64_t *seq)
{
	uint64_t bottom = top >= ESP_REPLAY_WINDOW - 1 ? top - (ESP_REPLAY_WINDOW - 1) : 0;
	uint64_t whole = (bottom & ~(uint64_t)UINT32_MAX) | low;

	if (whole < bottom)
		whole += UINT64_C(1) << 32;
	*seq = whole;
	return true;
}

/* xorshift64*; the seed is the test number. */
static uint64_t next_random(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * UINT64_C(2685821657736338717);
}

static uint64_t near_top(uint64_t top, uint64_t *state)
{
	uint64_t r = next_random(state);
	int64_t offset;

	switch (r % 16) {
	case 0: /* far to the right */
		offset = (int64_t)(r >> 16) % (INT64_C(4) * ESP_REPLAY_WINDOW);
		break;
	case 1: /* around the left edge */
		offset = (int64_t)(r >> 16 & 7) - 4 - ESP_REPLAY_WINDOW;
		break;
	default:
		offset = (int64_t)(r >> 16) % 96 - 80;
		break;
	}
	if (offset < 0 && (uint64_t)-offset >= top)
		return 1;
	return top + (uint64_t)offset;
}

static void against_model(bool esn, uint64_t start, uint64_t seed)
{
	static struct model m;
	struct esp_replay r;
	uint64_t state = seed * 7919 + 1;

	memset(&m, 0, sizeof(m));
	esp_replay_init(&r, esn);
	r.top = start; /* as if nothing but the number before had come */
	m.top = start;
	for (int i = 0; i < 6000; i++) {
		uint64_t seq = near_top(m.top, &state), whole = 0, expected = seq;
		bool is_new;

		if (!esn && seq > UINT32_MAX)
			break;
		if (esn)
			ck_assert(model_infer(m.top, (uint32_t)seq, &expected));
		is_new = model_is_new(&m, expected) && (expected != start);
		if (expected == start)
			continue;
		ck_assert_int_eq(esp_replay_check(&r, (uint32_t)seq, &whole), is_new);
		if (!is_new)
			continue;
		ck_assert_uint_eq(whole, expected);
		ck_assert(esp_replay_commit(&r, whole));
		ck_assert(!esp_replay_commit(&r, whole));
		model_take(&m, whole);
		ck_assert_uint_eq(r.top, m.top);
	}
}

START_TEST(test_esp_replay_against_model)
{
	against_model(false, 0, (uint64_t)_i);
}
END_TEST

START_TEST(test_esp_replay_against_model_esn)
{
	static const uint64_t starts[] = {
		0,
		UINT32_MAX - 3000,
		UINT64_C(0x100000000),
		UINT64_C(0x100000000) + ESP_REPLAY_WINDOW - 5,
		UINT64_C(0x7fffffff) << 32 | (UINT32_MAX - 100),
	};

	against_model(true, starts[_i], (uint64_t)_i);
}
END_TEST

START_TEST(test_esp_replay_check_changes_nothing)
{
	struct esp_replay r, before;
	uint64_t seq;

	esp_replay_init(&r, false);
	ck_assert(esp_replay_commit(&r, 10));
	before = r;
	ck_assert(esp_replay_check(&r, 5000, &seq));
	ck_assert(!esp_replay_check(&r, 10, &seq));
	ck_assert_mem_eq(&r, &before, sizeof(r));
}
END_TEST

START_TEST(test_esp_replay_window_edges)
{
	struct esp_replay r;
	uint64_t seq;

	ck_assert_int_ge(ESP_REPLAY_WINDOW, 1024);
	esp_replay_init(&r, false);
	ck_assert(!esp_replay_check(&r, 0, &seq)); /* RFC 4303 section 3.3.3: begins at 1 */
	ck_assert(esp_replay_commit(&r, 100000));
	ck_assert(esp_replay_check(&r, 100000 - ESP_REPLAY_WINDOW + 1, &seq));
	ck_assert(!esp_replay_check(&r, 100000 - ESP_REPLAY_WINDOW, &seq));
	ck_assert(esp_replay_commit(&r, UINT32_MAX));
	ck_assert(!esp_replay_check(&r, 1, &seq)); /* no wrap without ESN */
}
END_TEST

/* A forged packet may not move the window: only commit does. */
START_TEST(test_esp_replay_esn_wraps)
{
	struct esp_replay r;
	uint64_t seq;

	esp_replay_init(&r, true);
	ck_assert(esp_replay_commit(&r, UINT32_MAX - 1));
	ck_assert(esp_replay_check(&r, 3, &seq));
	ck_assert_uint_eq(seq, UINT64_C(0x100000003));
	ck_assert(esp_replay_commit(&r, seq));
	ck_assert(esp_replay_check(&r, UINT32_MAX, &seq)); /* a late one from before */
	ck_assert_uint_eq(seq, UINT32_MAX);
	ck_assert(esp_replay_check(&r, 0, &seq)); /* low half 0 is a number like others now */
	ck_assert_uint_eq(seq, UINT64_C(0x100000000));
	ck_assert(!esp_replay_check(&r, UINT32_MAX - 1, &seq));
	/* At the very start nothing lies before. */
	esp_replay_init(&r, true);
	ck_assert(!esp_replay_check(&r, UINT32_MAX, &seq));
	/* Nothing lies behind the end. */
	esp_replay_init(&r, true);
	ck_assert(esp_replay_commit(&r, UINT64_MAX));
	ck_assert(!esp_replay_check(&r, 5, &seq));
}
END_TEST

/* ---- Threads --------------------------------------------------------------------------------- */

#define THREADS 4
#define NUMBERS 40000
#define NEAR	900 /* how far a thread looks back: within the window of all others */
#define LEAD	900 /* how far a thread may be in front of the slowest */

static struct esp_replay shared;
static atomic_uint_least8_t taken[NUMBERS + 1];
static _Atomic uint64_t progress[THREADS];

static uint64_t slowest(void)
{
	uint64_t least = UINT64_MAX;

	for (size_t i = 0; i < THREADS; i++) {
		uint64_t p = atomic_load(&progress[i]);

		least = p < least ? p : least;
	}
	return least;
}

/* Each number is tried by each thread, some of them again later. */
static void *replay_all(void *arg)
{
	size_t number = (size_t)((_Atomic uint64_t *)arg - progress);
	uint64_t state = number + 1;

	for (uint64_t seq = 1; seq <= NUMBERS; seq++) {
		uint64_t back = next_random(&state) % NEAR, again = seq > back ? seq - back : 1;
		uint64_t whole;

		while (seq > slowest() + LEAD)
			(void)sched_yield();
		if (esp_replay_check(&shared, (uint32_t)seq, &whole) &&
		    esp_replay_commit(&shared, whole))
			atomic_fetch_add(&taken[seq], 1);
		if (esp_replay_check(&shared, (uint32_t)again, &whole) &&
		    esp_replay_commit(&shared, whole))
			atomic_fetch_add(&taken[again], 1);
		atomic_store(&progress[number], seq);
	}
	return NULL;
}

/* As long as nobody falls out of the window, each number is taken exactly once. */
START_TEST(test_esp_replay_threads)
{
	pthread_t threads[THREADS];

	esp_replay_init(&shared, false);
	for (size_t i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, replay_all, &progress[i]), 0);
	for (size_t i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
	for (size_t seq = 1; seq <= NUMBERS; seq++)
		ck_assert_uint_eq(atomic_load(&taken[seq]), 1);
	ck_assert_uint_eq(esp_replay_top(&shared), NUMBERS);
}
END_TEST

/* One thread far behind: what it brings is too old, or taken once. */
static void *jump_ahead(void *arg)
{
	(void)arg;
	for (uint64_t seq = 1; seq <= NUMBERS; seq += 7) {
		if (esp_replay_commit(&shared, seq))
			atomic_fetch_add(&taken[seq], 1);
	}
	return NULL;
}

START_TEST(test_esp_replay_threads_apart)
{
	pthread_t threads[THREADS];

	esp_replay_init(&shared, false);
	for (size_t i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, jump_ahead, NULL), 0);
	for (size_t i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
	for (size_t seq = 1; seq <= NUMBERS; seq++)
		ck_assert_uint_eq(atomic_load(&taken[seq]), seq % 7 == 1);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("esp_replay");
	TCase *t = tcase_create("replay");

	tcase_add_loop_test(t, test_esp_replay_against_model, 0, 20);
	tcase_add_loop_test(t, test_esp_replay_against_model_esn, 0, 5);
	tcase_add_test(t, test_esp_replay_check_changes_nothing);
	tcase_add_test(t, test_esp_replay_window_edges);
	tcase_add_test(t, test_esp_replay_esn_wraps);
	tcase_add_test(t, test_esp_replay_threads);
	tcase_add_test(t, test_esp_replay_threads_apart);
	tcase_set_timeout(t, 60);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
