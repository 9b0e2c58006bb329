/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * `ping`: echo requests one after another, drawn as routers do (! answered, . not in time), on the
 * event loop: nothing waits, Ctrl-C ends it.
 */
#include "commands/config.h"
#include "commands/row.h"
#include "commands/show_cmd.h"
#include "commands/value.h"
#include "platform/base/mem.h"
#include "platform/os/icmp.h"
#include "platform/os/loop.h"
#include "platform/os/rng.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TIMEOUT_MS 2000
#define REFUSED_MS 100
#define DATA_LEN   72 /* 100 octets with IPv4 and ICMP header */
#define COUNT	   5
#define LINE_MAX   70 /* marks per line */

struct ping {
	struct cmd *cmd;
	struct loop *loop;
	struct loop_timer timer;
	int fd;
	struct ip_addr to;
	uint16_t id;
	uint32_t count, sent, answered;
	uint64_t sent_at_ms;
	uint64_t least_ms, most_ms, sum_ms;
	char mark;		/* of the request on its way, when it gets no answer */
	struct err_msg refused; /* why one could not be sent, "" none */
};

static void ping_free(struct ping *p)
{
	loop_timer_cancel(p->loop, &p->timer);
	loop_fd_remove(p->loop, p->fd);
	(void)close(p->fd);
	free(p);
}

static void summary(const struct ping *p)
{
	cmd_print(p->cmd, "%sSuccess rate is %" PRIu32 " percent (%" PRIu32 "/%" PRIu32 ")",
		  p->sent % LINE_MAX ? "\n" : "", p->sent ? p->answered * 100 / p->sent : 0,
		  p->answered, p->sent);
	if (p->answered)
		cmd_print(p->cmd,
			  ", round-trip min/avg/max = %" PRIu64 "/%" PRIu64 "/%" PRIu64 " ms",
			  p->least_ms, p->sum_ms / p->answered, p->most_ms);
	cmd_print(p->cmd, "\n");
	if (p->refused.text[0])
		cmd_print(p->cmd, "U = not sent: %s\n", p->refused.text);
}

static void mark(const struct ping *p, char c)
{
	cmd_print(p->cmd, "%c%s", c, p->sent % LINE_MAX ? "" : "\n");
	cmd_flush(p->cmd);
}

static void finish(struct ping *p)
{
	struct cmd *c = p->cmd;

	summary(p);
	ping_free(p);
	cmd_done(c, 0);
}

/* The next request, or the end.  A request that cannot be sent counts as one without an answer. */
static void next(struct ping *p)
{
	struct icmp_echo echo = {
		.id = p->id,
		.sequence = (uint16_t)p->sent,
		.data_len = DATA_LEN,
	};
	uint64_t wait_ms = TIMEOUT_MS;

	if (p->sent == p->count) {
		finish(p);
		return;
	}
	p->mark = '.';
	if (icmp_send_echo(p->fd, &p->to, &echo, &p->refused) != 0) {
		p->mark = 'U';
		wait_ms = REFUSED_MS;
	}
	p->sent++;
	p->sent_at_ms = loop_clock_ms();
	loop_timer_set(p->loop, &p->timer, p->sent_at_ms + wait_ms);
}

static void timeout(void *arg)
{
	struct ping *p = arg;

	mark(p, p->mark);
	next(p);
}

static void answer(struct ping *p)
{
	uint64_t took = loop_clock_ms() - p->sent_at_ms;

	if (p->answered == 0 || took < p->least_ms)
		p->least_ms = took;
	if (took > p->most_ms)
		p->most_ms = took;
	p->sum_ms += took;
	p->answered++;
	mark(p, '!');
	next(p);
}

static void readable(void *arg, int fd, unsigned events)
{
	struct ping *p = arg;
	struct icmp_echo echo;

	(void)events;
	while (icmp_receive_reply(fd, p->to.family, &echo) == 0) {
		if (echo.id != p->id || echo.sequence != (uint16_t)(p->sent - 1) ||
		    !ip_addr_equal(&echo.from, &p->to))
			continue;
		answer(p); /* may free p */
		return;
	}
}

/* Ctrl-C, or the operator leaves: the session finishes the line. */
static void interrupted(struct cmd *c, const char *typed, void *arg)
{
	struct ping *p = arg;

	(void)c;
	(void)typed;
	summary(p);
	ping_free(p);
}

static void headline(struct ping *p, const struct value *source)
{
	char text[IP_TEXT_MAX];

	if (cmd_interactive(p->cmd))
		cmd_print(p->cmd, "Type Ctrl-C to abort.\n");
	cmd_print(p->cmd, "Sending %" PRIu32 ", 100-byte ICMP Echos to %s, timeout is 2 seconds:\n",
		  p->count, ip_addr_text(&p->to, text, sizeof(text)));
	if (source)
		cmd_print(p->cmd, "Packet sent with a source address of %s\n",
			  ip_addr_text(&source->addr, text, sizeof(text)));
	cmd_flush(p->cmd);
}

/* In an account that has a routing table of its own: by that. */
static int open_socket(struct cmd *c, const struct value *to, const struct ip_addr *source,
		       struct err_msg *e)
{
	const char *account = cmd_text(c, "account");
	const struct gateway *g = commands_gateway(cmd_commands(c));
	uint32_t mark;
	int fd, r;

	if (account != NULL &&
	    accounts_find(&commands_running(cmd_commands(c))->cloud.accounts, account) == NULL)
		return err_set(e, ERR_NOT_FOUND, "There is no account %s", account);
	mark = account == NULL || g == NULL ? 0 : gateway_account_mark(g, account);
	fd = icmp_open(to->addr.family, source, e);
	if (fd < 0 || mark == 0)
		return fd;
	r = icmp_mark(fd, mark, e);
	if (r == 0)
		return fd;
	(void)close(fd);
	return r;
}

static int ping(struct cmd *c)
{
	const struct value *to = cmd_value(c, "address"), *source = cmd_value(c, "ping-source");
	const struct ip_addr any = {.family = IP_NONE};
	struct ping *p;
	struct err_msg e;
	int fd, err;

	fd = open_socket(c, to, source ? &source->addr : &any, &e);
	if (fd < 0)
		return cmd_fail(c, fd, "%s", e.text);
	p = mem_zalloc(sizeof(*p));
	p->cmd = c;
	p->loop = commands_loop(cmd_commands(c));
	p->timer.fn = timeout;
	p->timer.arg = p;
	p->fd = fd;
	p->to = to->addr;
	p->count = cmd_u32(c, "ping-count", COUNT);
	rng_bytes(&p->id, sizeof(p->id));
	err = loop_fd_add(p->loop, fd, LOOP_READ, readable, p);
	if (err) {
		(void)close(fd);
		free(p);
		return cmd_fail(c, err, "Ping cannot be started");
	}
	headline(p, source);
	err = cmd_work(c, interrupted, p);
	next(p);
	return err;
}

static const struct row rows[] = {
	{
		.words = "ping <address> [source <ping-source>] [account <account>] "
			 "[{ count | repeat } <ping-count>]",
		.modes = IN_EXEC,
		.handler = ping,
		.help = "Echo requests to an address",
		.manual = "Sends echo requests of 100 octets and marks each with ! when it was "
			  "answered and with . when not within 2 seconds.  With source, from that "
			  "address of the appliance; with account, by the routes of that account's "
			  "sites, where other accounts have the same networks.  Ctrl-C ends it.",
		.reference = "RFC 792",
	},
};

const struct row_table table_ping = {
	.family = "ping",
	.rows = rows,
	.count = ARRAY_LEN(rows),
};
