/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The lock is a session of the box; it goes with the session, or when that leaves configuration. */
#include "commands/lock.h"

#include "commands/commands_state.h"
#include "commands/session_state.h"

int lock_check(const struct session *s, struct err_msg *e)
{
	const struct session *holder = s->commands->lock;

	if (holder == NULL || holder == s)
		return 0;
	return err_set(e, ERR_BUSY, "Configuration locked by %s (%s)", holder->who.user,
		       holder->who.from);
}

int lock_take(struct session *s, struct err_msg *e)
{
	struct list *node, *after;
	int r = lock_check(s, e);

	if (r != 0)
		return r;
	list_for_each(node, after, &s->commands->sessions)
	{
		const struct session *other = container_of(node, struct session, node);

		if (other != s && other->place.mode != CMD_EXEC && other->draft == NULL)
			return err_set(e, ERR_BUSY, "Cannot lock: %s (%s) is in configuration mode",
				       other->who.user, other->who.from);
	}
	s->commands->lock = s;
	event_emit(s->commands->events, EVENT_CONFIG_LOCKED, NULL, 0,
		   "Configuration locked by %s (%s)", s->who.user, s->who.from);
	return 0;
}

void lock_release(struct session *s)
{
	if (s->commands->lock != s)
		return;
	s->commands->lock = NULL;
	event_emit(s->commands->events, EVENT_CONFIG_LOCKED, NULL, 0,
		   "Configuration unlocked by %s (%s)", s->who.user, s->who.from);
}
