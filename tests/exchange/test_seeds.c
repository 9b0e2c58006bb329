/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Random worlds, many of them, on all processors.  The invariants hold after every step; when the
 * network is good again both sides of every tunnel have the same.
 * IKESH_SIM_SEEDS=n runs n seeds; IKESH_SIM_SEED=n runs that one and prints its ladder.
 */
#include "world.h"

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define SEEDS_DEFAULT 300
#define SHOWN_MAX     10 /* of the seeds that failed, by each worker */

static unsigned long number_of(const char *variable, unsigned long otherwise)
{
	const char *text = getenv(variable);

	return text ? strtoul(text, NULL, 10) : otherwise;
}

static bool run_one(unsigned long seed, bool print)
{
	bool ok;

	world_run(seed, print);
	ok = !w.violation[0];
	if (!ok)
		fprintf(stderr, "seed %lu: %s\n\tIKESH_SIM_SEED=%lu %s prints its ladder\n", seed,
			w.violation, seed, program_invocation_name);
	sim_clear(&w);
	return ok;
}

/* Every workers-th seed; how many have failed. */
static int run_share(unsigned long first, unsigned long count, unsigned long workers)
{
	int failed = 0;

	for (unsigned long seed = first; seed <= count && failed < SHOWN_MAX; seed += workers)
		failed += !run_one(seed, false);
	return failed;
}

/* Check's own fork waits for nobody but its child: the workers are children of that. */
static int run_all(unsigned long count)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	unsigned long workers = processors > 0 ? (unsigned long)processors : 1;
	int failed = 0, status;

	for (unsigned long i = 1; i <= workers; i++) {
		pid_t pid = fork();

		ck_assert_int_ge(pid, 0);
		if (pid == 0)
			_exit(run_share(i, count, workers));
	}
	while (wait(&status) > 0)
		failed += WIFEXITED(status) ? WEXITSTATUS(status) : 1;
	return failed;
}

START_TEST(test_seeds)
{
	unsigned long one = number_of("IKESH_SIM_SEED", 0);
	unsigned long count = number_of("IKESH_SIM_SEEDS", SEEDS_DEFAULT);
	int failed = one ? !run_one(one, true) : run_all(count);

	ck_assert_msg(failed == 0, "%d of the seeds failed", failed);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("seeds");
	TCase *tc = tcase_create("seeds");

	tcase_set_timeout(tc, 1200);
	tcase_add_test(tc, test_seeds);
	suite_add_tcase(suite, tc);
	return sim_run_suite(srunner_create(suite));
}
