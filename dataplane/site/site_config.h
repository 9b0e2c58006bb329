/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What an operator wants of a site: the typed configuration.  The command rows in commands/ point
 * into these structs with offsetof; the supervisor compares old and new ones and brings the
 * difference about.  Plain data; lists and keys are owned.
 */
#ifndef DATAPLANE_SITE_SITE_CONFIG_H
#define DATAPLANE_SITE_SITE_CONFIG_H

#include "ikev2/ike.h"
#include "platform/base/ip.h"
#include "platform/base/secret.h"

#define SITE_NAME_MAX  65 /* with NUL */
#define SITE_LABEL_MAX 65
#define SITE_TEXT_MAX  129
#define SITE_ROLES     2
#define SITE_TUNNELS   3 /* active ones per role */

enum site_role { SITE_PRIMARY, SITE_SECONDARY };
enum site_type {
	SITE_TYPE_NONE,
	SITE_BRANCH,
	SITE_HEADQUARTERS,
	SITE_CLOUD_DATA_CENTER,
	SITE_DATA_CENTER
};
enum site_connection_mode { SITE_RESPONDER_ONLY, SITE_BIDIRECTIONAL };
enum site_identifier { SITE_ID_IPV4, SITE_ID_FQDN, SITE_ID_EMAIL, SITE_ID_KEY_ID };
enum site_destination_kind { SITE_DEST_ANY, SITE_DEST_ADDRESS, SITE_DEST_FQDN };
enum site_df_bit { SITE_DF_COPY, SITE_DF_CLEAR };
enum site_tristate { SITE_INHERIT, SITE_ENABLE, SITE_DISABLE };

struct site_network {
	char label[SITE_LABEL_MAX];
	struct ip_range range;
};

struct site_network_list {
	size_t count;
	struct site_network *items; /* owned */
};

struct site_range_list {
	size_t count;
	struct ip_range *items; /* owned */
};

struct site_destination {
	enum site_destination_kind kind;
	struct ip_addr addr;	 /* ADDRESS */
	char pop[SITE_NAME_MAX]; /* FQDN: PoP name, "" automatic */
};

/* A key as configured. */
struct site_psk {
	struct secret key; /* clear; empty: missing, or sealed text cannot be opened */
	char *sealed;	   /* type 6 text as in the configuration, owned; NULL: none */
};

/* A postquantum preshared key. */
struct site_ppk {
	char id[IKE_PPK_ID_MAX]; /* its name, "" none */
	struct site_psk secret;
	bool required;
};

/* BGP over the tunnels of a site. */
struct site_bgp {
	bool enabled;
	uint32_t local_as, peer_as; /* 0: not set */
	uint32_t keepalive_s, hold_s;
	uint32_t maximum_prefix;	  /* routes taken from the peer */
	struct site_range_list advertise; /* empty: what follows from the configuration */
	struct site_psk password;	  /* TCP MD5 (RFC 2385) */
};

struct tunnel_config {
	bool present;
	char name[SITE_TEXT_MAX];
	uint32_t wan_role;	      /* 1..3, 0: none */
	struct ip_addr public_ip;     /* of the peer */
	char local_id[SITE_TEXT_MAX]; /* ID that the peer presents, in the site's identifier type;
					 "" none */
	struct ike_id own_id;	      /* NONE: destination address in use */
	struct ike_id remote_id;      /* overrides what local_id or public_ip say; NONE: not set */
	char fqdn[SITE_TEXT_MAX];     /* generated destination name */
	uint64_t fqdn_made_ms;	      /* wall clock; 0: in an earlier run, or by hand */
	struct ip_addr private_pop, private_site;
	uint32_t last_mile_down, last_mile_up; /* Mbps, 0: not set */
	uint32_t link_preference;	       /* 1..255, default 100 */
	struct site_psk psk;
	struct site_ppk ppk;
};

