/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The world of the matrix: its gateways, the states, taking A's place; see matrix.h. */
#include "matrix.h"

#include "alloc_count.h"
#include "ikev2/ikesa.h"
#include "platform/base/mem.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define A 0
#define B 1
#define C 2

const char *mx_state_name(enum mx_state s)
{
	static const char *const names[MX_STATES] = {"none",	     "init-sent",   "auth-sent",
						     "half-open",    "established", "rekeying",
						     "ike-rekeying", "deleting"};

	return names[s];
}

/* ---- The world ----------------------------------------------------------------------------- */

struct ike_engine *mx_engine(void)
{
	return w.node[B].engine;
}

struct ike_sa *mx_sa(const struct mx *m)
{
	struct ike_sa *sa = ike_sa_find(mx_engine(), m->own_spi);

	return sa && sa->state != SA_CLOSED ? sa : NULL;
}

/* The one with A that has no successor in the making. */
static struct ike_sa *sa_with_a(void)
{
	struct list *n, *after;

	list_for_each(n, after, &mx_engine()->sas.order)
	{
		struct map_node *node = container_of(n, struct map_node, order);
		struct ike_sa *sa = container_of(node, struct ike_sa, by_spi);

		if (sa->state != SA_NEW && sa->state != SA_CLOSED &&
		    ip_addr_equal(&sa->remote.addr, &w.node[A].addr))
			return sa;
	}
	return NULL;
}

static void keep(struct mx_said *s, const struct ike_send *send)
{
	size_t at = send->local.port == 4500 ? 4 : 0;

	s->natt = at > 0;
	s->len = send->payload.len - at;
	ck_assert_uint_le(s->len, sizeof(s->bytes));
	memcpy(s->bytes, send->payload.data + at, s->len);
}

static void tap(void *arg, int from, const struct ike_send *send)
{
	struct mx *m = arg;
	struct mx_said s;

	if (send->payload.len < 28 || from == C)
		return;
	if (from == B) {
		if (!ip_addr_equal(&send->remote.addr, &m->peer))
			return;
		keep(&m->last, send);
		ck_assert_uint_lt(m->said_count, MX_SAID_MAX);
		m->said[m->said_count++] = m->last;
		return;
	}
	keep(&s, send);
	if (s.bytes[18] == IKE_EXCH_SA_INIT && !(s.bytes[19] & MESSAGE_RESPONSE)) {
		memcpy(m->init, s.bytes, s.len);
		m->init_len = s.len;
	} else if (s.bytes[18] == IKE_EXCH_AUTH && !(s.bytes[19] & MESSAGE_RESPONSE)) {
		memcpy(m->auth, s.bytes, s.len);
		m->auth_len = s.len;
	}
}

static void profiles(struct mx *m)
{
	m->a = sim_tunnel(&w, 1, A, B);
	m->b = sim_tunnel(&w, 1, B, A);
	m->b2 = sim_tunnel(&w, 2, B, C);
	m->c2 = sim_tunnel(&w, 2, C, B);
	m->c2.initiate = true;
	m->a.child_lifetime_s = m->b.child_lifetime_s = 36000;
	m->a.ike_lifetime_s = m->b.ike_lifetime_s = 360000;
	m->c2.child_lifetime_s = m->b2.child_lifetime_s = 360000;
	m->c2.ike_lifetime_s = m->b2.ike_lifetime_s = 360000;
	if (m->natt) {
		m->a.ike =
			(struct ike_parameters){.encr = 12, .key_bits = 256, .prf = 5, .integ = 12};
		m->a.force_encap = m->b.force_encap = true;
	}
}

/* Nothing is on its way. */
static void quiet(void)
{
	while (!list_is_empty(&w.packets) || !list_is_empty(&w.jobs))
		sim_run(&w, 1);
}

struct ike_usage mx_usage(void)
{
	struct ike_usage u;

	ike_engine_usage(mx_engine(), &u);
	u.timers = 0; /* those of the other tunnel come and go */
	return u;
}

/* The secrets of cookies are made when they are first needed. */
long mx_blocks(void)
{
	const struct ike_engine *e = mx_engine();

	return alloc_count_now().blocks - (e->cookie.now.len > 0) - (e->cookie.before.len > 0);
}

