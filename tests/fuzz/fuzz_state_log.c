/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Memory that pretends to be the records of an earlier process.  The first octet says whether sums
 * are put right, so that what lies behind them is reached.
 */
#include "platform/base/map.h"
#include "platform/os/state_log.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define HEAD	    24 /* octets in front of the first record: magic, format, length, used */
#define RECORD_HEAD 24 /* kind, length, key, sum */
#define GONE	    0x656e6f67U

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t sum_of(const uint8_t *record, uint32_t len)
{
	uint8_t seed[16] = {0};

	memcpy(seed, record, 4);
	memcpy(seed + 8, record + 8, 8);
	return siphash(seed, record + RECORD_HEAD, len);
}

static void put_right(uint8_t *memory, size_t size)
{
	static const uint8_t head[16] = {'I', 'K', 'E', 'S', 'H', 'L', 'O', 'G', 1, 0, 0, 0, HEAD};
	uint64_t used = size;
	size_t at = HEAD;

	if (size < HEAD)
		return;
	memcpy(memory, head, sizeof(head));
	memcpy(memory + sizeof(head), &used, sizeof(used));
	while (size - at >= RECORD_HEAD) {
		uint32_t len;
		uint64_t sum;

		memcpy(&len, memory + at + 4, sizeof(len));
		if (len > size - at - RECORD_HEAD)
			return;
		sum = sum_of(memory + at, len);
		memcpy(memory + at + 16, &sum, sizeof(sum));
		at += (RECORD_HEAD + (size_t)len + 7) / 8 * 8;
		if (at > size)
			return;
	}
}

struct seen {
	size_t octets;
	uint8_t mix;
};

static void see(void *arg, uint32_t kind, uint64_t key, struct view bytes)
{
	struct seen *s = arg;

	(void)key;
	if (kind == GONE)
		abort();
	s->octets += RECORD_HEAD + bytes.len;
	for (size_t i = 0; i < bytes.len; i++)
		s->mix ^= bytes.data[i];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct seen s = {.octets = 0};
	struct err_msg e = {.text = ""};
	uint8_t *copy;
	int fd;

	if (size == 0)
		return 0;
	copy = malloc(size);
	fd = memfd_create("fuzz", MFD_CLOEXEC);
	if (copy == NULL || fd < 0)
		abort();
	memcpy(copy, data + 1, size - 1);
	if ((data[0] & 1) != 0)
		put_right(copy, size - 1);
	if (write(fd, copy, size - 1) != (ssize_t)(size - 1))
		abort();
	if (state_log_read(fd, see, &s, &e) != 0 && (s.octets != 0 || e.text[0] == '\0'))
		abort(); /* all or nothing, and why */
	if (s.octets > size)
		abort();
	close(fd);
	free(copy);
	return 0;
}
