/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A datagram as it comes from anybody: header, chain, rules, each payload's decoder. */
#include "ikev2/message.h"
#include "ikev2/payload_auth.h"
#include "ikev2/payload_delete.h"
#include "ikev2/payload_id.h"
#include "ikev2/payload_ke.h"
#include "ikev2/payload_nonce.h"
#include "ikev2/payload_notify.h"
#include "ikev2/payload_sa.h"
#include "ikev2/payload_ts.h"
#include "ikev2/proposal.h"
#include "ikev2/qcd.h"
#include "ikev2/rules.h"
#include "ikev2/sk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_id(struct view body)
{
	struct payload_id p;
	struct ike_id id;
	char text[300];

	if (payload_id_read(body, &p) == 0) {
		(void)payload_id_value(&p, &id);
		ike_id_text(&id, text, sizeof(text));
	}
}

static void read_notify(struct view body)
{
	struct payload_notify n;
	uint16_t group;
	char text[32];

	if (payload_notify_read(body, &n) == 0) {
		(void)notify_spi(&n);
		(void)notify_ke_group(&n, &group);
		(void)ike_notify_name(n.type, text, sizeof(text));
	}
}

static void read_token(const struct payload *p)
{
	struct view token = qcd_token_read(p);

	if (token.len != 0 && (token.len < QCD_TOKEN_MIN || token.len > QCD_TOKEN_MAX))
		__builtin_trap();
}

static void read_delete(struct view body)
{
	struct payload_delete d;

	if (payload_delete_read(body, &d) == 0)
		for (uint32_t i = 0; i <= d.count; i++)
			(void)payload_delete_spi(&d, (uint16_t)i);
}

static void read_sa(struct view body)
{
	struct payload_sa sa;
	char text[320];

	if (payload_sa_read(body, &sa) == 0)
		proposal_offer_text(&sa, text, sizeof(text));
}

static void read_payload(const struct payload *p)
{
	struct payload_auth auth;
	struct payload_ke ke;
	struct payload_ts ts;
	struct view nonce;
	uint16_t number, total;

	switch (p->type) {
	case IKE_PAYLOAD_SA:
		read_sa(p->body);
		break;
	case IKE_PAYLOAD_KE:
		(void)!payload_ke_read(p->body, &ke);
		break;
	case IKE_PAYLOAD_IDI:
	case IKE_PAYLOAD_IDR:
		read_id(p->body);
		break;
	case IKE_PAYLOAD_AUTH:
		(void)!payload_auth_read(p->body, &auth);
		break;
	case IKE_PAYLOAD_NONCE:
		(void)!payload_nonce_read(p->body, &nonce);
		break;
	case IKE_PAYLOAD_NOTIFY:
		read_notify(p->body);
		read_token(p);
		break;
	case IKE_PAYLOAD_DELETE:
		read_delete(p->body);
		break;
	case IKE_PAYLOAD_TSI:
	case IKE_PAYLOAD_TSR:
		(void)!payload_ts_read(p->body, &ts);
		break;
	case IKE_PAYLOAD_SKF:
		(void)!sk_fragment_numbers(p, &number, &total);
		break;
	default:
		break;
	}
}

static void read_list(const struct message_header *h, bool is_protected,
		      const struct payload_list *l)
{
	(void)rules_check(h->exchange, h->flags & MESSAGE_RESPONSE, is_protected, l);
	for (size_t i = 0; i < l->count; i++)
		read_payload(&l->item[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view message = view_of(data, size);
	struct message_header h;
	struct payload_list l;

	if (message_header_read(message, &h))
		return 0;
	if (message_payloads_read(message, &h, &l) == 0)
		read_list(&h, h.exchange != IKE_EXCH_SA_INIT, &l);
	/* the same octets as if they had been inside SK */
	if (payload_list_read(h.next_payload, view_of(data + 28, size - 28), true, &l) == 0)
		read_list(&h, true, &l);
	return 0;
}
