/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Output by the screenful. */
#include "shell/ikesh/pager.h"

#include <regex.h>
#include <string.h>

#define MORE	    " --More-- "
#define PATTERN_MAX 120

void pager_init(struct pager *p, void (*write)(void *arg, const char *text, size_t len), void *arg)
{
	*p = (struct pager){.write = write, .arg = arg, .columns = 80};
	strbuf_init(&p->rest);
	strbuf_init(&p->line);
	strbuf_init(&p->pattern);
}

void pager_clear(struct pager *p)
{
	strbuf_clear(&p->rest);
	strbuf_clear(&p->line);
	strbuf_clear(&p->pattern);
}

void pager_size(struct pager *p, unsigned rows, unsigned columns)
{
	p->rows = rows;
	p->columns = columns < 2 ? 80 : columns;
}

static void say(struct pager *p, const char *text)
{
	p->write(p->arg, text, strlen(text));
}

/* The prompt line was ours: blank it. */
static void erase(struct pager *p, size_t width)
{
	say(p, "\r");
	for (size_t i = 0; i < width; i++)
		say(p, " ");
	say(p, "\r");
}

static bool is_full(const struct pager *p)
{
	return p->rows != 0 && !p->paused && p->row + 1 >= p->rows;
}

/* Where the cursor is after this octet: control sequences and UTF-8 continuations take no room. */
static void track(struct pager *p, unsigned char c)
{
	if (p->escape != 0) {
		if (p->escape == 1 && c == '[')
			p->escape = 2;
		else if (p->escape == 1 || (c >= 0x40 && c <= 0x7e))
			p->escape = 0;
		return;
	}
	if (c == 0x1b) {
		p->escape = 1;
	} else if (c == '\n') {
		p->row++;
		p->column = 0;
	} else if (c == '\r') {
		p->column = 0;
	} else if (c == '\t') {
		p->column = (p->column / 8 + 1) * 8;
	} else if (c >= 0x20 && (c & 0xc0) != 0x80) {
		if (p->column >= p->columns) {
			p->row++;
			p->column = 0;
		}
		p->column++;
	}
}

/* Shows what fits; returns how much that was. */
static size_t show(struct pager *p, const char *text, size_t len)
{
	size_t n = 0;

	while (n < len && !is_full(p))
		track(p, (unsigned char)text[n++]);
	if (n != 0)
		p->write(p->arg, text, n);
	return n;
}

/* Takes whole lines; returns how much it took, everything up to a match. */
static size_t search(struct pager *p, const char *text, size_t len)
{
	regex_t re;
	size_t at = 0;

	if (regcomp(&re, p->pattern.text, REG_EXTENDED | REG_NOSUB) != 0) {
		p->state = PAGER_SHOWS; /* checked when it was typed */
		return 0;
	}
	while (at < len && p->state == PAGER_SEARCHES) {
		const char *end = memchr(text + at, '\n', len - at);
		size_t n = end != NULL ? (size_t)(end - text) + 1 - at : len - at;

		strbuf_add_bytes(&p->line, text + at, n);
		at += n;
		if (end == NULL)
			break;
		if (regexec(&re, p->line.text, 0, NULL, 0) == 0)
			p->state = PAGER_SHOWS;
		else
			strbuf_reset(&p->line);
	}
	regfree(&re);
	if (p->state == PAGER_SHOWS) {
		(void)show(p, p->line.text, p->line.len);
		strbuf_reset(&p->line);
	}
	return at;
}

void pager_feed(struct pager *p, const char *text, size_t len)
{
	size_t at = 0;

	if (p->state == PAGER_DROPS)
		return;
	while (at < len) {
		if (p->state == PAGER_SEARCHES) {
			at += search(p, text + at, len - at);
		} else if (p->state == PAGER_SHOWS) {
			at += show(p, text + at, len - at);
			if (at < len && is_full(p)) {
				p->state = PAGER_WAITS;
				say(p, MORE);
			}
		} else {
			strbuf_add_bytes(&p->rest, text + at, len - at);
			return;
		}
	}
}

bool pager_waits(const struct pager *p)
{
	return p->state == PAGER_WAITS || p->state == PAGER_ASKS;
}

static void go_on(struct pager *p, enum pager_state state, unsigned row)
{
	struct strbuf rest = p->rest;

	strbuf_init(&p->rest);
	p->state = state;
	p->row = row;
	p->column = 0;
	pager_feed(p, rest.text, rest.len);
	strbuf_clear(&rest);
}

static void begin_search(struct pager *p)
{
	regex_t re;

	erase(p, p->pattern.len + 1);
	if (p->pattern.len == 0 || regcomp(&re, p->pattern.text, REG_EXTENDED | REG_NOSUB) != 0) {
		if (p->pattern.len != 0)
			say(p, "(no regular expression) ");
		say(p, MORE);
		p->state = PAGER_WAITS;
		return;
	}
	regfree(&re);
	say(p, "filtering...\n");
	go_on(p, PAGER_SEARCHES, 1);
}

static void edit_pattern(struct pager *p, char key)
{
	if (key == '\r' || key == '\n') {
		begin_search(p);
	} else if (key == '\b' || key == 0x7f) {
		if (p->pattern.len != 0) {
			p->pattern.text[--p->pattern.len] = '\0';
			say(p, "\b \b");
		}
	} else if ((unsigned char)key >= 0x20 && p->pattern.len < PATTERN_MAX) {
		strbuf_add_char(&p->pattern, key);
		p->write(p->arg, &key, 1);
	}
}

bool pager_key(struct pager *p, char key)
{
	if (p->state == PAGER_ASKS) {
		edit_pattern(p, key);
		return true;
	}
	if (p->state != PAGER_WAITS)
		return true;
	switch (key) {
	case ' ':
		erase(p, sizeof(MORE) - 1);
		go_on(p, PAGER_SHOWS, 0);
		return true;
	case '\r':
	case '\n':
		erase(p, sizeof(MORE) - 1);
		go_on(p, PAGER_SHOWS, p->rows >= 2 ? p->rows - 2 : 0);
		return true;
	case '/':
		erase(p, sizeof(MORE) - 1);
		say(p, "/");
		strbuf_reset(&p->pattern);
		p->state = PAGER_ASKS;
		return true;
	case 'q':
	case 'Q':
	case 'Z' & 0x1f:
		pager_drop(p);
		return false;
	default:
		return true;
	}
}

void pager_pause(struct pager *p, bool paused)
{
	p->paused = paused;
	if (paused && pager_waits(p)) {
		erase(p, p->state == PAGER_WAITS ? sizeof(MORE) - 1 : p->pattern.len + 1);
		go_on(p, PAGER_SHOWS, 0);
	}
}

void pager_drop(struct pager *p)
{
	if (p->state == PAGER_WAITS)
		erase(p, sizeof(MORE) - 1);
	else if (p->state == PAGER_ASKS)
		erase(p, p->pattern.len + 1);
	else if (p->column != 0)
		say(p, "\n");
	strbuf_reset(&p->rest);
	p->state = PAGER_DROPS;
}

void pager_end(struct pager *p)
{
	if (p->state == PAGER_SEARCHES) {
		say(p, "(no line matches)\n");
	} else if (p->state != PAGER_DROPS && p->column != 0) {
		say(p, "\n");
	}
	p->state = PAGER_SHOWS;
	p->row = 0;
	p->column = 0;
	p->escape = 0;
	strbuf_reset(&p->rest);
	strbuf_reset(&p->line);
}
