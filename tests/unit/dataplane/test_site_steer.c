/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Steering: shares within one bucket, the fewest moves, and nothing for tunnels that are down. */
#include "dataplane/site/steer.h"
#include "platform/base/mem.h"
#include "tests/unit/platform/suite.h"

#include <string.h>

static void count(const struct dp_steering *s, unsigned held[DP_SLOTS + 1])
{
	memset(held, 0, sizeof(unsigned) * (DP_SLOTS + 1));
	for (unsigned b = 0; b < DP_BUCKETS; b++) {
		ck_assert_uint_le(s->bucket_slot[b], DP_SLOTS);
		held[s->bucket_slot[b]]++;
	}
}

static unsigned differences(const struct dp_steering *a, const struct dp_steering *b)
{
	unsigned n = 0;

	for (unsigned i = 0; i < DP_BUCKETS; i++)
		n += a->bucket_slot[i] != b->bucket_slot[i];
	return n;
}

START_TEST(test_one_tunnel_takes_all)
{
	struct dp_steering s = {.bucket_slot = {0}};
	struct steer_weights w = {.slot = {0, 0, 7}};
	unsigned held[DP_SLOTS + 1];

	ck_assert_uint_eq(steer_update(&s, &w), DP_BUCKETS);
	count(&s, held);
	ck_assert_uint_eq(held[3], DP_BUCKETS);
	ck_assert_uint_eq(steer_update(&s, &w), 0);
}
END_TEST

START_TEST(test_shares_by_hand)
{
	struct dp_steering s = {.bucket_slot = {0}};
	struct steer_weights w = {.slot = {50, 30, 20}};
	unsigned held[DP_SLOTS + 1];

	steer_update(&s, &w); /* 32, 19.2, 12.8 */
	count(&s, held);
	ck_assert_uint_eq(held[1], 32);
	ck_assert_uint_eq(held[2], 19);
	ck_assert_uint_eq(held[3], 13);
	w.slot[1] = 0; /* 50:20 -> 45.7, 18.3: only the 19 buckets of slot 2 move */
	ck_assert_uint_eq(steer_update(&s, &w), 19);
	count(&s, held);
	ck_assert_uint_eq(held[1], 46);
	ck_assert_uint_eq(held[2], 0);
	ck_assert_uint_eq(held[3], 18);
}
END_TEST

START_TEST(test_no_tunnel)
{
	struct dp_steering s = {.bucket_slot = {0}};
	struct steer_weights w = {.slot = {1, 1}};
	unsigned held[DP_SLOTS + 1];

	steer_update(&s, &w);
	w = (struct steer_weights){.slot = {0}};
	ck_assert_uint_eq(steer_update(&s, &w), DP_BUCKETS);
	count(&s, held);
	ck_assert_uint_eq(held[0], DP_BUCKETS);
	ck_assert_uint_eq(steer_update(&s, &w), 0);
}
END_TEST

/* Equal remainders: the one that holds more keeps it, so equal links never swap a bucket. */
START_TEST(test_equal_links_do_not_flap)
{
	struct dp_steering s = {.bucket_slot = {0}};
	struct steer_weights all = {.slot = {9, 9, 9}};
	struct steer_weights two = {.slot = {0, 9, 9}};

	steer_update(&s, &all);
	for (int i = 0; i < 10; i++) {
		unsigned held[DP_SLOTS + 1];

		steer_update(&s, &two);
		ck_assert_uint_eq(steer_update(&s, &two), 0);
		count(&s, held);
		ck_assert_uint_eq(held[2], 32);
		/* 21 or 22 come back to slot 1, none moves between 2 and 3 */
		ck_assert_uint_le(steer_update(&s, &all), 22);
		ck_assert_uint_eq(steer_update(&s, &all), 0);
	}
}
END_TEST

static struct steer_weights random_weights(uint64_t *seed)
{
	struct steer_weights w;

	for (unsigned i = 0; i < DP_SLOTS; i++) {
		uint64_t scale = next_random(seed) % 3 == 0 ? 10000000 : 1000;

		w.slot[i] = next_random(seed) % 3 == 0 ? 0 : next_random(seed) % scale;
	}
	return w;
}

