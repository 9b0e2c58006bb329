/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The transition tables.  Never acts: callers apply the result and do what it stands for. */
#include "ikev2/fsm.h"

#include "platform/base/mem.h"

struct sa_row {
	enum sa_state from;
	enum sa_event ev;
	enum sa_state to;
	const char *story;
};

static const struct sa_row sa_rows[] = {
	{SA_NEW, SA_EV_START, SA_KEY, "begin to initiate"},
	{SA_NEW, SA_EV_INIT_RECEIVED, SA_RESPONDING, "the peer initiates"},
	{SA_NEW, SA_EV_INHERIT, SA_ESTABLISHED, "new IKE SA by rekeying"},
	{SA_NEW, SA_EV_CLOSE, SA_CLOSED, "given up before anything was sent"},
	{SA_KEY, SA_EV_KEY_READY, SA_INIT_SENT, "send IKE_SA_INIT request"},
	{SA_KEY, SA_EV_CLOSE, SA_CLOSED, "given up while computing the key"},
	{SA_INIT_SENT, SA_EV_RETRY_GROUP, SA_KEY, "the peer wants another group or offer"},
	{SA_INIT_SENT, SA_EV_INIT_ANSWERED, SA_SECRET, "IKE_SA_INIT response received"},
	{SA_INIT_SENT, SA_EV_CLOSE, SA_CLOSED, "IKE_SA_INIT did not succeed"},
	{SA_SECRET, SA_EV_SECRET_READY, SA_AUTH_SENT, "keys derived, send IKE_AUTH request"},
	{SA_SECRET, SA_EV_CLOSE, SA_CLOSED, "given up while computing the secret"},
	{SA_SECRET, SA_EV_MORE_KEYS, SA_MORE_KEY, "keys derived, another key exchange follows"},
	{SA_MORE_KEY, SA_EV_KEY_READY, SA_MORE_SENT, "send IKE_INTERMEDIATE request"},
	{SA_MORE_KEY, SA_EV_CLOSE, SA_CLOSED, "given up while computing another key"},
	{SA_MORE_SENT, SA_EV_INIT_ANSWERED, SA_MORE_SECRET, "IKE_INTERMEDIATE response received"},
	{SA_MORE_SENT, SA_EV_CLOSE, SA_CLOSED, "IKE_INTERMEDIATE did not succeed"},
	{SA_MORE_SECRET, SA_EV_MORE_KEYS, SA_MORE_KEY, "and another key exchange follows"},
	{SA_MORE_SECRET, SA_EV_SECRET_READY, SA_AUTH_SENT,
	 "last keys derived, send IKE_AUTH request"},
	{SA_MORE_SECRET, SA_EV_CLOSE, SA_CLOSED, "given up while computing another secret"},
	{SA_AUTH_SENT, SA_EV_AUTHENTICATED, SA_ESTABLISHED, "the responder is authenticated"},
	{SA_AUTH_SENT, SA_EV_DELETE, SA_DELETING, "tell the responder that IKE_AUTH failed"},
	{SA_AUTH_SENT, SA_EV_CLOSE, SA_CLOSED, "IKE_AUTH did not succeed"},
	{SA_RESPONDING, SA_EV_INIT_SENT, SA_HALF_OPEN, "send IKE_SA_INIT response"},
	{SA_RESPONDING, SA_EV_CLOSE, SA_CLOSED, "IKE_SA_INIT request refused"},
	{SA_HALF_OPEN, SA_EV_AUTHENTICATED, SA_ESTABLISHED, "the initiator is authenticated"},
	{SA_HALF_OPEN, SA_EV_CLOSE, SA_CLOSED, "the initiator did not authenticate"},
	{SA_ESTABLISHED, SA_EV_REPLACED, SA_REKEYED, "its successor has the Child SAs"},
	{SA_ESTABLISHED, SA_EV_DELETE, SA_DELETING, "send DELETE"},
	{SA_ESTABLISHED, SA_EV_CLOSE, SA_CLOSED, "ended by the peer or by silence"},
	{SA_REKEYED, SA_EV_DELETE, SA_DELETING, "send DELETE for the replaced IKE SA"},
	{SA_REKEYED, SA_EV_CLOSE, SA_CLOSED, "the peer deleted the replaced IKE SA"},
	{SA_DELETING, SA_EV_CLOSE, SA_CLOSED, "DELETE answered, crossed or given up"},
};

