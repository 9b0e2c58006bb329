/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What sshd(8) hands over: see session.c, do_child() of OpenSSH, and SSH_ORIGINAL_COMMAND in
 * ssh(1). */
#include "shell/ikesh/entry.h"

#include "platform/base/bytes.h"
#include "platform/base/mem.h"

#include <string.h>
#include <sys/stat.h>

/* What clients of file transfers ask sshd to run, without the directory. */
static const struct {
	const char *name;
	bool sftp;
} transfers[] = {
	{"internal-sftp", true},
	{"rsync", false},
	{"scp", false},
	{"sftp-server", true},
};

/* The file counts, not its name: /bin/ikesh may be a link to /usr/bin/ikesh. */
static bool is_this_program(const struct entry *x, const char *command)
{
	struct stat own, other;

	if (strcmp(command, "ikesh") == 0)
		return true;
	return command[0] == '/' && stat(x->own_path, &own) == 0 && stat(command, &other) == 0 &&
	       own.st_dev == other.st_dev && own.st_ino == other.st_ino;
}

/* The first word of a command; *name is what stands behind its last slash. */
static struct view first_word(const char *command, struct view *name)
{
	const char *begin = command + strspn(command, " \t");
	size_t len = strcspn(begin, " \t\r\n"), at = len;

	while (at > 0 && begin[at - 1] != '/')
		at--;
	*name = view_of(begin + at, len - at);
	return view_of(begin, len);
}

static int refuse_program(struct entry *x, const char *command, struct err_msg *e)
{
	struct view name, word = first_word(command, &name);

	for (size_t i = 0; i < ARRAY_LEN(transfers); i++) {
		const char *t = transfers[i].name;

		if (name.len != strlen(t) || memcmp(name.data, t, name.len) != 0)
			continue;
		x->sftp = transfers[i].sftp;
		return err_set(e, ERR_DENIED,
			       "This appliance transfers no files: scp, sftp and rsync are not "
			       "available");
	}
	if (word.len == 0 || word.data[0] != '/')
		return 0;
	return err_set(e, ERR_DENIED, "This appliance runs no programs: \"%.*s\" is no command",
		       word.len < 64 ? (int)word.len : 64, (const char *)word.data);
}

int entry_settle(struct entry *x, struct err_msg *e)
{
	if (x->count == 1 && is_this_program(x, x->commands[0]))
		x->count = 0;
	if (x->count == 0 && !x->has_input && x->original != NULL && x->original[0] != '\0')
		x->commands[x->count++] = x->original;
	for (size_t i = 0; i < x->count; i++) {
		int rc = refuse_program(x, x->commands[i], e);

		if (rc != 0)
			return rc;
	}
	return 0;
}
