/* SPDX-License-Identifier: GPL-3.0-or-later */
/* loop.c: order of timers, and watches that change while their events are being delivered. */
#include "platform/base/mem.h"
#include "platform/os/loop.h"
#include "tests/unit/platform/suite.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct loop *new_loop(void)
{
	struct err_msg e;
	struct loop *l = loop_new(&e);

	ck_assert_msg(l != NULL, "%s", e.text);
	return l;
}

static void turn(struct loop *l)
{
	ck_assert_int_eq(loop_turn(l, 0), 0);
}

/* timers */

struct trace {
	struct loop *l;
	char text[64];
};

struct marked_timer {
	struct loop_timer timer;
	struct trace *trace;
	char mark;
	struct marked_timer *cancel; /* when it fires */
	struct marked_timer *set;    /* when it fires, for a time long past */
};

static void fire(void *arg)
{
	struct marked_timer *t = arg;
	size_t len = strlen(t->trace->text);

	ck_assert_uint_lt(len + 1, sizeof(t->trace->text));
	t->trace->text[len] = t->mark;
	t->trace->text[len + 1] = '\0';
	if (t->cancel != NULL)
		loop_timer_cancel(t->trace->l, &t->cancel->timer);
	if (t->set != NULL)
		loop_timer_set(t->trace->l, &t->set->timer, 1);
}

static struct marked_timer marked(struct trace *trace, char mark)
{
	struct marked_timer t = {.trace = trace, .mark = mark};

	t.timer.fn = fire;
	return t;
}

static void arm(struct marked_timer *t, uint64_t due_ms)
{
	t->timer.arg = t;
	loop_timer_set(t->trace->l, &t->timer, due_ms);
}

START_TEST(test_timers_fire_in_order)
{
	struct trace trace = {.l = new_loop()};
	struct marked_timer a = marked(&trace, 'a'), b = marked(&trace, 'b');
	struct marked_timer c = marked(&trace, 'c'), d = marked(&trace, 'd');
	uint64_t now = loop_now_ms(trace.l);

	arm(&c, now - 1);
	arm(&a, now - 3);
	arm(&b, now - 3);
	arm(&d, now + 3600000);
	turn(trace.l);
	ck_assert_str_eq(trace.text, "abc");
	turn(trace.l);
	ck_assert_str_eq(trace.text, "abc"); /* once */
	arm(&d, 1);			     /* moved */
	turn(trace.l);
	ck_assert_str_eq(trace.text, "abcd");
	loop_free(trace.l);
}
END_TEST

START_TEST(test_timer_cancelled_by_another)
{
	struct trace trace = {.l = new_loop()};
	struct marked_timer a = marked(&trace, 'a'), b = marked(&trace, 'b');

	a.cancel = &b;
	b.cancel = &a;
	arm(&a, 1);
	arm(&b, 1);
	turn(trace.l);
	turn(trace.l);
	ck_assert_str_eq(trace.text, "a");
	loop_timer_cancel(trace.l, &b.timer); /* harmless */
	loop_free(trace.l);
}
END_TEST

/* A timer that sets itself for the past fires each turn, not for ever in one; and what it sets
 * does not overtake a timer that was due before. */
START_TEST(test_timer_set_in_the_past_waits_a_turn)
{
	struct trace trace = {.l = new_loop()};
	struct marked_timer a = marked(&trace, 'a'), b = marked(&trace, 'b');

	a.set = &a;
	a.timer.arg = &a;
	arm(&a, 1);
	arm(&b, 2);
	turn(trace.l);
	ck_assert_str_eq(trace.text, "ab");
	turn(trace.l);
	ck_assert_str_eq(trace.text, "aba");
	loop_free(trace.l);
}
END_TEST

static void stop_loop(void *arg)
{
	loop_stop(arg, 42);
}

START_TEST(test_run_until_stop)
{
	struct loop *l = new_loop();
	uint64_t begin = loop_clock_ms();
	struct loop_timer t = {.fn = stop_loop, .arg = l};

	loop_timer_set(l, &t, begin + 15);
	ck_assert_int_eq(loop_run(l), 42);
	ck_assert_uint_ge(loop_clock_ms(), begin + 15);
	ck_assert_uint_ge(loop_now_ms(l), begin + 15);
	loop_timer_set(l, &t, begin + 20);
	ck_assert_int_eq(loop_run(l), 42); /* can run again */
	loop_free(l);
}
END_TEST

/* The timer that the wait was armed for goes; a later one must still end the wait. */
START_TEST(test_rearm_after_cancel)
{
	struct loop *l = new_loop();
	uint64_t begin = loop_clock_ms();
	struct loop_timer early = {.fn = stop_loop, .arg = l};
	struct loop_timer late = {.fn = stop_loop, .arg = l};

	loop_timer_set(l, &early, begin + 5);
	turn(l);
	loop_timer_cancel(l, &early);
	loop_timer_set(l, &late, begin + 20);
	ck_assert_int_eq(loop_run(l), 42);
	ck_assert_uint_ge(loop_now_ms(l), begin + 20);
	loop_timer_set(l, &late, loop_clock_ms() + 3600000);
	turn(l);
	loop_timer_set(l, &early, loop_clock_ms() + 5); /* and an earlier one, too */
	ck_assert_int_eq(loop_run(l), 42);
	loop_free(l);
}
END_TEST

