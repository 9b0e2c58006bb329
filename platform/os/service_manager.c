/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Datagrams to the service manager.  See sd_notify(3) for the lines. */
#include "platform/os/service_manager.h"

#include "platform/base/mem.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define MESSAGE_MAX 512

struct service_manager {
	int fd; /* -1: there is none */
	struct sockaddr_un to;
	socklen_t to_len;
	uint64_t watchdog_ms;
	char *address, *usec; /* as given; NULL: not */
};

/* A path, or '@' and a name in the abstract space. */
static bool take_address(struct service_manager *m, const char *text)
{
	size_t len = strlen(text);

	if ((text[0] != '/' && text[0] != '@') || len < 2 || len >= sizeof(m->to.sun_path))
		return false;
	m->to.sun_family = AF_UNIX;
	memcpy(m->to.sun_path, text, len);
	m->to_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len + 1);
	if (text[0] == '@') {
		m->to.sun_path[0] = '\0';
		m->to_len--;
	}
	return true;
}

/* The watchdog may be meant for a parent of ours. */
static uint64_t watchdog_ms(void)
{
	const char *usec = getenv("WATCHDOG_USEC");
	const char *pid = getenv("WATCHDOG_PID");

	if (usec == NULL || (pid != NULL && strtol(pid, NULL, 10) != (long)getpid()))
		return 0;
	return strtoull(usec, NULL, 10) / 1000;
}

/* Once: the user as whom we go on may not be able to. */
static bool join(const struct service_manager *m)
{
	return connect(m->fd, (const struct sockaddr *)&m->to, m->to_len) == 0;
}

struct service_manager *service_manager_new(void)
{
	struct service_manager *m = mem_zalloc(sizeof(*m));
	const char *address = getenv("NOTIFY_SOCKET");

	m->fd = -1;
	if (address != NULL && take_address(m, address))
		m->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (m->fd >= 0) {
		m->watchdog_ms = watchdog_ms();
		(void)join(m); /* who is not there yet is asked again */
	}
	m->address = mem_strdup(address);
	m->usec = m->watchdog_ms == 0 ? NULL : mem_strdup(getenv("WATCHDOG_USEC"));
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
	return m;
}

void service_manager_free(struct service_manager *m)
{
	if (m == NULL)
		return;
	if (m->fd >= 0)
		close(m->fd);
	free(m->address);
	free(m->usec);
	free(m);
}

void service_manager_bequeath(const struct service_manager *m)
{
	if (m->address != NULL)
		setenv("NOTIFY_SOCKET", m->address, 1);
	if (m->usec != NULL)
		setenv("WATCHDOG_USEC", m->usec, 1);
}

bool service_manager_is_there(const struct service_manager *m)
{
	return m->fd >= 0;
}

uint64_t service_manager_watchdog_ms(const struct service_manager *m)
{
	return m->watchdog_ms;
}

/* It has been started again since. */
static bool is_lost(int errnum)
{
	return errnum == ECONNREFUSED || errnum == ENOTCONN || errnum == ECONNRESET;
}

static void say(const struct service_manager *m, const char *text)
{
	ssize_t n;

	if (m->fd < 0)
		return;
	do
		n = send(m->fd, text, strlen(text), MSG_NOSIGNAL);
	while (n < 0 && (errno == EINTR || (is_lost(errno) && join(m))));
}

void service_manager_ready(struct service_manager *m, const char *status)
{
	char text[MESSAGE_MAX];

	snprintf(text, sizeof(text), "READY=1\nSTATUS=%s\nMAINPID=%ld", status, (long)getpid());
	say(m, text);
}

void service_manager_status(struct service_manager *m, const char *status)
{
	char text[MESSAGE_MAX];

	snprintf(text, sizeof(text), "STATUS=%s", status);
	say(m, text);
}

void service_manager_alive(struct service_manager *m)
{
	say(m, "WATCHDOG=1");
}

void service_manager_reloading(struct service_manager *m)
{
	say(m, "RELOADING=1\nSTATUS=Starting again");
}

void service_manager_stopping(struct service_manager *m)
{
	say(m, "STOPPING=1\nSTATUS=Telling the peers");
}
