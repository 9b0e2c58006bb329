/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A world in virtual time: some engines, each with a model of a data plane, and a network between
 * them that loses, delays (and thereby reorders), duplicates and translates.  Everything is drawn
 * from one seed.  After every step the invariants are checked; every message goes into a ladder.
 */
#ifndef TESTS_EXCHANGE_SIM_H
#define TESTS_EXCHANGE_SIM_H

#include "ikev2/engine.h"
#include "ikev2/ike.h"
#include "ikev2/sk.h"
#include "platform/base/map.h"
#include "platform/base/strbuf.h"

#define SIM_NODES_MAX	 5
#define SIM_TALLY_MAX	 8
#define SIM_RULES_MAX	 16
#define SIM_EVENTS_MAX	 256
#define SIM_REVEALED_MAX 16

/* What the data plane of a node has. */
struct sim_child {
	struct list link; /* in sim_node.children */
	struct map_node by_child, by_spi;
	bool in_spis;
	bool may_send;	       /* the engine said so, or something has come in */
	bool outbound;	       /* packets go out on it */
	bool told;	       /* the engine named it as the sender, and none after it */
	uint64_t sent, newest; /* sequence numbers out and in */
	uint32_t tunnel, child, replaces, spi_in, spi_out;
	struct ip_endpoint local, remote;
	bool udp_encap, initiator;
	struct ike_suite suite;
	struct ike_ts_list local_ts, remote_ts;
	uint8_t key_in[32], key_out[32]; /* first octets, for comparison */
};

struct sim_event {
	uint64_t at_ms;
	enum ike_action_type type; /* UP, DOWN or EVENT */
	enum ike_event event;
	uint32_t tunnel;
	struct ike_failure failure;
};

/* What happened to a tunnel on a node. */
struct sim_tally {
	uint32_t ups, downs;
	uint32_t failed;     /* Child SAs that did not come up */
	uint64_t esp_lost;   /* sent by it, and the peer had no such SA */
	uint64_t esp_unsent; /* it was up without a Child SA to send on */
};

struct sim_node {
	struct ike_engine *engine;
	struct ip_addr addr;
	uint64_t random;
	int nonce_first; /* first octet of 32-octet draws; -1: random */
	bool dead;	 /* receives and sends nothing */
	/* behind a NAT: others see this address, ports move by port_shift */
	bool nat;
	struct ip_addr nat_addr;
	uint16_t port_shift;
	struct list children; /* struct sim_child, oldest first */
	struct map by_child, by_spi;
	size_t child_count;
	unsigned checks;
	struct sim_event events[SIM_EVENTS_MAX];
	size_t event_count;
	uint32_t ups, downs;
	uint32_t installs;
	uint64_t sent, esp_sent, esp_lost;
	struct sim_tally tally[SIM_TALLY_MAX]; /* by tunnel; the last one for all others */
	uint64_t keepalives;
	uint8_t crash_secret; /* each octet of it (RFC 6290); 0: none */
	struct {
		uint64_t spi_i, spi_r;
	} revealed[SIM_REVEALED_MAX]; /* IKE SAs whose token it sent in clear lately */
	unsigned revealed_count;
	uint8_t last_sent[9500]; /* copy of the last datagram, for replay */
	size_t last_sent_len;
};

/* Drop or delay messages that fit; -1 fits all. */
struct sim_rule {
	int from;
	int exchange;
	int response;
	unsigned skip, count; /* skip the first, then act on so many */
	bool drop;
	uint64_t delay_ms;
};

struct sim_packet {
	struct list link;
	uint64_t due_ms, order;
	int from;
	struct ip_endpoint src, dst; /* as they arrive */
	bool esp;
	uint32_t spi, tunnel;
	uint64_t seq;
	size_t len;
	uint8_t *bytes;
};

struct sim {
	uint64_t now_ms;
	uint64_t seed, random;
	struct sim_node node[SIM_NODES_MAX];
	size_t nodes;
	struct list packets;
	uint64_t next_order;
	struct list jobs;
	unsigned loss_percent, duplicate_percent;
	unsigned garble_percent;      /* copies with another bit, of all but IKE_SA_INIT */
	bool no_sources;	      /* nobody says which own address leads to a peer */
	bool real_dh;		      /* otherwise DH of 64 bits, which nobody attacks here */
	uint32_t delay_ms, jitter_ms; /* of each packet */
	uint32_t dh_ms;		      /* a DH job takes so long, plus as much at random */
	uint32_t traffic_ms;	      /* every node sends ESP about so often; 0: never */
	uint64_t traffic_at_ms;
	struct sim_rule rules[SIM_RULES_MAX];
	size_t rule_count;
	/* Sees each datagram that an engine sends, lost or not; may be NULL. */
	void (*tap)(void *arg, int from, const struct ike_send *send);
	void *tap_arg;
	struct list keys; /* of IKE SAs, for the ladder */
	struct strbuf ladder;
	unsigned restore_percent; /* so often a node saves itself and goes on as another engine */
	struct strbuf traces;	  /* texts of TRACE actions, "A sent IKE_AUTH ..." */
	bool print;
	bool quiet;	     /* no ladder */
	char violation[256]; /* the first one; empty: none */
};

