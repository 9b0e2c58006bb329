/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The configuration as a sorted list of sites beside the box. */
#include "commands/config.h"

#include "commands/cmd_site.h"
#include "commands/config_index.h"
#include "platform/base/mem.h"

#include <stdlib.h>
#include <string.h>

#define POINTER sizeof(void *) /* an element of the list of sites */

void config_init(struct config *c)
{
	*c = (struct config){.count = 0};
	box_config_init(&c->box);
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
	net_rules_clear(&c->rules);
	cloud_config_clear(&c->cloud);
	config_index_free(c->index);
	config_init(c);
}

void config_copy(struct config *dst, const struct config *src)
{
	config_clear(dst);
	dst->box = src->box;
	net_rules_copy(&dst->rules, &src->rules);
	cloud_config_copy(&dst->cloud, &src->cloud);
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
	if (a->count != b->count || !box_config_equal(&a->box, &b->box) ||
	    !net_rules_equal(&a->rules, &b->rules) || !cloud_config_equal(&a->cloud, &b->cloud))
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
	if (c->index != NULL)
		config_index_site_drop(c->index, c->sites[at]);
	free_site(c->sites[at]);
	c->count--;
	memmove(&c->sites[at], &c->sites[at + 1], (c->count - at) * POINTER);
	return true;
}

void config_site_replace(struct config *c, struct site_config *old, struct site_config *s)
{
	if (c->index != NULL)
		config_index_site_replace(c->index, old, s);
	site_config_clear(old);
	*old = *s;
	site_config_init(s, "");
}

/* Lines of clashes as they are shown; returns how many there are. */
static size_t report_clashes(const char *text, size_t before, struct strbuf *report)
{
	size_t n = 0;

	while (*text != '\0') {
		size_t len = strcspn(text, "\n");

		if (before + n < CONFIG_CHECK_LINES)
			strbuf_printf(report, "%% %.*s\n", (int)len, text);
		text += len + 1;
		n++;
	}
	return n;
}

/* The first account that shares a PoP; one line says it of both. */
static size_t check_accounts(const struct account_list *l, size_t before, struct strbuf *report)
{
	struct err_msg e = {.code = 0};

	for (size_t i = 0; i < l->count; i++) {
		if (cloud_check_account(l, &l->items[i], &e) == 0)
			continue;
		if (before < CONFIG_CHECK_LINES)
			strbuf_printf(report, "%% %s\n", e.text);
		return 1;
	}
	return 0;
}

size_t config_check(const struct config *c, const struct config *before, struct strbuf *report)
{
	struct strbuf clashes;
	size_t n = 0;

	for (size_t i = 0; i < c->count; i++) {
		const struct site_config *old =
			before == NULL ? NULL : config_site(before, c->sites[i]->name);
		struct err_msg e = {.code = 0};

		if ((old != NULL && site_config_equal(old, c->sites[i])) ||
		    (site_check(c->sites[i], &e) == 0 &&
		     cloud_check_site(&c->cloud, c->sites[i], &e) == 0))
			continue;
		if (n++ < CONFIG_CHECK_LINES)
			strbuf_printf(report, "%% Site %s: %s\n", c->sites[i]->name, e.text);
	}
	n += check_accounts(&c->cloud.accounts, n, report);
	strbuf_init(&clashes);
	config_index_free(config_index_new(c, &clashes));
	n += report_clashes(clashes.text, n, report);
	strbuf_clear(&clashes);
	return n;
}
