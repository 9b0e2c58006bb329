/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A main process that was taken over: it executes the system calls of its new owner, and what they
 * want does not happen.  Each line runs in a process of its own, once without the sandbox, so that
 * a machine that forbids it anyway does not count, and once within.
 */
#include "platform/base/log.h"
#include "platform/base/mem.h"
#include "platform/os/sandbox.h"
#include "tests/unit/platform/suite.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/if_ether.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char own[64], other[64];

static int do_ptrace(void)
{
	return (int)ptrace(PTRACE_TRACEME, 0, NULL, NULL);
}

static int do_read_memory(void)
{
	char from[8] = "secret", to[8];
	struct iovec a = {.iov_base = to, .iov_len = 8}, b = {.iov_base = from, .iov_len = 8};

	return process_vm_readv(getpid(), &a, 1, &b, 1, 0) == 8 ? 0 : -1;
}

static int do_unshare(void)
{
	return unshare(CLONE_NEWNS);
}

static int do_mount(void)
{
	return unshare(CLONE_NEWNS) | mount("none", own, "tmpfs", 0, NULL);
}

static int do_packet_socket(void)
{
	return socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL)) < 0 ? -1 : 0;
}

static int do_keyring(void)
{
	return (int)syscall(SYS_keyctl, 0, -3, 1, 0, 0) < 0 ? -1 : 0;
}

static int do_bpf(void)
{
	uint32_t attr[32] = {2 /* array */, 4, 4, 1};

	return (int)syscall(SYS_bpf, 0, attr, sizeof(attr)) < 0 ? -1 : 0;
}

static int do_io_uring(void)
{
	uint8_t params[120] = {0};

	return (int)syscall(SYS_io_uring_setup, 1, params) < 0 ? -1 : 0;
}

static int do_become_another_user(void)
{
	return setuid(65534);
}

static int do_root(void)
{
	return chroot(own);
}

static int do_host_name(void)
{
	char name[65];

	return gethostname(name, sizeof(name)) | sethostname(name, strlen(name));
}

static int do_written_code(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		    0) == MAP_FAILED
		       ? -1
		       : 0;
}

static int do_write_elsewhere(void)
{
	char path[96];

	snprintf(path, sizeof(path), "%s/file", other);
	return open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600) < 0 ? -1 : 0;
}

static int do_link_elsewhere(void)
{
	char path[96];

	snprintf(path, sizeof(path), "%s/link", other);
	return symlink("/etc/shadow", path);
}

/* A program that was written into our own folder. */
static int do_execute_own_file(void)
{
	char path[96];
	int fd, status = 1;
	pid_t pid;

	snprintf(path, sizeof(path), "%s/program", own);
	unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0700);
	if (fd < 0 || write(fd, "#!/bin/true\n", 12) != 12)
		return 0;
	close(fd);
	pid = fork();
	if (pid == 0) {
		execl(path, path, NULL);
		_exit(1);
	}
	waitpid(pid, &status, 0);
	return status == 0 ? 0 : -1;
}

/* What it must be able to do, of course. */
static int may_write_own(void)
{
	char path[96], to[96];
	int fd;

	snprintf(path, sizeof(path), "%s/file.tmp", own);
	snprintf(to, sizeof(to), "%s/file", own);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, "x", 1) != 1 || fsync(fd) != 0)
		return -1;
	return rename(path, to) | unlink(to);
}

static int may_talk(void)
{
	return socket(AF_NETLINK, SOCK_RAW, 0) < 0 || socket(AF_INET6, SOCK_DGRAM, 0) < 0 ? -1 : 0;
}

static int may_start_bird(void)
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

