/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Supervision of BIRD.  One timer drives it: look for one that runs, start one, connect, put the
 * configuration in force.
 *
 *   nothing -> (socket answers) adopted  -> greeted -> configure check -> configure -> running
 *           -> write file, start -> connect -> greeted -> running
 *   ended -> wait (0.5 s, doubled up to 30 s) -> nothing
 *   no reply for 8 s -> killed -> ended
 */
#include "platform/os/bird.h"

#include "platform/base/enum_name.h"
#include "platform/base/log.h"
#include "platform/base/mem.h"
#include "platform/os/bird_link.h"
#include "platform/os/bird_process.h"
#include "platform/os/file.h"
#include "platform/os/loop.h"

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CONNECT_MS  100
#define START_MS    10000 /* to its greeting */
#define BACKOFF_MS  500
#define BACKOFF_MAX 30000
#define MISSING_MS  10000
#define STEADY_MS   60000 /* lived so long: the next end is the first one again */
#define FAREWELL_MS 2000
#define ERRORS_MAX  4096

/* Replies of `configure` and `configure check`, doc/reply_codes of BIRD. */
enum { CONFIG_DONE = 3, CONFIG_STARTED = 4, CONFIG_UNDER_SHUTDOWN = 6, CONFIG_GOOD = 20 };

struct bird {
	struct loop *loop;
	const struct log *log;
	const char *program; /* NULL: found at each start */
	struct bird_callbacks callbacks;
	struct bird_status status;
	struct bird_link *link;
	struct loop_timer timer;
	char dir[PATH_MAX];
	char config[PATH_MAX + 16], candidate[PATH_MAX + 16], socket[PATH_MAX + 16];
	char errors[PATH_MAX + 16], log_path[PATH_MAX + 16];
	int pidfd; /* -1: no process */
	bool child;
	bool wanted;
	bool dirty;	  /* the configuration is another one than that in force */
	bool configuring; /* a reply is due */
	bool killed;	  /* by us, because it hung */
	uint64_t began_ms;
	uint64_t backoff_ms;
};

static const struct enum_name state_names[] = {
	{BIRD_OFF, "off"},	     {BIRD_MISSING, "missing"},
	{BIRD_STARTING, "starting"}, {BIRD_RUNNING, "running"},
	{BIRD_REFUSED, "refused"},   {BIRD_HUNG, "hung"},
	{BIRD_FAILED, "failed"},     {0, NULL},
};

const char *bird_state_name(enum bird_state s)
{
	return enum_name(state_names, (int)s);
}

static void say(struct bird *b, enum bird_state state, const char *text)
{
	char line[ERR_TEXT_MAX];
	bool same;

	snprintf(line, sizeof(line), "%s", text);
	line[strcspn(line, "\n")] = '\0';
	same = b->status.state == state && strcmp(b->status.text, line) == 0;
	b->status.state = state;
	memcpy(b->status.text, line, sizeof(line));
	if (same)
		return;
	log_line(b->log, LOG_LVL_INFO, LOG_BGP, "BIRD %s%s%s", bird_state_name(state),
		 line[0] == '\0' ? "" : ": ", line);
	b->callbacks.changed(b->callbacks.arg);
}

static void after(struct bird *b, uint64_t ms)
{
	loop_timer_set(b->loop, &b->timer, loop_now_ms(b->loop) + ms);
}

static uint64_t next_backoff(struct bird *b)
{
	uint64_t now_ms = loop_now_ms(b->loop);

	if (b->backoff_ms == 0 || now_ms - b->began_ms > STEADY_MS)
		b->backoff_ms = BACKOFF_MS;
	else
		b->backoff_ms = b->backoff_ms < BACKOFF_MAX / 2 ? 2 * b->backoff_ms : BACKOFF_MAX;
	return b->backoff_ms;
}

/* ---- The process ----------------------------------------------------------------------------- */

static void forget_process(struct bird *b)
{
	bird_link_close(b->link);
	if (b->pidfd >= 0) {
		loop_fd_remove(b->loop, b->pidfd);
		close(b->pidfd);
	}
	if (b->child)
		bird_process_reap(b->status.pid);
	b->pidfd = -1;
	b->child = b->configuring = false;
	b->status.pid = 0;
	b->status.adopted = false;
}

/* The last line that it said before it ended, "" when it said nothing. */
static void last_words(const struct bird *b, char *buf, size_t size)
{
	struct strbuf text;
	const char *line;

	buf[0] = '\0';
	strbuf_init(&text);
	if (file_read(b->errors, ERRORS_MAX, &text, NULL) == 0 && text.len > 1) {
		text.text[strcspn(text.text, "\n")] = '\0';
		line = strstr(text.text, "bird: ") == text.text ? text.text + 6 : text.text;
		snprintf(buf, size, "%s", line);
	}
	strbuf_clear(&text);
}

