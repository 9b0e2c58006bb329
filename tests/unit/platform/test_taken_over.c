/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A main half that was taken over: it has the socket of the privileged half, and executes whatever
 * its new owner wants.  Each line runs in a process of its own, twice: as root without anything of
 * it, where it must work, so that a machine that forbids it anyway does not count, and as the main
 * half, where it must not.
 */
#include "platform/base/mem.h"
#include "platform/os/broker.h"
#include "platform/os/netlink.h"
#include "platform/os/netlink_socket.h"
#include "platform/os/rtnl.h"
#include "platform/os/sandbox.h"
#include "platform/os/sysctl.h"
#include "platform/os/tcp.h"
#include "platform/os/tun.h"
#include "platform/os/user.h"
#include "tests/unit/platform/netns.h"
#include "tests/unit/platform/suite.h"

#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <linux/capability.h>
#include <linux/if_ether.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define FOREIGN "foreign0"

static char own[64], other[64], terminals[96];
static pid_t broker;
static struct err_msg e;

static int done(bool good)
{
	return good ? 0 : -1;
}

/* ---- By itself ------------------------------------------------------------------------------- */

static int do_read_shadow(void)
{
	return done(open("/etc/shadow", O_RDONLY | O_CLOEXEC) >= 0);
}

static int do_write_elsewhere(void)
{
	char path[96];

	snprintf(path, sizeof(path), "%s/file", other);
	return done(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600) >= 0);
}

static int do_write_setting(void)
{
	return done(open("/proc/sys/net/ipv4/ip_forward", O_WRONLY | O_CLOEXEC) >= 0);
}

static int do_execute(void)
{
	int status = 1;
	pid_t pid = fork();

	if (pid == 0) {
		execl("/bin/true", "true", NULL);
		_exit(1);
	}
	waitpid(pid, &status, 0);
	return status;
}

static int do_packet_socket(void)
{
	return done(socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL)) >= 0);
}

static int do_raw_socket(void)
{
	return done(socket(AF_INET, SOCK_RAW, IPPROTO_TCP) >= 0);
}

static int do_port(void)
{
	const struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(22)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	return bind(fd, (const struct sockaddr *)&a, sizeof(a));
}

static int do_trace(void)
{
	long rc = ptrace(PTRACE_ATTACH, broker, NULL, NULL);

	if (rc == 0) {
		waitpid(broker, NULL, __WALL);
		ptrace(PTRACE_DETACH, broker, NULL, NULL);
	}
	return (int)rc;
}

static int do_read_memory(void)
{
	char to[8];
	struct iovec a = {.iov_base = to, .iov_len = 8}, b = {.iov_base = own, .iov_len = 8};

	return done(process_vm_readv(broker, &a, 1, &b, 1, 0) == 8);
}

static int do_kill(void)
{
	return kill(broker, 0);
}

static int do_signal(void)
{
	int fd = (int)syscall(SYS_pidfd_open, broker, 0);

	return (int)syscall(SYS_pidfd_send_signal, fd, 0, NULL, 0);
}

static int do_mount(void)
{
	return unshare(CLONE_NEWNS) | mount("none", own, "tmpfs", 0, NULL);
}

static int do_namespace(void)
{
	return unshare(CLONE_NEWNET);
}

static int do_root(void)
{
	return setuid(0) | done(open("/etc/shadow", O_RDONLY | O_CLOEXEC) >= 0);
}

static int do_capabilities(void)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {
		{.effective = 1U << CAP_NET_ADMIN, .permitted = 1U << CAP_NET_ADMIN}};

	return (int)syscall(SYS_capset, &head, data);
}

static int do_bpf(void)
{
	uint32_t attr[32] = {2 /* array */, 4, 4, 1};

	return done(syscall(SYS_bpf, 0, attr, sizeof(attr)) >= 0);
}

/* The system calls of rtnl, whether or not there is a privileged half. */
static struct message {
	_Alignas(struct nlmsghdr) uint8_t bytes[256];
} message;

static struct nlmsghdr *deletion(const char *name)
{
	struct nlmsghdr *m = mnl_nlmsg_put_header(message.bytes);
	struct ifinfomsg *link;

	m->nlmsg_type = RTM_DELLINK;
	m->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	link = mnl_nlmsg_put_extra_header(m, sizeof(*link));
	link->ifi_index = (int)if_nametoindex(name);
	return m;
}

static int answer(int fd)
{
	_Alignas(struct nlmsghdr) uint8_t buf[4096];
	const struct nlmsghdr *m = (const void *)buf;
	ssize_t n = recv(fd, buf, sizeof(buf), 0);

	return n > 0 && m->nlmsg_type == NLMSG_ERROR
		       ? ((const struct nlmsgerr *)mnl_nlmsg_get_payload(m))->error
		       : -1;
}

