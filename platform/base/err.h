/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Error codes and operator-facing error texts.
 *
 * Functions return 0 or a negative enum err; results come through the last parameters and are
 * untouched on failure.  Operations that an operator asked for also fill a struct err_msg with one
 * line that names the object and what is allowed.
 */
#ifndef PLATFORM_BASE_ERR_H
#define PLATFORM_BASE_ERR_H

#include <stdarg.h>

enum err {
	ERR_OK = 0,
	ERR_INVALID = -1,      /* value or format not allowed */
	ERR_RANGE = -2,	       /* outside the allowed range */
	ERR_TRUNCATED = -3,    /* input ends too early */
	ERR_NO_SPACE = -4,     /* output buffer, pool or limit exhausted */
	ERR_EXISTS = -5,       /* object is already there */
	ERR_NOT_FOUND = -6,    /* no such object */
	ERR_BUSY = -7,	       /* try again later */
	ERR_DENIED = -8,       /* caller may not do this */
	ERR_SYSTEM = -9,       /* a system call failed; the text says which and why */
	ERR_CRYPTO = -10,      /* cryptographic operation failed or did not verify */
	ERR_UNSUPPORTED = -11, /* feature, algorithm or type not available */
	ERR_WRONG_STATE = -12, /* not possible in this state */
};

#define ERR_TEXT_MAX 512

/* One line for the operator; text is always NUL-terminated, "" when nothing was said. */
struct err_msg {
	int code;
	char text[ERR_TEXT_MAX];
};

#define WARN_UNUSED	       __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))

/* Fill e (may be NULL) and return code, so that callers write: return err_set(e, ERR_RANGE, ...).
 */
int err_set(struct err_msg *e, int code, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* As err_set with ERR_SYSTEM, and appends ": " and the text of errnum (an errno value). */
int err_sys(struct err_msg *e, int errnum, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* Stable short name of a code ("range"), never NULL. */
const char *err_name(int code);

#endif
