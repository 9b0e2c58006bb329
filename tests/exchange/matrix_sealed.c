/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of the matrix from a peer that knows the keys: SK itself, IKE_AUTH, INFORMATIONAL, window.
 */
#include "matrix.h"

#include "ikev2/payload_delete.h"
#include "ikev2/payload_notify.h"
#include "platform/base/mem.h"

#include <check.h>
#include <string.h>

/* ---- Good messages, to be spoiled ---------------------------------------------------------- */

/* A's real IKE_AUTH without the payloads of one type (0: all of them). */
void mx_auth_without(struct mx *m, uint8_t except)
{
	struct payload_list l;

	mx_begin(m, IKE_EXCH_AUTH, false);
	if (m->state != MX_HALF_OPEN) {
		mx_payload(&m->chain, IKE_PAYLOAD_VENDOR, 0, "abcd", 4);
		return;
	}
	ck_assert_int_eq(payload_list_read(m->auth_first, view_of(m->auth_chain, m->auth_chain_len),
					   true, &l),
			 0);
	for (size_t i = 0; i < l.count; i++)
		if (l.item[i].type != except)
			mx_payload(&m->chain, l.item[i].type, 0, l.item[i].body.data,
				   l.item[i].body.len);
}

/* A request that is possible in the state. */
static void base(struct mx *m)
{
	if (m->state == MX_HALF_OPEN)
		mx_auth_without(m, 0);
	else
		mx_begin(m, IKE_EXCH_INFORMATIONAL, false);
}

/* ---- 7 to 10 ------------------------------------------------------------------------------- */

static void make_header(struct mx *m, unsigned arg)
{
	base(m);
	mx_payload(&m->chain, IKE_PAYLOAD_VENDOR, 0, "abcd", 4);
	if (arg == 0)
		m->f.version = 0x2f;
	else
		m->f.flags |= (uint8_t)arg;
	m->f.generic = arg == 0 ? 0 : 0x7f; /* reserved bits of SK */
}

static void make_extra(struct mx *m, unsigned arg)
{
	static const uint8_t body[8] = {0, 0, 0x40, 0x02}; /* a status notify */

	base(m);
	mx_payload(&m->chain, (uint8_t)(arg >> 8), (uint8_t)arg, body, sizeof(body));
}

static void make_payload_length(struct mx *m, unsigned len)
{
	base(m);
	mx_payload(&m->chain, IKE_PAYLOAD_VENDOR, 0, "abcdefgh", 8);
	writer_set_u16(&m->chain.w, m->chain.open_at + 2, (uint16_t)len);
}

static void make_thousand(struct mx *m, unsigned arg)
{
	(void)arg;
	base(m);
	for (unsigned i = 0; i < 1000; i++)
		mx_payload(&m->chain, IKE_PAYLOAD_VENDOR, 0, NULL, 0);
}

static void make_sk_inside(struct mx *m, unsigned arg)
{
	(void)arg;
	base(m);
	mx_payload(&m->chain, IKE_PAYLOAD_SK, 0, "abcdefghijklmnop", 16);
}

/* ---- 21, 22: the SK payload itself --------------------------------------------------------- */

enum spoil { WRONG_ICV, SHORT_ICV, NO_ICV, ODD_TEXT, PAD_TOO_LONG, PAD_MORE, CLEAR_BEFORE, BEHIND };

static void make_spoiled(struct mx *m, unsigned kind)
{
	static const uint8_t notify[] = {0, 0, 0, 8, 0, 0, 0, 24}; /* AUTHENTICATION_FAILED */

	base(m);
	mx_payload(&m->chain, IKE_PAYLOAD_VENDOR, 0, "abcd", 4);
	switch ((enum spoil)kind) {
	case WRONG_ICV:
		m->f.wrong_icv = true;
		break;
	case SHORT_ICV:
		m->f.cut = 1;
		break;
	case NO_ICV:
		m->f.cut = 16;
		break;
	case ODD_TEXT:
		m->f.odd = 5;
		break;
	case PAD_TOO_LONG:
		m->f.pad = 255;
		mx_begin(m, m->f.exchange, false); /* short, so that 255 is more than all */
		mx_payload(&m->chain, IKE_PAYLOAD_VENDOR, 0, "abcd", 4);
		m->f.pad = 255;
		break;
	case PAD_MORE:
		m->f.pad_blocks = m->natt ? 14 : 250;
		break;
	case CLEAR_BEFORE:
		m->f.before = view_of(notify, sizeof(notify));
		m->f.before_type = IKE_PAYLOAD_NOTIFY;
		break;
	case BEHIND:
		m->f.behind = view_of(notify, sizeof(notify));
		break;
	}
}

