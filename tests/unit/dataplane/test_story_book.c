/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The correlator of stories, in virtual time. */
#include "dataplane/site/story_book.h"
#include "platform/base/heap.h"
#include "tests/unit/dataplane/run_suite.h"

#include <stdio.h>
#include <string.h>

#define WALL0 1795442400000ULL /* 2026-11-23 14:00:00 UTC */

static struct story_book *book;
static uint64_t now;
static char heard[8192]; /* "+1 link-down Lyon 2 auth-failed\n", "-1 ...", "x1" */
static uint8_t unwanted; /* bits slot; bit 0: the whole site */
static uint8_t known;

static const char *link_name(void *arg, const char *site, uint8_t slot)
{
	(void)arg;
	(void)site;
	if ((unwanted & 1) != 0 || (unwanted & 1U << slot) != 0)
		return NULL;
	return slot == 0 ? "" : "fiber";
}

static void changed(void *arg, struct story *s, enum story_change what)
{
	size_t len = strlen(heard);

	(void)arg;
	if (what == STORY_UPDATED)
		return;
	snprintf(heard + len, sizeof(heard) - len, "%c%llu %s %s %u %s\n",
		 what == STORY_OPENED	? '+'
		 : what == STORY_CLOSED ? '-'
					: 'x',
		 (unsigned long long)s->id, story_row(s->kind)->name, s->site, s->slot,
		 what == STORY_OPENED ? s->reason : s->closing);
}

static void links(void *arg, const char *site, uint8_t bits)
{
	(void)arg;
	(void)site;
	known = bits;
}

static void setup(void)
{
	const struct story_world w = {.link_name = link_name, .changed = changed, .links = links};

	book = story_book_new(&w);
	now = 1000000;
	heard[0] = '\0';
	unwanted = 0;
	known = 0;
}

static void teardown(void)
{
	story_book_free(book);
}

static uint64_t wall(void)
{
	return WALL0 + now;
}

/* Lets time pass as the loop does: due moments one by one, a sweep each second. */
static void pass(unsigned seconds)
{
	uint64_t end = now + seconds * 1000ULL;

	while (now < end) {
		uint64_t due = story_book_deadline(book), next = (now / 1000 + 1) * 1000;

		now = due < next ? (due > now ? due : now) : next;
		story_book_tick(book, now, wall());
		if (now % 1000 == 0)
			story_book_sweep(book, now, wall());
	}
}

static void tell(enum event_id id, uint8_t slot, struct event_fact fact, const char *text)
{
	struct event ev = {.id = id, .slot = slot, .wall_ms = wall(), .fact = fact};

	snprintf(ev.site, sizeof(ev.site), "Lyon");
	snprintf(ev.text, sizeof(ev.text), "%s", text);
	story_book_event(book, now, &ev);
}

static void down(uint8_t slot, enum ike_cause cause)
{
	tell(EVENT_LINK_DOWN, slot, (struct event_fact){.cause = cause}, "is down");
}

static void up(uint8_t slot)
{
	tell(EVENT_LINK_UP, slot, (struct event_fact){.cause = IKE_CAUSE_NONE}, "is up");
}

static void failed(uint8_t slot, enum ike_cause cause)
{
	tell(EVENT_LINK_ATTEMPT_FAILED, slot, (struct event_fact){.cause = cause}, "failed");
}

static void plain(enum event_id id, uint8_t slot)
{
	tell(id, slot, (struct event_fact){.cause = IKE_CAUSE_NONE}, "text");
}

static void ha(bool secondary)
{
	tell(EVENT_HA_SWITCH, 0, (struct event_fact){.secondary = secondary}, "moved");
}

