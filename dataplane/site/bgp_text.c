/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sets of prefixes are written once and named: nets (of all sites), acct<n> (of the sites of an
 * account, with its VPN users), own<index> (of a site).  Routes of peers carry two attributes,
 * ikesh_site and ikesh_account, by which exports choose.
 */
#include "dataplane/site/bgp_text.h"

#include "dataplane/site/routes.h"
#include "platform/base/map.h"
#include "platform/base/mem.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MED_PRIMARY    100
#define MED_SECONDARY  200
#define PREF_PRIMARY   200
#define PREF_SECONDARY 100

/* Prefixes, each once, in order. */
struct prefix_set {
	struct map map;
};

struct prefix_entry {
	struct map_node node;
	struct ip_prefix prefix;
};

struct account {
	struct map_node node; /* key: name */
	const char *name;
	uint32_t number;
	struct prefix_set nets;
};

struct text {
	struct strbuf *out;
	const struct bgp_text_site *sites;
	size_t count;
	struct map accounts;
	struct prefix_set nets;	     /* of all sites */
	struct prefix_set announced; /* that some site may announce */
};

static const struct tunnel_config *tunnel_of(const struct site_config *c, uint8_t slot)
{
	return &c->tunnels[(slot - 1) / SITE_TUNNELS][(slot - 1) % SITE_TUNNELS];
}

/* ---- Sets ------------------------------------------------------------------------------------ */

static void set_add(struct prefix_set *s, const struct ip_prefix *p)
{
	struct prefix_entry *x;

	if (p->addr.family != IP_V4 || map_find(&s->map, p, sizeof(*p)) != NULL)
		return;
	x = mem_zalloc(sizeof(*x));
	x->prefix = *p;
	map_insert(&s->map, &x->node, &x->prefix, sizeof(x->prefix));
}

static void set_add_range(struct prefix_set *s, const struct ip_range *r)
{
	size_t n = ip_range_prefixes(r, NULL, 0);
	struct ip_prefix *items = mem_calloc(n, sizeof(*items));

	ip_range_prefixes(r, items, n);
	for (size_t i = 0; i < n; i++)
		set_add(s, &items[i]);
	free(items);
}

static void set_add_site(struct prefix_set *s, const struct site_config *c)
{
	size_t n;
	struct ip_prefix *items = routes_of_site(c, &n);

	for (size_t i = 0; i < n; i++)
		set_add(s, &items[i]);
	free(items);
}

static void set_clear(struct prefix_set *s)
{
	while (!list_is_empty(&s->map.order)) {
		struct prefix_entry *x =
			container_of(container_of(s->map.order.next, struct map_node, order),
				     struct prefix_entry, node);

		map_remove(&s->map, &x->node);
		free(x);
	}
	map_clear(&s->map);
}

/* "[ 10.0.0.0/8+, ... ]"; suffix: which lengths belong to it.  The set is not empty. */
static void set_write(struct strbuf *out, const struct prefix_set *s, const char *suffix)
{
	struct list *node, *after;
	const char *separator = "[ ";
	char text[IP_TEXT_MAX];

	list_for_each(node, after, &s->map.order)
	{
		const struct prefix_entry *x =
			container_of(container_of(node, struct map_node, order),
				     struct prefix_entry, node);

		strbuf_printf(out, "%s%s%s", separator,
			      ip_prefix_text(&x->prefix, text, sizeof(text)), suffix);
		separator = ", ";
	}
	strbuf_add(out, " ]");
}

static void set_define(struct strbuf *out, const char *name, const struct prefix_set *s,
		       const char *suffix)
{
	strbuf_printf(out, "define %s = ", name);
	set_write(out, s, suffix);
	strbuf_add(out, ";\n");
}

/* ---- Accounts -------------------------------------------------------------------------------- */

static struct account *account_of(struct text *t, const struct bgp_text_site *s)
{
	const struct site_config *c = s->config;
	size_t len = strlen(c->account);
	struct map_node *node = map_find(&t->accounts, c->account, len);
	struct account *a;
	struct ip_prefix users;

