/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Points of presence: named places with addresses of this appliance that tunnels end at.  Without
 * any, tunnels end at any own address.
 */
#ifndef DATAPLANE_SITE_POP_H
#define DATAPLANE_SITE_POP_H

#include "dataplane/site/site_config.h"

#define POP_ADDRESSES 8
#define POP_DEGREES   16 /* "-123.456789" with NUL */

/* Plain data; unused octets are zero. */
struct pop {
	char name[SITE_NAME_MAX];
	uint32_t address_count;
	struct ip_addr addresses[POP_ADDRESSES];
	char latitude[POP_DEGREES], longitude[POP_DEGREES]; /* degrees, "" not set */
	bool shutdown;
	/* Of the gateway, 0 in a configuration: addresses (bits) that this machine had, and of
	 * these the ones that it has no more. */
	uint8_t had, lost;
};

_Static_assert(POP_ADDRESSES <= 8, "addresses are bits");

struct pop_list {
	size_t count;
	struct pop *items; /* owned, by name */
};

void pops_clear(struct pop_list *l);
void pops_copy(struct pop_list *dst, const struct pop_list *src); /* dst is cleared first */
bool pops_equal(const struct pop_list *a, const struct pop_list *b);
struct pop *pops_find(const struct pop_list *l, const char *name); /* or NULL */
struct pop *pops_add(struct pop_list *l, const char *name);	   /* must be new */
bool pops_remove(struct pop_list *l, const char *name);
/* The PoP that has the address, or NULL. */
const struct pop *pops_of_address(const struct pop_list *l, const struct ip_addr *a);
/* Peers can be sent to it: to its first address. */
bool pop_in_service(const struct pop *p);
bool pop_has_address(const struct pop *p, const struct ip_addr *a);

#endif
