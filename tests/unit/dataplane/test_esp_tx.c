/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The outbound path: choice of the SA, sequence numbers, path MTU, TOS, batches and drops. */
#include "dataplane/esp/mile.h"
#include "dataplane/esp/vnet.h"
#include "platform/base/mem.h"
#include "tests/unit/dataplane/lone_worker.h"
#include "tests/unit/dataplane/offload_model.h"
#include "tests/unit/dataplane/run_suite.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

static struct lone_worker w;
static uint8_t buf[2048];
static _Atomic(struct esp_site *) sites[LONE_SITE + 1];

static void set_up(void)
{
	lone_open(&w, &lone_gcm);
	atomic_store(&sites[LONE_SITE], w.site);
	w.shared.sites = sites;
	w.worker.turn.woke_ns = UINT64_C(1000000000);
}

static void tear_down(void)
{
	lone_close(&w);
}

static void wish_slot(uint8_t slot)
{
	memset(w.site->wanted.bucket_slot, slot, sizeof(w.site->wanted.bucket_slot));
}

static bool next_event(struct esp_event *ev)
{
	return esp_worker_event(&w.worker, ev);
}

START_TEST(test_tx_sequence_end)
{
	struct esp_event ev;

	w.child->sequence = UINT32_MAX - (UINT64_C(1) << 20) - 1;
	lone_device_sends(&w, dp_packet(buf, IP_V4, 60, 1000, 1));
	ck_assert(!next_event(&ev));
	lone_device_sends(&w, dp_packet(buf, IP_V4, 60, 1000, 1));
	ck_assert(next_event(&ev));
	ck_assert_int_eq(ev.type, ESP_EVENT_BROKEN);
	ck_assert_uint_eq(ev.id, 1);
	w.child->sequence = UINT32_MAX - 1;
	for (int i = 0; i < 3; i++)
		lone_device_sends(&w, dp_packet(buf, IP_V4, 60, 1000, 1));
	ck_assert(!next_event(&ev));
	ck_assert_uint_eq(w.child->sequence, UINT32_MAX);
	ck_assert_uint_eq(lone_stat(&w, ESP_TX_PACKETS), 3);
	ck_assert_uint_eq(lone_stat(&w, ESP_TX_SEQUENCE), 2);
}
END_TEST

START_TEST(test_tx_extended_sequence_goes_on)
{
	struct ike_suite esn = {.encr = 20, .key_bits = 128, .esn = true};
	struct ike_child_install in = lone_install(&w, &esn, 2, 0x3333);
	struct esp_event ev;

	w.child = lone_add_child(&w, &in, 1);
	w.child->sequence = UINT32_MAX;
	lone_device_sends(&w, dp_packet(buf, IP_V4, 60, 1000, 1));
	ck_assert_int_gt(recv(w.peer, buf, sizeof(buf), 0), 0);
	ck_assert_mem_eq(buf + 4, "\0\0\0\0", 4);
	ck_assert_uint_eq(w.child->sequence, UINT64_C(0x100000000));
	ck_assert(!next_event(&ev));
}
END_TEST

START_TEST(test_tx_outer_tos)
{
	uint8_t control[64];
	struct iovec part = {.iov_base = buf, .iov_len = sizeof(buf)};
	struct msghdr m = {.msg_iov = &part,
			   .msg_iovlen = 1,
			   .msg_control = control,
			   .msg_controllen = sizeof(control)};
	uint8_t inner[60];
	struct cmsghdr *c;

	(void)dp_packet(inner, IP_V4, sizeof(inner), 1000, 1);
	inner[1] = 0xb9; /* expedited forwarding, ECT(1) */
	dp_packet_fix(inner);
	lone_device_sends(&w, view_of(inner, sizeof(inner)));
	ck_assert_int_gt(recvmsg(w.peer, &m, 0), 0);
	c = CMSG_FIRSTHDR(&m);
	ck_assert_ptr_nonnull(c);
	ck_assert_int_eq(c->cmsg_type, IP_TOS);
	ck_assert_uint_eq(*CMSG_DATA(c), 0xb9);
}
END_TEST

