/* SPDX-License-Identifier: GPL-3.0-or-later */
/* No command begins with a word that ends like a prompt, so that its text alone tells. */
#include "commands/copied_prompt.h"

#include <string.h>

static const char name_chars[] =
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";

size_t copied_prompt_len(const char *line, size_t *depth)
{
	size_t at = strspn(line, name_chars);

	*depth = 0;
	if (at == 0)
		return 0;
	if (strncmp(line + at, "(config", 7) == 0) {
		size_t len = strspn(line + at + 1, name_chars);

		if (strncmp(line + at + 1 + len, ")#", 2) != 0)
			return 0;
		for (size_t i = 0; i <= len; i++)
			*depth += i == len || line[at + 1 + i] == '-';
		at += len + 2;
	} else if (line[at] != '#' && line[at] != '>') {
		return 0;
	}
	return at + 1 + strspn(line + at + 1, " \t");
}
