/* SPDX-License-Identifier: GPL-3.0-or-later */
/* heap.c: random operations against a plain array that is searched from end to end. */
#include "platform/base/heap.h"
#include "platform/base/mem.h"
#include "tests/unit/platform/suite.h"

#define NODES 200

struct model {
	uint64_t due[NODES]; /* HEAP_NEVER: not in */
	uint64_t order[NODES];
	uint64_t next;
};

/* The index of the earliest, or NODES. */
static size_t model_first(const struct model *m)
{
	size_t best = NODES;

	for (size_t i = 0; i < NODES; i++) {
		if (m->due[i] == HEAP_NEVER)
			continue;
		if (best == NODES || m->due[i] < m->due[best] ||
		    (m->due[i] == m->due[best] && m->order[i] < m->order[best]))
			best = i;
	}
	return best;
}

START_TEST(test_random_operations)
{
	static struct heap_node nodes[NODES];
	struct model model = {.next = 0};
	uint64_t seed = 5;
	struct heap h;

	heap_init(&h);
	for (size_t i = 0; i < NODES; i++)
		model.due[i] = HEAP_NEVER;
	for (unsigned step = 0; step < 40000; step++) {
		size_t i = next_random(&seed) % NODES;
		uint64_t due = next_random(&seed) % 50; /* many ties */
		size_t first;

		switch (next_random(&seed) % 4) {
		case 0:
		case 1:
			heap_set(&h, &nodes[i], due);
			model.due[i] = due;
			model.order[i] = model.next++;
			break;
		case 2:
			heap_remove(&h, &nodes[i]);
			model.due[i] = HEAP_NEVER;
			break;
		case 3:
			first = model_first(&model);
			if (first != NODES && model.due[first] <= due) {
				ck_assert_ptr_eq(heap_pop_due(&h, due), &nodes[first]);
				model.due[first] = HEAP_NEVER;
			} else {
				ck_assert_ptr_null(heap_pop_due(&h, due));
			}
			break;
		}
		first = model_first(&model);
		ck_assert(heap_next_due(&h) == (first == NODES ? HEAP_NEVER : model.due[first]));
		ck_assert_int_eq(heap_contains(&nodes[i]), model.due[i] != HEAP_NEVER);
	}
	heap_clear(&h);
	for (size_t i = 0; i < NODES; i++)
		ck_assert(!heap_contains(&nodes[i]));
}
END_TEST

START_TEST(test_ties_in_insertion_order)
{
	struct heap_node nodes[5] = {{.slot = 0}};
	struct heap h;

	heap_init(&h);
	for (size_t i = 0; i < 5; i++)
		heap_set(&h, &nodes[i], 7);
	heap_set(&h, &nodes[0], 7); /* set again: behind the others */
	for (size_t i = 1; i < 5; i++)
		ck_assert_ptr_eq(heap_pop_due(&h, 7), &nodes[i]);
	ck_assert_ptr_eq(heap_pop_due(&h, 7), &nodes[0]);
	ck_assert_ptr_null(heap_pop_due(&h, HEAP_NEVER));
	heap_clear(&h);
}
END_TEST

START_TEST(test_empty)
{
	struct heap_node node = {.slot = 0};
	struct heap h;

	heap_init(&h);
	ck_assert(heap_next_due(&h) == HEAP_NEVER);
	heap_remove(&h, &node);
	ck_assert_ptr_null(heap_pop_due(&h, 0));
	heap_clear(&h);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		test_random_operations,
		test_ties_in_insertion_order,
		test_empty,
	};

	return run_cases("heap", tests, ARRAY_LEN(tests));
}