/* Path of 400 octets: nothing below 576 is refused; DF decides above. */
START_TEST(test_tx_too_big)
{
	uint8_t inner[1400];
	struct esp_path *path = atomic_load(&w.child->path);

	path->inner_mtu = 700;
	(void)dp_packet(inner, IP_V4, 701, 1000, 1);
	lone_device_sends(&w, view_of(inner, 701));
	ck_assert_uint_eq(lone_stat(&w, ESP_TX_TOO_BIG), 0);
	ck_assert_int_eq(lone_device_gets(&w, buf, sizeof(buf)), -1);
	inner[6] = 0x40; /* DF */
	dp_packet_fix(inner);
	lone_device_sends(&w, view_of(inner, 701));
	ck_assert_uint_eq(lone_stat(&w, ESP_TX_TOO_BIG), 1);
	ck_assert_int_eq(lone_device_gets(&w, buf, sizeof(buf)), 576);
	ck_assert_mem_eq(buf + 16, inner + 12, 4); /* to the sender */
	ck_assert_uint_eq(buf[20], 3);
	ck_assert_uint_eq(buf[21], 4);
	ck_assert_int_eq(buf[26] << 8 | buf[27], 700);
	(void)dp_packet(inner, IP_V4, 700, 1000, 1);
	inner[6] = 0x40;
	lone_device_sends(&w, view_of(inner, 700));
	ck_assert_uint_eq(lone_stat(&w, ESP_TX_TOO_BIG), 1);
	ck_assert_uint_eq(lone_stat(&w, ESP_TX_PACKETS), 2);
	ck_assert_uint_eq(w.child->sequence, 2); /* no number is spent on what is not sent */
}
END_TEST

/* Each is refused, but not each is answered. */
START_TEST(test_tx_too_big_rate)
{
	uint8_t inner[800];
	int answers = 0;

	atomic_load(&w.child->path)->inner_mtu = 700;
	(void)dp_packet(inner, IP_V4, sizeof(inner), 1000, 1);
	inner[6] = 0x40;
	for (int i = 0; i < 30; i++)
		lone_device_sends(&w, view_of(inner, sizeof(inner)));
	while (lone_device_gets(&w, buf, sizeof(buf)) > 0)
		answers++;
	ck_assert_int_eq(answers, 10);
	ck_assert_uint_eq(lone_stat(&w, ESP_TX_TOO_BIG), 30);
	w.worker.now_ms += 100;
	lone_device_sends(&w, view_of(inner, sizeof(inner)));
	ck_assert_int_gt(lone_device_gets(&w, buf, sizeof(buf)), 0);
}
END_TEST

/* Router solicitations and the like ask for no tunnel. */
START_TEST(test_tx_chatter)
{
	struct esp_event ev;
	uint8_t inner[60];

	atomic_store(&w.child->outbound, false);
	(void)dp_packet(inner, IP_V6, sizeof(inner), 1000, 1);
	inner[24] = 0xff;
	inner[25] = 2;
	lone_device_sends(&w, view_of(inner, sizeof(inner)));
	inner[24] = 0xfe;
	inner[25] = 0x80;
	lone_device_sends(&w, view_of(inner, sizeof(inner)));
	(void)dp_packet(inner, IP_V4, sizeof(inner), 1000, 1);
	inner[16] = 224;
	inner[17] = 0;
	lone_device_sends(&w, view_of(inner, sizeof(inner)));
	ck_assert_uint_eq(lone_stat(&w, ESP_TX_CHATTER), 3);
	ck_assert_uint_eq(lone_stat(&w, ESP_TX_NO_SA), 0);
	ck_assert(!next_event(&ev));
}
END_TEST

START_TEST(test_tx_acquire)
{
	struct esp_event ev;

	atomic_store(&w.child->outbound, false);
	for (int i = 0; i < 10; i++)
		lone_device_sends(&w, dp_packet(buf, IP_V4, 60, 1000, 1));
	ck_assert_uint_eq(lone_stat(&w, ESP_TX_NO_SA), 10);
	ck_assert(next_event(&ev));
	ck_assert_int_eq(ev.type, ESP_EVENT_ACQUIRE);
	ck_assert_uint_eq(ev.id, LONE_SITE);
	ck_assert(!next_event(&ev));
	w.worker.now_ms += 999;
	lone_device_sends(&w, dp_packet(buf, IP_V4, 60, 1000, 1));
	ck_assert(!next_event(&ev));
	w.worker.now_ms += 1;
	lone_device_sends(&w, dp_packet(buf, IP_V4, 60, 1000, 1));
	ck_assert(next_event(&ev));
}
END_TEST

