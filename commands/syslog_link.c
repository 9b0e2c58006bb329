/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 *   IDLE --message--> CONNECTING --> UP --all sent--> UP
 *     ^                   |          |
 *     +--- retry timer ---+----------+  refused, closed, or nothing taken for 30 s
 *
 * What was sent before a connection broke is not sent again, except the message that it broke in.
 */
#include "commands/syslog_link.h"

#include "platform/base/list.h"
#include "platform/base/mem.h"
#include "platform/os/loop.h"
#include "platform/os/tcp.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct message {
	struct list node;
	size_t len;
	char *text; /* with its count in front */
};

struct syslog_link {
	struct loop *loop;
	struct ip_endpoint to;
	syslog_trouble_fn *trouble_fn;
	void *arg;
	int fd; /* -1: none */
	bool up;
	unsigned watched;
	struct list messages;
	size_t waiting, head_sent;
	struct loop_timer timer; /* to connect again, or the time limit of what is under way */
	struct loop_timer settled;
	uint64_t retry_ms, due_ms;
	uint64_t sent, lost, failures, sent_ms;
	char trouble[RECEIVER_TEXT_MAX];
};

static void drop(struct syslog_link *l, struct list *node)
{
	struct message *m = container_of(node, struct message, node);

	if (node == l->messages.next)
		l->head_sent = 0;
	list_remove(node);
	free(m->text);
	free(m);
	l->waiting--;
}

static void hang_up(struct syslog_link *l)
{
	if (l->fd < 0)
		return;
	loop_fd_remove(l->loop, l->fd);
	loop_timer_cancel(l->loop, &l->settled);
	close(l->fd);
	l->fd = -1;
	l->up = false;
	l->watched = 0;
	l->head_sent = 0;
}

static void fail(struct syslog_link *l, const char *why)
{
	bool first = l->trouble[0] == '\0';

	hang_up(l);
	l->failures++;
	l->retry_ms = l->retry_ms == 0 ? SYSLOG_RETRY_MS : l->retry_ms * 2;
	if (l->retry_ms > SYSLOG_RETRY_MAX)
		l->retry_ms = SYSLOG_RETRY_MAX;
	l->due_ms = loop_now_ms(l->loop) + l->retry_ms;
	loop_timer_set(l->loop, &l->timer, l->due_ms);
	snprintf(l->trouble, sizeof(l->trouble), "%s", why);
	if (first)
		l->trouble_fn(l->arg, &l->to, l->trouble);
}

/* A host that closes each connection at once does not work, whatever was sent. */
static void on_settled(void *arg)
{
	struct syslog_link *l = arg;
	bool was = l->trouble[0] != '\0';

	if (l->waiting > 0) {
		loop_timer_set(l->loop, &l->settled, loop_now_ms(l->loop) + SYSLOG_SETTLED_MS);
		return;
	}
	l->retry_ms = 0;
	l->trouble[0] = '\0';
	if (was)
		l->trouble_fn(l->arg, &l->to, NULL);
}

static void watch(struct syslog_link *l)
{
	unsigned events = LOOP_READ | (!l->up || l->waiting > 0 ? LOOP_WRITE : 0U);

	if (events != l->watched && loop_fd_change(l->loop, l->fd, events) == 0)
		l->watched = events;
}

static void limit(struct syslog_link *l)
{
	if (l->up && l->waiting == 0)
		loop_timer_cancel(l->loop, &l->timer);
	else
		loop_timer_set(l->loop, &l->timer, loop_now_ms(l->loop) + SYSLOG_STALL_MS);
}

/* What the host takes now. */
static void send_some(struct syslog_link *l)
{
	bool moved = false;

	while (l->fd >= 0 && !list_is_empty(&l->messages)) {
		struct message *m = container_of(l->messages.next, struct message, node);
		/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): it is in the list */
		const char *rest = m->text + l->head_sent;
		ssize_t n = send(l->fd, rest, m->len - l->head_sent, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			break;
		if (n < 0) {
			struct err_msg e;

			(void)err_sys(&e, errno, "the connection broke");
			fail(l, e.text);
			return;
		}
		moved = true;
		l->head_sent += (size_t)n;
		if (l->head_sent < m->len)
			continue;
		drop(l, &m->node);
		l->sent++;
		l->sent_ms = loop_wall_ms();
	}
	if (l->fd < 0)
		return;
	if (moved)
		limit(l);
	watch(l);
}

