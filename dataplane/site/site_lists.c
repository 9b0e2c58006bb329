/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The lists of networks and ranges in a site's configuration, kept in the order of entry. */
#include "dataplane/site/site_config.h"

#include "platform/base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct site_network *find_label(const struct site_network_list *l, const char *label)
{
	for (size_t i = 0; i < l->count; i++) {
		if (strcmp(l->items[i].label, label) == 0)
			return &l->items[i];
	}
	return NULL;
}

void site_network_list_set(struct site_network_list *l, const char *label, const struct ip_range *r)
{
	struct site_network *n = find_label(l, label);

	if (n == NULL) {
		l->items = mem_realloc_array(l->items, l->count + 1, sizeof(*l->items));
		n = &l->items[l->count++];
		*n = (struct site_network){.label = ""};
		snprintf(n->label, sizeof(n->label), "%s", label);
	}
	n->range = *r;
}

bool site_network_list_remove(struct site_network_list *l, const char *label)
{
	struct site_network *n = find_label(l, label);
	size_t after;

	if (n == NULL)
		return false;
	after = (size_t)(&l->items[l->count] - n) - 1;
	memmove(n, n + 1, after * sizeof(*n));
	if (--l->count == 0) {
		free(l->items);
		l->items = NULL;
	}
	return true;
}

static struct ip_range *find_range(const struct site_range_list *l, const struct ip_range *r)
{
	for (size_t i = 0; i < l->count; i++) {
		if (ip_range_equal(&l->items[i], r))
			return &l->items[i];
	}
	return NULL;
}

bool site_range_list_add(struct site_range_list *l, const struct ip_range *r)
{
	if (find_range(l, r) != NULL)
		return false;
	l->items = mem_realloc_array(l->items, l->count + 1, sizeof(*l->items));
	l->items[l->count++] = *r;
	return true;
}

bool site_range_list_remove(struct site_range_list *l, const struct ip_range *r)
{
	struct ip_range *found = find_range(l, r);
	size_t after;

	if (found == NULL)
		return false;
	after = (size_t)(&l->items[l->count] - found) - 1;
	memmove(found, found + 1, after * sizeof(*found));
	if (--l->count == 0) {
		free(l->items);
		l->items = NULL;
	}
	return true;
}
