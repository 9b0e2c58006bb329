/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One hash map for all kinds of values; the first octet of a key says which kind. */
#include "commands/config_index.h"

#include "commands/config.h"
#include "platform/base/map.h"
#include "platform/base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEY_MAX (1 + SITE_TEXT_MAX)
#define SLOTS	(SITE_ROLES * SITE_TUNNELS)

struct entry {
	struct map_node node;
	struct config_tunnel_name name;
	uint8_t key[KEY_MAX];
};

struct config_index {
	struct map map;
};

static const char *const words[CONFIG_KEYS] = {
	[CONFIG_KEY_PUBLIC_IP] = "public-ip",
	[CONFIG_KEY_LOCAL_ID] = "local-id",
	[CONFIG_KEY_FQDN] = "fqdn",
};

/* Length of the key, 0 when the tunnel has no such value. */
static size_t key_of(const struct tunnel_config *t, enum config_key kind, uint8_t key[KEY_MAX])
{
	const char *text = kind == CONFIG_KEY_LOCAL_ID ? t->local_id : t->fqdn;
	size_t len;

	key[0] = (uint8_t)kind;
	if (!t->present)
		return 0;
	if (kind == CONFIG_KEY_PUBLIC_IP) {
		len = ip_addr_len(&t->public_ip);
		memcpy(key + 1, t->public_ip.bytes, len);
	} else {
		len = strlen(text);
		memcpy(key + 1, text, len);
	}
	return len == 0 ? 0 : len + 1;
}

static const struct tunnel_config *tunnel_at(const struct site_config *s, unsigned i)
{
	return &s->tunnels[i / SITE_TUNNELS][i % SITE_TUNNELS];
}

static struct entry *find(const struct config_index *x, const uint8_t *key, size_t len)
{
	struct map_node *node = len == 0 ? NULL : map_find(&x->map, key, len);

	return node == NULL ? NULL : container_of(node, struct entry, node);
}

static void put(struct config_index *x, const struct site_config *s, unsigned i,
		enum config_key kind, struct strbuf *clashes)
{
	struct entry *e = mem_zalloc(sizeof(*e));
	size_t len = key_of(tunnel_at(s, i), kind, e->key);
	const struct entry *other;
	char a[SITE_NAME_MAX + 40], b[SITE_NAME_MAX + 40], addr[IP_TEXT_MAX];

	snprintf(e->name.site, sizeof(e->name.site), "%s", s->name);
	e->name.role = (enum site_role)(i / SITE_TUNNELS);
	e->name.index0 = i % SITE_TUNNELS;
	if (len != 0 && map_insert(&x->map, &e->node, e->key, len))
		return;
	other = find(x, e->key, len);
	if (other != NULL && clashes != NULL)
		strbuf_printf(clashes, "%s %s: %s and %s have it, each tunnel needs its own\n",
			      words[kind],
			      kind == CONFIG_KEY_PUBLIC_IP
				      ? ip_addr_text(&tunnel_at(s, i)->public_ip, addr,
						     sizeof(addr))
				      : (const char *)e->key + 1,
			      config_tunnel_text(&other->name, a, sizeof(a)),
			      config_tunnel_text(&e->name, b, sizeof(b)));
	free(e);
}

static void put_site(struct config_index *x, const struct site_config *s, struct strbuf *clashes)
{
	for (unsigned i = 0; i < SLOTS; i++) {
		for (unsigned k = 0; tunnel_at(s, i)->present && k < CONFIG_KEYS; k++)
			put(x, s, i, (enum config_key)k, clashes);
	}
}

struct config_index *config_index_new(const struct config *c, struct strbuf *clashes)
{
	struct config_index *x = mem_zalloc(sizeof(*x));

	map_init(&x->map, NULL);
	for (size_t i = 0; i < c->count; i++)
		put_site(x, c->sites[i], clashes);
	return x;
}

void config_index_free(struct config_index *x)
{
	struct list *node, *after;

	if (x == NULL)
		return;
	list_for_each(node, after, &x->map.order)
	{
		struct map_node *m = container_of(node, struct map_node, order);

		map_remove(&x->map, m);
		free(container_of(m, struct entry, node));
	}
	map_clear(&x->map);
	free(x);
}

void config_index_site_put(struct config_index *x, const struct site_config *s)
{
	put_site(x, s, NULL);
}

void config_index_site_drop(struct config_index *x, const struct site_config *s)
{
	uint8_t key[KEY_MAX];

	for (unsigned i = 0; i < SLOTS; i++) {
		for (unsigned k = 0; tunnel_at(s, i)->present && k < CONFIG_KEYS; k++) {
			size_t len = key_of(tunnel_at(s, i), (enum config_key)k, key);
			struct entry *e = find(x, key, len);

			if (e == NULL || strcmp(e->name.site, s->name) != 0 ||
			    e->name.role != (enum site_role)(i / SITE_TUNNELS) ||
			    e->name.index0 != i % SITE_TUNNELS)
				continue;
			map_remove(&x->map, &e->node);
			free(e);
		}
	}
}

bool config_index_differs(const struct site_config *a, const struct site_config *b)
{
	for (unsigned i = 0; i < SLOTS; i++) {
		const struct tunnel_config *t = tunnel_at(a, i), *u = tunnel_at(b, i);

		if (t->present != u->present || !ip_addr_equal(&t->public_ip, &u->public_ip) ||
		    strcmp(t->local_id, u->local_id) != 0 || strcmp(t->fqdn, u->fqdn) != 0)
			return true;
	}
	return false;
}

const struct config_tunnel_name *
config_index_find(const struct config_index *x, enum config_key key, const struct tunnel_config *t)
{
	uint8_t bytes[KEY_MAX];
	const struct entry *e = find(x, bytes, key_of(t, key, bytes));

	return e == NULL ? NULL : &e->name;
}

const char *config_tunnel_text(const struct config_tunnel_name *n, char *buf, size_t size)
{
	snprintf(buf, size, "site %s tunnel %s %u", n->site, site_role_name(n->role),
		 n->index0 + 1);
	return buf;
}
