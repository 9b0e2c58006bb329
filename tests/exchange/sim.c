/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Nodes, network and time of the simulation. */
#include "sim.h"

#include "ikev2/dh.h"
#include "ikev2/ikesa.h"
#include "ikev2/qcd.h"
#include "ikev2/tunnel.h"
#include "platform/base/mem.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PORT_IKE       500
#define PORT_NATT      4500

#define CHECK_EACH_MAX 64 /* with more Child SAs they are not all looked at in each step */

struct job {
	struct list link;
	uint64_t due_ms;
	int node;
	struct ike_dh_job *job;
};

/* ---- Randomness (splitmix64) ----------------------------------------------------------------- */

static uint64_t draw(uint64_t *state)
{
	uint64_t z = (*state += 0x9e3779b97f4a7c15ull);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return z ^ (z >> 31);
}

uint32_t sim_random(struct sim *s, uint32_t bound)
{
	return bound == 0 ? 0 : (uint32_t)(draw(&s->random) % bound);
}

static void node_bytes(void *arg, void *buf, size_t len)
{
	struct sim_node *n = arg;
	uint8_t *p = buf;

	for (size_t i = 0; i < len; i++)
		p[i] = (uint8_t)draw(&n->random);
	if (len == 32 && n->nonce_first >= 0)
		p[0] = (uint8_t)n->nonce_first;
}

/* ---- Life ------------------------------------------------------------------------------------ */

static void tell_secret(struct sim *s, struct sim_node *n)
{
	struct secret secret = SECRET_NONE;

	if (n->crash_secret != 0) {
		secret_alloc(&secret, 32);
		memset(secret.data, n->crash_secret, secret.len);
	}
	ike_engine_set_qcd_secret(n->engine, s->now_ms, &secret);
	secret_clear(&secret);
}

static void node_init(struct sim *s, size_t i, const struct ike_limits *limits)
{
	struct sim_node *n = &s->node[i];
	struct ike_random random = {.bytes = node_bytes, .arg = n};

	n->engine = ike_engine_new(limits, &random);
	ike_engine_set_keylog(n->engine, true);
	tell_secret(s, n);
}

void sim_init(struct sim *s, uint64_t seed, size_t nodes)
{
	memset(s, 0, sizeof(*s));
	s->seed = s->random = seed;
	s->real_dh = true;
	s->now_ms = 1000;
	s->delay_ms = 20;
	list_init(&s->packets);
	list_init(&s->jobs);
	list_init(&s->keys);
	strbuf_init(&s->ladder);
	strbuf_init(&s->traces);
	while (s->nodes < nodes)
		sim_add(s);
}

void sim_add(struct sim *s)
{
	struct ike_limits limits = ike_limits_default();
	size_t i = s->nodes++;
	struct sim_node *n = &s->node[i];

	ck_assert_uint_lt(i, SIM_NODES_MAX);
	n->addr = ip_addr_v4(0xc0000201u + (uint32_t)i);
	n->random = s->seed * 1000003 + i + 1;
	n->nonce_first = -1;
	sim_plane_init(n);
	node_init(s, i, &limits);
}

void sim_limits(struct sim *s, int node, const struct ike_limits *limits)
{
	ike_engine_free(s->node[node].engine);
	node_init(s, (size_t)node, limits);
}

static void packet_free(struct sim_packet *p)
{
	list_remove(&p->link);
	free(p->bytes);
	free(p);
}

void sim_clear(struct sim *s)
{
	struct list *n, *after;

	list_for_each(n, after, &s->packets)
	{
		packet_free(container_of(n, struct sim_packet, link));
	}
	list_for_each(n, after, &s->jobs)
	{
		struct job *j = container_of(n, struct job, link);

		list_remove(&j->link);
		ike_dh_job_free(j->job);
		free(j);
	}
	for (size_t i = 0; i < s->nodes; i++) {
		ike_engine_free(s->node[i].engine);
		sim_plane_clear(&s->node[i]);
	}
	sim_ladder_clear(s);
	if (s->print)
		fprintf(stderr, "%s", s->ladder.text);
	strbuf_clear(&s->ladder);
	strbuf_clear(&s->traces);
}

