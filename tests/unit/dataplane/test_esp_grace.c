/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Grace periods: what is released when, in which order, and readers beside a writer. */
#include "dataplane/esp/grace.h"
#include "platform/base/mem.h"
#include "tests/unit/dataplane/run_suite.h"

#include <pthread.h>

struct object {
	struct grace_node grace;
	int number;
	int *released; /* gets the number */
	_Atomic int alive;
};

static void release(struct grace_node *n)
{
	struct object *o = container_of(n, struct object, grace);

	*o->released = o->number;
}

START_TEST(test_grace_nobody_inside)
{
	struct grace g;
	int released = 0;
	struct object o = {.number = 1, .released = &released};

	grace_init(&g);
	ck_assert(grace_reclaim(&g));
	grace_retire(&g, &o.grace, release);
	ck_assert_int_eq(released, 0); /* never inside retire */
	ck_assert(grace_reclaim(&g));
	ck_assert_int_eq(released, 1);
}
END_TEST

/* Inside since before the retiring: waits for leave, or for entering again. */
START_TEST(test_grace_reader_inside)
{
	struct grace g;
	int released = 0;
	struct object o = {.number = 1, .released = &released};

	grace_init(&g);
	grace_enter(&g, 0);
	grace_enter(&g, 3);
	grace_retire(&g, &o.grace, release);
	ck_assert(!grace_reclaim(&g));
	grace_leave(&g, 0);
	ck_assert(!grace_reclaim(&g));
	ck_assert_int_eq(released, 0);
	if (_i == 0)
		grace_leave(&g, 3);
	else
		grace_enter(&g, 3);
	ck_assert(grace_reclaim(&g));
	ck_assert_int_eq(released, 1);
}
END_TEST

/* Who entered after the retiring cannot hold it. */
START_TEST(test_grace_reader_entered_later)
{
	struct grace g;
	int released = 0;
	struct object a = {.number = 1, .released = &released};
	struct object b = {.number = 2, .released = &released};

	grace_init(&g);
	grace_retire(&g, &a.grace, release);
	grace_enter(&g, 0);
	grace_retire(&g, &b.grace, release);
	ck_assert(!grace_reclaim(&g));
	ck_assert_int_eq(released, 1); /* a, not b */
	grace_leave(&g, 0);
	ck_assert(grace_reclaim(&g));
	ck_assert_int_eq(released, 2);
}
END_TEST

struct shared {
	struct grace grace;
	_Atomic(struct object *) published;
	atomic_bool stop;
};

static void release_heap(struct grace_node *n)
{
	struct object *o = container_of(n, struct object, grace);

	atomic_store(&o->alive, 0);
	free(o);
}

static void *read_objects(void *arg)
{
	struct shared *s = arg;
	size_t dead = 0;

	while (!atomic_load(&s->stop)) {
		struct object *o;

		grace_enter(&s->grace, 0);
		o = atomic_load(&s->published);
		for (int i = 0; i < 20; i++)
			dead += atomic_load(&o->alive) != 1;
		grace_leave(&s->grace, 0);
	}
	return (void *)dead;
}

static struct object *heap_object(void)
{
	struct object *o = mem_zalloc(sizeof(*o));

	atomic_init(&o->alive, 1);
	return o;
}

/* Under the sanitizers this fails on any use after free. */
START_TEST(test_grace_two_threads)
{
	struct shared s = {.stop = false};
	pthread_t thread;
	void *dead;

	grace_init(&s.grace);
	atomic_init(&s.published, heap_object());
	ck_assert_int_eq(pthread_create(&thread, NULL, read_objects, &s), 0);
	for (int i = 0; i < 50000; i++) {
		struct object *old = atomic_exchange(&s.published, heap_object());

		grace_retire(&s.grace, &old->grace, release_heap);
		(void)grace_reclaim(&s.grace);
	}
	atomic_store(&s.stop, true);
	ck_assert_int_eq(pthread_join(thread, &dead), 0);
	ck_assert_ptr_null(dead);
	ck_assert(grace_reclaim(&s.grace));
	free(atomic_load(&s.published));
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("esp_grace");
	TCase *t = tcase_create("grace");

	tcase_set_timeout(t, 60);
	tcase_add_test(t, test_grace_nobody_inside);
	tcase_add_loop_test(t, test_grace_reader_inside, 0, 2);
	tcase_add_test(t, test_grace_reader_entered_later);
	tcase_add_test(t, test_grace_two_threads);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