struct site_config {
	char name[SITE_NAME_MAX];
	char account[SITE_NAME_MAX];
	enum site_type type;
	char country[SITE_TEXT_MAX];
	char state[SITE_TEXT_MAX];
	uint32_t license_mbps;	       /* 0: not set */
	struct ip_prefix native_range; /* family IP_NONE: not set */
	enum site_connection_mode connection_mode;
	bool initiate_connection;
	enum site_identifier identifier;
	struct site_destination destination[SITE_ROLES];
	struct ike_parameters init_parameters;	  /* IKE SA */
	struct ike_parameters auth_parameters;	  /* Child SAs */
	struct site_network_list network_ranges;  /* on our side: what the SAs cover */
	struct site_network_list networks;	  /* behind the peer, beside the native range */
	struct site_range_list ts_local, ts_peer; /* replace the derived selectors when not empty */
	enum site_tristate single_ts;
	bool follow_redirects;	      /* as the initiator */
	struct ike_gateway redirect;  /* peers are sent there; none: they stay */
	enum site_tristate udp_encap; /* of ESP, where no NAT is */
	enum site_df_bit df_bit;      /* of IPv4 packets towards the site */
	uint32_t keepalive_s, dead_s, rebuild_s;
	uint32_t ike_lifetime_s, child_lifetime_s;
	uint32_t failback_delay_s;
	/* acceptable at most; above, new flows avoid the tunnel */
	uint32_t sla_loss_percent, sla_jitter_ms, sla_latency_ms;
	uint32_t bandwidth_down, bandwidth_up; /* Mbps, 0: not set */
	struct site_bgp bgp;
	struct tunnel_config tunnels[SITE_ROLES][SITE_TUNNELS];
};

void site_config_init(struct site_config *c, const char *name); /* all defaults */
void site_config_clear(struct site_config *c);
void site_config_copy(
	struct site_config *dst,
	const struct site_config *src); /* dst is cleared first; must be initialised */
bool site_config_equal(const struct site_config *a, const struct site_config *b);
void tunnel_config_init(struct tunnel_config *t);
void tunnel_config_clear(struct tunnel_config *t); /* afterwards as after init */
bool tunnel_config_equal(const struct tunnel_config *a, const struct tunnel_config *b);
void site_psk_clear(struct site_psk *p);
void site_psk_copy(struct site_psk *dst, const struct site_psk *src); /* dst holds nothing */
bool site_psk_equal(const struct site_psk *a, const struct site_psk *b);
void site_bgp_init(struct site_bgp *b);
void site_bgp_clear(struct site_bgp *b);			      /* afterwards as after init */
void site_bgp_copy(struct site_bgp *dst, const struct site_bgp *src); /* dst holds nothing */
bool site_bgp_equal(const struct site_bgp *a, const struct site_bgp *b);
bool site_range_lists_equal(const struct site_range_list *a, const struct site_range_list *b);
bool site_networks_equal(const struct site_network_list *a, const struct site_network_list *b);
void site_network_list_set(struct site_network_list *l, const char *label,
			   const struct ip_range *r); /* replaces equal label */
bool site_network_list_remove(struct site_network_list *l, const char *label);
bool site_range_list_add(struct site_range_list *l,
			 const struct ip_range *r); /* false: already there */
bool site_range_list_remove(struct site_range_list *l, const struct ip_range *r);

/* What a tunnel lacks to come up ("psk missing", "public-ip missing"), NULL when complete. */
const char *site_tunnel_missing(const struct site_config *c, enum site_role role, unsigned index0);
const char *site_role_name(enum site_role r); /* "primary" */
/* Selectors that follow from the configuration. */
void site_selectors(const struct site_config *c, struct ike_ts_list *local,
		    struct ike_ts_list *remote);
static inline uint8_t site_slot(enum site_role role, unsigned index0)
{
	return (uint8_t)((unsigned)role * SITE_TUNNELS + index0 + 1);
}

#endif
