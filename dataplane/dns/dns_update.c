/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ldns writes, signs and reads.  Prerequisites (RFC 2136 section 2.4) keep us away from names of
 * others: a name is made only where none is in use (2.4.5), and changed or removed only where our
 * TXT record stands (2.4.2).
 */
#include "dataplane/dns/dns_update.h"

#include "platform/base/mem.h"

#include <ctype.h>
#include <ldns/ldns.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define FUDGE_S	   300 /* RFC 8945 section 10 */
#define BASE64_MAX (4 * ((DNS_KEY_SECRET_MAX + 2) / 3) + 1)

enum { CLASS_NONE = 254 };
enum { TSIG_MAC = 3, TSIG_ERROR = 5, TSIG_RDATA = 7 };
enum { BADSIG = 16, BADKEY = 17, BADTIME = 18 };

static const struct dns_update_row rows[] = {
	[DNS_UPDATE_DONE] = {"ok", "the server has taken it", ""},
	[DNS_UPDATE_NAME_IN_USE] = {"name-in-use", "the name has records of somebody else",
				    "Remove them from the server, or enter ipsec regenerate fqdn"},
	[DNS_UPDATE_NOT_OURS] = {"not-ours", "the name has no record that says that it is ours",
				 "Remove it from the server, or enter ipsec regenerate fqdn"},
	[DNS_UPDATE_IGNORED] = {"ignored", "no answer to our message", ""},
	[DNS_UPDATE_REFUSED] = {"refused", "the server refuses updates of the zone (REFUSED)",
				"Allow updates with this key: allow-update or update-policy in "
				"BIND, an acl with action update in Knot"},
	[DNS_UPDATE_NOT_AUTHORITATIVE] = {"not-authoritative",
					  "the server is not the primary of the zone (NOTAUTH)",
					  "Enter the primary server, and its zone: dns update "
					  "server ADDRESS zone ZONE"},
	[DNS_UPDATE_BAD_SIGNATURE] = {"bad-signature",
				      "the server could not verify our signature (BADSIG)",
				      "Compare algorithm and secret of the key on both sides"},
	[DNS_UPDATE_BAD_KEY] = {"unknown-key", "the server does not know our key (BADKEY)",
				"Compare name and algorithm of the key on both sides"},
	[DNS_UPDATE_BAD_TIME] = {"bad-time",
				 "our clock and the server's are more than 5 minutes apart "
				 "(BADTIME)",
				 "Set the clocks of both machines, by NTP if possible"},
	[DNS_UPDATE_NOT_IN_ZONE] = {"not-in-zone", "the names are not in the zone (NOTZONE)",
				    "Enter the zone that the server has: dns update server "
				    "ADDRESS zone ZONE"},
	[DNS_UPDATE_SERVER_FAILED] = {"server-failure", "the server failed (SERVFAIL)",
				      "Look at the log of the server: can it write the zone?"},
	[DNS_UPDATE_NOT_IMPLEMENTED] = {"not-implemented", "the server knows no updates (NOTIMP)",
					"Enter the address of a server that knows RFC 2136"},
	[DNS_UPDATE_MALFORMED] = {"malformed", "the server did not understand us (FORMERR)",
				  "Look at the log of the server"},
	[DNS_UPDATE_UNSIGNED] = {"unsigned-answer", "answers come without a signature that holds",
				 "Compare the key on both sides; is the server the one that you "
				 "mean?"},
	[DNS_UPDATE_NO_ANSWER] = {"no-answer", "the server does not answer",
				  "Check the address, the way there, and filters of UDP port 53"},
	[DNS_UPDATE_PORT_CLOSED] = {"port-closed", "nobody listens at the server's port",
				    "Start the server, or correct address and port"},
	[DNS_UPDATE_UNREACHABLE] = {"unreachable", "nothing can be sent to the server",
				    "Check the routes of this machine"},
};

_Static_assert(ARRAY_LEN(rows) == DNS_UPDATE_RESULTS, "a row for each");

const struct dns_update_row *dns_update_row(enum dns_update_result r)
{
	return &rows[r < DNS_UPDATE_RESULTS ? r : DNS_UPDATE_IGNORED];
}

const char *dns_hmac_name(enum dns_hmac h)
{
	return h == DNS_HMAC_SHA512 ? "hmac-sha512" : "hmac-sha256";
}

