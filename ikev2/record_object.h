/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Tunnels, IKE SAs and Child SAs as records.  Reading makes them anew in an engine that has none;
 * what does not fit together makes the record failed, and whoever frees the engine frees all.
 */
#ifndef IKEV2_RECORD_OBJECT_H
#define IKEV2_RECORD_OBJECT_H

#include "ikev2/record_value.h"

struct tunnel;

/* Profiles, and what is known of each tunnel beside its SAs. */
void record_tunnels(struct record *r, struct ike_engine *e);
/* The order of the SAs of each tunnel, when all are there. */
void record_tunnel_order(struct record *r, struct ike_engine *e);
/* IKE SAs with their Child SAs, requests and waiting jobs. */
void record_sas(struct record *r, struct ike_engine *e);
/* Those without IKE SA. */
void record_lingering(struct record *r, struct ike_engine *e);

/* The Child SAs of an IKE SA that are not new any more. */
void record_children(struct record *r, struct ike_engine *e, struct ike_sa *sa);
/* One that is being made, or NULL. */
void record_new_child(struct record *r, struct ike_engine *e, struct ike_sa *sa,
		      struct child_sa **c);
/* Requests of ours, queued and under way; that of the peer; IKE_SA_INIT and IKE_AUTH. */
void record_tasks(struct record *r, struct ike_engine *e, struct ike_sa *sa);
void record_theirs(struct record *r, struct ike_engine *e, struct ike_sa *sa);
void record_initial(struct record *r, struct ike_engine *e, struct ike_sa *sa);

#endif
