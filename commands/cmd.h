/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the handler of a command sees: its arguments, where it prints, how it asks, and the box that
 * it acts on.  A struct cmd lives from session_line to done().
 */
#ifndef COMMANDS_CMD_H
#define COMMANDS_CMD_H

#include "commands/row.h"
#include "platform/base/err.h"

struct cmd;
struct commands;
struct config;
struct event_log;
struct gateway;
struct loop;
struct session;
struct value;

/* Returned by a handler that is not finished: it asked, or holds the line. */
#define CMD_WAITING 1

/* Arguments by name; NULL (or otherwise) when the operator left them out.  Texts are canonical:
 * choices are written out even when they were abbreviated. */
const char *cmd_text(const struct cmd *c, const char *arg);
uint32_t cmd_u32(const struct cmd *c, const char *arg, uint32_t otherwise);
const struct value *cmd_value(const struct cmd *c, const char *arg); /* value.h */
/* Was this fixed word of the pattern typed (abbreviated or not)? */
bool cmd_has(const struct cmd *c, const char *word);
bool cmd_wants_json(const struct cmd *c); /* the word json, or `| json` */
/* Below privilege level 15, and with `| redact`. */
bool cmd_hides_secrets(const struct cmd *c);
bool cmd_is_no(const struct cmd *c); /* `no` or `default` in front */

/* Output, through the filters of the line.  Whole lines, each with \n, but pieces are fine. */
void cmd_print(struct cmd *c, const char *fmt, ...) PRINTF_LIKE(2, 3);
void cmd_write(struct cmd *c, const char *text, size_t len);
/* "% text" past the filters; gives code back: return cmd_fail(c, ERR_NOT_FOUND, "Site %s ..."). */
int cmd_fail(struct cmd *c, int code, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* Ask; fn gets the answer, and again returns 0, negative or CMD_WAITING.  Gives CMD_WAITING:
 * return cmd_ask(...).  arg is borrowed until fn was called; after an interrupt fn gets answer
 * NULL, frees what it must and returns anything. */
typedef int cmd_answer_fn(struct cmd *c, const char *answer, void *arg);
int cmd_ask(struct cmd *c, const char *prompt, bool hidden, cmd_answer_fn *fn, void *arg);
/* "Delete site X? [confirm]": true at once when nobody can be asked. */
int cmd_confirm(struct cmd *c, const char *question, int (*yes)(struct cmd *c));

/* Keep the line open (live displays): the handler returns CMD_WAITING and goes on printing
 * from timers until it calls cmd_done.  fn is called with what the operator typed meanwhile ("q"),
 * or NULL when he interrupts or leaves: then it stops its timers, and must not use c afterwards. */
typedef void cmd_key_fn(struct cmd *c, const char *typed, void *arg);
int cmd_hold(struct cmd *c, cmd_key_fn *fn, void *arg);
/* The same for what runs for a while and takes no keys: what is typed meanwhile waits for the
 * prompt, and fn is only called with NULL. */
int cmd_work(struct cmd *c, cmd_key_fn *fn, void *arg);
void cmd_done(struct cmd *c, int status); /* 0 or negative */
void cmd_flush(struct cmd *c);		  /* send what was printed so far */

struct session *cmd_session(struct cmd *c);
struct commands *cmd_commands(struct cmd *c);
unsigned cmd_privilege(const struct cmd *c);
bool cmd_interactive(const struct cmd *c);
unsigned cmd_width(const struct cmd *c); /* columns of the terminal, 0: unlimited */

/* The box. */
struct gateway *commands_gateway(struct commands *c); /* may be NULL */
struct event_log *commands_events(struct commands *c);
struct loop *commands_loop(struct commands *c);
const struct config *commands_running(const struct commands *c); /* config.h */
uint64_t commands_started_ms(const struct commands *c);		 /* loop clock */

#endif