static void check_step(struct dp_steering *s, const struct steer_weights *w)
{
	struct dp_steering before = *s;
	unsigned had[DP_SLOTS + 1], has[DP_SLOTS + 1];
	uint64_t total = 0;
	unsigned needed = 0;
	unsigned moved = steer_update(s, w);

	count(&before, had);
	count(s, has);
	for (unsigned i = 0; i < DP_SLOTS; i++)
		total += w->slot[i];
	for (unsigned i = 1; i <= DP_SLOTS; i++) {
		/* share within one bucket: |has - 64 w / total| < 1, in integers */
		uint64_t exact = w->slot[i - 1] * DP_BUCKETS;

		if (total == 0) {
			ck_assert_uint_eq(has[i], 0);
			continue;
		}
		ck_assert_uint_lt(has[i] * total, exact + total);
		ck_assert_uint_gt((has[i] + 1) * total, exact);
		if (w->slot[i - 1] == 0)
			ck_assert_uint_eq(has[i], 0);
		if (has[i] > had[i])
			needed += has[i] - had[i];
	}
	if (total == 0)
		needed = DP_BUCKETS - had[0];
	/* no bucket moves beside those that change the counts */
	ck_assert_uint_eq(moved, needed);
	ck_assert_uint_eq(moved, differences(&before, s));
}

START_TEST(test_property)
{
	struct dp_steering s = {.bucket_slot = {0}};
	uint64_t seed = 20261123;

	for (int i = 0; i < 3000; i++) {
		struct steer_weights w = random_weights(&seed);

		check_step(&s, &w);
	}
}
END_TEST

START_TEST(test_wild_bucket_values_are_taken_over)
{
	struct dp_steering s;
	struct steer_weights w = {.slot = {1}};
	unsigned held[DP_SLOTS + 1];

	memset(&s, 0xff, sizeof(s));
	steer_update(&s, &w);
	count(&s, held);
	ck_assert_uint_eq(held[1], DP_BUCKETS);
}
END_TEST

START_TEST(test_weights)
{
	struct site_config c;
	struct steer_weights w;
	struct tunnel_config *p = c.tunnels[SITE_PRIMARY];
	struct tunnel_config *q = c.tunnels[SITE_SECONDARY];

	site_config_init(&c, "s");
	w = steer_weights_of(&c, SITE_PRIMARY, 0x3f);
	ck_assert_uint_eq(w.slot[0], w.slot[2]);
	ck_assert_uint_gt(w.slot[0], 0);
	ck_assert_uint_eq(w.slot[3], 0); /* not of the role */
	p[0].last_mile_down = 50;
	p[1].last_mile_down = 30;
	w = steer_weights_of(&c, SITE_PRIMARY, 0x07);
	ck_assert_uint_eq(w.slot[0], 5000);
	ck_assert_uint_eq(w.slot[1], 3000);
	ck_assert_uint_eq(w.slot[2], 4000); /* mean of the known ones */
	p[1].link_preference = 200;
	w = steer_weights_of(&c, SITE_PRIMARY, 0x02);
	ck_assert_uint_eq(w.slot[0], 0);
	ck_assert_uint_eq(w.slot[1], 6000);
	q[2].last_mile_down = 7;
	w = steer_weights_of(&c, SITE_SECONDARY, 0x21);
	ck_assert_uint_eq(w.slot[0], 0);
	ck_assert_uint_eq(w.slot[5], 700);
	site_config_clear(&c);
}
END_TEST

START_TEST(test_small_steps)
{
	struct dp_steering s = {.bucket_slot = {0}}, before;
	struct steer_weights w = {.slot = {100, 100}};

	steer_update(&s, &w);
	w.slot[0] = 50; /* 21.3 : 42.7, eleven buckets away */
	for (unsigned i = 0; i < 3; i++) {
		const unsigned moves[] = {8, 3, 0};

		before = s;
		ck_assert_uint_eq(steer_step(&s, &w, 8), moves[i]);
		ck_assert_uint_eq(differences(&before, &s), moves[i]);
	}
	ck_assert_uint_eq(steer_held(&s, 1), 21);
	ck_assert_uint_eq(steer_held(&s, 2), 43);
}
END_TEST

START_TEST(test_wandering_weights_move_nothing)
{
	struct dp_steering s = {.bucket_slot = {0}};
	struct steer_weights w = {.slot = {100, 100}};

	ck_assert(steer_is_off(&s, &w)); /* nothing is given out yet */
	steer_update(&s, &w);
	ck_assert(!steer_is_off(&s, &w));
	w.slot[0] = 85; /* 45.9 % : 54.1 % */
	ck_assert(!steer_is_off(&s, &w));
	w.slot[0] = 81; /* 44.75 % */
	ck_assert(steer_is_off(&s, &w));
	w.slot[0] = 0;
	ck_assert(steer_is_off(&s, &w));
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		test_one_tunnel_takes_all,
		test_shares_by_hand,
		test_no_tunnel,
		test_equal_links_do_not_flap,
		test_property,
		test_wild_bucket_values_are_taken_over,
		test_weights,
		test_small_steps,
		test_wandering_weights_move_nothing,
	};

	return run_cases("site_steer", tests, ARRAY_LEN(tests));
}
