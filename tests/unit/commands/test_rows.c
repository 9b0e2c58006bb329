/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The tables as a whole: every row is described and means one thing only, and every configuration
 * row survives set, show, reload, show, and is undone by `no`.
 */
#include "commands/args.h"
#include "commands/loader.h"
#include "commands/pattern.h"
#include "commands/writer.h"
#include "platform/base/mem.h"
#include "tests/unit/commands/fixture_terminal.h"

#include <check.h>
#include <libcli.h>
#include <stdlib.h>
#include <string.h>

START_TEST(test_rows_do_not_clash)
{
	struct terminal t;

	terminal_open(&t, false, 15);
	ck_assert_msg(t.session->grammar->problems == 0, "%s", t.session->grammar->report.text);
	terminal_close(&t);
}
END_TEST

START_TEST(test_rows_are_described)
{
	for (const struct row_table *const *p = row_tables(); *p != NULL; p++) {
		ck_assert_ptr_nonnull((*p)->family);
		for (size_t i = 0; i < (*p)->count; i++) {
			const struct row *row = &(*p)->rows[i];

			ck_assert_msg(row->help != NULL && row->help[0] != '\0' &&
					      row->help[strlen(row->help) - 1] != '.',
				      "help of %s", row->words);
			ck_assert_msg(row->manual != NULL && strlen(row->manual) > 10 &&
					      row->manual[strlen(row->manual) - 1] == '.',
				      "manual of %s", row->words);
			ck_assert_msg(row->modes != 0, "modes of %s", row->words);
			ck_assert_msg((row->handler != NULL) !=
					      (row->set != NULL || row->fields[0].size != 0),
				      "%s must have either a handler or fields", row->words);
			ck_assert_msg(row->set == NULL || (row->flags & ROW_NO_NO) != 0 ||
					      row->unset != NULL,
				      "%s cannot be undone", row->words);
		}
	}
}
END_TEST

/* Names of words without help, each once. */
static void collect_mute(const struct cli_command *c, struct strbuf *out)
{
	for (; c != NULL; c = c->next) {
		if ((c->help == NULL || c->help[0] == '\0') &&
		    strstr(out->text, c->full_command_name) == NULL)
			strbuf_printf(out, "%s (%s)\n", c->command, c->full_command_name);
		collect_mute(c->children, out);
	}
}

START_TEST(test_every_word_has_help)
{
	struct terminal t;
	struct strbuf mute;

	terminal_open(&t, false, 15);
	strbuf_init(&mute);
	collect_mute(t.session->grammar->cli->commands, &mute);
	ck_assert_msg(mute.len == 0, "without help:\n%s", mute.text);
	strbuf_clear(&mute);
	terminal_close(&t);
}
END_TEST

START_TEST(test_args_are_sorted_and_sound)
{
	for (size_t i = 0; arg_at(i) != NULL; i++) {
		const struct arg *a = arg_at(i);
		struct value v = {.arg = NULL};
		struct err_msg e;
		size_t bad;

		/* found by bisection: its table is sorted, and no other has the name */
		ck_assert_msg(arg_find(a->name) == a, "%s", a->name);
		ck_assert_msg(a->help != NULL && a->help[0] != '\0', "%s", a->name);
		ck_assert_msg(a->min <= a->max, "%s", a->name);
		ck_assert_msg((a->type == VALUE_CHOICE) == (a->choices != NULL), "%s", a->name);
		if (a->standard != NULL) {
			ck_assert_msg(value_parse(a, a->standard, &v, &bad, &e) == 0,
				      "default of %s", a->name);
			ck_assert_str_eq(v.text, a->standard);
		}
		value_clear(&v);
	}
}
END_TEST

