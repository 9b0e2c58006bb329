/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Up to three clients on the operators' socket that send any messages in any order, read or do not,
 * and leave when they like, in front of the real sessions.  Afterwards nobody is kept, an honest
 * client is served, and the configuration reads back to the same one.
 *
 * The input is a row of steps.  Low half of the first octet: what is done; high half: by whom.
 */
#include "commands/commands_state.h"
#include "commands/loader.h"
#include "commands/writer.h"
#include "dataplane/event.h"
#include "platform/base/mem.h"
#include "platform/os/loop.h"
#include "platform/os/seqpacket.h"
#include "shell/ikeshd/vty.h"
#include "shell/ikeshd/who.h"
#include "shell/wire.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CLIENTS 3
#define TURNS	4

enum step {
	STEP_CONNECT,
	STEP_HELLO,
	STEP_RAW,
	STEP_TYPED,
	STEP_LINE,
	STEP_READ,
	STEP_CLOSE,
	STEP_TURN,
	STEPS
};

static const char *const lines[] = {
	"configure terminal",
	"configure terminal lock",
	"configure",
	"configure session s",
	"commit",
	"ipsec site A",
	"tunnel primary 1",
	"psk",
	"no ipsec site A",
	"banner motd ^C",
	"terminal paste line",
	"terminal length 3",
	"terminal monitor",
	"show running-config all",
	"show users",
	"monitor connection-status",
	"ping 203.0.113.77 count 2",
	"show ipsec diagnose site A",
	"configure terminal revert timer 1",
	"configure confirm",
	"reload in 5",
	"reload cancel",
	"write",
	"disable",
	"login x",
	"end",
	"exit",
};

struct world {
	struct loop *loop;
	struct commands *commands;
	struct vtys *vtys;
	char path[64];
	int fd[CLIENTS]; /* -1: none */
};

/* Whoever connects here is an administrator. */
int who_find(const struct seqpacket_peer *peer, struct who *out, struct err_msg *e)
{
	(void)peer;
	(void)e;
	*out = (struct who){.user = "fuzz", .privilege = 15};
	return 0;
}

static uint64_t wall_ms(void)
{
	return 0;
}

static void turn(struct world *w)
{
	for (int i = 0; i < TURNS; i++) {
		if (loop_turn(w->loop, 0) < 0)
			abort();
	}
}

static int dial(const struct world *w)
{
	struct err_msg e = {.code = 0};
	int fd = seqpacket_connect(w->path, &e);

	if (fd < 0 || fcntl(fd, F_SETFL, O_NONBLOCK) != 0)
		abort();
	return fd;
}

static void hang_up(struct world *w, unsigned who)
{
	if (w->fd[who] >= 0)
		close(w->fd[who]);
	w->fd[who] = -1;
}

static void send_octets(const struct world *w, unsigned who, const uint8_t *data, size_t len)
{
	if (w->fd[who] >= 0 && len > 0)
		(void)!seqpacket_send(w->fd[who], view_of(data, len));
}

static void send_message(const struct world *w, unsigned who, const struct wire_message *m)
{
	uint8_t buf[WIRE_MESSAGE_MAX];
	size_t len;

	if (wire_encode(m, buf, sizeof(buf), &len) == 0)
		send_octets(w, who, buf, len);
}

static void send_hello(const struct world *w, unsigned who, uint8_t privilege)
{
	send_message(w, who,
		     &(struct wire_message){.type = WIRE_HELLO,
					    .version = WIRE_VERSION,
					    .flags = WIRE_INTERACTIVE,
					    .privilege = privilege,
					    .rows = 24,
					    .columns = 80});
}

/* Everything that has come; what the appliance says is always well-formed.  True: type was there.
 */
static bool read_all(struct world *w, unsigned who, enum wire_type wanted)
{
	uint8_t buf[WIRE_MESSAGE_MAX];
	bool found = false;
	size_t len;

	while (w->fd[who] >= 0) {
		int rc = seqpacket_receive(w->fd[who], buf, sizeof(buf), &len);
		struct wire_message m;

		if (rc == ERR_BUSY)
			break;
		if (rc != 0 || len == 0) {
			hang_up(w, who);
			break;
		}
		if (wire_decode(view_of(buf, len), &m) != 0 || wire_from_client(m.type))
			abort();
		found = found || m.type == wanted;
	}
	return found;
}