void sim_init(struct sim *s, uint64_t seed, size_t nodes);
void sim_clear(struct sim *s);
void sim_add(struct sim *s); /* one more node */
/* Limits other than the default: before anything else on that node. */
void sim_limits(struct sim *s, int node, const struct ike_limits *limits);

/* The node has this secret from now on, and after sim_limits and sim_restore. */
void sim_crash_secret(struct sim *s, int node, uint8_t octet);

uint32_t sim_random(struct sim *s, uint32_t bound);

/* A profile for a tunnel of node `own` to node `peer`, which fits sim_tunnel(id, peer, own). */
struct ike_tunnel sim_tunnel(struct sim *s, uint32_t id, int own, int peer);
struct ike_ts sim_ts(const char *range);
struct ike_id sim_id(enum ike_id_type type, const char *text);
int sim_set(struct sim *s, int node, const struct ike_tunnel *t);
int sim_command(struct sim *s, int node, uint32_t tunnel, enum ike_command c);
void sim_remove(struct sim *s, int node, uint32_t tunnel);

/* The node saves its state, dies, and goes on from it: its data plane stays, DH jobs are lost. */
void sim_restore(struct sim *s, int node);
/* Let time pass. */
void sim_run(struct sim *s, uint64_t ms);
/* Until the state of the tunnel is this, at most ms; false: it is not. */
bool sim_run_until(struct sim *s, int node, uint32_t tunnel, enum ike_tunnel_state state,
		   uint64_t ms);

struct ike_tunnel_status sim_status(struct sim *s, int node, uint32_t tunnel);
bool sim_is_up(struct sim *s, int node, uint32_t tunnel);
/* What happened so far, or since all tallies were made zero. */
const struct sim_tally *sim_tally(struct sim *s, int node, uint32_t tunnel);
void sim_count_from_here(struct sim *s);
/* The node's child that sends, alive; NULL: none.  index among those alive and sending. */
struct sim_child *sim_sending(struct sim *s, int node, size_t index);
size_t sim_alive(struct sim *s, int node);
uint64_t sim_counter(struct sim *s, int node, const char *name);
/* How many lines of the ladder hold all of the texts (b may be NULL). */
unsigned sim_lines(struct sim *s, const char *a, const char *b);
/* Last event of the kind on the node; NULL: none. */
const struct sim_event *sim_event(struct sim *s, int node, enum ike_action_type type,
				  enum ike_event event);
void sim_rule(struct sim *s, struct sim_rule r);
/* Inject a datagram as if node `from` had sent it. */
void sim_inject(struct sim *s, int from, int to, bool natt, const void *bytes, size_t len);

/* A message of node `from` on the IKE SA of tunnel 1 with anything inside, authentic; id_ahead is
 * added to the id that its next request would have.  The chain is what message_chain_start made. */
void sim_forge(struct sim *s, int from, int to, uint8_t exchange, uint32_t id_ahead, bool response,
	       uint8_t first, struct view chain);

/* Everything that must hold when all is quiet; fills violation. */
void sim_check_quiet(struct sim *s);
/* Both nodes have the same Child SAs, one pair per network pair. */
void sim_check_agree(struct sim *s, int a, int b, uint32_t tunnel);
/* Fails the running test with the ladder when a violation was found. */
void sim_assert(struct sim *s);

/* The one world of a test program: made before each test with two nodes, gone after it. */
extern struct sim w;
struct TTest;
struct TCase;
struct SRunner;
struct TCase *sim_case(const char *name); /* with the world as fixture */
int sim_run_suite(struct SRunner *r);	  /* runs and frees; exit status */
int sim_suite(const char *name, const struct TTest *const *tests, size_t count);
/* Profiles 1 of both sides come up, A initiates. */
void sim_bring_up(struct ike_tunnel *a, struct ike_tunnel *b);
/* The same with default profiles. */
void sim_bring_up_default(void);
/* All is quiet, both agree, nothing was violated. */
void sim_finish(void);

/* The first violation stays. */
void sim_violated(struct sim *s, int node, const char *what, uint32_t number);

/* In sim_plane.c: the data plane of a node. */
void sim_plane_init(struct sim_node *n);
void sim_plane_clear(struct sim_node *n);
void sim_plane_forget(struct sim_node *n); /* all Child SAs, as a restart does */
struct sim_child *sim_plane_find(struct sim_node *n, uint32_t child);
struct sim_child *sim_plane_by_spi(struct sim_node *n, uint32_t spi_in);
bool sim_plane_sends(const struct sim_node *n, uint32_t tunnel);
void sim_plane_install(struct sim *s, int node, uint32_t tunnel,
		       const struct ike_child_install *in);
void sim_plane_compare(struct sim *s, int node, const struct ike_child_install *in);
void sim_plane_update(struct sim *s, int node, const struct ike_child_update *u);
void sim_plane_delete(struct sim *s, int node, uint32_t child);
void sim_plane_received(struct sim *s, int node, struct sim_child *c, const struct sim_packet *p);
void sim_plane_check(struct sim *s, int node); /* the engine and the data plane have the same */

/* In sim_ladder.c: a line per message. */
void sim_ladder_message(struct sim *s, int from, int to, const char *fate, const uint8_t *bytes,
			size_t len);
void sim_ladder_note(struct sim *s, const char *fmt, ...) PRINTF_LIKE(2, 3);
void sim_ladder_key(struct sim *s, struct ike_keylog *k);
void sim_ladder_clear(struct sim *s);

#endif
