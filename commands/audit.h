/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The audit: one event line for every accepted command that changes the configuration or needs
 * privilege 15, with who, from where and what.  Abbreviations are written out, secrets are not.
 */
#ifndef COMMANDS_AUDIT_H
#define COMMANDS_AUDIT_H

struct session;

/* The line that the session has at work was done. */
void audit_line(struct session *s);
/* A block of lines was tried: keep the lines for audit_block_done, which writes them when the block
 * was accepted. */
void audit_block_begin(struct session *s);
void audit_block_done(struct session *s, int accepted);

#endif
