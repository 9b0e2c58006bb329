/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reassembly of fragments (RFC 7383 section 2.6); see frag.h. */
#include "ikev2/frag.h"

#include "platform/base/mem.h"
#include "platform/base/secret.h"

#include <stdlib.h>

void frag_clear(struct frag *f)
{
	for (size_t i = 0; f->part && i < f->total; i++) {
		if (f->part[i].data)
			bytes_wipe(f->part[i].data, f->part[i].len);
		free(f->part[i].data);
	}
	free(f->part);
	*f = (struct frag){0};
}

void frag_expire(struct frag *f, uint64_t now_ms)
{
	if (f->total && now_ms >= f->started_ms + FRAG_MS)
		frag_clear(f);
}

/* Does the fragment belong to another message, or to a new split of the same one? */
static bool starts_anew(const struct frag *f, uint32_t message_id, uint16_t total)
{
	return f->total == 0 || message_id != f->message_id || total > f->total;
}

bool frag_wanted(const struct frag *f, uint32_t message_id, uint16_t number, uint16_t total)
{
	if (number == 0 || number > total || total > FRAG_COUNT_MAX)
		return false;
	if (f->total && message_id < f->message_id)
		return false;
	if (starts_anew(f, message_id, total))
		return true;
	return total == f->total && !f->part[number - 1].data;
}

int frag_add(struct frag *f, uint64_t now_ms, uint32_t message_id, uint16_t number, uint16_t total,
	     uint8_t first, struct view plain)
{
	if (!frag_wanted(f, message_id, number, total))
		return ERR_EXISTS;
	if (plain.len == 0) /* carries nothing: no honest sender makes it */
		return ERR_EXISTS;
	if (starts_anew(f, message_id, total)) {
		frag_clear(f);
		f->message_id = message_id;
		f->total = total;
		f->started_ms = now_ms;
		f->part = mem_calloc(total, sizeof(*f->part));
	}
	if (plain.len > FRAG_BYTES_MAX - f->bytes) {
		frag_clear(f);
		return ERR_NO_SPACE;
	}
	f->part[number - 1] = (struct frag_part){mem_dup(plain.data, plain.len), plain.len};
	f->bytes += plain.len;
	f->got++;
	if (number == 1)
		f->first = first;
	return 0;
}

bool frag_is_complete(const struct frag *f)
{
	return f->total && f->got == f->total;
}

int frag_join(const struct frag *f, uint8_t *buf, size_t cap, struct view *out)
{
	struct writer w = writer_of(buf, cap);

	if (!frag_is_complete(f))
		return ERR_WRONG_STATE;
	for (size_t i = 0; i < f->total; i++)
		writer_bytes(&w, f->part[i].data, f->part[i].len);
	if (w.failed)
		return ERR_NO_SPACE;
	*out = writer_view(&w);
	return 0;
}
