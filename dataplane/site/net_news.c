/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the network says about our IKE datagrams: ICMP errors, and sends that the kernel refused.
 * Both only explain why no answer comes; anybody can forge an ICMP error, so nothing is done
 * because of one.  RFC 792, RFC 4443 section 3.1, RFC 7296 section 2.4.
 */
#include "dataplane/site/gateway_state.h"
#include "platform/os/icmp_error.h"

#include <errno.h>
#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define READS_MAX 16

/* A port is unreachable only in the mouth of the host itself; a router that says so is a firewall.
 */
static enum ike_cause cause_of_v4(unsigned code, bool by_host)
{
	switch (code) {
	case ICMP_PORT_UNREACH:
		return by_host ? IKE_CAUSE_PORT_UNREACHABLE : IKE_CAUSE_PROHIBITED;
	case ICMP_PROT_UNREACH:
		return IKE_CAUSE_PORT_UNREACHABLE;
	case ICMP_NET_ANO:
	case ICMP_HOST_ANO:
	case ICMP_PKT_FILTERED:
		return IKE_CAUSE_PROHIBITED;
	case ICMP_FRAG_NEEDED: /* the datagrams may be fragmented on the way */
		return IKE_CAUSE_NONE;
	default:
		return IKE_CAUSE_HOST_UNREACHABLE;
	}
}

static enum ike_cause cause_of_v6(unsigned code, bool by_host)
{
	switch (code) {
	case ICMP6_DST_UNREACH_NOPORT:
		return by_host ? IKE_CAUSE_PORT_UNREACHABLE : IKE_CAUSE_PROHIBITED;
	case ICMP6_DST_UNREACH_NOROUTE:
	case ICMP6_DST_UNREACH_ADDR:
		return IKE_CAUSE_HOST_UNREACHABLE;
	default:
		return IKE_CAUSE_PROHIBITED;
	}
}

static void take(struct gateway *g, enum ip_family family, const struct icmp_error *x)
{
	bool by_host = ip_addr_equal(&x->reporter, &x->remote.addr);
	enum ike_cause cause =
		family == IP_V4 ? cause_of_v4(x->code, by_host) : cause_of_v6(x->code, by_host);
	bool ours = x->local.port == g->options.ike_port || x->local.port == g->options.natt_port;
	char from[IP_TEXT_MAX], text[IP_TEXT_MAX + 64];

	if (!ours || cause == IKE_CAUSE_NONE)
		return;
	g->counters.unreachable++;
	snprintf(text, sizeof(text), "ICMP %s from %s", icmp_error_name(family, x->code),
		 ip_addr_text(&x->reporter, from, sizeof(from)));
	ike_engine_unreachable(g->engine, gateway_clock(g), &x->remote, cause, text);
}

static void receive(struct gateway *g, int fd, enum ip_family family)
{
	struct icmp_error x;

	for (unsigned i = 0; i < READS_MAX && icmp_error_receive(fd, family, &x) == 0; i++)
		take(g, family, &x);
}

static void on_v4(void *arg, int fd, unsigned events)
{
	(void)events;
	receive(arg, fd, IP_V4);
}

static void on_v6(void *arg, int fd, unsigned events)
{
	(void)events;
	receive(arg, fd, IP_V6);
}

static int open_one(struct gateway *g, enum ip_family family, loop_fd_fn *fn)
{
	struct err_msg e;
	int fd = icmp_error_open(family, &e);

	if (fd < 0) {
		log_line(g->log, LOG_LVL_WARNING, LOG_NET, "%s: causes of silence are not known",
			 e.text);
		return -1;
	}
	if (loop_fd_add(g->loop, fd, LOOP_READ, fn, g) == 0)
		return fd;
	close(fd);
	return -1;
}

/* Without it everything works, only less can be explained. */
void gateway_news_start(struct gateway *g)
{
	g->news_v4 = open_one(g, IP_V4, on_v4);
	g->news_v6 = g->ike_v6 >= 0 ? open_one(g, IP_V6, on_v6) : -1;
}

static void close_one(struct gateway *g, int *fd)
{
	if (*fd < 0)
		return;
	loop_fd_remove(g->loop, *fd);
	close(*fd);
	*fd = -1;
}

void gateway_news_stop(struct gateway *g)
{
	close_one(g, &g->news_v4);
	close_one(g, &g->news_v6);
}

void gateway_not_sent(struct gateway *g, const struct ip_endpoint *remote, int errnum)
{
	const struct ip_endpoint to = *remote; /* the engine's, and gone with the next call on it */
	enum ike_cause cause =
		errnum == EPERM || errnum == EACCES ? IKE_CAUSE_PROHIBITED : IKE_CAUSE_NO_ROUTE;
	char text[100];

	if (errnum != ENETUNREACH && errnum != EHOSTUNREACH && errnum != EPERM &&
	    errnum != EACCES && errnum != EADDRNOTAVAIL && errnum != EINVAL)
		return;
	snprintf(text, sizeof(text), "this machine cannot send: %s",
		 errnum == EPERM || errnum == EACCES ? "its own firewall refuses it"
						     : strerrordesc_np(errnum));
	ike_engine_unreachable(g->engine, gateway_clock(g), &to, cause, text);
}
