/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HMAC with a kept key, and prf+ (RFC 7296 section 2.13); see prf.h. */
#include "ikev2/prf.h"

#include <openssl/evp.h>
#include <string.h>

int prf_init(struct prf *p, const struct crypto *c, enum ike_transform_type type, uint16_t id,
	     struct view key)
{
	const struct ike_algorithm *a = algorithm_find(type, id, 0);
	const EVP_MAC_CTX *template = crypto_hmac(c, type, id);
	EVP_MAC_CTX *ctx;

	if (!a || !template)
		return ERR_UNSUPPORTED;
	ctx = EVP_MAC_CTX_dup(template);
	if (!ctx)
		return ERR_CRYPTO;
	/* A NULL key would mean "the one from before". */
	if (!EVP_MAC_init(ctx, key.len ? key.data : (const uint8_t *)"", key.len, NULL)) {
		EVP_MAC_CTX_free(ctx);
		return ERR_CRYPTO;
	}
	p->ctx = ctx;
	p->len = a->out_len;
	return 0;
}

void prf_clear(struct prf *p)
{
	EVP_MAC_CTX_free(p->ctx);
	p->ctx = NULL;
}

int prf_run(struct prf *p, const struct view *parts, size_t count, uint8_t *out)
{
	size_t len = 0;

	if (!EVP_MAC_init(p->ctx, NULL, 0, NULL))
		return ERR_CRYPTO;
	for (size_t i = 0; i < count; i++)
		if (parts[i].len && !EVP_MAC_update(p->ctx, parts[i].data, parts[i].len))
			return ERR_CRYPTO;
	if (!EVP_MAC_final(p->ctx, out, &len, PRF_LEN_MAX) || len != p->len)
		return ERR_CRYPTO;
	return 0;
}

#define PLUS_PARTS_MAX 8

int prf_plus(struct prf *p, const struct view *seed, size_t count, uint8_t *out, size_t len)
{
	struct view parts[PLUS_PARTS_MAX + 2];
	uint8_t block[PRF_LEN_MAX];
	uint8_t number = 0;
	size_t block_len = 0; /* T1 has no predecessor */
	int rc = 0;

	if (count > PLUS_PARTS_MAX || len > 255 * p->len)
		return ERR_RANGE;
	for (size_t i = 0; i < count; i++)
		parts[i + 1] = seed[i];
	parts[count + 1] = view_of(&number, 1);
	while (len && rc == 0) {
		size_t take = len < p->len ? len : p->len;

		number++;
		parts[0] = view_of(block, block_len);
		rc = prf_run(p, parts, count + 2, block);
		if (rc)
			break;
		block_len = p->len;
		memcpy(out, block, take);
		out += take;
		len -= take;
	}
	bytes_wipe(block, sizeof(block));
	return rc;
}

int prf_once(const struct crypto *c, uint16_t id, struct view key, const struct view *parts,
	     size_t count, struct secret *out)
{
	struct prf p;
	uint8_t block[PRF_LEN_MAX];
	int rc = prf_init(&p, c, IKE_TRANSFORM_PRF, id, key);

	if (rc)
		return rc;
	rc = prf_run(&p, parts, count, block);
	if (rc == 0)
		secret_set(out, block, p.len);
	bytes_wipe(block, sizeof(block));
	prf_clear(&p);
	return rc;
}
