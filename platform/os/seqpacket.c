/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Unix SEQPACKET sockets.  Never interprets a message; never decides who may connect. */
#include "platform/os/seqpacket.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* The largest message is a little below this; the default would do for one of 64 KiB only. */
#define SEQPACKET_BUFFER_BYTES (512 * 1024)
#define SEQPACKET_BACKLOG      64

static void set_buffers(int fd)
{
	int size = SEQPACKET_BUFFER_BYTES;

	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)) != 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
}

static int address_of(const char *path, struct sockaddr_un *sa, struct err_msg *e)
{
	size_t len = strlen(path);

	memset(sa, 0, sizeof(*sa));
	sa->sun_family = AF_UNIX;
	if (len == 0 || len >= sizeof(sa->sun_path))
		return err_set(e, ERR_INVALID, "socket %s: a path has 1 to %zu characters", path,
			       sizeof(sa->sun_path) - 1);
	memcpy(sa->sun_path, path, len + 1);
	return 0;
}

static int fail_and_close(int fd, const char *path, struct err_msg *e)
{
	int errnum = errno;

	close(fd);
	return err_sys(e, errnum, "socket %s", path);
}

/* Remove a socket node that nobody listens on. */
static int remove_stale(const char *path, const struct sockaddr_un *sa, struct err_msg *e)
{
	struct stat st;
	bool stale;
	int fd;

	if (lstat(path, &st) != 0)
		return errno == ENOENT ? 0 : err_sys(e, errno, "socket %s", path);
	if (!S_ISSOCK(st.st_mode))
		return err_set(e, ERR_EXISTS, "socket %s: there is a file of another kind", path);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return err_sys(e, errno, "socket %s", path);
	stale = connect(fd, (const struct sockaddr *)sa, sizeof(*sa)) != 0 && errno == ECONNREFUSED;
	close(fd);
	if (!stale)
		return err_set(e, ERR_EXISTS, "socket %s: another process answers there", path);
	if (unlink(path) != 0 && errno != ENOENT)
		return err_sys(e, errno, "socket %s: remove the stale one", path);
	return 0;
}

int seqpacket_listen(const char *path, unsigned mode, struct err_msg *e)
{
	struct sockaddr_un sa;
	int rc;
	int fd;

	rc = address_of(path, &sa, e);
	if (rc == 0)
		rc = remove_stale(path, &sa, e);
	if (rc != 0)
		return rc;
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return err_sys(e, errno, "socket %s", path);
	/* nobody can connect before listen: the node has its mode by then */
	if (bind(fd, (const struct sockaddr *)&sa, sizeof(sa)) != 0 || chmod(path, mode) != 0 ||
	    listen(fd, SEQPACKET_BACKLOG) != 0)
		return fail_and_close(fd, path, e);
	return fd;
}

int seqpacket_accept(int fd, struct seqpacket_peer *peer)
{
	struct ucred cred;
	socklen_t len = sizeof(cred);
	int conn = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (conn < 0) {
		if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ||
		    errno == ECONNABORTED)
			return ERR_BUSY;
		return errno == EMFILE || errno == ENFILE ? ERR_NO_SPACE : ERR_SYSTEM;
	}
	if (getsockopt(conn, SOL_SOCKET, SO_PEERCRED, &cred, &len) != 0) {
		close(conn);
		return ERR_SYSTEM;
	}
	set_buffers(conn);
	*peer = (struct seqpacket_peer){.pid = cred.pid, .uid = cred.uid, .gid = cred.gid};
	return conn;
}

int seqpacket_connect(const char *path, struct err_msg *e)
{
	struct sockaddr_un sa;
	int rc = address_of(path, &sa, e);
	int fd;

	if (rc != 0)
		return rc;
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return err_sys(e, errno, "socket %s", path);
	set_buffers(fd);
	if (connect(fd, (const struct sockaddr *)&sa, sizeof(sa)) != 0)
		return fail_and_close(fd, path, e);
	return fd;
}

int seqpacket_send(int fd, struct view message)
{
	ssize_t n;

	if (message.len == 0)
		return ERR_INVALID; /* the other side could not tell it from the end */
	do
		n = send(fd, message.data, message.len, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	if (n >= 0)
		return 0;
	if (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS)
		return ERR_BUSY;
	return errno == EMSGSIZE ? ERR_RANGE : ERR_SYSTEM;
}

int seqpacket_receive(int fd, void *buf, size_t cap, size_t *len)
{
	struct iovec iov = {.iov_base = buf, .iov_len = cap};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
	ssize_t n;

	do
		n = recvmsg(fd, &msg, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n < 0 && errno == ECONNRESET)
		n = 0; /* closed with messages of ours unread: an end, too */
	if (n < 0)
		return errno == EAGAIN || errno == EWOULDBLOCK ? ERR_BUSY : ERR_SYSTEM;
	if (msg.msg_flags & MSG_TRUNC)
		return ERR_TRUNCATED;
	*len = (size_t)n;
	return 0;
}
