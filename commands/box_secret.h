/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Secrets of the box, of which the configuration holds the encrypted (type 6) text alone. */
#ifndef COMMANDS_BOX_SECRET_H
#define COMMANDS_BOX_SECRET_H

#include "commands/config_line.h"
#include "commands/seal.h"

struct config_writer;

#define BOX_SECRET_WORDS (SEAL_TEXT_MAX + 16)

/* One that is the same as before keeps its text.  e: the master key cannot be had. */
int box_secret_store(struct config_line *l, char sealed[SEAL_TEXT_MAX], const struct secret *clear,
		     struct err_msg *e) WARN_UNUSED;
/* The encrypted form.  One that cannot be decrypted is kept, with a warning.  words: what the line
 * begins with. */
int box_secret_store_sealed(struct config_line *l, char sealed[SEAL_TEXT_MAX], const char *text,
			    const char *words, struct err_msg *e) WARN_UNUSED;
/* "6 <text>", or "<hidden>" where secrets are not to be shown. */
void box_secret_words(const char *sealed, const struct config_writer *w,
		      char buf[BOX_SECRET_WORDS]);

#endif
