/* SPDX-License-Identifier: GPL-3.0-or-later */
/* startup-config: the whole example, atomic files, damaged files, sealed keys. */
#include "commands/seal.h"
#include "commands/store.h"
#include "platform/base/mem.h"
#include "tests/unit/commands/fixture_terminal.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct terminal t;

static void open_box_with_files(void)
{
	terminal_open(&t, true, 15);
}

static void close_terminal(void)
{
	terminal_close(&t);
}

static void read_text(const char *name, char *buf, size_t size)
{
	char path[128];
	FILE *f;
	size_t n;

	snprintf(path, sizeof(path), "%s/%s", t.dir, name);
	f = fopen(path, "re");
	ck_assert_msg(f != NULL, "%s", path);
	n = fread(buf, 1, size - 1, f);
	buf[n] = '\0';
	fclose(f);
}

static void write_text(const char *name, const char *text)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", t.dir, name);
	f = fopen(path, "we");
	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
}

/* Two sites with everything that is set in practice; what the appliance does not know is refused
 * and does no harm. */
static const char example[] = "hostname gw1\n"
			      "pop Frankfurt\n"
			      " address 203.0.113.10\n"
			      "account acme\n"
			      " allocated-ip 203.0.113.10 pop Frankfurt\n"
			      "!\n"
			      "ipsec site AWS-eu-central\n"
			      " type cloud-data-center\n"
			      " country Germany\n"
			      " license bandwidth 500\n"
			      " native-range 172.31.0.0/16\n"
			      " connection-mode bidirectional\n"
			      " initiate-connection\n"
			      " destination primary ipv4 203.0.113.10\n"
			      " destination secondary ipv4 192.0.2.10\n"
			      " init-parameters\n"
			      "  encryption aes-gcm-256\n"
			      "  prf sha2-384\n"
			      "  dh-group 20\n"
			      " auth-parameters\n"
			      "  encryption aes-gcm-256\n"
			      "  dh-group 20\n"
			      " bgp\n"
			      "  local-as 65010\n"
			      " tunnel primary 1\n"
			      "  name aws-vpn-a\n"
			      "  wan-role wan1\n"
			      "  public-ip 198.51.100.21\n"
			      "  private-ip pop 169.254.21.2 site 169.254.21.1\n"
			      "  last-mile-bandwidth downstream 500 upstream 500\n"
			      "  psk 0 first-key-0123456789\n"
			      " tunnel secondary 1\n"
			      "  name aws-vpn-b\n"
			      "  wan-role wan1\n"
			      "  public-ip 198.51.100.77\n"
			      "  psk 0 second-key-0123456789\n"
			      "!\n"
			      "ipsec site Branch-Lyon\n"
			      " type branch\n"
			      " country France\n"
			      " license bandwidth 90\n"
			      " native-range 10.20.0.0/16\n"
			      " connection-mode responder-only\n"
			      " authentication-identifier fqdn\n"
			      " bandwidth downstream 90 upstream 40\n"
			      " network-range hq:10.0.0.0/16\n"
			      " network-range dc:10.1.0.0/16\n"
			      " single-traffic-selector enable\n"
			      " tunnel primary 1\n"
			      "  name fiber\n"
			      "  wan-role wan1\n"
			      "  local-id lyon-p1.9c41e7.id.example.net\n"
			      "  fqdn p1-5f0c2b9e.ipsec.example.net\n"
			      "  last-mile-bandwidth downstream 50 upstream 20\n"
			      "  psk 0 third-key-0123456789\n"
			      " tunnel primary 2\n"
			      "!\n"
			      "end\n";

START_TEST(test_store_example)
{
	char shown[8192];
	struct strbuf report;

	strbuf_init(&report);
	ck_assert_uint_eq(commands_check(t.commands, "example", example, &report), 0);
	ck_assert_str_eq(report.text, "");
	ck_assert_uint_eq(t.commands->running.count, 0);
	write_text(STORE_NAME, example);
	terminal_restart(&t);
	ck_assert_str_eq(terminal_prompt(&t), "gw1#");
	snprintf(shown, sizeof(shown), "%s", terminal_running(&t));
	ck_assert_ptr_nonnull(strstr(shown, "  private-ip pop 169.254.21.2 site 169.254.21.1\n"));
	ck_assert_ptr_nonnull(strstr(shown, " bandwidth downstream 90 upstream 40\n"));
	ck_assert_ptr_null(strstr(shown, "0123456789"));
	ck_assert_str_eq(terminal_line(&t, "write"), "% Warning: site Branch-Lyon has no secondary "
						     "tunnel\n"
						     "Building configuration...\n[OK]\n");
	terminal_restart(&t);
	ck_assert_str_eq(terminal_running(&t), shown);
	ck_assert_str_eq(terminal_line(&t, "show startup-config errors"),
			 "All lines of startup-config were accepted\n");
	ck_assert_uint_eq(t.commands->running.sites[1]->tunnels[0][0].psk.key.len, 20);
	ck_assert(terminal_is_applied(&t));
	strbuf_clear(&report);
}
END_TEST

