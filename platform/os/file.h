/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whole files, written so that a crash leaves the old or the new content, never a mixture. */
#ifndef PLATFORM_OS_FILE_H
#define PLATFORM_OS_FILE_H

#include "platform/base/err.h"
#include "platform/base/strbuf.h"

#include <stdbool.h>
#include <stdint.h>

/* Temporary file in the same directory, mode, all written, fsync, old content kept as path.1 when
 * keep_previous, rename, fsync of the directory.  ERR_SYSTEM with e naming path and cause; the old
 * file is intact then (only when the last step fails, the new one is there, but perhaps not yet
 * durable).  ERR_BUSY when another process is writing it. */
int file_write_atomic(const char *path, const void *data, size_t len, unsigned mode,
		      bool keep_previous, struct err_msg *e) WARN_UNUSED;
/* Appends the whole file to out, at most max bytes.  ERR_NOT_FOUND when there is none,
 * ERR_RANGE when it is longer; out is unchanged on failure. */
int file_read(const char *path, size_t max, struct strbuf *out, struct err_msg *e) WARN_UNUSED;
int file_mkdirs(const char *path, unsigned mode, struct err_msg *e) WARN_UNUSED;
int file_remove(const char *path, struct err_msg *e) WARN_UNUSED; /* missing is no error */
/* Appends the names of the regular files in the directory to out, each with \n, in no order; names
 * with control characters and hidden ones are left out.  A missing directory has none. */
int file_list(const char *dir, struct strbuf *out, struct err_msg *e) WARN_UNUSED;

#endif
