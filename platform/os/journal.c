/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Native protocol of the journal: https://systemd.io/JOURNAL_NATIVE_PROTOCOL */
#include "platform/os/journal.h"

#include "platform/base/mem.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

struct journal {
	int fd;
	struct sockaddr_un to;
	uint64_t lost;
};

/* $JOURNAL_STREAM is "device:inode" of what the service manager made standard error. */
static bool stderr_is_journal(void)
{
	const char *text = getenv("JOURNAL_STREAM");
	char own[64];
	struct stat st;

	if (text == NULL || fstat(STDERR_FILENO, &st) != 0)
		return false;
	(void)snprintf(own, sizeof(own), "%llu:%llu", (unsigned long long)st.st_dev,
		       (unsigned long long)st.st_ino);
	return strcmp(text, own) == 0;
}

/* Once: the user as whom we go on may not be able to. */
static bool join(const struct journal *j)
{
	return connect(j->fd, (const struct sockaddr *)&j->to, sizeof(j->to)) == 0;
}

struct journal *journal_open(const char *path)
{
	struct journal *j;

	if (!stderr_is_journal() || strlen(path) >= sizeof(j->to.sun_path))
		return NULL;
	j = mem_zalloc(sizeof(*j));
	j->to.sun_family = AF_UNIX;
	snprintf(j->to.sun_path, sizeof(j->to.sun_path), "%s", path);
	j->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (j->fd < 0 || !join(j)) {
		journal_close(j);
		return NULL;
	}
	return j;
}

/* The journal has been started again since. */
static bool is_lost(int errnum)
{
	return errnum == ECONNREFUSED || errnum == ENOTCONN || errnum == ECONNRESET;
}

void journal_close(struct journal *j)
{
	if (j == NULL)
		return;
	if (j->fd >= 0)
		close(j->fd);
	free(j);
}

void journal_field(struct journal_entry *e, const char *name, const char *value)
{
	size_t room = sizeof(e->text) - e->len, from = e->len;
	int n;

	if (value[0] == '\0')
		return;
	n = snprintf(e->text + from, room, "%s=%s\n", name, value);
	if (n < 0 || (size_t)n >= room) {
		e->text[from] = '\0';
		return;
	}
	e->len += (size_t)n;
	/* a line end inside of a value would begin another field */
	for (char *p = e->text + from; p < e->text + e->len - 1; p++) {
		if (*p == '\n')
			*p = ' ';
	}
}

void journal_number(struct journal_entry *e, const char *name, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, value);
	journal_field(e, name, text);
}

void journal_begin(struct journal_entry *e, int priority, const char *message)
{
	e->len = 0;
	journal_number(e, "PRIORITY", (uint64_t)priority);
	journal_field(e, "SYSLOG_IDENTIFIER", "ikeshd");
	journal_field(e, "MESSAGE", message);
}

void journal_send(struct journal *j, const struct journal_entry *e)
{
	ssize_t n;

	do
		n = send(j->fd, e->text, e->len, MSG_NOSIGNAL);
	while (n < 0 && (errno == EINTR || (is_lost(errno) && join(j))));
	if (n < 0)
		j->lost++;
}

uint64_t journal_lost(const struct journal *j)
{
	return j->lost;
}
