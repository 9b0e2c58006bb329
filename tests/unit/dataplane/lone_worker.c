/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fixture of one worker without a thread. */
#include "tests/unit/dataplane/lone_worker.h"

#include "dataplane/esp/stat_store.h"
#include "dataplane/esp/vnet.h"
#include "platform/os/udp.h"

#include <arpa/inet.h>
#include <check.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#define RING_LEN      1024
#define LONE_RECEIVES 4 /* more than any test sends */

const struct ike_suite lone_gcm = {.encr = 20, .key_bits = 128};
const struct ike_suite lone_cbc = {.encr = 12, .key_bits = 256, .integ = 12};

struct ip_endpoint lone_endpoint_of(int fd)
{
	struct sockaddr_in a = {.sin_family = AF_INET};
	socklen_t len = sizeof(a);

	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&a, &len), 0);
	return (struct ip_endpoint){ip_addr_v4(INADDR_LOOPBACK), ntohs(a.sin_port)};
}

static int peer_socket(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0), on = 1;

	ck_assert_int_eq(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	ck_assert_int_eq(setsockopt(fd, IPPROTO_IP, IP_RECVTOS, &on, sizeof(on)), 0);
	return fd;
}

struct ike_child_install lone_install(const struct lone_worker *l, const struct ike_suite *suite,
				      uint32_t id, uint32_t spi_in)
{
	struct ip_range v4 = ip_range_any(IP_V4);
	struct esp_transform t;
	uint8_t key[64];
	struct ike_child_install in = {
		.child = id,
		.spi_in = spi_in,
		.spi_out = 0x2222 + id,
		.local = l->own,
		.remote = l->peer_endpoint,
		.udp_encap = true,
		.outbound_now = true,
		.suite = *suite,
	};

	ck_assert_int_eq(esp_transform_of(suite, &t), 0);
	memset(key, 0x33, sizeof(key));
	in.local_ts.count = in.remote_ts.count = 1;
	in.local_ts.ts[0] = in.remote_ts.ts[0] = ike_ts_of_range(&v4);
	secret_set(&in.encr_in, key, t.encr_key_len);
	secret_set(&in.encr_out, key, t.encr_key_len);
	secret_set(&in.integ_in, key, t.integ_key_len);
	secret_set(&in.integ_out, key, t.integ_key_len);
	return in;
}

struct esp_child *lone_add_child(struct lone_worker *l, struct ike_child_install *in, uint8_t slot)
{
	struct err_msg e = {.text = ""};
	struct esp_child *c;

	ck_assert_msg(esp_child_new(l->worker.engine, 1, in, slot, l->site, &c, &e) == 0, "%s",
		      e.text);
	esp_cipher_free(l->peer_sealer);
	ck_assert_int_eq(esp_cipher_new(l->worker.engine, &in->suite, ESP_SEAL,
					secret_view(&in->encr_in), secret_view(&in->integ_in),
					&l->peer_sealer, &e),
			 0);
	secret_clear(&in->encr_in);
	secret_clear(&in->encr_out);
	secret_clear(&in->integ_in);
	secret_clear(&in->integ_out);
	ck_assert_int_eq(esp_spi_table_add(l->shared.spis, c, &l->shared.grace), 0);
	list_append(&l->site->children, &c->of_site);
	esp_site_publish(l->site, &l->shared.grace);
	return c;
}

static void open_network(struct lone_worker *l)
{
	struct err_msg e = {.text = ""};

	memset(l->shared.out, -1, sizeof(l->shared.out));
	l->shared.out[ESP_UDP_V4] = udp_open(IP_V4, 0, &e);
	ck_assert_msg(l->shared.out[ESP_UDP_V4] >= 0, "%s", e.text);
	l->own = lone_endpoint_of(l->shared.out[ESP_UDP_V4]);
	l->shared.port_v4 = l->own.port;
	memcpy(l->shared.in[0], l->shared.out, sizeof(l->shared.in[0]));
	esp_udp_prepare(l->shared.out[ESP_UDP_V4]);
	l->peer = peer_socket();
	l->elsewhere = peer_socket();
	l->peer_endpoint = lone_endpoint_of(l->peer);
}

void lone_open(struct lone_worker *l, const struct ike_suite *suite)
{
	struct ike_child_install in;
	int pair[2];

	memset(l, 0, sizeof(*l));
	grace_init(&l->shared.grace);
	l->shared.spis = esp_spi_table_new();
	open_network(l);
	l->worker.shared = &l->shared;
	l->shared.stats = esp_stat_store_new(NULL, 1);
	l->worker.stats = esp_stat_store_of(l->shared.stats, 0);
	l->worker.epoll_fd = -1;
	l->worker.events = ring_new(RING_LEN);
	l->worker.ike = ring_new(RING_LEN);
	l->worker.engine = esp_engine_new(ESP_ENGINE_BEST);
	l->worker.rx = esp_rx_path_new();
	l->worker.tx = esp_tx_path_new();
	l->worker.now_ms = 50000;
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, pair), 0);
	l->device = pair[0];
	l->site = esp_site_new(LONE_SITE, pair[1], 1, true);
	memset(l->site->wanted.bucket_slot, 1, sizeof(l->site->wanted.bucket_slot));
	in = lone_install(l, suite, 1, 0x1111);
	l->child = lone_add_child(l, &in, 1);
}