static const struct {
	const char *name;
	int (*act)(void);
	bool allowed;
	bool files; /* Landlock forbids it */
} acts[] = {
	{"trace a process", do_ptrace, false, false},
	{"read memory of a process", do_read_memory, false, false},
	{"a namespace", do_unshare, false, false},
	{"a mount", do_mount, false, false},
	{"a packet socket", do_packet_socket, false, false},
	{"the keyring", do_keyring, false, false},
	{"a BPF map", do_bpf, false, false},
	{"io_uring", do_io_uring, false, false},
	{"another user", do_become_another_user, false, false},
	{"another root", do_root, false, false},
	{"the host's name", do_host_name, false, false},
	{"code that was written", do_written_code, false, false},
	{"a file elsewhere", do_write_elsewhere, false, true},
	{"a link elsewhere", do_link_elsewhere, false, true},
	{"a program that was written", do_execute_own_file, false, true},
	{"its own files", may_write_own, true, false},
	{"its sockets", may_talk, true, false},
	{"BIRD", may_start_bird, true, false},
};

/* 0: it happened; 1: it did not; 2: no such part here. */
static int outcome(size_t i, bool within)
{
	struct err_msg e = {.text = ""};
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		if (within && (sandbox_capabilities(SANDBOX_WHOLE, NULL, &e) != 0 ||
			       sandbox_calls(SANDBOX_WHOLE, &e) != 0))
			_exit(2);
		_exit(acts[i].act() == 0 ? 0 : 1);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return 2;
	return WEXITSTATUS(status);
}

static int outcome_files(size_t i)
{
	const char *const folders[] = {own};
	const struct sandbox s = {.writable = folders, .writable_count = 1};
	struct err_msg e = {.text = ""};
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		if (sandbox_capabilities(SANDBOX_WHOLE, NULL, &e) != 0 ||
		    sandbox_files(&s, &e) != 0)
			_exit(2);
		_exit(acts[i].act() == 0 ? 0 : 1);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return 2;
	return WEXITSTATUS(status);
}

static void clean(void)
{
	static const char *const names[] = {"file", "link", "program"};
	char path[96];

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", other, names[i]);
		unlink(path);
		snprintf(path, sizeof(path), "%s/%s", own, names[i]);
		unlink(path);
	}
}

START_TEST(test_taken_over)
{
	snprintf(own, sizeof(own), "/tmp/ikesh-own-XXXXXX");
	snprintf(other, sizeof(other), "/tmp/ikesh-other-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(own));
	ck_assert_ptr_nonnull(mkdtemp(other));
	for (size_t i = 0; i < ARRAY_LEN(acts); i++) {
		int without = outcome(i, false), within;

		clean();
		within = acts[i].files ? outcome_files(i) : outcome(i, true);
		clean();
		if (without != 0 || within == 2) {
			printf("%s: not possible here, not looked at\n", acts[i].name);
			continue;
		}
		ck_assert_msg(within == (acts[i].allowed ? 0 : 1), "%s: %s", acts[i].name,
			      within == 0 ? "done" : "refused");
	}
	ck_assert_int_eq(rmdir(own), 0);
	ck_assert_int_eq(rmdir(other), 0);
}
END_TEST

static unsigned long long effective(void)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2];

	ck_assert_int_eq(syscall(SYS_capget, &head, data), 0);
	return data[0].effective | (unsigned long long)data[1].effective << 32;
}

START_TEST(test_capabilities)
{
	const unsigned long long allowed = 1ULL << CAP_NET_ADMIN | 1ULL << CAP_NET_RAW |
					   1ULL << CAP_NET_BIND_SERVICE | 1ULL << CAP_IPC_LOCK |
					   1ULL << CAP_DAC_OVERRIDE;
	struct err_msg e = {.text = ""};
	unsigned long long before = effective();

	ck_assert_int_eq(sandbox_capabilities(SANDBOX_WHOLE, NULL, &e), 0);
	ck_assert_uint_eq(effective(), before & allowed);
	if (before & 1ULL << CAP_SETPCAP)
		ck_assert_int_eq(prctl(PR_CAPBSET_READ, CAP_SYS_ADMIN, 0, 0, 0), 0);
	ck_assert_int_eq(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 1);
}
END_TEST

int main(void)
{
	const TTest *tests[] = {test_taken_over, test_capabilities};

	return run_cases("sandbox", tests, ARRAY_LEN(tests));
}
