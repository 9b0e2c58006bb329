/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The operators' connections.  States of one:
 *
 *   NEW --HELLO--> IDLE --LINE, PASTE--> BUSY --done()--> IDLE
 *     any --refusal, close()--> CLOSING (writes what is queued, then is freed)
 *
 * A connection is freed only from the loop (input, output or timer), never inside a call of the
 * session, because callbacks of the session come from within its own calls.
 */
#include "shell/ikeshd/vty.h"

#include "commands/session.h"
#include "platform/base/log.h"
#include "platform/base/mem.h"
#include "platform/base/secret.h"
#include "platform/os/loop.h"
#include "platform/os/seqpacket.h"
#include "shell/ikeshd/vty_queue.h"
#include "shell/ikeshd/who.h"
#include "shell/wire.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RETRY_MS 1000 /* until callers are looked at again, when descriptors are out */

enum vty_state { VTY_NEW = 1, VTY_IDLE = 2, VTY_BUSY = 4, VTY_CLOSING = 8 };

struct vty {
	struct list node;
	struct vtys *all;
	int fd;
	unsigned number; /* from 1, the smallest free one */
	enum vty_state state;
	struct who who;
	char verdict[ERR_TEXT_MAX]; /* why HELLO will be refused; "" when it will not */
	struct session *session;    /* NULL before HELLO */
	struct vty_queue queue;
	struct strbuf upload;	 /* TEXT pieces */
	struct loop_timer timer; /* NEW: HELLO is due; CLOSING: gives up */
	unsigned watched;	 /* what the loop watches */
};

struct vtys {
	struct loop *loop;
	int fd;
	struct commands *commands;
	const struct log *log;
	struct list list;
	size_t count;
	int spare;		 /* for whoever is told that descriptors are out; -1: lent */
	bool paused;		 /* nobody is accepted */
	struct loop_timer retry; /* then */
};

static void take_spare_back(struct vtys *v)
{
	if (v->spare < 0)
		v->spare = fcntl(v->fd, F_DUPFD_CLOEXEC, 0);
	if (v->spare >= 0 && v->paused && loop_fd_change(v->loop, v->fd, LOOP_READ) == 0)
		v->paused = false;
}

static void vty_free(struct vty *t)
{
	session_free(t->session); /* may still say something */
	loop_timer_cancel(t->all->loop, &t->timer);
	loop_fd_remove(t->all->loop, t->fd);
	close(t->fd);
	take_spare_back(t->all);
	vty_queue_clear(&t->queue);
	strbuf_wipe(&t->upload);
	list_remove(&t->node);
	t->all->count--;
	if (t->who.user[0] != '\0')
		log_line(t->all->log, LOG_LVL_INFO, LOG_CLI, "vty %u: %s left", t->number,
			 t->who.user);
	free(t);
}

/* Read unless too much waits to be written; write while something waits. */
static void watch(struct vty *t)
{
	unsigned events = 0;

	if (t->state != VTY_CLOSING && t->queue.bytes < VTY_QUEUE_BUSY)
		events |= LOOP_READ;
	if (!vty_queue_is_empty(&t->queue) || t->state == VTY_CLOSING)
		events |= LOOP_WRITE;
	if (events == t->watched)
		return;
	if (loop_fd_change(t->all->loop, t->fd, events) == 0)
		t->watched = events;
}

static void put(struct vty *t, const struct wire_message *m)
{
	vty_queue_message(&t->queue, m);
	watch(t);
}

static struct view clipped(const char *text)
{
	return view_of(text, strnlen(text, WIRE_TEXT_MAX));
}

static void put_text(struct vty *t, enum wire_type type, const char *text)
{
	put(t, &(struct wire_message){.type = type, .text = clipped(text)});
}

/* A reply of any length, in pieces; the last one is marked. */
static void put_pieces(struct vty *t, enum wire_type type, const struct strbuf *s)
{
	size_t at = 0;

	do {
		size_t n = s->len - at < WIRE_TEXT_MAX ? s->len - at : WIRE_TEXT_MAX;
		uint8_t last = at + n == s->len ? WIRE_LAST : 0;

		put(t, &(struct wire_message){.type = type,
					      .flags = last,
					      .text = view_of(s->text + at, n)});
		at += n;
	} while (at < s->len);
}