/* Length octet and as much text as there is. */
static struct view take_text(struct view *in)
{
	size_t len = in->len == 0 ? 0 : in->data[0];
	struct view v;

	if (in->len > 0)
		*in = view_of(in->data + 1, in->len - 1);
	if (len > in->len)
		len = in->len;
	v = view_of(in->data, len);
	*in = view_of(in->data + len, in->len - len);
	return v;
}

static void play_step(struct world *w, uint8_t op, struct view *in)
{
	unsigned who = (op >> 4) % CLIENTS;
	struct view text;

	switch ((enum step)((op & 15) % STEPS)) {
	case STEP_CONNECT:
		hang_up(w, who);
		w->fd[who] = dial(w);
		break;
	case STEP_HELLO:
		send_hello(w, who, (op & 8) != 0 ? 1 : WIRE_PRIVILEGE_DEFAULT);
		break;
	case STEP_RAW:
		text = take_text(in);
		send_octets(w, who, text.data, text.len);
		break;
	case STEP_TYPED:
		text = take_text(in);
		if (text.len > 0)
			send_message(w, who,
				     &(struct wire_message){.type = (enum wire_type)(
								    1 + text.data[0] % WIRE_LINES),
							    .text = view_of(text.data + 1,
									    text.len - 1)});
		break;
	case STEP_LINE:
		text = take_text(in);
		if (text.len > 0) {
			const char *line = lines[text.data[0] % ARRAY_LEN(lines)];

			send_message(w, who,
				     &(struct wire_message){.type = WIRE_LINE,
							    .text = view_of(line, strlen(line))});
		}
		break;
	case STEP_READ:
		(void)read_all(w, who, WIRE_DONE);
		break;
	case STEP_CLOSE:
		hang_up(w, who);
		break;
	case STEP_TURN:
	case STEPS:
		turn(w);
		break;
	}
}

/* The type comes within a few turns. */
static void expect(struct world *w, enum wire_type type)
{
	for (int i = 0; i < 50; i++) {
		turn(w);
		if (read_all(w, 0, type))
			return;
	}
	abort();
}

static void serve_honest(struct world *w)
{
	for (unsigned who = 0; who < CLIENTS; who++)
		hang_up(w, who);
	for (int i = 0; i < 20 && vtys_count(w->vtys) > 0; i++)
		turn(w);
	if (vtys_count(w->vtys) != 0)
		abort();
	w->fd[0] = dial(w);
	send_hello(w, 0, WIRE_PRIVILEGE_DEFAULT);
	expect(w, WIRE_WELCOME);
	send_message(w, 0,
		     &(struct wire_message){.type = WIRE_LINE, .text = view_of("show users", 10)});
	expect(w, WIRE_DONE);
	hang_up(w, 0);
}

static void check_reads_back(struct commands *c)
{
	struct strbuf text;
	struct config_writer w = {.out = &text};
	struct config back;

	strbuf_init(&text);
	config_init(&back);
	writer_config(&w, &c->running);
	if (loader_run(c, &back, "fuzz", text.text, NULL) != 0 || !config_equal(&back, &c->running))
		abort();
	config_clear(&back);
	strbuf_wipe(&text);
}

static void play(struct world *w, struct view in)
{
	while (in.len > 0) {
		uint8_t op = in.data[0];

		in = view_of(in.data + 1, in.len - 1);
		play_step(w, op, &in);
		turn(w);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct commands_options options = {.config_dir = NULL};
	struct world w = {.fd = {-1, -1, -1}};
	struct event_log *events = event_log_new(wall_ms, 16);
	struct err_msg e = {.code = 0};
	int fd;

	w.loop = loop_new(&e);
	if (w.loop == NULL)
		abort();
	w.commands = commands_new(w.loop, NULL, events, NULL, &options);
	snprintf(w.path, sizeof(w.path), "/tmp/ikesh-fuzz-vty-%ld", (long)getpid());
	fd = seqpacket_listen(w.path, 0600, &e);
	if (fd < 0)
		abort();
	w.vtys = vtys_new(w.loop, fd, w.commands, NULL, &e);
	if (w.vtys == NULL)
		abort();
	play(&w, view_of(data, size));
	serve_honest(&w);
	vtys_free(w.vtys, "gone");
	check_reads_back(w.commands);
	commands_free(w.commands);
	event_log_free(events);
	loop_free(w.loop);
	unlink(w.path);
	return 0;
}
