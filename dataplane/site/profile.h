/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a site's configuration to the engine's profile of one tunnel. */
#ifndef DATAPLANE_SITE_PROFILE_H
#define DATAPLANE_SITE_PROFILE_H

#include "dataplane/site/site_config.h"

/* License from which on only AES-GCM is used for ESP. */
#define PROFILE_AEAD_ONLY_MBPS 100

/* What does not come from the site. */
struct profile_box {
	bool single_ts;	   /* box-wide default */
	bool force_encap;  /* the backend can do nothing but UDP encapsulation */
	bool prefer_encap; /* it asks for it, unless the site says otherwise */
	bool esn;	   /* the backend knows extended sequence numbers */
};

/* Identity that the tunnel's peer must present: remote-id, else the public IP or the local-id as
 * the site's authentication-identifier says.  ERR_INVALID, ERR_RANGE: e names the tunnel and what
 * is wrong with the text. */
int profile_peer_id(const struct site_config *c, enum site_role role, unsigned index0,
		    struct ike_id *out, struct err_msg *e) WARN_UNUSED;

/* Fill out with everything but out->id.  Keys in it are borrowed from c: the caller must not clear
 * them. The tunnel must not lack anything (site_tunnel_missing).  Errors as profile_peer_id. */
int profile_of_tunnel(const struct site_config *c, enum site_role role, unsigned index0,
		      const struct profile_box *box, struct ike_tunnel *out,
		      struct err_msg *e) WARN_UNUSED;

#endif
