/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Changes with a net: probation, archive, replacement, configuration sessions, locks, restarts. */
#include "commands/archive.h"
#include "commands/draft.h"
#include "commands/reload.h"
#include "commands/revert.h"
#include "platform/base/mem.h"
#include "platform/os/file.h"
#include "tests/unit/commands/fixture_terminal.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct terminal t, other;

static void open_terminals(void)
{
	terminal_open(&t, true, 15);
	terminal_lines(&t, "configure terminal\nhostname gw1\nipsec site A\nkeepalive 20\nend");
	terminal_join(&other, &t, "ops2", "vty 2", 15);
}

static void close_terminals(void)
{
	if (other.session != NULL)
		terminal_leave(&other);
	terminal_close(&t);
}

static bool exists(const char *name)
{
	char path[160];

	snprintf(path, sizeof(path), "%s/%s", t.dir, name);
	return access(path, F_OK) == 0;
}

static void expect_event(const char *text)
{
	const struct list *head = event_log_entries(t.events);
	char line[EVENT_TEXT_MAX + 64];

	for (struct list *n = head->next; n != head; n = n->next) {
		if (strstr(event_line(container_of(n, struct event, node), line, sizeof(line)),
			   text) != NULL)
			return;
	}
	ck_abort_msg("no event %s", text);
}

/* The timer comes now. */
static void let_timer_come(void)
{
	struct err_msg e = {.code = 0};

	ck_assert_int_eq(revert_again(t.commands->revert, 0, &e), 0);
	ck_assert_int_ge(loop_turn(t.loop, 0), 0);
}

START_TEST(test_revert_by_timer)
{
	char *before = strdup(terminal_running(&t));

	ck_assert_ptr_nonnull(strstr(terminal_line(&t, "configure terminal revert timer 5"),
				     "reverts in 5 minutes"));
	ck_assert(exists(REVERT_NAME));
	terminal_lines(&t, "hostname gw9\nipsec site A\nkeepalive 30\nipsec site B\n"
			   "tunnel primary 1");
	/* The timer belongs to the box: nobody is needed. */
	let_timer_come();
	ck_assert_str_eq(terminal_prompt(&t), "gw1(config)#");
	ck_assert_str_eq(terminal_running(&t), before);
	ck_assert(terminal_is_applied(&t));
	ck_assert(!exists(REVERT_NAME));
	ck_assert_ptr_nonnull(strstr(t.async.text, "% Configuration reverted to the state before "
						   "the change by ops1 (vty 1)"));
	ck_assert_str_eq(t.async.text, other.async.text);
	expect_event("%ARCHIVE-5-REVERTED: Configuration reverted");
	free(before);
}
END_TEST

START_TEST(test_revert_is_confirmed)
{
	terminal_lines(&t, "configure terminal revert timer\nhostname gw2");
	terminal_line(&t, "end");
	ck_assert_ptr_nonnull(strstr(t.out.text, "% Configuration not confirmed, 10:00 left"));
	ck_assert_ptr_nonnull(
		strstr(terminal_line(&t, "write memory"), "% Configuration not confirmed, "));
	ck_assert_int_eq(t.status, 1);
	ck_assert(!exists("startup-config"));
	ck_assert_ptr_nonnull(strstr(terminal_line(&t, "configure terminal revert timer 1"),
				     "% Configuration not confirmed, "));
	ck_assert_str_eq(terminal_prompt(&t), "gw2#");
	terminal_lines(&other, "configure confirm");
	ck_assert(!exists(REVERT_NAME));
	terminal_lines(&t, "write memory");
	ck_assert_str_eq(terminal_line(&t, "configure confirm"),
			 "% No change waits for a confirmation\n");
	ck_assert_str_eq(terminal_line(&t, "configure revert now"),
			 "% No change waits for a confirmation\n");
}
END_TEST