/* A value of the argument that is not its default. */
static const char *sample(const char *name)
{
	static const struct {
		const char *arg, *text;
	} given[] = {
		{"bgp-hold", "90"},
		{"bgp-keepalive", "30"},
		{"country", "Germany"},
		{"dns-address", "203.0.113.10:5353"},
		{"dns-key", "ikesh-key.example.net"},
		{"dns-secret", "c2VjcmV0IHRoYXQgaXMgbG9uZyBlbm91Z2g="},
		{"dns-zone", "ipsec.example.net"},
		{"fqdn", "gw.example.net"},
		{"id-value", "203.0.113.9"},
		{"ipv4", "203.0.113.7"},
		{"latitude", "48.13"},
		{"local-id", "p1.id.example.net"},
		{"longitude", "-11.58"},
		{"mail-from", "gw1@example.net"},
		{"mail-to", "noc@example.net"},
		{"metrics-address", "127.0.0.1:9851"},
		{"native-range", "172.31.0.0/16"},
		{"network", "hq:10.0.0.0-10.0.0.9"},
		{"network-label", "hq"},
		{"notify-sealed", "?"},
		{"pop-address", "169.254.21.2"},
		{"ports", "8000-8080"},
		{"ppk-sealed", "?"},
		{"psk-sealed", "?"},
		{"range", "10.2.0.0/16"},
		{"secret-hash-5", "$1$28772684$iEwNOgGugqO9.bIz5sk8k/"},
		{"secret-hash-8", "$8$TnGX/fE4KGHOVU$pEhnEvxrvaynpi8j4f.EMHr6M.FzU8xnZnBr/tJdFWk"},
		{"secret-hash-9", "$9$2MJBozw/9R3UsU$2lFhcKvpghcyw8deP25GOfyZaagyUOGBymkryvOdfo6"},
		{"site-address", "169.254.21.1"},
		{"vpn-user-range", "10.42.0.0/16"},
		{"webhook-url", "https://hooks.example.net/T0/B1"},
	};
	static char number[16];
	const struct arg *a = arg_find(name);

	for (size_t i = 0; i < ARRAY_LEN(given); i++) {
		if (strcmp(given[i].arg, name) == 0)
			return given[i].text;
	}
	switch (a->type) {
	case VALUE_U32:
		snprintf(number, sizeof(number), "%u", a->max - 1);
		return number;
	case VALUE_CHOICE:
		return a->choices[a->standard != NULL &&
				  strcmp(a->choices[0].word, a->standard) == 0]
			.word;
	case VALUE_TEXT:
	case VALUE_BANNER:
	case VALUE_COUNTRY:
		return "\"two words\"";
	case VALUE_IP:
	case VALUE_IPV4:
		return "198.51.100.9";
	case VALUE_HEX_SECRET:
		return "00112233445566778899aabbccddeeff00";
	case VALUE_SECRET:
		return "a secret of more than 16 characters";
	case VALUE_NAME:
	case VALUE_WORD:
	case VALUE_PREFIX:
	case VALUE_RANGE:
	case VALUE_LABEL_RANGE:
	case VALUE_PORTS:
		break;
	}
	return "sample";
}

static void fill(const struct pattern_path *p, struct strbuf *out)
{
	strbuf_init(out);
	for (size_t i = 0; i < p->count; i++) {
		char name[PATTERN_WORD_MAX];
		size_t len = strlen(p->words[i]);
		const struct arg *a;

		strbuf_add(out, i == 0 ? "" : " ");
		if (p->words[i][0] != '<') {
			strbuf_add(out, p->words[i]);
			continue;
		}
		memcpy(name, p->words[i] + 1, len - 2);
		name[len - 2] = '\0';
		a = arg_find(name);
		strbuf_printf(out, a->type == VALUE_SECRET ? "\"%s\"" : "%s", sample(name));
	}
}

static void enter(struct terminal *t, enum cmd_mode mode)
{
	static const char *const ways[CMD_MODES] = {
		[CMD_CONFIG] = "configure terminal",
		[CMD_SITE] = "configure terminal\nipsec site X",
		[CMD_TUNNEL] = "configure terminal\nipsec site X\ntunnel primary 2",
		[CMD_INIT] = "configure terminal\nipsec site X\ninit-parameters",
		[CMD_AUTH] = "configure terminal\nipsec site X\nauth-parameters",
		[CMD_ARCHIVE] = "configure terminal\narchive",
		[CMD_NETRULE] = "configure terminal\nnetwork-rule 10 voice",
		[CMD_BGP] = "configure terminal\nipsec site X\nbgp",
		[CMD_POP] = "configure terminal\npop Munich",
		[CMD_ACCOUNT] = "configure terminal\naccount acme",
	};

	terminal_lines(t, ways[mode]);
}

/* What the line needs around it. */
static void prepare(struct terminal *t, const char *line)
{
	if (strncmp(line, "initiate-connection", 19) == 0)
		terminal_lines(t, "connection-mode bidirectional");
	if (strncmp(line, "local-id", 8) == 0)
		terminal_lines(t, "exit\nauthentication-identifier fqdn\ntunnel primary 2");
}

