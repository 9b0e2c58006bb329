/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The libcrypto headers that ikev2 needs.  libcrypto has a type ERR_STATE, this product an error
 * code of that name: the type is renamed while its headers are read. */
#ifndef IKEV2_LIBCRYPTO_H
#define IKEV2_LIBCRYPTO_H

#define ERR_STATE libcrypto_err_state
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <openssl/params.h>
#undef ERR_STATE

#endif
