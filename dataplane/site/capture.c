/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Capture of IKE messages, as they pass between sockets and engine, and of the keys that open them
 * in a decoder.  One at a time, on an operator's explicit word; keys go nowhere else.
 */
#include "dataplane/site/gateway_state.h"
#include "ikev2/number.h"
#include "platform/base/mem.h"
#include "platform/os/capture_file.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXCHANGE_AT  18	 /* in the IKE header, RFC 7296 section 3.1 */
#define LINE_MAX_LEN 640 /* SPIs, four keys of up to 64 octets, names */

struct gateway_capture {
	struct capture_file *file;
	char site[SITE_NAME_MAX]; /* "": all */
	struct gateway_capture_counts counts;
};

int gateway_capture_start(struct gateway *g, const char *path, const char *site, struct err_msg *e)
{
	struct gateway_capture *c;
	int rc;

	if (g->capture != NULL)
		return err_set(e, ERR_BUSY, "another capture is running");
	if (site != NULL && gateway_site(g, site) == NULL)
		return err_set(e, ERR_NOT_FOUND, "Site %s is not configured", site);
	c = mem_zalloc(sizeof(*c));
	rc = capture_file_open(path, &c->file, e);
	if (rc != 0) {
		free(c);
		return rc;
	}
	if (site != NULL)
		snprintf(c->site, sizeof(c->site), "%s", site);
	g->capture = c;
	log_line(g->log, LOG_LVL_NOTICE, LOG_IKE, "capture of IKE messages and keys to %s begins",
		 path);
	ike_engine_set_keylog(g->engine, true);
	gateway_trace_update(g);
	gateway_pump(g);
	return 0;
}

void gateway_capture_stop(struct gateway *g)
{
	if (g->capture == NULL)
		return;
	ike_engine_set_keylog(g->engine, false);
	capture_file_close(g->capture->file);
	free(g->capture);
	g->capture = NULL;
	gateway_trace_update(g);
	log_line(g->log, LOG_LVL_NOTICE, LOG_IKE, "capture of IKE messages and keys ends");
}

const struct gateway_capture_counts *gateway_capture_counts(const struct gateway *g)
{
	return g->capture == NULL ? NULL : &g->capture->counts;
}

/* ---- Which ones ------------------------------------------------------------------------------ */

/* Does a tunnel have its peer there, as far as we know? */
static bool is_peer(const struct gateway *g, const struct tunnel *t, const struct ip_addr *addr)
{
	struct ike_tunnel_status s;

	if (ip_addr_equal(&site_tunnel_config_of(t)->public_ip, addr))
		return true;
	return t->in_engine && ike_engine_tunnel_status(g->engine, t->id, &s) == 0 &&
	       s.state == IKE_TUNNEL_UP && ip_addr_equal(&s.remote.addr, addr);
}

bool gateway_may_be_peer(const struct gateway *g, const char *site, const struct ip_addr *addr)
{
	bool dynamic = false, others = false;
	struct list *node;
	struct list *after;

	list_for_each(node, after, &g->tunnels.order)
	{
		struct map_node *m = container_of(node, struct map_node, order);
		const struct tunnel *t = container_of(m, struct tunnel, node);
		bool own = strcmp(t->site->config.name, site) == 0;

		if (own && !ip_addr_is_set(&site_tunnel_config_of(t)->public_ip))
			dynamic = true;
		if (!is_peer(g, t, addr))
			continue;
		if (own)
			return true;
		others = true;
	}
	return dynamic && !others;
}

static bool is_wanted(const struct gateway *g, const struct ip_addr *addr)
{
	return g->capture->site[0] == '\0' || gateway_may_be_peer(g, g->capture->site, addr);
}

static void failed(struct gateway *g, const struct err_msg *e)
{
	if (e->text[0] != '\0')
		gateway_dp_error(g, NULL, 0, "capture", e->text);
}

void gateway_capture_datagram(struct gateway *g, const struct ip_endpoint *from,
			      const struct ip_endpoint *to, const struct ip_addr *peer,
			      struct view payload)
{
	struct err_msg e = {.text = ""};

