# SPDX-License-Identifier: GPL-3.0-or-later
"""Libraries that are loaded into the appliance, so that a scenario can do to it what a namespace cannot."""
import os
import struct

from lab import run

# CLOCK_REALTIME of one process: shifted by the first number of a file, or standing still at the second.
CLOCK = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
static volatile long long *shift;
static void look(void)
{
	const char *path = getenv("IKESH_TEST_CLOCK");
	int fd = shift == NULL && path != NULL ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	void *p = fd < 0 ? MAP_FAILED : mmap(NULL, 16, PROT_READ, MAP_SHARED, fd, 0);
	if (p != MAP_FAILED)
		shift = p;
}
__attribute__((constructor)) static void begin(void) { look(); }
int clock_gettime(clockid_t id, struct timespec *t)
{
	static int (*real)(clockid_t, struct timespec *);
	int rc;
	if (real == NULL)
		real = dlsym(RTLD_NEXT, "clock_gettime");
	rc = real(id, t);
	if (rc != 0 || shift == NULL || (id != CLOCK_REALTIME && id != CLOCK_REALTIME_COARSE))
		return rc;
	t->tv_sec = shift[1] != 0 ? shift[1] : t->tv_sec + shift[0];
	if (shift[1] != 0)
		t->tv_nsec = 0;
	return rc;
}
time_t time(time_t *out)
{
	struct timespec t = {0};
	clock_gettime(CLOCK_REALTIME, &t);
	if (out != NULL)
		*out = t.tv_sec;
	return t.tv_sec;
}
int gettimeofday(struct timeval *tv, void *zone)
{
	struct timespec t = {0};
	(void)zone;
	clock_gettime(CLOCK_REALTIME, &t);
	tv->tv_sec = t.tv_sec;
	tv->tv_usec = t.tv_nsec / 1000;
	return 0;
}
"""

# A block that nobody points to any more.
LEAK = r"""
#include <stdlib.h>
#include <string.h>
static void *volatile keep;
static void lose(void) { keep = malloc(1234); memset(keep, 1, 1234); keep = NULL; }
__attribute__((constructor)) static void begin(void) { for (int i = 0; i < 20; i++) lose(); }
"""


def library(lab, name, source):
    """The environment of a process that loads it."""
    path = os.path.join(lab.dir, name)
    with open(path + ".c", "w", encoding="ascii") as f:
        f.write(source)
    run(["cc", "-shared", "-fPIC", "-O1", "-o", path + ".so", path + ".c", "-ldl"])
    options = ":".join(o for o in (os.environ.get("ASAN_OPTIONS"), "verify_asan_link_order=0") if o)
    return {"LD_PRELOAD": path + ".so", "ASAN_OPTIONS": options}


class Clock:
    def __init__(self, lab, name):
        self.path = os.path.join(lab.dir, name + ".clock")
        self.set()
        self.env = {**library(lab, name, CLOCK), "IKESH_TEST_CLOCK": self.path}

    def set(self, shift_s=0, frozen_at=0):
        data = struct.pack("=qq", int(shift_s), int(frozen_at))
        with open(self.path, "r+b" if os.path.exists(self.path) else "wb", buffering=0) as f:
            f.write(data)
