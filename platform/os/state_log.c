/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A head, then records one behind the other.  A record that was replaced or dropped is marked and
 * has no content; when the memory is full, the living ones move to a new one.
 */
#include "platform/os/state_log.h"

#include "platform/base/map.h"
#include "platform/base/mem.h"
#include "platform/base/secret.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define FORMAT	   1
#define ROOM_FIRST ((size_t)256 * 1024)
#define ALIGN	   8
#define GONE	   0x656e6f67U /* kind of a record that was; no damaged octet makes one of it */

static const char magic[8] = {'I', 'K', 'E', 'S', 'H', 'L', 'O', 'G'};

/* In the order of this machine's octets: nobody else reads it. */
struct head {
	char magic[8];
	uint32_t format;
	uint32_t head_len;
	_Atomic uint64_t used; /* octets, with this head */
};

struct record_head {
	uint32_t kind; /* GONE: replaced or dropped */
	uint32_t len;  /* of what follows, without padding */
	uint64_t key;
	uint64_t sum;
};

struct entry {
	struct map_node node; /* key: the next two */
	struct {
		uint64_t key;
		uint64_t kind;
	} name;
	size_t at; /* of its record */
};

struct state_log {
	bool (*held)(void *arg, int fd);
	void *arg;
	struct map entries;
	uint8_t *memory; /* NULL: none */
	size_t room, living;
	int fd;
	bool broken; /* nobody holds it */
};

static size_t padded(size_t len)
{
	return (sizeof(struct record_head) + len + ALIGN - 1) / ALIGN * ALIGN;
}

/* Finds damage, no more: whoever can write here can do anything. */
static uint64_t sum_of(uint32_t kind, uint64_t key, struct view v)
{
	uint8_t seed[16];
	const uint64_t parts[2] = {kind, key};

	memcpy(seed, parts, sizeof(seed));
	return siphash(seed, v.data, v.len);
}

/* ---- Writing --------------------------------------------------------------------------------- */

static struct head *head_of(uint8_t *memory)
{
	return (struct head *)(void *)memory;
}

static struct record_head *record_at(uint8_t *memory, size_t at)
{
	return (struct record_head *)(void *)(memory + at);
}

static size_t used(const struct state_log *l)
{
	return atomic_load(&head_of(l->memory)->used);
}

static void let_go(struct state_log *l)
{
	if (l->memory != NULL)
		munmap(l->memory, l->room);
	if (l->fd >= 0)
		close(l->fd);
	l->memory = NULL;
	l->fd = -1;
}

static bool new_memory(size_t room, uint8_t **memory, int *fd)
{
	struct head h = {.format = FORMAT, .head_len = sizeof(h)};
	void *p = MAP_FAILED;

	*fd = memfd_create("ikesh state", MFD_CLOEXEC);
	if (*fd >= 0 && ftruncate(*fd, (off_t)room) == 0)
		p = mmap(NULL, room, PROT_READ | PROT_WRITE, MAP_SHARED, *fd, 0);
	if (p == MAP_FAILED) {
		if (*fd >= 0)
			close(*fd);
		return false;
	}
	(void)mlock(p, room);
	*memory = p;
	memcpy(h.magic, magic, sizeof(magic));
	memcpy(p, &h, sizeof(h));
	atomic_store(&head_of(p)->used, sizeof(h));
	return true;
}

/* The record is there with the last store. */
static size_t append(uint8_t *memory, uint32_t kind, uint64_t key, struct view bytes)
{
	size_t at = atomic_load(&head_of(memory)->used);
	struct record_head *r = record_at(memory, at);

	r->kind = kind;
	r->len = (uint32_t)bytes.len;
	r->key = key;
	r->sum = sum_of(kind, key, bytes);
	if (bytes.len > 0)
		memcpy(r + 1, bytes.data, bytes.len);
	atomic_store(&head_of(memory)->used, at + padded(bytes.len));
	return at;
}

static struct view content(uint8_t *memory, size_t at)
{
	const struct record_head *r = record_at(memory, at);

	return view_of(r + 1, r->len);
}

static void move_all(struct state_log *l, uint8_t *to)
{
	struct list *node, *after;

	list_for_each(node, after, &l->entries.order)
	{
		struct map_node *m = container_of(node, struct map_node, order);
		struct entry *n = container_of(m, struct entry, node);

		n->at = append(to, (uint32_t)n->name.kind, n->name.key, content(l->memory, n->at));
	}
}

/* Others hold the old memory until they have the new one: it is wiped only then. */
static bool make_room(struct state_log *l, size_t len)
{
	size_t room = ROOM_FIRST;
	uint8_t *memory;
	int fd;

	while (room < 2 * (l->living + len + sizeof(struct head)))
		room *= 2;
	if (!new_memory(room, &memory, &fd))
		return false;
	if (l->memory != NULL)
		move_all(l, memory);
	if (!l->held(l->arg, fd)) {
		bytes_wipe(memory, room);
		munmap(memory, room);
		close(fd);
		return false;
	}
	if (l->memory != NULL)
		bytes_wipe(l->memory, used(l));
	let_go(l);
	l->memory = memory;
	l->room = room;
	l->fd = fd;
	return true;
}

static void erase(struct state_log *l, size_t at)
{
	struct record_head *r = record_at(l->memory, at);

	l->living -= padded(r->len);
	r->kind = GONE;
	atomic_signal_fence(memory_order_seq_cst);
	bytes_wipe(r + 1, r->len);
}

