/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two sites as the gateway would report them, for the tests of screens. */
#ifndef TESTS_UNIT_COMMANDS_FIXTURE_SHOW_H
#define TESTS_UNIT_COMMANDS_FIXTURE_SHOW_H

#include "commands/show.h"

/* 2026-11-23 14:03:14 UTC; the loop clock is at ten days. */
#define FIXTURE_WALL_MS UINT64_C(1795442594000)
#define FIXTURE_NOW_MS	UINT64_C(864000000)

struct fixture_show {
	struct show_clock clock;
	struct site_status aws, lyon;
	struct site_config lyon_config;
	struct child_status child;
	struct show_site aws_site, lyon_site;
};

/* Two tunnels of AWS-eu-central up; of Branch-Lyon one up, one down, one incomplete. */
void fixture_show_init(struct fixture_show *f);
void fixture_show_clear(struct fixture_show *f);
struct ip_addr fixture_addr(const char *text);
struct ip_range fixture_range(const char *text);
struct ike_id fixture_fqdn(const char *text);
/* Finishes and frees a; the caller frees the text. */
char *fixture_finish(struct answer *a);
/* ... and compares, line by line in the message when it differs. */
void fixture_expect(struct answer *a, const char *expected);

#endif
