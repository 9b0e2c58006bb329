/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The configuration of BIRD as text, from the configurations of all sites.  Pure: the same input
 * gives the same text.
 *
 * One protocol for each tunnel of a site with BGP, named s<device index>t<slot>.  Routes of both
 * roles are taken in; those of the primary role are preferred, and the secondary role's are
 * announced with a worse metric and our AS twice.  What a peer announces is refused when it is a
 * default route or wider than /8, when it covers an address that the tunnels themselves need, or
 * when another site has it; too many routes end the session.  Sites see only what belongs to their
 * account.
 */
#ifndef DATAPLANE_SITE_BGP_TEXT_H
#define DATAPLANE_SITE_BGP_TEXT_H

#include "dataplane/dataplane.h"
#include "dataplane/site/site_config.h"
#include "platform/base/strbuf.h"

#define BGP_NAME_MAX	 32
#define BGP_LENGTH_LEAST 8 /* of a prefix that is taken in */
#define BGP_VPN_RANGE	 "10.41.0.0/16"

struct bgp_text_site {
	uint32_t index; /* of the device */
	const struct site_config *config;
	const struct ip_prefix *vpn_users; /* of its account; NULL: BGP_VPN_RANGE */
	uint8_t wanted;			   /* bit slot - 1: the session shall be up */
};

/* What the tunnel lacks for a session ("private-ip missing"); NULL: nothing. */
const char *bgp_missing(const struct site_config *c, uint8_t slot);
/* "s12t4" */
const char *bgp_protocol_name(uint32_t index, uint8_t slot, char buf[BGP_NAME_MAX]);
/* False: it is no name of ours. */
bool bgp_protocol_parse(const char *name, uint32_t *index, uint8_t *slot);

/* All sites, those without BGP as well.  log: path of BIRD's log.  Holds passwords. */
void bgp_text_write(struct strbuf *out, const struct bgp_text_site *sites, size_t count,
		    const char *log);

/* Why a prefix of the peer was refused; "" when none of the rules above says so. */
const char *bgp_refusal(const struct bgp_text_site *sites, size_t count, uint32_t index,
			const struct ip_prefix *p);

#endif
