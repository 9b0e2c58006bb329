/* SPDX-License-Identifier: GPL-3.0-or-later */
/* posix_spawn, pidfd_open (Linux 5.3). */
#include "platform/os/bird_process.h"

#include "platform/base/mem.h"
#include "platform/os/broker.h"
#include "platform/os/user.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

	if (broker_is_there()) /* the same files, which it knows */
		return broker_do(&(struct broker_request){.word = BROKER_BIRD}, e);
	posix_spawnattr_init(&attr);
	posix_spawn_file_actions_init(&files);
	set_attributes(&attr);
	set_files(&files, errors);
	r = posix_spawn(&pid, program, &files, &attr, argv, env);
	posix_spawn_file_actions_destroy(&files);
	posix_spawnattr_destroy(&attr);
	return r == 0 ? pid : err_sys(e, r, "%s cannot be started", program);
}

/* A child of the privileged half that has become the user: becomes BIRD. */
static pid_t spawn_in(const char *program, const char *state_dir, struct err_msg *e)
{
	char config[PATH_MAX], socket[PATH_MAX], errors[PATH_MAX];

	snprintf(config, sizeof(config), "%s/bird/" BIRD_CONFIG_FILE, state_dir);
	snprintf(socket, sizeof(socket), "%s/bird/" BIRD_SOCKET_FILE, state_dir);
	snprintf(errors, sizeof(errors), "%s/bird/" BIRD_ERRORS_FILE, state_dir);
	return bird_process_start(program, config, socket, errors, e);
}

pid_t bird_process_start_as(const char *program, const char *state_dir, uid_t uid, gid_t gid,
			    struct err_msg *e)
{
	const struct user as = {.uid = uid, .gid = gid};
	int ends[2];
	pid_t pid = -1, child;

	if (uid == geteuid())
		return spawn_in(program, state_dir, e);
	if (pipe2(ends, O_CLOEXEC) != 0)
		return err_sys(e, errno, "%s cannot be started", program);
	child = fork();
	if (child == 0) {
		if (user_become_for_bird(&as, e) == 0)
			pid = spawn_in(program, state_dir, e);
		(void)!write(ends[1], &pid, sizeof(pid));
		_exit(EXIT_SUCCESS);
	}
	(void)close(ends[1]);
	if (child < 0 || read(ends[0], &pid, sizeof(pid)) != (ssize_t)sizeof(pid))
		pid = -1;
	(void)close(ends[0]);
	return pid > 0 ? pid
		       : err_set(e, ERR_SYSTEM, "%s cannot be started as user %u", program,
				 (unsigned)uid);
}

int bird_process_watch(pid_t pid, struct err_msg *e)
{
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);

	return fd >= 0 ? fd : err_sys(e, errno, "Process %d cannot be watched", (int)pid);
}

void bird_process_signal(int pidfd, int signo)
{
	const struct broker_request q = {.word = BROKER_BIRD_SIGNAL, .kind = (uint8_t)signo};
	struct broker_reply r;

	if (syscall(SYS_pidfd_send_signal, pidfd, signo, NULL, 0) != 0 && errno == EPERM &&
	    broker_is_there())
		(void)!broker_ask(&q, pidfd, &r, NULL);
}

/* 0: it is no pidfd, or has ended. */
static long pid_of(int pidfd)
{
	char path[64], line[128];
	long pid = 0;
	FILE *f;

	(void)snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", pidfd);
	f = fopen(path, "re");
	while (f != NULL && fgets(line, sizeof(line), f) != NULL) {
		if (strncmp(line, "Pid:", 4) == 0)
			pid = strtol(line + 4, NULL, 10);
	}
	if (f != NULL)
		(void)fclose(f);
	return pid < 0 ? 0 : pid;
}

bool bird_process_is_ours(int pidfd, const char *state_dir)
{
	char dir[PATH_MAX], config[PATH_MAX + 32], words[2 * PATH_MAX], path[64];
	long pid = pid_of(pidfd);
	bool named = false;
	ssize_t len;
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/%ld/cmdline", pid);
	fd = pid > 0 && realpath(state_dir, dir) != NULL ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	if (fd < 0)
		return false;
	len = read(fd, words, sizeof(words) - 1);
	(void)close(fd);
	words[len < 0 ? 0 : len] = '\0';
	(void)snprintf(config, sizeof(config), "%s/bird/" BIRD_CONFIG_FILE, dir);
	for (const char *w = words; len > 0 && w < words + len; w += strlen(w) + 1)
		named = named || strcmp(w, config) == 0;
	return named && strcmp(words, "bird") == 0;
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