/* Logout does not cancel; a restart reverts to the state before the change, saved or not. */
START_TEST(test_revert_at_restart)
{
	terminal_lines(&t, "write memory\nconfigure terminal\nhostname unsaved\nend\n"
			   "configure terminal revert timer 1\nhostname bad\nipsec site B");
	terminal_leave(&other);
	other.session = NULL;
	terminal_restart(&t);
	ck_assert_str_eq(terminal_prompt(&t), "unsaved#");
	ck_assert_uint_eq(t.commands->running.count, 1);
	/* Nothing runs without an engine: --check only looks. */
	ck_assert(exists(REVERT_NAME));
}
END_TEST

START_TEST(test_revert_idle)
{
	struct revert_status before, after;

	terminal_lines(&t, "configure terminal revert timer idle 2");
	before = revert_status(t.commands->revert);
	ck_assert(before.pending && before.idle);
	ck_assert_uint_gt(before.left_ms, 119000);
	terminal_lines(&t, "hostname gw3");
	after = revert_status(t.commands->revert);
	ck_assert_uint_ge(after.left_ms + 1000, before.left_ms);
	ck_assert_ptr_nonnull(
		strstr(terminal_line(&other, "show archive config rollback timer"), "Timer type"));
	terminal_lines(&other, "configure revert timer 120\nconfigure revert now");
	ck_assert_str_eq(terminal_prompt(&t), "gw1(config)#");
}
END_TEST

START_TEST(test_archive)
{
	struct archive_list l;
	struct err_msg e = {.code = 0};

	terminal_lines(&t, "configure terminal\narchive\nmaximum 3\nend");
	for (int i = 0; i < 5; i++) {
		char line[64];

		snprintf(line, sizeof(line), "configure terminal\nhostname gw%d\nend\nwrite", i);
		terminal_lines(&t, line);
	}
	ck_assert_int_eq(archive_list(t.commands, &l, &e), 0);
	ck_assert_uint_eq(l.count, 3);
	ck_assert_uint_eq(l.items[0].number, 3);
	ck_assert_str_eq(l.items[2].what, "write by ops1 (vty 1)");
	archive_list_clear(&l);
	ck_assert_str_eq(terminal_line(&t, "show archive config differences 4 5"),
			 "!Contextual Config Diffs:\n-hostname gw3\n+hostname gw4\n");
	ck_assert_str_eq(terminal_line(&t, "show archive config differences 5"),
			 "!No changes were found\n");
	terminal_lines(&t, "configure terminal\nipsec site A\nno keepalive\nend");
	ck_assert_str_eq(terminal_line(&t, "show running-config diff"),
			 "!Contextual Config Diffs:\nipsec site A\n -keepalive 20\n");
	ck_assert_str_eq(terminal_line(&t, "show archive config differences 1 5"),
			 "% There is no archive 1: there are 3 to 5\n");
	ck_assert_ptr_nonnull(strstr(terminal_line(&t, "show archive config differences nonsense"),
				     "% nonsense:"));
}
END_TEST

START_TEST(test_replace)
{
	terminal_lines(&t, "write\nconfigure terminal\nhostname gw7\nipsec site B\nend");
	ck_assert_str_eq(terminal_line(&t, "configure replace archive 1 list"),
			 "!List of Rollback Commands:\n-hostname gw7\n+hostname gw1\n"
			 "-ipsec site B\n");
	ck_assert_str_eq(t.question,
			 "This replaces the running configuration as a whole. Proceed? [no]: ");
	ck_assert_str_eq(terminal_answer(&t, ""), "Nothing is replaced\n");
	ck_assert_str_eq(terminal_prompt(&t), "gw7#");
	terminal_line(&t, "configure replace archive 1");
	ck_assert_str_eq(terminal_answer(&t, "y"), "Rollback Done\n");
	ck_assert_str_eq(terminal_prompt(&t), "gw1#");
	ck_assert_uint_eq(t.commands->running.count, 1);
	ck_assert(terminal_is_applied(&t));
	ck_assert_str_eq(terminal_line(&t, "configure replace startup-config force"),
			 "The running configuration is the same already, nothing to replace\n");
	ck_assert_str_eq(terminal_line(&t, "configure replace file gone"),
			 "% There is no file gone\n");
	/* With a timer it goes back. */
	terminal_lines(&t, "copy running-config file good\nconfigure terminal\nhostname gw8\nend\n"
			   "configure replace file good force time 3");
	ck_assert_str_eq(terminal_prompt(&t), "gw1#");
	let_timer_come();
	ck_assert_str_eq(terminal_prompt(&t), "gw8#");
}
END_TEST

