/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whole files.  A reader, or whoever starts after a crash, sees the old content or the new one.
 *
 * Writing: PATH.tmp is filled, synced and renamed to PATH, then the directory is synced.  The name
 * of the temporary is fixed, so that crashes do not pile up leftovers; a lock on it keeps a second
 * writer away, and goes with its process.
 */
#include "platform/os/file.h"

#include "platform/base/secret.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* path and suffix in buf; false when it does not fit. */
static bool join(char buf[PATH_MAX], const char *path, const char *suffix)
{
	int n = snprintf(buf, PATH_MAX, "%s%s", path, suffix);

	return n >= 0 && n < PATH_MAX;
}

/* Make the directory entries beside path durable. */
static int sync_directory(const char *path, struct err_msg *e)
{
	char dir[PATH_MAX];
	const char *slash = strrchr(path, '/');
	size_t len = slash == NULL ? 0 : (size_t)(slash - path);
	int errnum = 0;
	int fd;

	if (len >= sizeof(dir))
		return err_sys(e, ENAMETOOLONG, "%s", path);
	memcpy(dir, path, len);
	dir[len] = '\0';
	fd = open(slash == NULL ? "." : len == 0 ? "/" : dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_sys(e, errno, "%s: open its directory", path);
	if (fsync(fd) != 0)
		errnum = errno;
	close(fd);
	return errnum == 0 ? 0 : err_sys(e, errnum, "%s: sync its directory", path);
}

/* Open and lock the temporary; it is the only link to its inode that a writer may change. */
static int open_temporary(const char *path, const char *tmp, struct err_msg *e)
{
	struct stat opened;
	struct stat named;
	int errnum;
	int fd;

	for (;;) {
		fd = open(tmp, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
		if (fd < 0)
			return err_sys(e, errno, "%s: create %s", path, tmp);
		if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
			errnum = errno;
			close(fd);
			if (errnum == EWOULDBLOCK)
				return err_set(e, ERR_BUSY, "%s: another process is writing it",
					       path);
			return err_sys(e, errnum, "%s: lock %s", path, tmp);
		}
		/* between open and lock another writer may have renamed it into place */
		if (fstat(fd, &opened) == 0 && lstat(tmp, &named) == 0 &&
		    opened.st_dev == named.st_dev && opened.st_ino == named.st_ino)
			return fd;
		close(fd);
	}
}

/* 0 or an errno value. */
static int write_all(int fd, const uint8_t *data, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? errno : EIO;
		data += n;
		len -= (size_t)n;
	}
	return 0;
}

static int fill_temporary(int fd, const char *path, const void *data, size_t len, unsigned mode,
			  struct err_msg *e)
{
	int errnum;

	/* a leftover of a crash may have content */
	if (ftruncate(fd, 0) != 0)
		return err_sys(e, errno, "%s: truncate the temporary file", path);
	if (fchmod(fd, mode) != 0)
		return err_sys(e, errno, "%s: set the mode", path);
	errnum = write_all(fd, data, len);
	if (errnum != 0)
		return err_sys(e, errnum, "%s: write", path);
	if (fsync(fd) != 0)
		return err_sys(e, errno, "%s: sync", path);
	return 0;
}

/* Give the old content the name path.1 as well; path itself is never missing. */
static int keep_old(const char *path, struct err_msg *e)
{
	char kept[PATH_MAX];
	char kept_tmp[PATH_MAX];

	if (!join(kept, path, ".1") || !join(kept_tmp, path, ".1.tmp"))
		return err_sys(e, ENAMETOOLONG, "%s", path);
	if (unlink(kept_tmp) != 0 && errno != ENOENT)
		return err_sys(e, errno, "%s: remove %s", path, kept_tmp);
	if (link(path, kept_tmp) != 0)
		return errno == ENOENT ? 0
				       : err_sys(e, errno, "%s: keep the old as %s", path, kept);
	if (rename(kept_tmp, kept) != 0) {
		int errnum = errno;

		(void)unlink(kept_tmp);
		return err_sys(e, errnum, "%s: keep the old as %s", path, kept);
	}
	/* rename does nothing when both names are links to one file already */
	(void)unlink(kept_tmp);
	return 0;
}

