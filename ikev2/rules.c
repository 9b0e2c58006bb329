/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Payload rules per exchange and direction (RFC 7296 sections 1.2, 1.3, 1.4, 2.5); see rules.h.
 */
#include "ikev2/rules.h"

#include "ikev2/payload_notify.h"
#include "platform/base/mem.h"

enum rules_set {
	SET_SA_INIT_REQUEST,
	SET_SA_INIT_RESPONSE,
	SET_AUTH_REQUEST,
	SET_AUTH_REQUEST_CHILDLESS,
	SET_AUTH_RESPONSE,
	SET_AUTH_RESPONSE_CHILDLESS,
	SET_CHILD,     /* CREATE_CHILD_SA with TSi, both directions */
	SET_REKEY_IKE, /* CREATE_CHILD_SA without TSi, both directions */
	SET_INFORMATIONAL,
	SET_INTERMEDIATE, /* both directions; IKE_FOLLOWUP_KE too */
	SET_NONE,
};

struct rule {
	uint8_t set; /* enum rules_set */
	uint8_t payload;
	uint8_t min, max;
};

#define MANY MESSAGE_PAYLOADS_MAX

/* Payloads without a row are passed over: they carry nothing that could have an effect. */
static const struct rule rules[] = {
	/* section 1.2; KE is counted here, whether its group is ours is decided later */
	{SET_SA_INIT_REQUEST, IKE_PAYLOAD_SA, 1, 1},
	{SET_SA_INIT_REQUEST, IKE_PAYLOAD_KE, 1, 1},
	{SET_SA_INIT_REQUEST, IKE_PAYLOAD_NONCE, 1, 1},
	{SET_SA_INIT_REQUEST, IKE_PAYLOAD_NOTIFY, 0, MANY},
	{SET_SA_INIT_RESPONSE, IKE_PAYLOAD_SA, 1, 1},
	{SET_SA_INIT_RESPONSE, IKE_PAYLOAD_KE, 1, 1},
	{SET_SA_INIT_RESPONSE, IKE_PAYLOAD_NONCE, 1, 1},
	{SET_SA_INIT_RESPONSE, IKE_PAYLOAD_NOTIFY, 0, MANY},
	/* a request without AUTH asks for EAP: refused with AUTHENTICATION_FAILED, not here */
	{SET_AUTH_REQUEST, IKE_PAYLOAD_IDI, 1, 1},
	{SET_AUTH_REQUEST, IKE_PAYLOAD_IDR, 0, 1},
	{SET_AUTH_REQUEST, IKE_PAYLOAD_AUTH, 0, 1},
	{SET_AUTH_REQUEST, IKE_PAYLOAD_SA, 1, 1},
	{SET_AUTH_REQUEST, IKE_PAYLOAD_TSI, 1, 1},
	{SET_AUTH_REQUEST, IKE_PAYLOAD_TSR, 1, 1},
	{SET_AUTH_REQUEST, IKE_PAYLOAD_NOTIFY, 0, MANY},
	{SET_AUTH_REQUEST, IKE_PAYLOAD_EAP, 0, 0},
	/* RFC 6023 section 3: the IKE SA alone */
	{SET_AUTH_REQUEST_CHILDLESS, IKE_PAYLOAD_IDI, 1, 1},
	{SET_AUTH_REQUEST_CHILDLESS, IKE_PAYLOAD_IDR, 0, 1},
	{SET_AUTH_REQUEST_CHILDLESS, IKE_PAYLOAD_AUTH, 0, 1},
	{SET_AUTH_REQUEST_CHILDLESS, IKE_PAYLOAD_NOTIFY, 0, MANY},
	{SET_AUTH_REQUEST_CHILDLESS, IKE_PAYLOAD_EAP, 0, 0},
	{SET_AUTH_RESPONSE, IKE_PAYLOAD_IDR, 1, 1},
	{SET_AUTH_RESPONSE, IKE_PAYLOAD_AUTH, 1, 1},
	{SET_AUTH_RESPONSE, IKE_PAYLOAD_SA, 1, 1},
	{SET_AUTH_RESPONSE, IKE_PAYLOAD_TSI, 1, 1},
	{SET_AUTH_RESPONSE, IKE_PAYLOAD_TSR, 1, 1},
	{SET_AUTH_RESPONSE, IKE_PAYLOAD_NOTIFY, 0, MANY},
	{SET_AUTH_RESPONSE, IKE_PAYLOAD_EAP, 0, 0},
	{SET_AUTH_RESPONSE_CHILDLESS, IKE_PAYLOAD_IDR, 1, 1},
	{SET_AUTH_RESPONSE_CHILDLESS, IKE_PAYLOAD_AUTH, 1, 1},
	{SET_AUTH_RESPONSE_CHILDLESS, IKE_PAYLOAD_NOTIFY, 0, MANY},
	{SET_AUTH_RESPONSE_CHILDLESS, IKE_PAYLOAD_EAP, 0, 0},
	/* section 1.3 */
	{SET_CHILD, IKE_PAYLOAD_SA, 1, 1},
	{SET_CHILD, IKE_PAYLOAD_NONCE, 1, 1},
	{SET_CHILD, IKE_PAYLOAD_KE, 0, 1},
	{SET_CHILD, IKE_PAYLOAD_TSI, 1, 1},
	{SET_CHILD, IKE_PAYLOAD_TSR, 1, 1},
	{SET_CHILD, IKE_PAYLOAD_NOTIFY, 0, MANY},
	{SET_REKEY_IKE, IKE_PAYLOAD_SA, 1, 1},
	{SET_REKEY_IKE, IKE_PAYLOAD_NONCE, 1, 1},
	{SET_REKEY_IKE, IKE_PAYLOAD_KE, 1, 1},
	{SET_REKEY_IKE, IKE_PAYLOAD_TSR, 0, 0},
	{SET_REKEY_IKE, IKE_PAYLOAD_NOTIFY, 0, MANY},
	/* RFC 9370 sections 2.2.2 and 2.2.4 */
	{SET_INTERMEDIATE, IKE_PAYLOAD_KE, 1, 1},
	{SET_INTERMEDIATE, IKE_PAYLOAD_NOTIFY, 0, MANY},
	/* section 1.4: anything, also nothing */
	{SET_INFORMATIONAL, IKE_PAYLOAD_NOTIFY, 0, MANY},
	{SET_INFORMATIONAL, IKE_PAYLOAD_DELETE, 0, MANY},
	{SET_INFORMATIONAL, IKE_PAYLOAD_CP, 0, 1},
};

