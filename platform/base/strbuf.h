/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A growing, always NUL-terminated string; out of memory aborts. */
#ifndef PLATFORM_BASE_STRBUF_H
#define PLATFORM_BASE_STRBUF_H

#include "platform/base/err.h"

#include <stddef.h>

struct strbuf {
	char *text; /* never NULL after strbuf_init */
	size_t len;
	size_t cap;
};

void strbuf_init(struct strbuf *s);
void strbuf_clear(struct strbuf *s); /* frees; s may be initialised again */
void strbuf_reset(struct strbuf *s); /* empty, memory kept */
void strbuf_wipe(struct strbuf *s);  /* overwrite the bytes, then clear */
void strbuf_add(struct strbuf *s, const char *text);
void strbuf_add_bytes(struct strbuf *s, const void *data, size_t len);
void strbuf_add_char(struct strbuf *s, char c);
void strbuf_printf(struct strbuf *s, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* The caller frees the text with free(); s is empty and initialised afterwards. */
char *strbuf_take(struct strbuf *s);

#endif