START_TEST(test_tx_steering)
{
	struct ike_child_install in = lone_install(&w, &lone_gcm, 2, 0x3333);
	struct esp_child *other;
	struct esp_event ev;

	other = lone_add_child(&w, &in, 4);
	lone_device_sends(&w, dp_packet(buf, IP_V4, 60, 1000, 1));
	ck_assert_uint_eq(w.child->sequence, 1);
	wish_slot(4);
	esp_site_publish(w.site, &w.shared.grace);
	lone_device_sends(&w, dp_packet(buf, IP_V4, 60, 1000, 1));
	ck_assert_uint_eq(w.child->sequence, 1);
	ck_assert_uint_eq(other->sequence, 1);
	wish_slot(0);
	esp_site_publish(w.site, &w.shared.grace);
	lone_device_sends(&w, dp_packet(buf, IP_V4, 60, 1000, 1));
	ck_assert_uint_eq(lone_stat(&w, ESP_TX_NO_SLOT), 1);
	ck_assert(!next_event(&ev));
	wish_slot(2);
	esp_site_publish(w.site, &w.shared.grace);
	lone_device_sends(&w, dp_packet(buf, IP_V4, 60, 1000, 1));
	ck_assert_uint_eq(lone_stat(&w, ESP_TX_NO_SA), 1);
}
END_TEST

/* RFC 4301 section 5.1: the newest SA whose selectors take both addresses. */
START_TEST(test_tx_selectors)
{
	struct ike_child_install in = lone_install(&w, &lone_gcm, 2, 0x3333);
	struct esp_child *narrow;
	uint8_t inner[60];

	ck_assert_int_eq(ip_range_parse("10.1.0.0/16", &in.local_ts.ts[0].range), 0);
	ck_assert_int_eq(ip_range_parse("10.2.0.0/16", &in.remote_ts.ts[0].range), 0);
	narrow = lone_add_child(&w, &in, 1);
	lone_device_sends(&w, dp_packet(inner, IP_V4, sizeof(inner), 1000, 1));
	ck_assert_uint_eq(narrow->sequence, 1);
	inner[13] = 9;
	lone_device_sends(&w, view_of(inner, sizeof(inner)));
	inner[13] = 1;
	inner[17] = 9;
	lone_device_sends(&w, view_of(inner, sizeof(inner)));
	ck_assert_uint_eq(narrow->sequence, 1);
	ck_assert_uint_eq(w.child->sequence, 2);
}
END_TEST

START_TEST(test_tx_drops)
{
	struct esp_event ev;
	uint8_t inner[60];

	(void)dp_packet(inner, IP_V6, sizeof(inner), 1000, 1); /* the SA is for IPv4 */
	lone_device_sends(&w, view_of(inner, sizeof(inner)));
	ck_assert_uint_eq(lone_stat(&w, ESP_TX_SELECTOR), 1);
	inner[0] = 0;
	lone_device_sends(&w, view_of(inner, sizeof(inner)));
	ck_assert_uint_eq(lone_stat(&w, ESP_TX_INNER), 1);
	(void)close(w.device); /* the device is gone */
	esp_tx_batch(&w.worker, w.site);
	ck_assert_uint_eq(lone_stat(&w, ESP_TX_DEVICE_GONE), 1);
	ck_assert(next_event(&ev));
	ck_assert_int_eq(ev.type, ESP_EVENT_DEVICE_GONE);
	ck_assert_uint_eq(ev.id, LONE_SITE);
	w.device = -1;
}
END_TEST

/* More packets than one batch takes stay in the device until the next. */
START_TEST(test_tx_batches)
{
	struct view packet = dp_packet(buf, IP_V4, 60, 1000, 1);
	uint8_t got[200];
	int n = 0;

	for (int i = 0; i < ESP_BATCH + 5; i++)
		lone_device_queues(&w, packet);
	esp_tx_batch(&w.worker, w.site);
	ck_assert_uint_eq(w.child->sequence, ESP_BATCH);
	esp_tx_batch(&w.worker, w.site);
	ck_assert_uint_eq(w.child->sequence, ESP_BATCH + 5u);
	while (recv(w.peer, got, sizeof(got), 0) > 0) {
		n++;
		ck_assert_int_eq(got[7], n); /* in order */
	}
	ck_assert_int_eq(n, ESP_BATCH + 5);
	ck_assert_uint_eq(esp_counter_get(&w.child->tx_packets), ESP_BATCH + 5u);
	ck_assert_uint_eq(esp_counter_get(&w.child->tx_bytes), UINT64_C(60) * (ESP_BATCH + 5));
	ck_assert_uint_eq(esp_counter_get(&w.child->tx_last_ms), w.worker.now_ms);
}
END_TEST

