/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checks that several families of site commands share. */
#ifndef COMMANDS_CMD_SITE_H
#define COMMANDS_CMD_SITE_H

#include "commands/config_line.h"

/* From this license on, AES-CBC is refused. */
#define SITE_GCM_ONLY_MBPS 100

/* Is the site free of contradictions?  Lines of a pasted block are allowed to pass through some. */
int site_check(const struct site_config *s, struct err_msg *e) WARN_UNUSED;
/* Warns of a bandwidth that the links or the license do not have. */
void site_note_bandwidth(const struct site_config *s, struct strbuf *notes);
/* No packet for a peer may be routed into its own tunnel. */
int site_check_loop(const struct site_config *s, struct err_msg *e) WARN_UNUSED;
/* Row hook: networks of sites do not overlap, and do not hold the peers' addresses. */
int site_check_networks(struct config_line *l, struct err_msg *e) WARN_UNUSED;
/* Does id fit the site's authentication identifier?  e names the tunnel. */
int site_check_local_id(enum site_identifier type, enum site_role role, unsigned index0,
			const char *id, struct err_msg *e) WARN_UNUSED;

#endif
