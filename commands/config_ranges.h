/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whose network is where: the networks behind the peers of all sites, which must not overlap
 * between sites, found without looking at every site.  Part of the index, see config_index.h.
 */
#ifndef COMMANDS_CONFIG_RANGES_H
#define COMMANDS_CONFIG_RANGES_H

#include "dataplane/site/site_config.h"
#include "platform/base/strbuf.h"

struct config_range;

struct config_ranges {
	struct config_range *items; /* by address; they do not overlap */
	size_t count, cap;
};

struct config_overlap {
	char site[SITE_NAME_MAX]; /* the other one */
	struct ip_range own, other;
};

void config_ranges_clear(struct config_ranges *r);
/* What overlaps another site is left out; clashes (may be NULL) gets a line then.  s is borrowed
 * until it is dropped. */
void config_ranges_put(struct config_ranges *r, const struct site_config *s,
		       struct strbuf *clashes);
/* What s is going to have. */
void config_ranges_put_as(struct config_ranges *r, const struct site_config *s,
			  const struct site_config *now);
void config_ranges_drop(struct config_ranges *r, const struct site_config *s);
/* old, which is in r, is going to have what now has. */
void config_ranges_replace(struct config_ranges *r, const struct site_config *old,
			   const struct site_config *now);
/* Another site (by name) that has a part of the networks of s. */
bool config_ranges_find(const struct config_ranges *r, const struct site_config *s,
			struct config_overlap *out);

/* The network of the site that the address is in; ADDR and networks as they are configured. */
bool config_ranges_of_site_contain(const struct site_config *s, const struct ip_addr *addr,
				   struct ip_range *out);

#endif