	if (node != NULL)
		return container_of(node, struct account, node);
	a = mem_zalloc(sizeof(*a));
	a->name = c->account;
	a->number = (uint32_t)t->accounts.count;
	map_init(&a->nets.map, NULL);
	if (s->vpn_users != NULL)
		set_add(&a->nets, s->vpn_users);
	else if (ip_prefix_parse(BGP_VPN_RANGE, &users) == 0)
		set_add(&a->nets, &users);
	map_insert(&t->accounts, &a->node, a->name, len);
	return a;
}

static void collect(struct text *t)
{
	map_init(&t->accounts, NULL);
	map_init(&t->nets.map, NULL);
	map_init(&t->announced.map, NULL);
	for (size_t i = 0; i < t->count; i++) {
		const struct site_config *c = t->sites[i].config;

		set_add_site(&t->nets, c);
		set_add_site(&account_of(t, &t->sites[i])->nets, c);
	}
}

static void release(struct text *t)
{
	while (!list_is_empty(&t->accounts.order)) {
		struct map_node *m = container_of(t->accounts.order.next, struct map_node, order);
		struct account *a = container_of(m, struct account, node);

		map_remove(&t->accounts, m);
		set_clear(&a->nets);
		free(a);
	}
	map_clear(&t->accounts);
	set_clear(&t->nets);
	set_clear(&t->announced);
}

/* ---- One site -------------------------------------------------------------------------------- */

/* What the operator wants announced; empty: what the account has. */
static void announced_by(const struct site_config *c, struct prefix_set *s)
{
	map_init(&s->map, NULL);
	for (size_t i = 0; i < c->bgp.advertise.count; i++)
		set_add_range(s, &c->bgp.advertise.items[i]);
	for (size_t i = 0; c->bgp.advertise.count == 0 && i < c->network_ranges.count; i++)
		set_add_range(s, &c->network_ranges.items[i].range);
}

static void set_union(struct prefix_set *into, const struct prefix_set *from)
{
	struct list *node, *after;

	list_for_each(node, after, &from->map.order)
		set_add(into, &container_of(container_of(node, struct map_node, order),
					    struct prefix_entry, node)
				       ->prefix);
}

static bool has_neighbours(const struct site_config *c)
{
	for (uint8_t slot = 1; slot <= DP_SLOTS; slot++) {
		if (bgp_missing(c, slot) == NULL && tunnel_of(c, slot)->present)
			return true;
	}
	return false;
}

/* Addresses that packets of the tunnels themselves go to: a route to them would be a loop. */
static void write_needed(struct strbuf *out, const struct site_config *c)
{
	const char *separator = "[ ";
	char text[IP_TEXT_MAX];

	for (uint8_t slot = 1; slot <= DP_SLOTS; slot++) {
		const struct tunnel_config *t = tunnel_of(c, slot);
		const struct ip_addr *needed[] = {&t->public_ip, &t->private_pop, &t->private_site};

		for (size_t i = 0; t->present && i < ARRAY_LEN(needed); i++) {
			if (needed[i]->family != IP_V4)
				continue;
			strbuf_printf(out, "%s%s/32{0,32}", separator,
				      ip_addr_text(needed[i], text, sizeof(text)));
			separator = ", ";
		}
	}
	strbuf_add(out, " ]");
}