static bool is_childless(const struct payload_list *l)
{
	return !payload_find(l, IKE_PAYLOAD_SA) && !payload_find(l, IKE_PAYLOAD_TSI) &&
	       !payload_find(l, IKE_PAYLOAD_TSR);
}

static enum rules_set set_of(uint8_t exchange, bool response, const struct payload_list *l)
{
	switch (exchange) {
	case IKE_EXCH_SA_INIT:
		return response ? SET_SA_INIT_RESPONSE : SET_SA_INIT_REQUEST;
	case IKE_EXCH_AUTH:
		if (response)
			return is_childless(l) ? SET_AUTH_RESPONSE_CHILDLESS : SET_AUTH_RESPONSE;
		return is_childless(l) ? SET_AUTH_REQUEST_CHILDLESS : SET_AUTH_REQUEST;
	case IKE_EXCH_CREATE_CHILD_SA:
		return payload_find(l, IKE_PAYLOAD_TSI) ? SET_CHILD : SET_REKEY_IKE;
	case IKE_EXCH_INFORMATIONAL:
		return SET_INFORMATIONAL;
	case IKE_EXCH_INTERMEDIATE:
	case IKE_EXCH_FOLLOWUP_KE:
		return SET_INTERMEDIATE;
	default:
		return SET_NONE;
	}
}

/* Types that RFC 7296 and 7383 define; the critical bit is ignored on them (section 2.5). */
static bool is_known(uint8_t type)
{
	return (type >= IKE_PAYLOAD_SA && type <= IKE_PAYLOAD_EAP) || type == IKE_PAYLOAD_SKF;
}

static unsigned count_of(const struct payload_list *l, uint8_t type)
{
	unsigned n = 0;

	for (size_t i = 0; i < l->count; i++)
		n += l->item[i].type == type;
	return n;
}

/* A response that refuses, or asks for something else, needs no other payload. */
static bool is_refusal(uint8_t exchange, const struct payload_list *l)
{
	struct payload_notify n;

	return notify_find_error(l, &n) ||
	       (exchange == IKE_EXCH_SA_INIT &&
		(notify_find(l, IKE_N_COOKIE, &n) || notify_find(l, IKE_N_REDIRECT, &n)));
}

static struct rules_verdict verdict(uint16_t notify, uint8_t payload, const char *why)
{
	return (struct rules_verdict){.notify = notify, .payload = payload, .why = why};
}

struct rules_verdict rules_check(uint8_t exchange, bool response, bool is_protected,
				 const struct payload_list *l)
{
	enum rules_set set = set_of(exchange, response, l);
	bool refusal = response && is_refusal(exchange, l);

	if (set == SET_NONE)
		return verdict(IKE_N_INVALID_SYNTAX, IKE_PAYLOAD_NONE, "unknown exchange");
	if (is_protected != (exchange != IKE_EXCH_SA_INIT))
		return verdict(IKE_N_INVALID_SYNTAX, IKE_PAYLOAD_NONE, "not protected");
	for (size_t i = 0; i < l->count; i++)
		if (l->item[i].critical && !is_known(l->item[i].type))
			return verdict(IKE_N_UNSUPPORTED_CRITICAL_PAYLOAD, l->item[i].type,
				       "critical");
	for (size_t i = 0; i < ARRAY_LEN(rules); i++) {
		const struct rule *rule = &rules[i];
		unsigned n;

		if (rule->set != set)
			continue;
		n = count_of(l, rule->payload);
		if (n < rule->min && !refusal)
			return verdict(IKE_N_INVALID_SYNTAX, rule->payload, "missing");
		if (n > rule->max)
			return verdict(IKE_N_INVALID_SYNTAX, rule->payload, "too many");
	}
	return verdict(0, IKE_PAYLOAD_NONE, "");
}
