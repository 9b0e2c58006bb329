/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of inbound SPIs against a plain array, through many additions and removals. */
#include "dataplane/esp/sa.h"
#include "platform/base/mem.h"
#include "tests/unit/dataplane/run_suite.h"

#define CHILDREN 3000

/* Only spi_in is looked at. */
static struct esp_child *children;

static void set_up(void)
{
	children = mem_calloc(CHILDREN, sizeof(*children));
	for (uint32_t i = 0; i < CHILDREN; i++)
		children[i].spi_in = 0x1000 + i * 977;
}

static void tear_down(void)
{
	free(children);
}

START_TEST(test_esp_spi_table_add)
{
	struct esp_spi_table *t = esp_spi_table_new();
	struct esp_child twin = {.spi_in = children[0].spi_in};
	struct grace g;

	grace_init(&g);
	ck_assert_ptr_null(esp_spi_table_find(t, children[0].spi_in));
	ck_assert_int_eq(esp_spi_table_add(t, &children[0], &g), 0);
	ck_assert_int_eq(esp_spi_table_add(t, &twin, &g), ERR_EXISTS);
	ck_assert_ptr_eq(esp_spi_table_find(t, children[0].spi_in), &children[0]);
	esp_spi_table_remove(t, &twin); /* is not in the table */
	ck_assert_ptr_eq(esp_spi_table_find(t, children[0].spi_in), &children[0]);
	esp_spi_table_remove(t, &children[0]);
	ck_assert_ptr_null(esp_spi_table_find(t, children[0].spi_in));
	ck_assert_int_eq(esp_spi_table_add(t, &twin, &g), 0);
	ck_assert_ptr_eq(esp_spi_table_find(t, twin.spi_in), &twin);
	(void)grace_reclaim(&g);
	esp_spi_table_free(t);
}
END_TEST

START_TEST(test_esp_spi_table_churn)
{
	struct esp_spi_table *t = esp_spi_table_new();
	bool there[CHILDREN] = {false};
	uint32_t state = 1;
	struct grace g;

	grace_init(&g);
	for (int i = 0; i < 60000; i++) {
		uint32_t n;

		state = state * 1664525 + 1013904223;
		/* few at a time at first, so that tombstones outnumber entries; then many */
		n = (state >> 8) % (i < 20000 ? 40 : CHILDREN);
		if (there[n])
			esp_spi_table_remove(t, &children[n]);
		else
			ck_assert_int_eq(esp_spi_table_add(t, &children[n], &g), 0);
		there[n] = !there[n];
		ck_assert_ptr_eq(esp_spi_table_find(t, children[n].spi_in),
				 there[n] ? &children[n] : NULL);
		ck_assert(grace_reclaim(&g));
	}
	for (uint32_t n = 0; n < CHILDREN; n++)
		ck_assert_ptr_eq(esp_spi_table_find(t, children[n].spi_in),
				 there[n] ? &children[n] : NULL);
	esp_spi_table_free(t);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("esp_spi_table");
	TCase *t = tcase_create("spi_table");

	tcase_set_timeout(t, 60);
	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, test_esp_spi_table_add);
	tcase_add_test(t, test_esp_spi_table_churn);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
