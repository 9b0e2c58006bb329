/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Listens to the event log and sends.  What a host or the network does not take is lost: UDP
 * promises nothing, and the events stay in `show logging`.
 */
#include "commands/syslog.h"

#include "commands/commands_state.h"
#include "platform/base/mem.h"
#include "platform/os/time_text.h"
#include "platform/os/udp.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FACILITY 23 /* local7, as on routers */

struct syslog {
	struct commands *commands;
	struct event_listener listener;
	int fd[2]; /* IPv4, IPv6; -1: not open */
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

static void on_event(void *arg, const struct event *ev)
{
	struct syslog *s = arg;
	const struct box_config *box = &s->commands->running.box;
	const struct ip_endpoint any = {.port = 0};
	struct strbuf text;
	struct view part;

	if (box->log_host_count == 0 || ev->id == EVENT_IKE_DEBUG)
		return;
	strbuf_init(&text);
	syslog_message(ev, box->hostname, &text);
	part = view_of(text.text, text.len);
	for (size_t i = 0; i < box->log_host_count; i++) {
		const struct ip_endpoint to = {.addr = box->log_hosts[i].addr,
					       .port = box->log_hosts[i].port};
		int fd = descriptor(s, &to.addr);

		if (fd >= 0 && udp_send(fd, &any, &to, 0, &part, 1) != 0)
			s->commands->syslog_lost++;
	}
	strbuf_clear(&text);
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
	for (size_t i = 0; i < ARRAY_LEN(s->fd); i++) {
		if (s->fd[i] >= 0)
			close(s->fd[i]);
	}
	free(s);
}
