/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The table of words that secrets follow.  A test holds that every row with a secret is covered.
 */
#include "commands/secret_line.h"

#include "platform/base/mem.h"
#include "platform/base/secret.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* The secret is what follows `word` in a line that begins with `first`. */
static const struct {
	const char *first, *word;
} secrets[] = {
	{"enable", "secret"},	  {"key", "password-encrypt"},
	{"password", "password"}, {"ppk", "key"},
	{"psk", "psk"},		  {"username", "secret"},
	{"notify", "webhook"},	  {"notify", "signing-secret"},
	{"dns", "key"},
};

/* In any place, when it is written out. */
static const char *const anywhere[] = {"password", "password-encrypt", "psk", "secret",
				       "signing-secret"};

static const char blanks[] = " \t\r";

static bool equals(const char *word, size_t len, const char *full)
{
	return len == strlen(full) && strncasecmp(word, full, len) == 0;
}

static bool abbreviates(const char *word, size_t len, size_t least, const char *full)
{
	return len >= least && len <= strlen(full) && strncasecmp(word, full, len) == 0;
}

static bool is_keyword(const char *first, size_t first_len, const char *word, size_t len)
{
	for (size_t i = 0; i < ARRAY_LEN(anywhere); i++) {
		if (equals(word, len, anywhere[i]))
			return true;
	}
	for (size_t i = 0; i < ARRAY_LEN(secrets); i++) {
		bool same = strcmp(secrets[i].first, secrets[i].word) == 0;

		if (!abbreviates(first, first_len, 2, secrets[i].first))
			continue;
		if (same ? word == first
			 : word != first && abbreviates(word, len, 1, secrets[i].word))
			return true;
	}
	return false;
}

/* Words in front that change nothing. */
static bool is_prefix(const char *word, size_t len)
{
	return equals(word, len, "no") || equals(word, len, "default") || equals(word, len, "do");
}

size_t secret_line_at(const char *line)
{
	const char *first = NULL, *p = line;
	size_t first_len = 0;

	for (;;) {
		const char *rest;
		size_t len;

		p += strspn(p, blanks);
		/* A difference has a sign in front. */
		if (first == NULL && (*p == '+' || *p == '-'))
			p++;
		len = strcspn(p, " \t\r");
		if (len == 0)
			return SECRET_LINE_NONE;
		if (first == NULL && !is_prefix(p, len)) {
			first = p;
			first_len = len;
		}
		rest = p + len + strspn(p + len, blanks);
		if (first != NULL && *rest != '\0' && is_keyword(first, first_len, p, len))
			return (size_t)(rest - line);
		p += len;
	}
}

void secret_line_mask(const char *line, size_t len, struct strbuf *out)
{
	char *copy = mem_zalloc(len + 1);
	size_t at;

	memcpy(copy, line, len);
	at = secret_line_at(copy);
	if (at == SECRET_LINE_NONE) {
		strbuf_add_bytes(out, line, len);
	} else {
		strbuf_add_bytes(out, line, at);
		strbuf_add(out, "<hidden>");
	}
	bytes_wipe(copy, len);
	free(copy);
}