static void check_reads_back(struct terminal *t)
{
	struct config back;
	struct strbuf text, report;
	struct config_writer w = {.out = &text};

	config_init(&back);
	strbuf_init(&report);
	for (int all = 0; all < 2; all++) {
		strbuf_init(&text);
		w.all = all;
		writer_config(&w, &t->commands->running);
		config_clear(&back);
		ck_assert_msg(loader_run(t->commands, &back, "x", text.text, &report) == 0,
			      "%s\n%s", report.text, text.text);
		ck_assert_msg(config_equal(&back, &t->commands->running), "%s", text.text);
		strbuf_clear(&text);
	}
	strbuf_clear(&report);
	config_clear(&back);
}

static void check_line(const struct row *row, enum cmd_mode mode, const char *line)
{
	struct terminal t;
	char *before, *after;
	const char *first = strchr(line, ' ');
	char undo[64];

	if (strstr(line, "?") != NULL)
		return; /* sealed keys: test_psk */
	terminal_open(&t, false, 15);
	enter(&t, mode);
	prepare(&t, line);
	before = strdup(terminal_running(&t));
	terminal_lines(&t, line);
	after = strdup(terminal_running(&t));
	ck_assert_msg(strcmp(before, after) != 0, "changed nothing: %s", line);
	if ((row->flags & ROW_SECRET) == 0)
		ck_assert_msg(strstr(after, line) != NULL, "%s is not in\n%s", line, after);
	check_reads_back(&t);
	/* Twice is the same as once. */
	terminal_lines(&t, line);
	ck_assert_str_eq(terminal_running(&t), after);
	if ((row->flags & ROW_NO_NO) == 0 && row->no_words == NULL) {
		snprintf(undo, sizeof(undo), "no %.*s",
			 (int)(first == NULL ? strlen(line) : (size_t)(first - line)), line);
		terminal_lines(&t, undo);
		ck_assert_str_eq(terminal_running(&t), before);
		terminal_lines(&t, line);
		snprintf(undo, sizeof(undo), "default %.*s",
			 (int)(first == NULL ? strlen(line) : (size_t)(first - line)), line);
		terminal_lines(&t, undo);
		ck_assert_msg(strcmp(terminal_running(&t), before) == 0, "%s", undo);
	}
	free(before);
	free(after);
	terminal_close(&t);
}

static void check_row(const struct row *row)
{
	struct pattern_paths paths;

	ck_assert_int_eq(pattern_expand(row->words, &paths), 0);
	for (unsigned m = CMD_CONFIG; m < CMD_MODES; m++) {
		for (size_t i = 0; (row->modes & IN(m)) != 0 && i < paths.count; i++) {
			struct strbuf line;

			fill(&paths.paths[i], &line);
			check_line(row, (enum cmd_mode)m, line.text);
			strbuf_clear(&line);
		}
	}
	pattern_clear(&paths);
}

START_TEST(test_every_row_survives)
{
	size_t rows = 0;

	for (const struct row_table *const *p = row_tables(); *p != NULL; p++) {
		for (size_t i = 0; i < (*p)->count; i++) {
			const struct row *row = &(*p)->rows[i];

			if (row->handler != NULL)
				continue;
			check_row(row);
			rows++;
		}
	}
	ck_assert_uint_ge(rows, 30);
}
END_TEST

/* What makes a section worth writing. */
static const char *inner_line(const char *words)
{
	static const struct {
		const char *words, *line;
	} inner[] = {
		{"archive", "maximum 5"},
		{"auth-parameters", "encryption aes-gcm-128"},
		{"init-parameters", "encryption aes-gcm-128"},
	};

	for (size_t i = 0; i < ARRAY_LEN(inner); i++) {
		if (strcmp(inner[i].words, words) == 0)
			return inner[i].line;
	}
	return "!";
}

