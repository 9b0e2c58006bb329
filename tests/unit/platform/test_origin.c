/* SPDX-License-Identifier: GPL-3.0-or-later */
/* origin.c: the processor of the sender is known, and packets stay as they are. */
#include "platform/base/mem.h"
#include "platform/os/origin.h"
#include "platform/os/rtnl.h"
#include "platform/os/tun.h"
#include "platform/os/udp.h"
#include "tests/unit/platform/netns.h"
#include "tests/unit/platform/suite.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#define SIZES 3

static const size_t sizes[SIZES] = {1, 100, 1400};

static void run_on(int processor)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET((size_t)processor, &set);
	ck_assert_int_eq(sched_setaffinity(0, sizeof(set), &set), 0);
}

/* The last of those that we may use. */
static int last_processor(void)
{
	cpu_set_t set;
	int last = -1;

	ck_assert_int_eq(sched_getaffinity(0, sizeof(set), &set), 0);
	for (int i = 0; i < CPU_SETSIZE; i++) {
		if (CPU_ISSET((size_t)i, &set))
			last = i;
	}
	return last;
}

static int first_processor(void)
{
	cpu_set_t set;
	int i = 0;

	ck_assert_int_eq(sched_getaffinity(0, sizeof(set), &set), 0);
	while (!CPU_ISSET((size_t)i, &set))
		i++;
	return i;
}

static struct origin *enter(void)
{
	struct netlink *n = enter_netns();
	struct err_msg e = {.text = ""};
	struct origin *o = origin_new(&e);

	ck_assert_msg(o != NULL, "%s", e.text);
	netlink_close(n);
	check_output("ip link set lo up && echo yes", "yes", 1);
	ck_assert_int_eq(origin_processor(o), -1);
	return o;
}

static void send_to(const char *address, size_t size)
{
	static const uint8_t zeros[2048];
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(4500)};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	ck_assert_int_eq(inet_pton(AF_INET, address, &to.sin_addr), 1);
	ck_assert_int_eq(sendto(fd, zeros, size, 0, (struct sockaddr *)&to, sizeof(to)),
			 (ssize_t)size);
	close(fd);
}

static void expect(int fd, size_t size)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	uint8_t buf[2048];

	ck_assert_int_eq(poll(&p, 1, 5000), 1);
	ck_assert_int_eq(read(fd, buf, sizeof(buf)), (ssize_t)size);
}

START_TEST(test_socket)
{
	const int processors[] = {first_processor(), last_processor(), first_processor()};
	struct origin *o = enter();
	struct err_msg e = {.text = ""};
	int fd = udp_open(IP_V4, 4500, &e);

	ck_assert_msg(origin_watch_socket(o, fd, &e) == 0, "%s", e.text);
	for (size_t i = 0; i < ARRAY_LEN(processors) * SIZES; i++) {
		run_on(processors[i / SIZES]);
		send_to("127.0.0.1", sizes[i % SIZES]);
		expect(fd, sizes[i % SIZES]);
		ck_assert_int_eq(origin_processor(o), processors[i / SIZES]);
	}
	origin_leave_socket(fd);
	run_on(processors[1]);
	send_to("127.0.0.1", 100);
	expect(fd, 100);
	ck_assert_int_eq(origin_processor(o), processors[0]);
	close(fd);
	origin_free(o);
}
END_TEST

START_TEST(test_tun)
{
	const int processors[] = {last_processor(), first_processor()};
	struct origin *o = enter();
	struct err_msg e = {.text = ""};
	struct tun_options plain = {.vnet_header = false};
	int fd = tun_open("ips1", &plain, &e);

	ck_assert_msg(fd >= 0, "%s", e.text);
	ck_assert_msg(origin_watch_tun(o, fd, &e) == 0, "%s", e.text);
	check_output("sysctl -qw net.ipv6.conf.ips1.disable_ipv6=1; "
		     "ip addr add 192.0.2.1/24 dev ips1 && ip link set ips1 up && echo yes",
		     "yes", 1);
	for (size_t i = 0; i < ARRAY_LEN(processors) * SIZES; i++) {
		run_on(processors[i / SIZES]);
		send_to("192.0.2.2", sizes[i % SIZES]);
		expect(fd, sizes[i % SIZES] + 28);
		ck_assert_int_eq(origin_processor(o), processors[i / SIZES]);
	}
	origin_free(o); /* the device goes on */
	send_to("192.0.2.2", 100);
	expect(fd, 128);
	close(fd);
}
END_TEST

START_TEST(test_what_cannot_be_watched)
{
	struct origin *o = enter();
	struct err_msg e = {.text = ""};
	int fds[2];

	ck_assert_int_eq(pipe2(fds, O_CLOEXEC), 0);
	ck_assert_int_eq(origin_watch_socket(o, fds[0], &e), ERR_SYSTEM);
	ck_assert_int_eq(origin_watch_tun(o, fds[0], &e), ERR_SYSTEM);
	ck_assert_str_ne(e.text, "");
	origin_leave_socket(fds[0]);
	origin_leave_socket(-1);
	close(fds[0]);
	close(fds[1]);
	origin_free(o);
	origin_free(NULL);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {test_socket, test_tun, test_what_cannot_be_watched};
	struct err_msg e = {.text = ""};
	struct origin *o = origin_new(&e);

	if (o == NULL) {
		(void)printf("skipped: %s\n", e.text);
		return TEST_SKIPPED;
	}
	origin_free(o);
	return run_cases("origin", tests, ARRAY_LEN(tests));
}
