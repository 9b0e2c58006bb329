/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of the matrix that need no keys: datagrams, headers, IKE_SA_INIT. */
#include "matrix.h"

#include "ikev2/payload_ke.h"
#include "ikev2/payload_nonce.h"
#include "ikev2/payload_notify.h"
#include "platform/base/mem.h"

#include <check.h>
#include <string.h>

/* ---- IKE_SA_INIT requests ------------------------------------------------------------------ */

static void offer(struct mx_init *i, const struct sa_transform *t, size_t count)
{
	struct sa_offer *o = &i->offer[i->offers++];

	*o = (struct sa_offer){.number = (uint8_t)i->offers, .protocol = IKE_PROTO_IKE};
	for (size_t k = 0; k < count; k++)
		o->transform[o->count++] = t[k];
}

static const struct sa_transform gcm = {.type = 1, .id = 20, .key_bits = 256};
static const struct sa_transform cbc = {.type = 1, .id = 12, .key_bits = 256};
static const struct sa_transform prf = {.type = 2, .id = 5};
static const struct sa_transform integ = {.type = 3, .id = 12};
static const struct sa_transform dh2 = {.type = 4, .id = 2};
static const struct sa_transform dh14 = {.type = 4, .id = 14};
static const struct sa_transform dh19 = {.type = 4, .id = 19};
static const struct sa_transform dh31 = {.type = 4, .id = 31};

void mx_init_default(struct mx_init *i)
{
	const struct sa_transform good[] = {gcm, prf, dh31};

	memset(i, 0, sizeof(*i));
	offer(i, good, ARRAY_LEN(good));
	i->group = 31;
	i->ke[0] = 9; /* the base point */
	i->ke_len = 32;
	i->nonce_len = 32;
	i->header = (struct message_header){.spi_i = 0x0102030405060708ull + w.now_ms,
					    .exchange = IKE_EXCH_SA_INIT,
					    .flags = MESSAGE_INITIATOR};
}

static void one_offer(struct mx_init *i, const struct sa_transform *t, size_t count)
{
	i->offers = 0;
	offer(i, t, count);
}

void mx_init_build(const struct mx_init *i, struct message_builder *b, uint8_t *buf, size_t cap)
{
	uint8_t nonce[300];

	memset(nonce, 0x5a, sizeof(nonce));
	message_start(b, buf, cap, &i->header);
	payload_sa_write(b, i->offer, i->offers);
	payload_ke_write(b, i->group, view_of(i->ke, i->ke_len));
	if (i->nonce_len)
		payload_nonce_write(b, view_of(nonce, i->nonce_len));
}

void mx_init_send(struct mx *m, struct message_builder *b)
{
	struct view v;

	ck_assert_int_eq(message_finish(b, &v), 0);
	mx_say(m, v.data, v.len);
}

static void send_init(struct mx *m, const struct mx_init *i)
{
	uint8_t buf[4000];
	struct message_builder b;

	mx_init_build(i, &b, buf, sizeof(buf));
	mx_init_send(m, &b);
}

/* ---- 1 to 8: datagrams and headers --------------------------------------------------------- */

/* The octets of a good request, to be spoiled. */
static size_t good(uint8_t *buf, size_t cap)
{
	struct mx_init i;
	struct message_builder b;
	struct view v;

	mx_init_default(&i);
	mx_init_build(&i, &b, buf, cap);
	ck_assert_int_eq(message_finish(&b, &v), 0);
	return v.len;
}

static void make_length(struct mx *m, unsigned kind)
{
	uint8_t buf[1000];
	size_t len = good(buf, sizeof(buf));

	switch (kind) {
	case 0:
		mx_say(m, buf, 27);
		return;
	case 1:
		buf[27]--;
		break;
	case 2:
		buf[27]++;
		break;
	default:
		buf[24] = 0x80;
		break;
	}
	mx_say(m, buf, len);
}

static void make_esp(struct mx *m, unsigned arg)
{
	uint8_t esp[80] = {0x12, 0x34, 0x56, 0x78};

	(void)arg;
	mx_say_raw(m, true, esp, sizeof(esp));
}

