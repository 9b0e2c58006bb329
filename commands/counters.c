/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counters since the last clear; see counters.h. */
#include "commands/counters.h"

#include "dataplane/site/gateway.h"
#include "platform/base/mem.h"

#include <stdlib.h>

struct counters {
	uint64_t *cleared; /* value at the last clear, by position */
	size_t count;
};

struct counters *counters_new(void)
{
	return mem_zalloc(sizeof(struct counters));
}

void counters_free(struct counters *c)
{
	if (!c)
		return;
	free(c->cleared);
	free(c);
}

void counters_clear(struct counters *c, struct gateway *g)
{
	uint64_t value;

	c->count = 0;
	while (gateway_counter(g, c->count, &value)) {
		c->cleared = mem_realloc_array(c->cleared, c->count + 1, sizeof(*c->cleared));
		c->cleared[c->count++] = value;
	}
}

const char *counters_at(const struct counters *c, struct gateway *g, size_t index, uint64_t *value)
{
	const char *name = gateway_counter(g, index, value);

	if (name && index < c->count && c->cleared[index] <= *value)
		*value -= c->cleared[index];
	return name;
}
