/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of configured parameters on screens, in the words of the configuration. */
#ifndef COMMANDS_SHOW_NAMES_H
#define COMMANDS_SHOW_NAMES_H

#include "dataplane/site/site_config.h"

#define SHOW_PARAMETERS_MAX 128

/* Each gives "automatic" for 0. */
const char *show_encryption(const struct ike_parameters *p);
const char *show_prf(const struct ike_parameters *p);
const char *show_integrity(const struct ike_parameters *p); /* "none" where AES-GCM needs none */
const char *show_dh_group(const struct ike_parameters *p);
/* "encryption aes-gcm-256, prf sha2-384, dh-group 20", "automatic"; ike: with the PRF. */
const char *show_parameters_text(const struct ike_parameters *p, bool ike, char *buf, size_t size);

const char *show_site_type(enum site_type t); /* "branch"; "-" for none */
const char *show_connection_mode(enum site_connection_mode m);
const char *show_identifier(enum site_identifier i);
/* The identity that the peer of a tunnel has to present, "" while it is not known. */
const char *show_peer_id(const struct site_config *c, const struct tunnel_config *t, char *buf,
			 size_t size);
/* Our own: "203.0.113.10", "p1.example.net"; "" for the address that the peer connects to. */
struct ike_id show_our_id(const struct site_config *c, enum site_role role,
			  const struct tunnel_config *t);

#endif
