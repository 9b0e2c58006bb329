/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The engine on libipsec-mb: one multi-buffer manager per thread, and the jobs that it has not
 * ended yet.  AES-GCM is one call per packet and leaves nothing behind; AES-CBC with HMAC cannot be
 * made parallel within a packet, so that jobs of many packets run in the lanes of the processor.
 */
#include "dataplane/esp/cipher_mb.h"

#include "platform/base/mem.h"
#include "platform/base/secret.h"

#include <stdlib.h>
#include <string.h>

/* AES instructions and carry-less multiplication: without them OpenSSL is no slower. */
#define NEEDED (IMB_FEATURE_AESNI | IMB_FEATURE_PCLMULQDQ | IMB_FEATURE_SSE4_2 | IMB_FEATURE_CMOV)

void *esp_mb_zalloc(size_t size)
{
	size_t whole = (size + ESP_MB_ALIGN - 1) / ESP_MB_ALIGN * ESP_MB_ALIGN;
	void *p = aligned_alloc(ESP_MB_ALIGN, whole);

	if (p == NULL)
		abort();
	memset(p, 0, whole);
	return p;
}

static bool is_usable(const IMB_MGR *mgr, IMB_ARCH arch)
{
	if (arch < IMB_ARCH_SSE)
		return false;
	return (mgr->features & IMB_FEATURE_SELF_TEST) == 0 ||
	       (mgr->features & IMB_FEATURE_SELF_TEST_PASS) != 0;
}

struct esp_mb *esp_mb_new(void)
{
	struct esp_mb *mb;
	IMB_ARCH arch = IMB_ARCH_NONE;
	IMB_MGR *mgr;

	if ((imb_get_feature_flags() & NEEDED) != NEEDED)
		return NULL;
	mgr = alloc_mb_mgr(0);
	if (mgr == NULL)
		abort();
	init_mb_mgr_auto(mgr, &arch);
	if (!is_usable(mgr, arch)) {
		free_mb_mgr(mgr);
		return NULL;
	}
	mb = mem_zalloc(sizeof(*mb));
	mb->mgr = mgr;
	return mb;
}

void esp_mb_free(struct esp_mb *mb)
{
	bytes_wipe(mb->mgr, imb_get_mb_mgr_size());
	free_mb_mgr(mb->mgr);
	bytes_wipe(mb, sizeof(*mb));
	free(mb);
}

const char *esp_mb_name(const struct esp_mb *mb)
{
	static const char *const names[IMB_ARCH_NUM] = {
		[IMB_ARCH_SSE] = "libipsec-mb SSE",
		[IMB_ARCH_AVX] = "libipsec-mb AVX",
		[IMB_ARCH_AVX2] = "libipsec-mb AVX2",
		[IMB_ARCH_AVX512] = "libipsec-mb AVX512",
	};

	return mb->mgr->used_arch < IMB_ARCH_NUM && names[mb->mgr->used_arch] != NULL
		       ? names[mb->mgr->used_arch]
		       : "libipsec-mb";
}

static void finish(const IMB_JOB *done)
{
	struct esp_mb_pending *p = done->user_data;
	struct esp_job *job = p->job;

	if (p->open)
		memcpy(p->icv, p->expected, p->icv_len);
	job->result = ERR_CRYPTO;
	if (done->status == IMB_STATUS_COMPLETED &&
	    (!p->open || bytes_equal_ct(p->expected, p->computed, p->icv_len)))
		job->result = 0;
}

struct esp_mb_pending *esp_mb_next(struct esp_mb *mb)
{
	if (mb->used == ESP_MB_JOBS_MAX)
		esp_mb_flush(mb);
	return &mb->pending[mb->used++];
}

void esp_mb_submit(struct esp_mb *mb)
{
	const IMB_JOB *done = IMB_SUBMIT_JOB(mb->mgr);

	while (done != NULL) {
		finish(done);
		done = IMB_GET_COMPLETED_JOB(mb->mgr);
	}
}

void esp_mb_flush(struct esp_mb *mb)
{
	const IMB_JOB *done;

	if (mb->used == 0)
		return;
	while ((done = IMB_FLUSH_JOB(mb->mgr)) != NULL)
		finish(done);
	mb->used = 0;
}