/* Opens what the peer gets next with the keys of lone_install; the inner packet's length. */
static size_t peer_opens(struct esp_cipher *opener, uint64_t seq, uint8_t *inner)
{
	uint8_t packet[2048], next;
	ssize_t n = recv(w.peer, packet, sizeof(packet), 0);
	struct esp_job job = {
		.cipher = opener, .in = packet, .out = inner, .len = (size_t)n, .seq = seq};
	size_t len;

	ck_assert_int_gt(n, 8 + 8 + 16);
	ck_assert_uint_eq(packet[7], seq);
	esp_cipher_open(w.worker.engine, &job, 1);
	ck_assert_int_eq(job.result, 0);
	ck_assert_int_eq(esp_trailer_read(view_of(inner, (size_t)n - 8 - 8 - 16), &len, &next), 0);
	ck_assert_uint_eq(next, ESP_NEXT_IPV4);
	return len;
}

static struct model_packet model_tcp(const uint8_t *payload, size_t len)
{
	return (struct model_packet){.version = 4,
				     .ttl = 64,
				     .id = 65530,
				     .df = true,
				     .host = 1,
				     .port = 1000,
				     .protocol = 6,
				     .seq = 4294960000,
				     .flags = 0x18,
				     .window = 100,
				     .payload = payload,
				     .len = len};
}

/* ---- Last miles ------------------------------------------------------------------------------ */

static void cap(uint32_t mbps)
{
	esp_site_cap(w.site, 1, mbps);
	esp_site_publish(w.site, &w.shared.grace);
}

static uint64_t later(uint64_t ms)
{
	w.worker.turn.woke_ns += ms * 1000000;
	return esp_tx_drain(&w.worker);
}

/* 1 Mbps: a packet of 1,250 octets each 10 ms, and as much as fits into 4 ms at once. */
START_TEST(test_tx_cap)
{
	struct view packet = dp_packet(buf, IP_V4, 1250, 1000, 1);
	uint64_t start_ns = w.worker.turn.woke_ns;

	cap(1);
	for (int i = 0; i < 30; i++)
		lone_device_queues(&w, packet);
	esp_tx_batch(&w.worker, w.site);
	ck_assert_uint_eq(w.child->sequence, 1);	 /* 6 ms are left to pay */
	ck_assert_uint_eq(lone_stat(&w, ESP_TX_CAP), 9); /* 20 of them are 40 ms and 16 packets */
	ck_assert_uint_eq(later(0), start_ns + 6000000);
	ck_assert_uint_eq(later(5), start_ns + 6000000);
	ck_assert_uint_eq(w.child->sequence, 1);
	ck_assert_uint_eq(later(1), start_ns + 16000000);
	ck_assert_uint_eq(w.child->sequence, 2);
	lone_device_sends(&w, packet); /* behind the others */
	ck_assert_uint_eq(w.child->sequence, 2);
	(void)later(10);
	ck_assert_uint_eq(w.child->sequence, 3);
	(void)later(100); /* a late sender makes up for it */
	ck_assert_uint_eq(w.child->sequence, 13);
	ck_assert_uint_eq(later(500), 0);
	ck_assert_uint_eq(w.child->sequence, 22);
	ck_assert_uint_eq(later(0), 0);
	cap(0);
	for (int i = 0; i < 30; i++)
		lone_device_sends(&w, packet);
	ck_assert_uint_eq(w.child->sequence, 52);
}
END_TEST

/* What waits takes the SA that there is when its time has come. */
START_TEST(test_tx_cap_and_rekey)
{
	struct view packet = dp_packet(buf, IP_V4, 1250, 1000, 1);
	struct ike_child_install in = lone_install(&w, &lone_gcm, 2, 0x3333);
	struct esp_child *next;

	cap(1);
	for (int i = 0; i < 5; i++)
		lone_device_sends(&w, packet);
	next = lone_add_child(&w, &in, 1);
	(void)later(200);
	ck_assert_uint_eq(w.child->sequence, 1);
	ck_assert_uint_eq(next->sequence, 4);
	for (int i = 0; i < 5; i++)
		lone_device_sends(&w, packet);
	atomic_store(&next->outbound, false);
	atomic_store(&w.child->outbound, false);
	(void)later(200);
	ck_assert_uint_ge(lone_stat(&w, ESP_TX_NO_SA), 1);
	ck_assert_uint_eq(later(0), 0);
}
END_TEST

