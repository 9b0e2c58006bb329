/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One-way hashes of operators' secrets, as routers write them, so that a hash can be pasted from
 * one to the other: type 9 (scrypt), type 8 (PBKDF2-HMAC-SHA256) and, to check only, type 5
 * (MD5-crypt).
 */
#ifndef COMMANDS_PASSWORD_HASH_H
#define COMMANDS_PASSWORD_HASH_H

#include "platform/base/err.h"
#include "platform/base/secret.h"

#define PASSWORD_HASH_MAX    80 /* text with NUL */
#define PASSWORD_CLEAR_MAX   127
#define PASSWORD_HASH_STRONG 9 /* what clear secrets become */

/* type 8 or 9, with a new random salt. */
int password_hash_make(unsigned type, const struct secret *clear, char out[PASSWORD_HASH_MAX],
		       struct err_msg *e) WARN_UNUSED;
/* Is text a hash of this type?  ERR_INVALID with e saying what it looks like. */
int password_hash_check(unsigned type, const char *text, struct err_msg *e) WARN_UNUSED;
unsigned password_hash_type(const char *hash); /* 5, 8, 9; 0: none of them */
/* Takes some milliseconds, whatever the answer. */
bool password_hash_verify(const char *hash, const struct secret *clear);
/* RFC 7914, for keys that are made of pass phrases; ERR_CRYPTO. */
int password_scrypt(const struct secret *clear, const char *salt, uint64_t n, uint32_t r,
		    uint8_t *out, size_t len) WARN_UNUSED;

#endif
