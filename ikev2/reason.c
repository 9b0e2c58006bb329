/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The tables of reasons and causes.  Style of the texts: short sentences that begin with a capital
 * letter and end without full stop, so that they fit into lines, cells and parentheses alike; "the
 * peer" is the other side, "here" this appliance; commands are written as they are typed.
 */
#include "ikev2/ike.h"

static const char *const reason_names[IKE_REASON_COUNT] = {
	[IKE_REASON_NONE] = "none",
	[IKE_REASON_NO_RESPONSE] = "no-response",
	[IKE_REASON_AUTH_FAILED] = "auth-failed",
	[IKE_REASON_ID_MISMATCH] = "id-mismatch",
	[IKE_REASON_NO_PROPOSAL_CHOSEN] = "no-proposal-chosen",
	[IKE_REASON_TS_UNACCEPTABLE] = "ts-unacceptable",
	[IKE_REASON_DEAD_PEER] = "dead-peer",
	[IKE_REASON_PEER_DELETED] = "peer-deleted",
	[IKE_REASON_ADMIN_DOWN] = "admin-down",
	[IKE_REASON_CONFIG_CHANGED] = "config-changed",
	[IKE_REASON_INVALID_SYNTAX] = "invalid-syntax",
	[IKE_REASON_REPLACED] = "replaced",
	[IKE_REASON_PEER_REFUSED] = "peer-refused",
	[IKE_REASON_EXPIRED] = "expired",
	[IKE_REASON_RESOURCES] = "resources",
	[IKE_REASON_IKEV1_PEER] = "ikev1-peer",
	[IKE_REASON_ONE_WAY] = "one-way-traffic",
	[IKE_REASON_REKEY_STORM] = "rekey-storm",
};