/* Functions that the protocols of the site use. */
static void write_site_sets(struct text *t, const struct bgp_text_site *s)
{
	const struct site_config *c = s->config;
	struct prefix_set own, announce;
	struct account *a = account_of(t, s);
	char name[BGP_NAME_MAX];

	map_init(&own.map, NULL);
	set_add_site(&own, c);
	announced_by(c, &announce);
	snprintf(name, sizeof(name), "own%" PRIu32, s->index);
	if (own.map.count != 0)
		set_define(t->out, name, &own, "+");
	strbuf_printf(t->out, "function take%" PRIu32 "() {\n\tif net.len < %d then reject;\n",
		      s->index, BGP_LENGTH_LEAST);
	strbuf_add(t->out, "\tif net ~ ");
	write_needed(t->out, c);
	strbuf_add(t->out, " then reject;\n");
	if (own.map.count != 0)
		strbuf_printf(t->out, "\tif net ~ nets && net !~ %s then reject;\n", name);
	else if (t->nets.map.count != 0)
		strbuf_add(t->out, "\tif net ~ nets then reject;\n");
	strbuf_printf(t->out, "\tikesh_site = %" PRIu32 ";\n\tikesh_account = %" PRIu32 ";\n}\n",
		      s->index, a->number);
	strbuf_printf(t->out, "function give%" PRIu32 "() {\n", s->index);
	if (announce.map.count != 0) {
		strbuf_add(t->out, "\tif source = RTS_STATIC && net ~ ");
		set_write(t->out, &announce, "");
		strbuf_printf(t->out,
			      " then return true;\n\tif defined(ikesh_site) && ikesh_site != "
			      "%" PRIu32 " && ikesh_account = %" PRIu32 " && net ~ ",
			      s->index, a->number);
		set_write(t->out, &announce, "+");
		strbuf_add(t->out, " then return true;\n");
		set_union(&t->announced, &announce);
	} else {
		strbuf_printf(t->out, "\tif source = RTS_STATIC && net ~ acct%" PRIu32, a->number);
		if (own.map.count != 0)
			strbuf_printf(t->out, " && net !~ %s", name);
		strbuf_printf(t->out,
			      " then return true;\n\tif defined(ikesh_site) && ikesh_site != "
			      "%" PRIu32 " && ikesh_account = %" PRIu32 " then return true;\n",
			      s->index, a->number);
		set_union(&t->announced, &a->nets);
	}
	strbuf_add(t->out, "\treturn false;\n}\n");
	set_clear(&own);
	set_clear(&announce);
}

/* The lowest slot's address is the name of this router towards the site. */
static const struct ip_addr *router_id(const struct site_config *c)
{
	uint8_t slot = 1;

	while (bgp_missing(c, slot) != NULL)
		slot++;
	return &tunnel_of(c, slot)->private_pop;
}

static void write_policy(struct strbuf *out, const struct bgp_text_site *s, enum site_role role)
{
	const struct site_bgp *b = &s->config->bgp;
	bool primary = role == SITE_PRIMARY, internal = b->local_as == b->peer_as;

	strbuf_printf(out,
		      "\tipv4 {\n\t\timport keep filtered on;\n\t\timport limit %" PRIu32
		      " action restart;\n\t\tnext hop self;\n"
		      "\t\timport filter { take%" PRIu32 "(); bgp_local_pref = %d; accept; };\n",
		      b->maximum_prefix, s->index, primary ? PREF_PRIMARY : PREF_SECONDARY);
	strbuf_printf(out, "\t\texport filter {\n\t\t\tif ! give%" PRIu32 "() then reject;\n",
		      s->index);
	strbuf_printf(out, "\t\t\tbgp_med = %d;\n", primary ? MED_PRIMARY : MED_SECONDARY);
	if (internal)
		strbuf_printf(out, "\t\t\tbgp_local_pref = %d;\n",
			      primary ? PREF_PRIMARY : PREF_SECONDARY);
	else if (!primary)
		strbuf_printf(out, "\t\t\tbgp_path.prepend(%" PRIu32 ");\n", b->local_as);
	strbuf_add(out, "\t\t\taccept;\n\t\t};\n\t};\n}\n");
}