/* ---- 23 to 28: state, identity, window ----------------------------------------------------- */

static void make_exchange(struct mx *m, unsigned exchange)
{
	mx_begin(m, (uint8_t)exchange, false);
	mx_payload(&m->chain, IKE_PAYLOAD_VENDOR, 0, "abcd", 4);
}

enum auth_kind { NO_IDI, NO_AUTH, UNKNOWN_ID, WRONG_AUTH, SHORT_AUTH, METHOD_1, METHOD_14, WHOLE };

static void add_auth(struct mx *m, enum auth_kind kind)
{
	struct payload_list l;
	const struct payload *p;
	uint8_t body[200];
	size_t len;

	ck_assert_int_eq(payload_list_read(m->auth_first, view_of(m->auth_chain, m->auth_chain_len),
					   true, &l),
			 0);
	p = payload_find(&l, IKE_PAYLOAD_AUTH);
	len = p->body.len;
	memcpy(body, p->body.data, len);
	if (kind == WRONG_AUTH)
		body[len - 1] ^= 1;
	if (kind == SHORT_AUTH)
		len--;
	if (kind == METHOD_1)
		body[0] = 1;
	if (kind == METHOD_14)
		body[0] = 14;
	mx_payload(&m->chain, IKE_PAYLOAD_AUTH, 0, body, len);
}

static void make_auth(struct mx *m, unsigned kind)
{
	switch ((enum auth_kind)kind) {
	case NO_IDI:
		mx_auth_without(m, IKE_PAYLOAD_IDI);
		return;
	case NO_AUTH:
		mx_auth_without(m, IKE_PAYLOAD_AUTH);
		return;
	case UNKNOWN_ID:
		mx_auth_without(m, IKE_PAYLOAD_IDI);
		mx_payload(&m->chain, IKE_PAYLOAD_IDI, 0, "\2\0\0\0nobody.example.net", 22);
		return;
	case WHOLE:
		mx_auth_without(m, 0);
		return;
	case WRONG_AUTH:
	case SHORT_AUTH:
	case METHOD_1:
	case METHOD_14:
		break;
	}
	mx_auth_without(m, IKE_PAYLOAD_AUTH);
	if (m->state == MX_HALF_OPEN)
		add_auth(m, (enum auth_kind)kind);
}

/* The very datagram that brought the IKE SA up. */
static void make_auth_again(struct mx *m, unsigned spoil)
{
	if (spoil)
		m->auth[m->auth_len - 1] ^= 1;
	mx_say(m, m->auth, m->auth_len);
}

static void make_ahead(struct mx *m, unsigned by)
{
	base(m);
	mx_payload(&m->chain, IKE_PAYLOAD_VENDOR, 0, "abcd", 4);
	m->f.id += by;
}

/* arg: 0 nobody asked, 1 the right Message ID in another exchange, 2 a request's inside. */
static void make_response(struct mx *m, unsigned kind)
{
	mx_begin(m, IKE_EXCH_INFORMATIONAL, true);
	mx_payload(&m->chain, IKE_PAYLOAD_VENDOR, 0, "abcd", 4);
	if (kind == 0)
		m->f.id += 7;
	else
		m->f.exchange = m->open_exchange == IKE_EXCH_INFORMATIONAL
					? IKE_EXCH_CREATE_CHILD_SA
					: IKE_EXCH_INFORMATIONAL;
	if (kind == 2)
		m->f.exchange = IKE_EXCH_INTERMEDIATE;
}

