/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Tells the updater which names there are and where they lead, when one of it has changed.  A name
 * for which no PoP is left keeps what the server has.  The end of the process changes nothing
 * there.
 */
#include "dataplane/site/publish.h"

#include "dataplane/site/gateway_state.h"
#include "dataplane/site/name_book.h"
#include "platform/base/mem.h"
#include "platform/os/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define LEAVE_MS  60000 /* for removing names from a server that is left */
#define FILE_NAME "dns-names"
#define FILE_MAX  (64 * 1024 * 1024)
#define PATH_SIZE 4096

struct publish {
	struct gateway *g;
	struct gateway_dns_update o; /* its secret is owned */
	struct dns_updater *updater;
	struct strbuf written; /* the file's content */
};

static void said(void *arg, const char *name, enum dns_update_result r)
{
	const struct publish *p = arg;
	const struct dns_update_row *row = dns_update_row(r);
	char server[IP_TEXT_MAX];

	ip_endpoint_text(&p->o.server, server, sizeof(server));
	if (name != NULL)
		event_emit(p->g->events, EVENT_DNS_UPDATE, NULL, 0,
			   "DNS server %s: %s has records of somebody else, it is left alone. %s",
			   server, name, row->fix);
	else if (r == DNS_UPDATE_DONE)
		event_emit(p->g->events, EVENT_DNS_UPDATE, NULL, 0,
			   "DNS server %s takes updates again", server);
	else
		event_emit(p->g->events, EVENT_DNS_UPDATE, NULL, 0,
			   "DNS server %s: %s, names are not up to date there. %s", server,
			   row->what, row->fix);
}

static struct dns_updater *updater_of(struct publish *p)
{
	struct dns_updater_options o = {.server = p->o.server,
					.key = p->o.key,
					.said = said,
					.arg = p};

	memcpy(o.zone, p->o.zone, sizeof(o.zone));
	return dns_updater_new(p->g->loop, &o);
}

static bool is_below(const char *name, const char *zone)
{
	size_t len = strlen(name), end = strlen(zone);

	return len > end + 1 && name[len - end - 1] == '.' &&
	       strcasecmp(name + len - end, zone) == 0;
}

/* ---- What an earlier run has left there --------------------------------------------------------
 */

static bool file_path(const struct gateway *g, char path[PATH_SIZE])
{
	return g->options.state_dir != NULL &&
	       snprintf(path, PATH_SIZE, "%s/" FILE_NAME, g->options.state_dir) < PATH_SIZE;
}

static void head_line(const struct publish *p, struct strbuf *out)
{
	char server[IP_TEXT_MAX];

	strbuf_printf(out, "%s %s\n", ip_endpoint_text(&p->o.server, server, sizeof(server)),
		      p->o.zone);
}

/* Names at another server are none of ours any more. */
static void read_names(struct publish *p)
{
	char path[PATH_SIZE], name[SITE_TEXT_MAX];
	struct err_msg e = {.text = ""};
	struct strbuf text, head;

	strbuf_init(&text);
	strbuf_init(&head);
	head_line(p, &head);
	if (file_path(p->g, path) && file_read(path, FILE_MAX, &text, &e) == 0 &&
	    text.len > head.len && strncmp(text.text, head.text, head.len) == 0) {
		for (const char *at = text.text + head.len; *at != '\0';) {
			size_t len = strcspn(at, "\n");

			if (len != 0 && len < sizeof(name)) {
				snprintf(name, sizeof(name), "%.*s", (int)len, at);
				dns_updater_known(p->updater, name);
			}
			at += len + (at[len] == '\n');
		}
	}
	strbuf_clear(&text);
	strbuf_clear(&head);
}

static void add_line(void *arg, const char *name)
{
	strbuf_printf(arg, "%s\n", name);
}

/* More than there are is no harm: what is not ours is not removed. */
static void write_names(struct publish *p)
{
	char path[PATH_SIZE];
	struct err_msg e = {.text = ""};
	struct strbuf text;

	strbuf_init(&text);
	head_line(p, &text);
	dns_updater_each(p->updater, add_line, &text);
	if (file_path(p->g, path) && strcmp(p->written.text, text.text) != 0) {
		if (file_write_atomic(path, text.text, text.len, 0600, false, &e) != 0)
			log_line(p->g->log, LOG_LVL_WARNING, LOG_NET, "%s", e.text);
		strbuf_reset(&p->written);
		strbuf_add(&p->written, text.text);
	}
	strbuf_clear(&text);
}

