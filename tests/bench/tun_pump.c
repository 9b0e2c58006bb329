/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tun_pump NAMESPACE NAMESPACE: a TUN device "pump0" with segmentation offload in each of two
 * network namespaces, and two threads that copy packets between them without looking at them: the
 * ceiling of any data plane over TUN on this machine.  Ends with its terminating signal.
 */
#include "platform/base/mem.h"
#include "platform/os/tun.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define PACKET_MAX 65600

struct direction {
	int from, to;
};

static void *copy(void *arg)
{
	const struct direction *d = arg;
	uint8_t *packet = mem_calloc(1, PACKET_MAX);
	struct pollfd ready = {.fd = d->from, .events = POLLIN};

	for (;;) {
		ssize_t n = read(d->from, packet, PACKET_MAX);

		if (n < 0)
			(void)poll(&ready, 1, -1);
		else if (write(d->to, packet, (size_t)n) < 0)
			continue; /* the device is down */
	}
	return NULL;
}

static int open_in(const char *path)
{
	const struct tun_options options = {.vnet_header = true};
	struct err_msg e = {.text = ""};
	int ns = open(path, O_RDONLY | O_CLOEXEC);
	bool udp;
	int fd;

	if (ns < 0 || setns(ns, CLONE_NEWNET) != 0) {
		perror(path);
		exit(1);
	}
	(void)close(ns);
	fd = tun_open("pump0", &options, &e);
	if (fd < 0 || tun_enable_offload(fd, &udp, &e) != 0) {
		(void)fprintf(stderr, "%s\n", e.text);
		exit(1);
	}
	return fd;
}

int main(int argc, char **argv)
{
	struct direction ways[2];
	pthread_t other;
	int a, b;

	if (argc != 3) {
		(void)fprintf(stderr, "usage: tun_pump NAMESPACE NAMESPACE\n");
		return 2;
	}
	a = open_in(argv[1]);
	b = open_in(argv[2]);
	ways[0] = (struct direction){a, b};
	ways[1] = (struct direction){b, a};
	if (pthread_create(&other, NULL, copy, &ways[1]) != 0)
		return 1;
	(void)copy(&ways[0]);
	return 0;
}
