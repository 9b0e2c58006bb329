/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A peer's SA payload as a line for show (RFC 7296 section 3.3); proposal_offer_text of proposal.h.
 * Names also what this product does not have, so that the operator sees what the peer wants. */
#include "ikev2/proposal.h"
#include "platform/base/enum_name.h"
#include "platform/base/mem.h"

#include <stdio.h>
#include <string.h>

struct line {
	char *buf;
	size_t size, len;
	bool cut;
};

/* All or nothing, and room for "..." stays. */
static void append(struct line *l, const char *text)
{
	size_t n = strlen(text);

	if (l->cut)
		return;
	if (l->len + n + 4 > l->size) {
		l->cut = true;
		return;
	}
	memcpy(l->buf + l->len, text, n + 1);
	l->len += n;
}

static const struct column {
	uint8_t type;
	const struct enum_name *names;
	const char *fallback;
} columns[] = {
	{IKE_TRANSFORM_ENCR, ike_encr_names, "encr"},
	{IKE_TRANSFORM_INTEG, ike_integ_names, "integ"},
	{IKE_TRANSFORM_PRF, ike_prf_names, "prf"},
	{IKE_TRANSFORM_KE, ike_ke_names, "dh"},
	{IKE_TRANSFORM_ADDKE1, ike_ke_names, "ke"}, /* all seven of RFC 9370 */
};

static bool is_in(const struct column *c, const struct sa_transform *t)
{
	return c->type == t->type ||
	       (c->type == IKE_TRANSFORM_ADDKE1 && t->type > IKE_TRANSFORM_ADDKE1 &&
		t->type <= IKE_TRANSFORM_ADDKE7);
}

static bool has_name(const struct enum_name *names, uint16_t id)
{
	for (; names->name; names++)
		if (names->value == id)
			return true;
	return false;
}

const char *sa_transform_text(const struct sa_transform *t, char *buf, size_t size)
{
	const struct column *c = NULL;
	size_t len;

	if (t->type == IKE_TRANSFORM_ESN && t->id <= 1) {
		snprintf(buf, size, "%s", t->id ? "extended" : "plain");
		return buf;
	}
	for (size_t i = 0; i < ARRAY_LEN(columns); i++)
		if (is_in(&columns[i], t))
			c = &columns[i];
	if (c && has_name(c->names, t->id))
		snprintf(buf, size, "%s", enum_name(c->names, t->id));
	else
		snprintf(buf, size, "%s-%u", c ? c->fallback : "transform", t->id);
	len = strlen(buf);
	if (t->key_bits)
		snprintf(buf + len, size - len, "-%u", t->key_bits);
	return buf;
}

static void append_transform(struct line *l, const struct sa_transform *t)
{
	char text[48];

	append(l, sa_transform_text(t, text, sizeof(text)));
}

static bool append_column(struct line *l, const struct sa_proposal *p, const struct column *c,
			  bool first)
{
	struct reader r = reader_of(p->transforms);
	struct sa_transform t;
	bool any = false;

	while (sa_transform_next(&r, &t)) {
		if (!is_in(c, &t))
			continue;
		if (any)
			append(l, "+");
		else if (!first)
			append(l, "/");
		append_transform(l, &t);
		any = true;
	}
	return any;
}

const char *proposal_offer_text(const struct payload_sa *sa, char *buf, size_t size)
{
	struct line l = {.buf = buf, .size = size};

	if (size)
		buf[0] = '\0';
	for (size_t i = 0; i < sa->count; i++) {
		bool first = true;

		if (i)
			append(&l, ", ");
		for (size_t c = 0; c < ARRAY_LEN(columns); c++)
			if (append_column(&l, &sa->item[i], &columns[c], first))
				first = false;
	}
	if (l.cut && l.len + 4 <= size)
		memcpy(buf + l.len, "...", 4);
	return buf;
}