/* The site goes, and another one gets its number: it does not get its packets. */
START_TEST(test_tx_cap_and_no_site)
{
	struct view packet = dp_packet(buf, IP_V4, 1250, 1000, 1);

	cap(1);
	for (int i = 0; i < 5; i++)
		lone_device_sends(&w, packet);
	ck_assert_uint_eq(w.child->sequence, 1);
	if (_i == 0)
		atomic_store(&sites[LONE_SITE], NULL);
	else
		w.site->miles[0].line = 0; /* as that of a new site is */
	ck_assert_uint_eq(later(200), 0);
	ck_assert_uint_eq(w.child->sequence, 1);
	atomic_store(&sites[LONE_SITE], w.site);
	w.site->miles[0].line = 0;
	lone_device_sends(&w, packet);
	ck_assert_uint_eq(w.child->sequence, 2);
}
END_TEST

/* A super-packet of TCP leaves as the packets that it stands for, in order; with and without the
 * help of the system, and when it had to wait. */
START_TEST(test_tx_super)
{
	static uint8_t payload[60000], whole[MODEL_PACKET_MAX], expected[MODEL_PACKET_MAX];
	struct model_packet m = model_tcp(payload, sizeof(payload)), part = m;
	struct virtio_net_hdr vnet = {.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
				      .gso_type = VIRTIO_NET_HDR_GSO_TCPV4,
				      .gso_size = 1300,
				      .csum_start = 20,
				      .csum_offset = 16};
	struct iovec parts[2] = {{&vnet, sizeof(vnet)}, {whole, model_build(&m, whole)}};
	struct esp_cipher *opener;
	uint8_t key[20], inner[2048];

	memset(key, 0x33, sizeof(key));
	ck_assert_int_eq(esp_cipher_new(w.worker.engine, &lone_gcm, ESP_OPEN,
					view_of(key, sizeof(key)), view_of(NULL, 0), &opener, NULL),
			 0);
	atomic_load(&w.child->path)->one_by_one = _i == 0 ? 0 : 10;
	model_leave_sum(&m, whole);
	if (_i == 2) {
		cap(100);
		w.site->miles[0].free_ns = w.worker.turn.woke_ns + 1000000;
	}
	ck_assert_int_gt(writev(w.device, parts, 2), 60000);
	esp_tx_batch(&w.worker, w.site);
	ck_assert(_i != 2 || w.child->sequence == 0);
	(void)later(1);
	for (size_t at = 0, i = 1; at < sizeof(payload); at += 1300, i++) {
		bool last = at + 1300 >= sizeof(payload);

		part.payload = payload + at;
		part.len = last ? sizeof(payload) - at : 1300;
		part.seq = m.seq + (uint32_t)at;
		part.id = (uint16_t)(m.id + i - 1);
		part.flags = last ? 0x18 : 0x10;
		ck_assert_uint_eq(peer_opens(opener, i, inner), model_build(&part, expected));
		ck_assert_mem_eq(inner, expected, part.len + 40);
	}
	ck_assert_int_eq(recv(w.peer, inner, sizeof(inner), 0), -1);
	ck_assert_uint_eq(lone_stat(&w, ESP_TX_PACKETS), 47);
	ck_assert_uint_eq(esp_counter_get(&w.child->tx_packets), 47);
	ck_assert_uint_eq(esp_counter_get(&w.child->tx_bytes), 47u * 40 + sizeof(payload));
	esp_cipher_free(opener);
}
END_TEST

