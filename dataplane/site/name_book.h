/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * All names of tunnels' destinations, found by name, and the PoPs that sites have chosen.  Rebuilt
 * when sites have changed.
 */
#ifndef DATAPLANE_SITE_NAME_BOOK_H
#define DATAPLANE_SITE_NAME_BOOK_H

#include "dataplane/site/gateway_state.h"

struct name_entry {
	struct map_node node; /* key: name in lower case */
	struct list list;
	char name[SITE_TEXT_MAX];
	struct site *site;
	enum site_role role;
	uint64_t made_ms; /* wall clock */
};

struct name_book {
	struct map map;
	struct list entries; /* struct name_entry.list */
};

/* Up to date. */
struct name_book *gateway_name_book(struct gateway *g);
const struct name_entry *name_book_find(struct name_book *b, const char *name); /* or NULL */
void name_book_free(struct name_book *b);

#endif
