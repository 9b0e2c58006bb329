/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kernel's names of what IKE negotiates for ESP. */
#ifndef DATAPLANE_XFRM_ALGORITHM_H
#define DATAPLANE_XFRM_ALGORITHM_H

#include "ikev2/ike.h"

struct xfrm_algorithm {
	const char *aead;  /* "rfc4106(gcm(aes))", or NULL */
	const char *crypt; /* without aead */
	const char *auth;  /* without aead */
	unsigned icv_bits;
};

/* ERR_UNSUPPORTED with e when the kernel has no name for it. */
int xfrm_algorithm_of(const struct ike_suite *suite, struct xfrm_algorithm *out,
		      struct err_msg *e) WARN_UNUSED;

#endif
