/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Kernel states.  Tunnel mode, AEAD or encryption with truncated authentication, replay window in a
 * bitmap (with and without ESN, RFC 4303 section 2.2.1), UDP encapsulation (RFC 3948).  The
 * engine's timers rule; the kernel's limits are only a net: a packet limit below the end of
 * sequence numbers.
 */
#include "dataplane/xfrm/state.h"

#include "dataplane/xfrm/address.h"
#include "dataplane/xfrm/algorithm.h"
#include "platform/base/mem.h"
#include "platform/os/netlink_batch.h"

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/udp.h>
#include <netinet/in.h>

#define REPLAY_WINDOW	 2048 /* packets */
#define SEQUENCE_END	 (UINT64_C(1) << 32)
#define SEQUENCE_RESERVE (UINT64_C(1) << 20) /* left when a new SA is asked for */
#define SEQUENCE_SKIP	 1024 /* packets that may leave between reading a state and its copy */
#define MAPPING_EVERY_S	 1
#define KEY_MAX		 128

struct xfrm_state_key xfrm_state_key_of(const struct ip_addr *dst, uint32_t spi)
{
	struct xfrm_state_key key;

	memset(&key, 0, sizeof(key));
	key.dst = *dst;
	key.spi = spi;
	return key;
}

static struct xfrm_usersa_id id_of(const struct xfrm_state_key *key)
{
	return (struct xfrm_usersa_id){.daddr = xfrm_address_of(&key->dst),
				       .spi = htonl(key->spi),
				       .family = xfrm_address_family(&key->dst),
				       .proto = IPPROTO_ESP};
}

/* Copied, since messages are aligned to four octets only. */
static void put_head(struct nlmsghdr *m, const void *head, size_t len)
{
	memcpy(mnl_nlmsg_put_extra_header(m, len), head, len);
}

/* ---- New states ------------------------------------------------------------------------------ */

static void put_aead(struct nlmsghdr *m, const char *name, unsigned icv_bits,
		     const struct secret *key)
{
	union {
		struct xfrm_algo_aead head;
		uint8_t bytes[sizeof(struct xfrm_algo_aead) + KEY_MAX];
	} a = {.head.alg_key_len = (unsigned)key->len * 8, .head.alg_icv_len = icv_bits};

	memcpy(a.head.alg_name, name, strlen(name));
	memcpy(a.head.alg_key, key->data, key->len);
	mnl_attr_put(m, XFRMA_ALG_AEAD, sizeof(a.head) + key->len, &a);
	bytes_wipe(&a, sizeof(a));
}

static void put_crypt(struct nlmsghdr *m, const char *name, const struct secret *key)
{
	union {
		struct xfrm_algo head;
		uint8_t bytes[sizeof(struct xfrm_algo) + KEY_MAX];
	} a = {.head.alg_key_len = (unsigned)key->len * 8};

	memcpy(a.head.alg_name, name, strlen(name));
	memcpy(a.head.alg_key, key->data, key->len);
	mnl_attr_put(m, XFRMA_ALG_CRYPT, sizeof(a.head) + key->len, &a);
	bytes_wipe(&a, sizeof(a));
}

/* The truncation must be said: the kernel's own for SHA-256 is 96 bits, RFC 4868 has 128. */
static void put_auth(struct nlmsghdr *m, const char *name, unsigned icv_bits,
		     const struct secret *key)
{
	union {
		struct xfrm_algo_auth head;
		uint8_t bytes[sizeof(struct xfrm_algo_auth) + KEY_MAX];
	} a = {.head.alg_key_len = (unsigned)key->len * 8, .head.alg_trunc_len = icv_bits};

	memcpy(a.head.alg_name, name, strlen(name));
	memcpy(a.head.alg_key, key->data, key->len);
	mnl_attr_put(m, XFRMA_ALG_AUTH_TRUNC, sizeof(a.head) + key->len, &a);
	bytes_wipe(&a, sizeof(a));
}

