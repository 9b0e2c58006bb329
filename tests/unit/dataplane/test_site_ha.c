/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HA roles: decisions as a table over virtual time; rates beside them. */
#include "dataplane/site/ha.h"
#include "dataplane/site/rates.h"
#include "platform/base/mem.h"
#include "tests/unit/platform/suite.h"

#define FAILBACK_MS 60000
#define P	    SITE_PRIMARY
#define S	    SITE_SECONDARY
#define UNFIT	    16 /* with primary: none of them is usable */
#define NEVER	    UINT64_MAX

struct step {
	uint64_t at_s;
	unsigned primary, secondary; /* tunnels that are up */
	enum ha_change change;
	enum site_role active;
	uint64_t deadline_s;
};

static void walk(const struct step *steps, size_t count)
{
	struct ha h;

	ha_init(&h);
	for (size_t i = 0; i < count; i++) {
		const unsigned up[SITE_ROLES] = {steps[i].primary % UNFIT, steps[i].secondary};
		enum ha_change change = ha_decide(&h, steps[i].at_s * 1000, up,
						  steps[i].primary < UNFIT, FAILBACK_MS);
		uint64_t due = ha_deadline(&h, FAILBACK_MS);

		ck_assert_msg(change == steps[i].change, "step %zu: change %d", i, (int)change);
		ck_assert_msg(h.active == steps[i].active, "step %zu: active %d", i, (int)h.active);
		ck_assert_msg(h.connected == (steps[i].primary + steps[i].secondary > 0),
			      "step %zu: connected", i);
		ck_assert_msg(due == (steps[i].deadline_s == NEVER ? NEVER
								   : steps[i].deadline_s * 1000),
			      "step %zu: deadline %llu", i, (unsigned long long)due);
	}
}

START_TEST(test_switch_only_when_all_are_down)
{
	static const struct step steps[] = {
		{1, 0, 0, HA_SAME, P, NEVER}, {2, 1, 0, HA_CONNECTED, P, NEVER},
		{3, 3, 2, HA_SAME, P, NEVER}, {4, 2, 2, HA_SAME, P, NEVER},
		{5, 1, 2, HA_SAME, P, NEVER}, {6, 0, 2, HA_SWITCHED, S, NEVER},
		{7, 0, 1, HA_SAME, S, NEVER},
	};

	walk(steps, ARRAY_LEN(steps));
}
END_TEST

/* Up but silent again: the delay starts anew; silence alone moves nothing. */
START_TEST(test_failback_needs_fitness)
{
	static const struct step steps[] = {
		{10, 1, 1, HA_CONNECTED, P, NEVER},	{15, 1 + UNFIT, 1, HA_SAME, P, NEVER},
		{20, 0, 1, HA_SWITCHED, S, NEVER},	{100, 1 + UNFIT, 1, HA_SAME, S, NEVER},
		{110, 1, 1, HA_SAME, S, 170},		{150, 1 + UNFIT, 1, HA_SAME, S, NEVER},
		{170, 1 + UNFIT, 1, HA_SAME, S, NEVER}, {180, 1, 1, HA_SAME, S, 240},
		{240, 1, 1, HA_SWITCHED, P, NEVER},
	};

	walk(steps, ARRAY_LEN(steps));
}
END_TEST

START_TEST(test_failback_after_stability)
{
	static const struct step steps[] = {
		{10, 1, 1, HA_CONNECTED, P, NEVER},
		{20, 0, 1, HA_SWITCHED, S, NEVER},
		{100, 1, 1, HA_SAME, S, 160},
		{130, 2, 1, HA_SAME, S, 160},	/* a second one does not start anew */
		{140, 0, 1, HA_SAME, S, NEVER}, /* it does when it was interrupted */
		{150, 1, 1, HA_SAME, S, 210},
		{209, 1, 1, HA_SAME, S, 210},
		{210, 1, 1, HA_SWITCHED, P, NEVER},
	};

	walk(steps, ARRAY_LEN(steps));
}
END_TEST

