/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Value types: from text to value.  Each refusal says what is allowed.  How values are shown, and
 * how they go into configuration structs, is in value_field.c.
 */
#include "commands/value.h"

#include "commands/country.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

void value_clear(struct value *v)
{
	secret_clear(&v->secret);
	bytes_wipe(v->text, sizeof(v->text));
	memset(v, 0, sizeof(*v));
}

static const char *unit_of(const struct arg *a, char *buf, size_t size)
{
	snprintf(buf, size, "%s%s", a->unit != NULL ? " " : "", a->unit != NULL ? a->unit : "");
	return buf;
}

static int refuse_u32(const struct arg *a, int code, struct err_msg *e)
{
	char unit[32];

	return err_set(e, code, "allowed is %" PRIu32 "-%" PRIu32 "%s", a->min, a->max,
		       unit_of(a, unit, sizeof(unit)));
}

static int parse_u32(const struct arg *a, const char *text, struct value *v, size_t *bad,
		     struct err_msg *e)
{
	uint64_t n = 0;

	for (size_t i = 0; text[i] != '\0'; i++) {
		if (!isdigit((unsigned char)text[i])) {
			*bad = i;
			return refuse_u32(a, ERR_INVALID, e);
		}
		n = n * 10 + (uint64_t)(text[i] - '0');
		if (n > UINT32_MAX)
			return refuse_u32(a, ERR_RANGE, e);
	}
	if (text[0] == '\0' || n < a->min || n > a->max)
		return refuse_u32(a, ERR_RANGE, e);
	v->number = (uint32_t)n;
	snprintf(v->text, sizeof(v->text), "%" PRIu32, v->number);
	return 0;
}

static int refuse_choice(const struct arg *a, struct err_msg *e)
{
	char list[300] = "";
	size_t len = 0;

	for (const struct arg_choice *c = a->choices; c->word != NULL && len < sizeof(list); c++)
		len += (size_t)snprintf(list + len, sizeof(list) - len, "%s%s",
					c == a->choices ? "" : ", ", c->word);
	return err_set(e, ERR_INVALID, "allowed is %s", list);
}

static int parse_choice(const struct arg *a, const char *text, struct value *v, struct err_msg *e)
{
	const struct arg_choice *found = NULL;
	size_t hits = 0;

	for (const struct arg_choice *c = a->choices; c->word != NULL; c++) {
		if (strcasecmp(c->word, text) == 0) {
			found = c;
			hits = 1;
			break;
		}
		if (text[0] != '\0' && strncasecmp(c->word, text, strlen(text)) == 0) {
			found = c;
			hits++;
		}
	}
	if (hits > 1)
		return err_set(e, ERR_EXISTS, "%s is ambiguous", text);
	if (found == NULL)
		return refuse_choice(a, e);
	v->number = found->value;
	snprintf(v->text, sizeof(v->text), "%s", found->word);
	return 0;
}

static bool is_name_char(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '.' || c == '-';
}

static int parse_name(const struct arg *a, const char *text, struct value *v, size_t *bad,
		      struct err_msg *e)
{
	size_t len = strlen(text);

	for (size_t i = 0; i < len; i++) {
		if (!is_name_char(text[i])) {
			*bad = i;
			return err_set(e, ERR_INVALID,
				       "allowed are %" PRIu32 "-%" PRIu32
				       " letters, digits, '.', '-' and '_'",
				       a->min, a->max);
		}
	}
	if (len < a->min || len > a->max) {
		*bad = len > a->max ? a->max : 0;
		return err_set(e, ERR_RANGE, "allowed are %" PRIu32 "-%" PRIu32 " characters",
			       a->min, a->max);
	}
	snprintf(v->text, sizeof(v->text), "%s", text);
	return 0;
}

