/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Output by the screenful: --More-- with space, Enter, q and /REGEX.  Takes text and keys, writes
 * through a callback; knows neither terminal nor connection.  What it cannot show yet it keeps, so
 * the caller reads no further while pager_waits().
 */
#ifndef SHELL_IKESH_PAGER_H
#define SHELL_IKESH_PAGER_H

#include "platform/base/strbuf.h"

#include <stdbool.h>
#include <stddef.h>

enum pager_state {
	PAGER_SHOWS,
	PAGER_WAITS,	/* at --More-- */
	PAGER_ASKS,	/* at /REGEX */
	PAGER_SEARCHES, /* drops lines up to the first that matches */
	PAGER_DROPS,	/* after q */
};

struct pager {
	void (*write)(void *arg, const char *text, size_t len);
	void *arg;
	unsigned rows, columns; /* of the screen; rows 0: no paging */
	enum pager_state state;
	bool paused;
	unsigned row, column; /* shown since the last key */
	unsigned escape;      /* inside a terminal control sequence */
	struct strbuf rest;   /* not shown yet */
	struct strbuf line;   /* while searching */
	struct strbuf pattern;
};

void pager_init(struct pager *p, void (*write)(void *arg, const char *text, size_t len), void *arg);
void pager_clear(struct pager *p);
void pager_size(struct pager *p, unsigned rows, unsigned columns);
void pager_feed(struct pager *p, const char *text, size_t len);
/* A key is needed to go on. */
bool pager_waits(const struct pager *p);
/* False: the operator has had enough (q, Ctrl-C is the caller's). */
bool pager_key(struct pager *p, char key);
/* Show nothing more until pager_end; takes --More-- off the screen. */
void pager_drop(struct pager *p);
/* No paging up to the next call; what waits is shown. */
void pager_pause(struct pager *p, bool paused);
/* The output is complete; ready for the next.  Only when not waiting. */
void pager_end(struct pager *p);

#endif
