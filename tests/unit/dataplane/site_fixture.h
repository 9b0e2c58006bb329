/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The supervisor with an engine, a data plane and a kernel that the test plays: what the tests of
 * it share.
 */
#ifndef TESTS_UNIT_DATAPLANE_SITE_FIXTURE_H
#define TESTS_UNIT_DATAPLANE_SITE_FIXTURE_H

#include "tests/unit/dataplane/fake_engine.h"

/* The one gateway of a test program and its surroundings. */
extern struct loop *loop;
extern struct event_log *events;
extern struct gateway *g;
extern struct fake_dp dp;
extern struct fake_net net;
extern struct site_status st;
extern char routes[512];

void set_up(void);
void tear_down(void);
void add_tunnel(struct site_config *c, enum site_role role, unsigned index0, const char *peer);
void init_site(struct site_config *c, const char *name, const char *native);
void set_site(const struct site_config *c);
void set_lyon(struct site_config *c);
void up(uint32_t tunnel, uint32_t child);
void down(uint32_t tunnel, uint32_t child, enum ike_reason r);
const struct tunnel_status *tunnel(const char *site, uint8_t slot);
unsigned bucket_count(uint32_t site, uint8_t slot);
const char *said(void);
/* Runs the tests, each with a gateway of its own; exit status. */
struct TTest;
int site_fixture_run(const char *name, const struct TTest *const *tests, size_t count);

#endif