/* Length of the UTF-8 sequence at s, 0 when it is none or a control character. */
static size_t printable_len(const unsigned char *s)
{
	size_t n = s[0] < 0x80 ? 1 : s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : s[0] >= 0xc2 ? 2 : 0;

	if (s[0] < 0x20 || s[0] == 0x7f || s[0] > 0xf4)
		return 0;
	for (size_t i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	}
	return s[0] == 0xc2 && s[1] < 0xa0 ? 0 : n; /* C1 controls */
}

static int check_printable(const char *text, size_t *bad, struct err_msg *e)
{
	for (size_t i = 0; text[i] != '\0';) {
		size_t n = printable_len((const unsigned char *)text + i);

		if (n == 0) {
			*bad = i;
			return err_set(e, ERR_INVALID, "only printable characters are allowed");
		}
		i += n;
	}
	return 0;
}

static int parse_text(const struct arg *a, const char *text, struct value *v, size_t *bad,
		      struct err_msg *e)
{
	size_t len = strlen(text);
	int r = check_printable(text, bad, e);

	if (r != 0)
		return r;
	if (len >= 2 && text[0] == '"' && text[len - 1] == '"') {
		text++;
		len -= 2;
	}
	if (len < a->min || len > a->max || len >= sizeof(v->text)) {
		*bad = len > a->max ? a->max : 0;
		return err_set(e, ERR_RANGE, "allowed are %" PRIu32 "-%" PRIu32 " characters",
			       a->min, a->max);
	}
	memcpy(v->text, text, len);
	v->text[len] = '\0';
	return 0;
}

static int parse_country(const char *text, struct value *v, size_t *bad, struct err_msg *e)
{
	static const struct arg plain = {.type = VALUE_TEXT, .min = 1, .max = 64};
	const struct country *c, *near;
	int r = parse_text(&plain, text, v, bad, e);

	if (r != 0)
		return r;
	c = country_find(v->text);
	if (c != NULL) {
		snprintf(v->text, sizeof(v->text), "%s", c->name);
		return 0;
	}
	near = country_nearest(v->text);
	return err_set(e, ERR_INVALID,
		       "this is no country of ISO 3166: allowed is an English name or a code, such "
		       "as Germany or DE%s%s%s",
		       near == NULL ? "" : " (did you mean ", near == NULL ? "" : near->name,
		       near == NULL ? "" : "?)");
}

static int parse_word(const struct arg *a, const char *text, struct value *v, size_t *bad,
		      struct err_msg *e)
{
	size_t clean = strcspn(text, " \"");

	if (text[clean] != '\0') {
		*bad = clean;
		return err_set(e, ERR_INVALID, "blanks and quotes are not allowed");
	}
	return parse_text(a, text, v, bad, e);
}

static int parse_ip(const struct arg *a, const char *text, struct value *v, struct err_msg *e)
{
	struct ip_addr addr;

	if (ip_addr_parse(text, &addr) != 0 || (a->type == VALUE_IPV4 && addr.family != IP_V4))
		return err_set(e, ERR_INVALID, "allowed is an IPv4 %saddress",
			       a->type == VALUE_IPV4 ? "" : "or IPv6 ");
	if (ip_addr_is_multicast(&addr) ||
	    (addr.family == IP_V4 && (addr.bytes[0] == 0 || addr.bytes[0] >= 224)))
		return err_set(e, ERR_RANGE, "this is not the address of a host");
	v->addr = addr;
	ip_addr_text(&addr, v->text, sizeof(v->text));
	return 0;
}

