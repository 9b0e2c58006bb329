/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A receiver:
 *
 *   IDLE --story, test--> GATHERING (timer) --> SENDING --taken--> IDLE, or GATHERING when more
 * wait ^                    |
 *                             +--- retry timer ----+ refused, unreachable, silent
 */
#include "commands/notify.h"

#include "commands/commands_state.h"
#include "commands/notify_text.h"
#include "commands/repeat.h"
#include "dataplane/event.h"
#include "dataplane/site/stories.h"
#include "platform/base/mem.h"
#include "platform/os/loop.h"
#include "platform/os/transfer.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct waiting {
	uint64_t story, since_ms;
	uint32_t repeats;
};

struct receiver {
	struct notify *all;
	const char *kind;      /* "webhook", "email" */
	char url[BOX_URL_MAX]; /* webhook */
	char name[RECEIVER_NAME_MAX];
	struct waiting *waiting; /* the first `batch` of them are under way */
	size_t count, batch;
	bool test, testing; /* wanted, under way */
	struct transfer *transfer;
	struct loop_timer timer;
	uint64_t due_ms, last_ms; /* of the timer; the last message */
	uint32_t retry_ms;	  /* 0: all is well */
	uint64_t sent, lost, lost_told, failures, sent_wall_ms;
	char trouble[RECEIVER_TEXT_MAX];
};

struct notify {
	struct commands *commands;
	struct event_listener listener;
	struct transfers *transfers; /* NULL: nothing was sent yet */
	struct box_notify config;
	struct repeat *repeat;
	struct loop_timer repeat_timer;
	struct receiver *receivers[NOTIFY_RECEIVERS];
	size_t count;
};

static uint64_t now_of(const struct notify *n)
{
	return loop_now_ms(n->commands->loop);
}

/* ---- Queue ----------------------------------------------------------------------------------- */

static void remove_waiting(struct receiver *r, size_t from, size_t count)
{
	memmove(&r->waiting[from], &r->waiting[from + count],
		(r->count - from - count) * sizeof(r->waiting[0]));
	r->count -= count;
}

static bool is_mail(const struct receiver *r)
{
	return r->url[0] == '\0';
}

static void arm(struct receiver *r, uint64_t due_ms)
{
	r->due_ms = due_ms;
	loop_timer_set(r->all->commands->loop, &r->timer, due_ms);
}

static void schedule(struct receiver *r)
{
	uint64_t due = now_of(r->all);

	if (r->transfer != NULL || (r->count == 0 && !r->test) ||
	    (heap_contains(&r->timer.node) && !r->test))
		return;
	if (r->test)
		due += 0;
	else if (is_mail(r))
		due += (uint64_t)r->all->config.digest_s * 1000;
	else if (r->last_ms + NOTIFY_SPACING_MS > due + NOTIFY_GATHER_MS)
		due = r->last_ms + NOTIFY_SPACING_MS;
	else
		due += NOTIFY_GATHER_MS;
	arm(r, due);
}

static void add(struct receiver *r, uint64_t story, uint32_t repeats)
{
	for (size_t i = r->batch; i < r->count; i++) {
		if (r->waiting[i].story == story) {
			r->waiting[i].repeats += repeats;
			return;
		}
	}
	if (r->count == NOTIFY_WAITING_MAX) {
		remove_waiting(r, r->batch, 1);
		r->lost++;
	}
	r->waiting[r->count++] =
		(struct waiting){.story = story, .since_ms = now_of(r->all), .repeats = repeats};
	schedule(r);
}

static void add_to_all(struct notify *n, uint64_t story, uint32_t repeats)
{
	for (size_t i = 0; i < n->count; i++)
		add(n->receivers[i], story, repeats);
}

/* ---- Sending --------------------------------------------------------------------------------- */

static void in_trouble(struct receiver *r, const char *why)
{
	bool first = r->trouble[0] == '\0';

	r->failures++;
	snprintf(r->trouble, sizeof(r->trouble), "%s", why);
	if (first)
		event_emit(r->all->commands->events, EVENT_RECEIVER, NULL, 0,
			   "Notifications by %s %s fail: %s; they are tried again", r->kind,
			   r->name, r->trouble);
}

