/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The inbound path: what is delivered, what is dropped and why, and what is reported. */
#include "dataplane/esp/vnet.h"
#include "platform/base/mem.h"
#include "tests/unit/dataplane/lone_worker.h"
#include "tests/unit/dataplane/offload_model.h"
#include "tests/unit/dataplane/run_suite.h"

#include <arpa/inet.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

static struct lone_worker w;
static uint8_t buf[2048];

static void set_up(void)
{
	lone_open(&w, &lone_gcm);
}

static void set_up_cbc(void)
{
	lone_open(&w, &lone_cbc);
}

static void tear_down(void)
{
	lone_close(&w);
}

static bool next_event(struct esp_event *ev)
{
	return esp_worker_event(&w.worker, ev);
}

START_TEST(test_rx_delivers)
{
	uint8_t expected[200];

	for (uint64_t seq = 1; seq <= 5; seq++)
		lone_peer_sends_good(&w, w.peer, seq);
	lone_receive(&w);
	(void)dp_packet(expected, IP_V4, 100, 1000, 1);
	for (int i = 0; i < 5; i++) {
		ck_assert_int_eq(lone_device_gets(&w, buf, sizeof(buf)), 100);
		ck_assert_mem_eq(buf, expected, 100);
	}
	ck_assert_int_eq(lone_device_gets(&w, buf, sizeof(buf)), -1);
	ck_assert_uint_eq(esp_counter_get(&w.child->rx_packets), 5);
	ck_assert_uint_eq(esp_counter_get(&w.child->rx_bytes), 500);
	ck_assert_uint_eq(esp_counter_get(&w.child->rx_last_ms), w.worker.now_ms);
	ck_assert_uint_eq(lone_stat(&w, ESP_RX_DATAGRAMS), 5);
}
END_TEST

/* RFC 3948 section 2: what is not ESP. */
START_TEST(test_rx_sorts_out)
{
	uint8_t message[64] = {0, 0, 0, 0, 0xaa};
	struct esp_ike_head head;
	size_t len;

	lone_peer_sends_raw(&w, w.peer, "\xff", 1, 0);
	lone_peer_sends_raw(&w, w.peer, "\xfe", 1, 0);
	lone_peer_sends_raw(&w, w.peer, "", 0, 0);
	lone_peer_sends_raw(&w, w.peer, message, 4, 0); /* marker alone */
	lone_peer_sends_raw(&w, w.peer, "\1\2\3\4\0\0\0", 7, 0);
	lone_peer_sends_raw(&w, w.elsewhere, message, sizeof(message), 0);
	lone_receive(&w);
	ck_assert_uint_eq(lone_stat(&w, ESP_RX_KEEPALIVE), 1);
	ck_assert_uint_eq(lone_stat(&w, ESP_RX_SHORT), 4);
	ck_assert_uint_eq(lone_stat(&w, ESP_RX_IKE), 1);
	ck_assert(esp_worker_ike(&w.worker, &head, buf, sizeof(buf), &len));
	ck_assert_uint_eq(len, sizeof(message));
	ck_assert_mem_eq(buf, message, len);
	ck_assert(ip_endpoint_equal(&head.local, &w.own));
	w.peer_endpoint = lone_endpoint_of(w.elsewhere);
	ck_assert(ip_endpoint_equal(&head.remote, &w.peer_endpoint));
	ck_assert(!esp_worker_ike(&w.worker, &head, buf, sizeof(buf), &len));
}
END_TEST

START_TEST(test_rx_ike_ring_full)
{
	uint8_t message[400] = {0};

	for (int i = 0; i < 5; i++)
		lone_peer_sends_raw(&w, w.peer, message, sizeof(message), 0);
	lone_receive(&w);
	ck_assert_uint_eq(lone_stat(&w, ESP_RX_IKE), 2);
	ck_assert_uint_eq(lone_stat(&w, ESP_RX_IKE_LOST), 3);
}
END_TEST

