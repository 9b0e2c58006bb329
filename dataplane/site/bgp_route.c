/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Routes that peers announce, asked of BIRD when somebody wants to see them: those in its table,
 * then those that the rules of bgp_text.h refused.
 */
#include "dataplane/site/bgp_state.h"
#include "platform/base/mem.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct bgp_query {
	struct list node; /* in bgp.queries */
	struct bgp *bgp;
	char site[SITE_NAME_MAX]; /* "" all */
	gateway_bgp_routes_fn *fn;
	void *arg;
	struct bgp_route *routes;
	size_t count;
};

static const char *next_line(const char *line)
{
	line += strcspn(line, "\n");
	return line + (*line == '\n');
}

/* ---- Text of BIRD -----------------------------------------------------------------------------
 */

/* "172.31.0.0/16  unicast [s1t1 1700000000] * (100) [AS64512i]"; the prefix is left out when it is
 * that of the route before.  True when it is a route of a neighbour. */
static bool take_head(const struct gateway *g, const char *line, struct ip_prefix *prefix,
		      struct bgp_route *r)
{
	char word[IP_TEXT_MAX], name[BGP_NAME_MAX];
	const char *open = memchr(line, '[', strcspn(line, "\n"));
	const struct tunnel *t;

	if (isdigit((unsigned char)line[0]) &&
	    (sscanf(line, "%63s", word) != 1 || ip_prefix_parse(word, prefix) != 0))
		return false;
	if (open == NULL || sscanf(open + 1, "%31[^] \n]", name) != 1)
		return false;
	t = bgp_tunnel(g, name);
	if (t == NULL)
		return false;
	memset(r, 0, sizeof(*r));
	memcpy(r->site, t->site->config.name, sizeof(r->site));
	r->slot = t->slot;
	r->prefix = *prefix;
	r->origin = '?';
	open += strcspn(open, "]\n");
	r->best = strncmp(open, "] *", 3) == 0;
	return true;
}

static bool is_head(const char *line)
{
	const char *text = line + strspn(line, " ");

	return isdigit((unsigned char)line[0]) || strncmp(text, "unicast [", 9) == 0;
}

/* What follows the key, NULL when the line has another one. */
static const char *value_of(const char *line, const char *key)
{
	size_t len = strlen(key);

	return strncmp(line, key, len) == 0 ? line + len : NULL;
}

static char origin_of(const char *word)
{
	if (strncmp(word, "IGP", 3) == 0)
		return 'i';
	return strncmp(word, "EGP", 3) == 0 ? 'e' : '?';
}

static void take_attribute(struct bgp_route *r, const char *line)
{
	char addr[IP_TEXT_MAX];
	const char *value;

	if ((value = value_of(line, "BGP.as_path: ")) != NULL) {
		snprintf(r->path, sizeof(r->path), "%.*s", (int)strcspn(value, "\n"), value);
	} else if ((value = value_of(line, "BGP.med: ")) != NULL) {
		r->has_med = true;
		r->med = (uint32_t)strtoul(value, NULL, 10);
	} else if ((value = value_of(line, "BGP.local_pref: ")) != NULL) {
		r->local_pref = (uint32_t)strtoul(value, NULL, 10);
	} else if ((value = value_of(line, "BGP.origin: ")) != NULL) {
		r->origin = origin_of(value);
	} else if ((value = value_of(line, "BGP.next_hop: ")) != NULL) {
		snprintf(addr, sizeof(addr), "%.*s", (int)strcspn(value, " \n"), value);
		if (ip_addr_parse(addr, &r->next_hop) != 0)
			memset(&r->next_hop, 0, sizeof(r->next_hop));
	}
}

size_t bgp_routes_parse(const struct gateway *g, const char *text, bool refused,
			struct bgp_route *out, size_t count, size_t max)
{
	struct ip_prefix prefix = {.len = 0};
	struct bgp_route *r = NULL;

