/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The output queue of one operator connection. */
#include "shell/ikeshd/vty_queue.h"

#include "platform/base/mem.h"
#include "platform/os/seqpacket.h"
#include "shell/wire.h"

#include <stdlib.h>
#include <string.h>

struct queued {
	struct list node;
	size_t len;
	uint8_t data[];
};

void vty_queue_init(struct vty_queue *q, size_t limit)
{
	*q = (struct vty_queue){.limit = limit};
	list_init(&q->messages);
	strbuf_init(&q->text);
}

static void drop(struct vty_queue *q, struct queued *m)
{
	q->bytes -= m->len;
	list_remove(&m->node);
	free(m);
}

void vty_queue_clear(struct vty_queue *q)
{
	struct list *node, *after;

	list_for_each(node, after, &q->messages) drop(q, container_of(node, struct queued, node));
	strbuf_clear(&q->text);
	q->bytes = 0;
}

bool vty_queue_is_empty(const struct vty_queue *q)
{
	return list_is_empty(&q->messages) && q->text.len == 0;
}

static void append(struct vty_queue *q, const struct wire_message *m)
{
	struct queued *item = mem_zalloc(sizeof(*item) + m->text.len + 16);

	if (wire_encode(m, item->data, m->text.len + 16, &item->len) != 0) {
		free(item);
		return;
	}
	list_append(&q->messages, &item->node);
	q->bytes += item->len;
}

static void flush_text(struct vty_queue *q)
{
	struct wire_message m = {.type = WIRE_OUTPUT, .text = view_of(q->text.text, q->text.len)};

	if (q->text.len == 0)
		return;
	q->bytes -= q->text.len;
	append(q, &m);
	strbuf_reset(&q->text);
}

/* The wire carries text: a NUL in it would end it early at some place behind. */
static void gather(struct vty_queue *q, const char *text, size_t len)
{
	for (size_t done = 0; done < len;) {
		size_t n = WIRE_TEXT_MAX - q->text.len;
		char *nul;

		if (n > len - done)
			n = len - done;
		strbuf_add_bytes(&q->text, text + done, n);
		q->bytes += n;
		while ((nul = memchr(q->text.text + q->text.len - n, '\0', n)) != NULL)
			*nul = '?';
		done += n;
		if (q->text.len == WIRE_TEXT_MAX)
			flush_text(q);
	}
}

void vty_queue_output(struct vty_queue *q, const char *text, size_t len)
{
	static const char note[] = "\n% Output cut here: the terminal does not take it\n";

	if (q->cut)
		return;
	if (q->bytes + len > q->limit) {
		q->cut = true;
		gather(q, note, sizeof(note) - 1);
		return;
	}
	gather(q, text, len);
}

void vty_queue_message(struct vty_queue *q, const struct wire_message *m)
{
	flush_text(q);
	if (m->type == WIRE_ASYNC && q->bytes > q->limit)
		return;
	if (m->type == WIRE_DONE)
		q->cut = false;
	append(q, m);
}

int vty_queue_send(struct vty_queue *q, int fd)
{
	struct list *node, *after;

	flush_text(q);
	list_for_each(node, after, &q->messages)
	{
		struct queued *m = container_of(node, struct queued, node);
		int rc = seqpacket_send(fd, view_of(m->data, m->len));

		if (rc != 0)
			return rc;
		drop(q, m);
	}
	return 0;
}
