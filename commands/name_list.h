/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of what exists, for `?` and TAB. */
#ifndef COMMANDS_NAME_LIST_H
#define COMMANDS_NAME_LIST_H

struct arg;
struct resolution;
struct session;

/* Tells fn each existing object that the argument may name behind the words of at; nothing for an
 * argument that names none. */
void name_list(const struct session *s, const struct resolution *at, const struct arg *a,
	       void (*fn)(void *to, const char *name, const char *text), void *to);

#endif
