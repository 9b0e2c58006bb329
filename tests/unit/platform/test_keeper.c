/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is held outlives whoever gave it, and records are whole or not there. */
#include "platform/base/mem.h"
#include "platform/os/keeper_wire.h"
#include "platform/os/state_log.h"
#include "tests/unit/platform/suite.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static struct err_msg e;
static char name[KEEPER_NAME_MAX];

static struct keeper *open_one(void)
{
	struct keeper *k;

	snprintf(name, sizeof(name), "test-%ld", (long)getpid());
	k = keeper_open(name, &e);
	ck_assert_msg(k != NULL, "%s", e.text);
	return k;
}

static int memory(const char *text)
{
	int fd = memfd_create("test", MFD_CLOEXEC);

	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	return fd;
}

static void expect(struct keeper *k, const char *item, const char *text)
{
	char buf[64] = "";
	int fd = keeper_take(k, item);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_ge(pread(fd, buf, sizeof(buf) - 1, 0), 0);
	ck_assert_str_eq(buf, text);
	close(fd);
}

START_TEST(test_keeper_holds)
{
	struct keeper *k = open_one();
	int a = memory("one"), b = memory("two"), c = memory("three");

	ck_assert_ptr_null(keeper_found(k, 0));
	ck_assert_int_eq(keeper_take(k, "a"), -1);
	ck_assert(keeper_put(k, "a", a, false));
	ck_assert(keeper_put(k, "b", b, true));
	ck_assert(keeper_put(k, "c", b, false));
	ck_assert(keeper_put(k, "c", c, false)); /* instead */
	ck_assert(keeper_put(k, "gone", c, false));
	keeper_drop(k, "gone");
	close(a);
	close(b);
	close(c);
	keeper_leave(k);
	k = open_one();
	ck_assert(keeper_has(k, "b"));
	ck_assert(!keeper_has(k, "gone"));
	expect(k, "b", "two");
	ck_assert(!keeper_has(k, "b"));
	expect(k, "a", "one");
	expect(k, "c", "three");
	ck_assert_ptr_null(keeper_found(k, 0));
	keeper_leave(k);
	k = open_one();
	expect(k, "a", "one"); /* taken is not dropped */
	keeper_drop_rest(k);
	keeper_leave(k);
	k = open_one();
	expect(k, "a", "one");
	ck_assert_ptr_null(keeper_found(k, 0));
	keeper_end(k);
	k = open_one();
	ck_assert_ptr_null(keeper_found(k, 0));
	keeper_end(k);
}
END_TEST

/* The process that gave it is killed. */
START_TEST(test_keeper_outlives)
{
	struct keeper *k;
	int status;
	pid_t pid = fork();

	snprintf(name, sizeof(name), "test-%ld", (long)(pid == 0 ? getpid() : pid));
	if (pid == 0) {
		k = keeper_open(name, &e);
		if (k != NULL && keeper_put(k, "a", memory("one"), true))
			(void)raise(SIGKILL);
		_exit(1);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFSIGNALED(status));
	k = keeper_open(name, &e);
	ck_assert_ptr_nonnull(k);
	expect(k, "a", "one");
	keeper_end(k);
}
END_TEST

/* ---- Messages -------------------------------------------------------------------------------- */

/* One with so many octets and descriptors; the lowest free descriptor stays the same. */
static void hear(size_t len, unsigned fds, bool good)
{
	uint8_t bytes[sizeof(struct keeper_message) + 8] = {KEEPER_PUT, 'a'};
	union {
		struct cmsghdr align;
		uint8_t bytes[CMSG_SPACE(4 * sizeof(int))];
	} control = {.bytes = {0}};
	struct iovec part = {.iov_base = bytes, .iov_len = len};
	struct msghdr h = {.msg_iov = &part, .msg_iovlen = 1};
	const int many[4] = {0, 0, 0, 0};
	struct keeper_message m;
	int pair[2], fd, before;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	if (fds != 0) {
		h.msg_control = control.bytes;
		h.msg_controllen = CMSG_SPACE(fds * sizeof(int));
		control.align.cmsg_level = SOL_SOCKET;
		control.align.cmsg_type = SCM_RIGHTS;
		control.align.cmsg_len = CMSG_LEN(fds * sizeof(int));
		memcpy(CMSG_DATA(&control.align), many, fds * sizeof(int));
	}
	ck_assert_int_eq(sendmsg(pair[0], &h, MSG_NOSIGNAL), (ssize_t)len);
	before = fcntl(0, F_DUPFD_CLOEXEC, 0);
	close(before);
	ck_assert_int_eq(keeper_hear(pair[1], &m, &fd), good);
	ck_assert_int_eq(fd >= 0, good && fds != 0);
	if (fd >= 0)
		close(fd);
	fd = fcntl(0, F_DUPFD_CLOEXEC, 0);
	ck_assert_msg(fd == before, "%zu octets, %u descriptors: one is left", len, fds);
	close(fd);
	close(pair[0]);
	close(pair[1]);
}

