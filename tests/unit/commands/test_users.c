/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who may what, and what is written down of it: secrets, privilege, audit, banner, log hosts. */
#include "commands/auth.h"
#include "commands/secret_line.h"
#include "commands/syslog.h"
#include "platform/base/mem.h"
#include "platform/os/udp.h"
#include "tests/unit/commands/fixture_terminal.h"

#include <arpa/inet.h>
#include <check.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CISCO "$9$nhEmQVczB7dqsO$X.HsgL6x1il0RxkOSSvyQYwucySCt7qFm4v7pqCxkKM"

static struct terminal t, other;

static void open_terminals(void)
{
	terminal_open(&t, true, 15);
	terminal_lines(&t, "configure terminal\nhostname gw1\nend");
	terminal_join(&other, &t, "ops2", "vty 2", 1);
}

static void close_terminals(void)
{
	terminal_leave(&other);
	terminal_close(&t);
}

/* All event lines, one below the other; free. */
static char *log_text(void)
{
	const struct list *head = event_log_entries(t.events);
	struct strbuf out;
	char line[EVENT_TEXT_MAX + 64], *text;

	strbuf_init(&out);
	for (struct list *n = head->next; n != head; n = n->next)
		strbuf_printf(&out, "%s\n",
			      event_line(container_of(n, struct event, node), line, sizeof(line)));
	text = mem_strdup(out.text);
	strbuf_clear(&out);
	return text;
}

static void expect_log(const char *what)
{
	char *text = log_text();

	ck_assert_msg(strstr(text, what) != NULL, "%s is not in\n%s", what, text);
	free(text);
}

static void expect_no_log(const char *what)
{
	char *text = log_text();

	ck_assert_msg(strstr(text, what) == NULL, "%s is in\n%s", what, text);
	free(text);
}

START_TEST(test_enable_asks)
{
	terminal_lines(&t, "configure terminal\nenable secret cisco-cisco\nend");
	ck_assert_ptr_nonnull(strstr(terminal_running(&t), "enable secret 9 $9$"));
	terminal_line(&other, "enable");
	ck_assert_str_eq(other.question, "Password: ");
	ck_assert(other.hidden);
	terminal_answer(&other, "wrong");
	ck_assert_str_eq(other.question, "Password: ");
	terminal_answer(&other, "cisco-cisco");
	ck_assert_int_eq(other.status, 0);
	ck_assert_str_eq(terminal_prompt(&other), "gw1#");
	expect_log("%SYS-4-PRIV_AUTH_FAIL: Wrong secret for enable from ops2 (vty 2)");
	expect_log("%SYS-5-PRIV_AUTH_PASS: Privilege level set to 15 by ops2 (vty 2)");
	/* Down again needs none, and up again does. */
	terminal_lines(&other, "disable\ndisable 0");
	terminal_line(&other, "enable 1");
	ck_assert_str_eq(other.question, "Password: ");
	session_interrupt(other.session);
	ck_assert_str_eq(terminal_prompt(&other), "gw1>");
	expect_no_log("cisco-cisco");
}
END_TEST

START_TEST(test_enable_without_secret)
{
	ck_assert_str_eq(terminal_line(&other, "enable"),
			 "% No password set: your privilege level here is at most 1\n");
}
END_TEST

START_TEST(test_wrong_secrets_wait)
{
	terminal_lines(&t, "configure terminal\nenable secret 9 " CISCO "\nend");
	terminal_line(&other, "enable");
	terminal_answer(&other, "a");
	terminal_answer(&other, "b");
	ck_assert_str_eq(terminal_answer(&other, "c"), "% Bad secrets\n");
	ck_assert_int_eq(other.status, 1);
	ck_assert_ptr_nonnull(strstr(terminal_line(&other, "enable"),
				     "% Too many wrong secrets of user ops2: the next try is "
				     "possible in "));
	ck_assert_str_eq(terminal_prompt(&other), "gw1>");
}
END_TEST

