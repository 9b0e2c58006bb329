/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The inside of a session, shared by the files that make it up: session.c (life, lines), line.c
 * (one line), report.c (what is refused), place.c (modes), block.c (pastes), loader.c (files),
 * help.c, cmd.c (what handlers call).  Nobody else includes it.
 */
#ifndef COMMANDS_SESSION_STATE_H
#define COMMANDS_SESSION_STATE_H

#include "commands/cmd.h"
#include "commands/config_line.h"
#include "commands/filter.h"
#include "commands/grammar.h"
#include "commands/session.h"
#include "dataplane/event.h"
#include "platform/base/list.h"
#include "platform/os/loop.h"

#define SESSION_HISTORY	     50
#define SESSION_PASTE_GAP_MS 300
#define SESSION_EDITED	     32 /* sites whose names are kept for warnings at the end */

enum cmd_wait { CMD_WAIT_NONE, CMD_WAIT_ANSWER, CMD_WAIT_HOLD, CMD_WAIT_WORK };

/* The line at work. */
struct cmd {
	struct session *session;
	struct resolution resolved;
	int result;   /* of the handler */
	bool running; /* between session_line and done */
	struct filter_wishes wishes;
	struct filter_chain *filters;
	struct strbuf output; /* printed and not yet sent */
	struct strbuf plain;  /* printed, to become JSON at the end */
	enum cmd_wait wait;
	cmd_answer_fn *answer; /* ANSWER */
	cmd_key_fn *key;       /* HOLD, WORK */
	void *arg;
	int (*confirmed)(struct cmd *c);
};

/* How a refused line is shown. */
enum session_style {
	STYLE_PROMPT, /* the operator sees the line behind the prompt: caret, text */
	STYLE_PASTE,  /* line 7: "text", caret, text */
	STYLE_FILE,   /* name:7: text, caret, text */
	STYLE_REPORT, /* all in one line */
};

/* Lines that are worked on one after the other (session_paste). */
struct session_block {
	char *text; /* NULL: none; wiped */
	size_t len;
	size_t at;
	size_t lines;
	size_t rejected, skipped;
	bool on_probation; /* a change was, before the paste */
	bool entered;	   /* its last line went from EXEC into configuration mode */
	bool paused;	   /* until the terminal has taken what was printed */
};

/* A banner whose closing delimiter is still to come: lines belong to it. */
struct session_banner {
	bool open;
	char delimiter[3];
	struct strbuf text;
};

/* After a refused line that should have entered a mode: what belongs to it is skipped. */
struct session_guard {
	bool on;
	enum cmd_mode outer; /* a line that is valid here ends it */
	bool skipped;	     /* a line, already */
	unsigned depth;	     /* modes that skipped lines would have entered */
	bool by_indent;	     /* or: lines that are indented deeper than */
	size_t indent;
	uint64_t until_ms; /* a person's next line does not belong to it */
};

struct draft;

struct session {
	struct list node; /* of struct commands */
	struct commands *commands;
	struct session_who who;
	struct session_io io;
	void *io_arg;
	struct grammar *grammar;
	unsigned privilege;
	unsigned ceiling; /* privilege that `enable` gives without a secret */
	unsigned length, width;
	bool length_is_set, width_is_set; /* by a command: the window does not count */
	bool closing;

	struct config *config; /* what lines change: the running one, or a trial */
	struct draft *draft;   /* the copy that it edits; NULL: the running one */
	bool trial;	       /* nothing is applied, nobody is told */
	bool in_block;	       /* contradictions are looked at when all lines are in */
	struct config_place place;
	struct strbuf prompt;
	bool changed;		     /* since configuration mode was entered */
	char touched[SITE_NAME_MAX]; /* site that the engine has not been told of; "" none */
	bool rules_touched;	     /* network rules, the same */
	struct loop_timer idle;
	size_t edited_count;
	char edited[SESSION_EDITED][SITE_NAME_MAX];

	struct cmd cmd;
	struct strbuf *capture; /* output goes here instead of to the terminal */
	enum session_style style;
	char name[256];		      /* of the file; FILE and REPORT */
	size_t line_number;	      /* of the paste or file */
	const char *line;	      /* at work, borrowed; behind a prompt that was copied along */
	size_t line_shift;	      /* length of that prompt */
	size_t line_depth;	      /* of its mode */
	size_t rejected, skipped;     /* of the file */
	struct strbuf rejected_lines; /* "12, 31" */
	struct session_block block;
	struct session_guard guard;
	struct session_banner banner;
	struct strbuf audit; /* lines of a block that is being tried */
	bool paste_by_line;  /* `terminal paste line` */
	/* Lines that came as fast as a paste does. */
	struct loop_timer burst;
	size_t burst_lines, burst_rejected, burst_skipped;
	struct strbuf burst_which; /* "12, 31" */

	uint64_t input_ms;	      /* loop clock of the last input */
	struct loop_timer input_idle; /* `line exec-timeout` */
	struct loop_timer greeting;   /* the banner comes when the terminal is ready for it */
	struct event_listener monitor;
	bool monitoring;
	char *history[SESSION_HISTORY]; /* oldest first */
	size_t history_count;
};

/* session.c */
void session_output(struct session *s, const char *text, size_t len);
void session_finish(struct session *s, int status); /* of a line or block: done() */
void session_count_rejected(struct session *s);
void session_end_line(struct session *s, int status); /* of a line that waited */
void session_remember(struct session *s, const char *line);
void session_watch_idle(struct session *s); /* line exec-timeout has changed, or input came */

/* cmd.c: what was printed for `| json` becomes a document. */
void cmd_wrap(struct cmd *c);

/* line.c: one line without newline; 0, negative, or CMD_WAITING. */
int line_run(struct session *s, const char *line);
/* What libcli calls for every command. */
int line_dispatch(struct cli_def *cli, const char *command, char **argv, int argc);
/* Close the line's output: filters are ended, everything is sent. */
void line_end(struct session *s);
bool line_is_comment(const char *line);

/* report.c: column of the line, or REPORT_NO_CARET.  text without "% ", may be several lines. */
#define REPORT_NO_CARET ((size_t)-1)
void report_refused(struct session *s, size_t column, const char *text);
/* "% Warning: ..." lines of an accepted line. */
void report_notes(struct session *s, const struct strbuf *notes);
void report_resolution(struct session *s, const struct resolution *r);

/* place.c */
void place_update_prompt(struct session *s);
void place_update_prompts(struct commands *c); /* of all sessions: the name changed */
void place_apply(struct session *s);	       /* tell the engine what this session changed */
void place_touch(struct session *s, const char *site);
void place_idle(void *arg); /* loop timer */
/* Out of a configuration session, to EXEC; the copy stays. */
void place_leave_draft(struct session *s);

/* burst.c: a typed line was done; after a pause, what became of many fast ones is summed up. */
void burst_line(struct session *s, bool rejected, bool skipped);
void burst_init(struct session *s);
void burst_clear(struct session *s);

/* block.c: work on until a line waits or the block ends; then done() was called. */
void block_continue(struct session *s);
void block_clear(struct session *s);

#endif
