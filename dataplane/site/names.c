/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers follow from the configuration and the PoPs at the moment of the query: nothing has to be
 * pushed when a PoP goes. */
#include "dataplane/site/names.h"

#include "dataplane/site/gateway_state.h"
#include "dataplane/site/name_book.h"
#include "platform/base/mem.h"
#include "platform/os/rng.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RANDOM_LEN 16 /* of 32 letters and digits: 80 bits */

struct names {
	struct gateway *g;
	/* One at each address; NULL: it could not be opened yet. */
	struct dns_server *servers[1 + SERVICES_MAX];
	struct ip_endpoint ats[1 + SERVICES_MAX]; /* services after `at` */
	size_t count;
	struct loop_timer retry;
	char zone[SITE_TEXT_MAX];
	char problem[160];
};

/* The zone's own name server is at the first PoP that is in service, or where it listens. */
static enum dns_found find_server(const struct names *n, struct ip_addr *out)
{
	const struct pop_list *l = &n->g->pops;

	*out = n->ats[0].addr;
	for (size_t i = 0; i < l->count; i++) {
		if (pop_in_service(&l->items[i])) {
			*out = l->items[i].addresses[0];
			break;
		}
	}
	return DNS_ADDRESS;
}

static enum dns_found find(void *arg, const char *label, const struct ip_addr *asker,
			   struct ip_addr *out)
{
	const struct names *n = arg;
	char name[SITE_TEXT_MAX * 2];
	const struct name_entry *e;
	const struct pop *p;

	if (strcmp(label, "ns") == 0)
		return find_server(n, out);
	snprintf(name, sizeof(name), "%s.%s", label, n->zone);
	e = name_book_find(gateway_name_book(n->g), name);
	if (e == NULL)
		return DNS_NO_NAME;
	p = site_pop_for(e->site, e->role, asker);
	if (p == NULL || !pop_in_service(p))
		return DNS_NO_DATA;
	*out = p->addresses[0];
	return DNS_ADDRESS;
}

static int open_servers(struct names *n, struct err_msg *e)
{
	struct dns_zone zone = {.name = n->zone,
				.serial = (uint32_t)(loop_wall_ms() / 1000),
				.find = find,
				.arg = n};

	n->problem[0] = '\0';
	for (size_t i = 0; i < n->count; i++) {
		if (n->servers[i] == NULL)
			n->servers[i] = dns_server_new(n->g->loop, &n->ats[i], &zone, e);
		if (n->servers[i] == NULL)
			snprintf(n->problem, sizeof(n->problem), "%.*s",
				 (int)sizeof(n->problem) - 1, e->text);
	}
	if (n->problem[0] == '\0')
		return 0;
	loop_timer_set(n->g->loop, &n->retry, gateway_clock(n->g) + GATEWAY_RETRY_MS);
	return ERR_SYSTEM;
}

static void on_retry(void *arg)
{
	struct err_msg e = {.text = ""};

	(void)!open_servers(arg, &e);
}

void gateway_names_free(struct gateway *g)
{
	if (g->names == NULL)
		return;
	loop_timer_cancel(g->loop, &g->names->retry);
	for (size_t i = 0; i < g->names->count; i++)
		dns_server_free(g->names->servers[i]);
	free(g->names);
	g->names = NULL;
}

/* Where they shall be: `at`, and every service address that it is not. */
static size_t places(const struct gateway *g, const struct ip_endpoint *at,
		     struct ip_endpoint out[1 + SERVICES_MAX])
{
	size_t count = 0;

	memset(out, 0, (1 + SERVICES_MAX) * sizeof(*out));
	if (ip_addr_is_set(&at->addr))
		out[count++] = *at;
	for (size_t i = 0; i < g->services.count; i++) {
		struct ip_endpoint x = {.addr = g->services.list[i], .port = DNS_PORT};

		if (!ip_endpoint_equal(&x, at))
			out[count++] = x;
	}
	return count;
}

int gateway_dns_set(struct gateway *g, const char *zone, const struct ip_endpoint *at,
		    struct err_msg *e)
{
	struct names *n = g->names;
	struct ip_endpoint ats[1 + SERVICES_MAX];
	size_t count = places(g, at, ats);
	bool same = n != NULL && strcmp(n->zone, zone) == 0 && n->count == count;

	for (size_t i = 0; i < count && same; i++)
		same = ip_endpoint_equal(&n->ats[i], &ats[i]);
	if (same)
		return 0;
	gateway_names_free(g);
	if (zone[0] == '\0' || count == 0)
		return 0;
	n = g->names = mem_zalloc(sizeof(*n));
	n->g = g;
	memcpy(n->ats, ats, sizeof(n->ats));
	n->count = count;
	n->retry = (struct loop_timer){.fn = on_retry, .arg = n};
	snprintf(n->zone, sizeof(n->zone), "%s", zone);
	return open_servers(n, e);
}

static void add_counters(struct dns_counters *sum, const struct dns_counters *c)
{
	sum->udp += c->udp;
	sum->tcp += c->tcp;
	sum->answered += c->answered;
	sum->nxdomain += c->nxdomain;
	sum->refused += c->refused;
	sum->malformed += c->malformed;
	sum->unsupported += c->unsupported;
	sum->failed += c->failed;
	sum->limited += c->limited;
}

void gateway_dns_status(const struct gateway *g, struct gateway_dns_status *out)
{
	const struct names *n = g->names;

	memset(out, 0, sizeof(*out));
	if (n == NULL)
		return;
	out->running = n->problem[0] == '\0';
	memcpy(out->problem, n->problem, sizeof(out->problem));
	for (size_t i = 0; i < n->count; i++) {
		if (n->servers[i] != NULL)
			add_counters(&out->counters, dns_server_counters(n->servers[i]));
	}
}

void names_generate(enum site_role role, unsigned index0, const char *zone, char out[SITE_TEXT_MAX])
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";
	uint8_t random[RANDOM_LEN];
	char text[RANDOM_LEN + 1];

	rng_bytes(random, sizeof(random));
	for (size_t i = 0; i < RANDOM_LEN; i++)
		text[i] = letters[random[i] % 32];
	text[RANDOM_LEN] = '\0';
	snprintf(out, SITE_TEXT_MAX, "%c%u-%s.%.*s", role == SITE_PRIMARY ? 'p' : 's', index0 + 1,
		 text, SITE_TEXT_MAX - RANDOM_LEN - 6, zone);
}
