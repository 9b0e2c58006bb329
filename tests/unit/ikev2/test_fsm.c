/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The transition table is sound: no pair twice, every state reachable and left, CLOSED is the end.
 */
#include "ikev2/fsm.h"

#include "platform/base/mem.h"

#include <check.h>
#include <stdlib.h>

START_TEST(test_fsm_rows_are_unique_and_told)
{
	enum sa_state from, to, from2, to2;
	enum sa_event ev, ev2;
	const char *story, *story2;

	for (size_t i = 0; fsm_sa_row(i, &from, &ev, &to, &story); i++) {
		ck_assert(story && story[0]);
		ck_assert_int_lt(from, SA_STATE_COUNT);
		ck_assert_int_lt(to, SA_STATE_COUNT);
		for (size_t k = 0; k < i; k++) {
			ck_assert(fsm_sa_row(k, &from2, &ev2, &to2, &story2));
			ck_assert(from != from2 || ev != ev2);
		}
	}
}
END_TEST

START_TEST(test_fsm_every_state_is_reached_and_left)
{
	bool reached[SA_STATE_COUNT] = {[SA_NEW] = true}, left[SA_STATE_COUNT] = {false};
	bool used[SA_EVENT_COUNT] = {false};
	enum sa_state from, to;
	enum sa_event ev;
	const char *story;

	for (size_t i = 0; fsm_sa_row(i, &from, &ev, &to, &story); i++) {
		reached[to] = left[from] = used[ev] = true;
	}
	for (int s = 0; s < SA_STATE_COUNT; s++) {
		ck_assert(reached[s]);
		ck_assert(left[s] == (s != SA_CLOSED));
		ck_assert_str_ne(fsm_sa_state_name((enum sa_state)s), "unknown");
	}
	for (int i = 0; i < SA_EVENT_COUNT; i++)
		ck_assert(used[i]);
}
END_TEST

/* Every state but CLOSED can be closed at any moment. */
START_TEST(test_fsm_close_from_everywhere)
{
	enum sa_state to;

	for (int s = 0; s < SA_CLOSED; s++) {
		ck_assert_int_eq(fsm_sa_next((enum sa_state)s, SA_EV_CLOSE, &to, NULL), 0);
		ck_assert_int_eq(to, SA_CLOSED);
	}
	ck_assert_int_eq(fsm_sa_next(SA_CLOSED, SA_EV_CLOSE, &to, NULL), ERR_WRONG_STATE);
}
END_TEST

/* Nothing is authenticated by anything but IKE_AUTH or the rekeying of what was. */
START_TEST(test_fsm_ways_to_established)
{
	enum sa_state from, to;
	enum sa_event ev;
	const char *story;

	for (size_t i = 0; fsm_sa_row(i, &from, &ev, &to, &story); i++) {
		if (to != SA_ESTABLISHED)
			continue;
		ck_assert((ev == SA_EV_AUTHENTICATED &&
			   (from == SA_AUTH_SENT || from == SA_HALF_OPEN)) ||
			  (ev == SA_EV_INHERIT && from == SA_NEW));
	}
}
END_TEST

START_TEST(test_fsm_child)
{
	enum child_state to;

	ck_assert_int_eq(fsm_child_next(CHILD_NEW, CHILD_EV_INSTALL, &to, NULL), 0);
	ck_assert_int_eq(to, CHILD_LIVE);
	ck_assert_int_eq(fsm_child_next(CHILD_LIVE, CHILD_EV_REPLACED, &to, NULL), 0);
	ck_assert_int_eq(to, CHILD_REKEYED);
	ck_assert_int_eq(fsm_child_next(CHILD_REKEYED, CHILD_EV_CLOSED, &to, NULL), 0);
	ck_assert_int_eq(to, CHILD_LINGERING);
	ck_assert_int_eq(fsm_child_next(CHILD_DELETING, CHILD_EV_DELETE, &to, NULL),
			 ERR_WRONG_STATE);
	ck_assert_int_eq(fsm_child_next(CHILD_LINGERING, CHILD_EV_INSTALL, &to, NULL),
			 ERR_WRONG_STATE);
	for (int s = 0; s < CHILD_STATE_COUNT; s++)
		ck_assert_str_ne(fsm_child_state_name((enum child_state)s), "unknown");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("fsm");
	TCase *tc = tcase_create("fsm");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_test(tc, test_fsm_rows_are_unique_and_told);
	tcase_add_test(tc, test_fsm_every_state_is_reached_and_left);
	tcase_add_test(tc, test_fsm_close_from_everywhere);
	tcase_add_test(tc, test_fsm_ways_to_established);
	tcase_add_test(tc, test_fsm_child);
	suite_add_tcase(s, tc);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
