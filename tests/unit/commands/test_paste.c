/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pasted blocks, files and the context guard: nothing is half applied, nothing in the wrong site.
 */
#include "platform/base/mem.h"
#include "tests/unit/commands/fixture_terminal.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct terminal t;

static void open_configuring(void)
{
	terminal_open(&t, true, 15);
	terminal_lines(&t, "configure terminal\nhostname gw1");
}

static void close_terminal(void)
{
	terminal_close(&t);
}

static const char block[] = "ipsec site AWS\r\n"
			    "\tnative-range 172.31.0.0/16\r\n"
			    " tunnel primary 1\r\n"
			    "  public-ip 198.51.100.21\r\n"
			    "  psk 0 a secret with blanks\r\n"
			    " tunnel secondary\r\n"
			    "  psk 0 \"a secret with blanks\"\r\n"
			    "!\r\n"
			    "end\r\n";

START_TEST(test_paste_all_or_nothing)
{
	char *before = strdup(terminal_running(&t)), *good = strdup(block);

	ck_assert_str_eq(terminal_paste(&t, block),
			 "% Paste: 9 lines, 1 rejected, nothing applied\n"
			 "line 5: \"  psk <hidden>\"\n"
			 "% Pre-shared key with blanks must be in double quotes\n");
	ck_assert_int_eq(t.status, 1);
	ck_assert_str_eq(terminal_prompt(&t), "gw1(config)#");
	ck_assert_str_eq(terminal_running(&t), before);
	ck_assert_uint_eq(event_log_dropped(t.events), 0);
	/* The same with quotes. */
	for (char *p = strstr(good, "a secret"); *p != '\r'; p++)
		*p = *p == ' ' ? '-' : *p;
	ck_assert_str_eq(terminal_paste(&t, good), "");
	ck_assert_int_eq(t.status, 0);
	ck_assert_str_eq(terminal_prompt(&t), "gw1#");
	ck_assert_uint_eq(t.commands->running.count, 1);
	ck_assert_uint_eq(t.commands->running.sites[0]->tunnels[1][0].psk.key.len, 20);
	ck_assert(terminal_is_applied(&t));
	free(before);
	free(good);
}
END_TEST

START_TEST(test_paste_names_every_line)
{
	ck_assert_str_eq(terminal_paste(&t, "ipsec site B\n"
					    " encription aes-gcm-256\n"
					    " keepalive 70\n"
					    " tunnel primary 9\n"
					    "  public-ip 192.0.2.9\n"
					    "  name x\n"
					    " tunnel secondary\n"
					    "  wan-role wan9\n"
					    "ipsec sitee C\n"
					    " native-range 10.9.0.0/16\n"
					    "hostname gw2\n"),
			 "% Paste: 11 lines, 5 rejected, nothing applied\n"
			 "line 2: \" encription aes-gcm-256\"\n"
			 "          ^\n"
			 "% Invalid input detected at '^' marker.\n"
			 "line 3: \" keepalive 70\"\n"
			 "                    ^\n"
			 "% Invalid input detected at '^' marker.\n"
			 "% keepalive 70: allowed is 5-60 seconds\n"
			 "line 4: \" tunnel primary 9\"\n"
			 "                         ^\n"
			 "% Invalid input detected at '^' marker.\n"
			 "% tunnel 9: allowed is 1-3\n"
			 "line 5: \"  public-ip 192.0.2.9\"\n"
			 "% Skipped: parent line rejected\n"
			 "line 6: \"  name x\"\n"
			 "% Skipped: parent line rejected\n"
			 "line 8: \"  wan-role wan9\"\n"
			 "                    ^\n"
			 "% Invalid input detected at '^' marker.\n"
			 "% wan-role wan9: allowed is wan1, wan2, wan3\n"
			 "line 9: \"ipsec sitee C\"\n"
			 "               ^\n"
			 "% Invalid input detected at '^' marker.\n"
			 "line 10: \" native-range 10.9.0.0/16\"\n"
			 "% Skipped: parent line rejected\n");
	ck_assert_uint_eq(t.commands->running.count, 0);
	ck_assert_str_eq(t.commands->running.box.hostname, "gw1");
}
END_TEST

/* show running-config, pasted with everything around it, changes nothing. */
START_TEST(test_paste_of_running_config)
{
	char *shown;

	terminal_lines(&t, "ipsec site A\ntunnel primary\npsk 0 abcdefghijklmnopqrst\n"
			   "name \"two words\"\nend");
	shown = strdup(terminal_line(&t, "show running-config"));
	terminal_lines(&t, "configure terminal");
	ck_assert_str_eq(terminal_paste(&t, shown), "");
	ck_assert_int_eq(t.status, 0);
	ck_assert_str_eq(terminal_line(&t, "show running-config"), shown);
	/* On an empty box with the same master key as well. */
	terminal_restart(&t);
	ck_assert_uint_eq(t.commands->running.count, 0);
	terminal_lines(&t, "configure terminal");
	ck_assert_str_eq(terminal_paste(&t, shown), "% Warning: site A has no secondary tunnel\n");
	ck_assert_int_eq(t.status, 0);
	ck_assert_str_eq(terminal_line(&t, "show running-config"), shown);
	ck_assert_uint_eq(t.commands->running.sites[0]->tunnels[0][0].psk.key.len, 20);
	free(shown);
}
END_TEST

