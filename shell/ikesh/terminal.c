/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A person at a terminal.  States:
 *
 *   IDLE  the editor has a prompt; keys go to it
 *   BUSY  a line runs; keys wait in the terminal driver, only Ctrl-C is heard
 *   HELD  the running line takes single keys
 *   ASKED a question waits for its answer
 *
 * While the pager waits for a key, nothing is read from the appliance.
 */
#include "shell/ikesh/terminal.h"

#include "platform/base/mem.h"
#include "shell/ikesh/editor.h"
#include "shell/ikesh/keys.h"
#include "shell/ikesh/link.h"
#include "shell/ikesh/pager.h"
#include "shell/ikesh/question.h"
#include "shell/ikesh/script.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define GIVE_UP 3 /* times Ctrl-C without an answer */

enum terminal_state { T_IDLE, T_BUSY, T_HELD, T_ASKED };

struct terminal {
	struct link *link;
	enum terminal_state state;
	struct keys keys;
	struct pager pager;
	struct question question;
	bool end_after;	     /* Ctrl-Z: `end` follows the running line */
	bool length_is_set;  /* by `terminal length`: the window's size does not count */
	unsigned interrupts; /* of the running line, unanswered */
	bool quit;
	int status;
	char *sent;	    /* the last line, until it is known not to be secret */
	struct strbuf held; /* asynchronous text that came in the middle of a request */
};

/* A signal handler has no argument: the pipe through which it tells poll. */
static int signal_pipe[2] = {-1, -1};

static void on_signal(int signo)
{
	int saved = errno;
	char octet = (char)signo;

	(void)!write(signal_pipe[1], &octet, 1);
	errno = saved;
}

static void write_out(void *arg, const char *text, size_t len)
{
	(void)arg;
	fwrite(text, 1, len, stdout);
}

static void leave(struct terminal *t, int status)
{
	t->quit = true;
	t->status = status;
}

static void lost(struct terminal *t)
{
	if (t->quit)
		return;
	editor_hide();
	fputs("% The appliance closed the connection\n", stdout);
	leave(t, SCRIPT_UNREACHABLE);
}

static void send_to(struct terminal *t, enum wire_type type, const char *text)
{
	int rc = link_send(t->link, type, text);

	if (rc != 0 && rc != ERR_RANGE)
		lost(t);
}

/* ---- Output ---------------------------------------------------------------------------------- */

void terminal_window(uint16_t *rows, uint16_t *columns)
{
	struct winsize w = {.ws_row = 0};

	(void)ioctl(STDOUT_FILENO, TIOCGWINSZ, &w);
	*rows = w.ws_row != 0 ? w.ws_row : 24;
	*columns = w.ws_col != 0 ? w.ws_col : 80;
}

/* The pager follows the window until `terminal length` says otherwise. */
static void fit_window(struct terminal *t)
{
	uint16_t rows, columns;

	terminal_window(&rows, &columns);
	pager_size(&t->pager, t->length_is_set ? t->pager.rows : rows, columns);
}

static void print_async(struct terminal *t, struct view text)
{
	if (t->state == T_IDLE)
		editor_hide();
	else if (t->state == T_ASKED)
		fputs("\n", stdout);
	fwrite(text.data, 1, text.len, stdout);
	if (text.len != 0 && text.data[text.len - 1] != '\n')
		fputs("\n", stdout);
	if (t->state == T_IDLE)
		editor_show();
}

static void flush_held(struct terminal *t)
{
	if (t->held.len != 0)
		print_async(t, view_of(t->held.text, t->held.len));
	strbuf_reset(&t->held);
}

static char read_key(struct terminal *t)
{
	char key = 0;

	if (!keys_take(&t->keys, &key))
		leave(t, SCRIPT_OK);
	return key;
}

static void interrupt(struct terminal *t)
{
	keys_drop(&t->keys);
	switch (t->state) {
	case T_IDLE:
		editor_cancel();
		return;
	case T_BUSY:
	case T_HELD:
		pager_drop(&t->pager);
		if (++t->interrupts == GIVE_UP) {
			fputs("% The appliance does not answer\n", stdout);
			leave(t, SCRIPT_UNREACHABLE);
		}
		break;
	case T_ASKED:
		fputs("\n", stdout);
		question_end(&t->question);
		t->state = T_BUSY;
		break;
	}
	t->end_after = false;
	send_to(t, WIRE_INTERRUPT, NULL);
}

static void pager_input(struct terminal *t)
{
	if (!pager_key(&t->pager, read_key(t)))
		send_to(t, WIRE_INTERRUPT, NULL);
}

/* ---- What the appliance says ----------------------------------------------------------------- */

static void on_done(struct terminal *t)
{
	pager_end(&t->pager);
	pager_pause(&t->pager, false);
	t->interrupts = 0;
	if (t->end_after) {
		t->end_after = false;
		if (strstr(t->link->prompt, "(config") != NULL) {
			send_to(t, WIRE_LINE, "end");
			return;
		}
	}
	t->state = T_IDLE;
	fflush(stdout);
	editor_prompt(t->link->prompt);
}

