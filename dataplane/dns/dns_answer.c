/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One question per message, names in questions without compression: everything else is refused as
 * malformed.  The question goes back as it came, also in its letters' case.
 */
#include "dataplane/dns/dns_answer.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define FLAG_QR	      0x8000u
#define FLAG_AA	      0x0400u
#define FLAG_TC	      0x0200u
#define FLAG_RD	      0x0100u
#define OPCODE(f)     (((f) >> 11) & 0xfu)

#define QUESTION_AT   12
#define POINTER	      0xc000u
#define SOA_REFRESH   3600
#define SOA_RETRY     600
#define SOA_EXPIRE    604800
#define LABELS_MAX    128
#define OPTION_CLIENT 8

enum { TYPE_A = 1, TYPE_NS = 2, TYPE_SOA = 6, TYPE_AAAA = 28, TYPE_OPT = 41 };
enum { TYPE_AXFR = 252, TYPE_IXFR = 251, TYPE_ANY = 255 };
enum { CLASS_IN = 1, CLASS_ANY = 255 };
enum {
	NOERROR = 0,
	FORMERR = 1,
	SERVFAIL = 2,
	NXDOMAIN = 3,
	NOTIMP = 4,
	REFUSED = 5,
	BADVERS = 16
};

struct question {
	uint16_t id, flags;
	uint16_t type, class;
	size_t labels;
	struct view label[LABELS_MAX];
	size_t len; /* of the question in octets */
	bool has_opt;
	uint8_t opt_version;
	struct ip_addr client; /* in whose name it is asked; IP_NONE: not said */
};

/* A name without compression, its labels in q. */
static bool read_name(struct reader *r, struct question *q)
{
	size_t total = 1;
	uint8_t len;

	for (q->labels = 0; (len = reader_u8(r)) != 0; q->labels++) {
		total += len + 1U;
		if (r->failed || len >= DNS_LABEL_MAX || total > DNS_NAME_MAX ||
		    q->labels == LABELS_MAX)
			return false;
		q->label[q->labels] = reader_view(r, len);
	}
	return !r->failed;
}

/* A name in a record: labels, and perhaps a pointer at the end. */
static void skip_name(struct reader *r)
{
	uint8_t len;

	while ((len = reader_u8(r)) != 0 && !r->failed) {
		if ((len & 0xc0) == 0xc0) {
			reader_skip(r, 1);
			return;
		}
		reader_skip(r, len);
	}
}

/* The network of the one who asks a resolver (RFC 7871 section 6); what cannot be read is as good
 * as not there. */
static struct ip_addr read_client(struct view option)
{
	struct reader r = reader_of(option);
	unsigned family = reader_u16(&r), bits = reader_u8(&r);
	size_t len = family == 1 ? 4 : 16;
	uint8_t octets[16] = {0};

	reader_skip(&r, 1);
	if (r.failed || (family != 1 && family != 2) || bits == 0 || bits > len * 8 ||
	    reader_left(&r) != (bits + 7) / 8)
		return (struct ip_addr){.family = IP_NONE};
	reader_copy(&r, octets, (bits + 7) / 8);
	return ip_addr_from_bytes(octets, len);
}

static void read_options(struct view data, struct question *q)
{
	struct reader r = reader_of(data);

	while (reader_left(&r) > 0) {
		uint16_t code = reader_u16(&r);
		struct view option = reader_view(&r, reader_u16(&r));

		if (!r.failed && code == OPTION_CLIENT)
			q->client = read_client(option);
	}
}

static bool read_additional(struct reader *r, unsigned count, struct question *q)
{
	for (unsigned i = 0; i < count && !r->failed; i++) {
		size_t before = r->at;
		struct view data;
		uint16_t type;

		skip_name(r);
		type = reader_u16(r);
		reader_skip(r, 2);
		if (type == TYPE_OPT) {
			if (q->has_opt || r->at != before + 5)
				return false; /* RFC 6891 section 6.1.1: one, of the root */
			q->has_opt = true;
			reader_skip(r, 1);
			q->opt_version = reader_u8(r);
			reader_skip(r, 2);
		} else {
			reader_skip(r, 4);
		}
		data = reader_view(r, reader_u16(r));
		if (type == TYPE_OPT)
			read_options(data, q);
	}
	return !r->failed;
}

