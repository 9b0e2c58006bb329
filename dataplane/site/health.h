/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How well a tunnel works: is it silent, and how much does it lose, delay and vary.  A pure value
 * that is looked at once a second with what was seen since; it also says when to ask the peer.
 */
#ifndef DATAPLANE_SITE_HEALTH_H
#define DATAPLANE_SITE_HEALTH_H

#include <stdbool.h>
#include <stdint.h>

#define HEALTH_WINDOW_S	     10
#define HEALTH_UNUSABLE_MS   3000   /* nothing heard for so long while we send: no new flows */
#define HEALTH_DOWN_MS	     10000  /* and for so long: down */
#define HEALTH_IDLE_MS	     20000  /* nobody sends: ask after so long at the latest */
#define HEALTH_RETURN_MS     3000   /* heard without a gap for so long: usable again */
#define HEALTH_SLA_RETURN_MS 20000  /* within the limits for so long: no longer degraded */
#define HEALTH_SLA_MEMORY_MS 300000 /* degraded again within this: twice as long */

enum health_state {
	HEALTH_NONE, /* not up */
	HEALTH_GOOD,
	HEALTH_DEGRADED, /* loss, jitter or delay above its limit: new flows go elsewhere */
	HEALTH_UNUSABLE, /* silent for 3 s: new flows go elsewhere at once */
	HEALTH_DOWN,	 /* silent for 10 s: as if the tunnel were not there */
};
const char *health_state_name(enum health_state s); /* "good" */

struct health_limits {
	uint32_t loss; /* hundredths of a percent */
	uint32_t jitter_us, delay_us;
};

/* Loss 3 %, jitter 30 ms, delay 600 ms. */
struct health_limits health_limits_default(void);

/* Over the last ten seconds. */
struct health_figures {
	bool loss_known, delay_known;
	uint32_t loss; /* hundredths of a percent */
	uint32_t delay_us, jitter_us;
	uint8_t score; /* 0..100: the worst of the three; 50 at a limit, 0 at four times the limit
			*/
};

/* What the last second showed. */
struct health_look {
	uint64_t now_ms;
	bool tick;	    /* a second is over; false: only the silence is looked at */
	uint64_t heard_ms;  /* last authenticated packet, IKE or ESP */
	uint64_t sent_ms;   /* last ESP packet sent, 0: never */
	uint64_t asked_ms;  /* first transmission of the IKE request that waits, 0: none */
	uint64_t rtt_at_ms; /* end of the last IKE round trip, 0: never */
	uint32_t rtt_ms;
	uint32_t expected, received; /* ESP sequence numbers inbound since the last tick */
	bool echoes;		     /* echo requests measure this tunnel */
};

struct health_second {
	uint32_t expected, received;
	uint32_t probes, lost;
	uint32_t rtt_count, rtt_sum_us;
};

struct health {
	bool on;
	bool silent, down, degraded;
	bool sending; /* ESP, and nothing came since */
	uint64_t heard_ms;
	uint64_t looked_ms;  /* last tick */
	uint64_t waiting_ms; /* first sending that nothing followed; 0: nothing waits */
	uint32_t asks;	     /* wishes to probe since then */
	uint64_t steady_ms;  /* silent: heard without a gap since; 0: not yet */
	uint64_t asked_ms;   /* as last seen */
	uint64_t rtt_at_ms;
	uint32_t last_rtt_us;	 /* 0: none yet */
	uint64_t probe_ms;	 /* when one was last wished */
	uint64_t quick_until_ms; /* something was odd: probe more often */
	uint64_t returned_ms;	 /* when it was last no longer degraded, 0: never */
	uint64_t return_ms;	 /* so long it has to be fine */
	uint64_t fine_ms;	 /* degraded: within the limits since; 0: not */
	struct health_second seconds[HEALTH_WINDOW_S];
	unsigned at; /* the current one */
	struct health_figures figures;
};

void health_start(struct health *h, uint64_t now_ms); /* the tunnel came up: heard just now */
void health_stop(struct health *h);
/* True when the peer is to be asked by IKE now.  tick once a second. */
bool health_look(struct health *h, const struct health_look *in, const struct health_limits *l);
/* When to look again before the next tick; UINT64_MAX: no need. */
uint64_t health_deadline(const struct health *h);
/* Results of echo requests. */
void health_answered(struct health *h, uint32_t rtt_us);
void health_lost(struct health *h, uint64_t now_ms);
/* Between echo requests. */
uint32_t health_echo_interval_ms(const struct health *h, uint64_t now_ms);

enum health_state health_state_of(const struct health *h);

#endif
