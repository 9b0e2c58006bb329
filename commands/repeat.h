/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Repeat suppression: a story of one thing (kind, site, tunnel) that opens again within an interval
 * is not told again at once; when the interval is over, the latest is told, with how many there
 * were.  Decides only; knows neither stories nor receivers.
 */
#ifndef COMMANDS_REPEAT_H
#define COMMANDS_REPEAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct repeat;

#define REPEAT_THINGS_MAX 4096 /* what is beyond is told each time */

struct repeat *repeat_new(void);
void repeat_free(struct repeat *r);
void repeat_interval(struct repeat *r, uint32_t seconds); /* 0: tell everything */
/* A story opened or closed; true: tell it now. */
bool repeat_opened(struct repeat *r, uint64_t now_ms, unsigned kind, const char *site, uint8_t slot,
		   uint64_t story);
bool repeat_closed(struct repeat *r, unsigned kind, const char *site, uint8_t slot, uint64_t story);
/* The next story that is due to be told after its interval, and how many were not told. */
bool repeat_next(struct repeat *r, uint64_t now_ms, uint64_t *story, uint32_t *untold);
uint64_t repeat_deadline(const struct repeat *r); /* UINT64_MAX: none */
uint64_t repeat_count(const struct repeat *r);	  /* not told at once, since the start */

#endif
