/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One fork with a pipe: an octet in it means started, its end without one means failed. */
#include "shell/ikeshd/background.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static _Noreturn void wait_for_start(int fd)
{
	char octet;
	ssize_t n;

	do
		n = read(fd, &octet, 1);
	while (n < 0 && errno == EINTR);
	/* A child that failed has said why on the shared standard error. */
	_exit(n == 1 ? EXIT_SUCCESS : EXIT_FAILURE);
}

int background_enter(struct err_msg *e)
{
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return err_sys(e, errno, "Cannot go to the background");
	pid = fork();
	if (pid < 0) {
		err_sys(e, errno, "Cannot go to the background");
		close(ends[0]);
		close(ends[1]);
		return ERR_SYSTEM;
	}
	if (pid > 0) {
		close(ends[1]);
		wait_for_start(ends[0]);
	}
	close(ends[0]);
	setsid();
	return ends[1];
}

void background_ready(int fd)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null >= 0) {
		dup2(null, STDIN_FILENO);
		dup2(null, STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
		close(null);
	}
	(void)!write(fd, "1", 1);
	close(fd);
}
