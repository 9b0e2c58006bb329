/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The Child SA: a pair of ESP SAs, its lifetime, and how it takes over from and hands over to
 * others.  RFC 7296 sections 1.3, 1.4.1, 2.8 and 2.17.
 */
#ifndef IKEV2_CHILD_H
#define IKEV2_CHILD_H

#include "ikev2/ikesa.h"
#include "ikev2/ts_kept.h"

#define CHILD_LINGER_MS 5000 /* inbound stays for stragglers after a DELETE */

struct child_sa {
	struct map_node by_number; /* in engine.children */
	struct map_node by_spi;	   /* in engine.spis */
	struct list of_sa;	   /* in ike_sa.children, or in engine.lingering */
	struct list of_tunnel;	   /* in tunnel.children */
	struct ike_sa *sa;	   /* NULL while lingering */
	uint32_t tunnel_id;
	uint32_t number;
	enum child_state state;
	bool initiator; /* we initiated the exchange that made it */
	bool installed; /* the data plane has it */
	bool outbound;	/* the data plane was told to send on it */
	bool pending;	/* the data plane may send on it by its own decision */
	bool udp_encap;
	bool redundant; /* lost a collision; the peer deletes it */
	uint32_t spi_in, spi_out;
	uint32_t successor; /* number of the one that rekeyed it */
	uint32_t replaces;  /* who sent before, as the data plane was told */
	struct secret keys; /* encr_in, integ_in, encr_out, integ_out: to install it again */
	struct ike_suite suite;
	struct ts_kept local_ts, remote_ts;
	uint64_t since_ms, rekey_at_ms, expire_at_ms;
	struct timer rekey, expire, remove;
};

/* A new one with number and inbound SPI, in state NEW. */
struct child_sa *child_new(struct ike_engine *e, struct ike_sa *sa);
/* One as it was: not installed, without keys.  sa NULL: it lingers.  NULL: number or SPI are not
 * possible, or in use. */
struct child_sa *child_restore(struct ike_engine *e, struct ike_sa *sa, uint32_t number,
			       uint32_t spi_in);
/* Are its keys those that its suite needs? */
bool child_keys_fit(const struct child_sa *c);
/* To the data plane once more, as it is. */
void child_install_again(struct ike_engine *e, const struct child_sa *c);
struct child_sa *child_find(const struct ike_engine *e, uint32_t number); /* or NULL */
/* The one of this IKE SA (and of those it shares the tunnel with) that sends to the SPI. */
struct child_sa *child_by_spi_out(const struct ike_sa *sa, uint32_t spi_out);
int child_event(struct ike_engine *e, struct child_sa *c, enum child_event ev);
/* Forget one that never was installed. */
void child_free(struct ike_engine *e, struct child_sa *c);

/* Everything that makes an installable Child SA out of a new one. */
struct child_result {
	const struct proposal_choice *choice;
	struct view ni, nr;
	const struct secret *shared; /* NULL: no PFS */
	const struct secret *more;   /* of additional key exchanges; NULL: none */
	const struct ike_ts_list *local_ts, *remote_ts;
	bool initiator;
	uint32_t rekeys;   /* number, 0: none */
	bool outbound_now; /* ignored when nobody sends for its networks */
};

/* The peer's inbound SPI in what was negotiated. */
uint32_t child_spi_of(const struct proposal_choice *choice);
/* Derive keys and hand it to the data plane.  On failure it is still NEW. */
int child_install(struct ike_engine *e, struct child_sa *c,
		  const struct child_result *r) WARN_UNUSED;

/* It is gone on both sides: its heir sends from now on, and it is removed, at once or after the
 * time for stragglers. */
void child_closed(struct ike_engine *e, struct child_sa *c, bool linger);

/* Sent to the data plane again after endpoints changed. */
void child_moved(struct ike_engine *e, const struct child_sa *c);
void child_start_timers(struct ike_engine *e, struct child_sa *c);

/* Timers. */
void child_on_rekey(struct ike_engine *e, struct child_sa *c);
void child_on_expire(struct ike_engine *e, struct child_sa *c);
void child_on_remove(struct ike_engine *e, struct child_sa *c);
/* The data plane cannot go on with it. */
void child_on_refused(struct ike_engine *e, struct child_sa *c);
void child_on_broken(struct ike_engine *e, struct child_sa *c);

#endif