START_TEST(test_no_wait_when_secondary_dies)
{
	static const struct step steps[] = {
		{10, 1, 1, HA_CONNECTED, P, NEVER},
		{20, 0, 1, HA_SWITCHED, S, NEVER},
		{30, 1, 1, HA_SAME, S, 90},
		{35, 1, 0, HA_SWITCHED, P, NEVER},
	};

	walk(steps, ARRAY_LEN(steps));
}
END_TEST

/* After a start the roles come up in any order: no failback delay before primary's first time. */
START_TEST(test_start_over_secondary)
{
	static const struct step steps[] = {
		{1, 0, 1, HA_CONNECTED, S, NEVER},
		{2, 1, 1, HA_SWITCHED, P, NEVER},
		{3, 0, 1, HA_SWITCHED, S, NEVER},
		{4, 1, 1, HA_SAME, S, 64},
	};

	walk(steps, ARRAY_LEN(steps));
}
END_TEST

START_TEST(test_all_down_remembers_the_role)
{
	static const struct step steps[] = {
		{1, 1, 0, HA_CONNECTED, P, NEVER},    {2, 0, 1, HA_SWITCHED, S, NEVER},
		{3, 0, 0, HA_DISCONNECTED, S, NEVER}, {4, 0, 0, HA_SAME, S, NEVER},
		{5, 1, 1, HA_CONNECTED, P, NEVER},    {6, 0, 0, HA_DISCONNECTED, P, NEVER},
		{7, 0, 1, HA_CONNECTED, S, NEVER},
	};

	walk(steps, ARRAY_LEN(steps));
}
END_TEST

START_TEST(test_zero_delay)
{
	struct ha h;
	const unsigned both[SITE_ROLES] = {1, 1};
	const unsigned second[SITE_ROLES] = {0, 1};

	ha_init(&h);
	ck_assert(ha_decide(&h, 1000, both, true, 0) == HA_CONNECTED);
	ck_assert(ha_decide(&h, 2000, second, true, 0) == HA_SWITCHED);
	ck_assert(ha_decide(&h, 3000, both, true, 0) == HA_SWITCHED);
	ck_assert(h.active == SITE_PRIMARY);
}
END_TEST

/* 1 Mbit/s constant: shown to 90 % within 5 s as promised, never above; and back to nothing. */
START_TEST(test_rate_follows)
{
	struct rate r = {.at_ms = 0};
	uint64_t bytes = 5000;

	rate_sample(&r, 1000, bytes);
	ck_assert_uint_eq(r.bps, 0);
	for (uint64_t s = 2; s <= 60; s++) {
		bytes += 125000;
		rate_sample(&r, s * 1000, bytes);
		ck_assert_uint_le(r.bps, 1000000);
		if (s >= 6)
			ck_assert_uint_ge(r.bps, 900000);
	}
	ck_assert_uint_eq(r.bps, 1000000);
	for (uint64_t s = 61; s <= 120; s++)
		rate_sample(&r, s * 1000, bytes);
	ck_assert_uint_eq(r.bps, 0);
}
END_TEST

START_TEST(test_rate_restarts_with_the_counter)
{
	struct rate r = {.at_ms = 0};

	rate_sample(&r, 1000, 0);
	rate_sample(&r, 2000, 1000000);
	ck_assert_uint_eq(r.bps, 3000000);
	rate_sample(&r, 3000, 10);
	ck_assert_uint_eq(r.bps, 0);
	rate_sample(&r, 3000, 20); /* no time has passed */
	ck_assert_uint_eq(r.bps, 0);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		test_switch_only_when_all_are_down,
		test_failback_after_stability,
		test_failback_needs_fitness,
		test_no_wait_when_secondary_dies,
		test_start_over_secondary,
		test_all_down_remembers_the_role,
		test_zero_delay,
		test_rate_follows,
		test_rate_restarts_with_the_counter,
	};

	return run_cases("site_ha", tests, ARRAY_LEN(tests));
}