	if (g->capture == NULL || !is_wanted(g, peer))
		return;
	if (capture_file_datagram(g->capture->file, loop_wall_ms(), from, to, payload, &e))
		g->capture->counts.messages++;
	failed(g, &e);
}

void gateway_capture_clear(struct gateway *g, const struct ike_trace *t)
{
	const struct ip_endpoint *from = t->out ? &t->local : &t->remote;
	const struct ip_endpoint *to = t->out ? &t->remote : &t->local;
	struct err_msg e = {.text = ""};

	/* IKE_SA_INIT is in clear on the wire. */
	if (g->capture == NULL || t->clear.len <= EXCHANGE_AT ||
	    t->clear.data[EXCHANGE_AT] == IKE_EXCH_SA_INIT || !is_wanted(g, &t->remote.addr))
		return;
	(void)capture_file_clear(g->capture->file, loop_wall_ms(), from, to, t->clear, &e);
	failed(g, &e);
}

/* ---- Keys ------------------------------------------------------------------------------------ */

static const char *encryption_name(const struct ike_suite *s)
{
	bool gcm = s->encr == 20;

	if (s->key_bits == 128)
		return gcm ? "AES-GCM-128 with 16 octet ICV [RFC5282]" : "AES-CBC-128 [RFC3602]";
	return gcm ? "AES-GCM-256 with 16 octet ICV [RFC5282]" : "AES-CBC-256 [RFC3602]";
}

static const char *integrity_name(const struct ike_suite *s)
{
	switch (s->integ) {
	case 2:
		return "HMAC_SHA1_96 [RFC2404]";
	case 12:
		return "HMAC_SHA2_256_128 [RFC4868]";
	case 13:
		return "HMAC_SHA2_384_192 [RFC4868]";
	case 14:
		return "HMAC_SHA2_512_256 [RFC4868]";
	default:
		return "NONE [RFC4306]";
	}
}

static void put_text(struct writer *w, const char *text)
{
	writer_bytes(w, text, strlen(text));
}

static void put_hex(struct writer *w, const void *data, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *p = data;

	for (size_t i = 0; i < len; i++) {
		writer_u8(w, (uint8_t)digits[p[i] >> 4]);
		writer_u8(w, (uint8_t)digits[p[i] & 15]);
	}
}

static void put_spi(struct writer *w, uint64_t spi)
{
	char text[20];

	snprintf(text, sizeof(text), "%016" PRIx64 ",", spi);
	put_text(w, text);
}

static void put_keys(struct writer *w, const struct secret *i, const struct secret *r,
		     const char *algorithm)
{
	put_hex(w, i->data, i->len);
	put_text(w, ",");
	put_hex(w, r->data, r->len);
	put_text(w, ",\"");
	put_text(w, algorithm);
	put_text(w, "\"");
}

/* A row of Wireshark's table ikev2_decryption_table. */
static void key_line(char line[LINE_MAX_LEN], const struct ike_keylog *k)
{
	struct writer w = writer_of(line, LINE_MAX_LEN);

	put_spi(&w, k->spi_i);
	put_spi(&w, k->spi_r);
	put_keys(&w, &k->sk_ei, &k->sk_er, encryption_name(&k->suite));
	put_text(&w, ",");
	put_keys(&w, &k->sk_ai, &k->sk_ar, integrity_name(&k->suite));
	writer_u8(&w, '\0');
	line[LINE_MAX_LEN - 1] = '\0';
}

void gateway_capture_keys(struct gateway *g, struct ike_keylog *k)
{
	struct err_msg e = {.text = ""};
	char line[LINE_MAX_LEN];

	if (g->capture != NULL && is_wanted(g, &k->remote.addr)) {
		key_line(line, k);
		if (capture_file_key(g->capture->file, line, &e))
			g->capture->counts.keys++;
		bytes_wipe(line, sizeof(line));
		failed(g, &e);
	}
	secret_clear(&k->sk_ei);
	secret_clear(&k->sk_er);
	secret_clear(&k->sk_ai);
	secret_clear(&k->sk_ar);
}
