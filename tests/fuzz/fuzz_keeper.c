/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Both sides of the keeper, each with a hostile other one.  The first octet says which: a single
 * message heard, an appliance that opens a keeper that says anything, a keeper that is told
 * anything.  Then messages follow, each with an octet of flags (how many descriptors go with it, up
 * to three), one for its length, and the octets themselves.
 */
#include "platform/os/keeper_wire.h"

#include <fcntl.h>
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define FDS_MAX 3

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t *input;
static size_t left;
static int null_fd = -1, fake = -1;
static char fake_name[KEEPER_NAME_MAX], real_name[KEEPER_NAME_MAX];

/* ---- Messages -------------------------------------------------------------------------------- */

static bool send_with(int to, const uint8_t *bytes, size_t len, unsigned fds)
{
	union {
		struct cmsghdr align;
		uint8_t bytes[CMSG_SPACE(FDS_MAX * sizeof(int))];
	} control;
	struct iovec part = {.iov_base = (void *)(uintptr_t)bytes, .iov_len = len};
	struct msghdr h = {.msg_iov = &part, .msg_iovlen = 1};

	memset(&control, 0, sizeof(control));
	if (fds != 0) {
		int many[FDS_MAX] = {null_fd, null_fd, null_fd};
		struct cmsghdr *c;

		h.msg_control = control.bytes;
		h.msg_controllen = CMSG_SPACE(fds * sizeof(int));
		c = CMSG_FIRSTHDR(&h);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(fds * sizeof(int));
		memcpy(CMSG_DATA(c), many, fds * sizeof(int));
	}
	return sendmsg(to, &h, MSG_NOSIGNAL) == (ssize_t)len;
}

/* The next one of the input; an END would end this process, too. */
static bool send_next(int to, bool no_end)
{
	uint8_t bytes[sizeof(struct keeper_message) + 16] = {0};
	size_t len;
	unsigned fds;

	if (left < 2)
		return false;
	fds = input[0] % (FDS_MAX + 1);
	/* most are as long as they shall be */
	len = (input[0] & 0x80) != 0 ? input[1] % sizeof(bytes) : sizeof(struct keeper_message);
	input += 2;
	left -= 2;
	memcpy(bytes, input, len < left ? len : left);
	input += len < left ? len : left;
	left -= len < left ? len : left;
	if (no_end && bytes[0] == KEEPER_END)
		bytes[0] = KEEPER_DROP;
	return send_with(to, bytes, len, fds);
}

/* ---- Sides ----------------------------------------------------------------------------------- */

static int listen_as(const char *name, char full[KEEPER_NAME_MAX])
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	int len;

	snprintf(full, KEEPER_NAME_MAX, "%s-%ld", name, (long)getpid());
	len = snprintf(a.sun_path + 1, sizeof(a.sun_path) - 1, "ikesh-keep/%s", full);
	if (fd < 0 ||
	    bind(fd, (const struct sockaddr *)&a,
		 (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1) + (socklen_t)len) != 0 ||
	    listen(fd, 4) != 0)
		abort();
	return fd;
}

static void *hold(void *arg)
{
	keeper_hold(*(int *)arg);
	return NULL;
}

static void *say(void *arg)
{
	int fd = accept4(fake, NULL, NULL, SOCK_CLOEXEC);

	(void)arg;
	while (fd >= 0 && send_next(fd, false))
		;
	if (fd >= 0)
		close(fd);
	return NULL;
}

static void start_all(void)
{
	static int listener;
	pthread_t thread;

	null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	listener = listen_as("fuzz", real_name);
	fake = listen_as("fake", fake_name);
	if (null_fd < 0 || pthread_create(&thread, NULL, hold, &listener) != 0)
		abort();
}

/* Descriptors are given by the lowest free number: one that is left behind raises it. */
static int lowest(void)
{
	int fd = dup(null_fd);

	close(fd);
	return fd;
}

static void hear(void)
{
	struct keeper_message m;
	int pair[2], fd;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
		abort();
	if (send_next(pair[0], false)) {
		close(pair[0]);
		if (keeper_hear(pair[1], &m, &fd) && memchr(m.name, '\0', sizeof(m.name)) == NULL)
			abort();
		if (fd >= 0)
			close(fd);
	} else {
		close(pair[0]);
	}
	close(pair[1]);
}

static void visit_fake(void)
{
	struct err_msg e = {.text = ""};
	struct keeper *k;
	pthread_t thread;
	int fd;

	if (pthread_create(&thread, NULL, say, NULL) != 0)
		abort();
	k = keeper_open(fake_name, &e);
	(void)pthread_join(thread, NULL);
	if (k == NULL && e.text[0] == '\0')
		abort();
	if (keeper_found(k, 0) != NULL) {
		fd = keeper_take(k, keeper_found(k, 0));
		if (fcntl(fd, F_GETFD) < 0)
			abort();
		close(fd);
	}
	keeper_leave(k);
}

/* It still answers, tells nothing twice, and lets go of all. */
static void tell_real(void)
{
	struct err_msg e = {.text = ""};
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int len = snprintf(a.sun_path + 1, sizeof(a.sun_path) - 1, "ikesh-keep/%s", real_name);
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	struct keeper *k;

	if (connect(fd, (const struct sockaddr *)&a,
		    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1) + (socklen_t)len) != 0)
		abort();
	while (send_next(fd, true))
		;
	close(fd);
	k = keeper_open(real_name, &e);
	if (k == NULL)
		abort();
	for (size_t i = 0; keeper_found(k, i) != NULL; i++) {
		for (size_t j = 0; j < i; j++) {
			if (strcmp(keeper_found(k, i), keeper_found(k, j)) == 0)
				abort();
		}
	}
	keeper_drop_rest(k);
	keeper_leave(k);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int before;

	if (size == 0)
		return 0;
	if (null_fd < 0)
		start_all();
	input = data + 1;
	left = size - 1;
	if (data[0] % 3 == 2) {
		tell_real();
		return 0;
	}
	before = lowest();
	if (data[0] % 3 == 0)
		hear();
	else
		visit_fake();
	/* the thread may let go of a visitor meanwhile */
	if (data[0] % 3 == 0 && lowest() > before)
		abort();
	return 0;
}
