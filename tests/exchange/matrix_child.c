/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of the matrix about the negotiation of Child SAs: in CREATE_CHILD_SA and in IKE_AUTH. */
#include "matrix.h"

#include "ikev2/payload_ke.h"
#include "ikev2/payload_nonce.h"
#include "ikev2/payload_notify.h"
#include "platform/base/mem.h"

#include <string.h>

/* ---- A good request, to be spoiled --------------------------------------------------------- */

static const uint8_t esp_sa[] = {0, 0, 0, 32, 1,    3,	4, 2, 1, 2, 3, 4, 3, 0, 0, 12,
				 1, 0, 0, 20, 0x80, 14, 1, 0, 0, 0, 0, 8, 5, 0, 0, 0};
static const uint8_t ts_a[] = {1,    0,	   0,  0, 7, 0, 0,  16, 0, 0,
			       0xff, 0xff, 10, 0, 1, 0, 10, 0,	1, 255};
static const uint8_t ts_b[] = {1,    0,	   0,  0, 7, 0, 0,  16, 0, 0,
			       0xff, 0xff, 10, 1, 1, 0, 10, 1,	1, 255};

struct child_parts {
	const void *sa, *tsi, *tsr;
	size_t sa_len, tsi_len, tsr_len;
	size_t nonce_len;
	uint16_t group;
	size_t ke_len;
	uint8_t ke[300];
};

static struct child_parts child_default(void)
{
	return (struct child_parts){.sa = esp_sa,
				    .sa_len = sizeof(esp_sa),
				    .tsi = ts_a,
				    .tsi_len = sizeof(ts_a),
				    .tsr = ts_b,
				    .tsr_len = sizeof(ts_b),
				    .nonce_len = 32};
}

static void child(struct mx *m, const struct child_parts *p)
{
	uint8_t nonce[300];

	memset(nonce, 0x77, sizeof(nonce));
	mx_payload(&m->chain, IKE_PAYLOAD_SA, 0, p->sa, p->sa_len);
	if (p->nonce_len)
		mx_payload(&m->chain, IKE_PAYLOAD_NONCE, 0, nonce, p->nonce_len);
	if (p->group)
		payload_ke_write(&m->chain, p->group, view_of(p->ke, p->ke_len));
	mx_payload(&m->chain, IKE_PAYLOAD_TSI, 0, p->tsi, p->tsi_len);
	mx_payload(&m->chain, IKE_PAYLOAD_TSR, 0, p->tsr, p->tsr_len);
}

/* ---- 11 to 16, 29 to 31: negotiating a Child SA -------------------------------------------- */

/* arg: offset in the body of SA and its octet. */
static void make_child_sa(struct mx *m, unsigned arg)
{
	struct child_parts p = child_default();
	static uint8_t sa[sizeof(esp_sa)];

	memcpy(sa, esp_sa, sizeof(sa));
	sa[arg >> 8] = (uint8_t)arg;
	p.sa = sa;
	mx_begin(m, IKE_EXCH_CREATE_CHILD_SA, false);
	child(m, &p);
}

static void make_child_offer(struct mx *m, unsigned kind)
{
	static const struct sa_transform lists[][5] = {
		{{1, 20, 0, false}, {5, 0, 0, false}},			    /* no key length */
		{{1, 20, 256, false}, {3, 12, 0, false}, {5, 0, 0, false}}, /* GCM and INTEG */
		{{1, 20, 256, false}},					    /* no ESN */
		{{1, 20, 256, false}, {5, 0, 0, false}, {9, 1, 0, false}},  /* unknown */
		{{1, 20, 256, false}, {4, 2, 0, false}, {4, 14, 0, false}, {5, 0, 0, false}},
	};
	struct sa_offer o = {.number = 1,
			     .protocol = IKE_PROTO_ESP,
			     .spi_len = 4,
			     .spi = {9, 9, 9, 9}};
	struct child_parts p = child_default();
	uint8_t nonce[32] = {1};

	for (size_t i = 0; i < 5 && lists[kind][i].type; i++)
		o.transform[o.count++] = lists[kind][i];
	mx_begin(m, IKE_EXCH_CREATE_CHILD_SA, false);
	payload_sa_write(&m->chain, &o, 1);
	payload_nonce_write(&m->chain, view_of(nonce, sizeof(nonce)));
	if (kind == 4) { /* the KE is of the weaker group */
		p.ke[127] = 5;
		payload_ke_write(&m->chain, 2, view_of(p.ke, 128));
	}
	mx_payload(&m->chain, IKE_PAYLOAD_TSI, 0, p.tsi, p.tsi_len);
	mx_payload(&m->chain, IKE_PAYLOAD_TSR, 0, p.tsr, p.tsr_len);
}

