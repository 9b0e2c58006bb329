/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Compares the running configuration with what the gateway was last told and tells it the
 * difference.  What the gateway does about it is its own business; it keeps trying by itself.
 */
#include "commands/apply.h"

#include "commands/commands_state.h"
#include "commands/fqdn.h"
#include "commands/notify.h"
#include "commands/session_state.h"
#include "commands/syslog.h"
#include "dataplane/site/gateway.h"
#include "dataplane/site/names.h"
#include "dataplane/site/publish.h"
#include "dataplane/site/stories.h"
#include "platform/base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int tell(struct commands *c, const struct site_config *now, struct err_msg *e)
{
	struct site_config *old = config_site(&c->applied, now->name);
	int r;

	if (old != NULL && site_config_equal(old, now))
		return 0;
	r = c->gateway == NULL ? 0 : gateway_site_set(c->gateway, now, e);
	if (r != 0)
		return r;
	if (old == NULL)
		old = config_site_add(&c->applied, now->name);
	site_config_copy(old, now);
	return 0;
}

static void forget(struct commands *c, const char *name)
{
	if (config_site(&c->applied, name) == NULL)
		return;
	if (c->gateway != NULL)
		gateway_site_remove(c->gateway, name);
	config_site_remove(&c->applied, name);
}

int apply_site(struct commands *c, const char *name, struct err_msg *e)
{
	struct site_config *now = config_site(&c->running, name);

	if (now != NULL) {
		(void)fqdn_fill(&c->running, now);
		return tell(c, now, e);
	}
	forget(c, name);
	return 0;
}

int apply_all(struct commands *c, struct err_msg *e)
{
	int result = 0;

	for (size_t i = c->applied.count; i > 0; i--) {
		char name[SITE_NAME_MAX];

		snprintf(name, sizeof(name), "%s", c->applied.sites[i - 1]->name);
		if (config_site(&c->running, name) == NULL)
			forget(c, name);
	}
	for (size_t i = 0; i < c->running.count; i++) {
		struct err_msg one = {.code = 0};
		int r;

		(void)fqdn_fill(&c->running, c->running.sites[i]);
		r = tell(c, c->running.sites[i], &one);

		if (r != 0 && result == 0) {
			result = r;
			err_set(e, r, "%s", one.text);
		}
	}
	return result;
}

static void apply_dns_update(struct commands *c)
{
	const struct box_dns_update *u = &c->running.box.dns_update;
	struct gateway_dns_update o = {.server = u->server};
	struct err_msg e = {.text = ""};

	if (c->gateway == NULL)
		return;
	snprintf(o.zone, sizeof(o.zone), "%s",
		 u->zone[0] == '\0' ? c->running.box.dns_zone : u->zone);
	snprintf(o.key.name, sizeof(o.key.name), "%s", u->key);
	o.key.hmac = (enum dns_hmac)u->hmac;
	if (u->key[0] != '\0' && sealer_open(c->sealer, u->secret, &o.key.secret, &e) != 0)
		event_emit(c->events, EVENT_DNS_UPDATE, NULL, 0,
			   "dns update key %s: the secret cannot be decrypted: %s", u->key, e.text);
	gateway_dns_update_set(c->gateway, &o);
	secret_clear(&o.key.secret);
}

/* A zone gives names to the tunnels that wait for one. */
static void apply_dns(struct commands *c)
{
	const struct box_config *b = &c->running.box;
	struct err_msg e = {.text = ""};

	for (size_t i = 0; i < c->running.count; i++) {
		struct site_config *s = c->running.sites[i];

		if (fqdn_fill(&c->running, s))
			(void)!tell(c, s, &e); /* what was refused has been said */
	}
	if (c->gateway != NULL &&
	    gateway_services_set(c->gateway, b->services, b->service_count, &e) != 0)
		event_emit(c->events, EVENT_DATAPLANE_ERROR, NULL, 0, "service-address: %s",
			   e.text);
	apply_dns_update(c);
	if (c->gateway != NULL && gateway_dns_set(c->gateway, b->dns_zone, &b->dns_listen, &e) != 0)
		event_emit(c->events, EVENT_DATAPLANE_ERROR, NULL, 0, "dns listen: %s", e.text);
}

void apply_box(struct commands *c)
{
	struct list *node, *after;

	apply_dns(c);
	place_update_prompts(c);
	if (c->stories != NULL)
		stories_threshold(c->stories, c->running.box.story_threshold_s);
	syslog_apply(c->syslog);
	notify_apply(c->notify);
	if (c->box != NULL)
		c->box(c->box_arg, &c->running.box);
	list_for_each(node, after, &c->sessions)
		session_watch_idle(container_of(node, struct session, node));
}

static void tell_vpn_users(struct commands *c)
{
	const struct account_list *l = &c->running.cloud.accounts;
	struct gateway_vpn_users *list = mem_calloc(l->count + 1, sizeof(*list));
	size_t n = 0;

	for (size_t i = 0; i < l->count; i++) {
		if (l->items[i].vpn_users.addr.family == IP_NONE)
			continue;
		memcpy(list[n].account, l->items[i].name, sizeof(list[n].account));
		list[n++].range = l->items[i].vpn_users;
	}
	gateway_vpn_users_set(c->gateway, list, n);
	free(list);
}

static void tell_reach(struct commands *c)
{
	const struct account_list *l = &c->running.cloud.accounts;
	struct gateway_reach *list = mem_calloc(l->count * ACCOUNT_REACH + 1, sizeof(*list));
	size_t n = 0;

	for (size_t i = 0; i < l->count; i++) {
		for (uint32_t k = 0; k < l->items[i].reach_count; k++, n++) {
			memcpy(list[n].from, l->items[i].name, sizeof(list[n].from));
			memcpy(list[n].to, l->items[i].reach[k], sizeof(list[n].to));
		}
	}
	gateway_reach_set(c->gateway, list, n);
	free(list);
}

void apply_cloud(struct commands *c)
{
	if (cloud_config_equal(&c->running.cloud, &c->applied.cloud))
		return;
	if (c->gateway != NULL) {
		gateway_pops_set(c->gateway, &c->running.cloud.pops);
		tell_vpn_users(c);
		tell_reach(c);
	}
	cloud_config_copy(&c->applied.cloud, &c->running.cloud);
}

void apply_rules(struct commands *c)
{
	if (net_rules_equal(&c->running.rules, &c->applied.rules))
		return;
	if (c->gateway != NULL)
		gateway_rules_set(c->gateway, &c->running.rules);
	net_rules_copy(&c->applied.rules, &c->running.rules);
}
