/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where event lines go: terminals and log hosts; and when idle terminals are closed. */
#include "commands/config_line.h"
#include "commands/row.h"
#include "commands/writer.h"
#include "platform/base/mem.h"

#include <inttypes.h>

static int set_host(struct config_line *l, struct err_msg *e)
{
	const struct value *port = config_arg(l, "log-port"),
			   *transport = config_arg(l, "log-transport");
	const struct ip_addr *addr = &config_arg(l, "log-address")->addr;
	bool tcp = transport != NULL && transport->number == 1;
	uint32_t standard = tcp ? BOX_LOG_TCP_PORT : BOX_LOG_PORT;

	if (!box_log_host_set(l->box, addr, tcp,
			      (uint16_t)(port == NULL ? standard : port->number)))
		return err_set(e, ERR_NO_SPACE, "There are %d log hosts, that is all there can be",
			       BOX_LOG_HOSTS);
	return 0;
}

static int unset_host(struct config_line *l, struct err_msg *e)
{
	const struct value *v = config_arg(l, "log-address");

	if (!box_log_host_remove(l->box, &v->addr))
		return err_set(e, ERR_NOT_FOUND, "There is no log host %s", v->text);
	return 0;
}

static void write_hosts(const struct row *row, const void *object, struct config_writer *w)
{
	const struct box_config *b = object;
	char addr[IP_TEXT_MAX];

	(void)row;
	for (size_t i = 0; i < b->log_host_count; i++) {
		const struct box_log_host *h = &b->log_hosts[i];

		ip_addr_text(&h->addr, addr, sizeof(addr));
		if (h->port == (h->tcp ? BOX_LOG_TCP_PORT : BOX_LOG_PORT) && !w->all)
			writer_line(w, "logging host %s%s", addr, h->tcp ? " transport tcp" : "");
		else
			writer_line(w, "logging host %s transport %s port %u", addr,
				    h->tcp ? "tcp" : "udp", (unsigned)h->port);
	}
}

static int set_timeout(struct config_line *l, struct err_msg *e)
{
	const struct value *seconds = config_arg(l, "timeout-seconds");

	(void)e;
	l->box->exec_timeout_min = config_arg(l, "timeout-minutes")->number;
	l->box->exec_timeout_s = seconds == NULL ? 0 : seconds->number;
	return 0;
}

static int unset_timeout(struct config_line *l, struct err_msg *e)
{
	(void)e;
	l->box->exec_timeout_min = 0;
	l->box->exec_timeout_s = 0;
	return 0;
}

static void write_timeout(const struct row *row, const void *object, struct config_writer *w)
{
	const struct box_config *b = object;

	(void)row;
	if (b->exec_timeout_s != 0)
		writer_line(w, "line exec-timeout %" PRIu32 " %" PRIu32, b->exec_timeout_min,
			    b->exec_timeout_s);
	else if (b->exec_timeout_min != 0 || w->all)
		writer_line(w, "line exec-timeout %" PRIu32, b->exec_timeout_min);
}

static const struct row rows[] = {
	{
		.words = "logging monitor <severity>",
		.modes = IN_CONFIG,
		.fields = {FIELD("severity", struct box_config, monitor_severity)},
		.help = "Event lines that terminals show",
		.manual = "The least severity of the event lines that terminal monitor shows.",
		.reference = "RFC 5424 section 6.2.1",
	},
	{
		.words = "logging host <log-address> [transport <log-transport> [port <log-port>]]",
		.no_words = "logging host <log-address> [<rest>]",
		.modes = IN_CONFIG,
		.set = set_host,
		.unset = unset_host,
		.write = write_hosts,
		.help = "Machine that event lines are sent to",
		.manual = "Event lines are sent to this machine, in UDP datagrams to port 514, or "
			  "in a TCP connection to port 601.  In TCP they wait while the machine "
			  "is not reached, up to 2000 of them.",
		.reference = "RFC 5424, RFC 5426, RFC 6587",
	},
	{
		.words = "line exec-timeout <timeout-minutes> [<timeout-seconds>]",
		.no_words = "line exec-timeout [<rest>]",
		.modes = IN_CONFIG,
		.set = set_timeout,
		.unset = unset_timeout,
		.write = write_timeout,
		.help = "Idle time after which a terminal is closed",
		.manual = "A terminal at which nothing was typed for this time is closed; 0 never "
			  "closes one.",
	},
};

const struct row_table table_logging = {
	.family = "logging and terminals",
	.rows = rows,
	.count = ARRAY_LEN(rows),
};
