/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Key derivation (RFC 7296 sections 2.13 to 2.18, RFC 8784); see keymat.h.  Every intermediate
 * value is wiped.
 */
#include "ikev2/keymat.h"

#include "ikev2/prf.h"
#include "platform/base/mem.h"

#define PIECES_MAX 7

/* Consecutive slices of one prf+ output. */
struct pieces {
	size_t count;
	struct {
		struct secret *out;
		size_t len;
	} item[PIECES_MAX];
};

static void piece(struct pieces *p, struct secret *out, size_t len)
{
	p->item[p->count].out = out;
	p->item[p->count++].len = len;
}

/* Fill the pieces from prf+(key, seed). */
static int derive(const struct crypto *c, uint16_t prf_id, struct view key, const struct view *seed,
		  size_t seed_count, const struct pieces *p)
{
	struct prf prf;
	struct secret all = SECRET_NONE;
	size_t total = 0, at = 0;
	int rc = prf_init(&prf, c, IKE_TRANSFORM_PRF, prf_id, key);

	if (rc)
		return rc;
	for (size_t i = 0; i < p->count; i++)
		total += p->item[i].len;
	secret_alloc(&all, total);
	rc = prf_plus(&prf, seed, seed_count, all.data, total);
	for (size_t i = 0; rc == 0 && i < p->count; i++) {
		secret_set(p->item[i].out, all.data + at, p->item[i].len);
		at += p->item[i].len;
	}
	secret_clear(&all);
	prf_clear(&prf);
	return rc;
}

int keymat_child_lengths(const struct ike_suite *suite, size_t *encr_len, size_t *integ_len)
{
	const struct ike_algorithm *encr =
		algorithm_find(IKE_TRANSFORM_ENCR, suite->encr, suite->key_bits);
	const struct ike_algorithm *integ = algorithm_find(IKE_TRANSFORM_INTEG, suite->integ, 0);

	if (!encr || (!encr->aead && !integ))
		return ERR_UNSUPPORTED;
	*encr_len = encr->key_len;
	*integ_len = encr->aead ? 0 : integ->key_len;
	return 0;
}

void keymat_ike_clear(struct keymat_ike *k)
{
	secret_clear(&k->sk_d);
	secret_clear(&k->sk_ai);
	secret_clear(&k->sk_ar);
	secret_clear(&k->sk_ei);
	secret_clear(&k->sk_er);
	secret_clear(&k->sk_pi);
	secret_clear(&k->sk_pr);
}

/* Section 2.14: {SK_d | SK_ai | SK_ar | SK_ei | SK_er | SK_pi | SK_pr} =
 * prf+(SKEYSEED, Ni | Nr | SPIi | SPIr). */
static int ike_keys(const struct crypto *c, const struct keymat_ike_input *in,
		    const struct secret *skeyseed, struct keymat_ike *out)
{
	const struct ike_algorithm *prf = algorithm_find(IKE_TRANSFORM_PRF, in->suite->prf, 0);
	uint8_t spis[16];
	struct writer w = writer_of(spis, sizeof(spis));
	struct view seed[3] = {in->ni, in->nr, view_of(spis, sizeof(spis))};
	struct pieces p = {0};
	size_t encr_len, integ_len;
	int rc = keymat_child_lengths(in->suite, &encr_len, &integ_len);

	if (rc)
		return rc;
	if (!prf)
		return ERR_UNSUPPORTED;
	writer_u64(&w, in->spi_i);
	writer_u64(&w, in->spi_r);
	piece(&p, &out->sk_d, prf->key_len);
	piece(&p, &out->sk_ai, integ_len);
	piece(&p, &out->sk_ar, integ_len);
	piece(&p, &out->sk_ei, encr_len);
	piece(&p, &out->sk_er, encr_len);
	piece(&p, &out->sk_pi, prf->key_len);
	piece(&p, &out->sk_pr, prf->key_len);
	return derive(c, in->suite->prf, secret_view(skeyseed), seed, ARRAY_LEN(seed), &p);
}

int keymat_ike_initial(const struct crypto *c, const struct keymat_ike_input *in,
		       struct keymat_ike *out)
{
	struct secret nonces = SECRET_NONE;
	struct secret skeyseed = SECRET_NONE;
	struct view shared = secret_view(in->shared);
	struct writer w;
	int rc;

