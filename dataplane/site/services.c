/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which service addresses there shall be; how they come to the kernel is of dataplane/net. */
#include "dataplane/site/services.h"

#include "dataplane/site/gateway_state.h"

#include <string.h>

static int tell(struct gateway *g, struct err_msg *e)
{
	struct gateway_services *s = &g->services;
	int r = g->net->ops->services(g->net, s->list, s->count, e);

	s->failed = r != 0;
	if (s->failed)
		gateway_retry_soon(g);
	return r;
}

void gateway_services_again(struct gateway *g)
{
	struct err_msg e = {.text = ""};

	if (tell(g, &e) != 0)
		log_line(g->log, LOG_LVL_WARNING, LOG_NET, "service addresses: %s", e.text);
}

void gateway_services_retry(struct gateway *g)
{
	struct err_msg e = {.text = ""};

	if (g->services.failed && !g->closing)
		(void)!tell(g, &e); /* the first failure was said */
}

int gateway_services_set(struct gateway *g, const struct ip_addr *list, size_t count,
			 struct err_msg *e)
{
	struct gateway_services *s = &g->services;

	if (count == s->count && memcmp(list, s->list, count * sizeof(*list)) == 0)
		return 0;
	memset(s->list, 0, sizeof(s->list));
	memcpy(s->list, list, count * sizeof(*list));
	s->count = count;
	return tell(g, e);
}
