/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * BIRD 2 as a supervised child: one generated configuration file, the control socket, and the
 * process.  A configuration is checked before it is put in force; a refused one changes nothing.
 * A BIRD that an earlier run of ours left behind in the same directory is adopted, not restarted.
 * One that ends is started again after 0.5 to 30 s; one that does not answer is killed.
 *
 * It knows nothing of sites: what is in the file, and what the answers mean, is the caller's
 * business.
 */
#ifndef PLATFORM_OS_BIRD_H
#define PLATFORM_OS_BIRD_H

#include "platform/base/err.h"
#include "platform/base/strbuf.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct bird;
struct log;
struct loop;

enum bird_state {
	BIRD_OFF,      /* not wanted */
	BIRD_MISSING,  /* no program */
	BIRD_STARTING, /* started, does not answer yet */
	BIRD_RUNNING,
	BIRD_REFUSED, /* it does not like its configuration; an earlier one may be in force */
	BIRD_HUNG,    /* did not answer and was killed */
	BIRD_FAILED,  /* ended; started again soon */
};
const char *bird_state_name(enum bird_state s); /* "running" */

struct bird_status {
	enum bird_state state;
	char text[ERR_TEXT_MAX]; /* why, "" when all is well */
	char version[32];	 /* "2.0.12", "" unknown */
	pid_t pid;		 /* 0: none */
	bool adopted;
	unsigned restarts;
};

struct bird_callbacks {
	void *arg;
	/* Append the configuration that shall be in force; may hold passwords, out is wiped. */
	void (*write)(void *arg, struct strbuf *out);
	/* A configuration has come in force, or BIRD was found again. */
	void (*ready)(void *arg);
	void (*changed)(void *arg); /* bird_status is another one */
};

/* dir: where its files are, made when needed.  program NULL: where packages put it. */
struct bird *bird_new(struct loop *loop, const struct log *log, const char *dir,
		      const char *program, const struct bird_callbacks *callbacks);
/* Ends the process, when there is one. */
void bird_free(struct bird *b);
/* The configuration is another one now: put it in force, start BIRD when it does not run. */
void bird_configure(struct bird *b);
/* End the process; BIRD_OFF. */
void bird_stop(struct bird *b);
const struct bird_status *bird_status(const struct bird *b);
/* Path of the log that the configuration should name. */
const char *bird_log_path(const struct bird *b);

/* Ask on the control socket.  text: the reply without its codes, lines with \n; code: that of the
 * last line, 9999 when there was no reply.  ERR_WRONG_STATE: it does not run.  fn is always called
 * then, unless bird_forget was. */
typedef void bird_reply_fn(void *arg, unsigned code, const char *text);
#define BIRD_NO_REPLY 9999
int bird_ask(struct bird *b, const char *command, bird_reply_fn *fn, void *arg) WARN_UNUSED;
/* No call with this arg any more. */
void bird_forget(struct bird *b, const void *arg);

#endif
