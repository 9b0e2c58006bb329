/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The outbound path: choice of the SA, sequence numbers, path MTU, TOS, batches and drops. */
#include "platform/base/mem.h"
#include "tests/unit/dataplane/lone_worker.h"
#include "tests/unit/dataplane/run_suite.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct lone_worker w;
static uint8_t buf[2048];

static void set_up(void)
{
	lone_open(&w, &lone_gcm);
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
		ck_assert_int_eq(send(w.device, packet.data, packet.len, 0), 60);
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
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
