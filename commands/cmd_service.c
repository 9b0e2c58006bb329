/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Addresses of the appliance inside the tunnels. */
#include "commands/config_line.h"
#include "commands/row.h"
#include "commands/writer.h"
#include "platform/base/mem.h"

#include <string.h>

static size_t find(const struct box_config *b, const struct ip_addr *a)
{
	for (size_t i = 0; i < b->service_count; i++) {
		if (ip_addr_compare(&b->services[i], a) >= 0)
			return i;
	}
	return b->service_count;
}

static bool is_at(const struct box_config *b, size_t at, const struct ip_addr *a)
{
	return at < b->service_count && ip_addr_equal(&b->services[at], a);
}

static int set_service(struct config_line *l, struct err_msg *e)
{
	const struct value *v = config_arg(l, "service-address");
	struct box_config *b = l->box;
	size_t at = find(b, &v->addr);

	if (v->addr.bytes[0] == 127)
		return err_set(e, ERR_RANGE,
			       "service-address %s: allowed is an address that sites can send to, "
			       "such as 10.254.254.1",
			       v->text);
	if (is_at(b, at, &v->addr))
		return 0;
	if (b->service_count == SERVICES_MAX)
		return err_set(e, ERR_NO_SPACE,
			       "service-address %s: there are %d, that is all there can be",
			       v->text, SERVICES_MAX);
	memmove(&b->services[at + 1], &b->services[at],
		(b->service_count - at) * sizeof(b->services[0]));
	b->services[at] = v->addr;
	b->service_count++;
	return 0;
}

static int unset_service(struct config_line *l, struct err_msg *e)
{
	const struct value *v = config_arg(l, "service-address");
	struct box_config *b = l->box;
	size_t at = find(b, &v->addr);

	if (!is_at(b, at, &v->addr))
		return err_set(e, ERR_NOT_FOUND, "There is no service-address %s", v->text);
	b->service_count--;
	memmove(&b->services[at], &b->services[at + 1],
		(b->service_count - at) * sizeof(b->services[0]));
	memset(&b->services[b->service_count], 0, sizeof(b->services[0]));
	return 0;
}

static void write_services(const struct row *row, const void *object, struct config_writer *w)
{
	const struct box_config *b = object;
	char text[IP_TEXT_MAX];

	(void)row;
	for (size_t i = 0; i < b->service_count; i++)
		writer_line(w, "service-address %s",
			    ip_addr_text(&b->services[i], text, sizeof(text)));
}

static const struct row rows[] = {
	{
		.words = "service-address <service-address>",
		.no_words = "service-address <service-address>",
		.modes = IN_CONFIG,
		.set = set_service,
		.unset = unset_service,
		.write = write_services,
		.help = "Address of the appliance inside the tunnels",
		.manual = "The appliance has this address for the sites: it answers echo requests "
			  "there, and queries for the zone of dns zone.  Nobody reaches it "
			  "from outside of tunnels.  Peers that send only a part of their traffic "
			  "route 10.254.254.1, 10.254.254.5 and 10.254.254.253 into the tunnel "
			  "(show ipsec site NAME peer-worksheet); a site with network-range needs "
			  "one for it, too.  At most eight.",
	},
};

const struct row_table table_service = {
	.family = "service addresses",
	.rows = rows,
	.count = ARRAY_LEN(rows),
};