static void make_marker_on_500(struct mx *m, unsigned arg)
{
	uint8_t buf[1000] = {0};
	size_t len = good(buf + 4, sizeof(buf) - 4);

	(void)arg;
	mx_say_raw(m, false, buf, len + 4);
}

/* The simulated network keeps those from the engine: one octet more is what a socket would pass on
 * by mistake. */
static void make_keepalive(struct mx *m, unsigned arg)
{
	struct ip_endpoint from = {.addr = w.node[0].addr, .port = 4500};
	struct ip_endpoint to = {.addr = w.node[1].addr, .port = 4500};
	static const uint8_t octet = 0xff;

	(void)m;
	(void)arg;
	ike_engine_datagram(w.node[1].engine, w.now_ms, &to, &from, true, view_of(&octet, 1));
	sim_run(&w, 1);
}

/* arg: offset and value of an octet in the header. */
static void make_header(struct mx *m, unsigned arg)
{
	uint8_t buf[1000];
	size_t len = good(buf, sizeof(buf));

	if (arg == 0)
		memset(buf, 0, 8); /* SPIi */
	else
		buf[arg >> 8] = (uint8_t)arg;
	mx_say(m, buf, len);
}

static void make_version_response(struct mx *m, unsigned arg)
{
	uint8_t buf[1000];
	size_t len = good(buf, sizeof(buf));

	(void)arg;
	buf[17] = 0x30;
	buf[19] = 0x28;
	mx_say(m, buf, len);
}

/* ---- 8 to 11: payloads and structures ------------------------------------------------------ */

static void make_extra(struct mx *m, unsigned arg)
{
	uint8_t buf[2000], body[8] = {0};
	struct message_builder b;
	struct mx_init i;

	mx_init_default(&i);
	mx_init_build(&i, &b, buf, sizeof(buf));
	mx_payload(&b, (uint8_t)(arg >> 8), (uint8_t)arg, body, sizeof(body));
	mx_init_send(m, &b);
}

/* What is written where in the generic header of the last payload. */
static void make_payload_length(struct mx *m, unsigned len)
{
	uint8_t buf[2000], body[8] = {0};
	struct message_builder b;
	struct mx_init i;

	mx_init_default(&i);
	mx_init_build(&i, &b, buf, sizeof(buf));
	mx_payload(&b, IKE_PAYLOAD_VENDOR, 0, body, sizeof(body));
	writer_set_u16(&b.w, b.open_at + 2, (uint16_t)len);
	mx_init_send(m, &b);
}

static void make_thousand(struct mx *m, unsigned arg)
{
	uint8_t buf[6000];
	struct message_builder b;
	struct mx_init i;

	(void)arg;
	mx_init_default(&i);
	mx_init_build(&i, &b, buf, sizeof(buf));
	for (unsigned k = 0; k < 1000; k++)
		mx_payload(&b, IKE_PAYLOAD_VENDOR, 0, NULL, 0);
	mx_init_send(m, &b);
}

/* arg: offset in the body of SA (behind the generic header) and its octet. */
static void make_sa_octet(struct mx *m, unsigned arg)
{
	uint8_t buf[1000];
	size_t len = good(buf, sizeof(buf));

	buf[28 + 4 + (arg >> 8)] = (uint8_t)arg;
	mx_say(m, buf, len);
}

/* ---- 12 to 14: proposals ------------------------------------------------------------------- */