static void begin_closing(struct vty *t)
{
	if (t->state == VTY_CLOSING)
		return;
	t->state = VTY_CLOSING;
	loop_timer_set(t->all->loop, &t->timer, loop_now_ms(t->all->loop) + VTY_LINGER_MS);
	watch(t);
}

static void refuse(struct vty *t, const char *text)
{
	log_line(t->all->log, LOG_LVL_NOTICE, LOG_CLI, "vty %u: refused: %s", t->number, text);
	put_text(t, WIRE_REFUSED, text);
	begin_closing(t);
}

/* ---- What the session says ------------------------------------------------------------------- */

static void on_output(void *arg, const char *text, size_t len)
{
	struct vty *t = arg;

	vty_queue_output(&t->queue, text, len);
	watch(t);
}

static void on_ask(void *arg, const char *prompt, bool hidden)
{
	put(arg, &(struct wire_message){.type = WIRE_ASK,
					.flags = hidden ? WIRE_HIDDEN : 0,
					.text = clipped(prompt)});
}

static void on_hold(void *arg)
{
	put(arg, &(struct wire_message){.type = WIRE_HOLD});
}

static void on_done(void *arg, int status, const char *prompt)
{
	struct vty *t = arg;

	if (t->state == VTY_BUSY)
		t->state = VTY_IDLE;
	put(t, &(struct wire_message){.type = WIRE_DONE,
				      .status = status == 0 ? 0 : 1,
				      .text = clipped(prompt)});
}

static void on_async(void *arg, const char *text)
{
	put_text(arg, WIRE_ASYNC, text);
}

static void on_close(void *arg)
{
	struct vty *t = arg;

	put(t, &(struct wire_message){.type = WIRE_CLOSE});
	begin_closing(t);
}

static void on_terminal(void *arg, unsigned length, unsigned width)
{
	put(arg, &(struct wire_message){.type = WIRE_TERMINAL,
					.rows = (uint16_t)(length > 512 ? 512 : length),
					.columns = (uint16_t)(width > 512 ? 512 : width)});
}

static bool on_busy(void *arg)
{
	return ((struct vty *)arg)->queue.bytes >= VTY_QUEUE_BUSY;
}

static const struct session_io session_calls = {
	.output = on_output,
	.ask = on_ask,
	.done = on_done,
	.hold = on_hold,
	.async = on_async,
	.close = on_close,
	.busy = on_busy,
	.terminal = on_terminal,
};

/* ---- What the client says; text is NUL-terminated -------------------------------------------- */

static void take_hello(struct vty *t, const struct wire_message *m, const char *text)
{
	struct session_who who = {.privilege = t->who.privilege, .ceiling = t->who.privilege};
	char why[128];

	(void)text;
	if (t->verdict[0] != '\0') {
		refuse(t, t->verdict);
		return;
	}
	if (m->version != WIRE_VERSION) {
		snprintf(why, sizeof(why),
			 "ikesh speaks version %u of the protocol and this appliance version %u",
			 (unsigned)m->version, (unsigned)WIRE_VERSION);
		refuse(t, why);
		return;
	}
	if (m->privilege != WIRE_PRIVILEGE_DEFAULT) {
		if (m->privilege > t->who.privilege) {
			snprintf(why, sizeof(why), "User %s begins at privilege %u at most",
				 t->who.user, t->who.privilege);
			refuse(t, why);
			return;
		}
		who.privilege = m->privilege;
	}
	loop_timer_cancel(t->all->loop, &t->timer);
	snprintf(who.user, sizeof(who.user), "%s", t->who.user);
	snprintf(who.from, sizeof(who.from), "vty %u", t->number);
	who.interactive = (m->flags & WIRE_INTERACTIVE) != 0;
	who.color = (m->flags & WIRE_COLOR) != 0;
	who.utf8 = (m->flags & WIRE_UTF8) != 0;
	who.length = m->rows;
	who.width = m->columns;
	t->session = session_new(t->all->commands, &who, &session_calls, t);
	t->state = VTY_IDLE;
	put(t, &(struct wire_message){.type = WIRE_WELCOME,
				      .version = WIRE_VERSION,
				      .privilege = (uint8_t)session_privilege(t->session),
				      .text = clipped(session_prompt(t->session))});
}

