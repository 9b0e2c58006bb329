/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The engine alone on two UDP ports, as initiator of many tunnels or as their responder; what a
 * data plane would do is left out.  tests/bench/handshake.py runs and measures it.
 *
 * Begins with a line "ready N": N KiB were in memory before there were any tunnels.
 *
 *   handshake initiate LOCAL REMOTE COUNT INFLIGHT SUITE   one line of JSON when all are up
 *   handshake respond LOCAL - COUNT - SUITE                until standard input ends
 *
 * SUITE: modp2048 (AES-CBC-128, HMAC-SHA2-256, group 14) or p256 (AES-GCM-128, PRF SHA2-256,
 * group 19).  Tunnel i has the identity "p<i>.bench"; all have the same networks, which spares
 * strongSwan a route each.
 */
#include "ikev2/ike.h"
#include "platform/base/mem.h"
#include "platform/os/rng.h"
#include "platform/os/udp.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define PSK	    "benchmark-psk-benchmark-psk"
#define READS_MAX   64
#define IDLE_MS_MAX 1000

struct bench {
	struct ike_engine *engine;
	int fd[2]; /* ports 500 and 4500 */
	struct ip_addr local, remote;
	uint32_t count, inflight, started, up, failed;
	bool initiator;
	bool p256;
	uint64_t began_ms;
	bool over;
	uint8_t buf[UDP_DATAGRAM_MAX];
};

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static void random_bytes(void *arg, void *buf, size_t len)
{
	(void)arg;
	rng_bytes(buf, len);
}

static void die(const char *what)
{
	fprintf(stderr, "handshake: %s\n", what);
	exit(1);
}

static struct ip_addr addr(const char *text)
{
	struct ip_addr a = {0};

	if (ip_addr_parse(text, &a))
		die("address");
	return a;
}

static void selectors(struct ike_ts_list *l, const char *text)
{
	struct ip_range r;

	if (ip_range_parse(text, &r))
		die("range");
	l->count = 1;
	l->ts[0] = ike_ts_of_range(&r);
}

static void parameters(const struct bench *b, struct ike_tunnel *t)
{
	struct ike_parameters p = {.encr = b->p256 ? 20 : 12,
				   .key_bits = 128,
				   .integ = b->p256 ? 0 : 12,
				   .prf = 5,
				   .ke = b->p256 ? 19 : 14};

	t->ike = p;
	p.prf = 0;
	p.ke = 0;
	t->child = p;
}

static void tunnel_add(struct bench *b, uint32_t id)
{
	struct ike_tunnel t = {.id = id, .local = b->local};
	char text[64];
	struct ike_id peer = {0};
	struct ike_ts_list *own = b->initiator ? &t.local_ts : &t.remote_ts;

	secret_set(&t.psk, PSK, strlen(PSK));
	snprintf(text, sizeof(text), "p%" PRIu32 ".bench", id);
	if (ike_id_parse(IKE_ID_FQDN, text, &peer))
		die("identity");
	selectors(own, "10.0.0.0/16");
	selectors(b->initiator ? &t.remote_ts : &t.local_ts, "10.200.0.0/16");
	parameters(b, &t);
	t.dead_s = t.rebuild_s = 300;
	t.ike_lifetime_s = t.child_lifetime_s = 86400;
	if (b->initiator) {
		t.local_id = peer;
		t.remote_id = ike_id_of_addr(&b->remote);
		t.remote.addr = b->remote;
		t.may_initiate = true;
	} else {
		t.remote_id = peer;
	}
	if (ike_engine_tunnel_set(b->engine, now_ms(), &t, NULL))
		die("tunnel");
	secret_clear(&t.psk);
}

static void send_out(struct bench *b, const struct ike_send *s)
{
	(void)!udp_send(b->fd[s->local.port == 4500], &s->local, &s->remote, 0, &s->payload, 1);
}

static void installed(struct bench *b, struct ike_child_install *in)
{
	secret_clear(&in->encr_in);
	secret_clear(&in->integ_in);
	secret_clear(&in->encr_out);
	secret_clear(&in->integ_out);
	b->up++;
}