/* -1: nothing can be said to this; otherwise the code of the answer so far. */
static int parse(struct view query, struct question *q)
{
	struct reader r = reader_of(query);
	uint16_t questions, answers, authorities, additional;

	memset(q, 0, sizeof(*q));
	q->id = reader_u16(&r);
	q->flags = reader_u16(&r);
	questions = reader_u16(&r);
	answers = reader_u16(&r);
	authorities = reader_u16(&r);
	additional = reader_u16(&r);
	if (r.failed || (q->flags & FLAG_QR) != 0)
		return -1;
	if (OPCODE(q->flags) != 0)
		return NOTIMP;
	if (questions != 1 || answers != 0 || authorities != 0 || !read_name(&r, q))
		return FORMERR;
	q->type = reader_u16(&r);
	q->class = reader_u16(&r);
	if (r.failed)
		return FORMERR;
	q->len = r.at - QUESTION_AT;
	if (!read_additional(&r, additional, q))
		return FORMERR;
	if (q->opt_version != 0)
		return BADVERS;
	return q->class == CLASS_IN || q->class == CLASS_ANY ? NOERROR : REFUSED;
}

/* How many labels stand in front of the zone; -1: another zone. */
static int below(const struct dns_zone *z, const struct question *q)
{
	const char *end = z->name + strlen(z->name);
	size_t i = q->labels;

	while (end > z->name) {
		const char *begin = end;

		while (begin > z->name && begin[-1] != '.')
			begin--;
		if (i == 0 || q->label[i - 1].len != (size_t)(end - begin) ||
		    strncasecmp((const char *)q->label[i - 1].data, begin, (size_t)(end - begin)) !=
			    0)
			return -1;
		i--;
		end = begin > z->name ? begin - 1 : begin;
	}
	return (int)i;
}

/* ---- Writing ----------------------------------------------------------------------------------
 */

/* Where the zone's name begins in the question. */
static uint16_t zone_at(const struct question *q, size_t front)
{
	size_t at = QUESTION_AT;

	for (size_t i = 0; i < front; i++)
		at += q->label[i].len + 1;
	return (uint16_t)at;
}

static void put_label(struct writer *w, const char *label)
{
	writer_u8(w, (uint8_t)strlen(label));
	writer_bytes(w, label, strlen(label));
}

static void put_head(struct writer *w, uint16_t name_at, uint16_t type, uint32_t ttl)
{
	writer_u16(w, (uint16_t)(POINTER | name_at));
	writer_u16(w, type);
	writer_u16(w, CLASS_IN);
	writer_u32(w, ttl);
}

static void put_soa(struct writer *w, const struct dns_zone *z, uint16_t zone)
{
	size_t at;

	put_head(w, zone, TYPE_SOA, DNS_TTL);
	at = w->len;
	writer_u16(w, 0);
	put_label(w, "ns");
	writer_u16(w, (uint16_t)(POINTER | zone));
	put_label(w, "hostmaster");
	writer_u16(w, (uint16_t)(POINTER | zone));
	writer_u32(w, z->serial);
	writer_u32(w, SOA_REFRESH);
	writer_u32(w, SOA_RETRY);
	writer_u32(w, SOA_EXPIRE);
	writer_u32(w, DNS_TTL); /* of negative answers: RFC 2308 section 5 */
	writer_set_u16(w, at, (uint16_t)(w->len - at - 2));
}

static void put_ns(struct writer *w, uint16_t zone)
{
	put_head(w, zone, TYPE_NS, SOA_REFRESH);
	writer_u16(w, 5);
	put_label(w, "ns");
	writer_u16(w, (uint16_t)(POINTER | zone));
}

static void put_address(struct writer *w, const struct ip_addr *a)
{
	size_t len = ip_addr_len(a);

	put_head(w, QUESTION_AT, len == 4 ? TYPE_A : TYPE_AAAA, DNS_TTL);
	writer_u16(w, (uint16_t)len);
	writer_bytes(w, a->bytes, len);
}

static void put_opt(struct writer *w, unsigned code)
{
	writer_u8(w, 0);
	writer_u16(w, TYPE_OPT);
	writer_u16(w, DNS_ANSWER_MAX);
	writer_u8(w, (uint8_t)(code >> 4));
	writer_u8(w, 0);
	writer_u16(w, 0);
	writer_u16(w, 0);
}

/* ---- Content ----------------------------------------------------------------------------------
 */

