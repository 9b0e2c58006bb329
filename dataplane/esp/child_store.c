/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Chunks of memory with a head and slots of one child each.  The head says where in a slot the
 * numbers are, so that a newer build with another struct can read them.  A slot whose id is 0 is
 * free.  Chunks are named esp.<process>.<number> at the keeper; those of other processes are read
 * once and let go.
 */
#include "dataplane/esp/child_store.h"

#include "platform/base/mem.h"
#include "platform/os/keeper.h"
#include "platform/os/rng.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK_SLOTS 256
#define SLOT_ALIGN  64
#define HEAD_LEN    4096
#define SLOT_LEN    ((sizeof(struct esp_child) + SLOT_ALIGN - 1) / SLOT_ALIGN * SLOT_ALIGN)

static const char magic[8] = {'I', 'K', 'E', 'S', 'H', 'E', 'S', 'P'};

/* Numbers of 64 bits that go on. */
static const uint16_t numbers[] = {
	offsetof(struct esp_child, sequence),	    offsetof(struct esp_child, tx_sequence),
	offsetof(struct esp_child, tx_packets),	    offsetof(struct esp_child, tx_bytes),
	offsetof(struct esp_child, tx_last_ms),	    offsetof(struct esp_child, rx_packets),
	offsetof(struct esp_child, rx_bytes),	    offsetof(struct esp_child, rx_last_ms),
	offsetof(struct esp_child, replay_drops),   offsetof(struct esp_child, auth_drops),
	offsetof(struct esp_child, selector_drops), offsetof(struct esp_child, malformed_drops),
	offsetof(struct esp_child, replay.top),
};

struct chunk_head {
	char magic[8];
	uint32_t slot_len, slots;
	uint16_t id, spi_in, spi_out, outbound; /* offsets */
	uint16_t window, window_len;
	uint16_t count;
	uint16_t number[ARRAY_LEN(numbers)];
};

struct chunk {
	struct list node;
	uint8_t *memory;
	size_t len;
	char name[KEEPER_NAME_MAX];
	struct chunk_head head;
};

/* A child of an earlier process; of several with the same number (a start that failed in between)
 * the one that came furthest. */
struct past {
	struct map_node node; /* key: id */
	uint32_t id;
	const uint8_t *slot;
	const struct chunk_head *head;
};

struct esp_child_store {
	struct keeper *keeper;
	struct map past;      /* struct past */
	struct list own, old; /* struct chunk */
	uint32_t process;     /* ours; its number may be that of an earlier one */
	unsigned made;
};

static struct chunk_head head_of_this_build(void)
{
	struct chunk_head h = {
		.slot_len = SLOT_LEN,
		.slots = CHUNK_SLOTS,
		.id = offsetof(struct esp_child, id),
		.spi_in = offsetof(struct esp_child, spi_in),
		.spi_out = offsetof(struct esp_child, spi_out),
		.outbound = offsetof(struct esp_child, outbound),
		.window = offsetof(struct esp_child, replay.slots),
		.window_len = sizeof(((struct esp_child *)NULL)->replay.slots),
		.count = ARRAY_LEN(numbers),
	};

	memcpy(h.magic, magic, sizeof(magic));
	memcpy(h.number, numbers, sizeof(numbers));
	return h;
}

/* ---- Chunks of an earlier process ------------------------------------------------------------ */

static bool fits(const struct chunk_head *h, size_t offset, size_t len)
{
	return offset + len <= h->slot_len;
}

static bool is_sound(const struct chunk_head *h, size_t len)
{
	if (memcmp(h->magic, magic, sizeof(magic)) != 0 || h->slots == 0 || h->slot_len == 0 ||
	    h->count != ARRAY_LEN(numbers) ||
	    h->window_len != sizeof(((struct esp_child *)NULL)->replay.slots) ||
	    h->slots > (len - HEAD_LEN) / h->slot_len)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
		if (!fits(h, h->number[i], sizeof(uint64_t)))
			return false;
	}
	return fits(h, h->id, 4) && fits(h, h->spi_in, 4) && fits(h, h->spi_out, 4) &&
	       fits(h, h->outbound, 1) && fits(h, h->window, h->window_len);
}