START_TEST(test_paste_in_exec_runs_line_by_line)
{
	terminal_lines(&t, "end");
	ck_assert_str_eq(terminal_paste(&t, "show privilege\nshw\nshow privilege"),
			 "Current privilege level is 15\n"
			 "line 2: \"shw\"\n"
			 "         ^\n"
			 "% Invalid input detected at '^' marker.\n"
			 "Current privilege level is 15\n");
	ck_assert_int_eq(t.status, 1);
	/* What follows the end of a block runs in EXEC. */
	terminal_lines(&t, "configure terminal");
	ck_assert_str_eq(terminal_paste(&t, "hostname gw3\nend\nshow privilege\n"),
			 "Current privilege level is 15\n");
	ck_assert_str_eq(terminal_prompt(&t), "gw3#");
	/* One line is a line. */
	ck_assert_str_eq(terminal_paste(&t, "show privilege\n"), "Current privilege level is 15\n");
	ck_assert_str_eq(terminal_line(&t, "show history"), "  configure terminal\n"
							    "  hostname gw1\n"
							    "  end\n"
							    "  configure terminal\n"
							    "  show privilege\n"
							    "  show history\n");
}
END_TEST

/* A block may pass through contradictions, but not end in one. */
START_TEST(test_paste_may_contradict_for_a_while)
{
	terminal_lines(&t, "ipsec site A\ndead-interval 100\nkeepalive 50\n"
			   "destination primary ipv4 192.0.2.1\n"
			   "destination secondary ipv4 192.0.2.2\n"
			   "connection-mode bidirectional\ninitiate-connection");
	ck_assert_str_eq(terminal_paste(&t, "dead-interval 40\nkeepalive 20\n"
					    "destination primary ipv4 192.0.2.2\n"
					    "destination secondary ipv4 192.0.2.1\n"
					    "connection-mode responder-only\n"
					    "no initiate-connection\n"
					    "init-parameters\nencryption aes-cbc-256\n"),
			 "");
	ck_assert_int_eq(t.status, 0);
	ck_assert_uint_eq(t.commands->running.sites[0]->dead_s, 40);
	ck_assert_str_eq(terminal_paste(&t, "license bandwidth 200\nhostname gw8\n"),
			 "% Paste: 2 lines, 1 rejected, nothing applied\n"
			 "% Site A: license bandwidth 200: from 100 Mbps on AES-GCM is needed, but "
			 "init-parameters have encryption aes-cbc-256\n");
	ck_assert_str_eq(terminal_prompt(&t), "gw1(config-site-init)#");
	terminal_lines(&t, "do terminal paste line");
	terminal_paste(&t, "hostname gw8\nnonsense\n");
	ck_assert_str_eq(terminal_prompt(&t), "gw8(config)#");
}
END_TEST

START_TEST(test_fast_lines_are_summed_up)
{
	static const char *const lines[] = {"ipsec site A", "keepalive 3", "tunnel primary 7",
					    "public-ip 192.0.2.1", "exit"};

	for (size_t i = 0; i < ARRAY_LEN(lines); i++)
		terminal_line(&t, lines[i]);
	t.session->burst.fn(t.session->burst.arg); /* 300 ms later */
	/* The two lines that opened the test count as well. */
	ck_assert_str_eq(t.async.text, "% 7 lines, 2 rejected (4, 5), 2 skipped\n");
	strbuf_reset(&t.async);
	terminal_line(&t, "nonsense");
	t.session->burst.fn(t.session->burst.arg);
	ck_assert_str_eq(t.async.text, "");
}
END_TEST

/* Lines that come as fast as from a serial line: what belongs to a refused one is skipped. */
START_TEST(test_guard_typed)
{
	static const char skipped[] = "% Skipped: parent line rejected\n";

	terminal_lines(&t, "ipsec site A\nnative-range 10.1.0.0/16");
	terminal_line(&t, "ipsec site B$");
	ck_assert_str_eq(terminal_prompt(&t), "gw1(config-site)#");
	ck_assert_str_eq(terminal_line(&t, "native-range 10.2.0.0/16"), skipped);
	ck_assert_str_eq(terminal_line(&t, "tunnel primary 1"), skipped);
	ck_assert_str_eq(terminal_line(&t, "public-ip 192.0.2.1"), skipped);
	ck_assert_str_eq(terminal_line(&t, "exit"), skipped);
	ck_assert_str_eq(terminal_line(&t, "type branch"), skipped);
	ck_assert_str_eq(terminal_line(&t, "ipsec site C"), "");
	ck_assert_str_eq(terminal_line(&t, "native-range 10.3.0.0/16"), "");
	ck_assert_str_eq(terminal_line(&t, "tunnel primary 4"),
			 "                                ^\n"
			 "% Invalid input detected at '^' marker.\n"
			 "% tunnel 4: allowed is 1-3\n");
	ck_assert_str_eq(terminal_line(&t, "public-ip 192.0.2.1"), skipped);
	ck_assert_str_eq(terminal_line(&t, "!"), "");
	ck_assert_str_eq(terminal_line(&t, "type branch"), "");
	/* A person who leaves after a mistake leaves. */
	terminal_line(&t, "tunnel primary 4");
	ck_assert_str_eq(terminal_line(&t, "exit"), "");
	ck_assert_str_eq(terminal_prompt(&t), "gw1(config)#");
	ck_assert_ptr_nonnull(strstr(terminal_running(&t), "ipsec site A\n"
							   " native-range 10.1.0.0/16\n"
							   "!\n"
							   "ipsec site C\n"
							   " type branch\n"
							   " native-range 10.3.0.0/16\n"
							   "!\n"));
}
END_TEST