START_TEST(test_table_is_in_order_and_complete)
{
	for (int k = 0; k < STORY_KINDS; k++) {
		const struct story_row *row = story_row((enum story_kind)k);
		enum story_kind found;

		ck_assert_int_eq(row->kind, k);
		ck_assert(row->criticality >= 1 && row->criticality <= 10);
		ck_assert(story_kind_find(row->name, &found) && found == row->kind);
		ck_assert_ptr_nonnull(row->cause);
		ck_assert_ptr_nonnull(row->remedy_here);
		ck_assert_ptr_nonnull(row->remedy_peer);
		ck_assert_ptr_nonnull(row->over);
		ck_assert(strlen(row->reason) < STORY_REASON_MAX);
		ck_assert(strlen(row->over) < STORY_CLOSING_MAX);
		ck_assert(row->repeats <= 8);
		for (int j = 0; j < k; j++)
			ck_assert_str_ne(row->name, story_row((enum story_kind)j)->name);
	}
}
END_TEST

START_TEST(test_link_down_opens_after_the_threshold_and_closes_when_up)
{
	struct story *s;

	up(2);
	ck_assert_uint_eq(known, 2);
	down(2, IKE_CAUSE_DEAD_PEER);
	pass(149);
	ck_assert_str_eq(heard, "");
	pass(1);
	ck_assert_str_eq(heard, "+1 link-down Lyon 2 dead-peer\n");
	failed(2, IKE_CAUSE_PSK_MISMATCH);
	s = story_book_find(book, 1);
	ck_assert_str_eq(s->reason, "auth-failed"); /* what is known now */
	ck_assert_str_eq(story_cause(s), ike_cause_row(IKE_CAUSE_PSK_MISMATCH)->sentence);
	ck_assert_str_eq(s->link, "fiber");
	ck_assert_uint_eq(s->events, 2);
	ck_assert_uint_eq(s->began_ms + 150000, s->opened_ms);
	up(2);
	pass(29);
	ck_assert(s->open);
	pass(1);
	ck_assert(!s->open);
	ck_assert_uint_eq(s->events, 3);
	ck_assert_str_eq(heard, "+1 link-down Lyon 2 dead-peer\n"
				"-1 link-down Lyon 2 the tunnel is up\n");
}
END_TEST

START_TEST(test_threshold_can_be_set)
{
	down(1, IKE_CAUSE_DEAD_PEER);
	pass(5);
	story_book_threshold(book, now, 10000);
	pass(4);
	ck_assert_str_eq(heard, "");
	pass(1);
	ck_assert_str_eq(heard, "+1 link-down Lyon 1 dead-peer\n");
}
END_TEST

START_TEST(test_short_drop_opens_nothing)
{
	down(1, IKE_CAUSE_DEAD_PEER);
	pass(149);
	up(1);
	pass(3600);
	ck_assert_str_eq(heard, "");
	ck_assert_uint_eq(story_book_deadline(book), HEAP_NEVER);
}
END_TEST

static void drops(unsigned n, unsigned apart_s)
{
	for (unsigned i = 0; i < n; i++) {
		down(1, IKE_CAUSE_DEAD_PEER);
		pass(10);
		up(1);
		pass(apart_s - 10);
	}
}

START_TEST(test_five_drops_in_ten_minutes)
{
	drops(4, 100);
	ck_assert_str_eq(heard, "");
	down(1, IKE_CAUSE_DEAD_PEER);
	ck_assert_str_eq(heard, "+1 link-down Lyon 1 flapping\n");
	up(1);
	pass(599);
	ck_assert(story_book_find(book, 1)->open);
	pass(1);
	ck_assert(!story_book_find(book, 1)->open);
}
END_TEST

START_TEST(test_five_drops_in_more_than_ten_minutes)
{
	drops(5, 151);
	pass(3600);
	ck_assert_str_eq(heard, "");
}
END_TEST

START_TEST(test_one_story_for_a_flapping_link_that_stays_down)
{
	drops(4, 60);
	down(1, IKE_CAUSE_DEAD_PEER);
	pass(3600);
	ck_assert_str_eq(heard, "+1 link-down Lyon 1 flapping\n");
}
END_TEST