static void out_of_trouble(struct receiver *r)
{
	bool was = r->trouble[0] != '\0';

	r->trouble[0] = '\0';
	r->retry_ms = 0;
	r->sent_wall_ms = loop_wall_ms();
	if (was)
		event_emit(r->all->commands->events, EVENT_RECEIVER, NULL, 0,
			   "Notifications by %s %s arrive again, %" PRIu64 " stories were lost",
			   r->kind, r->name, r->lost - r->lost_told);
}

/* The order is that of time. */
static void give_up_old(struct receiver *r)
{
	uint64_t now = now_of(r->all);
	size_t old = 0;

	while (old < r->count && r->waiting[old].since_ms + NOTIFY_AGE_MAX <= now)
		old++;
	remove_waiting(r, 0, old);
	r->lost += old;
}

static void failed(struct receiver *r, const char *why)
{
	r->batch = 0;
	r->test = false;
	r->retry_ms = r->retry_ms == 0 ? NOTIFY_RETRY_MS : r->retry_ms * 2;
	if (r->retry_ms > NOTIFY_RETRY_MAX)
		r->retry_ms = NOTIFY_RETRY_MAX;
	give_up_old(r);
	if (r->count > 0)
		arm(r, now_of(r->all) + r->retry_ms);
	in_trouble(r, why);
}

static void on_done(void *arg, const struct transfer_result *result)
{
	struct receiver *r = arg;

	r->transfer = NULL;
	r->last_ms = now_of(r->all);
	if (!result->ok) {
		failed(r, result->text);
	} else {
		r->sent += r->testing ? 1 : r->batch;
		remove_waiting(r, 0, r->batch);
		r->batch = 0;
		out_of_trouble(r);
		if (!r->testing)
			r->lost_told = r->lost;
	}
	r->testing = false;
	schedule(r);
}

static void open_secret(const struct notify *n, const char *sealed, struct secret *out)
{
	struct err_msg e = {.text = ""};

	if (sealed[0] != '\0' && sealer_open(n->commands->sealer, sealed, out, &e) != 0)
		secret_clear(out); /* said when it was configured */
}

static bool start(struct receiver *r, struct transfer_request *q)
{
	struct notify *n = r->all;
	struct err_msg e = {.text = "out of memory"};

	if (n->config.ca_file[0] != '\0')
		q->ca_file = n->config.ca_file;
	if (n->transfers == NULL)
		n->transfers = transfers_new(n->commands->loop, &e);
	r->transfer = n->transfers == NULL ? NULL : transfer_start(n->transfers, q, on_done, r);
	if (r->transfer == NULL)
		failed(r, e.text);
	return r->transfer != NULL;
}

static void send_webhook(struct receiver *r, const struct notify_message *m)
{
	struct secret key = SECRET_NONE;
	struct strbuf body, signature;
	struct transfer_request q = {.url = r->url,
				     .headers = {"Content-Type: application/json", "Expect:"}};

	strbuf_init(&body);
	strbuf_init(&signature);
	notify_json(m, &body);
	open_secret(r->all, r->all->config.signing, &key);
	if (key.len > 0) {
		notify_signature(&key, &body, &signature);
		q.headers[2] = signature.text;
	}
	q.body = body.text;
	q.body_len = body.len;
	(void)start(r, &q);
	secret_clear(&key);
	strbuf_clear(&signature);
	strbuf_clear(&body);
}

static void relay_url(const struct box_notify *c, const char *hostname, char *buf, size_t size)
{
	bool v6 = strchr(c->relay, ':') != NULL;

	snprintf(buf, size, "smtp%s://%s%s%s:%" PRIu32 "/%s", c->security == BOX_TLS ? "s" : "",
		 v6 ? "[" : "", c->relay, v6 ? "]" : "", c->relay_port, hostname);
}

