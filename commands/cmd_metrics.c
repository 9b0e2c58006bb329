/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where metrics can be fetched, and metrics on a terminal. */
#include "commands/config_line.h"
#include "commands/metrics.h"
#include "commands/row.h"
#include "commands/show_cmd.h"
#include "commands/writer.h"
#include "platform/base/mem.h"
#include "platform/os/loop.h"

#include <stdlib.h>
#include <string.h>

static int set_listen(struct config_line *l, struct err_msg *e)
{
	const struct value *v = config_arg(l, "metrics-address");
	struct ip_endpoint at;

	memset(&at, 0, sizeof(at));
	if (v != NULL && ip_endpoint_parse(v->text, &at) != 0)
		return err_set(e, ERR_INVALID,
			       "metrics listen %s: allowed is ADDRESS:PORT, such as 127.0.0.1:%u "
			       "or [::1]:%u",
			       v->text, BOX_METRICS_PORT, BOX_METRICS_PORT);
	l->box->metrics = at;
	return 0;
}

static int unset_listen(struct config_line *l, struct err_msg *e)
{
	(void)e;
	l->box->metrics = box_metrics_default();
	return 0;
}

static void write_listen(const struct row *row, const void *object, struct config_writer *w)
{
	const struct box_config *b = object;
	const struct ip_endpoint standard = box_metrics_default();
	char text[IP_TEXT_MAX];

	(void)row;
	if (ip_endpoint_equal(&b->metrics, &standard) && !w->all)
		return;
	if (ip_addr_is_set(&b->metrics.addr))
		writer_line(w, "metrics listen %s",
			    ip_endpoint_text(&b->metrics, text, sizeof(text)));
	else
		writer_line(w, "metrics listen none");
}

/* `show metrics`: made in the same steps as for an HTTP client. */
struct show_metrics {
	struct cmd *cmd;
	struct loop *loop;
	struct loop_timer timer;
	struct metrics *metrics;
};

static void stop(struct show_metrics *s)
{
	loop_timer_cancel(s->loop, &s->timer);
	metrics_free(s->metrics);
	free(s);
}

static void step(void *arg)
{
	struct show_metrics *s = arg;
	struct cmd *c = s->cmd;
	struct strbuf text;
	bool more;

	strbuf_init(&text);
	more = metrics_step(s->metrics, &text);
	cmd_write(c, text.text, text.len);
	strbuf_clear(&text);
	if (more) {
		loop_timer_set(s->loop, &s->timer, loop_now_ms(s->loop));
		return;
	}
	stop(s);
	cmd_done(c, 0);
}

static void interrupted(struct cmd *c, const char *typed, void *arg)
{
	(void)c;
	(void)typed;
	stop(arg);
}

static int show_metrics(struct cmd *c)
{
	struct show_metrics *s;

	if (show_gateway(c) == NULL)
		return ERR_WRONG_STATE;
	s = mem_zalloc(sizeof(*s));
	s->cmd = c;
	s->loop = commands_loop(cmd_commands(c));
	s->timer = (struct loop_timer){.fn = step, .arg = s};
	s->metrics = metrics_new(cmd_commands(c), METRICS_OPENMETRICS);
	loop_timer_set(s->loop, &s->timer, loop_now_ms(s->loop));
	return cmd_work(c, interrupted, s);
}

static const struct row rows[] = {
	{
		.words = "metrics listen { none | <metrics-address> }",
		.no_words = "metrics listen [<rest>]",
		.modes = IN_CONFIG,
		.set = set_listen,
		.unset = unset_listen,
		.write = write_listen,
		.help = "Address and port of the page /metrics",
		.manual = "Where metrics can be fetched as http://ADDRESS:PORT/metrics, in "
			  "OpenMetrics "
			  "text or the older text format of Prometheus.  The default is loopback "
			  "only, "
			  "port 9850; none turns the page off.  There is no password: another "
			  "address belongs behind a packet filter.",
	},
	{
		.words = "show metrics",
		.modes = IN_EXEC,
		.handler = show_metrics,
		.help = "Metrics as the page /metrics gives them",
		.manual = "The metrics in OpenMetrics text, as they can be fetched from the "
			  "address of "
			  "metrics listen.",
	},
};

const struct row_table table_metrics = {
	.family = "metrics",
	.rows = rows,
	.count = ARRAY_LEN(rows),
};