static void on_end(void *arg, int fd, unsigned events)
{
	struct bird *b = arg;
	bool started = b->status.state == BIRD_STARTING && b->child;
	char words[256];

	(void)fd;
	(void)events;
	last_words(b, words, sizeof(words));
	forget_process(b);
	if (!b->wanted) {
		say(b, BIRD_OFF, "");
		return;
	}
	b->status.restarts++;
	if (b->killed)
		say(b, BIRD_HUNG,
		    "it did not answer for 8 seconds and was killed, it starts again");
	else if (started && words[0] != '\0')
		say(b, BIRD_REFUSED, words);
	else
		say(b, BIRD_FAILED, "the process ended, it starts again");
	b->killed = false;
	after(b, next_backoff(b));
}

static int watch(struct bird *b, pid_t pid, bool child, struct err_msg *e)
{
	int fd = bird_process_watch(pid, e);

	if (fd >= 0 && loop_fd_add(b->loop, fd, LOOP_READ, on_end, b) != 0) {
		close(fd);
		fd = err_set(e, ERR_SYSTEM, "Process %d cannot be watched", (int)pid);
	}
	if (fd < 0)
		return fd;
	b->pidfd = fd;
	b->child = child;
	b->status.pid = pid;
	b->status.adopted = !child;
	b->began_ms = loop_now_ms(b->loop);
	return 0;
}

static int write_config(struct bird *b, const char *path, struct err_msg *e)
{
	struct strbuf text;
	int r;

	strbuf_init(&text);
	b->callbacks.write(b->callbacks.arg, &text);
	r = file_write_atomic(path, text.text, text.len, 0600, false, e);
	strbuf_wipe(&text);
	return r;
}

static void start(struct bird *b)
{
	const char *program = b->program != NULL ? b->program : bird_process_program();
	struct err_msg e = {.text = ""};
	pid_t pid;

	if (program == NULL || access(program, X_OK) != 0) {
		say(b, BIRD_MISSING, "BIRD is not installed (Debian package bird2)");
		after(b, MISSING_MS);
		return;
	}
	pid = write_config(b, b->config, &e);
	if (pid == 0)
		pid = bird_process_start(program, b->config, b->socket, b->errors, &e);
	if (pid > 0 && watch(b, pid, true, &e) != 0)
		pid = ERR_SYSTEM;
	if (pid < 0) {
		say(b, BIRD_FAILED, e.text);
		after(b, next_backoff(b));
		return;
	}
	b->dirty = false;
	if (b->status.state != BIRD_REFUSED && b->status.state != BIRD_FAILED)
		say(b, BIRD_STARTING, "");
	else
		b->status.state = BIRD_STARTING; /* the text stays until it answers */
	after(b, CONNECT_MS);
}

/* ---- Configuration --------------------------------------------------------------------------- */

/* What a refusal says: "/run/x/bird.conf.new:23:16 syntax error". */
static void refuse(struct bird *b, const char *text)
{
	const char *line = text;
	const char *why;

	/* The first line says which file is read. */
	if (strncmp(line, "Reading", 7) == 0)
		line += strcspn(line, "\n");
	why = strchr(line, ':');
	say(b, BIRD_REFUSED, why == NULL ? line + (*line == '\n') : why + 1);
}

static void on_configured(void *arg, unsigned code, const char *text)
{
	struct bird *b = arg;

	b->configuring = false;
	if (code == BIRD_NO_REPLY)
		return;
	if (code != CONFIG_DONE && code != CONFIG_STARTED && code != CONFIG_UNDER_SHUTDOWN) {
		refuse(b, text);
		return;
	}
	say(b, BIRD_RUNNING, "");
	b->callbacks.ready(b->callbacks.arg);
	if (b->dirty)
		after(b, 0);
}

static void on_checked(void *arg, unsigned code, const char *text)
{
	struct bird *b = arg;

	b->configuring = false;
	if (code == BIRD_NO_REPLY)
		return;
	if (code != CONFIG_GOOD) {
		refuse(b, text);
		return;
	}
	if (rename(b->candidate, b->config) != 0) {
		say(b, BIRD_FAILED, "its configuration file cannot be replaced");
		return;
	}
	b->configuring = bird_link_ask(b->link, "configure", on_configured, b) == 0;
}

static void configure(struct bird *b)
{
	struct err_msg e = {.text = ""};
	char command[PATH_MAX + 64];

	if (b->configuring || !bird_link_is_open(b->link))
		return;
	b->dirty = false;
	if (write_config(b, b->candidate, &e) != 0) {
		say(b, BIRD_FAILED, e.text);
		return;
	}
	snprintf(command, sizeof(command), "configure check \"%s\"", b->candidate);
	b->configuring = bird_link_ask(b->link, command, on_checked, b) == 0;
}

/* ---- The control socket ---------------------------------------------------------------------- */

