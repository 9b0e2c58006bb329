/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Coalescing: whatever comes in, what the kernel makes of the super-packets again is the same
 * packets, each flow in its order.
 */
#include "dataplane/esp/coalesce.h"
#include "dataplane/esp/super.h"
#include "platform/base/ip.h"
#include "tests/unit/dataplane/offload_model.h"
#include "tests/unit/dataplane/run_suite.h"

#include <string.h>

#define STREAM	200 /* packets */
#define FLOWS	12
#define SLOT	1700
#define DEVICES 2

struct kept {
	uint8_t data[SLOT];
	size_t len;
	int device;
};

static uint8_t payload[4096];
static uint8_t buffers[STREAM][SLOT]; /* what the coalescer works on */
static struct kept in[STREAM], out[STREAM * 2];
static size_t in_count, out_count, emitted, largest;
static int devices[DEVICES];
static struct esp_coalesce *c;

/* Plays the kernel: takes super-packets apart. */
static void emit(void *arg, void *device, const struct iovec *parts, int count, size_t packets)
{
	static uint8_t whole[MODEL_PACKET_MAX];
	struct virtio_net_hdr vnet;
	struct esp_super s;
	size_t len = 0;

	(void)arg;
	ck_assert_uint_eq(parts[0].iov_len, sizeof(vnet));
	memcpy(&vnet, parts[0].iov_base, sizeof(vnet));
	for (int i = 1; i < count; i++) {
		ck_assert_uint_le(len + parts[i].iov_len, sizeof(whole));
		memcpy(whole + len, parts[i].iov_base, parts[i].iov_len);
		len += parts[i].iov_len;
	}
	ck_assert_uint_le(len, 65535);
	ck_assert_int_eq(esp_super_parse(&vnet, whole, len, &s), 0);
	ck_assert_uint_eq(s.inner.len, len);
	ck_assert_uint_eq(s.count, packets);
	ck_assert(vnet.gso_type == VIRTIO_NET_HDR_GSO_NONE || vnet.hdr_len == s.header);
	for (size_t i = 0; i < s.count; i++) {
		struct kept *k = &out[out_count++];

		k->len = esp_super_len(&s, i);
		k->device = (int)((int *)device - devices);
		esp_super_write(&s, i, k->data);
	}
	emitted++;
	largest = packets > largest ? packets : largest;
}

static void set_up(void)
{
	for (size_t i = 0; i < sizeof(payload); i++)
		payload[i] = (uint8_t)(i * 13 + (i >> 8));
	c = esp_coalesce_new(emit, NULL);
	in_count = out_count = emitted = largest = 0;
}

static void tear_down(void)
{
	esp_coalesce_free(c);
}

static void add(const uint8_t *data, size_t len, int device, bool udp)
{
	struct esp_inner p;

	memcpy(in[in_count].data, data, len);
	in[in_count].len = len;
	in[in_count].device = device;
	memcpy(buffers[in_count], data, len);
	ck_assert_int_eq(esp_inner_parse(view_of(buffers[in_count], len), &p), 0);
	esp_coalesce_add(c, &devices[device], udp, buffers[in_count], &p);
	in_count++;
}

/* Addresses, protocol and ports; fragments belong to the flow of their addresses. */
static bool same_flow(const struct kept *a, const struct kept *b)
{
	size_t ip = a->data[0] >> 4 == 4 ? 20 : 40, addr = ip == 20 ? 12 : 8;

	return a->device == b->device && a->data[0] == b->data[0] &&
	       memcmp(a->data + addr, b->data + addr, ip - addr) == 0 &&
	       a->data[ip == 20 ? 9 : 6] == b->data[ip == 20 ? 9 : 6] &&
	       memcmp(a->data + ip, b->data + ip, 4) == 0;
}

/* With DF, identification and so the checksum of the header say nothing (RFC 6864). */
static bool same_packet(const struct kept *a, const struct kept *b)
{
	static uint8_t x[SLOT], y[SLOT];

	memcpy(x, a->data, a->len);
	memcpy(y, b->data, b->len);
	if (x[0] >> 4 == 4 && (x[6] & 0x40) != 0) {
		memset(x + 4, 0, 2);
		memset(y + 4, 0, 2);
		memset(x + 10, 0, 2);
		memset(y + 10, 0, 2);
	}
	return a->len == b->len && memcmp(x, y, a->len) == 0;
}

/* Each flow's packets came out as they went in. */
static void check_flows(void)
{
	bool seen[STREAM * 2] = {false};

	ck_assert_uint_eq(out_count, in_count);
	for (size_t i = 0; i < in_count; i++) {
		size_t k = 0;

		while (k < out_count && (seen[k] || !same_flow(&in[i], &out[k])))
			k++;
		ck_assert_msg(k < out_count, "packet %zu is gone", i);
		ck_assert_msg(same_packet(&in[i], &out[k]), "packet %zu came out as %zu", i, k);
		seen[k] = true;
	}
}

static struct model_packet new_flow(uint64_t *seed, size_t number)
{
	return (struct model_packet){
		.version = model_random(seed) % 2 == 0 ? 4 : 6,
		.tos = (uint8_t)(model_random(seed) % 2),
		.ttl = 64,
		.id = (uint16_t)model_random(seed),
		.df = model_random(seed) % 2 == 0,
		.label = 5,
		.host = (uint8_t)(1 + number % 3),
		.port = (uint16_t)(1000 + number),
		.protocol = model_random(seed) % 3 == 0 ? 17 : 6,
		.seq = UINT32_MAX - 5000,
		.ack = 77,
		.flags = 0x10,
		.window = 500,
		.options = number % 2 == 0 ? 12 : 0,
		.option = 1,
		.payload = payload,
		.len = 100 + number * 7,
	};
}

