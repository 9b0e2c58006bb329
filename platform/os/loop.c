/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Event loop of one thread.  Owns the epoll, timer and signal descriptors and the table of watches;
 * never owns a watched descriptor or a timer.
 *
 * One turn: wait, read the clock once, call back for ready descriptors, then for timers that were
 * due before the turn began (an answer that is already there beats its own retransmission timer).
 * The wait ends by a timerfd on CLOCK_BOOTTIME, because time spent suspended counts.
 *
 * A watch is found by descriptor and generation: an event of this turn for a descriptor that a
 * callback removed, even when its number is in use again, finds no watch and is dropped.
 */
#include "platform/os/loop.h"

#include "platform/base/list.h"
#include "platform/base/mem.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define EVENTS_PER_TURN 64
#define SIGNAL_MAX	64

struct watch {
	loop_fd_fn *fn; /* NULL: free */
	void *arg;
	uint32_t generation;
	unsigned events;
};

struct signal_watch {
	loop_signal_fn *fn;
	void *arg;
};

struct loop {
	int epoll_fd;
	int timer_fd;
	int signal_fd;	   /* -1 until the first loop_signal_add */
	uint64_t armed_ms; /* what timer_fd waits for; HEAP_NEVER: nothing */
	uint64_t now_ms;
	struct heap timers;
	struct watch *watches; /* by descriptor number */
	size_t watch_count;
	uint32_t next_generation;
	sigset_t signals;
	struct signal_watch signal_watches[SIGNAL_MAX + 1];
	bool in_turn;
	bool stopped;
	int status;
};

