/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The row: one const table entry per command.  Parser, abbreviation, `?`, TAB, `no` twin, running
 * configuration and manual page all come from it.  Rows live in cmd_<family>.c; tables.c lists the
 * tables; args.c defines the arguments that patterns name.
 *
 * Pattern language of row.words:
 *	word		fixed word
 *	<arg>		argument of args.c by its name
 *	[ ... ]		may be left out
 *	{ a | b }	one of them (each may be several words)
 * Example: "show ipsec connection-status [site <site>] [detail] [json]".
 */
#ifndef COMMANDS_ROW_H
#define COMMANDS_ROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cmd;
struct config_line;
struct config_writer;
struct err_msg;

/* Where a command can be typed.  The order is that of the parents: each mode but the first two has
 * exactly one parent, see mode_parent. */
enum cmd_mode {
	CMD_EXEC,
	CMD_CONFIG,
	CMD_SITE,
	CMD_TUNNEL,
	CMD_INIT,
	CMD_AUTH,
	CMD_ARCHIVE,
	CMD_NETRULE,
	CMD_BGP,
	CMD_POP,
	CMD_ACCOUNT,
	CMD_MODES
};
#define IN(mode)      (1u << (mode))
#define IN_EXEC	      IN(CMD_EXEC)
#define IN_CONFIG     IN(CMD_CONFIG)
#define IN_SITE	      IN(CMD_SITE)
#define IN_TUNNEL     IN(CMD_TUNNEL)
#define IN_PARAMETERS (IN(CMD_INIT) | IN(CMD_AUTH))
#define IN_ARCHIVE    IN(CMD_ARCHIVE)
#define IN_NETRULE    IN(CMD_NETRULE)
#define IN_BGP	      IN(CMD_BGP)
#define IN_POP	      IN(CMD_POP)
#define IN_ACCOUNT    IN(CMD_ACCOUNT)
#define IN_ANY_CONFIG                                                                         \
	(IN_CONFIG | IN_SITE | IN_TUNNEL | IN_PARAMETERS | IN_ARCHIVE | IN_NETRULE | IN_BGP | \
	 IN_POP | IN_ACCOUNT)

enum row_flag {
	ROW_ENTERS = 1,	      /* changes the mode when it succeeds */
	ROW_SECRET = 2,	      /* arguments are secret: never in history, logs or echoes */
	ROW_HIDDEN = 4,	      /* works, but `?` and TAB do not show it */
	ROW_NO_NO = 8,	      /* has no `no` and `default` form */
	ROW_QUIET = 32,	      /* moves about only: no line in the audit */
	ROW_NOT_IN_FILE = 16, /* config-mode command that is not configuration (exit, do, ...) */
};

/* A field of the object that the row's mode configures. */
struct row_field {
	const char *arg;
	size_t offset;
	size_t size; /* of the field, for texts */
};
#define ROW_FIELDS 3
#define FIELD(argument, type, member)                                           \
	{                                                                       \
		(argument), offsetof(type, member), sizeof(((type *)0)->member) \
	}

struct row {
	const char *words;
	/* What `no` and `default` take; NULL: the first word, everything behind it optional. */
	const char *no_words;
	unsigned modes; /* IN_EXEC | ... */
	unsigned
		privilege; /* 0: anybody who is in; 15: enabled; config rows are 15 by their mode */
	unsigned flags;	   /* enum row_flag */
	enum cmd_mode enters; /* ROW_ENTERS: the mode that it changes to */

	/* Either a handler: everything that is not configuration, or that changes the mode. Returns
	 * 0, a negative enum err after it said why (cmd_fail), or CMD_WAITING. */
	int (*handler)(struct cmd *c);

	/* or configuration: fields that the arguments go to, one to one ... */
	struct row_field fields[ROW_FIELDS];
	/* ... or hooks where that does not do.  They work on a copy of the object, which is thrown
	 * away when they (or the checks of the whole site) refuse. */
	int (*set)(struct config_line *l, struct err_msg *e);
	int (*unset)(struct config_line *l, struct err_msg *e);
	/* Append the lines that reproduce the object's state; see writer.h. */
	void (*write)(const struct row *row, const void *object, struct config_writer *w);
	/* After fields are stored; may refuse what contradicts the rest. */
	int (*check)(struct config_line *l, struct err_msg *e);

	const char *help;      /* one line for `?`, no full stop */
	const char *manual;    /* sentence or paragraph for the manual page */
	const char *reference; /* RFC section, or NULL */
};

struct row_table {
	const char *family; /* "ipsec site", heading in the manual */
	const struct row *rows;
	size_t count;
};

/* All tables, NULL at the end (tables.c). */
const struct row_table *const *row_tables(void);
/* Help for a fixed word whose row says nothing of it: by its whole path ("show ipsec"),
 * otherwise by the word alone ("json").  NULL: unknown (a test refuses that).  (words.c) */
const char *word_help(const char *path, const char *word);

#endif
