/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The IKEv2 engine (RFC 7296) for PSK sites, sans-I/O.
 *
 * An engine holds tunnel profiles and the IKE SAs and Child SAs that belong to them.  It is a pure
 * function of its inputs: datagrams, commands, traffic reports, finished DH jobs, and the time that
 * the caller passes.  Inputs only queue actions; the caller pulls them with ike_engine_next_action
 * until it returns false.  Nothing calls back except the random source.  The same inputs give
 * byte-identical outputs.  No socket, clock, file, thread or log of its own.
 *
 * Times are milliseconds of any monotonic clock.  All pointers handed in are borrowed for the call;
 * pointers inside an action are valid until the next call on the engine, except secrets and DH
 * jobs, which the caller takes over.
 */
#ifndef IKEV2_IKE_H
#define IKEV2_IKE_H

#include "ikev2/reason.h"
#include "platform/base/bytes.h"
#include "platform/base/ip.h"
#include "platform/base/secret.h"

struct ike_engine;
struct ike_dh_job;

/* ---- Values ---------------------------------------------------------------------------------- */

/* Identification types, RFC 7296 section 3.5. */
enum ike_id_type {
	IKE_ID_NONE = 0, /* not set */
	IKE_ID_IPV4_ADDR = 1,
	IKE_ID_FQDN = 2,
	IKE_ID_RFC822_ADDR = 3,
	IKE_ID_IPV6_ADDR = 5,
	IKE_ID_KEY_ID = 11,
};

#define IKE_ID_MAX 128

struct ike_id {
	uint8_t type; /* enum ike_id_type, or any number when received */
	uint8_t len;
	uint8_t data[IKE_ID_MAX]; /* wire form; zero behind len */
};

/* FQDN and the domain of RFC822 compare ASCII case-insensitively, the rest by octet. */
bool ike_id_equal(const struct ike_id *a, const struct ike_id *b);
struct ike_id ike_id_of_addr(const struct ip_addr *a);
/* Text to ID of the given type; ERR_INVALID when the text does not fit the type, ERR_RANGE when too
 * long.  KEY_ID takes text, or 0x-prefixed hex. */
int ike_id_parse(enum ike_id_type type, const char *text, struct ike_id *out) WARN_UNUSED;
/* Printable text ("gw1.example.net", "192.0.2.1", 0x... for unprintable octets). */
const char *ike_id_text(const struct ike_id *id, char *buf, size_t size);
const char *ike_id_type_name(unsigned type); /* "ipv4", "fqdn", "email", "ipv6", "key-id" */

#define IKE_ADDKE_MAX 7 /* additional key exchanges, RFC 9370 */

/* Transform IDs are the IANA numbers (RFC 7296 section 3.3.2); 0 stands for automatic in
 * parameters.  Encryption: 12 AES-CBC, 20 AES-GCM-16; PRF: 2 SHA1, 5/6/7 SHA2-256/384/512;
 * integrity: 2 SHA1-96, 12/13/14 SHA2-256-128/384-192/512-256; ke: 2 5 14 15 16 19 20 31. */
struct ike_parameters {
	uint16_t encr;	   /* 0: automatic */
	uint16_t key_bits; /* 128 or 256, with encr */
	uint16_t prf;	   /* 0: automatic; unused for Child SAs */
	uint16_t integ;	   /* 0: automatic; ignored with AES-GCM */
	uint16_t ke;	   /* 0: automatic (for Child SAs NONE is accepted then) */
	bool aead_only;	   /* automatic offers and accepts AES-GCM only (100 Mbps rule) */
	uint16_t addke[IKE_ADDKE_MAX]; /* further key exchanges, all of them wanted; 0: none */
};

/* Does this build have the key exchange?  ML-KEM (35 to 37) needs libcrypto 3.5. */
bool ike_key_exchange_is_available(uint16_t ke);

/* What was negotiated; zero where it does not apply. */
struct ike_suite {
	uint16_t encr;
	uint16_t key_bits;
	uint16_t prf;
	uint16_t integ;
	uint16_t ke; /* 0: none (Child SA without PFS, or the one made in IKE_AUTH) */
	bool esn;
	uint16_t addke[IKE_ADDKE_MAX]; /* of the first IKE SA of a lineage; rekeying keeps their
					  strength, because SK_d goes into the new keys */
};