struct content {
	unsigned code;
	bool authoritative, soa_answer, ns_answer, soa_authority;
	struct ip_addr addr; /* family IP_NONE: none */
};

static struct content nothing(unsigned code)
{
	return (struct content){.code = code, .authoritative = true, .soa_authority = true};
}

static struct content at_apex(uint16_t type)
{
	struct content c = {.authoritative = true};

	c.soa_answer = type == TYPE_SOA;
	c.ns_answer = type == TYPE_NS;
	c.soa_authority = !c.soa_answer && !c.ns_answer;
	return c;
}

static struct content at_name(const struct dns_zone *z, const struct question *q,
			      const struct ip_addr *from)
{
	struct content c = {.authoritative = true};
	char label[DNS_LABEL_MAX];

	for (size_t i = 0; i < q->label[0].len; i++)
		label[i] = (char)tolower(q->label[0].data[i]);
	label[q->label[0].len] = '\0';
	if (q->client.family != IP_NONE)
		from = &q->client;
	switch (strlen(label) != q->label[0].len ? DNS_NO_NAME
						 : z->find(z->arg, label, from, &c.addr)) {
	case DNS_NO_NAME:
		return nothing(NXDOMAIN);
	case DNS_NO_DATA:
		return (struct content){.code = SERVFAIL};
	case DNS_ADDRESS:
		break;
	}
	if (q->type == (c.addr.family == IP_V4 ? TYPE_A : TYPE_AAAA))
		return c;
	return nothing(NOERROR);
}

static struct content content_of(const struct dns_zone *z, const struct question *q,
				 const struct ip_addr *from, int front)
{
	if (front < 0 || q->type == TYPE_ANY || q->type == TYPE_AXFR || q->type == TYPE_IXFR)
		return (struct content){.code = REFUSED};
	if (front == 0)
		return at_apex(q->type);
	return front == 1 ? at_name(z, q, from) : nothing(NXDOMAIN);
}

static enum dns_outcome outcome_of(unsigned code)
{
	switch (code) {
	case NOERROR:
		return DNS_ANSWERED;
	case NXDOMAIN:
		return DNS_NXDOMAIN;
	case REFUSED:
		return DNS_REFUSED;
	case FORMERR:
		return DNS_MALFORMED;
	case SERVFAIL:
		return DNS_FAILED;
	default:
		return DNS_UNSUPPORTED;
	}
}

static void put_header(struct writer *w, const struct question *q, const struct content *c,
		       bool truncate)
{
	bool answer = !truncate && (c->soa_answer || c->ns_answer || c->addr.family != IP_NONE);

	writer_u16(w, q->id);
	writer_u16(w, (uint16_t)(FLAG_QR | (q->flags & (FLAG_RD | 0x7800u)) |
				 (c->authoritative ? FLAG_AA : 0) | (truncate ? FLAG_TC : 0) |
				 (c->code & 0xf)));
	writer_u16(w, q->len != 0);
	writer_u16(w, answer);
	writer_u16(w, c->soa_authority && !truncate);
	writer_u16(w, q->has_opt);
}

size_t dns_answer(const struct dns_zone *z, struct view query, const struct ip_addr *from,
		  bool truncate, uint8_t *out, enum dns_outcome *outcome)
{
	struct writer w = writer_of(out, DNS_ANSWER_MAX);
	struct question q;
	int code = parse(query, &q), front = 0;
	struct content c = {.code = (unsigned)code};
	uint16_t zone;

	*outcome = DNS_SILENT;
	if (code < 0)
		return 0;
	if (code == NOERROR) {
		front = below(z, &q);
		c = content_of(z, &q, from, front);
	}
	*outcome = outcome_of(c.code);
	put_header(&w, &q, &c, truncate);
	writer_bytes(&w, query.data + QUESTION_AT, q.len);
	zone = zone_at(&q, front < 0 ? 0 : (size_t)front);
	if (c.soa_answer && !truncate)
		put_soa(&w, z, zone);
	if (c.ns_answer && !truncate)
		put_ns(&w, zone);
	if (c.addr.family != IP_NONE && !c.soa_authority && !truncate)
		put_address(&w, &c.addr);
	if (c.soa_authority && !truncate)
		put_soa(&w, z, zone);
	if (q.has_opt)
		put_opt(&w, c.code);
	return w.failed ? 0 : w.len;
}
