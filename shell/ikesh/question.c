/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The answer to a question.  Hidden answers are never written anywhere and wiped at the end. */
#include "shell/ikesh/question.h"

#include "platform/base/secret.h"

#include <string.h>

enum { KEY_CTRL_C = 3, KEY_CTRL_D = 4, KEY_CTRL_U = 21, KEY_ESCAPE = 27, KEY_DELETE = 127 };

void question_begin(struct question *q, bool hidden)
{
	q->hidden = hidden;
	q->escape = 0;
	q->len = 0;
	q->text[0] = '\0';
}

void question_end(struct question *q)
{
	bytes_wipe(q->text, sizeof(q->text));
	q->len = 0;
}

static void echo(struct question *q, const char *text)
{
	if (!q->hidden)
		q->write(q->arg, text, strlen(text));
}

static void rub_out(struct question *q)
{
	if (q->len == 0)
		return;
	/* all octets of one UTF-8 character */
	do
		q->len--;
	while (q->len != 0 && ((unsigned char)q->text[q->len] & 0xc0) == 0x80);
	q->text[q->len] = '\0';
	echo(q, "\b \b");
}

/* Arrow keys, and the marks around a paste, are no part of an answer. */
static bool in_escape(struct question *q, unsigned char key)
{
	if (q->escape == 0) {
		if (key != KEY_ESCAPE)
			return false;
		q->escape = 1;
	} else if (q->escape == 1) {
		q->escape = key == '[' || key == 'O' ? 2 : 0;
	} else if (key >= 0x40 && key <= 0x7e) {
		q->escape = 0;
	}
	return true;
}

static void add(struct question *q, char key)
{
	char text[2] = {key, '\0'};

	if (q->len == QUESTION_ANSWER_MAX) {
		q->write(q->arg, "\a", 1);
		return;
	}
	q->text[q->len++] = key;
	q->text[q->len] = '\0';
	echo(q, text);
}

enum question_result question_key(struct question *q, char key)
{
	bool after_return = q->after_return;

	q->after_return = false;
	if (in_escape(q, (unsigned char)key))
		return QUESTION_GOES_ON;
	switch (key) {
	case '\n':
		if (after_return && q->len == 0)
			return QUESTION_GOES_ON;
		return QUESTION_ANSWERED;
	case '\r':
		q->after_return = true;
		return QUESTION_ANSWERED;
	case KEY_CTRL_C:
		return QUESTION_CANCELLED;
	case KEY_CTRL_D:
		return q->len == 0 ? QUESTION_CANCELLED : QUESTION_GOES_ON;
	case KEY_CTRL_U:
		while (q->len != 0)
			rub_out(q);
		return QUESTION_GOES_ON;
	case '\b':
	case KEY_DELETE:
		rub_out(q);
		return QUESTION_GOES_ON;
	default:
		if ((unsigned char)key >= 0x20)
			add(q, key);
		return QUESTION_GOES_ON;
	}
}
