/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A Child SA goes on where it was in the process before; whose SPIs differ is not known. */
#include "dataplane/esp/child_store.h"
#include "platform/os/keeper.h"
#include "tests/unit/dataplane/run_suite.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define HEAD_LEN 4096 /* in front of the first slot */

static struct err_msg e;

static struct keeper *come_back(void)
{
	char name[KEEPER_NAME_MAX];
	struct keeper *k;

	snprintf(name, sizeof(name), "children-%ld", (long)getpid());
	k = keeper_open(name, &e);
	ck_assert_msg(k != NULL, "%s", e.text);
	return k;
}

static void leave_one(uint8_t outbound)
{
	struct keeper *k = come_back();
	struct esp_child_store *s = esp_child_store_new(k);
	struct esp_child *c = esp_child_alloc(s);
	int fd;

	c->id = 5;
	c->spi_in = 0x1001;
	c->spi_out = 0x2002;
	c->sequence = 77;
	c->replay.top = 12345;
	esp_child_store_free(s);
	keeper_leave(k);
	k = come_back();
	ck_assert_ptr_nonnull(keeper_found(k, 0));
	fd = keeper_take(k, keeper_found(k, 0));
	ck_assert_int_eq(pwrite(fd, &outbound, 1, HEAD_LEN + offsetof(struct esp_child, outbound)),
			 1);
	close(fd);
	keeper_leave(k);
}

static int recall(uint32_t id, uint32_t spi_in, struct esp_child *out)
{
	struct keeper *k = come_back();
	struct esp_child_store *s = esp_child_store_new(k);
	int rc;

	memset(out, 0, sizeof(*out));
	out->id = id;
	out->spi_in = spi_in;
	out->spi_out = 0x2002;
	rc = esp_child_recall(s, out);
	esp_child_store_free(s);
	keeper_leave(k);
	return rc;
}

/* _i: what is in the octet that says whether it sends. */
START_TEST(test_child_store_goes_on)
{
	static const uint8_t octets[] = {0, 1, 2, 134, 255};
	static struct esp_child c;

	leave_one(octets[_i]);
	ck_assert_int_eq(recall(6, 0x1001, &c), ERR_NOT_FOUND);
	ck_assert_int_eq(recall(5, 0x1002, &c), ERR_NOT_FOUND);
	ck_assert_int_eq(recall(5, 0x1001, &c), 0);
	ck_assert_uint_eq(c.sequence, 77);
	ck_assert_uint_eq(c.replay.top, 12345);
	ck_assert_int_eq(atomic_load(&c.outbound), octets[_i] != 0);
	keeper_end(come_back());
}
END_TEST

int main(void)
{
	Suite *s = suite_create("child_store");
	TCase *c = tcase_create("all");

	tcase_add_loop_test(c, test_child_store_goes_on, 0, 5);
	suite_add_tcase(s, c);
	return run_suite(s);
}
