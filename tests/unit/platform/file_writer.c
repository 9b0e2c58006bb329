/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The program that file_faults.sh kills: replaces PATH by SIZE bytes of one letter, exit 0 when
 * that was reported as done.  "keep" keeps the old content as PATH.1; "naive" truncates and
 * writes, to show that the script notices a torn file.
 */
#include "platform/base/mem.h"
#include "platform/os/file.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int write_naively(const char *path, const char *data, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	size_t half = len / 2;

	if (fd < 0 || write(fd, data, half) != (ssize_t)half ||
	    write(fd, data + half, len - half) != (ssize_t)(len - half) || fsync(fd) != 0 ||
	    close(fd) != 0)
		return ERR_SYSTEM;
	return 0;
}

int main(int argc, char **argv)
{
	struct err_msg e = {.text = ""};
	size_t len;
	char *data;
	int rc;

	if (argc != 5)
		return 2;
	len = (size_t)strtoul(argv[3], NULL, 10);
	data = mem_zalloc(len);
	memset(data, argv[2][0], len);
	if (strcmp(argv[4], "naive") == 0)
		rc = write_naively(argv[1], data, len);
	else
		rc = file_write_atomic(argv[1], data, len, 0600, strcmp(argv[4], "keep") == 0, &e);
	if (rc != 0)
		(void)fprintf(stderr, "%s\n", e.text);
	free(data);
	return rc == 0 ? 0 : 1;
}
