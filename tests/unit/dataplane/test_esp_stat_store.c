/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counters go on over processes, by their names, and damaged ones begin anew. */
#include "dataplane/esp/stat_store.h"
#include "platform/os/keeper.h"
#include "tests/unit/dataplane/run_suite.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define NAMES_AT 24 /* behind the head */

static struct err_msg e;
static char name[KEEPER_NAME_MAX];

static struct keeper *come_back(void)
{
	struct keeper *k;

	snprintf(name, sizeof(name), "stats-%ld", (long)getpid());
	k = keeper_open(name, &e);
	ck_assert_msg(k != NULL, "%s", e.text);
	return k;
}

static void add(struct esp_stat_store *s, unsigned worker, enum esp_stat which, uint64_t n)
{
	struct esp_stats stats = esp_stat_store_of(s, worker);

	esp_stats_add(&stats, which, n);
}

START_TEST(test_stat_store_alone)
{
	struct esp_stat_store *s = esp_stat_store_new(NULL, 2);

	for (unsigned i = 0; i < ESP_STAT_COUNT; i++)
		ck_assert_uint_eq(esp_stat_store_past(s, (enum esp_stat)i), 0);
	add(s, 1, ESP_STAT_COUNT - 1, 5);
	ck_assert_uint_eq(esp_stat_store_past(s, ESP_STAT_COUNT - 1), 0);
	esp_stat_store_free(s);
}
END_TEST

/* One process with three workers, one with one, one with two. */
START_TEST(test_stat_store_goes_on)
{
	struct keeper *k = come_back();
	struct esp_stat_store *s = esp_stat_store_new(k, 3);

	for (unsigned worker = 0; worker < 3; worker++)
		add(s, worker, ESP_RX_AUTH, 10 + worker);
	add(s, 2, ESP_STAT_COUNT - 1, 7);
	esp_stat_store_free(s);
	keeper_leave(k);

	k = come_back();
	s = esp_stat_store_new(k, 1);
	ck_assert_uint_eq(esp_stat_store_past(s, ESP_RX_AUTH), 33);
	ck_assert_uint_eq(esp_stat_store_past(s, ESP_STAT_COUNT - 1), 7);
	ck_assert_uint_eq(esp_stat_store_past(s, ESP_TX_PACKETS), 0);
	add(s, 0, ESP_RX_AUTH, 100);
	add(s, 0, ESP_TX_PACKETS, 1);
	esp_stat_store_free(s);
	keeper_leave(k);

	k = come_back();
	s = esp_stat_store_new(k, 2);
	ck_assert_uint_eq(esp_stat_store_past(s, ESP_RX_AUTH), 133);
	ck_assert_uint_eq(esp_stat_store_past(s, ESP_TX_PACKETS), 1);
	esp_stat_store_free(s);
	keeper_end(k);
}
END_TEST

/* The memory of the counters as the keeper has it. */
static int memory_of(struct keeper **k)
{
	int fd;

	keeper_leave(*k);
	*k = come_back();
	fd = keeper_take(*k, "stats");
	ck_assert_int_ge(fd, 0);
	keeper_leave(*k);
	return fd;
}

static uint64_t past_after(struct keeper **k, enum esp_stat which)
{
	struct esp_stat_store *s;
	uint64_t past;

	*k = come_back();
	s = esp_stat_store_new(*k, 1);
	past = esp_stat_store_past(s, which);
	esp_stat_store_free(s);
	return past;
}

/* Another build has another order: what it called the first one is our second one. */
START_TEST(test_stat_store_by_name)
{
	struct keeper *k = come_back();
	struct esp_stat_store *s = esp_stat_store_new(k, 1);
	uint64_t names[2], swapped[2];
	int fd;

	add(s, 0, (enum esp_stat)0, 3);
	add(s, 0, (enum esp_stat)1, 8);
	esp_stat_store_free(s);
	fd = memory_of(&k);
	ck_assert_int_eq(pread(fd, names, sizeof(names), NAMES_AT), (ssize_t)sizeof(names));
	swapped[0] = names[1];
	swapped[1] = names[0];
	ck_assert_int_eq(pwrite(fd, swapped, sizeof(swapped), NAMES_AT), (ssize_t)sizeof(names));
	close(fd);
	ck_assert_uint_eq(past_after(&k, (enum esp_stat)0), 8);
	keeper_end(k);
}
END_TEST

/* Heads that do not fit the memory: all begins at 0, and nothing is read beside it. */
START_TEST(test_stat_store_damaged)
{
	static const struct {
		off_t at;
		uint32_t value;
	} damage[] = {{0, 1},		{8, 5000},    {8, 0xffffffff},	{12, 0}, {12, 8},
		      {12, 0x80000000}, {16, 100000}, {16, 0xffffffff}, {20, 8}, {20, 0xfffffff0}};

	for (size_t i = 0; i < sizeof(damage) / sizeof(damage[0]); i++) {
		struct keeper *k = come_back();
		struct esp_stat_store *s = esp_stat_store_new(k, 1);
		int fd;

		add(s, 0, ESP_RX_AUTH, 3);
		esp_stat_store_free(s);
		fd = memory_of(&k);
		ck_assert_int_eq(pwrite(fd, &damage[i].value, 4, damage[i].at), 4);
		close(fd);
		ck_assert_msg(past_after(&k, ESP_RX_AUTH) == 0, "damage %zu", i);
		keeper_end(k);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("stat_store");
	TCase *c = tcase_create("all");

	tcase_add_test(c, test_stat_store_alone);
	tcase_add_test(c, test_stat_store_goes_on);
	tcase_add_test(c, test_stat_store_by_name);
	tcase_add_test(c, test_stat_store_damaged);
	suite_add_tcase(s, c);
	return run_suite(s);
}
