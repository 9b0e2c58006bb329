/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One hash map for all kinds of values; the first octet of a key says which kind. */
#include "commands/config_index.h"

#include "commands/config.h"
#include "dataplane/site/profile.h"
#include "platform/base/map.h"
#include "platform/base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* kind, both identities with type and length, address */
#define KEY_MAX (1 + 2 * (IKE_ID_MAX + 3) + 17 + SITE_TEXT_MAX)
#define SLOTS	(SITE_ROLES * SITE_TUNNELS)

struct entry {
	struct map_node node;
	struct config_tunnel_name name;
	uint8_t key[]; /* octets */
};

struct config_index {
	struct map map;
	struct config_groups groups;
};

static const char *const words[CONFIG_KEYS] = {
	[CONFIG_KEY_PUBLIC_IP] = "public-ip",
	[CONFIG_KEY_LOCAL_ID] = "local-id",
	[CONFIG_KEY_FQDN] = "fqdn",
	[CONFIG_KEY_PEER] = "identity",
};

static const struct tunnel_config *tunnel_at(const struct site_config *s, unsigned i)
{
	return &s->tunnels[i / SITE_TUNNELS][i % SITE_TUNNELS];
}

static size_t id_key(const struct ike_id *id, uint8_t *key)
{
	key[0] = (uint8_t)id->type;
	key[1] = (uint8_t)id->len;
	memcpy(key + 2, id->data, id->len);
	return 2 + id->len;
}

/* As the engine tells tunnels apart.  Peers with an address are told apart by that. */
static size_t peer_key(const struct site_config *s, unsigned i, uint8_t *key)
{
	enum site_role role = (enum site_role)(i / SITE_TUNNELS);
	const struct tunnel_config *t = tunnel_at(s, i);
	const struct site_destination *d = &s->destination[role];
	struct ike_id id = {.type = IKE_ID_NONE};
	size_t len;

	if (ip_addr_is_set(&t->public_ip) ||
	    profile_peer_id(s, role, i % SITE_TUNNELS, &id, NULL) != 0 || id.type == IKE_ID_NONE ||
	    id.len == 0)
		return 0;
	len = id_key(&id, key);
	id = t->own_id;
	len += id_key(&id, key + len);
	if (d->kind == SITE_DEST_ADDRESS) {
		memcpy(key + len, d->addr.bytes, sizeof(d->addr.bytes));
		len += sizeof(d->addr.bytes);
	} else if (d->kind == SITE_DEST_FQDN) {
		memcpy(key + len, t->fqdn, strlen(t->fqdn));
		len += strlen(t->fqdn);
	}
	return len;
}

static size_t text_key(const char *text, uint8_t *key)
{
	size_t len = strlen(text);

	memcpy(key, text, len); /* NOLINT(bugprone-not-null-terminated-result): octets */
	return len;
}

/* Length of the key, 0 when the tunnel has no such value. */
static size_t key_of(const struct site_config *s, unsigned i, enum config_key kind,
		     uint8_t key[KEY_MAX])
{
	const struct tunnel_config *t = tunnel_at(s, i);
	size_t len = 0;

	key[0] = (uint8_t)kind;
	if (!t->present)
		return 0;
	switch (kind) {
	case CONFIG_KEY_PUBLIC_IP:
		len = ip_addr_len(&t->public_ip);
		memcpy(key + 1, t->public_ip.bytes, len);
		break;
	case CONFIG_KEY_LOCAL_ID:
		len = text_key(t->local_id, key + 1);
		break;
	case CONFIG_KEY_FQDN:
		len = text_key(t->fqdn, key + 1);
		break;
	case CONFIG_KEY_PEER:
		len = peer_key(s, i, key + 1);
		break;
	case CONFIG_KEYS:
		break;
	}
	return len == 0 ? 0 : len + 1;
}

static struct entry *find(const struct config_index *x, const uint8_t *key, size_t len)
{
	struct map_node *node = len == 0 ? NULL : map_find(&x->map, key, len);

	return node == NULL ? NULL : container_of(node, struct entry, node);
}

static const char *value_text(const struct site_config *s, unsigned i, enum config_key kind,
			      char *buf, size_t size)
{
	const struct tunnel_config *t = tunnel_at(s, i);
	struct ike_id id = {.type = IKE_ID_NONE};

	if (kind == CONFIG_KEY_PUBLIC_IP)
		return ip_addr_text(&t->public_ip, buf, size);
	if (kind == CONFIG_KEY_LOCAL_ID)
		return t->local_id;
	if (kind == CONFIG_KEY_FQDN)
		return t->fqdn;
	if (profile_peer_id(s, (enum site_role)(i / SITE_TUNNELS), i % SITE_TUNNELS, &id, NULL) !=
	    0)
		return "";
	return ike_id_text(&id, buf, size);
}