/* One refused line, and nothing is replaced. */
START_TEST(test_replace_refused)
{
	struct err_msg e = {.code = 0};
	static const char text[] = "hostname gw5\nipsec site C\n encription x\nend\n";
	char path[160];

	snprintf(path, sizeof(path), "%s/files", t.dir);
	ck_assert_int_eq(file_mkdirs(path, 0700, &e), 0);
	snprintf(path, sizeof(path), "%s/files/bad", t.dir);
	ck_assert_int_eq(file_write_atomic(path, text, strlen(text), 0600, false, &e), 0);
	ck_assert_str_eq(terminal_line(&t, "configure replace file bad force"),
			 "file bad:3: encription x: Invalid input detected at '^' marker.\n"
			 "% file bad: 1 line rejected, nothing replaced\n");
	ck_assert_str_eq(terminal_prompt(&t), "gw1#");
	/* A merge takes what it can. */
	ck_assert_str_eq(terminal_line(&t, "copy file bad running-config"),
			 "file bad:3: encription x: Invalid input detected at '^' marker.\n"
			 "% 1 line of file bad rejected\n");
	ck_assert_str_eq(terminal_prompt(&t), "gw5#");
	ck_assert_str_eq(terminal_complete(&t, "copy file b"), "bad\n");
	ck_assert_str_eq(terminal_line(&t, "copy running-config file ../x"),
			 "                               ^\n"
			 "% Invalid input detected at '^' marker.\n"
			 "% file ../x: allowed are 1-64 letters, digits, '.', '-' and '_'\n");
	ck_assert_str_eq(terminal_line(&t, "copy running-config file .x"),
			 "% Cannot write file .x: file .x: the name may not begin with a dot\n");
}
END_TEST

START_TEST(test_session_commits)
{
	terminal_lines(&t, "configure session upgrade");
	ck_assert_str_eq(terminal_prompt(&t), "gw1(config-s-upgrade)#");
	terminal_lines(&t, "hostname gw2\nipsec site A\nkeepalive 30");
	ck_assert_str_eq(terminal_prompt(&t), "gw1(config-s-upgrade-site)#");
	ck_assert_str_eq(t.commands->running.box.hostname, "gw1");
	ck_assert_uint_eq(t.commands->running.sites[0]->keepalive_s, 20);
	terminal_paste(&t, "ipsec site B\ndead-interval 70\n");
	terminal_line(&t, "end");
	ck_assert_str_eq(terminal_prompt(&t), "gw1#");
	ck_assert_str_eq(terminal_line(&t, "show configuration session upgrade"),
			 "!Contextual Config Diffs:\n-hostname gw1\n+hostname gw2\nipsec site A\n"
			 " -keepalive 20\n +keepalive 30\n+ipsec site B\n +dead-interval 70\n");
	/* What others do in the meantime stays. */
	terminal_lines(&other, "configure terminal\nipsec site A\nrebuild-interval 100\nend");
	terminal_lines(&t, "configure session upgrade\ncommit");
	ck_assert_str_eq(terminal_prompt(&t), "gw2#");
	ck_assert_str_eq(terminal_running(&t), "hostname gw2\n!\nipsec site A\n keepalive 30\n"
					       " rebuild-interval 100\n!\nipsec site B\n"
					       " dead-interval 70\n!\nend\n");
	ck_assert(terminal_is_applied(&t));
	ck_assert(exists("archive/config-1"));
	ck_assert_str_eq(terminal_line(&t, "configure session upgrade commit"),
			 "% There is no configuration session upgrade\n");
}
END_TEST

