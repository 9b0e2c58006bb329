/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Configuration of a site: algorithms of the init message (IKE SA) and of the auth message (Child
 * SAs). */
#include "commands/cmd_site.h"
#include "commands/row.h"
#include "commands/session_place.h"
#include "commands/writer.h"
#include "platform/base/mem.h"

#include <inttypes.h>

static int reset_parameters(struct config_line *l, struct err_msg *e)
{
	(void)e;
	*(l->arg == NULL ? &l->site->auth_parameters : &l->site->init_parameters) =
		(struct ike_parameters){.encr = 0};
	return 0;
}

static int init_parameters(struct cmd *c)
{
	static char init;

	return cmd_is_no(c) ? place_edit(c, CMD_SITE, reset_parameters, &init)
			    : place_enter(c, CMD_INIT);
}

static int auth_parameters(struct cmd *c)
{
	return cmd_is_no(c) ? place_edit(c, CMD_SITE, reset_parameters, NULL)
			    : place_enter(c, CMD_AUTH);
}

static int set_encryption(struct config_line *l, struct err_msg *e)
{
	struct ike_parameters *p = l->object;
	const struct value *v = config_arg(l, "encryption");

	p->encr = (uint16_t)(v->number >> 16);
	p->key_bits = (uint16_t)(v->number & 0xffff);
	if (!l->in_block && p->encr == 12 && l->site->license_mbps >= SITE_GCM_ONLY_MBPS)
		return err_set(e, ERR_WRONG_STATE,
			       "encryption %s: the license of site %s is %" PRIu32
			       " Mbps, and from %d Mbps on AES-GCM is needed",
			       v->text, l->site->name, l->site->license_mbps, SITE_GCM_ONLY_MBPS);
	return 0;
}

static int unset_encryption(struct config_line *l, struct err_msg *e)
{
	struct ike_parameters *p = l->object;

	(void)e;
	p->encr = 0;
	p->key_bits = 0;
	return 0;
}

static void write_encryption(const struct row *row, const void *object, struct config_writer *w)
{
	const struct ike_parameters *p = object;

	(void)row;
	if (p->encr != 0)
		writer_line(w, "encryption %s-%u", p->encr == 20 ? "aes-gcm" : "aes-cbc",
			    p->key_bits);
	else if (w->all)
		writer_line(w, "encryption automatic");
}

static int check_prf(struct config_line *l, struct err_msg *e)
{
	(void)e;
	if (l->place->mode == CMD_AUTH && !l->values->no)
		strbuf_add(l->notes, "% Note: only the init message uses prf\n");
	return 0;
}

static int check_additional(struct config_line *l, struct err_msg *e)
{
	const struct value *v = config_arg(l, "additional-ke");

	if (l->values->no || v->number == 0 || ike_key_exchange_is_available((uint16_t)v->number))
		return 0;
	return err_set(e, ERR_UNSUPPORTED,
		       "additional-key-exchange %s is not in this build: it needs OpenSSL 3.5; 14, "
		       "15, 16, 19, 20 and 31 are",
		       v->text);
}

static const struct row rows[] = {
	{
		.words = "init-parameters",
		.modes = IN_SITE,
		.flags = ROW_ENTERS,
		.enters = CMD_INIT,
		.handler = init_parameters,
		.help = "Algorithms of the IKE SA",
		.manual =
			"Enters the algorithms of the init message; the no form makes all of them "
			"automatic.",
		.reference = "RFC 7296 section 1.2",
	},
	{
		.words = "auth-parameters",
		.modes = IN_SITE,
		.flags = ROW_ENTERS,
		.enters = CMD_AUTH,
		.handler = auth_parameters,
		.help = "Algorithms of the Child SAs",
		.manual =
			"Enters the algorithms of the auth message; the no form makes all of them "
			"automatic.",
		.reference = "RFC 7296 section 1.2",
	},
	{
		.words = "encryption <encryption>",
		.modes = IN_PARAMETERS,
		.set = set_encryption,
		.unset = unset_encryption,
		.write = write_encryption,
		.help = "Encryption algorithm",
		.manual = "Encryption algorithm.  AES-CBC is refused when the license is 100 Mbps "
			  "or more.",
		.reference = "RFC 7296 section 3.3.2",
	},
	{
		.words = "prf <prf>",
		.modes = IN_PARAMETERS,
		.fields = {FIELD("prf", struct ike_parameters, prf)},
		.check = check_prf,
		.help = "Pseudo-random function",
		.manual = "Pseudo-random function; only the init message uses it.",
		.reference = "RFC 7296 section 2.13",
	},
	{
		.words = "integrity <integrity>",
		.modes = IN_PARAMETERS,
		.fields = {FIELD("integrity", struct ike_parameters, integ)},
		.help = "Integrity algorithm",
		.manual = "Integrity algorithm; AES-GCM needs none.",
		.reference = "RFC 7296 section 3.3.2",
	},
	{
		.words = "dh-group <dh-group>",
		.modes = IN_PARAMETERS,
		.fields = {FIELD("dh-group", struct ike_parameters, ke)},
		.help = "Diffie-Hellman group",
		.manual =
			"Diffie-Hellman group.  In the auth message it is used when Child SAs are "
			"rekeyed.",
		.reference = "RFC 7296 section 3.3.2",
	},
	{
		.words = "additional-key-exchange <additional-ke>",
		.modes = IN_PARAMETERS,
		.fields = {FIELD("additional-ke", struct ike_parameters, addke[0])},
		.check = check_additional,
		.help = "Second key exchange",
		.manual = "A second key exchange, in an exchange of its own, whose secret goes "
			  "into all keys beside that of dh-group.  The peer must be set to the "
			  "same.  In the init message it comes before the peers authenticate, and "
			  "again when the IKE SA is rekeyed; in the auth message it is used when "
			  "Child SAs are rekeyed.  ML-KEM, which withstands quantum computers, is "
			  "there when the appliance was built with OpenSSL 3.5 or newer.",
		.reference = "RFC 9370",
	},
};

const struct row_table table_parameters = {
	.family = "algorithms of a site",
	.rows = rows,
	.count = ARRAY_LEN(rows),
};