static void take_line(struct vty *t, const struct wire_message *m, const char *text)
{
	(void)m;
	t->state = VTY_BUSY;
	session_line(t->session, text);
}

static void take_text(struct vty *t, const struct wire_message *m, const char *text)
{
	(void)text;
	if (t->upload.len + m->text.len > WIRE_UPLOAD_MAX) {
		refuse(t, "The text is longer than 8 MiB");
		return;
	}
	strbuf_add_bytes(&t->upload, m->text.data, m->text.len);
}

/* The pieces so far, as one text that the caller wipes. */
static struct strbuf take_upload(struct vty *t)
{
	struct strbuf all = t->upload;

	strbuf_init(&t->upload);
	return all;
}

static void take_paste(struct vty *t, const struct wire_message *m, const char *text)
{
	struct strbuf all = take_upload(t);

	(void)m;
	(void)text;
	t->state = VTY_BUSY;
	session_paste(t->session, all.text);
	strbuf_wipe(&all);
}

static void take_check(struct vty *t, const struct wire_message *m, const char *text)
{
	struct strbuf all = take_upload(t);
	struct strbuf report;
	size_t refused;

	(void)m;
	strbuf_init(&report);
	refused = commands_check(t->all->commands, text, all.text, &report);
	vty_queue_output(&t->queue, report.text, report.len);
	put(t, &(struct wire_message){.type = WIRE_CHECKED, .status = (uint32_t)refused});
	strbuf_wipe(&all);
	strbuf_clear(&report);
}

static void take_answer(struct vty *t, const struct wire_message *m, const char *text)
{
	(void)m;
	if (t->state == VTY_BUSY)
		session_answer(t->session, text);
}

static void take_interrupt(struct vty *t, const struct wire_message *m, const char *text)
{
	(void)m;
	(void)text;
	if (t->state == VTY_BUSY)
		session_interrupt(t->session);
}

static void take_help(struct vty *t, const struct wire_message *m, const char *text)
{
	struct strbuf out;

	(void)m;
	strbuf_init(&out);
	session_help(t->session, text, &out);
	put_pieces(t, WIRE_HELP_TEXT, &out);
	strbuf_clear(&out);
}

static void take_complete(struct vty *t, const struct wire_message *m, const char *text)
{
	struct strbuf out;

	(void)m;
	strbuf_init(&out);
	session_complete(t->session, text, &out);
	put_pieces(t, WIRE_CANDIDATES, &out);
	strbuf_clear(&out);
}

static void take_secret(struct vty *t, const struct wire_message *m, const char *text)
{
	(void)m;
	put(t, &(struct wire_message){.type = WIRE_SECRECY,
				      .status = session_line_is_secret(t->session, text) ? 1 : 0});
}

static void take_begin_file(struct vty *t, const struct wire_message *m, const char *text)
{
	(void)m;
	session_begin_file(t->session, text);
}

static void take_end_file(struct vty *t, const struct wire_message *m, const char *text)
{
	(void)m;
	(void)text;
	session_end_file(t->session);
	on_done(t, 0, session_prompt(t->session));
}

static void take_lines(struct vty *t, const struct wire_message *m, const char *text)
{
	(void)m;
	t->state = VTY_BUSY;
	session_lines(t->session, text);
}

static void take_window(struct vty *t, const struct wire_message *m, const char *text)
{
	(void)text;
	session_window(t->session, m->rows, m->columns);
}

