/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Why a session is not up, in words that are stable, and what to do.  BIRD's own texts (RFC 4271
 * section 4.5, RFC 4486) are found by their beginning.
 */
#include "dataplane/site/bgp_state.h"
#include "platform/base/mem.h"

#include <string.h>

static const struct {
	const char *text; /* of BIRD, anywhere in it */
	const char *reason, *hint;
} causes[] = {
	{"Bad peer AS", "as-mismatch",
	 "Compare local-as and peer-as with the AS numbers that the peer has"},
	{"Route limit exceeded", "prefix-limit",
	 "The peer announces more routes than maximum-prefix allows; it is tried again"},
	{"Hold timer expired", "hold-timer-expired",
	 "Nothing came from the peer in the hold time; look at its BGP and at the tunnel"},
	{"Unacceptable hold time", "hold-time-refused",
	 "The peer wants another hold time: set timers to 0 or 3 seconds and more"},
	{"Connection rejected", "peer-rejects",
	 "The peer has no neighbor with our private address, or has too many sessions"},
	{"Administrative shutdown", "peer-shutdown", "The neighbor was shut down on the peer"},
	{"Peer de-configured", "peer-removed", "The neighbor was removed on the peer"},
	{"Administrative reset", "peer-reset", "The session was reset on the peer"},
	{"Maximum number of prefixes", "peer-prefix-limit",
	 "We announce more routes than the peer takes: use advertise"},
	{"Connection refused", "connection-refused",
	 "Nobody listens on TCP port 179 of the peer's private address: start its BGP, and name "
	 "our address and AS as neighbor"},
	{"Connection reset", "connection-reset",
	 "The peer closes the connection: name our private address and AS as its neighbor"},
	{"Connection closed", "connection-closed",
	 "The peer closes the connection: name our private address and AS as its neighbor"},
	{"Bad BGP identifier", "router-id-clash", "The peer has the same router ID as we"},
	{"Authentication", "password-mismatch", "Compare the passwords of both sides"},
	{"No listening socket", "port-in-use",
	 "Another program of this machine listens on TCP port 179"},
};

static const char *of_daemon(const struct bgp *b, const char **hint)
{
	const struct bird_status *st = bird_status(b->bird);

	*hint = st->text;
	switch (st->state) {
	case BIRD_MISSING:
		return "bird-missing";
	case BIRD_HUNG:
		return "bird-hung";
	case BIRD_FAILED:
		return "bird-failed";
	case BIRD_REFUSED:
		return "bird-refused";
	case BIRD_OFF:
	case BIRD_STARTING:
		*hint = "BIRD is about to start";
		return "bird-starting";
	case BIRD_RUNNING:
		break;
	}
	return NULL;
}

static const char *of_info(const struct bgp_neighbour *n, const char **hint)
{
	for (size_t i = 0; i < ARRAY_LEN(causes); i++) {
		if (strstr(n->info, causes[i].text) != NULL) {
			*hint = causes[i].hint;
			return causes[i].reason;
		}
	}
	if (n->info[0] != '\0') {
		*hint = "The last error of the session is shown by show bgp site NAME";
		return "session-error";
	}
	*hint = "No answer on TCP port 179: look at the peer's BGP, its private address, a filter "
		"there, and the password of both sides";
	return strcmp(n->state, "OpenSent") == 0 || strcmp(n->state, "OpenConfirm") == 0
		       ? "opening"
		       : "no-response";
}

const char *bgp_reason(const struct tunnel *t, const char **hint)
{
	const struct bgp *b = t->site->g->bgp;
	const struct bgp_neighbour *n = t->bgp;
	const char *reason;

	*hint = "";
	if (n->established)
		return NULL;
	reason = of_daemon(b, hint);
	if (reason != NULL && !(bird_status(b->bird)->state == BIRD_REFUSED && n->known))
		return reason;
	if (!t->up) {
		*hint = "The session begins when the tunnel is up";
		return "tunnel-down";
	}
	if (!n->wanted) {
		*hint = "The session begins when the primary role carries the traffic again";
		return "standby";
	}
	return of_info(n, hint);
}