/* A packet whose checksum is left to us is whole although it had to wait. */
START_TEST(test_tx_cap_completes_sums)
{
	static uint8_t payload[500], whole[MODEL_PACKET_MAX], expected[MODEL_PACKET_MAX];
	struct model_packet m = model_tcp(payload, sizeof(payload));
	struct virtio_net_hdr vnet = {.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
				      .csum_start = 20,
				      .csum_offset = 16};
	struct iovec parts[2] = {{&vnet, sizeof(vnet)}, {whole, model_build(&m, whole)}};
	struct esp_cipher *opener;
	uint8_t key[20], inner[2048];

	memset(key, 0x33, sizeof(key));
	ck_assert_int_eq(esp_cipher_new(w.worker.engine, &lone_gcm, ESP_OPEN,
					view_of(key, sizeof(key)), view_of(NULL, 0), &opener, NULL),
			 0);
	model_leave_sum(&m, whole);
	cap(1);
	w.site->miles[0].free_ns = w.worker.turn.woke_ns + 1000000;
	ck_assert_int_gt(writev(w.device, parts, 2), 500);
	esp_tx_batch(&w.worker, w.site);
	ck_assert_uint_eq(w.child->sequence, 0);
	(void)later(1);
	ck_assert_uint_eq(peer_opens(opener, 1, inner), model_build(&m, expected));
	ck_assert_mem_eq(inner, expected, sizeof(payload) + 40);
	esp_cipher_free(opener);
}
END_TEST

/* Segments too long for the path are refused as the packets would be. */
START_TEST(test_tx_super_too_big)
{
	static uint8_t payload[9000], whole[MODEL_PACKET_MAX];
	struct model_packet m = model_tcp(payload, sizeof(payload));
	struct virtio_net_hdr vnet = {.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
				      .gso_type = VIRTIO_NET_HDR_GSO_TCPV4,
				      .gso_size = 1460,
				      .csum_start = 20,
				      .csum_offset = 16};
	struct iovec parts[2] = {{&vnet, sizeof(vnet)}, {whole, model_build(&m, whole)}};
	size_t mtu = atomic_load(&w.child->path)->inner_mtu;

	model_leave_sum(&m, whole);
	ck_assert_int_gt(writev(w.device, parts, 2), 9000);
	esp_tx_batch(&w.worker, w.site);
	ck_assert_uint_eq(lone_stat(&w, ESP_TX_TOO_BIG), 7);
	ck_assert_uint_eq(w.child->sequence, 0);
	ck_assert_int_eq(lone_device_gets(&w, buf, sizeof(buf)), 576);
	ck_assert_uint_eq(buf[20], 3);
	ck_assert_uint_eq((size_t)buf[26] << 8 | buf[27], mtu);
	ck_assert_int_eq(buf[30] << 8 | buf[31], 1500); /* quotes a segment */
}
END_TEST

/* The last sequence number is in the middle of a super-packet. */
START_TEST(test_tx_super_sequence_end)
{
	static uint8_t payload[9000], whole[MODEL_PACKET_MAX];
	struct model_packet m = model_tcp(payload, sizeof(payload));
	struct virtio_net_hdr vnet = {.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
				      .gso_type = VIRTIO_NET_HDR_GSO_TCPV4,
				      .gso_size = 1000,
				      .csum_start = 20,
				      .csum_offset = 16};
	struct iovec parts[2] = {{&vnet, sizeof(vnet)}, {whole, model_build(&m, whole)}};

	w.child->sequence = UINT32_MAX - 4;
	ck_assert_int_gt(writev(w.device, parts, 2), 9000);
	esp_tx_batch(&w.worker, w.site);
	ck_assert_uint_eq(lone_stat(&w, ESP_TX_PACKETS), 4);
	ck_assert_uint_eq(lone_stat(&w, ESP_TX_SEQUENCE), 5);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("esp_tx");
	TCase *t = tcase_create("tx");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, test_tx_sequence_end);
	tcase_add_test(t, test_tx_extended_sequence_goes_on);
	tcase_add_test(t, test_tx_outer_tos);
	tcase_add_test(t, test_tx_too_big);
	tcase_add_test(t, test_tx_too_big_rate);
	tcase_add_test(t, test_tx_chatter);
	tcase_add_test(t, test_tx_acquire);
	tcase_add_test(t, test_tx_steering);
	tcase_add_test(t, test_tx_selectors);
	tcase_add_test(t, test_tx_drops);
	tcase_add_test(t, test_tx_batches);
	tcase_add_test(t, test_tx_cap);
	tcase_add_test(t, test_tx_cap_and_rekey);
	tcase_add_loop_test(t, test_tx_cap_and_no_site, 0, 2);
	tcase_add_test(t, test_tx_cap_completes_sums);
	tcase_add_loop_test(t, test_tx_super, 0, 3);
	tcase_add_test(t, test_tx_super_too_big);
	tcase_add_test(t, test_tx_super_sequence_end);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