/* An inbound state tells when its packets come from elsewhere, but not for each of them. */
static void put_encap(struct nlmsghdr *m, bool in, const struct ip_endpoint *src,
		      const struct ip_endpoint *dst)
{
	struct xfrm_encap_tmpl encap;

	memset(&encap, 0, sizeof(encap));
	encap.encap_type = UDP_ENCAP_ESPINUDP;
	encap.encap_sport = htons(src->port);
	encap.encap_dport = htons(dst->port);
	mnl_attr_put(m, XFRMA_ENCAP, sizeof(encap), &encap);
	if (in)
		mnl_attr_put_u32(m, XFRMA_MTIMER_THRESH, MAPPING_EVERY_S);
}

/* Inbound: the window.  Outbound needs it only to carry extended sequence numbers. */
static void put_replay(struct nlmsghdr *m, bool in, bool esn)
{
	union {
		struct xfrm_replay_state_esn head;
		uint8_t bytes[sizeof(struct xfrm_replay_state_esn) + REPLAY_WINDOW / 8];
	} r;
	uint32_t window = in ? REPLAY_WINDOW : 32;

	if (!in && !esn)
		return;
	memset(&r, 0, sizeof(r));
	r.head.replay_window = window;
	r.head.bmp_len = window / 32;
	mnl_attr_put(m, XFRMA_REPLAY_ESN_VAL, sizeof(r.head) + window / 8, &r);
}

static struct xfrm_lifetime_cfg limits(const struct xfrm_state_spec *s)
{
	struct xfrm_lifetime_cfg lft = {.soft_byte_limit = XFRM_INF,
					.hard_byte_limit = XFRM_INF,
					.soft_packet_limit = XFRM_INF,
					.hard_packet_limit = XFRM_INF};

	if (!s->in && !s->suite->esn) {
		lft.soft_packet_limit = SEQUENCE_END - SEQUENCE_RESERVE;
		lft.hard_packet_limit = SEQUENCE_END - 1;
	}
	return lft;
}

static void put_info(struct nlmsghdr *m, const struct xfrm_state_spec *s)
{
	struct xfrm_usersa_info info;

	memset(&info, 0, sizeof(info));
	info.id.daddr = xfrm_address_of(&s->dst.addr);
	info.id.spi = htonl(s->spi);
	info.id.proto = IPPROTO_ESP;
	info.saddr = xfrm_address_of(&s->src.addr);
	info.lft = limits(s);
	info.reqid = s->reqid;
	info.family = xfrm_address_family(&s->dst.addr);
	info.mode = XFRM_MODE_TUNNEL;
	info.flags = s->suite->esn ? XFRM_STATE_ESN : 0;
	if (s->selector != NULL)
		info.sel = *s->selector;
	else
		info.flags |= XFRM_STATE_AF_UNSPEC;
	put_head(m, &info, sizeof(info));
}

static int check(const struct xfrm_state_spec *s, struct err_msg *e)
{
	if (s->encr->len == 0 || s->encr->len > KEY_MAX || s->integ->len > KEY_MAX)
		return err_set(e, ERR_INVALID, "Child SA: keys of a wrong length");
	if (!ip_addr_is_set(&s->dst.addr) || s->src.addr.family != s->dst.addr.family)
		return err_set(e, ERR_INVALID, "Child SA without addresses of one family");
	return 0;
}

int xfrm_state_put_new(struct netlink_batch *b, const struct xfrm_state_spec *s, struct err_msg *e)
{
	struct xfrm_algorithm a;
	struct nlmsghdr *m;
	int rc = check(s, e);

	if (rc == 0)
		rc = xfrm_algorithm_of(s->suite, &a, e);
	if (rc != 0)
		return rc;
	m = netlink_batch_add(b, XFRM_MSG_NEWSA, NLM_F_CREATE | NLM_F_EXCL);
	put_info(m, s);
	if (a.aead != NULL) {
		put_aead(m, a.aead, a.icv_bits, s->encr);
	} else {
		put_crypt(m, a.crypt, s->encr);
		put_auth(m, a.auth, a.icv_bits, s->integ);
	}
	put_replay(m, s->in, s->suite->esn);
	mnl_attr_put_u32(m, XFRMA_IF_ID, s->if_id);
	if (s->udp_encap)
		put_encap(m, s->in, &s->src, &s->dst);
	if (!s->in) { /* the slot's mark chose this state; the outer packet must not carry it */
		mnl_attr_put_u32(m, XFRMA_SET_MARK, 0);
		mnl_attr_put_u32(m, XFRMA_SET_MARK_MASK, XFRM_MARK_MASK);
	}
	return 0;
}

