/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Listens to the event log and sends.  What a host or the network does not take of UDP is lost: it
 * promises nothing, and the events stay in `show logging`.
 */
#include "commands/syslog.h"

#include "commands/commands_state.h"
#include "commands/syslog_link.h"
#include "platform/base/mem.h"
#include "platform/os/loop.h"
#include "platform/os/time_text.h"
#include "platform/os/udp.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FACILITY 23 /* local7, as on routers */

struct host {
	struct box_log_host config;
	struct syslog_link *link;     /* NULL: UDP */
	uint64_t sent, lost, sent_ms; /* UDP */
};

struct syslog {
	struct commands *commands;
	struct event_listener listener;
	int fd[2]; /* IPv4, IPv6; -1: not open */
	struct host hosts[BOX_LOG_HOSTS];
	size_t count;
};

void syslog_message(const struct event *ev, const char *hostname, struct strbuf *out)
{
	const struct event_row *row = event_row(ev->id);
	char when[TIME_TEXT_MAX];
	size_t len = strlen(time_text_iso(ev->wall_ms, when, sizeof(when)));

	/* RFC 5424 section 6: PRI VERSION TIMESTAMP HOSTNAME APP-NAME PROCID MSGID SD MSG */
	strbuf_printf(out, "<%u>1 %.*s.%03uZ %s ikesh - %s - %%%s-%u-%s: %s",
		      FACILITY * 8U + row->severity, (int)(len - 1), when,
		      (unsigned)(ev->wall_ms % 1000), hostname, row->mnemonic, row->facility,
		      row->severity, row->mnemonic, ev->text);
}

static int descriptor(struct syslog *s, const struct ip_addr *addr)
{
	enum ip_family family = addr->family == IP_V4 ? IP_V4 : IP_V6;
	int *fd = &s->fd[family == IP_V4 ? 0 : 1];
	struct err_msg ignored;

	if (*fd < 0)
		*fd = udp_open_sender(family, &ignored);
	return *fd;
}

static struct ip_endpoint endpoint_of(const struct box_log_host *h)
{
	return (struct ip_endpoint){.addr = h->addr, .port = h->port};
}

static void send_datagram(struct syslog *s, struct host *h, const struct strbuf *text)
{
	const struct ip_endpoint any = {.port = 0}, to = endpoint_of(&h->config);
	const struct view part = view_of(text->text, text->len);
	int fd = descriptor(s, &to.addr);

	if (fd < 0 || udp_send(fd, &any, &to, 0, &part, 1) != 0) {
		h->lost++;
		return;
	}
	h->sent++;
	h->sent_ms = loop_wall_ms();
}

static void on_event(void *arg, const struct event *ev)
{
	struct syslog *s = arg;
	struct strbuf text;

	if (s->count == 0 || ev->id == EVENT_IKE_DEBUG)
		return;
	strbuf_init(&text);
	syslog_message(ev, s->commands->running.box.hostname, &text);
	for (size_t i = 0; i < s->count; i++) {
		if (s->hosts[i].link != NULL)
			syslog_link_send(s->hosts[i].link, text.text, text.len);
		else
			send_datagram(s, &s->hosts[i], &text);
	}
	strbuf_clear(&text);
}

static void on_trouble(void *arg, const struct ip_endpoint *to, const char *why)
{
	const struct syslog *s = arg;
	char name[IP_TEXT_MAX];

	ip_endpoint_text(to, name, sizeof(name));
	if (why != NULL)
		event_emit(s->commands->events, EVENT_RECEIVER, NULL, 0,
			   "Log host %s (TCP) fails: %s; it is tried again", name, why);
	else
		event_emit(s->commands->events, EVENT_RECEIVER, NULL, 0,
			   "Log host %s (TCP) takes messages again", name);
}

static bool same(const struct box_log_host *a, const struct box_log_host *b)
{
	return ip_addr_equal(&a->addr, &b->addr) && a->port == b->port && a->tcp == b->tcp;
}

static bool keeps(struct host *hosts, size_t count, const struct box_log_host *c, struct host *out)
{
	for (size_t i = 0; i < count; i++) {
		if (same(&hosts[i].config, c)) {
			*out = hosts[i];
			memset(&hosts[i], 0, sizeof(hosts[i]));
			return true;
		}
	}
	return false;
}

void syslog_apply(struct syslog *s)
{
	const struct box_config *box = &s->commands->running.box;
	struct host old[BOX_LOG_HOSTS];
	size_t old_count = s->count;

	memcpy(old, s->hosts, sizeof(old));
	memset(s->hosts, 0, sizeof(s->hosts));
	s->count = 0;
	for (size_t i = 0; i < box->log_host_count; i++) {
		const struct box_log_host *c = &box->log_hosts[i];
		struct ip_endpoint to = endpoint_of(c);
		struct host *h = &s->hosts[i];

		if (keeps(old, old_count, c, h))
			continue;
		h->config = *c;
		if (c->tcp && s->commands->loop != NULL)
			h->link = syslog_link_new(s->commands->loop, &to, on_trouble, s);
	}
	for (size_t i = 0; i < old_count; i++)
		syslog_link_free(old[i].link);
	s->count = box->log_host_count;
}

size_t syslog_status(const struct syslog *s, struct receiver_status *out, size_t max)
{
	for (size_t i = 0; i < s->count && i < max; i++) {
		const struct host *h = &s->hosts[i];
		const struct ip_endpoint at = endpoint_of(&h->config);
		char text[IP_TEXT_MAX];

		memset(&out[i], 0, sizeof(out[i]));
		out[i].sent = h->sent;
		out[i].lost = h->lost;
		out[i].sent_ms = h->sent_ms;
		if (h->link != NULL)
			syslog_link_status(h->link, &out[i]);
		out[i].kind = "syslog";
		snprintf(out[i].name, sizeof(out[i].name), "%s %s",
			 ip_endpoint_text(&at, text, sizeof(text)), h->config.tcp ? "tcp" : "udp");
	}
	return s->count;
}

struct syslog *syslog_new(struct commands *c)
{
	struct syslog *s = mem_zalloc(sizeof(*s));

	s->commands = c;
	s->fd[0] = s->fd[1] = -1;
	s->listener = (struct event_listener){.fn = on_event, .arg = s};
	list_init(&s->listener.node);
	if (c->events != NULL)
		event_listen(c->events, &s->listener);
	return s;
}

void syslog_free(struct syslog *s)
{
	if (s == NULL)
		return;
	event_unlisten(&s->listener);
	for (size_t i = 0; i < s->count; i++)
		syslog_link_free(s->hosts[i].link);
	for (size_t i = 0; i < ARRAY_LEN(s->fd); i++) {
		if (s->fd[i] >= 0)
			close(s->fd[i]);
	}
	free(s);
}
