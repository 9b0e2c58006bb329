/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the main half asks of the privileged one, as octets: a header of eight (version, word, two
 * zeros, length of the rest), and the fields that the word has, in one order.  A descriptor may
 * come beside the first octet (unix(7), SCM_RIGHTS).
 */
#ifndef PLATFORM_OS_BROKER_WIRE_H
#define PLATFORM_OS_BROKER_WIRE_H

#include "platform/base/bytes.h"
#include "platform/base/ip.h"

#define BROKER_VERSION	  1
#define BROKER_HEADER	  8
#define BROKER_SMALL_MAX  256		     /* octets of a request without data */
#define BROKER_DATA_MAX	  (128U << 20)	     /* of one with data */
#define BROKER_REPLY_MAX  (ERR_TEXT_MAX + 8) /* of an answer, behind its header */
#define BROKER_GROUPS_MAX 8
#define BROKER_NAME_MAX	  16

enum broker_word {
	BROKER_UDP = 1,	    /* at: a port of all addresses of a family */
	BROKER_UDP_AT,	    /* at */
	BROKER_UDP_BESIDE,  /* with a UDP socket */
	BROKER_TCP,	    /* at */
	BROKER_RAW,	    /* kind; at: family, and the source of echo requests */
	BROKER_TUN,	    /* name; kind: bits */
	BROKER_NETLINK,	    /* kind: bus; groups; number: octets of its buffer */
	BROKER_SEND,	    /* kind: bus; data; with a netlink socket */
	BROKER_SETTING,	    /* kind: of the kernel, to 1 */
	BROKER_MARK,	    /* number; with a socket for echo requests */
	BROKER_BIRD,	    /* started, its process number is the answer */
	BROKER_BIRD_SIGNAL, /* kind: the signal; with a pidfd */
	BROKER_KEEPER,	    /* a connection to it */
	BROKER_TERMINALS,   /* the socket on which they arrive */
	BROKER_NO_TERMINALS,
	BROKER_RENEW,
};
#define BROKER_WORD_MAX BROKER_RENEW

enum broker_raw { BROKER_RAW_ESP, BROKER_RAW_ESP_TOO_BIG, BROKER_RAW_ECHO, BROKER_RAW_ICMP_ERROR };
enum broker_tun { BROKER_TUN_QUEUES = 1, BROKER_TUN_HEADER = 2, BROKER_TUN_NO_OPTIONS = 4 };

struct broker_request {
	uint8_t word; /* enum broker_word */
	uint8_t kind;
	struct ip_endpoint at;
	char name[BROKER_NAME_MAX]; /* with NUL */
	uint32_t groups[BROKER_GROUPS_MAX];
	uint8_t group_count;
	uint32_t number;
	struct view data; /* borrowed */
};

struct broker_reply {
	int code;	 /* 0 or an enum err; of BROKER_BIRD: the process number */
	uint32_t errnum; /* of netlink: an errno value */
	char text[ERR_TEXT_MAX];
};

/* The kernel settings that are made, by their sysctl(8) names; NULL behind the last. */
const char *broker_setting_name(uint8_t kind);
/* Does a descriptor belong to this request? */
bool broker_takes_fd(uint8_t word);
/* Header and all fields but data, which follows. */
void broker_request_write(const struct broker_request *q, struct writer *w);
/* Length of what follows the header; ERR_INVALID: of another version, an unknown word, or longer
 * than that word allows. */
int broker_header_parse(struct view header, uint8_t *word, uint32_t *len) WARN_UNUSED;
/* What follows; out borrows data from body.  ERR_INVALID: not exactly what the word has. */
int broker_request_parse(uint8_t word, struct view body, struct broker_request *out) WARN_UNUSED;

/* An answer: the header's length and word are those of all messages. */
void broker_reply_write(const struct broker_reply *r, struct writer *w);
int broker_reply_parse(struct view body, struct broker_reply *out) WARN_UNUSED;

#endif
