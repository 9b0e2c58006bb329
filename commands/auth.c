/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A small table of users with wrong secrets; the one that failed longest ago makes room. */
#include "commands/auth.h"

#include "platform/base/mem.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define USERS	    64
#define WAIT_MS	    5000
#define WAIT_MAX_MS 300000
#define FORGET_MS   3600000

struct auth {
	struct {
		char user[65];
		unsigned failures;
		uint64_t last_ms, until_ms;
	} items[USERS];
};

struct auth *auth_new(void)
{
	return mem_zalloc(sizeof(struct auth));
}

void auth_free(struct auth *a)
{
	free(a);
}

/* USERS: he has no entry. */
static size_t find(const struct auth *a, const char *user)
{
	size_t i = 0;

	while (i < USERS && strcmp(a->items[i].user, user) != 0)
		i++;
	return i;
}

int auth_may_try(struct auth *a, const char *user, uint64_t now_ms, struct err_msg *e)
{
	size_t i = find(a, user);

	if (i == USERS || now_ms >= a->items[i].until_ms)
		return 0;
	return err_set(e, ERR_BUSY,
		       "Too many wrong secrets of user %s: the next try is possible in %" PRIu64
		       " seconds",
		       user, (a->items[i].until_ms - now_ms + 999) / 1000);
}

void auth_failed(struct auth *a, const char *user, uint64_t now_ms)
{
	size_t i = find(a, user);
	uint64_t wait = WAIT_MS;

	if (i == USERS) {
		i = 0;
		for (size_t k = 1; k < USERS; k++) {
			if (a->items[k].last_ms < a->items[i].last_ms)
				i = k;
		}
		memset(&a->items[i], 0, sizeof(a->items[i]));
		snprintf(a->items[i].user, sizeof(a->items[i].user), "%s", user);
	}
	if (now_ms - a->items[i].last_ms > FORGET_MS)
		a->items[i].failures = 0;
	a->items[i].last_ms = now_ms;
	if (++a->items[i].failures < AUTH_TRIES)
		return;
	for (unsigned n = AUTH_TRIES; n < a->items[i].failures && wait < WAIT_MAX_MS; n++)
		wait *= 2;
	a->items[i].until_ms = now_ms + (wait < WAIT_MAX_MS ? wait : WAIT_MAX_MS);
}

void auth_passed(struct auth *a, const char *user)
{
	size_t i = find(a, user);

	if (i < USERS)
		memset(&a->items[i], 0, sizeof(a->items[i]));
}