void xfrm_state_put_delete(struct netlink_batch *b, const struct xfrm_state_key *key)
{
	struct nlmsghdr *m = netlink_batch_add(b, XFRM_MSG_DELSA, 0);
	struct xfrm_usersa_id id = id_of(key);

	put_head(m, &id, sizeof(id));
}

void xfrm_state_request(union xfrm_request *q, const struct xfrm_state_key *key)
{
	struct nlmsghdr *m = mnl_nlmsg_put_header(q->bytes);
	struct xfrm_usersa_id id = id_of(key);

	m->nlmsg_type = XFRM_MSG_GETSA;
	put_head(m, &id, sizeof(id));
}

void xfrm_state_request_all(union xfrm_request *q)
{
	struct nlmsghdr *m = mnl_nlmsg_put_header(q->bytes);

	m->nlmsg_type = XFRM_MSG_GETSA;
	mnl_attr_put_u8(m, XFRMA_PROTO, IPPROTO_ESP);
}

/* ---- Answers --------------------------------------------------------------------------------- */

static bool take_info(const struct nlmsghdr *m, struct xfrm_usersa_info *out)
{
	if (m->nlmsg_type != XFRM_MSG_NEWSA || mnl_nlmsg_get_payload_len(m) < sizeof(*out))
		return false;
	memcpy(out, mnl_nlmsg_get_payload(m), sizeof(*out));
	return true;
}

static int take_attr(const struct nlattr *attr, void *arg)
{
	struct xfrm_state_info *out = arg;
	const void *data = mnl_attr_get_payload(attr);
	size_t len = mnl_attr_get_payload_len(attr);
	struct xfrm_replay_state_esn esn;
	struct xfrm_replay_state plain;

	switch (mnl_attr_get_type(attr)) {
	case XFRMA_ALG_AEAD:
	case XFRMA_ALG_CRYPT:
		out->usable = true;
		break;
	case XFRMA_IF_ID:
		if (len >= sizeof(out->if_id))
			memcpy(&out->if_id, data, sizeof(out->if_id));
		break;
	case XFRMA_REPLAY_ESN_VAL:
		if (len < sizeof(esn))
			break;
		memcpy(&esn, data, sizeof(esn));
		out->out_sequence = (uint64_t)esn.oseq_hi << 32 | esn.oseq;
		out->in_sequence = (uint64_t)esn.seq_hi << 32 | esn.seq;
		break;
	case XFRMA_REPLAY_VAL:
		if (len < sizeof(plain))
			break;
		memcpy(&plain, data, sizeof(plain));
		out->out_sequence = plain.oseq;
		break;
	default:
		break;
	}
	return MNL_CB_OK;
}

bool xfrm_state_parse(const struct nlmsghdr *m, struct xfrm_state_info *out)
{
	struct xfrm_usersa_info info;
	struct ip_addr dst;

	if (!take_info(m, &info) || info.id.proto != IPPROTO_ESP)
		return false;
	dst = xfrm_address_to_ip(&info.id.daddr, info.family);
	*out = (struct xfrm_state_info){
		.key = xfrm_state_key_of(&dst, ntohl(info.id.spi)),
		.reqid = info.reqid,
		.bytes = info.curlft.bytes,
		.packets = info.curlft.packets,
		.replay_drops = (uint64_t)info.stats.replay + info.stats.replay_window,
		.auth_drops = info.stats.integrity_failed,
	};
	(void)mnl_attr_parse(m, sizeof(info), take_attr, out);
	return true;
}

/* ---- Moving ---------------------------------------------------------------------------------- */

/* A kernel in lockdown answers with zeros instead of keys. */
static bool keys_are_hidden(const struct nlattr *attr)
{
	const uint8_t *data = mnl_attr_get_payload(attr);
	size_t len = mnl_attr_get_payload_len(attr);
	size_t head;
	uint8_t any = 0;

	switch (mnl_attr_get_type(attr)) {
	case XFRMA_ALG_AEAD:
		head = sizeof(struct xfrm_algo_aead);
		break;
	case XFRMA_ALG_CRYPT:
		head = sizeof(struct xfrm_algo);
		break;
	default:
		return false;
	}
	for (size_t i = head; i < len; i++)
		any |= data[i];
	return any == 0;
}

