/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Formats log lines and hands them to the sink.  Never writes anywhere itself. */
#include "platform/base/log.h"

#include "platform/base/mem.h"

#include <stdio.h>
#include <strings.h>

#define LOG_LINE_MAX 1024

static const char *const level_names[] = {"error", "warning", "notice", "info", "debug"};
static const char *const category_names[] = {"main", "ike", "child", "net",  "xfrm",
					     "esp",  "nft", "bgp",   "path", "cli"};

_Static_assert(ARRAY_LEN(category_names) == LOG_CATEGORY_COUNT, "every category has a name");
_Static_assert(ARRAY_LEN(level_names) == LOG_LVL_DEBUG + 1, "every level has a name");

void log_line(const struct log *log, enum log_level level, enum log_category category,
	      const char *fmt, ...)
{
	char line[LOG_LINE_MAX];
	va_list args;
	int len;

	if (!log_wants(log, level) || log->sink == NULL)
		return;
	va_start(args, fmt);
	len = vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	if (len < 0)
		return;
	/* Texts may come from a peer: one event stays one line, without terminal escapes. */
	for (char *p = line; *p != '\0'; p++) {
		if ((unsigned char)*p < 0x20 || (unsigned char)*p == 0x7f)
			*p = '?';
	}
	log->sink(log->arg, level, category, line);
}

const char *log_level_name(enum log_level level)
{
	return (size_t)level < ARRAY_LEN(level_names) ? level_names[level] : "unknown";
}

const char *log_category_name(enum log_category category)
{
	return (size_t)category < ARRAY_LEN(category_names) ? category_names[category] : "unknown";
}

int log_level_parse(const char *text, enum log_level *out)
{
	for (size_t i = 0; i < ARRAY_LEN(level_names); i++) {
		if (strcasecmp(text, level_names[i]) == 0) {
			*out = (enum log_level)i;
			return 0;
		}
	}
	return ERR_INVALID;
}