/* descriptors */

struct end {
	struct loop *l;
	int read_fd;
	int write_fd;
	int calls;
	unsigned events;
	struct end *remove; /* when called */
	struct end *reopen; /* when called: remove, close, and watch a new pipe of that number */
	bool drain;
	int add_watches; /* when called: grow the table */
};

static void called(void *arg, int fd, unsigned events)
{
	struct end *p = arg;
	char c;

	ck_assert_int_eq(fd, p->read_fd);
	p->calls++;
	p->events = events;
	if (p->drain)
		ck_assert_int_eq(read(fd, &c, 1), 1);
	if (p->remove != NULL)
		loop_fd_remove(p->l, p->remove->read_fd);
	if (p->reopen != NULL) {
		struct end *o = p->reopen;
		int fresh[2];

		loop_fd_remove(p->l, o->read_fd);
		ck_assert_int_eq(pipe2(fresh, O_CLOEXEC), 0);
		ck_assert_int_eq(dup2(fresh[0], o->read_fd), o->read_fd);
		close(fresh[0]);
		close(o->write_fd);
		o->write_fd = fresh[1];
		ck_assert_int_eq(loop_fd_add(p->l, o->read_fd, LOOP_READ, called, o), 0);
		p->reopen = NULL;
		o->reopen = NULL;
	}
	for (; p->add_watches > 0; p->add_watches--) {
		int copy = fcntl(fd, F_DUPFD_CLOEXEC, 100 + 20 * p->add_watches);

		ck_assert_int_ge(copy, 0);
		ck_assert_int_eq(loop_fd_add(p->l, copy, 0, called, p), 0);
		loop_fd_remove(p->l, copy);
		close(copy);
	}
}

static struct end open_end(struct loop *l)
{
	struct end p = {.l = l};
	int fds[2];

	ck_assert_int_eq(pipe2(fds, O_NONBLOCK | O_CLOEXEC), 0);
	p.read_fd = fds[0];
	p.write_fd = fds[1];
	return p;
}

static void watch(struct end *p)
{
	ck_assert_int_eq(loop_fd_add(p->l, p->read_fd, LOOP_READ, called, p), 0);
}

static void poke(const struct end *p)
{
	ck_assert_int_eq(write(p->write_fd, "x", 1), 1);
}

static void close_end(struct end *p)
{
	loop_fd_remove(p->l, p->read_fd);
	close(p->read_fd);
	if (p->write_fd >= 0)
		close(p->write_fd);
}

START_TEST(test_fd_read_and_errors)
{
	struct loop *l = new_loop();
	struct end p = open_end(l);

	watch(&p);
	ck_assert_int_eq(loop_fd_add(l, p.read_fd, LOOP_READ, called, &p), ERR_EXISTS);
	ck_assert_int_eq(loop_fd_add(l, -1, LOOP_READ, called, &p), ERR_INVALID);
	ck_assert_int_eq(loop_fd_add(l, 9999, LOOP_READ, called, &p), ERR_SYSTEM);
	ck_assert_int_eq(loop_fd_change(l, 9999, LOOP_READ), ERR_NOT_FOUND);
	loop_fd_remove(l, 9999);
	turn(l);
	ck_assert_int_eq(p.calls, 0);
	poke(&p);
	turn(l);
	turn(l); /* level-triggered */
	ck_assert_int_eq(p.calls, 2);
	ck_assert_uint_eq(p.events, LOOP_READ);
	ck_assert_int_eq(loop_fd_change(l, p.read_fd, 0), 0);
	turn(l);
	ck_assert_int_eq(p.calls, 2);
	ck_assert_int_eq(loop_fd_change(l, p.read_fd, LOOP_READ), 0);
	turn(l);
	ck_assert_int_eq(p.calls, 3);
	close_end(&p);
	loop_free(l);
}
END_TEST

START_TEST(test_fd_hangup_without_asking)
{
	struct loop *l = new_loop();
	struct end p = open_end(l);

	ck_assert_int_eq(loop_fd_add(l, p.read_fd, 0, called, &p), 0);
	close(p.write_fd);
	p.write_fd = -1;
	turn(l);
	ck_assert_int_eq(p.calls, 1);
	ck_assert_uint_eq(p.events, LOOP_HANGUP);
	close_end(&p);
	loop_free(l);
}
END_TEST

static void can_write(void *arg, int fd, unsigned events)
{
	(void)fd;
	*(unsigned *)arg = events;
}

START_TEST(test_fd_write)
{
	struct loop *l = new_loop();
	struct end p = open_end(l);
	unsigned events = 0;

	ck_assert_int_eq(loop_fd_add(l, p.write_fd, LOOP_WRITE, can_write, &events), 0);
	turn(l);
	ck_assert_uint_eq(events, LOOP_WRITE);
	loop_fd_remove(l, p.write_fd);
	close_end(&p);
	loop_free(l);
}
END_TEST