static int do_delete_device(void)
{
	const struct nlmsghdr *m = deletion(FOREIGN);
	int fd = netlink_socket_make(NETLINK_ROUTE, NULL, 0, 65536, "", &e);

	return fd < 0 || netlink_socket_put(fd, m, m->nlmsg_len) != 0 ? -1 : answer(fd);
}

/* ---- By the privileged half ------------------------------------------------------------------ */

static int ask_delete_device(void)
{
	struct netlink *n = netlink_open(NETLINK_ROUTE, &e);

	return n == NULL ? -1 : rtnl_link_delete(n, (int)if_nametoindex(FOREIGN), &e);
}

static int ask_route(void)
{
	const struct rtnl_route r = {.dst = {.addr = ip_addr_v4(0xcb007100), .len = 24},
				     .ifindex = (int)if_nametoindex(FOREIGN)};
	struct netlink *n = netlink_open(NETLINK_ROUTE, &e);

	return n == NULL ? -1 : rtnl_route_add(n, &r, &e);
}

static int ask_address(void)
{
	const struct ip_prefix p = {.addr = ip_addr_v4(0xcb007101), .len = 24};
	struct netlink *n = netlink_open(NETLINK_ROUTE, &e);

	return n == NULL ? -1 : rtnl_addr_add(n, (int)if_nametoindex(FOREIGN), &p, &e);
}

static int ask_device(void)
{
	return done(tun_open("foreign1", NULL, &e) >= 0);
}

static int ask_port(void)
{
	const struct ip_endpoint at = {.addr = ip_addr_v4(0x7f000001), .port = 22};

	return done(tcp_listen(&at, &e) >= 0);
}

static int ask_setting(void)
{
	return sysctl_set("net.ipv4.conf.all.accept_redirects", 1, &e);
}

/* ---- What it must be able to do, of course --------------------------------------------------- */

static int may_write(void)
{
	char path[96];

	snprintf(path, sizeof(path), "%s/file", own);
	(void)unlink(path); /* root's, of the first time */
	return done(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600) >= 0);
}

static int may_make_device(void)
{
	const struct rtnl_route r = {.dst = {.addr = ip_addr_v4(0x0a140000), .len = 16}};
	struct netlink *n = netlink_open(NETLINK_ROUTE, &e);
	int fd = tun_open("ips7", NULL, &e), ifindex = (int)if_nametoindex("ips7");
	struct rtnl_route own_route = r;

	own_route.ifindex = ifindex;
	return done(n != NULL && fd >= 0 && rtnl_link_up(n, ifindex, true, 1400, &e) == 0 &&
		    rtnl_route_add(n, &own_route, &e) == 0 &&
		    rtnl_route_delete(n, &own_route, &e) == 0 &&
		    rtnl_link_delete(n, ifindex, &e) == 0);
}

static int may_listen(void)
{
	const struct ip_endpoint at = {.addr = ip_addr_v4(0x7f000001), .port = 53};

	return done(tcp_listen(&at, &e) >= 0);
}

static int may_forward(void)
{
	return sysctl_set("net.ipv4.ip_forward", 1, &e);
}

static const struct {
	const char *name;
	int (*act)(void);
	bool allowed;
	bool files; /* only Landlock forbids it */
} acts[] = {
	{"the passwords", do_read_shadow, false, false},
	{"a file elsewhere", do_write_elsewhere, false, false},
	{"a kernel setting", do_write_setting, false, false},
	{"a program", do_execute, false, true},
	{"a packet socket", do_packet_socket, false, false},
	{"a raw socket", do_raw_socket, false, false},
	{"port 22", do_port, false, false},
	{"trace the privileged half", do_trace, false, false},
	{"read its memory", do_read_memory, false, false},
	{"kill it", do_kill, false, false},
	{"kill it by pidfd", do_signal, false, false},
	{"a mount", do_mount, false, false},
	{"a namespace", do_namespace, false, false},
	{"root", do_root, false, false},
	{"capabilities", do_capabilities, false, false},
	{"a BPF map", do_bpf, false, false},
	{"delete a foreign device", do_delete_device, false, false},
	{"have a foreign device deleted", ask_delete_device, false, false},
	{"have a foreign route added", ask_route, false, false},
	{"have a foreign address added", ask_address, false, false},
	{"have a foreign device made", ask_device, false, false},
	{"have port 22 opened", ask_port, false, false},
	{"have another setting made", ask_setting, false, false},
	{"its own files", may_write, true, false},
	{"its own devices and routes", may_make_device, true, false},
	{"its name server", may_listen, true, false},
	{"forwarding", may_forward, true, false},
};