#define IKE_SUITE_TEXT_MAX 80
/* "aes-gcm-256 prf sha2-384 dh 20", "aes-cbc-256 sha2-256". */
const char *ike_suite_text(const struct ike_suite *s, char *buf, size_t size);

/* One traffic selector, RFC 7296 section 3.13.1. */
struct ike_ts {
	uint8_t protocol; /* 0: any */
	uint16_t port_first, port_last;
	struct ip_range range;
};

struct ike_ts ike_ts_of_range(const struct ip_range *r); /* all protocols and ports */

#define IKE_TS_MAX 64 /* selectors per side of a profile or Child SA */

struct ike_ts_list {
	uint16_t count;
	struct ike_ts ts[IKE_TS_MAX];
};

/* ---- Configuration --------------------------------------------------------------------------- */

struct ike_limits {
	uint32_t max_ike_sas; /* half-open and established */
	uint32_t max_half_open;
	uint32_t max_children_per_ike;
	uint32_t retransmit_ms;	   /* 10000 */
	uint32_t retransmit_count; /* 5 */
	uint32_t half_open_ms;	   /* 60000 */
};

struct ike_limits ike_limits_default(void);

/* The only impurity, so that tests force nonces and SPIs.  Fills buf completely. */
struct ike_random {
	void (*bytes)(void *arg, void *buf, size_t len);
	void *arg;
};

#define IKE_PPK_ID_MAX 64

/* Postquantum preshared key, RFC 8784: mixed into the keys, so that who records the traffic today
 * and can compute discrete logarithms tomorrow still lacks something. */
struct ike_ppk {
	uint8_t id_len;		    /* 0: none */
	uint8_t id[IKE_PPK_ID_MAX]; /* its name, agreed on with the peer (PPK_ID_FIXED) */
	struct secret key;	    /* borrowed, as the PSK; 32 octets or more */
	bool required; /* no tunnel without it; otherwise it is used when the peer has it too */
};

#define IKE_GATEWAY_NAME_MAX 128

/* Where a peer is sent instead (RFC 5685); neither: nowhere. */
struct ike_gateway {
	struct ip_addr addr;
	char name[IKE_GATEWAY_NAME_MAX]; /* when there is no address */
};

/* What a tunnel is, without its networks: the caller's profile and the engine's own (profile.h)
 * have the same. */
#define IKE_TUNNEL_FIELDS                                                                          \
	uint32_t id;		   /* the caller's number, not 0 */                                \
	struct ip_addr local;	   /* own address; IP_NONE: any */                                 \
	struct ip_endpoint remote; /* IP_NONE: any (dynamic; then never initiates); port 0: 500 */ \
	struct ike_id local_id;	   /* IKE_ID_NONE: the own address in use */                       \
	struct ike_id remote_id;   /* IKE_ID_NONE: the configured remote address */                \
	struct secret psk;	   /* borrowed; the engine keeps a copy */                         \
	struct ike_ppk ppk;                                                                        \
	struct ike_parameters ike;                                                                 \
	struct ike_parameters child;                                                               \
	bool initiate;	       /* bring up by itself, and again after it went down */              \
	bool may_initiate;     /* IKE_CMD_INITIATE is allowed */                                   \
	bool single_ts;	       /* one pair of selectors per Child SA */                            \
	bool force_encap;      /* UDP encapsulation without NAT (falsified NAT detection hash) */  \
	bool follow_redirects; /* go where the peer sends us, as the initiator */                  \
	struct ike_gateway redirect; /* send the peer there; what is up goes on until it goes */   \
	bool esn;	      /* offer and accept extended sequence numbers beside plain ones */   \
	uint32_t keepalive_s; /* liveness probe after this silence */                              \
	uint32_t dead_s;      /* tear down after this silence */                                   \
	uint32_t rebuild_s;   /* between starts of attempts */                                     \
	uint32_t ike_lifetime_s;                                                                   \
	uint32_t child_lifetime_s;

/* One tunnel: one peer identity, one PSK, one IKE SA. */
struct ike_tunnel {
	IKE_TUNNEL_FIELDS
	struct ike_ts_list local_ts;  /* networks on our side */
	struct ike_ts_list remote_ts; /* networks behind the peer */
};

