/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Generated names of tunnels' destinations, kept in the configuration. */
#ifndef COMMANDS_FQDN_H
#define COMMANDS_FQDN_H

#include "commands/config.h"

struct commands;

/* Tunnels of the site that need a name and have none get one, when there is a zone.  True when
 * some did. */
bool fqdn_fill(struct config *c, struct site_config *s);
/* A new name, in force at once.  ERR_NOT_FOUND, ERR_WRONG_STATE with e. */
int fqdn_renew(struct commands *c, const char *site, enum site_role role, unsigned index0,
	       struct err_msg *e) WARN_UNUSED;

#endif