static void send_mail(struct receiver *r, const struct notify_message *m)
{
	const struct box_notify *c = &r->all->config;
	struct secret password = SECRET_NONE;
	struct strbuf body;
	char url[BOX_MAIL_MAX + BOX_HOSTNAME_MAX + 32], from[2 * BOX_MAIL_MAX];
	struct transfer_request q = {.url = url, .from = from, .password = &password};

	relay_url(c, m->hostname, url, sizeof(url));
	notify_from(c, m->hostname, from, sizeof(from));
	for (uint32_t i = 0; i < c->to_count; i++)
		q.to[i] = c->to[i];
	q.starttls = c->security == BOX_STARTTLS;
	if (c->user[0] != '\0')
		q.user = c->user;
	open_secret(r->all, c->password, &password);
	strbuf_init(&body);
	notify_mail(m, c, &body);
	q.body = body.text;
	q.body_len = body.len;
	(void)start(r, &q);
	strbuf_clear(&body);
	secret_clear(&password);
}

/* The stories that the next message tells; those that are forgotten by now are lost. */
static size_t collect(struct receiver *r, const struct story **list, uint64_t *repeats)
{
	const struct story_book *book = stories_book(r->all->commands->stories);
	size_t n = 0;

	while (n < r->count && n < NOTIFY_BATCH_MAX) {
		list[n] = story_book_find(book, r->waiting[n].story);
		if (list[n] == NULL) {
			remove_waiting(r, n, 1);
			r->lost++;
			continue;
		}
		*repeats += r->waiting[n].repeats;
		n++;
	}
	return n;
}

static void on_timer(void *arg)
{
	struct receiver *r = arg;
	struct commands *c = r->all->commands;
	const struct story *list[NOTIFY_BATCH_MAX];
	struct notify_message m = {
		.hostname = c->running.box.hostname,
		.clock = {.now_ms = loop_now_ms(c->loop), .wall_ms = loop_wall_ms()},
		.test = r->test,
		.stories = list,
	};

	r->due_ms = 0;
	if (!r->test)
		m.count = collect(r, list, &m.repeats);
	m.lost = r->lost - r->lost_told;
	if (m.count == 0 && !r->test)
		return;
	r->testing = r->test;
	r->test = false;
	r->batch = m.count;
	if (is_mail(r))
		send_mail(r, &m);
	else
		send_webhook(r, &m);
}

/* ---- Stories --------------------------------------------------------------------------------- */

static void arm_repeat(struct notify *n)
{
	uint64_t due = repeat_deadline(n->repeat);

	if (due == UINT64_MAX)
		loop_timer_cancel(n->commands->loop, &n->repeat_timer);
	else
		loop_timer_set(n->commands->loop, &n->repeat_timer, due);
}

static void on_repeat(void *arg)
{
	struct notify *n = arg;
	uint64_t story;
	uint32_t untold;

	while (repeat_next(n->repeat, now_of(n), &story, &untold))
		add_to_all(n, story, untold);
	arm_repeat(n);
}

static void on_event(void *arg, const struct event *ev)
{
	struct notify *n = arg;
	const struct story *y;
	bool tell;

	if (ev->fact.story == 0 || n->count == 0)
		return;
	y = story_book_find(stories_book(n->commands->stories), ev->fact.story);
	if (y == NULL || story_row(y->kind)->criticality < n->config.criticality)
		return;
	if (ev->id == EVENT_STORY_OPENED)
		tell = repeat_opened(n->repeat, now_of(n), y->kind, y->site, y->slot, y->id);
	else
		tell = repeat_closed(n->repeat, y->kind, y->site, y->slot, y->id);
	if (tell)
		add_to_all(n, y->id, 0);
	arm_repeat(n);
}

/* ---- Life ------------------------------------------------------------------------------------ */

static struct receiver *receiver_new(struct notify *n, const char *url)
{
	struct receiver *r = mem_zalloc(sizeof(*r));

	r->all = n;
	r->kind = url == NULL ? "email" : "webhook";
	r->waiting = mem_calloc(NOTIFY_WAITING_MAX, sizeof(r->waiting[0]));
	r->timer = (struct loop_timer){.fn = on_timer, .arg = r};
	if (url != NULL) {
		snprintf(r->url, sizeof(r->url), "%s", url);
		transfer_url_name(url, r->name, sizeof(r->name));
	}
	return r;
}

