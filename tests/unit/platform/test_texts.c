/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The small text modules: err.c, enum_name.c, log.c, strbuf.c, duration.c, time_text.c.  Times were
 * made with date(1): date -u -d @SECONDS.
 */
#include "platform/base/duration.h"
#include "platform/base/enum_name.h"
#include "platform/base/err.h"
#include "platform/base/log.h"
#include "platform/base/mem.h"
#include "platform/base/strbuf.h"
#include "platform/os/time_text.h"
#include "tests/unit/platform/suite.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

START_TEST(test_err_texts)
{
	char longer[ERR_TEXT_MAX + 50];
	struct err_msg e;

	ck_assert_int_eq(err_set(&e, ERR_RANGE, "site %s: %d", "x", 3), ERR_RANGE);
	ck_assert_int_eq(e.code, ERR_RANGE);
	ck_assert_str_eq(e.text, "site x: 3");
	ck_assert_int_eq(err_sys(&e, ENOENT, "open %s", "/x"), ERR_SYSTEM);
	ck_assert_int_eq(e.code, ERR_SYSTEM);
	ck_assert_str_eq(e.text, "open /x: No such file or directory");
	ck_assert_int_eq(err_sys(&e, 99999, "x"), ERR_SYSTEM);
	ck_assert_str_eq(e.text, "x: error 99999");
	ck_assert_int_eq(err_set(NULL, ERR_BUSY, "x"), ERR_BUSY);
	ck_assert_int_eq(err_sys(NULL, ENOENT, "x"), ERR_SYSTEM);
	memset(longer, 'a', sizeof(longer));
	longer[sizeof(longer) - 1] = '\0';
	(void)err_sys(&e, ENOENT, "%s", longer);
	ck_assert_uint_eq(strlen(e.text), ERR_TEXT_MAX - 1);
}
END_TEST

START_TEST(test_err_names)
{
	ck_assert_str_eq(err_name(ERR_OK), "ok");
	ck_assert_str_eq(err_name(ERR_INVALID), "invalid");
	ck_assert_str_eq(err_name(ERR_RANGE), "range");
	ck_assert_str_eq(err_name(ERR_BUSY), "busy");
	ck_assert_str_eq(err_name(ERR_CRYPTO), "crypto");
	ck_assert_str_eq(err_name(ERR_WRONG_STATE), "state");
	ck_assert_str_eq(err_name(-13), "unknown");
	ck_assert_str_eq(err_name(1), "unknown");
	ck_assert_str_eq(err_name(INT32_MIN), "unknown");
}
END_TEST

START_TEST(test_enum_both_ways)
{
	static const struct enum_name table[] = {{-1, "below"},
						 {2, "aes-gcm-256"},
						 {5, "x"},
						 {0, NULL}};
	int value = 77;

	ck_assert_str_eq(enum_name(table, 2), "aes-gcm-256");
	ck_assert_str_eq(enum_name(table, -1), "below");
	ck_assert_str_eq(enum_name(table, 3), "unknown");
	ck_assert_str_eq(enum_name(table, 0), "unknown"); /* the end is no row */
	ck_assert_int_eq(enum_value(table, "AES-gcm-256", &value), 0);
	ck_assert_int_eq(value, 2);
	ck_assert_int_eq(enum_value(table, "aes", &value), ERR_NOT_FOUND);
	ck_assert_int_eq(enum_value(table, "", &value), ERR_NOT_FOUND);
	ck_assert_int_eq(value, 2);
}
END_TEST

struct seen {
	int lines;
	enum log_level level;
	enum log_category category;
	char line[2048];
};

static void keep_line(void *arg, enum log_level level, enum log_category category, const char *line)
{
	struct seen *seen = arg;

	seen->lines++;
	seen->level = level;
	seen->category = category;
	(void)snprintf(seen->line, sizeof(seen->line), "%s", line);
}

START_TEST(test_log_levels_and_lines)
{
	struct seen seen = {.lines = 0};
	struct log log = {.level = LOG_LVL_NOTICE, .sink = keep_line, .arg = &seen};
	char big[3000];

	log_line(&log, LOG_LVL_NOTICE, LOG_CHILD, "SPI %08x", 0xc82f01aaU);
	ck_assert_int_eq(seen.lines, 1);
	ck_assert_int_eq(seen.level, LOG_LVL_NOTICE);
	ck_assert_int_eq(seen.category, LOG_CHILD);
	ck_assert_str_eq(seen.line, "SPI c82f01aa");
	log_line(&log, LOG_LVL_INFO, LOG_IKE, "too quiet");
	ck_assert_int_eq(seen.lines, 1);
	log_line(NULL, LOG_LVL_ERROR, LOG_IKE, "nowhere");
	/* a peer's text can neither begin a new line nor move the cursor */
	log_line(&log, LOG_LVL_ERROR, LOG_IKE, "id %s", "a\nb\x1b[2Jc\x7f");
	ck_assert_str_eq(seen.line, "id a?b?[2Jc?");
	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	log_line(&log, LOG_LVL_ERROR, LOG_IKE, "%s", big);
	ck_assert_uint_eq(strlen(seen.line), 1023);
}
END_TEST

