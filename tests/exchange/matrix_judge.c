/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What became of an input, against what the matrix says; see matrix.h. */
#include "matrix.h"

#include "ikev2/ikesa.h"
#include "ikev2/payload_notify.h"

#include <check.h>
#include <string.h>

#define A 0
#define B 1
#define C 2

enum reply { R_NONE, R_CLEAR, R_CLEAR_SA, R_SEALED, R_SAME };
enum fate { F_SAME, F_GONE, F_UP };

/* What each outcome means. */
static const struct rule {
	const char *name;
	enum counter counter;
	enum reply reply;
	int notify; /* 0: no error */
	enum fate fate;
	bool authentic;
	size_t new_sas;
} rules[O_OUTCOMES] = {
	[O_MALFORMED] = {"malformed", COUNTER_RX_MALFORMED},
	[O_UNKNOWN_SPI] = {"unknown SPI", COUNTER_RX_UNKNOWN_SPI, R_CLEAR, IKE_N_INVALID_IKE_SPI},
	[O_UNKNOWN_SPI_QUIET] = {"unknown SPI, quiet", COUNTER_RX_UNKNOWN_SPI},
	[O_UNEXPECTED] = {"unexpected", COUNTER_RX_UNEXPECTED},
	[O_FORGED] = {"not authentic", COUNTER_RX_NOT_AUTHENTIC},
	[O_UNPROTECTED] = {"unprotected", COUNTER_RX_UNPROTECTED_NOTIFY},
	[O_REPEATED] = {"repeated", COUNTER_RX_RETRANSMIT, R_SAME},
	[O_SWALLOWED] = {"swallowed", COUNTER_RX_RETRANSMIT},
	[O_VERSION] = {"version", COUNTER_RX_MAJOR_VERSION, R_CLEAR, IKE_N_INVALID_MAJOR_VERSION},
	[O_VERSION_QUIET] = {"version, quiet", COUNTER_RX_MAJOR_VERSION},
	[O_CLEAR_CRITICAL] = {"critical, clear", COUNTER_INIT_REQUESTS, R_CLEAR,
			      IKE_N_UNSUPPORTED_CRITICAL_PAYLOAD},
	[O_CLEAR_NO_PROPOSAL] = {"no proposal, clear", COUNTER_INIT_REQUESTS, R_CLEAR,
				 IKE_N_NO_PROPOSAL_CHOSEN},
	[O_CLEAR_INVALID_KE] = {"invalid KE, clear", COUNTER_INIT_REQUESTS, R_CLEAR,
				IKE_N_INVALID_KE_PAYLOAD},
	[O_CLEAR_COOKIE] = {"cookie", COUNTER_COOKIES_SENT, R_CLEAR, IKE_N_COOKIE},
	[O_CLEAR_ACCEPTED] = {"accepted", COUNTER_INIT_REQUESTS, R_CLEAR_SA, .new_sas = 1},
	[O_SYNTAX] = {"invalid syntax", COUNTER_RX_INVALID_SYNTAX, R_SEALED, IKE_N_INVALID_SYNTAX,
		      F_GONE, true},
	[O_CRITICAL] = {"critical", COUNTER_RX, R_SEALED, IKE_N_UNSUPPORTED_CRITICAL_PAYLOAD,
			F_SAME, true},
	[O_CRITICAL_ENDS] = {"critical, ends", COUNTER_RX, R_SEALED,
			     IKE_N_UNSUPPORTED_CRITICAL_PAYLOAD, F_GONE, true},
	[O_FINE] = {"fine", COUNTER_RX, R_SEALED, 0, F_SAME, true},
	[O_ENDS] = {"ends", COUNTER_RX, R_SEALED, 0, F_GONE, true},
	[O_ADMITTED] = {"admitted", COUNTER_IKE_ESTABLISHED, R_SEALED, 0, F_UP, true},
	[O_ADMITTED_TS] = {"admitted, selectors", COUNTER_IKE_ESTABLISHED, R_SEALED,
			   IKE_N_TS_UNACCEPTABLE, F_UP, true},
	[O_ADMITTED_NO_PROPOSAL] = {"admitted, no proposal", COUNTER_IKE_ESTABLISHED, R_SEALED,
				    IKE_N_NO_PROPOSAL_CHOSEN, F_UP, true},
	[O_REFUSED] = {"refused", COUNTER_RX, R_SEALED, IKE_N_AUTHENTICATION_FAILED, F_GONE, true},
	[O_TEMPORARY] = {"temporary failure", COUNTER_TEMPORARY_FAILURES, R_SEALED,
			 IKE_N_TEMPORARY_FAILURE, F_SAME, true},
	[O_NO_PROPOSAL] = {"no proposal", COUNTER_RX, R_SEALED, IKE_N_NO_PROPOSAL_CHOSEN, F_SAME,
			   true},
	[O_TS] = {"selectors", COUNTER_RX, R_SEALED, IKE_N_TS_UNACCEPTABLE, F_SAME, true},
	[O_INVALID_KE] = {"invalid KE", COUNTER_RX, R_SEALED, IKE_N_INVALID_KE_PAYLOAD, F_SAME,
			  true},
	[O_STATE_NOT_FOUND] = {"state not found", COUNTER_RX, R_SEALED, IKE_N_STATE_NOT_FOUND,
			       F_SAME, true},
	[O_NOT_FOUND] = {"not found", COUNTER_RX, R_SEALED, IKE_N_CHILD_SA_NOT_FOUND, F_SAME, true},
};

