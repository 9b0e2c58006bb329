/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An SFTP server that denies everything.  sshd throws away what a subsystem writes to standard
 * error, so that this is the only way to tell a user of scp or sftp more than "Connection closed".
 */
#ifndef SHELL_IKESH_NO_SFTP_H
#define SHELL_IKESH_NO_SFTP_H

#include "platform/base/err.h"

/* Answers requests from in on out with "permission denied" and text until the client leaves. */
void no_sftp_serve(int in, int out, const char *text);

#endif
