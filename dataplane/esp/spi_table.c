/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Inbound SPI to Child SA: open addressing with linear probing, one writer, readers without a lock.
 * A removed entry leaves a tombstone; when entries and tombstones fill half of the slots, a new
 * array is published and the old one retired.  SPIs are our own random choice, so that a simple
 * hash will do.
 */
#include "dataplane/esp/sa.h"
#include "platform/base/mem.h"

#include <stdlib.h>

#define SLOTS_MIN 64

struct spi_array {
	struct grace_node grace;
	size_t slots; /* power of two */
	size_t used;  /* entries and tombstones; main thread */
	_Atomic(struct esp_child *) child[];
};

struct esp_spi_table {
	_Atomic(struct spi_array *) array;
	size_t count;
};

/* Marks a removed entry; an address that no Child SA has, never followed. */
static struct esp_child *tombstone_of(struct esp_spi_table *t)
{
	return (struct esp_child *)(void *)t;
}

static struct spi_array *array_new(size_t slots)
{
	struct spi_array *a = mem_zalloc(sizeof(*a) + slots * sizeof(a->child[0]));

	a->slots = slots;
	for (size_t i = 0; i < slots; i++)
		atomic_init(&a->child[i], NULL);
	return a;
}

static size_t start_of(const struct spi_array *a, uint32_t spi)
{
	return (size_t)(spi * UINT32_C(0x9e3779b1) >> 7) & (a->slots - 1);
}

struct esp_spi_table *esp_spi_table_new(void)
{
	struct esp_spi_table *t = mem_zalloc(sizeof(*t));

	atomic_init(&t->array, array_new(SLOTS_MIN));
	return t;
}

void esp_spi_table_free(struct esp_spi_table *t)
{
	if (t == NULL)
		return;
	free(atomic_load(&t->array));
	free(t);
}

static void array_release(struct grace_node *n)
{
	free(container_of(n, struct spi_array, grace));
}

static void array_put(struct spi_array *a, struct esp_child *c)
{
	size_t at = start_of(a, c->spi_in);

	while (atomic_load(&a->child[at]) != NULL)
		at = (at + 1) & (a->slots - 1);
	atomic_store(&a->child[at], c);
	a->used++;
}

/* A new array without tombstones, at most a quarter full. */
static void rebuild(struct esp_spi_table *t, struct grace *g)
{
	struct spi_array *old = atomic_load(&t->array), *a;
	size_t slots = SLOTS_MIN;

	while (slots < t->count * 4)
		slots *= 2;
	a = array_new(slots);
	for (size_t i = 0; i < old->slots; i++) {
		struct esp_child *c = atomic_load(&old->child[i]);

		if (c != NULL && c != tombstone_of(t))
			array_put(a, c);
	}
	atomic_store(&t->array, a);
	grace_retire(g, &old->grace, array_release);
}

int esp_spi_table_add(struct esp_spi_table *t, struct esp_child *c, struct grace *g)
{
	struct spi_array *a = atomic_load(&t->array);

	if (esp_spi_table_find(t, c->spi_in) != NULL)
		return ERR_EXISTS;
	if ((a->used + 1) * 2 > a->slots) {
		rebuild(t, g);
		a = atomic_load(&t->array);
	}
	array_put(a, c);
	t->count++;
	return 0;
}

void esp_spi_table_remove(struct esp_spi_table *t, const struct esp_child *c)
{
	struct spi_array *a = atomic_load(&t->array);
	size_t at = start_of(a, c->spi_in);
	struct esp_child *x;

	while ((x = atomic_load(&a->child[at])) != NULL) {
		if (x == c) {
			atomic_store(&a->child[at], tombstone_of(t));
			t->count--;
			return;
		}
		at = (at + 1) & (a->slots - 1);
	}
}

struct esp_child *esp_spi_table_find(struct esp_spi_table *t, uint32_t spi)
{
	struct spi_array *a = atomic_load(&t->array);
	size_t at = start_of(a, spi);
	struct esp_child *c;

	while ((c = atomic_load(&a->child[at])) != NULL) {
		if (c != tombstone_of(t) && c->spi_in == spi)
			return c;
		at = (at + 1) & (a->slots - 1);
	}
	return NULL;
}