START_TEST(test_waits_grow)
{
	struct auth *a = auth_new();
	struct err_msg e = {.code = 0};
	uint64_t now = 1000000;

	for (int i = 0; i < AUTH_TRIES; i++) {
		ck_assert_int_eq(auth_may_try(a, "x", now, &e), 0);
		auth_failed(a, "x", now);
	}
	ck_assert_int_eq(auth_may_try(a, "x", now + 4999, &e), ERR_BUSY);
	ck_assert_int_eq(auth_may_try(a, "y", now, &e), 0);
	ck_assert_int_eq(auth_may_try(a, "x", now + 5000, &e), 0);
	auth_failed(a, "x", now + 5000);
	ck_assert_int_eq(auth_may_try(a, "x", now + 14999, &e), ERR_BUSY);
	ck_assert_int_eq(auth_may_try(a, "x", now + 15000, &e), 0);
	for (int i = 0; i < 100; i++)
		auth_failed(a, "x", now);
	ck_assert_int_eq(auth_may_try(a, "x", now + 299999, &e), ERR_BUSY);
	ck_assert_int_eq(auth_may_try(a, "x", now + 300000, &e), 0);
	auth_passed(a, "x");
	ck_assert_int_eq(auth_may_try(a, "x", now, &e), 0);
	/* Many names do not push a waiting one out at once, nor overflow. */
	for (int i = 0; i < 200; i++) {
		char name[16];

		snprintf(name, sizeof(name), "u%d", i);
		auth_failed(a, name, now + (uint64_t)i);
	}
	auth_free(a);
}
END_TEST

START_TEST(test_secret_types)
{
	static const struct {
		const char *line, *output;
	} cases[] = {
		{"enable secret 9 " CISCO, ""},
		{"enable secret 8 $8$dsYGNam3K1SIJO$7nv/35M/qr6t.dVc7UY9zrJDWRVqncHub1PE9UlMQFs",
		 ""},
		{"enable secret 5 $1$28772684$iEwNOgGugqO9.bIz5sk8k/",
		 "% Warning: type 5 is weak, enter the secret again without a type\n"},
		{"enable secret 9 cisco",
		 "% secret 9: this is no hash of type 9, which begins with $9$ and is to be pasted "
		 "whole; a clear secret is typed without a type\n"},
		{"enable secret 7 0822455D0A16",
		 "% Type 7 can be decrypted by anybody and is not taken: use type 8 or 9, or type "
		 "the clear secret\n"},
		{"username bob secret 7 0822455D0A16",
		 "% Type 7 can be decrypted by anybody and is not taken: use type 8 or 9, or type "
		 "the clear secret\n"},
		{"enable secret short", "% Warning: the secret is shorter than 8 characters\n"},
		{"enable secret two words", "% Secret with blanks must be in double quotes\n"},
		{"enable secret <hidden>",
		 "% secret <hidden>: this configuration was saved without its secrets\n"},
	};

	terminal_lines(&t, "configure terminal");
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		ck_assert_str_eq(terminal_line(&t, cases[i].line), cases[i].output);
	/* The same clear secret again changes nothing. */
	terminal_lines(&t, "enable secret long-enough-1");
	for (int i = 0; i < 2; i++) {
		char *before = strdup(terminal_running(&t));

		terminal_lines(&t, "enable secret long-enough-1");
		ck_assert_str_eq(terminal_running(&t), before);
		free(before);
	}
	terminal_lines(&t, "no enable secret");
	ck_assert_ptr_null(strstr(terminal_running(&t), "enable"));
}
END_TEST

