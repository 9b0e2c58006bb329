/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is measured.  Labels have few values each: site, tunnel ("primary-1"), state, reason (the
 * words of show and JSON); never an address, SPI or identity.
 */
#include "commands/metrics_family.h"

#include "commands/commands_state.h"
#include "commands/notify.h"
#include "commands/syslog.h"
#include "dataplane/event.h"
#include "dataplane/site/stories.h"
#include "platform/base/mem.h"
#include "platform/os/usage.h"

#include <stdio.h>

/* ---- The box --------------------------------------------------------------------------------- */

static void build(struct metrics *m)
{
	metrics_begin(m);
	metrics_label(m, "version", IKESH_VERSION);
	metrics_label(m, "hostname", commands_hostname(m->box));
	metrics_label(m, "dataplane", gateway_dataplane_name(m->box->gateway));
	metrics_end(m, 1);
}

static void start_time(struct metrics *m)
{
	uint64_t age_ms = m->now_ms - m->box->started_ms;

	metrics_plain(m, (double)(m->wall_ms - age_ms) / 1000);
}

static void sites(struct metrics *m)
{
	metrics_plain(m, (double)m->survey.site_count);
}

static void sites_connected(struct metrics *m)
{
	metrics_plain(m, (double)m->survey.connected);
}

static void tunnels_one(struct metrics *m, unsigned state, unsigned reason)
{
	size_t count = 0;

	for (size_t i = 0; i < m->survey.tunnel_count; i++) {
		const struct survey_tunnel *t = &m->survey.tunnels[i];

		count += t->state == state && t->reason == reason ? 1 : 0;
	}
	if (count == 0)
		return;
	metrics_begin(m);
	metrics_label(m, "state", tunnel_state_name((enum tunnel_state)state));
	metrics_label(m, "reason", m->survey.reasons[reason]);
	metrics_end(m, (double)count);
}

static void tunnels(struct metrics *m)
{
	for (unsigned state = TUNNEL_UP; state <= TUNNEL_ADMIN_DOWN; state++) {
		for (unsigned reason = 0; reason < m->survey.reason_count; reason++)
			tunnels_one(m, state, reason);
	}
}

static void events(struct metrics *m)
{
	for (unsigned i = 0; i < EVENT_COUNT; i++) {
		const struct event_row *row = event_row((enum event_id)i);
		char severity[4];

		snprintf(severity, sizeof(severity), "%u", (unsigned)row->severity);
		metrics_begin(m);
		metrics_label(m, "facility", row->facility);
		metrics_label(m, "severity", severity);
		metrics_label(m, "mnemonic", row->mnemonic);
		metrics_end(m, (double)event_log_count(m->box->events, (enum event_id)i));
	}
}

static void stories(struct metrics *m)
{
	for (int k = 0; m->box->stories != NULL && k < STORY_KINDS; k++) {
		metrics_begin(m);
		metrics_label(m, "kind", story_row((enum story_kind)k)->name);
		metrics_end(m, (double)story_book_open_count(stories_book(m->box->stories),
							     (enum story_kind)k));
	}
}

static void each_receiver(struct metrics *m, double (*value)(const struct receiver_status *r))
{
	struct receiver_status list[BOX_LOG_HOSTS + NOTIFY_RECEIVERS];
	size_t n = syslog_status(m->box->syslog, list, BOX_LOG_HOSTS);

	n += notify_status(m->box->notify, list + n, NOTIFY_RECEIVERS);
	for (size_t i = 0; i < n; i++) {
		metrics_begin(m);
		metrics_label(m, "kind", list[i].kind);
		/* Two webhooks of one host have the same name, and no path in it. */
		metrics_label(m, "receiver", list[i].name);
		metrics_label(m, "number", (char[]){(char)('1' + i), '\0'});
		metrics_end(m, value(&list[i]));
	}
}

static double value_sent(const struct receiver_status *r)
{
	return (double)r->sent;
}

static double value_lost(const struct receiver_status *r)
{
	return (double)r->lost;
}

static double value_waiting(const struct receiver_status *r)
{
	return (double)r->waiting;
}

static double value_failing(const struct receiver_status *r)
{
	return r->trouble[0] != '\0';
}

static void receiver_sent(struct metrics *m)
{
	each_receiver(m, value_sent);
}

static void receiver_lost(struct metrics *m)
{
	each_receiver(m, value_lost);
}

static void receiver_waiting(struct metrics *m)
{
	each_receiver(m, value_waiting);
}

static void receiver_failing(struct metrics *m)
{
	each_receiver(m, value_failing);
}

static void cli_sessions(struct metrics *m)
{
	struct list *node, *after;
	size_t count = 0;

	list_for_each(node, after, &m->box->sessions) count++;
	metrics_plain(m, (double)count);
}

static void cpu(struct metrics *m)
{
	struct usage u;

	usage_read(&u);
	metrics_plain(m, (double)u.cpu_us / 1000000);
}

static void memory(struct metrics *m)
{
	struct usage u;

	usage_read(&u);
	metrics_plain(m, (double)u.resident_bytes);
}

