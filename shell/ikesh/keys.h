/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Keys of a terminal, one by one.  A paste is read in large pieces; what was read behind its end
 * waits here for whoever takes the next key.
 */
#ifndef SHELL_IKESH_KEYS_H
#define SHELL_IKESH_KEYS_H

#include <stdbool.h>
#include <stddef.h>

struct keys {
	int fd;
	size_t at, len;
	char read[4096];
};

/* Keys are here, and poll does not see them. */
bool keys_wait(const struct keys *k);
/* Waits for one; false: the terminal is gone. */
bool keys_take(struct keys *k, char *key);
/* The same out of the middle of a paste.  False: none came within this time. */
bool keys_take_pasted(struct keys *k, int timeout_ms, char *key);
void keys_drop(struct keys *k);
void keys_wipe(struct keys *k);

#endif
