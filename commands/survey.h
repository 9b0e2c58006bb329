/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A survey: what all sites and tunnels are like, in compact form, taken in small steps so that the
 * loop never waits for ten thousand sites.  Sites that come or go meanwhile are in it or not, but
 * none is in it twice, and none that stays is missing.
 */
#ifndef COMMANDS_SURVEY_H
#define COMMANDS_SURVEY_H

#include "dataplane/site/gateway.h"

#define SURVEY_STEP    32 /* sites that are looked at in one step of about a millisecond */
#define SURVEY_REASONS 64 /* different reasons; all beyond are "other" */

struct survey_tunnel {
	uint8_t slot;	 /* 1..6 */
	uint8_t state;	 /* enum tunnel_state */
	uint8_t reason;	 /* in survey.reasons */
	uint8_t health;	 /* enum health_state */
	uint8_t buckets; /* of DP_BUCKETS */
	bool loss_known, delay_known;
	uint32_t loss; /* hundredths of a percent */
	uint32_t delay_us, jitter_us;
	uint32_t wan_role, children, attempts;
	uint64_t since_ms; /* loop clock */
	uint64_t rx_bytes, tx_bytes, replay_drops;
	char name[SITE_TEXT_MAX];
};

struct survey_site {
	char name[SITE_NAME_MAX];
	uint32_t index; /* of the device */
	bool connected;
	enum site_role active;
	size_t first, count; /* in survey.tunnels */
};

struct survey {
	struct survey_site *sites;
	struct survey_tunnel *tunnels;
	size_t site_count, site_cap, tunnel_count, tunnel_cap;
	char reasons[SURVEY_REASONS][48]; /* 0 is "-" */
	size_t reason_count;
	size_t connected, up; /* sites, tunnels */
	size_t position;      /* in the gateway's order */
};

void survey_init(struct survey *s);
void survey_clear(struct survey *s);
/* Look at the next sites, at most so many.  False: there are no more. */
bool survey_step(struct survey *s, struct gateway *g, size_t sites);
/* "412 sites, 380 connected; 1300 tunnels, 1208 up" */
const char *survey_text(const struct survey *s, char *buf, size_t size);

#endif
