/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * System calls, by seccomp(2) through libseccomp: an allow-list, everything else fails with EPERM.
 * What is not on it: other processes' memory (ptrace, process_vm_*), mounts, namespaces, modules,
 * clocks, keyrings, BPF, io_uring, performance counters, packet sockets.
 */
#include "platform/os/sandbox.h"

#ifdef IKESH_SECCOMP

#include "platform/base/mem.h"

#include <errno.h>
#include <sched.h>
#include <seccomp.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

/* Ours, those of the libraries, and those of BIRD, which inherits the filter of who starts it. */
static const char *const calls[] = {
	"accept",
	"accept4",
	"access",
	"alarm",
	"arch_prctl",
	"bind",
	"brk",
	"capget",
	"chdir",
	"chmod",
	"clock_getres",
	"clock_gettime",
	"clock_nanosleep",
	"close",
	"close_range",
	"connect",
	"copy_file_range",
	"dup",
	"dup2",
	"dup3",
	"epoll_create",
	"epoll_create1",
	"epoll_ctl",
	"epoll_pwait",
	"epoll_pwait2",
	"epoll_wait",
	"eventfd2",
	"execve",
	"exit",
	"exit_group",
	"faccessat",
	"faccessat2",
	"fadvise64",
	"fallocate",
	"fchdir",
	"fchmod",
	"fchmodat",
	"fchown",
	"fcntl",
	"fdatasync",
	"flock",
	"fstat",
	"fstatfs",
	"fsync",
	"ftruncate",
	"futex",
	"futex_waitv",
	"getcpu",
	"getcwd",
	"getdents64",
	"getegid",
	"geteuid",
	"getgid",
	"getgroups",
	"getitimer",
	"getpeername",
	"getpgid",
	"getpgrp",
	"getpid",
	"getppid",
	"getpriority",
	"getrandom",
	"getresgid",
	"getresuid",
	"getrlimit",
	"getrusage",
	"getsid",
	"getsockname",
	"getsockopt",
	"gettid",
	"gettimeofday",
	"getuid",
	"ioctl",
	"landlock_add_rule",
	"landlock_create_ruleset",
	"landlock_restrict_self",
	"link",
	"linkat",
	"listen",
	"lseek",
	"lstat",
	"madvise",
	"membarrier",
	"memfd_create",
	"mincore",
	"mkdir",
	"mkdirat",
	"mlock",
	"mlock2",
	"mprotect",
	"mremap",
	"msync",
	"munlock",
	"munmap",
	"nanosleep",
	"newfstatat",
	"open",
	"openat",
	"pause",
	"pidfd_open",
	"pidfd_send_signal",
	"pipe",
	"pipe2",
	"poll",
	"ppoll",
	"prctl",
	"pread64",
	"preadv",
	"preadv2",
	"prlimit64",
	"pselect6",
	"pwrite64",
	"pwritev",
	"pwritev2",
	"read",
	"readlink",
	"readlinkat",
	"readv",
	"recvfrom",
	"recvmmsg",
	"recvmsg",
	"rename",
	"renameat",
	"renameat2",
	"restart_syscall",
	"rmdir",
	"rseq",
	"rt_sigaction",
	"rt_sigpending",
	"rt_sigprocmask",
	"rt_sigreturn",
	"rt_sigsuspend",
	"rt_sigtimedwait",
	"sched_get_priority_max",
	"sched_get_priority_min",
	"sched_getaffinity",
	"sched_getparam",
	"sched_getscheduler",
	"sched_yield",
	"seccomp",
	"select",
	"sendfile",
	"sendmmsg",
	"sendmsg",
	"sendto",
	"set_robust_list",
	"set_tid_address",
	"setitimer",
	"setrlimit",
	"setsid",
	"setsockopt",
	"shutdown",
	"sigaltstack",
	"signalfd4",
	"socketpair",
	"splice",
	"stat",
	"statfs",
	"statx",
	"symlink",
	"sysinfo",
	"time",
	"timer_create",
	"timer_delete",
	"timer_settime",
	"timerfd_create",
	"timerfd_gettime",
	"timerfd_settime",
	"times",
	"truncate",
	"umask",
	"uname",
	"unlink",
	"unlinkat",
	"utimensat",
	"wait4",
	"waitid",
	"write",
	"writev",
};