/* Both are ready in the same turn; whichever comes first removes the other. */
START_TEST(test_fd_removed_by_another)
{
	struct loop *l = new_loop();
	struct end a = open_end(l), b = open_end(l);

	a.remove = &b;
	b.remove = &a;
	watch(&a);
	watch(&b);
	poke(&a);
	poke(&b);
	turn(l);
	ck_assert_int_eq(a.calls + b.calls, 1);
	close_end(&a);
	close_end(&b);
	loop_free(l);
}
END_TEST

START_TEST(test_fd_removes_itself)
{
	struct loop *l = new_loop();
	struct end a = open_end(l);

	a.remove = &a;
	watch(&a);
	poke(&a);
	turn(l);
	turn(l);
	ck_assert_int_eq(a.calls, 1);
	watch(&a); /* may come back */
	turn(l);
	ck_assert_int_eq(a.calls, 2);
	close_end(&a);
	loop_free(l);
}
END_TEST

/* The number is in use again by a pipe without data: the old event must not reach it. */
START_TEST(test_fd_number_reused_in_callback)
{
	struct loop *l = new_loop();
	struct end a = open_end(l), b = open_end(l);
	struct end *other;

	a.reopen = &b;
	b.reopen = &a;
	watch(&a);
	watch(&b);
	poke(&a);
	poke(&b);
	turn(l);
	ck_assert_int_eq(a.calls + b.calls, 1);
	other = a.calls == 1 ? &b : &a;
	poke(other);
	turn(l);
	ck_assert_int_eq(other->calls, 1); /* but the new one is alive */
	close_end(&a);
	close_end(&b);
	loop_free(l);
}
END_TEST

START_TEST(test_fd_table_grows_in_callback)
{
	struct loop *l = new_loop();
	struct end a = open_end(l), b = open_end(l);

	a.add_watches = b.add_watches = 30;
	a.drain = b.drain = true;
	watch(&a);
	watch(&b);
	poke(&a);
	poke(&b);
	turn(l);
	ck_assert_int_eq(a.calls, 1);
	ck_assert_int_eq(b.calls, 1);
	close_end(&a);
	close_end(&b);
	loop_free(l);
}
END_TEST

/* Data that is there cancels a timer that is due: descriptors go first. */
static void cancel_timer(void *arg, int fd, unsigned events)
{
	struct marked_timer *t = arg;

	(void)fd;
	(void)events;
	loop_timer_cancel(t->trace->l, &t->timer);
}

START_TEST(test_data_beats_due_timer)
{
	struct trace trace = {.l = new_loop()};
	struct marked_timer t = marked(&trace, 't');
	struct end p = open_end(trace.l);

	ck_assert_int_eq(loop_fd_add(trace.l, p.read_fd, LOOP_READ, cancel_timer, &t), 0);
	poke(&p);
	arm(&t, 1);
	turn(trace.l);
	ck_assert_str_eq(trace.text, "");
	close_end(&p);
	loop_free(trace.l);
}
END_TEST

static void count_signal(void *arg, int signo)
{
	int *counts = arg;

	counts[signo]++;
}

START_TEST(test_signals)
{
	struct loop *l = new_loop();
	int counts[65] = {0};

	ck_assert_int_eq(loop_signal_add(l, SIGUSR1, count_signal, counts), 0);
	ck_assert_int_eq(loop_signal_add(l, SIGTERM, count_signal, counts), 0);
	ck_assert_int_eq(loop_signal_add(l, 0, count_signal, counts), ERR_INVALID);
	ck_assert_int_eq(loop_signal_add(l, 65, count_signal, counts), ERR_INVALID);
	ck_assert_int_eq(kill(getpid(), SIGUSR1), 0);
	ck_assert_int_eq(kill(getpid(), SIGTERM), 0);
	turn(l);
	ck_assert_int_eq(counts[SIGUSR1], 1);
	ck_assert_int_eq(counts[SIGTERM], 1);
	loop_free(l);
}
END_TEST

START_TEST(test_clocks)
{
	uint64_t wall = loop_wall_ms();

	ck_assert_uint_gt(wall, UINT64_C(1600000000000));
	ck_assert_uint_gt(loop_clock_ms(), 0);
	loop_free(NULL);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		test_timers_fire_in_order,
		test_timer_cancelled_by_another,
		test_timer_set_in_the_past_waits_a_turn,
		test_run_until_stop,
		test_rearm_after_cancel,
		test_fd_read_and_errors,
		test_fd_hangup_without_asking,
		test_fd_write,
		test_fd_removed_by_another,
		test_fd_removes_itself,
		test_fd_number_reused_in_callback,
		test_fd_table_grows_in_callback,
		test_data_beats_due_timer,
		test_signals,
		test_clocks,
	};

	return run_cases("loop", tests, ARRAY_LEN(tests));
}