void sim_violated(struct sim *s, int node, const char *what, uint32_t number)
{
	if (s->violation[0])
		return;
	snprintf(s->violation, sizeof(s->violation), "%llu ms, node %c: %s (%u)",
		 (unsigned long long)s->now_ms, 'A' + node, what, number);
	sim_ladder_note(s, "VIOLATION %s", s->violation);
}

static struct sim_tally *tally(struct sim *s, int node, uint32_t tunnel)
{
	return &s->node[node].tally[tunnel < SIM_TALLY_MAX ? tunnel : SIM_TALLY_MAX - 1];
}

/* ---- Network --------------------------------------------------------------------------------- */

static struct ip_endpoint translate_out(const struct sim_node *n, struct ip_endpoint e)
{
	if (!n->nat)
		return e;
	return (struct ip_endpoint){.addr = n->nat_addr,
				    .port = (uint16_t)(e.port + n->port_shift)};
}

/* Who gets it, and on which own endpoint; -1: nobody. */
static int route(const struct sim *s, struct ip_endpoint *dst)
{
	for (size_t i = 0; i < s->nodes; i++) {
		const struct sim_node *n = &s->node[i];

		if (n->nat && ip_addr_equal(&dst->addr, &n->nat_addr)) {
			dst->addr = n->addr;
			dst->port = (uint16_t)(dst->port - n->port_shift);
			return dst->port == PORT_IKE || dst->port == PORT_NATT ? (int)i : -1;
		}
		if (!n->nat && ip_addr_equal(&dst->addr, &n->addr))
			return (int)i;
	}
	return -1;
}

static void enqueue(struct sim *s, const struct sim_packet *like, uint64_t delay_ms)
{
	struct sim_packet *p = mem_zalloc(sizeof(*p));
	struct list *at = &s->packets;

	*p = *like;
	p->bytes = mem_dup(like->bytes, like->len);
	p->due_ms = s->now_ms + delay_ms;
	p->order = s->next_order++;
	while (at->prev != &s->packets && /* most come last */
	       container_of(at->prev, struct sim_packet, link)->due_ms > p->due_ms)
		at = at->prev;
	list_append(at, &p->link);
}

/* Where the IKE header begins. */
static size_t exchange_at(const struct sim_packet *p)
{
	return p->len > 4 && p->bytes[0] == 0 && p->bytes[1] == 0 ? 4 : 0;
}

static struct sim_rule *rule_for(struct sim *s, const struct sim_packet *p)
{
	size_t at = exchange_at(p);
	int exchange = p->len >= at + 28 ? p->bytes[at + 18] : -2;
	int response = p->len >= at + 28 ? (p->bytes[at + 19] & 0x20) != 0 : -2;

	for (size_t i = 0; i < s->rule_count; i++) {
		struct sim_rule *r = &s->rules[i];

		if ((r->from >= 0 && r->from != p->from) ||
		    (r->exchange >= 0 && r->exchange != exchange) ||
		    (r->response >= 0 && r->response != response) || p->esp)
			continue;
		if (r->skip > 0) {
			r->skip--;
			continue;
		}
		if (r->count == 0)
			continue;
		r->count--;
		return r;
	}
	return NULL;
}

/* Somebody on the way repeats it with one bit changed. */
static void garble(struct sim *s, struct sim_packet *p, uint64_t delay_ms)
{
	size_t at = exchange_at(p);
	uint32_t bit;

	if (p->esp || p->len < at + 28 || p->bytes[at + 18] == IKE_EXCH_SA_INIT)
		return;
	bit = sim_random(s, (uint32_t)(p->len - at) * 8);
	p->bytes[at + bit / 8] ^= (uint8_t)(1u << bit % 8);
	enqueue(s, p, delay_ms + sim_random(s, 500));
	p->bytes[at + bit / 8] ^= (uint8_t)(1u << bit % 8);
}

