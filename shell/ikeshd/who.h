/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who is at the other end of the socket, and what may that user do: root and members of ikesh-admin
 * begin at privilege 15, members of ikesh-operator at 1, everybody else is refused.
 */
#ifndef SHELL_IKESHD_WHO_H
#define SHELL_IKESHD_WHO_H

#include "platform/base/err.h"

struct seqpacket_peer;

struct who {
	char user[64];
	unsigned privilege; /* 1 or 15 */
};

/* ERR_DENIED with e naming the user and the groups that would help. */
int who_find(const struct seqpacket_peer *peer, struct who *out, struct err_msg *e) WARN_UNUSED;

#endif
