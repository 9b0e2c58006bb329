/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The text: https://github.com/prometheus/OpenMetrics specification 1.0, and
 * https://prometheus.io/docs/instrumenting/exposition_formats for the older one.  The difference:
 * the older one has no info type, names counters in HELP and TYPE with _total, and has no end.
 */
#include "commands/commands_state.h"
#include "commands/metrics_family.h"
#include "platform/base/mem.h"
#include "platform/os/loop.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *metrics_content_type(enum metrics_format format)
{
	return format == METRICS_OPENMETRICS
		       ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
		       : "text/plain; version=0.0.4; charset=utf-8";
}

struct metrics *metrics_new(struct commands *c, enum metrics_format format)
{
	struct metrics *m = mem_zalloc(sizeof(*m));

	assert(c->gateway != NULL);
	m->box = c;
	m->format = format;
	m->now_ms = loop_now_ms(c->loop);
	m->wall_ms = loop_wall_ms();
	survey_init(&m->survey);
	return m;
}

void metrics_free(struct metrics *m)
{
	if (m == NULL)
		return;
	survey_clear(&m->survey);
	free(m);
}

const char *metrics_tunnel_name(uint8_t slot, char buf[16])
{
	enum site_role role = slot <= SITE_TUNNELS ? SITE_PRIMARY : SITE_SECONDARY;

	snprintf(buf, 16, "%s-%u", site_role_name(role), (slot - 1U) % SITE_TUNNELS + 1);
	return buf;
}

/* ---- Samples --------------------------------------------------------------------------------- */

static const char *suffix(const struct metrics_family *f)
{
	switch (f->type) {
	case METRICS_COUNTER:
		return "_total";
	case METRICS_INFO:
		return "_info";
	case METRICS_GAUGE:
		break;
	}
	return "";
}

void metrics_head(struct metrics *m, const struct metrics_family *f)
{
	static const char *const types[] = {"gauge", "counter", "info"};
	bool modern = m->format == METRICS_OPENMETRICS;
	const char *tail = modern ? "" : suffix(f);

	m->writing = f;
	strbuf_printf(m->out, "# TYPE ikesh_%s%s %s\n", f->name, tail,
		      !modern && f->type == METRICS_INFO ? "gauge" : types[f->type]);
	if (modern && f->unit != NULL)
		strbuf_printf(m->out, "# UNIT ikesh_%s %s\n", f->name, f->unit);
	strbuf_printf(m->out, "# HELP ikesh_%s%s %s\n", f->name, tail, f->help);
}

void metrics_begin(struct metrics *m)
{
	strbuf_printf(m->out, "ikesh_%s%s", m->writing->name, suffix(m->writing));
	m->labelled = false;
}

/* What ends a label early is escaped; the names of peers and operators stay inside. */
void metrics_label(struct metrics *m, const char *name, const char *value)
{
	strbuf_printf(m->out, "%c%s=\"", m->labelled ? ',' : '{', name);
	for (; *value != '\0'; value++) {
		if (*value == '\n')
			strbuf_add(m->out, "\\n");
		else if (*value == '"' || *value == '\\')
			strbuf_printf(m->out, "\\%c", *value);
		else
			strbuf_add_char(m->out, *value);
	}
	strbuf_add_char(m->out, '"');
	m->labelled = true;
}

void metrics_end(struct metrics *m, double value)
{
	strbuf_printf(m->out, value == floor(value) ? "%s %.0f\n" : "%s %.6f\n",
		      m->labelled ? "}" : "", value);
}

void metrics_plain(struct metrics *m, double value)
{
	metrics_begin(m);
	metrics_end(m, value);
}

/* ---- Steps ----------------------------------------------------------------------------------- */

static void write_site(struct metrics *m, const struct survey_site *s)
{
	if (m->writing->of_site != NULL)
		m->writing->of_site(m, s);
	for (size_t i = 0; m->writing->of_tunnel != NULL && i < s->count; i++) {
		m->writing->of_tunnel(m, s, &m->survey.tunnels[s->first + i]);
	}
}

/* Some more of the family at work; true when it is complete. */
static bool write_family(struct metrics *m, size_t until)
{
	if (m->writing->box != NULL) {
		m->writing->box(m);
		return true;
	}
	while (m->site < m->survey.site_count && m->out->len < until)
		write_site(m, &m->survey.sites[m->site++]);
	return m->site == m->survey.site_count;
}

static bool write_text(struct metrics *m)
{
	size_t until = m->out->len + METRICS_STEP;

	while (m->out->len < until) {
		m->writing = metrics_family_at(m->family);
		if (m->writing == NULL) {
			if (m->format == METRICS_OPENMETRICS)
				strbuf_add(m->out, "# EOF\n");
			return false;
		}
		if (!m->headed && m->writing->name != NULL)
			metrics_head(m, m->writing);
		m->headed = true;
		if (!write_family(m, until))
			break;
		m->headed = false;
		m->site = 0;
		m->family++;
	}
	return true;
}

bool metrics_step(struct metrics *m, struct strbuf *out)
{
	if (!m->surveyed) {
		m->surveyed = !survey_step(&m->survey, m->box->gateway, SURVEY_STEP);
		return true;
	}
	m->out = out;
	return write_text(m);
}
