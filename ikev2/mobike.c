/* SPDX-License-Identifier: GPL-3.0-or-later */
/* MOBIKE as the responder; see mobike.h. */
#include "ikev2/mobike.h"

#include "ikev2/natt.h"
#include "ikev2/payload_notify.h"
#include "ikev2/tunnel.h"

#include <string.h>

#define COOKIE2_MIN 8 /* RFC 4555 section 4.2.5 */
#define COOKIE2_MAX 64

bool mobike_accept(struct ike_sa *sa, const struct message_in *in)
{
	struct payload_notify n;

	sa->mobike = !ip_addr_is_set(&sa->tunnel->profile.remote.addr) &&
		     notify_find(&in->payloads, IKE_N_MOBIKE_SUPPORTED, &n);
	return sa->mobike;
}

/* ---- What the peer asks for ------------------------------------------------------------------ */

/* NO_NATS_ALLOWED names the addresses and ports that the peer sent from and to (section 4.2.6). */
static bool nat_is_in_the_way(const struct message_in *in)
{
	size_t len = ip_addr_len(&in->remote.addr);
	uint8_t buf[2 * 16 + 4];
	struct writer w = writer_of(buf, sizeof(buf));
	struct payload_notify n;

	if (!notify_find(&in->payloads, IKE_N_NO_NATS_ALLOWED, &n))
		return false;
	writer_bytes(&w, in->remote.addr.bytes, len);
	writer_bytes(&w, in->local.addr.bytes, len);
	writer_u16(&w, in->remote.port);
	writer_u16(&w, in->local.port);
	return !view_equal(n.data, writer_view(&w));
}

static bool is_acceptable(const struct ike_sa *sa, const struct message_in *in)
{
	const struct profile *p = &sa->tunnel->profile;

	return !ip_addr_is_set(&p->local) || ip_addr_equal(&p->local, &in->local.addr);
}

static bool has_nat_detection(const struct message_in *in)
{
	struct payload_notify n;

	return notify_find(&in->payloads, IKE_N_NAT_DETECTION_SOURCE_IP, &n) ||
	       notify_find(&in->payloads, IKE_N_NAT_DETECTION_DESTINATION_IP, &n);
}

static void children_follow(struct ike_engine *e, struct ike_sa *sa)
{
	struct list *n, *after;

	list_for_each(n, after, &sa->children)
	{
		struct child_sa *c = container_of(n, struct child_sa, of_sa);

		c->udp_encap = natt_encap(sa);
		child_moved(e, c);
	}
}

static void queue_check(struct ike_engine *e, struct ike_sa *sa)
{
	sa->hold_until_ms = 0;
	task_queue_first(e, sa, task_new(TASK_ROUTABILITY));
}

static void move(struct ike_engine *e, struct ike_sa *sa, const struct message_in *in)
{
	struct ip_endpoint esp = natt_esp_remote(sa);
	bool far = !ip_addr_equal(&esp.addr, &in->remote.addr);

	if (ip_endpoint_equal(&sa->remote, &in->remote) &&
	    ip_endpoint_equal(&sa->local, &in->local))
		return;
	sa->local = in->local;
	sa->remote = in->remote;
	sa->natt = in->natt;
	if (has_nat_detection(in))
		natt_detect(e, sa, in);
	natt_keepalive_start(e, sa);
	engine_count(e, COUNTER_ADDRESS_UPDATES);
	if (far) {
		sa->esp = esp; /* until the new address has answered */
		queue_check(e, sa);
	} else {
		sa->esp = (struct ip_endpoint){.port = 0};
		children_follow(e, sa);
	}
	if (sa->request.open) { /* the peer is not where it was sent to */
		sa->request.pushed++;
		exchange_resend_request(e, sa);
	}
	engine_event(e, sa->tunnel_id, IKE_EVENT_NAT_CHANGED, NULL);
}

void mobike_request(struct ike_engine *e, struct ike_sa *sa, const struct message_in *in,
		    struct message_builder *b)
{
	struct payload_notify n;

	if (!sa->mobike || !ike_sa_is_usable(sa) || !sa->tunnel)
		return;
	if (nat_is_in_the_way(in)) {
		payload_notify_write(b, IKE_N_UNEXPECTED_NAT_DETECTED, view_of(NULL, 0));
	} else if (notify_find(&in->payloads, IKE_N_UPDATE_SA_ADDRESSES, &n)) {
		if (is_acceptable(sa, in))
			move(e, sa, in);
		else
			payload_notify_write(b, IKE_N_UNACCEPTABLE_ADDRESSES, view_of(NULL, 0));
	}
	if (has_nat_detection(in))
		natt_write_path(e, b, sa, &in->local, &in->remote);
	if (notify_find(&in->payloads, IKE_N_COOKIE2, &n) && n.data.len >= COOKIE2_MIN &&
	    n.data.len <= COOKIE2_MAX)
		payload_notify_write(b, IKE_N_COOKIE2, n.data);
}

/* ---- Our check ------------------------------------------------------------------------------- */

void mobike_check_write(struct ike_engine *e, struct ike_sa *sa, struct message_builder *b)
{
	engine_random(e, sa->check.cookie, sizeof(sa->check.cookie));
	sa->check.remote = sa->remote;
	payload_notify_write(b, IKE_N_COOKIE2, view_of(sa->check.cookie, sizeof(sa->check.cookie)));
}

bool mobike_check_answered(struct ike_engine *e, struct ike_sa *sa, const struct message_in *in)
{
	struct payload_notify n;

	if (!notify_find(&in->payloads, IKE_N_COOKIE2, &n) ||
	    n.data.len != sizeof(sa->check.cookie) ||
	    !bytes_equal_ct(n.data.data, sa->check.cookie, sizeof(sa->check.cookie)))
		return false;
	/* It has moved on meanwhile: another check is queued. */
	if (!ip_endpoint_equal(&sa->check.remote, &sa->remote))
		return true;
	sa->esp = (struct ip_endpoint){.port = 0};
	children_follow(e, sa);
	return true;
}

void mobike_inherit(struct ike_engine *e, struct ike_sa *sa, const struct ike_sa *old)
{
	sa->mobike = old->mobike;
	sa->esp = old->esp;
	if (sa->esp.port != 0 && !task_is_pending(sa, TASK_ROUTABILITY, 0))
		queue_check(e, sa);
}
