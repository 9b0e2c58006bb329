/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The queue of actions: each queued action owns the memory that it points to, until the caller has
 * looked at it and comes for the next one.
 */
#include "ikev2/engine.h"
#include "ikev2/trace.h"
#include "platform/base/mem.h"

#include <stdlib.h>
#include <string.h>

struct action {
	struct list link;
	struct ike_action public;
	uint8_t *bytes; /* of SEND, TRACE */
	struct ike_trace *trace;
	char *text;
	struct ike_child_install *install;
	struct ike_keylog *keylog;
	struct ike_dh_job *dh; /* until handed out */
};

static struct action *queue(struct ike_engine *e, enum ike_action_type type, uint32_t tunnel)
{
	struct action *a = mem_zalloc(sizeof(*a));

	a->public.type = type;
	a->public.tunnel = tunnel;
	list_append(&e->actions, &a->link);
	return a;
}

static void action_free(struct action *a)
{
	list_remove(&a->link);
	free(a->bytes);
	free(a->trace);
	free(a->text);
	if (a->install) {
		secret_clear(&a->install->encr_in);
		secret_clear(&a->install->integ_in);
		secret_clear(&a->install->encr_out);
		secret_clear(&a->install->integ_out);
		free(a->install);
	}
	if (a->keylog) {
		secret_clear(&a->keylog->sk_ei);
		secret_clear(&a->keylog->sk_er);
		secret_clear(&a->keylog->sk_ai);
		secret_clear(&a->keylog->sk_ar);
		free(a->keylog);
	}
	ike_dh_job_free(a->dh);
	free(a);
}

void engine_send(struct ike_engine *e, uint32_t tunnel, const struct ip_endpoint *local,
		 const struct ip_endpoint *remote, struct view payload)
{
	struct action *a = queue(e, IKE_ACTION_SEND, tunnel);

	a->bytes = mem_dup(payload.data, payload.len);
	a->public.send.local = *local;
	a->public.send.remote = *remote;
	a->public.send.payload = view_of(a->bytes, payload.len);
	engine_count(e, COUNTER_TX);
}

void engine_child_install(struct ike_engine *e, uint32_t tunnel, struct ike_child_install *install)
{
	struct action *a = queue(e, IKE_ACTION_CHILD_INSTALL, tunnel);

	a->install = install;
	a->public.install = install;
}

void engine_child_update(struct ike_engine *e, uint32_t tunnel, const struct ike_child_update *u)
{
	queue(e, IKE_ACTION_CHILD_UPDATE, tunnel)->public.update = *u;
}

void engine_child_delete(struct ike_engine *e, uint32_t tunnel, uint32_t child)
{
	queue(e, IKE_ACTION_CHILD_DELETE, tunnel)->public.del.child = child;
}

void engine_dh(struct ike_engine *e, uint32_t tunnel, struct ike_dh_job *job)
{
	struct action *a = queue(e, IKE_ACTION_DH, tunnel);

	a->dh = job;
	a->public.dh = job;
}

void engine_source(struct ike_engine *e, uint32_t tunnel, const struct ip_addr *toward)
{
	queue(e, IKE_ACTION_SOURCE, tunnel)->public.toward = *toward;
}

void engine_up(struct ike_engine *e, uint32_t tunnel)
{
	queue(e, IKE_ACTION_UP, tunnel);
}

void engine_up_again(struct ike_engine *e, uint32_t tunnel)
{
	queue(e, IKE_ACTION_UP, tunnel)->public.restored = true;
}

void engine_down(struct ike_engine *e, uint32_t tunnel, const struct ike_failure *failure)
{
	queue(e, IKE_ACTION_DOWN, tunnel)->public.failure = *failure;
}

/* The same for those who watch. */
static void say_event(struct ike_engine *e, uint32_t tunnel, enum ike_event event,
		      const struct ike_failure *failure)
{
	static const char *const outcomes[] = {
		[IKE_EVENT_IKE_REKEYED] = "IKE SA rekeyed",
		[IKE_EVENT_CHILD_UP] = "Child SA up",
		[IKE_EVENT_CHILD_REKEYED] = "Child SA rekeyed",
		[IKE_EVENT_NAT_CHANGED] = "address of the peer changed",
	};
	static const struct ip_endpoint nowhere;

	if (failure)
		trace_state(e, tunnel, &failure->remote, "%s: %s",
			    ike_cause_row(ike_failure_cause(failure))->name, failure->evidence);
	else if ((unsigned)event < ARRAY_LEN(outcomes) && outcomes[event]) {
		trace_outcome(e, tunnel, outcomes[event]);
		trace_state(e, tunnel, &nowhere, "%s", outcomes[event]);
	}
}

void engine_event(struct ike_engine *e, uint32_t tunnel, enum ike_event event,
		  const struct ike_failure *failure)
{
	struct action *a = queue(e, IKE_ACTION_EVENT, tunnel);

	a->public.event = event;
	if (failure)
		a->public.failure = *failure;
	say_event(e, tunnel, event, failure);
}

void engine_keylog(struct ike_engine *e, uint32_t tunnel, struct ike_keylog *keylog)
{
	struct action *a = queue(e, IKE_ACTION_KEYLOG, tunnel);

	a->keylog = keylog;
	a->public.keylog = keylog;
}

void engine_trace(struct ike_engine *e, uint32_t tunnel, const struct ike_trace *trace)
{
	struct action *a = queue(e, IKE_ACTION_TRACE, tunnel);

	a->trace = mem_dup(trace, sizeof(*trace));
	a->text = mem_dup(trace->text, strlen(trace->text) + 1);
	a->trace->text = a->text;
	if (trace->clear.len > 0)
		a->bytes = mem_dup(trace->clear.data, trace->clear.len);
	a->trace->clear = view_of(a->bytes, trace->clear.len);
	a->public.trace = a->trace;
}

void engine_release_action(struct ike_engine *e)
{
	if (e->handed_out)
		action_free(e->handed_out);
	e->handed_out = NULL;
}

void engine_drop_actions(struct ike_engine *e)
{
	struct list *n, *after;

	engine_release_action(e);
	list_for_each(n, after, &e->actions) action_free(container_of(n, struct action, link));
}

bool ike_engine_next_action(struct ike_engine *e, struct ike_action *out)
{
	struct action *a;

	engine_release_action(e);
	if (list_is_empty(&e->actions))
		return false;
	a = container_of(e->actions.next, struct action, link);
	list_remove(&a->link);
	a->dh = NULL; /* the caller takes it over */
	e->handed_out = a;
	*out = a->public;
	return true;
}