static void make_proposal(struct mx *m, unsigned kind)
{
	const struct sa_transform keyless = {.type = 1, .id = 20}, odd = {.type = 6, .id = 1};
	const struct sa_transform lists[][5] = {
		{gcm, prf},		   /* 0: no DH */
		{gcm, dh31},		   /* no PRF */
		{keyless, prf, dh31},	   /* no key length */
		{gcm, prf, dh31, odd},	   /* unknown type */
		{gcm, prf, integ, dh31},   /* 4: GCM with INTEG */
		{cbc, prf, dh31},	   /* CBC without INTEG */
		{gcm, prf, dh19},	   /* 6: KE is not among the groups */
		{gcm, prf, dh2, dh14},	   /* 7: KE is, but the other one is wanted */
		{keyless, gcm, prf, dh31}, /* 8: one good, one not */
	};
	struct mx_init i;
	size_t count = 0;

	mx_init_default(&i);
	while (count < 5 && lists[kind][count].type)
		count++;
	one_offer(&i, lists[kind], count);
	if (kind == 7) {
		i.group = 2;
		i.ke_len = 128;
	}
	if (kind == 8) { /* a bad proposal in front of a good one */
		const struct sa_transform bad[] = {gcm, prf};

		i.offers = 0;
		offer(&i, bad, ARRAY_LEN(bad));
		offer(&i, lists[kind], count);
	}
	send_init(m, &i);
}

/* ---- 15: key exchange values --------------------------------------------------------------- */

