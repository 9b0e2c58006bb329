/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which argument names what; reads configuration, archive, files and stories, changes nothing. */
#include "commands/name_list.h"

#include "commands/archive.h"
#include "commands/commands_state.h"
#include "commands/draft.h"
#include "commands/session_state.h"
#include "commands/source.h"
#include "dataplane/site/stories.h"
#include "platform/base/mem.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct listing {
	const struct session *s;
	const struct resolution *at;
	void (*fn)(void *to, const char *name, const char *text);
	void *to;
};

static void say(const struct listing *l, const char *name, const char *text)
{
	l->fn(l->to, name, text);
}

static void say_number(const struct listing *l, uint32_t number, const char *text)
{
	char name[16];

	snprintf(name, sizeof(name), "%" PRIu32, number);
	say(l, name, text);
}

static void say_address(const struct listing *l, const struct ip_addr *addr, const char *text)
{
	char name[IP_TEXT_MAX];

	say(l, ip_addr_text(addr, name, sizeof(name)), text);
}

static const struct value *value_of(const struct listing *l, const char *arg)
{
	for (size_t i = 0; i < l->at->count; i++) {
		if (strcmp(l->at->values[i].arg->name, arg) == 0)
			return &l->at->values[i];
	}
	return NULL;
}

/* The site that the line names, or that the lines belong to; NULL: none. */
static const struct site_config *site_at(const struct listing *l)
{
	const struct value *v = value_of(l, "site");

	return config_site(l->s->config, v == NULL ? l->s->place.site : v->text);
}

static void list_sites(const struct listing *l)
{
	for (size_t i = 0; i < l->s->config->count; i++)
		say(l, l->s->config->sites[i]->name, "Existing site");
}

static void list_accounts(const struct listing *l)
{
	const struct account_list *all = &l->s->config->cloud.accounts;

	for (size_t i = 0; i < all->count; i++)
		say(l, all->items[i].name, "Existing account");
}

static void list_pops(const struct listing *l)
{
	const struct pop_list *all = &l->s->config->cloud.pops;

	for (size_t i = 0; i < all->count; i++)
		say(l, all->items[i].name, "Existing PoP");
}

static void list_users(const struct listing *l)
{
	const struct box_config *box = &l->s->config->box;

	for (uint32_t i = 0; i < box->user_count; i++)
		say(l, box->users[i].name, "Existing user");
}

static void list_log_hosts(const struct listing *l)
{
	const struct box_config *box = &l->s->config->box;

	for (uint32_t i = 0; i < box->log_host_count; i++)
		say_address(l, &box->log_hosts[i].addr, "Existing log host");
}

static void list_rules(const struct listing *l)
{
	const struct net_rule_list *all = &l->s->config->rules;

	for (size_t i = 0; i < all->count; i++)
		say_number(l, all->items[i].priority, all->items[i].name);
}

static void list_rule_name(const struct listing *l)
{
	const struct value *v = value_of(l, "rule-priority");
	const struct net_rule *rule =
		v == NULL ? NULL : net_rules_find(&l->s->config->rules, v->number);

	if (rule != NULL)
		say(l, rule->name, "Name of the existing rule");
}

static void list_tunnels(const struct listing *l)
{
	const struct site_config *site = site_at(l);
	const struct value *role = value_of(l, "role");

	if (site == NULL || role == NULL || role->number >= SITE_ROLES)
		return;
	for (uint32_t i = 0; i < SITE_TUNNELS; i++) {
		const struct tunnel_config *t = &site->tunnels[role->number][i];

		if (t->present)
			say_number(l, i + 1, t->name[0] == '\0' ? "Existing tunnel" : t->name);
	}
}

static void list_networks(const struct listing *l, const struct site_network_list *all)
{
	char text[IP_RANGE_TEXT_MAX];

	for (size_t i = 0; i < all->count; i++)
		say(l, all->items[i].label,
		    ip_range_text(&all->items[i].range, text, sizeof(text)));
}

static void list_network_labels(const struct listing *l)
{
	const struct site_config *site = site_at(l);

	if (site != NULL)
		list_networks(l, &site->networks);
}

static void list_network_ranges(const struct listing *l)
{
	const struct site_config *site = site_at(l);

	if (site != NULL)
		list_networks(l, &site->network_ranges);
}

