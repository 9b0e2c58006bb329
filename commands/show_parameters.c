/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * `show ipsec parameters`: every protocol parameter with its value, its default and what is
 * allowed, also those that cannot be changed.
 *
 * JSON: {"site": name or null, "parameters":[{"name","value" (text),"unit","default","min","max",
 * "choices" (array or null),"fixed"}...]}
 */
#include "commands/args.h"
#include "commands/show.h"
#include "commands/show_names.h"
#include "dataplane/site/profile.h"
#include "platform/base/mem.h"

#include <inttypes.h>
#include <stdio.h>

static const struct answer_column columns[] = {
	{"Parameter", false},
	{"Value", false},
	{"Default", false},
	{"Allowed", false},
};

/* "10 s" */
static const char *with_unit(const char *value, const char *unit, char *buf, size_t size)
{
	(void)snprintf(buf, size, "%s%s%s", value, unit ? " " : "", unit ? unit : "");
	return buf;
}

/* "automatic aes-cbc-128 ..." */
static void choice_cells(struct answer *a, const struct arg_choice *choices)
{
	struct strbuf text;

	strbuf_init(&text);
	answer_array(a, "choices");
	for (const struct arg_choice *c = choices; c->word; c++) {
		strbuf_printf(&text, "%s%s", text.len ? " " : "", c->word);
		answer_text(a, NULL, NULL, c->word);
	}
	answer_array_end(a);
	answer_show(a, "Allowed", "%s", text.text);
	strbuf_clear(&text);
}

static void allowed_cells(struct answer *a, const struct arg *arg)
{
	if (arg && arg->choices) {
		answer_null(a, "min");
		answer_null(a, "max");
		choice_cells(a, arg->choices);
	} else if (arg) {
		answer_show(a, "Allowed", "%" PRIu32 "-%" PRIu32, arg->min, arg->max);
		answer_number(a, "min", NULL, arg->min);
		answer_number(a, "max", NULL, arg->max);
		answer_null(a, "choices");
	} else {
		answer_show(a, "Allowed", "fixed");
		answer_null(a, "min");
		answer_null(a, "max");
		answer_null(a, "choices");
	}
	answer_bool(a, "fixed", NULL, !arg);
}

static void row(struct answer *a, const char *name, const char *value, const struct arg *arg)
{
	char text[64];

	answer_object(a, NULL);
	answer_row(a);
	answer_text(a, "name", "Parameter", name);
	answer_show(a, "Value", "%s", with_unit(value, arg ? arg->unit : NULL, text, sizeof(text)));
	answer_text(a, "value", NULL, value);
	answer_text(a, "unit", NULL, arg ? arg->unit : NULL);
	answer_text(a, "default", "Default", arg ? arg->standard : value);
	allowed_cells(a, arg);
	answer_object_end(a);
}

static void algorithm_rows(struct answer *a, const struct ike_parameters *p, const char *message)
{
	static const struct {
		const char *arg;
		const char *(*name)(const struct ike_parameters *p);
	} rows[] = {
		{"encryption", show_encryption},
		{"prf", show_prf},
		{"integrity", show_integrity},
		{"dh-group", show_dh_group},
	};
	char name[64];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		(void)snprintf(name, sizeof(name), "%s %s", message, rows[i].arg);
		row(a, name, rows[i].name(p), arg_find(rows[i].arg));
	}
}

static void number_row(struct answer *a, const char *name, uint32_t value)
{
	char text[16];

	(void)snprintf(text, sizeof(text), "%" PRIu32, value);
	row(a, name, text, arg_find(name));
}

static void fixed_rows(struct answer *a)
{
	struct ike_limits limits = ike_limits_default();
	char text[32];

	(void)snprintf(text, sizeof(text), "%" PRIu32 " seconds", limits.retransmit_ms / 1000);
	row(a, "retransmit-interval", text, NULL);
	(void)snprintf(text, sizeof(text), "%" PRIu32, limits.retransmit_count);
	row(a, "retransmissions", text, NULL);
	row(a, "nonce sent", "32 octets", NULL);
	row(a, "nonce accepted", "16-256 octets", NULL);
}

void show_parameters(struct answer *a, const struct site_config *config)
{
	struct site_config standard;
	const struct site_config *c = config;

	site_config_init(&standard, "");
	if (!c)
		c = &standard;
	answer_text(a, "site", NULL, config ? config->name : NULL);
	if (config)
		answer_line(a, "Parameters of site %s", config->name);
	else
		answer_line(a, "Parameters of a site that sets none of its own");
	answer_line(a, "%s", "");
	answer_array(a, "parameters");
	answer_table(a, columns, ARRAY_LEN(columns));
	algorithm_rows(a, &c->init_parameters, "init");
	algorithm_rows(a, &c->auth_parameters, "auth");
	number_row(a, "keepalive", c->keepalive_s);
	number_row(a, "dead-interval", c->dead_s);
	number_row(a, "rebuild-interval", c->rebuild_s);
	number_row(a, "ike-lifetime", c->ike_lifetime_s);
	number_row(a, "child-lifetime", c->child_lifetime_s);
	number_row(a, "failback-delay", c->failback_delay_s);
	fixed_rows(a);
	answer_table_end(a);
	answer_array_end(a);
	if (c->license_mbps >= PROFILE_AEAD_ONLY_MBPS)
		answer_line(a, "License %" PRIu32 " Mbps: automatic encryption uses AES-GCM only.",
			    c->license_mbps);
	site_config_clear(&standard);
}
