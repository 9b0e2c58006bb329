/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reasons of tunnels that the engine does not know (those are in ikev2/reason.h): what a
 * configuration lacks, and what a tunnel waits for.  Stable names. */
#ifndef DATAPLANE_SITE_STATUS_REASON_H
#define DATAPLANE_SITE_STATUS_REASON_H

enum status_reason {
	STATUS_WAITING_FOR_PEER,
	STATUS_WAITING_FOR_TRAFFIC,
	STATUS_DUPLICATE_IDENTITY,
	STATUS_PSK_MISSING,
	STATUS_PSK_SEALED,
	STATUS_PPK_MISSING,
	STATUS_PPK_SEALED,
	STATUS_PUBLIC_IP_MISSING,
	STATUS_LOCAL_ID_MISSING,
	STATUS_LOCAL_ID_INVALID,
	STATUS_REASON_COUNT
};

struct status_reason_row {
	const char *name;     /* "waiting-for-peer" */
	const char *sentence; /* what it means, no full stop */
	const char *remedy;
};

const struct status_reason_row *status_reason_row(enum status_reason r);

#endif