static void on_terminal_size(struct terminal *t, const struct wire_message *m)
{
	uint16_t rows, columns;

	terminal_window(&rows, &columns);
	t->length_is_set = m->rows != rows;
	t->pager.rows = m->rows;
	fit_window(t); /* lines wrap where the window ends, whatever `terminal width` says */
}

static void on_ask(struct terminal *t, const struct wire_message *m)
{
	pager_end(&t->pager);
	fwrite(m->text.data, 1, m->text.len, stdout);
	t->state = T_ASKED;
	question_begin(&t->question, (m->flags & WIRE_HIDDEN) != 0);
}

/* Live displays are as long as they are: no pager, and a key is a key. */
static void on_hold(struct terminal *t)
{
	t->state = T_HELD;
	pager_pause(&t->pager, true);
}

static void on_message(struct terminal *t, const struct wire_message *m)
{
	/* Enumerators of messages that only the client sends, or that have a place of their own
	 * (request_text), change nothing here. */
	if (m->type == WIRE_OUTPUT)
		pager_feed(&t->pager, (const char *)m->text.data, m->text.len);
	else if (m->type == WIRE_DONE)
		on_done(t);
	else if (m->type == WIRE_ASK)
		on_ask(t, m);
	else if (m->type == WIRE_HOLD)
		on_hold(t);
	else if (m->type == WIRE_ASYNC)
		print_async(t, m->text);
	else if (m->type == WIRE_TERMINAL)
		on_terminal_size(t, m);
	else if (m->type == WIRE_SECRECY && m->status == 0 && t->sent != NULL)
		editor_remember(t->sent);
	else if (m->type == WIRE_CLOSE)
		leave(t, SCRIPT_OK);
	else if (m->type == WIRE_REFUSED) {
		fprintf(stdout, "%% %.*s\n", (int)m->text.len, (const char *)m->text.data);
		leave(t, SCRIPT_REFUSED);
	}
}

/* Ask and wait for all pieces of the answer; other messages wait their turn. */
static void request_text(struct terminal *t, enum wire_type ask, const char *text,
			 enum wire_type answer, struct strbuf *out)
{
	struct wire_message m = {.flags = 0};

	if (link_send(t->link, ask, text) != 0)
		return;
	while (!t->quit) {
		if (link_receive(t->link, &m) != 0) {
			lost(t);
		} else if (m.type == answer) {
			strbuf_add_bytes(out, m.text.data, m.text.len);
			if ((m.flags & WIRE_LAST) != 0)
				return;
		} else if (m.type == WIRE_ASYNC) {
			strbuf_add_bytes(&t->held, m.text.data, m.text.len);
		} else {
			on_message(t, &m);
		}
	}
}

/* ---- What the operator does ------------------------------------------------------------------ */

static void forget_sent(struct terminal *t)
{
	if (t->sent != NULL)
		explicit_bzero(t->sent, strlen(t->sent));
	free(t->sent);
	t->sent = NULL;
}

static void on_line(void *arg, const char *line, bool end_after)
{
	struct terminal *t = arg;

	t->state = T_BUSY;
	t->end_after = end_after;
	t->question.after_return = false;
	forget_sent(t);
	t->sent = mem_strdup(line);
	if (strlen(line) > WIRE_TEXT_MAX) {
		printf("%% A line has %d characters at most\n", WIRE_TEXT_MAX);
		on_done(t);
		return;
	}
	send_to(t, WIRE_SECRET, line);
	send_to(t, WIRE_LINE, line);
}

static void on_block(void *arg, const char *text)
{
	struct terminal *t = arg;

	t->state = T_BUSY;
	if (strlen(text) > WIRE_UPLOAD_MAX) {
		fputs("% A paste has 8 MiB at most, nothing applied\n", stdout);
		on_done(t);
		return;
	}
	if (link_send_upload(t->link, text, strlen(text)) != 0)
		lost(t);
	send_to(t, WIRE_PASTE, NULL);
}

/* Ctrl-D leaves one level, and the appliance at the outermost. */
static void on_end_of_input(void *arg)
{
	struct terminal *t = arg;

	t->state = T_BUSY;
	fputs("\n", stdout);
	send_to(t, WIRE_LINE, "exit");
}

/* Waits for a key.  False: Ctrl-C came instead, or the end. */
static bool key_waits(struct terminal *t)
{
	struct pollfd fds[] = {
		{.fd = signal_pipe[0], .events = POLLIN},
		{.fd = STDIN_FILENO, .events = POLLIN},
	};
	char octet = 0;

	fflush(stdout);
	while (poll(fds, ARRAY_LEN(fds), keys_wait(&t->keys) ? 0 : -1) < 0 && errno == EINTR)
		;
	if (fds[0].revents == 0 || read(signal_pipe[0], &octet, 1) != 1)
		return true;
	if (octet == SIGWINCH)
		fit_window(t);
	else if (octet != SIGINT)
		leave(t, SCRIPT_OK);
	return false;
}

