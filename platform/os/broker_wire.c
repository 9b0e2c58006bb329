/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writing and reading of broker_wire.h.  Looks at forms only: what is allowed is broker_policy.c.
 */
#include "platform/os/broker_wire.h"

#include "platform/base/mem.h"
#include "platform/os/own.h"

#include <string.h>

enum field {
	F_KIND = 1,
	F_AT = 2,
	F_NAME = 4,
	F_GROUPS = 8,
	F_DATA = 16,
	F_FD = 32,
	F_NUMBER = 64
};

static const uint8_t fields_of[BROKER_WORD_MAX + 1] = {
	[BROKER_UDP] = F_AT,
	[BROKER_UDP_AT] = F_AT,
	[BROKER_UDP_BESIDE] = F_FD,
	[BROKER_TCP] = F_AT,
	[BROKER_RAW] = F_KIND | F_AT,
	[BROKER_TUN] = F_KIND | F_NAME,
	[BROKER_NETLINK] = F_KIND | F_NUMBER | F_GROUPS,
	[BROKER_SETTING] = F_KIND,
	[BROKER_MARK] = F_NUMBER | F_FD,
	[BROKER_BIRD_SIGNAL] = F_KIND | F_FD,
	[BROKER_SEND] = F_KIND | F_DATA | F_FD,
};

const char *broker_setting_name(uint8_t kind)
{
	static const char *const names[] = {OWN_FORWARDING_SETTING, "net.ipv4.fwmark_reflect",
					    "net.ipv4.tcp_fwmark_accept",
					    "net.ipv4.conf.all.src_valid_mark"};

	return kind < ARRAY_LEN(names) ? names[kind] : NULL;
}

bool broker_takes_fd(uint8_t word)
{
	return word <= BROKER_WORD_MAX && (fields_of[word] & F_FD) != 0;
}

static void write_fields(const struct broker_request *q, struct writer *w)
{
	uint8_t fields = fields_of[q->word];

	if (fields & F_KIND)
		writer_u8(w, q->kind);
	if (fields & F_AT) {
		writer_u8(w, q->at.addr.family);
		writer_bytes(w, q->at.addr.bytes, sizeof(q->at.addr.bytes));
		writer_u16(w, q->at.port);
	}
	if (fields & F_NAME)
		writer_bytes(w, q->name, sizeof(q->name));
	if (fields & F_NUMBER)
		writer_u32(w, q->number);
	if (fields & F_GROUPS) {

		writer_u8(w, q->group_count);
		for (size_t i = 0; i < q->group_count && i < BROKER_GROUPS_MAX; i++)
			writer_u32(w, q->groups[i]);
	}
}

void broker_request_write(const struct broker_request *q, struct writer *w)
{
	size_t begin = w->len;

	writer_u8(w, BROKER_VERSION);
	writer_u8(w, q->word);
	writer_u16(w, 0);
	writer_u32(w, 0);
	write_fields(q, w);
	writer_set_u32(w, begin + 4, (uint32_t)(w->len - begin - BROKER_HEADER + q->data.len));
}

int broker_header_parse(struct view header, uint8_t *word, uint32_t *len)
{
	struct reader r = reader_of(header);
	uint8_t version = reader_u8(&r), said = reader_u8(&r);
	uint16_t zero = reader_u16(&r);
	uint32_t rest = reader_u32(&r);

	if (r.failed || version != BROKER_VERSION || zero != 0 || said == 0 ||
	    said > BROKER_WORD_MAX ||
	    rest > (fields_of[said] & F_DATA ? BROKER_DATA_MAX : BROKER_SMALL_MAX))
		return ERR_INVALID;
	*word = said;
	*len = rest;
	return 0;
}

static void read_at(struct reader *r, struct ip_endpoint *out)
{
	out->addr.family = reader_u8(r);
	reader_copy(r, out->addr.bytes, sizeof(out->addr.bytes));
	out->port = reader_u16(r);
	if (out->addr.family != IP_V4 && out->addr.family != IP_V6)
		r->failed = true;
	for (size_t i = 4; out->addr.family == IP_V4 && i < sizeof(out->addr.bytes); i++) {
		if (out->addr.bytes[i] != 0)
			r->failed = true;
	}
}

static void read_groups(struct reader *r, struct broker_request *q)
{

	q->group_count = reader_u8(r);
	if (q->group_count > BROKER_GROUPS_MAX)
		r->failed = true;
	for (size_t i = 0; !r->failed && i < q->group_count; i++)
		q->groups[i] = reader_u32(r);
}

int broker_request_parse(uint8_t word, struct view body, struct broker_request *out)
{
	struct reader r = reader_of(body);
	struct broker_request q = {.word = word};
	uint8_t fields;

	if (word == 0 || word > BROKER_WORD_MAX)
		return ERR_INVALID;
	fields = fields_of[word];
	if (fields & F_KIND)
		q.kind = reader_u8(&r);
	if (fields & F_AT)
		read_at(&r, &q.at);
	if (fields & F_NAME) {
		reader_copy(&r, q.name, sizeof(q.name));
		if (memchr(q.name, '\0', sizeof(q.name)) == NULL)
			r.failed = true;
	}
	if (fields & F_NUMBER)
		q.number = reader_u32(&r);
	if (fields & F_GROUPS)
		read_groups(&r, &q);
	if (fields & F_DATA)
		q.data = reader_rest(&r);
	if (r.failed || reader_left(&r) != 0)
		return ERR_INVALID;
	*out = q;
	return 0;
}

void broker_reply_write(const struct broker_reply *r, struct writer *w)
{
	size_t len = strlen(r->text);

	writer_u8(w, BROKER_VERSION);
	writer_u8(w, BROKER_RENEW); /* any */
	writer_u16(w, 0);
	writer_u32(w, (uint32_t)(8 + len));
	writer_u32(w, (uint32_t)r->code);
	writer_u32(w, r->errnum);
	writer_bytes(w, r->text, len);
}

int broker_reply_parse(struct view body, struct broker_reply *out)
{
	struct reader r = reader_of(body);
	struct broker_reply a = {.code = (int)reader_u32(&r)};
	struct view text;

	a.errnum = reader_u32(&r);
	text = reader_rest(&r);
	if (r.failed || text.len >= sizeof(a.text) || a.code < ERR_WRONG_STATE ||
	    (text.len > 0 && memchr(text.data, '\0', text.len) != NULL))
		return ERR_INVALID;
	if (text.len > 0)
		memcpy(a.text, text.data, text.len);
	*out = a;
	return 0;
}
