/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns the files in the configuration directory.  What is written is proved to read back to the
 * same configuration before it replaces anything.
 */
#include "commands/store.h"

#include "commands/commands_state.h"
#include "commands/config_text.h"
#include "commands/loader.h"
#include "commands/running.h"
#include "commands/writer.h"
#include "platform/os/file.h"

#include <string.h>

static void path_of(const struct commands *c, const char *suffix, struct strbuf *out)
{
	strbuf_init(out);
	strbuf_printf(out, "%s/%s%s", c->config_dir, STORE_NAME, suffix);
}

static int prove(struct commands *c, const char *text, struct err_msg *e)
{
	struct config back;
	struct strbuf report;
	int r = 0;

	config_init(&back);
	strbuf_init(&report);
	if (loader_run(c, &back, STORE_NAME, text, &report) != 0)
		r = err_set(e, ERR_INVALID,
			    "Cannot write startup-config: it would not read back: %s", report.text);
	else if (!config_equal(&back, &c->running))
		r = err_set(e, ERR_INVALID,
			    "Cannot write startup-config: it would read back differently");
	strbuf_clear(&report);
	config_clear(&back);
	return r;
}

/* The last part of "PATH: write: No space left on device": the operator knows no paths. */
static const char *cause(const struct err_msg *why)
{
	const char *colon = strrchr(why->text, ':');

	return colon == NULL ? why->text : colon + 1 + strspn(colon + 1, " ");
}

int store_save(struct commands *c, struct err_msg *e)
{
	struct strbuf text, path;
	struct config_writer w = {.out = &text};
	struct err_msg why = {.code = 0};
	int r;

	if (c->config_dir == NULL)
		return err_set(e, ERR_WRONG_STATE,
			       "Cannot write startup-config: no directory for it");
	strbuf_init(&text);
	path_of(c, "", &path);
	writer_config(&w, &c->running);
	r = prove(c, text.text, e);
	if (r == 0) {
		r = file_write_atomic(path.text, text.text, text.len, 0600, true, &why);
		if (r != 0)
			err_set(e, r, "Cannot write startup-config: %s", cause(&why));
	}
	strbuf_clear(&path);
	strbuf_wipe(&text);
	return r;
}

static int read_file(struct commands *c, const char *suffix, struct strbuf *text, struct err_msg *e)
{
	struct strbuf path;
	int r;

	path_of(c, suffix, &path);
	strbuf_reset(text);
	r = file_read(path.text, STORE_MAX, text, e);
	strbuf_clear(&path);
	return r;
}

int store_read(struct commands *c, struct strbuf *text, struct err_msg *warning, struct err_msg *e)
{
	struct strbuf previous;
	int r;

	if (c->config_dir == NULL)
		return ERR_NOT_FOUND;
	r = read_file(c, "", text, e);
	if (r != 0 || loader_is_complete(text->text))
		return r;
	strbuf_init(&previous);
	if (read_file(c, ".1", &previous, NULL) == 0 && loader_is_complete(previous.text)) {
		err_set(warning, ERR_TRUNCATED,
			"startup-config is not complete, the previous one is used");
		strbuf_wipe(text);
		*text = previous;
		return 0;
	}
	err_set(warning, ERR_TRUNCATED,
		"startup-config is not complete and there is no previous one: it is used as far "
		"as it goes");
	strbuf_wipe(&previous);
	return 0;
}

int store_erase(struct commands *c, struct err_msg *e)
{
	struct strbuf path;
	int r;

	if (c->config_dir == NULL)
		return 0;
	path_of(c, ".1", &path);
	r = file_remove(path.text, e);
	strbuf_clear(&path);
	if (r != 0)
		return r;
	path_of(c, "", &path);
	r = file_remove(path.text, e);
	strbuf_clear(&path);
	return r;
}

bool store_is_modified(struct commands *c)
{
	struct strbuf saved, now;
	struct config_text a, b;
	struct err_msg ignored;
	bool modified;

	strbuf_init(&saved);
	strbuf_init(&now);
	running_text(&c->running, &now);
	if (store_read(c, &saved, &ignored, &ignored) != 0)
		strbuf_reset(&saved);
	config_text_parse(saved.text, &a);
	config_text_parse(now.text, &b);
	modified = !config_text_equal(&a, &b);
	config_text_clear(&a);
	config_text_clear(&b);
	strbuf_wipe(&saved);
	strbuf_wipe(&now);
	return modified;
}