bool dns_is_domain(const char *text)
{
	size_t label = 0;

	for (const char *p = text; *p != '\0'; p++) {
		bool dot = *p == '.';

		if (dot ? label == 0 : !isalnum((unsigned char)*p) && *p != '-')
			return false;
		label = dot ? 0 : label + 1;
		if (label >= DNS_LABEL_MAX)
			return false;
	}
	return label != 0;
}

int dns_key_decode(const struct secret *text, struct secret *out)
{
	uint8_t buf[BASE64_MAX];
	size_t padding = 0;
	int len = -1;

	if (text->len != 0 && text->len < BASE64_MAX && text->len % 4 == 0)
		len = EVP_DecodeBlock(buf, text->data, (int)text->len);
	while (len > 0 && padding < 2 && text->data[text->len - 1 - padding] == '=')
		padding++;
	if (len > (int)padding && memchr(text->data, '=', text->len - padding) == NULL &&
	    (size_t)len - padding <= DNS_KEY_SECRET_MAX)
		secret_set(out, buf, (size_t)len - padding);
	else
		len = -1;
	bytes_wipe(buf, sizeof(buf));
	return len < 0 ? ERR_INVALID : 0;
}

/* With the dot that makes it a domain name. */
static const char *algorithm(enum dns_hmac h)
{
	return h == DNS_HMAC_SHA512 ? "hmac-sha512." : "hmac-sha256.";
}

static ldns_rr *record(const char *name, unsigned class, unsigned type, ldns_rdf *data)
{
	ldns_rr *rr = ldns_rr_new();

	ldns_rr_set_owner(rr, ldns_dname_new_frm_str(name));
	ldns_rr_set_class(rr, (ldns_rr_class) class);
	ldns_rr_set_type(rr, (ldns_rr_type)type);
	ldns_rr_set_ttl(rr, class == LDNS_RR_CLASS_IN && data != NULL ? DNS_TTL : 0);
	if (data != NULL)
		ldns_rr_push_rdf(rr, data);
	return rr;
}

static ldns_rdf *mark(void)
{
	ldns_rdf *text = NULL;

	if (ldns_str2rdf_str(&text, DNS_UPDATE_MARK) != LDNS_STATUS_OK)
		return NULL;
	return text;
}

static ldns_rr *address(const struct dns_update *u)
{
	size_t len = ip_addr_len(&u->addr);

	return record(u->name, LDNS_RR_CLASS_IN, len == 4 ? LDNS_RR_TYPE_A : LDNS_RR_TYPE_AAAA,
		      ldns_rdf_new_frm_data(len == 4 ? LDNS_RDF_TYPE_A : LDNS_RDF_TYPE_AAAA, len,
					    u->addr.bytes));
}

static void fill(const struct dns_update *u, ldns_rr_list *conditions, ldns_rr_list *changes)
{
	if (u->kind == DNS_UPDATE_CREATE) {
		ldns_rr_list_push_rr(conditions,
				     record(u->name, CLASS_NONE, LDNS_RR_TYPE_ANY, NULL));
		ldns_rr_list_push_rr(changes,
				     record(u->name, LDNS_RR_CLASS_IN, LDNS_RR_TYPE_TXT, mark()));
		ldns_rr_list_push_rr(changes, address(u));
		return;
	}
	/* The values of prerequisites have a TTL of 0: section 2.4.2. */
	ldns_rr_list_push_rr(conditions,
			     record(u->name, LDNS_RR_CLASS_IN, LDNS_RR_TYPE_TXT, mark()));
	ldns_rr_set_ttl(ldns_rr_list_rr(conditions, 0), 0);
	if (u->kind == DNS_UPDATE_REMOVE) {
		ldns_rr_list_push_rr(changes,
				     record(u->name, LDNS_RR_CLASS_ANY, LDNS_RR_TYPE_ANY, NULL));
		return;
	}
	ldns_rr_list_push_rr(changes, record(u->name, LDNS_RR_CLASS_ANY, LDNS_RR_TYPE_A, NULL));
	ldns_rr_list_push_rr(changes, record(u->name, LDNS_RR_CLASS_ANY, LDNS_RR_TYPE_AAAA, NULL));
	ldns_rr_list_push_rr(changes, address(u));
}

static bool can_be_written(const ldns_rr_list *l)
{
	for (size_t i = 0; i < ldns_rr_list_rr_count(l); i++) {
		if (ldns_rr_owner(ldns_rr_list_rr(l, i)) == NULL)
			return false;
	}
	return true;
}