static void list_account_addresses(const struct listing *l, const char *name)
{
	const struct account *a = accounts_find(&l->s->config->cloud.accounts, name);

	for (uint32_t i = 0; a != NULL && i < a->address_count; i++)
		say_address(l, &a->addresses[i].addr, a->addresses[i].pop);
}

static void list_pop_addresses(const struct listing *l, const struct pop *p)
{
	for (uint32_t i = 0; i < p->address_count; i++)
		say_address(l, &p->addresses[i], p->name);
}

/* Own addresses: those of the account, or else of the PoPs. */
static void list_own_addresses(const struct listing *l)
{
	const struct pop_list *pops = &l->s->config->cloud.pops;
	const struct site_config *site = site_at(l);

	if (l->at->mode == CMD_ACCOUNT) {
		list_account_addresses(l, l->s->place.object);
	} else if (site != NULL && site->account[0] != '\0') {
		list_account_addresses(l, site->account);
	} else {
		for (size_t i = 0; site != NULL && i < pops->count; i++)
			list_pop_addresses(l, &pops->items[i]);
	}
}

static void list_addresses(const struct listing *l)
{
	const struct pop *p = l->at->mode == CMD_POP
				      ? pops_find(&l->s->config->cloud.pops, l->s->place.object)
				      : NULL;

	if (p != NULL)
		list_pop_addresses(l, p);
}

static void list_drafts(const struct listing *l)
{
	struct list *node, *after;

	list_for_each(node, after, &l->s->commands->drafts)
		say(l, container_of(node, struct draft, node)->name, "Configuration session");
}

static void list_archive(const struct listing *l)
{
	struct archive_list all = {.count = 0};
	struct err_msg ignored;

	if (archive_list(l->s->commands, &all, &ignored) != 0)
		return;
	for (size_t i = 0; i < all.count; i++)
		say_number(l, all.items[i].number, all.items[i].what);
	archive_list_clear(&all);
}

static void say_files(const struct listing *l, const char *scheme)
{
	struct strbuf names;
	struct err_msg ignored;
	char name[128];

	strbuf_init(&names);
	if (source_files(l->s->commands, &names, &ignored) == 0) {
		char *rest = names.text;

		for (char *file; (file = strsep(&rest, "\n")) != NULL;) {
			snprintf(name, sizeof(name), "%s%s", scheme, file);
			if (*file != '\0')
				say(l, name, "Saved file");
		}
	}
	strbuf_clear(&names);
}

static void list_files(const struct listing *l)
{
	say_files(l, "");
}

static void list_sources(const struct listing *l)
{
	say(l, "running-config", "Configuration that is in force");
	say(l, "startup-config", "Configuration that was saved");
	list_archive(l);
	say_files(l, "file:");
}

static void list_stories(const struct listing *l)
{
	const struct stories *stories = l->s->commands->stories;
	const struct list *all =
		stories == NULL
			? NULL
			: story_book_all(stories_book((struct stories *)(uintptr_t)stories));

	for (const struct list *n = all == NULL ? NULL : all->next; n != all; n = n->next) {
		const struct story *y =
			container_of((struct list *)(uintptr_t)n, struct story, node);

		say_number(l, (uint32_t)y->id, y->site);
	}
}

static const struct {
	const char *arg;
	void (*list)(const struct listing *l);
} lists[] = {
	{"account", list_accounts},
	{"address", list_addresses},
	{"archive-number", list_archive},
	{"config-file", list_files},
	{"config-from", list_sources},
	{"config-to", list_sources},
	{"draft", list_drafts},
	{"ipv4", list_own_addresses},
	{"label", list_network_labels},
	{"log-address", list_log_hosts},
	{"network-label", list_network_ranges},
	{"pop", list_pops},
	{"rule-name", list_rule_name},
	{"rule-priority", list_rules},
	{"site", list_sites},
	{"story-id", list_stories},
	{"tunnel-index", list_tunnels},
	{"tunnel-number", list_tunnels},
	{"username", list_users},
};

void name_list(const struct session *s, const struct resolution *at, const struct arg *a,
	       void (*fn)(void *to, const char *name, const char *text), void *to)
{
	const struct listing l = {.s = s, .at = at, .fn = fn, .to = to};

	for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
		if (strcmp(lists[i].arg, a->name) == 0)
			lists[i].list(&l);
	}
}
