/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Paths, Child SAs and sites of userspace ESP: making, publishing, retiring.  Never moves a packet.
 */
#include "dataplane/esp/sa.h"

#include "dataplane/esp/child_store.h"
#include "dataplane/esp/mile.h"
#include "dataplane/esp/packet.h"
#include "dataplane/esp/steer.h"
#include "platform/base/mem.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct esp_path *esp_path_new(const struct ip_endpoint *local, const struct ip_endpoint *remote,
			      bool udp, const struct esp_transform *t, size_t mtu)
{
	enum ip_family family = (enum ip_family)remote->addr.family;
	struct esp_path *p = mem_zalloc(sizeof(*p));

	p->local = *local;
	p->remote = *remote;
	if (udp)
		p->way = family == IP_V4 ? ESP_UDP_V4 : ESP_UDP_V6;
	else
		p->way = family == IP_V4 ? ESP_RAW_V4 : ESP_RAW_V6;
	if (family == IP_V4) {
		p->to.v4.sin_family = AF_INET;
		p->to.v4.sin_port = udp ? htons(remote->port) : 0;
		memcpy(&p->to.v4.sin_addr, remote->addr.bytes, 4);
		p->to_len = sizeof(p->to.v4);
	} else {
		p->to.v6.sin6_family = AF_INET6;
		p->to.v6.sin6_port = udp ? htons(remote->port) : 0;
		memcpy(&p->to.v6.sin6_addr, remote->addr.bytes, 16);
		p->to_len = sizeof(p->to.v6);
	}
	p->mtu = mtu;
	p->inner_mtu = esp_inner_mtu(t, family, udp, mtu);
	return p;
}

static void path_release(struct grace_node *n)
{
	free(container_of(n, struct esp_path, grace));
}

void esp_path_retire(struct grace *g, struct esp_path *p)
{
	grace_retire(g, &p->grace, path_release);
}

static void child_free(struct esp_child *c)
{
	esp_cipher_free(c->sealer);
	for (unsigned i = 0; i < c->openers; i++)
		esp_cipher_free(c->opener[i]);
	free(c->local);
	free(c->remote);
	free(atomic_load(&c->path));
	esp_child_release(c);
}

/* RFC 4303 section 3.3.3: numbers must not cycle. */
static uint64_t sequence_end(bool esn)
{
	return esn ? UINT64_MAX : UINT32_MAX;
}

/* One opener, or one for each receiver where they cannot share it. */
static int make_openers(struct esp_child *c, struct esp_engine *engine, unsigned receivers,
			const struct ike_child_install *in, struct err_msg *e)
{
	unsigned wanted = 1;
	int rc = 0;

	while (rc == 0 && c->openers < wanted) {
		rc = esp_cipher_new(engine, &in->suite, ESP_OPEN, secret_view(&in->encr_in),
				    secret_view(&in->integ_in), &c->opener[c->openers], e);
		if (rc == 0 && !esp_cipher_is_shareable(c->opener[c->openers]))
			wanted = receivers;
		c->openers += rc == 0;
	}
	return rc;
}

int esp_child_new(struct esp_engine *engine, unsigned receivers, const struct ike_child_install *in,
		  uint8_t slot, struct esp_site *site, struct esp_child **out, struct err_msg *e)
{
	struct esp_child_store *store = site == NULL ? NULL : site->store;
	struct esp_child *c = esp_child_alloc(store);
	int rc;

	rc = esp_cipher_new(engine, &in->suite, ESP_SEAL, secret_view(&in->encr_out),
			    secret_view(&in->integ_out), &c->sealer, e);
	if (rc == 0)
		rc = make_openers(c, engine, receivers, in, e);
	if (rc == 0)
		rc = esp_transform_of(&in->suite, &c->transform);
	if (rc != 0) {
		child_free(c);
		return rc;
	}
	c->id = in->child;
	c->slot = slot;
	c->site = site;
	c->spi_in = in->spi_in;
	c->spi_out = in->spi_out;
	c->report_used = !in->outbound_now;
	c->sequence_end = sequence_end(in->suite.esn);
	c->local = esp_selectors_new(&in->local_ts);
	c->remote = esp_selectors_new(&in->remote_ts);
	list_init(&c->of_site);
	esp_replay_init(&c->replay, in->suite.esn);
	atomic_init(&c->outbound, in->outbound_now);
	atomic_init(&c->used_reported, false);
	atomic_init(&c->moved_reported, 0);
	atomic_init(&c->path, esp_path_new(&in->local, &in->remote, in->udp_encap, &c->transform,
					   ESP_PATH_MTU));
	if (in->restored && esp_child_recall(store, c) != 0) {
		child_free(c);
		return err_set(e, ERR_WRONG_STATE,
			       "SPI 0x%08x: it is not known how far the process before came",
			       in->spi_out);
	}
	*out = c;
	return 0;
}

static void child_release(struct grace_node *n)
{
	child_free(container_of(n, struct esp_child, grace));
}

void esp_child_retire(struct grace *g, struct esp_child *c)
{
	grace_retire(g, &c->grace, child_release);
}

struct esp_site *esp_site_new(uint32_t index, int tun, int ifindex, bool udp)
{
	struct esp_site *s = mem_zalloc(sizeof(*s));

	s->index = index;
	s->tun = tun;
	s->ifindex = ifindex;
	s->udp = udp;
	list_init(&s->children);
	list_init(&s->trouble);
	atomic_init(&s->steering, NULL);
	return s;
}

static void steering_release(struct grace_node *n)
{
	free(container_of(n, struct esp_steering, grace));
}

static size_t count_children(const struct esp_site *s)
{
	const struct list *node;
	size_t n = 0;

	for (node = s->children.next; node != &s->children; node = node->next)
		n++;
	return n;
}

static struct esp_steering *build_steering(const struct esp_site *s)
{
	size_t count = count_children(s);
	struct esp_steering *t = mem_zalloc(sizeof(*t) + count * sizeof(void *));
	const struct list *node;
	uint16_t n = 0;

	t->wanted = s->wanted;
	t->rules = s->rules;
	t->miles = s->miles;
	t->only_slot = esp_steer_only_slot(&s->wanted, s->rules);
	for (unsigned slot = 1; slot <= DP_SLOTS; slot++) {
		t->first[slot - 1] = n;
		for (node = s->children.prev; node != &s->children; node = node->prev) {
			struct esp_child *c = container_of(node, struct esp_child, of_site);

			if (c->slot == slot)
				t->children[n++] = c;
		}
	}
	t->first[DP_SLOTS] = n;
	return t;
}

void esp_site_cap(struct esp_site *s, uint8_t slot, uint32_t mbps)
{
	if (s->miles == NULL && mbps != 0)
		s->miles = mem_calloc(DP_SLOTS, sizeof(*s->miles));
	if (s->miles != NULL)
		atomic_store(&s->miles[slot - 1].rate, (uint64_t)mbps * 125000);
}

void esp_site_publish(struct esp_site *s, struct grace *g)
{
	struct esp_steering *old = atomic_exchange(&s->steering, build_steering(s));

	if (old != NULL)
		grace_retire(g, &old->grace, steering_release);
}

static void site_release(struct grace_node *n)
{
	struct esp_site *s = container_of(n, struct esp_site, grace);

	(void)close(s->tun);
	free(atomic_load(&s->steering));
	esp_rules_free(s->rules);
	free(s->miles);
	free(s);
}

void esp_site_retire(struct grace *g, struct esp_site *s)
{
	grace_retire(g, &s->grace, site_release);
}
