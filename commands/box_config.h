/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The configuration of the box as a whole, everything that is in no site.  Plain data without
 * pointers: copied by assignment, compared by box_config_equal.  Unused octets are zero.
 */
#ifndef COMMANDS_BOX_CONFIG_H
#define COMMANDS_BOX_CONFIG_H

#include "commands/password_hash.h"
#include "commands/seal.h"
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
#define BOX_LOG_TCP_PORT     601 /* RFC 3195, and what others use with octet counting */
#define BOX_WEBHOOKS	     4
#define BOX_URL_MAX	     901 /* with NUL */
#define BOX_MAILBOXES	     8
#define BOX_MAIL_MAX	     128 /* with NUL */
#define BOX_METRICS_PORT     9850
#define BOX_STORY_THRESHOLD  150
#define BOX_CRITICALITY	     1	 /* all stories are told */
#define BOX_DIGEST	     60	 /* seconds that one mail gathers */
#define BOX_REPEAT	     600 /* seconds in which a story of one thing is told once */

struct box_user {
	char name[BOX_USER_MAX];
	char secret[PASSWORD_HASH_MAX]; /* hash, "" none */
	uint32_t privilege;
};

struct box_log_host {
	struct ip_addr addr;
	uint16_t port;
	uint16_t tcp; /* 1, or 0: UDP */
};

enum box_security { BOX_STARTTLS, BOX_TLS, BOX_CLEAR };

/* Secrets are sealed (type 6), "" none. */
struct box_notify {
	uint32_t webhook_count;
	char webhooks[BOX_WEBHOOKS][BOX_URL_MAX];
	char signing[SEAL_TEXT_MAX];
	uint32_t to_count;
	char to[BOX_MAILBOXES][BOX_MAIL_MAX];
	char from[BOX_MAIL_MAX];  /* "": ikesh@HOSTNAME */
	char relay[BOX_MAIL_MAX]; /* name or address, "": no mail */
	uint32_t relay_port;
	uint32_t security;	 /* enum box_security */
	char user[BOX_MAIL_MAX]; /* "": no login */
	char password[SEAL_TEXT_MAX];
	char ca_file[BOX_MAIL_MAX];
	uint32_t criticality; /* least */
	uint32_t digest_s, repeat_s;
};

/* A name server of somebody else that the names are kept at.  The secret is sealed. */
struct box_dns_update {
	struct ip_endpoint server; /* address not set: none */
	char zone[128];		   /* "": as dns zone */
	char key[BOX_MAIL_MAX];	   /* name, "": updates are not signed */
	uint32_t hmac;		   /* enum dns_hmac */
	char secret[SEAL_TEXT_MAX];
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
	struct box_dns_update dns_update;
	uint32_t service_count;
	struct ip_addr services[SERVICES_MAX]; /* in order */
	struct ip_endpoint metrics;	       /* page /metrics; address not set: nowhere */
	struct box_notify notify;
};

void box_config_init(struct box_config *b);				/* factory state */
struct box_user *box_user_find(struct box_config *b, const char *name); /* or NULL */
/* The user of this name, made with privilege 1 when he is new; NULL: there are BOX_USERS. */
struct box_user *box_user_add(struct box_config *b, const char *name);
bool box_user_remove(struct box_config *b, const char *name);
/* False: there are BOX_LOG_HOSTS.  Replaces the one with the same address. */
bool box_log_host_set(struct box_config *b, const struct ip_addr *addr, bool tcp, uint16_t port);
bool box_log_host_remove(struct box_config *b, const struct ip_addr *addr);
/* Lists of texts of `size` octets each.  False: there are max; true also when it is there. */
bool box_text_add(char *list, size_t size, uint32_t *count, uint32_t max, const char *text);
bool box_text_remove(char *list, size_t size, uint32_t *count, const char *text);
struct ip_endpoint box_metrics_default(void); /* loopback */
bool box_config_equal(const struct box_config *a, const struct box_config *b);

#endif