static void make_child_ke(struct mx *m, unsigned kind)
{
	static uint8_t sa[] = {0,    0,	 0, 40, 1, 3, 4, 3, 1, 2, 3, 4, 3, 0, 0, 12, 1, 0, 0, 20,
			       0x80, 14, 1, 0,	3, 0, 0, 8, 4, 0, 0, 0, 0, 0, 0, 8,  5, 0, 0, 0};
	static const uint16_t groups[] = {31, 14, 19};
	static const size_t lens[] = {31, 256, 64};
	struct child_parts p = child_default();

	sa[31] = (uint8_t)groups[kind];
	p.sa = sa;
	p.sa_len = sizeof(sa);
	p.group = groups[kind];
	p.ke_len = lens[kind];
	memset(p.ke, kind == 1 ? 0 : 0x11, sizeof(p.ke));
	mx_begin(m, IKE_EXCH_CREATE_CHILD_SA, false);
	child(m, &p);
}

static void make_child_nonce(struct mx *m, unsigned len)
{
	struct child_parts p = child_default();

	p.nonce_len = len;
	mx_begin(m, IKE_EXCH_CREATE_CHILD_SA, false);
	child(m, &p);
	if (len == 33)
		mx_payload(&m->chain, IKE_PAYLOAD_NONCE, 0, ts_a, 16); /* a second one */
}

enum ts_kind {
	TS_COUNT_MORE,
	TS_COUNT_LESS,
	TS_COUNT_0,
	TS_BACKWARDS,
	TS_PORTS_BACKWARDS,
	TS_LENGTH_7,
	TS_UNKNOWN_BESIDE,
	TS_UNKNOWN_ONLY,
	TS_255,
	TS_OPAQUE,
	TS_DISJOINT,
};

static size_t ts_body(enum ts_kind kind, uint8_t *buf)
{
	size_t len = sizeof(ts_a);

	memcpy(buf, ts_a, len);
	switch (kind) {
	case TS_COUNT_MORE:
		buf[0] = 2;
		break;
	case TS_COUNT_LESS:
		memcpy(buf + len, ts_a + 4, 16);
		return len + 16;
	case TS_COUNT_0:
		buf[0] = 0;
		return 4;
	case TS_BACKWARDS:
		buf[15] = 255;
		buf[19] = 0;
		break;
	case TS_PORTS_BACKWARDS:
		buf[9] = 9;
		buf[10] = buf[11] = 0;
		break;
	case TS_LENGTH_7:
		buf[7] = 7;
		break;
	case TS_UNKNOWN_BESIDE:
		memcpy(buf + len, ts_a + 4, 16);
		buf[0] = 2;
		buf[len] = 9;
		return len + 16;
	case TS_UNKNOWN_ONLY:
		buf[4] = 9;
		break;
	case TS_255:
		buf[0] = 255;
		for (size_t i = 0; i < 255; i++)
			memcpy(buf + 4 + 16 * i, ts_a + 4, 16);
		return 4 + 255 * 16;
	case TS_OPAQUE:
		buf[8] = buf[9] = 0xff;
		buf[10] = buf[11] = 0;
		break;
	case TS_DISJOINT:
		buf[12] = buf[16] = 11;
		break;
	}
	return len;
}

static void make_child_ts(struct mx *m, unsigned kind)
{
	struct child_parts p = child_default();
	uint8_t ts[5000];

	p.tsi = ts;
	p.tsi_len = ts_body((enum ts_kind)kind, ts);
	mx_begin(m, IKE_EXCH_CREATE_CHILD_SA, false);
	child(m, &p);
}

/* The same in IKE_AUTH. */
static void make_auth_ts(struct mx *m, unsigned kind)
{
	uint8_t ts[5000];
	size_t len = ts_body((enum ts_kind)kind, ts);

	mx_auth_without(m, IKE_PAYLOAD_TSI);
	if (m->state == MX_HALF_OPEN)
		mx_payload(&m->chain, IKE_PAYLOAD_TSI, 0, ts, len);
}

static void make_auth_sa(struct mx *m, unsigned key_bits)
{
	struct sa_offer o = {.number = 1,
			     .protocol = IKE_PROTO_ESP,
			     .spi_len = 4,
			     .spi = {9, 9, 9, 9}};

	sa_offer_add(&o, IKE_TRANSFORM_ENCR, 20, (uint16_t)key_bits);
	sa_offer_add(&o, IKE_TRANSFORM_ESN, 0, 0);
	mx_auth_without(m, IKE_PAYLOAD_SA);
	if (m->state != MX_HALF_OPEN)
		return;
	payload_sa_write(&m->chain, &o, 1);
	if (key_bits == 1) /* and counts that do not fit */
		writer_set_u8(&m->chain.w, m->chain.open_at + 4 + 7, 9);
}

