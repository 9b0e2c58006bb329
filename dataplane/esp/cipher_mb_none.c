/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stands for cipher_mb*.c where libipsec-mb is not built in: the engine is OpenSSL then. */
#include "dataplane/esp/cipher_impl.h"

#include <stddef.h>

struct esp_mb *esp_mb_new(void)
{
	return NULL;
}

void esp_mb_free(struct esp_mb *mb)
{
	(void)mb;
}

const char *esp_mb_name(const struct esp_mb *mb)
{
	(void)mb;
	return "";
}

void esp_mb_flush(struct esp_mb *mb)
{
	(void)mb;
}

struct esp_cipher *esp_gcm_mb_new(struct esp_mb *mb, const struct esp_transform *t,
				  struct view encr_key)
{
	(void)mb;
	(void)t;
	(void)encr_key;
	return NULL;
}

struct esp_cipher *esp_cbc_mb_new(struct esp_mb *mb, const struct esp_transform *t,
				  enum esp_direction direction, struct view encr_key,
				  struct view integ_key)
{
	(void)mb;
	(void)t;
	(void)direction;
	(void)encr_key;
	(void)integ_key;
	return NULL;
}