/* ---- Failures ------------------------------------------------------------------------------- */

/* What was seen when a tunnel last failed. */
struct ike_failure {
	enum ike_reason reason;
	enum ike_cause cause; /* of this reason */
	uint64_t at_ms;
	uint8_t exchange;	   /* RFC 7296 exchange type, 0: none */
	bool by_peer;		   /* the peer noticed it and told us */
	struct ip_endpoint remote; /* where it came from */
	struct ike_id id_seen;	   /* identity that the peer presented, if any */
	char evidence[200];	   /* "peer sent AUTHENTICATION_FAILED in IKE_AUTH" */
};

/* Its cause, or the first one of its reason when nothing finer is set. */
enum ike_cause ike_failure_cause(const struct ike_failure *f);

/* ---- Actions --------------------------------------------------------------------------------- */

enum ike_action_type {
	IKE_ACTION_SEND,
	IKE_ACTION_CHILD_INSTALL,
	IKE_ACTION_CHILD_UPDATE,
	IKE_ACTION_CHILD_DELETE,
	IKE_ACTION_DH,
	IKE_ACTION_SOURCE,
	IKE_ACTION_UP,
	IKE_ACTION_DOWN,
	IKE_ACTION_EVENT,
	IKE_ACTION_KEYLOG,
	IKE_ACTION_TRACE,
};

/* UDP payload to send as it is (on port 4500 the non-ESP marker is already in front). */
struct ike_send {
	struct ip_endpoint local; /* addr may be IP_NONE; port 500 or 4500 chooses the socket */
	struct ip_endpoint remote;
	struct view payload;
};

/* Install both directions of a Child SA.  Keys are taken over by the caller (secret_move).  The
 * outbound SA is used at once when outbound_now; otherwise the data plane goes on sending on
 * `replaces` until the first authenticated inbound packet on this SA, or CHILD_UPDATE
 * (RFC 7296 section 2.8). */
struct ike_child_install {
	uint32_t child;	   /* engine-wide number */
	uint32_t replaces; /* child that this one rekeys; 0: none */
	uint32_t spi_in, spi_out;
	struct ip_endpoint local, remote;
	bool udp_encap;
	bool initiator; /* we initiated this Child SA */
	bool outbound_now;
	bool restored; /* it was there before (ike_engine_restore): a data plane that still has it
			  keeps it.  With neither outbound_now nor replaces it only receives. */
	struct ike_suite suite;
	struct secret encr_in, integ_in, encr_out,
		integ_out;			/* GCM: encr holds key + 4 octets salt */
	struct ike_ts_list local_ts, remote_ts; /* as negotiated */
};

/* Endpoints changed (NAT rebinding), or outbound is to be used from now on, before all others for
 * the same networks, newer ones too. */
struct ike_child_update {
	uint32_t child;
	struct ip_endpoint local, remote;
	bool udp_encap;
	bool outbound_now;
};

/* Both directions; the engine has already waited for stragglers where it should. */
struct ike_child_delete {
	uint32_t child;
};

enum ike_event {
	IKE_EVENT_NEGOTIATING, /* attempt started or peer began */
	IKE_EVENT_IKE_REKEYED,
	IKE_EVENT_CHILD_UP,
	IKE_EVENT_CHILD_REKEYED,
	IKE_EVENT_CHILD_FAILED,	  /* failure filled; IKE SA stays */
	IKE_EVENT_ATTEMPT_FAILED, /* failure filled; an attempt to come up did not succeed */
	IKE_EVENT_UNKNOWN_PEER,	  /* tunnel 0: IKE_AUTH with an identity that no tunnel has */
	IKE_EVENT_NAT_CHANGED,
};

/* Log lines of exchanged secrets for a decoder (SPIs and keys); only while enabled. */
struct ike_keylog {
	uint64_t spi_i, spi_r;
	struct ip_endpoint remote;
	struct ike_suite suite;
	struct secret sk_ei, sk_er, sk_ai, sk_ar; /* the caller takes them over */
};

