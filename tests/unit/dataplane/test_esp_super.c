/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Segmentation: each segment equals the packet that the model builds from fields. */
#include "dataplane/esp/super.h"
#include "platform/base/ip.h"
#include "tests/unit/dataplane/offload_model.h"
#include "tests/unit/dataplane/run_suite.h"

#include <string.h>

static uint8_t payload[65536], packet[MODEL_PACKET_MAX], expected[MODEL_PACKET_MAX],
	got[MODEL_PACKET_MAX];

static void set_up(void)
{
	for (size_t i = 0; i < sizeof(payload); i++)
		payload[i] = (uint8_t)(i * 31 + (i >> 8));
}

static struct model_packet random_packet(uint64_t *seed)
{
	struct model_packet m = {
		.version = model_random(seed) % 2 == 0 ? 4 : 6,
		.tos = (uint8_t)model_random(seed),
		.ttl = (uint8_t)model_random(seed),
		.id = (uint16_t)model_random(seed),
		.df = model_random(seed) % 2 == 0,
		.label = model_random(seed) & 0xfffff,
		.host = 7,
		.port = (uint16_t)model_random(seed),
		.protocol = model_random(seed) % 2 == 0 ? 6 : 17,
		.seq = model_random(seed) * 2 + 1,
		.ack = model_random(seed),
		.flags = (uint8_t)model_random(seed),
		.window = (uint16_t)model_random(seed),
		.options = model_random(seed) % 11 * 4,
		.option = 1,
		.payload = payload,
		.len = 1 + model_random(seed) % 65000,
	};

	return m;
}

static struct virtio_net_hdr vnet_of(const struct model_packet *m, size_t size)
{
	struct virtio_net_hdr h = {
		.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
		.gso_size = (uint16_t)size,
		.csum_start = m->version == 4 ? 20 : 40,
		.csum_offset = m->protocol == 6 ? 16 : 6,
	};

	if (m->protocol == 17)
		h.gso_type = VIRTIO_NET_HDR_GSO_UDP_L4;
	else
		h.gso_type = m->version == 4 ? VIRTIO_NET_HDR_GSO_TCPV4 : VIRTIO_NET_HDR_GSO_TCPV6;
	if (m->protocol == 6 && (m->flags & 0x80) != 0)
		h.gso_type |= VIRTIO_NET_HDR_GSO_ECN;
	return h;
}

/* Segment i of m, from its fields. */
static size_t model_segment(const struct model_packet *m, size_t size, size_t i, uint8_t *out)
{
	struct model_packet s = *m;
	bool last = (i + 1) * size >= m->len;

	s.payload += i * size;
	s.len = last ? m->len - i * size : size;
	s.id = (uint16_t)(s.id + i);
	s.seq += (uint32_t)(i * size);
	if (!last)
		s.flags &= (uint8_t)~0x09; /* FIN, PSH */
	if (i != 0)
		s.flags &= 0x7f; /* CWR */
	return model_build(&s, out);
}

START_TEST(test_super_segments)
{
	uint64_t seed = (uint64_t)_i;

	for (int round = 0; round < 40; round++) {
		struct model_packet m = random_packet(&seed);
		size_t size = 1 + model_random(&seed) % 9000, len = model_build(&m, packet);
		struct virtio_net_hdr vnet;
		struct esp_super s;

		if (m.len / size > 300)
			size = m.len / 300 + 1;
		vnet = vnet_of(&m, size);
		model_leave_sum(&m, packet);
		ck_assert_int_eq(esp_super_parse(&vnet, packet, len, &s), 0);
		ck_assert_uint_eq(s.count, (m.len + size - 1) / size);
		for (size_t i = 0; i < s.count; i++) {
			size_t n = model_segment(&m, size, i, expected);

			ck_assert_uint_eq(esp_super_len(&s, i), n);
			esp_super_write(&s, i, got);
			ck_assert_mem_eq(got, expected, n);
			ck_assert(model_sums_right(got, n));
		}
	}
}
END_TEST

