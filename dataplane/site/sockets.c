/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * IKE's sockets: IPv4 and IPv6 on port 500 and 4500 (RFC 7296 sections 2, 2.23).  Those of port 500
 * are read here; those of port 4500 belong to the data plane's reader, since ESP arrives there too.
 * The engine sees the well-known port numbers, whichever ports are configured.
 */
#include "dataplane/site/gateway_state.h"

#include "platform/os/keeper.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#define IKE_PORT  500
#define NATT_PORT 4500
#define READS_MAX 64 /* datagrams per turn of the loop */

/* The file exists exactly when this kernel has IPv6 (RFC 3493 sockets can be made). */
static bool have_ipv6(void)
{
	return access("/proc/net/if_inet6", F_OK) == 0;
}

static void receive(void *arg, int fd, unsigned events)
{
	struct gateway *g = arg;
	struct udp_datagram d;

	(void)events;
	for (unsigned i = 0; i < READS_MAX; i++) {
		if (udp_receive(fd, g->datagram, sizeof(g->datagram), &d) != 0)
			break;
		d.local.port = IKE_PORT;
		gateway_capture_datagram(g, &d.remote, &d.local, &d.remote.addr, d.payload);
		ike_engine_datagram(g->engine, gateway_clock(g), &d.local, &d.remote, false,
				    d.payload);
		gateway_pump(g);
	}
}

/* One that an earlier process had goes on, with what has come in meanwhile. */
static int open_one(struct gateway *g, enum ip_family family, uint16_t port, int *fd,
		    struct err_msg *e)
{
	char name[KEEPER_NAME_MAX];
	int r;

	snprintf(name, sizeof(name), "udp%u.%u", family == IP_V4 ? 4 : 6, port);
	r = keeper_take(g->options.keeper, name);
	if (r < 0)
		r = udp_open(family, port, e);
	if (r < 0)
		return r;
	(void)keeper_put(g->options.keeper, name, r, false);
	*fd = r;
	return 0;
}

static int open_pair(struct gateway *g, uint16_t port, int *v4, int *v6, struct err_msg *e)
{
	int r = open_one(g, IP_V4, port, v4, e);

	if (r == 0 && have_ipv6())
		r = open_one(g, IP_V6, port, v6, e);
	return r;
}

static int watch(struct gateway *g, int fd, struct err_msg *e)
{
	if (fd < 0)
		return 0;
	if (loop_fd_add(g->loop, fd, LOOP_READ, receive, g) != 0)
		return err_set(e, ERR_SYSTEM, "UDP port %u: cannot be watched",
			       g->options.ike_port);
	return 0;
}

int gateway_sockets_open(struct gateway *g, struct err_msg *e)
{
	int r = open_pair(g, g->options.ike_port, &g->ike_v4, &g->ike_v6, e);

	if (r == 0)
		r = open_pair(g, g->options.natt_port, &g->natt_v4, &g->natt_v6, e);
	if (r == 0)
		r = watch(g, g->ike_v4, e);
	if (r == 0)
		r = watch(g, g->ike_v6, e);
	return r;
}

static void close_one(struct gateway *g, int *fd, bool watched)
{
	if (*fd < 0)
		return;
	if (watched)
		loop_fd_remove(g->loop, *fd);
	close(*fd);
	*fd = -1;
}

void gateway_sockets_close(struct gateway *g)
{
	close_one(g, &g->ike_v4, true);
	close_one(g, &g->ike_v6, true);
	close_one(g, &g->natt_v4, false);
	close_one(g, &g->natt_v6, false);
}

void gateway_send(struct gateway *g, const struct ike_send *send)
{
	bool natt = send->local.port == NATT_PORT;
	bool v6 = send->remote.addr.family == IP_V6;
	int fd = natt ? (v6 ? g->natt_v6 : g->natt_v4) : (v6 ? g->ike_v6 : g->ike_v4);
	char to[IP_TEXT_MAX];
	int errnum;

	gateway_capture_datagram(g, &send->local, &send->remote, &send->remote.addr, send->payload);
	if (fd >= 0 && udp_send(fd, &send->local, &send->remote, 0, &send->payload, 1) == 0)
		return;
	errnum = errno;
	g->counters.send_failed++;
	log_line(g->log, LOG_LVL_INFO, LOG_NET, "datagram to %s not sent",
		 ip_endpoint_text(&send->remote, to, sizeof(to)));
	if (fd >= 0)
		gateway_not_sent(g, &send->remote, errnum);
}
