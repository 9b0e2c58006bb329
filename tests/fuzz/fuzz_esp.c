/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a peer can put into ESP.  The input is an outer TOS, then either a packet without the right
 * key, which must never open, or decrypted text, as a peer with the keys may send it: trailer,
 * inner packet, selectors, ECN, steering, and the ICMP answer to it as if it were too big.
 */
#include "dataplane/esp/ecn.h"
#include "dataplane/esp/flow.h"
#include "dataplane/esp/packet.h"
#include "dataplane/esp/selector.h"
#include "dataplane/esp/toobig.h"

#include <stdlib.h>
#include <string.h>

#define INPUT_MAX 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void open_without_key(const uint8_t *data, size_t size)
{
	static const struct ike_suite suites[] = {
		{.encr = 20, .key_bits = 128},
		{.encr = 12, .key_bits = 256, .integ = 12},
	};
	static struct esp_engine *engine;
	static struct esp_cipher *ciphers[2];
	static const uint8_t key[32] = {0x6b, 0x65, 0x79};
	uint8_t out[INPUT_MAX];

	if (engine == NULL)
		engine = esp_engine_new(ESP_ENGINE_BEST);
	for (size_t i = 0; i < 2; i++) {
		struct view integ = view_of(key, i == 0 ? 0 : 32);
		struct esp_job job = {.in = data, .out = out, .len = size, .seq = 1};

		if (ciphers[i] == NULL &&
		    esp_cipher_new(engine, &suites[i], ESP_OPEN, view_of(key, i == 0 ? 20 : 32),
				   integ, &ciphers[i], NULL) != 0)
			abort();
		job.cipher = ciphers[i];
		esp_cipher_open(engine, &job, 1);
		if (job.result == 0)
			abort();
	}
}

static struct esp_selectors *some_selectors(void)
{
	struct ike_ts_list list = {.count = 2};
	struct ip_range v4 = ip_range_any(IP_V4), v6 = ip_range_any(IP_V6);

	list.ts[0] = ike_ts_of_range(&v4);
	list.ts[0].protocol = 17;
	list.ts[0].port_last = 1023;
	list.ts[1] = ike_ts_of_range(&v6);
	return esp_selectors_new(&list);
}

/* An answer is itself a packet, back to where the first one came from. */
static void answer(const struct esp_inner *p, const uint8_t *packet)
{
	uint8_t out[ESP_TOO_BIG_MAX], again[ESP_TOO_BIG_MAX];
	size_t len = esp_too_big(p, view_of(packet, p->len), 1300, out);
	struct esp_inner a;

	if (len == 0)
		return;
	if (esp_inner_parse(view_of(out, len), &a) != 0 || a.len != len || !a.has_type ||
	    a.family != p->family || memcmp(a.dst, p->src, a.family == IP_V4 ? 4 : 16) != 0)
		abort();
	if (esp_too_big(&a, view_of(out, len), 1300, again) != 0)
		abort(); /* errors are never answered with errors */
}

static void take_text(uint8_t tos, const uint8_t *data, size_t size)
{
	static struct esp_selectors *selectors;
	uint8_t text[INPUT_MAX], next, family;
	struct esp_inner p, again;
	size_t len;

	if (selectors == NULL)
		selectors = some_selectors();
	memcpy(text, data, size);
	if (esp_trailer_read(view_of(text, size), &len, &next) != 0)
		return;
	if (len > size || esp_inner_parse(view_of(text, len), &p) != 0)
		return;
	if (p.len > len || p.upper > p.len || esp_flow_bucket(esp_flow_hash(&p)) >= 64)
		abort();
	(void)esp_selectors_match(selectors, &p, ESP_SRC);
	(void)esp_selectors_match(selectors, &p, ESP_DST);
	answer(&p, text);
	family = p.family;
	if (!esp_ecn_decapsulate(text, &p, tos))
		return;
	if (esp_inner_parse(view_of(text, len), &again) != 0 || again.family != family ||
	    again.tos != p.tos || again.len != p.len)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 1 || size > INPUT_MAX)
		return 0;
	open_without_key(data + 1, size - 1);
	take_text(data[0], data + 1, size - 1);
	return 0;
}