static uint64_t clock_ms(clockid_t id)
{
	struct timespec ts = {.tv_sec = 0};

	if (clock_gettime(id, &ts) != 0)
		abort();
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

uint64_t loop_clock_ms(void)
{
	return clock_ms(CLOCK_BOOTTIME);
}

uint64_t loop_wall_ms(void)
{
	return clock_ms(CLOCK_REALTIME);
}

uint64_t loop_now_ms(const struct loop *l)
{
	return l->now_ms;
}

static void timer_fd_ready(void *arg, int fd, unsigned events)
{
	struct loop *l = arg;
	uint64_t ticks;

	(void)events;
	if (read(fd, &ticks, sizeof(ticks)) == (ssize_t)sizeof(ticks))
		l->armed_ms = HEAP_NEVER;
}

struct loop *loop_new(struct err_msg *e)
{
	struct loop *l = mem_zalloc(sizeof(*l));

	heap_init(&l->timers);
	sigemptyset(&l->signals);
	l->signal_fd = -1;
	l->timer_fd = -1;
	l->armed_ms = HEAP_NEVER;
	l->now_ms = loop_clock_ms();
	l->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (l->epoll_fd < 0) {
		err_sys(e, errno, "event loop: epoll_create1");
		goto fail;
	}
	l->timer_fd = timerfd_create(CLOCK_BOOTTIME, TFD_NONBLOCK | TFD_CLOEXEC);
	if (l->timer_fd < 0) {
		err_sys(e, errno, "event loop: timerfd_create");
		goto fail;
	}
	if (loop_fd_add(l, l->timer_fd, LOOP_READ, timer_fd_ready, l) != 0) {
		err_sys(e, errno, "event loop: epoll_ctl");
		goto fail;
	}
	return l;
fail:
	loop_free(l);
	return NULL;
}

void loop_free(struct loop *l)
{
	if (l == NULL)
		return;
	heap_clear(&l->timers);
	if (l->signal_fd >= 0)
		close(l->signal_fd);
	if (l->timer_fd >= 0)
		close(l->timer_fd);
	if (l->epoll_fd >= 0)
		close(l->epoll_fd);
	free(l->watches);
	free(l);
}

static struct watch *watch_of(struct loop *l, int fd)
{
	if (fd < 0 || (size_t)fd >= l->watch_count || l->watches[fd].fn == NULL)
		return NULL;
	return &l->watches[fd];
}

static int watch_control(struct loop *l, int op, int fd, const struct watch *w)
{
	struct epoll_event ev = {.data.u64 = (uint64_t)w->generation << 32 | (uint32_t)fd};

	if (w->events & LOOP_READ)
		ev.events |= EPOLLIN;
	if (w->events & LOOP_WRITE)
		ev.events |= EPOLLOUT;
	return epoll_ctl(l->epoll_fd, op, fd, &ev) == 0 ? 0 : ERR_SYSTEM;
}

static void watches_reserve(struct loop *l, int fd)
{
	size_t count = l->watch_count == 0 ? 32 : l->watch_count;

	while (count <= (size_t)fd)
		count *= 2;
	if (count == l->watch_count)
		return;
	l->watches = mem_realloc_array(l->watches, count, sizeof(*l->watches));
	for (size_t i = l->watch_count; i < count; i++)
		l->watches[i] = (struct watch){.fn = NULL};
	l->watch_count = count;
}

int loop_fd_add(struct loop *l, int fd, unsigned events, loop_fd_fn *fn, void *arg)
{
	struct watch w = {.fn = fn, .arg = arg, .events = events};

	if (fd < 0 || fn == NULL)
		return ERR_INVALID;
	if (watch_of(l, fd) != NULL)
		return ERR_EXISTS;
	w.generation = l->next_generation++;
	if (watch_control(l, EPOLL_CTL_ADD, fd, &w) != 0)
		return ERR_SYSTEM;
	watches_reserve(l, fd);
	l->watches[fd] = w;
	return 0;
}

int loop_fd_change(struct loop *l, int fd, unsigned events)
{
	struct watch *w = watch_of(l, fd);
	struct watch changed;

	if (w == NULL)
		return ERR_NOT_FOUND;
	if (w->events == events)
		return 0;
	changed = *w;
	changed.events = events;
	if (watch_control(l, EPOLL_CTL_MOD, fd, &changed) != 0)
		return ERR_SYSTEM;
	*w = changed;
	return 0;
}

void loop_fd_remove(struct loop *l, int fd)
{
	struct watch *w = watch_of(l, fd);

	if (w == NULL)
		return;
	*w = (struct watch){.fn = NULL};
	(void)epoll_ctl(l->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
}

void loop_timer_set(struct loop *l, struct loop_timer *t, uint64_t due_ms)
{
	/* What is set during a turn sorts behind everything that was due in it. */
	if (l->in_turn && due_ms < l->now_ms)
		due_ms = l->now_ms;
	heap_set(&l->timers, &t->node, due_ms);
}

void loop_timer_cancel(struct loop *l, struct loop_timer *t)
{
	heap_remove(&l->timers, &t->node);
}

static void signal_fd_ready(void *arg, int fd, unsigned events)
{
	struct loop *l = arg;
	struct signalfd_siginfo info;

	(void)events;
	while (read(fd, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		const struct signal_watch *w;

		if (info.ssi_signo > SIGNAL_MAX)
			continue;
		w = &l->signal_watches[info.ssi_signo];
		if (w->fn != NULL)
			w->fn(w->arg, (int)info.ssi_signo);
	}
}

int loop_signal_add(struct loop *l, int signo, loop_signal_fn *fn, void *arg)
{
	sigset_t one;
	int fd;

	if (signo < 1 || signo > SIGNAL_MAX || fn == NULL)
		return ERR_INVALID;
	sigemptyset(&one);
	if (sigaddset(&one, signo) != 0 || sigaddset(&l->signals, signo) != 0)
		return ERR_INVALID;
	if (pthread_sigmask(SIG_BLOCK, &one, NULL) != 0)
		return ERR_SYSTEM;
	fd = signalfd(l->signal_fd, &l->signals, SFD_NONBLOCK | SFD_CLOEXEC);
	if (fd < 0)
		return ERR_SYSTEM;
	l->signal_watches[signo] = (struct signal_watch){.fn = fn, .arg = arg};
	if (l->signal_fd >= 0)
		return 0;
	l->signal_fd = fd;
	return loop_fd_add(l, fd, LOOP_READ, signal_fd_ready, l);
}

/* Make the wait end at the next due time; false when that is now or earlier. */
static bool arm_timer(struct loop *l)
{
	uint64_t due = heap_next_due(&l->timers);
	struct itimerspec spec = {.it_value.tv_sec = 0};

	if (due == HEAP_NEVER || due == l->armed_ms)
		return true;
	if (due <= loop_clock_ms())
		return false;
	spec.it_value.tv_sec = (time_t)(due / 1000);
	spec.it_value.tv_nsec = (long)(due % 1000 * 1000000);
	if (timerfd_settime(l->timer_fd, TFD_TIMER_ABSTIME, &spec, NULL) != 0)
		abort(); /* only possible with wrong arguments */
	l->armed_ms = due;
	return true;
}

static void dispatch_fd(struct loop *l, const struct epoll_event *ev)
{
	int fd = (int)(uint32_t)ev->data.u64;
	const struct watch *w = watch_of(l, fd);
	unsigned events = 0;

	if (w == NULL || w->generation != (uint32_t)(ev->data.u64 >> 32))
		return;
	if (ev->events & EPOLLIN)
		events |= LOOP_READ;
	if (ev->events & EPOLLOUT)
		events |= LOOP_WRITE;
	if (ev->events & (EPOLLHUP | EPOLLERR))
		events |= LOOP_HANGUP;
	/* A callback earlier in this turn may have asked for less. */
	events &= w->events | LOOP_HANGUP;
	if (events != 0)
		w->fn(w->arg, fd, events);
}

/* Fire what is due, except what was set since the turn began (order >= limit). */
static void dispatch_timers(struct loop *l, uint64_t limit)
{
	while (heap_next_due(&l->timers) <= l->now_ms && l->timers.nodes[0]->order < limit) {
		struct heap_node *node = heap_pop_due(&l->timers, l->now_ms);
		struct loop_timer *t = container_of(node, struct loop_timer, node);

		t->fn(t->arg);
	}
}

int loop_turn(struct loop *l, int max_wait_ms)
{
	struct epoll_event events[EVENTS_PER_TURN];
	uint64_t limit = l->timers.next_order;
	int wait_ms = arm_timer(l) ? max_wait_ms : 0;
	int n = epoll_wait(l->epoll_fd, events, EVENTS_PER_TURN, wait_ms);

	if (n < 0 && errno != EINTR)
		return ERR_SYSTEM;
	l->now_ms = loop_clock_ms();
	l->in_turn = true;
	for (int i = 0; i < n; i++)
		dispatch_fd(l, &events[i]);
	dispatch_timers(l, limit);
	l->in_turn = false;
	return 0;
}

int loop_run(struct loop *l)
{
	int rc = 0;

	while (rc == 0 && !l->stopped)
		rc = loop_turn(l, -1);
	l->stopped = false;
	return rc == 0 ? l->status : rc;
}

void loop_stop(struct loop *l, int status)
{
	l->stopped = true;
	l->status = status;
}
