/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where stories are kept over restarts: an SQLite file.  Everything is in memory as well, so that a
 * disk that is full or a file that was damaged costs nothing but the memory of the next start.
 */
#ifndef DATAPLANE_SITE_STORY_STORE_H
#define DATAPLANE_SITE_STORY_STORE_H

#include "dataplane/site/story.h"

struct story_store;

struct story_store_reader {
	void *arg;
	void (*story)(void *arg, struct story *s); /* adopted; by id */
	void (*links)(void *arg, const char *site, uint8_t known);
};

/* Opens or makes the file.  One that is damaged is put aside as path.damaged, and *damaged is true.
 * ERR_SYSTEM with e; ERR_UNSUPPORTED: a newer version made it. */
int story_store_open(const char *path, struct story_store **out, bool *damaged,
		     struct err_msg *e) WARN_UNUSED;
void story_store_close(struct story_store *t);
/* What it holds; rows that make no sense are left out. */
int story_store_read(struct story_store *t, const struct story_store_reader *r,
		     struct err_msg *e) WARN_UNUSED;

/* Between begin and commit; after a failure nothing of it is kept (roll back).  ERR_INVALID: the
 * file is damaged; ERR_SYSTEM: it cannot be written now. */
int story_store_begin(struct story_store *t, struct err_msg *e) WARN_UNUSED;
/* What is not saved yet; story_store_saved after the commit. */
int story_store_put(struct story_store *t, const struct story *s, struct err_msg *e) WARN_UNUSED;
int story_store_remove(struct story_store *t, uint64_t id, struct err_msg *e) WARN_UNUSED;
int story_store_links(struct story_store *t, const char *site, uint8_t known,
		      struct err_msg *e) WARN_UNUSED;
int story_store_commit(struct story_store *t, struct err_msg *e) WARN_UNUSED;
void story_store_rollback(struct story_store *t);
void story_store_saved(struct story *s);

#endif
