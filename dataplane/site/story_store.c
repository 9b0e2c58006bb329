/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Tables and statements.  Write-ahead log with synchronous=NORMAL: a commit is an append that waits
 * for no disk; after a power failure the last seconds may be missing, but never a part of a commit.
 */
#include "dataplane/site/story_store.h"

#include "platform/base/mem.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define VERSION	  1
#define PAGES_MAX 65536 /* 256 MiB: far above what the bounds of the book can fill */

enum statement {
	PUT_STORY,
	PUT_NOTE,
	CUT_NOTES,
	PUT_COMMENT,
	REMOVE_STORY,
	PUT_LINKS,
	REMOVE_LINKS,
	STATEMENTS
};

static const char schema[] =
	"CREATE TABLE IF NOT EXISTS story(id INTEGER PRIMARY KEY, kind TEXT NOT NULL,"
	" site TEXT NOT NULL, slot INTEGER NOT NULL, link TEXT NOT NULL, began INTEGER NOT NULL,"
	" opened INTEGER NOT NULL, updated INTEGER NOT NULL, closed INTEGER NOT NULL,"
	" reason TEXT NOT NULL, cause TEXT NOT NULL, closing TEXT NOT NULL,"
	" events INTEGER NOT NULL, acknowledged INTEGER NOT NULL, acknowledged_by TEXT NOT NULL);"
	"CREATE TABLE IF NOT EXISTS note(story INTEGER NOT NULL REFERENCES story(id)"
	" ON DELETE CASCADE, number INTEGER NOT NULL, at INTEGER NOT NULL, text TEXT NOT NULL,"
	" PRIMARY KEY(story, number)) WITHOUT ROWID;"
	"CREATE TABLE IF NOT EXISTS comment(story INTEGER NOT NULL REFERENCES story(id)"
	" ON DELETE CASCADE, number INTEGER NOT NULL, at INTEGER NOT NULL, user TEXT NOT NULL,"
	" text TEXT NOT NULL, PRIMARY KEY(story, number)) WITHOUT ROWID;"
	"CREATE TABLE IF NOT EXISTS links(site TEXT PRIMARY KEY, known INTEGER NOT NULL)"
	" WITHOUT ROWID;"
	"PRAGMA user_version=1";

static const char *const statements[STATEMENTS] = {
	[PUT_STORY] = "INSERT INTO story VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?) "
		      "ON CONFLICT(id) DO UPDATE SET updated=excluded.updated,"
		      "closed=excluded.closed,reason=excluded.reason,cause=excluded.cause,"
		      "closing=excluded.closing,events=excluded.events,"
		      "acknowledged=excluded.acknowledged,acknowledged_by=excluded.acknowledged_by",
	[PUT_NOTE] = "INSERT OR REPLACE INTO note VALUES(?,?,?,?)",
	[CUT_NOTES] = "DELETE FROM note WHERE story=? AND number>1 AND number<?",
	[PUT_COMMENT] = "INSERT OR REPLACE INTO comment VALUES(?,?,?,?,?)",
	[REMOVE_STORY] = "DELETE FROM story WHERE id=?",
	[PUT_LINKS] = "INSERT OR REPLACE INTO links VALUES(?,?)",
	[REMOVE_LINKS] = "DELETE FROM links WHERE site=?",
};

struct story_store {
	sqlite3 *db;
	char *path;
	sqlite3_stmt *st[STATEMENTS];
};

static int fail(const struct story_store *t, struct err_msg *e)
{
	int code = sqlite3_errcode(t->db) & 0xff;
	bool damaged = code == SQLITE_CORRUPT || code == SQLITE_NOTADB;

	return err_set(e, damaged ? ERR_INVALID : ERR_SYSTEM, "Cannot use %s: %s", t->path,
		       sqlite3_errmsg(t->db));
}

