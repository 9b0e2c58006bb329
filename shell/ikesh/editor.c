/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The line editor over readline 8.2.  The static state exists because readline's callbacks carry no
 * argument and readline itself is one per process. */
#include "shell/ikesh/editor.h"

#include "platform/base/mem.h"
#include "platform/base/secret.h"
#include "shell/ikesh/keys.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <readline/history.h>
#include <readline/readline.h>
#include <termcap.h>

#define PASTE_MAX	 (8u << 20)
#define PASTE_SILENCE_MS 5000 /* a paste without its end mark ends then */
#define PASTE_END	 "\033[201~"
#define HISTORY_MAX	 256

static struct {
	const struct editor_calls *calls;
	void *arg;
	struct keys *keys;
	struct termios saved;
	bool asleep;	     /* between a line and the next prompt */
	bool end_after;	     /* the line ended by Ctrl-Z */
	bool after_return;   /* the last line ended by CR: a LF behind it belongs to it */
	struct strbuf block; /* pasted, complete lines */
	struct strbuf tail;  /* pasted behind them: begins the next line */
	struct strbuf candidates;
	const char *next_candidate;
} ed;

/* ---- Lines ----------------------------------------------------------------------------------- */

static void on_line(char *line)
{
	bool end_after = ed.end_after;

	ed.end_after = false;
	ed.asleep = true;
	rl_callback_handler_remove();
	if (line == NULL) {
		ed.calls->end_of_input(ed.arg);
		return;
	}
	if (ed.block.len != 0) {
		struct strbuf block = ed.block;

		strbuf_init(&ed.block);
		ed.calls->block(ed.arg, block.text);
		strbuf_wipe(&block);
	} else {
		ed.calls->line(ed.arg, line, end_after);
	}
	/* It may have held a key: leave no copy behind. */
	bytes_wipe(line, strlen(line));
	free(line);
	if (rl_line_buffer != NULL)
		bytes_wipe(rl_line_buffer, strlen(rl_line_buffer));
}

void editor_prompt(const char *prompt)
{
	ed.asleep = false;
	rl_callback_handler_install(prompt, on_line);
	if (ed.tail.len != 0) {
		rl_insert_text(ed.tail.text);
		rl_redisplay();
		strbuf_wipe(&ed.tail);
		strbuf_init(&ed.tail);
	}
}

void editor_key(void)
{
	if (!ed.asleep)
		rl_callback_read_char();
}

void editor_cancel(void)
{
	if (ed.asleep)
		return;
	fputs("^C", rl_outstream);
	rl_free_line_state();
	rl_callback_sigcleanup();
	rl_replace_line("", 1);
	rl_crlf();
	rl_on_new_line();
	rl_redisplay();
}

void editor_hide(void)
{
	if (!ed.asleep)
		rl_clear_visible_line();
}

void editor_show(void)
{
	if (ed.asleep)
		return;
	rl_on_new_line();
	rl_redisplay();
}

void editor_resize(void)
{
	if (ed.asleep)
		rl_reset_screen_size(); /* there is no line to draw anew */
	else
		rl_resize_terminal();
}

void editor_remember(const char *line)
{
	const HIST_ENTRY *last =
		history_length > 0 ? history_get(history_base + history_length - 1) : NULL;

	if (line[strspn(line, " \t")] == '\0' || (last != NULL && strcmp(last->line, line) == 0))
		return;
	add_history(line);
}

/* ---- Keys ------------------------------------------------------------------------------------ */

static bool more_input_waits(void)
{
	int waiting = 0;

	return keys_wait(ed.keys) || (ioctl(STDIN_FILENO, FIONREAD, &waiting) == 0 && waiting > 0);
}

/* Inside quotes a question mark is a character like others. */
static bool in_quotes(void)
{
	bool quoted = false;

	for (int i = 0; i < rl_point; i++)
		quoted = quoted != (rl_line_buffer[i] == '"');
	return quoted;
}

static int key_help(int count, int key)
{
	char *text;

	(void)count;
	if (in_quotes()) {
		rl_insert(1, key);
		return 0;
	}
	text = rl_copy_text(0, rl_point);
	fputs("?\n", rl_outstream);
	ed.calls->help(ed.arg, text);
	bytes_wipe(text, strlen(text));
	free(text);
	rl_on_new_line();
	rl_forced_update_display();
	return 0;
}

/* TABs of a pasted configuration are blanks; the operator's own TAB has nothing behind it. */
static int key_tab(int count, int key)
{
	if (more_input_waits()) {
		rl_insert_text(" ");
		return 0;
	}
	return rl_complete(count, key);
}

static int key_return(int count, int key)
{
	ed.after_return = true;
	return rl_newline(count, key);
}

static int key_newline(int count, int key)
{
	bool second = ed.after_return && rl_end == 0;

	ed.after_return = false;
	return second ? 0 : rl_newline(count, key);
}

static int key_end(int count, int key)
{
	ed.end_after = true;
	fputs("^Z", rl_outstream);
	return rl_newline(count, key);
}

/* The bytes of a paste up to its end mark, with \n for every kind of line end. */
static void read_paste(struct strbuf *out)
{
	const size_t mark = sizeof(PASTE_END) - 1;
	bool was_return = false;
	char c;

	while (out->len < PASTE_MAX && keys_take_pasted(ed.keys, PASTE_SILENCE_MS, &c)) {
		if (c == '\n' && was_return) {
			was_return = false;
			continue;
		}
		was_return = c == '\r';
		if (c == '\0')
			continue;
		strbuf_add_char(out, c == '\r' ? '\n' : c);
		if (c == PASTE_END[mark - 1] && out->len >= mark &&
		    memcmp(out->text + out->len - mark, PASTE_END, mark) == 0) {
			out->len -= mark;
			out->text[out->len] = '\0';
			return;
		}
	}
}

