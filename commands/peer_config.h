/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Configuration of the other side: one site turned round and written in the words of the peer's
 * product, ready to paste.  peer_view.c turns it round, one peer_<product>.c each writes it.
 *
 * "own" is the peer here, "remote" is this appliance.
 */
#ifndef COMMANDS_PEER_CONFIG_H
#define COMMANDS_PEER_CONFIG_H

#include "commands/service_routes.h"
#include "dataplane/site/site_config.h"
#include "platform/base/strbuf.h"

#define PEER_TUNNELS (SITE_ROLES * SITE_TUNNELS)

struct peer_id {
	uint8_t type; /* enum ike_id_type, NONE: not known yet */
	char text[2 * IKE_ID_MAX + 8];
};

struct peer_tunnel {
	enum site_role role;
	unsigned index; /* 1..3 */
	char name[SITE_TEXT_MAX];
	char label[SITE_NAME_MAX + 16];	    /* "lyon-primary-1": lower case, letters, digits, "-" */
	unsigned number;		    /* 1..6 */
	unsigned wan;			    /* 1..3: which of the peer's uplinks */
	char remote_address[SITE_TEXT_MAX]; /* of this appliance: address or name; "" any of ours */
	struct ip_addr own_address;	    /* IP_NONE: dynamic */
	struct peer_id own_id, remote_id;
	const struct secret *psk; /* NULL: not to be shown, or missing */
	const char *ppk_id;	  /* RFC 8784; NULL: none */
	const struct secret *ppk; /* NULL: not to be shown */
	bool ppk_required;
	struct ip_addr own_inner, remote_inner; /* private-ip; IP_NONE: none */
};

/* Algorithms, one of each: what is configured, or a choice that automatic takes. */
struct peer_suite {
	uint16_t encr, key_bits; /* IANA */
	bool gcm;
	uint16_t hash; /* SHA bits for integrity: 1, 256, 384, 512; 0 with AES-GCM */
	uint16_t prf;  /* SHA bits; IKE only */
	uint16_t ke;   /* DH group; Child SA: PFS */
	uint32_t lifetime_s;
};

struct peer_view {
	const struct site_config *site;
	char label[SITE_NAME_MAX]; /* of the site, as those of the tunnels */
	size_t count;
	struct peer_tunnel tunnels[PEER_TUNNELS]; /* those whose peer is known */
	char left_out[PEER_TUNNELS * 64];	  /* the others, ", "-joined */
	struct peer_suite ike, child;
	bool child_is_free;	   /* automatic, and not AES-GCM only: child may be another one */
	bool peer_starts;	   /* this side never initiates by itself */
	bool route_based;	   /* all to all: routes decide what goes into the tunnel */
	struct ike_ts_list own;	   /* networks of the peer, as its selectors and routes say */
	struct ike_ts_list remote; /* networks on this side */
	bool single_ts;		   /* one pair per Child SA */
	uint32_t keepalive_s, dead_s;
	const struct service_routes *routes;
	bool secrets; /* to be shown */
};

/* secrets: with the keys.  v borrows from c and routes. */
void peer_view_of(const struct site_config *c, const struct service_routes *routes, bool secrets,
		  struct peer_view *v);

struct peer_product {
	const char *word, *title;
	const char *comment; /* what a comment line begins with */
	void (*write)(const struct peer_view *v, struct strbuf *out);
	bool has_ppk; /* writes postquantum preshared keys */
	bool has_bgp; /* and BGP */
};
const struct peer_product *peer_product(const char *word); /* or NULL */
const struct peer_product *peer_product_at(size_t index);  /* or NULL */
/* The whole text, with a head that says what it is; ends with a newline.  May hold keys. */
void peer_config(const struct peer_product *p, const struct peer_view *v, struct strbuf *out);

void peer_strongswan(const struct peer_view *v, struct strbuf *out);
void peer_libreswan(const struct peer_view *v, struct strbuf *out);
void peer_openiked(const struct peer_view *v, struct strbuf *out);
void peer_cisco_ios(const struct peer_view *v, struct strbuf *out);
void peer_cisco_asa(const struct peer_view *v, struct strbuf *out);
void peer_fortigate(const struct peer_view *v, struct strbuf *out);
void peer_palo_alto(const struct peer_view *v, struct strbuf *out);
void peer_aws(const struct peer_view *v, struct strbuf *out);

/* ---- BGP (peer_bgp.c) -------------------------------------------------------------------------
 */

bool peer_has_bgp(const struct peer_view *v); /* configured here, with both AS numbers */
/* What the operator has to add by hand. */
void peer_bgp_comment(const struct peer_view *v, const char *comment, struct strbuf *out);
void peer_bgp_cisco_ios(const struct peer_view *v, struct strbuf *out);
void peer_bgp_fortigate(const struct peer_view *v, struct strbuf *out);

/* ---- Pieces of texts (peer_text.c) ----------------------------------------------------------- */

/* Prefixes of one family (IP_NONE: both) that cover a list of selectors, in order. */
#define PEER_PREFIXES_MAX 256
struct peer_prefixes {
	size_t count;
	struct ip_prefix item[PEER_PREFIXES_MAX];
};
void peer_prefixes(const struct ike_ts_list *l, enum ip_family family, struct peer_prefixes *out);
/* Diffie-Hellman group as strongSwan and OpenIKED write it: "modp2048", "ecp384". */
const char *peer_group_word(uint16_t ke);
const char *peer_mask(const struct ip_prefix *p, char *buf, size_t size);     /* 255.255.0.0 */
const char *peer_wildcard(const struct ip_prefix *p, char *buf, size_t size); /* 0.0.255.255 */
const char *peer_address(const struct ip_prefix *p, char *buf, size_t size);
/* IPv4 destinations that the peer sends into the tunnel: our networks, or what a route-based peer
 * that knows no better needs. */
void peer_routes(const struct peer_view *v, struct peer_prefixes *out);

/* The key between quotes, quote and backslash escaped with a backslash; hexadecimal behind hex
 * ("0x") when it is no plain text; a placeholder when it is not to be shown. */
void peer_put_key(struct strbuf *out, const struct peer_tunnel *t, const char *hex);
/* The key without quotes: as it is, or hex_word and hexadecimal digits when it has blanks, quotes,
 * "?" or octets that are no plain text. */
void peer_put_bare_key(struct strbuf *out, const struct peer_tunnel *t, const char *hex_word);
/* The same for the postquantum preshared key of the tunnel. */
void peer_put_ppk(struct strbuf *out, const struct peer_tunnel *t, const char *hex);
void peer_put_bare_ppk(struct strbuf *out, const struct peer_tunnel *t, const char *hex_word);
bool peer_key_is_text(const struct secret *k);
bool peer_is_address(const char *text);

#endif