START_TEST(test_rx_overflow)
{
	static const uint8_t big[500];
	int small = 1; /* the kernel makes it the least it allows */
	uint64_t sent = 50, got = 0, n;

	ck_assert_int_eq(setsockopt(w.shared.out[ESP_UDP_V4], SOL_SOCKET, SO_RCVBUF, &small,
				    sizeof(small)),
			 0);
	for (uint64_t i = 0; i < sent; i++)
		lone_peer_sends_raw(&w, w.peer, big, sizeof(big), 0);
	lone_receive(&w);
	got = lone_stat(&w, ESP_RX_DATAGRAMS);
	ck_assert_uint_lt(got, sent);
	/* the system tells with the next datagram */
	lone_peer_sends_raw(&w, w.peer, big, sizeof(big), 0);
	lone_receive(&w);
	n = lone_stat(&w, ESP_RX_OVERFLOW);
	ck_assert_uint_eq(got + n, sent);
}
END_TEST

START_TEST(test_rx_unknown_spi)
{
	lone_peer_sends_raw(&w, w.peer, "\0\0\x11\x12\0\0\0\1aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
			    44, 0);
	lone_receive(&w);
	ck_assert_uint_eq(lone_stat(&w, ESP_RX_UNKNOWN_SPI), 1);
}
END_TEST

/* Too short for the transform: no reading behind the datagram. */
START_TEST(test_rx_short_for_transform)
{
	uint8_t packet[100] = {0, 0, 0x11, 0x11, 0, 0, 0, 1};
	size_t least = 8u + w.child->transform.iv_len + w.child->transform.block +
		       w.child->transform.icv_len;

	for (size_t len = 8; len < least; len++)
		lone_peer_sends_raw(&w, w.peer, packet, len, 0);
	lone_receive(&w);
	ck_assert_uint_eq(lone_stat(&w, ESP_RX_SHORT), least - 8);
	ck_assert_uint_eq(esp_counter_get(&w.child->malformed_drops), least - 8);
}
END_TEST

START_TEST(test_rx_replay)
{
	lone_peer_sends_good(&w, w.peer, 1);
	lone_peer_sends_good(&w, w.peer, 1); /* in the same batch */
	lone_receive(&w);
	lone_peer_sends_good(&w, w.peer, 1); /* in the next one */
	lone_receive(&w);
	ck_assert_int_eq(lone_device_gets(&w, buf, sizeof(buf)), 100);
	ck_assert_int_eq(lone_device_gets(&w, buf, sizeof(buf)), -1);
	ck_assert_uint_eq(lone_stat(&w, ESP_RX_REPLAY), 2);
	ck_assert_uint_eq(esp_counter_get(&w.child->replay_drops), 2);
}
END_TEST

/* A forged sequence number does not move the window. */
START_TEST(test_rx_auth)
{
	uint8_t text[100], packet[200];
	size_t len;

	(void)dp_packet(text, IP_V4, 60, 1000, 1);
	len = esp_trailer_write(&w.child->transform, text, 60, ESP_NEXT_IPV4);
	len = lone_peer_seals(&w, w.child, 1, view_of(text, len), packet);
	packet[4] = 0x7f; /* sequence number 2^31 and more */
	lone_peer_sends_raw(&w, w.peer, packet, len, 0);
	packet[4] = 0;
	packet[len - 1] ^= 1;
	lone_peer_sends_raw(&w, w.peer, packet, len, 0);
	lone_receive(&w);
	ck_assert_uint_eq(lone_stat(&w, ESP_RX_AUTH), 2);
	ck_assert_uint_eq(esp_counter_get(&w.child->auth_drops), 2);
	ck_assert_uint_eq(esp_counter_get(&w.child->rx_last_ms), 0);
	packet[len - 1] ^= 1;
	lone_peer_sends_raw(&w, w.peer, packet, len, 0);
	lone_receive(&w);
	ck_assert_int_eq(lone_device_gets(&w, buf, sizeof(buf)), 60);
}
END_TEST

