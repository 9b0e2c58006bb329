/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Identities (RFC 7296 section 3.5): values, comparison, text; the ike_id_* functions of ike.h. */
#include "ikev2/ike.h"
#include "platform/base/enum_name.h"

#include <stdio.h>
#include <string.h>

static const struct enum_name type_names[] = {
	{IKE_ID_NONE, "none"},
	{IKE_ID_IPV4_ADDR, "ipv4"},
	{IKE_ID_FQDN, "fqdn"},
	{IKE_ID_RFC822_ADDR, "email"},
	{IKE_ID_IPV6_ADDR, "ipv6"},
	{IKE_ID_KEY_ID, "key-id"},
	{0, NULL},
};

const char *ike_id_type_name(unsigned type)
{
	return enum_name(type_names, (int)type);
}

static uint8_t lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c - 'A' + 'a') : c;
}

static bool equal_nocase(const uint8_t *a, const uint8_t *b, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (lower(a[i]) != lower(b[i]))
			return false;
	return true;
}

/* Octets in front of the domain of a mail address, with the @; all when there is none. */
static size_t local_part_len(const struct ike_id *id)
{
	for (size_t i = id->len; i-- > 0;)
		if (id->data[i] == '@')
			return i + 1;
	return id->len;
}

bool ike_id_equal(const struct ike_id *a, const struct ike_id *b)
{
	size_t exact = a->len;

	if (a->type != b->type || a->len != b->len)
		return false;
	if (a->type == IKE_ID_FQDN)
		exact = 0;
	else if (a->type == IKE_ID_RFC822_ADDR)
		exact = local_part_len(a);
	return memcmp(a->data, b->data, exact) == 0 &&
	       equal_nocase(a->data + exact, b->data + exact, a->len - exact);
}

struct ike_id ike_id_of_addr(const struct ip_addr *a)
{
	struct ike_id id = {.type = IKE_ID_NONE};

	if (!ip_addr_is_set(a))
		return id;
	id.type = a->family == IP_V4 ? IKE_ID_IPV4_ADDR : IKE_ID_IPV6_ADDR;
	id.len = (uint8_t)ip_addr_len(a);
	memcpy(id.data, a->bytes, id.len);
	return id;
}

/* ---- From text ------------------------------------------------------------------------------- */

static int parse_addr(enum ike_id_type type, const char *text, struct ike_id *out)
{
	struct ip_addr a;
	struct ike_id id;

	if (ip_addr_parse(text, &a))
		return ERR_INVALID;
	id = ike_id_of_addr(&a);
	if (id.type != type)
		return ERR_INVALID;
	*out = id;
	return 0;
}

static bool is_graphic(const char *text)
{
	for (; *text; text++)
		if (*text <= ' ' || *text > '~')
			return false;
	return true;
}

/* A name without empty labels and without a trailing dot. */
static bool is_domain(const char *text)
{
	if (!*text || *text == '.' || !is_graphic(text) || strchr(text, '@'))
		return false;
	return !strstr(text, "..") && text[strlen(text) - 1] != '.';
}

static bool is_mail(const char *text)
{
	const char *at = strrchr(text, '@');

	return at && at != text && is_graphic(text) && is_domain(at + 1);
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* 0x and an even number of digits. */
static int parse_hex(const char *text, struct ike_id *out)
{
	struct ike_id id = {.type = IKE_ID_KEY_ID};
	size_t digits = strlen(text + 2);

	if (digits == 0 || digits % 2)
		return ERR_INVALID;
	if (digits / 2 > IKE_ID_MAX)
		return ERR_RANGE;
	for (const char *p = text + 2; *p; p += 2) {
		int high = hex_digit(p[0]), low = hex_digit(p[1]);

		if (high < 0 || low < 0)
			return ERR_INVALID;
		id.data[id.len++] = (uint8_t)(high << 4 | low);
	}
	*out = id;
	return 0;
}

static int parse_octets(enum ike_id_type type, const char *text, struct ike_id *out)
{
	struct ike_id id = {.type = (uint8_t)type};
	size_t len = strlen(text);

	if (len == 0)
		return ERR_INVALID;
	if (len > IKE_ID_MAX)
		return ERR_RANGE;
	id.len = (uint8_t)len;
	memcpy(id.data, text, len);
	*out = id;
	return 0;
}

int ike_id_parse(enum ike_id_type type, const char *text, struct ike_id *out)
{
	switch (type) {
	case IKE_ID_IPV4_ADDR:
	case IKE_ID_IPV6_ADDR:
		return parse_addr(type, text, out);
	case IKE_ID_FQDN:
		return is_domain(text) ? parse_octets(type, text, out) : ERR_INVALID;
	case IKE_ID_RFC822_ADDR:
		return is_mail(text) ? parse_octets(type, text, out) : ERR_INVALID;
	case IKE_ID_KEY_ID:
		if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
			return parse_hex(text, out);
		return parse_octets(type, text, out);
	case IKE_ID_NONE:
		break;
	}
	return ERR_INVALID;
}

/* ---- To text --------------------------------------------------------------------------------- */

static bool is_printable(const struct ike_id *id)
{
	for (size_t i = 0; i < id->len; i++)
		if (id->data[i] < ' ' || id->data[i] > '~')
			return false;
	return id->len > 0;
}

static void hex_text(const struct ike_id *id, char *buf, size_t size)
{
	size_t len = (size_t)snprintf(buf, size, "0x");

	for (size_t i = 0; i < id->len && len + 2 < size; i++)
		len += (size_t)snprintf(buf + len, size - len, "%02x", id->data[i]);
}

const char *ike_id_text(const struct ike_id *id, char *buf, size_t size)
{
	size_t addr_len = id->type == IKE_ID_IPV4_ADDR ? 4 : id->type == IKE_ID_IPV6_ADDR ? 16 : 0;

	if (id->type == IKE_ID_NONE) {
		snprintf(buf, size, "none");
	} else if (addr_len && addr_len == id->len) {
		struct ip_addr a = ip_addr_from_bytes(id->data, addr_len);

		ip_addr_text(&a, buf, size);
	} else if (is_printable(id) && !addr_len) {
		snprintf(buf, size, "%.*s", (int)id->len, (const char *)id->data);
	} else {
		hex_text(id, buf, size);
	}
	return buf;
}