/* NULL: a name is no domain name. */
static ldns_pkt *packet(const struct dns_update *u, uint16_t id)
{
	ldns_rr_list *conditions = ldns_rr_list_new(), *changes = ldns_rr_list_new();
	ldns_rdf *zone = ldns_dname_new_frm_str(u->zone);
	ldns_pkt *p = NULL;

	fill(u, conditions, changes);
	if (zone != NULL && can_be_written(conditions) && can_be_written(changes))
		p = ldns_update_pkt_new(zone, LDNS_RR_CLASS_IN, conditions, changes, NULL);
	else
		ldns_rdf_deep_free(zone);
	ldns_rr_list_deep_free(conditions); /* the packet has copies */
	ldns_rr_list_deep_free(changes);
	if (p != NULL) {
		ldns_pkt_set_id(p, id);
		ldns_pkt_set_rd(p, false); /* these bits are zero: section 2.2 */
	}
	return p;
}

/* ldns wants the secret as text. */
static void secret_text(const struct dns_key *key, char out[BASE64_MAX])
{
	size_t len = key->secret.len < DNS_KEY_SECRET_MAX ? key->secret.len : DNS_KEY_SECRET_MAX;

	out[0] = '\0';
	(void)EVP_EncodeBlock((unsigned char *)out, key->secret.data, (int)len);
}

static int sign(ldns_pkt *p, const struct dns_key *key, struct dns_update_message *out)
{
	char text[BASE64_MAX];
	ldns_status st;
	const ldns_rdf *mac;

	if (key->name[0] == '\0')
		return 0;
	secret_text(key, text);
	st = ldns_pkt_tsig_sign(p, key->name, text, FUDGE_S, algorithm(key->hmac), NULL);
	bytes_wipe(text, sizeof(text));
	if (st != LDNS_STATUS_OK || ldns_pkt_tsig(p) == NULL)
		return ERR_INVALID;
	mac = ldns_rr_rdf(ldns_pkt_tsig(p), TSIG_MAC);
	if (mac == NULL || ldns_rdf_size(mac) < 2 || ldns_rdf_size(mac) - 2 > DNS_MAC_MAX)
		return ERR_INVALID;
	out->mac_len = ldns_rdf_size(mac) - 2; /* behind its length */
	memcpy(out->mac, ldns_rdf_data(mac) + 2, out->mac_len);
	return 0;
}

int dns_update_write(const struct dns_update *u, const struct dns_key *key, uint16_t id,
		     struct dns_update_message *out)
{
	ldns_pkt *p = packet(u, id);
	uint8_t *wire = NULL;
	size_t len = 0;
	int r = ERR_INVALID;

	out->id = id;
	out->len = out->mac_len = 0;
	if (p != NULL && sign(p, key, out) == 0 &&
	    ldns_pkt2wire(&wire, p, &len) == LDNS_STATUS_OK && len <= sizeof(out->wire)) {
		memcpy(out->wire, wire, len);
		out->len = len;
		r = 0;
	}
	free(wire);
	ldns_pkt_free(p);
	return r;
}

/* ---- Answers ----------------------------------------------------------------------------------
 */

static enum dns_update_result result_of(unsigned code)
{
	switch (code) {
	case LDNS_RCODE_NOERROR:
		return DNS_UPDATE_DONE;
	case LDNS_RCODE_FORMERR:
		return DNS_UPDATE_MALFORMED;
	case LDNS_RCODE_NXDOMAIN: /* section 2.4.4, which we do not ask for */
	case LDNS_RCODE_NXRRSET:
		return DNS_UPDATE_NOT_OURS;
	case LDNS_RCODE_NOTIMPL:
		return DNS_UPDATE_NOT_IMPLEMENTED;
	case LDNS_RCODE_REFUSED:
		return DNS_UPDATE_REFUSED;
	case LDNS_RCODE_YXDOMAIN:
	case LDNS_RCODE_YXRRSET:
		return DNS_UPDATE_NAME_IN_USE;
	case LDNS_RCODE_NOTAUTH:
		return DNS_UPDATE_NOT_AUTHORITATIVE;
	case LDNS_RCODE_NOTZONE:
		return DNS_UPDATE_NOT_IN_ZONE;
	default:
		return DNS_UPDATE_SERVER_FAILED;
	}
}

/* RFC 8945 section 5.3.2: such answers cannot be signed, or not so that we could verify it. */
static enum dns_update_result tsig_error(const ldns_rr *tsig)
{
	const ldns_rdf *error;

