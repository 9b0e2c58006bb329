/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The cap of a tunnel in virtual time: rates, bursts, turns of the queues, what is lost. */
#include "dataplane/esp/mile.h"
#include "tests/unit/dataplane/run_suite.h"

#include <string.h>

#define MS UINT64_C(1000000)
#define S  (1000 * MS)

static struct esp_lines *lines;
static struct esp_mile mile;
static const struct esp_line_owner owner = {7, 2};
static uint8_t packet[65545], got[65545];
static uint64_t now_ns, lost, sent;

static void set_up(void)
{
	lines = esp_lines_new();
	memset(&mile, 0, sizeof(mile));
	now_ns = 1000 * S;
	lost = sent = 0;
}

static void tear_down(void)
{
	esp_lines_free(lines);
}

static void set_mbps(uint64_t mbps)
{
	atomic_store(&mile.rate, mbps * 125000);
}

static bool put(struct esp_mile *m, unsigned band, uint8_t mark, size_t len)
{
	memset(packet, mark, len);
	return esp_lines_put(lines, m, &owner, band, view_of(packet, len));
}

/* As a sender does with what comes. */
static void come(size_t len)
{
	if (mile.line == 0 && esp_mile_is_free(&mile, now_ns)) {
		esp_mile_charge(&mile, len, now_ns);
		sent += len;
	} else if (!put(&mile, 0, 1, len)) {
		lost += len;
	}
}

static void drain(void)
{
	size_t len;

	while (esp_mile_is_free(&mile, now_ns) && (len = esp_lines_get(lines, &mile, got)) != 0) {
		esp_mile_charge(&mile, len, now_ns);
		sent += len;
	}
}

/* Twice the cap for ten seconds; the sender looks each wake_us, and now and then late_us later. */
static double megabits(uint64_t mbps, size_t len, unsigned wake_us, unsigned late_us)
{
	uint64_t end_ns = now_ns + 10 * S, gap_ns = len * 8 * 1000 / (2 * mbps), next_ns = now_ns;

	sent = 0;
	for (unsigned i = 0; now_ns < end_ns; i++) {
		now_ns += (wake_us + (i % 50 == 0 ? late_us : 0)) * UINT64_C(1000);
		for (; next_ns <= now_ns; next_ns += gap_ns)
			come(len);
		drain();
	}
	return (double)sent * 8 / 10 / 1e6;
}

START_TEST(test_mile_rate_is_exact)
{
	static const struct {
		uint64_t mbps;
		size_t len;
		unsigned wake_us, late_us;
	} all[] = {{5, 1300, 500, 0},	    {5, 1300, 500, 30000},   {100, 1300, 500, 0},
		   {1000, 1500, 500, 5000}, {20, 60000, 500, 0},     {1, 60000, 1000, 10000},
		   {5, 64, 500, 0},	    {300, 9000, 2000, 15000}};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		double has;

		tear_down();
		set_up();
		set_mbps(all[i].mbps);
		has = megabits(all[i].mbps, all[i].len, all[i].wake_us, all[i].late_us);
		ck_assert_double_ge(has, (double)all[i].mbps * 0.98);
		ck_assert_double_le(has, (double)all[i].mbps * 1.02 + 0.05); /* one long packet */
		ck_assert_uint_gt(lost, 0);
	}
}
END_TEST

/* An idle line has saved 4 ms, no matter how long it was idle. */
START_TEST(test_mile_burst)
{
	set_mbps(10); /* 5000 octets in 4 ms */
	come(1000);
	now_ns += 3600 * S;
	for (int i = 0; i < 20; i++)
		come(1000);
	ck_assert_uint_eq(sent, 1000 + 6000); /* the last one overdraws */
	ck_assert_uint_eq(lost, 0);
}
END_TEST

START_TEST(test_mile_no_cap)
{
	for (int i = 0; i < 1000; i++)
		come(1500);
	ck_assert_uint_eq(sent, UINT64_C(1500) * 1000);
	ck_assert_uint_eq(mile.line, 0);
}
END_TEST