static void dh_value(struct mx_init *i, unsigned kind)
{
	/* RFC 3526 section 3: the prime begins and ends with 64 ones; p - 1 and p are found there
	 */
	static const uint8_t p_end[] = {0x8a, 0xac, 0xaa, 0x68, 0xff, 0xff,
					0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
	const struct sa_transform t[] = {gcm, prf, dh14};

	one_offer(i, t, ARRAY_LEN(t));
	i->group = 14;
	i->ke_len = 256;
	memset(i->ke, 0, sizeof(i->ke));
	if (kind == 1)
		i->ke[255] = 1;
	if (kind == 2) { /* above p */
		memset(i->ke, 0xff, 256);
		memcpy(i->ke + 244, p_end, sizeof(p_end));
	}
	if (kind == 3)
		memset(i->ke, 0xff, 256);
	if (kind == 4)
		i->ke_len = 255;
	if (kind == 5)
		i->ke_len = 257;
}

static void make_ke(struct mx *m, unsigned kind)
{
	const struct sa_transform t[] = {gcm, prf, dh19};
	struct mx_init i;

	mx_init_default(&i);
	if (kind < 10) {
		dh_value(&i, kind);
	} else if (kind == 10) { /* 31 octets */
		i.ke_len = 31;
	} else if (kind == 11) { /* all zero: the shared secret would be */
		memset(i.ke, 0, sizeof(i.ke));
	} else { /* not on the curve */
		one_offer(&i, t, ARRAY_LEN(t));
		i.group = 19;
		i.ke_len = 64;
		memset(i.ke, 0x11, sizeof(i.ke));
	}
	send_init(m, &i);
}

/* ---- 16, 17: nonces and cookies ------------------------------------------------------------ */

static void make_nonce(struct mx *m, unsigned len)
{
	struct mx_init i;

	mx_init_default(&i);
	i.nonce_len = len;
	send_init(m, &i);
}

static void make_cookie(struct mx *m, unsigned kind)
{
	uint8_t buf[2000], cookie[65] = {1};
	struct halfopen *h = &w.node[1].engine->halfopen;
	struct message_builder b;
	struct mx_init i;

	mx_init_default(&i);
	if (kind != 0) { /* cookies are on */
		h->loaded = true;
		h->calm_at_ms = w.now_ms + 1000;
	}
	message_start(&b, buf, sizeof(buf), &i.header);
	payload_notify_write(&b, IKE_N_COOKIE, view_of(cookie, kind == 2 ? 65 : 33));
	payload_sa_write(&b, i.offer, i.offers);
	payload_ke_write(&b, i.group, view_of(i.ke, i.ke_len));
	payload_nonce_write(&b, view_of(i.ke, 32));
	mx_init_send(m, &b);
}

/* ---- 18, 19, 27, 38: answers and errors in the clear --------------------------------------- */

/* Says to B what its peer would, in an IKE_SA_INIT response. */
static void init_response(struct mx *m, uint16_t notify, size_t data_len)
{
	struct message_header h = {.spi_i = m->spi_i,
				   .exchange = IKE_EXCH_SA_INIT,
				   .flags = MESSAGE_RESPONSE};
	static const uint8_t data[70] = {0, 2}; /* group 2 was not offered */
	struct message_builder b;
	uint8_t buf[200];

	message_start(&b, buf, sizeof(buf), &h);
	payload_notify_write(&b, notify, view_of(data, data_len));
	mx_init_send(m, &b);
}

static void make_clear_error(struct mx *m, unsigned notify)
{
	init_response(m, (uint16_t)notify, notify == IKE_N_INVALID_KE_PAYLOAD ? 2 : 0);
}

static void make_cookie_too_long(struct mx *m, unsigned arg)
{
	(void)arg;
	init_response(m, IKE_N_COOKIE, 65);
}

/* A suite that B did not offer: 3DES-like ENCR number, or another key length. */
static void make_downgrade(struct mx *m, unsigned kind)
{
	const struct sa_transform weak[] = {
		{.type = 1, .id = kind ? 20u : 3u, .key_bits = kind ? 192u : 0u}, prf, dh19};
	struct message_builder b;
	struct mx_init i;
	uint8_t buf[1000];

	mx_init_default(&i);
	one_offer(&i, weak, ARRAY_LEN(weak));
	i.header.spi_i = m->spi_i;
	i.header.spi_r = 77;
	i.header.flags = MESSAGE_RESPONSE;
	i.group = 19;
	i.ke_len = 64;
	mx_init_build(&i, &b, buf, sizeof(buf));
	mx_init_send(m, &b);
}

/* An error about the live IKE SA, without protection. */
static void make_clear_notify(struct mx *m, unsigned arg)
{
	uint16_t notify = (uint16_t)(arg & 0xff);
	bool response = arg & 0x100;
	struct message_header h = {.spi_i = m->spi_i,
				   .spi_r = m->spi_r,
				   .exchange = IKE_EXCH_INFORMATIONAL,
				   .flags = (uint8_t)((m->a_is_initiator ? MESSAGE_INITIATOR : 0) |
						      (response ? MESSAGE_RESPONSE : 0)),
				   .id = response ? m->open_id : m->next_id};
	struct message_builder b;
	uint8_t buf[200];

	message_start(&b, buf, sizeof(buf), &h);
	payload_notify_write(&b, notify, view_of("\1\2\3\4", 4));
	mx_init_send(m, &b);
}

/* ---- 20, 28: repetitions and reflections --------------------------------------------------- */

static void make_init_again(struct mx *m, unsigned other_nonce)
{
	if (other_nonce)
		m->init[m->init_len - 1] ^= 1; /* in the last notify: another message */
	mx_say(m, m->init, m->init_len);
}

static void make_reflection(struct mx *m, unsigned arg)
{
	(void)arg;
	mx_say(m, m->last.bytes, m->last.len);
}

#define DATAGRAM  MX_ALL(O_MALFORMED)
#define NEW	  MX_ALL(O_CLEAR_ACCEPTED)
#define NO_CHOICE MX_ALL(O_CLEAR_NO_PROPOSAL)
#define NOT_ASKED                                                                             \
	{                                                                                     \
		O_UNEXPECTED, O_SKIP, O_UNEXPECTED, O_UNEXPECTED, O_UNEXPECTED, O_UNEXPECTED, \
			O_UNEXPECTED, O_UNEXPECTED                                            \
	}
#define HINT                                                                          \
	{                                                                             \
		O_UNKNOWN_SPI_QUIET, O_UNKNOWN_SPI_QUIET, O_UNEXPECTED, O_UNEXPECTED, \
			O_UNPROTECTED, O_UNPROTECTED, O_UNPROTECTED, O_UNPROTECTED    \
	}

const struct mx_input mx_clear_rows[] = {
	{1, "27 octets", make_length, 0, false, DATAGRAM, NULL},
	{1, "Length one less", make_length, 1, false, DATAGRAM, NULL},
	{1, "Length one more", make_length, 2, false, DATAGRAM, NULL},
	{1, "Length 2^31", make_length, 3, false, DATAGRAM, NULL},
	{2, "ESP to the engine", make_esp, 0, false, DATAGRAM, "4500"},
	{3, "marker on port 500", make_marker_on_500, 0, false, DATAGRAM, "500"},
	{4, "NAT keepalive", make_keepalive, 0, false, DATAGRAM, "4500"},
	{5, "SPIi 0", make_header, 0, false, DATAGRAM, NULL},
	{6, "SPIr in IKE_SA_INIT", make_header, 15 << 8 | 1, false, DATAGRAM, NULL},
	{6, "Message ID 1 in IKE_SA_INIT", make_header, 23 << 8 | 1, false, DATAGRAM, NULL},
	{7, "major version 3", make_header, 17 << 8 | 0x30, false, MX_ALL(O_VERSION), NULL},
	{7, "response of version 3", make_version_response, 0, false, MX_ALL(O_VERSION_QUIET),
	 NULL},
	{7, "major version 1", make_header, 17 << 8 | 0x10, false, DATAGRAM, NULL},
	{7, "minor version 15", make_header, 17 << 8 | 0x2f, false, NEW, NULL},
	{8, "reserved header flags", make_header, 19 << 8 | 0xcf, false, NEW, NULL},
	{8, "reserved payload bits", make_extra, IKE_PAYLOAD_VENDOR << 8 | 0x7f, false, NEW, NULL},
	{9, "unknown payload", make_extra, 99 << 8, false, NEW, NULL},
	{9, "unknown critical payload", make_extra, 99 << 8 | 0x80, false, MX_ALL(O_CLEAR_CRITICAL),
	 NULL},
	{9, "known payload with C", make_extra, IKE_PAYLOAD_VENDOR << 8 | 0x80, false, NEW, NULL},
	{10, "payload length 0", make_payload_length, 0, false, DATAGRAM, NULL},
	{10, "payload length 3", make_payload_length, 3, false, DATAGRAM, NULL},
	{10, "payload past the end", make_payload_length, 13, false, DATAGRAM, NULL},
	{10, "payload stops early", make_payload_length, 11, false, DATAGRAM, NULL},
	{10, "1,000 payloads", make_thousand, 0, false, DATAGRAM, NULL},
	{11, "proposal length", make_sa_octet, 3 << 8 | 200, false, DATAGRAM, NULL},
	{11, "proposal length 0", make_sa_octet, 3 << 8 | 0, false, DATAGRAM, NULL},
	{11, "last proposal says more", make_sa_octet, 0 << 8 | 2, false, DATAGRAM, NULL},
	{11, "SPI size 200", make_sa_octet, 6 << 8 | 200, false, DATAGRAM, NULL},
	{11, "one transform too many", make_sa_octet, 7 << 8 | 4, false, DATAGRAM, NULL},
	{11, "transform length", make_sa_octet, 11 << 8 | 7, false, DATAGRAM, NULL},
	{12, "no DH", make_proposal, 0, false, NO_CHOICE, NULL},
	{12, "no PRF", make_proposal, 1, false, NO_CHOICE, NULL},
	{12, "AES without key length", make_proposal, 2, false, NO_CHOICE, NULL},
	{12, "unknown transform type", make_proposal, 3, false, NO_CHOICE, NULL},
	{12, "bad beside good", make_proposal, 8, false, NEW, NULL},
	{13, "GCM with INTEG", make_proposal, 4, false, NO_CHOICE, NULL},
	{13, "CBC without INTEG", make_proposal, 5, false, NO_CHOICE, NULL},
	{14, "KE of a group not in SA", make_proposal, 6, false, DATAGRAM, NULL},
	{14, "KE of a group not wanted", make_proposal, 7, false, MX_ALL(O_CLEAR_INVALID_KE), NULL},
	{15, "MODP value 0", make_ke, 0, false, DATAGRAM, NULL},
	{15, "MODP value 1", make_ke, 1, false, DATAGRAM, NULL},
	{15, "MODP value above p", make_ke, 2, false, DATAGRAM, NULL},
	{15, "MODP value all ones", make_ke, 3, false, DATAGRAM, NULL},
	{15, "MODP value 255 octets", make_ke, 4, false, DATAGRAM, NULL},
	{15, "MODP value 257 octets", make_ke, 5, false, DATAGRAM, NULL},
	{15, "X25519 31 octets", make_ke, 10, false, DATAGRAM, NULL},
	{15, "X25519 low order", make_ke, 11, false, DATAGRAM, NULL},
	{15, "point off the curve", make_ke, 12, false, DATAGRAM, NULL},
	{16, "no nonce", make_nonce, 0, false, DATAGRAM, NULL},
	{16, "nonce of 15 octets", make_nonce, 15, false, DATAGRAM, NULL},
	{16, "nonce of 257 octets", make_nonce, 257, false, DATAGRAM, NULL},
	{16, "two nonces", make_extra, IKE_PAYLOAD_NONCE << 8, false, DATAGRAM, NULL},
	{16, "nonce of 16 octets", make_nonce, 16, false, NEW, NULL},
	{16, "nonce of 33 octets", make_nonce, 33, false, NEW, NULL},
	{16, "nonce of 256 octets", make_nonce, 256, false, NEW, NULL},
	{17, "cookie that nobody asked for", make_cookie, 0, false, NEW, NULL},
	{17, "wrong cookie", make_cookie, 1, false, MX_ALL(O_CLEAR_COOKIE), NULL},
	{17, "cookie of 65 octets", make_cookie, 2, false, MX_ALL(O_CLEAR_COOKIE), NULL},
	{18, "COOKIE that answers nothing", make_clear_error, IKE_N_COOKIE, false, NOT_ASKED, NULL},
	{18, "NO_PROPOSAL_CHOSEN that answers nothing", make_clear_error, IKE_N_NO_PROPOSAL_CHOSEN,
	 false, NOT_ASKED, NULL},
	{18,
	 "cookie of 65 octets as an answer",
	 make_cookie_too_long,
	 0,
	 false,
	 {O_UNEXPECTED, O_MALFORMED, O_UNEXPECTED, O_UNEXPECTED, O_UNEXPECTED, O_UNEXPECTED,
	  O_UNEXPECTED, O_UNEXPECTED},
	 NULL},
	{19,
	 "cipher that was not offered",
	 make_downgrade,
	 0,
	 false,
	 {O_UNEXPECTED, O_MALFORMED, O_UNEXPECTED, O_UNEXPECTED, O_UNEXPECTED, O_UNEXPECTED,
	  O_UNEXPECTED, O_UNEXPECTED},
	 NULL},
	{19,
	 "key length that was not offered",
	 make_downgrade,
	 1,
	 false,
	 {O_UNEXPECTED, O_MALFORMED, O_UNEXPECTED, O_UNEXPECTED, O_UNEXPECTED, O_UNEXPECTED,
	  O_UNEXPECTED, O_UNEXPECTED},
	 NULL},
	{20,
	 "IKE_SA_INIT again",
	 make_init_again,
	 0,
	 false,
	 {O_CLEAR_ACCEPTED, O_SKIP, O_SKIP, O_REPEATED, O_SWALLOWED, O_SWALLOWED, O_SWALLOWED,
	  O_SWALLOWED},
	 "500"},
	{20, "same SPIi, other message", make_init_again, 1, false, NEW, "500"},
	{28,
	 "reflection",
	 make_reflection,
	 0,
	 false,
	 {O_SKIP, O_UNEXPECTED, O_UNKNOWN_SPI, O_UNEXPECTED, O_UNKNOWN_SPI_QUIET, O_UNKNOWN_SPI,
	  O_UNKNOWN_SPI, O_UNKNOWN_SPI},
	 "500"},
	{38, "INVALID_IKE_SPI as an answer", make_clear_notify, 0x100 | IKE_N_INVALID_IKE_SPI,
	 false, HINT, NULL},
	{38, "INVALID_SPI as an answer", make_clear_notify, 0x100 | IKE_N_INVALID_SPI, false, HINT,
	 NULL},
};

const size_t mx_clear_count = ARRAY_LEN(mx_clear_rows);
