/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One record for each name, with what it shall be and what the server has.  A record that is not as
 * it shall be waits in a queue; a message goes out for it; its answer decides about the next one:
 *
 *   nothing known -> CREATE -> done
 *                      `-> name in use -> REPLACE -> done (ours, of an earlier run)
 *                                            `-> not ours -> conflict, later again
 *   done, another address -> REPLACE -> done
 *                               `-> not ours any more -> CREATE ...
 *   not wanted -> REMOVE -> forgotten
 *
 * A lost answer only makes the message go out again: each of them may come twice.
 */
#include "dataplane/dns/dns_updater.h"

#include "platform/base/map.h"
#include "platform/base/mem.h"
#include "platform/os/loop.h"
#include "platform/os/rng.h"
#include "platform/os/udp.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define FIRST_WAIT_MS 1000
#define ROUND	      64 /* answers in a turn */

struct record {
	struct map_node node; /* key: name in lower case */
	struct list queue;    /* in waiting or conflicts, or alone */
	char name[DNS_NAME_MAX + 1];
	struct ip_addr wanted; /* IP_NONE: it shall go */
	struct ip_addr there;  /* that the server has taken; IP_NONE: not known, or none */
	bool done;	       /* nothing is to be sent */
	bool tried;	       /* the server may have it */
	bool ours;	       /* the server has it, and it carries our mark */
	bool in_use;	       /* the server has it, and nobody knows whose it is */
	bool conflict;
	bool flying;
	bool seen; /* since begin */
};

struct flight {
	struct record *record; /* NULL: free */
	enum dns_update_kind kind;
	struct ip_addr addr;
	uint64_t until_ms;
	struct dns_update_message message;
};

struct dns_updater {
	struct loop *loop;
	struct dns_updater_options o;
	struct map records;
	struct list waiting, conflicts;
	struct flight flights[DNS_UPDATER_WINDOW];
	size_t flying;
	struct loop_timer timer;
	int fd; /* -1: none */
	enum dns_update_result problem;
	unsigned failures;
	uint64_t problem_ms, hold_ms, conflict_ms, refresh_ms;
	struct dns_update_counts counts;
};

static void advance(struct dns_updater *u);

static bool is_right(const struct record *r)
{
	return r->done && !r->conflict && ip_addr_equal(&r->wanted, &r->there);
}

static void enqueue(struct dns_updater *u, struct record *r, bool first)
{
	if (r->flying)
		return;
	list_remove(&r->queue);
	list_init(&r->queue);
	if (first)
		list_prepend(&u->waiting, &r->queue);
	else
		list_append(&u->waiting, &r->queue);
}

static void forget(struct dns_updater *u, struct record *r)
{
	list_remove(&r->queue);
	map_remove(&u->records, &r->node);
	free(r);
}

static void close_socket(struct dns_updater *u)
{
	if (u->fd < 0)
		return;
	loop_fd_remove(u->loop, u->fd);
	close(u->fd);
	u->fd = -1;
}

/* ---- What comes of a message ------------------------------------------------------------------
 */

static void land(struct dns_updater *u, struct flight *f)
{
	f->record->flying = false;
	f->record = NULL;
	u->flying--;
}

/* Everything that is under way is sent again some time, from another port. */
static void land_all(struct dns_updater *u)
{
	for (size_t i = 0; i < DNS_UPDATER_WINDOW; i++) {
		struct record *r = u->flights[i].record;

		if (r == NULL)
			continue;
		land(u, &u->flights[i]);
		enqueue(u, r, true);
	}
	close_socket(u);
}

static void set_problem(struct dns_updater *u, enum dns_update_result problem)
{
	bool news = problem != u->problem;

	if (news && u->problem == DNS_UPDATE_DONE)
		u->problem_ms = loop_now_ms(u->loop);
	u->problem = problem;
	if (news && u->o.said != NULL)
		u->o.said(u->o.arg, NULL, problem);
}

static void fail(struct dns_updater *u, enum dns_update_result why)
{
	uint64_t wait_ms = FIRST_WAIT_MS;

	for (unsigned i = 0; i < u->failures && wait_ms < DNS_UPDATER_LONGEST_MS; i++)
		wait_ms *= 2;
	if (wait_ms > DNS_UPDATER_LONGEST_MS)
		wait_ms = DNS_UPDATER_LONGEST_MS;
	u->failures++;
	u->counts.failed++;
	u->hold_ms = loop_now_ms(u->loop) + wait_ms;
	land_all(u);
	set_problem(u, why);
}

static void conflict(struct dns_updater *u, struct record *r)
{
	bool news = !r->conflict;

	r->conflict = true;
	r->done = true;
	r->in_use = false;
	list_append(&u->conflicts, &r->queue);
	if (u->conflict_ms == 0)
		u->conflict_ms = loop_now_ms(u->loop) + DNS_UPDATER_CONFLICT_MS;
	if (news && u->o.said != NULL)
		u->o.said(u->o.arg, r->name, DNS_UPDATE_NAME_IN_USE);
}

static void done(struct dns_updater *u, struct record *r, const struct flight *sent)
{
	u->counts.done++;
	r->in_use = r->conflict = false;
	r->ours = sent->kind != DNS_UPDATE_REMOVE;
	r->there = r->ours ? sent->addr : (struct ip_addr){.family = IP_NONE};
	r->done = ip_addr_equal(&r->there, &r->wanted);
	if (r->done && !r->ours)
		forget(u, r);
	else if (!r->done)
		enqueue(u, r, true);
}

static void not_ours(struct dns_updater *u, struct record *r, enum dns_update_kind kind)
{
	bool someone = r->in_use;

	r->ours = r->in_use = false;
	r->there = (struct ip_addr){.family = IP_NONE};
	if (kind == DNS_UPDATE_REMOVE && !ip_addr_is_set(&r->wanted))
		forget(u, r); /* it has gone before, or is somebody else's */
	else if (someone && ip_addr_is_set(&r->wanted))
		conflict(u, r);
	else
		enqueue(u, r, true);
}

static void take_result(struct dns_updater *u, struct flight *f, enum dns_update_result result)
{
	struct record *r = f->record;
	const struct flight sent = {.kind = f->kind, .addr = f->addr};

	if (result > DNS_UPDATE_IGNORED) {
		fail(u, result);
		return;
	}
	land(u, f);
	u->failures = 0;
	u->hold_ms = 0;
	if (result == DNS_UPDATE_DONE) {
		done(u, r, &sent);
	} else if (result == DNS_UPDATE_NAME_IN_USE) {
		r->in_use = true;
		enqueue(u, r, true);
	} else {
		not_ours(u, r, sent.kind);
	}
	set_problem(u, DNS_UPDATE_DONE);
}

static void take_answer(struct dns_updater *u, struct view answer)
{
	struct reader r = reader_of(answer);
	uint16_t id = reader_u16(&r);

	for (size_t i = 0; i < DNS_UPDATER_WINDOW; i++) {
		struct flight *f = &u->flights[i];
		enum dns_update_result result;

		if (r.failed || f->record == NULL || f->message.id != id)
			continue;
		result = dns_update_read(answer, &f->message, &u->o.key);
		if (result != DNS_UPDATE_IGNORED)
			take_result(u, f, result);
		return;
	}
}

static void on_answer(void *arg, int fd, unsigned events)
{
	struct dns_updater *u = arg;
	uint8_t buf[DNS_ANSWER_MAX];

	(void)events;
	for (int i = 0; i < ROUND && u->fd == fd; i++) {
		ssize_t n = recv(fd, buf, sizeof(buf), 0);

		if (n >= 0) {
			take_answer(u, view_of(buf, (size_t)n));
			continue;
		}
		if (errno != EAGAIN && errno != EINTR)
			fail(u, errno == ECONNREFUSED ? DNS_UPDATE_PORT_CLOSED
						      : DNS_UPDATE_UNREACHABLE);
		break;
	}
	advance(u);
}

/* ---- Sending ----------------------------------------------------------------------------------
 */

static bool open_socket(struct dns_updater *u)
{
	struct err_msg e = {.text = ""};

	if (u->fd >= 0)
		return true;
	u->fd = udp_connect(&u->o.server, &e);
	if (u->fd < 0) {
		u->fd = -1;
		return false;
	}
	if (loop_fd_add(u->loop, u->fd, LOOP_READ, on_answer, u) == 0)
		return true;
	close(u->fd);
	u->fd = -1;
	return false;
}

/* Two messages under way never have the same number. */
static uint16_t new_id(const struct dns_updater *u)
{
	uint16_t id;
	bool taken;

	do {
		rng_bytes(&id, sizeof(id));
		taken = false;
		for (size_t i = 0; i < DNS_UPDATER_WINDOW; i++)
			taken = taken ||
				(u->flights[i].record != NULL && u->flights[i].message.id == id);
	} while (taken);
	return id;
}

static struct flight *free_flight(struct dns_updater *u)
{
	for (size_t i = 0; i < DNS_UPDATER_WINDOW; i++) {
		if (u->flights[i].record == NULL)
			return &u->flights[i];
	}
	return NULL;
}

static enum dns_update_kind kind_of(const struct record *r)
{
	if (!ip_addr_is_set(&r->wanted))
		return DNS_UPDATE_REMOVE;
	return r->ours || r->in_use ? DNS_UPDATE_REPLACE : DNS_UPDATE_CREATE;
}

/* False: the server cannot be asked now. */
static bool launch(struct dns_updater *u, struct record *r)
{
	struct flight *f = free_flight(u);
	struct dns_update x = {.kind = kind_of(r),
			       .zone = u->o.zone,
			       .name = r->name,
			       .addr = r->wanted};

	list_remove(&r->queue);
	list_init(&r->queue);
	if (dns_update_write(&x, &u->o.key, new_id(u), &f->message) != 0) {
		conflict(u, r); /* a name that cannot be */
		return true;
	}
	f->record = r;
	f->kind = x.kind;
	f->addr = r->wanted;
	f->until_ms = loop_now_ms(u->loop) + DNS_UPDATER_TIMEOUT_MS;
	r->flying = r->tried = true;
	u->flying++;
	if (send(u->fd, f->message.wire, f->message.len, MSG_NOSIGNAL) < 0 && errno != EAGAIN) {
		fail(u, errno == ECONNREFUSED ? DNS_UPDATE_PORT_CLOSED : DNS_UPDATE_UNREACHABLE);
		return false;
	}
	u->counts.sent++;
	return true;
}

static void send_some(struct dns_updater *u)
{
	size_t window = u->problem == DNS_UPDATE_DONE ? DNS_UPDATER_WINDOW : 1;

	while (!list_is_empty(&u->waiting) && u->flying < window &&
	       loop_now_ms(u->loop) >= u->hold_ms) {
		struct record *r = container_of(u->waiting.next, struct record, queue);

		if (!ip_addr_is_set(&r->wanted) && !r->tried) {
			forget(u, r);
			continue;
		}
		if (!open_socket(u)) {
			fail(u, DNS_UPDATE_UNREACHABLE);
			return;
		}
		if (!launch(u, r))
			return;
	}
}

static void expire(struct dns_updater *u)
{
	uint64_t now = loop_now_ms(u->loop);

	for (size_t i = 0; i < DNS_UPDATER_WINDOW; i++) {
		if (u->flights[i].record == NULL || u->flights[i].until_ms > now)
			continue;
		u->counts.timeouts++;
		fail(u, DNS_UPDATE_NO_ANSWER);
		return;
	}
}

/* Names of others may have become free; what the server had may have been lost. */
static void look_again(struct dns_updater *u)
{
	uint64_t now = loop_now_ms(u->loop);
	struct list *node, *after;

	if (u->conflict_ms != 0 && now >= u->conflict_ms) {
		u->conflict_ms = 0;
		list_for_each(node, after, &u->conflicts)
			enqueue(u, container_of(node, struct record, queue), false);
	}
	if (now < u->refresh_ms)
		return;
	u->refresh_ms = now + DNS_UPDATER_REFRESH_MS;
	list_for_each(node, after, &u->records.order)
	{
		struct map_node *m = container_of(node, struct map_node, order);
		struct record *r = container_of(m, struct record, node);

		if (is_right(r))
			enqueue(u, r, false);
	}
}

static void arm(struct dns_updater *u)
{
	uint64_t due = u->refresh_ms;

	for (size_t i = 0; i < DNS_UPDATER_WINDOW; i++) {
		if (u->flights[i].record != NULL && u->flights[i].until_ms < due)
			due = u->flights[i].until_ms;
	}
	if (!list_is_empty(&u->waiting) && u->flying == 0 && u->hold_ms < due)
		due = u->hold_ms;
	if (u->conflict_ms != 0 && u->conflict_ms < due)
		due = u->conflict_ms;
	loop_timer_set(u->loop, &u->timer, due);
}

static void advance(struct dns_updater *u)
{
	expire(u);
	look_again(u);
	send_some(u);
	arm(u);
}

static void on_timer(void *arg)
{
	advance(arg);
}

/* ---- What is wanted ---------------------------------------------------------------------------
 */

struct dns_updater *dns_updater_new(struct loop *loop, const struct dns_updater_options *o)
{
	struct dns_updater *u = mem_zalloc(sizeof(*u));

	u->loop = loop;
	u->o = *o;
	u->o.key.secret = SECRET_NONE;
	secret_copy(&u->o.key.secret, &o->key.secret);
	u->fd = -1;
	u->problem = DNS_UPDATE_DONE;
	map_init(&u->records, NULL);
	list_init(&u->waiting);
	list_init(&u->conflicts);
	u->timer = (struct loop_timer){.fn = on_timer, .arg = u};
	u->refresh_ms = loop_now_ms(loop) + DNS_UPDATER_REFRESH_MS;
	return u;
}

void dns_updater_key(struct dns_updater *u, const struct dns_key *key)
{
	struct secret old = u->o.key.secret;

	land_all(u);
	u->o.key = *key;
	u->o.key.secret = SECRET_NONE;
	secret_copy(&u->o.key.secret, &key->secret);
	secret_clear(&old);
	u->failures = 0;
	u->hold_ms = 0;
	u->refresh_ms = loop_now_ms(u->loop); /* is it a good one? */
	advance(u);
}

void dns_updater_silence(struct dns_updater *u)
{
	u->o.said = NULL;
}

void dns_updater_free(struct dns_updater *u)
{
	struct list *node, *after;

	if (u == NULL)
		return;
	loop_timer_cancel(u->loop, &u->timer);
	close_socket(u);
	list_for_each(node, after, &u->records.order)
	{
		struct map_node *m = container_of(node, struct map_node, order);

		forget(u, container_of(m, struct record, node));
	}
	map_clear(&u->records);
	secret_clear(&u->o.key.secret);
	free(u);
}

static struct record *find(const struct dns_updater *u, const char *name)
{
	char key[DNS_NAME_MAX + 1];
	struct map_node *node;
	size_t len = 0;

	for (; name[len] != '\0' && len < DNS_NAME_MAX; len++)
		key[len] = (char)tolower((unsigned char)name[len]);
	node = map_find(&u->records, key, len);
	return node == NULL ? NULL : container_of(node, struct record, node);
}

static struct record *add(struct dns_updater *u, const char *name)
{
	struct record *r = mem_zalloc(sizeof(*r));

	for (size_t i = 0; name[i] != '\0' && i < DNS_NAME_MAX; i++)
		r->name[i] = (char)tolower((unsigned char)name[i]);
	list_init(&r->queue);
	(void)map_insert(&u->records, &r->node, r->name, strlen(r->name));
	return r;
}

void dns_updater_begin(struct dns_updater *u)
{
	struct list *node, *after;

	list_for_each(node, after, &u->records.order)
	{
		struct map_node *m = container_of(node, struct map_node, order);

		container_of(m, struct record, node)->seen = false;
	}
}

static void want(struct dns_updater *u, struct record *r, const struct ip_addr *addr)
{
	if (ip_addr_equal(&r->wanted, addr) && ip_addr_is_set(addr))
		return;
	r->wanted = *addr;
	r->done = r->conflict = false;
	enqueue(u, r, false);
}

void dns_updater_put(struct dns_updater *u, const char *name, const struct ip_addr *addr)
{
	struct record *r = find(u, name);

	if (r == NULL)
		r = add(u, name);
	r->seen = true;
	want(u, r, addr);
}

void dns_updater_known(struct dns_updater *u, const char *name)
{
	struct record *r = find(u, name);

	if (r != NULL)
		return;
	r = add(u, name);
	r->tried = r->ours = true;
	enqueue(u, r, false);
}

void dns_updater_keep(struct dns_updater *u, const char *name)
{
	struct record *r = find(u, name);

	if (r != NULL)
		r->seen = true;
}

void dns_updater_end(struct dns_updater *u)
{
	const struct ip_addr none = {.family = IP_NONE};
	struct list *node, *after;

	list_for_each(node, after, &u->records.order)
	{
		struct map_node *m = container_of(node, struct map_node, order);
		struct record *r = container_of(m, struct record, node);

		if (!r->seen && ip_addr_is_set(&r->wanted))
			want(u, r, &none);
	}
	advance(u);
}

void dns_updater_each(const struct dns_updater *u, void (*fn)(void *arg, const char *name),
		      void *arg)
{
	struct list *node, *after;

	list_for_each(node, after, &u->records.order)
	{
		struct map_node *m = container_of(node, struct map_node, order);

		fn(arg, container_of(m, struct record, node)->name);
	}
}

bool dns_updater_is_empty(const struct dns_updater *u)
{
	return u->records.count == 0;
}

const struct dns_update_counts *dns_updater_counts(const struct dns_updater *u)
{
	return &u->counts;
}

void dns_updater_status(const struct dns_updater *u, struct dns_updater_status *out)
{
	struct list *node, *after;

	*out = (struct dns_updater_status){.problem = u->problem,
					   .since_ms = u->problem_ms,
					   .next_ms = u->hold_ms,
					   .counts = u->counts};
	list_for_each(node, after, &u->records.order)
	{
		struct map_node *m = container_of(node, struct map_node, order);
		const struct record *r = container_of(m, struct record, node);

		if (r->conflict)
			out->conflicts++;
		else if (is_right(r))
			out->published++;
		else
			out->waiting++;
	}
}

const char *dns_updater_state(const struct dns_updater *u, const char *name)
{
	const struct record *r = find(u, name);

	if (r == NULL)
		return NULL;
	return r->conflict ? "conflict" : is_right(r) ? "published" : "waiting";
}