struct child_row {
	enum child_state from;
	enum child_event ev;
	enum child_state to;
	const char *story;
};

static const struct child_row child_rows[] = {
	{CHILD_NEW, CHILD_EV_INSTALL, CHILD_LIVE, "keys handed to the data plane"},
	{CHILD_NEW, CHILD_EV_DELETE, CHILD_DELETING, "redundant before it was installed"},
	{CHILD_LIVE, CHILD_EV_REPLACED, CHILD_REKEYED, "rekeyed, waits for DELETE"},
	{CHILD_LIVE, CHILD_EV_DELETE, CHILD_DELETING, "DELETE queued"},
	{CHILD_LIVE, CHILD_EV_CLOSED, CHILD_LINGERING, "deleted by the peer"},
	{CHILD_REKEYED, CHILD_EV_REVIVE, CHILD_LIVE, "its successor was redundant"},
	{CHILD_REKEYED, CHILD_EV_DELETE, CHILD_DELETING, "DELETE queued for the replaced one"},
	{CHILD_REKEYED, CHILD_EV_CLOSED, CHILD_LINGERING, "the peer deleted the replaced one"},
	{CHILD_DELETING, CHILD_EV_CLOSED, CHILD_LINGERING, "DELETE answered or crossed"},
};

int fsm_sa_next(enum sa_state from, enum sa_event ev, enum sa_state *to, const char **story)
{
	for (size_t i = 0; i < ARRAY_LEN(sa_rows); i++) {
		if (sa_rows[i].from != from || sa_rows[i].ev != ev)
			continue;
		*to = sa_rows[i].to;
		if (story)
			*story = sa_rows[i].story;
		return 0;
	}
	return ERR_WRONG_STATE;
}

int fsm_child_next(enum child_state from, enum child_event ev, enum child_state *to,
		   const char **story)
{
	for (size_t i = 0; i < ARRAY_LEN(child_rows); i++) {
		if (child_rows[i].from != from || child_rows[i].ev != ev)
			continue;
		*to = child_rows[i].to;
		if (story)
			*story = child_rows[i].story;
		return 0;
	}
	return ERR_WRONG_STATE;
}

const char *fsm_sa_state_name(enum sa_state s)
{
	static const char *const names[SA_STATE_COUNT] = {
		[SA_NEW] = "new",
		[SA_KEY] = "key",
		[SA_INIT_SENT] = "init-sent",
		[SA_SECRET] = "secret",
		[SA_MORE_KEY] = "more-key",
		[SA_MORE_SENT] = "more-sent",
		[SA_MORE_SECRET] = "more-secret",
		[SA_AUTH_SENT] = "auth-sent",
		[SA_RESPONDING] = "responding",
		[SA_HALF_OPEN] = "half-open",
		[SA_ESTABLISHED] = "established",
		[SA_REKEYED] = "rekeyed",
		[SA_DELETING] = "deleting",
		[SA_CLOSED] = "closed",
	};

	return s < SA_STATE_COUNT ? names[s] : "unknown";
}

const char *fsm_child_state_name(enum child_state s)
{
	static const char *const names[CHILD_STATE_COUNT] = {
		[CHILD_NEW] = "new",
		[CHILD_LIVE] = "live",
		[CHILD_REKEYED] = "rekeyed",
		[CHILD_DELETING] = "deleting",
		[CHILD_LINGERING] = "lingering",
	};

	return s < CHILD_STATE_COUNT ? names[s] : "unknown";
}

bool fsm_sa_row(size_t index, enum sa_state *from, enum sa_event *ev, enum sa_state *to,
		const char **story)
{
	if (index >= ARRAY_LEN(sa_rows))
		return false;
	*from = sa_rows[index].from;
	*ev = sa_rows[index].ev;
	*to = sa_rows[index].to;
	*story = sa_rows[index].story;
	return true;
}
