/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Counters as operators see them: since `clear ipsec statistics`.  The gateway's own counters never
 * go back, so that metrics stay monotonic; what they were at the last clear is subtracted here.
 */
#ifndef COMMANDS_COUNTERS_H
#define COMMANDS_COUNTERS_H

#include <stddef.h>
#include <stdint.h>

struct counters;
struct gateway;

struct counters *counters_new(void);
void counters_free(struct counters *c);
void counters_clear(struct counters *c, struct gateway *g);
/* Name and value since the last clear; NULL past the end. */
const char *counters_at(const struct counters *c, struct gateway *g, size_t index, uint64_t *value);

#endif