START_TEST(test_guard_forgets_after_a_pause)
{
	terminal_lines(&t, "ipsec site A");
	terminal_line(&t, "tunnel primary 4");
	t.session->guard.until_ms = 0; /* 300 ms later */
	ck_assert_str_eq(terminal_line(&t, "public-ip 192.0.2.1"),
			 "                 ^\n"
			 "% Invalid input detected at '^' marker.\n");
	terminal_line(&t, "ipsec site B$");
	t.session->guard.until_ms = 0;
	ck_assert_str_eq(terminal_line(&t, "native-range 10.2.0.0/16"), "");
}
END_TEST

START_TEST(test_guard_in_files)
{
	static const char *const lines[] = {"ipsec site A",  "type branch",
					    "ipsec site B$", "type data-center",
					    "exit",	     "type data-center",
					    "ipsek site C",  " type data-center",
					    "hostname gw9"};
	struct strbuf all;

	strbuf_init(&all);
	session_begin_file(t.session, "x.txt");
	for (size_t i = 0; i < ARRAY_LEN(lines); i++)
		strbuf_add(&all, terminal_line(&t, lines[i]));
	strbuf_reset(&t.out);
	session_end_file(t.session);
	strbuf_add(&all, t.out.text);
	ck_assert_str_eq(all.text, "x.txt:3: ipsec site B$\n"
				   "                     ^\n"
				   "% Invalid input detected at '^' marker.\n"
				   "% site B$: allowed are 1-64 letters, digits, '.', '-' and '_'\n"
				   "x.txt:4: type data-center\n"
				   "% Skipped: parent line rejected\n"
				   "x.txt:5: exit\n"
				   "% Skipped: parent line rejected\n"
				   "x.txt:6: type data-center\n"
				   "         ^\n"
				   "% Invalid input detected at '^' marker.\n"
				   "x.txt:7: ipsek site C\n"
				   "         ^\n"
				   "% Invalid input detected at '^' marker.\n"
				   "x.txt:8:  type data-center\n"
				   "% Skipped: parent line rejected\n"
				   "% x.txt: 9 lines, 3 rejected (3, 6, 7), 3 skipped\n");
	ck_assert_int_eq(t.commands->running.sites[0]->type, SITE_BRANCH);
	ck_assert_str_eq(t.commands->running.box.hostname, "gw9");
	strbuf_clear(&all);
}
END_TEST

/* The engine hears of a site when the operator leaves it, or after a second. */
START_TEST(test_apply_waits_for_the_end_of_a_site)
{
	const struct config *applied = &t.commands->applied;

	terminal_lines(&t, "ipsec site A\nnative-range 10.1.0.0/16\ntunnel primary\nname x");
	ck_assert_uint_eq(applied->count, 0);
	terminal_lines(&t, "exit");
	ck_assert_uint_eq(applied->count, 0);
	terminal_lines(&t, "exit");
	ck_assert_uint_eq(applied->count, 1);
	ck_assert(terminal_is_applied(&t));
	terminal_lines(&t, "ipsec site A\ntype branch\nipsec site B");
	ck_assert(site_config_equal(applied->sites[0], t.commands->running.sites[0]));
	terminal_lines(&t, "type branch");
	ck_assert_uint_eq(applied->count, 1);
	t.session->idle.fn(t.session->idle.arg); /* a second later */
	ck_assert(terminal_is_applied(&t));
	terminal_line(&t, "no ipsec site A");
	terminal_answer(&t, "");
	ck_assert(terminal_is_applied(&t));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("paste");
	TCase *tc = tcase_create("paste");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tc, open_configuring, close_terminal);
	tcase_add_test(tc, test_paste_all_or_nothing);
	tcase_add_test(tc, test_paste_names_every_line);
	tcase_add_test(tc, test_paste_of_running_config);
	tcase_add_test(tc, test_paste_in_exec_runs_line_by_line);
	tcase_add_test(tc, test_paste_may_contradict_for_a_while);
	tcase_add_test(tc, test_fast_lines_are_summed_up);
	tcase_add_test(tc, test_guard_typed);
	tcase_add_test(tc, test_guard_forgets_after_a_pause);
	tcase_add_test(tc, test_guard_in_files);
	tcase_add_test(tc, test_apply_waits_for_the_end_of_a_site);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
