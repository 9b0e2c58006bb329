/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sessions as operators see them: modes, prompts, errors with carets, help, questions, secrets. */
#include "platform/base/mem.h"
#include "tests/unit/commands/fixture_terminal.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct terminal t;

static void open_enabled(void)
{
	terminal_open(&t, false, 15);
	terminal_lines(&t, "configure terminal\nhostname gw1\nend");
}

static void close_terminal(void)
{
	terminal_close(&t);
}

#define MARKER "% Invalid input detected at '^' marker.\n"

START_TEST(test_session_modes_and_prompts)
{
	static const struct {
		const char *line, *prompt;
	} steps[] = {
		{"conf t", "gw1(config)#"},
		{"ipsec site A", "gw1(config-site)#"},
		{"tunnel pri", "gw1(config-site-tunnel)#"},
		{"TUNNEL SECONDARY 2", "gw1(config-site-tunnel)#"},
		{"init-parameters", "gw1(config-site-init)#"},
		{"auth", "gw1(config-site-init)#"}, /* ambiguous: nothing moves */
		{"auth-p", "gw1(config-site-auth)#"},
		{"nonsense", "gw1(config-site-auth)#"},
		{"tunnel primary 4", "gw1(config-site-auth)#"},
		{"exit", "gw1(config-site)#"},
		{"hostname gw2", "gw2(config)#"},
		{"do show privilege", "gw2(config)#"},
		{"ipsec site B", "gw2(config-site)#"},
		{"! comment", "gw2(config-site)#"},
		{"", "gw2(config-site)#"},
		{"end", "gw2#"},
		{"disable", "gw2>"},
		{"enable", "gw2#"},
	};

	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		terminal_line(&t, steps[i].line);
		ck_assert_msg(strcmp(terminal_prompt(&t), steps[i].prompt) == 0, "%s: %s",
			      steps[i].line, terminal_prompt(&t));
	}
	ck_assert(!t.closed);
	terminal_line(&t, "exit");
	ck_assert(t.closed);
}
END_TEST

