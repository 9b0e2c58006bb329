/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The answer to a question of the appliance, typed with or without echo. */
#ifndef SHELL_IKESH_QUESTION_H
#define SHELL_IKESH_QUESTION_H

#include <stdbool.h>
#include <stddef.h>

#define QUESTION_ANSWER_MAX 1024

struct question {
	bool hidden;
	bool after_return; /* the question before ended by CR: a LF behind it belongs to it */
	unsigned escape;   /* inside a terminal control sequence */
	size_t len;
	char text[QUESTION_ANSWER_MAX + 1];
	void (*write)(void *arg, const char *text, size_t len);
	void *arg;
};

enum question_result { QUESTION_GOES_ON, QUESTION_ANSWERED, QUESTION_CANCELLED };

void question_begin(struct question *q, bool hidden);
enum question_result question_key(struct question *q, char key);
/* Wipes the answer. */
void question_end(struct question *q);

#endif
