/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * `show ipsec health`: how well each tunnel works, now and over time.
 *
 * JSON: {"sites":[{name, limits {lossPercent, jitterMs, latencyMs}, tunnels [TUNNEL...]}...]}
 *   TUNNEL: role, index, name, health ("good", "degraded", "unusable", "down", null: not up), score
 *     (0-100), lossHundredthPercent, delayUs, jitterUs (each null: not known), sharePercent (of the
 *     new flows), history {seconds [POINT...], tenSeconds [POINT...]}, oldest first: the last
 * minute and the last quarter of an hour POINT: health, score, lossHundredthPercent, delayMs,
 * jitterMs
 */
#include "commands/show_health.h"

#include "commands/spark.h"
#include "platform/base/mem.h"

#include <inttypes.h>
#include <stdio.h>

#define LABELS	    14 /* columns in front of the bars, with the indent */
#define FIGURES	    20 /* and behind them */
#define IN_TABLE    30 /* seconds in the table */
#define LOSS_FULL   1000U
#define PERCENT_MAX 100U

static const struct answer_column columns[] = {
	{"Site", false},      {"HA role", false}, {"#", false},		{"Name", true},
	{"Health", false},    {"Score", false},	  {"Loss %", false},	{"Delay ms", false},
	{"Jitter ms", false}, {"Share %", false}, {"Last 30 s", false},
};

void show_health_begin(struct answer *a, const struct show_health *h)
{
	answer_array(a, "sites");
	if (!h->history)
		answer_table(a, columns, ARRAY_LEN(columns));
}

/* ---- Values of points ------------------------------------------------------------------------ */

enum measure { SCORE, LOSS, DELAY, JITTER, MEASURES };

static uint32_t of_point(const struct health_point *p, enum measure m)
{
	if (p->state == HEALTH_NONE || p->state == HEALTH_DOWN)
		return SPARK_DOWN;
	switch (m) {
	case SCORE:
		return p->score;
	case LOSS:
		return p->loss;
	case DELAY:
		return p->delay_ms;
	case JITTER:
		return p->jitter_ms;
	case MEASURES:
		break;
	}
	return SPARK_UNKNOWN;
}

struct series {
	uint32_t values[HEALTH_TENS_KEPT];
	size_t count;
	uint32_t low, high; /* of those that are known; low above high: none is */
};

static void fill(struct series *s, const struct health_point *points, size_t count, size_t max,
		 enum measure m)
{
	size_t from = count > max ? count - max : 0;

	*s = (struct series){.low = UINT32_MAX};
	for (size_t i = from; i < count; i++) {
		uint32_t v = of_point(&points[i], m);

		s->values[s->count++] = v;
		if (v >= SPARK_UNKNOWN)
			continue;
		s->low = v < s->low ? v : s->low;
		s->high = v > s->high ? v : s->high;
	}
}

static uint32_t top_of(enum measure m, uint32_t high, const struct site_config *c)
{
	uint32_t jitter = c == NULL ? 1 : c->sla_jitter_ms;

	switch (m) {
	case SCORE:
		return PERCENT_MAX;
	case LOSS:
		return high > LOSS_FULL ? high : LOSS_FULL;
	case DELAY:
		return high;
	case JITTER:
		return high > jitter ? high : jitter;
	case MEASURES:
		break;
	}
	return 1;
}

/* ---- Text ------------------------------------------------------------------------------------ */

static const char *percent(uint32_t hundredths, char *buf, size_t size)
{
	(void)snprintf(buf, size, "%" PRIu32 ".%" PRIu32, hundredths / 100, hundredths / 10 % 10);
	return buf;
}

static const char *millis(uint32_t us, char *buf, size_t size)
{
	(void)snprintf(buf, size, "%" PRIu32 ".%" PRIu32, us / 1000, us / 100 % 10);
	return buf;
}

static const char *share_of(const struct tunnel_status *t, char *buf, size_t size)
{
	(void)snprintf(buf, size, "%u", (t->buckets * 100 + DP_BUCKETS / 2) / DP_BUCKETS);
	return buf;
}

