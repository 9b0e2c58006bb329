/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Diagnostic log for developers and support: leveled, by category, to a sink that main chooses.
 * What operators read are events (dataplane/event.h).  Keys never go in, at any level.
 */
#ifndef PLATFORM_BASE_LOG_H
#define PLATFORM_BASE_LOG_H

#include "platform/base/err.h"

#include <stdbool.h>

enum log_level { LOG_LVL_ERROR, LOG_LVL_WARNING, LOG_LVL_NOTICE, LOG_LVL_INFO, LOG_LVL_DEBUG };

enum log_category {
	LOG_MAIN,
	LOG_IKE,
	LOG_CHILD,
	LOG_NET,
	LOG_XFRM,
	LOG_ESP,
	LOG_NFT,
	LOG_BGP,
	LOG_PATH,
	LOG_CLI,
	LOG_CATEGORY_COUNT
};

struct log {
	enum log_level level;
	/* One finished line without newline. */
	void (*sink)(void *arg, enum log_level level, enum log_category category, const char *line);
	void *arg;
};

/* log may be NULL: nothing happens. */
void log_line(const struct log *log, enum log_level level, enum log_category category,
	      const char *fmt, ...) PRINTF_LIKE(4, 5);
static inline bool log_wants(const struct log *log, enum log_level level)
{
	return log != 0 && level <= log->level;
}
const char *log_level_name(enum log_level level);
const char *log_category_name(enum log_category category);
int log_level_parse(const char *text, enum log_level *out) WARN_UNUSED;

#endif