START_TEST(test_usernames)
{
	struct terminal bob;

	terminal_lines(&t, "configure terminal\nusername bob privilege 7 secret 9 " CISCO
			   "\nusername alice\nusername ops2 privilege 15\nend");
	ck_assert_ptr_nonnull(strstr(terminal_running(&t),
				     "username alice privilege 1\n"
				     "username bob privilege 7 secret 9 " CISCO
				     "\nusername ops2 privilege 15\n"));
	/* A later session of ops2 begins higher than its group says. */
	terminal_join(&bob, &t, "ops2", "vty 3", 1);
	ck_assert_uint_eq(session_privilege(bob.session), 15);
	terminal_leave(&bob);
	terminal_join(&bob, &t, "bob", "vty 3", 15);
	ck_assert_uint_eq(session_privilege(bob.session), 7);
	ck_assert_str_eq(terminal_line(&bob, "enable"),
			 "% No password set: your privilege level here is at most 7\n");
	terminal_leave(&bob);
	/* Nobody locks root out. */
	terminal_lines(&t, "configure terminal\nusername root privilege 1\nend");
	terminal_join(&bob, &t, "root", "vty 3", 15);
	ck_assert_uint_eq(session_privilege(bob.session), 15);
	terminal_leave(&bob);
	terminal_line(&other, "login bob");
	terminal_answer(&other, "cisco");
	ck_assert_int_eq(other.status, 0);
	ck_assert_str_eq(terminal_line(&other, "show privilege"), "Current privilege level is 7\n");
	ck_assert_str_eq(other.session->who.user, "bob");
	terminal_line(&other, "login nobody");
	ck_assert_str_eq(terminal_answer(&other, "cisco"), "% Login invalid\n");
	terminal_line(&other, "login alice");
	ck_assert_str_eq(terminal_answer(&other, ""), "% Login invalid\n");
	terminal_lines(&t, "configure terminal\nno username bob\ndefault username alice");
	ck_assert_str_eq(terminal_line(&t, "no username bob"), "% There is no user bob\n");
}
END_TEST

START_TEST(test_secret_prompts)
{
	terminal_lines(&t, "configure terminal");
	terminal_line(&t, "enable secret");
	ck_assert_str_eq(t.question, "Secret: ");
	ck_assert(t.hidden);
	terminal_answer(&t, "with blanks \" in it");
	ck_assert_str_eq(t.question, "Secret again: ");
	terminal_answer(&t, "with blanks \" in it");
	ck_assert_int_eq(t.status, 0);
	terminal_line(&t, "username carol privilege 3 secret");
	terminal_answer(&t, "one-secret");
	ck_assert_str_eq(terminal_answer(&t, "another-secret"), "% Secrets do not match\n");
	ck_assert_ptr_null(strstr(terminal_running(&t), "carol"));
	terminal_line(&t, "username carol privilege 3 secret");
	terminal_answer(&t, "one-secret");
	terminal_answer(&t, "one-secret");
	ck_assert_ptr_nonnull(strstr(terminal_running(&t), "username carol privilege 3 secret 9"));
	/* Gives up in the middle. */
	terminal_line(&t, "username dave secret");
	session_interrupt(t.session);
	expect_log("logged command:username carol privilege 3 secret");
	expect_no_log("one-secret");
	expect_no_log("dave");
}
END_TEST

START_TEST(test_audit)
{
	terminal_lines(&t, "conf t\nipsec si A\nkeepal 20\nnetwork-range hq:10.0.0.0/16\n"
			   "tunnel pri\npsk 0 this-is-a-secret-key\nname \"two words\"\n"
			   "init-p\nencryption aes-gcm-256\nexit\nno keepalive");
	terminal_line(&t, "keepalive 1");
	terminal_lines(&t, "username bob privilege 3 secret clear-secret\n"
			   "do show privilege\nend\nwrite memory");
	expect_log("%PARSER-5-CFGLOG_LOGGEDCMD: User:ops1 (vty 1)  logged command:configure "
		   "terminal\n");
	expect_log("logged command:ipsec site A\n");
	expect_log("logged command:ipsec site A / keepalive 20\n");
	expect_log("logged command:ipsec site A / network-range hq:10.0.0.0/16\n");
	expect_log("logged command:ipsec site A / tunnel primary\n");
	expect_log("logged command:ipsec site A / tunnel primary 1 / psk <hidden>\n");
	expect_log("logged command:ipsec site A / tunnel primary 1 / name \"two words\"\n");
	expect_log("logged command:ipsec site A / init-parameters / encryption aes-gcm-256\n");
	expect_log("logged command:ipsec site A / no keepalive\n");
	expect_log("logged command:username bob privilege 3 secret <hidden>\n");
	expect_log("logged command:write memory\n");
	expect_no_log("keepalive 1\n");
	expect_no_log("show privilege");
	expect_no_log("exit");
	expect_no_log("secret-key");
	expect_no_log("clear-secret");
}
END_TEST

