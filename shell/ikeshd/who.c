/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the credentials of a socket to a user name and a privilege, by the user database. */
#include "shell/ikeshd/who.h"

#include "platform/base/mem.h"
#include "platform/os/seqpacket.h"

#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#define DATABASE_BUFFER 16384
#define GROUPS_MAX	4096

static const struct {
	const char *group;
	unsigned privilege;
} grants[] = {
	{"ikesh-admin", 15},
	{"ikesh-operator", 1},
};

/* Group number of a name; false when the system has no such group. */
static bool group_id(const char *name, gid_t *out)
{
	char buf[DATABASE_BUFFER];
	struct group entry, *found = NULL;

	if (getgrnam_r(name, &entry, buf, sizeof(buf), &found) != 0 || found == NULL)
		return false;
	*out = found->gr_gid;
	return true;
}

/* All groups of the user, primary included; *count is set; the caller frees. */
static gid_t *groups_of(const char *user, gid_t primary, int *count)
{
	gid_t *list;
	int n = 64;

	for (;;) {
		int room = n;

		list = mem_calloc((size_t)n, sizeof(*list));
		if (getgrouplist(user, primary, list, &room) >= 0) {
			*count = room;
			return list;
		}
		free(list);
		if (n >= GROUPS_MAX) {
			*count = 0;
			return NULL;
		}
		n *= 4;
	}
}

static bool is_member(const gid_t *list, int count, gid_t own, const char *group)
{
	gid_t wanted;

	if (!group_id(group, &wanted))
		return false;
	if (own == wanted)
		return true;
	for (int i = 0; i < count; i++) {
		if (list[i] == wanted)
			return true;
	}
	return false;
}

int who_find(const struct seqpacket_peer *peer, struct who *out, struct err_msg *e)
{
	char buf[DATABASE_BUFFER];
	struct passwd entry, *found = NULL;
	struct who w = {.privilege = 0};
	gid_t *list = NULL;
	int count = 0;

	if (getpwuid_r(peer->uid, &entry, buf, sizeof(buf), &found) == 0 && found != NULL) {
		snprintf(w.user, sizeof(w.user), "%s", found->pw_name);
		list = groups_of(found->pw_name, found->pw_gid, &count);
	} else {
		snprintf(w.user, sizeof(w.user), "uid-%lu", (unsigned long)peer->uid);
	}
	if (peer->uid == 0)
		w.privilege = 15;
	for (size_t i = 0; i < ARRAY_LEN(grants); i++) {
		if (w.privilege < grants[i].privilege &&
		    is_member(list, count, peer->gid, grants[i].group))
			w.privilege = grants[i].privilege;
	}
	free(list);
	if (w.privilege == 0)
		return err_set(e, ERR_DENIED,
			       "User %s may not use this appliance: only root and members of the "
			       "groups ikesh-admin and ikesh-operator may",
			       w.user);
	*out = w;
	return 0;
}