/* text is address/len with host bits: say which network was probably meant. */
static int refuse_host_bits(const char *text, struct err_msg *e)
{
	char buf[IP_TEXT_MAX];
	const char *slash = strchr(text, '/');
	struct ip_addr addr;
	struct ip_prefix p;

	snprintf(buf, sizeof(buf), "%.*s", slash != NULL ? (int)(slash - text) : 0, text);
	if (slash != NULL && ip_addr_parse(buf, &addr) == 0) {
		long len = strtol(slash + 1, NULL, 10);
		size_t bytes = ip_addr_len(&addr);

		if (len >= 0 && (size_t)len < bytes * 8) {
			for (size_t bit = (size_t)len; bit < bytes * 8; bit++)
				addr.bytes[bit / 8] =
					(uint8_t)(addr.bytes[bit / 8] & ~(0x80u >> (bit % 8)));
			p = (struct ip_prefix){.addr = addr, .len = (uint8_t)len};
			return err_set(e, ERR_RANGE, "host bits are set, the network is %s",
				       ip_prefix_text(&p, buf, sizeof(buf)));
		}
	}
	return err_set(e, ERR_INVALID, "allowed is A.B.C.D/len or X:X::X/len");
}

static int parse_prefix(const char *text, struct value *v, struct err_msg *e)
{
	int r = ip_prefix_parse(text, &v->prefix);

	if (r == ERR_RANGE)
		return refuse_host_bits(text, e);
	if (r != 0)
		return err_set(e, r, "allowed is A.B.C.D/len or X:X::X/len");
	ip_prefix_text(&v->prefix, v->text, sizeof(v->text));
	return 0;
}

static int parse_range(const char *text, struct value *v, struct err_msg *e)
{
	int r = ip_range_parse(text, &v->range);

	if (r == ERR_RANGE && strchr(text, '-') != NULL)
		return err_set(e, r, "the first address must not be above the last one");
	if (r == ERR_RANGE)
		return refuse_host_bits(text, e);
	if (r != 0)
		return err_set(e, r, "allowed is A.B.C.D/len, A.B.C.D or FIRST-LAST");
	ip_range_text(&v->range, v->text, sizeof(v->text));
	return 0;
}

static bool parse_port(const char *text, size_t len, uint32_t *out)
{
	uint32_t n = 0;

	for (size_t i = 0; i < len; i++) {
		if (!isdigit((unsigned char)text[i]))
			return false;
		n = n * 10 + (uint32_t)(text[i] - '0');
		if (n > 65535)
			return false;
	}
	*out = n;
	return len != 0;
}

static int parse_ports(const char *text, struct value *v, struct err_msg *e)
{
	size_t dash = strcspn(text, "-");
	uint32_t first = 0, last = 0;

	if (!parse_port(text, dash, &first) ||
	    (text[dash] == '-' && !parse_port(text + dash + 1, strlen(text + dash + 1), &last)))
		return err_set(e, ERR_INVALID, "allowed is a port of 0-65535, or FIRST-LAST");
	if (text[dash] == '\0')
		last = first;
	if (last < first)
		return err_set(e, ERR_RANGE, "the first port must not be above the last one");
	v->number = first << 16 | last;
	snprintf(v->text, sizeof(v->text), "%s", text);
	return 0;
}

static int parse_label_range(const struct arg *a, const char *text, struct value *v, size_t *bad,
			     struct err_msg *e)
{
	static const struct arg label_arg = {.type = VALUE_NAME, .min = 1, .max = 64};
	const char *colon = strchr(text, ':');
	char label[VALUE_TEXT_MAX];
	int r;

	(void)a;
	if (colon == NULL || (size_t)(colon - text) >= sizeof(label))
		return err_set(e, ERR_INVALID, "allowed is LABEL:RANGE, such as hq:10.0.0.0/16");
	snprintf(label, sizeof(label), "%.*s", (int)(colon - text), text);
	r = parse_range(colon + 1, v, e);
	if (r != 0) {
		*bad = (size_t)(colon + 1 - text);
		return r;
	}
	return parse_name(&label_arg, label, v, bad, e);
}

static int check_secret_len(const struct arg *a, size_t len, struct err_msg *e)
{
	if (len > a->max)
		return err_set(e, ERR_RANGE, "%s is longer than %" PRIu32 " %s", a->noun, a->max,
			       a->unit);
	if (len < a->min && a->min > 1)
		return err_set(e, ERR_RANGE, "%s is shorter than %" PRIu32 " %s", a->noun, a->min,
			       a->unit);
	if (len < a->min)
		return err_set(e, ERR_RANGE, "%s is empty", a->noun);
	return 0;
}