/* REKEY_SA: protocol, SPI size and SPI as given. */
static void make_rekey(struct mx *m, unsigned arg)
{
	uint8_t body[20] = {(uint8_t)(arg >> 8), (uint8_t)arg, 0x40, 0x09, 1, 2, 3, 4};
	struct child_parts p = child_default();

	mx_begin(m, IKE_EXCH_CREATE_CHILD_SA, false);
	mx_payload(&m->chain, IKE_PAYLOAD_NOTIFY, 0, body, 4 + (arg & 0xff));
	child(m, &p);
}

static void make_no_ke_for_ike(struct mx *m, unsigned arg)
{
	uint8_t nonce[32] = {1};

	(void)arg;
	mx_begin(m, IKE_EXCH_CREATE_CHILD_SA, false);
	mx_payload(&m->chain, IKE_PAYLOAD_SA, 0, esp_sa, sizeof(esp_sa));
	payload_nonce_write(&m->chain, view_of(nonce, sizeof(nonce)));
}

/* IKE_FOLLOWUP_KE (RFC 9370 section 2.2.4) that follows nothing.  1: KE, 2: a link, 4: two of them,
 * 8: a response. */
static void make_followup(struct mx *m, unsigned arg)
{
	static const uint8_t link[40] = {1, 2, 3};
	uint8_t ke[32] = {9};

	mx_begin(m, IKE_EXCH_FOLLOWUP_KE, arg & 8);
	m->plain_only |= arg == 0; /* there is nothing to cut */
	if (arg & 1)
		payload_ke_write(&m->chain, 31, view_of(ke, sizeof(ke)));
	for (unsigned i = 0; i < (arg & 4 ? 2u : arg & 2 ? 1u : 0u); i++)
		payload_notify_write(&m->chain, IKE_N_ADDITIONAL_KEY_EXCHANGE,
				     view_of(link, sizeof(link)));
}

/* Two KE payloads. */
static void make_followup_twice(struct mx *m, unsigned arg)
{
	uint8_t ke[32] = {9};

	make_followup(m, arg);
	payload_ke_write(&m->chain, 31, view_of(ke, sizeof(ke)));
}

#define REKEY(o)                                                                     \
	{                                                                            \
		O_UNKNOWN_SPI, O_UNKNOWN_SPI, O_UNEXPECTED, O_UNEXPECTED, o, o, o, o \
	}

