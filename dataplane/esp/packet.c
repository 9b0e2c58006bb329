/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ESP packet format (RFC 4303 section 2); pure, never encrypts, never allocates. */
#include "dataplane/esp/packet.h"

#define UDP_HEADER_LEN	8
#define IPV4_HEADER_LEN 20
#define IPV6_HEADER_LEN 40

static size_t padded_len(const struct esp_transform *t, size_t inner_len)
{
	size_t len = inner_len + ESP_TRAILER_LEN;

	return (len + t->block - 1) / t->block * t->block;
}

size_t esp_sealed_len(const struct esp_transform *t, size_t inner_len)
{
	return ESP_HEADER_LEN + t->iv_len + padded_len(t, inner_len) + t->icv_len;
}

static size_t outer_len(enum ip_family outer, bool udp)
{
	size_t ip = outer == IP_V6 ? IPV6_HEADER_LEN : IPV4_HEADER_LEN;

	return udp ? ip + UDP_HEADER_LEN : ip;
}

size_t esp_overhead(const struct esp_transform *t, enum ip_family outer, bool udp, size_t inner_len)
{
	return outer_len(outer, udp) + esp_sealed_len(t, inner_len) - inner_len;
}

size_t esp_inner_mtu(const struct esp_transform *t, enum ip_family outer, bool udp, size_t path_mtu)
{
	size_t fixed = outer_len(outer, udp) + ESP_HEADER_LEN + t->iv_len + t->icv_len;

	if (path_mtu < fixed + t->block)
		return 0;
	return (path_mtu - fixed) / t->block * t->block - ESP_TRAILER_LEN;
}

void esp_header_write(uint8_t *packet, uint32_t spi, uint64_t seq)
{
	struct writer w = writer_of(packet, ESP_HEADER_LEN);

	writer_u32(&w, spi);
	writer_u32(&w, (uint32_t)seq);
}

size_t esp_trailer_write(const struct esp_transform *t, uint8_t *text, size_t inner_len,
			 uint8_t next_header)
{
	size_t len = padded_len(t, inner_len);
	size_t pad = len - inner_len - ESP_TRAILER_LEN;
	uint8_t *p = text + inner_len;

	for (size_t i = 1; i <= pad; i++)
		*p++ = (uint8_t)i;
	*p++ = (uint8_t)pad;
	*p = next_header;
	return len;
}

int esp_trailer_read(struct view text, size_t *inner_len, uint8_t *next_header)
{
	size_t pad, len;

	if (text.len < ESP_TRAILER_LEN)
		return ERR_INVALID;
	pad = text.data[text.len - 2];
	if (pad > text.len - ESP_TRAILER_LEN)
		return ERR_INVALID;
	len = text.len - ESP_TRAILER_LEN - pad;
	for (size_t i = 0; i < pad; i++) {
		if (text.data[len + i] != i + 1)
			return ERR_INVALID;
	}
	*inner_len = len;
	*next_header = text.data[text.len - 1];
	return 0;
}