/* Blocks are written down when they were accepted, and only then. */
START_TEST(test_audit_of_blocks)
{
	terminal_lines(&t, "configure terminal");
	terminal_paste(&t, "ipsec site B\n psk x\n keepalive 30\n");
	expect_no_log("site B");
	terminal_paste(&t,
		       "ipsec site B\n keepalive 30\n tunnel primary\n  psk 0 block-secret-1\n");
	expect_log("logged command:ipsec site B / keepalive 30\n");
	expect_log("logged command:ipsec site B / tunnel primary 1 / psk <hidden>\n");
	expect_no_log("block-secret");
	terminal_lines(&t, "end\nconfigure session s\nhostname x\nend");
	expect_log("logged command:configure session s / hostname x\n");
}
END_TEST

START_TEST(test_monitor_shows_what_counts)
{
	terminal_lines(&other, "terminal monitor");
	terminal_lines(&t, "configure terminal\nhostname gw1\nend");
	ck_assert_ptr_null(strstr(other.async.text, "LOGGEDCMD"));
	ck_assert_uint_eq(other.async.len, 0);
	event_emit(t.events, EVENT_LINK_UP, NULL, 0, "five");
	ck_assert_ptr_nonnull(strstr(other.async.text, "LINK_UP: five"));
	terminal_lines(&t, "configure terminal\nlogging monitor warnings\nend");
	event_emit(t.events, EVENT_LINK_UP, NULL, 0, "six");
	event_emit(t.events, EVENT_LINK_DOWN, NULL, 0, "seven");
	ck_assert_ptr_null(strstr(other.async.text, "six"));
	ck_assert_ptr_nonnull(strstr(other.async.text, "seven"));
	terminal_lines(&t, "configure terminal\nlogging monitor 5");
	ck_assert_ptr_nonnull(strstr(terminal_running(&t), "logging monitor notifications\n"));
}
END_TEST

START_TEST(test_log_host)
{
	struct sockaddr_in sa = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(sa);
	char line[128], got[1024];
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	ssize_t n;

	ck_assert_int_eq(bind(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&sa, &len), 0);
	snprintf(line, sizeof(line),
		 "configure terminal\nlogging host 127.0.0.1 transport udp port %u",
		 (unsigned)ntohs(sa.sin_port));
	terminal_lines(&t, line);
	/* The clock of the fixture stands at 1970. */
	event_emit(t.events, EVENT_LINK_DOWN, "A", 1, "A primary 1 is down");
	do {
		n = recv(fd, got, sizeof(got) - 1, 0);
		ck_assert_int_gt(n, 0);
		got[n] = '\0';
	} while (strstr(got, "LINK_DOWN") == NULL);
	/* local7 * 8 + warning */
	ck_assert_str_eq(got, "<188>1 1970-01-01T00:00:00.000Z gw1 ikesh - LINK_DOWN - "
			      "%STORY-4-LINK_DOWN: A primary 1 is down");
	terminal_lines(&t, "no logging host 127.0.0.1");
	ck_assert_str_eq(terminal_line(&t, "no logging host 127.0.0.1"),
			 "% There is no log host 127.0.0.1\n");
	ck_assert_ptr_null(strstr(terminal_running(&t), "logging"));
	terminal_lines(&t, "logging host 192.0.2.1\nlogging host 192.0.2.2\n"
			   "logging host 192.0.2.3\nlogging host 2001:db8::1");
	ck_assert_str_eq(terminal_line(&t, "logging host 192.0.2.5"),
			 "% There are 4 log hosts, that is all there can be\n");
	close(fd);
}
END_TEST

START_TEST(test_banner)
{
	terminal_lines(&t, "configure terminal");
	ck_assert_str_eq(terminal_line(&t, "banner motd #Authorised only#"), "");
	ck_assert_ptr_nonnull(strstr(terminal_running(&t), "banner motd ^C\nAuthorised only^C\n"));
	ck_assert_str_eq(terminal_line(&t, "banner motd @"),
			 "Enter TEXT message.  End with the character '@'.\n");
	ck_assert_str_eq(terminal_prompt(&t), "");
	terminal_lines(&t, "! no comment\n\nend\n  indented | # text\n@ what follows is dropped");
	ck_assert_str_eq(terminal_prompt(&t), "gw1(config)#");
	ck_assert_str_eq(t.commands->running.box.banner,
			 "! no comment\n\nend\n  indented | # text\n");
	terminal_lines(&t, "do write");
	terminal_leave(&other);
	terminal_restart(&t);
	ck_assert_str_eq(t.commands->running.box.banner,
			 "! no comment\n\nend\n  indented | # text\n");
	/* A paste with an open banner is refused whole. */
	terminal_lines(&t, "configure terminal");
	ck_assert_ptr_nonnull(strstr(terminal_paste(&t, "hostname gw9\nbanner motd #\nx\n"),
				     "% banner motd: the closing delimiter is missing\n"));
	ck_assert_str_eq(terminal_prompt(&t), "gw1(config)#");
	terminal_paste(&t, "hostname gw9\nbanner motd #\nx\n#\n");
	ck_assert_str_eq(t.commands->running.box.banner, "x\n");
	terminal_lines(&t, "no banner motd");
	ck_assert_str_eq(t.commands->running.box.banner, "");
	terminal_join(&other, &t, "ops2", "vty 2", 1);
}
END_TEST