	if (tsig == NULL || ldns_rr_rd_count(tsig) < TSIG_RDATA)
		return DNS_UPDATE_IGNORED;
	error = ldns_rr_rdf(tsig, TSIG_ERROR);
	switch (ldns_rdf_size(error) == 2 ? ldns_rdf2native_int16(error) : 0) {
	case BADSIG:
		return DNS_UPDATE_BAD_SIGNATURE;
	case BADKEY:
		return DNS_UPDATE_BAD_KEY;
	case BADTIME:
		return DNS_UPDATE_BAD_TIME;
	default:
		return DNS_UPDATE_IGNORED;
	}
}

/* Name and algorithm are ours. */
static bool is_our_key(const ldns_rr *tsig, const struct dns_key *key)
{
	ldns_rdf *name = ldns_dname_new_frm_str(key->name),
		 *hmac = ldns_dname_new_frm_str(algorithm(key->hmac));
	bool ours = name != NULL && hmac != NULL && ldns_rr_rd_count(tsig) >= TSIG_RDATA &&
		    ldns_dname_compare(ldns_rr_owner(tsig), name) == 0 &&
		    ldns_dname_compare(ldns_rr_rdf(tsig, 0), hmac) == 0;

	ldns_rdf_deep_free(name);
	ldns_rdf_deep_free(hmac);
	return ours;
}

static bool is_signed(ldns_pkt *p, struct view wire, const struct dns_update_message *m,
		      const struct dns_key *key)
{
	uint8_t data[2 + DNS_MAC_MAX] = {(uint8_t)(m->mac_len >> 8), (uint8_t)m->mac_len};
	char text[BASE64_MAX];
	ldns_rdf *mac;
	bool good;

	if (ldns_pkt_tsig(p) == NULL || !is_our_key(ldns_pkt_tsig(p), key))
		return false;
	memcpy(data + 2, m->mac, m->mac_len);
	mac = ldns_rdf_new_frm_data(LDNS_RDF_TYPE_INT16_DATA, 2 + m->mac_len, data);
	secret_text(key, text);
	good = ldns_pkt_tsig_verify(p, wire.data, wire.len, key->name, text, mac);
	bytes_wipe(text, sizeof(text));
	ldns_rdf_deep_free(mac);
	return good;
}

#define HEADER_LEN 12 /* RFC 1035 section 4.1.1 */

/* Is this an answer to the message, as its header says? */
static bool answers(struct view answer, const struct dns_update_message *m)
{
	struct reader r = reader_of(answer);
	uint16_t id = reader_u16(&r), flags = reader_u16(&r);

	return !r.failed && id == m->id && (flags >> 15) == 1 &&
	       (flags >> 11 & 0xf) == LDNS_PACKET_UPDATE;
}

/* Its records are whole, and one at most is a signature (RFC 8945 section 5.1): of several, libldns
 * forgets all but the last, and their memory. */
static bool is_readable(struct view answer)
{
	struct reader r = reader_of(answer);
	size_t at = HEADER_LEN;
	unsigned signatures = 0;

	reader_skip(&r, 4);
	for (int section = LDNS_SECTION_QUESTION; section <= LDNS_SECTION_ADDITIONAL; section++) {
		uint16_t count = reader_u16(&r);
		ldns_rr *rr;

		while (count-- > 0) {
			if (ldns_wire2rr(&rr, answer.data, answer.len, &at,
					 (ldns_pkt_section)section) != LDNS_STATUS_OK)
				return false;
			signatures += ldns_rr_get_type(rr) == LDNS_RR_TYPE_TSIG;
			ldns_rr_free(rr);
		}
	}
	return signatures <= 1;
}

enum dns_update_result dns_update_read(struct view answer, const struct dns_update_message *m,
				       const struct dns_key *key)
{
	enum dns_update_result r, wrong;
	ldns_pkt *p = NULL;

	if (!answers(answer, m) || !is_readable(answer) ||
	    ldns_wire2pkt(&p, answer.data, answer.len) != LDNS_STATUS_OK)
		return DNS_UPDATE_IGNORED;
	wrong = tsig_error(ldns_pkt_tsig(p));
	r = result_of(ldns_pkt_get_rcode(p));
	if (wrong != DNS_UPDATE_IGNORED)
		r = wrong;
	else if (key->name[0] != '\0' && !is_signed(p, answer, m, key))
		/* REFUSED without a signature is a server that has no such zone. */
		r = r == DNS_UPDATE_DONE || r == DNS_UPDATE_NAME_IN_USE || r == DNS_UPDATE_NOT_OURS
			    ? DNS_UPDATE_UNSIGNED
			    : r;
	ldns_pkt_free(p);
	return r;
}
