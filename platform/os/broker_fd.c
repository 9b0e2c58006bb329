/* SPDX-License-Identifier: GPL-3.0-or-later */
/* recvmsg(2) and sendmsg(2) with their control messages.  Never more than one descriptor. */
#include "platform/os/broker_fd.h"

#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE_US 100

union control {
	struct cmsghdr align;
	uint8_t bytes[CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof(struct ucred))];
};

/* A descriptor that nobody expects is closed. */
static void take_control(struct msghdr *h, int *fd, struct ucred *who)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(h); c != NULL; c = CMSG_NXTHDR(h, c)) {
		size_t len = c->cmsg_len - CMSG_LEN(0);

		if (c->cmsg_level != SOL_SOCKET)
			continue;
		if (c->cmsg_type == SCM_CREDENTIALS && len == sizeof(*who) && who != NULL)
			memcpy(who, CMSG_DATA(c), sizeof(*who));
		for (size_t i = 0; c->cmsg_type == SCM_RIGHTS && i + sizeof(int) <= len;
		     i += sizeof(int)) {
			int got;

			memcpy(&got, CMSG_DATA(c) + i, sizeof(got));
			if (fd != NULL && *fd < 0)
				*fd = got;
			else
				(void)close(got);
		}
	}
}

static uint64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

/* What comes soon is not worth to be woken for: half of a request's time would be that. */
static ssize_t receive(int from, struct msghdr *h)
{
	const struct msghdr fresh = *h;
	uint64_t until = now_us() + PATIENCE_US;

	for (;;) {
		bool last = now_us() >= until;
		ssize_t n;

		*h = fresh;
		n = recvmsg(from, h, MSG_CMSG_CLOEXEC | (last ? 0 : MSG_DONTWAIT));
		if (last || n >= 0 || errno != EAGAIN)
			return n;
		(void)sched_yield();
	}
}

bool broker_fd_read(int from, void *buf, size_t len, int *fd, struct ucred *who)
{
	uint8_t *at = buf;

	while (len > 0) {
		struct iovec part = {.iov_base = at, .iov_len = len};
		union control control;
		struct msghdr h = {.msg_iov = &part,
				   .msg_iovlen = 1,
				   .msg_control = control.bytes,
				   .msg_controllen = sizeof(control.bytes)};
		ssize_t n = receive(from, &h);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		take_control(&h, fd, who);
		at += n;
		len -= (size_t)n;
	}
	return true;
}

static void add_descriptor(struct msghdr *h, union control *control, int fd)
{
	struct cmsghdr *c;

	memset(control, 0, sizeof(*control));
	h->msg_control = control->bytes;
	h->msg_controllen = CMSG_SPACE(sizeof(int));
	c = CMSG_FIRSTHDR(h);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
}

bool broker_fd_write(int to, struct view first, struct view second, int fd)
{
	size_t done = 0;

	while (done < first.len + second.len) {
		struct iovec parts[2];
		struct msghdr h = {.msg_iov = parts};
		union control control;
		size_t skip = done < first.len ? done : first.len;
		ssize_t n;

		if (skip < first.len)
			parts[h.msg_iovlen++] =
				(struct iovec){.iov_base = (void *)(uintptr_t)(first.data + skip),
					       .iov_len = first.len - skip};
		skip = done - skip;
		if (skip < second.len)
			parts[h.msg_iovlen++] =
				(struct iovec){.iov_base = (void *)(uintptr_t)(second.data + skip),
					       .iov_len = second.len - skip};
		if (done == 0 && fd >= 0)
			add_descriptor(&h, &control, fd);
		n = sendmsg(to, &h, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		done += (size_t)n;
	}
	return true;
}