static void put_names(struct publish *p)
{
	struct gateway *g = p->g;
	struct list *node, *after;

	dns_updater_begin(p->updater);
	list_for_each(node, after, &gateway_name_book(g)->entries)
	{
		const struct name_entry *n = container_of(node, struct name_entry, list);
		const struct pop *pop =
			pop_of_role(&n->site->choice, &g->pops, &n->site->config, n->role);

		if (!is_below(n->name, p->o.zone))
			continue;
		if (pop != NULL && pop_in_service(pop))
			dns_updater_put(p->updater, n->name, &pop->addresses[0]);
		else
			dns_updater_keep(p->updater, n->name);
	}
	dns_updater_end(p->updater);
	write_names(p);
}

static bool is_same(const struct gateway_dns_update *a, const struct gateway_dns_update *b)
{
	return ip_endpoint_equal(&a->server, &b->server) && strcasecmp(a->zone, b->zone) == 0 &&
	       strcmp(a->key.name, b->key.name) == 0 && a->key.hmac == b->key.hmac &&
	       a->key.secret.len == b->key.secret.len &&
	       secret_equal(&a->key.secret, &b->key.secret);
}

static void take(struct publish *p, const struct gateway_dns_update *o)
{
	struct secret old = p->o.key.secret;

	p->o = *o;
	p->o.key.secret = SECRET_NONE;
	secret_copy(&p->o.key.secret, &o->key.secret);
	secret_clear(&old);
}

static void end_leave(struct gateway *g)
{
	loop_timer_cancel(g->loop, &g->leave_timer);
	dns_updater_free(g->leaving);
	g->leaving = NULL;
}

static void on_leave(void *arg)
{
	end_leave(arg);
}

/* Its names are removed in peace. */
static void leave(struct gateway *g, struct publish *p)
{
	end_leave(g);
	g->leaving = p->updater;
	dns_updater_silence(g->leaving);
	dns_updater_begin(g->leaving);
	dns_updater_end(g->leaving);
	g->leave_timer = (struct loop_timer){.fn = on_leave, .arg = g};
	loop_timer_set(g->loop, &g->leave_timer, gateway_clock(g) + LEAVE_MS);
	p->updater = NULL;
}

void gateway_publish_free(struct gateway *g)
{
	end_leave(g);
	if (g->publish == NULL)
		return;
	dns_updater_free(g->publish->updater);
	strbuf_clear(&g->publish->written);
	secret_clear(&g->publish->o.key.secret);
	free(g->publish);
	g->publish = NULL;
}

void gateway_dns_update_set(struct gateway *g, const struct gateway_dns_update *o)
{
	bool wanted = ip_addr_is_set(&o->server.addr) && o->zone[0] != '\0';
	struct publish *p = g->publish;

	if (p == NULL && !wanted)
		return;
	if (p != NULL && wanted && is_same(&p->o, o))
		return;
	if (p == NULL) {
		p = g->publish = mem_zalloc(sizeof(*p));
		p->g = g;
		strbuf_init(&p->written);
	}
	if (p->updater != NULL && wanted && ip_endpoint_equal(&p->o.server, &o->server) &&
	    strcasecmp(p->o.zone, o->zone) == 0) {
		dns_updater_key(p->updater, &o->key);
		take(p, o);
		return;
	}
	if (p->updater != NULL)
		leave(g, p);
	if (!wanted) {
		strbuf_clear(&p->written);
		secret_clear(&p->o.key.secret);
		free(p);
		g->publish = NULL;
		return;
	}
	take(p, o);
	p->updater = updater_of(p);
	read_names(p);
	g->publish_stale = true;
}

void gateway_publish_tick(struct gateway *g)
{
	if (g->leaving != NULL && dns_updater_is_empty(g->leaving))
		end_leave(g);
	if (g->publish == NULL || !g->publish_stale)
		return;
	g->publish_stale = false;
	put_names(g->publish);
}

bool gateway_dns_update_status(const struct gateway *g, struct dns_updater_status *out)
{
	if (g->publish == NULL)
		return false;
	dns_updater_status(g->publish->updater, out);
	return true;
}

struct dns_update_counts gateway_dns_update_counts(const struct gateway *g)
{
	if (g->publish == NULL)
		return (struct dns_update_counts){.sent = 0};
	return *dns_updater_counts(g->publish->updater);
}

const char *gateway_dns_update_state(const struct gateway *g, const char *name)
{
	return g->publish == NULL ? NULL : dns_updater_state(g->publish->updater, name);
}