START_TEST(test_planned_drops_do_not_count)
{
	for (int i = 0; i < 8; i++) {
		tell(EVENT_LINK_DOWN, 1,
		     (struct event_fact){.cause = IKE_CAUSE_CONFIG_CHANGED, .planned = true},
		     "changed");
		pass(1);
		up(1);
		pass(1);
	}
	pass(3600);
	ck_assert_str_eq(heard, "");
}
END_TEST

START_TEST(test_change_that_never_came_up_again_is_told)
{
	tell(EVENT_LINK_DOWN, 1,
	     (struct event_fact){.cause = IKE_CAUSE_CONFIG_CHANGED, .planned = true}, "changed");
	pass(150);
	ck_assert_str_eq(heard, "+1 link-down Lyon 1 config-changed\n");
}
END_TEST

START_TEST(test_removed_link_opens_nothing)
{
	up(1);
	down(1, IKE_CAUSE_DEAD_PEER);
	pass(100);
	unwanted = 1U << 1;
	pass(3600);
	ck_assert_str_eq(heard, "");
	ck_assert_uint_eq(known, 0);
}
END_TEST

START_TEST(test_removed_link_closes_its_story)
{
	down(1, IKE_CAUSE_DEAD_PEER);
	pass(150);
	unwanted = 1;
	pass(1);
	ck_assert_str_eq(heard, "+1 link-down Lyon 1 dead-peer\n"
				"-1 link-down Lyon 1 not configured any more, or terminated by an "
				"operator\n");
}
END_TEST

START_TEST(test_site_down_covers_its_links)
{
	struct story *s;

	down(1, IKE_CAUSE_SILENT);
	down(4, IKE_CAUSE_DEAD_PEER);
	plain(EVENT_SITE_DOWN, 0);
	pass(3600);
	ck_assert_str_eq(heard, "+1 site-down Lyon 0 dead-peer\n");
	s = story_book_find(book, 1);
	ck_assert_uint_eq(s->events, 3); /* both links, then the site */
	up(1);
	plain(EVENT_SITE_UP, 0);
	pass(149);
	ck_assert(!s->open);
	ck_assert_uint_eq(story_book_open_count(book, STORY_LINK_DOWN), 0);
	pass(1); /* the other link is still down: its own story, its own time */
	ck_assert_uint_eq(story_book_open_count(book, STORY_LINK_DOWN), 1);
}
END_TEST

START_TEST(test_ha_switch_opens_at_once_and_closes_when_back)
{
	down(1, IKE_CAUSE_DEAD_PEER);
	ha(true);
	ck_assert_str_eq(heard, "+1 ha-switch Lyon 0 dead-peer\n");
	ck_assert_uint_eq(story_book_find(book, 1)->events, 2);
	pass(10);
	up(1);
	pass(60);
	ck_assert(story_book_find(book, 1)->open);
	ha(false);
	ck_assert_str_eq(heard, "+1 ha-switch Lyon 0 dead-peer\n"
				"-1 ha-switch Lyon 0 the primary role carries the traffic\n");
}
END_TEST

START_TEST(test_ha_switch_closes_when_the_site_comes_back_on_primary)
{
	ha(true);
	plain(EVENT_SITE_DOWN, 0);
	tell(EVENT_SITE_UP, 0, (struct event_fact){.secondary = true}, "secondary");
	ck_assert(story_book_find(book, 1)->open);
	plain(EVENT_SITE_DOWN, 0);
	tell(EVENT_SITE_UP, 0, (struct event_fact){.secondary = false}, "primary");
	ck_assert(!story_book_find(book, 1)->open);
}
END_TEST

START_TEST(test_site_flapping)
{
	for (int i = 0; i < 2; i++) {
		ha(true);
		pass(61);
		ha(false);
		pass(20);
	}
	ck_assert_ptr_nonnull(strstr(heard, "site-flapping Lyon 0 flapping\n"));
	ck_assert_uint_eq(story_book_open_count(book, STORY_SITE_FLAPPING), 1);
	pass(600);
	ck_assert_uint_eq(story_book_open_count(book, STORY_SITE_FLAPPING), 0);
}
END_TEST