/* The caret stands under the first bad character, counted with the prompt. */
START_TEST(test_session_errors)
{
	static const struct {
		const char *where, *line, *output;
	} cases[] = {
		{"", "sh ips c", "% Ambiguous command:  \"sh ips c\"\n"},
		{"", "  sh ips c  ", "% Ambiguous command:  \"sh ips c\"\n"},
		{"", "show", "% Incomplete command.\n"},
		{"", "foo", "    ^\n" MARKER},
		{"", "show foo", "         ^\n" MARKER},
		{"", "show privilege now", "                   ^\n" MARKER},
		{"", "show privilege | foo x",
		 "                     ^\n" MARKER "% there is no such filter\n"},
		{"", "| include x", "    ^\n" MARKER},
		{"", "terminal length 513",
		 "                    ^\n" MARKER "% length 513: allowed is 0-512 lines\n"},
		{"", "terminal length 2x",
		 "                     ^\n" MARKER "% length 2x: allowed is 0-512 lines\n"},
		{"configure terminal", "ipsec site a/b",
		 "                        ^\n" MARKER
		 "% site a/b: allowed are 1-64 letters, digits, '.', '-' and '_'\n"},
		{"configure terminal", "do", "% Incomplete command.\n"},
		{"configure terminal", "do show foo", "                    ^\n" MARKER},
		{"ipsec site A", "tunnel primary 4",
		 "                                ^\n" MARKER "% tunnel 4: allowed is 1-3\n"},
		{"ipsec site A", "keepalive 61",
		 "                           ^\n" MARKER
		 "% keepalive 61: allowed is 5-60 seconds\n"},
		{"ipsec site A", "type house",
		 "                      ^\n" MARKER
		 "% type house: allowed is branch, headquarters, cloud-data-center, "
		 "data-center\n"},
		{"ipsec site A", "native-range 10.20.1.1/16",
		 "                              ^\n" MARKER
		 "% native-range 10.20.1.1/16: host bits are set, the network is "
		 "10.20.0.0/16\n"},
		{"ipsec site A", "license bandwidth", "% Incomplete command.\n"},
		{"ipsec site A", "no", "% Incomplete command.\n"},
		{"ipsec site A", "retransmit-interval 5",
		 "% retransmit-interval is fixed at 10 seconds\n"},
		{"ipsec site A", "initiate-connection",
		 "% initiate-connection needs connection-mode bidirectional: site A is "
		 "responder-only, where only the peer begins\n"},
		{"ipsec site A", "dead-interval 30\nkeepalive 30",
		 "% keepalive 30: it must be below dead-interval, which is 30 seconds\n"},
		{"ipsec site A", "keepalive 59\ndead-interval 59",
		 "% dead-interval 59: it must be above keepalive, which is 59 seconds\n"},
		{"ipsec site A",
		 "destination primary ipv4 192.0.2.1\ndestination secondary ipv4 192.0.2.1",
		 "% destination secondary ipv4 192.0.2.1: primary uses this address, the two roles "
		 "must differ\n"},
		{"tunnel primary", "public-ip 224.0.0.1",
		 "                                  ^\n" MARKER
		 "% public-ip 224.0.0.1: this is not the address of a host\n"},
		{"tunnel primary", "p 1", "% Ambiguous command:  \"p 1\"\n"},
		{"tunnel primary", "remote-id ipv4 example.net",
		 "% remote-id example.net: this is no ipv4 identity\n"},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char *copy = strdup(cases[i].line), *last = strrchr(copy, '\n');
		const char *line = copy, *where = cases[i].where;

		if (where[0] != '\0' && strcmp(where, "configure terminal") != 0)
			terminal_lines(&t, "configure terminal");
		if (strcmp(where, "tunnel primary") == 0)
			terminal_lines(&t, "ipsec site A");
		terminal_line(&t, where);
		if (last != NULL) {
			*last = '\0';
			terminal_lines(&t, copy);
			line = last + 1;
		}
		ck_assert_msg(strcmp(terminal_line(&t, line), cases[i].output) == 0,
			      "%s:\n%s\nexpected\n%s", line, t.out.text, cases[i].output);
		ck_assert_int_eq(t.status, 1);
		terminal_line(&t, "end");
		config_site_remove(&t.commands->running, "A");
		free(copy);
	}
}
END_TEST

START_TEST(test_session_algorithms_and_license)
{
	terminal_lines(&t, "configure terminal\nipsec site A\nlicense bandwidth 100\n"
			   "init-parameters");
	ck_assert_str_eq(
		terminal_line(&t, "encryption aes-cbc-256"),
		"% encryption aes-cbc-256: the license of site A is 100 Mbps, and from 100 "
		"Mbps on AES-GCM is needed\n");
	terminal_lines(&t, "encryption aes-gcm-256\nlicense bandwidth 99\nauth-parameters\n"
			   "encryption aes-cbc-128");
	ck_assert_str_eq(terminal_line(&t, "license bandwidth 100"),
			 "% license bandwidth 100: from 100 Mbps on AES-GCM is needed, but "
			 "auth-parameters have encryption aes-cbc-128\n");
	ck_assert_str_eq(terminal_prompt(&t), "gw1(config-site-auth)#");
	ck_assert_str_eq(terminal_line(&t, "prf sha2-256"),
			 "% Note: only the init message uses prf\n");
	ck_assert_ptr_nonnull(strstr(terminal_running(&t), " license bandwidth 99\n"));
	ck_assert(!t.commands->running.sites[0]->init_parameters.aead_only);
	terminal_lines(&t, "encryption automatic\nlicense bandwidth 100");
	ck_assert(t.commands->running.sites[0]->init_parameters.aead_only);
}
END_TEST

