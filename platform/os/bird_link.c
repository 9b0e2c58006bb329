/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Commands are written one at a time, when the reply of the one before is complete. */
#include "platform/os/bird_link.h"

#include "platform/base/list.h"
#include "platform/base/mem.h"
#include "platform/os/loop.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define REPLY_MS  8000
#define REPLY_MAX (64U << 20)
#define CODE_LEN  4

struct ask {
	struct list node;
	char *command; /* with \n; NULL: the greeting */
	bird_reply_fn *fn;
	void *arg;
	bool sent;
};

struct bird_link {
	struct loop *loop;
	struct bird_link_callbacks callbacks;
	struct loop_timer timer;
	int fd;
	bool broken;	     /* closed at the next turn */
	struct list asks;    /* the first one was sent */
	struct strbuf reply; /* of the first one, without codes */
	struct strbuf line;  /* one that is not complete yet */
};

static void on_timer(void *arg);

struct bird_link *bird_link_new(struct loop *loop, const struct bird_link_callbacks *callbacks)
{
	struct bird_link *l = mem_zalloc(sizeof(*l));

	l->loop = loop;
	l->callbacks = *callbacks;
	l->timer = (struct loop_timer){.fn = on_timer, .arg = l};
	l->fd = -1;
	list_init(&l->asks);
	strbuf_init(&l->reply);
	strbuf_init(&l->line);
	return l;
}

void bird_link_free(struct bird_link *l)
{
	if (l == NULL)
		return;
	bird_link_close(l);
	strbuf_clear(&l->reply);
	strbuf_clear(&l->line);
	free(l);
}

bool bird_link_is_open(const struct bird_link *l)
{
	return l->fd >= 0;
}

static struct ask *first(const struct bird_link *l)
{
	return list_is_empty(&l->asks) ? NULL : container_of(l->asks.next, struct ask, node);
}

static void answer(struct ask *a, unsigned code, const char *text)
{
	list_remove(&a->node);
	if (a->fn != NULL)
		a->fn(a->arg, code, text);
	free(a->command);
	free(a);
}

void bird_link_close(struct bird_link *l)
{
	struct list *node, *after;

	if (l->fd < 0)
		return;
	loop_timer_cancel(l->loop, &l->timer);
	loop_fd_remove(l->loop, l->fd);
	close(l->fd);
	l->fd = -1;
	strbuf_reset(&l->reply);
	strbuf_reset(&l->line);
	list_for_each(node, after, &l->asks)
		answer(container_of(node, struct ask, node), BIRD_NO_REPLY, "");
}

static void lose(struct bird_link *l, bool hung)
{
	bird_link_close(l);
	l->callbacks.lost(l->callbacks.arg, hung);
}

static void on_timer(void *arg)
{
	struct bird_link *l = arg;

	lose(l, !l->broken);
}

/* Whoever asks is not told before he has gone on: a link that is broken is closed by the timer. */
static void send_first(struct bird_link *l)
{
	struct ask *a = first(l);
	size_t len;

	if (a == NULL) {
		loop_timer_cancel(l->loop, &l->timer);
		return;
	}
	/* Whoever got the reply before may have asked this meanwhile. */
	if (a->sent)
		return;
	a->sent = true;
	loop_timer_set(l->loop, &l->timer, loop_now_ms(l->loop) + REPLY_MS);
	if (a->command == NULL)
		return;
	len = strlen(a->command);
	/* Commands are short: they fit into an empty socket buffer. */
	if (send(l->fd, a->command, len, MSG_NOSIGNAL) == (ssize_t)len)
		return;
	l->broken = true;
	loop_timer_set(l->loop, &l->timer, loop_now_ms(l->loop));
}

static void greeting(void *arg, unsigned code, const char *text)
{
	const struct bird_link *l = arg;

	if (code != BIRD_NO_REPLY)
		l->callbacks.greeted(l->callbacks.arg, text);
}

static struct ask *ask_new(const char *command, bird_reply_fn *fn, void *arg)
{
	struct ask *a = mem_zalloc(sizeof(*a));
	struct strbuf text;

	a->fn = fn;
	a->arg = arg;
	list_init(&a->node);
	if (command == NULL)
		return a;
	strbuf_init(&text);
	strbuf_printf(&text, "%s\n", command);
	a->command = strbuf_take(&text);
	strbuf_clear(&text);
	return a;
}