int file_write_atomic(const char *path, const void *data, size_t len, unsigned mode,
		      bool keep_previous, struct err_msg *e)
{
	char tmp[PATH_MAX];
	int rc;
	int fd;

	if (!join(tmp, path, ".tmp"))
		return err_sys(e, ENAMETOOLONG, "%s", path);
	fd = open_temporary(path, tmp, e);
	if (fd < 0)
		return fd;
	rc = fill_temporary(fd, path, data, len, mode, e);
	if (rc == 0 && keep_previous)
		rc = keep_old(path, e);
	if (rc == 0 && rename(tmp, path) != 0)
		rc = err_sys(e, errno, "%s: rename %s", path, tmp);
	if (rc != 0)
		(void)unlink(tmp);
	else
		rc = sync_directory(path, e);
	close(fd); /* synced already; until here the lock holds */
	return rc;
}

int file_read(const char *path, size_t max, struct strbuf *out, struct err_msg *e)
{
	uint8_t chunk[4096];
	size_t before = out->len;
	int rc = 0;
	ssize_t n;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT)
		return err_set(e, ERR_NOT_FOUND, "%s: there is no such file", path);
	if (fd < 0)
		return err_sys(e, errno, "%s: open", path);
	while ((n = read(fd, chunk, sizeof(chunk))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			rc = err_sys(e, errno, "%s: read", path);
			break;
		}
		if ((size_t)n > max - (out->len - before)) {
			rc = err_set(e, ERR_RANGE, "%s: longer than %zu bytes", path, max);
			break;
		}
		strbuf_add_bytes(out, chunk, (size_t)n);
	}
	bytes_wipe(chunk, sizeof(chunk));
	close(fd);
	if (rc != 0) {
		bytes_wipe(out->text + before, out->len - before);
		out->len = before;
	}
	return rc;
}

static int make_directory(const char *path, unsigned mode, struct err_msg *e)
{
	struct stat st;

	if (mkdir(path, mode) == 0)
		return sync_directory(path, e);
	if (errno != EEXIST)
		return err_sys(e, errno, "%s: create the directory", path);
	if (stat(path, &st) != 0)
		return err_sys(e, errno, "%s", path);
	return S_ISDIR(st.st_mode) ? 0 : err_sys(e, ENOTDIR, "%s: create the directory", path);
}

int file_mkdirs(const char *path, unsigned mode, struct err_msg *e)
{
	char part[PATH_MAX];
	size_t len = strlen(path);
	int rc = 0;

	while (len > 1 && path[len - 1] == '/')
		len--;
	if (len == 0 || len >= sizeof(part))
		return err_sys(e, len == 0 ? ENOENT : ENAMETOOLONG, "%s", path);
	memcpy(part, path, len);
	part[len] = '\0';
	for (char *p = part + 1; rc == 0 && (p = strchr(p, '/')) != NULL; p++) {
		*p = '\0';
		rc = make_directory(part, 0755, e);
		*p = '/';
	}
	return rc != 0 ? rc : make_directory(part, mode, e);
}

int file_remove(const char *path, struct err_msg *e)
{
	if (unlink(path) == 0)
		return sync_directory(path, e);
	return errno == ENOENT ? 0 : err_sys(e, errno, "%s: remove", path);
}

static bool is_plain_name(const char *name)
{
	for (const char *p = name; *p != '\0'; p++) {
		if ((unsigned char)*p < ' ')
			return false;
	}
	return name[0] != '.';
}

int file_list(const char *dir, struct strbuf *out, struct err_msg *e)
{
	DIR *d = opendir(dir);
	const struct dirent *entry;
	struct stat st;

	if (d == NULL)
		return errno == ENOENT ? 0 : err_sys(e, errno, "%s: open", dir);
	while ((entry = readdir(d)) != NULL) {
		if (is_plain_name(entry->d_name) &&
		    fstatat(dirfd(d), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    S_ISREG(st.st_mode))
			strbuf_printf(out, "%s\n", entry->d_name);
	}
	closedir(d);
	return 0;
}
