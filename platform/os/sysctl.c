/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Kernel settings through /proc/sys, which shows those of the calling thread's namespace. */
#include "platform/os/sysctl.h"

#include "platform/os/broker.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATH_LEN_MAX   160
#define NUMBER_LEN_MAX 32

static int open_named(const char *name, int flags, struct err_msg *e)
{
	char path[PATH_LEN_MAX];
	int len = snprintf(path, sizeof(path), "/proc/sys/%s", name);
	int fd;

	if (len < 0 || (size_t)len >= sizeof(path))
		return err_set(e, ERR_RANGE, "kernel setting %.80s: the name is too long", name);
	for (char *c = path + strlen("/proc/sys/"); *c != '\0'; c++) {
		if (*c == '.')
			*c = '/';
	}
	fd = open(path, flags | O_CLOEXEC);
	return fd < 0 ? err_sys(e, errno, "kernel setting %s", name) : fd;
}

int sysctl_get(const char *name, long *value, struct err_msg *e)
{
	char text[NUMBER_LEN_MAX];
	int fd = open_named(name, O_RDONLY, e);
	ssize_t len;
	char *end;
	long number;

	if (fd < 0)
		return fd;
	len = read(fd, text, sizeof(text) - 1);
	(void)close(fd);
	if (len < 0)
		return err_sys(e, errno, "kernel setting %s", name);
	text[len] = '\0';
	errno = 0;
	number = strtol(text, &end, 10);
	if (end == text || errno != 0)
		return err_set(e, ERR_INVALID, "kernel setting %s is no number", name);
	*value = number;
	return 0;
}

static int ask_for(const char *name, long value, struct err_msg *e)
{
	struct broker_request q = {.word = BROKER_SETTING};
	const char *known;

	while ((known = broker_setting_name(q.kind)) != NULL && strcmp(known, name) != 0)
		q.kind++;
	if (known == NULL || value != 1)
		return err_set(e, ERR_DENIED,
			       "kernel setting %s: the privileged half does not change it", name);
	return broker_do(&q, e);
}

int sysctl_set(const char *name, long value, struct err_msg *e)
{
	char text[NUMBER_LEN_MAX];
	int len = snprintf(text, sizeof(text), "%ld\n", value);
	ssize_t done;
	int errnum, fd;

	if (broker_is_there())
		return ask_for(name, value, e);
	fd = open_named(name, O_WRONLY, e);
	if (fd < 0)
		return fd;
	done = write(fd, text, (size_t)len);
	errnum = errno;
	(void)close(fd);
	return done == len ? 0 : err_sys(e, errnum, "kernel setting %s", name);
}