static void descriptors(struct metrics *m)
{
	struct usage u;

	usage_read(&u);
	metrics_plain(m, (double)u.descriptors);
}

/* Engine and data plane name their counters; each is a family. */
static void counters(struct metrics *m)
{
	const char *name;
	uint64_t value = 0;
	char help[128];

	for (size_t i = 0; (name = gateway_counter(m->box->gateway, i, &value)) != NULL; i++) {
		struct metrics_family f = {.name = name, .type = METRICS_COUNTER, .help = help};

		snprintf(help, sizeof(help), "Counter %s of show ipsec statistics.", name);
		metrics_head(m, &f);
		metrics_plain(m, (double)value);
	}
}

/* ---- Sites ----------------------------------------------------------------------------------- */

static void site_sample(struct metrics *m, const struct survey_site *s, double value)
{
	metrics_begin(m);
	metrics_label(m, "site", s->name);
	metrics_end(m, value);
}

static void site_info(struct metrics *m, const struct survey_site *s)
{
	char device[16];

	snprintf(device, sizeof(device), "ips%u", (unsigned)s->index);
	metrics_begin(m);
	metrics_label(m, "site", s->name);
	metrics_label(m, "device", device);
	metrics_end(m, 1);
}

static void site_connected(struct metrics *m, const struct survey_site *s)
{
	site_sample(m, s, s->connected ? 1 : 0);
}

static void site_on_secondary(struct metrics *m, const struct survey_site *s)
{
	site_sample(m, s, s->connected && s->active == SITE_SECONDARY ? 1 : 0);
}

/* ---- Tunnels --------------------------------------------------------------------------------- */

static void tunnel_labels(struct metrics *m, const struct survey_site *s,
			  const struct survey_tunnel *t)
{
	char name[16];

	metrics_begin(m);
	metrics_label(m, "site", s->name);
	metrics_label(m, "tunnel", metrics_tunnel_name(t->slot, name));
}

static void tunnel_sample(struct metrics *m, const struct survey_site *s,
			  const struct survey_tunnel *t, double value)
{
	tunnel_labels(m, s, t);
	metrics_end(m, value);
}

static void tunnel_info(struct metrics *m, const struct survey_site *s,
			const struct survey_tunnel *t)
{
	char wan[16] = "";

	if (t->wan_role != 0)
		snprintf(wan, sizeof(wan), "wan%u", (unsigned)t->wan_role);
	tunnel_labels(m, s, t);
	metrics_label(m, "name", t->name);
	metrics_label(m, "wan_role", wan);
	metrics_end(m, 1);
}

static void tunnel_up(struct metrics *m, const struct survey_site *s, const struct survey_tunnel *t)
{
	tunnel_sample(m, s, t, t->state == TUNNEL_UP ? 1 : 0);
}

static void tunnel_status(struct metrics *m, const struct survey_site *s,
			  const struct survey_tunnel *t)
{
	tunnel_labels(m, s, t);
	metrics_label(m, "state", tunnel_state_name((enum tunnel_state)t->state));
	metrics_label(m, "reason", m->survey.reasons[t->reason]);
	metrics_end(m, 1);
}

static void tunnel_since(struct metrics *m, const struct survey_site *s,
			 const struct survey_tunnel *t)
{
	uint64_t age_ms = m->now_ms > t->since_ms ? m->now_ms - t->since_ms : 0;

	tunnel_sample(m, s, t, (double)(m->wall_ms - age_ms) / 1000);
}

static void tunnel_attempts(struct metrics *m, const struct survey_site *s,
			    const struct survey_tunnel *t)
{
	tunnel_sample(m, s, t, (double)t->attempts);
}

static void tunnel_children(struct metrics *m, const struct survey_site *s,
			    const struct survey_tunnel *t)
{
	tunnel_sample(m, s, t, (double)t->children);
}

static void tunnel_rx(struct metrics *m, const struct survey_site *s, const struct survey_tunnel *t)
{
	tunnel_sample(m, s, t, (double)t->rx_bytes);
}

static void tunnel_tx(struct metrics *m, const struct survey_site *s, const struct survey_tunnel *t)
{
	tunnel_sample(m, s, t, (double)t->tx_bytes);
}

static void tunnel_replays(struct metrics *m, const struct survey_site *s,
			   const struct survey_tunnel *t)
{
	tunnel_sample(m, s, t, (double)t->replay_drops);
}

static void tunnel_share(struct metrics *m, const struct survey_site *s,
			 const struct survey_tunnel *t)
{
	tunnel_sample(m, s, t, (double)t->buckets / DP_BUCKETS);
}

static void tunnel_healthy(struct metrics *m, const struct survey_site *s,
			   const struct survey_tunnel *t)
{
	tunnel_sample(m, s, t, t->state == TUNNEL_UP && t->health <= HEALTH_GOOD ? 1 : 0);
}

static void tunnel_loss(struct metrics *m, const struct survey_site *s,
			const struct survey_tunnel *t)
{
	if (t->loss_known)
		tunnel_sample(m, s, t, (double)t->loss / 10000);
}

