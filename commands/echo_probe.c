/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Echo requests of several sizes at once; see echo_probe.h.  RFC 792, RFC 4443 section 4. */
#include "commands/echo_probe.h"

#include "platform/os/icmp.h"
#include "platform/os/rng.h"

#include <unistd.h>

#define AGAIN_MS   1000
#define SMALL_DATA 56

static size_t data_len(const struct echo_probe *p, size_t i)
{
	size_t headers = p->to.family == IP_V4 ? 28 : 48;
	size_t size = p->request[i].size;

	return size > headers ? size - headers : SMALL_DATA;
}

static void send_all(struct echo_probe *p)
{
	for (size_t i = 0; i < p->count; i++) {
		struct icmp_echo echo = {
			.id = p->id,
			.sequence = (uint16_t)i,
			.data_len = data_len(p, i),
		};
		struct err_msg e;

		if (!p->request[i].answered)
			(void)!icmp_send_echo(p->fd, &p->to, &echo, &e); /* lost then */
	}
}

static void again(void *arg)
{
	send_all(arg);
}

static void readable(void *arg, int fd, unsigned events)
{
	struct echo_probe *p = arg;
	struct icmp_echo echo;
	bool any = false;

	(void)events;
	while (icmp_receive_reply(fd, (enum ip_family)p->to.family, &echo) == 0) {
		if (echo.id != p->id || echo.sequence >= p->count ||
		    p->request[echo.sequence].answered || !ip_addr_equal(&echo.from, &p->to))
			continue;
		p->request[echo.sequence].answered = true;
		p->answered++;
		any = true;
	}
	if (any)
		p->changed(p->arg);
}

int echo_probe_start(struct echo_probe *p, struct loop *loop, const struct ip_addr *to,
		     const struct ip_addr *source, const uint16_t *sizes, size_t count)
{
	struct err_msg e;

	p->fd = icmp_open((enum ip_family)to->family, source, &e);
	if (p->fd < 0) {
		p->fd = -1;
		return ERR_SYSTEM;
	}
	p->loop = loop;
	p->to = *to;
	p->count = count < ECHO_PROBE_MAX ? count : ECHO_PROBE_MAX;
	for (size_t i = 0; i < p->count; i++)
		p->request[i].size = sizes[i];
	rng_bytes(&p->id, sizeof(p->id));
	if (loop_fd_add(loop, p->fd, LOOP_READ, readable, p) != 0) {
		(void)close(p->fd);
		p->fd = -1;
		return ERR_SYSTEM;
	}
	p->again = (struct loop_timer){.fn = again, .arg = p};
	loop_timer_set(loop, &p->again, loop_now_ms(loop) + AGAIN_MS);
	send_all(p);
	return 0;
}

void echo_probe_stop(struct echo_probe *p)
{
	if (!p->loop || p->fd < 0)
		return;
	loop_timer_cancel(p->loop, &p->again);
	loop_fd_remove(p->loop, p->fd);
	(void)close(p->fd);
	p->fd = -1;
}

bool echo_probe_is_done(const struct echo_probe *p)
{
	return !p->loop || p->fd < 0 || p->answered == p->count;
}