static void write_neighbour(struct strbuf *out, const struct bgp_text_site *s, uint8_t slot)
{
	const struct site_config *c = s->config;
	const struct tunnel_config *t = tunnel_of(c, slot);
	const struct site_bgp *b = &c->bgp;
	char name[BGP_NAME_MAX], addr[IP_TEXT_MAX];

	strbuf_printf(out, "protocol bgp %s from ikesh {\n",
		      bgp_protocol_name(s->index, slot, name));
	strbuf_printf(out, "\tdisabled %s;\n",
		      (s->wanted & (1U << (slot - 1))) != 0 ? "no" : "yes");
	strbuf_printf(out, "\trouter id %s;\n", ip_addr_text(router_id(c), addr, sizeof(addr)));
	strbuf_printf(out, "\tlocal %s as %" PRIu32 ";\n",
		      ip_addr_text(&t->private_pop, addr, sizeof(addr)), b->local_as);
	strbuf_printf(out, "\tneighbor %s as %" PRIu32 ";\n",
		      ip_addr_text(&t->private_site, addr, sizeof(addr)), b->peer_as);
	strbuf_printf(out, "\tinterface \"ips%" PRIu32 "\";\n\tdirect;\n", s->index);
	strbuf_printf(out, "\thold time %" PRIu32 ";\n", b->hold_s);
	if (b->hold_s != 0)
		strbuf_printf(out, "\tkeepalive time %" PRIu32 ";\n", b->keepalive_s);
	if (b->password.key.len != 0) {
		strbuf_add(out, "\tpassword \"");
		strbuf_add_bytes(out, b->password.key.data, b->password.key.len);
		strbuf_add(out, "\";\n");
	}
	write_policy(out, s, (enum site_role)((slot - 1) / SITE_TUNNELS));
}

/* ---- All of it ------------------------------------------------------------------------------- */

static void write_head(struct strbuf *out, const char *log)
{
	strbuf_printf(out,
		      "# Written by ikeshd, changes are lost.\n"
		      "log \"%s\" 1048576 \"%s.1\" { warning, error, fatal, bug, auth, remote };\n"
		      "timeformat protocol \"%%s\";\n"
		      "timeformat route \"%%s\";\n"
		      "router id 127.0.0.1;\n"
		      "graceful restart wait 30;\n"
		      "attribute int ikesh_site;\n"
		      "attribute int ikesh_account;\n"
		      "protocol device { scan time 10; }\n"
		      "protocol kernel kernel4 {\n"
		      "\tscan time 30;\n\tgraceful restart;\n"
		      "\tipv4 {\n\t\timport none;\n"
		      "\t\texport filter { if defined(ikesh_site) then accept; reject; };\n"
		      "\t};\n}\n"
		      "template bgp ikesh {\n"
		      "\tconnect delay time 1;\n\tconnect retry time 5;\n"
		      "\terror wait time 3, 60;\n\tgraceful restart;\n"
		      "}\n",
		      log, log);
}

static void write_announced(struct strbuf *out, const struct prefix_set *s)
{
	struct list *node, *after;
	char text[IP_TEXT_MAX];

	/* Learned routes to the same network are better: these only stand for what exists. */
	strbuf_add(out, "protocol static announced {\n\tipv4 { preference 1; };\n");
	list_for_each(node, after, &s->map.order)
	{
		const struct prefix_entry *x =
			container_of(container_of(node, struct map_node, order),
				     struct prefix_entry, node);

		strbuf_printf(out, "\troute %s blackhole;\n",
			      ip_prefix_text(&x->prefix, text, sizeof(text)));
	}
	strbuf_add(out, "}\n");
}

static void write_accounts(struct text *t)
{
	struct list *node, *after;
	char name[BGP_NAME_MAX];

	if (t->nets.map.count != 0)
		set_define(t->out, "nets", &t->nets, "+");
	list_for_each(node, after, &t->accounts.order)
	{
		const struct account *a = container_of(container_of(node, struct map_node, order),
						       struct account, node);

		snprintf(name, sizeof(name), "acct%" PRIu32, a->number);
		set_define(t->out, name, &a->nets, "");
	}
}

