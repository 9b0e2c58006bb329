/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The inside of BGP, shared by its files and called by those of the supervisor. */
#ifndef DATAPLANE_SITE_BGP_STATE_H
#define DATAPLANE_SITE_BGP_STATE_H

#include "dataplane/site/bgp.h"
#include "dataplane/site/bgp_text.h"
#include "dataplane/site/gateway_state.h"
#include "platform/os/bird.h"

struct bgp_neighbour {
	bool wanted;   /* the session shall be up */
	bool disabled; /* as BIRD says */
	bool known;    /* BIRD has it */
	bool established;
	char state[16];
	char info[96]; /* behind the state: the last error */
	uint64_t since_s;
	uint32_t received, refused, sent;
	const char *said; /* reason in the last event */
};

struct bgp_query;

struct bgp {
	struct gateway *g;
	struct bird *bird;
	struct loop_timer build_timer, poll_timer;
	char *shape; /* text that is in force, without states; NULL: none */
	unsigned polls;
	size_t neighbours;
	bool said_bad; /* an event told that BIRD does not work */
	struct list queries;
};

struct bgp *bgp_new(struct gateway *g, const char *dir); /* dir NULL: there is no BGP */
void bgp_free(struct bgp *b);
/* Configurations have changed. */
void bgp_stale(struct gateway *g);
/* Links or HA role of the site have changed. */
void bgp_evaluate(struct site *s);
void bgp_neighbour_free(struct tunnel *t);
/* Sites with their wishes, as bgp_text.h takes them; caller frees. */
struct bgp_text_site *bgp_sites(const struct gateway *g, size_t *count);
struct tunnel *bgp_tunnel(const struct gateway *g, const char *protocol); /* or NULL */

/* bgp_poll.c: what BIRD says of its protocols */
void bgp_poll_start(struct bgp *b);
void bgp_poll_stop(struct bgp *b);

/* bgp_reason.c: NULL when established */
const char *bgp_reason(const struct tunnel *t, const char **hint);

/* bgp_event.c */
void bgp_event_up(const struct tunnel *t);
void bgp_event_down(const struct tunnel *t);
void bgp_event_refused(struct tunnel *t);
void bgp_event_daemon(struct bgp *b);

/* bgp_route.c */
void bgp_queries_drop(struct bgp *b);
/* Routes in the reply of `show route all`; returns the new count, at most max.  refused: the reply
 * is about those that were filtered. */
size_t bgp_routes_parse(const struct gateway *g, const char *text, bool refused,
			struct bgp_route *out, size_t count, size_t max);

#endif
