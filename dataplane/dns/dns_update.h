/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Messages of dynamic update (RFC 2136), signed with a shared key (TSIG, RFC 8945): bytes in, bytes
 * out; it knows no socket.  A name that we made carries a TXT record beside its address, and only
 * names that carry it are changed or removed.
 */
#ifndef DATAPLANE_DNS_DNS_UPDATE_H
#define DATAPLANE_DNS_DNS_UPDATE_H

#include "dataplane/dns/dns_answer.h"
#include "platform/base/err.h"
#include "platform/base/secret.h"

#define DNS_UPDATE_MARK	   "heritage=ikesh"
#define DNS_KEY_NAME_MAX   128 /* with NUL */
#define DNS_KEY_SECRET_MAX 64  /* octets */
#define DNS_MAC_MAX	   64

enum dns_hmac { DNS_HMAC_SHA256, DNS_HMAC_SHA512 };

struct dns_key {
	char name[DNS_KEY_NAME_MAX]; /* "": messages are not signed */
	enum dns_hmac hmac;
	struct secret secret;
};

enum dns_update_kind {
	DNS_UPDATE_CREATE,  /* a name that nobody has */
	DNS_UPDATE_REPLACE, /* the address of a name that is ours */
	DNS_UPDATE_REMOVE,  /* a name that is ours */
};

struct dns_update {
	enum dns_update_kind kind;
	const char *zone, *name;
	struct ip_addr addr; /* not for REMOVE */
};

struct dns_update_message {
	uint16_t id;
	size_t len, mac_len;
	uint8_t wire[DNS_ANSWER_MAX];
	uint8_t mac[DNS_MAC_MAX];
};

enum dns_update_result {
	DNS_UPDATE_DONE,
	DNS_UPDATE_NAME_IN_USE, /* CREATE: somebody has the name */
	DNS_UPDATE_NOT_OURS,	/* REPLACE, REMOVE: the name is not there, or not ours */
	DNS_UPDATE_IGNORED,	/* no answer to this message */
	/* what is wrong with the server, or with us */
	DNS_UPDATE_REFUSED,
	DNS_UPDATE_NOT_AUTHORITATIVE,
	DNS_UPDATE_BAD_SIGNATURE,
	DNS_UPDATE_BAD_KEY,
	DNS_UPDATE_BAD_TIME,
	DNS_UPDATE_NOT_IN_ZONE,
	DNS_UPDATE_SERVER_FAILED,
	DNS_UPDATE_NOT_IMPLEMENTED,
	DNS_UPDATE_MALFORMED,
	DNS_UPDATE_UNSIGNED,
	DNS_UPDATE_NO_ANSWER,
	DNS_UPDATE_PORT_CLOSED,
	DNS_UPDATE_UNREACHABLE,
	DNS_UPDATE_RESULTS
};

struct dns_update_row {
	const char *name; /* stable: "bad-signature" */
	const char *what, *fix;
};
const struct dns_update_row *dns_update_row(enum dns_update_result r);
const char *dns_hmac_name(enum dns_hmac h); /* "hmac-sha256" */

/* Letters, digits, hyphens and dots, labels of at most 63. */
bool dns_is_domain(const char *text);
/* The secret of a key from base64.  ERR_INVALID: it is none, or longer than DNS_KEY_SECRET_MAX. */
int dns_key_decode(const struct secret *text, struct secret *out) WARN_UNUSED;

/* ERR_INVALID: a name cannot be written, or the key is empty. */
int dns_update_write(const struct dns_update *u, const struct dns_key *key, uint16_t id,
		     struct dns_update_message *out) WARN_UNUSED;
/* What the server says to the message.  With a key a success is believed only when it is signed. */
enum dns_update_result dns_update_read(struct view answer, const struct dns_update_message *m,
				       const struct dns_key *key);

#endif
