/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One piece of memory with a head, a hash of each counter's name, and rows of counters: first what
 * earlier processes counted, then one for each worker.
 */
#include "dataplane/esp/stat_store.h"

#include "platform/base/map.h"
#include "platform/base/mem.h"
#include "platform/os/keeper.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME	  "stats" /* at the keeper */
#define ROW_ALIGN 64	  /* no two workers write to the same line of a cache */
#define COUNT_MAX 4096	  /* counters of a build */

static const char magic[8] = {'I', 'K', 'E', 'S', 'H', 'C', 'N', 'T'};

struct stat_head {
	char magic[8];
	uint32_t count;	  /* counters, and names behind this head */
	uint32_t row_len; /* octets */
	uint32_t rows;
	uint32_t first; /* octets to the first row */
};

struct esp_stat_store {
	uint8_t *memory;
	size_t len;
	bool mapped;
	struct stat_head head;
};

static uint64_t name_of(enum esp_stat which)
{
	static const uint8_t key[16] = {0};
	const char *name = esp_stat_name(which);

	return siphash(key, name, strlen(name));
}

static esp_counter *row(const struct esp_stat_store *s, unsigned n)
{
	return (esp_counter *)(void *)(s->memory + s->head.first + (size_t)n * s->head.row_len);
}

/* ---- What an earlier process left ------------------------------------------------------------ */

static bool is_sound(const struct stat_head *h, size_t len)
{
	return memcmp(h->magic, magic, sizeof(magic)) == 0 && h->count <= COUNT_MAX &&
	       h->first <= len && h->first >= sizeof(*h) + h->count * sizeof(uint64_t) &&
	       h->row_len >= h->count * sizeof(uint64_t) && h->row_len != 0 &&
	       h->rows <= (len - h->first) / h->row_len;
}

static uint64_t u64_at(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

/* Of all rows. */
static uint64_t sum_of(const struct stat_head *h, const uint8_t *memory, size_t column)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < h->rows; i++)
		sum += u64_at(memory + h->first + i * h->row_len + column * sizeof(uint64_t));
	return sum;
}

static void go_on(struct esp_stat_store *s, const struct stat_head *h, const uint8_t *memory)
{
	for (size_t column = 0; column < h->count; column++) {
		uint64_t name = u64_at(memory + sizeof(*h) + column * sizeof(uint64_t));

		for (unsigned i = 0; i < ESP_STAT_COUNT; i++) {
			if (name == name_of((enum esp_stat)i))
				esp_counter_set(row(s, 0) + i, sum_of(h, memory, column));
		}
	}
}

static void find_old(struct esp_stat_store *s, struct keeper *keeper)
{
	struct stat_head h;
	void *p = MAP_FAILED;
	struct stat st = {.st_size = 0};
	int fd = keeper_take(keeper, NAME);

	if (fd >= 0 && fstat(fd, &st) == 0 && st.st_size >= (off_t)sizeof(h))
		p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
	if (fd >= 0)
		close(fd);
	if (p == MAP_FAILED)
		return;
	memcpy(&h, p, sizeof(h));
	if (is_sound(&h, (size_t)st.st_size))
		go_on(s, &h, p);
	munmap(p, (size_t)st.st_size);
}

/* ---- Our own --------------------------------------------------------------------------------- */

static void lay_out(struct esp_stat_store *s, unsigned workers)
{
	const size_t names = sizeof(struct stat_head) + ESP_STAT_COUNT * sizeof(uint64_t);

	memcpy(s->head.magic, magic, sizeof(magic));
	s->head.count = ESP_STAT_COUNT;
	s->head.rows = workers + 1;
	s->head.row_len =
		(ESP_STAT_COUNT * sizeof(uint64_t) + ROW_ALIGN - 1) / ROW_ALIGN * ROW_ALIGN;
	s->head.first = (uint32_t)((names + ROW_ALIGN - 1) / ROW_ALIGN * ROW_ALIGN);
	s->len = s->head.first + (size_t)s->head.rows * s->head.row_len;
}

static void fill_in(struct esp_stat_store *s)
{
	memcpy(s->memory, &s->head, sizeof(s->head));
	for (unsigned i = 0; i < ESP_STAT_COUNT; i++) {
		uint64_t name = name_of((enum esp_stat)i);

		memcpy(s->memory + sizeof(s->head) + i * sizeof(name), &name, sizeof(name));
	}
}

/* The descriptor of the memory; -1: it is on the heap. */
static int get_memory(struct esp_stat_store *s, bool shared)
{
	int fd = shared ? memfd_create("ikesh counters", MFD_CLOEXEC) : -1;
	void *p = MAP_FAILED;

	if (fd >= 0 && ftruncate(fd, (off_t)s->len) == 0)
		p = mmap(NULL, s->len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	s->mapped = p != MAP_FAILED;
	if (s->mapped) {
		s->memory = p;
		return fd;
	}
	s->memory = mem_zalloc(s->len);
	if (fd >= 0)
		close(fd);
	return -1;
}

struct esp_stat_store *esp_stat_store_new(struct keeper *keeper, unsigned workers)
{
	struct esp_stat_store *s = mem_zalloc(sizeof(*s));
	int fd;

	lay_out(s, workers);
	fd = get_memory(s, keeper != NULL);
	fill_in(s);
	if (keeper != NULL)
		find_old(s, keeper);
	if (fd >= 0) {
		(void)keeper_put(keeper, NAME, fd, false);
		close(fd);
	}
	return s;
}

void esp_stat_store_free(struct esp_stat_store *s)
{
	if (s == NULL)
		return;
	if (s->mapped)
		munmap(s->memory, s->len);
	else
		free(s->memory);
	free(s);
}

struct esp_stats esp_stat_store_of(struct esp_stat_store *s, unsigned worker)
{
	return (struct esp_stats){.value = row(s, worker + 1)};
}

uint64_t esp_stat_store_past(const struct esp_stat_store *s, enum esp_stat which)
{
	return esp_counter_get(row(s, 0) + which);
}
