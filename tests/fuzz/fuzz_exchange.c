/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Inside authenticated messages: two engines come up with each other, and what one of them says is
 * opened, changed as the input wants, sealed again and delivered.  Whatever it is, the other one
 * asks its data plane for nothing impossible, and nothing is left once the tunnel is removed.
 *
 * Input: octet 0 chooses the scenario (bits 0-3: which exchange; 4: the liar began the IKE SA; 5:
 * AES-CBC; 6: changed messages go out as two fragments; 7: the next message is changed too), then
 * edits: an operation, a position of two octets, and what the operation takes.
 */
#include "ikev2/child.h"
#include "ikev2/dh.h"
#include "ikev2/ikesa.h"
#include "ikev2/tunnel.h"
#include "platform/base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define QUEUE_MAX    64
#define CHAIN_MAX    4000
#define MESSAGE_MAX  8000
#define CHILDREN_MAX 64

enum scenario {
	AUTH,
	REKEY_CHILD_REQUEST,
	REKEY_CHILD_ANSWER,
	REKEY_IKE_REQUEST,
	REKEY_IKE_ANSWER,
	REKEY_CHILD_BOTH,
	REKEY_IKE_BOTH,
	DELETE_REQUEST,
	DELETE_ANSWER,
	PROBE_REQUEST,
	PROBE_ANSWER,
	CREATE_REQUEST,
	CREATE_ANSWER,
	INJECT_CREATE,
	INJECT_INFORMATIONAL,
	SCENARIOS
};

struct side {
	struct ike_engine *engine;
	struct ip_endpoint at;
	uint64_t random;
	uint32_t child[CHILDREN_MAX]; /* what the data plane has; 0: free */
};

struct packet {
	int from;
	struct ip_endpoint src, dst;
	size_t len;
	uint8_t bytes[MESSAGE_MAX];
};

static struct {
	struct side side[2];
	struct packet queue[QUEUE_MAX];
	size_t count;
	uint64_t now_ms;
	/* the lie */
	int liar;
	unsigned armed;	  /* messages that are to be changed */
	uint8_t exchange; /* of this kind */
	int response;	  /* -1: either */
	bool fragments;
	struct reader edits;
} net;

static void must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "not so: %s\n", what);
	abort();
}

/* ---- Small parts ----------------------------------------------------------------------------- */

static void random_bytes(void *arg, void *buf, size_t len)
{
	struct side *s = arg;
	uint8_t *p = buf;

	for (size_t i = 0; i < len; i++) {
		s->random = s->random * 6364136223846793005ull + 1442695040888963407ull;
		p[i] = (uint8_t)(s->random >> 56);
	}
}

