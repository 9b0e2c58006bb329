/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Configuration of a tunnel.  Its pre-shared key is in cmd_psk.c. */
#include "commands/cmd_site.h"
#include "commands/config_index.h"
#include "commands/row.h"
#include "commands/session_place.h"
#include "commands/writer.h"
#include "platform/base/mem.h"

#include <stdio.h>
#include <string.h>

static int drop_tunnel(struct config_line *l, struct err_msg *e)
{
	const struct value *const *v = l->arg;
	unsigned index0 = v[1] == NULL ? 0 : v[1]->number - 1;
	struct tunnel_config *t = &l->site->tunnels[v[0]->number][index0];

	if (!t->present)
		return err_set(e, ERR_NOT_FOUND, "Site %s has no tunnel %s %u", l->site->name,
			       v[0]->text, index0 + 1);
	tunnel_config_clear(t);
	t->present = false;
	return 0;
}

static int tunnel(struct cmd *c)
{
	const struct value *v[] = {cmd_value(c, "role"), cmd_value(c, "tunnel-index")};

	if (cmd_is_no(c))
		return place_edit(c, CMD_SITE, drop_tunnel, v);
	return place_enter_tunnel(c, (enum site_role)v[0]->number,
				  cmd_u32(c, "tunnel-index", 1) - 1);
}

/* In a block values may still change hands: config_check looks at them when it is complete. */
static int check_unique(const struct config_line *l, enum config_key key, const char *word,
			const char *text, struct err_msg *e)
{
	const struct config_tunnel_name *other =
		l->in_block ? NULL
			    : config_index_find(l->config->index, key, l->site, l->place->role,
						l->place->index0);
	char name[SITE_NAME_MAX + 40];

	if (other == NULL)
		return 0;
	return err_set(e, ERR_EXISTS, "%s %s: %s has it, each tunnel needs its own", word, text,
		       config_tunnel_text(other, name, sizeof(name)));
}

static int check_public_ip(struct config_line *l, struct err_msg *e)
{
	const struct tunnel_config *t = l->object;
	char addr[IP_TEXT_MAX];

	int r = check_unique(l, CONFIG_KEY_PUBLIC_IP, "public-ip",
			     ip_addr_text(&t->public_ip, addr, sizeof(addr)), e);

	return r != 0 || l->in_block ? r : site_check_loop(l->site, e);
}

static int check_fqdn(struct config_line *l, struct err_msg *e)
{
	const struct tunnel_config *t = l->object;

	return check_unique(l, CONFIG_KEY_FQDN, "fqdn", t->fqdn, e);
}

int site_check_local_id(enum site_identifier type, enum site_role role, unsigned index0,
			const char *id, struct err_msg *e)
{
	static const struct {
		enum ike_id_type type;
		const char *allowed;
	} types[] = {
		[SITE_ID_IPV4] = {IKE_ID_KEY_ID, "text"},
		[SITE_ID_FQDN] = {IKE_ID_FQDN, "a domain name"},
		[SITE_ID_EMAIL] = {IKE_ID_RFC822_ADDR, "a mail address"},
		[SITE_ID_KEY_ID] = {IKE_ID_KEY_ID, "text, or 0x and hexadecimal digits"},
	};
	struct ike_id parsed;

	if (ike_id_parse(types[type].type, id, &parsed) == 0)
		return 0;
	return err_set(
		e, ERR_INVALID,
		"local-id %s of tunnel %s %u: with this authentication-identifier it must be "
		"%s",
		id, site_role_name(role), index0 + 1, types[type].allowed);
}

static int check_local_id(struct config_line *l, struct err_msg *e)
{
	const struct tunnel_config *t = l->object;
	int r;

	if (t->local_id[0] == '\0')
		return 0;
	r = l->in_block ? 0
			: site_check_local_id(l->site->identifier, l->place->role, l->place->index0,
					      t->local_id, e);
	if (r == 0)
		r = check_unique(l, CONFIG_KEY_LOCAL_ID, "local-id", t->local_id, e);
	if (r == 0)
		r = check_unique(l, CONFIG_KEY_PEER, "local-id", t->local_id, e);
	if (r == 0 && l->site->identifier == SITE_ID_IPV4)
		strbuf_add(l->notes, "% Warning: local-id is not used while "
				     "authentication-identifier is ipv4\n");
	return r;
}

static int set_id(struct ike_id *id, enum ike_id_type type, const char *word, const char *text,
		  struct err_msg *e)
{
	int r = ike_id_parse(type, text, id);

	if (r == 0)
		return 0;
	return err_set(e, r, "%s %s: this is no %s identity", word, text, ike_id_type_name(type));
}

static int set_own_id(struct config_line *l, struct err_msg *e)
{
	struct tunnel_config *t = l->object;
	const struct value *addr = config_arg(l, "ipv4");

	if (addr != NULL)
		return set_id(&t->own_id, IKE_ID_IPV4_ADDR, "own-id ipv4", addr->text, e);
	return set_id(&t->own_id, IKE_ID_FQDN, "own-id fqdn", config_arg(l, "fqdn")->text, e);
}

static int unset_own_id(struct config_line *l, struct err_msg *e)
{
	(void)e;
	((struct tunnel_config *)l->object)->own_id = (struct ike_id){.type = IKE_ID_NONE};
	return 0;
}

static void write_id(const char *word, const struct ike_id *id, struct config_writer *w)
{
	char text[2 * IKE_ID_MAX + 4];

	if (id->type != IKE_ID_NONE)
		writer_line(w, "%s %s %s", word, ike_id_type_name(id->type),
			    ike_id_text(id, text, sizeof(text)));
	else if (w->all)
		writer_line(w, "no %s", word);
}

