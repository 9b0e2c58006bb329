/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Configuration of a site: the networks on both sides and the traffic selectors. */
#include "commands/cmd_site.h"
#include "commands/config_index.h"
#include "commands/row.h"
#include "commands/writer.h"
#include "platform/base/mem.h"

#include <stdlib.h>
#include <string.h>

static int refuse_full(struct config_line *l, const char *what, struct err_msg *e)
{
	return err_set(e, ERR_NO_SPACE, "Site %s has %d %s, that is all a Child SA can have",
		       l->site->name, IKE_TS_MAX, what);
}

static bool has_label(const struct site_network_list *list, const char *label)
{
	for (size_t i = 0; i < list->count; i++) {
		if (strcmp(list->items[i].label, label) == 0)
			return true;
	}
	return false;
}

static void write_networks(const struct site_network_list *list, const char *word,
			   const char *separator, struct config_writer *w)
{
	char range[IP_RANGE_TEXT_MAX];

	for (size_t i = 0; i < list->count; i++)
		writer_line(w, "%s %s%s%s", word, list->items[i].label, separator,
			    ip_range_text(&list->items[i].range, range, sizeof(range)));
}

static int set_network_range(struct config_line *l, struct err_msg *e)
{
	const struct value *v = config_arg(l, "network");
	struct site_network_list *list = &l->site->network_ranges;

	if (list->count >= IKE_TS_MAX && !has_label(list, v->text))
		return refuse_full(l, "network ranges", e);
	site_network_list_set(list, v->text, &v->range);
	return 0;
}

static int unset_network_range(struct config_line *l, struct err_msg *e)
{
	const struct value *v = config_arg(l, "network-label");
	char label[SITE_LABEL_MAX];
	size_t len = strcspn(v->text, ":");

	if (len >= sizeof(label))
		return err_set(e, ERR_NOT_FOUND, "Site %s has no such network range",
			       l->site->name);
	memcpy(label, v->text, len);
	label[len] = '\0';
	if (!site_network_list_remove(&l->site->network_ranges, label))
		return err_set(e, ERR_NOT_FOUND, "Site %s has no network range %s", l->site->name,
			       label);
	return 0;
}

static void write_network_range(const struct row *row, const void *object, struct config_writer *w)
{
	(void)row;
	write_networks(&((const struct site_config *)object)->network_ranges, "network-range", ":",
		       w);
}

static int set_network(struct config_line *l, struct err_msg *e)
{
	const char *label = config_arg(l, "label")->text;
	struct site_network_list *list = &l->site->networks;

	/* The native range is a selector as well. */
	if (list->count >= IKE_TS_MAX - 1 && !has_label(list, label))
		return refuse_full(l, "networks", e);
	site_network_list_set(list, label, &config_arg(l, "range")->range);
	return 0;
}

static int unset_network(struct config_line *l, struct err_msg *e)
{
	const char *label = config_arg(l, "label")->text;

	if (!site_network_list_remove(&l->site->networks, label))
		return err_set(e, ERR_NOT_FOUND, "Site %s has no network %s", l->site->name, label);
	return 0;
}

static void write_network(const struct row *row, const void *object, struct config_writer *w)
{
	(void)row;
	write_networks(&((const struct site_config *)object)->networks, "network", " ", w);
}

static struct site_range_list *selectors(struct config_line *l)
{
	return config_arg(l, "side")->number == 0 ? &l->site->ts_local : &l->site->ts_peer;
}

static bool same_family(const struct site_config *s)
{
	const struct site_range_list *lists[] = {&s->ts_local, &s->ts_peer};

	for (size_t i = 0; i < 2; i++) {
		if (lists[i]->count == 0)
			return true; /* derived */
	}
	return s->ts_local.items[0].first.family == s->ts_peer.items[0].first.family;
}

static int set_selector(struct config_line *l, struct err_msg *e)
{
	struct site_range_list *list = selectors(l);
	const struct value *v = config_arg(l, "range");

	if (list->count >= IKE_TS_MAX)
		return refuse_full(l, "traffic selectors on this side", e);
	(void)site_range_list_add(list, &v->range);
	if (!same_family(l->site))
		strbuf_printf(l->notes, "%% Warning: the first traffic selectors of both sides are "
					"of different IP versions\n");
	return 0;
}