/* What operators watch; only kinds that are switched on. */
enum ike_trace_kind {
	IKE_TRACE_PACKET,   /* text: a message and its payloads by name */
	IKE_TRACE_STATE,    /* text: a change of state, or what failed */
	IKE_TRACE_PROPOSAL, /* text: a list of proposals, a choice, a difference */
	IKE_TRACE_CLEAR,    /* clear: the message as it would be without encryption */
	IKE_TRACE_KINDS
};

struct ike_trace {
	enum ike_trace_kind kind;
	bool out;
	struct ip_endpoint local, remote; /* local: of CLEAR only */
	const char *text;
	struct view clear;
};

struct ike_action {
	enum ike_action_type type;
	uint32_t tunnel; /* profile id; 0: none yet */
	union {
		struct ike_send send;
		struct ike_child_install *install; /* valid until the next engine call */
		struct ike_child_update update;
		struct ike_child_delete del;
		struct ike_dh_job *dh; /* caller runs ike_dh_job_run, then ike_engine_dh_done */
		struct ip_addr toward; /* SOURCE: an attempt towards it begins, from which address
					  of ours?  The caller says so with ike_engine_source. */
		struct ike_failure failure; /* DOWN; EVENT *_FAILED and UNKNOWN_PEER */
		struct ike_keylog *keylog;
		const struct ike_trace *trace;
	};
	enum ike_event event; /* for EVENT */
	bool restored;	      /* UP: it was up before ike_engine_restore; no news to anybody */
};

/* ---- The engine ------------------------------------------------------------------------------ */

struct ike_engine *ike_engine_new(const struct ike_limits *limits, const struct ike_random *random);
/* Frees everything without sending a word; pending actions are dropped. */
void ike_engine_free(struct ike_engine *e);

/*
 * Everything that the engine knows as bytes, and an engine that goes on from there: what a restart
 * needs in order not to be noticed.  The times in it are those of the same clock.  Keys are in it.
 *
 * Saving wants that all actions were pulled (ERR_WRONG_STATE otherwise).  Who saves after each call
 * that gave actions, and before it carries them out, loses nothing when it dies at any moment:
 * message IDs and initialisation vectors are never used twice, because repetition is all that a
 * restored engine does with the last ones.
 *
 * The restored engine has the tunnels with their profiles as they were.  First come actions that
 * say what is there: CHILD_INSTALL and UP with `restored` set; DH jobs that were out come again,
 * and requests that wait for an answer are repeated soon.  The caller then sets the tunnels that it
 * wants (equal ones stay as they are), and removes others (ike_engine_tunnel_at).  ERR_UNSUPPORTED:
 * another version; ERR_RANGE: state of the future; ERR_INVALID: cut short, or damaged.  Then *out
 * is untouched.
 */
int ike_engine_save(struct ike_engine *e, struct secret *out) WARN_UNUSED;
/* The same in parts, for who writes only what has changed: everything but tunnels, and one tunnel
 * with all that belongs to it.  The first part and the last one of each tunnel behind it are a
 * state again.  What belongs to no tunnel (yet) is in neither.  ERR_NOT_FOUND: no such tunnel. */
int ike_engine_save_base(struct ike_engine *e, struct secret *out) WARN_UNUSED;
int ike_engine_save_tunnel(struct ike_engine *e, uint32_t id, struct secret *out) WARN_UNUSED;
int ike_engine_restore(const struct ike_limits *limits, const struct ike_random *random,
		       uint64_t now_ms, struct view state, struct ike_engine **out) WARN_UNUSED;
/* The id of the tunnel at this position; 0 past the end. */
uint32_t ike_engine_tunnel_at(const struct ike_engine *e, size_t index);

/* Add a tunnel, or replace the one with the same id.  An equal profile changes nothing; one that
 * differs only in timers, lifetimes or initiate keeps its SAs; otherwise its SAs are deleted (the
 * peer is told) and it starts anew.  ERR_EXISTS: another tunnel has the same pair of identities
 * and addresses (its id in *conflict). */
int ike_engine_tunnel_set(struct ike_engine *e, uint64_t now_ms, const struct ike_tunnel *t,
			  uint32_t *conflict) WARN_UNUSED;
/* Deletes its SAs, tells the peer.  Unknown ids are ignored. */
void ike_engine_tunnel_remove(struct ike_engine *e, uint64_t now_ms, uint32_t id);