static int parse_secret(const struct arg *a, const char *text, struct value *v, struct err_msg *e)
{
	size_t len = strlen(text);
	bool quoted = len >= 2 && text[0] == '"' && text[len - 1] == '"';
	int r;

	if (!quoted && strpbrk(text, " \t") != NULL)
		return err_set(e, ERR_INVALID, "%s with blanks must be in double quotes", a->noun);
	if (quoted) {
		text++;
		len -= 2;
	}
	for (size_t i = 0; i < len; i++) {
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
			return err_set(e, ERR_INVALID, "%s has control characters", a->noun);
	}
	r = check_secret_len(a, len, e);
	if (r == 0)
		secret_set(&v->secret, text, len);
	return r;
}

static int hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *p = c == '\0' ? NULL : strchr(digits, tolower((unsigned char)c));

	return p == NULL ? -1 : (int)(p - digits);
}

static int parse_hex_secret(const struct arg *a, const char *text, struct value *v,
			    struct err_msg *e)
{
	size_t len;
	int r;

	if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
		text += 2;
	len = strlen(text);
	for (size_t i = 0; i < len; i++) {
		if (hex_digit(text[i]) < 0)
			return err_set(e, ERR_INVALID, "%s after hex takes hexadecimal digits only",
				       a->noun);
	}
	if (len % 2 != 0)
		return err_set(e, ERR_INVALID, "%s after hex needs two digits for each octet",
			       a->noun);
	r = check_secret_len(a, len / 2, e);
	if (r != 0)
		return r;
	secret_alloc(&v->secret, len / 2);
	for (size_t i = 0; i < len / 2; i++)
		v->secret.data[i] =
			(uint8_t)(hex_digit(text[2 * i]) * 16 + hex_digit(text[2 * i + 1]));
	return 0;
}

static int parse_by_type(const struct arg *a, const char *text, struct value *v, size_t *bad,
			 struct err_msg *e)
{
	switch (a->type) {
	case VALUE_U32:
		return parse_u32(a, text, v, bad, e);
	case VALUE_CHOICE:
		return parse_choice(a, text, v, e);
	case VALUE_NAME:
		return parse_name(a, text, v, bad, e);
	case VALUE_TEXT:
		if (text[0] == '"' && (text[1] == '\0' || text[strlen(text) - 1] != '"')) {
			*bad = strlen(text);
			return err_set(e, ERR_INVALID, "the quotation mark is not closed");
		}
		return parse_text(a, text, v, bad, e);
	case VALUE_BANNER:
		return parse_text(a, text, v, bad, e);
	case VALUE_COUNTRY:
		return parse_country(text, v, bad, e);
	case VALUE_WORD:
		return parse_word(a, text, v, bad, e);
	case VALUE_IP:
	case VALUE_IPV4:
		return parse_ip(a, text, v, e);
	case VALUE_PREFIX:
		return parse_prefix(text, v, e);
	case VALUE_RANGE:
		return parse_range(text, v, e);
	case VALUE_PORTS:
		return parse_ports(text, v, e);
	case VALUE_LABEL_RANGE:
		return parse_label_range(a, text, v, bad, e);
	case VALUE_SECRET:
		return parse_secret(a, text, v, e);
	case VALUE_HEX_SECRET:
		return parse_hex_secret(a, text, v, e);
	}
	return err_set(e, ERR_INVALID, "type of %s is unknown", a->name);
}

int value_parse(const struct arg *a, const char *text, struct value *v, size_t *bad,
		struct err_msg *e)
{
	struct value out = {.arg = a};
	size_t at = 0;
	int r = parse_by_type(a, text, &out, &at, e);

	*bad = at;
	if (r != 0) {
		value_clear(&out);
		return r;
	}
	value_clear(v);
	*v = out;
	return 0;
}
