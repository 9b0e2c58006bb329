/* SPDX-License-Identifier: GPL-3.0-or-later */
/* TUN devices: layer 3, no packet information header, optional vnet header and queues. */
#ifndef PLATFORM_OS_TUN_H
#define PLATFORM_OS_TUN_H

#include "platform/base/err.h"

#include <stdbool.h>
#include <stdint.h>

struct tun_options {
	bool multi_queue; /* IFF_MULTI_QUEUE: further queues by calling tun_open again with the name
			   */
	bool vnet_header; /* IFF_VNET_HDR, 10-byte header */
};

/* Create or attach to the device name; non-blocking descriptor or ERR_SYSTEM with e filled. */
int tun_open(const char *name, const struct tun_options *options, struct err_msg *e) WARN_UNUSED;
/* Let the kernel hand over and take super-packets of TCP, and of UDP where it knows how (*udp), and
 * leave checksums to the reader; for devices with a vnet header. */
int tun_enable_offload(int fd, bool *udp, struct err_msg *e) WARN_UNUSED;
/* The device of a descriptor of another process: is it there under this name, its number and MTU, 0
 * when it is down?  ERR_NOT_FOUND: it was deleted. */
int tun_look(int fd, const char *name, int *ifindex, uint32_t *mtu) WARN_UNUSED;
/* Carrier of the device (TUNSETCARRIER); with it, what is sent from now on goes out. */
int tun_set_carrier(int fd, bool on, struct err_msg *e) WARN_UNUSED;
/* Can a TUN device be created here?  ERR_SYSTEM with the cause when not. */
int tun_probe(struct err_msg *e) WARN_UNUSED;

#endif