	secret_alloc(&nonces, in->ni.len + in->nr.len);
	w = writer_of(nonces.data, nonces.len);
	writer_put(&w, in->ni);
	writer_put(&w, in->nr);
	rc = prf_once(c, in->suite->prf, secret_view(&nonces), &shared, 1, &skeyseed);
	if (rc == 0)
		rc = ike_keys(c, in, &skeyseed, out);
	secret_clear(&skeyseed);
	secret_clear(&nonces);
	return rc;
}

static struct view view_of_more(const struct secret *more)
{
	return more ? secret_view(more) : view_of(NULL, 0);
}

int keymat_ike_rekey(const struct crypto *c, uint16_t old_prf, const struct secret *old_sk_d,
		     const struct keymat_ike_input *in, struct keymat_ike *out)
{
	struct view parts[4] = {secret_view(in->shared), in->ni, in->nr, view_of_more(in->more)};
	struct secret skeyseed = SECRET_NONE;
	int rc = prf_once(c, old_prf, secret_view(old_sk_d), parts, ARRAY_LEN(parts), &skeyseed);

	if (rc == 0)
		rc = ike_keys(c, in, &skeyseed, out);
	secret_clear(&skeyseed);
	return rc;
}

void keymat_child_clear(struct keymat_child *k)
{
	secret_clear(&k->encr_i);
	secret_clear(&k->integ_i);
	secret_clear(&k->encr_r);
	secret_clear(&k->integ_r);
}

int keymat_child(const struct crypto *c, uint16_t prf, const struct secret *sk_d,
		 const struct ike_suite *suite, struct view ni, struct view nr,
		 const struct secret *shared, const struct secret *more, struct keymat_child *out)
{
	struct view seed[4] = {view_of_more(shared), ni, nr, view_of_more(more)};
	struct pieces p = {0};
	size_t encr_len, integ_len;
	int rc = keymat_child_lengths(suite, &encr_len, &integ_len);

	if (rc)
		return rc;
	/* Initiator to responder first, and encryption before integrity. */
	piece(&p, &out->encr_i, encr_len);
	piece(&p, &out->integ_i, integ_len);
	piece(&p, &out->encr_r, encr_len);
	piece(&p, &out->integ_r, integ_len);
	return derive(c, prf, secret_view(sk_d), seed, ARRAY_LEN(seed), &p);
}

int keymat_psk_auth(const struct crypto *c, const struct keymat_auth_input *in, struct secret *out)
{
	static const char pad[] = "Key Pad for IKEv2"; /* 17 octets, without NUL */
	struct view pad_part = view_of(pad, sizeof(pad) - 1);
	struct secret key = SECRET_NONE;
	struct secret maced_id = SECRET_NONE;
	int rc = prf_once(c, in->prf, secret_view(in->psk), &pad_part, 1, &key);

	if (rc == 0)
		rc = prf_once(c, in->prf, secret_view(in->sk_p), &in->id_body, 1, &maced_id);
	if (rc == 0) {
		struct view octets[4] = {in->message, in->nonce, secret_view(&maced_id),
					 in->int_auth};

		rc = prf_once(c, in->prf, secret_view(&key), octets, ARRAY_LEN(octets), out);
	}
	secret_clear(&key);
	secret_clear(&maced_id);
	return rc;
}

int keymat_psk_verify(const struct crypto *c, const struct keymat_auth_input *in, struct view auth)
{
	struct secret expected = SECRET_NONE;
	int rc = keymat_psk_auth(c, in, &expected);

	if (rc == 0 &&
	    (auth.len != expected.len || !bytes_equal_ct(auth.data, expected.data, expected.len)))
		rc = ERR_DENIED;
	secret_clear(&expected);
	return rc;
}

int keymat_ppk_mix(const struct crypto *c, uint16_t prf, const struct secret *ppk,
		   struct keymat_ike *k)
{
	struct secret *mixed[3] = {&k->sk_d, &k->sk_pi, &k->sk_pr};

	for (size_t i = 0; i < ARRAY_LEN(mixed); i++) {
		struct view seed = secret_view(mixed[i]);
		struct pieces p = {0};
		struct secret out = SECRET_NONE;
		int rc;

		piece(&p, &out, seed.len);
		rc = derive(c, prf, secret_view(ppk), &seed, 1, &p);
		if (rc)
			return rc;
		secret_move(mixed[i], &out);
	}
	return 0;
}