static const struct {
	enum wire_type type;
	unsigned states; /* enum vty_state in which it may come */
	void (*take)(struct vty *t, const struct wire_message *m, const char *text);
} takers[] = {
	{WIRE_HELLO, VTY_NEW, take_hello},
	{WIRE_LINE, VTY_IDLE, take_line},
	{WIRE_TEXT, VTY_IDLE, take_text},
	{WIRE_PASTE, VTY_IDLE, take_paste},
	{WIRE_CHECK, VTY_IDLE, take_check},
	{WIRE_ANSWER, VTY_IDLE | VTY_BUSY, take_answer},
	{WIRE_INTERRUPT, VTY_IDLE | VTY_BUSY, take_interrupt},
	{WIRE_HELP, VTY_IDLE, take_help},
	{WIRE_COMPLETE, VTY_IDLE, take_complete},
	{WIRE_SECRET, VTY_IDLE, take_secret},
	{WIRE_BEGIN_FILE, VTY_IDLE, take_begin_file},
	{WIRE_END_FILE, VTY_IDLE, take_end_file},
	{WIRE_WINDOW, VTY_IDLE | VTY_BUSY, take_window},
	{WIRE_LINES, VTY_IDLE, take_lines},
};

/* datagram has room for one octet behind its end. */
static void take(struct vty *t, uint8_t *datagram, size_t len)
{
	struct wire_message m;

	if (wire_decode(view_of(datagram, len), &m) != 0) {
		refuse(t, "The client sent a message that is not understood");
		return;
	}
	datagram[len] = '\0';
	for (size_t i = 0; i < ARRAY_LEN(takers); i++) {
		if (takers[i].type != m.type)
			continue;
		if (((unsigned)t->state & takers[i].states) == 0)
			break;
		takers[i].take(t, &m, m.text.len == 0 ? "" : (const char *)m.text.data);
		return;
	}
	refuse(t, "The client sent a message out of order");
}

/* ---- The loop -------------------------------------------------------------------------------- */

/* One message.  False: the client is gone. */
static bool read_one(struct vty *t)
{
	uint8_t buf[WIRE_MESSAGE_MAX + 1];
	size_t len = 0;
	int rc = seqpacket_receive(t->fd, buf, WIRE_MESSAGE_MAX, &len);

	if (rc == ERR_BUSY)
		return true;
	if (rc != 0 || len == 0)
		return false;
	take(t, buf, len);
	bytes_wipe(buf, len);
	return true;
}

static void on_ready(void *arg, int fd, unsigned events)
{
	struct vty *t = arg;
	int rc;

	if ((events & LOOP_WRITE) != 0) {
		rc = vty_queue_send(&t->queue, fd);
		if ((rc != 0 && rc != ERR_BUSY) || (rc == 0 && t->state == VTY_CLOSING)) {
			vty_free(t);
			return;
		}
	}
	if (t->session != NULL && !on_busy(t))
		session_resume(t->session);
	if ((events & LOOP_READ) != 0 && t->state != VTY_CLOSING) {
		if (!read_one(t)) {
			vty_free(t);
			return;
		}
	} else if ((events & LOOP_HANGUP) != 0) {
		vty_free(t);
		return;
	}
	watch(t);
}

static void on_timer(void *arg)
{
	struct vty *t = arg;

	if (t->state == VTY_NEW)
		refuse(t, "The client said nothing");
	else
		vty_free(t);
}

static unsigned free_number(const struct vtys *v)
{
	struct list *node, *after;

	for (unsigned n = 1;; n++) {
		bool used = false;

		list_for_each(node, after, &v->list) used =
			used || container_of(node, struct vty, node)->number == n;
		if (!used)
			return n;
	}
}

