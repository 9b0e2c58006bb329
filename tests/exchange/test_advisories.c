/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What brought other IKE implementations down, advisory by advisory: the input that did it, or what
 * of it this protocol and this engine have.  Most inputs are rows of the matrix (matrix.h) and are
 * played here under the name of the advisory, in every state, on both ports, whole and in
 * fragments; the others are made here.  Classes that do not exist here, because there are no
 * certificates, EAP methods or TLS, are tested for what happens to their payloads: nothing.
 */
#include "matrix.h"

#include "platform/base/mem.h"

#include <check.h>
#include <string.h>

#define PAYLOAD_CERT	37
#define PAYLOAD_CERTREQ 38
#define PAYLOAD_EAP	48

static struct mx m;

/* ---- Inputs of our own ----------------------------------------------------------------------- */

/* A group of the private range, offered and used: custom primes. */
static void make_private_group(struct mx *x, unsigned group)
{
	uint8_t buf[2000];
	struct message_builder b;
	struct mx_init i;

	mx_init_default(&i);
	i.offer[0].transform[i.offer[0].count++] =
		(struct sa_transform){.type = 4, .id = (uint16_t)group};
	i.group = (uint16_t)group;
	i.ke_len = 128;
	memset(i.ke, 0x55, i.ke_len);
	mx_init_build(&i, &b, buf, sizeof(buf));
	mx_init_send(x, &b);
}

/* Payload types of IKEv1, each once. */
static void make_old_types(struct mx *x, unsigned arg)
{
	uint8_t buf[2000], body[8] = {0, 0, 0, 1, 0, 0, 0, 1};
	struct message_builder b;
	struct mx_init i;

	(void)arg;
	mx_init_default(&i);
	mx_init_build(&i, &b, buf, sizeof(buf));
	for (uint8_t type = 1; type < 33; type++)
		mx_payload(&b, type, 0, body, sizeof(body));
	mx_init_send(x, &b);
}

/* The real IKE_AUTH request, and a payload that others would read. */
static void make_auth_with(struct mx *x, unsigned type)
{
	uint8_t body[64];

	memset(body, 0x30, sizeof(body)); /* ASN.1 that says that it is longer */
	body[0] = 4;
	mx_auth_without(x, 0);
	mx_payload(&x->chain, (uint8_t)type, 0, body, sizeof(body));
}

/* EAP success instead of AUTH: nothing was proven. */
static void make_eap_success(struct mx *x, unsigned arg)
{
	(void)arg;
	mx_auth_without(x, IKE_PAYLOAD_AUTH);
	mx_payload(&x->chain, PAYLOAD_EAP, 0, "\3\1\0\4", 4);
}

/* A fragment payload that is shorter than its own header. */
static void make_short_fragment(struct mx *x, unsigned len)
{
	uint8_t buf[28 + 8] = {0};
	struct writer w0 = writer_of(buf, sizeof(buf));

	mx_begin(x, IKE_EXCH_INFORMATIONAL, false);
	writer_u64(&w0, x->spi_i);
	writer_u64(&w0, x->spi_r);
	writer_u8(&w0, 53);
	writer_u8(&w0, 0x20);
	writer_u8(&w0, x->f.exchange);
	writer_u8(&w0, x->f.flags);
	writer_u32(&w0, x->f.id);
	writer_u32(&w0, 28 + len);
	writer_u16(&w0, 0);
	writer_u16(&w0, (uint16_t)len);
	writer_u32(&w0, 0x00010001);
	mx_say(x, buf, 28 + len);
}

#define NEW MX_ALL(O_CLEAR_ACCEPTED)
#define IGNORED                                                                       \
	{                                                                             \
		O_UNKNOWN_SPI_QUIET, O_UNKNOWN_SPI_QUIET, O_UNEXPECTED, O_UNEXPECTED, \
			O_UNEXPECTED, O_UNEXPECTED, O_UNEXPECTED, O_UNEXPECTED        \
	}

static const struct mx_input own_rows[] = {
	{14, "KE of group 1025", make_private_group, 1025, false, MX_ALL(O_CLEAR_INVALID_KE), NULL},
	{9, "payload types of IKEv1", make_old_types, 0, false, NEW, NULL},
	{24, "CERT beside AUTH", make_auth_with, PAYLOAD_CERT, true, MX_AUTH(O_ADMITTED), NULL},
	{24, "CERTREQ beside AUTH", make_auth_with, PAYLOAD_CERTREQ, true, MX_AUTH(O_ADMITTED),
	 NULL},
	{24, "EAP success without AUTH", make_eap_success, 0, true, MX_AUTH(O_SYNTAX), NULL},
	{37, "fragment of 4 octets", make_short_fragment, 4, false, IGNORED, NULL},
	{37, "fragment of 7 octets", make_short_fragment, 7, false, IGNORED, NULL},
};

/* ---- Advisories ------------------------------------------------------------------------------ */