START_TEST(test_session_unique_tunnels)
{
	terminal_lines(&t, "configure terminal\nipsec site A\nauthentication-identifier fqdn\n"
			   "tunnel primary 2\npublic-ip 192.0.2.7\nlocal-id a.example.net\n"
			   "ipsec site B\ntunnel secondary");
	ck_assert_str_eq(terminal_line(&t, "public-ip 192.0.2.7"),
			 "% public-ip 192.0.2.7: site A tunnel primary 2 has it, each tunnel needs "
			 "its own\n");
	terminal_lines(&t, "authentication-identifier key-id\ntunnel secondary");
	ck_assert_str_eq(terminal_line(&t, "local-id a.example.net"),
			 "% local-id a.example.net: site A tunnel primary 2 has it, each tunnel "
			 "needs its own\n");
	/* Its own value again is no conflict. */
	terminal_lines(&t, "ipsec site A\ntunnel primary 2\npublic-ip 192.0.2.7\n"
			   "local-id a.example.net");
	ck_assert_str_eq(terminal_line(&t, "authentication-identifier email"),
			 "% local-id a.example.net of tunnel primary 2: with this "
			 "authentication-identifier it must be a mail address\n");
}
END_TEST

START_TEST(test_session_keys_are_asked_hidden)
{
	terminal_lines(&t, "configure terminal\nipsec site A\ntunnel primary");
	terminal_line(&t, "psk");
	ck_assert_str_eq(t.question, "Pre-shared key: ");
	ck_assert(t.hidden);
	terminal_answer(&t, "one secret of enough");
	ck_assert_str_eq(t.question, "Pre-shared key again: ");
	ck_assert(t.hidden);
	ck_assert_str_eq(terminal_answer(&t, "another secret 00000"), "% Keys do not match\n");
	ck_assert_int_eq(t.status, 1);
	ck_assert_ptr_null(strstr(terminal_running(&t), "psk"));
	terminal_line(&t, "psk");
	terminal_answer(&t, "one secret of enough");
	ck_assert_str_eq(terminal_answer(&t, "one secret of enough"), "");
	ck_assert_int_eq(t.status, 0);
	ck_assert_ptr_nonnull(strstr(terminal_running(&t), "  psk 6 "));
	/* Ctrl-C in the middle of it. */
	terminal_line(&t, "psk");
	terminal_answer(&t, "third secret 1234567");
	session_interrupt(t.session);
	ck_assert_int_eq(t.status, 1);
	ck_assert_uint_eq(t.commands->running.sites[0]->tunnels[0][0].psk.key.len, 20);
	ck_assert_ptr_null(strstr(terminal_line(&t, "do show history"), "secret"));
}
END_TEST

#define KEY64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const struct secret *key(void)
{
	return &t.commands->running.sites[0]->tunnels[0][0].psk.key;
}

static void check_key(const char *line, const char *expected)
{
	terminal_line(&t, line);
	ck_assert_msg(t.status == 0, "%s: %s", line, t.out.text);
	ck_assert_msg(key()->len == strlen(expected) &&
			      memcmp(key()->data, expected, key()->len) == 0,
		      "%s", line);
	ck_assert(session_line_is_secret(t.session, line));
}

