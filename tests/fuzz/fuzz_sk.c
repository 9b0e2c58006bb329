/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SK and SKF: forged messages never open; every plaintext comes back.  First octet: which suite. */
#include "ikev2/sk.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
	if (!ok)
		abort();
}

static const struct ike_suite suites[] = {
	{.encr = 20, .key_bits = 128},
	{.encr = 20, .key_bits = 256},
	{.encr = 12, .key_bits = 128, .integ = 2},
	{.encr = 12, .key_bits = 256, .integ = 14},
};

static void key_make(struct sk_key *k, const struct ike_suite *s)
{
	const struct ike_algorithm *e = algorithm_find(IKE_TRANSFORM_ENCR, s->encr, s->key_bits);
	const struct ike_algorithm *i = algorithm_find(IKE_TRANSFORM_INTEG, s->integ, 0);
	struct secret encr = SECRET_NONE, integ = SECRET_NONE;

	secret_alloc(&encr, e->key_len);
	if (i)
		secret_alloc(&integ, i->key_len);
	must(sk_key_init(k, s, &encr, &integ) == 0);
	secret_clear(&encr);
	secret_clear(&integ);
}

static void no_random(void *arg, void *buf, size_t len)
{
	(void)arg;
	memset(buf, 0x5a, len);
}

/* The key that opens is not the one that anybody sealed with. */
static void forged(const struct crypto *c, const struct sk_key *k, struct view message)
{
	struct message_header h;
	struct payload_list l;
	uint8_t *plain = malloc(message.len + 1);
	struct view out;

	must(plain != NULL);
	if (message_header_read(message, &h) == 0 && message_payloads_read(message, &h, &l) == 0)
		for (size_t i = 0; i < l.count; i++) {
			if (l.item[i].type == IKE_PAYLOAD_SK)
				must(sk_open(c, k, message, &l.item[i], plain, message.len, &out) !=
				     0);
			if (l.item[i].type == IKE_PAYLOAD_SKF)
				must(sk_open_fragment(c, k, message, &l.item[i], plain, message.len,
						      &out) != 0);
		}
	free(plain);
}

static void round_trip(const struct crypto *c, struct sk_key *k, struct view chain)
{
	struct ike_random random = {.bytes = no_random};
	struct message_header h = {.spi_i = 1, .exchange = 37};
	size_t need = sk_sealed_len(k, chain.len), len;
	uint8_t *sealed = malloc(need), *plain = malloc(need);
	struct payload_list l;
	struct view out;

	must(sealed && plain);
	must(sk_seal(c, k, &random, &h, 41, chain, sealed, need, &len) == 0 && len == need);
	must(message_header_read(view_of(sealed, len), &h) == 0);
	must(message_payloads_read(view_of(sealed, len), &h, &l) == 0 && l.count == 1);
	must(sk_open(c, k, view_of(sealed, len), &l.item[0], plain, need, &out) == 0);
	must(view_equal(out, chain));
	free(sealed);
	free(plain);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct crypto *c;
	struct sk_key k;

	if (!c)
		c = crypto_new();
	if (size < 1 || size > 4096)
		return 0;
	key_make(&k, &suites[data[0] & 3]);
	round_trip(c, &k, view_of(data + 1, size - 1));
	k.encr_key.data[0] ^= 1;
	if (k.integ_key.len)
		k.integ_key.data[0] ^= 1;
	forged(c, &k, view_of(data + 1, size - 1));
	sk_key_clear(&k);
	return 0;
}