static void pump(struct bench *b)
{
	struct ike_action a;

	while (ike_engine_next_action(b->engine, &a)) {
		switch (a.type) {
		case IKE_ACTION_SEND:
			send_out(b, &a.send);
			break;
		case IKE_ACTION_DH:
			ike_dh_job_run(a.dh);
			ike_engine_dh_done(b->engine, now_ms(), a.dh);
			break;
		case IKE_ACTION_CHILD_INSTALL:
			installed(b, a.install);
			break;
		case IKE_ACTION_DOWN:
			b->failed++;
			break;
		case IKE_ACTION_EVENT:
			if (a.event == IKE_EVENT_ATTEMPT_FAILED ||
			    a.event == IKE_EVENT_CHILD_FAILED) {
				if (b->failed++ == 0)
					fprintf(stderr, "handshake: %s\n", a.failure.evidence);
			}
			break;
		case IKE_ACTION_CHILD_UPDATE:
		case IKE_ACTION_CHILD_DELETE:
		case IKE_ACTION_SOURCE:
		case IKE_ACTION_UP:
		case IKE_ACTION_KEYLOG:
		case IKE_ACTION_TRACE:
			break;
		}
	}
}

/* As many attempts as there is room for. */
static void initiate(struct bench *b)
{
	while (b->initiator && b->started < b->count &&
	       b->started - b->up - b->failed < b->inflight) {
		b->started++;
		if (ike_engine_command(b->engine, now_ms(), b->started, IKE_CMD_INITIATE))
			die("initiate");
		pump(b);
	}
}

static void receive(struct bench *b, bool natt)
{
	struct udp_datagram d;

	for (unsigned i = 0; i < READS_MAX; i++) {
		if (udp_receive(b->fd[natt], b->buf, sizeof(b->buf), &d) != 0)
			return;
		d.local.port = natt ? 4500 : 500;
		ike_engine_datagram(b->engine, now_ms(), &d.local, &d.remote, natt, d.payload);
		pump(b);
		initiate(b);
	}
}

static void report(struct bench *b)
{
	double seconds = (double)(now_ms() - b->began_ms) / 1000;

	if (b->over || !b->initiator || b->up + b->failed < b->count)
		return;
	b->over = true;
	printf("{\"up\": %" PRIu32 ", \"failed\": %" PRIu32 ", \"seconds\": %.3f}\n", b->up,
	       b->failed, seconds);
	fflush(stdout);
}

static int wait_ms(const struct bench *b)
{
	uint64_t due = ike_engine_deadline(b->engine), now = now_ms();

	if (due <= now)
		return 0;
	return due - now < IDLE_MS_MAX ? (int)(due - now) : IDLE_MS_MAX;
}

static void run(struct bench *b)
{
	struct pollfd p[] = {{.fd = b->fd[0], .events = POLLIN},
			     {.fd = b->fd[1], .events = POLLIN},
			     {.fd = STDIN_FILENO, .events = POLLIN}};

	b->began_ms = now_ms();
	initiate(b);
	while (!(p[2].revents & (POLLIN | POLLHUP))) {
		(void)poll(p, ARRAY_LEN(p), wait_ms(b));
		for (int natt = 0; natt < 2; natt++)
			if (p[natt].revents)
				receive(b, natt);
		ike_engine_tick(b->engine, now_ms());
		pump(b);
		initiate(b);
		report(b);
	}
}

static void open_sockets(struct bench *b)
{
	struct err_msg e = {.text = ""};

	for (int natt = 0; natt < 2; natt++) {
		b->fd[natt] = udp_open((enum ip_family)b->local.family, natt ? 4500 : 500, &e);
		if (b->fd[natt] < 0)
			die(e.text);
	}
}

/* KiB that are in memory now. */
static long resident(void)
{
	long total, pages = 0;
	FILE *f = fopen("/proc/self/statm", "re");

	if (!f || fscanf(f, "%ld %ld", &total, &pages) != 2)
		die("/proc/self/statm");
	fclose(f);
	return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

int main(int argc, char **argv)
{
	struct ike_limits limits = ike_limits_default();
	struct ike_random random = {.bytes = random_bytes};
	struct bench *b = mem_zalloc(sizeof(*b));
	long bare;

	if (argc != 7)
		die("initiate|respond LOCAL REMOTE COUNT INFLIGHT SUITE");
	b->initiator = strcmp(argv[1], "initiate") == 0;
	b->local = addr(argv[2]);
	if (b->initiator)
		b->remote = addr(argv[3]);
	b->count = (uint32_t)strtoul(argv[4], NULL, 10);
	b->inflight = (uint32_t)strtoul(argv[5], NULL, 10);
	b->p256 = strcmp(argv[6], "p256") == 0;
	limits.max_ike_sas = limits.max_half_open = b->count * 2 + 1000;
	limits.retransmit_ms = 3000;
	b->engine = ike_engine_new(&limits, &random);
	open_sockets(b);
	bare = resident();
	for (uint32_t i = 1; i <= b->count; i++)
		tunnel_add(b, i);
	printf("ready %ld\n", bare);
	fflush(stdout);
	run(b);
	ike_engine_free(b->engine);
	free(b);
	return 0;
}
