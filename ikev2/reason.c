/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names and hints of the reasons why a tunnel is not up. */
#include "ikev2/ike.h"

struct reason_row {
	const char *name;
	const char *hint;
};

static const struct reason_row rows[IKE_REASON_COUNT] = {
	[IKE_REASON_NONE] = {"none", "Nothing failed."},
	[IKE_REASON_NO_RESPONSE] = {"no-response",
				    "Check the peer's address, routing, and that UDP ports 500 and "
				    "4500 pass both ways."},
	[IKE_REASON_AUTH_FAILED] = {"auth-failed",
				    "Make the pre-shared key the same on both sides, and the "
				    "identities what each side expects."},
	[IKE_REASON_ID_MISMATCH] =
		{"id-mismatch", "Set the expected identity to the one that the peer presents, or "
				"change the peer's own identity."},
	[IKE_REASON_NO_PROPOSAL_CHOSEN] = {"no-proposal-chosen",
					   "Give both sides one encryption, integrity, PRF and "
					   "Diffie-Hellman group in common."},
	[IKE_REASON_TS_UNACCEPTABLE] = {"ts-unacceptable",
					"Make the networks of both sides mirror each other."},
	[IKE_REASON_DEAD_PEER] = {"dead-peer",
				  "The peer fell silent; check its power, uplink and firewall."},
	[IKE_REASON_PEER_DELETED] = {"peer-deleted",
				     "The peer closed the tunnel; look into its log."},
	[IKE_REASON_ADMIN_DOWN] = {"admin-down", "Initiate the tunnel to bring it up again."},
	[IKE_REASON_CONFIG_CHANGED] = {"config-changed",
				       "The tunnel is renegotiated with its new parameters."},
	[IKE_REASON_INVALID_SYNTAX] =
		{"invalid-syntax", "Different keys garble IKE messages: check the pre-shared key, "
				   "then the software version of the peer."},
	[IKE_REASON_REPLACED] = {"replaced", "The peer came back with a new IKE SA."},
	[IKE_REASON_PEER_REFUSED] =
		{"peer-refused", "The peer named the error in the evidence; look into its log."},
	[IKE_REASON_EXPIRED] = {"expired",
				"Rekeying did not succeed in time; look at the last failure."},
	[IKE_REASON_RESOURCES] = {"resources", "A limit of this appliance is reached."},
};

const char *ike_reason_name(enum ike_reason r)
{
	return (unsigned)r < IKE_REASON_COUNT ? rows[r].name : "unknown";
}

const char *ike_reason_hint(enum ike_reason r)
{
	return (unsigned)r < IKE_REASON_COUNT ? rows[r].hint : "";
}