/* refusal NULL: it depends. */
static void admit(struct vtys *v, int fd, const struct seqpacket_peer *peer, const char *refusal)
{
	struct vty *t = mem_zalloc(sizeof(*t));
	struct err_msg e = {.code = 0};
	int rc;

	t->all = v;
	t->fd = fd;
	t->state = VTY_NEW;
	t->timer.fn = on_timer;
	t->timer.arg = t;
	t->watched = LOOP_READ;
	t->number = free_number(v);
	vty_queue_init(&t->queue, VTY_QUEUE_MAX);
	strbuf_init(&t->upload);
	list_append(&v->list, &t->node);
	v->count++;
	if (loop_fd_add(v->loop, fd, LOOP_READ, on_ready, t) != 0) {
		vty_free(t);
		return;
	}
	loop_timer_set(v->loop, &t->timer, loop_now_ms(v->loop) + VTY_HELLO_MS);
	/* Refused when HELLO has come: closing with unread messages would take the reason away. */
	rc = refusal != NULL ? err_set(&e, ERR_NO_SPACE, "%s", refusal)
	     : v->count > VTY_SESSIONS_MAX
		     ? err_set(&e, ERR_NO_SPACE, "All %d terminals of this appliance are in use",
			       VTY_SESSIONS_MAX)
		     : who_find(peer, &t->who, &e);
	if (rc != 0)
		snprintf(t->verdict, sizeof(t->verdict), "%s", e.text);
	else
		log_line(v->log, LOG_LVL_INFO, LOG_CLI, "vty %u: %s, process %ld", t->number,
			 t->who.user, (long)peer->pid);
}

/* Descriptors are out, and a caller that waits wakes the loop at once, again and again: the spare
 * one is for telling him.  While it is lent the others wait. */
static void refuse_one(struct vtys *v)
{
	struct seqpacket_peer peer;
	int client;

	if (v->spare >= 0) {
		close(v->spare);
		v->spare = -1;
		client = seqpacket_accept(v->fd, &peer);
		if (client >= 0) {
			admit(v, client, &peer,
			      "This appliance has no descriptors left (its limit of open files)");
			return;
		}
		take_spare_back(v);
	}
	if (loop_fd_change(v->loop, v->fd, 0) == 0)
		v->paused = true;
	loop_timer_set(v->loop, &v->retry, loop_now_ms(v->loop) + RETRY_MS);
}

static void on_retry(void *arg)
{
	struct vtys *v = arg;

	take_spare_back(v);
	if (v->paused)
		loop_timer_set(v->loop, &v->retry, loop_now_ms(v->loop) + RETRY_MS);
}

static void on_connection(void *arg, int fd, unsigned events)
{
	struct vtys *v = arg;
	struct seqpacket_peer peer;
	int client;

	(void)events;
	client = seqpacket_accept(fd, &peer);
	if (client == ERR_NO_SPACE)
		refuse_one(v);
	if (client < 0)
		return;
	if (v->count >= (size_t)2 * VTY_SESSIONS_MAX) /* not even time for a refusal */
		close(client);
	else
		admit(v, client, &peer, NULL);
}

struct vtys *vtys_new(struct loop *loop, int fd, struct commands *c, const struct log *log,
		      struct err_msg *e)
{
	struct vtys *v = mem_zalloc(sizeof(*v));

	v->loop = loop;
	v->fd = fd;
	v->commands = c;
	v->log = log;
	list_init(&v->list);
	v->retry = (struct loop_timer){.fn = on_retry, .arg = v};
	v->spare = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (loop_fd_add(loop, fd, LOOP_READ, on_connection, v) != 0) {
		err_set(e, ERR_SYSTEM, "Cannot watch the socket of the terminals");
		if (v->spare >= 0)
			close(v->spare);
		free(v);
		return NULL;
	}
	return v;
}

void vtys_free(struct vtys *v, const char *farewell)
{
	struct list *node, *after;

	if (v == NULL)
		return;
	list_for_each(node, after, &v->list)
	{
		struct vty *t = container_of(node, struct vty, node);

		if (farewell != NULL && t->state != VTY_CLOSING)
			put_text(t, WIRE_ASYNC, farewell);
		put(t, &(struct wire_message){.type = WIRE_CLOSE});
		(void)!vty_queue_send(&t->queue, t->fd);
		vty_free(t);
	}
	loop_timer_cancel(v->loop, &v->retry);
	loop_fd_remove(v->loop, v->fd);
	close(v->fd);
	if (v->spare >= 0)
		close(v->spare);
	free(v);
}

size_t vtys_count(const struct vtys *v)
{
	return v->count;
}
