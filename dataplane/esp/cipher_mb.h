/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the parts of the libipsec-mb implementation share; only cipher_mb*.c include this. */
#ifndef DATAPLANE_ESP_CIPHER_MB_H
#define DATAPLANE_ESP_CIPHER_MB_H

#include "dataplane/esp/cipher_impl.h"

#define NO_COMPAT_IMB_API_053
#include <intel-ipsec-mb.h>

#define ESP_MB_ALIGN	64
#define ESP_MB_JOBS_MAX 128 /* under way at a time, less than IMB_MAX_JOBS */
#define ESP_MB_MAC_MAX	64

/* A job that the manager has; its address is the manager's user data. */
struct esp_mb_pending {
	struct esp_job *job;
	bool open;
	uint8_t icv_len;
	uint8_t *icv;		       /* opening: where it is in the packet, */
	uint8_t expected[ESP_ICV_MAX]; /* and what it is */
	uint8_t computed[ESP_MB_MAC_MAX];
};

struct esp_mb {
	IMB_MGR *mgr;
	size_t used; /* of pending, since the last flush */
	struct esp_mb_pending pending[ESP_MB_JOBS_MAX];
};

/* A place for one more job; makes room when there is none. */
struct esp_mb_pending *esp_mb_next(struct esp_mb *mb);
/* Gives the filled job to the manager. */
void esp_mb_submit(struct esp_mb *mb);

/* Zeroed and aligned as the library wants it; free(). */
void *esp_mb_zalloc(size_t size);

#endif