START_TEST(test_session_conflicts)
{
	terminal_lines(&t, "configure session s\nipsec site A\nkeepalive 30\nend");
	terminal_lines(&other, "configure terminal\nipsec site A\nkeepalive 40\nend");
	ck_assert_str_eq(terminal_line(&t, "configure session s commit"),
			 "% Session s conflicts with the running configuration in 1 place\n"
			 "ipsec site A\n"
			 " mine:   keepalive 30\n"
			 " theirs: keepalive 40\n");
	ck_assert_uint_eq(t.commands->running.sites[0]->keepalive_s, 40);
	/* The same change on both sides is none. */
	terminal_lines(&other, "configure terminal\nipsec site A\nkeepalive 30\nend");
	terminal_lines(&t, "configure session s commit");
	/* A site that was removed and changed. */
	terminal_lines(&t, "configure session s\nipsec site A\nkeepalive 50\nend");
	terminal_line(&other, "configure terminal");
	terminal_line(&other, "no ipsec site A");
	terminal_answer(&other, "y");
	terminal_line(&other, "end");
	ck_assert_str_eq(terminal_line(&t, "configure session s commit"),
			 "% Session s conflicts with the running configuration in 1 place\n"
			 "mine:   ipsec site A\n"
			 "theirs: (removed)\n");
	terminal_lines(&t, "configure session s abort");
	/* Lists are about one label, selectors about one side. */
	terminal_lines(&t, "configure session s\nipsec site B\nend");
	terminal_lines(&t, "configure session s commit\nconfigure session s\nipsec site B\n"
			   "network lab 10.1.0.0/16\nnetwork-range hq:10.8.0.0/16\n"
			   "tunnel primary 1\nend");
	terminal_lines(&other, "configure terminal\nipsec site B\nnetwork dmz 10.2.0.0/16\n"
			       "network-range hq:10.9.0.0/16\ntunnel primary 2\nend");
	ck_assert_str_eq(terminal_line(&t, "configure session s commit"),
			 "% Session s conflicts with the running configuration in 1 place\n"
			 "ipsec site B\n"
			 " mine:   network-range hq:10.8.0.0/16\n"
			 " theirs: network-range hq:10.9.0.0/16\n");
	terminal_lines(&other, "configure terminal\nipsec site B\nno network-range hq\nend\n"
			       "configure session s commit");
	ck_assert_str_eq(terminal_running(&t), "hostname gw1\n!\nipsec site B\n"
					       " network-range hq:10.8.0.0/16\n"
					       " network dmz 10.2.0.0/16\n"
					       " network lab 10.1.0.0/16\n"
					       " tunnel primary 1\n tunnel primary 2\n!\nend\n");
	ck_assert_ptr_null(draft_find(t.commands, "s"));
}
END_TEST

/* Lines that were fine when they were typed are looked at again. */
START_TEST(test_session_is_checked_again)
{
	terminal_lines(&t, "configure session s\nipsec site B\ntunnel primary\n"
			   "public-ip 198.51.100.7\nend");
	terminal_lines(&other, "configure terminal\nipsec site A\ntunnel primary\n"
			       "public-ip 198.51.100.7\nend");
	ck_assert_str_eq(terminal_line(&t, "configure session s commit"),
			 "% 1 line is refused, nothing is committed\n"
			 "% public-ip 198.51.100.7: site A tunnel primary 1 and site B tunnel "
			 "primary 1 have it, each tunnel needs its own\n");
	ck_assert_uint_eq(t.commands->running.count, 1);
}
END_TEST