START_TEST(test_session_keys)
{
	static const char *const odd[] = {"a|b#c\\d!e|f#g\\h!ij",
					  "\"quotes\"inside\"them\"",
					  "h",
					  "0",
					  "hexadecimal-like-key",
					  "6x",
					  "no",
					  "?????????"};

	terminal_lines(&t, "configure terminal\nipsec site A\ntunnel primary");
	check_key("psk " KEY64, KEY64);
	ck_assert_str_eq(terminal_line(&t, "psk " KEY64 "x"),
			 "% Pre-shared key is longer than 64 characters\n");
	ck_assert_uint_eq(key()->len, 64);
	for (size_t i = 0; i < ARRAY_LEN(odd); i++) {
		char line[128], expected[128];

		snprintf(line, sizeof(line), "psk 0 \"%s\"", odd[i]);
		check_key(line, odd[i]);
		snprintf(line, sizeof(line), "psk \"%s\"  \r", odd[i]);
		check_key(line, odd[i]);
		snprintf(expected, sizeof(expected), "%s", odd[i]);
	}
	check_key("psk a|b#c\\d!e", "a|b#c\\d!e");
	check_key("psk he", "he");
	check_key("psk \" blanks at both ends \"", " blanks at both ends ");
	check_key("psk hex 414243", "ABC");
	check_key("PSK HEX 0x4142", "AB");
	check_key("ps 0 a\"b", "a\"b");
	ck_assert_str_eq(terminal_line(&t, "psk two words"),
			 "% Pre-shared key with blanks must be in double quotes\n");
	ck_assert_str_eq(terminal_line(&t, "psk hex 41424"),
			 "% Pre-shared key after hex needs two digits for each octet\n");
	ck_assert_str_eq(terminal_line(&t, "psk hex 4142xy"),
			 "% Pre-shared key after hex takes hexadecimal digits only\n");
	ck_assert_str_eq(terminal_line(&t, "psk \"\""), "% Pre-shared key is empty\n");
	ck_assert_str_eq(terminal_line(&t, "psk 0"), "% Incomplete command.\n");
	ck_assert_str_eq(terminal_line(&t, "psk 6 0123"),
			 "% psk 6: this is no encrypted key of type 6 of this appliance\n");
	ck_assert_str_eq(terminal_line(&t, "psk <hidden>"),
			 "% psk <hidden>: this configuration was saved without its keys\n");
	ck_assert_uint_eq(key()->len, 3);
}
END_TEST

/* Whatever is wrong around it, a key is in no output, history or event. */
START_TEST(test_session_keys_never_come_out)
{
	static const char *const lines[] = {"psk 0 Sesam-0ffne-dich",
					    "psk Sesam-0ffne-dich extra",
					    "psk 7 Sesam-0ffne-dich",
					    "psk hex Sesam-0ffne-dich",
					    "psk 6 Sesam-0ffne-dich",
					    "ps Sesam-0ffne-dich",
					    "no psk Sesam-0ffne-dich",
					    "do psk Sesam-0ffne-dich",
					    "psk\tSesam-0ffne-dich",
					    "psk \"Sesam-0ffne-dich",
					    "tunnel primary psk Sesam-0ffne-dich"};
	static const char *const places[] = {"configure terminal", "ipsec site A", "tunnel primary",
					     "end"};

	for (size_t p = 0; p < ARRAY_LEN(places); p++) {
		terminal_line(&t, places[p]);
		for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
			char paste[160];

			ck_assert(session_line_is_secret(t.session, lines[i]));
			ck_assert_ptr_null(strstr(terminal_line(&t, lines[i]), "Sesam"));
			snprintf(paste, sizeof(paste), "nonsense\n%s\n", lines[i]);
			ck_assert_ptr_null(strstr(terminal_paste(&t, paste), "Sesam"));
		}
		ck_assert_ptr_null(strstr(terminal_line(&t, "do show history"), "Sesam"));
	}
	ck_assert_ptr_null(strstr(terminal_line(&t, "show history"), "Sesam"));
	ck_assert_ptr_null(strstr(terminal_line(&t, "show logging"), "Sesam"));
	ck_assert_ptr_null(strstr(terminal_line(&t, "show running-config"), "Sesam"));
	ck_assert(!session_line_is_secret(t.session, "show running-config | include psk"));
	ck_assert(!session_line_is_secret(t.session, "psk"));
}
END_TEST

