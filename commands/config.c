/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The configuration as a sorted list of sites beside the box. */
#include "commands/config.h"

#include "platform/base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define POINTER sizeof(void *) /* an element of the list of sites */

void config_init(struct config *c)
{
	*c = (struct config){.count = 0};
	snprintf(c->box.hostname, sizeof(c->box.hostname), "%s", BOX_HOSTNAME_DEFAULT);
}

static void free_site(struct site_config *s)
{
	site_config_clear(s);
	free(s);
}

void config_clear(struct config *c)
{
	for (size_t i = 0; i < c->count; i++)
		free_site(c->sites[i]);
	free(c->sites);
	config_init(c);
}

void config_copy(struct config *dst, const struct config *src)
{
	config_clear(dst);
	dst->box = src->box;
	dst->sites = mem_calloc(src->count + 1, POINTER);
	for (size_t i = 0; i < src->count; i++) {
		dst->sites[i] = mem_zalloc(sizeof(**dst->sites));
		site_config_init(dst->sites[i], "");
		site_config_copy(dst->sites[i], src->sites[i]);
	}
	dst->count = src->count;
}

bool config_equal(const struct config *a, const struct config *b)
{
	if (a->count != b->count || strcmp(a->box.hostname, b->box.hostname) != 0)
		return false;
	for (size_t i = 0; i < a->count; i++) {
		if (!site_config_equal(a->sites[i], b->sites[i]))
			return false;
	}
	return true;
}

/* Index of the first site whose name is not below name. */
static size_t lower_bound(const struct config *c, const char *name)
{
	size_t low = 0, high = c->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (strcmp(c->sites[mid]->name, name) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

struct site_config *config_site(const struct config *c, const char *name)
{
	size_t at = lower_bound(c, name);

	return at < c->count && strcmp(c->sites[at]->name, name) == 0 ? c->sites[at] : NULL;
}

struct site_config *config_site_add(struct config *c, const char *name)
{
	size_t at = lower_bound(c, name);
	struct site_config *s = mem_zalloc(sizeof(*s));

	site_config_init(s, name);
	c->sites = mem_realloc_array(c->sites, c->count + 1, POINTER);
	memmove(&c->sites[at + 1], &c->sites[at], (c->count - at) * POINTER);
	c->sites[at] = s;
	c->count++;
	return s;
}

bool config_site_remove(struct config *c, const char *name)
{
	size_t at = lower_bound(c, name);

	if (at >= c->count || strcmp(c->sites[at]->name, name) != 0)
		return false;
	free_site(c->sites[at]);
	c->count--;
	memmove(&c->sites[at], &c->sites[at + 1], (c->count - at) * POINTER);
	return true;
}