void mx_start(struct mx *m, bool natt)
{
	static const enum mx_state first[] = {MX_ESTABLISHED, MX_AUTH_SENT, MX_HALF_OPEN};

	memset(m, 0, sizeof(*m));
	sim_clear(&w);
	sim_init(&w, 11, 3);
	w.print = getenv("IKESH_SIM_LADDER") != NULL;
	w.quiet = !w.print;
	w.delay_ms = 1;
	w.tap = tap;
	w.tap_arg = m;
	m->natt = natt;
	m->peer = w.node[A].addr;
	profiles(m);
	ck_assert_int_eq(sim_set(&w, B, &m->b2), 0);
	ck_assert_int_eq(sim_set(&w, C, &m->c2), 0);
	w.traffic_ms = 1000;
	sim_run(&w, 3000);
	ck_assert(sim_is_up(&w, C, 2));
	for (unsigned i = 0; i < ARRAY_LEN(first); i++) { /* tables have their size afterwards */
		mx_open(m, first[i]);
		mx_close(m);
	}
	m->baseline = mx_usage();
	m->baseline_blocks = mx_blocks();
}

void mx_end(struct mx *m)
{
	forge_key_clear(&m->to_b);
	forge_key_clear(&m->from_b);
	sim_assert(&w);
}

/* ---- States -------------------------------------------------------------------------------- */

static void take_over(struct mx *m)
{
	struct ike_sa *sa = sa_with_a();

	w.node[A].dead = true;
	if (!sa)
		return;
	m->own_spi = sa->own_spi;
	m->spi_i = sa->spi_i;
	m->spi_r = sa->spi_r ? sa->spi_r : 0x7777; /* what the peer would choose */
	m->a_is_initiator = !sa->initiator;
	m->next_id = sa->recv_id;
	m->open_id = sa->request.id;
	m->open_exchange = sa->request.exchange;
	if (sa->open.encr_key.len == 0)
		return;
	forge_key_take(&m->to_b, &sa->open);
	forge_key_take(&m->from_b, &sa->seal);
	m->to_b.iv = (1ull << 60) + w.now_ms * 1000; /* A's engine counts from 0 */
}

static void open_auth(struct mx *m)
{
	struct ike_sa *sa = mx_sa(m);
	struct payload_list l;
	struct message_header h;
	struct view message = view_of(m->auth, m->auth_len), chain;

	ck_assert_int_eq(message_header_read(message, &h), 0);
	ck_assert_int_eq(message_payloads_read(message, &h, &l), 0);
	ck_assert_int_eq(sk_open(mx_engine()->crypto, &sa->open, message, &l.item[l.count - 1],
				 m->auth_chain, sizeof(m->auth_chain), &chain),
			 0);
	m->auth_chain_len = chain.len;
	m->auth_first = l.item[l.count - 1].next;
}

static void lose_auth(int from)
{
	sim_rule(&w, (struct sim_rule){.from = from,
				       .exchange = IKE_EXCH_AUTH,
				       .response = 0,
				       .count = 100,
				       .drop = true});
}

static void begin(struct mx *m, int node, uint64_t ms)
{
	(void)m;
	ck_assert_int_eq(sim_command(&w, node, 1, IKE_CMD_INITIATE), 0);
	sim_run(&w, ms);
}

static void up(struct mx *m)
{
	begin(m, m->b_initiates ? B : A, 300);
	if (!sim_is_up(&w, A, 1) || !sim_is_up(&w, B, 1))
		ck_abort_msg("not up");
}

static void bring_there(struct mx *m, enum mx_state state)
{
	switch (state) {
	case MX_INIT_SENT:
		w.node[A].dead = true;
		begin(m, B, 5);
		return;
	case MX_AUTH_SENT:
		lose_auth(B);
		begin(m, B, 50);
		return;
	case MX_HALF_OPEN:
		lose_auth(A);
		begin(m, A, 50);
		return;
	case MX_NONE:
	case MX_ESTABLISHED:
	case MX_REKEYING:
	case MX_IKE_REKEYING:
	case MX_DELETING:
	case MX_STATES:
		break;
	}
	up(m);
	w.node[A].dead = true;
	if (state == MX_REKEYING)
		ck_assert_int_eq(sim_command(&w, B, 1, IKE_CMD_REKEY_CHILD), 0);
	if (state == MX_IKE_REKEYING)
		ck_assert_int_eq(sim_command(&w, B, 1, IKE_CMD_REKEY_IKE), 0);
	if (state == MX_DELETING)
		ck_assert_int_eq(sim_command(&w, B, 1, IKE_CMD_CLEAR), 0);
	sim_run(&w, 5);
}

static void set_both(struct mx *m)
{
	ck_assert_int_eq(sim_set(&w, B, &m->b), 0);
	ck_assert_int_eq(sim_set(&w, A, &m->a), 0);
}

static void remove_both(void)
{
	w.node[A].dead = false;
	w.rule_count = 0;
	sim_remove(&w, A, 1);
	sim_remove(&w, B, 1);
	sim_run(&w, 75000); /* half-open ones expire, answers need no repetition any more */
	quiet();
}