static int unset_selector(struct config_line *l, struct err_msg *e)
{
	struct site_range_list *list = selectors(l);
	const struct value *v = config_arg(l, "range");

	if (v == NULL) {
		free(list->items);
		*list = (struct site_range_list){.count = 0};
		return 0;
	}
	if (!site_range_list_remove(list, &v->range))
		return err_set(e, ERR_NOT_FOUND, "Site %s has no traffic selector %s %s",
			       l->site->name, config_arg(l, "side")->text, v->text);
	return 0;
}

static void write_selectors(const struct row *row, const void *object, struct config_writer *w)
{
	const struct site_config *s = object;
	const struct site_range_list *lists[] = {&s->ts_local, &s->ts_peer};
	char range[IP_RANGE_TEXT_MAX];

	(void)row;
	for (size_t side = 0; side < ARRAY_LEN(lists); side++) {
		for (size_t i = 0; i < lists[side]->count; i++)
			writer_line(w, "traffic-selector %s %s", side == 0 ? "local" : "peer",
				    ip_range_text(&lists[side]->items[i], range, sizeof(range)));
	}
}

int site_check_loop(const struct site_config *s, struct err_msg *e)
{
	char addr[IP_TEXT_MAX], range[IP_RANGE_TEXT_MAX];
	struct ip_range in;

	for (unsigned i = 0; i < SITE_ROLES * SITE_TUNNELS; i++) {
		const struct tunnel_config *t = &s->tunnels[i / SITE_TUNNELS][i % SITE_TUNNELS];

		if (!t->present || !ip_addr_is_set(&t->public_ip) ||
		    !config_ranges_of_site_contain(s, &t->public_ip, &in))
			continue;
		return err_set(e, ERR_INVALID,
			       "public-ip %s of tunnel %s %u is in the network %s of the site: "
			       "packets for the peer would enter its own tunnel",
			       ip_addr_text(&t->public_ip, addr, sizeof(addr)),
			       site_role_name((enum site_role)(i / SITE_TUNNELS)),
			       i % SITE_TUNNELS + 1, ip_range_text(&in, range, sizeof(range)));
	}
	return 0;
}

int site_check_networks(struct config_line *l, struct err_msg *e)
{
	char own[IP_RANGE_TEXT_MAX], other[IP_RANGE_TEXT_MAX];
	struct config_overlap o;

	if (l->in_block)
		return 0;
	if (config_index_overlap(l->config->index, l->site, &o))
		return err_set(e, ERR_EXISTS,
			       "Network %s of site %s overlaps %s of site %s, networks of sites "
			       "must not overlap%s",
			       ip_range_text(&o.own, own, sizeof(own)), l->site->name,
			       ip_range_text(&o.other, other, sizeof(other)), o.site,
			       l->config->cloud.accounts.count == 0
				       ? ""
				       : ", unless they are of different accounts that no reach "
					 "joins: enter account first");
	return site_check_loop(l->site, e);
}

static const struct row rows[] = {
	{
		.words = "network-range <network>",
		.no_words = "network-range <network-label>",
		.modes = IN_SITE,
		.set = set_network_range,
		.unset = unset_network_range,
		.write = write_network_range,
		.help = "Network on our side that the SAs cover",
		.manual = "A network on our side that the site reaches through its tunnels; may be "
			  "given several times, with different labels.  Without any, the tunnels "
			  "are route-based: everything to everything.",
	},
	{
		.words = "network <label> <range>",
		.no_words = "network <label> [<range>]",
		.modes = IN_SITE,
		.set = set_network,
		.unset = unset_network,
		.write = write_network,
		.check = site_check_networks,
		.help = "Network behind the peer, beside the native range",
		.manual = "A further network behind the peer; may be given several times, with "
			  "different labels.",
	},
	{
		.words = "traffic-selector <side> <range>",
		.no_words = "traffic-selector <side> [<range>]",
		.modes = IN_SITE,
		.set = set_selector,
		.unset = unset_selector,
		.write = write_selectors,
		.check = site_check_networks,
		.help = "Traffic selector instead of the derived ones",
		.manual = "Replaces what network-range (local) or native-range and network (peer) "
			  "say; may be given several times.",
		.reference = "RFC 7296 section 2.9",
	},
};

const struct row_table table_network = {
	.family = "networks of a site",
	.rows = rows,
	.count = ARRAY_LEN(rows),
};