/* Each line end in a paste is an Enter: complete lines go now, the rest waits for the operator. */
static int key_paste(int count, int key)
{
	struct strbuf text;
	char *end;

	strbuf_init(&text);
	read_paste(&text);
	end = strrchr(text.text, '\n');
	if (end == NULL) {
		rl_insert_text(text.text);
	} else if (strchr(text.text, '\n') == end && end[1] == '\0') {
		*end = '\0';
		rl_insert_text(text.text);
		rl_newline(count, key);
	} else {
		strbuf_add(&ed.tail, end + 1);
		end[1] = '\0';
		strbuf_add(&ed.block, rl_line_buffer);
		strbuf_add(&ed.block, text.text);
		rl_newline(count, key);
	}
	strbuf_wipe(&text);
	return 0;
}

/* ---- Completion ------------------------------------------------------------------------------ */

static char *candidate(const char *text, int state)
{
	const char *end;
	char *word;

	(void)text;
	if (state == 0)
		ed.next_candidate = ed.candidates.text;
	end = strchr(ed.next_candidate, '\n');
	if (end == NULL)
		return NULL;
	word = strndup(ed.next_candidate, (size_t)(end - ed.next_candidate));
	ed.next_candidate = end + 1;
	return word;
}

static char **complete(const char *text, int start, int end)
{
	char *line = rl_copy_text(0, end);

	(void)start;
	rl_attempted_completion_over = 1; /* no file names */
	strbuf_reset(&ed.candidates);
	ed.calls->complete(ed.arg, line, &ed.candidates);
	bytes_wipe(line, strlen(line));
	free(line);
	return rl_completion_matches(text, candidate);
}

/* ---- Opening and closing --------------------------------------------------------------------- */

static bool terminal_marks_pastes(void)
{
	static const char *const known[] = {"xterm", "screen", "tmux",	    "rxvt",
					    "linux", "foot",   "alacritty", "kitty"};
	const char *term = getenv("TERM");

	for (size_t i = 0; term != NULL && i < ARRAY_LEN(known); i++) {
		if (strncmp(term, known[i], strlen(known[i])) == 0)
			return true;
	}
	return false;
}

static int take_key(FILE *unused)
{
	char key;

	(void)unused;
	return keys_take(ed.keys, &key) ? (unsigned char)key : EOF;
}

/* readline takes the terminal's settings over at the first prompt and keeps them up to the end. */
static void keep_settings(void)
{
}

/* Keys that must reach us and not the terminal driver. */
static int claim_terminal(struct err_msg *e)
{
	struct termios t;

	if (tcgetattr(STDIN_FILENO, &ed.saved) != 0)
		return err_sys(e, errno, "Cannot read the settings of this terminal");
	t = ed.saved;
	t.c_cc[VSUSP] = _POSIX_VDISABLE;
	t.c_cc[VQUIT] = _POSIX_VDISABLE;
	if (tcsetattr(STDIN_FILENO, TCSADRAIN, &t) != 0)
		return err_sys(e, errno, "Cannot set this terminal");
	return 0;
}

static void bind_keys(void)
{
	rl_variable_bind("editing-mode", "emacs");
	rl_variable_bind("enable-bracketed-paste", terminal_marks_pastes() ? "on" : "off");
	rl_variable_bind("completion-ignore-case", "on");
	rl_variable_bind("show-all-if-ambiguous", "on");
	rl_variable_bind("page-completions", "off");
	rl_variable_bind("completion-query-items", "0");
	rl_variable_bind("disable-completion", "off");
	rl_variable_bind("bell-style", "none");
	rl_bind_key('?', key_help);
	rl_bind_key('\t', key_tab);
	rl_bind_key('\r', key_return);
	rl_bind_key('\n', key_newline);
	rl_bind_key('Z' & 0x1f, key_end);
	rl_bind_key('V' & 0x1f, rl_quoted_insert);
	rl_bind_keyseq("\\e[200~", key_paste);
}

int editor_open(const struct editor_calls *calls, void *arg, struct keys *keys, struct err_msg *e)
{
	int rc = claim_terminal(e);

	if (rc != 0)
		return rc;
	ed.calls = calls;
	ed.arg = arg;
	ed.keys = keys;
	ed.asleep = true;
	strbuf_init(&ed.block);
	strbuf_init(&ed.tail);
	strbuf_init(&ed.candidates);
	rl_readline_name = "ikesh";
	rl_getc_function = take_key;
	rl_catch_signals = 0;
	rl_catch_sigwinch = 0;
	rl_change_environment = 0;
	rl_deprep_term_function = keep_settings;
	rl_attempted_completion_function = complete;
	rl_completer_word_break_characters = " \t";
	rl_completer_quote_characters = "";
	rl_initialize();
	/* Descriptions of old terminals ask for pauses, made of NUL at this speed. */
	ospeed = 0;
	bind_keys();
	using_history();
	stifle_history(HISTORY_MAX);
	return 0;
}

void editor_close(void)
{
	rl_callback_handler_remove();
	rl_deprep_terminal();
	tcsetattr(STDIN_FILENO, TCSADRAIN, &ed.saved);
	clear_history();
	strbuf_wipe(&ed.block);
	strbuf_wipe(&ed.tail);
	strbuf_clear(&ed.candidates);
}