static void row(struct answer *a, const struct show_health *h, const struct site_status *s,
		const struct tunnel_status *t, const struct show_health_points *p)
{
	bool active = s->connected && t->role == s->active;
	struct series series;
	struct strbuf bars;
	char text[SHOW_TEXT_MAX];

	answer_row(a);
	answer_show(a, "Site", "%s", s->name);
	answer_show(a, "HA role", "%s%s", site_role_name(t->role), active ? "*" : "");
	answer_show(a, "#", "%u", t->index);
	answer_show(a, "Name", "%s", t->name[0] == '\0' ? "-" : t->name);
	answer_show(a, "Health", "%s",
		    t->health == HEALTH_NONE ? "-" : health_state_name(t->health));
	if (t->health != HEALTH_NONE) {
		answer_show(a, "Score", "%u", (unsigned)t->figures.score);
		answer_show(a, "Share %", "%s", share_of(t, text, sizeof(text)));
	}
	if (t->health != HEALTH_NONE && t->figures.loss_known)
		answer_show(a, "Loss %", "%s", percent(t->figures.loss, text, sizeof(text)));
	if (t->health != HEALTH_NONE && t->figures.delay_known) {
		answer_show(a, "Delay ms", "%s", millis(t->figures.delay_us, text, sizeof(text)));
		answer_show(a, "Jitter ms", "%s", millis(t->figures.jitter_us, text, sizeof(text)));
	}
	fill(&series, p->seconds, p->second_count, IN_TABLE, SCORE);
	strbuf_init(&bars);
	spark_add(&bars, series.values, series.count, PERCENT_MAX, h->utf8);
	answer_show(a, "Last 30 s", "%s", series.count == 0 ? "-" : bars.text);
	strbuf_clear(&bars);
}

static const struct {
	const char *label, *unit;
} measures[MEASURES] = {
	[SCORE] = {"Score", ""},
	[LOSS] = {"Loss", " %"},
	[DELAY] = {"Delay", " ms"},
	[JITTER] = {"Jitter", " ms"},
};

static void range_text(struct strbuf *out, const struct series *s, enum measure m)
{
	char low[SHOW_TEXT_MAX], high[SHOW_TEXT_MAX];

	if (s->low > s->high)
		return;
	if (m == LOSS) {
		percent(s->low, low, sizeof(low));
		percent(s->high, high, sizeof(high));
	} else {
		(void)snprintf(low, sizeof(low), "%" PRIu32, s->low);
		(void)snprintf(high, sizeof(high), "%" PRIu32, s->high);
	}
	strbuf_printf(out, "  %s-%s%s", low, high, measures[m].unit);
}

static void bars(struct answer *a, const struct show_health *h, const struct site_config *c,
		 const struct health_point *points, size_t count)
{
	size_t room = h->width > LABELS + FIGURES + 10 ? h->width - LABELS - FIGURES : SIZE_MAX;

	for (int m = 0; m < MEASURES; m++) {
		struct series s;
		struct strbuf text;

		fill(&s, points, count, room, (enum measure)m);
		strbuf_init(&text);
		spark_add(&text, s.values, s.count, top_of((enum measure)m, s.high, c), h->utf8);
		range_text(&text, &s, (enum measure)m);
		answer_show(a, measures[m].label, "%s", text.text);
		strbuf_clear(&text);
	}
}

static void full(struct answer *a, const struct show_health *h, const struct show_site *site,
		 const struct tunnel_status *t, const struct show_health_points *p)
{
	char share[SHOW_TEXT_MAX];

	answer_line(a, "%s %s %u%s%s%s: %s, share of new flows %s %%", site->status->name,
		    site_role_name(t->role), t->index, t->name[0] == '\0' ? "" : " (", t->name,
		    t->name[0] == '\0' ? "" : ")",
		    t->health == HEALTH_NONE ? "not up" : health_state_name(t->health),
		    share_of(t, share, sizeof(share)));
	if (p->second_count == 0) {
		answer_line(a, " It was not up since the appliance started.");
		return;
	}
	answer_line(a, " Last %zu s, a second each", p->second_count);
	answer_block(a, 2);
	bars(a, h, site->config, p->seconds, p->second_count);
	answer_block_end(a);
	if (p->ten_count == 0)
		return;
	answer_line(a, " Last %zu min %02zu s, ten seconds each", p->ten_count * HEALTH_TENS_S / 60,
		    p->ten_count * HEALTH_TENS_S % 60);
	answer_block(a, 2);
	bars(a, h, site->config, p->tens, p->ten_count);
	answer_block_end(a);
}

