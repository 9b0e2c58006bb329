/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Liveness: a probe after silence, and the dead timer, independent of retransmission.
 * RFC 7296 section 2.4. */
#ifndef IKEV2_LIVENESS_H
#define IKEV2_LIVENESS_H

#include "ikev2/ikesa.h"

void liveness_on_silence(struct ike_engine *e, struct ike_sa *sa);
/* Somebody says, unprotected, that the peer does not know this IKE SA (INVALID_IKE_SPI), or that it
 * cannot be reached (ICMP).  Nothing changes but that the peer is asked, at most once in a while
 * (RFC 7296 sections 2.4 and 2.21.4).  denied: it is the former; the request is then repeated
 * quickly, and when it is denied again and again and nothing authentic comes, the peer has
 * restarted. */
void liveness_on_hint(struct ike_engine *e, struct ike_sa *sa, bool denied);
void liveness_on_doubt(struct ike_engine *e, struct ike_sa *sa);
void liveness_on_dead(struct ike_engine *e, struct ike_sa *sa);
/* Ask now: an empty INFORMATIONAL, or the open request once more, which changes nothing of its
 * retransmission.  ERR_BUSY: another exchange is being prepared. */
int liveness_probe(struct ike_engine *e, struct ike_sa *sa) WARN_UNUSED;
/* The awaited response came in: measures the round trip, unless it is not clear which transmission
 * was answered, or the peer had to compute. */
void liveness_on_answer(const struct ike_engine *e, struct ike_sa *sa);

#endif
