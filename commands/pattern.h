/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Row patterns ("show x [site <site>] {a | b}") written out as the plain sequences of words that
 * they stand for.
 */
#ifndef COMMANDS_PATTERN_H
#define COMMANDS_PATTERN_H

#include "platform/base/err.h"

#include <stddef.h>

#define PATTERN_WORDS	  14
#define PATTERN_WORD_MAX  40
#define PATTERN_PATHS_MAX 96

struct pattern_path {
	size_t count;
	char words[PATTERN_WORDS][PATTERN_WORD_MAX]; /* "site", "<site>" */
};

struct pattern_paths {
	size_t count;
	struct pattern_path *paths; /* owned */
};

/* ERR_INVALID: brackets do not match; ERR_NO_SPACE: too long or too many. */
int pattern_expand(const char *pattern, struct pattern_paths *out) WARN_UNUSED;
/* All beginnings of the paths, shortest first: what `no` takes when a row says nothing. */
void pattern_prefixes(const struct pattern_paths *in, struct pattern_paths *out);
void pattern_clear(struct pattern_paths *p);

#endif