static uint32_t u32_at(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static uint64_t sequence_at(const struct chunk_head *h, const uint8_t *slot)
{
	uint64_t v;

	memcpy(&v, slot + h->number[0], sizeof(v));
	return v;
}

static void note(struct esp_child_store *s, const struct chunk_head *h, const uint8_t *slot)
{
	uint32_t id = u32_at(slot + h->id);
	struct map_node *n = map_find(&s->past, &id, sizeof(id));
	struct past *p = n == NULL ? mem_zalloc(sizeof(*p)) : container_of(n, struct past, node);

	if (n != NULL && sequence_at(p->head, p->slot) > sequence_at(h, slot))
		return;
	p->id = id;
	p->slot = slot;
	p->head = h;
	if (n == NULL)
		(void)map_insert(&s->past, &p->node, &p->id, sizeof(p->id));
}

static void note_all(struct esp_child_store *s, const struct chunk *c)
{
	for (uint32_t i = 0; i < c->head.slots; i++) {
		const uint8_t *slot = c->memory + HEAD_LEN + (size_t)i * c->head.slot_len;

		if (u32_at(slot + c->head.id) != 0)
			note(s, &c->head, slot);
	}
}

static void find_old(struct esp_child_store *s, const char *name)
{
	struct chunk *c = mem_zalloc(sizeof(*c));
	struct stat st;
	void *p = MAP_FAILED;
	int fd;

	snprintf(c->name, sizeof(c->name), "%s", name);
	fd = keeper_take(s->keeper, c->name);
	if (fd >= 0 && fstat(fd, &st) == 0 && st.st_size > HEAD_LEN)
		p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
	if (fd >= 0)
		close(fd);
	if (p == MAP_FAILED) {
		free(c);
		return;
	}
	c->memory = p;
	c->len = (size_t)st.st_size;
	memcpy(&c->head, p, sizeof(c->head));
	if (!is_sound(&c->head, c->len))
		c->head.slots = 0;
	list_append(&s->old, &c->node);
	note_all(s, c);
}

static void find_all_old(struct esp_child_store *s)
{
	const char *name;
	size_t i = 0;

	while ((name = keeper_found(s->keeper, i)) != NULL) {
		if (strncmp(name, "esp.", 4) == 0)
			find_old(s, name); /* is not found any more */
		else
			i++;
	}
}

static void copy(const struct chunk_head *h, const uint8_t *from, struct esp_child *c)
{
	uint8_t *to = (uint8_t *)c;
	uint8_t outbound; /* another build may have other ideas of what is true */

	for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
		memcpy(to + numbers[i], from + h->number[i], sizeof(uint64_t));
	memcpy(to + offsetof(struct esp_child, replay.slots), from + h->window, h->window_len);
	memcpy(&outbound, from + h->outbound, sizeof(outbound));
	if (outbound != 0)
		atomic_store(&c->outbound, true);
}

int esp_child_recall(struct esp_child_store *s, struct esp_child *c)
{
	struct map_node *n = s == NULL ? NULL : map_find(&s->past, &c->id, sizeof(c->id));
	const struct past *p = n == NULL ? NULL : container_of(n, struct past, node);

	if (p == NULL || u32_at(p->slot + p->head->spi_in) != c->spi_in ||
	    u32_at(p->slot + p->head->spi_out) != c->spi_out)
		return ERR_NOT_FOUND;
	copy(p->head, p->slot, c);
	return 0;
}

static void forget_past(struct esp_child_store *s)
{
	while (!list_is_empty(&s->past.order)) {
		struct map_node *n = container_of(s->past.order.next, struct map_node, order);

		map_remove(&s->past, n);
		free(container_of(n, struct past, node));
	}
	map_clear(&s->past);
}

static void chunk_free(struct chunk *c)
{
	list_remove(&c->node);
	munmap(c->memory, c->len);
	free(c);
}

void esp_child_store_settled(struct esp_child_store *s)
{
	struct list *node, *after;

	if (s == NULL)
		return;
	forget_past(s);
	list_for_each(node, after, &s->old)
	{
		struct chunk *c = container_of(node, struct chunk, node);

		keeper_drop(s->keeper, c->name);
		chunk_free(c);
	}
}

/* ---- Our own --------------------------------------------------------------------------------- */

static struct chunk *make_chunk(struct esp_child_store *s)
{
	struct chunk *c = mem_zalloc(sizeof(*c));
	int fd = memfd_create("ikesh ESP", MFD_CLOEXEC);
	void *p = MAP_FAILED;

	c->len = HEAD_LEN + CHUNK_SLOTS * SLOT_LEN;
	c->head = head_of_this_build();
	snprintf(c->name, sizeof(c->name), "esp.%08x.%u", s->process, s->made);
	if (fd >= 0 && ftruncate(fd, (off_t)c->len) == 0)
		p = mmap(NULL, c->len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p != MAP_FAILED) {
		c->memory = p;
		memcpy(p, &c->head, sizeof(c->head));
	}
	if (p == MAP_FAILED || !keeper_put(s->keeper, c->name, fd, false)) {
		if (p != MAP_FAILED)
			munmap(p, c->len);
		free(c);
		c = NULL;
	}
	if (fd >= 0)
		close(fd);
	if (c != NULL) {
		list_append(&s->own, &c->node);
		s->made++;
	}
	return c;
}

static struct esp_child *slot_of(const struct chunk *c, size_t i)
{
	return (struct esp_child *)(void *)(c->memory + HEAD_LEN + i * SLOT_LEN);
}

static struct esp_child *free_slot(const struct chunk *c)
{
	for (size_t i = 0; i < CHUNK_SLOTS; i++) {
		if (!slot_of(c, i)->stored)
			return slot_of(c, i);
	}
	return NULL;
}

struct esp_child *esp_child_alloc(struct esp_child_store *s)
{
	struct esp_child *child = NULL;
	struct chunk *made;
	struct list *node;

	if (s == NULL)
		return mem_zalloc(sizeof(*child));
	for (node = s->own.prev; node != &s->own && child == NULL; node = node->prev)
		child = free_slot(container_of(node, struct chunk, node));
	if (child == NULL) {
		made = make_chunk(s);
		if (made == NULL)
			return mem_zalloc(sizeof(*child));
		child = slot_of(made, 0);
	}
	child->stored = true;
	return child;
}

void esp_child_release(struct esp_child *c)
{
	if (c->stored)
		memset(c, 0, sizeof(*c));
	else
		free(c);
}

struct esp_child_store *esp_child_store_new(struct keeper *keeper)
{
	struct esp_child_store *s;

	if (keeper == NULL)
		return NULL;
	s = mem_zalloc(sizeof(*s));
	s->keeper = keeper;
	rng_bytes(&s->process, sizeof(s->process));
	map_init(&s->past, NULL);
	list_init(&s->own);
	list_init(&s->old);
	find_all_old(s);
	return s;
}

void esp_child_store_free(struct esp_child_store *s)
{
	struct list *node, *after;

	if (s == NULL)
		return;
	forget_past(s);
	list_for_each(node, after, &s->old) chunk_free(container_of(node, struct chunk, node));
	list_for_each(node, after, &s->own) chunk_free(container_of(node, struct chunk, node));
	free(s);
}
