/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Files, by Landlock (landlock(7), Linux 5.19 and later: before, nothing could be renamed). Reading
 * is not restricted: what is secret is readable for root or ourselves only, and the libraries of
 * resolvers and ciphers read from many places.
 */
#include "platform/os/sandbox.h"

#include "platform/base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef LANDLOCK_ACCESS_FS_REFER /* Linux 5.19 */
#define LANDLOCK_ACCESS_FS_REFER (1ULL << 13)
#endif
#ifndef LANDLOCK_ACCESS_FS_TRUNCATE /* Linux 6.2 */
#define LANDLOCK_ACCESS_FS_TRUNCATE (1ULL << 14)
#endif

#define WRITE_FILE LANDLOCK_ACCESS_FS_WRITE_FILE
#define MAKE                                                              \
	(LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE | \
	 LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR |     \
	 LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK |     \
	 LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK |   \
	 LANDLOCK_ACCESS_FS_MAKE_SYM | LANDLOCK_ACCESS_FS_REFER)

static void allow(int rules, const char *path, uint64_t access)
{
	struct landlock_path_beneath_attr a = {
		.allowed_access = access,
		.parent_fd = open(path, O_PATH | O_CLOEXEC),
	};

	if (a.parent_fd < 0)
		return; /* what is not there cannot be written */
	(void)syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &a, 0);
	close(a.parent_fd);
}

/* Our own program: a restart executes it anew. */
static void allow_self(int rules)
{
	char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);
	char *slash;

	if (n <= 0)
		return;
	path[n] = '\0';
	slash = strrchr(path, '/');
	if (slash != NULL && slash != path) {
		*slash = '\0';
		allow(rules, path, LANDLOCK_ACCESS_FS_EXECUTE);
	}
}

int sandbox_files(const struct sandbox *s, struct err_msg *e)
{
	/* The main half executes itself, and with it what loads programs. */
	static const char *const programs[] = {"/lib", "/lib64", "/usr", "/bin", "/sbin"};
	bool main_half = s->role == SANDBOX_MAIN || s->role == SANDBOX_READER;
	size_t count = main_half ? 2 : ARRAY_LEN(programs);
	struct landlock_ruleset_attr attr = {
		.handled_access_fs = WRITE_FILE | MAKE | LANDLOCK_ACCESS_FS_EXECUTE,
	};
	uint64_t writing = WRITE_FILE;
	long version =
		syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	int rules, rc = 0;

	if (version < 2)
		return err_set(e, ERR_UNSUPPORTED, "this kernel cannot restrict files (Landlock)");
	if (version >= 3) {
		attr.handled_access_fs |= LANDLOCK_ACCESS_FS_TRUNCATE;
		writing |= LANDLOCK_ACCESS_FS_TRUNCATE;
	}
	rules = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);
	if (rules < 0)
		return err_sys(e, errno, "Landlock");
	for (size_t i = 0; i < s->writable_count; i++)
		allow(rules, s->writable[i], writing | MAKE);
	for (size_t i = 0; i < count; i++)
		allow(rules, programs[i], LANDLOCK_ACCESS_FS_EXECUTE);
	allow_self(rules);
	allow(rules, "/dev", writing);
	if (!main_half)
		allow(rules, "/proc/sys/net", writing);
	if (syscall(SYS_landlock_restrict_self, rules, 0) != 0)
		rc = err_sys(e, errno, "Landlock");
	close(rules);
	return rc;
}
