/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A capture on disk: PATH.pcapng with UDP datagrams (link type "raw IP": IP and UDP headers are
 * made for it, as the sockets saw the addresses) of two interfaces, "wire" as they were sent and
 * "clear" as they would be without encryption, and with the keys in Decryption Secrets Blocks; the
 * keys also as lines in PATH.keys.  Both files are new, and only root may read them.
 */
#ifndef PLATFORM_OS_CAPTURE_FILE_H
#define PLATFORM_OS_CAPTURE_FILE_H

#include "platform/base/bytes.h"
#include "platform/base/err.h"
#include "platform/base/ip.h"

#include <stdbool.h>

struct capture_file;

/* An older capture of the same path is replaced.  ERR_SYSTEM with e naming the file.  Free with
 * capture_file_close. */
int capture_file_open(const char *path, struct capture_file **out, struct err_msg *e) WARN_UNUSED;
/* Both return false, and say why once in e, when the disk is full or the capture has reached its
 * largest size; nothing is written any more from then on. */
bool capture_file_datagram(struct capture_file *f, uint64_t wall_ms, const struct ip_endpoint *from,
			   const struct ip_endpoint *to, struct view payload, struct err_msg *e);
/* The same on the interface "clear"; on port 4500 the non-ESP marker is put in front. */
bool capture_file_clear(struct capture_file *f, uint64_t wall_ms, const struct ip_endpoint *from,
			const struct ip_endpoint *to, struct view message, struct err_msg *e);
/* text may hold secrets; the caller wipes it. */
bool capture_file_key(struct capture_file *f, const char *text, struct err_msg *e);
void capture_file_close(struct capture_file *f); /* NULL allowed */

#endif