START_TEST(test_log_names)
{
	enum log_level level = LOG_LVL_ERROR;

	ck_assert_str_eq(log_category_name(LOG_MAIN), "main");
	ck_assert_str_eq(log_category_name(LOG_CLI), "cli");
	ck_assert_str_eq(log_category_name(LOG_CATEGORY_COUNT), "unknown");
	for (enum log_level l = LOG_LVL_ERROR; l <= LOG_LVL_DEBUG; l++) {
		ck_assert_int_eq(log_level_parse(log_level_name(l), &level), 0);
		ck_assert_int_eq(level, l);
	}
	ck_assert_int_eq(log_level_parse("WARNING", &level), 0);
	ck_assert_int_eq(level, LOG_LVL_WARNING);
	ck_assert_int_eq(log_level_parse("warn", &level), ERR_INVALID);
	ck_assert_int_eq(log_level_parse("", &level), ERR_INVALID);
	ck_assert_int_eq(level, LOG_LVL_WARNING);
}
END_TEST

START_TEST(test_strbuf_grows)
{
	struct strbuf s;
	char *text;

	strbuf_init(&s);
	ck_assert_str_eq(s.text, "");
	for (unsigned i = 0; i < 10000; i++) {
		strbuf_printf(&s, "%u", i % 10);
		ck_assert_uint_eq(s.len, i + 1);
		ck_assert_int_eq(s.text[s.len], '\0');
	}
	for (unsigned i = 0; i < 10000; i++)
		ck_assert_int_eq(s.text[i], (char)('0' + i % 10));
	strbuf_reset(&s);
	ck_assert_str_eq(s.text, "");
	strbuf_add(&s, "ab");
	strbuf_add_char(&s, 'c');
	strbuf_add_bytes(&s, "d\0e", 3);
	strbuf_add_bytes(&s, NULL, 0);
	ck_assert_uint_eq(s.len, 6);
	ck_assert_mem_eq(s.text, "abcd\0e", 7);
	strbuf_printf(&s, "%s", "");
	ck_assert_uint_eq(s.len, 6);
	text = strbuf_take(&s);
	ck_assert_mem_eq(text, "abcd\0e", 7);
	free(text);
	ck_assert_str_eq(s.text, "");
	strbuf_wipe(&s);
	strbuf_clear(&s);
	strbuf_init(&s);
	strbuf_clear(&s);
}
END_TEST

/* Lengths on both sides of every capacity. */
START_TEST(test_strbuf_boundaries)
{
	char text[300];

	for (size_t len = 0; len < sizeof(text); len++) {
		struct strbuf s;

		memset(text, 'q', len);
		text[len] = '\0';
		strbuf_init(&s);
		strbuf_add(&s, text);
		ck_assert_str_eq(s.text, text);
		strbuf_reset(&s);
		strbuf_printf(&s, "%s", text);
		ck_assert_str_eq(s.text, text);
		strbuf_clear(&s);
	}
}
END_TEST

START_TEST(test_durations)
{
	static const struct {
		uint64_t s;
		const char *text;
		const char *brief;
	} rows[] = {
		{0, "00:00:00", "0 s"},
		{41, "00:00:41", "41 s"},
		{59, "00:00:59", "59 s"},
		{60, "00:01:00", "1m00s"},
		{750, "00:12:30", "12m30s"},
		{3599, "00:59:59", "59m59s"},
		{3600, "01:00:00", "1h00m"},
		{17280, "04:48:00", "4h48m"},
		{86399, "23:59:59", "23h59m"},
		{86400, "1d00h", "1d00h"},
		{UINT64_C(3) * 86400 + UINT64_C(4) * 3600 + 3599, "3d04h", "3d04h"},
		{UINT64_C(7) * 86400 - 1, "6d23h", "6d23h"},
		{UINT64_C(7) * 86400, "1w0d", "1w0d"},
		{UINT64_C(17) * 86400, "2w3d", "2w3d"},
	};
	char buf[DURATION_TEXT_MAX];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint64_t ms = rows[i].s * 1000 + 999; /* rounded down */

		ck_assert_str_eq(duration_text(ms, buf, sizeof(buf)), rows[i].text);
		ck_assert_str_eq(duration_short(ms, buf, sizeof(buf)), rows[i].brief);
	}
	ck_assert_uint_lt(strlen(duration_text(UINT64_MAX, buf, sizeof(buf))), sizeof(buf) - 1);
	ck_assert_str_eq(duration_text(2467000, buf, 4), "00:");
}
END_TEST

START_TEST(test_times)
{
	static const struct {
		uint64_t ms;
		const char *iso;
		const char *log;
	} rows[] = {
		{0, "1970-01-01T00:00:00Z", "Jan  1 00:00:00.000"},
		{951782400000, "2000-02-29T00:00:00Z", "Feb 29 00:00:00.000"},
		{1795442402000, "2026-11-23T14:00:02Z", "Nov 23 14:00:02.000"},
		{1795442552118, "2026-11-23T14:02:32Z", "Nov 23 14:02:32.118"},
		{4102444799999, "2099-12-31T23:59:59Z", "Dec 31 23:59:59.999"},
	};
	char buf[TIME_TEXT_MAX];

	ck_assert_int_eq(setenv("TZ", "America/New_York", 1), 0); /* always UTC */
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ck_assert_str_eq(time_text_iso(rows[i].ms, buf, sizeof(buf)), rows[i].iso);
		ck_assert_str_eq(time_text_log(rows[i].ms, buf, sizeof(buf)), rows[i].log);
	}
	ck_assert_uint_lt(strlen(time_text_iso(UINT64_MAX, buf, sizeof(buf))), sizeof(buf) - 1);
	ck_assert_uint_lt(strlen(time_text_log(UINT64_MAX, buf, sizeof(buf))), sizeof(buf) - 1);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		test_err_texts,
		test_err_names,
		test_enum_both_ways,
		test_log_levels_and_lines,
		test_log_names,
		test_strbuf_grows,
		test_strbuf_boundaries,
		test_durations,
		test_times,
	};

	return run_cases("texts", tests, ARRAY_LEN(tests));
}
