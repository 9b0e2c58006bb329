/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers typed with and without echo. */
#include "platform/base/mem.h"
#include "platform/base/strbuf.h"
#include "shell/ikesh/question.h"
#include "tests/unit/platform/suite.h"

#include <string.h>

static struct strbuf screen;

static void write_screen(void *arg, const char *text, size_t len)
{
	(void)arg;
	strbuf_add_bytes(&screen, text, len);
}

static void setup(struct question *q, bool hidden)
{
	*q = (struct question){.write = write_screen};
	strbuf_init(&screen);
	question_begin(q, hidden);
}

static enum question_result type(struct question *q, const char *keys)
{
	enum question_result r = QUESTION_GOES_ON;

	for (; *keys != '\0' && r == QUESTION_GOES_ON; keys++)
		r = question_key(q, *keys);
	ck_assert_int_eq(*keys, '\0'); /* it did not end early */
	return r;
}

START_TEST(test_hidden_writes_nothing)
{
	struct question q;

	setup(&q, true);
	ck_assert_int_eq(type(&q, "s3\bcret|#\\!?\r"), QUESTION_ANSWERED);
	ck_assert_str_eq(q.text, "scret|#\\!?");
	ck_assert_uint_eq(screen.len, 0);
	question_end(&q);
	for (size_t i = 0; i < sizeof(q.text); i++)
		ck_assert_int_eq(q.text[i], 0);
	strbuf_clear(&screen);
}
END_TEST

START_TEST(test_echo_and_editing)
{
	struct question q;

	setup(&q, false);
	ck_assert_int_eq(type(&q, "nx\x7f"
				  "o\x15yes\n"),
			 QUESTION_ANSWERED);
	ck_assert_str_eq(q.text, "yes");
	ck_assert_str_eq(screen.text, "nx\b \bo\b \b\b \byes");
	strbuf_clear(&screen);
}
END_TEST

START_TEST(test_cancelled)
{
	struct question q;

	setup(&q, false);
	ck_assert_int_eq(type(&q, "ab\x04"
				  "c\x03"),
			 QUESTION_CANCELLED);
	question_begin(&q, false);
	ck_assert_int_eq(type(&q, "\x04"), QUESTION_CANCELLED);
	strbuf_clear(&screen);
}
END_TEST

/* A terminal brackets what is pasted, and sends sequences for arrows. */
START_TEST(test_control_sequences_are_no_answer)
{
	struct question q;

	setup(&q, true);
	ck_assert_int_eq(type(&q, "\033[200~pasted\033[201~\033[A\033OB\r"), QUESTION_ANSWERED);
	ck_assert_str_eq(q.text, "pasted");
	strbuf_clear(&screen);
}
END_TEST

START_TEST(test_return_newline_is_one_end)
{
	struct question q;

	setup(&q, true);
	ck_assert_int_eq(type(&q, "one\r"), QUESTION_ANSWERED);
	question_begin(&q, true);
	ck_assert_int_eq(type(&q, "\ntwo\r"), QUESTION_ANSWERED);
	ck_assert_str_eq(q.text, "two");
	question_begin(&q, true);
	ck_assert_int_eq(type(&q, "\r"), QUESTION_ANSWERED);
	ck_assert_str_eq(q.text, "");
	strbuf_clear(&screen);
}
END_TEST

START_TEST(test_longest)
{
	struct question q;

	setup(&q, true);
	for (int i = 0; i < QUESTION_ANSWER_MAX; i++)
		ck_assert_int_eq(question_key(&q, 'x'), QUESTION_GOES_ON);
	ck_assert_uint_eq(screen.len, 0);
	ck_assert_int_eq(question_key(&q, 'y'), QUESTION_GOES_ON);
	ck_assert_str_eq(screen.text, "\a");
	ck_assert_uint_eq(strlen(q.text), QUESTION_ANSWER_MAX);
	strbuf_clear(&screen);
}
END_TEST

START_TEST(test_rub_out_whole_characters)
{
	struct question q;

	setup(&q, false);
	ck_assert_int_eq(type(&q, "a\xc3\xa4\x7f\r"), QUESTION_ANSWERED);
	ck_assert_str_eq(q.text, "a");
	strbuf_clear(&screen);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		test_hidden_writes_nothing,
		test_echo_and_editing,
		test_cancelled,
		test_control_sequences_are_no_answer,
		test_return_newline_is_one_end,
		test_longest,
		test_rub_out_whole_characters,
	};

	return run_cases("question", tests, ARRAY_LEN(tests));
}
