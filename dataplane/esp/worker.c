/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The worker's thread: waits on its devices and sockets, and runs one batch of each that is ready.
 * Pointers to published objects are held within one turn only; epoll carries site numbers, so that
 * an event of a site that is gone finds nothing.
 */
#include "dataplane/esp/worker.h"

#include "dataplane/esp/stat_store.h"
#include "dataplane/esp/worker_impl.h"
#include "platform/base/mem.h"
#include "platform/os/loop.h"
#include "platform/os/origin.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#define EVENT_RING 65536 /* octets */
#define IKE_RING   262144
#define READY_MAX  64
#define NS_PER_S   UINT64_C(1000000000)

/* epoll data: kind in the high half, way or site number in the low one. */
enum source { SOURCE_STOP, SOURCE_SOCKET, SOURCE_SITE };

static uint64_t source_data(enum source kind, uint32_t number)
{
	return (uint64_t)kind << 32 | number;
}

bool esp_worker_report(struct esp_worker *w, const struct esp_event *ev)
{
	if (!ring_put(w->events, view_of(ev, sizeof(*ev)), view_of(NULL, 0)))
		return false;
	w->notify = true;
	return true;
}

/* One batch of what is ready; false: time to end. */
static bool serve(struct esp_worker *w, uint64_t data)
{
	struct esp_shared *s = w->shared;
	struct esp_site *site;

	switch ((enum source)(data >> 32)) {
	case SOURCE_STOP:
		return false;
	case SOURCE_SOCKET:
		esp_rx_batch(w, (enum esp_way)(uint32_t)data);
		break;
	case SOURCE_SITE:
		site = atomic_load(&s->sites[(uint32_t)data]);
		if (site != NULL)
			esp_tx_batch(w, site);
		break;
	}
	return true;
}

static uint64_t clock_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

/* After a turn that began at w->turn.woke_ns. */
static void take_place(struct esp_worker *w)
{
	struct esp_visit v = {.woke_ns = w->turn.woke_ns,
			      .ended_ns = clock_ns(),
			      .more = w->more,
			      .origin = w->from,
			      .own = sched_getcpu()};
	int to = esp_place_turn(&w->place, &v);
	cpu_set_t set;

	if (to == ESP_PLACE_KEEP)
		return;
	set = w->anywhere;
	if (to >= 0 && CPU_ISSET((size_t)to, &set)) {
		CPU_ZERO(&set);
		CPU_SET((size_t)to, &set);
	}
	(void)sched_setaffinity(0, sizeof(set), &set);
}

/* Between two turns: others have their batch, or packets gather. */
static void rest(struct esp_worker *w)
{
	struct timespec nap = {.tv_nsec = 0};

	w->turn.more = w->more;
	nap.tv_nsec = esp_pace_turn(&w->pace, &w->turn);
	if (w->more) {
		sched_yield();
	} else if (nap.tv_nsec != 0) {
		(void)nanosleep(&nap, NULL);
		esp_pace_rested(&w->pace, clock_ns());
	}
	w->more = false;
}

/* Until something is ready, or a packet that waits may go. */
static int wait_ready(const struct esp_worker *w, struct epoll_event *ready)
{
	struct timespec t = {.tv_sec = 0};
	uint64_t now_ns;

	if (w->wake_ns == 0)
		return epoll_wait(w->epoll_fd, ready, READY_MAX, -1);
	now_ns = clock_ns();
	if (w->wake_ns > now_ns) {
		t.tv_sec = (time_t)((w->wake_ns - now_ns) / NS_PER_S);
		t.tv_nsec = (long)((w->wake_ns - now_ns) % NS_PER_S);
	}
	return epoll_pwait2(w->epoll_fd, ready, READY_MAX, &t, NULL);
}

static void *worker_main(void *arg)
{
	struct esp_worker *w = arg;
	struct epoll_event ready[READY_MAX];
	const uint64_t one = 1;
	bool running = true;

	/* by itself: for another thread the name would be written to /proc, which is closed */
	(void)pthread_setname_np(pthread_self(), "esp");
	while (running) {
		int n = wait_ready(w, ready);

		w->turn = (struct esp_turn){.woke_ns = clock_ns()};
		w->from = w->origin == NULL ? -1 : origin_processor(w->origin);
		grace_enter(&w->shared->grace, w->number);
		w->now_ms = loop_clock_ms();
		for (int i = 0; i < n; i++)
			running &= serve(w, ready[i].data.u64);
		if (w->tx != NULL)
			w->wake_ns = esp_tx_drain(w);
		grace_leave(&w->shared->grace, w->number);
		if (w->notify && write(w->shared->notify_fd, &one, sizeof(one)) == sizeof(one))
			w->notify = false;
		if (w->origin != NULL && w->turn.packets != 0)
			take_place(w);
		rest(w);
	}
	return NULL;
}

static int watch(struct esp_worker *w, int fd, uint64_t data)
{
	struct epoll_event ev = {.events = EPOLLIN, .data = {.u64 = data}};

	return epoll_ctl(w->epoll_fd, EPOLL_CTL_ADD, fd, &ev) == 0 ? 0 : errno;
}

