/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The control socket of BIRD: commands in order, each with one reply of several lines ("1002-text",
 * " text" for the same code again, "0000 text" the last).  Knows nothing of processes.
 */
#ifndef PLATFORM_OS_BIRD_LINK_H
#define PLATFORM_OS_BIRD_LINK_H

#include "platform/os/bird.h"

struct bird_link;

struct bird_link_callbacks {
	void *arg;
	void (*greeted)(void *arg, const char *text); /* "BIRD 2.0.12 ready.\n" */
	/* The other side has closed it, or hung is true: no reply in time.  The link is closed. */
	void (*lost)(void *arg, bool hung);
};

struct bird_link *bird_link_new(struct loop *loop, const struct bird_link_callbacks *callbacks);
void bird_link_free(struct bird_link *l);
/* ERR_SYSTEM: nobody listens there.  pid: who does. */
int bird_link_open(struct bird_link *l, const char *path, pid_t *pid,
		   struct err_msg *e) WARN_UNUSED;
/* All that wait for replies are told that there is none. */
void bird_link_close(struct bird_link *l);
bool bird_link_is_open(const struct bird_link *l);
int bird_link_ask(struct bird_link *l, const char *command, bird_reply_fn *fn,
		  void *arg) WARN_UNUSED;
void bird_link_forget(struct bird_link *l, const void *arg);

#endif
