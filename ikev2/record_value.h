/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Values of the engine as records: addresses, identities, selectors, suites, offers, nonces,
 * messages, timers, key exchange jobs, failures.
 */
#ifndef IKEV2_RECORD_VALUE_H
#define IKEV2_RECORD_VALUE_H

#include "ikev2/child.h"
#include "ikev2/ikesa.h"
#include "ikev2/record.h"

void record_endpoint(struct record *r, struct ip_endpoint *p);
void record_addr(struct record *r, struct ip_addr *a);
void record_id(struct record *r, struct ike_id *id);
void record_ts_list(struct record *r, struct ike_ts_list *l);
void record_ts_kept(struct record *r, struct ts_kept *k);
void record_parameters(struct record *r, struct ike_parameters *p);
void record_suite(struct record *r, struct ike_suite *s);
void record_offers(struct record *r, struct proposal_list *l);
void record_choice(struct record *r, struct proposal_choice *c);
void record_nonce(struct record *r, struct nonce *n);
void record_message(struct record *r, struct message_out *m);
void record_header(struct record *r, struct message_header *h);
void record_failure(struct record *r, struct ike_failure *f);
void record_comparison(struct record *r, struct ike_comparison **c); /* owned, or NULL */
/* Whether and when it fires. */
void record_timer(struct record *r, struct ike_engine *e, struct timer *t);
/* A key pair, or NULL. */
void record_job(struct record *r, struct ike_engine *e, struct ike_dh_job **job);
/* Somebody waits for a job: it is handed out again when this is read. */
void record_wait(struct record *r, struct ike_engine *e, struct dh_wait *w, struct ike_sa *sa,
		 enum dh_purpose purpose);

#endif
