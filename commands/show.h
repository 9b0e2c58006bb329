/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Screens: each show_* function renders values that were collected before into an answer, and asks
 * nobody.  cmd_show_*.c collects, tests pass their own values.
 *
 * All JSON documents are listed above the function that renders them.
 */
#ifndef COMMANDS_SHOW_H
#define COMMANDS_SHOW_H

#include "commands/answer.h"
#include "dataplane/event.h"
#include "dataplane/site/gateway.h"
#include "dataplane/site/site_config.h"

/* The instant that a screen shows: loop clock and wall clock of the same moment. */
struct show_clock {
	uint64_t now_ms, wall_ms;
};

/* A site as collected; pointers are borrowed. */
struct show_children {
	size_t count;
	const struct child_status *items;
};

struct show_steps {
	size_t count;
	const struct ike_step *items;
};

struct show_site {
	const struct site_status *status;
	const struct site_config *config; /* NULL: unknown */
	/* of each tunnel, in the order of status->tunnels; filled for detail and SA screens */
	struct show_children children[SITE_ROLES * SITE_TUNNELS];
	struct show_steps steps[SITE_ROLES * SITE_TUNNELS];
};

/* ---- Helpers (show_text.c) ------------------------------------------------------------------- */

#define SHOW_TEXT_MAX 32

/* Loop time as wall time; 0 for 0. */
uint64_t show_wall_ms(const struct show_clock *c, uint64_t at_ms);
/* "14:02:31", with the date in front ("Nov 22 13:20:55") when it was another day. */
const char *show_moment(const struct show_clock *c, uint64_t at_ms, char *buf, size_t size);
/* The same of a wall time. */
const char *show_wall_moment(const struct show_clock *c, uint64_t wall_ms, char *buf, size_t size);
/* Age of at_ms, and time until at_ms (0 when it has passed). */
uint64_t show_age_ms(const struct show_clock *c, uint64_t at_ms);
uint64_t show_left_ms(const struct show_clock *c, uint64_t at_ms);
/* "312 B", "1.2 GB", "388 MB": decimal units. */
const char *show_bytes(uint64_t bytes, char *buf, size_t size);
/* "41.2/12.8": bits per second of both directions in Mbps. */
const char *show_mbps(uint64_t rx_bps, uint64_t tx_bps, char *buf, size_t size);
/* "UP", "ADMIN-DOWN". */
const char *show_state(enum tunnel_state s, char *buf, size_t size);
/* "IKE_AUTH"; NULL for 0. */
const char *show_exchange(unsigned type);
/* "primary 2" of a slot; "" for 0. */
const char *show_slot(uint8_t slot, char *buf, size_t size);

/* ---- show ipsec connection-status (show_status.c, show_detail.c) -------------------------------
 */

struct show_totals {
	unsigned sites, connected;
	unsigned tunnels, by_state[TUNNEL_ADMIN_DOWN + 1];
};

void show_status_begin(struct answer *a, struct show_totals *totals, bool detail);
void show_status_site(struct answer *a, struct show_totals *totals, const struct show_clock *clock,
		      const struct show_site *site, bool detail);
/* stranger: the last peer that no tunnel expects, NULL none lately. */
void show_status_end(struct answer *a, const struct show_totals *totals,
		     const struct event *stranger, bool detail);
/* The block of one tunnel; number is its place in site->status->tunnels. */
void show_tunnel_detail(struct answer *a, const struct show_clock *clock,
			const struct show_site *site, size_t number);

/* Its last messages (show_ladder.c), behind its block and inside its object. */
void show_ladder(struct answer *a, const struct show_clock *clock, const struct show_steps *steps);

/* Reason, cause and fixes of one tunnel (show_reason.c), inside its object and block. */
void show_reason(struct answer *a, const struct tunnel_status *t);
void show_comparison(struct answer *a, const struct ike_comparison *c);
void show_fixes(struct answer *a, const char *here, const char *peer);

/* ---- show ipsec sa (show_sa.c) -----------------------------------------------------------------
 */

struct show_sa_totals {
	size_t ike, child;
};

void show_sa_begin(struct answer *a, struct show_sa_totals *totals);
void show_sa_site(struct answer *a, struct show_sa_totals *totals, const struct show_clock *clock,
		  const struct show_site *site);
void show_sa_end(struct answer *a, const struct show_sa_totals *totals);
/* Members of one Child SA object. */
void show_child_members(struct answer *a, const struct show_clock *clock,
			const struct child_status *child);
/* Members of the IKE SA object. */
void show_ike_members(struct answer *a, const struct show_clock *clock,
		      const struct ike_tunnel_status *ike);
/* "203.0.113.10:4500 <> 203.0.113.201:4500, peer behind NAT" */
const char *show_addresses(const struct ike_tunnel_status *ike, char *buf, size_t size);
#define SHOW_ADDRESSES_MAX (2 * IP_TEXT_MAX + 32)
/* "10.0.0.0/16, 10.1.0.0/16 <> 10.20.0.0/16", local side first; caller clears out. */
void show_selectors(const struct ike_ts_list *local, const struct ike_ts_list *remote,
		    struct strbuf *out);

/* ---- Configured sites (show_site.c, show_parameters.c, show_worksheet.c) ------------------------
 */

/* status is NULL in site while the gateway does not know it yet. */
void show_site_list_begin(struct answer *a);
void show_site_list_site(struct answer *a, const struct show_site *site);
void show_site_list_end(struct answer *a, size_t count);
/* One site in full, inside an array "sites"; the same JSON. */
void show_site_full(struct answer *a, const struct show_site *site);
/* config NULL: defaults and what is fixed. */
void show_parameters(struct answer *a, const struct site_config *config);
struct service_routes;
void show_worksheet(struct answer *a, const struct site_config *config,
		    const struct service_routes *routes);

/* ---- The box (show_system.c) -------------------------------------------------------------------
 */

struct show_version {
	const char *hostname;
	uint64_t uptime_ms, started_wall_ms;
	const char *dataplane, *dataplane_reason; /* NULL: no gateway runs */
	const char *openssl;
};

void show_version(struct answer *a, const struct show_version *v);
void show_logging(struct answer *a, const struct list *events, size_t dropped);
void show_clock_screen(struct answer *a, const struct show_clock *clock);
/* Counters one by one; text leaves out those that are zero and says how many these are. */
void show_statistics_begin(struct answer *a, size_t *zero);
void show_statistics_counter(struct answer *a, size_t *zero, const char *name, uint64_t value);
void show_statistics_end(struct answer *a, size_t zero);

#endif