START_TEST(test_rx_malformed)
{
	struct view good;
	uint8_t text[64], packet[200], inner[100];
	size_t len;

	/* padding that is not 1, 2, 3, ...; pad length beyond the text */
	memset(text, 0, sizeof(text));
	text[62] = 5;
	text[63] = 4;
	len = lone_peer_seals(&w, w.child, 1, view_of(text, 64), packet);
	lone_peer_sends_raw(&w, w.peer, packet, len, 0);
	text[62] = 63;
	len = lone_peer_seals(&w, w.child, 2, view_of(text, 64), packet);
	lone_peer_sends_raw(&w, w.peer, packet, len, 0);
	good = dp_packet(inner, IP_V4, 60, 1000, 1);
	lone_peer_sends(&w, w.peer, 3, good, 6, 0);		/* TCP: transport mode */
	lone_peer_sends(&w, w.peer, 4, good, ESP_NEXT_IPV6, 0); /* says IPv6, is IPv4 */
	lone_peer_sends(&w, w.peer, 5, view_of(inner, 59), ESP_NEXT_IPV4, 0);
	lone_peer_sends(&w, w.peer, 6, view_of(inner, 0), ESP_NEXT_IPV4, 0);
	lone_receive(&w);
	ck_assert_uint_eq(lone_stat(&w, ESP_RX_PADDING), 2);
	ck_assert_uint_eq(lone_stat(&w, ESP_RX_NEXT_HEADER), 1);
	ck_assert_uint_eq(lone_stat(&w, ESP_RX_INNER), 3);
	ck_assert_uint_eq(esp_counter_get(&w.child->malformed_drops), 6);
	ck_assert_int_eq(lone_device_gets(&w, buf, sizeof(buf)), -1);
}
END_TEST

/* RFC 4303 sections 2.6 and 2.7: dummy packets vanish without complaint, TFC padding is cut off. */
START_TEST(test_rx_dummy_and_tfc)
{
	uint8_t inner[200] = {0};

	lone_peer_sends(&w, w.peer, 1, view_of(inner, 80), ESP_NEXT_DUMMY, 0);
	(void)dp_packet(inner, IP_V4, 60, 1000, 1);
	lone_peer_sends(&w, w.peer, 2, view_of(inner, sizeof(inner)), ESP_NEXT_IPV4, 0);
	lone_receive(&w);
	ck_assert_uint_eq(lone_stat(&w, ESP_RX_DUMMY), 1);
	ck_assert_uint_eq(esp_counter_get(&w.child->malformed_drops), 0);
	ck_assert_int_eq(lone_device_gets(&w, buf, sizeof(buf)), 60);
	ck_assert_mem_eq(buf, inner, 60);
	ck_assert_int_eq(lone_device_gets(&w, buf, sizeof(buf)), -1);
}
END_TEST

/* RFC 4301 section 5.2: source and destination must both be inside. */
START_TEST(test_rx_selectors)
{
	struct ike_child_install in = lone_install(&w, &lone_gcm, 2, 0x3333);
	uint8_t inner[60];

	ck_assert_int_eq(ip_range_parse("10.1.0.0/16", &in.remote_ts.ts[0].range), 0);
	ck_assert_int_eq(ip_range_parse("10.2.0.0/16", &in.local_ts.ts[0].range), 0);
	w.child = lone_add_child(&w, &in, 1);
	(void)dp_packet(inner, IP_V4, sizeof(inner), 1000, 1);
	inner[13] = 9; /* from 10.9.0.1 */
	lone_peer_sends(&w, w.peer, 1, view_of(inner, sizeof(inner)), ESP_NEXT_IPV4, 0);
	inner[13] = 1;
	inner[17] = 9; /* to 10.9.0.1 */
	lone_peer_sends(&w, w.peer, 2, view_of(inner, sizeof(inner)), ESP_NEXT_IPV4, 0);
	lone_receive(&w);
	ck_assert_int_eq(lone_device_gets(&w, buf, sizeof(buf)), -1);
	ck_assert_uint_eq(lone_stat(&w, ESP_RX_SELECTOR), 2);
	ck_assert_uint_eq(esp_counter_get(&w.child->selector_drops), 2);
	inner[17] = 2;
	lone_peer_sends(&w, w.peer, 3, view_of(inner, sizeof(inner)), ESP_NEXT_IPV4, 0);
	lone_receive(&w);
	ck_assert_int_eq(lone_device_gets(&w, buf, sizeof(buf)), 60);
}
END_TEST

