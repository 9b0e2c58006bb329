/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Liveness: a probe after silence, and the dead timer, independent of retransmission.
 * RFC 7296 section 2.4. */
#ifndef IKEV2_LIVENESS_H
#define IKEV2_LIVENESS_H

#include "ikev2/ikesa.h"

void liveness_on_silence(struct ike_engine *e, struct ike_sa *sa);
void liveness_on_dead(struct ike_engine *e, struct ike_sa *sa);

#endif
