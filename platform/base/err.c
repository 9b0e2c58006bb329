/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Error texts for operators.  Never prints or logs by itself. */
#include "platform/base/err.h"

#include <stdio.h>
#include <string.h>

int err_set(struct err_msg *e, int code, const char *fmt, ...)
{
	va_list args;

	if (e == NULL)
		return code;
	e->code = code;
	va_start(args, fmt);
	if (vsnprintf(e->text, sizeof(e->text), fmt, args) < 0)
		e->text[0] = '\0';
	va_end(args);
	return code;
}

int err_sys(struct err_msg *e, int errnum, const char *fmt, ...)
{
	const char *why = strerrordesc_np(errnum); /* thread-safe, not translated */
	va_list args;
	size_t len;

	if (e == NULL)
		return ERR_SYSTEM;
	e->code = ERR_SYSTEM;
	va_start(args, fmt);
	if (vsnprintf(e->text, sizeof(e->text), fmt, args) < 0)
		e->text[0] = '\0';
	va_end(args);
	len = strlen(e->text);
	if (why != NULL)
		(void)snprintf(e->text + len, sizeof(e->text) - len, ": %s", why);
	else
		(void)snprintf(e->text + len, sizeof(e->text) - len, ": error %d", errnum);
	return ERR_SYSTEM;
}

const char *err_name(int code)
{
	static const char *const names[] = {
		"ok",	"invalid", "range",  "truncated", "no-space",	 "exists", "not-found",
		"busy", "denied",  "system", "crypto",	  "unsupported", "state",
	};

	if (code > 0 || code <= -(int)(sizeof(names) / sizeof(names[0])))
		return "unknown";
	return names[-code];
}
