/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The appliance's main process: start order, event loop, clean end.  Everything it owns is made and
 * released in one call, so that `reload` is the same call once more.
 */
#ifndef SHELL_IKESHD_DAEMON_H
#define SHELL_IKESHD_DAEMON_H

#include "dataplane/site/gateway.h"
#include "platform/base/err.h"

#include <stdbool.h>

struct log;
struct service_manager;
struct sink;

#define DAEMON_CONFIG_DIR "/etc/ikesh"
#define DAEMON_STATE_DIR  "/var/lib/ikesh"
#define DAEMON_SOCKET	  "/run/ikesh/cli.sock"

struct daemon_options {
	const char *config_dir; /* NULL: DAEMON_CONFIG_DIR, which is made when it is missing */
	const char *state_dir;
	const char *socket;
	struct gateway_options gateway;
	struct sink *sink;		 /* of daemon_run */
	struct service_manager *manager; /* of daemon_run */
	bool *confined;			 /* of daemon_run: done already, by an earlier call */
	char **argv;			 /* the program */
};

enum daemon_end {
	DAEMON_STOPPED, /* by a signal */
	DAEMON_RELOAD,	/* by the operator's `reload`: run again */
	DAEMON_LEFT,  /* SIGUSR2: everything is left to a later process; this one has to end now */
	DAEMON_RENEW, /* SIGHUP: the same, and that process is to be this one */
	DAEMON_ORPHANED, /* the privileged half is gone: as DAEMON_LEFT, but somebody should know */
};

/* Runs until a signal or `reload`; ready (may be NULL) is called once everything is up.  Returns
 * enum daemon_end, or a negative enum err with e saying in one sentence why it cannot start. */
int daemon_run(const struct daemon_options *o, void (*ready)(void *arg), void *arg,
	       struct err_msg *e) WARN_UNUSED;

/* This process is the privileged half of a daemon that has been executed anew. */
_Noreturn void daemon_serve(const struct daemon_options *o);

/* Reads startup-config without applying it, and prints what is wrong with it on standard output.
 * Returns the number of refused lines, or a negative enum err with e. */
int daemon_check(const struct daemon_options *o, const struct log *log,
		 struct err_msg *e) WARN_UNUSED;

#endif