static uint64_t first8(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

/* It commutes, and costs nothing. */
static void toy_dh(struct ike_dh_job *job)
{
	uint64_t x = first8(job->private_key.data) | 1;
	uint64_t mine = x * 0x9e3779b97f4a7c15ull, both = x * first8(job->peer_value);
	size_t len = dh_public_len(job->group);

	for (size_t i = 0; i < len; i++)
		job->public_value[i] = (uint8_t)(mine >> i % 8 * 8);
	job->public_len = len;
	if (job->peer_len == 0)
		return;
	secret_alloc(&job->shared, len);
	for (size_t i = 0; i < len; i++)
		job->shared.data[i] = (uint8_t)(both >> i % 8 * 8);
}

static uint32_t *plane_slot(struct side *s, uint32_t child)
{
	for (size_t i = 0; i < CHILDREN_MAX; i++)
		if (s->child[i] == child)
			return &s->child[i];
	return NULL;
}

/* ---- The lie --------------------------------------------------------------------------------- */

struct lie {
	uint8_t first;
	uint8_t chain[CHAIN_MAX];
	size_t len;
};

static void insert(struct lie *l, size_t at, struct view v)
{
	if (v.len == 0 || v.len > CHAIN_MAX - l->len)
		return;
	memmove(l->chain + at + v.len, l->chain + at, l->len - at);
	memcpy(l->chain + at, v.data, v.len);
	l->len += v.len;
}

static void cut(struct lie *l, size_t at, size_t len)
{
	len = len < l->len - at ? len : l->len - at;
	memmove(l->chain + at, l->chain + at + len, l->len - at - len);
	l->len -= len;
}

/* False: no more edits for this message. */
static bool edit(struct lie *l, struct reader *r)
{
	uint8_t op = reader_u8(r);
	size_t at = reader_u16(r), len;
	uint8_t copy[256];

	at = at < l->len ? at : l->len;
	switch (op % 8) {
	case 0: /* an octet becomes another one */
		if (at < l->len)
			l->chain[at] = reader_u8(r);
		return true;
	case 1:
		len = reader_u8(r);
		len = len < reader_left(r) ? len : reader_left(r);
		insert(l, at, reader_view(r, len));
		return true;
	case 2:
		cut(l, at, reader_u8(r));
		return true;
	case 3:
		l->len = at;
		return true;
	case 4:
		l->first = reader_u8(r);
		return true;
	case 5: /* something of its own */
		l->first = op >> 3 ? (uint8_t)(32 + (op >> 3)) : reader_u8(r);
		l->len = 0;
		len = reader_left(r) < CHAIN_MAX ? reader_left(r) : CHAIN_MAX;
		insert(l, 0, reader_view(r, len));
		return true;
	case 6: /* a part of it again */
		len = reader_u8(r);
		len = len < l->len - at ? len : l->len - at;
		memcpy(copy, l->chain + at, len);
		insert(l, at, view_of(copy, len));
		return true;
	default:
		return false;
	}
}

/* ---- The network ----------------------------------------------------------------------------- */

static void enqueue(int from, const struct ip_endpoint *src, const struct ip_endpoint *dst,
		    struct view bytes)
{
	struct packet *p = &net.queue[net.count];

	if (net.count == QUEUE_MAX || bytes.len > MESSAGE_MAX)
		return;
	net.count++;
	p->from = from;
	p->src = *src;
	p->dst = *dst;
	p->len = bytes.len;
	memcpy(p->bytes, bytes.data, bytes.len);
}

/* Seal l as sa's, behind the marker if there is one. */
static void say(int from, struct ike_sa *sa, const struct message_header *h, const struct lie *l,
		const struct ip_endpoint *src, const struct ip_endpoint *dst)
{
	struct side *s = &net.side[from];
	static uint8_t out[MESSAGE_MAX];
	size_t marker = src->port == 4500 ? 4 : 0, len = 0;
	size_t half = net.fragments && l->len > 1 ? l->len / 2 : 0;
	struct view part[2] = {view_of(l->chain, half), view_of(l->chain + half, l->len - half)};

	memset(out, 0, marker);
	for (uint16_t i = half ? 0 : 1; i < 2; i++) {
		int rc =
			half ? sk_seal_fragment(s->engine->crypto, &sa->seal, &s->engine->random, h,
						l->first, (uint16_t)(i + 1), 2, part[i],
						out + marker, sizeof(out) - marker, &len)
			     : sk_seal(s->engine->crypto, &sa->seal, &s->engine->random, h,
				       l->first, part[i], out + marker, sizeof(out) - marker, &len);

		if (rc == 0)
			enqueue(from, src, dst, view_of(out, marker + len));
	}
}

/* Opens what its own engine sends; false: it is not the message to be changed. */
static bool open_own(struct side *s, struct view bytes, struct message_header *h, struct lie *l,
		     struct ike_sa **sa)
{
	static uint8_t plain[MESSAGE_MAX];
	struct payload_list list;
	struct view chain;

	if (net.armed == 0 || message_header_read(bytes, h) || h->exchange != net.exchange ||
	    (net.response >= 0 && (h->flags & MESSAGE_RESPONSE ? 1 : 0) != net.response))
		return false;
	*sa = ike_sa_find(s->engine, h->flags & MESSAGE_INITIATOR ? h->spi_i : h->spi_r);
	if (!*sa || message_payloads_read(bytes, h, &list) || list.count != 1 ||
	    list.item[0].type != IKE_PAYLOAD_SK ||
	    sk_open(s->engine->crypto, &(*sa)->seal, bytes, &list.item[0], plain, sizeof(plain),
		    &chain) ||
	    chain.len > CHAIN_MAX)
		return false;
	l->first = list.item[0].next;
	l->len = chain.len;
	memcpy(l->chain, chain.data, chain.len);
	return true;
}

static void send(int from, const struct ike_send *send)
{
	struct side *s = &net.side[from];
	static struct lie l;
	struct message_header h;
	struct ip_endpoint src = {s->at.addr, send->local.port};
	struct view bytes = send->payload;
	struct ike_sa *sa;

	if (send->payload.len < 28) /* keepalives */
		return;
	if (src.port == 4500)
		bytes = view_of(bytes.data + 4, bytes.len - 4);
	if (from != net.liar || !open_own(s, bytes, &h, &l, &sa)) {
		enqueue(from, &src, &send->remote, send->payload);
		return;
	}
	net.armed--;
	while (reader_left(&net.edits) && edit(&l, &net.edits))
		;
	say(from, sa, &h, &l, &src, &send->remote);
}

static void drain(int i)
{
	struct side *s = &net.side[i];
	struct ike_action a;
	uint32_t *slot;

	while (ike_engine_next_action(s->engine, &a)) {
		switch (a.type) {
		case IKE_ACTION_SEND:
			send(i, &a.send);
			break;
		case IKE_ACTION_DH:
			toy_dh(a.dh);
			ike_engine_dh_done(s->engine, net.now_ms, a.dh);
			break;
		case IKE_ACTION_CHILD_INSTALL:
			must(!plane_slot(s, a.install->child), "a new Child SA has a new number");
			slot = plane_slot(s, 0);
			must(slot != NULL, "there are few Child SAs");
			*slot = a.install->child;
			break;
		case IKE_ACTION_CHILD_UPDATE:
			must(plane_slot(s, a.update.child) != NULL,
			     "an update is of one that is there");
			break;
		case IKE_ACTION_CHILD_DELETE:
			slot = plane_slot(s, a.del.child);
			must(slot != NULL, "what is deleted was there");
			*slot = 0;
			break;
		case IKE_ACTION_SOURCE:
		case IKE_ACTION_UP:
		case IKE_ACTION_DOWN:
		case IKE_ACTION_EVENT:
		case IKE_ACTION_KEYLOG:
		case IKE_ACTION_TRACE:
			break;
		}
	}
}

static void pump(void)
{
	for (unsigned rounds = 0; rounds < 200; rounds++) {
		struct packet p;

		drain(0);
		drain(1);
		if (net.count == 0)
			return;
		p = net.queue[0];
		net.count--;
		memmove(&net.queue[0], &net.queue[1], net.count * sizeof(p));
		net.now_ms++;
		ike_engine_datagram(net.side[1 - p.from].engine, net.now_ms, &p.dst, &p.src,
				    p.dst.port == 4500, view_of(p.bytes, p.len));
	}
	net.count = 0;
}

static void pass(uint64_t ms)
{
	uint64_t end = net.now_ms + ms;

	for (unsigned rounds = 0; rounds < 400; rounds++) {
		uint64_t due = UINT64_MAX;

		pump();
		for (int i = 0; i < 2; i++) {
			uint64_t d = ike_engine_deadline(net.side[i].engine);

			due = d < due ? d : due;
		}
		if (due > end)
			break;
		net.now_ms = due > net.now_ms ? due : net.now_ms;
		for (int i = 0; i < 2; i++)
			ike_engine_tick(net.side[i].engine, net.now_ms);
	}
	net.now_ms = end > net.now_ms ? end : net.now_ms;
}

/* ---- A life ---------------------------------------------------------------------------------- */

static struct ike_tunnel profile(int own, bool cbc)
{
	static uint8_t psk[] = "correct horse battery staple";
	struct ike_tunnel t = {.id = 1,
			       .local = net.side[own].at.addr,
			       .remote = {.addr = net.side[1 - own].at.addr},
			       .psk = {.data = psk, .len = sizeof(psk) - 1},
			       .may_initiate = true,
			       .keepalive_s = 10,
			       .dead_s = 60,
			       .rebuild_s = 90,
			       .ike_lifetime_s = 3600,
			       .child_lifetime_s = 3600};
	struct ip_range range = {.first = ip_addr_v4(0x0a000000u + (uint32_t)own * 0x10000u),
				 .last = ip_addr_v4(0x0a0000ffu + (uint32_t)own * 0x10000u)};

	t.ike.ke = 31;
	t.child.ke = 31;
	if (cbc) {
		t.ike.encr = t.child.encr = IKE_ENCR_AES_CBC;
		t.ike.key_bits = t.child.key_bits = 128;
	}
	t.local_ts.count = t.remote_ts.count = 1;
	t.local_ts.ts[0] = ike_ts_of_range(&range);
	range.first = ip_addr_v4(0x0a000000u + (uint32_t)(1 - own) * 0x10000u);
	range.last = ip_addr_v4(0x0a0000ffu + (uint32_t)(1 - own) * 0x10000u);
	t.remote_ts.ts[0] = ike_ts_of_range(&range);
	return t;
}

static void set(int i, const struct ike_tunnel *t)
{
	must(ike_engine_tunnel_set(net.side[i].engine, net.now_ms, t, NULL) == 0,
	     "the profile is accepted");
}

static void command(int i, enum ike_command c)
{
	(void)!ike_engine_command(net.side[i].engine, net.now_ms, 1, c);
}

static void arm(uint8_t exchange, int response, unsigned count)
{
	net.exchange = exchange;
	net.response = response;
	net.armed = count;
}

/* A second pair of networks: both want a Child SA more. */
static void more_networks(int asks, bool cbc)
{
	struct ike_tunnel a = profile(asks, cbc), b = profile(1 - asks, cbc);
	struct ip_range r = {.first = ip_addr_v4(0xac100000u), .last = ip_addr_v4(0xac1000ffu)};

	a.single_ts = b.single_ts = true;
	a.local_ts.ts[a.local_ts.count++] = ike_ts_of_range(&r);
	b.remote_ts.ts[b.remote_ts.count++] = ike_ts_of_range(&r);
	set(1 - asks, &b);
	set(asks, &a);
	command(asks, IKE_CMD_INITIATE);
}

/* A request that the liar's engine would not send. */
static void inject(uint8_t exchange)
{
	struct ike_engine *e = net.side[net.liar].engine;
	struct tunnel *t = tunnel_find(e, 1);
	struct ike_sa *sa = t ? tunnel_current(t) : NULL;
	static struct lie l;
	struct message_header h;

	if (!sa || sa->request.open)
		return;
	l.len = 0;
	l.first = 0;
	while (reader_left(&net.edits) && edit(&l, &net.edits))
		;
	h = (struct message_header){.spi_i = sa->spi_i,
				    .spi_r = sa->spi_r,
				    .version = MESSAGE_VERSION,
				    .exchange = exchange,
				    .flags = sa->initiator ? MESSAGE_INITIATOR : 0,
				    .id = sa->send_id++};
	say(net.liar, sa, &h, &l, &sa->local, &sa->remote);
}

static void play(enum scenario s, unsigned count, bool cbc)
{
	int liar = net.liar, honest = 1 - net.liar;

	switch (s) {
	case AUTH:
	case SCENARIOS:
		return;
	case REKEY_CHILD_REQUEST:
	case REKEY_CHILD_ANSWER:
		arm(IKE_EXCH_CREATE_CHILD_SA, s == REKEY_CHILD_ANSWER, count);
		command(s == REKEY_CHILD_ANSWER ? honest : liar, IKE_CMD_REKEY_CHILD);
		return;
	case REKEY_IKE_REQUEST:
	case REKEY_IKE_ANSWER:
		arm(IKE_EXCH_CREATE_CHILD_SA, s == REKEY_IKE_ANSWER, count);
		command(s == REKEY_IKE_ANSWER ? honest : liar, IKE_CMD_REKEY_IKE);
		return;
	case REKEY_CHILD_BOTH:
	case REKEY_IKE_BOTH:
		arm(IKE_EXCH_CREATE_CHILD_SA, -1, count);
		command(0, s == REKEY_IKE_BOTH ? IKE_CMD_REKEY_IKE : IKE_CMD_REKEY_CHILD);
		command(1, s == REKEY_IKE_BOTH ? IKE_CMD_REKEY_IKE : IKE_CMD_REKEY_CHILD);
		return;
	case DELETE_REQUEST:
	case DELETE_ANSWER:
		arm(IKE_EXCH_INFORMATIONAL, s == DELETE_ANSWER, count);
		command(s == DELETE_ANSWER ? honest : liar, IKE_CMD_TERMINATE);
		return;
	case PROBE_REQUEST:
	case PROBE_ANSWER:
		arm(IKE_EXCH_INFORMATIONAL, s == PROBE_ANSWER, count);
		(void)!ike_engine_probe(net.side[s == PROBE_ANSWER ? honest : liar].engine,
					net.now_ms, 1);
		return;
	case CREATE_REQUEST:
	case CREATE_ANSWER:
		arm(IKE_EXCH_CREATE_CHILD_SA, s == CREATE_ANSWER, count);
		more_networks(s == CREATE_ANSWER ? honest : liar, cbc);
		return;
	case INJECT_CREATE:
		inject(IKE_EXCH_CREATE_CHILD_SA);
		return;
	case INJECT_INFORMATIONAL:
		inject(IKE_EXCH_INFORMATIONAL);
		return;
	}
}

static void begin(void)
{
	struct ike_limits limits = ike_limits_default();
	struct secret secret = SECRET_NONE;

	secret_alloc(&secret, 32); /* RFC 6290 */

	for (int i = 0; i < 2; i++) {
		struct side *s = &net.side[i];
		struct ike_random random = {.bytes = random_bytes, .arg = s};

		s->at = (struct ip_endpoint){.addr = ip_addr_v4(0xc0000201u + (uint32_t)i),
					     .port = 500};
		s->engine = ike_engine_new(&limits, &random);
		ike_engine_set_qcd_secret(s->engine, 0, &secret);
	}
	secret_clear(&secret);
	net.now_ms = 1000;
}

/* Nothing of it is left. */
static void end(void)
{
	for (int i = 0; i < 2; i++)
		ike_engine_tunnel_remove(net.side[i].engine, net.now_ms, 1);
	net.armed = 0;
	pass(300000);
	for (int i = 0; i < 2; i++) {
		const struct ike_engine *e = net.side[i].engine;

		must(e->sas.count == 0, "no IKE SA is left");
		must(e->inits.count == 0 && e->halfopen.total == 0, "no half-open one is left");
		must(e->children.count == 0, "no Child SA is left");
		must(e->jobs.count == 0, "no DH job is left");
		must(e->timers.count == 0, "no timer is left");
		must(e->counters[COUNTER_ILLEGAL_TRANSITIONS] == 0, "transitions are legal");
		for (size_t k = 0; k < CHILDREN_MAX; k++)
			must(net.side[i].child[k] == 0, "the data plane has nothing left");
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum scenario s;
	struct ike_tunnel t[2];
	unsigned count;
	bool cbc;

	if (size == 0)
		return 0;
	if (!net.side[0].engine)
		begin();
	for (int i = 0; i < 2; i++)
		net.side[i].random = 1000u + (unsigned)i;
	s = (enum scenario)(data[0] % 16 % SCENARIOS);
	net.liar = data[0] >> 4 & 1 ? 0 : 1; /* side 0 begins */
	cbc = data[0] >> 5 & 1;
	net.fragments = data[0] >> 6 & 1;
	count = 1 + (data[0] >> 7);
	net.edits = reader_of(view_of(data + 1, size - 1));
	net.armed = 0;
	for (int i = 0; i < 2; i++)
		t[i] = profile(i, cbc);
	set(1, &t[1]);
	set(0, &t[0]);
	if (s == AUTH)
		arm(IKE_EXCH_AUTH, -1, count);
	command(0, IKE_CMD_INITIATE);
	pass(1000);
	play(s, count, cbc);
	pass(1000);
	for (unsigned i = 0; (s == INJECT_CREATE || s == INJECT_INFORMATIONAL) && i < 4; i++) {
		play(s, count, cbc);
		pass(100);
	}
	end();
	return 0;
}