static void on_help(void *arg, const char *text)
{
	struct terminal *t = arg;
	struct strbuf help;

	strbuf_init(&help);
	request_text(t, WIRE_HELP, text, WIRE_HELP_TEXT, &help);
	pager_feed(&t->pager, help.text, help.len);
	while (!t->quit && pager_waits(&t->pager)) {
		if (key_waits(t))
			(void)pager_key(&t->pager, read_key(t));
		else
			pager_drop(&t->pager);
	}
	pager_end(&t->pager);
	fwrite(t->held.text, 1, t->held.len, stdout);
	strbuf_reset(&t->held);
	strbuf_clear(&help);
}

static void on_complete(void *arg, const char *text, struct strbuf *out)
{
	request_text(arg, WIRE_COMPLETE, text, WIRE_CANDIDATES, out);
}

static const struct editor_calls editor_calls = {
	.line = on_line,
	.block = on_block,
	.end_of_input = on_end_of_input,
	.help = on_help,
	.complete = on_complete,
};

static void question_input(struct terminal *t)
{
	switch (question_key(&t->question, read_key(t))) {
	case QUESTION_GOES_ON:
		return;
	case QUESTION_CANCELLED:
		interrupt(t);
		return;
	case QUESTION_ANSWERED:
		fputs("\n", stdout);
		t->state = T_BUSY;
		send_to(t, WIRE_ANSWER, t->question.text);
		question_end(&t->question);
		return;
	}
}

static void held_input(struct terminal *t)
{
	char text[2] = {read_key(t), '\0'};

	if ((unsigned char)text[0] >= ' ' && !t->quit)
		send_to(t, WIRE_ANSWER, text);
}

static void key_input(struct terminal *t)
{
	if (pager_waits(&t->pager))
		pager_input(t);
	else if (t->state == T_ASKED)
		question_input(t);
	else if (t->state == T_HELD)
		held_input(t);
	else if (t->state == T_IDLE)
		editor_key();
	flush_held(t);
}

static void on_window_change(struct terminal *t)
{
	uint16_t rows, columns;

	terminal_window(&rows, &columns);
	fit_window(t);
	editor_resize();
	if (link_send_window(t->link, rows, columns) != 0)
		lost(t);
}

static void signal_input(struct terminal *t)
{
	char octet = 0;

	if (read(signal_pipe[0], &octet, 1) != 1)
		return;
	if (octet == SIGINT) {
		interrupt(t);
	} else if (octet == SIGWINCH) {
		on_window_change(t);
	} else {
		leave(t, SCRIPT_OK);
	}
}

static void link_input(struct terminal *t)
{
	struct wire_message m;

	if (link_receive(t->link, &m) != 0)
		lost(t);
	else
		on_message(t, &m);
}

static void turn(struct terminal *t)
{
	bool paging = pager_waits(&t->pager);
	bool wanted = t->state != T_BUSY || paging, key = wanted && keys_wait(&t->keys);
	struct pollfd fds[] = {
		{.fd = signal_pipe[0], .events = POLLIN},
		/* Without events, the end of the terminal is still reported. */
		{.fd = STDIN_FILENO, .events = wanted ? POLLIN : 0},
		{.fd = paging ? -1 : t->link->fd, .events = POLLIN},
	};

	fflush(stdout);
	if (poll(fds, ARRAY_LEN(fds), key ? 0 : -1) < 0)
		return;
	if (fds[0].revents != 0)
		signal_input(t);
	else if (fds[2].revents != 0)
		link_input(t);
	else if (key || (fds[1].revents & POLLIN) != 0)
		key_input(t);
	else if (fds[1].revents != 0)
		leave(t, SCRIPT_OK);
}

static int catch_signals(struct err_msg *e)
{
	static const int wanted[] = {SIGINT, SIGWINCH, SIGTERM, SIGHUP};
	struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};

	if (pipe2(signal_pipe, O_CLOEXEC | O_NONBLOCK) != 0)
		return err_sys(e, errno, "Cannot make a pipe");
	for (size_t i = 0; i < ARRAY_LEN(wanted); i++)
		sigaction(wanted[i], &action, NULL);
	return 0;
}

int terminal_run(struct link *l)
{
	struct terminal t = {.link = l,
			     .state = T_IDLE,
			     .status = SCRIPT_OK,
			     .keys = {.fd = STDIN_FILENO}};
	struct err_msg e = {.code = 0};

	if (catch_signals(&e) != 0 || editor_open(&editor_calls, &t, &t.keys, &e) != 0) {
		fprintf(stderr, "ikesh: %s\n", e.text);
		return SCRIPT_REFUSED;
	}
	strbuf_init(&t.held);
	pager_init(&t.pager, write_out, NULL);
	t.question.write = write_out;
	fit_window(&t);
	editor_prompt(l->prompt);
	while (!t.quit)
		turn(&t);
	if (t.state == T_IDLE)
		fputs("\n", stdout);
	fflush(stdout);
	editor_close();
	pager_clear(&t.pager);
	strbuf_clear(&t.held);
	forget_sent(&t);
	keys_wipe(&t.keys);
	return t.status;
}
