/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages of keeper.h with descriptors beside them (unix(7), SCM_RIGHTS). */
#include "platform/os/keeper_wire.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

union control {
	struct cmsghdr align;
	uint8_t bytes[CMSG_SPACE(sizeof(int))];
};

bool keeper_say(int to, enum keeper_word word, const char *name, int fd)
{
	struct keeper_message m = {.word = (uint8_t)word};
	struct iovec part = {.iov_base = &m, .iov_len = sizeof(m)};
	union control control;
	struct msghdr h = {.msg_iov = &part, .msg_iovlen = 1};
	ssize_t n;

	snprintf(m.name, sizeof(m.name), "%s", name);
	if (fd >= 0) {
		struct cmsghdr *c;

		memset(&control, 0, sizeof(control));
		h.msg_control = control.bytes;
		h.msg_controllen = sizeof(control.bytes);
		c = CMSG_FIRSTHDR(&h);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	}
	do
		n = sendmsg(to, &h, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return n == (ssize_t)sizeof(m);
}

/* The first one.  Padding makes room for a second one, which nobody asked for. */
static int take_descriptor(struct msghdr *h)
{
	const struct cmsghdr *c = CMSG_FIRSTHDR(h);
	size_t count;
	int fds[sizeof(union control) / sizeof(int)] = {-1};

	if (c == NULL || c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
		return -1;
	count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
	memcpy(fds, CMSG_DATA(c), count * sizeof(int));
	for (size_t i = 1; i < count; i++)
		close(fds[i]);
	return fds[0];
}

bool keeper_hear(int from, struct keeper_message *m, int *fd)
{
	struct iovec part = {.iov_base = m, .iov_len = sizeof(*m)};
	union control control;
	struct msghdr h = {.msg_iov = &part,
			   .msg_iovlen = 1,
			   .msg_control = control.bytes,
			   .msg_controllen = sizeof(control.bytes)};
	ssize_t n;

	do
		n = recvmsg(from, &h, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	*fd = n >= 0 ? take_descriptor(&h) : -1;
	if (n == (ssize_t)sizeof(*m) && (h.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) == 0) {
		m->name[KEEPER_NAME_MAX - 1] = '\0';
		return true;
	}
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
	return false;
}
