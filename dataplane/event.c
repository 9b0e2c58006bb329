/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The event log: a ring of the latest events and the listeners that hear each new one.  Owns the
 * events; never blocks and never writes anywhere.  Texts are cleaned of control characters, since
 * peers contribute to them.
 */
#include "dataplane/event.h"

#include "platform/base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct event_log {
	uint64_t (*wall_ms)(void);
	size_t capacity;
	size_t count;
	size_t commands; /* of them, lines of the audit */
	size_t dropped;
	uint64_t last_number;
	uint64_t counts[EVENT_COUNT];
	struct list entries;
	struct list listeners;
};

struct event_log *event_log_new(uint64_t (*wall_ms)(void), size_t capacity)
{
	struct event_log *l = mem_zalloc(sizeof(*l));

	l->wall_ms = wall_ms;
	l->capacity = capacity == 0 ? 1 : capacity;
	list_init(&l->entries);
	list_init(&l->listeners);
	return l;
}

static struct event *event_of(struct list *node)
{
	return container_of(node, struct event, node);
}

/* A thousand lines of configuration must not push out what happened to the tunnels: commands leave
 * first when they take more than half of the ring. */
static void drop_oldest(struct event_log *l)
{
	struct list *node = l->entries.next;

	while (l->commands > 0 && l->commands >= l->capacity / 2 &&
	       event_of(node)->id != EVENT_CONFIG_COMMAND)
		node = node->next;
	l->commands -= event_of(node)->id == EVENT_CONFIG_COMMAND;
	list_remove(node);
	free(event_of(node));
	l->count--;
	l->dropped++;
}

void event_log_free(struct event_log *l)
{
	struct list *node;
	struct list *after;

	if (l == NULL)
		return;
	list_for_each(node, after, &l->listeners) list_remove(node);
	list_for_each(node, after, &l->entries) free(container_of(node, struct event, node));
	free(l);
}

static void clean(char *text)
{
	for (; *text != '\0'; text++) {
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			*text = '?';
	}
}

static void tell(struct event_log *l, const struct event *ev)
{
	struct list *node;
	struct list *after;

	list_for_each(node, after, &l->listeners)
	{
		struct event_listener *x = container_of(node, struct event_listener, node);

		x->fn(x->arg, ev);
	}
}

static void PRINTF_LIKE(6, 0)
	emit(struct event_log *l, enum event_id id, const char *site, uint8_t slot,
	     const struct event_fact *fact, const char *fmt, va_list ap)
{
	struct event *ev = mem_zalloc(sizeof(*ev));
	struct event copy;

	ev->number = ++l->last_number;
	l->counts[id]++;
	ev->wall_ms = l->wall_ms();
	ev->id = id;
	ev->slot = slot;
	if (fact != NULL)
		ev->fact = *fact;
	snprintf(ev->site, sizeof(ev->site), "%s", site == NULL ? "" : site);
	vsnprintf(ev->text, sizeof(ev->text), fmt, ap);
	clean(ev->text);
	if (l->count == l->capacity)
		drop_oldest(l);
	list_append(&l->entries, &ev->node);
	l->count++;
	l->commands += id == EVENT_CONFIG_COMMAND;
	/* Listeners see a copy: one that emits in turn may push the entry out of a small ring. */
	copy = *ev;
	list_init(&copy.node);
	tell(l, &copy);
}

void event_emit(struct event_log *l, enum event_id id, const char *site, uint8_t slot,
		const char *fmt, ...)
{
	va_list ap;

	if (l == NULL)
		return;
	va_start(ap, fmt);
	emit(l, id, site, slot, NULL, fmt, ap);
	va_end(ap);
}

void event_emit_fact(struct event_log *l, enum event_id id, const char *site, uint8_t slot,
		     const struct event_fact *fact, const char *fmt, ...)
{
	va_list ap;

	if (l == NULL)
		return;
	va_start(ap, fmt);
	emit(l, id, site, slot, fact, fmt, ap);
	va_end(ap);
}

void event_tell(struct event_log *l, enum event_id id, const char *site, uint8_t slot,
		const char *text)
{
	struct event ev = {.id = id, .slot = slot};

	if (l == NULL)
		return;
	ev.wall_ms = l->wall_ms();
	snprintf(ev.site, sizeof(ev.site), "%s", site == NULL ? "" : site);
	snprintf(ev.text, sizeof(ev.text), "%s", text);
	clean(ev.text);
	list_init(&ev.node);
	tell(l, &ev);
}

const struct list *event_log_entries(const struct event_log *l)
{
	return &l->entries;
}

size_t event_log_dropped(const struct event_log *l)
{
	return l->dropped;
}

uint64_t event_log_count(const struct event_log *l, enum event_id id)
{
	return l->counts[id];
}

void event_listen(struct event_log *l, struct event_listener *x)
{
	list_append(&l->listeners, &x->node);
}

void event_unlisten(struct event_listener *x)
{
	if (x->node.next != NULL)
		list_remove(&x->node);
}

const char *event_line(const struct event *ev, char *buf, size_t size)
{
	static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
					   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	const struct event_row *row = event_row(ev->id);
	time_t seconds = (time_t)(ev->wall_ms / 1000);
	struct tm tm;

	memset(&tm, 0, sizeof(tm));
	localtime_r(&seconds, &tm);
	snprintf(buf, size, "%s %2d %02d:%02d:%02d.%03u: %%%s-%u-%s: %s", months[tm.tm_mon % 12],
		 tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, (unsigned)(ev->wall_ms % 1000),
		 row->facility, row->severity, row->mnemonic, ev->text);
	return buf;
}