static void receiver_free(struct receiver *r)
{
	if (r == NULL)
		return;
	transfer_cancel(r->transfer);
	loop_timer_cancel(r->all->commands->loop, &r->timer);
	free(r->waiting);
	free(r);
}

static struct receiver *take(struct receiver **list, size_t count, const char *url)
{
	for (size_t i = 0; i < count; i++) {
		struct receiver *r = list[i];

		if (r != NULL && strcmp(r->url, url == NULL ? "" : url) == 0) {
			list[i] = NULL;
			return r;
		}
	}
	return NULL;
}

static void put(struct notify *n, struct receiver **old, size_t old_count, const char *url)
{
	struct receiver *r = take(old, old_count, url);

	n->receivers[n->count++] = r == NULL ? receiver_new(n, url) : r;
}

static void name_mail(struct receiver *r, const struct box_notify *c)
{
	snprintf(r->name, sizeof(r->name), "%s%s by %s port %" PRIu32, c->to[0],
		 c->to_count > 1 ? " and others" : "", c->relay, c->relay_port);
}

void notify_apply(struct notify *n)
{
	const struct box_notify *c = &n->commands->running.box.notify;
	struct receiver *old[NOTIFY_RECEIVERS];
	size_t old_count = n->count;

	if (n->commands->stories == NULL || memcmp(c, &n->config, sizeof(*c)) == 0)
		return;
	memcpy(old, n->receivers, sizeof(old));
	n->config = *c;
	n->count = 0;
	for (uint32_t i = 0; i < c->webhook_count; i++)
		put(n, old, old_count, c->webhooks[i]);
	if (c->relay[0] != '\0' && c->to_count > 0) {
		put(n, old, old_count, NULL);
		name_mail(n->receivers[n->count - 1], c);
	}
	for (size_t i = 0; i < old_count; i++)
		receiver_free(old[i]);
	repeat_interval(n->repeat, c->repeat_s);
	/* What failed may work now. */
	for (size_t i = 0; i < n->count; i++) {
		if (n->receivers[i]->retry_ms != 0 && n->receivers[i]->count > 0 &&
		    n->receivers[i]->transfer == NULL)
			arm(n->receivers[i], now_of(n));
	}
}

struct notify *notify_new(struct commands *c)
{
	struct notify *n = mem_zalloc(sizeof(*n));

	n->commands = c;
	n->repeat = repeat_new();
	n->repeat_timer = (struct loop_timer){.fn = on_repeat, .arg = n};
	n->listener = (struct event_listener){.fn = on_event, .arg = n};
	list_init(&n->listener.node);
	if (c->events != NULL)
		event_listen(c->events, &n->listener);
	return n;
}

void notify_free(struct notify *n)
{
	if (n == NULL)
		return;
	event_unlisten(&n->listener);
	for (size_t i = 0; i < n->count; i++)
		receiver_free(n->receivers[i]);
	if (n->commands->loop != NULL)
		loop_timer_cancel(n->commands->loop, &n->repeat_timer);
	transfers_free(n->transfers);
	repeat_free(n->repeat);
	free(n);
}

size_t notify_test(struct notify *n)
{
	for (size_t i = 0; i < n->count; i++) {
		n->receivers[i]->test = true;
		schedule(n->receivers[i]);
	}
	return n->count;
}

size_t notify_status(const struct notify *n, struct receiver_status *out, size_t max)
{
	for (size_t i = 0; i < n->count && i < max; i++) {
		const struct receiver *r = n->receivers[i];

		memset(&out[i], 0, sizeof(out[i]));
		out[i].kind = r->kind;
		memcpy(out[i].name, r->name, sizeof(r->name));
		out[i].sent = r->sent;
		out[i].lost = r->lost;
		out[i].failures = r->failures;
		out[i].waiting = r->count;
		out[i].sent_ms = r->sent_wall_ms;
		out[i].retry_ms = r->retry_ms == 0 ? 0 : r->due_ms;
		memcpy(out[i].trouble, r->trouble, sizeof(r->trouble));
	}
	return n->count;
}

uint64_t notify_repeats(const struct notify *n)
{
	return repeat_count(n->repeat);
}
