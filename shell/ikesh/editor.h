/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The line editor: readline's callback interface with the keys of a router (`?` helps without
 * Enter, Ctrl-Z ends, Ctrl-V takes the next key literally), history of this session only, and
 * pasted blocks where the terminal marks them.  readline has one editor per process, and so has
 * this module.
 *
 * From editor_open to editor_close the terminal neither echoes nor gathers lines, so that keys
 * typed ahead wait unseen for the next prompt.
 */
#ifndef SHELL_IKESH_EDITOR_H
#define SHELL_IKESH_EDITOR_H

#include "platform/base/err.h"
#include "platform/base/strbuf.h"

#include <stdbool.h>

struct keys;

struct editor_calls {
	/* Enter; end_after: it was Ctrl-Z.  The editor is asleep until editor_prompt. */
	void (*line)(void *arg, const char *line, bool end_after);
	/* Several complete lines were pasted; as above. */
	void (*block)(void *arg, const char *text);
	/* Ctrl-D on an empty line, or the terminal is gone. */
	void (*end_of_input)(void *arg);
	/* `?` behind text. */
	void (*help)(void *arg, const char *text);
	/* TAB behind text: candidates, each followed by \n. */
	void (*complete)(void *arg, const char *text, struct strbuf *out);
};

/* keys: borrowed until editor_close. */
int editor_open(const struct editor_calls *calls, void *arg, struct keys *keys,
		struct err_msg *e) WARN_UNUSED;
void editor_close(void);
/* Begin a line. */
void editor_prompt(const char *prompt);
/* Input waits on the terminal: take one key. */
void editor_key(void);
/* Ctrl-C: give up the line and begin a new one. */
void editor_cancel(void);
/* Text is about to be written while a line is edited, and was written. */
void editor_hide(void);
void editor_show(void);
/* The window has another size. */
void editor_resize(void);
void editor_remember(const char *line);

#endif