	for (const char *line = text; *line != '\0'; line = next_line(line)) {
		if (is_head(line)) {
			struct bgp_route head;

			r = NULL;
			if (!take_head(g, line, &prefix, &head))
				continue;
			if (count == max)
				return count + 1;
			r = &out[count++];
			*r = head;
			r->refused = refused ? "" : NULL;
		} else if (r != NULL) {
			take_attribute(r, line + strspn(line, " \t"));
		}
	}
	return count;
}

/* ---- Asking -----------------------------------------------------------------------------------
 */

static void explain(struct bgp_query *q)
{
	size_t sites;
	struct bgp_text_site *all = bgp_sites(q->bgp->g, &sites);

	for (size_t i = 0; i < q->count; i++) {
		struct bgp_route *r = &q->routes[i];
		const struct site *s = gateway_site(q->bgp->g, r->site);

		if (r->refused != NULL && s != NULL)
			r->refused = bgp_refusal(all, sites, s->index, &r->prefix);
	}
	free(all);
}

/* Only those of the site. */
static void keep_site(struct bgp_query *q)
{
	size_t kept = 0;

	for (size_t i = 0; i < q->count; i++) {
		if (q->site[0] == '\0' || strcmp(q->routes[i].site, q->site) == 0)
			q->routes[kept++] = q->routes[i];
	}
	q->count = kept;
}

static void finish(struct bgp_query *q, bool answered, bool all)
{
	list_remove(&q->node);
	if (answered) {
		explain(q);
		keep_site(q);
	}
	if (q->fn != NULL)
		q->fn(q->arg, answered ? q->routes : NULL, q->count, all);
	free(q->routes);
	free(q);
}

/* False: there are too many. */
static bool take_reply(struct bgp_query *q, const char *text, bool refused)
{
	q->count =
		bgp_routes_parse(q->bgp->g, text, refused, q->routes, q->count, BGP_ROUTES_SHOWN);
	if (q->count <= BGP_ROUTES_SHOWN)
		return true;
	q->count = BGP_ROUTES_SHOWN;
	return false;
}

static void on_refused(void *arg, unsigned code, const char *text)
{
	struct bgp_query *q = arg;

	if (code == BIRD_NO_REPLY)
		finish(q, false, false);
	else
		finish(q, true, take_reply(q, text, true));
}

static void on_routes(void *arg, unsigned code, const char *text)
{
	struct bgp_query *q = arg;

	if (code == BIRD_NO_REPLY)
		finish(q, false, false);
	else if (!take_reply(q, text, false))
		finish(q, true, false);
	else if (bird_ask(q->bgp->bird, "show route all filtered", on_refused, q) != 0)
		finish(q, true, true);
}

int gateway_bgp_routes(struct gateway *g, const char *site, gateway_bgp_routes_fn *fn, void *arg)
{
	struct bgp_query *q;
	const char *command = "show route all where defined(ikesh_site)";

	if (g->bgp == NULL)
		return ERR_WRONG_STATE;
	q = mem_zalloc(sizeof(*q));
	q->bgp = g->bgp;
	q->fn = fn;
	q->arg = arg;
	q->routes = mem_calloc(BGP_ROUTES_SHOWN, sizeof(*q->routes));
	snprintf(q->site, sizeof(q->site), "%s", site == NULL ? "" : site);
	list_append(&g->bgp->queries, &q->node);
	if (bird_ask(g->bgp->bird, command, on_routes, q) == 0)
		return 0;
	q->fn = NULL;
	finish(q, false, false);
	return ERR_WRONG_STATE;
}

void gateway_bgp_routes_cancel(struct gateway *g, const void *arg)
{
	struct list *node, *after;

	list_for_each(node, after, &g->bgp->queries)
	{
		struct bgp_query *q = container_of(node, struct bgp_query, node);

		if (q->arg == arg)
			q->fn = NULL;
	}
}

void bgp_queries_drop(struct bgp *b)
{
	struct list *node, *after;

	list_for_each(node, after, &b->queries)
	{
		struct bgp_query *q = container_of(node, struct bgp_query, node);

		bird_forget(b->bird, q);
		q->fn = NULL;
		finish(q, false, false);
	}
}
