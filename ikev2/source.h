/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The own address of tunnels that name none: it is what the caller's routes say.  Without it NAT
 * detection cannot be right.  RFC 7296 section 2.23.
 */
#ifndef IKEV2_SOURCE_H
#define IKEV2_SOURCE_H

#include "ikev2/engine.h"

/* An attempt that has not sent anything yet: ask for its own address, if that is not known. */
void source_ask(struct ike_engine *e, const struct ike_sa *sa);
/* The answer, or another address than before; t has none of its own. */
void source_known(struct ike_engine *e, struct tunnel *t, const struct ip_addr *source);

#endif
