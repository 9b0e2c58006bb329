/* SPDX-License-Identifier: GPL-3.0-or-later */
/* posix_spawn, pidfd_open (Linux 5.3). */
#include "platform/os/bird_process.h"

#include "platform/base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

const char *bird_process_program(void)
{
	static const char *const places[] = {"/usr/sbin/bird", "/usr/local/sbin/bird"};

	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		if (access(places[i], X_OK) == 0)
			return places[i];
	}
	return NULL;
}

/* Nothing of ours: no signal mask, no handlers, no terminal. */
static void set_attributes(posix_spawnattr_t *attr)
{
	sigset_t none, all;

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawnattr_setsigmask(attr, &none);
	posix_spawnattr_setsigdefault(attr, &all);
	posix_spawnattr_setflags(attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
					       POSIX_SPAWN_SETSID);
}

static void set_files(posix_spawn_file_actions_t *files, const char *errors)
{
	posix_spawn_file_actions_addopen(files, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(files, 2, errors, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	posix_spawn_file_actions_adddup2(files, 2, 1);
}

pid_t bird_process_start(const char *program, const char *config, const char *socket,
			 const char *errors, struct err_msg *e)
{
	char *argv[] = {(char *)(uintptr_t) "bird", (char *)(uintptr_t) "-f",
			(char *)(uintptr_t) "-R",   (char *)(uintptr_t) "-c",
			(char *)(uintptr_t)config,  (char *)(uintptr_t) "-s",
			(char *)(uintptr_t)socket,  NULL};
	char *env[] = {(char *)(uintptr_t) "PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL};
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	pid_t pid = 0;
	int r;

	posix_spawnattr_init(&attr);
	posix_spawn_file_actions_init(&files);
	set_attributes(&attr);
	set_files(&files, errors);
	r = posix_spawn(&pid, program, &files, &attr, argv, env);
	posix_spawn_file_actions_destroy(&files);
	posix_spawnattr_destroy(&attr);
	return r == 0 ? pid : err_sys(e, r, "%s cannot be started", program);
}

int bird_process_watch(pid_t pid, struct err_msg *e)
{
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);

	return fd >= 0 ? fd : err_sys(e, errno, "Process %d cannot be watched", (int)pid);
}

void bird_process_signal(int pidfd, int signo)
{
	(void)syscall(SYS_pidfd_send_signal, pidfd, signo, NULL, 0);
}

int bird_process_wait(int pidfd, int ms)
{
	struct pollfd p = {.fd = pidfd, .events = POLLIN};

	return poll(&p, 1, ms) > 0 ? 0 : ERR_BUSY;
}

void bird_process_reap(pid_t pid)
{
	(void)waitpid(pid, NULL, WNOHANG);
}