/* Of who has capabilities, starts processes, and ends them. */
static const char *const privileged_calls[] = {
	"capset", "fork", "kill", "rt_sigqueueinfo", "setpgid", "tgkill", "tkill", "vfork",
};

/* BIRD becomes another user. */
static const char *const broker_calls[] = {"setgroups", "setresgid", "setresuid"};

/* All that it needs to pass descriptors on and to end. */
static const char *const keeper_calls[] = {
	"accept4",	"brk",
	"close",	"exit_group",
	"fstat",	"getsockopt",
	"geteuid",	"mlock",
	"mmap",		"mremap",
	"munmap",	"poll",
	"recvmsg",	"restart_syscall",
	"sendmsg",	"setsockopt",
	"rt_sigreturn", "newfstatat",
	"futex",
};

static int add_all(scmp_filter_ctx f, const char *const *names, size_t count)
{
	int rc = 0;

	for (size_t i = 0; i < count && rc == 0; i++) {
		int number = seccomp_syscall_resolve_name(names[i]);

		if (number >= 0) /* not every machine has each of them */
			rc = seccomp_rule_add(f, SCMP_ACT_ALLOW, number, 0);
	}
	return rc;
}

static int add_sockets(scmp_filter_ctx f)
{
	static const int families[] = {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK};
	int rc = 0;

	for (size_t i = 0; i < ARRAY_LEN(families) && rc == 0; i++)
		rc = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(socket), 1,
				      SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)families[i]));
	return rc;
}

/* Threads and processes, but no namespaces.  clone3 hides its flags from filters: as if the kernel
 * were older, which the C library knows how to take. */
static int add_clone(scmp_filter_ctx f)
{
	const scmp_datum_t namespaces = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS |
					CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET;
	int rc = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
				  SCMP_A0(SCMP_CMP_MASKED_EQ, namespaces, 0));

	return rc == 0 ? seccomp_rule_add(f, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0) : rc;
}

/* No memory that is both written and executed. */
static int add_memory(scmp_filter_ctx f)
{
	return seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
				SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_WRITE | PROT_EXEC, 0)) |
	       seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
				SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_WRITE | PROT_EXEC, PROT_WRITE)) |
	       seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
				SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_WRITE | PROT_EXEC, PROT_EXEC));
}

/* A signal for itself is how a program aborts; none for others. */
static int add_of_role(scmp_filter_ctx f, enum sandbox_role role)
{
	int rc;

	if (role == SANDBOX_MAIN || role == SANDBOX_READER)
		return seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
					SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid()));
	rc = add_all(f, privileged_calls, ARRAY_LEN(privileged_calls));
	if (rc == 0 && role == SANDBOX_BROKER)
		rc = add_all(f, broker_calls, ARRAY_LEN(broker_calls));
	return rc;
}

int sandbox_calls(enum sandbox_role role, struct err_msg *e)
{
	scmp_filter_ctx f = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int rc = f == NULL ? -ENOMEM : 0;

	if (rc == 0)
		rc = seccomp_attr_set(f, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	if (rc == 0)
		rc = add_all(f, calls, ARRAY_LEN(calls));
	if (rc == 0)
		rc = add_of_role(f, role);
	if (rc == 0)
		rc = add_sockets(f);
	if (rc == 0)
		rc = add_clone(f);
	if (rc == 0)
		rc = add_memory(f);
	if (rc == 0)
		rc = seccomp_load(f);
	seccomp_release(f);
	return rc == 0 ? 0 : err_sys(e, -rc, "seccomp");
}

void sandbox_enter_keeper(void)
{
	struct err_msg e = {.text = ""};
	scmp_filter_ctx f = seccomp_init(SCMP_ACT_ERRNO(EPERM));

	if (sandbox_capabilities(SANDBOX_KEEPER, NULL, &e) == 0 && f != NULL &&
	    add_all(f, keeper_calls, ARRAY_LEN(keeper_calls)) == 0)
		(void)seccomp_load(f); /* without it, it still holds only what it was given */
	seccomp_release(f);
}

#else

int sandbox_calls(enum sandbox_role role, struct err_msg *e)
{
	(void)role;
	return err_set(e, ERR_UNSUPPORTED, "system calls are not restricted in this build");
}

void sandbox_enter_keeper(void)
{
#ifndef IKESH_INSTRUMENTED
	struct err_msg e = {.text = ""};

	(void)!sandbox_capabilities(SANDBOX_KEEPER, NULL, &e);
#endif
}

#endif
