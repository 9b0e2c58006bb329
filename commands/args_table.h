/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tables that args.c looks into.  Nobody else includes it. */
#ifndef COMMANDS_ARGS_TABLE_H
#define COMMANDS_ARGS_TABLE_H

#include "commands/args.h"

struct arg_table {
	const struct arg *args; /* sorted by name; no name is in two tables */
	size_t count;
};

extern const struct arg_table arg_table_rule; /* network rules */
extern const struct arg_table arg_table_site; /* sites, tunnels, IKE, BGP */

#endif
