/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The event loop of one thread: file descriptors (epoll), timers (one heap) and signals
 * (signalfd).  Time is CLOCK_BOOTTIME in milliseconds, read once per turn.
 */
#ifndef PLATFORM_OS_LOOP_H
#define PLATFORM_OS_LOOP_H

#include "platform/base/err.h"
#include "platform/base/heap.h"

#include <stdbool.h>
#include <stdint.h>

struct loop;

enum loop_event { LOOP_READ = 1, LOOP_WRITE = 2, LOOP_HANGUP = 4 };

typedef void loop_fd_fn(void *arg, int fd, unsigned events);
typedef void loop_timer_fn(void *arg);
typedef void loop_signal_fn(void *arg, int signo);

/* Embedded in the owner; zero-initialise, then set fn and arg. */
struct loop_timer {
	struct heap_node node;
	loop_timer_fn *fn;
	void *arg;
};

struct loop *loop_new(struct err_msg *e); /* NULL with e filled */
void loop_free(struct loop *l);

/* Watch fd for events (enum loop_event bits); HANGUP is always reported.  fd stays the caller's. */
int loop_fd_add(struct loop *l, int fd, unsigned events, loop_fd_fn *fn, void *arg) WARN_UNUSED;
int loop_fd_change(struct loop *l, int fd, unsigned events) WARN_UNUSED;
/* Safe inside callbacks; no callback for fd comes afterwards.  Call before close(fd). */
void loop_fd_remove(struct loop *l, int fd);

/* (Re)arm to fire once at due_ms (absolute, loop_now_ms base); in the past means next turn. */
void loop_timer_set(struct loop *l, struct loop_timer *t, uint64_t due_ms);
void loop_timer_cancel(struct loop *l, struct loop_timer *t);

/* Block signo for the process and deliver it here. */
int loop_signal_add(struct loop *l, int signo, loop_signal_fn *fn, void *arg) WARN_UNUSED;

uint64_t loop_now_ms(const struct loop *l); /* time of this turn */
uint64_t loop_clock_ms(void);		    /* time of this instant (CLOCK_BOOTTIME) */
uint64_t loop_wall_ms(void);		    /* milliseconds since 1970 UTC, for log stamps only */

/* Run until loop_stop; returns the status given there, or ERR_SYSTEM. */
int loop_run(struct loop *l);
void loop_stop(struct loop *l, int status);
/* One turn, waiting at most max_wait_ms; for tests. */
int loop_turn(struct loop *l, int max_wait_ms) WARN_UNUSED;

#endif