/* ---- What became of it --------------------------------------------------------------------- */

static int notify_of(const struct payload_list *l)
{
	struct payload_notify n;

	if (notify_find_error(l, &n))
		return n.type;
	return notify_find(l, IKE_N_COOKIE, &n) ? IKE_N_COOKIE : 0;
}

bool mx_read(struct mx *m, bool response, struct payload_list *l, bool *sealed)
{
	static uint8_t plain[FORGE_MAX];
	struct sk_key key = {.encr = m->from_b.encr,
			     .key_bits = m->from_b.key_bits,
			     .integ = m->from_b.integ,
			     .encr_key = m->from_b.encr_key,
			     .integ_key = m->from_b.integ_key};
	struct message_header h;
	struct view message, chain;

	for (size_t i = m->said_count; i-- > 0;) {
		message = view_of(m->said[i].bytes, m->said[i].len);
		ck_assert_int_eq(message_header_read(message, &h), 0);
		if (((h.flags & MESSAGE_RESPONSE) != 0) != response)
			continue; /* also requests that the input set free */
		ck_assert_int_eq(message_payloads_read(message, &h, l), 0);
		*sealed = l->count > 0 && l->item[l->count - 1].type == IKE_PAYLOAD_SK;
		if (!*sealed)
			return true;
		ck_assert_int_eq(sk_open(mx_engine()->crypto, &key, message, &l->item[0], plain,
					 sizeof(plain), &chain),
				 0);
		ck_assert_int_eq(payload_list_read(l->item[0].next, chain, true, l), 0);
		return true;
	}
	return false;
}

int mx_answer(struct mx *m, bool *sealed)
{
	struct payload_list l;

	return mx_read(m, true, &l, sealed) ? notify_of(&l) : -1;
}

static void wrong(struct mx *m, const char *name, const struct rule *r, const char *what)
{
	ck_abort_msg(
		"%s in state %s on port %s%s: %s expected, %s (%zu answers, last notify %d)\n%s",
		name, mx_state_name(m->state), m->natt ? "4500" : "500",
		m->fragmented ? ", fragmented" : "", r->name, what, m->said_count,
		mx_answer(m, &(bool){false}), w.print ? w.ladder.text : "");
}

