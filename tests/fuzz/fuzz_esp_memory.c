/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Memory of ESP that an earlier process pretends to have left: slots of Child SAs, or counters. The
 * first octet says which, and whether the head is one of this build.  The keeper is played here.
 */
#include "dataplane/esp/child_store.h"
#include "dataplane/esp/stat_store.h"
#include "platform/os/keeper.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEAD_LEN 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *held_name;
static int held = -1, put = -1;

/* ---- The keeper ------------------------------------------------------------------------------ */

struct keeper *keeper_open(const char *name, struct err_msg *e)
{
	(void)name;
	(void)e;
	return NULL;
}

void keeper_leave(struct keeper *k)
{
	(void)k;
}

void keeper_end(struct keeper *k)
{
	(void)k;
}

const char *keeper_found(const struct keeper *k, size_t index)
{
	(void)k;
	return index == 0 && held >= 0 ? held_name : NULL;
}

bool keeper_has(const struct keeper *k, const char *name)
{
	(void)k;
	return held >= 0 && strcmp(name, held_name) == 0;
}

int keeper_take(struct keeper *k, const char *name)
{
	int fd = keeper_has(k, name) ? held : -1;

	if (fd >= 0)
		held = -1;
	return fd;
}

bool keeper_put(struct keeper *k, const char *name, int fd, bool secret)
{
	(void)k;
	(void)name;
	(void)secret;
	if (put >= 0)
		close(put);
	put = dup(fd);
	return true;
}

void keeper_drop(struct keeper *k, const char *name)
{
	(void)k;
	(void)name;
}

void keeper_drop_rest(struct keeper *k)
{
	(void)k;
}

/* ---- Memory ---------------------------------------------------------------------------------- */

static void hold(const char *name, const void *bytes, size_t len)
{
	held_name = name;
	held = memfd_create("fuzz", MFD_CLOEXEC);
	if (held < 0 || write(held, bytes, len) != (ssize_t)len)
		abort();
}

/* A head of this build, as one is put; at most `room` octets. */
static size_t own_head(uint8_t *to, size_t room, bool children)
{
	struct esp_child_store *s;
	struct esp_stat_store *n;
	ssize_t len;

	if (children) {
		s = esp_child_store_new((struct keeper *)&put);
		esp_child_release(esp_child_alloc(s));
		esp_child_store_free(s);
	} else {
		n = esp_stat_store_new((struct keeper *)&put, 1);
		esp_stat_store_free(n);
	}
	len = pread(put, to, room, 0);
	if (len < 0)
		abort();
	close(put);
	put = -1;
	return (size_t)len;
}

static void recall(uint32_t id, uint32_t spi)
{
	struct esp_child_store *s = esp_child_store_new((struct keeper *)&put);
	struct esp_child *c = esp_child_alloc(s);

	c->id = id;
	c->spi_in = c->spi_out = spi;
	if (esp_child_recall(s, c) == 0 && atomic_load(&c->outbound))
		c->rx_last_ms++;
	esp_child_store_settled(s);
	esp_child_release(c);
	esp_child_store_free(s);
}

static void count_on(void)
{
	struct esp_stat_store *s = esp_stat_store_new((struct keeper *)&put, 2);
	struct esp_stats n = esp_stat_store_of(s, 1);
	uint64_t sum = 0;

	for (unsigned i = 0; i < ESP_STAT_COUNT; i++)
		sum += esp_stat_store_past(s, (enum esp_stat)i);
	esp_stats_add(&n, ESP_RX_AUTH, sum | 1);
	esp_stat_store_free(s);
}

static void done(void)
{
	if (held >= 0)
		close(held);
	if (put >= 0)
		close(put);
	held = put = -1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t memory[2 * HEAD_LEN + 4096];
	bool children;
	size_t len;

	if (size < 2)
		return 0;
	children = (data[0] & 1) != 0;
	memset(memory, 0, sizeof(memory));
	len = 0;
	if ((data[0] & 2) != 0) {
		/* what comes overwrites from some place on */
		uint32_t slots = 1;
		size_t at = (size_t)data[1] * 4;

		len = own_head(memory, sizeof(memory), children);
		if (children)
			memcpy(memory + 12, &slots, sizeof(slots));
		at = children && (data[0] & 4) != 0 ? HEAD_LEN : at;
		size = size - 2 < sizeof(memory) - at ? size - 2 : sizeof(memory) - at;
		memcpy(memory + at, data + 2, size);
	} else {
		len = size - 2 < sizeof(memory) ? size - 2 : sizeof(memory);
		memcpy(memory, data + 2, len);
		if (children && (data[0] & 4) != 0) /* else it is too short for a slot */
			len = sizeof(memory);
	}
	hold(children ? "esp.1.0" : "stats", memory, len);
	if (children)
		recall(0x01010101, 0x01010101);
	else
		count_on();
	done();
	return 0;
}