START_TEST(test_session_low_privilege)
{
	terminal_lines(&t, "configure terminal\nipsec site A\ntunnel primary\n"
			   "psk 0 Sesam-0ffne-dich\nend\ndisable");
	ck_assert_ptr_nonnull(strstr(terminal_line(&t, "show running-config"), "  psk <hidden>\n"));
	ck_assert_ptr_null(strstr(t.out.text, "psk 6"));
	ck_assert_str_eq(terminal_line(&t, "reload"), "    ^\n" MARKER);
	/* write terminal is allowed, write is not. */
	ck_assert_str_eq(terminal_line(&t, "write"), "% Incomplete command.\n");
	ck_assert_str_eq(terminal_help(&t, "write "),
			 "  terminal  Show the configuration in use\n");
	ck_assert_str_eq(terminal_line(&t, "write memory"), "          ^\n" MARKER);
	/* What is pasted behind a configure that is not allowed runs nowhere. */
	ck_assert_str_eq(terminal_line(&t, "configure terminal"), "    ^\n" MARKER);
	ck_assert_str_eq(terminal_line(&t, "reload"), "% Skipped: parent line rejected\n");
	terminal_line(&t, "end");
	/* It ends configuration mode. */
	terminal_lines(&t, "enable\nconfigure terminal\ndo disable");
	ck_assert_str_eq(terminal_prompt(&t), "gw1>");
}
END_TEST

START_TEST(test_session_help)
{
	ck_assert_str_eq(terminal_help(&t, "sh"), "  show  Show information\n");
	ck_assert_str_eq(terminal_help(&t, "terminal "),
			 "  length   Lines of a page\n"
			 "  monitor  Show event lines on this terminal\n"
			 "  no       Switch off\n"
			 "  paste    How pasted configuration is taken\n"
			 "  width    Columns of the terminal\n");
	ck_assert_str_eq(terminal_help(&t, "show privilege json "),
			 "  |  Output modifiers\n  <cr>\n");
	ck_assert_str_eq(terminal_help(&t, "foo "), "% Unrecognized command\n");
	ck_assert_str_eq(terminal_help(&t, "sh ips c "), "% Ambiguous command:  \"sh ips c \"\n");
	ck_assert_ptr_nonnull(strstr(terminal_help(&t, "show privilege | i"),
				     "  include  Only lines that match\n"));
	terminal_lines(&t, "configure terminal\nipsec site Lyon\nipsec site Lisbon");
	ck_assert_str_eq(terminal_help(&t, "keepalive "),
			 "  <5-60>  Silence after which the peer is probed, 5-60 seconds, default "
			 "10\n");
	ck_assert_str_eq(terminal_help(&t, "tunnel p"),
			 "  primary  HA role that carries traffic while a tunnel of it is up\n");
	ck_assert_ptr_nonnull(strstr(terminal_help(&t, "tunnel primary "), "  <cr>\n"));
	ck_assert_str_eq(terminal_help(&t, "do sh"), "  show  Show information\n");
	/* A word of the parent mode. */
	ck_assert_str_eq(terminal_help(&t, "hostn"), "  hostname  Name of this appliance\n");
	ck_assert_ptr_null(strstr(terminal_help(&t, ""), "retransmit"));
	ck_assert_str_eq(terminal_complete(&t, "ipsec site "), "Lisbon\nLyon\n");
	ck_assert_str_eq(terminal_complete(&t, "ipsec site Ly"), "Lyon\n");
	ck_assert_str_eq(terminal_complete(&t, "do show run ipsec site L"), "Lisbon\nLyon\n");
	ck_assert_str_eq(terminal_complete(&t, "connection-mode "),
			 "bidirectional\nresponder-only\n");
	ck_assert_str_eq(terminal_complete(&t, "nat"), "native-range\n");
	ck_assert_str_eq(terminal_complete(&t, "keepalive "), "");
	ck_assert_str_eq(terminal_complete(&t, "do show run | in"), "include\n");
}
END_TEST

