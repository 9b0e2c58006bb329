/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Files of the configuration folder: startup-config at a start, the archive, a file that is merged.
 * What was accepted reads back to the same configuration, and a merge that is refused as a whole
 * changes nothing.
 */
#include "commands/archive.h"
#include "commands/commands_state.h"
#include "commands/loader.h"
#include "commands/store.h"
#include "commands/writer.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char dir[64];

static uint64_t wall_ms(void)
{
	return 0;
}

static void remove_in(const char *folder)
{
	char path[512];
	const struct dirent *one;
	DIR *d = opendir(folder);

	while (d != NULL && (one = readdir(d)) != NULL) {
		(void)snprintf(path, sizeof(path), "%s/%s", folder, one->d_name);
		if (one->d_name[0] != '.' && unlink(path) != 0)
			remove_in(path);
	}
	if (d != NULL)
		closedir(d);
	(void)rmdir(folder);
}

static void remove_dir(void)
{
	remove_in(dir);
}

static void start(void)
{
	char archive[80];

	(void)snprintf(dir, sizeof(dir), "/tmp/ikesh-fuzz-config.%ld", (long)getpid());
	(void)snprintf(archive, sizeof(archive), "%s/archive", dir);
	if (mkdir(dir, 0700) != 0 || mkdir(archive, 0700) != 0)
		abort();
	(void)atexit(remove_dir);
}

static void put(const char *name, const char *text, size_t len)
{
	char path[128];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, text, len) != (ssize_t)len)
		abort();
	close(fd);
}

static void check_reads_back(struct commands *c, const struct config *config)
{
	struct strbuf text;
	struct config_writer w = {.out = &text};
	struct config back;

	strbuf_init(&text);
	config_init(&back);
	writer_config(&w, config);
	if (loader_run(c, &back, "again", text.text, NULL) != 0 || !config_equal(&back, config))
		abort();
	config_clear(&back);
	strbuf_wipe(&text);
}

static void merge(struct commands *c, const struct config *onto, const char *text)
{
	struct config target;
	struct strbuf report;
	struct err_msg e = {.text = ""};

	config_init(&target);
	config_copy(&target, onto);
	strbuf_init(&report);
	if (loader_merge(c, &target, "merge", text, &report, &e) != 0 && report.len == 0)
		abort();
	(void)loader_is_complete(text);
	config_clear(&target);
	strbuf_clear(&report);
}

static void read_archive(struct commands *c)
{
	struct archive_list l = {.count = 0};
	struct err_msg e = {.text = ""};
	struct strbuf out;

	strbuf_init(&out);
	if (archive_list(c, &l, &e) == 0) {
		for (size_t i = 0; i < l.count; i++) {
			if (memchr(l.items[i].what, '\0', sizeof(l.items[i].what)) == NULL ||
			    memchr(l.items[i].when, '\0', sizeof(l.items[i].when)) == NULL)
				abort();
		}
	}
	archive_list_clear(&l);
	if (archive_read(c, 1, &out, &e) != 0 && e.text[0] == '\0')
		abort();
	strbuf_wipe(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct commands_options options = {.config_dir = dir};
	static struct commands *c;
	struct strbuf stored, report;
	struct err_msg e = {.text = ""};
	struct config config;

	if (c == NULL) {
		start();
		c = commands_new(NULL, NULL, event_log_new(wall_ms, 16), NULL, &options);
	}
	put("startup-config", (const char *)data, size);
	put("archive/1", (const char *)data, size);
	strbuf_init(&stored);
	strbuf_init(&report);
	config_init(&config);
	if (store_read(c, &stored, &e, &e) == 0 && stored.text != NULL) {
		if (loader_run(c, &config, "startup-config", stored.text, &report) != 0 &&
		    report.len == 0)
			abort();
		check_reads_back(c, &config);
		merge(c, &config, stored.text);
	}
	read_archive(c);
	config_clear(&config);
	strbuf_wipe(&stored);
	strbuf_wipe(&report);
	return 0;
}