/* The next packet of a flow, now and then not what a super-packet can take. */
static void next_packet(struct model_packet *m, uint64_t *seed, size_t full)
{
	m->seq += (uint32_t)m->len;
	m->len = full;
	m->flags = 0x10;
	m->id = (uint16_t)(m->id + 1);
	switch (model_random(seed) % 40) {
	case 0:
		m->len = 1 + model_random(seed) % full;
		break;
	case 1:
		m->flags = 0x18;
		break;
	case 2:
		m->tos ^= 3; /* ECN */
		break;
	case 3:
		m->ttl--;
		break;
	case 4:
		m->seq += 10; /* one was lost */
		break;
	case 5:
		m->id = (uint16_t)model_random(seed);
		break;
	case 6:
		m->ack++;
		break;
	case 7:
		m->window++;
		break;
	case 8:
		m->option ^= 2;
		break;
	case 9:
		m->flags = 0x11; /* FIN */
		break;
	case 10:
		m->flags = 0x90; /* CWR */
		break;
	case 11:
		m->len = 0;
		break;
	case 12:
		m->len = full + 1;
		break;
	case 13:
		m->label++;
		break;
	case 14:
		m->id = (uint16_t)(m->id - 1);
		break;
	case 15:
		m->df = !m->df;
		break;
	default:
		break;
	}
}

START_TEST(test_coalesce_streams)
{
	uint64_t seed = (uint64_t)_i * 977 + 1;
	struct model_packet flows[FLOWS];
	size_t runs = 1 + model_random(&seed) % 8, current = 0, batch = 0;

	for (size_t i = 0; i < FLOWS; i++)
		flows[i] = new_flow(&seed, i);
	while (in_count < STREAM) {
		static uint8_t data[MODEL_PACKET_MAX];
		size_t len;

		if (model_random(&seed) % runs == 0)
			current = model_random(&seed) % FLOWS;
		next_packet(&flows[current], &seed, 100 + current * 7);
		len = model_build(&flows[current], data);
		if (model_random(&seed) % 50 == 0)
			data[len - 1] ^= 1; /* checksum wrong: must stay so */
		if (model_random(&seed) % 50 == 0 && flows[current].version == 4)
			data[10] ^= 1; /* of the header */
		if (model_random(&seed) % 50 == 0 && flows[current].version == 4)
			data[6] |= 0x20; /* a first fragment */
		add(data, len, (int)(current % DEVICES), current % 4 != 3);
		if (++batch == 64) {
			esp_coalesce_flush(c);
			batch = 0;
		}
	}
	esp_coalesce_flush(c);
	check_flows();
	ck_assert_uint_gt(largest, 1);
}
END_TEST

/* A burst of one flow is one super-packet, as long as it may be. */
START_TEST(test_coalesce_burst)
{
	uint64_t seed = 1;
	struct model_packet m = new_flow(&seed, 0);
	uint8_t data[SLOT];

	m.protocol = _i % 2 == 0 ? 6 : 17;
	m.version = _i < 2 ? 4 : 6;
	m.len = 1000;
	for (int i = 0; i < 70; i++) {
		add(data, model_build(&m, data), 0, true);
		m.seq += 1000;
		m.id++;
	}
	esp_coalesce_flush(c);
	check_flows();
	ck_assert_uint_eq(emitted, 2);
	ck_assert_uint_eq(largest, ESP_COALESCE_MAX);
}
END_TEST

/* No longer than a packet can be. */
START_TEST(test_coalesce_long)
{
	uint64_t seed = 1;
	struct model_packet m = new_flow(&seed, 0);
	uint8_t data[SLOT];

	m.protocol = 6;
	m.len = 1600;
	for (int i = 0; i < 60; i++) {
		add(data, model_build(&m, data), 0, true);
		m.seq += 1600;
		m.id++;
	}
	esp_coalesce_flush(c);
	check_flows();
	ck_assert_uint_eq(emitted, 2);
	ck_assert_uint_eq(largest, 40);
}
END_TEST

/* Identification that does not count: only where DF says that it does not matter. */
START_TEST(test_coalesce_fixed_id)
{
	uint64_t seed = 1;
	struct model_packet m = new_flow(&seed, 0);
	uint8_t data[SLOT];

	m.version = 4;
	m.protocol = 6;
	m.df = _i != 0;
	for (int i = 0; i < 10; i++) {
		add(data, model_build(&m, data), 0, true);
		m.seq += (uint32_t)m.len;
	}
	esp_coalesce_flush(c);
	check_flows();
	ck_assert_uint_eq(emitted, _i != 0 ? 1 : 10);
}
END_TEST

/* UDP without checksum, or for a device that takes none, stays as it is. */
START_TEST(test_coalesce_udp_not)
{
	uint64_t seed = 1;
	struct model_packet m = new_flow(&seed, 0);
	uint8_t data[SLOT];

	m.version = 4;
	m.protocol = 17;
	for (int i = 0; i < 10; i++) {
		size_t len = model_build(&m, data);

		if (_i == 0)
			data[26] = data[27] = 0;
		add(data, len, 0, _i == 0);
		m.id++;
	}
	esp_coalesce_flush(c);
	check_flows();
	ck_assert_uint_eq(emitted, 10);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("esp_coalesce");
	TCase *t = tcase_create("coalesce");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_loop_test(t, test_coalesce_streams, 0, 60);
	tcase_add_loop_test(t, test_coalesce_burst, 0, 4);
	tcase_add_test(t, test_coalesce_long);
	tcase_add_loop_test(t, test_coalesce_fixed_id, 0, 2);
	tcase_add_loop_test(t, test_coalesce_udp_not, 0, 2);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
