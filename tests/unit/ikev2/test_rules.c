/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rules.c: the payload lists of RFC 7296 sections 1.2 to 1.4, each mandatory payload left out in
 * turn, each single one doubled; critical payloads (section 2.5). */
#include "ikev2/rules.h"
#include "platform/base/mem.h"
#include "tests/unit/ikev2/octets.h"
#include "tests/unit/platform/suite.h"

#include <string.h>

enum { SA = 33, KE, IDI, IDR, CERT, CERTREQ, AUTH, NONCE, N, D, V, TSI, TSR, SK, CP, EAP };

#define TYPES_MAX 12

static struct payload_list list_of(const uint8_t *types)
{
	struct payload_list l = {0};

	for (; *types; types++)
		l.item[l.count++].type = *types;
	return l;
}

static struct payload_list without(const struct payload_list *l, size_t index)
{
	struct payload_list out = *l;

	memmove(&out.item[index], &out.item[index + 1],
		(out.count - index - 1) * sizeof(out.item[0]));
	out.count--;
	return out;
}

static struct payload_list doubled(const struct payload_list *l, size_t index)
{
	struct payload_list out = *l;

	out.item[out.count++] = l->item[index];
	return out;
}

/* The exchanges as the RFC draws them. */
static const struct message {
	uint8_t exchange;
	bool response;
	uint8_t types[TYPES_MAX];
	uint8_t optional[TYPES_MAX]; /* of them, those that may be missing */
	uint8_t many[TYPES_MAX];     /* of them, those that may come more than once */
} messages[] = {
	{34, false, {SA, KE, NONCE, N}, {N}, {N}},
	{34, true, {SA, KE, NONCE, CERTREQ, N}, {CERTREQ, N}, {CERTREQ, N}},
	{35, false, {IDI, CERT, IDR, AUTH, SA, TSI, TSR, N}, {CERT, IDR, AUTH, N}, {CERT, N}},
	{35, false, {IDI, IDR, AUTH, N}, {IDR, AUTH, N}, {N}}, /* RFC 6023 section 3 */
	{35, true, {IDR, CERT, AUTH, SA, TSI, TSR, N}, {CERT, N}, {CERT, N}},
	{36, false, {SA, NONCE, KE, TSI, TSR, N}, {KE, N}, {N}},
	{36, true, {SA, NONCE, KE, TSI, TSR}, {KE}, {0}},
	{36, false, {SA, NONCE, KE}, {0}, {0}}, /* IKE SA rekey */
	{36, true, {SA, NONCE, KE}, {0}, {0}},
	{37, false, {N, D, CP}, {N, D, CP}, {N, D}},
	{37, true, {0}, {0}, {0}},
};

static bool has(const uint8_t *types, uint8_t type)
{
	return strchr((const char *)types, type) != NULL;
}

static struct rules_verdict check(const struct message *m, const struct payload_list *l)
{
	return rules_check(m->exchange, m->response, m->exchange != 34, l);
}

START_TEST(test_rules_messages_of_the_rfc)
{
	for (size_t i = 0; i < ARRAY_LEN(messages); i++) {
		struct payload_list l = list_of(messages[i].types);

		ck_assert_msg(check(&messages[i], &l).notify == 0, "message %zu", i);
	}
}
END_TEST

START_TEST(test_rules_each_payload_left_out)
{
	for (size_t i = 0; i < ARRAY_LEN(messages); i++) {
		struct payload_list l = list_of(messages[i].types);

		for (size_t j = 0; j < l.count; j++) {
			struct payload_list less = without(&l, j);
			uint8_t type = l.item[j].type;
			struct rules_verdict v = check(&messages[i], &less);

			if (has(messages[i].optional, type)) {
				ck_assert_msg(v.notify == 0, "message %zu without %u", i, type);
				continue;
			}
			ck_assert_msg(v.notify == IKE_N_INVALID_SYNTAX, "message %zu without %u", i,
				      type);
			ck_assert_str_ne(v.why, "");
		}
	}
}
END_TEST

START_TEST(test_rules_each_payload_twice)
{
	for (size_t i = 0; i < ARRAY_LEN(messages); i++) {
		struct payload_list l = list_of(messages[i].types);

		for (size_t j = 0; j < l.count; j++) {
			struct payload_list more = doubled(&l, j);
			uint8_t type = l.item[j].type;
			struct rules_verdict v = check(&messages[i], &more);

			ck_assert_msg((v.notify == 0) == has(messages[i].many, type),
				      "message %zu twice %u", i, type);
			if (v.notify) {
				ck_assert_uint_eq(v.notify, IKE_N_INVALID_SYNTAX);
				ck_assert_uint_eq(v.payload, type);
			}
		}
	}
}
END_TEST

