/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Steering hash: what must and must not change it, and how evenly it spreads. */
#include "dataplane/dataplane.h"
#include "dataplane/esp/flow.h"
#include "platform/base/mem.h"
#include "tests/unit/dataplane/run_suite.h"

#include <string.h>

static const uint8_t base_v4[] = {0x45, 0, 0,  28, 0, 0, 0, 0,	  64, 17, 0, 0, 10, 1,
				  0,	1, 10, 2,  0, 1, 3, 0xe8, 0,  53, 0, 8, 0,  0};

static uint64_t hash_of(const uint8_t *packet, size_t len)
{
	struct esp_inner p;

	ck_assert_int_eq(esp_inner_parse(view_of(packet, len), &p), 0);
	return esp_flow_hash(&p);
}

/* Offset of an octet that belongs to the flow, or not. */
START_TEST(test_esp_flow_hash_what_counts)
{
	static const size_t flow[] = {9, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23};
	static const size_t other[] = {1, 4, 5, 8, 10, 11, 24, 25, 26, 27};
	uint8_t packet[sizeof(base_v4)];
	uint64_t h = hash_of(base_v4, sizeof(base_v4));

	for (size_t i = 0; i < ARRAY_LEN(flow); i++) {
		memcpy(packet, base_v4, sizeof(packet));
		packet[flow[i]] ^= flow[i] == 9 ? 17 ^ 6 : 1;
		ck_assert_uint_ne(hash_of(packet, sizeof(packet)), h);
	}
	for (size_t i = 0; i < ARRAY_LEN(other); i++) {
		memcpy(packet, base_v4, sizeof(packet));
		packet[other[i]] ^= 1;
		ck_assert_uint_eq(hash_of(packet, sizeof(packet)), h);
	}
}
END_TEST

/* All fragments of a packet go the same way, whatever stands where ports would. */
START_TEST(test_esp_flow_hash_fragments)
{
	uint8_t first[sizeof(base_v4)], later[sizeof(base_v4)];

	memcpy(first, base_v4, sizeof(first));
	memcpy(later, base_v4, sizeof(later));
	first[6] = 0x20; /* more fragments */
	later[7] = 185;	 /* offset */
	memset(later + 20, 0xab, 8);
	ck_assert_uint_eq(hash_of(first, sizeof(first)), hash_of(later, sizeof(later)));
	later[6] = 0x20;
	ck_assert_uint_eq(hash_of(first, sizeof(first)), hash_of(later, sizeof(later)));
	later[9] = 6;
	ck_assert_uint_ne(hash_of(first, sizeof(first)), hash_of(later, sizeof(later)));
}
END_TEST

START_TEST(test_esp_flow_hash_fragments_v6)
{
	uint8_t first[60] = {0x60, 0, 0, 0, 0, 20, 44, 64}, later[60];

	memset(first + 8, 0xfd, 32);
	first[40] = 60; /* destination options, then UDP */
	first[43] = 1;	/* more */
	first[48] = 17;
	memcpy(later, first, sizeof(later));
	later[43] = 8; /* offset 1, last */
	memset(later + 48, 0x77, 12);
	ck_assert_uint_eq(hash_of(first, sizeof(first)), hash_of(later, sizeof(later)));
}
END_TEST

/* Chi-square over the buckets for flows that differ in one thing only: with 63 degrees of freedom,
 * 103 is exceeded by chance once in 1000. */
static double chi_square(const unsigned count[DP_BUCKETS], unsigned flows)
{
	double expected = (double)flows / DP_BUCKETS, sum = 0;

	for (size_t i = 0; i < DP_BUCKETS; i++)
		sum += ((double)count[i] - expected) * ((double)count[i] - expected) / expected;
	return sum;
}

START_TEST(test_esp_flow_bucket_spread)
{
	static const size_t varied[] = {22, 20, 14, 18}; /* ports and low halves of addresses */
	unsigned count[DP_BUCKETS] = {0};
	uint8_t packet[sizeof(base_v4)];

	memcpy(packet, base_v4, sizeof(packet));
	for (unsigned i = 0; i < 6400; i++) {
		unsigned bucket;

		packet[varied[_i]] = (uint8_t)(i >> 8);
		packet[varied[_i] + 1] = (uint8_t)i;
		bucket = esp_flow_bucket(hash_of(packet, sizeof(packet)));
		ck_assert_uint_lt(bucket, DP_BUCKETS);
		count[bucket]++;
	}
	ck_assert(chi_square(count, 6400) < 103);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("esp_flow");
	TCase *t = tcase_create("flow");

	tcase_add_test(t, test_esp_flow_hash_what_counts);
	tcase_add_test(t, test_esp_flow_hash_fragments);
	tcase_add_test(t, test_esp_flow_hash_fragments_v6);
	tcase_add_loop_test(t, test_esp_flow_bucket_spread, 0, 4);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
