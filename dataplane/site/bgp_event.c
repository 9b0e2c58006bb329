/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What operators hear of BGP: sessions that came and went, once why one does not come up, and
 * trouble with BIRD itself. */
#include "dataplane/site/bgp_state.h"

static const char no_reason[] = "-"; /* established */

static bool silent(const struct tunnel *t)
{
	return t->site->leaving || t->site->g->closing;
}

static const char *peer_text(const struct tunnel *t, char *buf, size_t size)
{
	return ip_addr_text(&site_tunnel_config_of(t)->private_site, buf, size);
}

void bgp_event_up(const struct tunnel *t)
{
	char label[TUNNEL_LABEL_MAX], peer[IP_TEXT_MAX];

	if (t->bgp->said == no_reason || silent(t))
		return;
	t->bgp->said = no_reason;
	event_emit(t->site->g->events, EVENT_BGP_UP, t->site->config.name, t->slot,
		   "%s: BGP session with %s (AS %u) is established", site_tunnel_label(t, label),
		   peer_text(t, peer, sizeof(peer)), t->site->config.bgp.peer_as);
}

void bgp_event_down(const struct tunnel *t)
{
	char label[TUNNEL_LABEL_MAX], peer[IP_TEXT_MAX];
	const char *hint;
	const char *reason = bgp_reason(t, &hint);
	/* Its tunnel is down or stands by: that is told already. */
	const struct event_fact fact = {.planned = !t->up || !t->bgp->wanted};

	t->bgp->said = NULL;
	if (silent(t))
		return;
	event_emit_fact(t->site->g->events, EVENT_BGP_DOWN, t->site->config.name, t->slot, &fact,
			"%s: BGP session with %s disconnected, reason %s",
			site_tunnel_label(t, label), peer_text(t, peer, sizeof(peer)),
			reason == NULL ? no_reason : reason);
}

/* Only what the peer or a setting is guilty of, and once; waiting is none of it. */
void bgp_event_refused(struct tunnel *t)
{
	char label[TUNNEL_LABEL_MAX], peer[IP_TEXT_MAX];
	const char *hint;
	const char *reason;

	if (t->bgp->said == no_reason) {
		bgp_event_down(t); /* it was up */
		return;
	}
	reason = bgp_reason(t, &hint);
	if (reason == NULL || t->bgp->info[0] == '\0' || t->bgp->said == reason || silent(t))
		return;
	t->bgp->said = reason;
	event_emit(t->site->g->events, EVENT_BGP_FAILED, t->site->config.name, t->slot,
		   "%s: no BGP session with %s, reason %s (%s)", site_tunnel_label(t, label),
		   peer_text(t, peer, sizeof(peer)), reason, t->bgp->info);
}

void bgp_event_daemon(struct bgp *b)
{
	const struct bird_status *st = bird_status(b->bird);
	bool bad = st->state == BIRD_MISSING || st->state == BIRD_REFUSED ||
		   st->state == BIRD_HUNG || st->state == BIRD_FAILED;

	if (b->g->closing)
		return;
	if (bad)
		event_emit(b->g->events, EVENT_BGP_DAEMON, NULL, 0,
			   "BGP does not work: BIRD %s: %s; tunnels are not affected",
			   bird_state_name(st->state), st->text);
	else if (st->state == BIRD_RUNNING && b->said_bad)
		event_emit(b->g->events, EVENT_BGP_DAEMON, NULL, 0, "BGP works again: BIRD %s runs",
			   st->version);
	if (bad || st->state == BIRD_RUNNING)
		b->said_bad = bad;
}
