/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CONFIG_DIR/archive/config-N, written like startup-config.  The directory is the only list. */
#include "commands/archive.h"

#include "commands/commands_state.h"
#include "commands/store.h"
#include "platform/base/mem.h"
#include "platform/os/file.h"
#include "platform/os/loop.h"
#include "platform/os/time_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PREFIX	   "config-"
#define NUMBER_MAX 999999999U

static int check_dir(const struct commands *c, struct err_msg *e)
{
	if (c->config_dir == NULL)
		return err_set(e, ERR_WRONG_STATE, "There is no directory for the archive");
	return 0;
}

static void path_of(const struct commands *c, uint32_t number, struct strbuf *out)
{
	strbuf_init(out);
	strbuf_printf(out, "%s/archive", c->config_dir);
	if (number != 0)
		strbuf_printf(out, "/" PREFIX "%" PRIu32, number);
}

/* 0: not a file of the archive. */
static uint32_t number_of(const char *name)
{
	const char *digits = name + sizeof(PREFIX) - 1;
	char *end;
	unsigned long n;

	if (strncmp(name, PREFIX, sizeof(PREFIX) - 1) != 0 || *digits < '1' || *digits > '9')
		return 0;
	n = strtoul(digits, &end, 10);
	return *end != '\0' || n > NUMBER_MAX ? 0 : (uint32_t)n;
}

static int compare(const void *a, const void *b)
{
	const struct archive_entry *x = a, *y = b;

	return (x->number > y->number) - (x->number < y->number);
}

/* Only the numbers. */
static int scan(struct commands *c, struct archive_list *out, struct err_msg *e)
{
	struct strbuf path, names;
	char *at;
	int r = check_dir(c, e);

	*out = (struct archive_list){.count = 0};
	if (r != 0)
		return r;
	path_of(c, 0, &path);
	strbuf_init(&names);
	r = file_list(path.text, &names, e);
	at = names.text;
	for (char *name; r == 0 && (name = strsep(&at, "\n")) != NULL;) {
		uint32_t number = number_of(name);

		if (number == 0)
			continue;
		out->items = mem_realloc_array(out->items, out->count + 1, sizeof(*out->items));
		out->items[out->count++] = (struct archive_entry){.number = number};
	}
	if (out->count != 0)
		qsort(out->items, out->count, sizeof(*out->items), compare);
	strbuf_clear(&path);
	strbuf_clear(&names);
	return r;
}

void archive_list_clear(struct archive_list *l)
{
	free(l->items);
	*l = (struct archive_list){.count = 0};
}

void archive_title(struct strbuf *out, const char *name, const char *why,
		   const struct session_who *who, uint64_t wall_ms)
{
	char when[TIME_TEXT_MAX];

	strbuf_printf(out, "! %s: %s by %s (%s), %s\n", name, why, who->user, who->from,
		      time_text_iso(wall_ms, when, sizeof(when)));
}

static int drop_old(struct commands *c, const struct archive_list *l, struct err_msg *e)
{
	size_t keep = c->running.box.archive_maximum - 1; /* beside the new one */
	int r = 0;

	for (size_t i = 0; r == 0 && l->count > keep && i < l->count - keep; i++) {
		struct strbuf path;

		path_of(c, l->items[i].number, &path);
		r = file_remove(path.text, e);
		strbuf_clear(&path);
	}
	return r;
}

int archive_add(struct commands *c, const char *text, const char *why,
		const struct session_who *who, struct err_msg *e)
{
	struct archive_list l;
	struct strbuf path, file;
	char name[40];
	uint32_t number;
	int r = scan(c, &l, e);

	if (r != 0)
		return r;
	number = l.count == 0 ? 1 : l.items[l.count - 1].number + 1;
	path_of(c, 0, &path);
	r = file_mkdirs(path.text, 0700, e);
	strbuf_clear(&path);
	if (r == 0) {
		path_of(c, number, &path);
		strbuf_init(&file);
		snprintf(name, sizeof(name), "Archive %" PRIu32, number);
		archive_title(&file, name, why, who, loop_wall_ms());
		strbuf_add(&file, text);
		r = file_write_atomic(path.text, file.text, file.len, 0600, false, e);
		strbuf_wipe(&file);
		strbuf_clear(&path);
	}
	if (r == 0)
		r = drop_old(c, &l, e);
	archive_list_clear(&l);
	return r;
}

/* "! Archive 17: WHAT, WHEN" */
static void read_title(const char *text, struct archive_entry *entry)
{
	size_t len = strcspn(text, "\n");
	const char *what = memmem(text, len, ": ", 2);
	const char *when = what == NULL ? NULL : memrchr(text, ',', len);

	if (strncmp(text, "! Archive ", 10) != 0 || when == NULL || when < what + 2)
		return;
	snprintf(entry->what, sizeof(entry->what), "%.*s", (int)(when - what - 2), what + 2);
	snprintf(entry->when, sizeof(entry->when), "%.*s", (int)(text + len - when - 2), when + 2);
}

static int read_number(struct commands *c, uint32_t number, struct strbuf *out, struct err_msg *e)
{
	struct strbuf path;
	int r;

	path_of(c, number, &path);
	r = file_read(path.text, STORE_MAX, out, e);
	strbuf_clear(&path);
	return r;
}

int archive_list(struct commands *c, struct archive_list *out, struct err_msg *e)
{
	int r = scan(c, out, e);

	for (size_t i = 0; r == 0 && i < out->count; i++) {
		struct strbuf text;

		strbuf_init(&text);
		r = read_number(c, out->items[i].number, &text, e);
		read_title(text.text, &out->items[i]);
		out->items[i].len = text.len;
		strbuf_wipe(&text);
	}
	if (r != 0)
		archive_list_clear(out);
	return r;
}

int archive_read(struct commands *c, uint32_t number, struct strbuf *out, struct err_msg *e)
{
	struct archive_list l;
	int r = check_dir(c, e);

	if (r == 0)
		r = read_number(c, number, out, e);
	if (r != ERR_NOT_FOUND)
		return r;
	if (scan(c, &l, e) != 0 || l.count == 0)
		err_set(e, r, "There is no archive %" PRIu32 ": the archive is empty", number);
	else
		err_set(e, r, "There is no archive %" PRIu32 ": there are %" PRIu32 " to %" PRIu32,
			number, l.items[0].number, l.items[l.count - 1].number);
	archive_list_clear(&l);
	return r;
}