/* A section or text with a handler of its own; back to the mode, and `no` and `default` of it. */
static void check_section(const struct row *row, enum cmd_mode mode, const char *line,
			  const char *prefix)
{
	struct terminal t;
	char *before, *after, undo[160];

	terminal_open(&t, false, 15);
	enter(&t, mode);
	before = strdup(terminal_running(&t));
	terminal_lines(&t, line);
	terminal_lines(&t, inner_line(row->words));
	after = strdup(terminal_running(&t));
	ck_assert_msg(strcmp(before, after) != 0, "changed nothing: %s", line);
	check_reads_back(&t);
	terminal_lines(&t, "end");
	enter(&t, mode);
	ck_assert_str_eq(terminal_running(&t), after);
	terminal_lines(&t, line);
	terminal_lines(&t, "end");
	ck_assert_str_eq(terminal_running(&t), after);
	enter(&t, mode);
	snprintf(undo, sizeof(undo), "%s %s", prefix, line);
	terminal_lines(&t, undo);
	if (t.question[0] != '\0')
		terminal_answer(&t, "");
	ck_assert_msg(strcmp(terminal_running(&t), before) == 0, "%s leaves\n%s", undo,
		      terminal_running(&t));
	free(before);
	free(after);
	terminal_close(&t);
}

START_TEST(test_every_section_survives)
{
	const unsigned skipped = ROW_NO_NO | ROW_NOT_IN_FILE | ROW_HIDDEN;
	size_t rows = 0;

	for (const struct row_table *const *p = row_tables(); *p != NULL; p++) {
		for (size_t i = 0; i < (*p)->count; i++) {
			const struct row *row = &(*p)->rows[i];
			struct pattern_paths paths;

			if (row->handler == NULL || (row->flags & skipped) != 0 ||
			    (row->modes & IN(CMD_EXEC)) != 0)
				continue;
			ck_assert_int_eq(pattern_expand(row->words, &paths), 0);
			for (size_t k = 0; k < paths.count; k++) {
				struct strbuf line;
				enum cmd_mode mode =
					(row->modes & IN(CMD_SITE)) != 0 ? CMD_SITE : CMD_CONFIG;

				fill(&paths.paths[k], &line);
				/* a new rule must have a name */
				if (strcmp(line.text, "network-rule 65534") != 0) {
					check_section(row, mode, line.text, "no");
					check_section(row, mode, line.text, "default");
				}
				strbuf_clear(&line);
			}
			pattern_clear(&paths);
			rows++;
		}
	}
	ck_assert_uint_ge(rows, 10);
}
END_TEST