START_TEST(test_rx_ecn)
{
	uint8_t inner[100];

	(void)dp_packet(inner, IP_V4, 60, 1000, 1);
	lone_peer_sends(&w, w.peer, 1, view_of(inner, 60), ESP_NEXT_IPV4, 3); /* CE on Not-ECT */
	inner[1] = 2;
	dp_packet_fix(inner);
	lone_peer_sends(&w, w.peer, 2, view_of(inner, 60), ESP_NEXT_IPV4, 3);
	lone_receive(&w);
	ck_assert_uint_eq(lone_stat(&w, ESP_RX_ECN), 1);
	ck_assert_int_eq(lone_device_gets(&w, buf, sizeof(buf)), 60);
	ck_assert_uint_eq(buf[1], 3);
	ck_assert_int_eq(lone_device_gets(&w, buf, sizeof(buf)), -1);
}
END_TEST

START_TEST(test_rx_device_refuses)
{
	(void)shutdown(w.site->tun, SHUT_WR);
	lone_peer_sends_good(&w, w.peer, 1);
	lone_receive(&w);
	ck_assert_uint_eq(lone_stat(&w, ESP_RX_DEVICE), 1);
	ck_assert_uint_eq(esp_counter_get(&w.child->malformed_drops), 0);
}
END_TEST

START_TEST(test_rx_used)
{
	struct ike_child_install in = lone_install(&w, &lone_gcm, 2, 0x3333);
	struct esp_child *first = w.child;
	struct esp_event ev;

	in.outbound_now = false;
	w.child = lone_add_child(&w, &in, 1);
	/* not yet: the older SA sends */
	lone_device_sends(&w, dp_packet(buf, IP_V4, 60, 1000, 1));
	ck_assert_uint_eq(first->sequence, 1);
	ck_assert_uint_eq(w.child->sequence, 0);
	lone_peer_sends_good(&w, w.peer, 1);
	lone_peer_sends_good(&w, w.peer, 2);
	lone_receive(&w);
	ck_assert(next_event(&ev));
	ck_assert_int_eq(ev.type, ESP_EVENT_USED);
	ck_assert_uint_eq(ev.id, 2);
	ck_assert(!next_event(&ev)); /* once */
	lone_device_sends(&w, dp_packet(buf, IP_V4, 60, 1000, 1));
	ck_assert_uint_eq(first->sequence, 1);
	ck_assert_uint_eq(w.child->sequence, 1);
}
END_TEST

/* RFC 7296 section 2.23. */
START_TEST(test_rx_moved)
{
	struct ip_endpoint elsewhere = lone_endpoint_of(w.elsewhere);
	struct esp_event ev;

	lone_peer_sends_good(&w, w.peer, 5);
	lone_receive(&w);
	ck_assert(!next_event(&ev));
	lone_peer_sends_good(&w, w.elsewhere,
			     4); /* older: the network is slow, the peer has not moved */
	lone_receive(&w);
	ck_assert(!next_event(&ev));
	lone_peer_sends_good(&w, w.elsewhere, 6);
	lone_peer_sends_good(&w, w.elsewhere, 7);
	lone_receive(&w);
	ck_assert(next_event(&ev));
	ck_assert_int_eq(ev.type, ESP_EVENT_MOVED);
	ck_assert_uint_eq(ev.id, 1);
	ck_assert(ip_endpoint_equal(&ev.remote, &elsewhere));
	ck_assert(!next_event(&ev));		  /* not for each packet */
	lone_peer_sends_good(&w, w.peer, 8);	  /* and back */
	lone_peer_sends_good(&w, w.elsewhere, 9); /* and there again */
	lone_receive(&w);
	ck_assert(next_event(&ev));
	ck_assert_int_eq(ev.type, ESP_EVENT_MOVED);
	ck_assert(!next_event(&ev));
}
END_TEST

/* Reports that find the ring full are made again. */
START_TEST(test_rx_moved_ring_full)
{
	struct esp_event ev = {.type = ESP_EVENT_BROKEN, .id = 99};
	unsigned n = 0;

	while (esp_worker_report(&w.worker, &ev))
		n++;
	lone_peer_sends_good(&w, w.elsewhere, 1);
	lone_receive(&w);
	for (; n > 0; n--)
		ck_assert(next_event(&ev));
	ck_assert(!next_event(&ev));
	lone_peer_sends_good(&w, w.elsewhere, 2);
	lone_receive(&w);
	ck_assert(next_event(&ev));
	ck_assert_int_eq(ev.type, ESP_EVENT_MOVED);
}
END_TEST

