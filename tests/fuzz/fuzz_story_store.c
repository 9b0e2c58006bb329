/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The file of the stories as somebody else may have left it.  The first octet says whether the
 * octets are the file, or values of any type in a row of each table.
 */
#include "dataplane/site/story_store.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char path[64];

static void remove_all(void)
{
	static const char *const ends[] = {"",	       "-wal",	       "-shm",
					   ".damaged", ".damaged-wal", ".damaged-shm",
					   "-journal"};
	char name[128];

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		(void)snprintf(name, sizeof(name), "%s%s", path, ends[i]);
		(void)unlink(name);
	}
}

static void on_story(void *arg, struct story *s)
{
	uint64_t *last = arg;

	if (s->id <= *last || memchr(s->site, '\0', sizeof(s->site)) == NULL ||
	    memchr(s->link, '\0', sizeof(s->link)) == NULL ||
	    memchr(s->reason, '\0', sizeof(s->reason)) == NULL)
		abort();
	*last = s->id;
	story_free(s);
}

static void on_links(void *arg, const char *site, uint8_t known)
{
	(void)arg;
	if (known > 0x3f || strlen(site) == SIZE_MAX)
		abort();
}

static void put_file(const uint8_t *data, size_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	close(fd);
}

/* One value: its type and length in an octet, then the octets. */
static void bind_next(sqlite3_stmt *st, int column, const uint8_t **data, size_t *size)
{
	unsigned type = *size == 0 ? 0 : (*data)[0] % 5;
	size_t len = *size == 0 ? 0 : (*data)[0] / 5;
	const uint8_t *at = *data + 1;
	sqlite3_int64 n = 0;

	if (*size == 0)
		return;
	len = len < *size - 1 ? len : *size - 1;
	memcpy(&n, at, len < sizeof(n) ? len : sizeof(n));
	if (type == 0)
		sqlite3_bind_text(st, column, (const char *)at, (int)len, SQLITE_TRANSIENT);
	else if (type == 1)
		sqlite3_bind_int64(st, column, n);
	else if (type == 2)
		sqlite3_bind_int64(st, column, n & 7);
	else if (type == 3)
		sqlite3_bind_blob(st, column, at, (int)len, SQLITE_TRANSIENT);
	else
		sqlite3_bind_text(st, column, "link-down", -1, SQLITE_STATIC);
	*data += 1 + len;
	*size -= 1 + len;
}

static void put_rows(const uint8_t *data, size_t size)
{
	static const struct {
		const char *sql;
		int columns;
	} tables[] = {
		{"INSERT OR REPLACE INTO story VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)", 15},
		{"INSERT OR REPLACE INTO note VALUES(?,?,?,?)", 4},
		{"INSERT OR REPLACE INTO comment VALUES(?,?,?,?,?)", 5},
		{"INSERT OR REPLACE INTO links VALUES(?,?)", 2},
	};
	sqlite3 *db = NULL;

	if (sqlite3_open(path, &db) != SQLITE_OK)
		abort();
	for (unsigned i = 0; size > 0; i = (i + 1) % 4) {
		sqlite3_stmt *st = NULL;

		if (sqlite3_prepare_v2(db, tables[i].sql, -1, &st, NULL) != SQLITE_OK)
			abort();
		for (int column = 1; column <= tables[i].columns; column++)
			bind_next(st, column, &data, &size);
		(void)sqlite3_step(st); /* a NULL where none may be is refused */
		sqlite3_finalize(st);
	}
	sqlite3_close(db);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct story_store_reader reader = {.arg = &(uint64_t){0},
						  .story = on_story,
						  .links = on_links};
	struct story_store *t = NULL;
	struct err_msg e = {.text = ""};
	bool damaged;

	if (size == 0)
		return 0;
	if (path[0] == '\0') {
		(void)snprintf(path, sizeof(path), "/tmp/ikesh-fuzz-story.%ld", (long)getpid());
		(void)atexit(remove_all);
	}
	remove_all();
	if ((data[0] & 1) != 0) {
		put_file(data + 1, size - 1);
	} else {
		if (story_store_open(path, &t, &damaged, &e) != 0)
			abort();
		story_store_close(t);
		t = NULL;
		put_rows(data + 1, size - 1);
	}
	if (story_store_open(path, &t, &damaged, &e) != 0) {
		if (e.text[0] == '\0')
			abort();
		return 0;
	}
	if (story_store_read(t, &reader, &e) != 0 && e.text[0] == '\0')
		abort();
	story_store_close(t);
	return 0;
}
