/* SPDX-License-Identifier: GPL-3.0-or-later */
/* PoPs and accounts as configured, and what they forbid sites. */
#ifndef COMMANDS_CLOUD_CONFIG_H
#define COMMANDS_CLOUD_CONFIG_H

#include "dataplane/site/pop.h"

#define ACCOUNT_ADDRESSES 16
#define ACCOUNT_REACH	  8

struct config;

struct account_address {
	struct ip_addr addr;
	char pop[SITE_NAME_MAX];
};

/* Plain data; unused octets are zero. */
struct account {
	char name[SITE_NAME_MAX];
	uint32_t address_count;
	struct account_address addresses[ACCOUNT_ADDRESSES];
	struct ip_prefix vpn_users; /* family IP_NONE: 10.41.0.0/16 */
	uint32_t reach_count;
	char reach[ACCOUNT_REACH][SITE_NAME_MAX]; /* accounts whose sites it reaches, and they it */
};

struct account_list {
	size_t count;
	struct account *items; /* owned, by name */
};

struct cloud_config {
	struct pop_list pops;
	struct account_list accounts;
};

void cloud_config_clear(struct cloud_config *c);
void cloud_config_copy(struct cloud_config *dst, const struct cloud_config *src);
bool cloud_config_equal(const struct cloud_config *a, const struct cloud_config *b);
struct account *accounts_find(const struct account_list *l, const char *name); /* or NULL */
struct account *accounts_add(struct account_list *l, const char *name);	       /* must be new */
bool accounts_remove(struct account_list *l, const char *name);

/* Sites of these two accounts may have the same networks: no reach joins one of them with any
 * other. Sites without an account ("") are apart from nobody. */
bool accounts_are_apart(const struct account_list *l, const char *a, const char *b);

/* Two accounts with addresses of one PoP: ERR_EXISTS, both are named. */
int cloud_check_account(const struct account_list *l, const struct account *a, struct err_msg *e);
/* Destinations of one PoP in both roles, or not of the site's account. */
int cloud_check_site(const struct cloud_config *c, const struct site_config *s, struct err_msg *e);
/* The site that uses the PoP or the address (others NULL); NULL: none. */
const struct site_config *cloud_user(const struct config *c, const char *pop,
				     const struct ip_addr *addr);

#endif