void bgp_text_write(struct strbuf *out, const struct bgp_text_site *sites, size_t count,
		    const char *log)
{
	struct text t = {.out = out, .sites = sites, .count = count};

	collect(&t);
	write_head(out, log);
	write_accounts(&t);
	for (size_t i = 0; i < count; i++) {
		if (has_neighbours(sites[i].config))
			write_site_sets(&t, &sites[i]);
	}
	write_announced(out, &t.announced);
	for (size_t i = 0; i < count; i++) {
		for (uint8_t slot = 1; slot <= DP_SLOTS; slot++) {
			if (tunnel_of(sites[i].config, slot)->present &&
			    bgp_missing(sites[i].config, slot) == NULL)
				write_neighbour(out, &sites[i], slot);
		}
	}
	release(&t);
}

/* ---- Names and rules ------------------------------------------------------------------------- */

const char *bgp_missing(const struct site_config *c, uint8_t slot)
{
	const struct tunnel_config *t = tunnel_of(c, slot);

	if (!c->bgp.enabled || !t->present)
		return "bgp missing";
	if (c->bgp.local_as == 0)
		return "local-as missing";
	if (c->bgp.peer_as == 0)
		return "peer-as missing";
	if (t->private_pop.family != IP_V4 || t->private_site.family != IP_V4)
		return "private-ip missing";
	if (c->bgp.password.sealed != NULL && c->bgp.password.key.len == 0)
		return "password cannot be decrypted";
	return NULL;
}

const char *bgp_protocol_name(uint32_t index, uint8_t slot, char buf[BGP_NAME_MAX])
{
	snprintf(buf, BGP_NAME_MAX, "s%" PRIu32 "t%u", index, slot);
	return buf;
}

bool bgp_protocol_parse(const char *name, uint32_t *index, uint8_t *slot)
{
	char again[BGP_NAME_MAX];
	unsigned long at;
	char *end;

	if (name[0] != 's')
		return false;
	at = strtoul(name + 1, &end, 10);
	if (at == 0 || at > 99999 || end[0] != 't' || end[1] < '1' || end[1] > '0' + DP_SLOTS)
		return false;
	*index = (uint32_t)at;
	*slot = (uint8_t)(end[1] - '0');
	return strcmp(bgp_protocol_name(*index, *slot, again), name) == 0;
}

static bool needs(const struct site_config *c, const struct ip_prefix *p)
{
	for (uint8_t slot = 1; slot <= DP_SLOTS; slot++) {
		const struct tunnel_config *t = tunnel_of(c, slot);

		if (t->present && (ip_prefix_contains(p, &t->public_ip) ||
				   ip_prefix_contains(p, &t->private_pop) ||
				   ip_prefix_contains(p, &t->private_site)))
			return true;
	}
	return false;
}

static bool has_network(const struct site_config *c, const struct ip_prefix *p)
{
	struct ip_range wanted = ip_range_of_prefix(p);
	size_t n;
	struct ip_prefix *items = routes_of_site(c, &n);
	bool found = false;

	for (size_t i = 0; i < n && !found; i++) {
		struct ip_range r = ip_range_of_prefix(&items[i]);

		found = ip_range_covers(&r, &wanted);
	}
	free(items);
	return found;
}

const char *bgp_refusal(const struct bgp_text_site *sites, size_t count, uint32_t index,
			const struct ip_prefix *p)
{
	const struct site_config *own = NULL;

	for (size_t i = 0; i < count; i++) {
		if (sites[i].index == index)
			own = sites[i].config;
	}
	if (own == NULL)
		return "";
	if (p->len == 0)
		return "default route";
	if (p->len < BGP_LENGTH_LEAST)
		return "too wide";
	if (needs(own, p))
		return "covers an address of the tunnels";
	for (size_t i = 0; i < count && !has_network(own, p); i++) {
		if (sites[i].config != own && has_network(sites[i].config, p))
			return "belongs to another site";
	}
	return "";
}
