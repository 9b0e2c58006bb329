/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Events: table, ring, listeners and lines. */
#include "dataplane/event.h"
#include "platform/base/mem.h"
#include "tests/unit/platform/suite.h"

#include <string.h>

/* 2026-11-23 14:00:02.118 UTC, by date(1). */
#define STAMP_MS 1795442402118ULL

static uint64_t fixed_time(void)
{
	return STAMP_MS;
}

START_TEST(test_table_is_in_order_and_complete)
{
	for (int i = 0; i < EVENT_COUNT; i++) {
		const struct event_row *row = event_row((enum event_id)i);

		ck_assert_int_eq(row->id, i);
		ck_assert(row->severity <= 7);
		ck_assert_ptr_nonnull(row->meaning);
		ck_assert_ptr_nonnull(row->remedy);
		ck_assert_uint_eq(strspn(row->mnemonic, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_"),
				  strlen(row->mnemonic));
		for (int j = 0; j < i; j++)
			ck_assert_str_ne(row->mnemonic, event_row((enum event_id)j)->mnemonic);
	}
}
END_TEST

START_TEST(test_line)
{
	struct event_log *l = event_log_new(fixed_time, 4);
	const struct event *ev;
	char line[512];

	setenv("TZ", "UTC", 1);
	event_emit(l, EVENT_LINK_DOWN, "Branch-Lyon", 2, "%s primary 2 (vdsl) is down",
		   "Branch-Lyon");
	ev = container_of(event_log_entries(l)->next, struct event, node);
	ck_assert_str_eq(
		event_line(ev, line, sizeof(line)),
		"Nov 23 14:00:02.118: %STORY-4-LINK_DOWN: Branch-Lyon primary 2 (vdsl) is down");
	ck_assert_str_eq(ev->site, "Branch-Lyon");
	ck_assert_uint_eq(ev->slot, 2);
	ck_assert_uint_eq(ev->number, 1);
	event_log_free(l);
}
END_TEST

START_TEST(test_ring_drops_the_oldest)
{
	struct event_log *l = event_log_new(fixed_time, 3);
	const struct list *node;
	uint64_t expected = 3;

	for (int i = 1; i <= 5; i++)
		event_emit(l, EVENT_SITE_UP, NULL, 0, "%d", i);
	ck_assert_uint_eq(event_log_dropped(l), 2);
	for (node = event_log_entries(l)->next; node != event_log_entries(l); node = node->next) {
		const struct event *ev = container_of(node, struct event, node);

		ck_assert_uint_eq(ev->number, expected++);
	}
	ck_assert_uint_eq(expected, 6);
	event_log_free(l);
}
END_TEST

/* Typed commands never take more than half of the ring. */
START_TEST(test_ring_keeps_events_beside_commands)
{
	struct event_log *l = event_log_new(fixed_time, 8);
	size_t links = 0;

	for (int i = 0; i < 4; i++)
		event_emit(l, EVENT_LINK_UP, NULL, 0, "up %d", i);
	for (int i = 0; i < 1000; i++)
		event_emit(l, EVENT_CONFIG_COMMAND, NULL, 0, "command %d", i);
	for (const struct list *n = event_log_entries(l)->next; n != event_log_entries(l);
	     n = n->next)
		links += container_of((struct list *)(uintptr_t)n, struct event, node)->id ==
			 EVENT_LINK_UP;
	ck_assert_uint_eq(links, 4);
	ck_assert_uint_eq(event_log_dropped(l), 996);
	event_log_free(l);
}
END_TEST

START_TEST(test_control_characters_and_long_texts)
{
	struct event_log *l = event_log_new(fixed_time, 2);
	char long_text[1000];
	const struct event *ev;

	event_emit(l, EVENT_UNKNOWN_PEER, NULL, 0, "a\x1b[31mb\nc\x7f");
	ev = container_of(event_log_entries(l)->next, struct event, node);
	ck_assert_str_eq(ev->text, "a?[31mb?c?");
	ck_assert_str_eq(ev->site, "");
	memset(long_text, 'x', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = '\0';
	event_emit(l, EVENT_UNKNOWN_PEER, long_text, 0, "%s", long_text);
	ev = container_of(event_log_entries(l)->prev, struct event, node);
	ck_assert_uint_eq(strlen(ev->text), EVENT_TEXT_MAX - 1);
	ck_assert_uint_eq(strlen(ev->site), EVENT_SITE_MAX - 1);
	event_log_free(l);
}
END_TEST

struct counter {
	struct event_listener listener;
	struct event_log *log;
	unsigned heard;
	bool once;
	bool answers;
};

static void hear(void *arg, const struct event *ev)
{
	struct counter *c = arg;

	c->heard++;
	if (c->once)
		event_unlisten(&c->listener);
	if (c->answers && ev->id == EVENT_STARTED)
		event_emit(c->log, EVENT_STOPPED, NULL, 0, "answer to %s", ev->text);
}

START_TEST(test_listeners)
{
	struct event_log *l = event_log_new(fixed_time, 1);
	struct counter always = {.listener = {.fn = hear, .arg = &always}, .log = l};
	struct counter once = {.listener = {.fn = hear, .arg = &once}, .log = l, .once = true};

	event_listen(l, &once.listener);
	event_listen(l, &always.listener);
	event_emit(l, EVENT_SITE_UP, NULL, 0, "one");
	event_emit(l, EVENT_SITE_UP, NULL, 0, "two");
	ck_assert_uint_eq(once.heard, 1);
	ck_assert_uint_eq(always.heard, 2);
	event_unlisten(&always.listener);
	event_unlisten(&always.listener);
	event_emit(l, EVENT_SITE_UP, NULL, 0, "three");
	ck_assert_uint_eq(always.heard, 2);
	event_log_free(l);
}
END_TEST

/* In a ring of one, the answer pushes out what is being told at that moment. */
START_TEST(test_listener_that_emits)
{
	struct event_log *l = event_log_new(fixed_time, 1);
	struct counter a = {.listener = {.fn = hear, .arg = &a}, .log = l, .answers = true};
	struct counter b = {.listener = {.fn = hear, .arg = &b}, .log = l};

	event_listen(l, &a.listener);
	event_listen(l, &b.listener);
	event_emit(l, EVENT_STARTED, NULL, 0, "go");
	ck_assert_uint_eq(a.heard, 2);
	ck_assert_uint_eq(b.heard, 2);
	event_log_free(l);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		test_table_is_in_order_and_complete,
		test_line,
		test_ring_drops_the_oldest,
		test_ring_keeps_events_beside_commands,
		test_control_characters_and_long_texts,
		test_listeners,
		test_listener_that_emits,
	};

	return run_cases("event", tests, ARRAY_LEN(tests));
}