/* Is it "1002-text" or "0000 text"? */
static bool has_code(const char *line)
{
	for (size_t i = 0; i < CODE_LEN; i++) {
		if (!isdigit((unsigned char)line[i]))
			return false;
	}
	return line[CODE_LEN] == ' ' || line[CODE_LEN] == '-';
}

/* False: l must not be used any more in this turn. */
static bool take_line(struct bird_link *l, const char *line)
{
	struct ask *a = first(l);
	struct strbuf reply;
	bool coded = has_code(line);
	const char *text = coded ? line + CODE_LEN + 1 : line + (line[0] == ' ');
	unsigned code;

	strbuf_printf(&l->reply, "%s\n", text);
	if (!coded || line[CODE_LEN] == '-' || a == NULL)
		return true;
	code = (unsigned)strtoul(line, NULL, 10);
	reply = l->reply;
	strbuf_init(&l->reply);
	answer(a, code, reply.text);
	strbuf_clear(&reply);
	if (l->fd < 0)
		return false;
	send_first(l);
	return true;
}

static void take_bytes(struct bird_link *l, const char *data, size_t len)
{
	int fd = l->fd;

	while (len > 0) {
		const char *end = memchr(data, '\n', len);
		size_t part = end == NULL ? len : (size_t)(end - data);
		struct strbuf line;

		strbuf_add_bytes(&l->line, data, part);
		if (end == NULL)
			return;
		data = end + 1;
		len -= part + 1;
		line = l->line;
		strbuf_init(&l->line);
		if (!take_line(l, line.text) || l->fd != fd) {
			strbuf_clear(&line);
			return;
		}
		strbuf_clear(&line);
	}
}

static void readable(void *arg, int fd, unsigned events)
{
	struct bird_link *l = arg;
	char data[65536];
	ssize_t n = recv(fd, data, sizeof(data), 0);

	(void)events;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0 || l->reply.len > REPLY_MAX || l->line.len > REPLY_MAX) {
		lose(l, false);
		return;
	}
	if (first(l) == NULL)
		loop_timer_cancel(l->loop, &l->timer);
	else if (!l->broken)
		loop_timer_set(l->loop, &l->timer, loop_now_ms(l->loop) + REPLY_MS);
	take_bytes(l, data, (size_t)n);
}

static pid_t peer_of(int fd)
{
	struct ucred who;
	socklen_t len = sizeof(who);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) == 0 ? who.pid : 0;
}

int bird_link_open(struct bird_link *l, const char *path, pid_t *pid, struct err_msg *e)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	int fd;

	if (strlen(path) >= sizeof(addr.sun_path))
		return err_set(e, ERR_RANGE, "%s: a socket needs a shorter path", path);
	memcpy(addr.sun_path, path, strlen(path));
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return err_sys(e, errno, "Socket for BIRD");
	if (connect(fd, (struct sockaddr *)&addr, sizeof(addr)) != 0) {
		int why = errno;

		close(fd);
		return err_sys(e, why, "%s", path);
	}
	if (loop_fd_add(l->loop, fd, LOOP_READ, readable, l) != 0) {
		close(fd);
		return err_set(e, ERR_SYSTEM, "%s cannot be watched", path);
	}
	l->fd = fd;
	l->broken = false;
	*pid = peer_of(fd);
	list_append(&l->asks, &ask_new(NULL, greeting, l)->node);
	loop_timer_set(l->loop, &l->timer, loop_now_ms(l->loop) + REPLY_MS);
	return 0;
}

int bird_link_ask(struct bird_link *l, const char *command, bird_reply_fn *fn, void *arg)
{
	struct ask *a;
	bool alone;

	if (l->fd < 0)
		return ERR_WRONG_STATE;
	a = ask_new(command, fn, arg);
	alone = list_is_empty(&l->asks);
	list_append(&l->asks, &a->node);
	if (alone)
		send_first(l);
	return 0;
}

void bird_link_forget(struct bird_link *l, const void *arg)
{
	struct list *node, *after;

	list_for_each(node, after, &l->asks)
	{
		struct ask *a = container_of(node, struct ask, node);

		if (a->arg == arg)
			a->fn = NULL;
	}
}