static void tunnel_delay(struct metrics *m, const struct survey_site *s,
			 const struct survey_tunnel *t)
{
	if (t->delay_known)
		tunnel_sample(m, s, t, (double)t->delay_us / 1000000);
}

static void tunnel_jitter(struct metrics *m, const struct survey_site *s,
			  const struct survey_tunnel *t)
{
	if (t->delay_known)
		tunnel_sample(m, s, t, (double)t->jitter_us / 1000000);
}

static const struct metrics_family families[] = {
	{"build", METRICS_INFO, NULL, "Version, name and data plane of the appliance.",
	 .box = build},
	{"start_time_seconds", METRICS_GAUGE, "seconds", "When the appliance started.",
	 .box = start_time},
	{"process_cpu_seconds", METRICS_COUNTER, "seconds", "CPU time of the appliance.",
	 .box = cpu},
	{"process_resident_memory_bytes", METRICS_GAUGE, "bytes", "Memory of the appliance.",
	 .box = memory},
	{"process_open_fds", METRICS_GAUGE, NULL, "Open descriptors of the appliance.",
	 .box = descriptors},
	{"cli_sessions", METRICS_GAUGE, NULL, "Operators' terminals and scripts.",
	 .box = cli_sessions},
	{"sites", METRICS_GAUGE, NULL, "Configured sites.", .box = sites},
	{"sites_connected", METRICS_GAUGE, NULL, "Sites with at least one tunnel up.",
	 .box = sites_connected},
	{"tunnels", METRICS_GAUGE, NULL, "Configured tunnels by state and reason.", .box = tunnels},
	{"events", METRICS_COUNTER, NULL, "Event lines, see ikesh-events(7).", .box = events},
	{"stories_open", METRICS_GAUGE, NULL, "Open stories by kind.", .box = stories},
	{"receiver_sent", METRICS_COUNTER, NULL,
	 "Lines that a log host, stories that a webhook or mail took.", .box = receiver_sent},
	{"receiver_lost", METRICS_COUNTER, NULL, "Lines or stories that it will not get.",
	 .box = receiver_lost},
	{"receiver_waiting", METRICS_GAUGE, NULL, "Lines or stories that wait for it.",
	 .box = receiver_waiting},
	{"receiver_failing", METRICS_GAUGE, NULL, "1 while it fails, see show notifications.",
	 .box = receiver_failing},
	{"site", METRICS_INFO, NULL, "Network device of a site.", .of_site = site_info},
	{"site_connected", METRICS_GAUGE, NULL, "1 while at least one tunnel of the site is up.",
	 .of_site = site_connected},
	{"site_on_secondary", METRICS_GAUGE, NULL, "1 while the secondary role carries traffic.",
	 .of_site = site_on_secondary},
	{"tunnel", METRICS_INFO, NULL, "Names of a tunnel.", .of_tunnel = tunnel_info},
	{"tunnel_up", METRICS_GAUGE, NULL, "1 while the tunnel is up; every configured one.",
	 .of_tunnel = tunnel_up},
	{"tunnel_status", METRICS_GAUGE, NULL, "Always 1; state and reason as labels.",
	 .of_tunnel = tunnel_status},
	{"tunnel_state_since_timestamp_seconds", METRICS_GAUGE, "seconds",
	 "When the tunnel entered its state.", .of_tunnel = tunnel_since},
	{"tunnel_attempts", METRICS_GAUGE, NULL, "Attempts since the tunnel was last up.",
	 .of_tunnel = tunnel_attempts},
	{"tunnel_child_sas", METRICS_GAUGE, NULL, "Child SAs of the tunnel.",
	 .of_tunnel = tunnel_children},
	{"tunnel_received_bytes", METRICS_COUNTER, "bytes",
	 "Inner octets from the peer since the tunnel is up.", .of_tunnel = tunnel_rx},
	{"tunnel_transmitted_bytes", METRICS_COUNTER, "bytes",
	 "Inner octets to the peer since the tunnel is up.", .of_tunnel = tunnel_tx},
	{"tunnel_replay_drops", METRICS_COUNTER, NULL, "Packets dropped as replayed.",
	 .of_tunnel = tunnel_replays},
	{"tunnel_share_ratio", METRICS_GAUGE, "ratio", "Share of the new flows of the site.",
	 .of_tunnel = tunnel_share},
	{"tunnel_healthy", METRICS_GAUGE, NULL, "1 while up, heard and within the limits.",
	 .of_tunnel = tunnel_healthy},
	{"tunnel_loss_ratio", METRICS_GAUGE, "ratio", "Loss over ten seconds, where it is known.",
	 .of_tunnel = tunnel_loss},
	{"tunnel_delay_seconds", METRICS_GAUGE, "seconds",
	 "Round trip over ten seconds, where it is known.", .of_tunnel = tunnel_delay},
	{"tunnel_jitter_seconds", METRICS_GAUGE, "seconds",
	 "Variation of the delay over ten seconds, where it is known.", .of_tunnel = tunnel_jitter},
	{NULL, METRICS_COUNTER, NULL, NULL, .box = counters},
};

const struct metrics_family *metrics_family_at(size_t index)
{
	return index < ARRAY_LEN(families) ? &families[index] : NULL;
}
