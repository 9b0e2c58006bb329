/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A handful of echo requests of given sizes to one address, all at once, the unanswered ones again
 * after a second.  On the event loop; nothing waits.
 */
#ifndef COMMANDS_ECHO_PROBE_H
#define COMMANDS_ECHO_PROBE_H

#include "platform/base/ip.h"
#include "platform/os/loop.h"

#define ECHO_PROBE_MAX 8
#define ECHO_PROBE_MS  2500 /* after so long the rest counts as lost */

struct echo_probe {
	struct loop *loop;
	struct loop_timer again;
	int fd; /* -1: not running */
	struct ip_addr to;
	uint16_t id;
	size_t count, answered;
	struct {
		uint16_t size; /* octets with IP header; 0: small */
		bool answered;
	} request[ECHO_PROBE_MAX];
	void (*changed)(void *arg); /* an answer came; the probe must not be stopped inside */
	void *arg;
};

/* sizes: count octets with IP header each, 0 for a small one.  source may be IP_NONE.  p is
 * embedded in the caller and zeroed.  ERR_SYSTEM: nothing can be sent. */
int echo_probe_start(struct echo_probe *p, struct loop *loop, const struct ip_addr *to,
		     const struct ip_addr *source, const uint16_t *sizes, size_t count) WARN_UNUSED;
void echo_probe_stop(struct echo_probe *p);	     /* harmless when not running */
bool echo_probe_is_done(const struct echo_probe *p); /* all answered, or not running */

#endif
