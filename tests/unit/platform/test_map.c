/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * map.c: random operations against a plain array, and SipHash against the paper (appendix A: the
 * 15-byte input gives a129ca6149be45e5) and `openssl mac SIPHASH` for every length below 64.
 */
#include "platform/base/map.h"
#include "platform/base/mem.h"
#include "tests/unit/platform/suite.h"

#include <string.h>

static const uint64_t sip_expected[64] = {
	0x726fdb47dd0e0e31, 0x74f839c593dc67fd, 0x0d6c8009d9a94f5a, 0x85676696d7fb7e2d,
	0xcf2794e0277187b7, 0x18765564cd99a68d, 0xcbc9466e58fee3ce, 0xab0200f58b01d137,
	0x93f5f5799a932462, 0x9e0082df0ba9e4b0, 0x7a5dbbc594ddb9f3, 0xf4b32f46226bada7,
	0x751e8fbc860ee5fb, 0x14ea5627c0843d90, 0xf723ca908e7af2ee, 0xa129ca6149be45e5,
	0x3f2acc7f57c29bdb, 0x699ae9f52cbe4794, 0x4bc1b3f0968dd39c, 0xbb6dc91da77961bd,
	0xbed65cf21aa2ee98, 0xd0f2cbb02e3b67c7, 0x93536795e3a33e88, 0xa80c038ccd5ccec8,
	0xb8ad50c6f649af94, 0xbce192de8a85b8ea, 0x17d835b85bbb15f3, 0x2f2e6163076bcfad,
	0xde4daaaca71dc9a5, 0xa6a2506687956571, 0xad87a3535c49ef28, 0x32d892fad841c342,
	0x7127512f72f27cce, 0xa7f32346f95978e3, 0x12e0b01abb051238, 0x15e034d40fa197ae,
	0x314dffbe0815a3b4, 0x027990f029623981, 0xcadcd4e59ef40c4d, 0x9abfd8766a33735c,
	0x0e3ea96b5304a7d0, 0xad0c42d6fc585992, 0x187306c89bc215a9, 0xd4a60abcf3792b95,
	0xf935451de4f21df2, 0xa9538f0419755787, 0xdb9acddff56ca510, 0xd06c98cd5c0975eb,
	0xe612a3cb9ecba951, 0xc766e62cfcadaf96, 0xee64435a9752fe72, 0xa192d576b245165a,
	0x0a8787bf8ecb74b2, 0x81b3e73d20b49b6f, 0x7fa8220ba3b2ecea, 0x245731c13ca42499,
	0xb78dbfaf3a8d83bd, 0xea1ad565322a1a0b, 0x60e61c23a3795013, 0x6606d7e446282b93,
	0x6ca4ecb15c5f91e1, 0x9f626da15c9625f3, 0xe51b38608ef25f57, 0x958a324ceb064572,
};

START_TEST(test_siphash_reference)
{
	uint8_t key[16];
	uint8_t data[64];

	for (size_t i = 0; i < sizeof(key); i++)
		key[i] = (uint8_t)i;
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)i;
	for (size_t len = 0; len < 64; len++)
		ck_assert_msg(siphash(key, data, len) == sip_expected[len], "length %zu", len);
	ck_assert(siphash(key, data, 15) == UINT64_C(0xa129ca6149be45e5));
	ck_assert(siphash(key, NULL, 0) == sip_expected[0]);
}
END_TEST

#define OBJECTS 600

struct object {
	struct map_node node;
	uint16_t key;
	bool in;
	uint64_t inserted; /* when */
};

/* The map iterates over exactly the objects that are in, oldest insertion first. */
static void check_order(const struct map *m, const struct object *objects)
{
	uint64_t last = 0;
	size_t seen = 0;
	struct list *node;
	struct list *after;

	list_for_each(node, after, &m->order)
	{
		const struct map_node *n = container_of(node, struct map_node, order);
		const struct object *o = container_of(n, struct object, node);

		ck_assert(o->in);
		ck_assert_uint_gt(o->inserted, last);
		last = o->inserted;
		seen++;
	}
	ck_assert_uint_eq(seen, m->count);
	for (size_t i = 0; i < OBJECTS; i++)
		seen -= objects[i].in ? 1 : 0;
	ck_assert_uint_eq(seen, 0);
}

START_TEST(test_random_operations)
{
	static struct object objects[OBJECTS];
	static const uint8_t key[16] = {1, 2, 3};
	uint64_t seed = 99;
	struct map m;

	map_init(&m, key);
	for (uint16_t i = 0; i < OBJECTS; i++)
		objects[i].key = i;
	for (uint64_t step = 1; step <= 40000; step++) {
		struct object *o = &objects[next_random(&seed) % OBJECTS];
		uint16_t wanted = o->key; /* looked up by value, not by the node's own bytes */
		struct map_node *found = map_find(&m, &wanted, sizeof(wanted));

		ck_assert_ptr_eq(found, o->in ? &o->node : NULL);
		if (next_random(&seed) % 2 == 0) {
			struct map_node other;

			if (o->in) {
				ck_assert(!map_insert(&m, &other, &wanted, sizeof(wanted)));
			} else {
				ck_assert(map_insert(&m, &o->node, &o->key, sizeof(o->key)));
				o->in = true;
				o->inserted = step;
			}
		} else if (o->in) {
			map_remove(&m, &o->node);
			o->in = false;
		}
		if (step % 1000 == 0)
			check_order(&m, objects);
	}
	map_clear(&m);
	ck_assert_uint_eq(m.count, 0);
	ck_assert_ptr_null(map_find(&m, &objects[0].key, sizeof(objects[0].key)));
	ck_assert(map_insert(&m, &objects[0].node, &objects[0].key, sizeof(objects[0].key)));
	map_clear(&m);
}
END_TEST

START_TEST(test_keys_of_different_length)
{
	struct map_node a, b, c;
	struct map m;

	map_init(&m, NULL);
	ck_assert_ptr_null(map_find(&m, "a", 1));
	ck_assert(map_insert(&m, &a, "a", 1));
	ck_assert(map_insert(&m, &b, "a", 2)); /* with its NUL */
	ck_assert(map_insert(&m, &c, NULL, 0));
	ck_assert_ptr_eq(map_find(&m, "a", 1), &a);
	ck_assert_ptr_eq(map_find(&m, "a", 2), &b);
	ck_assert_ptr_eq(map_find(&m, "", 0), &c);
	map_clear(&m);
}
END_TEST

START_TEST(test_remove_while_iterating)
{
	static struct object objects[100];
	struct list *node;
	struct list *after;
	struct map m;

	map_init(&m, NULL);
	for (uint16_t i = 0; i < 100; i++) {
		objects[i].key = i;
		ck_assert(map_insert(&m, &objects[i].node, &objects[i].key, sizeof(uint16_t)));
	}
	list_for_each(node, after, &m.order)
		map_remove(&m, container_of(node, struct map_node, order));
	ck_assert_uint_eq(m.count, 0);
	ck_assert(list_is_empty(&m.order));
	map_clear(&m);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		test_siphash_reference,
		test_random_operations,
		test_keys_of_different_length,
		test_remove_while_iterating,
	};

	return run_cases("map", tests, ARRAY_LEN(tests));
}
