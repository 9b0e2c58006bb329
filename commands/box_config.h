/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The configuration of the box as a whole, everything that is in no site.  Plain data without
 * pointers: copied by assignment, compared by box_config_equal.  Unused octets are zero.
 */
#ifndef COMMANDS_BOX_CONFIG_H
#define COMMANDS_BOX_CONFIG_H

#include "commands/password_hash.h"
#include "dataplane/site/services.h"
#include "platform/base/ip.h"

#include <stdbool.h>
#include <stdint.h>

#define BOX_HOSTNAME_MAX     64
#define BOX_HOSTNAME_DEFAULT "ikesh"
#define BOX_ARCHIVE_DEFAULT  14

#define BOX_USER_MAX	     65 /* name with NUL */
#define BOX_USERS	     64
#define BOX_BANNER_MAX	     2048
#define BOX_LOG_HOSTS	     4
#define BOX_LOG_PORT	     514
#define BOX_METRICS_PORT     9850
#define BOX_STORY_THRESHOLD  150

struct box_user {
	char name[BOX_USER_MAX];
	char secret[PASSWORD_HASH_MAX]; /* hash, "" none */
	uint32_t privilege;
};

struct box_log_host {
	struct ip_addr addr;
	uint16_t port;
};

struct box_config {
	char hostname[BOX_HOSTNAME_MAX];
	char enable_secret[PASSWORD_HASH_MAX]; /* hash, "" none */
	char banner[BOX_BANNER_MAX];	       /* "" none */
	uint32_t archive_maximum;	       /* numbered copies that are kept */
	uint32_t exec_timeout_min, exec_timeout_s;
	uint32_t monitor_severity; /* of event lines on terminals, 0..7 */
	uint32_t user_count;
	struct box_user users[BOX_USERS]; /* by name */
	uint32_t log_host_count;
	struct box_log_host log_hosts[BOX_LOG_HOSTS];
	uint32_t story_threshold_s;    /* a link that is down for so long is a story */
	char dns_zone[128];	       /* "" none */
	struct ip_endpoint dns_listen; /* address not set: no name server */
	uint32_t service_count;
	struct ip_addr services[SERVICES_MAX]; /* in order */
	struct ip_endpoint metrics;	       /* page /metrics; address not set: nowhere */
};

void box_config_init(struct box_config *b);				/* factory state */
struct box_user *box_user_find(struct box_config *b, const char *name); /* or NULL */
/* The user of this name, made with privilege 1 when he is new; NULL: there are BOX_USERS. */
struct box_user *box_user_add(struct box_config *b, const char *name);
bool box_user_remove(struct box_config *b, const char *name);
/* False: there are BOX_LOG_HOSTS.  Replaces the one with the same address. */
bool box_log_host_set(struct box_config *b, const struct ip_addr *addr, uint16_t port);
bool box_log_host_remove(struct box_config *b, const struct ip_addr *addr);
struct ip_endpoint box_metrics_default(void); /* loopback */
bool box_config_equal(const struct box_config *a, const struct box_config *b);

#endif
