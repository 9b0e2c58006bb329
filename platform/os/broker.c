/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The main half's side of broker.h: one request at a time on a stream, each with its answer. */
#include "platform/os/broker.h"

#include "platform/os/broker_fd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* The mark by which the socket is known: it wakes for whole headers. */
static bool is_marked(int fd)
{
	int domain = 0, low = 0;
	socklen_t domain_len = sizeof(domain), low_len = sizeof(low);

	return getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &domain_len) == 0 &&
	       domain == AF_UNIX && getsockopt(fd, SOL_SOCKET, SO_RCVLOWAT, &low, &low_len) == 0 &&
	       low == BROKER_HEADER;
}

bool broker_is_there(void)
{
	return is_marked(BROKER_FD);
}

static int fail(const int ends[2], struct err_msg *e)
{
	int errnum = errno;

	(void)close(ends[0]);
	(void)close(ends[1]);
	return err_sys(e, errnum, "privileged half");
}

int broker_start(const struct broker_settings *s, struct err_msg *e)
{
	int ends[2], low = BROKER_HEADER, on = 1;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
		return err_sys(e, errno, "privileged half");
	if (setsockopt(ends[0], SOL_SOCKET, SO_RCVLOWAT, &low, sizeof(low)) != 0 ||
	    setsockopt(ends[1], SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) != 0)
		return fail(ends, e);
	pid = fork();
	if (pid == 0) {
		(void)close(ends[0]);
		if (ends[1] != BROKER_OWN_FD && dup3(ends[1], BROKER_OWN_FD, O_CLOEXEC) < 0)
			_exit(EXIT_FAILURE);
		broker_serve(s);
	}
	if (pid < 0 || (ends[0] != BROKER_FD && dup3(ends[0], BROKER_FD, O_CLOEXEC) < 0))
		return fail(ends, e);
	if (ends[0] != BROKER_FD)
		(void)close(ends[0]);
	(void)close(ends[1]);
	return 0;
}

static int hear(struct broker_reply *out, int *got)
{
	uint8_t header[BROKER_HEADER], body[BROKER_REPLY_MAX];
	uint8_t word;
	uint32_t len;
	int fd = -1, rc;

	if (!broker_fd_read(BROKER_FD, header, sizeof(header), &fd, NULL) ||
	    broker_header_parse(view_of(header, sizeof(header)), &word, &len) != 0 ||
	    len > sizeof(body) || !broker_fd_read(BROKER_FD, body, len, NULL, NULL))
		rc = ERR_SYSTEM;
	else
		rc = broker_reply_parse(view_of(body, len), out);
	if (got != NULL && rc == 0)
		*got = fd;
	else if (fd >= 0)
		(void)close(fd);
	return rc;
}

int broker_ask(const struct broker_request *q, int fd, struct broker_reply *out, int *got)
{
	uint8_t small[BROKER_HEADER + BROKER_SMALL_MAX];
	struct writer w = writer_of(small, sizeof(small));

	broker_request_write(q, &w);
	if (w.failed || !broker_fd_write(BROKER_FD, writer_view(&w), q->data, fd))
		return ERR_SYSTEM;
	return hear(out, got);
}

int broker_open(const struct broker_request *q, int fd, struct err_msg *e)
{
	struct broker_reply r;
	int got = -1;

	if (broker_ask(q, fd, &r, &got) != 0)
		return err_set(e, ERR_SYSTEM, "the privileged half is gone");
	if (r.code < 0)
		return err_set(e, r.code, "%s", r.text);
	return got >= 0 ? got : err_set(e, ERR_SYSTEM, "the privileged half gave nothing");
}

int broker_open_raw(enum broker_raw kind, enum ip_family family, const struct ip_addr *source,
		    struct err_msg *e)
{
	struct broker_request q = {.word = BROKER_RAW, .kind = (uint8_t)kind};

	if (source != NULL && ip_addr_is_set(source))
		q.at.addr = *source;
	q.at.addr.family = (uint8_t)family;
	return broker_open(&q, -1, e);
}

int broker_do(const struct broker_request *q, struct err_msg *e)
{
	return broker_do_with(q, -1, e);
}

int broker_do_with(const struct broker_request *q, int fd, struct err_msg *e)
{
	struct broker_reply r;

	if (broker_ask(q, fd, &r, NULL) != 0)
		return err_set(e, ERR_SYSTEM, "the privileged half is gone");
	return r.code < 0 ? err_set(e, r.code, "%s", r.text) : r.code;
}

void broker_renew(void)
{
	const struct broker_request q = {.word = BROKER_RENEW};
	struct broker_reply r;

	(void)!broker_ask(&q, -1, &r, NULL);
	(void)fcntl(BROKER_FD, F_SETFD, 0); /* it stays so: nothing else is executed */
}