static struct entry *find(const struct state_log *l, uint32_t kind, uint64_t key)
{
	const struct entry wanted = {.name = {.kind = kind, .key = key}};
	struct map_node *m = map_find(&l->entries, &wanted.name, sizeof(wanted.name));

	return m == NULL ? NULL : container_of(m, struct entry, node);
}

static void forget_all(struct state_log *l)
{
	struct list *node, *after;

	list_for_each(node, after, &l->entries.order)
	{
		struct map_node *m = container_of(node, struct map_node, order);

		map_remove(&l->entries, m);
		free(container_of(m, struct entry, node));
	}
	map_clear(&l->entries);
}

struct state_log *state_log_new(bool (*held)(void *arg, int fd), void *arg)
{
	struct state_log *l = mem_zalloc(sizeof(*l));

	l->held = held;
	l->arg = arg;
	l->fd = -1;
	map_init(&l->entries, NULL);
	return l;
}

void state_log_free(struct state_log *l)
{
	if (l == NULL)
		return;
	forget_all(l);
	let_go(l);
	free(l);
}

void state_log_put(struct state_log *l, uint32_t kind, uint64_t key, struct view bytes)
{
	struct entry *n = find(l, kind, key);
	size_t old = n == NULL ? 0 : n->at;

	if (l->broken)
		return;
	if (l->memory == NULL || l->room - used(l) < padded(bytes.len)) {
		if (!make_room(l, padded(bytes.len))) {
			l->broken = true; /* rather nothing than something old */
			if (l->memory != NULL)
				head_of(l->memory)->format = 0;
			return;
		}
		old = n == NULL ? 0 : n->at;
	}
	if (n == NULL) {
		n = mem_zalloc(sizeof(*n));
		n->name.kind = kind;
		n->name.key = key;
		(void)map_insert(&l->entries, &n->node, &n->name, sizeof(n->name));
	}
	n->at = append(l->memory, kind, key, bytes);
	l->living += padded(bytes.len);
	if (old != 0)
		erase(l, old);
}

void state_log_drop(struct state_log *l, uint32_t kind, uint64_t key)
{
	struct entry *n = find(l, kind, key);

	if (n == NULL)
		return;
	if (!l->broken)
		erase(l, n->at);
	map_remove(&l->entries, &n->node);
	free(n);
}

size_t state_log_size(const struct state_log *l)
{
	return l == NULL || l->memory == NULL ? 0 : l->room;
}

/* ---- Reading --------------------------------------------------------------------------------- */

struct source {
	uint8_t *memory;
	size_t room, used;
};

static int open_source(int fd, struct source *s, struct err_msg *e)
{
	struct head h;
	struct stat st;
	void *p;

	if (fstat(fd, &st) != 0 || st.st_size < (off_t)sizeof(h))
		return err_set(e, ERR_INVALID, "it is too short");
	s->room = (size_t)st.st_size;
	p = mmap(NULL, s->room, PROT_READ, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		return err_set(e, ERR_SYSTEM, "it cannot be read");
	s->memory = p;
	memcpy(&h, p, sizeof(h));
	s->used = h.used;
	if (memcmp(h.magic, magic, sizeof(magic)) == 0 && h.format == FORMAT &&
	    h.head_len == sizeof(h) && s->used >= sizeof(h) && s->used <= s->room)
		return 0;
	munmap(p, s->room);
	if (memcmp(h.magic, magic, sizeof(magic)) == 0 && h.format != FORMAT)
		return err_set(e, ERR_UNSUPPORTED, "it has format %u, this version knows %u",
			       h.format, FORMAT);
	return err_set(e, ERR_INVALID, "it is damaged");
}

/* The record at *at, which moves behind it; false: it does not fit or is not what was written. */
static bool next(const struct source *s, size_t *at, struct record_head *r, struct view *v)
{
	if (s->used - *at < sizeof(*r))
		return false;
	memcpy(r, s->memory + *at, sizeof(*r));
	if (r->len > s->used || padded(r->len) > s->used - *at)
		return false;
	*v = view_of(s->memory + *at + sizeof(*r), r->len);
	*at += padded(r->len);
	return r->kind == GONE || r->sum == sum_of(r->kind, r->key, *v);
}

static bool is_sound(const struct source *s)
{
	struct record_head r = {.len = 0};
	struct view v;

	for (size_t at = sizeof(struct head); at < s->used;) {
		if (!next(s, &at, &r, &v))
			return false;
	}
	return true;
}

int state_log_read(int fd, void (*fn)(void *arg, uint32_t kind, uint64_t key, struct view bytes),
		   void *arg, struct err_msg *e)
{
	size_t at = sizeof(struct head);
	struct record_head r = {.kind = GONE};
	struct source s = {.memory = NULL};
	struct view v = {.len = 0};
	int rc = open_source(fd, &s, e);

	if (rc != 0)
		return rc;
	if (!is_sound(&s))
		rc = err_set(e, ERR_INVALID, "it is damaged");
	while (rc == 0 && at < s.used) {
		(void)next(&s, &at, &r, &v);
		if (r.kind != GONE)
			fn(arg, r.kind, r.key, v);
	}
	munmap(s.memory, s.room);
	return rc;
}