START_TEST(test_auth_failing_of_a_link_that_was_never_up)
{
	failed(2, IKE_CAUSE_PSK_MISMATCH);
	pass(150);
	ck_assert_str_eq(heard, "+1 auth-failing Lyon 2 auth-failed\n");
	/* Fails now for another reason: that one is over. */
	failed(2, IKE_CAUSE_IKE_ALGORITHMS);
	pass(30);
	ck_assert(!story_book_find(book, 1)->open);
	pass(120);
	ck_assert_uint_eq(story_book_open_count(book, STORY_PROPOSAL_MISMATCH), 1);
	up(2);
	pass(30);
	ck_assert_uint_eq(story_book_open_count(book, STORY_PROPOSAL_MISMATCH), 0);
}
END_TEST

START_TEST(test_link_down_covers_the_failing_attempts)
{
	down(2, IKE_CAUSE_DELETED);
	failed(2, IKE_CAUSE_PSK_MISMATCH);
	pass(3600);
	ck_assert_str_eq(heard, "+1 link-down Lyon 2 auth-failed\n");
}
END_TEST

START_TEST(test_degraded)
{
	plain(EVENT_LINK_DEGRADED, 1);
	pass(59);
	ck_assert_str_eq(heard, "");
	pass(1);
	ck_assert_str_eq(heard, "+1 link-degraded Lyon 1 degraded\n");
	plain(EVENT_LINK_RESTORED, 1);
	pass(60);
	ck_assert(!story_book_find(book, 1)->open);
	plain(EVENT_LINK_DEGRADED, 1);
	pass(30);
	down(1, IKE_CAUSE_DEAD_PEER);
	pass(100);
	ck_assert_uint_eq(story_book_open_count(book, STORY_LINK_DEGRADED), 0);
}
END_TEST

static void bgp_down(bool planned)
{
	tell(EVENT_BGP_DOWN, 1, (struct event_fact){.planned = planned}, "disconnected");
}

START_TEST(test_bgp_session_disconnected)
{
	bgp_down(false);
	pass(14);
	ck_assert_str_eq(heard, "");
	pass(1);
	ck_assert_str_eq(heard, "+1 bgp-down Lyon 1 bgp-down\n");
	ck_assert_str_eq(story_row(STORY_BGP_DOWN)->indication, "BGP session disconnected");
	plain(EVENT_BGP_FAILED, 1);
	ck_assert_uint_eq(story_book_find(book, 1)->note_count, 2);
	plain(EVENT_BGP_UP, 1);
	pass(31);
	ck_assert(!story_book_find(book, 1)->open);
}
END_TEST

START_TEST(test_bgp_that_comes_back_is_no_story)
{
	bgp_down(false); /* BIRD took other timers */
	pass(6);
	plain(EVENT_BGP_UP, 1);
	pass(1000);
	ck_assert_str_eq(heard, "");
	for (unsigned i = 0; i < 3; i++) { /* again and again is one */
		bgp_down(false);
		pass(6);
		plain(EVENT_BGP_UP, 1);
		pass(60);
	}
	ck_assert_str_eq(heard, "+1 bgp-down Lyon 1 flapping\n");
}
END_TEST

START_TEST(test_link_down_tells_of_its_bgp)
{
	down(1, IKE_CAUSE_DEAD_PEER);
	bgp_down(true);
	pass(600);
	ck_assert_uint_eq(story_book_open_count(book, STORY_BGP_DOWN), 0);
	up(1);
	pass(20); /* the session needs its time */
	ck_assert_uint_eq(story_book_open_count(book, STORY_BGP_DOWN), 0);
	pass(131); /* and never came */
	ck_assert_uint_eq(story_book_open_count(book, STORY_BGP_DOWN), 1);
}
END_TEST

