/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Growing string.  Text may hold secrets until strbuf_wipe, so growing leaves no copy behind in
 * freed memory.
 */
#include "platform/base/strbuf.h"

#include "platform/base/mem.h"
#include "platform/base/secret.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STRBUF_FIRST 64

void strbuf_init(struct strbuf *s)
{
	s->text = mem_zalloc(STRBUF_FIRST);
	s->len = 0;
	s->cap = STRBUF_FIRST;
}

void strbuf_clear(struct strbuf *s)
{
	free(s->text);
	*s = (struct strbuf){.text = NULL};
}

void strbuf_reset(struct strbuf *s)
{
	s->len = 0;
	if (s->text != NULL)
		s->text[0] = '\0';
}

void strbuf_wipe(struct strbuf *s)
{
	if (s->text != NULL)
		bytes_wipe(s->text, s->cap);
	strbuf_clear(s);
}

/* Room for extra more bytes and the NUL. */
static void reserve(struct strbuf *s, size_t extra)
{
	size_t cap = s->cap == 0 ? STRBUF_FIRST : s->cap;
	char *text;

	if (extra >= SIZE_MAX / 2 - s->len)
		abort();
	while (cap < s->len + extra + 1)
		cap *= 2;
	if (cap == s->cap)
		return;
	text = mem_zalloc(cap);
	if (s->text != NULL) {
		memcpy(text, s->text, s->len);
		bytes_wipe(s->text, s->cap);
		free(s->text);
	}
	s->text = text;
	s->cap = cap;
}

void strbuf_add(struct strbuf *s, const char *text)
{
	strbuf_add_bytes(s, text, strlen(text));
}

void strbuf_add_bytes(struct strbuf *s, const void *data, size_t len)
{
	reserve(s, len);
	if (len != 0)
		memcpy(s->text + s->len, data, len);
	s->len += len;
	s->text[s->len] = '\0';
}

void strbuf_add_char(struct strbuf *s, char c)
{
	strbuf_add_bytes(s, &c, 1);
}

void strbuf_printf(struct strbuf *s, const char *fmt, ...)
{
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	if (len <= 0)
		return;
	reserve(s, (size_t)len);
	va_start(args, fmt);
	(void)vsnprintf(s->text + s->len, (size_t)len + 1, fmt, args);
	va_end(args);
	s->len += (size_t)len;
}

char *strbuf_take(struct strbuf *s)
{
	char *text = s->text;

	strbuf_init(s);
	return text;
}