static void transmit(struct sim *s, struct sim_packet *p)
{
	struct sim_rule *r = p->esp ? NULL : rule_for(s, p);
	uint64_t delay = s->delay_ms + (s->jitter_ms ? sim_random(s, s->jitter_ms + 1) : 0);
	struct ip_endpoint dst = p->dst;
	int to = route(s, &dst);
	bool lost = (s->loss_percent && sim_random(s, 100) < s->loss_percent) || (r && r->drop);

	if (r && !r->drop)
		delay += r->delay_ms;
	if (!p->esp && !(p->len == 1))
		sim_ladder_message(s, p->from, to, lost ? "(lost)" : "", p->bytes, p->len);
	if (lost || to < 0)
		return;
	enqueue(s, p, delay);
	if (s->duplicate_percent && sim_random(s, 100) < s->duplicate_percent)
		enqueue(s, p, delay + sim_random(s, 500));
	if (s->garble_percent && sim_random(s, 100) < s->garble_percent)
		garble(s, p, delay);
}

static void drain(struct sim *s, int node);

static void deliver(struct sim *s, struct sim_packet *p)
{
	struct ip_endpoint dst = p->dst;
	int to = route(s, &dst);
	struct sim_node *n = to >= 0 ? &s->node[to] : NULL;

	if (!n || n->dead)
		return;
	if (p->esp) {
		struct sim_child *c = sim_plane_by_spi(n, p->spi);

		if (c) {
			sim_plane_received(s, to, c, p);
			drain(s, to);
		} else {
			s->node[p->from].esp_lost++;
			tally(s, p->from, p->tunnel)->esp_lost++;
			sim_ladder_note(s, "ESP %08x unknown to %c", p->spi, 'A' + to);
		}
		return;
	}
	if (p->len == 1) /* keepalives are not for the engine */
		return;
	ike_engine_datagram(n->engine, s->now_ms, &dst, &p->src, dst.port == PORT_NATT,
			    view_of(p->bytes, p->len));
	drain(s, to);
}

void sim_inject(struct sim *s, int from, int to, bool natt, const void *bytes, size_t len)
{
	struct sim_packet p = {.from = from, .len = len};
	uint16_t port = natt ? PORT_NATT : PORT_IKE;

	p.bytes = mem_dup(bytes, len);
	p.src = translate_out(&s->node[from], (struct ip_endpoint){s->node[from].addr, port});
	p.dst = (struct ip_endpoint){s->node[to].addr, port};
	enqueue(s, &p, 1);
	free(p.bytes);
}

void sim_forge(struct sim *s, int from, int to, uint8_t exchange, uint32_t id_ahead, bool response,
	       uint8_t first, struct view chain)
{
	struct ike_engine *e = s->node[from].engine;
	struct ike_sa *sa = tunnel_current(tunnel_find(e, 1));
	unsigned flags =
		(sa->initiator ? MESSAGE_INITIATOR : 0u) | (response ? MESSAGE_RESPONSE : 0u);
	struct message_header h = {.spi_i = sa->spi_i,
				   .spi_r = sa->spi_r,
				   .version = MESSAGE_VERSION,
				   .exchange = exchange,
				   .flags = (uint8_t)flags,
				   .id = sa->send_id + id_ahead};
	uint8_t buf[20000];
	size_t len;

	ck_assert_int_eq(sk_seal(e->crypto, &sa->seal, &e->random, &h, first, chain, buf + 4,
				 sizeof(buf) - 4, &len),
			 0);
	memset(buf, 0, 4);
	if (sa->natt)
		sim_inject(s, from, to, true, buf, len + 4);
	else
		sim_inject(s, from, to, false, buf + 4, len);
}

/* ---- Tokens in clear (RFC 6290 section 9.2) ----------------------------------------------------
 */

static void note_revealed(struct sim_node *n, struct view message)
{
	struct payload_list payloads;
	struct message_header h;
	const struct payload *p = NULL;

	if (message.len > 4 && memcmp(message.data, "\0\0\0\0", 4) == 0)
		message = view_of(message.data + 4, message.len - 4);
	if (message_header_read(message, &h) || message_payloads_read(message, &h, &payloads))
		return;
	while ((p = payload_next(&payloads, IKE_PAYLOAD_NOTIFY, p))) {
		unsigned at = n->revealed_count % SIM_REVEALED_MAX;

		if (qcd_token_read(p).len == 0)
			continue;
		n->revealed[at].spi_i = h.spi_i;
		n->revealed[at].spi_r = h.spi_r;
		n->revealed_count++;
	}
}

