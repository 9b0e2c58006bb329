/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The process of BIRD: started in a session of its own, watched by pidfd, also when it is not our
 * child. */
#ifndef PLATFORM_OS_BIRD_PROCESS_H
#define PLATFORM_OS_BIRD_PROCESS_H

#include "platform/base/err.h"

#include <stdbool.h>
#include <sys/types.h>

/* In a directory of its own. */
#define BIRD_CONFIG_FILE "bird.conf"
#define BIRD_SOCKET_FILE "bird.ctl"
#define BIRD_ERRORS_FILE "bird.err"

/* Where packages put it; NULL: nowhere. */
const char *bird_process_program(void);
/* program -f -R with these files; what it says goes to the file errors.  The pid, or ERR_SYSTEM. */
pid_t bird_process_start(const char *program, const char *config, const char *socket,
			 const char *errors, struct err_msg *e) WARN_UNUSED;
/* The same for the privileged half (platform/os/broker.h): with the files in state_dir/bird, as a
 * user, with the capabilities that BIRD needs. */
pid_t bird_process_start_as(const char *program, const char *state_dir, uid_t uid, gid_t gid,
			    struct err_msg *e) WARN_UNUSED;
/* A descriptor that is readable once the process has ended. */
int bird_process_watch(pid_t pid, struct err_msg *e) WARN_UNUSED;
/* The privileged half helps when it runs as another user. */
void bird_process_signal(int pidfd, int signo);
/* Was this process started with our files? */
bool bird_process_is_ours(int pidfd, const char *state_dir);
/* Wait at most ms for its end; 0, or ERR_BUSY. */
int bird_process_wait(int pidfd, int ms) WARN_UNUSED;
/* A child that has ended leaves nothing behind. */
void bird_process_reap(pid_t pid);

#endif