const struct mx_input mx_child_rows[] = {
	{11, "proposal length", make_child_sa, 3 << 8 | 200, true, MX_CHILD(O_SYNTAX), NULL},
	{11, "one transform too many", make_child_sa, 7 << 8 | 3, true, MX_CHILD(O_SYNTAX), NULL},
	{11, "last proposal says more", make_child_sa, 0 << 8 | 2, true, MX_CHILD(O_SYNTAX), NULL},
	{11, "counts in IKE_AUTH", make_auth_sa, 1, true, MX_AUTH(O_SYNTAX), NULL},
	{12, "AES without key length", make_child_offer, 0, true, MX_CHILD(O_NO_PROPOSAL), NULL},
	{12, "no ESN transform", make_child_offer, 2, true, MX_CHILD(O_NO_PROPOSAL), NULL},
	{12, "unknown transform type", make_child_offer, 3, true, MX_CHILD(O_NO_PROPOSAL), NULL},
	{13, "GCM with INTEG", make_child_offer, 1, true, MX_CHILD(O_NO_PROPOSAL), NULL},
	{14, "KE of a group not wanted", make_child_offer, 4, true, MX_CHILD(O_INVALID_KE), NULL},
	{15, "X25519 31 octets", make_child_ke, 0, true, MX_CHILD(O_SYNTAX), NULL},
	{15, "MODP value 0", make_child_ke, 1, true, MX_CHILD(O_SYNTAX), NULL},
	{15, "point off the curve", make_child_ke, 2, true, MX_CHILD(O_SYNTAX), NULL},
	/* without TSi these would rekey the IKE SA: both rules want a nonce */
	{16, "no nonce", make_child_nonce, 0, true, MX_SEALED(O_UNEXPECTED, O_SYNTAX), NULL},
	{16, "nonce of 15 octets", make_child_nonce, 15, true, MX_CHILD(O_SYNTAX), NULL},
	{16, "nonce of 257 octets", make_child_nonce, 257, true, MX_CHILD(O_SYNTAX), NULL},
	{16, "two nonces", make_child_nonce, 33, true, MX_SEALED(O_UNEXPECTED, O_SYNTAX), NULL},
	{16, "nonce of 16 octets", make_child_nonce, 16, true, MX_CHILD(O_FINE), NULL},
	{16, "nonce of 256 octets", make_child_nonce, 256, true, MX_CHILD(O_FINE), NULL},
	{29, "selectors disjoint in IKE_AUTH", make_auth_ts, TS_DISJOINT, true,
	 MX_AUTH(O_ADMITTED_TS), NULL},
	{29, "no proposal in IKE_AUTH", make_auth_sa, 192, true, MX_AUTH(O_ADMITTED_NO_PROPOSAL),
	 NULL},
	{30, "fewer selectors than counted", make_child_ts, TS_COUNT_MORE, true, MX_CHILD(O_SYNTAX),
	 NULL},
	{30, "more selectors than counted", make_child_ts, TS_COUNT_LESS, true, MX_CHILD(O_SYNTAX),
	 NULL},
	{30, "no selector", make_child_ts, TS_COUNT_0, true, MX_CHILD(O_SYNTAX), NULL},
	{30, "addresses backwards", make_child_ts, TS_BACKWARDS, true, MX_CHILD(O_SYNTAX), NULL},
	{30, "ports backwards", make_child_ts, TS_PORTS_BACKWARDS, true, MX_CHILD(O_SYNTAX), NULL},
	{30, "selector length 7", make_child_ts, TS_LENGTH_7, true, MX_CHILD(O_SYNTAX), NULL},
	{30, "unknown selector type beside", make_child_ts, TS_UNKNOWN_BESIDE, true,
	 MX_CHILD(O_FINE), NULL},
	{30, "unknown selector type only", make_child_ts, TS_UNKNOWN_ONLY, true, MX_CHILD(O_TS),
	 NULL},
	{30, "255 selectors", make_child_ts, TS_255, true, MX_CHILD(O_FINE), NULL},
	{30, "OPAQUE ports", make_child_ts, TS_OPAQUE, true, MX_CHILD(O_FINE), NULL},
	{30, "selectors disjoint", make_child_ts, TS_DISJOINT, true, MX_CHILD(O_TS), NULL},
	{30, "selector length 7 in IKE_AUTH", make_auth_ts, TS_LENGTH_7, true, MX_AUTH(O_SYNTAX),
	 NULL},
	{31,
	 "REKEY_SA of an unknown SPI",
	 make_rekey,
	 3 << 8 | 4,
	 true,
	 {O_UNKNOWN_SPI, O_UNKNOWN_SPI, O_UNEXPECTED, O_UNEXPECTED, O_NOT_FOUND, O_TEMPORARY,
	  O_NOT_FOUND, O_TEMPORARY},
	 NULL},
	{31, "REKEY_SA of protocol 0", make_rekey, 0 << 8 | 4, true, REKEY(O_SYNTAX), NULL},
	{31, "REKEY_SA of protocol 1", make_rekey, 1 << 8 | 4, true, REKEY(O_SYNTAX), NULL},
	{31, "REKEY_SA with an SPI of 8", make_rekey, 3 << 8 | 8, true, REKEY(O_SYNTAX), NULL},
	{31, "REKEY_SA without SPI", make_rekey, 3 << 8 | 0, true, REKEY(O_SYNTAX), NULL},
	{23, "IKE_FOLLOWUP_KE after nothing", make_followup, 3, true, REKEY(O_STATE_NOT_FOUND),
	 NULL},
	{23, "IKE_FOLLOWUP_KE without link", make_followup, 1, true, REKEY(O_STATE_NOT_FOUND),
	 NULL},
	{23, "IKE_FOLLOWUP_KE with two links", make_followup, 5, true, REKEY(O_STATE_NOT_FOUND),
	 NULL},
	{23, "IKE_FOLLOWUP_KE without KE", make_followup, 2, true, REKEY(O_SYNTAX), NULL},
	{23, "IKE_FOLLOWUP_KE, empty", make_followup, 0, true, REKEY(O_SYNTAX), NULL},
	{23, "IKE_FOLLOWUP_KE with two KE", make_followup_twice, 3, true, REKEY(O_SYNTAX), NULL},
	{27, "IKE_FOLLOWUP_KE as an answer", make_followup, 11, true, MX_RESPONSE, NULL},
	{31, "IKE SA rekeying without KE", make_no_ke_for_ike, 0, true, REKEY(O_SYNTAX), NULL},
};

const size_t mx_child_count = ARRAY_LEN(mx_child_rows);
