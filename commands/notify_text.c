/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The texts of notifications: the screens of stories with a few words around them. */
#include "commands/notify_text.h"

#include "commands/show_story.h"
#include "platform/base/secret.h"
#include "platform/os/rng.h"

#include <inttypes.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define MAIL_FULL 20 /* stories that a mail tells in full; the rest as a table */

/* from: index of the first, in an answer of its own. */
static void stories(struct answer *a, const struct notify_message *m, size_t from, size_t to,
		    bool detail)
{
	struct show_stories s;

	show_stories_begin(a, &s, detail);
	for (size_t i = from; i < to; i++)
		show_stories_story(a, &s, &m->clock, m->stories[i]);
	show_stories_end(a, &s, "", 0);
}

void notify_json(const struct notify_message *m, struct strbuf *out)
{
	struct answer *a = answer_new(ANSWER_JSON, 0);

	answer_text(a, "hostname", NULL, m->hostname);
	answer_time(a, "at", m->clock.wall_ms);
	answer_bool(a, "test", NULL, m->test);
	answer_number(a, "repeats", NULL, m->repeats);
	answer_number(a, "lost", NULL, m->lost);
	stories(a, m, 0, m->count, true);
	answer_finish(a, out);
	answer_free(a);
}

static void mail_text(const struct notify_message *m, struct strbuf *out)
{
	size_t full = m->count < MAIL_FULL ? m->count : MAIL_FULL;
	struct answer *a = answer_new(ANSWER_TEXT, 0);

	if (m->test)
		answer_line(a, "This is a test: mail from %s arrives.", m->hostname);
	else
		stories(a, m, 0, full, true);
	if (m->count > full) {
		answer_line(a, "%s", "");
		stories(a, m, full, m->count, false);
	}
	if (m->repeats > 0)
		answer_line(a, "%" PRIu64 " more of the same things were not told one by one.",
			    m->repeats);
	if (m->lost > 0)
		answer_line(a, "%" PRIu64 " stories before could not be told.", m->lost);
	answer_finish(a, out);
	answer_free(a);
}

static void subject(const struct notify_message *m, struct strbuf *out)
{
	const struct story *y = m->count == 0 ? NULL : m->stories[0];
	size_t open = 0;
	char slot[SHOW_TEXT_MAX] = "";

	for (size_t i = 0; i < m->count; i++)
		open += m->stories[i]->open;
	strbuf_printf(out, "Subject: [%s] ", m->hostname);
	if (m->test) {
		strbuf_add(out, "Test of notifications\r\n");
		return;
	}
	if (m->count != 1) {
		strbuf_printf(out, "%zu stories: %zu open, %zu closed\r\n", m->count, open,
			      m->count - open);
		return;
	}
	if (y->slot != 0)
		show_slot(y->slot, slot, sizeof(slot));
	strbuf_printf(out, "%s%s%s%s%s%s\r\n",
		      y->open ? "" : "Over: ", story_row(y->kind)->indication,
		      y->site[0] == '\0' ? "" : ", ", y->site, slot[0] == '\0' ? "" : " ", slot);
}

/* The date of RFC 5322 section 3.3, in UTC, whatever the locale. */
static void date(uint64_t wall_ms, struct strbuf *out)
{
	static const char days[7][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
	static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
					   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	time_t seconds = (time_t)(wall_ms / 1000);
	struct tm tm;

	memset(&tm, 0, sizeof(tm));
	gmtime_r(&seconds, &tm);
	strbuf_printf(out, "Date: %s, %d %s %d %02d:%02d:%02d +0000\r\n", days[tm.tm_wday % 7],
		      tm.tm_mday, months[tm.tm_mon % 12], tm.tm_year + 1900, tm.tm_hour, tm.tm_min,
		      tm.tm_sec);
}

void notify_from(const struct box_notify *config, const char *hostname, char *buf, size_t size)
{
	if (config->from[0] != '\0')
		snprintf(buf, size, "%s", config->from);
	else
		snprintf(buf, size, "ikesh@%s", hostname);
}

static void head(const struct notify_message *m, const struct box_notify *config,
		 struct strbuf *out)
{
	char from[2 * BOX_MAIL_MAX];
	uint64_t id;

	rng_bytes(&id, sizeof(id));
	notify_from(config, m->hostname, from, sizeof(from));
	strbuf_printf(out, "From: ikesh on %s <%s>\r\nTo: ", m->hostname, from);
	for (uint32_t i = 0; i < config->to_count; i++)
		strbuf_printf(out, "%s<%s>", i == 0 ? "" : ",\r\n ", config->to[i]);
	strbuf_add(out, "\r\n");
	subject(m, out);
	date(m->clock.wall_ms, out);
	/* RFC 3834 section 5: no out-of-office answers to this. */
	strbuf_printf(out,
		      "Message-ID: <%016" PRIx64 "@%s>\r\nAuto-Submitted: auto-generated\r\n"
		      "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
		      "Content-Transfer-Encoding: 8bit\r\n\r\n",
		      id, m->hostname);
}

void notify_mail(const struct notify_message *m, const struct box_notify *config,
		 struct strbuf *out)
{
	struct strbuf text;

	head(m, config, out);
	strbuf_init(&text);
	mail_text(m, &text);
	for (const char *p = text.text; *p != '\0';) {
		size_t len = strcspn(p, "\n");

		strbuf_add_bytes(out, p, len);
		strbuf_add(out, "\r\n");
		p += len + (p[len] == '\n');
	}
	strbuf_clear(&text);
}

void notify_signature(const struct secret *key, const struct strbuf *body, struct strbuf *out)
{
	uint8_t mac[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	strbuf_add(out, "X-Ikesh-Signature: sha256=");
	if (HMAC(EVP_sha256(), key->data, (int)key->len, (const unsigned char *)body->text,
		 body->len, mac, &len) == NULL)
		len = 0;
	for (unsigned i = 0; i < len; i++)
		strbuf_printf(out, "%02x", mac[i]);
}
