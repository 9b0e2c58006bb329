/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ladder: each message as a line such as "1.050  B <-- A  CREATE_CHILD_SA { SA, Nr, KEr }". */
#include "sim.h"

#include "ikev2/crypto.h"
#include "ikev2/payload_delete.h"
#include "ikev2/payload_notify.h"
#include "platform/base/mem.h"

#include <stdio.h>
#include <stdlib.h>

struct key {
	struct list link;
	uint64_t spi_i, spi_r;
	struct sk_key i, r;
};

void sim_ladder_key(struct sim *s, struct ike_keylog *k)
{
	struct key *key;

	if (s->quiet)
		return;
	key = mem_zalloc(sizeof(*key));
	key->spi_i = k->spi_i;
	key->spi_r = k->spi_r;
	if (sk_key_init(&key->i, &k->suite, &k->sk_ei, &k->sk_ai) ||
	    sk_key_init(&key->r, &k->suite, &k->sk_er, &k->sk_ar)) {
		free(key);
		return;
	}
	list_prepend(&s->keys, &key->link);
}

void sim_ladder_clear(struct sim *s)
{
	struct list *n, *after;

	list_for_each(n, after, &s->keys)
	{
		struct key *k = container_of(n, struct key, link);

		list_remove(&k->link);
		sk_key_clear(&k->i);
		sk_key_clear(&k->r);
		free(k);
	}
}

static const struct key *key_find(const struct sim *s, const struct message_header *h)
{
	struct list *n, *after;

	list_for_each(n, after, &s->keys)
	{
		const struct key *k = container_of(n, struct key, link);

		if (k->spi_i == h->spi_i && k->spi_r == h->spi_r)
			return k;
	}
	return NULL;
}

static void payload_text(const struct payload *p, bool response, struct strbuf *out)
{
	struct payload_notify n;
	struct payload_delete d;
	char name[48];

	switch (p->type) {
	case IKE_PAYLOAD_NOTIFY:
		if (payload_notify_read(p->body, &n))
			strbuf_add(out, "N(?)");
		else
			strbuf_printf(out, "N(%s)", ike_notify_name(n.type, name, sizeof(name)));
		return;
	case IKE_PAYLOAD_DELETE:
		if (payload_delete_read(p->body, &d) == 0 && d.protocol == IKE_PROTO_ESP)
			strbuf_printf(out, "D(ESP %08x)", payload_delete_spi(&d, 0));
		else
			strbuf_add(out, "D(IKE)");
		return;
	case IKE_PAYLOAD_KE:
		strbuf_add(out, response ? "KEr" : "KEi");
		return;
	case IKE_PAYLOAD_NONCE:
		strbuf_add(out, response ? "Nr" : "Ni");
		return;
	default:
		strbuf_add(out, enum_name(ike_payload_names, p->type));
		return;
	}
}

static void list_text(const struct payload_list *l, bool response, struct strbuf *out)
{
	for (size_t i = 0; i < l->count; i++) {
		if (i > 0)
			strbuf_add(out, ", ");
		payload_text(&l->item[i], response, out);
	}
}

static void inside(struct sim *s, struct view bytes, const struct message_header *h,
		   const struct payload *sk, struct strbuf *out)
{
	const struct key *k = key_find(s, h);
	struct crypto *c = crypto_new();
	struct payload_list inner;
	uint8_t plain[16384];
	struct view chain;

	if (!k ||
	    sk_open(c, h->flags & MESSAGE_INITIATOR ? &k->i : &k->r, bytes, sk, plain,
		    sizeof(plain), &chain) ||
	    payload_list_read(sk->next, chain, true, &inner))
		strbuf_add(out, "SK");
	else
		list_text(&inner, h->flags & MESSAGE_RESPONSE, out);
	crypto_free(c);
}

static void message_text(struct sim *s, const uint8_t *bytes, size_t len, struct strbuf *out)
{
	struct view v = view_of(bytes, len);
	struct message_header h;
	struct payload_list l;
	const struct payload *sk;

	if (len > 4 && bytes[0] == 0 && bytes[1] == 0 && bytes[2] == 0 && bytes[3] == 0)
		v = view_of(bytes + 4, len - 4);
	if (message_header_read(v, &h)) {
		strbuf_printf(out, "? (%zu octets)", len);
		return;
	}
	strbuf_printf(out, "%s%s %u { ", enum_name(ike_exchange_names, h.exchange),
		      h.flags & MESSAGE_RESPONSE ? " response" : "", h.id);
	if (message_payloads_read(v, &h, &l)) {
		strbuf_add(out, "?");
	} else {
		sk = payload_find(&l, IKE_PAYLOAD_SK);
		if (sk)
			inside(s, v, &h, sk, out);
		else
			list_text(&l, h.flags & MESSAGE_RESPONSE, out);
	}
	strbuf_printf(out, " } %04x", (unsigned)(h.spi_i & 0xffff));
}

static void stamp(struct sim *s)
{
	strbuf_printf(&s->ladder, "%4llu.%03llu  ", (unsigned long long)(s->now_ms / 1000),
		      (unsigned long long)(s->now_ms % 1000));
}

void sim_ladder_message(struct sim *s, int from, int to, const char *fate, const uint8_t *bytes,
			size_t len)
{
	if (s->quiet)
		return;
	stamp(s);
	strbuf_printf(&s->ladder, "%c --> %c  ", 'A' + from, to < 0 ? '?' : 'A' + to);
	message_text(s, bytes, len, &s->ladder);
	strbuf_printf(&s->ladder, "%s%s\n", *fate ? "  " : "", fate);
}

void sim_ladder_note(struct sim *s, const char *fmt, ...)
{
	char text[256];
	va_list args;

	if (s->quiet)
		return;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	stamp(s);
	strbuf_printf(&s->ladder, "         %s\n", text);
}