static void make_wrong_role(struct mx *m, unsigned arg)
{
	(void)arg;
	base(m);
	mx_payload(&m->chain, IKE_PAYLOAD_VENDOR, 0, "abcd", 4);
	m->f.flags ^= MESSAGE_INITIATOR;
}

/* ---- 36: DELETE ---------------------------------------------------------------------------- */

static void delete_payload(struct mx *m, uint8_t protocol, uint8_t spi_len, uint16_t count,
			   size_t octets)
{
	uint8_t body[40] = {protocol, spi_len, (uint8_t)(count >> 8), (uint8_t)count, 1, 2, 3, 4};

	mx_payload(&m->chain, IKE_PAYLOAD_DELETE, 0, body, 4 + octets);
}

enum delete_kind {
	D_UNKNOWN,
	D_ALL_KINDS,
	D_MANY,
	D_IKE_WITH_SPI,
	D_IKE_THEN_MORE,
	D_PROTOCOL_9,
	D_SHORT,
	D_SPI_8,
};

static void make_delete(struct mx *m, unsigned kind)
{
	mx_begin(m, IKE_EXCH_INFORMATIONAL, false);
	switch ((enum delete_kind)kind) {
	case D_UNKNOWN:
		delete_payload(m, 3, 4, 1, 4);
		break;
	case D_ALL_KINDS:
		delete_payload(m, 3, 4, 1, 4);
		delete_payload(m, 2, 4, 1, 4);
		delete_payload(m, 1, 0, 0, 0);
		break;
	case D_MANY:
		delete_payload(m, 3, 4, 65535, 8);
		break;
	case D_IKE_WITH_SPI:
		delete_payload(m, 1, 8, 1, 8);
		break;
	case D_IKE_THEN_MORE:
		delete_payload(m, 1, 0, 0, 0);
		delete_payload(m, 3, 4, 1, 4);
		payload_notify_write(&m->chain, IKE_N_INITIAL_CONTACT, view_of(NULL, 0));
		break;
	case D_PROTOCOL_9:
		delete_payload(m, 9, 4, 1, 4);
		break;
	case D_SHORT:
		mx_payload(&m->chain, IKE_PAYLOAD_DELETE, 0, "\3\4", 2);
		break;
	case D_SPI_8:
		delete_payload(m, 3, 8, 1, 8);
		break;
	}
}

/* ---- 37: fragments that are none ----------------------------------------------------------- */

static void make_fragment(struct mx *m, unsigned arg)
{
	base(m);
	mx_payload(&m->chain, IKE_PAYLOAD_VENDOR, 0, "abcd", 4);
	m->f.number = (uint16_t)(arg >> 8);
	m->f.total = (uint16_t)(arg & 0xff);
	m->plain_only = true;
}

#define INFO(o)                                                                      \
	{                                                                            \
		O_UNKNOWN_SPI, O_UNKNOWN_SPI, O_UNEXPECTED, O_UNEXPECTED, o, o, o, o \
	}
#define AUTH_AGAIN                                                                         \
	{                                                                                  \
		O_UNKNOWN_SPI, O_SKIP, O_SKIP, O_SKIP, O_REPEATED, O_REPEATED, O_REPEATED, \
			O_REPEATED                                                         \
	}