static int run(struct story_store *t, const char *sql, struct err_msg *e)
{
	return sqlite3_exec(t->db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : fail(t, e);
}

/* ---- Opening --------------------------------------------------------------------------------- */

static int check_file(struct story_store *t, struct err_msg *e)
{
	sqlite3_stmt *st = NULL;
	int r = 0;

	if (sqlite3_prepare_v2(t->db, "PRAGMA quick_check(1)", -1, &st, NULL) != SQLITE_OK ||
	    sqlite3_step(st) != SQLITE_ROW)
		r = fail(t, e);
	else if (strcmp((const char *)sqlite3_column_text(st, 0), "ok") != 0)
		r = err_set(e, ERR_INVALID, "%s is damaged: %s", t->path,
			    (const char *)sqlite3_column_text(st, 0));
	sqlite3_finalize(st);
	return r;
}

static int check_version(struct story_store *t, struct err_msg *e)
{
	sqlite3_stmt *st = NULL;
	int r = 0;

	if (sqlite3_prepare_v2(t->db, "PRAGMA user_version", -1, &st, NULL) != SQLITE_OK ||
	    sqlite3_step(st) != SQLITE_ROW)
		r = fail(t, e);
	else if (sqlite3_column_int(st, 0) > VERSION)
		r = err_set(e, ERR_UNSUPPORTED, "%s is of a newer version of the appliance",
			    t->path);
	sqlite3_finalize(st);
	return r;
}

static int prepare(struct story_store *t, struct err_msg *e)
{
	for (int i = 0; i < STATEMENTS; i++) {
		if (sqlite3_prepare_v3(t->db, statements[i], -1, SQLITE_PREPARE_PERSISTENT,
				       &t->st[i], NULL) != SQLITE_OK)
			return fail(t, e);
	}
	return 0;
}

static int set_up(struct story_store *t, struct err_msg *e)
{
	char pages[64];
	int r;

	if (sqlite3_open_v2(t->path, &t->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) !=
	    SQLITE_OK)
		return fail(t, e);
	sqlite3_extended_result_codes(t->db, 0);
	(void)sqlite3_busy_timeout(t->db, 0); /* nobody else writes; never wait */
	snprintf(pages, sizeof(pages), "PRAGMA max_page_count=%d", PAGES_MAX);
	r = check_file(t, e);
	if (r == 0)
		r = check_version(t, e);
	if (r == 0)
		r = run(t,
			"PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
			"PRAGMA foreign_keys=ON; PRAGMA journal_size_limit=1048576",
			e);
	if (r == 0)
		r = run(t, pages, e);
	if (r == 0)
		r = run(t, schema, e);
	return r != 0 ? r : prepare(t, e);
}

static void close_db(struct story_store *t)
{
	for (int i = 0; i < STATEMENTS; i++) {
		sqlite3_finalize(t->st[i]);
		t->st[i] = NULL;
	}
	sqlite3_close(t->db);
	t->db = NULL;
}

/* The log of a damaged file belongs to it: it must not be played into the new one. */
static int put_aside(const char *path, struct err_msg *e)
{
	static const char *const parts[] = {"", "-wal", "-shm"};
	char from[4096], to[4096];

	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		snprintf(from, sizeof(from), "%s%s", path, parts[i]);
		snprintf(to, sizeof(to), "%s.damaged%s", path, parts[i]);
		if (rename(from, to) != 0 && access(from, F_OK) == 0)
			return err_set(e, ERR_SYSTEM, "Cannot put %s aside", from);
	}
	return 0;
}

int story_store_open(const char *path, struct story_store **out, bool *damaged, struct err_msg *e)
{
	struct story_store *t = mem_zalloc(sizeof(*t));
	int r;

	t->path = mem_strdup(path);
	*damaged = false;
	r = set_up(t, e);
	if (r == ERR_INVALID) {
		*damaged = true;
		close_db(t);
		r = put_aside(path, e);
		if (r == 0)
			r = set_up(t, e);
	}
	if (r != 0) {
		story_store_close(t);
		return r;
	}
	*out = t;
	return 0;
}

void story_store_close(struct story_store *t)
{
	if (t == NULL)
		return;
	close_db(t);
	free(t->path);
	free(t);
}

/* ---- Reading --------------------------------------------------------------------------------- */

static const char *text_at(sqlite3_stmt *st, int column)
{
	const unsigned char *text = sqlite3_column_text(st, column);

	return text == NULL ? "" : (const char *)text;
}

static uint64_t number_at(sqlite3_stmt *st, int column)
{
	sqlite3_int64 n = sqlite3_column_int64(st, column);

	return n < 0 ? 0 : (uint64_t)n;
}

static enum ike_cause cause_named(const char *name)
{
	for (int c = 1; c < IKE_CAUSE_COUNT; c++) {
		if (strcmp(ike_cause_row((enum ike_cause)c)->name, name) == 0)
			return (enum ike_cause)c;
	}
	return IKE_CAUSE_NONE;
}