START_TEST(test_session_with_timer)
{
	terminal_lines(&t, "configure session s\nhostname gw4");
	terminal_lines(&other, "configure session s commit timer 00:10:00");
	ck_assert_str_eq(terminal_prompt(&t), "gw4#");
	ck_assert_ptr_nonnull(strstr(t.async.text, "% Configuration session s was committed"));
	let_timer_come();
	ck_assert_str_eq(terminal_prompt(&t), "gw1#");
	terminal_lines(&t, "configure session s");
	ck_assert_str_eq(terminal_line(&t, "commit timer 1:61:00"),
			 "% timer 1:61:00: allowed is HH:MM:SS\n");
	ck_assert_str_eq(terminal_line(&t, "no hostname"), "");
	ck_assert_str_eq(terminal_line(&t, "abort"), "Session s is discarded.\n");
	ck_assert_str_eq(terminal_prompt(&t), "gw1#");
	terminal_lines(&t, "configure terminal");
	ck_assert_str_eq(terminal_line(&t, "abort"), "% This is no configuration session\n");
}
END_TEST

START_TEST(test_lock)
{
	terminal_lines(&t, "configure terminal lock");
	ck_assert_str_eq(terminal_line(&other, "configure terminal"),
			 "% Configuration locked by ops1 (vty 1)\n");
	ck_assert_str_eq(terminal_prompt(&other), "gw1#");
	terminal_lines(&other, "show privilege\nwrite memory");
	ck_assert_str_eq(terminal_line(&other, "copy startup-config running-config"),
			 "% Configuration locked by ops1 (vty 1)\n");
	ck_assert_str_eq(terminal_line(&other, "configure replace startup-config force"),
			 "% Configuration locked by ops1 (vty 1)\n");
	terminal_lines(&other, "configure session s\nhostname x\nend");
	ck_assert_str_eq(terminal_line(&other, "configure session s commit"),
			 "% Configuration locked by ops1 (vty 1)\n");
	terminal_lines(&t, "end");
	terminal_lines(&other, "configure terminal");
	ck_assert_str_eq(terminal_line(&t, "configure terminal lock"),
			 "% Cannot lock: ops2 (vty 2) is in configuration mode\n");
	ck_assert_str_eq(terminal_line(&t, "configure terminal"),
			 "Enter configuration commands, one per line.  End with CNTL/Z.\n"
			 "ops2 (vty 2) is in configuration mode as well.\n");
	terminal_lines(&t, "end");
	/* Whoever leaves takes his lock with him. */
	terminal_lines(&other, "end\nconfigure terminal lock");
	terminal_leave(&other);
	other.session = NULL;
	terminal_lines(&t, "configure terminal lock");
}
END_TEST

START_TEST(test_reload_in)
{
	terminal_lines(&t, "write");
	terminal_line(&t, "reload in 5");
	ck_assert_str_eq(t.question, "Proceed with reload? [confirm]");
	terminal_answer(&t, "");
	ck_assert_ptr_nonnull(strstr(other.async.text, "*** --- SHUTDOWN in 0:05:00 ---"));
	ck_assert_ptr_nonnull(strstr(terminal_line(&other, "show reload"), "by ops1 (vty 1)"));
	terminal_lines(&other, "reload cancel");
	ck_assert_ptr_nonnull(strstr(t.async.text, "SHUTDOWN ABORTED"));
	ck_assert_str_eq(terminal_line(&t, "reload cancel"), "% No reload is scheduled\n");
	reload_schedule(t.commands->reload, &t.session->who, 0);
	ck_assert_int_ge(loop_turn(t.loop, 0), 0);
	ck_assert_int_eq(t.stopped, 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("safety");
	TCase *tc = tcase_create("safety");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tc, open_terminals, close_terminals);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, test_revert_by_timer);
	tcase_add_test(tc, test_revert_is_confirmed);
	tcase_add_test(tc, test_revert_at_restart);
	tcase_add_test(tc, test_revert_idle);
	tcase_add_test(tc, test_archive);
	tcase_add_test(tc, test_replace);
	tcase_add_test(tc, test_replace_refused);
	tcase_add_test(tc, test_session_commits);
	tcase_add_test(tc, test_session_conflicts);
	tcase_add_test(tc, test_session_is_checked_again);
	tcase_add_test(tc, test_session_with_timer);
	tcase_add_test(tc, test_lock);
	tcase_add_test(tc, test_reload_in);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
