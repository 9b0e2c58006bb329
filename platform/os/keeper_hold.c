/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The process of keeper.h: a table of names and descriptors, one visitor at a time.  It reads
 * nothing but the few words of keeper_wire.h, opens nothing, and has no other business.
 */
#include "platform/os/keeper_wire.h"

#include "platform/base/mem.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

struct item {
	char name[KEEPER_NAME_MAX];
	int fd;
	void *locked; /* mapped, so that it stays in memory; NULL: not asked for */
	size_t len;
};

struct hold {
	int listener, visitor; /* -1: nobody is there */
	struct item *items;
	size_t count;
};

static struct item *find(const struct hold *h, const char *name)
{
	for (size_t i = 0; i < h->count; i++) {
		if (strcmp(h->items[i].name, name) == 0)
			return &h->items[i];
	}
	return NULL;
}

static void lock(struct item *i)
{
	struct stat st;
	void *p;

	if (fstat(i->fd, &st) != 0 || st.st_size <= 0)
		return;
	p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, i->fd, 0);
	if (p == MAP_FAILED)
		return;
	i->locked = p;
	i->len = (size_t)st.st_size;
	(void)mlock(p, i->len);
}

static void let_go(struct item *i)
{
	if (i->locked != NULL)
		munmap(i->locked, i->len);
	close(i->fd);
}

static void drop(struct hold *h, const char *name)
{
	struct item *i = find(h, name);

	if (i == NULL)
		return;
	let_go(i);
	*i = h->items[--h->count];
}

static void put(struct hold *h, const char *name, int fd, bool secret)
{
	struct item i = {.fd = fd};

	drop(h, name);
	memcpy(i.name, name, sizeof(i.name));
	if (secret)
		lock(&i);
	h->items = mem_realloc_array(h->items, h->count + 1, sizeof(i));
	h->items[h->count++] = i;
}

static void part(struct hold *h)
{
	close(h->visitor);
	h->visitor = -1;
}

static void serve(struct hold *h)
{
	struct keeper_message m;
	int fd;

	if (!keeper_hear(h->visitor, &m, &fd)) {
		part(h);
		return;
	}
	if (m.word == KEEPER_END) {
		close(h->listener); /* before the visitor hears the end */
		_exit(EXIT_SUCCESS);
	}
	if (m.word == KEEPER_DROP)
		drop(h, m.name);
	if ((m.word == KEEPER_PUT || m.word == KEEPER_PUT_SECRET) && fd >= 0)
		put(h, m.name, fd, m.word == KEEPER_PUT_SECRET);
	else if (fd >= 0)
		close(fd);
}

/* Only our own user, and root. */
static bool is_allowed(int fd)
{
	struct ucred who;
	socklen_t len = sizeof(who);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) == 0 &&
	       (who.uid == 0 || who.uid == geteuid());
}

static void welcome(struct hold *h)
{
	const struct timeval patience = {.tv_sec = 5};
	int fd = accept4(h->listener, NULL, NULL, SOCK_CLOEXEC);
	bool good = true;

	if (fd < 0)
		return;
	if (h->visitor >= 0 || !is_allowed(fd)) {
		close(fd);
		return;
	}
	h->visitor = fd;
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	for (size_t i = 0; i < h->count && good; i++)
		good = keeper_say(fd, KEEPER_ITEM, h->items[i].name, h->items[i].fd);
	if (!good || !keeper_say(fd, KEEPER_THAT_WAS_ALL, "", -1))
		part(h);
}

_Noreturn void keeper_hold(int listener)
{
	struct hold h = {.listener = listener, .visitor = -1};

	for (;;) {
		struct pollfd p[2] = {{.fd = listener, .events = POLLIN},
				      {.fd = h.visitor, .events = POLLIN}};
		int n = poll(p, 2, h.visitor >= 0 ? -1 : KEEPER_WAIT_S * 1000);

		if (n == 0)
			_exit(EXIT_SUCCESS);
		/* Whoever left makes room for the next one. */
		if (n > 0 && p[1].revents != 0)
			serve(&h);
		else if (n > 0 && p[0].revents != 0)
			welcome(&h);
	}
}