static void greeted(void *arg, const char *text)
{
	struct bird *b = arg;
	char version[sizeof(b->status.version)];

	if (sscanf(text, "BIRD %31s", version) == 1)
		memcpy(b->status.version, version, sizeof(version));
	if (b->status.adopted || b->dirty) {
		configure(b);
		return;
	}
	say(b, BIRD_RUNNING, "");
	b->callbacks.ready(b->callbacks.arg);
}

static void lost(void *arg, bool hung)
{
	struct bird *b = arg;

	b->configuring = false;
	if (hung && b->pidfd >= 0) {
		b->killed = true;
		bird_process_signal(b->pidfd, SIGKILL);
		return; /* on_end */
	}
	after(b, CONNECT_MS);
}

/* Is there one? */
static bool find(struct bird *b)
{
	struct err_msg e;
	pid_t pid = 0;

	if (bird_link_open(b->link, b->socket, &pid, &e) != 0)
		return false;
	if (b->pidfd >= 0 || (pid > 0 && watch(b, pid, false, &e) == 0))
		return true;
	bird_link_close(b->link);
	return false;
}

static void on_timer(void *arg)
{
	struct bird *b = arg;

	if (!b->wanted)
		return;
	if (bird_link_is_open(b->link)) {
		if (b->dirty)
			configure(b);
		return;
	}
	if (find(b))
		return; /* greeted */
	if (b->pidfd < 0) {
		start(b);
	} else if (loop_now_ms(b->loop) - b->began_ms > START_MS) {
		b->killed = true;
		bird_process_signal(b->pidfd, SIGKILL);
	} else {
		after(b, CONNECT_MS);
	}
}

/* ---- From outside ---------------------------------------------------------------------------- */

struct bird *bird_new(struct loop *loop, const struct log *log, const char *dir,
		      const char *program, const struct bird_callbacks *callbacks)
{
	struct bird *b = mem_zalloc(sizeof(*b));
	const struct bird_link_callbacks link = {.arg = b, .greeted = greeted, .lost = lost};

	b->loop = loop;
	b->log = log;
	b->program = program;
	b->callbacks = *callbacks;
	b->timer = (struct loop_timer){.fn = on_timer, .arg = b};
	b->pidfd = -1;
	b->link = bird_link_new(loop, &link);
	snprintf(b->dir, sizeof(b->dir), "%s", dir);
	snprintf(b->config, sizeof(b->config), "%s/" BIRD_CONFIG_FILE, b->dir);
	snprintf(b->candidate, sizeof(b->candidate), "%s/bird.conf.new", b->dir);
	snprintf(b->socket, sizeof(b->socket), "%s/" BIRD_SOCKET_FILE, b->dir);
	snprintf(b->errors, sizeof(b->errors), "%s/" BIRD_ERRORS_FILE, b->dir);
	snprintf(b->log_path, sizeof(b->log_path), "%s/bird.log", b->dir);
	return b;
}

static void end_process(struct bird *b)
{
	if (b->pidfd < 0)
		return;
	bird_process_signal(b->pidfd, SIGTERM);
	if (bird_process_wait(b->pidfd, FAREWELL_MS) != 0) {
		bird_process_signal(b->pidfd, SIGKILL);
		if (bird_process_wait(b->pidfd, FAREWELL_MS) != 0)
			log_line(b->log, LOG_LVL_WARNING, LOG_BGP, "BIRD does not end");
	}
	forget_process(b);
}

/* One of an earlier run that was not looked for yet must not outlive us either. */
static void end_stranger(struct bird *b)
{
	if (b->pidfd < 0 && access(b->socket, F_OK) == 0)
		(void)find(b);
	end_process(b);
}

void bird_free(struct bird *b)
{
	if (b == NULL)
		return;
	loop_timer_cancel(b->loop, &b->timer);
	b->wanted = false;
	end_stranger(b);
	bird_link_free(b->link);
	free(b);
}

void bird_configure(struct bird *b)
{
	struct err_msg e = {.text = ""};

	b->dirty = true;
	if (!b->wanted && file_mkdirs(b->dir, 0700, &e) != 0)
		log_line(b->log, LOG_LVL_ERROR, LOG_BGP, "%s", e.text);
	/* In a wait after a failure: the new configuration may be the cure. */
	if (!b->wanted || b->pidfd < 0 || bird_link_is_open(b->link))
		after(b, 0);
	b->wanted = true;
}

void bird_stop(struct bird *b)
{
	loop_timer_cancel(b->loop, &b->timer);
	b->wanted = b->dirty = false;
	end_stranger(b);
	b->backoff_ms = 0;
	say(b, BIRD_OFF, "");
}

const struct bird_status *bird_status(const struct bird *b)
{
	return &b->status;
}

const char *bird_log_path(const struct bird *b)
{
	return b->log_path;
}

int bird_ask(struct bird *b, const char *command, bird_reply_fn *fn, void *arg)
{
	return bird_link_ask(b->link, command, fn, arg);
}

void bird_forget(struct bird *b, const void *arg)
{
	bird_link_forget(b->link, arg);
}
