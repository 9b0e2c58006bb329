/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bytes that pretend to be the state of an engine: refused, or the engine lives on with them. */
#include "ikev2/ike.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void random_bytes(void *arg, void *buf, size_t len)
{
	uint8_t *next = arg, *p = buf;

	for (size_t i = 0; i < len; i++)
		p[i] = (uint8_t)(++*next * 167 + i);
}

static void live(struct ike_engine *e, uint64_t now_ms)
{
	struct ike_action a;

	for (unsigned i = 0; i < 30; i++) {
		while (ike_engine_next_action(e, &a)) {
			if (a.type == IKE_ACTION_DH) {
				ike_dh_job_run(a.dh);
				ike_engine_dh_done(e, now_ms, a.dh);
			} else if (a.type == IKE_ACTION_SEND && a.send.payload.len > 1) {
				/* back as it came: it is not for us, but looked at */
				uint8_t copy[20000];
				size_t len = a.send.payload.len;
				struct ike_send s = a.send;

				memcpy(copy, a.send.payload.data, len < sizeof(copy) ? len : 0);
				ike_engine_datagram(e, now_ms, &s.local, &s.remote,
						    s.local.port == 4500, view_of(copy, len));
			}
		}
		now_ms += 7000;
		ike_engine_tick(e, now_ms);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ike_limits limits = ike_limits_default();
	uint8_t next = 0;
	struct ike_random random = {.bytes = random_bytes, .arg = &next};
	const uint64_t now_ms = 10000000;
	struct secret state = SECRET_NONE;
	struct ike_engine *e, *again;

	if (ike_engine_restore(&limits, &random, now_ms, view_of(data, size), &e))
		return 0;
	live(e, now_ms);
	if (ike_engine_save(e, &state) == 0 &&
	    ike_engine_restore(&limits, &random, 2 * now_ms, secret_view(&state), &again) == 0)
		ike_engine_free(again);
	secret_clear(&state);
	ike_engine_free(e);
	return 0;
}
