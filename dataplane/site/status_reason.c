/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of status_reason.h. */
#include "dataplane/site/status_reason.h"

static const struct status_reason_row rows[STATUS_REASON_COUNT] = {
	[STATUS_WAITING_FOR_PEER] = {"waiting-for-peer",
				     "The peer has to initiate, nothing has come from it yet",
				     "Let the peer initiate, or set connection-mode bidirectional"},
	[STATUS_WAITING_FOR_TRAFFIC] =
		{"waiting-for-traffic",
		 "Comes up when traffic for the site or ipsec initiate asks for it",
		 "Set initiate-connection when it shall come up by itself"},
	[STATUS_DUPLICATE_IDENTITY] =
		{"duplicate-identity",
		 "Another tunnel, which the hint names, has the same identities and addresses",
		 "Change public-ip, local-id or destination of one of them"},
	[STATUS_PSK_MISSING] = {"psk missing", "The tunnel has no pre-shared key",
				"Set psk in the tunnel"},
	[STATUS_PSK_SEALED] =
		{"psk cannot be decrypted",
		 "The pre-shared key in the configuration is encrypted with another master key",
		 "Give that master key with key config-key, or set psk anew"},
	[STATUS_PPK_MISSING] = {"ppk missing",
				"The tunnel requires a postquantum preshared key, and has none",
				"Set ppk in the tunnel, or do not require it"},
	[STATUS_PPK_SEALED] = {"ppk cannot be decrypted",
			       "The postquantum preshared key in the configuration is encrypted "
			       "with another master key",
			       "Give that master key with key config-key, or set ppk anew"},
	[STATUS_PUBLIC_IP_MISSING] =
		{"public-ip missing", "The identity of the peer is its address, which is not set",
		 "Set public-ip in the tunnel, or another authentication-identifier in the site"},
	[STATUS_LOCAL_ID_MISSING] = {"local-id missing", "The tunnel has no identity of the peer",
				     "Set local-id in the tunnel"},
	[STATUS_LOCAL_ID_INVALID] =
		{"local-id invalid",
		 "The local-id does not fit the authentication-identifier of the site",
		 "Set local-id to a value of that type, or another authentication-identifier"},
};

const struct status_reason_row *status_reason_row(enum status_reason r)
{
	return &rows[(unsigned)r < STATUS_REASON_COUNT ? r : 0];
}