/* A UDP payload that arrived on port 500 (natt false) or 4500 (natt true, still with the non-ESP
 * marker).  ESP and keepalives must not be passed.  Never fails: bad input is counted. */
void ike_engine_datagram(struct ike_engine *e, uint64_t now_ms, const struct ip_endpoint *local,
			 const struct ip_endpoint *remote, bool natt, struct view payload);

enum ike_command {
	IKE_CMD_INITIATE,  /* come up now, forget an earlier TERMINATE; ERR_WRONG_STATE when it may
			      not */
	IKE_CMD_TERMINATE, /* delete the SAs and stay down (as initiator and as responder) */
	IKE_CMD_CLEAR,	   /* delete the SAs; comes back as its profile says */
	IKE_CMD_REKEY_CHILD,
	IKE_CMD_REKEY_IKE,
};
int ike_engine_command(struct ike_engine *e, uint64_t now_ms, uint32_t tunnel,
		       enum ike_command c) WARN_UNUSED;

/* Ask the peer of an established IKE SA for a sign of life at once: an empty INFORMATIONAL, or the
 * open request once more, beside its retransmissions.  For callers that must know sooner than
 * keepalive_s says.  ERR_NOT_FOUND, ERR_WRONG_STATE: there is none; ERR_BUSY: try again later. */
int ike_engine_probe(struct ike_engine *e, uint64_t now_ms, uint32_t tunnel) WARN_UNUSED;

/* The data plane's news: when the last authenticated packet of this child came in. */
void ike_engine_child_traffic(struct ike_engine *e, uint64_t now_ms, uint32_t child,
			      uint64_t last_rx_ms);
/* Authenticated ESP of this child came from another address or port (NAT rebinding). */
void ike_engine_child_moved(struct ike_engine *e, uint64_t now_ms, uint32_t child,
			    const struct ip_endpoint *remote);
/* The data plane refused the install: it would refuse the same again. */
void ike_engine_child_refused(struct ike_engine *e, uint64_t now_ms, uint32_t child);
/* The data plane cannot go on with the SA (keys lost, sequence numbers used up, kernel expiry); it
 * is replaced, unless it is itself a replacement that did not last. */
void ike_engine_child_broken(struct ike_engine *e, uint64_t now_ms, uint32_t child);

/* Datagrams to the peer of a tunnel without own address leave from source: the answer to SOURCE,
 * and again when the network of this machine has changed.  Without an answer the attempt goes on,
 * but asks for ESP in UDP, because who does not know its address cannot say that no NAT is there.
 * Later on a tunnel that we began, and that another address was chosen for, begins anew from this
 * one. */
void ike_engine_source(struct ike_engine *e, uint64_t now_ms, uint32_t tunnel,
		       const struct ip_addr *source);

/* The network says that a datagram of ours to remote did not arrive (ICMP, no route).  Anybody can
 * say so: it changes nothing but the cause that is shown when no answer comes.  text: "ICMP port
 * unreachable from 192.0.2.1". */
void ike_engine_unreachable(struct ike_engine *e, uint64_t now_ms, const struct ip_endpoint *remote,
			    enum ike_cause cause, const char *text);

/* Any thread; pure computation.  Gives the job back to the engine afterwards with dh_done. */
void ike_dh_job_run(struct ike_dh_job *job);
void ike_engine_dh_done(struct ike_engine *e, uint64_t now_ms,
			struct ike_dh_job *job); /* adopts job */
void ike_dh_job_free(struct ike_dh_job *job);	 /* for jobs that will not be given back */

/* Fire all timers that are due. */
void ike_engine_tick(struct ike_engine *e, uint64_t now_ms);
/* When tick wants to be called next; UINT64_MAX: no timer. */
uint64_t ike_engine_deadline(const struct ike_engine *e);
/* Next action; false when there is none.  Releases what the previous action still held. */
bool ike_engine_next_action(struct ike_engine *e, struct ike_action *out);

/* The secret of quick crash detection (RFC 6290), which the caller keeps over restarts: peers get a
 * token for each IKE SA, and who asks on behalf of an IKE SA that is not there gets it once more,
 * as the proof that it can begin anew at once.  32 octets; empty: no tokens are given.  Tokens of
 * peers are taken in any case.  The engine keeps a copy; when it is not the one that the IKE SAs
 * were made with, their peers get new tokens. */