/* Section 2.5: unknown is anything but 33 to 48 and SKF. */
START_TEST(test_rules_critical_payloads)
{
	for (unsigned type = 1; type < 256; type++) {
		struct payload_list l = list_of((const uint8_t[]){N, 0});
		bool known = (type >= 33 && type <= 48) || type == 53;
		struct rules_verdict v;

		l.item[l.count++].type = (uint8_t)type;
		ck_assert_uint_eq(rules_check(37, false, true, &l).notify, 0);
		l.item[1].critical = true;
		v = rules_check(37, false, true, &l);
		if (known) {
			ck_assert_uint_eq(v.notify, 0);
		} else {
			ck_assert_uint_eq(v.notify, IKE_N_UNSUPPORTED_CRITICAL_PAYLOAD);
			ck_assert_uint_eq(v.payload, type);
		}
	}
}
END_TEST

START_TEST(test_rules_protection)
{
	struct payload_list init = list_of((const uint8_t[]){SA, KE, NONCE, 0});
	struct payload_list info = {0};

	ck_assert_uint_eq(rules_check(34, false, true, &init).notify, IKE_N_INVALID_SYNTAX);
	ck_assert_uint_eq(rules_check(37, false, false, &info).notify, IKE_N_INVALID_SYNTAX);
	ck_assert_uint_eq(rules_check(37, false, true, &info).notify, 0);
}
END_TEST

START_TEST(test_rules_unknown_exchange)
{
	struct payload_list l = {0};

	for (unsigned exchange = 0; exchange < 256; exchange++)
		if (exchange < 34 || exchange > 37)
			ck_assert_uint_eq(rules_check((uint8_t)exchange, false, true, &l).notify,
					  IKE_N_INVALID_SYNTAX);
}
END_TEST

START_TEST(test_rules_eap_is_refused)
{
	struct payload_list l = list_of((const uint8_t[]){IDI, SA, TSI, TSR, EAP, 0});

	ck_assert_uint_eq(rules_check(35, false, true, &l).notify, IKE_N_INVALID_SYNTAX);
	ck_assert_uint_eq(rules_check(35, false, true, &l).payload, EAP);
	l = list_of((const uint8_t[]){IDR, AUTH, SA, TSI, TSR, EAP, 0});
	ck_assert_uint_eq(rules_check(35, true, true, &l).notify, IKE_N_INVALID_SYNTAX);
}
END_TEST

/* A list with one Notify of the type (body is 00 00 type). */
static struct payload_list one_notify(uint8_t body[4], uint16_t type)
{
	struct payload_list l = list_of((const uint8_t[]){N, 0});
	struct writer w = writer_of(body, 4);

	writer_u16(&w, 0);
	writer_u16(&w, type);
	l.item[0].body = writer_view(&w);
	return l;
}

START_TEST(test_rules_refusals_need_nothing_else)
{
	uint8_t body[4];
	struct payload_list l = one_notify(body, IKE_N_NO_PROPOSAL_CHOSEN);

	for (uint8_t exchange = 34; exchange <= 36; exchange++) {
		ck_assert_uint_eq(rules_check(exchange, true, exchange != 34, &l).notify, 0);
		/* a request is never a refusal */
		ck_assert_uint_eq(rules_check(exchange, false, exchange != 34, &l).notify,
				  IKE_N_INVALID_SYNTAX);
	}
	l = one_notify(body, IKE_N_COOKIE);
	ck_assert_uint_eq(rules_check(34, true, false, &l).notify, 0);
	ck_assert_uint_eq(rules_check(34, false, false, &l).notify, IKE_N_INVALID_SYNTAX);
	ck_assert_uint_eq(rules_check(35, true, true, &l).notify, IKE_N_INVALID_SYNTAX);
	l = one_notify(body, IKE_N_INITIAL_CONTACT);
	ck_assert_uint_eq(rules_check(34, true, false, &l).notify, IKE_N_INVALID_SYNTAX);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		test_rules_messages_of_the_rfc, test_rules_each_payload_left_out,
		test_rules_each_payload_twice,	test_rules_critical_payloads,
		test_rules_protection,		test_rules_unknown_exchange,
		test_rules_eap_is_refused,	test_rules_refusals_need_nothing_else,
	};

	return run_cases("rules", tests, ARRAY_LEN(tests));
}