/* Neither of an IKE SA that is there, nor of one that comes up afterwards. */
static void check_revealed(struct sim *s, int node)
{
	const struct sim_node *n = &s->node[node];

	for (unsigned i = 0; i < n->revealed_count && i < SIM_REVEALED_MAX; i++) {
		const struct ike_sa *by_i = ike_sa_find(n->engine, n->revealed[i].spi_i);
		const struct ike_sa *by_r = ike_sa_find(n->engine, n->revealed[i].spi_r);

		if ((by_i && by_i->spi_r == n->revealed[i].spi_r) ||
		    (by_r && by_r->spi_i == n->revealed[i].spi_i))
			sim_violated(s, node, "gave the token of a living IKE SA away", i);
	}
}

/* ---- Actions --------------------------------------------------------------------------------- */

static void send(struct sim *s, int node, const struct ike_send *send)
{
	struct sim_node *n = &s->node[node];
	struct sim_packet p = {.from = node, .len = send->payload.len};

	n->sent++;
	if (n->crash_secret != 0)
		note_revealed(n, send->payload);
	if (s->tap)
		s->tap(s->tap_arg, node, send);
	if (send->payload.len == 1)
		n->keepalives++;
	if (send->payload.len <= sizeof(n->last_sent)) {
		memcpy(n->last_sent, send->payload.data, send->payload.len);
		n->last_sent_len = send->payload.len;
	}
	if (n->dead)
		return;
	p.bytes = mem_dup(send->payload.data, send->payload.len);
	p.src = (struct ip_endpoint){n->addr, send->local.port};
	p.src = translate_out(n, p.src);
	p.dst = send->remote;
	transmit(s, &p);
	free(p.bytes);
}

static void event(struct sim *s, int node, const struct ike_action *a)
{
	struct sim_node *n = &s->node[node];
	struct sim_event *ev = &n->events[n->event_count % SIM_EVENTS_MAX];
	static const char *const names[] = {"negotiating",   "ike rekeyed",  "child up",
					    "child rekeyed", "child failed", "attempt failed",
					    "unknown peer",  "nat changed"};

	n->event_count++;
	*ev = (struct sim_event){.at_ms = s->now_ms,
				 .type = a->type,
				 .event = a->event,
				 .tunnel = a->tunnel};
	if (a->type != IKE_ACTION_UP)
		ev->failure = a->failure;
	tally(s, node, a->tunnel)->ups += a->type == IKE_ACTION_UP;
	tally(s, node, a->tunnel)->downs += a->type == IKE_ACTION_DOWN;
	tally(s, node, a->tunnel)->failed +=
		a->type == IKE_ACTION_EVENT && a->event == IKE_EVENT_CHILD_FAILED;
	n->ups += a->type == IKE_ACTION_UP;
	n->downs += a->type == IKE_ACTION_DOWN;
	sim_ladder_note(s, "%c %s%s%s%s%s", 'A' + node,
			a->type == IKE_ACTION_UP     ? "UP"
			: a->type == IKE_ACTION_DOWN ? "DOWN"
						     : names[a->event],
			ev->failure.reason ? " " : "",
			ev->failure.reason ? ike_reason_name(ev->failure.reason) : "",
			ev->failure.reason ? ": " : "",
			ev->failure.reason ? ev->failure.evidence : "");
}

