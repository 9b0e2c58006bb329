/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Type 6: reversible secrets as they stand in configurations.  AES-256-GCM under a key that HKDF
 * derives from the box's master key, which is in a file that only root can read: random, or made of
 * a pass phrase, so that configurations can move between boxes.  Earlier keys are kept beside it,
 * for configurations that were saved with them.
 */
#ifndef COMMANDS_SEAL_H
#define COMMANDS_SEAL_H

#include "platform/base/err.h"
#include "platform/base/secret.h"

#include <stdbool.h>

#define SEAL_SECRET_MAX 64  /* octets that can be sealed */
#define SEAL_TEXT_MAX	160 /* sealed text with NUL */

struct sealer;

/* The master key is DIR/master-key, made at the first use.  dir NULL: a key that dies with the
 * sealer. */
struct sealer *sealer_new(const char *dir);
void sealer_free(struct sealer *s);
/* From now on the master key is made of a pass phrase, or is a new random one (NULL).  *changed:
 * false when it is the same as before. */
int sealer_change(struct sealer *s, const struct secret *phrase, bool *changed,
		  struct err_msg *e) WARN_UNUSED;
/* e: the master key cannot be read or written. */
int sealer_seal(struct sealer *s, const struct secret *clear, char text[SEAL_TEXT_MAX],
		struct err_msg *e) WARN_UNUSED;
/* ERR_INVALID: not a sealed text at all.  ERR_CRYPTO: sealed with a master key that this box never
 * had, or damaged. */
int sealer_open(struct sealer *s, const char *text, struct secret *clear,
		struct err_msg *e) WARN_UNUSED;

#endif