const struct mx_input mx_sealed_rows[] = {
	{7, "minor version 15", make_header, 0, true, MX_SEALED(O_ADMITTED, O_FINE), NULL},
	{8, "reserved bits", make_header, 0xc7 & ~0x28, true, MX_SEALED(O_ADMITTED, O_FINE), NULL},
	{8, "reserved payload bits", make_extra, IKE_PAYLOAD_NOTIFY << 8 | 0x7f, true,
	 MX_SEALED(O_ADMITTED, O_FINE), NULL},
	{9, "unknown payload", make_extra, 99 << 8, true, MX_SEALED(O_ADMITTED, O_FINE), NULL},
	{9, "unknown critical payload", make_extra, 99 << 8 | 0x80, true,
	 MX_SEALED(O_CRITICAL_ENDS, O_CRITICAL), NULL},
	{9, "known payload with C", make_extra, IKE_PAYLOAD_NOTIFY << 8 | 0x80, true,
	 MX_SEALED(O_ADMITTED, O_FINE), NULL},
	{10, "payload length 0", make_payload_length, 0, true, MX_SEALED(O_SYNTAX, O_SYNTAX), NULL},
	{10, "payload length 3", make_payload_length, 3, true, MX_SEALED(O_SYNTAX, O_SYNTAX), NULL},
	{10, "payload past the end", make_payload_length, 13, true, MX_SEALED(O_SYNTAX, O_SYNTAX),
	 NULL},
	{10, "payload stops early", make_payload_length, 11, true, MX_SEALED(O_SYNTAX, O_SYNTAX),
	 NULL},
	{10, "1,000 payloads", make_thousand, 0, true, MX_SEALED(O_SYNTAX, O_SYNTAX), NULL},
	{21,
	 "wrong ICV",
	 make_spoiled,
	 WRONG_ICV,
	 true,
	 {O_UNKNOWN_SPI, O_UNKNOWN_SPI, O_UNEXPECTED, O_FORGED, O_FORGED, O_FORGED, O_FORGED,
	  O_FORGED},
	 NULL},
	{21,
	 "ICV one octet short",
	 make_spoiled,
	 SHORT_ICV,
	 true,
	 {O_UNKNOWN_SPI, O_UNKNOWN_SPI, O_UNEXPECTED, O_FORGED, O_FORGED, O_FORGED, O_FORGED,
	  O_FORGED},
	 NULL},
	{21,
	 "no ICV",
	 make_spoiled,
	 NO_ICV,
	 true,
	 {O_UNKNOWN_SPI, O_UNKNOWN_SPI, O_UNEXPECTED, O_FORGED, O_FORGED, O_FORGED, O_FORGED,
	  O_FORGED},
	 NULL},
	{21,
	 "CBC text not whole blocks",
	 make_spoiled,
	 ODD_TEXT,
	 true,
	 {O_UNKNOWN_SPI, O_UNKNOWN_SPI, O_UNEXPECTED, O_FORGED, O_FORGED, O_FORGED, O_FORGED,
	  O_FORGED},
	 "4500"},
	{21, "more padding than text", make_spoiled, PAD_TOO_LONG, true,
	 MX_SEALED(O_SYNTAX, O_SYNTAX), NULL},
	{21, "long padding of any content", make_spoiled, PAD_MORE, true,
	 MX_SEALED(O_ADMITTED, O_FINE), NULL},
	{22,
	 "payload behind SK",
	 make_spoiled,
	 BEHIND,
	 true,
	 {O_UNKNOWN_SPI, O_UNKNOWN_SPI, O_UNEXPECTED, O_MALFORMED, O_MALFORMED, O_MALFORMED,
	  O_MALFORMED, O_MALFORMED},
	 NULL},
	{22, "SK inside SK", make_sk_inside, 0, true, MX_SEALED(O_SYNTAX, O_SYNTAX), NULL},
	{22, "clear notify beside SK", make_spoiled, CLEAR_BEFORE, true,
	 MX_SEALED(O_ADMITTED, O_FINE), NULL},
	{23,
	 "INFORMATIONAL before IKE_AUTH",
	 make_exchange,
	 IKE_EXCH_INFORMATIONAL,
	 true,
	 {O_UNKNOWN_SPI, O_UNKNOWN_SPI, O_UNEXPECTED, O_UNEXPECTED, O_FINE, O_FINE, O_FINE, O_FINE},
	 NULL},
	{23, "CREATE_CHILD_SA before IKE_AUTH", make_exchange, IKE_EXCH_CREATE_CHILD_SA, true,
	 MX_SEALED(O_UNEXPECTED, O_SYNTAX), NULL},
	{23, "IKE_INTERMEDIATE", make_exchange, IKE_EXCH_INTERMEDIATE, true,
	 MX_SEALED(O_UNEXPECTED, O_UNEXPECTED), NULL},
	{23, "exchange type 200", make_exchange, 200, true, MX_SEALED(O_UNEXPECTED, O_UNEXPECTED),
	 NULL},
	{24, "no IDi", make_auth, NO_IDI, true, MX_AUTH(O_SYNTAX), NULL},
	{24, "no AUTH", make_auth, NO_AUTH, true, MX_AUTH(O_REFUSED), NULL},
	{24, "unknown IDi", make_auth, UNKNOWN_ID, true, MX_AUTH(O_REFUSED), NULL},
	{24, "wrong AUTH", make_auth, WRONG_AUTH, true, MX_AUTH(O_REFUSED), NULL},
	{24, "AUTH one octet short", make_auth, SHORT_AUTH, true, MX_AUTH(O_REFUSED), NULL},
	{24, "AUTH method 1", make_auth, METHOD_1, true, MX_AUTH(O_REFUSED), NULL},
	{24, "AUTH method 14", make_auth, METHOD_14, true, MX_AUTH(O_REFUSED), NULL},
	{25, "IKE_AUTH a second time", make_auth, WHOLE, true, MX_AUTH(O_ADMITTED), NULL},
	{25, "IKE_AUTH replayed", make_auth_again, 0, false, AUTH_AGAIN, "500"},
	{25,
	 "IKE_AUTH replayed and changed",
	 make_auth_again,
	 1,
	 false,
	 {O_UNKNOWN_SPI, O_SKIP, O_SKIP, O_FORGED, O_UNEXPECTED, O_UNEXPECTED, O_UNEXPECTED,
	  O_UNEXPECTED},
	 "500"},
	{26, "Message ID ahead by 1", make_ahead, 1, true, MX_SEALED(O_UNEXPECTED, O_UNEXPECTED),
	 NULL},
	{26, "Message ID ahead by 1,000", make_ahead, 1000, true,
	 MX_SEALED(O_UNEXPECTED, O_UNEXPECTED), NULL},
	{26, "Message ID behind by 2", make_ahead, UINT32_MAX - 1, true,
	 MX_SEALED(O_UNEXPECTED, O_UNEXPECTED), NULL},
	{27, "response that nobody asked for", make_response, 0, true, MX_RESPONSE, NULL},
	{27, "response of another exchange", make_response, 1, true, MX_RESPONSE, NULL},
	{27, "response of an unknown exchange", make_response, 2, true, MX_RESPONSE, NULL},
	{28, "I flag of the other side", make_wrong_role, 0, true, MX_ALL(O_UNKNOWN_SPI), NULL},
	{36, "DELETE of an unknown SPI", make_delete, D_UNKNOWN, true, INFO(O_FINE), NULL},
	{36, "DELETE of ESP, AH and IKE", make_delete, D_ALL_KINDS, true, INFO(O_ENDS), NULL},
	{36, "DELETE of 65,535 SPIs", make_delete, D_MANY, true, INFO(O_SYNTAX), NULL},
	{36, "DELETE of IKE with SPI", make_delete, D_IKE_WITH_SPI, true, INFO(O_SYNTAX), NULL},
	{36, "payloads behind DELETE of IKE", make_delete, D_IKE_THEN_MORE, true, INFO(O_ENDS),
	 NULL},
	{36, "DELETE of protocol 9", make_delete, D_PROTOCOL_9, true, INFO(O_SYNTAX), NULL},
	{36, "DELETE cut short", make_delete, D_SHORT, true, INFO(O_SYNTAX), NULL},
	{36, "DELETE with SPIs of 8", make_delete, D_SPI_8, true, INFO(O_SYNTAX), NULL},
	{37, "fragment 0", make_fragment, 0 << 8 | 2, true, MX_SEALED(O_UNEXPECTED, O_UNEXPECTED),
	 NULL},
	{37, "fragment above total", make_fragment, 3 << 8 | 2, true,
	 MX_SEALED(O_UNEXPECTED, O_UNEXPECTED), NULL},
	{37, "65 fragments", make_fragment, 1 << 8 | 65, true,
	 MX_SEALED(O_UNEXPECTED, O_UNEXPECTED), NULL},
};

const size_t mx_sealed_count = ARRAY_LEN(mx_sealed_rows);