/* Whatever comes, no descriptor is left behind: each would be one less for what is to be held. */
START_TEST(test_keeper_hears)
{
	const size_t whole = sizeof(struct keeper_message);

	for (unsigned fds = 0; fds <= 4; fds++) {
		hear(0, fds, false);
		hear(1, fds, false);
		hear(whole - 1, fds, false);
		hear(whole + 1, fds, false);
	}
	hear(whole, 0, true);
	hear(whole, 1, true);
	hear(whole, 3, false);
	hear(whole, 4, false);
}
END_TEST

/* ---- Records --------------------------------------------------------------------------------- */

static int held;

static bool hold(void *arg, int fd)
{
	(void)arg;
	if (held >= 0)
		close(held);
	held = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	return true;
}

struct seen {
	uint64_t sum;
	unsigned count;
};

static void see(void *arg, uint32_t kind, uint64_t key, struct view bytes)
{
	struct seen *s = arg;

	ck_assert_uint_eq(kind, 1 + key % 3);
	ck_assert_uint_eq(bytes.len, 10 + key);
	for (size_t i = 0; i < bytes.len; i++)
		ck_assert_uint_eq(bytes.data[i], bytes.data[0]);
	s->sum += bytes.data[0] * key;
	s->count++;
}

#define KEYS 1000

static struct state_log *filled(uint64_t *sum)
{
	struct state_log *l = state_log_new(hold, NULL);
	uint8_t value[KEYS + 10];

	held = -1;
	*sum = 0;
	for (unsigned round = 0; round < 5; round++) {
		for (uint64_t key = 0; key < KEYS; key++) {
			memset(value, (int)(uint8_t)(key + round), sizeof(value));
			state_log_put(l, 1 + (uint32_t)key % 3, key, view_of(value, 10 + key));
		}
	}
	for (uint64_t key = 0; key < KEYS; key += 2)
		state_log_drop(l, 1 + (uint32_t)key % 3, key);
	state_log_drop(l, 1, 5000);
	for (uint64_t key = 1; key < KEYS; key += 2)
		*sum += (uint8_t)(key + 4) * key;
	return l;
}

START_TEST(test_state_log_goes_on)
{
	struct seen s = {.count = 0};
	uint64_t sum;
	struct state_log *l = filled(&sum);

	ck_assert_int_eq(state_log_read(held, see, &s, &e), 0);
	ck_assert_uint_eq(s.count, KEYS / 2);
	ck_assert_uint_eq(s.sum, sum);
	ck_assert_uint_le(state_log_size(l), 8 * KEYS * KEYS);
	state_log_free(l);
	s = (struct seen){.count = 0};
	ck_assert_int_eq(state_log_read(held, see, &s, &e), 0);
	ck_assert_uint_eq(s.count, KEYS / 2);
	close(held);
}
END_TEST

static void never(void *arg, uint32_t kind, uint64_t key, struct view bytes)
{
	(void)arg;
	(void)bytes;
	ck_abort_msg("record %u %lu of damaged memory", kind, (unsigned long)key);
}

/* One octet of a living record, of the version, of the mark: all or nothing. */
START_TEST(test_state_log_damaged)
{
	uint64_t sum;
	struct state_log *l = filled(&sum);
	const off_t places[] = {0, 8, 12};
	uint8_t octet, other;

	state_log_free(l);
	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		ck_assert_int_eq(pread(held, &octet, 1, places[i]), 1);
		other = octet ^ 0x40;
		ck_assert_int_eq(pwrite(held, &other, 1, places[i]), 1);
		ck_assert_int_eq(state_log_read(held, never, NULL, &e),
				 i == 1 ? ERR_UNSUPPORTED : ERR_INVALID);
		ck_assert_int_eq(pwrite(held, &octet, 1, places[i]), 1);
	}
	close(held);
	held = memfd_create("test", MFD_CLOEXEC);
	ck_assert_int_eq(state_log_read(held, never, NULL, &e), ERR_INVALID);
	close(held);
}
END_TEST

START_TEST(test_state_log_bit)
{
	struct state_log *l = state_log_new(hold, NULL);
	struct seen s = {.count = 0};
	uint8_t value[10], octet;

	held = -1;
	memset(value, 7, sizeof(value));
	state_log_put(l, 1, 0, view_of(value, sizeof(value)));
	state_log_free(l);
	/* head of 24 octets, head of the record of 24, the content */
	for (off_t at = 24; at < 24 + 24 + 10; at++) {
		ck_assert_int_eq(pread(held, &octet, 1, at), 1);
		octet ^= 1;
		ck_assert_int_eq(pwrite(held, &octet, 1, at), 1);
		ck_assert_int_eq(state_log_read(held, never, NULL, &e), ERR_INVALID);
		octet ^= 1;
		ck_assert_int_eq(pwrite(held, &octet, 1, at), 1);
	}
	ck_assert_int_eq(state_log_read(held, see, &s, &e), 0);
	close(held);
}
END_TEST

int main(void)
{
	const TTest *tests[] = {test_keeper_holds,	test_keeper_outlives,	test_keeper_hears,
				test_state_log_goes_on, test_state_log_damaged, test_state_log_bit};

	return run_cases("keeper", tests, ARRAY_LEN(tests));
}
