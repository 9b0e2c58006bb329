/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The appliance as operators see it: one struct commands for the box (running and startup config,
 * archive, what the commands act on) and one struct session per terminal.  Transport-free: the
 * shell layer hands in lines and keys, and gets text and questions through struct session_io.
 */
#ifndef COMMANDS_SESSION_H
#define COMMANDS_SESSION_H

#include "platform/base/err.h"
#include "platform/base/strbuf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct box_config;
struct commands;
struct event_log;
struct gateway;
struct log;
struct loop;
struct session;

struct commands_options {
	const char *config_dir; /* startup-config, archive/ */
	const char *state_dir;
	void (*stop)(void *arg, int status); /* `reload`: ask the process to end */
	void *stop_arg;
	/* The configuration of the box is different now, or was loaded; may be NULL. */
	void (*box)(void *arg, const struct box_config *now);
	void *box_arg;
};

/* gateway may be NULL (--check: parses, applies nothing). */
struct commands *commands_new(struct loop *loop, struct gateway *g, struct event_log *events,
			      const struct log *log, const struct commands_options *options);
void commands_free(struct commands *c);
/* Load startup-config and apply it.  Refused lines are events, kept for `show startup-config
 * errors`; *refused counts them; each is also written to report ("startup-config:12: text") when
 * not NULL.  No file at all is fine (factory state).  ERR_SYSTEM: the directory or file cannot be
 * read. */
int commands_boot(struct commands *c, size_t *refused, struct strbuf *report,
		  struct err_msg *e) WARN_UNUSED;
const char *commands_hostname(const struct commands *c);

/* Who sits at the terminal. */
struct session_who {
	char user[64];
	char from[64];	    /* "vty 1", "console" */
	unsigned privilege; /* 1 or 15 at the start */
	unsigned ceiling;   /* what the group gives, when a lower one was asked for; 0: privilege */
	bool interactive;   /* a terminal: questions may be asked, [confirm] is shown */
	bool color;
	bool utf8;		/* it shows more than ASCII */
	unsigned length, width; /* of the window; 0: unknown */
};

struct session_io {
	/* Output text, lines end with \n. */
	void (*output)(void *arg, const char *text, size_t len);
	/* A question; the answer comes by session_answer.  hidden: do not echo (secrets). */
	void (*ask)(void *arg, const char *prompt, bool hidden);
	/* The line is finished: status 0, or 1 when it was refused; prompt is the next one. */
	void (*done)(void *arg, int status, const char *prompt);
	/* The running line takes keys until done(): each comes by session_answer, as typed.  May be
	 * NULL. */
	void (*hold)(void *arg);
	/* Text that belongs to no command (event lines with terminal monitor, "Configuration
	 * reverted"); may come at any time between calls. */
	void (*async)(void *arg, const char *text);
	/* `exit` in EXEC or an idle timeout: close after what was written. */
	void (*close)(void *arg);
	/* So much output waits that the next line of a block should wait as well; session_resume
	 * goes on.  May be NULL. */
	bool (*busy)(void *arg);
	/* `terminal length N`, `terminal width N`, sent to the pager. */
	void (*terminal)(void *arg, unsigned length, unsigned width);
};

struct session *session_new(struct commands *c, const struct session_who *who,
			    const struct session_io *io, void *io_arg);
void session_free(struct session *s);
const char *session_prompt(const struct session *s); /* "gw1(config-site)#" */
unsigned session_privilege(const struct session *s);

/* Execute one line (no newline; may be empty or a comment).  Ends in exactly one done(), at once
 * or later. */
void session_line(struct session *s, const char *line);
/* A pasted block: several lines with \n.  In config mode all or nothing (cli.md section 5.1). */
void session_paste(struct session *s, const char *text);
/* Several lines of the file that session_begin_file has named, one after the other; ends in one
 * done(). */
void session_lines(struct session *s, const char *text);
/* The output that made io.busy true has gone; nothing when no block waits for that. */
void session_resume(struct session *s);
void session_answer(struct session *s, const char *text);
/* Ctrl-C: stops a running command or question; done() follows. */
void session_interrupt(struct session *s);
/* The terminal's window has another size now: counts where `terminal length` and `width` were not
 * given. */
void session_window(struct session *s, unsigned length, unsigned width);
/* Input comes from a file, not a person: line-paste rules (context guard), texts "name:line: ". */
void session_begin_file(struct session *s, const char *name);
void session_end_file(struct session *s); /* prints the summary when there were errors */

/* `?` at the end of text: the help listing, as it is printed. */
void session_help(struct session *s, const char *text, struct strbuf *out);
/* TAB: candidates for the last word (possibly empty), each followed by \n, sorted. */
void session_complete(struct session *s, const char *text, struct strbuf *out);
/* Does the line carry a secret (PSK, password), so that it must not reach the history? */
bool session_line_is_secret(struct session *s, const char *line);

/* Validate configuration text without changing anything; report gets "name:line: text" lines.
 * Returns the number of refused lines. */
size_t commands_check(struct commands *c, const char *name, const char *text,
		      struct strbuf *report);

#endif
