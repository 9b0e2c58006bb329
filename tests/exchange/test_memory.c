/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * libcrypto gets no memory, once, at each of its allocations from the first message of a handshake
 * to the end of a rekeying.  What was under way fails, or goes on; nothing else does, nothing is
 * left behind (the sanitizer looks at the end), and the next attempt succeeds.  Own memory is
 * bounded before it is asked for, and a process that gets none ends: it is taken over from.
 */
#include "sim.h"

#include "platform/base/mem.h"

#include <check.h>
#include <openssl/crypto.h>
#include <stdlib.h>

enum { A, B };

static unsigned long asked, fail_at; /* 0: never */
static bool counting;

static bool refused(void)
{
	return counting && ++asked == fail_at;
}

static void *get(size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return refused() ? NULL : malloc(size);
}

static void *get_more(void *p, size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return refused() ? NULL : realloc(p, size);
}

static void give(void *p, const char *file, int line)
{
	(void)file;
	(void)line;
	free(p);
}

/* One handshake and one rekeying of each kind with the refusal; then without it until all is well.
 */
static void live(unsigned long at)
{
	struct ike_tunnel a = sim_tunnel(&w, 1, A, B), b = sim_tunnel(&w, 1, B, A);

	w.quiet = true;
	w.real_dh = true;
	asked = 0;
	fail_at = at;
	a.initiate = true;
	ck_assert_int_eq(sim_set(&w, B, &b), 0);
	ck_assert_int_eq(sim_set(&w, A, &a), 0);
	counting = true;
	sim_run(&w, 3000);
	(void)sim_command(&w, A, 1, IKE_CMD_REKEY_CHILD);
	sim_run(&w, 3000);
	(void)sim_command(&w, B, 1, IKE_CMD_REKEY_IKE);
	sim_run(&w, 3000);
	counting = false;
	sim_run(&w, 200000); /* an attempt every 90 s */
	if (!sim_is_up(&w, A, 1) || !sim_is_up(&w, B, 1))
		ck_abort_msg("allocation %lu refused, and the tunnel never came up", at);
	sim_check_quiet(&w);
	sim_assert(&w);
}

START_TEST(test_memory_each_allocation_fails)
{
	unsigned long all;

	live(0);
	all = asked;
	ck_assert_uint_ge(all, 50);
	for (unsigned long at = 1; at <= all; at++) {
		sim_clear(&w);
		sim_init(&w, 1, 2);
		live(at);
	}
}
END_TEST

int main(void)
{
	const TTest *tests[] = {test_memory_each_allocation_fails};

	if (CRYPTO_set_mem_functions(get, get_more, give) != 1)
		return EXIT_FAILURE;
	return sim_suite("memory", tests, ARRAY_LEN(tests));
}
