/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Seals and opens ESP packets for esp_scapy.py.  Each line of standard input is
 *	seal|open ENCR BITS INTEG ESN ENCR_KEY INTEG_KEY SPI SEQ PACKET
 * with numbers in decimal and octets in hex ("-": none); PACKET is an inner packet or an ESP
 *packet. The answer is one line: the other packet in hex, or "refused".
 */
#include "dataplane/esp/inner.h"
#include "dataplane/esp/packet.h"
#include "platform/base/ip.h"
#include "tests/unit/dataplane/hex.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PACKET_MAX 4096
#define LINE_MAX   (4 * PACKET_MAX)

struct request {
	struct esp_engine *engine;
	bool seal;
	const char *encr_key, *integ_key, *packet; /* into line */
	struct ike_suite suite;
	uint32_t spi;
	uint64_t seq;
	char line[LINE_MAX];
};

/* The next word of the line; there must be one. */
static const char *word(char **at)
{
	const char *w = strsep(at, " \n");

	if (w == NULL || *w == '\0') {
		(void)fputs("a word is missing\n", stderr);
		exit(EXIT_FAILURE);
	}
	return w;
}

static uint64_t number(char **at)
{
	return strtoull(word(at), NULL, 10);
}

static bool read_request(struct request *r)
{
	char *at = r->line;

	if (fgets(r->line, sizeof(r->line), stdin) == NULL)
		return false;
	r->seal = strcmp(word(&at), "seal") == 0;
	r->suite = (struct ike_suite){.encr = (uint16_t)number(&at)};
	r->suite.key_bits = (uint16_t)number(&at);
	r->suite.integ = (uint16_t)number(&at);
	r->suite.esn = number(&at) != 0;
	r->encr_key = word(&at);
	r->integ_key = word(&at);
	r->spi = (uint32_t)number(&at);
	r->seq = number(&at);
	r->packet = word(&at);
	return true;
}

static size_t octets(const char *text, uint8_t *buf, size_t cap)
{
	return strcmp(text, "-") == 0 ? 0 : hex_to_bytes(text, buf, cap);
}

static size_t seal(const struct request *r, struct esp_cipher *c, const struct esp_transform *t,
		   uint8_t *packet)
{
	uint8_t text[PACKET_MAX + ESP_BACK_MAX] = {0};
	size_t len = octets(r->packet, text, PACKET_MAX);
	struct esp_job job = {.cipher = c, .in = text, .out = packet, .seq = r->seq};

	job.len =
		esp_trailer_write(t, text, len, text[0] >> 4 == 4 ? ESP_NEXT_IPV4 : ESP_NEXT_IPV6);
	esp_header_write(packet, r->spi, r->seq);
	esp_cipher_seal(r->engine, &job, 1);
	return job.result == 0 ? esp_sealed_len(t, len) : 0;
}

static size_t open_packet(const struct request *r, struct esp_cipher *c,
			  const struct esp_transform *t, uint8_t *inner)
{
	uint8_t packet[PACKET_MAX];
	struct esp_job job = {.cipher = c, .in = packet, .out = inner, .seq = r->seq};
	struct esp_inner p;
	uint8_t next;
	size_t len;

	job.len = octets(r->packet, packet, sizeof(packet));
	esp_cipher_open(r->engine, &job, 1);
	if (job.result != 0)
		return 0;
	len = job.len - ESP_HEADER_LEN - t->iv_len - t->icv_len;
	if (esp_trailer_read(view_of(inner, len), &len, &next) != 0 ||
	    esp_inner_parse(view_of(inner, len), &p) != 0 ||
	    next != (p.family == IP_V4 ? ESP_NEXT_IPV4 : ESP_NEXT_IPV6))
		return 0;
	return p.len;
}

static void answer(const struct request *r)
{
	uint8_t encr_key[64], integ_key[64], out[2 * PACKET_MAX];
	size_t encr_len = octets(r->encr_key, encr_key, sizeof(encr_key));
	size_t integ_len = octets(r->integ_key, integ_key, sizeof(integ_key));
	struct esp_transform t;
	struct esp_cipher *c;
	size_t len = 0;

	if (esp_cipher_new(r->engine, &r->suite, r->seal ? ESP_SEAL : ESP_OPEN,
			   view_of(encr_key, encr_len), view_of(integ_key, integ_len), &c,
			   NULL) == 0) {
		if (esp_transform_of(&r->suite, &t) == 0)
			len = r->seal ? seal(r, c, &t, out) : open_packet(r, c, &t, out);
		esp_cipher_free(c);
	}
	for (size_t i = 0; i < len; i++)
		(void)printf("%02x", out[i]);
	(void)puts(len == 0 ? "refused" : "");
	(void)fflush(stdout);
}

int main(int argc, char **argv)
{
	static struct request r;

	(void)argv;
	r.engine = esp_engine_new(argc > 1 ? ESP_ENGINE_OPENSSL : ESP_ENGINE_BEST);
	while (read_request(&r))
		answer(&r);
	esp_engine_free(r.engine);
	return EXIT_SUCCESS;
}