/* Log hosts say nothing; what one says all the same is thrown away. */
static bool is_closed(struct syslog_link *l)
{
	char buf[512];
	ssize_t n = recv(l->fd, buf, sizeof(buf), 0);

	return n == 0 || (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
}

static void on_ready(void *arg, int fd, unsigned events)
{
	struct syslog_link *l = arg;
	struct err_msg e = {.text = ""};

	if (!l->up) {
		if (tcp_connected(fd, &e) != 0) {
			fail(l, e.text);
			return;
		}
		l->up = true;
		limit(l);
		loop_timer_set(l->loop, &l->settled, loop_now_ms(l->loop) + SYSLOG_SETTLED_MS);
	} else if ((events & (LOOP_READ | LOOP_HANGUP)) != 0 && is_closed(l)) {
		fail(l, "it closed the connection");
		return;
	}
	send_some(l);
}

static void dial(struct syslog_link *l)
{
	struct err_msg e = {.text = ""};

	l->due_ms = 0;
	l->fd = tcp_connect(&l->to, &e);
	if (l->fd >= 0 && loop_fd_add(l->loop, l->fd, LOOP_READ | LOOP_WRITE, on_ready, l) != 0) {
		close(l->fd);
		l->fd = -1;
		(void)err_set(&e, ERR_SYSTEM, "no more connections are possible");
	}
	if (l->fd < 0) {
		fail(l, e.text);
		return;
	}
	l->watched = LOOP_READ | LOOP_WRITE;
	limit(l);
}

static void on_time(void *arg)
{
	struct syslog_link *l = arg;

	if (l->fd >= 0)
		fail(l, l->up ? "it takes no messages" : "it does not answer");
	else if (l->waiting > 0)
		dial(l);
	else
		l->due_ms = 0;
}

void syslog_link_send(struct syslog_link *l, const char *text, size_t len)
{
	struct message *m = mem_zalloc(sizeof(*m));
	char count[24];
	int n = snprintf(count, sizeof(count), "%zu ", len);

	m->len = (size_t)n + len;
	m->text = mem_zalloc(m->len + 1);
	memcpy(m->text, count, (size_t)n);
	memcpy(m->text + n, text, len);
	if (l->waiting == SYSLOG_WAITING_MAX) {
		/* A frame that is half sent must be sent whole. */
		drop(l, l->head_sent > 0 ? l->messages.next->next : l->messages.next);
		l->lost++;
	}
	list_append(&l->messages, &m->node);
	l->waiting++;
	if (l->fd < 0 && !heap_contains(&l->timer.node))
		dial(l);
	else if (l->up && l->waiting == 1)
		loop_timer_set(l->loop, &l->timer, loop_now_ms(l->loop) + SYSLOG_STALL_MS);
	if (l->up)
		watch(l);
}

struct syslog_link *syslog_link_new(struct loop *loop, const struct ip_endpoint *to,
				    syslog_trouble_fn *trouble, void *arg)
{
	struct syslog_link *l = mem_zalloc(sizeof(*l));

	l->loop = loop;
	l->to = *to;
	l->trouble_fn = trouble;
	l->arg = arg;
	l->fd = -1;
	l->timer = (struct loop_timer){.fn = on_time, .arg = l};
	l->settled = (struct loop_timer){.fn = on_settled, .arg = l};
	list_init(&l->messages);
	return l;
}

void syslog_link_free(struct syslog_link *l)
{
	struct list *node;

	if (l == NULL)
		return;
	if (l->up)
		send_some(l); /* the last words of an appliance that stops */
	hang_up(l);
	loop_timer_cancel(l->loop, &l->timer);
	while ((node = list_take(&l->messages)) != NULL)
		drop(l, node);
	free(l);
}

void syslog_link_status(const struct syslog_link *l, struct receiver_status *out)
{
	out->sent = l->sent;
	out->lost = l->lost;
	out->failures = l->failures;
	out->waiting = l->waiting;
	out->sent_ms = l->sent_ms;
	out->retry_ms = l->due_ms;
	snprintf(out->trouble, sizeof(out->trouble), "%s", l->trouble);
}