static uint64_t skipped(uint64_t sequence, uint64_t end)
{
	return end - sequence > SEQUENCE_SKIP ? sequence + SEQUENCE_SKIP : end;
}

/* The copy of a sending state begins behind what may have been sent meanwhile. */
static void copy_replay(struct nlmsghdr *m, const struct nlattr *attr)
{
	union {
		struct xfrm_replay_state_esn esn;
		struct xfrm_replay_state plain;
		uint8_t bytes[sizeof(struct xfrm_replay_state_esn) + 4096 / 8];
	} r;
	size_t len = mnl_attr_get_payload_len(attr);
	uint64_t sequence;

	if (len > sizeof(r))
		return;
	memset(&r, 0, sizeof(r));
	memcpy(&r, mnl_attr_get_payload(attr), len);
	if (mnl_attr_get_type(attr) == XFRMA_REPLAY_VAL && r.plain.oseq != 0) {
		r.plain.oseq = (uint32_t)skipped(r.plain.oseq, UINT32_MAX);
	} else if (mnl_attr_get_type(attr) == XFRMA_REPLAY_ESN_VAL &&
		   (r.esn.oseq | r.esn.oseq_hi) != 0) {
		sequence = (uint64_t)r.esn.oseq_hi << 32 | r.esn.oseq;
		sequence = skipped(sequence, UINT64_MAX);
		r.esn.oseq = (uint32_t)sequence;
		r.esn.oseq_hi = (uint32_t)(sequence >> 32);
	}
	mnl_attr_put(m, mnl_attr_get_type(attr), len, &r);
}

struct copying {
	struct nlmsghdr *m;
	int rc;
	struct err_msg *e;
};

static int copy_attr(const struct nlattr *attr, void *arg)
{
	struct copying *c = arg;
	uint16_t type = mnl_attr_get_type(attr);
	size_t len = mnl_attr_get_payload_len(attr);

	switch (type) {
	case XFRMA_ALG_AUTH: /* the truncated form says more */
	case XFRMA_ENCAP:    /* as it is from now on */
	case XFRMA_MTIMER_THRESH:
	case XFRMA_LASTUSED:
	case XFRMA_PAD:
		return MNL_CB_OK;
	case XFRMA_REPLAY_VAL:
	case XFRMA_REPLAY_ESN_VAL:
		copy_replay(c->m, attr);
		return MNL_CB_OK;
	default:
		break;
	}
	if (keys_are_hidden(attr))
		c->rc = err_set(c->e, ERR_UNSUPPORTED,
				"Child SA: the kernel is locked down and hides its keys");
	else if (!mnl_attr_put_check(c->m, NETLINK_BATCH_MESSAGE_MAX - 256, type, len,
				     mnl_attr_get_payload(attr)))
		c->rc = err_set(c->e, ERR_RANGE, "Child SA: attribute %u of the kernel is too long",
				type);
	return c->rc == 0 ? MNL_CB_OK : MNL_CB_STOP;
}

int xfrm_state_put_moved(struct netlink_batch *b, const struct nlmsghdr *answer,
			 const struct xfrm_state_move *move, struct err_msg *e)
{
	struct xfrm_state_info known;
	struct xfrm_usersa_info info;
	struct copying copy = {.e = e};
	struct nlmsghdr *m;

	if (!xfrm_state_parse(answer, &known) || !known.usable || !take_info(answer, &info))
		return err_set(e, ERR_NOT_FOUND, "Child SA: the kernel does not have it any more");
	m = netlink_batch_add(b, move->message, NLM_F_CREATE);
	info.saddr = xfrm_address_of(&move->src.addr);
	info.id.daddr = xfrm_address_of(&move->dst.addr);
	info.family = xfrm_address_family(&move->dst.addr);
	put_head(m, &info, sizeof(info));
	copy.m = m;
	(void)mnl_attr_parse(answer, sizeof(info), copy_attr, &copy);
	if (move->udp_encap)
		put_encap(m, move->in, &move->src, &move->dst);
	mnl_attr_put(m, XFRMA_LTIME_VAL, sizeof(info.curlft), &info.curlft);
	return copy.rc;
}