static uint64_t first8(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

/* x times g modulo 2^64, repeated: it commutes, and costs nothing. */
static void toy_dh(struct ike_dh_job *job)
{
	size_t len = dh_public_len(job->group);
	uint64_t x = first8(job->private_key.data) | 1;
	uint64_t mine = x * 0x9e3779b97f4a7c15ull;
	uint64_t both = x * first8(job->peer_value);

	for (size_t i = 0; i < len; i++)
		job->public_value[i] = (uint8_t)(mine >> i % 8 * 8);
	job->public_len = len;
	if (job->peer_len == 0)
		return;
	secret_alloc(&job->shared, len);
	for (size_t i = 0; i < len; i++)
		job->shared.data[i] = (uint8_t)(both >> i % 8 * 8);
}

static void dh(struct sim *s, int node, struct ike_dh_job *job)
{
	struct job *j = mem_zalloc(sizeof(*j));

	if (s->real_dh)
		ike_dh_job_run(job);
	else
		toy_dh(job);
	j->job = job;
	j->node = node;
	j->due_ms = s->now_ms + s->dh_ms + (s->dh_ms ? sim_random(s, s->dh_ms) : 0);
	list_append(&s->jobs, &j->link);
}

static void check_engine(struct sim *s, int node)
{
	struct sim_node *n = &s->node[node];

	if (n->child_count < CHECK_EACH_MAX || n->checks++ % CHECK_EACH_MAX == 0)
		sim_plane_check(s, node);
	check_revealed(s, node);
	if (n->engine->counters[COUNTER_ILLEGAL_TRANSITIONS])
		sim_violated(s, node, "illegal transition", 0);
	if (n->engine->sas.count > n->engine->limits.max_ike_sas)
		sim_violated(s, node, "too many IKE SAs", 0);
}

static void drain(struct sim *s, int node)
{
	struct ike_engine *e = s->node[node].engine;
	struct ike_action a;

	while (ike_engine_next_action(e, &a)) {
		switch (a.type) {
		case IKE_ACTION_SEND:
			send(s, node, &a.send);
			break;
		case IKE_ACTION_CHILD_INSTALL:
			if (a.install->restored)
				sim_plane_compare(s, node, a.install);
			else
				sim_plane_install(s, node, a.tunnel, a.install);
			break;
		case IKE_ACTION_CHILD_UPDATE:
			sim_plane_update(s, node, &a.update);
			break;
		case IKE_ACTION_CHILD_DELETE:
			sim_plane_delete(s, node, a.del.child);
			break;
		case IKE_ACTION_DH:
			dh(s, node, a.dh);
			break;
		case IKE_ACTION_SOURCE:
			if (!s->no_sources)
				ike_engine_source(e, s->now_ms, a.tunnel, &s->node[node].addr);
			break;
		case IKE_ACTION_UP:
			if (!a.restored)
				event(s, node, &a);
			break;
		case IKE_ACTION_DOWN:
		case IKE_ACTION_EVENT:
			event(s, node, &a);
			break;
		case IKE_ACTION_KEYLOG:
			sim_ladder_key(s, a.keylog);
			break;
		case IKE_ACTION_TRACE:
			strbuf_printf(&s->traces, "%c %s\n", 'A' + node,
				      a.trace->kind == IKE_TRACE_CLEAR ? "clear" : a.trace->text);
			break;
		}
	}
	check_engine(s, node);
}

static void forget_jobs(struct sim *s, int node)
{
	struct list *n, *after;

	list_for_each(n, after, &s->jobs)
	{
		struct job *j = container_of(n, struct job, link);

		if (j->node != node)
			continue;
		list_remove(&j->link);
		ike_dh_job_free(j->job);
		free(j);
	}
}

/* Seeds for tests/fuzz/fuzz_state.c: IKESH_SIM_STATES=DIR exchange_seeds. */
static void keep_state(const struct secret *state)
{
	const char *dir = getenv("IKESH_SIM_STATES");
	char path[256];
	FILE *f;

	if (!dir)
		return;
	snprintf(path, sizeof(path), "%s/%016llx", dir,
		 (unsigned long long)siphash((const uint8_t *)"0123456789abcdef", state->data,
					     state->len));
	f = fopen(path, "w");
	if (!f)
		return;
	(void)fwrite(state->data, 1, state->len, f);
	fclose(f);
}

void sim_restore(struct sim *s, int node)
{
	struct sim_node *n = &s->node[node];
	struct ike_random random = n->engine->random;
	struct ike_limits limits = n->engine->limits;
	struct secret state = SECRET_NONE;
	int rc;

	drain(s, node);
	if (ike_engine_save(n->engine, &state))
		sim_violated(s, node, "does not save itself", 0);
	keep_state(&state);
	ike_engine_free(n->engine);
	forget_jobs(s, node);
	rc = ike_engine_restore(&limits, &random, s->now_ms, secret_view(&state), &n->engine);
	secret_clear(&state);
	if (rc) {
		sim_violated(s, node, "is not restored", (uint32_t)-rc);
		n->engine = ike_engine_new(&limits, &random);
	}
	ike_engine_set_keylog(n->engine, true);
	tell_secret(s, n);
	sim_ladder_note(s, "%c goes on as another one", 'A' + node);
	drain(s, node);
}

void sim_crash_secret(struct sim *s, int node, uint8_t octet)
{
	s->node[node].crash_secret = octet;
	tell_secret(s, &s->node[node]);
	drain(s, node);
}

/* ---- Time ------------------------------------------------------------------------------------ */

static uint64_t next_due(struct sim *s)
{
	uint64_t due = UINT64_MAX, d;
	struct list *n, *after;

	if (!list_is_empty(&s->packets))
		due = container_of(s->packets.next, struct sim_packet, link)->due_ms;
	list_for_each(n, after, &s->jobs)
	{
		d = container_of(n, struct job, link)->due_ms;
		due = d < due ? d : due;
	}
	for (size_t i = 0; i < s->nodes; i++) {
		d = ike_engine_deadline(s->node[i].engine);
		due = d < due ? d : due;
	}
	if (s->traffic_ms && s->traffic_at_ms < due)
		due = s->traffic_at_ms;
	return due;
}

static void run_jobs(struct sim *s)
{
	struct list *n, *after;

	list_for_each(n, after, &s->jobs)
	{
		struct job *j = container_of(n, struct job, link);
		int node = j->node;

		if (j->due_ms > s->now_ms)
			continue;
		list_remove(&j->link);
		ike_engine_dh_done(s->node[node].engine, s->now_ms, j->job);
		free(j);
		drain(s, node);
		after = s->jobs.next; /* new jobs may have come */
	}
}

static void send_esp(struct sim *s, int node, struct sim_child *c)
{
	struct sim_node *n = &s->node[node];
	struct sim_packet p = {.from = node,
			       .esp = true,
			       .spi = c->spi_out,
			       .seq = ++c->sent,
			       .tunnel = c->tunnel,
			       .dst = c->remote};

	p.src = translate_out(n, c->local);
	n->esp_sent++;
	transmit(s, &p);
}

/* Every tunnel that is up has something to send on. */
static void count_unsent(struct sim *s, int node)
{
	struct sim_node *n = &s->node[node];
	struct list *l, *after;

	list_for_each(l, after, &n->engine->tunnels.order)
	{
		struct map_node *m = container_of(l, struct map_node, order);
		const struct tunnel *t = container_of(m, struct tunnel, by_id);

		if (t->state != IKE_TUNNEL_UP || sim_plane_sends(n, t->profile.id))
			continue;
		tally(s, node, t->profile.id)->esp_unsent++;
		sim_ladder_note(s, "%c has nothing to send on", 'A' + node);
	}
}

static void traffic(struct sim *s)
{
	s->traffic_at_ms = s->now_ms + 1 + sim_random(s, 2 * s->traffic_ms);
	for (size_t i = 0; i < s->nodes; i++) {
		struct sim_node *n = &s->node[i];
		struct list *l, *after;

		list_for_each(l, after, &n->children)
		{
			struct sim_child *c = container_of(l, struct sim_child, link);

			if (c->outbound && !n->dead)
				send_esp(s, (int)i, c);
		}
		count_unsent(s, (int)i);
	}
}

static void step(struct sim *s)
{
	struct list *n, *after;

	for (size_t i = 0; i < s->nodes; i++)
		drain(s, (int)i);
	run_jobs(s);
	list_for_each(n, after, &s->packets)
	{
		struct sim_packet *p = container_of(n, struct sim_packet, link);

		if (p->due_ms > s->now_ms)
			break;
		list_remove(&p->link);
		deliver(s, p);
		packet_free(p);
	}
	run_jobs(s);
	for (size_t i = 0; i < s->nodes; i++) {
		if (ike_engine_deadline(s->node[i].engine) <= s->now_ms)
			ike_engine_tick(s->node[i].engine, s->now_ms);
		drain(s, (int)i);
	}
	if (s->traffic_ms && s->traffic_at_ms <= s->now_ms)
		traffic(s);
}

static bool advance(struct sim *s, uint64_t end_ms)
{
	uint64_t due;

	for (size_t i = 0; i < s->nodes; i++)
		drain(s, (int)i);
	due = next_due(s);
	if (due > end_ms) {
		s->now_ms = end_ms;
		return false;
	}
	if (due > s->now_ms)
		s->now_ms = due;
	step(s);
	if (s->restore_percent && sim_random(s, 100) < s->restore_percent)
		sim_restore(s, (int)sim_random(s, (uint32_t)s->nodes));
	return true;
}

void sim_run(struct sim *s, uint64_t ms)
{
	uint64_t end_ms = s->now_ms + ms;

	while (advance(s, end_ms))
		;
}

bool sim_run_until(struct sim *s, int node, uint32_t tunnel, enum ike_tunnel_state state,
		   uint64_t ms)
{
	uint64_t end_ms = s->now_ms + ms;

	while (sim_status(s, node, tunnel).state != state)
		if (!advance(s, end_ms))
			return sim_status(s, node, tunnel).state == state;
	return true;
}

/* ---- Profiles and commands ------------------------------------------------------------------- */

struct ike_ts sim_ts(const char *range)
{
	struct ip_range r;

	ck_assert_int_eq(ip_range_parse(range, &r), 0);
	return ike_ts_of_range(&r);
}

struct ike_id sim_id(enum ike_id_type type, const char *text)
{
	struct ike_id id;

	ck_assert_int_eq(ike_id_parse(type, text, &id), 0);
	return id;
}

struct ike_tunnel sim_tunnel(struct sim *s, uint32_t id, int own, int peer)
{
	static uint8_t psk[] = "correct horse battery staple";
	struct ike_tunnel t = {.id = id,
			       .local = s->node[own].addr,
			       .psk = {.data = psk, .len = sizeof(psk) - 1},
			       .may_initiate = true,
			       .keepalive_s = 10,
			       .dead_s = 60,
			       .rebuild_s = 90,
			       .ike_lifetime_s = 19800,
			       .child_lifetime_s = 3600};
	char text[64];

	t.remote.addr = s->node[peer].nat ? s->node[peer].nat_addr : s->node[peer].addr;
	snprintf(text, sizeof(text), "node%d-%u.example.net", own, id);
	t.local_id = sim_id(IKE_ID_FQDN, text);
	snprintf(text, sizeof(text), "node%d-%u.example.net", peer, id);
	t.remote_id = sim_id(IKE_ID_FQDN, text);
	snprintf(text, sizeof(text), "10.%d.%u.0/24", own, id);
	t.local_ts.count = 1;
	t.local_ts.ts[0] = sim_ts(text);
	snprintf(text, sizeof(text), "10.%d.%u.0/24", peer, id);
	t.remote_ts.count = 1;
	t.remote_ts.ts[0] = sim_ts(text);
	return t;
}

int sim_set(struct sim *s, int node, const struct ike_tunnel *t)
{
	uint32_t conflict = 0;

	return ike_engine_tunnel_set(s->node[node].engine, s->now_ms, t, &conflict);
}

void sim_remove(struct sim *s, int node, uint32_t tunnel)
{
	ike_engine_tunnel_remove(s->node[node].engine, s->now_ms, tunnel);
}

int sim_command(struct sim *s, int node, uint32_t tunnel, enum ike_command c)
{
	return ike_engine_command(s->node[node].engine, s->now_ms, tunnel, c);
}

void sim_rule(struct sim *s, struct sim_rule r)
{
	ck_assert_uint_lt(s->rule_count, SIM_RULES_MAX);
	s->rules[s->rule_count++] = r;
}

/* ---- Questions ------------------------------------------------------------------------------- */

struct ike_tunnel_status sim_status(struct sim *s, int node, uint32_t tunnel)
{
	struct ike_tunnel_status st;

	memset(&st, 0, sizeof(st));
	if (ike_engine_tunnel_status(s->node[node].engine, tunnel, &st))
		st.state = IKE_TUNNEL_DOWN;
	return st;
}

bool sim_is_up(struct sim *s, int node, uint32_t tunnel)
{
	return sim_status(s, node, tunnel).state == IKE_TUNNEL_UP;
}

const struct sim_tally *sim_tally(struct sim *s, int node, uint32_t tunnel)
{
	return tally(s, node, tunnel);
}

void sim_count_from_here(struct sim *s)
{
	for (size_t i = 0; i < s->nodes; i++)
		memset(s->node[i].tally, 0, sizeof(s->node[i].tally));
}

uint64_t sim_counter(struct sim *s, int node, const char *name)
{
	const char *n;
	uint64_t v;

	for (size_t i = 0; (n = ike_engine_counter(s->node[node].engine, i, &v)); i++)
		if (strcmp(n, name) == 0)
			return v;
	ck_abort_msg("no counter %s", name);
}

unsigned sim_lines(struct sim *s, const char *a, const char *b)
{
	unsigned count = 0;
	char *copy = mem_strdup(s->ladder.text), *rest = copy, *line;

	while ((line = strsep(&rest, "\n")))
		count += strstr(line, a) && (!b || strstr(line, b));
	free(copy);
	return count;
}

const struct sim_event *sim_event(struct sim *s, int node, enum ike_action_type type,
				  enum ike_event ev)
{
	struct sim_node *n = &s->node[node];
	size_t have = n->event_count < SIM_EVENTS_MAX ? n->event_count : SIM_EVENTS_MAX;

	for (size_t i = 0; i < have; i++) {
		struct sim_event *x = &n->events[(n->event_count - 1 - i) % SIM_EVENTS_MAX];

		if (x->type == type && (type != IKE_ACTION_EVENT || x->event == ev))
			return x;
	}
	return NULL;
}

/* ---- Final checks ---------------------------------------------------------------------------- */

void sim_check_quiet(struct sim *s)
{
	for (size_t i = 0; i < s->nodes; i++) {
		struct ike_engine *e = s->node[i].engine;
		struct list *l, *after;

		if (e->jobs.count > 0)
			sim_violated(s, (int)i, "DH job still awaited", (uint32_t)e->jobs.count);
		if (e->halfopen.total > 0)
			sim_violated(s, (int)i, "half-open IKE SA left", e->halfopen.total);
		if (!list_is_empty(&e->lingering))
			sim_violated(s, (int)i, "lingering child left", 0);
		if (e->sas.count > e->tunnels.count)
			sim_violated(s, (int)i, "IKE SAs left", (uint32_t)e->sas.count);
		list_for_each(l, after, &s->node[i].children)
		{
			struct sim_child *c = container_of(l, struct sim_child, link);

			if (!c->outbound)
				sim_violated(s, (int)i, "child that nobody sends on", c->child);
		}
	}
}

static bool fits(const struct sim_child *c, const struct sim_child *p, const char **why)
{
	*why = NULL;
	if (!p || p->spi_out != c->spi_in)
		*why = "child without partner";
	else if (memcmp(p->key_in, c->key_out, sizeof(c->key_out)) != 0 ||
		 memcmp(p->key_out, c->key_in, sizeof(c->key_in)) != 0)
		*why = "keys differ";
	else if (!ts_list_equal(&p->local_ts, &c->remote_ts) ||
		 !ts_list_equal(&p->remote_ts, &c->local_ts))
		*why = "selectors differ";
	return *why == NULL;
}

static size_t count_of(const struct sim_node *n, uint32_t tunnel)
{
	struct list *l, *after;
	size_t count = 0;

	list_for_each(l, after, &n->children)
	{
		count += container_of(l, struct sim_child, link)->tunnel == tunnel;
	}
	return count;
}

void sim_check_agree(struct sim *s, int a, int b, uint32_t tunnel)
{
	size_t count = count_of(&s->node[a], tunnel);
	struct list *l, *after;
	const char *why;

	list_for_each(l, after, &s->node[a].children)
	{
		const struct sim_child *c = container_of(l, struct sim_child, link);

		if (c->tunnel == tunnel &&
		    !fits(c, sim_plane_by_spi(&s->node[b], c->spi_out), &why))
			sim_violated(s, a, why, c->child);
	}
	if (count == 0 || count != count_of(&s->node[b], tunnel))
		sim_violated(s, a, "numbers of children differ", (uint32_t)count);
	if (sim_status(s, a, tunnel).spi_i != sim_status(s, b, tunnel).spi_i)
		sim_violated(s, a, "different IKE SAs", 0);
}

void sim_assert(struct sim *s)
{
	if (s->violation[0])
		ck_abort_msg("%s\n%s", s->violation, s->ladder.text);
}
