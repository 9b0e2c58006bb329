/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The list of row tables.  Order matters twice: it is the order of lines in running-config, and of
 * chapters in the manual.
 */
#include "commands/row.h"

extern const struct row_table table_account;
extern const struct row_table table_archive;
extern const struct row_table table_banner;
extern const struct row_table table_bgp;
extern const struct row_table table_box;
extern const struct row_table table_capture;
extern const struct row_table table_configure;
extern const struct row_table table_debug;
extern const struct row_table table_diagnose;
extern const struct row_table table_dns;
extern const struct row_table table_dns_update;
extern const struct row_table table_enable;
extern const struct row_table table_exec;
extern const struct row_table table_health;
extern const struct row_table table_ipsec_exec;
extern const struct row_table table_key;
extern const struct row_table table_logging;
extern const struct row_table table_metrics;
extern const struct row_table table_monitor;
extern const struct row_table table_network;
extern const struct row_table table_notify;
extern const struct row_table table_parameters;
extern const struct row_table table_peer_config;
extern const struct row_table table_ping;
extern const struct row_table table_ppk;
extern const struct row_table table_pop;
extern const struct row_table table_psk;
extern const struct row_table table_redirect;
extern const struct row_table table_reload;
extern const struct row_table table_replace;
extern const struct row_table table_rule;
extern const struct row_table table_running;
extern const struct row_table table_service;
extern const struct row_table table_show_bgp;
extern const struct row_table table_show_ipsec;
extern const struct row_table table_show_pop;
extern const struct row_table table_show_qos;
extern const struct row_table table_show_rule;
extern const struct row_table table_show_site;
extern const struct row_table table_show_system;
extern const struct row_table table_show_users;
extern const struct row_table table_site;
extern const struct row_table table_story;
extern const struct row_table table_tech;
extern const struct row_table table_terminal;
extern const struct row_table table_tunnel;
extern const struct row_table table_user;

/* clang-format off */
static const struct row_table *const tables[] = {
	&table_exec,
	&table_enable,
	&table_configure,
	&table_terminal,
	&table_running,
	&table_replace,
	&table_archive,
	&table_reload,
	&table_show_system,
	&table_show_users,
	&table_show_ipsec,
	&table_health,
	&table_show_qos,
	&table_show_rule,
	&table_show_site,
	&table_peer_config,
	&table_show_bgp,
	&table_show_pop,
	&table_diagnose,
	&table_tech,
	&table_ipsec_exec,
	&table_monitor,
	&table_capture,
	&table_debug,
	&table_ping,
	&table_box,
	&table_user,
	&table_key,
	&table_banner,
	&table_logging,
	&table_notify,
	&table_metrics,
	&table_story,
	&table_dns,
	&table_dns_update,
	&table_service,
	&table_pop,
	&table_account,
	&table_site,
	&table_network,
	&table_parameters,
	&table_redirect,
	&table_bgp,
	&table_tunnel,
	&table_psk,
	&table_ppk,
	&table_rule,
	0,
};
/* clang-format on */

const struct row_table *const *row_tables(void)
{
	return tables;
}
