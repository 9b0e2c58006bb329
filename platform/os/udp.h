/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * UDP sockets for IKE: one per family and port, bound to the wildcard address, with packet info so
 * that answers leave from the address that was asked.
 */
#ifndef PLATFORM_OS_UDP_H
#define PLATFORM_OS_UDP_H

#include "platform/base/bytes.h"
#include "platform/base/ip.h"

#define UDP_DATAGRAM_MAX 65535

struct udp_datagram {
	struct ip_endpoint local; /* address the peer sent to, own port */
	struct ip_endpoint remote;
	uint8_t tos;	     /* outer TOS / traffic class as received (RFC 6040) */
	struct view payload; /* into the caller's buffer */
};

/* Non-blocking, close-on-exec, V6ONLY, large buffers, DF off, port shared with nobody.
 * Returns the descriptor, or ERR_SYSTEM with e saying "UDP port 500 (IPv4): Address already in
 * use". */
int udp_open(enum ip_family family, uint16_t port, struct err_msg *e) WARN_UNUSED;

/* The same at one address, which need not exist yet; for services with few packets. */
int udp_open_at(const struct ip_endpoint *at, struct err_msg *e) WARN_UNUSED;

/* A socket that only sends, from a port that the kernel chooses. */
int udp_open_sender(enum ip_family family, struct err_msg *e) WARN_UNUSED;

/* A socket that sends to this one alone, and hears nobody else. */
int udp_connect(const struct ip_endpoint *to, struct err_msg *e) WARN_UNUSED;

/* Another socket of the address and port of fd, with the same options: the system spreads what
 * comes in over both, all of one sender's address and port to the same one.  ERR_SYSTEM with e. */
int udp_open_beside(int fd, struct err_msg *e) WARN_UNUSED;

/* One datagram into buf; ERR_BUSY when none waits, ERR_TRUNCATED when it was longer than cap (and
 * is gone), ERR_SYSTEM otherwise. */
int udp_receive(int fd, void *buf, size_t cap, struct udp_datagram *out) WARN_UNUSED;

/* Send from local (address may be IP_NONE: kernel chooses; its port is ignored) to remote, with
 * outer TOS tos.  parts are gathered in order.  ERR_BUSY: buffer full, datagram not sent.
 * ERR_INVALID: no remote, families differ, or more than 16 parts.  Thread-safe on one fd. */
int udp_send(int fd, const struct ip_endpoint *local, const struct ip_endpoint *remote, uint8_t tos,
	     const struct view *parts, size_t part_count) WARN_UNUSED;

#endif