/* Where it is refused, packets are not followed: no more. */
static void look_at_origin(struct esp_worker *w,
			   int (*look)(struct origin *, int, struct err_msg *), int fd)
{
	struct err_msg e = {.text = ""};

	if (w->origin != NULL && look(w->origin, fd, &e) != 0)
		return;
}

static int watch_fixed(struct esp_worker *w)
{
	const int *sockets = w->shared->in[w->receiver];
	int rc = watch(w, w->stop_fd, source_data(SOURCE_STOP, 0));

	for (unsigned way = 0; way < ESP_WAYS && w->rx != NULL && rc == 0; way++) {
		if (sockets[way] < 0)
			continue;
		esp_udp_prepare(sockets[way]);
		if (!esp_way_is_raw((enum esp_way)way) || w->shared->in[1][way] < 0)
			look_at_origin(w, origin_watch_socket, sockets[way]);
		rc = watch(w, sockets[way], source_data(SOURCE_SOCKET, way));
	}
	return rc;
}

/* Packets go before other programs, as they do in a kernel; the system keeps a share of each
 * processor for those.  Where this is not allowed, all are equal. */
static void go_first(struct esp_worker *w)
{
	const struct sched_param first = {.sched_priority = sched_get_priority_min(SCHED_RR)};

	(void)pthread_setschedparam(w->thread, SCHED_RR, &first);
}

/* Signals belong to the main loop. */
static int start_thread(struct esp_worker *w)
{
	sigset_t all, old;
	int rc;

	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &old);
	rc = pthread_create(&w->thread, NULL, worker_main, w);
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
	w->started = rc == 0;
	if (w->started)
		go_first(w);
	return rc;
}

/* To the processors that they come to. */
static void follow_packets(struct esp_worker *w)
{
	struct err_msg e = {.text = ""};

	esp_place_init(&w->place, (unsigned)getpid() + w->number);
	if (sched_getaffinity(0, sizeof(w->anywhere), &w->anywhere) == 0 &&
	    CPU_COUNT(&w->anywhere) > 1)
		w->origin = origin_new(&e);
}

struct esp_worker *esp_worker_start(struct esp_shared *shared, unsigned number,
				    const struct esp_role *role, struct err_msg *e)
{
	struct esp_worker *w = mem_zalloc(sizeof(*w));
	int rc = 0;

	w->shared = shared;
	w->number = number;
	w->stats = esp_stat_store_of(shared->stats, number);
	w->events = ring_new(EVENT_RING);
	w->ike = ring_new(IKE_RING);
	w->engine = esp_engine_new(ESP_ENGINE_BEST);
	w->receiver = role->receiver;
	w->rx = role->receives ? esp_rx_path_new() : NULL;
	w->tx = role->sends ? esp_tx_path_new() : NULL;
	follow_packets(w);
	w->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	w->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (w->stop_fd < 0 || w->epoll_fd < 0)
		rc = errno;
	if (rc == 0)
		rc = watch_fixed(w);
	if (rc == 0)
		rc = start_thread(w);
	if (rc != 0) {
		(void)err_sys(e, rc, "ESP worker");
		esp_worker_stop(w);
		return NULL;
	}
	return w;
}

static void let_go(const struct esp_worker *w, int fd)
{
	esp_udp_restore(fd);
	if (w->origin != NULL)
		origin_leave_socket(fd);
}

void esp_worker_stop(struct esp_worker *w)
{
	const uint64_t one = 1;

	if (w == NULL)
		return;
	if (w->started && write(w->stop_fd, &one, sizeof(one)) == sizeof(one))
		(void)pthread_join(w->thread, NULL);
	for (unsigned way = 0; way < ESP_WAYS && w->rx != NULL; way++)
		let_go(w, w->shared->in[w->receiver][way]);
	if (w->stop_fd >= 0)
		(void)close(w->stop_fd);
	if (w->epoll_fd >= 0)
		(void)close(w->epoll_fd);
	ring_free(w->events);
	ring_free(w->ike);
	origin_free(w->origin);
	esp_engine_free(w->engine);
	esp_rx_path_free(w->rx);
	esp_tx_path_free(w->tx);
	free(w);
}

int esp_worker_watch(struct esp_worker *w, const struct esp_site *s, struct err_msg *e)
{
	int rc = watch(w, s->tun, source_data(SOURCE_SITE, s->index));

	look_at_origin(w, origin_watch_tun, s->tun);
	return rc == 0 ? 0 : err_sys(e, rc, "device ips%u: epoll", s->index);
}

void esp_worker_unwatch(struct esp_worker *w, const struct esp_site *s)
{
	(void)epoll_ctl(w->epoll_fd, EPOLL_CTL_DEL, s->tun, NULL);
}

bool esp_worker_event(struct esp_worker *w, struct esp_event *out)
{
	size_t len;

	return ring_get(w->events, out, sizeof(*out), NULL, 0, &len);
}

bool esp_worker_ike(struct esp_worker *w, struct esp_ike_head *head, void *buf, size_t cap,
		    size_t *len)
{
	return ring_get(w->ike, head, sizeof(*head), buf, cap, len);
}

const struct esp_stats *esp_worker_stats(const struct esp_worker *w)
{
	return &w->stats;
}
