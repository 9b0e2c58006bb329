/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What must be unique over all tunnels of a configuration (public-ip, local-id, fqdn, the peer's
 * identity where there is no address), and over all sites (the networks behind them), found
 * without looking at every tunnel.  It follows a configuration through site_put and site_drop;
 * where that is not worth it, it is thrown away and made again.
 */
#ifndef COMMANDS_CONFIG_INDEX_H
#define COMMANDS_CONFIG_INDEX_H

#include "commands/config_groups.h"
#include "dataplane/site/site_config.h"
#include "platform/base/strbuf.h"

struct config;
struct config_index;

enum config_key {
	CONFIG_KEY_PUBLIC_IP,
	CONFIG_KEY_LOCAL_ID,
	CONFIG_KEY_FQDN,
	CONFIG_KEY_PEER, /* what tells apart peers without a public-ip: both identities and our
			    address */
	CONFIG_KEYS
};

struct config_tunnel_name {
	char site[SITE_NAME_MAX];
	enum site_role role;
	unsigned index0;
};

/* clashes (may be NULL) gets one line for each value that two tunnels have; only the first of them
 * is in the index then. */
struct config_index *config_index_new(const struct config *c, struct strbuf *clashes);
void config_index_free(struct config_index *x);
void config_index_site_put(struct config_index *x, const struct site_config *s);
void config_index_site_drop(struct config_index *x, const struct site_config *s);
/* old, which is in x, is going to be what now is. */
void config_index_site_replace(struct config_index *x, const struct site_config *old,
			       const struct site_config *now);
/* Who else has the same value as this tunnel of s; NULL: nobody, or it has none.  Borrowed until
 * the next change. */
const struct config_tunnel_name *config_index_find(const struct config_index *x,
						   enum config_key key, const struct site_config *s,
						   enum site_role role, unsigned index0);
/* Another site that has a part of the networks of s. */
bool config_index_overlap(const struct config_index *x, const struct site_config *s,
			  struct config_overlap *out);
/* "site X tunnel primary 1" */
const char *config_tunnel_text(const struct config_tunnel_name *n, char *buf, size_t size);

#endif