START_TEST(test_standby_of_bgp_is_no_story)
{
	bgp_down(true);
	pass(100);
	plain(EVENT_BGP_UP, 1);
	pass(1000);
	ck_assert_str_eq(heard, "");
}
END_TEST

START_TEST(test_notes_are_bounded_and_keep_the_first)
{
	struct story *s;
	char text[32];

	down(1, IKE_CAUSE_DEAD_PEER);
	pass(150);
	for (int i = 0; i < 100; i++) {
		snprintf(text, sizeof(text), "attempt %d", i);
		tell(EVENT_LINK_ATTEMPT_FAILED, 1, (struct event_fact){.cause = IKE_CAUSE_SILENT},
		     text);
	}
	s = story_book_find(book, 1);
	ck_assert_uint_eq(s->events, 101);
	ck_assert_uint_eq(s->note_count, STORY_NOTES_MAX);
	ck_assert_str_eq(s->notes[0].text, "is down");
	ck_assert_str_eq(s->notes[STORY_NOTES_MAX - 1].text, "attempt 99");
	ck_assert_uint_eq(s->notes[STORY_NOTES_MAX - 1].number, 101);
}
END_TEST

START_TEST(test_closed_stories_are_bounded)
{
	for (int i = 0; i < STORY_CLOSED_MAX + 3; i++) {
		ha(true);
		ha(false);
		pass(700);
	}
	ck_assert_ptr_null(story_book_find(book, 3));
	ck_assert_ptr_nonnull(story_book_find(book, 4));
	ck_assert_uint_eq(story_book_clear_closed(book), STORY_CLOSED_MAX);
	ck_assert(list_is_empty(story_book_all(book)));
}
END_TEST

START_TEST(test_restart_opens_nothing_for_links_that_come_back)
{
	story_book_restore_links(book, now, wall(), "Lyon", 0x09);
	pass(100);
	up(1);
	plain(EVENT_SITE_UP, 0);
	up(4);
	pass(3600);
	ck_assert_str_eq(heard, "");
}
END_TEST

START_TEST(test_restart_tells_of_a_link_that_does_not_come_back)
{
	story_book_restore_links(book, now, wall(), "Lyon", 0x09);
	pass(5);
	up(1);
	plain(EVENT_SITE_UP, 0);
	pass(160);
	ck_assert_str_eq(heard, "+1 link-down Lyon 4 waiting-for-peer\n");
}
END_TEST

START_TEST(test_restart_tells_of_a_site_that_does_not_come_back)
{
	story_book_restore_links(book, now, wall(), "Lyon", 0x09);
	pass(3600);
	ck_assert_str_eq(heard, "+1 site-down Lyon 0 waiting-for-peer\n");
}
END_TEST

START_TEST(test_restored_story_goes_on)
{
	struct story *s = story_new(STORY_LINK_DOWN, "Lyon", 2);

	s->id = 17;
	s->cause = IKE_CAUSE_DEAD_PEER;
	snprintf(s->reason, sizeof(s->reason), "dead-peer");
	story_book_restore(book, now, s);
	story_book_restore_links(book, now, wall(), "Lyon", 0x02);
	pass(200);
	ck_assert_uint_eq(story_book_open_count(book, STORY_LINK_DOWN), 1);
	up(2);
	plain(EVENT_SITE_UP, 0);
	pass(30);
	ck_assert(!s->open);
	down(2, IKE_CAUSE_DEAD_PEER);
	pass(150);
	ck_assert_ptr_nonnull(story_book_find(book, 18)); /* numbers go on */
}
END_TEST