void mx_open(struct mx *m, enum mx_state state)
{
	static const enum sa_state expected[MX_STATES] = {
		[MX_INIT_SENT] = SA_INIT_SENT,	[MX_AUTH_SENT] = SA_AUTH_SENT,
		[MX_HALF_OPEN] = SA_HALF_OPEN,	[MX_ESTABLISHED] = SA_ESTABLISHED,
		[MX_REKEYING] = SA_ESTABLISHED, [MX_IKE_REKEYING] = SA_ESTABLISHED,
		[MX_DELETING] = SA_DELETING};

	m->state = state;
	m->b_initiates = m->natt && state != MX_HALF_OPEN;
	m->own_spi = 0;
	set_both(m);
	bring_there(m, state);
	take_over(m);
	if (state == MX_NONE) {
		remove_both();
		set_both(m);
		w.node[A].dead = true;
		return;
	}
	ck_assert_ptr_nonnull(mx_sa(m));
	ck_assert_int_eq(mx_sa(m)->state, expected[state]);
	if (state == MX_HALF_OPEN)
		open_auth(m);
}

void mx_close(struct mx *m)
{
	m->peer = w.node[A].addr;
	remove_both();
	m->said_count = 0;
}

/* ---- Input --------------------------------------------------------------------------------- */

void mx_mark(struct mx *m)
{
	struct ike_sa *sa = mx_sa(m);

	m->said_count = 0;
	memcpy(m->counters, mx_engine()->counters, sizeof(m->counters));
	m->sa_state = sa ? sa->state : SA_CLOSED;
	m->last_rx_ms = sa ? sa->last_rx_ms : 0;
}

void mx_say_raw(struct mx *m, bool natt, const void *datagram, size_t len)
{
	uint16_t port = natt ? 4500 : 500;
	struct ip_endpoint from = {.addr = m->peer, .port = port};
	struct ip_endpoint to = {.addr = w.node[B].addr, .port = port};

	if (ip_addr_equal(&m->peer, &w.node[A].addr))
		sim_inject(&w, A, B, natt, datagram, len);
	else
		ike_engine_datagram(mx_engine(), w.now_ms, &to, &from, natt,
				    view_of(datagram, len));
	sim_run(&w, 2);
}

void mx_say(struct mx *m, const void *message, size_t len)
{
	uint8_t buf[FORGE_MAX + 4] = {0};
	size_t at = m->natt ? 4 : 0;

	memcpy(buf + at, message, len);
	mx_say_raw(m, m->natt, buf, len + at);
}

void mx_payload(struct message_builder *b, uint8_t type, uint8_t flags, const void *body,
		size_t len)
{
	message_payload_open(b, type);
	writer_set_u8(&b->w, b->open_at + 1, flags);
	writer_bytes(&b->w, body, len);
	message_payload_close(b);
}

void mx_begin(struct mx *m, uint8_t exchange, bool response)
{
	unsigned flags =
		(m->a_is_initiator ? MESSAGE_INITIATOR : 0u) | (response ? MESSAGE_RESPONSE : 0u);

	m->f = (struct forge){.spi_i = m->spi_i,
			      .spi_r = m->spi_r,
			      .version = 0x20,
			      .exchange = exchange,
			      .flags = (uint8_t)flags,
			      .id = response ? m->open_id : m->next_id,
			      .pad = -1};
	m->plain_only = false;
	message_chain_start(&m->chain, m->chain_buf, sizeof(m->chain_buf));
}

static void seal_and_say(struct mx *m, struct view part)
{
	static uint8_t out[FORGE_MAX];
	size_t len = forge_seal(&m->f, &m->to_b, m->chain.first, part, out);

	mx_say(m, out, len);
}

void mx_send(struct mx *m)
{
	struct forge all = m->f;
	struct view chain;
	size_t half;

	ck_assert_int_eq(message_finish(&m->chain, &chain), 0);
	if (!m->to_b.valid) { /* no keys yet: any */
		m->to_b = (struct forge_key){.valid = true,
					     .encr = IKE_ENCR_AES_GCM_16,
					     .key_bits = 256};
		secret_alloc(&m->to_b.encr_key, 36);
	}
	if (!m->fragmented) {
		seal_and_say(m, chain);
		return;
	}
	half = chain.len / 2;
	m->f = (struct forge){.spi_i = all.spi_i,
			      .spi_r = all.spi_r,
			      .version = all.version,
			      .exchange = all.exchange,
			      .flags = all.flags,
			      .id = all.id,
			      .pad = -1,
			      .number = 1,
			      .total = 2};
	seal_and_say(m, view_of(chain.data, half));
	if (mx_sa(m)) /* that one was good */
		m->last_rx_ms = mx_sa(m)->last_rx_ms;
	m->f = all;
	m->f.number = m->f.total = 2;
	seal_and_say(m, view_of(chain.data + half, chain.len - half));
}