static struct story *story_at(sqlite3_stmt *st)
{
	uint64_t slot = number_at(st, 3);
	enum story_kind kind;
	struct story *s;

	if (!story_kind_find(text_at(st, 1), &kind) || slot > SITE_ROLES * SITE_TUNNELS ||
	    number_at(st, 0) == 0)
		return NULL;
	s = story_new(kind, text_at(st, 2), (uint8_t)slot);
	s->id = number_at(st, 0);
	snprintf(s->link, sizeof(s->link), "%s", text_at(st, 4));
	s->began_ms = number_at(st, 5);
	s->opened_ms = number_at(st, 6);
	s->updated_ms = number_at(st, 7);
	s->closed_ms = number_at(st, 8);
	s->open = s->closed_ms == 0;
	snprintf(s->reason, sizeof(s->reason), "%s", text_at(st, 9));
	s->cause = cause_named(text_at(st, 10));
	snprintf(s->closing, sizeof(s->closing), "%s", text_at(st, 11));
	s->acknowledged_ms = number_at(st, 13);
	snprintf(s->acknowledged_by, sizeof(s->acknowledged_by), "%s", text_at(st, 14));
	return s;
}

static void add_notes(struct story_store *t, struct story *s, sqlite3_stmt *notes, uint64_t events)
{
	(void)t;
	sqlite3_bind_int64(notes, 1, (sqlite3_int64)s->id);
	while (sqlite3_step(notes) == SQLITE_ROW) {
		story_add_note(s, 0, text_at(notes, 2));
		s->notes[s->note_count - 1].number = (unsigned)number_at(notes, 0);
		s->notes[s->note_count - 1].wall_ms = number_at(notes, 1);
	}
	sqlite3_reset(notes);
	s->events = (unsigned)events;
}

static void add_comments(struct story *s, sqlite3_stmt *comments)
{
	sqlite3_bind_int64(comments, 1, (sqlite3_int64)s->id);
	while (sqlite3_step(comments) == SQLITE_ROW) {
		if (story_add_comment(s, number_at(comments, 0), text_at(comments, 1),
				      text_at(comments, 2)) != 0)
			break;
	}
	sqlite3_reset(comments);
}

static int read_stories(struct story_store *t, const struct story_store_reader *r,
			struct err_msg *e)
{
	sqlite3_stmt *st = NULL, *notes = NULL, *comments = NULL;
	int step = SQLITE_ERROR;

	if (sqlite3_prepare_v2(t->db, "SELECT * FROM story ORDER BY id", -1, &st, NULL) ==
		    SQLITE_OK &&
	    sqlite3_prepare_v2(t->db,
			       "SELECT number,at,text FROM note WHERE story=? ORDER BY number", -1,
			       &notes, NULL) == SQLITE_OK &&
	    sqlite3_prepare_v2(t->db,
			       "SELECT at,user,text FROM comment WHERE story=? "
			       "ORDER BY number",
			       -1, &comments, NULL) == SQLITE_OK) {
		while ((step = sqlite3_step(st)) == SQLITE_ROW) {
			struct story *s = story_at(st);

			if (s == NULL)
				continue;
			add_notes(t, s, notes, number_at(st, 12));
			add_comments(s, comments);
			story_store_saved(s);
			r->story(r->arg, s);
		}
	}
	sqlite3_finalize(notes);
	sqlite3_finalize(comments);
	sqlite3_finalize(st);
	return step == SQLITE_DONE ? 0 : fail(t, e);
}

static int read_links(struct story_store *t, const struct story_store_reader *r, struct err_msg *e)
{
	sqlite3_stmt *st = NULL;
	int step = SQLITE_ERROR;

	if (sqlite3_prepare_v2(t->db, "SELECT site,known FROM links", -1, &st, NULL) == SQLITE_OK) {
		while ((step = sqlite3_step(st)) == SQLITE_ROW)
			r->links(r->arg, text_at(st, 0), (uint8_t)(number_at(st, 1) & 0x3f));
	}
	sqlite3_finalize(st);
	return step == SQLITE_DONE ? 0 : fail(t, e);
}

int story_store_read(struct story_store *t, const struct story_store_reader *r, struct err_msg *e)
{
	int rc = read_stories(t, r, e);

	return rc != 0 ? rc : read_links(t, r, e);
}

/* ---- Writing --------------------------------------------------------------------------------- */

static void bind_number(sqlite3_stmt *st, int at, uint64_t n)
{
	sqlite3_bind_int64(st, at, (sqlite3_int64)n);
}

