/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The libcrypto headers that the ESP transforms need.  libcrypto has a type ERR_STATE, this product
 * an error code: the type is renamed while its headers are read. */
#ifndef DATAPLANE_ESP_LIBCRYPTO_H
#define DATAPLANE_ESP_LIBCRYPTO_H

#define ERR_STATE libcrypto_err_state
#include <openssl/core_names.h>
#include <openssl/evp.h>
#undef ERR_STATE

#endif