/* Every terminal reads it when its session begins. */
START_TEST(test_banner_greets)
{
	terminal_lines(&t, "configure terminal\nbanner motd #Hello#");
	terminal_leave(&other);
	terminal_join(&other, &t, "ops2", "vty 2", 1);
	ck_assert_uint_eq(other.async.len, 0);
	ck_assert_int_ge(loop_turn(t.loop, 0), 0);
	ck_assert_str_eq(other.async.text, "Hello\n");
}
END_TEST

START_TEST(test_exec_timeout)
{
	terminal_lines(&t, "configure terminal\nline exec-timeout 0 1");
	ck_assert_ptr_nonnull(strstr(terminal_running(&t), "line exec-timeout 0 1\n"));
	other.session->input_ms = loop_clock_ms() - 900;
	session_watch_idle(other.session);
	for (int i = 0; i < 20 && !other.closed; i++) {
		terminal_line(&t, "do show privilege"); /* is not idle */
		ck_assert_int_ge(loop_turn(t.loop, 50), 0);
	}
	ck_assert(other.closed);
	ck_assert(!t.closed);
	ck_assert_str_eq(other.async.text, "% The terminal was idle for too long\n");
	terminal_lines(&t, "no line exec-timeout");
	ck_assert_ptr_null(strstr(terminal_running(&t), "line"));
}
END_TEST

static const char *sealed_of(const char *running)
{
	const char *at = strstr(running, "psk 6 ");

	ck_assert_ptr_nonnull(at);
	return at + 6;
}

START_TEST(test_master_key)
{
	char *before, *after, *again;

	terminal_lines(&t, "configure terminal\nipsec site A\ntunnel primary\n"
			   "psk 0 0123456789abcdef\nend\nwrite");
	before = strdup(terminal_running(&t));
	terminal_lines(&t, "configure terminal");
	ck_assert_str_eq(terminal_line(&t, "key config-key password-encrypt short"),
			 "% Pass phrase is shorter than 8 characters\n");
	terminal_line(&t, "key config-key password-encrypt");
	ck_assert_str_eq(t.question, "New key: ");
	terminal_answer(&t, "correct horse battery");
	ck_assert_str_eq(t.question, "Confirm key: ");
	ck_assert_str_eq(terminal_answer(&t, "correct horse battery"),
			 "1 pre-shared key encrypted anew. Save the configuration (write).\n");
	after = strdup(terminal_running(&t));
	ck_assert_str_ne(before, after);
	ck_assert(terminal_is_applied(&t));
	ck_assert_str_eq(terminal_line(&t,
				       "key config-key password-encrypt \"correct horse battery\""),
			 "The master key is the same as before\n");
	/* What was saved with the key before can still be read. */
	terminal_leave(&other);
	terminal_restart(&t);
	terminal_join(&other, &t, "ops2", "vty 2", 1);
	ck_assert_uint_eq(t.commands->running.sites[0]->tunnels[0][0].psk.key.len, 16);
	ck_assert_str_eq(terminal_running(&t), before);
	/* And so can what another box has saved with the same phrase. */
	terminal_lines(&t, "configure terminal\nno key config-key password-encrypt");
	terminal_paste(&t, after);
	ck_assert_uint_eq(t.commands->running.sites[0]->tunnels[0][0].psk.key.len, 16);
	again = strdup(terminal_running(&t));
	ck_assert_ptr_nonnull(sealed_of(again));
	expect_no_log("horse");
	expect_log("%SYS-5-MASTER_KEY: Master key changed by ops1 (vty 1)");
	free(before);
	free(after);
	free(again);
}
END_TEST