static void bind_text(sqlite3_stmt *st, int at, const char *text)
{
	sqlite3_bind_text(st, at, text, -1, SQLITE_STATIC);
}

static int finish(struct story_store *t, sqlite3_stmt *st, struct err_msg *e)
{
	int r = sqlite3_step(st) == SQLITE_DONE ? 0 : fail(t, e);

	sqlite3_reset(st);
	sqlite3_clear_bindings(st);
	return r;
}

int story_store_begin(struct story_store *t, struct err_msg *e)
{
	return run(t, "BEGIN IMMEDIATE", e);
}

int story_store_commit(struct story_store *t, struct err_msg *e)
{
	return run(t, "COMMIT", e);
}

void story_store_rollback(struct story_store *t)
{
	if (sqlite3_get_autocommit(t->db) == 0)
		(void)sqlite3_exec(t->db, "ROLLBACK", NULL, NULL, NULL);
}

static int put_story(struct story_store *t, const struct story *s, struct err_msg *e)
{
	sqlite3_stmt *st = t->st[PUT_STORY];

	bind_number(st, 1, s->id);
	bind_text(st, 2, story_row(s->kind)->name);
	bind_text(st, 3, s->site);
	bind_number(st, 4, s->slot);
	bind_text(st, 5, s->link);
	bind_number(st, 6, s->began_ms);
	bind_number(st, 7, s->opened_ms);
	bind_number(st, 8, s->updated_ms);
	bind_number(st, 9, s->open ? 0 : s->closed_ms);
	bind_text(st, 10, s->reason);
	bind_text(st, 11, s->cause == IKE_CAUSE_NONE ? "" : ike_cause_row(s->cause)->name);
	bind_text(st, 12, s->closing);
	bind_number(st, 13, s->events);
	bind_number(st, 14, s->acknowledged_ms);
	bind_text(st, 15, s->acknowledged_by);
	return finish(t, st, e);
}

static int put_notes(struct story_store *t, const struct story *s, struct err_msg *e)
{
	sqlite3_stmt *st = t->st[PUT_NOTE];
	int r = 0;

	for (size_t i = 0; i < s->note_count && r == 0; i++) {
		const struct story_note *n = &s->notes[i];

		if (n->number <= s->saved_note)
			continue;
		bind_number(st, 1, s->id);
		bind_number(st, 2, n->number);
		bind_number(st, 3, n->wall_ms);
		bind_text(st, 4, n->text);
		r = finish(t, st, e);
	}
	if (r != 0 || s->events <= STORY_NOTES_MAX || s->note_count < 2)
		return r;
	bind_number(t->st[CUT_NOTES], 1, s->id);
	bind_number(t->st[CUT_NOTES], 2, s->notes[1].number);
	return finish(t, t->st[CUT_NOTES], e);
}

static int put_comments(struct story_store *t, const struct story *s, struct err_msg *e)
{
	sqlite3_stmt *st = t->st[PUT_COMMENT];
	int r = 0;

	for (size_t i = s->saved_comments; i < s->comment_count && r == 0; i++) {
		bind_number(st, 1, s->id);
		bind_number(st, 2, i + 1);
		bind_number(st, 3, s->comments[i].wall_ms);
		bind_text(st, 4, s->comments[i].user);
		bind_text(st, 5, s->comments[i].text);
		r = finish(t, st, e);
	}
	return r;
}

int story_store_put(struct story_store *t, const struct story *s, struct err_msg *e)
{
	int r = put_story(t, s, e);

	if (r == 0)
		r = put_notes(t, s, e);
	return r != 0 ? r : put_comments(t, s, e);
}

void story_store_saved(struct story *s)
{
	s->saved_note = s->note_count == 0 ? 0 : s->notes[s->note_count - 1].number;
	s->saved_comments = s->comment_count;
}

int story_store_remove(struct story_store *t, uint64_t id, struct err_msg *e)
{
	bind_number(t->st[REMOVE_STORY], 1, id);
	return finish(t, t->st[REMOVE_STORY], e);
}

int story_store_links(struct story_store *t, const char *site, uint8_t known, struct err_msg *e)
{
	sqlite3_stmt *st = t->st[known == 0 ? REMOVE_LINKS : PUT_LINKS];

	bind_text(st, 1, site);
	if (known != 0)
		bind_number(st, 2, known);
	return finish(t, st, e);
}
