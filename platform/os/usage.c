/* SPDX-License-Identifier: GPL-3.0-or-later */
/* getrusage(2) and /proc/self, see proc(5). */
#include "platform/os/usage.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static uint64_t microseconds(const struct timeval *t)
{
	return (uint64_t)t->tv_sec * 1000000 + (uint64_t)t->tv_usec;
}

static uint64_t resident(void)
{
	FILE *f = fopen("/proc/self/statm", "re");
	uint64_t pages = 0;
	char line[128];
	const char *second;

	if (f == NULL)
		return 0;
	second = fgets(line, sizeof(line), f) == NULL ? NULL : strchr(line, ' ');
	if (second != NULL)
		pages = strtoull(second, NULL, 10);
	fclose(f);
	return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static uint64_t descriptors(void)
{
	DIR *d = opendir("/proc/self/fd");
	const struct dirent *entry;
	uint64_t count = 0;

	if (d == NULL)
		return 0;
	while ((entry = readdir(d)) != NULL)
		count += entry->d_name[0] != '.' ? 1 : 0;
	closedir(d);
	return count - 1; /* the one that read the folder */
}

void usage_read(struct usage *out)
{
	struct rusage r = {.ru_nvcsw = 0};

	(void)getrusage(RUSAGE_SELF, &r);
	out->cpu_us = microseconds(&r.ru_utime) + microseconds(&r.ru_stime);
	out->resident_bytes = resident();
	out->descriptors = descriptors();
}