void lone_close(struct lone_worker *l)
{
	struct list *node, *after;

	list_for_each(node, after, &l->site->children)
		esp_child_retire(&l->shared.grace, container_of(node, struct esp_child, of_site));
	esp_site_retire(&l->shared.grace, l->site);
	ck_assert(grace_reclaim(&l->shared.grace));
	esp_cipher_free(l->peer_sealer);
	esp_spi_table_free(l->shared.spis);
	ring_free(l->worker.events);
	ring_free(l->worker.ike);
	esp_engine_free(l->worker.engine);
	esp_rx_path_free(l->worker.rx);
	esp_tx_path_free(l->worker.tx);
	esp_stat_store_free(l->shared.stats);
	(void)close(l->device);
	(void)close(l->peer);
	(void)close(l->elsewhere);
	(void)close(l->shared.out[ESP_UDP_V4]);
}

uint64_t lone_stat(const struct lone_worker *l, enum esp_stat s)
{
	return esp_counter_get(&l->worker.stats.value[s]);
}

void lone_peer_sends_raw(struct lone_worker *l, int fd, const void *data, size_t len, int tos)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
				.sin_port = htons(l->own.port),
				.sin_addr = {htonl(INADDR_LOOPBACK)}};

	ck_assert_int_eq(setsockopt(fd, IPPROTO_IP, IP_TOS, &tos, sizeof(tos)), 0);
	ck_assert_int_eq(sendto(fd, data, len, 0, (struct sockaddr *)&a, sizeof(a)), (ssize_t)len);
}

void lone_receive(struct lone_worker *l)
{
	for (int i = 0; i < LONE_RECEIVES; i++)
		esp_rx_batch(&l->worker, ESP_UDP_V4);
}

size_t lone_peer_seals(struct lone_worker *l, const struct esp_child *c, uint64_t seq,
		       struct view text, uint8_t *packet)
{
	struct esp_job job = {.cipher = l->peer_sealer,
			      .in = text.data,
			      .out = packet,
			      .len = text.len,
			      .seq = seq};

	esp_header_write(packet, c->spi_in, seq);
	esp_cipher_seal(l->worker.engine, &job, 1);
	ck_assert_int_eq(job.result, 0);
	return 8u + c->transform.iv_len + text.len + c->transform.icv_len;
}

void lone_peer_sends(struct lone_worker *l, int fd, uint64_t seq, struct view inner, uint8_t next,
		     int tos)
{
	uint8_t text[1600], packet[1700];
	size_t len;

	memcpy(text, inner.data, inner.len);
	len = esp_trailer_write(&l->child->transform, text, inner.len, next);
	len = lone_peer_seals(l, l->child, seq, view_of(text, len), packet);
	lone_peer_sends_raw(l, fd, packet, len, tos);
}

void lone_peer_sends_good(struct lone_worker *l, int fd, uint64_t seq)
{
	uint8_t packet[100];

	lone_peer_sends(l, fd, seq, dp_packet(packet, IP_V4, sizeof(packet), 1000, 1),
			ESP_NEXT_IPV4, 0);
}

ssize_t lone_device_gets(struct lone_worker *l, uint8_t *buf, size_t cap)
{
	static const uint8_t none[ESP_VNET_LEN];
	uint8_t vnet[ESP_VNET_LEN];
	struct iovec parts[2] = {{vnet, sizeof(vnet)}, {buf, cap}};
	ssize_t n = readv(l->device, parts, 2);

	if (n < 0)
		return n;
	ck_assert_int_gt(n, ESP_VNET_LEN);
	ck_assert_mem_eq(vnet, none, sizeof(none));
	return n - ESP_VNET_LEN;
}

void lone_device_queues(struct lone_worker *l, struct view packet)
{
	uint8_t vnet[ESP_VNET_LEN] = {0};
	struct iovec parts[2] = {{vnet, sizeof(vnet)},
				 {(void *)(uintptr_t)packet.data, packet.len}};

	ck_assert_int_eq(writev(l->device, parts, 2), (ssize_t)(packet.len + sizeof(vnet)));
}

void lone_device_sends(struct lone_worker *l, struct view packet)
{
	lone_device_queues(l, packet);
	esp_tx_batch(&l->worker, l->site);
}
