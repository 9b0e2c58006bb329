/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The secret behind the tokens of quick crash detection (RFC 6290): 32 random octets in a file of
 * the state directory, which only root can read, made at the first start and kept from then on.
 * Who has it can make any peer drop its tunnels; who removes it has a new one after the next start.
 */
#ifndef DATAPLANE_SITE_CRASH_SECRET_H
#define DATAPLANE_SITE_CRASH_SECRET_H

#include "platform/base/err.h"
#include "platform/base/secret.h"

#define CRASH_SECRET_FILE "crash-secret"
#define CRASH_SECRET_LEN  32

/* Fills out in any case.  An error, with e: it is not the one of the file (which is damaged, or
 * cannot be read), or the next start will not find it. */
int crash_secret_load(const char *state_dir, struct secret *out, struct err_msg *e);

#endif