static void write_own_id(const struct row *row, const void *object, struct config_writer *w)
{
	(void)row;
	write_id("own-id", &((const struct tunnel_config *)object)->own_id, w);
}

static int set_remote_id(struct config_line *l, struct err_msg *e)
{
	struct tunnel_config *t = l->object;

	return set_id(&t->remote_id, (enum ike_id_type)config_arg(l, "id-type")->number,
		      "remote-id", config_arg(l, "id-value")->text, e);
}

static int unset_remote_id(struct config_line *l, struct err_msg *e)
{
	(void)e;
	((struct tunnel_config *)l->object)->remote_id = (struct ike_id){.type = IKE_ID_NONE};
	return 0;
}

/* Tells it apart from the others, when no address does. */
static int check_remote_id(struct config_line *l, struct err_msg *e)
{
	const struct tunnel_config *t = l->object;
	char text[2 * IKE_ID_MAX + 4];

	return check_unique(l, CONFIG_KEY_PEER, "remote-id",
			    ike_id_text(&t->remote_id, text, sizeof(text)), e);
}

static void write_remote_id(const struct row *row, const void *object, struct config_writer *w)
{
	(void)row;
	write_id("remote-id", &((const struct tunnel_config *)object)->remote_id, w);
}

static const struct row rows[] = {
	{
		.words = "tunnel <role> [<tunnel-index>]",
		.no_words = "tunnel <role> [<tunnel-index>]",
		.modes = IN_SITE,
		.flags = ROW_ENTERS,
		.enters = CMD_TUNNEL,
		.handler = tunnel,
		.help = "A tunnel of the site",
		.manual = "Enters the configuration of a tunnel, and makes it when it is new.  Up "
			  "to three tunnels per role; without a number it is the first.  The no "
			  "form removes the tunnel.",
	},
	{
		.words = "name <tunnel-name>",
		.modes = IN_TUNNEL,
		.fields = {FIELD("tunnel-name", struct tunnel_config, name)},
		.help = "Name of the tunnel",
		.manual = "A name for shows and event lines.",
	},
	{
		.words = "wan-role <wan-role>",
		.modes = IN_TUNNEL,
		.fields = {FIELD("wan-role", struct tunnel_config, wan_role)},
		.help = "WAN link of the site that the tunnel uses",
		.manual = "Says which WAN link of the site the tunnel uses.",
	},
	{
		.words = "public-ip <address>",
		.modes = IN_TUNNEL,
		.fields = {FIELD("address", struct tunnel_config, public_ip)},
		.check = check_public_ip,
		.help = "Public address of the peer",
		.manual = "Public address of the peer, different for each tunnel.  Needed for "
			  "authentication-identifier ipv4 and for initiating.",
	},
	{
		.words = "local-id <local-id>",
		.modes = IN_TUNNEL,
		.fields = {FIELD("local-id", struct tunnel_config, local_id)},
		.check = check_local_id,
		.help = "Identity that the peer presents",
		.manual = "Identity that the peer presents, of the site's "
			  "authentication-identifier type, different for each tunnel.",
		.reference = "RFC 7296 section 3.5",
	},
	{
		.words = "own-id { ipv4 <ipv4> | fqdn <fqdn> }",
		.modes = IN_TUNNEL,
		.set = set_own_id,
		.unset = unset_own_id,
		.write = write_own_id,
		.help = "Identity that we present",
		.manual =
			"Identity that this appliance presents.  Without it, the own address that "
			"the tunnel uses.",
		.reference = "RFC 7296 section 3.5",
	},
	{
		.words = "remote-id <id-type> <id-value>",
		.modes = IN_TUNNEL,
		.set = set_remote_id,
		.unset = unset_remote_id,
		.write = write_remote_id,
		.check = check_remote_id,
		.help = "Identity that the peer presents, of any type",
		.manual =
			"Overrides what public-ip or local-id say, for instance for a peer behind "
			"a NAT that presents its private address.",
		.reference = "RFC 7296 section 3.5",
	},
	{
		.words = "fqdn <fqdn>",
		.modes = IN_TUNNEL,
		.fields = {FIELD("fqdn", struct tunnel_config, fqdn)},
		.check = check_fqdn,
		.help = "Name under which the peer finds us",
		.manual = "The generated name of the tunnel's destination, kept so that a restored "
			  "configuration has the same one.",
	},
	{
		.words = "private-ip pop <pop-address> site <site-address>",
		.modes = IN_TUNNEL,
		.fields = {FIELD("pop-address", struct tunnel_config, private_pop),
			   FIELD("site-address", struct tunnel_config, private_site)},
		.help = "Private addresses of both ends, for BGP",
		.manual = "Private addresses of both ends of the tunnel.",
	},
	{
		.words = "last-mile-bandwidth downstream <downstream> upstream <upstream>",
		.modes = IN_TUNNEL,
		.fields = {FIELD("downstream", struct tunnel_config, last_mile_down),
			   FIELD("upstream", struct tunnel_config, last_mile_up)},
		.help = "Bandwidth of the peer's WAN link",
		.manual = "Bandwidth of the WAN link that the tunnel uses; tunnels of a role share "
			  "traffic in this proportion.",
	},
	{
		.words = "link-preference <link-preference>",
		.modes = IN_TUNNEL,
		.fields = {FIELD("link-preference", struct tunnel_config, link_preference)},
		.help = "Weight beside the tunnels of the same role",
		.manual = "Weight of the tunnel beside the others of its role.",
	},
};

const struct row_table table_tunnel = {
	.family = "tunnel",
	.rows = rows,
	.count = ARRAY_LEN(rows),
};