void ike_engine_set_qcd_secret(struct ike_engine *e, uint64_t now_ms, const struct secret *secret);

/* While on, each new IKE SA gives a KEYLOG; switching on gives one of each IKE SA that exists. */
void ike_engine_set_keylog(struct ike_engine *e, bool on);
/* A set of 1 << enum ike_trace_kind: from now on these give TRACE actions. */
void ike_engine_set_trace(struct ike_engine *e, unsigned kinds);

/* ---- Views for show -------------------------------------------------------------------------- */

enum ike_tunnel_state { IKE_TUNNEL_DOWN, IKE_TUNNEL_CONNECTING, IKE_TUNNEL_UP };

struct ike_child_status {
	uint32_t child;
	uint32_t spi_in, spi_out;
	struct ike_suite suite;
	struct ike_ts_list local_ts, remote_ts;
	bool initiator;
	bool udp_encap;
	uint64_t since_ms;
	uint64_t rekey_at_ms, expire_at_ms;
};

struct ike_tunnel_status {
	enum ike_tunnel_state state;
	bool admin_down; /* terminated by command */
	uint64_t state_since_ms;
	uint32_t attempts;	    /* since it was last up */
	uint64_t next_attempt_ms;   /* 0: none planned */
	struct ike_failure failure; /* the last one; reason NONE: never */
	/* valid while UP (or partly while CONNECTING) */
	uint64_t spi_i, spi_r;
	bool initiator; /* our role in the current IKE SA */
	struct ip_endpoint local, remote;
	bool nat_local, nat_remote; /* who is behind a NAT */
	struct ike_suite suite;
	bool learned_single_ts;	 /* several pairs were refused: one per Child SA */
	bool ppk;		 /* a postquantum preshared key is in its keys */
	bool crash_token;	 /* the peer gave its token (RFC 6290) */
	struct ike_id peer_id;	 /* as authenticated */
	uint64_t established_ms; /* this IKE SA */
	uint64_t rekey_at_ms, expire_at_ms;
	uint64_t last_rx_ms; /* any authenticated packet, IKE or ESP */
	size_t child_count;
	char peer_offer[320]; /* "aes-gcm-256/sha2-384/dh20, ..." as the peer last offered for IKE
			       */
	struct ike_comparison comparison; /* of what differed when it failed; count 0: none */
};

int ike_engine_tunnel_status(const struct ike_engine *e, uint32_t tunnel,
			     struct ike_tunnel_status *out) WARN_UNUSED;
/* The signs of life of a tunnel that is up; cheap enough for each second. */
struct ike_pulse {
	uint64_t last_rx_ms; /* any authenticated packet, IKE or ESP */
	uint64_t asked_ms;  /* when the request that waits for its answer was first sent; 0: none */
	uint64_t rtt_at_ms; /* when the last round trip of a liveness check ended; 0: never */
	uint32_t rtt_ms;
};
/* ERR_NOT_FOUND: no such tunnel, or no established IKE SA. */
int ike_engine_pulse(const struct ike_engine *e, uint32_t tunnel,
		     struct ike_pulse *out) WARN_UNUSED;
/* Children of the tunnel in order of creation; ERR_NOT_FOUND past the end. */
int ike_engine_child_status(const struct ike_engine *e, uint32_t tunnel, size_t index,
			    struct ike_child_status *out) WARN_UNUSED;

/* How much there is of everything that a peer can cause. */
struct ike_usage {
	size_t tunnels;
	size_t ike_sas;	  /* in all states */
	size_t half_open; /* of them */
	size_t children;  /* in all states */
	size_t lingering; /* of them: deleted, inbound stays a moment */
	size_t requests;  /* of ours: under way and queued */
	size_t dh_jobs;	  /* at the caller's */
	size_t timers;
	size_t actions;		 /* not yet pulled */
	size_t reassembly_bytes; /* fragments that wait for others */
};
void ike_engine_usage(const struct ike_engine *e, struct ike_usage *out);

/* Counters by name, for show and metrics; NULL past the end. */
const char *ike_engine_counter(const struct ike_engine *e, size_t index, uint64_t *value);

#endif
