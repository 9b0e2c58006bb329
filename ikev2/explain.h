/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where identities, traffic selectors and keys of both sides differ, for operators.  Pure. */
#ifndef IKEV2_EXPLAIN_H
#define IKEV2_EXPLAIN_H

#include "ikev2/ike.h"

/* The identity that was expected beside the one that came from the address `from`.  Gives
 * IKE_CAUSE_ID_PRIVATE, _ID_TYPE or _ID_VALUE. */
enum ike_cause id_explain(const struct ike_id *expected, const struct ike_id *seen,
			  const struct ip_addr *from, struct ike_comparison *out);

/* Our selectors beside those that the peer asked for; NULL: it did not tell.  Marked are the sides
 * that have no packet in common. */
void selectors_explain(const struct ike_ts_list *local, const struct ike_ts_list *remote,
		       const struct ike_ts_list *peer_local, const struct ike_ts_list *peer_remote,
		       struct ike_comparison *out);

#endif