START_TEST(test_store_files)
{
	char path[128], text[4096];
	struct stat st;

	terminal_lines(&t, "configure terminal\nhostname one\nend");
	ck_assert_str_eq(terminal_line(&t, "write memory"), "Building configuration...\n[OK]\n");
	snprintf(path, sizeof(path), "%s/%s", t.dir, STORE_NAME);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0600);
	read_text(STORE_NAME, text, sizeof(text));
	ck_assert_str_eq(text, "hostname one\n!\nend\n");
	terminal_lines(&t, "configure terminal\nhostname two\nend\n"
			   "copy running-config startup-config");
	read_text(STORE_NAME ".1", text, sizeof(text));
	ck_assert_str_eq(text, "hostname one\n!\nend\n");
	/* Cut at any place: the previous one is used, with a warning. */
	for (size_t n = 0; n < 16; n++) {
		struct strbuf report;
		size_t refused;
		struct err_msg e;

		snprintf(text, sizeof(text), "%.*s", (int)n, "hostname two\n!\nend\n");
		write_text(STORE_NAME, text);
		strbuf_init(&report);
		ck_assert_int_eq(commands_boot(t.commands, &refused, &report, &e), 0);
		ck_assert_str_eq(report.text, "startup-config: startup-config is not complete, the "
					      "previous one is used\n");
		ck_assert_str_eq(terminal_prompt(&t), "one#");
		strbuf_clear(&report);
	}
}
END_TEST

START_TEST(test_store_removed_by_hand)
{
	char path[128];

	terminal_lines(&t, "configure terminal\nhostname one\nend\nwrite\nwrite");
	snprintf(path, sizeof(path), "%s/%s", t.dir, STORE_NAME);
	ck_assert_int_eq(unlink(path), 0);
	terminal_restart(&t); /* factory state, although a previous file is there */
	ck_assert_str_eq(terminal_prompt(&t), "ikesh#");
	/* Without a previous one a cut file is used as far as it goes. */
	snprintf(path, sizeof(path), "%s/%s.1", t.dir, STORE_NAME);
	ck_assert_int_eq(unlink(path), 0);
	write_text(STORE_NAME, "hostname two\n!\n");
	terminal_restart(&t);
	ck_assert_str_eq(terminal_prompt(&t), "two#");
	ck_assert_ptr_nonnull(strstr(terminal_line(&t, "show startup-config errors"),
				     "is not complete and there is no previous one"));
}
END_TEST

START_TEST(test_store_cannot_write)
{
	char path[128];

	terminal_lines(&t, "configure terminal\nhostname one\nend\nwrite");
	/* A directory in the place of the new file's previous version. */
	snprintf(path, sizeof(path), "%s/gone", t.dir);
	free(t.commands->config_dir);
	t.commands->config_dir = strdup(path);
	ck_assert_ptr_nonnull(
		strstr(terminal_line(&t, "write"), "% Cannot write startup-config: "));
	ck_assert_ptr_null(strstr(t.out.text, "[OK]"));
	ck_assert_int_eq(t.status, 1);
	ck_assert_str_eq(terminal_line(&t, "show startup-config"),
			 "% startup-config is not present\n");
}
END_TEST

START_TEST(test_store_boot_without_files)
{
	size_t refused = 7;
	struct err_msg e;

	ck_assert_int_eq(commands_boot(t.commands, &refused, NULL, &e), 0);
	ck_assert_uint_eq(refused, 0);
	ck_assert_str_eq(commands_hostname(t.commands), "ikesh");
	free(t.commands->config_dir);
	t.commands->config_dir = strdup("/dev/null/x");
	ck_assert_int_ne(commands_boot(t.commands, &refused, NULL, &e), 0);
	ck_assert_ptr_nonnull(strstr(e.text, "/dev/null/x"));
}
END_TEST

