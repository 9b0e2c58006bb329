/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Why two sides have no proposal in common: both lists beside each other (RFC 7296 section 3.3).
 * Pure; for operators' eyes only, nothing is decided by it. */
#ifndef IKEV2_PROPOSAL_EXPLAIN_H
#define IKEV2_PROPOSAL_EXPLAIN_H

#include "ikev2/proposal.h"

/* Puts those proposals of both sides beside each other that come closest, one row per attribute,
 * and marks the rows that have nothing in common.  Attributes that follow from another one
 * (integrity, where only one side takes AES-GCM) are not marked.  ike_auth: the Child SA of
 * IKE_AUTH, where DH groups do not count.  Returns how many rows are marked. */
size_t proposal_explain(const struct proposal_list *ours, const struct payload_sa *theirs,
			bool ike_auth, struct ike_comparison *out);

/* What we offered, where the peer refused it without telling what it has. */
void proposal_show_ours(const struct proposal_list *ours, bool ike_auth,
			struct ike_comparison *out);
/* Two DH groups. */
void comparison_groups(uint16_t here, uint16_t peer, struct ike_comparison *out);

/* All that these parameters accept, as if it was offered. */
void proposal_accepted(uint8_t protocol, const struct ike_parameters *params, bool esn,
		       struct proposal_list *out);

/* "dh-group differs: here dh20, peer dh14"; "" when nothing is marked. */
const char *comparison_text(const struct ike_comparison *c, char *buf, size_t size);

#endif
