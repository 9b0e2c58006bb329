/* SPDX-License-Identifier: GPL-3.0-or-later */
/* raw.c: several sockets share what arrives by SPI. */
#include "platform/base/bytes.h"
#include "platform/base/mem.h"
#include "platform/os/raw.h"
#include "tests/unit/platform/netns.h"
#include "tests/unit/platform/suite.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#define PARTS	 3
#define SPIS	 30
#define IPV4_LEN 20

static void send_esp(int fd, enum ip_family family, const void *data, size_t len)
{
	const struct sockaddr_in v4 = {.sin_family = AF_INET,
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	const struct sockaddr_in6 v6 = {.sin6_family = AF_INET6,
					.sin6_addr = IN6ADDR_LOOPBACK_INIT};
	const struct sockaddr *to =
		family == IP_V4 ? (const struct sockaddr *)&v4 : (const struct sockaddr *)&v6;

	ck_assert_int_eq(sendto(fd, data, len, 0, to, family == IP_V4 ? sizeof(v4) : sizeof(v6)),
			 (ssize_t)len);
}

/* Each SPI comes to one socket, in order; what is too short for one to the first. */
static void share(enum ip_family family)
{
	size_t header = family == IP_V4 ? IPV4_LEN : 0;
	struct err_msg e = {.text = ""};
	int fds[PARTS], from;
	uint8_t packet[64];
	unsigned short_ones = 0, all = 0;

	netlink_close(enter_netns());
	check_output("ip link set lo up && echo yes", "yes", 1);
	from = raw_open_esp(family, &e);
	for (unsigned i = 0; i < PARTS; i++) {
		fds[i] = raw_open_esp(family, &e);
		ck_assert_msg(fds[i] >= 0, "%s", e.text);
		ck_assert_msg(raw_keep_part(fds[i], family, i, PARTS, &e) == 0, "%s", e.text);
	}
	for (uint32_t spi = 0xfffffff0; spi != 0xfffffff0 + SPIS; spi++) {
		struct writer w = writer_of(packet, sizeof(packet));

		writer_u32(&w, spi);
		writer_u32(&w, 1);
		send_esp(from, family, packet, w.len);
	}
	for (size_t len = 1; len < 4; len++)
		send_esp(from, family, packet, len);
	for (unsigned i = 0; i < PARTS; i++) {
		unsigned got = 0;
		ssize_t n;

		while ((n = recv(fds[i], packet, sizeof(packet), MSG_DONTWAIT)) > 0) {
			struct reader r = reader_of(view_of(packet + header, (size_t)n - header));
			uint32_t spi = reader_u32(&r);

			if (r.failed) {
				ck_assert_uint_eq(i, 0);
				short_ones++;
				continue;
			}
			ck_assert_uint_eq(spi % PARTS, i);
			got++;
		}
		ck_assert_uint_ge(got, SPIS / PARTS - 1); /* 2^32 is no multiple of 3 */
		all += got;
		close(fds[i]);
	}
	ck_assert_uint_eq(all, SPIS);
	ck_assert_uint_eq(short_ones, 3);
	close(from);
}

START_TEST(test_share_v4)
{
	share(IP_V4);
}
END_TEST

START_TEST(test_share_v6)
{
	share(IP_V6);
}
END_TEST

START_TEST(test_share_of_no_socket)
{
	struct err_msg e = {.text = ""};

	ck_assert_int_eq(raw_keep_part(-1, IP_V4, 1, 2, &e), ERR_SYSTEM);
	ck_assert_str_ne(e.text, "");
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {test_share_v4, test_share_v6, test_share_of_no_socket};

	if (geteuid() != 0) {
		(void)puts("skipped: raw sockets need root");
		return TEST_SKIPPED;
	}
	return run_cases("raw", tests, ARRAY_LEN(tests));
}
