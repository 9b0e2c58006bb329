/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Keeps names and their addresses at a name server of somebody else by dynamic update, on the event
 * loop: few messages are under way at a time, and while the server fails one is tried now and then.
 */
#ifndef DATAPLANE_DNS_DNS_UPDATER_H
#define DATAPLANE_DNS_DNS_UPDATER_H

#include "dataplane/dns/dns_update.h"
#include "platform/base/ip.h"

struct dns_updater;
struct loop;

#define DNS_UPDATER_WINDOW	16
#define DNS_UPDATER_TIMEOUT_MS	2000
#define DNS_UPDATER_LONGEST_MS	30000	/* between two tries */
#define DNS_UPDATER_CONFLICT_MS 600000	/* until names of somebody else are tried again */
#define DNS_UPDATER_REFRESH_MS	3600000 /* until all names are said again */

struct dns_updater_options {
	struct ip_endpoint server;
	char zone[128];
	struct dns_key key; /* copied */
	/* The server fails (for a new reason), or works again (DONE); a name is somebody else's. */
	void (*said)(void *arg, const char *name, enum dns_update_result r);
	void *arg;
};

struct dns_update_counts {
	uint64_t sent, done, failed, timeouts;
};

struct dns_updater_status {
	enum dns_update_result problem; /* DONE: none */
	uint64_t since_ms;		/* of the problem, loop clock */
	uint64_t next_ms;		/* next try while there is one, loop clock */
	size_t published, waiting, conflicts;
	struct dns_update_counts counts;
};

struct dns_updater *dns_updater_new(struct loop *loop, const struct dns_updater_options *o);
/* Another key for the same server and zone: it is tried at once. */
void dns_updater_key(struct dns_updater *u, const struct dns_key *key);
/* It goes on, but nothing is said any more. */
void dns_updater_silence(struct dns_updater *u);
/* What the server has stays there. */
void dns_updater_free(struct dns_updater *u);

/* All names that there shall be, one by one between begin and end; others are removed. */
void dns_updater_begin(struct dns_updater *u);
void dns_updater_put(struct dns_updater *u, const char *name, const struct ip_addr *addr);
/* A name that an earlier run had there: it is removed unless it is put. */
void dns_updater_known(struct dns_updater *u, const char *name);
/* It keeps what it has, if anything. */
void dns_updater_keep(struct dns_updater *u, const char *name);
void dns_updater_end(struct dns_updater *u);

/* All names that the server has or may have, also those that are still to be removed. */
void dns_updater_each(const struct dns_updater *u, void (*fn)(void *arg, const char *name),
		      void *arg);
bool dns_updater_is_empty(const struct dns_updater *u); /* no name is left to care for */
const struct dns_update_counts *dns_updater_counts(const struct dns_updater *u);
void dns_updater_status(const struct dns_updater *u, struct dns_updater_status *out);
/* "published", "waiting", "conflict"; NULL: it does not know the name. */
const char *dns_updater_state(const struct dns_updater *u, const char *name);

#endif