/* Any beginning of any line must be safe for ? and TAB. */
START_TEST(test_session_help_never_fails)
{
	static const char *const lines[] = {
		"show ipsec connection-status site A detail json | include x | count y",
		"do show running-config ipsec site \"A\"",
		"no destination primary ipv4 1.2.3.4",
		"psk 0 \"a b\" c",
		"name \"x y\" z",
		"\"\"\"",
		"| | |",
		"tunnel primary 9 9 9"};

	terminal_lines(&t, "configure terminal\nipsec site A\ntunnel primary");
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		for (size_t n = 0; n <= strlen(lines[i]); n++) {
			char text[128];

			snprintf(text, sizeof(text), "%.*s", (int)n, lines[i]);
			terminal_help(&t, text);
			terminal_complete(&t, text);
		}
	}
	ck_assert_str_eq(terminal_prompt(&t), "gw1(config-site-tunnel)#");
}
END_TEST

START_TEST(test_session_confirms_removal)
{
	terminal_lines(&t, "configure terminal\nipsec site A\nend\nconfigure terminal");
	terminal_line(&t, "no ipsec site A");
	ck_assert_str_eq(t.question, "Remove site A and its tunnels? [confirm]");
	ck_assert(!t.hidden);
	terminal_answer(&t, "n");
	ck_assert_uint_eq(t.commands->running.count, 1);
	terminal_line(&t, "no ipsec site A");
	terminal_answer(&t, "");
	ck_assert_uint_eq(t.commands->running.count, 0);
	ck_assert_str_eq(terminal_line(&t, "no ipsec site A"), "% There is no site A\n");
}
END_TEST

START_TEST(test_session_other_removes_the_site)
{
	struct terminal *first = &t;
	struct session *second;

	terminal_lines(&t, "configure terminal\nipsec site A\ntunnel primary");
	second = session_new(t.commands, &t.session->who, &t.session->io, &t);
	session_line(second, "configure terminal");
	ck_assert_ptr_nonnull(strstr(t.out.text, "ops1 (vty 1) is in configuration mode as well."));
	session_line(second, "no ipsec site A");
	session_answer(second, "");
	session_free(second);
	ck_assert_str_eq(terminal_line(first, "name x"), "% Site A is gone\n");
	ck_assert_str_eq(terminal_line(first, "tunnel secondary"), "% Site A is gone\n");
	terminal_lines(first, "exit\nexit\nexit");
	ck_assert_str_eq(terminal_prompt(first), "gw1#");
}
END_TEST

START_TEST(test_session_automation)
{
	ck_assert_str_eq(terminal_line(&t, "terminal length 0"), "");
	ck_assert_uint_eq(t.length, 0);
	ck_assert_str_eq(terminal_line(&t, "terminal width 511"), "");
	ck_assert_uint_eq(t.width, 511);
	ck_assert_str_eq(terminal_line(&t, "show privilege"), "Current privilege level is 15\n");
	terminal_lines(&t, "terminal monitor\nconfigure terminal\nipsec site A\ntunnel primary");
	ck_assert_str_eq(terminal_line(&t, "end"), "% Warning: site A has no secondary tunnel\n");
	ck_assert_ptr_nonnull(strstr(t.async.text, "%SYS-5-CONFIG_I: Configured from vty 1 by "
						   "ops1\n"));
	strbuf_reset(&t.async);
	terminal_lines(&t, "terminal no monitor\nconfigure terminal\nhostname x\nend");
	ck_assert_str_eq(t.async.text, "");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("session");
	TCase *tc = tcase_create("session");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tc, open_enabled, close_terminal);
	tcase_add_test(tc, test_session_modes_and_prompts);
	tcase_add_test(tc, test_session_errors);
	tcase_add_test(tc, test_session_algorithms_and_license);
	tcase_add_test(tc, test_session_unique_tunnels);
	tcase_add_test(tc, test_session_keys_are_asked_hidden);
	tcase_add_test(tc, test_session_keys);
	tcase_add_test(tc, test_session_keys_never_come_out);
	tcase_add_test(tc, test_session_low_privilege);
	tcase_add_test(tc, test_session_help);
	tcase_add_test(tc, test_session_help_never_fails);
	tcase_add_test(tc, test_session_confirms_removal);
	tcase_add_test(tc, test_session_other_removes_the_site);
	tcase_add_test(tc, test_session_automation);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