/* Another rate, or none, while packets wait: all of them leave, in order. */
START_TEST(test_mile_changes_lose_nothing)
{
	set_mbps(1);
	come(1500);
	for (uint8_t i = 0; i < 10; i++)
		ck_assert(put(&mile, 0, i, 1500));
	set_mbps(_i == 0 ? 0 : 100);
	now_ns += _i == 0 ? 0 : 20 * MS;
	for (uint8_t i = 0; i < 10; i++) {
		ck_assert(esp_mile_is_free(&mile, now_ns));
		ck_assert_uint_eq(esp_lines_get(lines, &mile, got), 1500);
		ck_assert_uint_eq(got[0], i);
		ck_assert_uint_eq(got[1499], i);
		esp_mile_charge(&mile, 1500, now_ns);
	}
	ck_assert_uint_eq(esp_lines_get(lines, &mile, got), 0);
	ck_assert_uint_eq(mile.line, 0);
}
END_TEST

/* 40 ms of the rate, or 16 packets; one that is longer than that waits alone. */
START_TEST(test_mile_queue_is_short)
{
	unsigned held = 0;

	set_mbps(100); /* 500,000 octets */
	while (put(&mile, 0, 1, 1000))
		held++;
	ck_assert_uint_eq(held, 500);
	ck_assert(put(&mile, 1, 1, 1000)); /* each band has its own */
	set_mbps(1);
	while (esp_lines_get(lines, &mile, got) != 0)
		;
	held = 0;
	while (put(&mile, 0, 1, 1500))
		held++;
	ck_assert_uint_eq(held, 16);
	while (esp_lines_get(lines, &mile, got) != 0)
		;
	ck_assert(put(&mile, 0, 1, sizeof(packet)));
	ck_assert(!put(&mile, 0, 1, 100));
	ck_assert_uint_eq(esp_lines_get(lines, &mile, got), sizeof(packet));
	ck_assert(!put(&mile, 0, 1, 0));
}
END_TEST

/* By band, none of them last; and that one not never. */
START_TEST(test_mile_bands)
{
	unsigned of[NET_BANDS + 1] = {0};

	set_mbps(1000);
	for (uint8_t i = 0; i < 32; i++) {
		ck_assert(put(&mile, 0, 0, 100));
		ck_assert(put(&mile, NET_BANDS, NET_BANDS, 100));
		ck_assert(put(&mile, 1, 1, 100));
	}
	for (int i = 0; i < 32; i++) {
		ck_assert_uint_eq(esp_lines_get(lines, &mile, got), 100);
		of[got[0]]++;
	}
	ck_assert_uint_eq(of[1], 30);
	ck_assert_uint_eq(of[NET_BANDS], 0);
	ck_assert_uint_eq(of[0], 2);
	for (int i = 0; i < 32; i++) {
		ck_assert_uint_eq(esp_lines_get(lines, &mile, got), 100);
		of[got[0]]++;
	}
	ck_assert_uint_eq(of[1], 32);
	ck_assert_uint_eq(of[NET_BANDS], 28);
}
END_TEST

static bool is_used(uint32_t line)
{
	struct esp_line_owner who;
	uint32_t at = line;

	if (!esp_lines_next(lines, &at, &who) || at != line)
		return false;
	ck_assert_uint_eq(who.site, owner.site);
	ck_assert_uint_eq(who.slot, owner.slot);
	return true;
}

/* All memory is in use: packets are lost, and nothing of it is lost for later. */
START_TEST(test_mile_memory)
{
	static struct esp_mile miles[4200];
	size_t before = 0, held, line = 0;

	for (int round = 0; round < 3; round++) {
		held = 0;
		for (size_t i = 0; i < 4200; i++) {
			atomic_store(&miles[i].rate, 1250000);
			miles[i].line = 0;
			while (put(&miles[i], 0, 1, 4000))
				held++;
		}
		ck_assert_uint_gt(held, 8000);
		ck_assert(round == 0 || held == before);
		before = held;
		for (line = 1; line <= 4096; line++) {
			if (is_used((uint32_t)line))
				esp_lines_drop(lines, (uint32_t)line);
		}
		ck_assert(!is_used(1));
	}
	memset(miles, 0, sizeof(miles)); /* as many tunnels as there may be */
	for (size_t i = 0; i < 4200; i++)
		ck_assert(put(&miles[i], 0, 1, 100) == (i < 4096));
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("esp_mile");
	TCase *t = tcase_create("mile");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, test_mile_rate_is_exact);
	tcase_add_test(t, test_mile_burst);
	tcase_add_test(t, test_mile_no_cap);
	tcase_add_loop_test(t, test_mile_changes_lose_nothing, 0, 2);
	tcase_add_test(t, test_mile_queue_is_short);
	tcase_add_test(t, test_mile_bands);
	tcase_add_test(t, test_mile_memory);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
