/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Changes on probation: the configuration before the change is kept, on disk and in memory, until
 * somebody confirms the change.  When nobody does in time, or the appliance starts again meanwhile,
 * the configuration goes back.  The timer belongs to the box: no session, and no logout, touches
 * it.
 */
#ifndef COMMANDS_REVERT_H
#define COMMANDS_REVERT_H

#include "commands/config.h"
#include "platform/base/err.h"
#include "platform/base/strbuf.h"

struct commands;
struct revert;
struct session;
struct session_who;

#define REVERT_NAME	       "revert-checkpoint"
#define REVERT_DEFAULT_MINUTES 10

struct revert *revert_new(struct commands *c);
void revert_free(struct revert *r); /* the checkpoint on disk stays */

/* Keep the running configuration and start the timer.  owner: with idle, his lines start it again.
 * ERR_BUSY: a change is on probation already. */
int revert_begin(struct revert *r, const struct session_who *who, const struct session *owner,
		 uint32_t seconds, struct err_msg *e) WARN_UNUSED;
/* A line was typed there. */
void revert_activity(struct revert *r, const struct session *s);
/* The session ends; the timer goes on. */
void revert_forget(struct revert *r, const struct session *s);
/* Three answers to a pending change; ERR_WRONG_STATE: there is none. */
int revert_confirm(struct revert *r, struct err_msg *e) WARN_UNUSED;
int revert_now(struct revert *r, const struct session_who *who, struct err_msg *e) WARN_UNUSED;
int revert_again(struct revert *r, uint32_t seconds, struct err_msg *e) WARN_UNUSED;
/* The state to go back to; empty when nothing is pending. */
struct config *revert_checkpoint(struct revert *r);
/* ERR_BUSY with "Configuration not confirmed, 4:12 left"; 0: nothing is pending. */
int revert_check(const struct revert *r, struct err_msg *e) WARN_UNUSED;

struct revert_status {
	bool pending;
	bool idle;
	uint32_t seconds; /* of the timer */
	uint64_t left_ms;
	uint64_t since_ms; /* wall clock */
	const char *user, *from;
};
struct revert_status revert_status(const struct revert *r);
/* "4:12" */
const char *revert_left(uint64_t ms, char *buf, size_t size);

/* At the start: the checkpoint of a change that nobody has confirmed, ERR_NOT_FOUND when there is
 * none (or it is not complete, then warning says so). */
int revert_leftover(struct commands *c, struct strbuf *text, struct err_msg *warning) WARN_UNUSED;
int revert_remove_leftover(struct commands *c, struct err_msg *e) WARN_UNUSED;

#endif
