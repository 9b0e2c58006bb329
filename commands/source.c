/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finds configurations by name.  Files are in CONFIG_DIR/files; their names hold no slash. */
#include "commands/source.h"

#include "commands/archive.h"
#include "commands/commands_state.h"
#include "commands/running.h"
#include "commands/store.h"
#include "platform/base/mem.h"
#include "platform/os/file.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool parse_number(const char *text, uint32_t *out)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (text[0] < '0' || text[0] > '9' || *end != '\0' || n > UINT32_MAX)
		return false;
	*out = (uint32_t)n;
	return true;
}

int source_parse(const char *text, struct source *out, struct err_msg *e)
{
	size_t len = strlen(text);

	*out = (struct source){.kind = SOURCE_ARCHIVE};
	if (parse_number(text, &out->number) ||
	    (strncmp(text, "archive:", 8) == 0 && parse_number(text + 8, &out->number)))
		return 0;
	if (len > 0 && strncasecmp(text, "running-config", len) == 0) {
		out->kind = SOURCE_RUNNING;
		return 0;
	}
	if (len > 0 && strncasecmp(text, "startup-config", len) == 0) {
		out->kind = SOURCE_STARTUP;
		return 0;
	}
	if (strncmp(text, "file:", 5) == 0 && len > 5 && strchr(text, '/') == NULL &&
	    text[5] != '.') {
		out->kind = SOURCE_FILE;
		out->file = text + 5;
		return 0;
	}
	return err_set(e, ERR_INVALID,
		       "%s: allowed is running-config, startup-config, a number of the archive, or "
		       "file:NAME",
		       text);
}

const char *source_name(const struct source *s, char *buf, size_t size)
{
	switch (s->kind) {
	case SOURCE_RUNNING:
		snprintf(buf, size, "running-config");
		break;
	case SOURCE_STARTUP:
		snprintf(buf, size, "startup-config");
		break;
	case SOURCE_ARCHIVE:
		snprintf(buf, size, "archive %" PRIu32, s->number);
		break;
	case SOURCE_FILE:
		snprintf(buf, size, "file %s", s->file);
		break;
	}
	return buf;
}

static int file_path(const struct commands *c, const char *name, struct strbuf *out,
		     struct err_msg *e)
{
	strbuf_init(out);
	if (c->config_dir == NULL)
		return err_set(e, ERR_WRONG_STATE, "There is no directory for files");
	if (name != NULL && name[0] == '.')
		return err_set(e, ERR_INVALID, "file %s: the name may not begin with a dot", name);
	strbuf_printf(out, "%s/files%s%s", c->config_dir, name == NULL ? "" : "/",
		      name == NULL ? "" : name);
	return 0;
}

static int read_startup(struct commands *c, struct strbuf *out, struct err_msg *e)
{
	struct strbuf text;
	struct err_msg warning;
	int r;

	strbuf_init(&text);
	r = store_read(c, &text, &warning, e);
	if (r == ERR_NOT_FOUND)
		err_set(e, r, "startup-config is not present");
	else if (r == 0)
		strbuf_add(out, text.text);
	strbuf_wipe(&text);
	return r;
}

static int read_saved(struct commands *c, const char *name, struct strbuf *out, struct err_msg *e)
{
	struct strbuf path;
	int r = file_path(c, name, &path, e);

	if (r == 0)
		r = file_read(path.text, STORE_MAX, out, e);
	if (r == ERR_NOT_FOUND)
		err_set(e, r, "There is no file %s", name);
	strbuf_clear(&path);
	return r;
}

int source_read(struct commands *c, const struct source *s, struct strbuf *out, struct err_msg *e)
{
	switch (s->kind) {
	case SOURCE_RUNNING:
		running_text(&c->running, out);
		return 0;
	case SOURCE_STARTUP:
		return read_startup(c, out, e);
	case SOURCE_ARCHIVE:
		return archive_read(c, s->number, out, e);
	case SOURCE_FILE:
		return read_saved(c, s->file, out, e);
	}
	return ERR_INVALID;
}

int source_write_file(struct commands *c, const char *name, const char *text, size_t len,
		      struct err_msg *e)
{
	struct strbuf path;
	int r = file_path(c, NULL, &path, e);

	if (r == 0)
		r = file_mkdirs(path.text, 0700, e);
	strbuf_clear(&path);
	if (r != 0)
		return r;
	r = file_path(c, name, &path, e);
	if (r == 0)
		r = file_write_atomic(path.text, text, len, 0600, false, e);
	strbuf_clear(&path);
	return r;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool is_temporary(const char *name)
{
	size_t len = strlen(name);

	return len >= 4 && strcmp(name + len - 4, ".tmp") == 0;
}

int source_files(struct commands *c, struct strbuf *out, struct err_msg *e)
{
	struct strbuf path, names;
	const char **list = NULL;
	size_t count = 0;
	char *at;
	int r = file_path(c, NULL, &path, e);

	strbuf_init(&names);
	if (r == 0)
		r = file_list(path.text, &names, e);
	at = names.text;
	for (char *name; r == 0 && (name = strsep(&at, "\n")) != NULL;) {
		if (name[0] == '\0' || is_temporary(name))
			continue;
		list = mem_realloc_array(list, count + 1, sizeof(*list));
		list[count++] = name;
	}
	if (count != 0)
		qsort(list, count, sizeof(*list), compare);
	for (size_t i = 0; i < count; i++)
		strbuf_printf(out, "%s\n", list[i]);
	free(list);
	strbuf_clear(&path);
	strbuf_clear(&names);
	return r;
}