static void put(struct config_index *x, const struct site_config *s, unsigned i,
		enum config_key kind, struct strbuf *clashes)
{
	uint8_t key[KEY_MAX];
	size_t len = key_of(s, i, kind, key);
	const struct entry *other = find(x, key, len);
	char a[SITE_NAME_MAX + 40], b[SITE_NAME_MAX + 40], value[2 * IKE_ID_MAX + 8];
	struct config_tunnel_name name = {.role = (enum site_role)(i / SITE_TUNNELS),
					  .index0 = i % SITE_TUNNELS};
	struct entry *e;

	/* An equal local-id is said once. */
	if (len == 0 ||
	    (kind == CONFIG_KEY_PEER &&
	     config_index_find(x, CONFIG_KEY_LOCAL_ID, s, name.role, name.index0) != NULL))
		return;
	snprintf(name.site, sizeof(name.site), "%s", s->name);
	if (other == NULL) {
		e = mem_zalloc(sizeof(*e) + len);
		e->name = name;
		memcpy(e->key, key, len);
		map_insert(&x->map, &e->node, e->key, len);
	} else if (clashes != NULL) {
		strbuf_printf(clashes, "%s %s: %s and %s have it, each tunnel needs its own\n",
			      words[kind], value_text(s, i, kind, value, sizeof(value)),
			      config_tunnel_text(&other->name, a, sizeof(a)),
			      config_tunnel_text(&name, b, sizeof(b)));
	}
}

static void put_keys(struct config_index *x, const struct site_config *s, struct strbuf *clashes)
{
	for (unsigned i = 0; i < SLOTS; i++) {
		for (unsigned k = 0; tunnel_at(s, i)->present && k < CONFIG_KEYS; k++)
			put(x, s, i, (enum config_key)k, clashes);
	}
}

static void put_site(struct config_index *x, const struct site_config *s, struct strbuf *clashes)
{
	put_keys(x, s, clashes);
	config_groups_put(&x->groups, s, clashes);
}

struct config_index *config_index_new(const struct config *c, struct strbuf *clashes)
{
	struct config_index *x = mem_zalloc(sizeof(*x));

	map_init(&x->map, NULL);
	config_groups_init(&x->groups, &c->cloud.accounts);
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
	config_groups_clear(&x->groups);
	free(x);
}

void config_index_site_put(struct config_index *x, const struct site_config *s)
{
	put_site(x, s, NULL);
}

static void drop_keys(struct config_index *x, const struct site_config *s)
{
	uint8_t key[KEY_MAX];

	for (unsigned i = 0; i < SLOTS; i++) {
		for (unsigned k = 0; tunnel_at(s, i)->present && k < CONFIG_KEYS; k++) {
			size_t len = key_of(s, i, (enum config_key)k, key);
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

void config_index_site_drop(struct config_index *x, const struct site_config *s)
{
	drop_keys(x, s);
	config_groups_drop(&x->groups, s);
}

static bool same_peer(const struct site_config *a, const struct site_config *b, unsigned i)
{
	uint8_t of_a[KEY_MAX], of_b[KEY_MAX];
	size_t len = key_of(a, i, CONFIG_KEY_PEER, of_a);

	return len == key_of(b, i, CONFIG_KEY_PEER, of_b) && memcmp(of_a, of_b, len) == 0;
}

static bool keys_differ(const struct site_config *a, const struct site_config *b)
{
	for (unsigned i = 0; i < SLOTS; i++) {
		const struct tunnel_config *t = tunnel_at(a, i), *u = tunnel_at(b, i);

		if (t->present != u->present || !ip_addr_equal(&t->public_ip, &u->public_ip) ||
		    strcmp(t->local_id, u->local_id) != 0 || strcmp(t->fqdn, u->fqdn) != 0 ||
		    !same_peer(a, b, i))
			return true;
	}
	return false;
}

void config_index_site_replace(struct config_index *x, const struct site_config *old,
			       const struct site_config *now)
{
	if (keys_differ(old, now)) {
		drop_keys(x, old);
		put_keys(x, now, NULL);
	}
	config_groups_replace(&x->groups, old, now);
}

const struct config_tunnel_name *config_index_find(const struct config_index *x,
						   enum config_key key, const struct site_config *s,
						   enum site_role role, unsigned index0)
{
	uint8_t bytes[KEY_MAX];
	unsigned i = (unsigned)role * SITE_TUNNELS + index0;
	const struct entry *e = find(x, bytes, key_of(s, i, key, bytes));

	if (e == NULL || (strcmp(e->name.site, s->name) == 0 && e->name.role == role &&
			  e->name.index0 == index0))
		return NULL;
	return &e->name;
}

bool config_index_overlap(const struct config_index *x, const struct site_config *s,
			  struct config_overlap *out)
{
	return config_groups_find(&x->groups, s, out);
}

const char *config_tunnel_text(const struct config_tunnel_name *n, char *buf, size_t size)
{
	snprintf(buf, size, "site %s tunnel %s %u", n->site, site_role_name(n->role),
		 n->index0 + 1);
	return buf;
}