/* A single packet is the same, with its checksum completed where it was left out. */
START_TEST(test_super_single)
{
	uint64_t seed = (uint64_t)_i;

	for (int round = 0; round < 40; round++) {
		struct model_packet m = random_packet(&seed);
		struct virtio_net_hdr vnet = {.flags = 0};
		struct esp_super s;
		size_t len = model_build(&m, expected);

		memcpy(packet, expected, len);
		if (round % 2 == 0) {
			vnet = vnet_of(&m, 0);
			vnet.gso_type = VIRTIO_NET_HDR_GSO_NONE;
			model_leave_sum(&m, packet);
		}
		ck_assert_int_eq(esp_super_parse(&vnet, packet, len, &s), 0);
		ck_assert_uint_eq(s.count, 1);
		ck_assert_uint_eq(esp_super_len(&s, 0), len);
		esp_super_write(&s, 0, got);
		ck_assert_mem_eq(got, expected, len);
	}
}
END_TEST

/* What the sum of UDP must not be (RFC 768): 0 is sent as 0xffff. */
START_TEST(test_super_udp_zero_sum)
{
	struct model_packet m = {
		.version = 4, .ttl = 9, .protocol = 17, .payload = payload, .len = 2};
	struct virtio_net_hdr vnet;
	struct esp_super s;
	uint8_t word[2] = {0, 0};
	size_t len, tries = 0;

	m.payload = word;
	do {
		word[0] = (uint8_t)(tries >> 8);
		word[1] = (uint8_t)tries;
		len = model_build(&m, expected);
	} while (++tries < 65536 && (expected[26] != 0xff || expected[27] != 0xff));
	ck_assert_uint_lt(tries, 65536);
	memcpy(packet, expected, len);
	vnet = vnet_of(&m, 0);
	vnet.gso_type = VIRTIO_NET_HDR_GSO_NONE;
	model_leave_sum(&m, packet);
	ck_assert_int_eq(esp_super_parse(&vnet, packet, len, &s), 0);
	ck_assert_mem_eq(packet, expected, len);
}
END_TEST

START_TEST(test_super_refuses)
{
	struct model_packet m = {
		.version = 4, .ttl = 9, .protocol = 6, .payload = payload, .len = 3000};
	struct virtio_net_hdr good, bad;
	struct esp_super s;
	size_t len = model_build(&m, packet);

	good = vnet_of(&m, 1000);
	ck_assert_int_eq(esp_super_parse(&good, packet, len, &s), 0);
	bad = good;
	bad.gso_size = 0;
	ck_assert_int_eq(esp_super_parse(&bad, packet, len, &s), ERR_INVALID);
	bad.gso_size = 1000;
	bad.gso_type = VIRTIO_NET_HDR_GSO_UDP_L4; /* it is TCP */
	ck_assert_int_eq(esp_super_parse(&bad, packet, len, &s), ERR_INVALID);
	bad.gso_type = VIRTIO_NET_HDR_GSO_UDP; /* fragments */
	ck_assert_int_eq(esp_super_parse(&bad, packet, len, &s), ERR_INVALID);
	bad = good;
	bad.gso_type = VIRTIO_NET_HDR_GSO_NONE;
	bad.csum_start = (uint16_t)len;
	ck_assert_int_eq(esp_super_parse(&bad, packet, len, &s), ERR_INVALID);
	bad.csum_start = (uint16_t)(len - 1);
	bad.csum_offset = 0;
	ck_assert_int_eq(esp_super_parse(&bad, packet, len, &s), ERR_INVALID);
	bad.csum_start = 20;
	bad.csum_offset = UINT16_MAX;
	ck_assert_int_eq(esp_super_parse(&bad, packet, len, &s), ERR_INVALID);
	ck_assert_int_eq(esp_super_parse(&good, packet, 39, &s), ERR_INVALID);
	packet[32] = 0x40; /* data offset below its least */
	ck_assert_int_eq(esp_super_parse(&good, packet, len, &s), ERR_INVALID);
	packet[32] = 0xf0;
	packet[3] = 80; /* options, and nothing behind them */
	packet[2] = 0;
	ck_assert_int_eq(esp_super_parse(&good, packet, len, &s), ERR_INVALID);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("esp_super");
	TCase *t = tcase_create("super");

	tcase_add_unchecked_fixture(t, set_up, NULL);
	tcase_add_loop_test(t, test_super_segments, 0, 10);
	tcase_add_loop_test(t, test_super_single, 0, 3);
	tcase_add_test(t, test_super_udp_zero_sum);
	tcase_add_test(t, test_super_refuses);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
