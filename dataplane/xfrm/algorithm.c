/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Transform IDs (RFC 7296 section 3.3.2) to names of the kernel's crypto API.  The ICV lengths are
 * those of RFC 4106, RFC 2404 and RFC 4868. */
#include "dataplane/xfrm/algorithm.h"

#include "platform/base/mem.h"

enum { ENCR_AES_CBC = 12, ENCR_AES_GCM_16 = 20 };

static const struct {
	const char *name;
	unsigned icv_bits;
	uint16_t integ;
} auths[] = {
	{"hmac(sha1)", 96, 2},
	{"hmac(sha256)", 128, 12},
	{"hmac(sha384)", 192, 13},
	{"hmac(sha512)", 256, 14},
};

static int refuse(const struct ike_suite *suite, struct err_msg *e)
{
	char text[IKE_SUITE_TEXT_MAX];

	return err_set(e, ERR_UNSUPPORTED, "Child SA with %s: not possible in the kernel",
		       ike_suite_text(suite, text, sizeof(text)));
}

int xfrm_algorithm_of(const struct ike_suite *suite, struct xfrm_algorithm *out, struct err_msg *e)
{
	if (suite->key_bits != 128 && suite->key_bits != 256)
		return refuse(suite, e);
	if (suite->encr == ENCR_AES_GCM_16) {
		*out = (struct xfrm_algorithm){.aead = "rfc4106(gcm(aes))", .icv_bits = 128};
		return 0;
	}
	for (size_t i = 0; suite->encr == ENCR_AES_CBC && i < ARRAY_LEN(auths); i++) {
		if (auths[i].integ != suite->integ)
			continue;
		*out = (struct xfrm_algorithm){.crypt = "cbc(aes)",
					       .auth = auths[i].name,
					       .icv_bits = auths[i].icv_bits};
		return 0;
	}
	return refuse(suite, e);
}
