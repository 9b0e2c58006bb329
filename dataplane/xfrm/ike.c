/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The 4500 sockets: the kernel takes ESP and keepalives out of them (RFC 3948 section 2), what is
 * left begins with the non-ESP marker and goes to IKE.
 */
#include "dataplane/xfrm/plane.h"

#include "platform/os/udp.h"

#include <errno.h>
#include <linux/udp.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#define READS_PER_TURN	   64
#define NON_ESP_MARKER_LEN 4

static void on_readable(void *arg, int fd, unsigned events)
{
	static const uint8_t marker[NON_ESP_MARKER_LEN];
	struct xfrm_plane *p = arg;
	struct udp_datagram d;
	int rc;

	(void)events;
	for (int i = 0; i < READS_PER_TURN; i++) {
		rc = udp_receive(fd, p->datagram, UDP_DATAGRAM_MAX, &d);
		if (rc == ERR_TRUNCATED)
			continue;
		if (rc != 0)
			return;
		if (d.payload.len <= sizeof(marker) ||
		    memcmp(d.payload.data, marker, sizeof(marker)) != 0) {
			p->rx_short++;
			continue;
		}
		p->rx_ike++;
		p->callbacks.on_ike(p->callbacks.arg, &d.local, &d.remote, d.payload);
	}
}

static uint16_t own_port(int fd)
{
	struct sockaddr_storage a;
	socklen_t len = sizeof(a);

	memset(&a, 0, sizeof(a));
	if (getsockname(fd, (struct sockaddr *)&a, &len) != 0)
		return 0;
	return ntohs(a.ss_family == AF_INET ? ((struct sockaddr_in *)&a)->sin_port
					    : ((struct sockaddr_in6 *)&a)->sin6_port);
}

static int open_one(struct xfrm_plane *p, int fd, uint16_t *port, struct err_msg *e)
{
	int type = UDP_ENCAP_ESPINUDP;

	if (fd < 0)
		return 0;
	*port = own_port(fd);
	if (setsockopt(fd, IPPROTO_UDP, UDP_ENCAP, &type, sizeof(type)) != 0)
		return err_sys(e, errno, "UDP port %u: ESP in UDP", *port);
	if (loop_fd_add(p->loop, fd, LOOP_READ, on_readable, p) != 0)
		return err_set(e, ERR_SYSTEM, "UDP port %u: cannot be watched", *port);
	return 0;
}

int xfrm_ike_open(struct xfrm_plane *p, struct err_msg *e)
{
	int rc = open_one(p, p->sockets.natt_v4, &p->port_v4, e);

	return rc == 0 ? open_one(p, p->sockets.natt_v6, &p->port_v6, e) : rc;
}

static void close_one(struct xfrm_plane *p, int fd, uint16_t port)
{
	int none = 0;

	if (fd < 0 || port == 0)
		return;
	loop_fd_remove(p->loop, fd);
	(void)setsockopt(fd, IPPROTO_UDP, UDP_ENCAP, &none, sizeof(none));
}

void xfrm_ike_close(struct xfrm_plane *p)
{
	close_one(p, p->sockets.natt_v4, p->port_v4);
	close_one(p, p->sockets.natt_v6, p->port_v6);
}
