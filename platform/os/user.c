/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Users by getpwnam(3), what they reach by trying it as them, and setresuid(2). */
#include "platform/os/user.h"

#include "platform/base/mem.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define DATABASE_BUFFER 16384
#define DEPTH		16

static struct user by_name(void)
{
	char buf[DATABASE_BUFFER];
	struct passwd entry, *found = NULL;
	struct user u = {.uid = USER_NUMBER, .gid = USER_NUMBER};

	if (getpwnam_r(USER_NAME, &entry, buf, sizeof(buf), &found) == 0 && found != NULL)
		u = (struct user){.uid = found->pw_uid, .gid = found->pw_gid};
	return u;
}

/* The one beside root; false when there are several. */
static bool owner_of(const char *const *folders, size_t count, struct user *out)
{
	struct stat st;

	*out = (struct user){.uid = 0};
	for (size_t i = 0; i < count; i++) {
		if (stat(folders[i], &st) != 0 ||
		    (st.st_uid != 0 && out->uid != 0 && st.st_uid != out->uid))
			return false;
		if (st.st_uid != 0)
			*out = (struct user){.uid = st.st_uid, .gid = st.st_gid};
	}
	return true;
}

bool user_owns(const char *const *folders, size_t count)
{
	struct user u;

	return owner_of(folders, count, &u) && u.uid == 0;
}

/* Is the way there open to that user?  What the folders themselves say is ours to change. */
static bool reaches(const struct user *u, const char *const *folders, size_t count,
		    const char *program)
{
	int status = 1;
	pid_t pid = fork();

	if (pid == 0) {
		bool good = setgroups(0, NULL) == 0 && setresgid(u->gid, u->gid, u->gid) == 0 &&
			    setresuid(u->uid, u->uid, u->uid) == 0 && access(program, X_OK) == 0;

		for (size_t i = 0; i < count && good; i++)
			good = open(folders[i], O_PATH | O_CLOEXEC) >= 0;
		_exit(good ? 0 : 1);
	}
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* What root has in there becomes the user's, unless it has another name elsewhere. */
static void give(int parent, const char *name, const struct user *u, int depth)
{
	int fd = openat(parent, name, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
	struct dirent *entry;
	struct stat st;
	DIR *d;

	if (fd < 0) { /* a socket cannot be opened */
		if (errno == ENXIO && fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    S_ISSOCK(st.st_mode) && st.st_uid == 0)
			(void)!fchownat(parent, name, u->uid, u->gid, AT_SYMLINK_NOFOLLOW);
		return;
	}
	if (fstat(fd, &st) != 0)
		st.st_mode = 0;
	if ((S_ISREG(st.st_mode) && st.st_nlink == 1) || S_ISDIR(st.st_mode))
		(void)!(st.st_uid == 0 && fchown(fd, u->uid, u->gid) == 0);
	d = S_ISDIR(st.st_mode) && depth > 0 ? fdopendir(fd) : NULL;
	while (d != NULL && (entry = readdir(d)) != NULL) {
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			give(dirfd(d), entry->d_name, u, depth - 1);
	}
	if (d != NULL)
		(void)closedir(d);
	else
		(void)close(fd);
}

bool user_choose(const char *const *folders, size_t count, const char *program, struct user *out,
		 struct err_msg *e)
{
	struct user u = {.uid = 0};
	struct stat st;

	if (!owner_of(folders, count, &u)) {
		(void)err_set(e, ERR_INVALID, "its folders have different owners");
		return false;
	}
	if (u.uid == 0)
		u = by_name();
	if (!reaches(&u, folders, count, program)) {
		(void)err_set(e, ERR_DENIED, "user %u does not reach %s or its folders",
			      (unsigned)u.uid, program);
		return false;
	}
	for (size_t i = 0; i < count; i++) {
		give(AT_FDCWD, folders[i], &u, DEPTH);
		if (stat(folders[i], &st) != 0 || st.st_uid != u.uid) {
			(void)err_set(e, ERR_DENIED, "%s cannot be given to user %u", folders[i],
				      (unsigned)u.uid);
			return false;
		}
	}
	*out = u;
	return true;
}

int user_become(const struct user *u, struct err_msg *e)
{
	if (setgroups(0, NULL) != 0 || setresgid(u->gid, u->gid, u->gid) != 0 ||
	    setresuid(u->uid, u->uid, u->uid) != 0)
		return err_sys(e, errno, "user %u", (unsigned)u->uid);
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	return 0;
}

int user_become_for_bird(const struct user *u, struct err_msg *e)
{
	static const unsigned needed[] = {CAP_NET_ADMIN, CAP_NET_RAW, CAP_NET_BIND_SERVICE};
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {{.effective = 0}};
	int rc = prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0 ? err_sys(e, errno, "capabilities") : 0;

	if (rc == 0)
		rc = user_become(u, e);
	for (size_t i = 0; i < ARRAY_LEN(needed); i++)
		data[0].effective |= 1U << needed[i];
	data[0].permitted = data[0].inheritable = data[0].effective;
	if (rc == 0 && syscall(SYS_capset, &head, data) != 0)
		rc = err_sys(e, errno, "capabilities");
	for (size_t i = 0; i < ARRAY_LEN(needed) && rc == 0; i++) {
		if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, needed[i], 0, 0) != 0)
			rc = err_sys(e, errno, "capabilities");
	}
	return rc;
}