START_TEST(test_operators)
{
	struct story *s;

	down(1, IKE_CAUSE_DEAD_PEER);
	pass(150);
	s = story_book_find(book, 1);
	story_book_acknowledge(book, s, wall(), "ops1");
	story_book_acknowledge(book, s, wall() + 5, "ops2");
	ck_assert_str_eq(s->acknowledged_by, "ops1");
	ck_assert(s->open);
	for (int i = 0; i < STORY_COMMENTS_MAX; i++)
		ck_assert_int_eq(story_book_comment(book, s, wall(), "ops1", "carrier informed"),
				 0);
	ck_assert_int_eq(story_book_comment(book, s, wall(), "ops1", "one more"), ERR_RANGE);
	ck_assert_uint_eq(story_book_clear_closed(book), 0);
}
END_TEST

START_TEST(test_damaged_store_is_closed_by_acknowledging)
{
	story_book_tell(book, now, wall(), STORY_STORE_DAMAGED, "put aside");
	pass(7200);
	ck_assert(story_book_find(book, 1)->open);
	story_book_acknowledge(book, story_book_find(book, 1), wall(), "ops1");
	ck_assert(!story_book_find(book, 1)->open);
}
END_TEST

/* Open stories carry the mark, others do not. */
START_TEST(test_clock_is_marked)
{
	struct story *s;

	down(1, IKE_CAUSE_DEAD_PEER);
	pass(150);
	s = story_book_find(book, 1);
	ck_assert_uint_eq(s->events, 1);
	story_book_mark(book, wall(), "The clock was set");
	ck_assert_uint_eq(s->events, 2);
	ck_assert_str_eq(s->notes[1].text, "The clock was set");
	up(1);
	pass(150);
	ck_assert(!s->open);
	ck_assert_uint_eq(s->events, 3);
	story_book_mark(book, wall(), "The clock was set");
	ck_assert_uint_eq(s->events, 3);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("story_book");
	TCase *c = tcase_create("all");

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_set_timeout(c, 60);
	tcase_add_test(c, test_table_is_in_order_and_complete);
	tcase_add_test(c, test_link_down_opens_after_the_threshold_and_closes_when_up);
	tcase_add_test(c, test_threshold_can_be_set);
	tcase_add_test(c, test_short_drop_opens_nothing);
	tcase_add_test(c, test_five_drops_in_ten_minutes);
	tcase_add_test(c, test_five_drops_in_more_than_ten_minutes);
	tcase_add_test(c, test_one_story_for_a_flapping_link_that_stays_down);
	tcase_add_test(c, test_planned_drops_do_not_count);
	tcase_add_test(c, test_change_that_never_came_up_again_is_told);
	tcase_add_test(c, test_removed_link_opens_nothing);
	tcase_add_test(c, test_removed_link_closes_its_story);
	tcase_add_test(c, test_site_down_covers_its_links);
	tcase_add_test(c, test_ha_switch_opens_at_once_and_closes_when_back);
	tcase_add_test(c, test_ha_switch_closes_when_the_site_comes_back_on_primary);
	tcase_add_test(c, test_site_flapping);
	tcase_add_test(c, test_auth_failing_of_a_link_that_was_never_up);
	tcase_add_test(c, test_link_down_covers_the_failing_attempts);
	tcase_add_test(c, test_degraded);
	tcase_add_test(c, test_bgp_session_disconnected);
	tcase_add_test(c, test_bgp_that_comes_back_is_no_story);
	tcase_add_test(c, test_link_down_tells_of_its_bgp);
	tcase_add_test(c, test_standby_of_bgp_is_no_story);
	tcase_add_test(c, test_notes_are_bounded_and_keep_the_first);
	tcase_add_test(c, test_closed_stories_are_bounded);
	tcase_add_test(c, test_restart_opens_nothing_for_links_that_come_back);
	tcase_add_test(c, test_restart_tells_of_a_link_that_does_not_come_back);
	tcase_add_test(c, test_restart_tells_of_a_site_that_does_not_come_back);
	tcase_add_test(c, test_restored_story_goes_on);
	tcase_add_test(c, test_operators);
	tcase_add_test(c, test_clock_is_marked);
	tcase_add_test(c, test_damaged_store_is_closed_by_acknowledging);
	suite_add_tcase(s, c);
	return run_suite(s);
}