/* ---- JSON ------------------------------------------------------------------------------------ */

static void point_members(struct answer *a, const char *key, const struct health_point *p,
			  size_t count)
{
	answer_array(a, key);
	for (size_t i = 0; i < count; i++) {
		bool none = p[i].state == HEALTH_NONE;

		answer_object(a, NULL);
		answer_text(a, "health", NULL,
			    none ? NULL : health_state_name((enum health_state)p[i].state));
		answer_number(a, "score", NULL, p[i].score);
		answer_number(a, "lossHundredthPercent", NULL, p[i].loss);
		answer_number(a, "delayMs", NULL, p[i].delay_ms);
		answer_number(a, "jitterMs", NULL, p[i].jitter_ms);
		answer_object_end(a);
	}
	answer_array_end(a);
}

static void number_or_null(struct answer *a, const char *key, bool known, uint64_t value)
{
	if (known)
		answer_number(a, key, NULL, value);
	else
		answer_null(a, key);
}

static void tunnel_members(struct answer *a, const struct tunnel_status *t,
			   const struct show_health_points *p)
{
	bool up = t->health != HEALTH_NONE;

	answer_object(a, NULL);
	answer_text(a, "role", NULL, site_role_name(t->role));
	answer_number(a, "index", NULL, t->index);
	answer_text(a, "name", NULL, t->name);
	answer_text(a, "health", NULL, up ? health_state_name(t->health) : NULL);
	number_or_null(a, "score", up, t->figures.score);
	number_or_null(a, "lossHundredthPercent", up && t->figures.loss_known, t->figures.loss);
	number_or_null(a, "delayUs", up && t->figures.delay_known, t->figures.delay_us);
	number_or_null(a, "jitterUs", up && t->figures.delay_known, t->figures.jitter_us);
	answer_number(a, "sharePercent", NULL, (t->buckets * 100 + DP_BUCKETS / 2) / DP_BUCKETS);
	answer_object(a, "history");
	point_members(a, "seconds", p->seconds, p->second_count);
	point_members(a, "tenSeconds", p->tens, p->ten_count);
	answer_object_end(a);
	answer_object_end(a);
}

static void limit_members(struct answer *a, const struct site_config *c)
{
	answer_object(a, "limits");
	number_or_null(a, "lossPercent", c != NULL, c == NULL ? 0 : c->sla_loss_percent);
	number_or_null(a, "jitterMs", c != NULL, c == NULL ? 0 : c->sla_jitter_ms);
	number_or_null(a, "latencyMs", c != NULL, c == NULL ? 0 : c->sla_latency_ms);
	answer_object_end(a);
}

void show_health_site(struct answer *a, struct show_health *h, const struct show_site *site,
		      const struct show_health_points *points)
{
	const struct site_status *s = site->status;

	h->sites++;
	answer_object(a, NULL);
	answer_text(a, "name", NULL, s->name);
	limit_members(a, site->config);
	answer_array(a, "tunnels");
	for (size_t i = 0; i < s->tunnel_count; i++) {
		if (answer_is_json(a))
			tunnel_members(a, &s->tunnels[i], &points[i]);
		else if (h->history)
			full(a, h, site, &s->tunnels[i], &points[i]);
		else
			row(a, h, s, &s->tunnels[i], &points[i]);
	}
	answer_array_end(a);
	answer_object_end(a);
}

void show_health_end(struct answer *a, const struct show_health *h)
{
	if (!h->history)
		answer_table_end(a);
	answer_array_end(a);
	if (h->sites == 0)
		answer_line(a, "No site is configured.");
}