static void make_foreign(void)
{
	char out[256];

	(void)output_of("{ ip link show " FOREIGN " || ip tuntap add " FOREIGN " mode tun; "
			"ip link set " FOREIGN " up; ip route flush dev " FOREIGN " proto 73; "
			"ip addr flush dev " FOREIGN "; } >/dev/null 2>&1 || true",
			out, sizeof(out));
}

/* 0: it happened; 1: it did not; 2: no such part here. */
static int outcome(size_t i, bool within)
{
	const struct user nobody = {.uid = USER_NUMBER, .gid = USER_NUMBER};
	const char *const folders[] = {own};
	const struct sandbox s = {.role = SANDBOX_MAIN, .writable = folders, .writable_count = 1};
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		if (!within)
			(void)close(BROKER_FD);
		else if (sandbox_capabilities(SANDBOX_MAIN, &nobody, &e) != 0 ||
			 (sandbox_files(&s, &e) != 0 && acts[i].files) ||
			 (sandbox_calls(SANDBOX_MAIN, &e) != 0 && e.code != ERR_UNSUPPORTED))
			_exit(2);
		_exit(acts[i].act() == 0 ? 0 : 1);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return 2;
	return WEXITSTATUS(status);
}

static pid_t child_of_ours(void)
{
	char path[64], text[64] = "";
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/task/%ld/children", (long)getpid());
	f = fopen(path, "re");
	ck_assert_ptr_nonnull(f);
	ck_assert_ptr_nonnull(fgets(text, sizeof(text), f));
	fclose(f);
	return (pid_t)strtol(text, NULL, 10);
}

static void begin(void)
{
	char *argv[] = {NULL};
	struct broker_settings s = {.ike_port = 500,
				    .natt_port = 4500,
				    .socket = terminals,
				    .state_dir = own,
				    .keeper = "test",
				    .argv = argv};

	snprintf(own, sizeof(own), "/tmp/ikesh-own-XXXXXX");
	snprintf(other, sizeof(other), "/tmp/ikesh-other-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(own));
	ck_assert_ptr_nonnull(mkdtemp(other));
	snprintf(terminals, sizeof(terminals), "%s/sock", other);
	ck_assert_int_eq(chown(own, USER_NUMBER, USER_NUMBER), 0);
	ck_assert_int_eq(unshare(CLONE_NEWNET), 0);
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	ck_assert_msg(broker_start(&s, &e) == 0, "%s", e.text);
	ck_assert(broker_is_there());
	broker = child_of_ours();
}

static void end(void)
{
	char command[256], out[64];

	snprintf(command, sizeof(command), "rm -r %s %s", own, other);
	(void)output_of(command, out, sizeof(out));
}

START_TEST(test_taken_over)
{
	size_t looked_at = 0;

	begin();
	for (size_t i = 0; i < ARRAY_LEN(acts); i++) {
		int without, within;

		make_foreign();
		without = outcome(i, false);
		make_foreign();
		within = outcome(i, true);
		if (without != 0 || within == 2) {
			printf("%s: not possible here, not looked at\n", acts[i].name);
			continue;
		}
		looked_at++;
		ck_assert_msg(within == (acts[i].allowed ? 0 : 1), "%s: %s", acts[i].name,
			      within == 0 ? "done" : "refused");
		check_output("ip -br link", FOREIGN, 1);
		check_output("ip -br link", "foreign1", 0);
	}
	ck_assert_uint_gt(looked_at, ARRAY_LEN(acts) / 2);
	end();
}
END_TEST

/* Nonsense ends the privileged half, and so does the end of the main one. */
START_TEST(test_nonsense)
{
	uint8_t garbage[64];
	int status;

	memset(garbage, 0xa5, sizeof(garbage));
	begin();
	ck_assert_int_eq(send(BROKER_FD, garbage, sizeof(garbage), 0), sizeof(garbage));
	ck_assert_int_eq(waitpid(broker, &status, 0), broker);
	ck_assert_int_eq(status, 0);
	ck_assert_int_lt(tun_open("ips7", NULL, &e), 0);
	ck_assert_str_eq(e.text, "the privileged half is gone");
	end();
	(void)close(BROKER_FD);
	begin();
	(void)close(BROKER_FD);
	ck_assert_int_eq(waitpid(broker, &status, 0), broker);
	end();
}
END_TEST

int main(void)
{
	const TTest *tests[] = {test_taken_over, test_nonsense};

	if (geteuid() != 0) {
		puts("needs root, for network namespaces");
		return TEST_SKIPPED;
	}
	return run_cases("taken_over", tests, ARRAY_LEN(tests));
}
