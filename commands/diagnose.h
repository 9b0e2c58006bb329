/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is wrong with a site: findings in order of likelihood, out of the configuration, what the
 * engine saw, and what the checks of this moment measured.  Pure; cmd_diagnose.c measures,
 * show_diagnose.c shows.
 */
#ifndef COMMANDS_DIAGNOSE_H
#define COMMANDS_DIAGNOSE_H

#include "commands/config.h"
#include "commands/show.h"
#include "dataplane/site/bgp.h"

#define DIAGNOSE_TUNNELS (SITE_ROLES * SITE_TUNNELS)

/* Echo requests and their answers. */
struct diagnose_echo {
	unsigned sent, answered;
};

/* What was measured for one tunnel; zero: not checked. */
struct diagnose_tunnel {
	struct {
		bool looked, found;
		struct ip_addr source;
		char device[DP_DEVICE_MAX];
		char why[160];	    /* not found */
	} route;		    /* to the peer */
	struct diagnose_echo outer; /* to the peer's address */
	struct diagnose_echo inner; /* through the tunnel */
	bool mtu_probed;
	uint16_t passed; /* largest packet that was answered, octets of IP; 0: none */
	uint16_t lost;	 /* smallest that was not; 0: all were answered */
	uint64_t rx_packets, tx_packets, rx_bytes, tx_bytes; /* of the living Child SAs */
	uint64_t auth_drops, replay_drops, selector_drops;
	bool has_bgp;
	struct bgp_neighbour_status bgp;
};

struct diagnose_input {
	const struct config *running;
	const struct site_config *site;
	const struct site_status *status; /* NULL: the gateway does not know it yet */
	const struct event *stranger;	  /* the last peer that no tunnel expects, or NULL */
	struct show_clock clock;
	struct diagnose_tunnel tunnels[DIAGNOSE_TUNNELS]; /* by slot - 1 */
};

#define FINDING_TEXT	 200
#define FINDING_COMMANDS 512

struct finding {
	unsigned weight; /* 0..100, how likely it is what hurts */
	uint8_t slot;	 /* 0: the site */
	const char *check;
	char text[FINDING_TEXT];
	char evidence[2 * FINDING_TEXT]; /* "" none */
	struct ike_comparison comparison;
	char fix_here[FINDING_TEXT], fix_peer[FINDING_TEXT];
	char commands[FINDING_COMMANDS]; /* configuration lines to type, each with \n; "" none */
};

struct findings {
	size_t count;
	struct finding *items;
	struct strbuf fine; /* ", "-joined: what was checked without a finding */
	struct strbuf seen; /* what is good to know, lines with \n */
};

void findings_init(struct findings *f);
void findings_clear(struct findings *f);
void diagnose(const struct diagnose_input *in, struct findings *out);

/* ---- Between the parts ----------------------------------------------------------------------- */

/* A new finding, weight 0 as long as it is not filled in; valid until the next one. */
struct finding *finding_add(struct findings *f, unsigned weight, uint8_t slot, const char *check,
			    const char *fmt, ...) PRINTF_LIKE(5, 6);
/* Checks of the configuration alone (diagnose_config.c). */
void diagnose_config(const struct diagnose_input *in, struct findings *out);
/* What mends a failure of the engine, as configuration lines (diagnose_fix.c). */
void diagnose_fix(const struct site_config *c, const struct tunnel_status *t, char *buf,
		  size_t size);

void show_diagnosis(struct answer *a, const struct diagnose_input *in, const struct findings *f);

#endif