static const struct {
	const char *name;
	const char *rows[8];
} advisories[] = {
	{"CVE-2014-9221", {"KE of group 1025"}},
	{"CVE-2015-3991", {"payload types of IKEv1", "unknown payload"}},
	{"CVE-2015-8023, CVE-2015-4171, CVE-2021-45079", {"EAP success without AUTH", "no AUTH"}},
	{"CVE-2017-9022, CVE-2017-9023, CVE-2017-11185, CVE-2018-16151, CVE-2018-17540, "
	 "CVE-2018-6459",
	 {"CERT beside AUTH", "AUTH method 1", "AUTH method 14"}},
	{"CVE-2021-41990, CVE-2021-41991, CVE-2022-40617, CVE-2023-26463, CVE-2025-62291, "
	 "CVE-2026-25075",
	 {"CERT beside AUTH", "CERTREQ beside AUTH", "EAP success without AUTH"}},
	{"CVE-2023-41913", {"MODP value 257 octets", "MODP value 255 octets", "X25519 31 octets"}},
	{"CVE-2015-3204", {"reserved bits", "reserved payload bits", "reserved header flags"}},
	{"CVE-2015-3240",
	 {"MODP value 0", "MODP value 1", "MODP value above p", "MODP value all ones",
	  "point off the curve", "X25519 low order"}},
	{"CVE-2016-3071, CVE-2016-5391", {"no DH", "unknown transform type", "no PRF"}},
	{"CVE-2019-12312", {"INFORMATIONAL before IKE_AUTH", "CREATE_CHILD_SA before IKE_AUTH"}},
	{"CVE-2020-1763, CVE-2022-23094", {"27 octets", "SPIi 0", "exchange type 200"}},
	{"CVE-2023-23009",
	 {"selector length 7", "fewer selectors than counted", "more selectors than counted",
	  "no selector", "selector length 7 in IKE_AUTH"}},
	{"CVE-2023-30570",
	 {"COOKIE that answers nothing", "NO_PROPOSAL_CHOSEN that answers nothing"}},
	{"CVE-2023-38710", {"REKEY_SA of protocol 0", "REKEY_SA of protocol 1"}},
	{"CVE-2023-38712", {"payloads behind DELETE of IKE", "DELETE of ESP, AH and IKE"}},
	{"CVE-2024-2357", {"unknown IDi", "IKE_AUTH replayed", "IKE_AUTH replayed and changed"}},
	{"CVE-2024-3652", {"AES without key length", "no ESN transform"}},
	{"CVE-2026-12413", {"clear notify beside SK", "1,000 payloads", "payload behind SK"}},
	{"CVE-2026-14957, CVE-2026-50721, CVE-2026-50722",
	 {"AUTH one octet short", "AUTH method 1", "CERT beside AUTH"}},
	{"CVE-2013-6467", {"no IDi", "no AUTH", "no nonce", "no DH", "IKE SA rekeying without KE"}},
	{"OpenBSD 7.8 errata 027",
	 {"exchange type 200", "IKE_INTERMEDIATE", "response of another exchange",
	  "Message ID ahead by 1", "I flag of the other side"}},
	{"openiked f4cf5d1, 34b6c6a", {"two nonces", "KE of a group not wanted"}},
	{"openiked 37b546a, befeaef", {"wrong ICV", "fragment above total", "ICV one octet short"}},
	{"CVE-2016-10396", {"fragment 0", "fragment above total", "65 fragments"}},
	{"CVE-2016-1287", {"fragment of 4 octets", "fragment of 7 octets"}},
};

static const struct {
	const struct mx_input *rows;
	const size_t *count;
} tables[] = {
	{mx_clear_rows, &mx_clear_count},
	{mx_sealed_rows, &mx_sealed_count},
	{mx_child_rows, &mx_child_count},
};

static void play(const struct mx_input *in, bool natt)
{
	if (in->port && (in->port[0] == '4') != natt)
		return;
	mx_start(&m, natt);
	for (unsigned s = 0; s < MX_STATES; s++) {
		mx_case(&m, in, (enum mx_state)s, false);
		if (in->sealed)
			mx_case(&m, in, (enum mx_state)s, true);
	}
	mx_end(&m);
}

/* All rows of this name; how many. */
static size_t play_named(const char *name, bool natt)
{
	size_t found = 0;

	for (size_t t = 0; t < ARRAY_LEN(tables); t++) {
		for (size_t i = 0; i < *tables[t].count; i++) {
			if (strcmp(tables[t].rows[i].name, name) != 0)
				continue;
			play(&tables[t].rows[i], natt);
			found++;
		}
	}
	for (size_t i = 0; i < ARRAY_LEN(own_rows); i++) {
		if (strcmp(own_rows[i].name, name) == 0) {
			play(&own_rows[i], natt);
			found++;
		}
	}
	return found;
}

START_TEST(test_advisory)
{
	for (size_t i = 0; i < ARRAY_LEN(advisories[_i / 2].rows); i++) {
		const char *name = advisories[_i / 2].rows[i];

		if (name == NULL)
			break;
		ck_assert_msg(play_named(name, _i % 2) > 0, "%s: no input \"%s\"",
			      advisories[_i / 2].name, name);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("advisories");
	TCase *tc = sim_case("advisories");

	tcase_add_loop_test(tc, test_advisory, 0, (int)ARRAY_LEN(advisories) * 2);
	suite_add_tcase(suite, tc);
	return sim_run_suite(srunner_create(suite));
}
