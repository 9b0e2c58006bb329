/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Key derivation: RFC 7296 sections 2.13 to 2.18, PPK of RFC 8784.  Everything that comes out is a
 * secret.  On failure (ERR_CRYPTO, ERR_UNSUPPORTED) outputs hold no partial keys.
 */
#ifndef IKEV2_KEYMAT_H
#define IKEV2_KEYMAT_H

#include "ikev2/crypto.h"

/* Keys of one IKE SA; i and r are its original initiator and responder. */
struct keymat_ike {
	struct secret sk_d;
	struct secret sk_ai, sk_ar; /* empty with AES-GCM */
	struct secret sk_ei, sk_er; /* AES-GCM: key, then 4 octets of salt */
	struct secret sk_pi, sk_pr;
};

void keymat_ike_clear(struct keymat_ike *k);

/* What both derivations of an IKE SA need. */
struct keymat_ike_input {
	const struct ike_suite *suite; /* of the new IKE SA */
	struct view ni, nr;	       /* nonces of the exchange that makes it */
	uint64_t spi_i, spi_r;	       /* of the new IKE SA */
	const struct secret *shared;   /* g^ir, left-padded as the group demands */
	const struct secret *more;     /* rekey: SK(1) | SK(2) | ... of RFC 9370; NULL: none */
};

/* IKE_SA_INIT: SKEYSEED = prf(Ni | Nr, g^ir), section 2.14. */
int keymat_ike_initial(const struct crypto *c, const struct keymat_ike_input *in,
		       struct keymat_ike *out) WARN_UNUSED;

/* Rekey: SKEYSEED = prf(SK_d (old), g^ir (new) | Ni | Nr) with the old SA's PRF, section 2.18; with
 * additional key exchanges, their secrets behind (RFC 9370 section 2.2.4). */
int keymat_ike_rekey(const struct crypto *c, uint16_t old_prf, const struct secret *old_sk_d,
		     const struct keymat_ike_input *in, struct keymat_ike *out) WARN_UNUSED;

/* Keys of one Child SA pair; i and r are the initiator and responder of the exchange that made it:
 * encr_i and integ_i protect what the initiator sends. */
struct keymat_child {
	struct secret encr_i, integ_i;
	struct secret encr_r, integ_r;
};

void keymat_child_clear(struct keymat_child *k);
/* Octets of each key of one direction.  ERR_UNSUPPORTED: not a suite of this product. */
int keymat_child_lengths(const struct ike_suite *suite, size_t *encr_len, size_t *integ_len);

/* Section 2.17: KEYMAT = prf+(SK_d, [g^ir (new)] | Ni | Nr).  suite is the Child SA's, prf and sk_d
 * are of its IKE SA; shared NULL or empty: without PFS; more as above. */
int keymat_child(const struct crypto *c, uint16_t prf, const struct secret *sk_d,
		 const struct ike_suite *suite, struct view ni, struct view nr,
		 const struct secret *shared, const struct secret *more,
		 struct keymat_child *out) WARN_UNUSED;

/* Section 2.15, shared key: AUTH = prf(prf(PSK, "Key Pad for IKEv2"), <SignedOctets>).
 * SignedOctets = message | nonce | prf(sk_p, id_body) [| IntAuth]. */
struct keymat_auth_input {
	uint16_t prf;
	const struct secret *psk;
	struct view message;	   /* own first message as on the wire, from the IKE header */
	struct view nonce;	   /* data of the other side's nonce */
	const struct secret *sk_p; /* SK_pi for the initiator, SK_pr for the responder */
	struct view
		id_body; /* own ID payload without its generic header, reserved octets as sent */
	struct view int_auth; /* RFC 9242 section 3.3.2; empty: there was no IKE_INTERMEDIATE */
};

int keymat_psk_auth(const struct crypto *c, const struct keymat_auth_input *in,
		    struct secret *out) WARN_UNUSED;

/* Constant time.  ERR_DENIED: it is not the AUTH data that the input gives. */
int keymat_psk_verify(const struct crypto *c, const struct keymat_auth_input *in,
		      struct view auth) WARN_UNUSED;

/* RFC 8784 section 3: SK_d, SK_pi and SK_pr of k become prf+(PPK, key). */
int keymat_ppk_mix(const struct crypto *c, uint16_t prf, const struct secret *ppk,
		   struct keymat_ike *k) WARN_UNUSED;

#endif
