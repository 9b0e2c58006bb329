/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Our side of keeper.h.  Should the other process hang or be gone, we go on without it. */
#include "platform/os/keeper_wire.h"

#include "platform/base/mem.h"
#include "platform/os/broker.h"
#include "platform/os/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define LISTENER_FD 3

struct found {
	char name[KEEPER_NAME_MAX];
	int fd; /* -1: taken or dropped */
};

struct keeper {
	int fd; /* -1: it is gone */
	struct found *found;
	size_t count;
	size_t last; /* where the last one was found: they are asked for in order */
};

static socklen_t address_of(const char *name, struct sockaddr_un *a)
{
	int len;

	*a = (struct sockaddr_un){.sun_family = AF_UNIX};
	len = snprintf(a->sun_path + 1, sizeof(a->sun_path) - 1, "ikesh-keep/%s", name);
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1) + (socklen_t)len;
}

/* The child keeps nothing of ours but the socket. */
static _Noreturn void become_keeper(int listener)
{
	struct rlimit r;
	int null = open("/dev/null", O_RDWR | O_CLOEXEC); /* nothing is executed */

	setsid();
	for (int fd = 0; fd < LISTENER_FD && null >= 0; fd++)
		dup2(null, fd);
	if (listener != LISTENER_FD)
		dup2(listener, LISTENER_FD);
	close_range(LISTENER_FD + 1, ~0U, 0);
	if (getrlimit(RLIMIT_NOFILE, &r) == 0) {
		r.rlim_cur = r.rlim_max;
		setrlimit(RLIMIT_NOFILE, &r);
	}
	signal(SIGHUP, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	prctl(PR_SET_NAME, "ikesh-keep");
	sandbox_enter_keeper();
	keeper_hold(LISTENER_FD);
}

static int start(const struct sockaddr_un *a, socklen_t len, struct err_msg *e)
{
	int listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	pid_t pid;

	if (listener < 0)
		return err_sys(e, errno, "keeper of sockets");
	if (bind(listener, (const struct sockaddr *)a, len) != 0 || listen(listener, 4) != 0) {
		err_sys(e, errno, "keeper of sockets");
		close(listener);
		return ERR_SYSTEM;
	}
	pid = fork();
	if (pid == 0) { /* init's child, so that it leaves no zombie with us */
		if (fork() == 0)
			become_keeper(listener);
		_exit(EXIT_SUCCESS);
	}
	close(listener);
	if (pid < 0)
		return err_sys(e, errno, "keeper of sockets");
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return 0;
}

static int reach(const struct sockaddr_un *a, socklen_t len, uid_t uid)
{
	const struct timeval patience = {.tv_sec = 5};
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	struct ucred who;
	socklen_t who_len = sizeof(who);

	if (fd < 0)
		return -1;
	/* A stranger who has the name is not trusted. */
	if (connect(fd, (const struct sockaddr *)a, len) != 0 ||
	    getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &who_len) != 0 ||
	    (who.uid != 0 && who.uid != uid) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) != 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

int keeper_reach(const char *name, uid_t uid, struct err_msg *e)
{
	struct sockaddr_un a;
	socklen_t len = address_of(name, &a);
	int fd;

	if (broker_is_there()) /* whoever holds may be root's */
		return broker_open(&(struct broker_request){.word = BROKER_KEEPER}, -1, e);
	fd = reach(&a, len, uid);
	return fd >= 0 ? fd : err_set(e, ERR_NOT_FOUND, "keeper of sockets: there is none");
}

static bool take_in(struct keeper *k)
{
	struct keeper_message m;
	struct found f;

	for (;;) {
		if (!keeper_hear(k->fd, &m, &f.fd))
			return false;
		if (m.word == KEEPER_THAT_WAS_ALL)
			return true;
		if (m.word != KEEPER_ITEM || f.fd < 0)
			return false;
		memcpy(f.name, m.name, sizeof(f.name));
		k->found = mem_realloc_array(k->found, k->count + 1, sizeof(f));
		k->found[k->count++] = f;
	}
}

struct keeper *keeper_open(const char *name, struct err_msg *e)
{
	struct keeper *k = mem_zalloc(sizeof(*k));
	struct err_msg none = {.text = ""};
	struct sockaddr_un a;
	socklen_t len = address_of(name, &a);

	k->fd = keeper_reach(name, geteuid(), &none);
	if (k->fd < 0 && start(&a, len, e) == 0)
		k->fd = keeper_reach(name, geteuid(), &none);
	if (k->fd >= 0 && take_in(k))
		return k;
	if (e->text[0] == '\0')
		err_set(e, ERR_SYSTEM, "keeper of sockets: it does not answer");
	keeper_leave(k);
	return NULL;
}

void keeper_leave(struct keeper *k)
{
	if (k == NULL)
		return;
	for (size_t i = 0; i < k->count; i++) {
		if (k->found[i].fd >= 0)
			close(k->found[i].fd);
	}
	if (k->fd >= 0)
		close(k->fd);
	free(k->found);
	free(k);
}

void keeper_end(struct keeper *k)
{
	struct keeper_message m;
	int fd;

	/* Its name is free once it has gone. */
	if (k != NULL && k->fd >= 0 && keeper_say(k->fd, KEEPER_END, "", -1))
		(void)keeper_hear(k->fd, &m, &fd);
	keeper_leave(k);
}

const char *keeper_found(const struct keeper *k, size_t index)
{
	for (size_t i = 0; k != NULL && i < k->count; i++) {
		if (k->found[i].fd >= 0 && index-- == 0)
			return k->found[i].name;
	}
	return NULL;
}

static struct found *find(const struct keeper *k, const char *name)
{
	for (size_t i = 0; k != NULL && i < k->count; i++) {
		struct found *f = &k->found[(k->last + i) % k->count];

		if (f->fd >= 0 && strcmp(f->name, name) == 0)
			return f;
	}
	return NULL;
}

bool keeper_has(const struct keeper *k, const char *name)
{
	return find(k, name) != NULL;
}

int keeper_take(struct keeper *k, const char *name)
{
	struct found *f = find(k, name);
	int fd = -1;

	if (f == NULL)
		return -1;
	k->last = (size_t)(f - k->found);
	fd = f->fd;
	f->fd = -1;
	return fd;
}

static bool say(struct keeper *k, enum keeper_word word, const char *name, int fd)
{
	if (k == NULL || k->fd < 0)
		return false;
	if (keeper_say(k->fd, word, name, fd))
		return true;
	close(k->fd);
	k->fd = -1;
	return false;
}

bool keeper_put(struct keeper *k, const char *name, int fd, bool secret)
{
	return say(k, secret ? KEEPER_PUT_SECRET : KEEPER_PUT, name, fd);
}

void keeper_drop(struct keeper *k, const char *name)
{
	int fd = keeper_take(k, name);

	if (fd >= 0)
		close(fd);
	(void)say(k, KEEPER_DROP, name, -1);
}

void keeper_drop_rest(struct keeper *k)
{
	const char *name;

	while ((name = keeper_found(k, 0)) != NULL)
		keeper_drop(k, name);
}