START_TEST(test_store_key_of_another_box)
{
	char path[128];
	const struct tunnel_config *tunnel;

	terminal_lines(&t, "configure terminal\nipsec site A\ntunnel primary\n"
			   "psk 0 abcdefghijklmnopqrst\nend\nwrite");
	snprintf(path, sizeof(path), "%s/master-key", t.dir);
	ck_assert_int_eq(unlink(path), 0);
	terminal_restart(&t);
	ck_assert_ptr_nonnull(strstr(terminal_line(&t, "show startup-config errors"),
				     "startup-config:3: % Warning: psk of tunnel primary 1 of site "
				     "A cannot be decrypted"));
	tunnel = &t.commands->running.sites[0]->tunnels[0][0];
	ck_assert_uint_eq(tunnel->psk.key.len, 0);
	ck_assert_ptr_nonnull(tunnel->psk.sealed);
	ck_assert_str_eq(site_tunnel_missing(t.commands->running.sites[0], SITE_PRIMARY, 0),
			 "psk cannot be decrypted");
	/* The line is kept, also over the next write. */
	terminal_lines(&t, "write");
	ck_assert_ptr_nonnull(strstr(terminal_running(&t), tunnel->psk.sealed));
}
END_TEST

START_TEST(test_store_reload_asks)
{
	terminal_lines(&t, "configure terminal\nhostname one\nend");
	terminal_line(&t, "reload");
	ck_assert_str_eq(t.question, "System configuration has been modified. Save? [yes/no]: ");
	terminal_answer(&t, "yes");
	ck_assert_str_eq(t.question, "Proceed with reload? [confirm]");
	terminal_answer(&t, "no");
	ck_assert_int_eq(t.stopped, -1);
	terminal_line(&t, "reload");
	ck_assert_str_eq(t.question, "Proceed with reload? [confirm]");
	terminal_answer(&t, "");
	ck_assert_int_eq(t.stopped, 0);
	terminal_line(&t, "write erase");
	terminal_answer(&t, "");
	ck_assert_str_eq(terminal_line(&t, "show startup-config"),
			 "% startup-config is not present\n");
}
END_TEST

START_TEST(test_store_merge)
{
	terminal_lines(&t, "configure terminal\nipsec site A\ntype branch\nend\nwrite\n"
			   "configure terminal\nipsec site B\nipsec site A\ntype data-center\nend\n"
			   "copy startup-config running-config");
	ck_assert_uint_eq(t.commands->running.count, 2);
	ck_assert_int_eq(t.commands->running.sites[0]->type, SITE_BRANCH);
	ck_assert(terminal_is_applied(&t));
}
END_TEST

START_TEST(test_seal)
{
	struct sealer *s = sealer_new(t.dir), *other = sealer_new(NULL);
	struct secret key = SECRET_NONE, back = SECRET_NONE;
	char text[SEAL_TEXT_MAX], again[SEAL_TEXT_MAX];
	struct err_msg e;
	struct stat st;
	char path[128];

	for (size_t len = 1; len <= SEAL_SECRET_MAX; len += 21) {
		secret_alloc(&key, len);
		memset(key.data, (int)len, len);
		ck_assert_int_eq(sealer_seal(s, &key, text, &e), 0);
		ck_assert_int_eq(sealer_seal(s, &key, again, &e), 0);
		ck_assert_str_ne(text, again); /* nonces differ */
		ck_assert_uint_eq(strlen(text), strlen(again));
		ck_assert_int_eq(sealer_open(s, text, &back, &e), 0);
		ck_assert(back.len == len && secret_equal(&back, &key));
		ck_assert_int_eq(sealer_open(other, text, &back, &e), ERR_CRYPTO);
	}
	/* Any changed character is noticed. */
	for (size_t i = 0; i < strlen(text); i++) {
		memcpy(again, text, sizeof(text));
		again[i] = again[i] == 'A' ? 'B' : 'A';
		ck_assert_int_ne(sealer_open(s, again, &back, &e), 0);
	}
	ck_assert_int_eq(sealer_open(s, "", &back, &e), ERR_INVALID);
	snprintf(path, sizeof(path), "%s/master-key", t.dir);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0600);
	ck_assert_int_eq(st.st_size, 32);
	/* Another process on the same files reads it. */
	sealer_free(s);
	s = sealer_new(t.dir);
	ck_assert_int_eq(sealer_open(s, text, &back, &e), 0);
	secret_clear(&key);
	secret_clear(&back);
	sealer_free(s);
	sealer_free(other);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("store");
	TCase *tc = tcase_create("store");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tc, open_box_with_files, close_terminal);
	tcase_add_test(tc, test_store_example);
	tcase_add_test(tc, test_store_files);
	tcase_add_test(tc, test_store_removed_by_hand);
	tcase_add_test(tc, test_store_cannot_write);
	tcase_add_test(tc, test_store_boot_without_files);
	tcase_add_test(tc, test_store_key_of_another_box);
	tcase_add_test(tc, test_store_reload_asks);
	tcase_add_test(tc, test_store_merge);
	tcase_add_test(tc, test_seal);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