/* Packets of one flow in one batch become one super-packet; the system may hand them over as one
 * message or as many. */
START_TEST(test_rx_coalesces)
{
	static uint8_t payload[1000], got[MODEL_PACKET_MAX];
	struct model_packet m = {.version = 4,
				 .ttl = 64,
				 .id = 5,
				 .host = 1,
				 .port = 1000,
				 .protocol = 6,
				 .seq = 1,
				 .flags = 0x10,
				 .payload = payload,
				 .len = sizeof(payload)};
	uint8_t inner[2048], text[2048], packets[20][2048];
	struct virtio_net_hdr vnet;
	struct iovec parts[2] = {{&vnet, sizeof(vnet)}, {got, sizeof(got)}}, run[20];
	struct msghdr all = {.msg_iov = run, .msg_iovlen = 20};
	struct sockaddr_in to = {.sin_family = AF_INET,
				 .sin_port = htons(w.own.port),
				 .sin_addr = {htonl(INADDR_LOOPBACK)}};
	int segment = 0;

	for (uint64_t seq = 1; seq <= 20; seq++) {
		size_t len = model_build(&m, inner);

		memcpy(text, inner, len);
		len = esp_trailer_write(&w.child->transform, text, len, ESP_NEXT_IPV4);
		len = lone_peer_seals(&w, w.child, seq, view_of(text, len), packets[seq - 1]);
		run[seq - 1] = (struct iovec){packets[seq - 1], len};
		if (_i == 0)
			lone_peer_sends_raw(&w, w.peer, packets[seq - 1], len, 0);
		segment = (int)len;
		m.seq += 1000;
		m.id++;
	}
	if (_i == 1) { /* equal datagrams, taken apart by the system or not at all */
		all.msg_name = &to;
		all.msg_namelen = sizeof(to);
		ck_assert_int_eq(setsockopt(w.peer, SOL_UDP, UDP_SEGMENT, &segment,
					    sizeof(segment)),
				 0);
		ck_assert_int_eq(sendmsg(w.peer, &all, 0), 20 * segment);
	}
	lone_receive(&w);
	ck_assert_uint_eq(lone_stat(&w, ESP_RX_DATAGRAMS), 20);
	ck_assert_uint_eq(esp_counter_get(&w.child->rx_packets), 20);
	ck_assert_uint_eq(esp_counter_get(&w.child->rx_bytes), 20u * 1040);
	ck_assert_int_eq(readv(w.device, parts, 2), 10 + 40 + 20000);
	ck_assert_uint_eq(vnet.gso_type, VIRTIO_NET_HDR_GSO_TCPV4);
	ck_assert_uint_eq(vnet.gso_size, 1000);
	ck_assert_int_eq(readv(w.device, parts, 2), -1);
}
END_TEST

static void add_both(TCase *t)
{
	tcase_add_test(t, test_rx_delivers);
	tcase_add_test(t, test_rx_short_for_transform);
	tcase_add_test(t, test_rx_replay);
	tcase_add_test(t, test_rx_auth);
	tcase_add_test(t, test_rx_malformed);
	tcase_add_test(t, test_rx_dummy_and_tfc);
	tcase_add_test(t, test_rx_ecn);
	tcase_add_loop_test(t, test_rx_coalesces, 0, 2);
}

static Suite *suite(void)
{
	Suite *s = suite_create("esp_rx");
	TCase *t = tcase_create("gcm");

	tcase_add_checked_fixture(t, set_up, tear_down);
	add_both(t);
	tcase_add_test(t, test_rx_selectors);
	tcase_add_test(t, test_rx_sorts_out);
	tcase_add_test(t, test_rx_ike_ring_full);
	tcase_add_test(t, test_rx_overflow);
	tcase_add_test(t, test_rx_unknown_spi);
	tcase_add_test(t, test_rx_device_refuses);
	tcase_add_test(t, test_rx_used);
	tcase_add_test(t, test_rx_moved);
	tcase_add_test(t, test_rx_moved_ring_full);
	suite_add_tcase(s, t);
	t = tcase_create("cbc");
	tcase_add_checked_fixture(t, set_up_cbc, tear_down);
	add_both(t);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