/* `no` with the whole line, and with `default`, for rows that say themselves what `no` takes. */
START_TEST(test_undo)
{
	static const struct {
		enum cmd_mode mode;
		const char *line, *undo;
	} cases[] = {
		{CMD_SITE, "destination primary ipv4 203.0.113.7", "no destination primary"},
		{CMD_SITE, "destination primary ipv4 203.0.113.7",
		 "default destination primary ipv4 203.0.113.7"},
		{CMD_SITE, "network-range hq:10.0.0.0/8", "no network-range hq"},
		{CMD_SITE, "network-range hq:10.0.0.0/8", "no network-range hq:10.0.0.0/8"},
		{CMD_SITE, "network lab 10.0.0.0/8", "no network lab"},
		{CMD_SITE, "network lab 10.0.0.0/8", "no network lab 10.0.0.0/8"},
		{CMD_SITE, "traffic-selector local 10.0.0.0/8", "no traffic-selector local"},
		{CMD_SITE, "traffic-selector peer 10.0.0.0/8",
		 "no traffic-selector peer 10.0.0.0/8"},
		{CMD_SITE, "license bandwidth 90", "default license bandwidth 90"},
		{CMD_SITE, "license bandwidth 90", "no license bandwidth"},
		{CMD_TUNNEL, "psk 0 aaaaaaaaaaaaaaaaaaaa", "no psk"},
		{CMD_TUNNEL, "ppk id x key 0 aaaaaaaaaaaaaaaaaaaa", "no ppk"},
		{CMD_TUNNEL, "ppk id x key 0 aaaaaaaaaaaaaaaaaaaa", "no ppk id x key"},
		{CMD_TUNNEL, "ppk required", "no ppk required"},
		{CMD_SITE, "redirect client", "no redirect client"},
		{CMD_SITE, "redirect gateway gw2.example.net", "no redirect gateway"},
		{CMD_SITE, "redirect gateway 192.0.2.7", "no redirect gateway 192.0.2.7"},
		{CMD_CONFIG, "username bob privilege 3", "no username bob"},
		{CMD_CONFIG, "username bob privilege 3", "default username bob privilege 3"},
		{CMD_CONFIG, "logging host 192.0.2.1", "no logging host 192.0.2.1"},
		{CMD_CONFIG, "logging host 192.0.2.1 transport udp port 99",
		 "no logging host 192.0.2.1 transport udp port 99"},
		{CMD_CONFIG, "logging host 192.0.2.1 transport tcp", "no logging host 192.0.2.1"},
		{CMD_CONFIG, "notify webhook https://a.example.net/x", "no notify webhook"},
		{CMD_CONFIG, "notify webhook https://a.example.net/x",
		 "no notify webhook https://a.example.net/x"},
		{CMD_CONFIG, "notify signing-secret long-enough", "no notify signing-secret"},
		{CMD_CONFIG, "notify email to a@example.net", "no notify email to"},
		{CMD_CONFIG, "notify email to a@example.net", "no notify email to a@example.net"},
		{CMD_CONFIG, "notify email relay mx.example.net security none",
		 "no notify email relay"},
		{CMD_CONFIG, "notify email login gw1 password x", "no notify email login"},
		{CMD_CONFIG, "notify ca-file /etc/ikesh/ca.pem", "no notify ca-file"},
		{CMD_CONFIG, "notify digest 5", "default notify digest"},
		{CMD_CONFIG, "line exec-timeout 10 5", "no line exec-timeout"},
		{CMD_CONFIG, "enable secret long-enough-secret", "no enable secret"},
		{CMD_CONFIG, "banner motd #x#", "no banner motd"},
		{CMD_SITE, "destination primary fqdn pop automatic", "no destination primary"},
		{CMD_SITE, "destination primary fqdn pop Munich",
		 "no destination primary fqdn pop Munich"},
		{CMD_POP, "address 203.0.113.10", "no address 203.0.113.10"},
		{CMD_POP, "location 48.13 11.58", "no location"},
		{CMD_ACCOUNT, "allocated-ip 203.0.113.10 pop Munich",
		 "no allocated-ip 203.0.113.10"},
		{CMD_BGP, "advertise 10.0.0.0/8", "no advertise"},
		{CMD_BGP, "advertise 10.0.0.0/8", "no advertise 10.0.0.0/8"},
		{CMD_BGP, "password a-password", "no password"},
		{CMD_NETRULE, "match source 10.0.0.0/8", "no match source"},
		{CMD_NETRULE, "match destination 10.0.0.1-10.0.0.9",
		 "no match destination 10.0.0.1-10.0.0.9"},
		{CMD_NETRULE, "match protocol tcp", "no match protocol"},
		{CMD_NETRULE, "match protocol 254", "no match protocol 254"},
		{CMD_NETRULE, "match source-port 80", "no match source-port"},
		{CMD_NETRULE, "match destination-port 1-2", "no match destination-port"},
		{CMD_NETRULE, "match dscp ef", "no match dscp"},
		{CMD_NETRULE, "match dscp 1", "default match dscp 1"},
		{CMD_NETRULE, "wan-role wan1 fallback wan2", "no wan-role"},
		{CMD_NETRULE, "site X", "no site"},
		{CMD_TUNNEL, "psk 0 aaaaaaaaaaaaaaaaaaaa", "no psk 0 aaaaaaaaaaaaaaaaaaaa"},
		{CMD_TUNNEL, "own-id ipv4 203.0.113.7", "no own-id ipv4"},
		{CMD_TUNNEL, "remote-id ipv4 10.0.0.1", "no remote-id"},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct terminal t;
		char *before;

		terminal_open(&t, false, 15);
		enter(&t, cases[i].mode);
		before = strdup(terminal_running(&t));
		terminal_lines(&t, cases[i].line);
		ck_assert_str_ne(terminal_running(&t), before);
		terminal_lines(&t, cases[i].undo);
		ck_assert_msg(strcmp(terminal_running(&t), before) == 0, "%s", cases[i].undo);
		free(before);
		terminal_close(&t);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("rows");
	TCase *tc = tcase_create("rows");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, test_rows_do_not_clash);
	tcase_add_test(tc, test_rows_are_described);
	tcase_add_test(tc, test_every_word_has_help);
	tcase_add_test(tc, test_args_are_sorted_and_sound);
	tcase_add_test(tc, test_every_row_survives);
	tcase_add_test(tc, test_every_section_survives);
	tcase_add_test(tc, test_undo);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