static const struct ike_cause_row rows[IKE_CAUSE_COUNT] = {
	[IKE_CAUSE_NONE] = {IKE_REASON_NONE, "none", "Nothing failed", "", ""},

	[IKE_CAUSE_SILENT] = {IKE_REASON_NO_RESPONSE, "silent", "The peer does not answer at all",
			      "Check public-ip and the route to it",
			      "Let UDP 500 and 4500 of this appliance pass, and check that IKEv2 "
			      "is enabled for it"},
	[IKE_CAUSE_PORT_UNREACHABLE] = {IKE_REASON_NO_RESPONSE, "port-unreachable",
					"The peer's host answers that nothing listens on its IKE "
					"port",
					"Check public-ip, it may be that of another host",
					"Start IKE, or enable it on the interface with this "
					"address"},
	[IKE_CAUSE_HOST_UNREACHABLE] = {IKE_REASON_NO_RESPONSE, "host-unreachable",
					"A router on the way answers that the peer cannot be "
					"reached",
					"Check public-ip and the route to it",
					"Check the uplink of the site"},
	[IKE_CAUSE_PROHIBITED] = {IKE_REASON_NO_RESPONSE, "prohibited",
				  "A firewall on the way refuses IKE",
				  "Let UDP 500 and 4500 to the peer pass",
				  "Let UDP 500 and 4500 of this appliance pass"},
	[IKE_CAUSE_NO_ROUTE] = {IKE_REASON_NO_RESPONSE, "no-route",
				"This appliance cannot send to the peer",
				"Add a route to public-ip on this machine", ""},
	[IKE_CAUSE_NATT_BLOCKED] = {IKE_REASON_NO_RESPONSE, "port-4500-blocked",
				    "The peer answers on UDP 500, but not on UDP 4500",
				    "Let UDP 4500 pass both ways", "Let UDP 4500 pass both ways"},
	[IKE_CAUSE_AUTH_UNANSWERED] = {IKE_REASON_NO_RESPONSE, "auth-unanswered",
				       "The peer answers IKE_SA_INIT, but not IKE_AUTH",
				       "Check psk and own-id, some peers drop what they do not "
				       "accept",
				       "Look into its log, it drops IKE_AUTH without a word"},
	[IKE_CAUSE_AUTH_MISSING] = {IKE_REASON_NO_RESPONSE, "auth-missing",
				    "The peer sends IKE_SA_INIT, but no IKE_AUTH arrives",
				    "Let UDP 4500 pass both ways, and IKE answers out",
				    "Let UDP 4500 pass both ways, or look into its log why it "
				    "stops"},
	[IKE_CAUSE_FRAGMENTS_LOST] = {IKE_REASON_NO_RESPONSE, "fragments-lost",
				      "Large IKE messages get lost on the way, small ones pass",
				      "Let IP fragments pass, or configure fewer traffic "
				      "selectors",
				      "Enable IKE fragmentation (RFC 7383), and let IP fragments "
				      "pass"},
	[IKE_CAUSE_COOKIE_LOOP] = {IKE_REASON_NO_RESPONSE, "cookie-loop",
				   "The peer asks for a cookie again and again",
				   "Check for a NAT on this side that changes the address between "
				   "packets",
				   "It does not accept its own cookies, check its protection "
				   "against floods"},

	[IKE_CAUSE_PSK_MISMATCH] = {IKE_REASON_AUTH_FAILED, "psk-mismatch",
				    "The pre-shared keys differ",
				    "Check the PSK on both sides, set it again with psk",
				    "Set the pre-shared key that is configured here"},
	[IKE_CAUSE_PSK_OTHER_TUNNEL] = {IKE_REASON_AUTH_FAILED, "psk-of-other-tunnel",
					"The peer uses the pre-shared key of another tunnel",
					"Check the PSK of both tunnels, they may be swapped",
					"Set the pre-shared key of this tunnel"},
	[IKE_CAUSE_REFUSED_BY_PEER] = {IKE_REASON_AUTH_FAILED, "refused-by-peer",
				       "The peer does not accept our pre-shared key or our "
				       "identity",
				       "Check the PSK on both sides, and own-id",
				       "Set the pre-shared key that is configured here, and expect "
				       "our identity"},
	[IKE_CAUSE_AUTH_METHOD] = {IKE_REASON_AUTH_FAILED, "auth-method",
				   "The peer wants to authenticate without a pre-shared key", "",
				   "Use a pre-shared key for both directions, no certificates and "
				   "no EAP"},

	[IKE_CAUSE_PPK_MISSING] = {IKE_REASON_AUTH_FAILED, "ppk-missing",
				   "The peer does not use the postquantum preshared key that is "
				   "required here",
				   "Remove that it is required, or the key",
				   "Set the postquantum preshared key, or enable its use"},
	[IKE_CAUSE_PPK_MISMATCH] = {IKE_REASON_AUTH_FAILED, "ppk-mismatch",
				    "The postquantum preshared keys, or their names, differ",
				    "Compare the name and the key with the peer",
				    "Set the postquantum preshared key that is configured here"},

	[IKE_CAUSE_ID_VALUE] = {IKE_REASON_ID_MISMATCH, "id-value",
				"The peer presents another identity than is configured",
				"Configure what it presents with remote-id, or local-id",
				"Set its own identity to what is expected here"},
	[IKE_CAUSE_ID_TYPE] = {IKE_REASON_ID_MISMATCH, "id-type",
			       "The peer presents its identity with another type",
			       "Configure the type that it presents with remote-id, or "
			       "authentication-identifier",
			       "Set the type of its own identity to what is expected here"},
	[IKE_CAUSE_ID_PRIVATE] = {IKE_REASON_ID_MISMATCH, "id-private-address",
				  "The peer is behind NAT and presents its private address",
				  "Configure the private address with remote-id ipv4",
				  "Set its own identity to its public address"},
	[IKE_CAUSE_ID_UNKNOWN] = {IKE_REASON_ID_MISMATCH, "id-unknown",
				  "No tunnel expects the identity of the peer",
				  "Configure it with remote-id, local-id or public-ip of its "
				  "tunnel",
				  "Set its own identity to what the peer-worksheet says"},
	[IKE_CAUSE_OWN_ID] = {IKE_REASON_ID_MISMATCH, "own-id",
			      "The peer expects another identity of this appliance",
			      "Configure what it expects with own-id",
			      "Set the remote identity to that of this appliance"},
	[IKE_CAUSE_PEER_ADDRESS] = {IKE_REASON_ID_MISMATCH, "peer-address",
				    "Identity and key are right, but the address is another one",
				    "Configure the address with public-ip",
				    "Send IKE from the address that is configured here"},

	[IKE_CAUSE_IKE_ALGORITHMS] = {IKE_REASON_NO_PROPOSAL_CHOSEN, "ike-algorithms",
				      "No IKE proposal of the peer is accepted here",
				      "Allow what it offers in init-parameters",
				      "Offer for IKE what is accepted here"},
	[IKE_CAUSE_IKE_REFUSED] = {IKE_REASON_NO_PROPOSAL_CHOSEN, "ike-algorithms-refused",
				   "The peer accepts none of our IKE proposals",
				   "Set in init-parameters what the peer accepts, or automatic",
				   "Accept for IKE what is offered here, and check the address "
				   "that it expects"},
	[IKE_CAUSE_NO_CONNECTION] = {IKE_REASON_NO_PROPOSAL_CHOSEN, "no-connection",
				     "The peer has no IKEv2 connection for our address",
				     "Check which of our addresses the peer expects, and "
				     "destination",
				     "Configure a connection with IKE version 2 for the address of "
				     "this appliance"},
	[IKE_CAUSE_CHILD_ALGORITHMS] = {IKE_REASON_NO_PROPOSAL_CHOSEN, "child-algorithms",
					"No ESP proposal of the peer is accepted here",
					"Allow what it offers in auth-parameters",
					"Offer for ESP what is accepted here"},
	[IKE_CAUSE_CHILD_REFUSED] = {IKE_REASON_NO_PROPOSAL_CHOSEN, "child-algorithms-refused",
				     "The peer accepts none of our ESP proposals",
				     "Set in auth-parameters what the peer accepts, or automatic",
				     "Accept for ESP what is offered here"},
	[IKE_CAUSE_REKEY_ALGORITHMS] = {IKE_REASON_NO_PROPOSAL_CHOSEN, "rekey-algorithms",
					"Rekeying failed, the algorithms of both sides differ",
					"Compare init-parameters and auth-parameters with the peer",
					"Use for rekeying what the tunnel came up with"},
	[IKE_CAUSE_REKEY_GROUP] = {IKE_REASON_NO_PROPOSAL_CHOSEN, "rekey-dh-group",
				   "Rekeying failed, the DH groups of both sides differ",
				   "Set dh-group in auth-parameters to the PFS group of the peer",
				   "Set the PFS group to the dh-group of auth-parameters here"},
	[IKE_CAUSE_NOT_OFFERED] = {IKE_REASON_NO_PROPOSAL_CHOSEN, "not-offered",
				   "The peer chose algorithms that were not offered", "",
				   "Update its software, it breaks RFC 7296 section 3.3.6"},

	[IKE_CAUSE_SELECTORS] = {IKE_REASON_TS_UNACCEPTABLE, "selectors",
				 "The networks that the peer asks for are not configured here",
				 "Configure the networks with native-range, network and "
				 "network-range",
				 "Ask for the networks that are configured here"},
	[IKE_CAUSE_SELECTORS_REFUSED] = {IKE_REASON_TS_UNACCEPTABLE, "selectors-refused",
					 "The peer does not accept our networks",
					 "Configure the networks that the peer has with "
					 "native-range, network and network-range",
					 "Configure the networks that are asked for here"},
	[IKE_CAUSE_SINGLE_PAIR] = {IKE_REASON_TS_UNACCEPTABLE, "single-pair",
				   "The peer takes one pair of networks per Child SA only",
				   "Set single-traffic-selector enable", ""},
	[IKE_CAUSE_SELECTORS_WIDENED] = {IKE_REASON_TS_UNACCEPTABLE, "selectors-widened",
					 "The peer answers with wider networks than were offered",
					 "Configure the networks that the peer has",
					 "Narrow its networks to those of the offer (RFC 7296 "
					 "section 2.9)"},

	[IKE_CAUSE_DEAD_PEER] = {IKE_REASON_DEAD_PEER, "dead-peer",
				 "The peer fell silent while the tunnel was up", "",
				 "Check its power, its uplink and the firewalls on the way"},

	[IKE_CAUSE_PEER_RESTARTED] = {IKE_REASON_DEAD_PEER, "peer-restarted",
				      "The peer does not know the tunnel any more, it was "
				      "restarted or lost its state",
				      "", "Look into its log for why it was restarted"},

	[IKE_CAUSE_DELETED] = {IKE_REASON_PEER_DELETED, "deleted", "The peer closed the tunnel", "",
			       "Look into its log for why it did so"},
	[IKE_CAUSE_DELETED_AT_ONCE] = {IKE_REASON_PEER_DELETED, "deleted-at-once",
				       "The peer closes the tunnel as soon as it is up",
				       "Compare the networks of both sides",
				       "Look into its log, an idle timer or a policy closes it"},
	[IKE_CAUSE_CHILD_DELETED] = {IKE_REASON_PEER_DELETED, "child-deleted",
				     "The peer closed the last Child SA, the IKE SA stays",
				     "Compare the networks of both sides",
				     "Look into its log, an idle timer may have closed it"},

	[IKE_CAUSE_ADMIN_DOWN] = {IKE_REASON_ADMIN_DOWN, "admin-down",
				  "An operator terminated the tunnel",
				  "Bring it up again with ipsec initiate", ""},
	[IKE_CAUSE_CONFIG_CHANGED] = {IKE_REASON_CONFIG_CHANGED, "config-changed",
				      "The tunnel is renegotiated with changed parameters", "", ""},

	[IKE_CAUSE_INVALID_SYNTAX] = {IKE_REASON_INVALID_SYNTAX, "invalid-syntax",
				      "A message of the peer is malformed", "",
				      "Update its software"},
	[IKE_CAUSE_SYNTAX_REFUSED] = {IKE_REASON_INVALID_SYNTAX, "syntax-refused",
				      "The peer says that it cannot read our message",
				      "Check the PSK on both sides, some peers say this of a wrong "
				      "one",
				      "Look into its log, then update its software"},
	[IKE_CAUSE_BAD_KEY_EXCHANGE] = {IKE_REASON_INVALID_SYNTAX, "bad-key-exchange",
					"The key exchange value of the peer is not valid",
					"Set another dh-group", "Update its software"},

	[IKE_CAUSE_REPLACED] = {IKE_REASON_REPLACED, "replaced",
				"The peer came back with a new IKE SA", "", ""},
	[IKE_CAUSE_TWO_PEERS] = {IKE_REASON_REPLACED, "two-peers",
				 "Two peers use the identity of this tunnel in turn",
				 "Give each peer a tunnel of its own",
				 "Give each peer an identity of its own"},

	[IKE_CAUSE_PEER_ERROR] = {IKE_REASON_PEER_REFUSED, "peer-error",
				  "The peer refused with the error that is named", "",
				  "Look into its log"},

	[IKE_CAUSE_REDIRECTED] = {IKE_REASON_PEER_REFUSED, "redirected",
				  "The peer sends us to another gateway, where we cannot go",
				  "Set public-ip to that gateway",
				  "Let the tunnel stay, or name another gateway by its address"},

	[IKE_CAUSE_IKE_EXPIRED] = {IKE_REASON_EXPIRED, "ike-expired",
				   "The lifetime of the IKE SA ended before it was rekeyed",
				   "Compare init-parameters with the peer, look at show logging",
				   "Look into its log for why rekeying fails"},
	[IKE_CAUSE_CHILD_EXPIRED] = {IKE_REASON_EXPIRED, "child-expired",
				     "The lifetime of a Child SA ended before it was rekeyed",
				     "Compare auth-parameters with the peer, look at show logging",
				     "Look into its log for why rekeying fails"},

	[IKE_CAUSE_LIMIT] = {IKE_REASON_RESOURCES, "limit", "A limit of this appliance is reached",
			     "Look at show ipsec statistics, and terminate what is not needed", ""},
	[IKE_CAUSE_PEER_LIMIT] = {IKE_REASON_RESOURCES, "peer-limit",
				  "The peer accepts no more Child SAs",
				  "Summarize the networks, or disable single-traffic-selector",
				  "Raise its limit of Child SAs"},
	[IKE_CAUSE_DATA_PLANE] = {IKE_REASON_RESOURCES, "data-plane",
				  "The data plane cannot go on with a Child SA",
				  "Look at show logging for what it refused", ""},

	[IKE_CAUSE_IKEV1_ONLY] = {IKE_REASON_IKEV1_PEER, "ikev1-only",
				  "The peer speaks IKEv1, which is not supported", "",
				  "Set the IKE version of this tunnel to IKEv2"},

	[IKE_CAUSE_ONE_WAY] = {IKE_REASON_ONE_WAY, "no-esp-received",
			       "Packets go into the tunnel, but none comes out of it",
			       "Let ESP in UDP 4500 of the peer pass",
			       "Check its routes and policies for the networks here, and that ESP "
			       "passes out"},
	[IKE_CAUSE_REKEY_STORM] = {IKE_REASON_REKEY_STORM, "rekey-storm",
				   "The SAs are made anew again and again",
				   "Set child-lifetime and ike-lifetime to an hour or more",
				   "Set its lifetimes in seconds and in bytes much higher"},
};

const char *ike_reason_name(enum ike_reason r)
{
	return (unsigned)r < IKE_REASON_COUNT ? reason_names[r] : "unknown";
}

const struct ike_cause_row *ike_cause_row(enum ike_cause c)
{
	return &rows[(unsigned)c < IKE_CAUSE_COUNT ? c : IKE_CAUSE_NONE];
}

enum ike_cause ike_cause_of_reason(enum ike_reason r)
{
	for (unsigned i = 0; i < IKE_CAUSE_COUNT; i++)
		if (rows[i].reason == r)
			return (enum ike_cause)i;
	return IKE_CAUSE_NONE;
}

enum ike_cause ike_failure_cause(const struct ike_failure *f)
{
	return f->cause != IKE_CAUSE_NONE ? f->cause : ike_cause_of_reason(f->reason);
}

const char *ike_reason_hint(enum ike_reason r)
{
	const struct ike_cause_row *row = ike_cause_row(ike_cause_of_reason(r));

	return row->fix_here[0] ? row->fix_here : row->fix_peer;
}
