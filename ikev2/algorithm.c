/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The table of algorithms; see algorithm.h.  Sizes: AES RFC 3602, AES-GCM RFC 4106 and 5282, HMAC
 * RFC 2404 and 4868, key exchange RFC 2409, 3526, 5903, 8031, FIPS 203 section 8.  No computation
 * here.
 */
#include "ikev2/algorithm.h"

#include "ikev2/kem.h"
#include "platform/base/mem.h"

#include <stdio.h>
#include <string.h>

#define GCM(bits, octets)                                                                          \
	{                                                                                          \
		.type = IKE_TRANSFORM_ENCR, .id = IKE_ENCR_AES_GCM_16, .key_bits = (bits),         \
		.name = "aes-gcm-" #bits, .openssl = "AES-" #bits "-GCM", .key_len = (octets) + 4, \
		.salt_len = 4, .iv_len = 8, .block_len = 1, .icv_len = 16, .aead = true            \
	}
#define CBC(bits, octets)                                                                      \
	{                                                                                      \
		.type = IKE_TRANSFORM_ENCR, .id = IKE_ENCR_AES_CBC, .key_bits = (bits),        \
		.name = "aes-cbc-" #bits, .openssl = "AES-" #bits "-CBC", .key_len = (octets), \
		.iv_len = 16, .block_len = 16                                                  \
	}
#define PRF(number, text, digest, octets, old)                                                  \
	{                                                                                       \
		.type = IKE_TRANSFORM_PRF, .id = (number), .name = (text), .openssl = (digest), \
		.key_len = (octets), .out_len = (octets), .legacy = (old)                       \
	}
#define INTEG(number, text, digest, octets, icv, old)                                             \
	{                                                                                         \
		.type = IKE_TRANSFORM_INTEG, .id = (number), .name = (text), .openssl = (digest), \
		.key_len = (octets), .out_len = (octets), .icv_len = (icv), .legacy = (old)       \
	}
#define KE(number, text, public_octets, secret_octets, private_octets, old)                     \
	{                                                                                       \
		.type = IKE_TRANSFORM_KE, .id = (number), .name = (text),                       \
		.out_len = (public_octets), .reply_len = (public_octets),                       \
		.secret_len = (secret_octets), .private_len = (private_octets), .legacy = (old) \
	}

#define KEM(number, text, key_octets, ciphertext_octets)                                           \
	{                                                                                          \
		.type = IKE_TRANSFORM_KE, .id = (number), .name = (text), .out_len = (key_octets), \
		.reply_len = (ciphertext_octets), .secret_len = KEM_SECRET_LEN,                    \
		.private_len = KEM_SEED_LEN, .kem = true                                           \
	}

#define KEMS 3

/* Per type strongest first.  Private values of MODP groups: at least twice the group's strength. */
static const struct ike_algorithm algorithms[] = {
	GCM(256, 32),
	GCM(128, 16),
	CBC(256, 32),
	CBC(128, 16),
	PRF(IKE_PRF_HMAC_SHA2_512, "sha2-512", "SHA2-512", 64, false),
	PRF(IKE_PRF_HMAC_SHA2_384, "sha2-384", "SHA2-384", 48, false),
	PRF(IKE_PRF_HMAC_SHA2_256, "sha2-256", "SHA2-256", 32, false),
	PRF(IKE_PRF_HMAC_SHA1, "sha1", "SHA1", 20, true),
	INTEG(IKE_INTEG_HMAC_SHA2_512_256, "sha2-512", "SHA2-512", 64, 32, false),
	INTEG(IKE_INTEG_HMAC_SHA2_384_192, "sha2-384", "SHA2-384", 48, 24, false),
	INTEG(IKE_INTEG_HMAC_SHA2_256_128, "sha2-256", "SHA2-256", 32, 16, false),
	INTEG(IKE_INTEG_HMAC_SHA1_96, "sha1", "SHA1", 20, 12, true),
	KE(IKE_KE_ECP_384, "dh20", 96, 48, 48, false),
	KE(IKE_KE_MODP_4096, "dh16", 512, 512, 48, false),
	KE(IKE_KE_ECP_256, "dh19", 64, 32, 32, false),
	KE(IKE_KE_CURVE25519, "dh31", 32, 32, 32, false),
	KE(IKE_KE_MODP_3072, "dh15", 384, 384, 40, false),
	KE(IKE_KE_MODP_2048, "dh14", 256, 256, 32, false),
	KE(IKE_KE_MODP_1536, "dh5", 192, 192, 32, true),
	KE(IKE_KE_MODP_1024, "dh2", 128, 128, 32, true),
	/* KEMS of them; behind the others, because automatic never takes one */
	KEM(IKE_KE_ML_KEM_1024, "ml-kem-1024", 1568, 1568),
	KEM(IKE_KE_ML_KEM_768, "ml-kem-768", 1184, 1088),
	KEM(IKE_KE_ML_KEM_512, "ml-kem-512", 800, 768),
};

const struct ike_algorithm *algorithm_find(enum ike_transform_type type, uint16_t id,
					   uint16_t key_bits)
{
	for (size_t i = 0; i < ARRAY_LEN(algorithms); i++) {
		const struct ike_algorithm *a = &algorithms[i];

		if (a->type == type && a->id == id &&
		    (type != IKE_TRANSFORM_ENCR || a->key_bits == key_bits))
			return a->kem && !kem_is_available(id) ? NULL : a;
	}
	return NULL;
}

const struct ike_algorithm *algorithm_at(size_t index)
{
	return index < ARRAY_LEN(algorithms) - KEMS ? &algorithms[index] : NULL;
}

size_t algorithm_rank(enum ike_transform_type type, uint16_t id, uint16_t key_bits)
{
	const struct ike_algorithm *found = algorithm_find(type, id, key_bits);
	size_t rank = 0;

	if (!found)
		return SIZE_MAX;
	for (const struct ike_algorithm *a = algorithms; a != found; a++)
		if (a->type == type)
			rank++;
	return rank;
}

bool suite_is_aead(const struct ike_suite *s)
{
	const struct ike_algorithm *a = algorithm_find(IKE_TRANSFORM_ENCR, s->encr, s->key_bits);

	return a && a->aead;
}

static const char *name_of(enum ike_transform_type type, uint16_t id, uint16_t key_bits)
{
	const struct ike_algorithm *a = algorithm_find(type, id, key_bits);

	return a ? a->name : "unknown";
}

const char *ike_suite_text(const struct ike_suite *s, char *buf, size_t size)
{
	char part[3][24] = {"", "", ""};

	if (s->integ)
		snprintf(part[0], sizeof(part[0]), " %s",
			 name_of(IKE_TRANSFORM_INTEG, s->integ, 0));
	if (s->prf)
		snprintf(part[1], sizeof(part[1]), " prf %s",
			 name_of(IKE_TRANSFORM_PRF, s->prf, 0));
	if (s->ke)
		snprintf(part[2], sizeof(part[2]), " dh %u", (unsigned)s->ke);
	for (size_t i = 0; i < IKE_ADDKE_MAX; i++) {
		size_t len = strlen(part[2]);

		if (s->addke[i])
			snprintf(part[2] + len, sizeof(part[2]) - len, "+%u", s->addke[i]);
	}
	snprintf(buf, size, "%s%s%s%s%s",
		 s->encr ? name_of(IKE_TRANSFORM_ENCR, s->encr, s->key_bits) : "none", part[0],
		 part[1], part[2], s->esn ? " esn" : "");
	return buf;
}
