/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The table of stories, in the order of enum story_kind (a test holds that).  Texts are in the
 * style of the causes in ikev2/reason.c.
 */
#include "dataplane/site/story.h"

#include "platform/base/mem.h"

#include <string.h>

#define EV(id)	  (UINT64_C(1) << EVENT_##id)
#define REASON(r) (UINT32_C(1) << IKE_REASON_##r)
#define SECONDS	  1000U
#define MINUTES	  60000U

_Static_assert(EVENT_COUNT <= 64, "events are bits");
_Static_assert(IKE_REASON_COUNT <= 32, "reasons are bits");

static const struct story_row rows[] = {
	{
		.kind = STORY_LINK_DOWN,
		.name = "link-down",
		.indication = "Link is down",
		.scope = STORY_OF_LINK,
		.criticality = 4,
		.begins = EV(LINK_DOWN),
		.gathers = EV(LINK_ATTEMPT_FAILED) | EV(CHILD_FAILED),
		.ends = EV(LINK_UP),
		.after_ms = STORY_BY_SETTING,
		.repeats = 5,
		.window_ms = 10 * MINUTES,
		.calm_ms = 30 * SECONDS,
		.reason = "waiting-for-peer",
		.over = "the tunnel is up",
		.cause = "The peer has not come back since the appliance started",
		.remedy_here = "Look at show ipsec diagnose",
		.remedy_peer = "Check that it is powered, online and initiates the tunnel",
	},
	{
		.kind = STORY_SITE_DOWN,
		.name = "site-down",
		.indication = "Site is down",
		.scope = STORY_OF_SITE,
		.criticality = 9,
		.begins = EV(SITE_DOWN),
		.gathers = EV(LINK_DOWN) | EV(LINK_ATTEMPT_FAILED) | EV(LINK_UP),
		.ends = EV(SITE_UP),
		.after_ms = STORY_BY_SETTING,
		.calm_ms = 30 * SECONDS,
		.reason = "all-tunnels-down",
		.over = "the site is connected",
		.cause = "None of the tunnels of the site is up",
		.remedy_here = "Look at show ipsec diagnose",
		.remedy_peer = "Check power and uplinks of the site",
	},
	{
		.kind = STORY_SITE_FLAPPING,
		.name = "site-flapping",
		.indication = "Site is flapping",
		.scope = STORY_OF_SITE,
		.criticality = 6,
		.begins = EV(HA_SWITCH) | EV(SITE_DOWN),
		.gathers = EV(LINK_DOWN) | EV(SITE_UP),
		.after_ms = STORY_NEVER,
		.repeats = 4,
		.window_ms = 10 * MINUTES,
		.calm_ms = 10 * MINUTES,
		.reason = "flapping",
		.over = "stable for 10 minutes",
		.cause = "The site goes down or changes its HA role again and again",
		.remedy_here = "Set a longer ha failback-delay until its primary links are stable",
		.remedy_peer = "Check the uplinks that its primary tunnels use",
	},
	{
		.kind = STORY_HA_SWITCH,
		.name = "ha-switch",
		.indication = "HA switch",
		.scope = STORY_OF_SITE,
		.criticality = 7,
		.begins = EV(HA_SWITCH),
		.gathers = EV(LINK_DOWN) | EV(LINK_UP) | EV(LINK_ATTEMPT_FAILED) | EV(SITE_DOWN),
		.ends = EV(HA_SWITCH) | EV(SITE_UP),
		.after_ms = 0,
		.reason = "all-primary-down",
		.over = "the primary role carries the traffic",
		.by_role = true,
		.cause = "All primary tunnels went down",
		.remedy_here = "Look at show ipsec diagnose for the primary tunnels",
		.remedy_peer = "Check the uplinks that its primary tunnels use",
	},
	{
		.kind = STORY_AUTH_FAILING,
		.name = "auth-failing",
		.indication = "Peer authentication is failing",
		.scope = STORY_OF_LINK,
		.criticality = 5,
		.begins = EV(LINK_ATTEMPT_FAILED),
		.ends = EV(LINK_UP),
		.reasons = REASON(AUTH_FAILED) | REASON(ID_MISMATCH),
		.with_link = true,
		.after_ms = STORY_BY_SETTING,
		.calm_ms = 30 * SECONDS,
		.reason = "auth-failed",
		.over = "the peer is authenticated, or fails for another reason",
		.cause = "Both sides do not accept each other's identity or key",
		.remedy_here = "Check psk and identities",
		.remedy_peer = "Set the identities and the key that are configured here",
	},
	{
		.kind = STORY_PROPOSAL_MISMATCH,
		.name = "proposal-mismatch",
		.indication = "Proposals do not match",
		.scope = STORY_OF_LINK,
		.criticality = 5,
		.begins = EV(LINK_ATTEMPT_FAILED) | EV(CHILD_FAILED),
		.ends = EV(LINK_UP),
		.reasons = REASON(NO_PROPOSAL_CHOSEN),
		.with_link = true,
		.after_ms = STORY_BY_SETTING,
		.calm_ms = 30 * SECONDS,
		.reason = "no-proposal-chosen",
		.over = "proposals match, or it fails for another reason",
		.cause = "Both sides have no algorithms in common",
		.remedy_here = "Set init-parameters and auth-parameters to what the peer offers",
		.remedy_peer = "Offer what is configured here",
	},
	{
		.kind = STORY_SELECTOR_MISMATCH,
		.name = "selector-mismatch",
		.indication = "Traffic selectors do not match",
		.scope = STORY_OF_LINK,
		.criticality = 5,
		.begins = EV(LINK_ATTEMPT_FAILED) | EV(CHILD_FAILED),
		.ends = EV(LINK_UP),
		.reasons = REASON(TS_UNACCEPTABLE),
		.with_link = true,
		.after_ms = STORY_BY_SETTING,
		.calm_ms = 30 * SECONDS,
		.reason = "ts-unacceptable",
		.over = "selectors match, or it fails for another reason",
		.cause = "Both sides mean different networks",
		.remedy_here = "Compare network-range, network and native-range with the peer",
		.remedy_peer = "Set the networks of the worksheet",
	},
	{
		.kind = STORY_LINK_DEGRADED,
		.name = "link-degraded",
		.indication = "Link is degraded",
		.scope = STORY_OF_LINK,
		.criticality = 3,
		.begins = EV(LINK_DEGRADED),
		.ends = EV(LINK_RESTORED) | EV(LINK_DOWN) | EV(LINK_UP),
		.after_ms = 60 * SECONDS,
		.repeats = 5,
		.window_ms = 10 * MINUTES,
		.calm_ms = 60 * SECONDS,
		.reason = "degraded",
		.over = "within the limits again, or down",
		.cause = "Its path loses or delays packets more than the limits of the site allow",
		.remedy_here = "Look at show ipsec health",
		.remedy_peer = "Check the uplink of this tunnel, and whether it is full",
	},
	{
		.kind = STORY_BGP_DOWN,
		.name = "bgp-down",
		.indication = "BGP session disconnected",
		.scope = STORY_OF_LINK,
		.criticality = 6,
		.begins = EV(BGP_DOWN),
		.gathers = EV(BGP_FAILED),
		.ends = EV(BGP_UP),
		.after_ms = STORY_BY_SETTING,
		.soon_ms = 15 * SECONDS,
		.repeats = 3,
		.window_ms = 10 * MINUTES,
		.calm_ms = 30 * SECONDS,
		.with_link = true,
		.reason = "bgp-down",
		.over = "the session is established",
		.cause = "The BGP session over the tunnel ended, its events say why",
		.remedy_here = "Look at show bgp site NAME",
		.remedy_peer = "Check BGP there: the neighbor, its AS number, timers and password",
	},
	{
		.kind = STORY_POP_LOST,
		.name = "pop-lost",
		.indication = "PoP address is lost",
		.scope = STORY_OF_BOX,
		.criticality = 9,
		.begins = EV(POP_LOST),
		.ends = EV(POP_BACK),
		.after_ms = 10 * SECONDS,
		.repeats = 3,
		.window_ms = 10 * MINUTES,
		.calm_ms = 30 * SECONDS,
		.reason = "pop-unavailable",
		.over = "all addresses are there again",
		.cause = "This machine does not have the address of a PoP any more",
		.remedy_here = "Add the address again, or enter shutdown below the PoP",
		.remedy_peer = "",
	},
	{
		.kind = STORY_UNKNOWN_PEERS,
		.name = "unknown-peers",
		.indication = "Unknown peers",
		.scope = STORY_OF_BOX,
		.criticality = 2,
		.begins = EV(UNKNOWN_PEER),
		.after_ms = STORY_NEVER,
		.repeats = 5,
		.window_ms = 10 * MINUTES,
		.calm_ms = 10 * MINUTES,
		.reason = "id-mismatch",
		.over = "none came for 10 minutes",
		.cause = "Peers present identities that no tunnel expects",
		.remedy_here = "If they are yours, configure the identities that the events show",
		.remedy_peer = "Set the Local ID of the worksheet",
	},
	{
		.kind = STORY_STORE_DAMAGED,
		.name = "store-damaged",
		.indication = "Story store was damaged",
		.scope = STORY_OF_BOX,
		.criticality = 3,
		.after_ms = STORY_NEVER,
		.reason = "damaged",
		.over = "acknowledged",
		.cause = "The file of the stories could not be read, it was put aside",
		.remedy_here = "Check the disk of the state directory, then acknowledge this story",
		.remedy_peer = "",
	},
};

_Static_assert(ARRAY_LEN(rows) == STORY_KINDS, "one row for each kind");

const struct story_row *story_row(enum story_kind k)
{
	return &rows[(unsigned)k < STORY_KINDS ? k : 0];
}

bool story_kind_find(const char *name, enum story_kind *out)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (strcmp(rows[i].name, name) == 0) {
			*out = rows[i].kind;
			return true;
		}
	}
	return false;
}
