/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Standard addresses first, in the order in which operators know them. */
#include "commands/service_routes.h"

#include "dataplane/site/bgp_text.h"
#include "platform/base/mem.h"

static void add(struct service_routes *out, const struct ip_prefix *p)
{
	for (size_t i = 0; i < out->count; i++) {
		if (ip_prefix_equal(&out->item[i], p))
			return;
	}
	out->item[out->count++] = *p;
}

static void add_text(struct service_routes *out, const char *text)
{
	struct ip_prefix p;

	if (ip_prefix_parse(text, &p) == 0)
		add(out, &p);
}

void service_routes(const struct config *c, const struct site_config *s, struct service_routes *out)
{
	static const char *const standard[] = {"10.254.254.1/32", "10.254.254.5/32",
					       "10.254.254.253/32"};
	const struct account *a = accounts_find(&c->cloud.accounts, s->account);

	out->count = 0;
	for (size_t i = 0; i < ARRAY_LEN(standard); i++)
		add_text(out, standard[i]);
	for (size_t i = 0; i < c->box.service_count; i++) {
		struct ip_prefix p = {.addr = c->box.services[i], .len = 32};

		add(out, &p);
	}
	if (a != NULL && a->vpn_users.addr.family != IP_NONE)
		add(out, &a->vpn_users);
	else
		add_text(out, BGP_VPN_RANGE);
}
