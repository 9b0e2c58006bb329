/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Configuration of PoPs: where tunnels end. */
#include "commands/config_line.h"
#include "commands/row.h"
#include "commands/session_place.h"
#include "commands/writer.h"
#include "dataplane/site/place.h"
#include "platform/base/mem.h"

#include <stdio.h>
#include <string.h>

static int remove_pop(struct cmd *c, const char *name)
{
	const struct config *config = place_config(c);
	const struct site_config *user = cloud_user(config, name, NULL);

	if (user != NULL)
		return cmd_fail(c, ERR_BUSY, "PoP %s is the destination of site %s", name,
				user->name);
	for (size_t i = 0; i < config->cloud.accounts.count; i++) {
		const struct account *a = &config->cloud.accounts.items[i];

		for (uint32_t k = 0; k < a->address_count; k++) {
			if (strcmp(a->addresses[k].pop, name) == 0)
				return cmd_fail(c, ERR_BUSY, "Account %s has addresses of PoP %s",
						a->name, name);
		}
	}
	return place_remove_pop(c, name);
}

static int pop(struct cmd *c)
{
	const char *name = cmd_text(c, "pop");

	return cmd_is_no(c) ? remove_pop(c, name) : place_enter_pop(c, name);
}

static int set_address(struct config_line *l, struct err_msg *e)
{
	struct pop *p = l->object;
	const struct value *v = config_arg(l, "address");
	const struct pop *other = pops_of_address(&l->config->cloud.pops, &v->addr);

	if (other != NULL && strcmp(other->name, p->name) == 0)
		return 0;
	if (other != NULL)
		return err_set(e, ERR_EXISTS, "address %s: PoP %s has it", v->text, other->name);
	if (p->address_count == POP_ADDRESSES)
		return err_set(e, ERR_NO_SPACE, "PoP %s has %d addresses, that is the limit",
			       p->name, POP_ADDRESSES);
	p->addresses[p->address_count++] = v->addr;
	return 0;
}

static int unset_address(struct config_line *l, struct err_msg *e)
{
	struct pop *p = l->object;
	const struct value *v = config_arg(l, "address");

	for (uint32_t i = 0; i < p->address_count; i++) {
		if (!ip_addr_equal(&p->addresses[i], &v->addr))
			continue;
		p->address_count--;
		memmove(&p->addresses[i], &p->addresses[i + 1],
			(p->address_count - i) * sizeof(p->addresses[0]));
		memset(&p->addresses[p->address_count], 0, sizeof(p->addresses[0]));
		return 0;
	}
	return err_set(e, ERR_NOT_FOUND, "PoP %s has no address %s", p->name, v->text);
}

static void write_address(const struct row *row, const void *object, struct config_writer *w)
{
	const struct pop *p = object;
	char text[IP_TEXT_MAX];

	(void)row;
	for (uint32_t i = 0; i < p->address_count; i++)
		writer_line(w, "address %s", ip_addr_text(&p->addresses[i], text, sizeof(text)));
}

static int set_location(struct config_line *l, struct err_msg *e)
{
	struct pop *p = l->object;
	const char *latitude = config_arg(l, "latitude")->text;
	const char *longitude = config_arg(l, "longitude")->text;
	double degrees;

	if (!place_degrees(latitude, 90, &degrees) || !place_degrees(longitude, 180, &degrees))
		return err_set(e, ERR_RANGE,
			       "location %s %s: latitude is -90 to 90 and longitude -180 to 180 "
			       "degrees, such as 50.11 8.68",
			       latitude, longitude);
	memset(p->latitude, 0, sizeof(p->latitude));
	memset(p->longitude, 0, sizeof(p->longitude));
	snprintf(p->latitude, sizeof(p->latitude), "%s", latitude);
	snprintf(p->longitude, sizeof(p->longitude), "%s", longitude);
	return 0;
}

static int unset_location(struct config_line *l, struct err_msg *e)
{
	struct pop *p = l->object;

	(void)e;
	memset(p->latitude, 0, sizeof(p->latitude));
	memset(p->longitude, 0, sizeof(p->longitude));
	return 0;
}

static void write_location(const struct row *row, const void *object, struct config_writer *w)
{
	const struct pop *p = object;

	(void)row;
	if (p->latitude[0] != '\0')
		writer_line(w, "location %s %s", p->latitude, p->longitude);
	else if (w->all)
		writer_line(w, "no location");
}

static const struct row rows[] = {
	{
		.words = "pop <pop>",
		.no_words = "pop <pop>",
		.modes = IN_CONFIG,
		.flags = ROW_ENTERS,
		.enters = CMD_POP,
		.handler = pop,
		.help = "A point of presence: where tunnels end",
		.manual = "Enters a PoP, and makes it when it is new.  Primary and secondary "
			  "tunnels of a site end at different ones.  The no form removes a PoP "
			  "that nothing uses.",
	},
	{
		.words = "address <address>",
		.no_words = "address <address>",
		.modes = IN_POP,
		.set = set_address,
		.unset = unset_address,
		.write = write_address,
		.help = "Address of this appliance at the PoP",
		.manual = "An address of this appliance at which tunnels of the PoP end; may be "
			  "given several times.  No other PoP may have it.",
	},
	{
		.words = "location <latitude> <longitude>",
		.no_words = "location [<rest>]",
		.modes = IN_POP,
		.set = set_location,
		.unset = unset_location,
		.write = write_location,
		.help = "Where the PoP is",
		.manual = "Latitude and longitude in decimal degrees.  Automatic destinations take "
			  "the PoP that is nearest to the country of the site.",
	},
	{
		.words = "shutdown",
		.modes = IN_POP,
		.fields = {FIELD(NULL, struct pop, shutdown)},
		.help = "Take the PoP out of service",
		.manual = "Tunnels that end at the PoP go down (pop-unavailable), and automatic "
			  "destinations take another one.",
	},
};

const struct row_table table_pop = {
	.family = "points of presence",
	.rows = rows,
	.count = ARRAY_LEN(rows),
};