/* A box with another random key, then the phrase of the first: its lines can be opened. */
START_TEST(test_master_key_moves)
{
	struct terminal box;
	char *text;

	terminal_lines(&t, "configure terminal\nkey config-key password-encrypt correct-horse\n"
			   "ipsec site A\ntunnel primary\npsk 0 0123456789abcdef\nend");
	text = strdup(terminal_running(&t));
	terminal_open(&box, true, 15);
	terminal_lines(&box, "configure terminal");
	ck_assert_ptr_nonnull(strstr(terminal_paste(&box, text), "cannot be decrypted"));
	ck_assert_uint_eq(box.commands->running.sites[0]->tunnels[0][0].psk.key.len, 0);
	ck_assert_str_eq(sealed_of(terminal_running(&box)), sealed_of(text));
	terminal_lines(&box, "configure terminal\nkey config-key password-encrypt correct-horse");
	terminal_paste(&box, text);
	ck_assert_uint_eq(box.commands->running.sites[0]->tunnels[0][0].psk.key.len, 16);
	terminal_close(&box);
	free(text);
}
END_TEST

START_TEST(test_lines_with_secrets)
{
	static const struct {
		const char *line, *masked;
	} cases[] = {
		{"enable secret x", "enable secret <hidden>"},
		{"  en se 0 x", "  en se <hidden>"},
		{"enable 15", "enable 15"},
		{"enable", "enable"},
		{"username bob privilege 3", "username bob privilege 3"},
		{"user bob priv 3 sec 9 $9$x", "user bob priv 3 sec <hidden>"},
		{"usernam bob secret x", "usernam bob secret <hidden>"},
		{"psk x y", "psk <hidden>"},
		{"ps x", "ps <hidden>"},
		{"no psk x", "no psk <hidden>"},
		{" +psk 6 abc", " +psk <hidden>"},
		{"key config-key password-encrypt x", "key config-key password-encrypt <hidden>"},
		{"key config-key pass x", "key config-key pass <hidden>"},
		{"dns update key gw hmac-sha256 x", "dns update key <hidden>"},
		{"show running-config | include psk", "show running-config | include psk"},
		{"show users", "show users"},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct strbuf out;

		strbuf_init(&out);
		secret_line_mask(cases[i].line, strlen(cases[i].line), &out);
		ck_assert_str_eq(out.text, cases[i].masked);
		strbuf_clear(&out);
	}
}
END_TEST

/* Every row with a secret is covered by the table of words. */
START_TEST(test_rows_with_secrets_are_known)
{
	for (const struct row_table *const *p = row_tables(); *p != NULL; p++) {
		for (size_t i = 0; i < (*p)->count; i++) {
			const struct row *row = &(*p)->rows[i];

			ck_assert_msg((row->flags & ROW_SECRET) == 0 ||
					      secret_line_at(row->words) != SECRET_LINE_NONE,
				      "%s", row->words);
		}
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("users");
	TCase *tc = tcase_create("users");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tc, open_terminals, close_terminals);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, test_enable_asks);
	tcase_add_test(tc, test_enable_without_secret);
	tcase_add_test(tc, test_wrong_secrets_wait);
	tcase_add_test(tc, test_waits_grow);
	tcase_add_test(tc, test_secret_types);
	tcase_add_test(tc, test_usernames);
	tcase_add_test(tc, test_secret_prompts);
	tcase_add_test(tc, test_audit);
	tcase_add_test(tc, test_audit_of_blocks);
	tcase_add_test(tc, test_monitor_shows_what_counts);
	tcase_add_test(tc, test_log_host);
	tcase_add_test(tc, test_banner);
	tcase_add_test(tc, test_banner_greets);
	tcase_add_test(tc, test_exec_timeout);
	tcase_add_test(tc, test_master_key);
	tcase_add_test(tc, test_master_key_moves);
	tcase_add_test(tc, test_lines_with_secrets);
	tcase_add_test(tc, test_rows_with_secrets_are_known);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