static bool replied(struct mx *m, const struct rule *r)
{
	bool sealed = false;
	struct payload_list l;

	if (!mx_read(m, true, &l, &sealed))
		return r->reply == R_NONE;
	switch (r->reply) {
	case R_NONE:
		return false;
	case R_SAME:
		return true;
	case R_CLEAR:
		return !sealed && l.count > 0 && notify_of(&l) == r->notify;
	case R_CLEAR_SA:
		return !sealed && payload_find(&l, IKE_PAYLOAD_SA) && notify_of(&l) == 0;
	case R_SEALED:
		return sealed && notify_of(&l) == r->notify;
	}
	return false;
}

static bool has_fate(const struct mx *m, const struct rule *r)
{
	const struct ike_sa *sa = mx_sa(m);

	switch (r->fate) {
	case F_SAME:
		return sa ? sa->state == m->sa_state : m->sa_state == SA_CLOSED;
	case F_GONE:
		return !sa;
	case F_UP:
		return sa && sa->state == SA_ESTABLISHED;
	}
	return false;
}

void mx_expect(struct mx *m, enum mx_outcome o, const char *name)
{
	const struct rule *r = &rules[o];
	const struct ike_sa *sa = mx_sa(m);

	if (mx_engine()->counters[r->counter] == m->counters[r->counter])
		wrong(m, name, r, "not counted so");
	if (!replied(m, r))
		wrong(m, name, r, "another answer");
	if (!has_fate(m, r))
		wrong(m, name, r, sa ? fsm_sa_state_name(sa->state) : "gone");
	if (!r->authentic && sa && sa->last_rx_ms != m->last_rx_ms)
		wrong(m, name, r, "counted as a sign of life");
	if (mx_usage().half_open >
	    m->baseline.half_open + r->new_sas + (m->state == MX_HALF_OPEN && sa != NULL))
		wrong(m, name, r, "half-open IKE SAs");
	mx_unrelated_untouched(m, name);
}

/* Packets of C never get lost, and go on. */
void mx_unrelated_untouched(struct mx *m, const char *name)
{
	struct ike_tunnel_status b = sim_status(&w, B, 2), c = sim_status(&w, C, 2);

	if (b.state != IKE_TUNNEL_UP || c.state != IKE_TUNNEL_UP || b.spi_i != c.spi_i ||
	    w.node[C].downs > 0 || w.node[C].esp_lost > 0 || w.now_ms > c.last_rx_ms + 10000)
		ck_abort_msg("%s in state %s disturbs another tunnel", name,
			     mx_state_name(m->state));
}

static void back_to_baseline(struct mx *m, const char *name)
{
	struct ike_usage u = mx_usage();

	if (memcmp(&u, &m->baseline, sizeof(u)) != 0)
		ck_abort_msg("%s in state %s: %zu IKE SAs, %zu half-open, %zu children, %zu jobs, "
			     "%zu requests left",
			     name, mx_state_name(m->state), u.ike_sas, u.half_open, u.children,
			     u.dh_jobs, u.requests);
	if (w.quiet && mx_blocks() != m->baseline_blocks)
		ck_abort_msg("%s in state %s: %ld blocks of memory left", name,
			     mx_state_name(m->state), mx_blocks() - m->baseline_blocks);
}

void mx_case(struct mx *m, const struct mx_input *in, enum mx_state s, bool fragmented)
{
	if (in->out[s] == O_SKIP)
		return;
	mx_open(m, s);
	m->fragmented = fragmented;
	m->plain_only = false;
	mx_mark(m);
	in->make(m, in->arg);
	if (in->sealed && !(fragmented && m->plain_only)) {
		mx_send(m);
		mx_expect(m, (enum mx_outcome)in->out[s], in->name);
	} else if (!in->sealed) {
		mx_expect(m, (enum mx_outcome)in->out[s], in->name);
	}
	mx_close(m);
	mx_unrelated_untouched(m, in->name);
	back_to_baseline(m, in->name);
	sim_assert(&w);
}
