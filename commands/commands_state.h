/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The inside of struct commands, for the files that make it up.  Handlers use cmd.h. */
#ifndef COMMANDS_COMMANDS_STATE_H
#define COMMANDS_COMMANDS_STATE_H

#include "commands/config.h"
#include "commands/counters.h"
#include "commands/seal.h"
#include "commands/session.h"
#include "platform/base/list.h"

struct commands {
	struct loop *loop;
	struct gateway *gateway;
	struct event_log *events;
	const struct log *log;
	char *config_dir; /* or NULL: nothing is saved */
	char *state_dir;
	void (*stop)(void *arg, int status);
	void *stop_arg;
	void (*box)(void *arg, const struct box_config *now); /* or NULL */
	void *box_arg;
	struct auth *auth; /* wrong secrets so far */
	struct syslog *syslog;
	struct notify *notify;
	struct stories *stories; /* NULL: no gateway runs */
	struct sealer *sealer;
	struct counters *counters; /* since `clear ipsec statistics` */
	struct config running;
	struct config applied; /* what the gateway was last told */
	struct list sessions;
	struct session *lock;  /* keeps all others out of configuration mode; NULL: nobody does */
	struct revert *revert; /* change on probation */
	struct reload *reload;
	struct list drafts; /* configuration sessions, draft.h */
	uint64_t started_ms;
	struct strbuf startup_errors; /* "startup-config:12: text" lines */
};

#endif
