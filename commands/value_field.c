/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Value types: how they are described to operators, and how they go into and come out of fields of
 * the configuration structs.
 */
#include "commands/value.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

bool value_takes_rest(const struct arg *a)
{
	return a->type == VALUE_TEXT || a->type == VALUE_BANNER || a->type == VALUE_COUNTRY ||
	       a->type == VALUE_SECRET;
}

bool value_is_secret(const struct arg *a)
{
	return a->type == VALUE_SECRET || a->type == VALUE_HEX_SECRET;
}

const char *value_syntax(const struct arg *a, char *buf, size_t size)
{
	static const char *const syntax[] = {
		[VALUE_CHOICE] = "WORD",
		[VALUE_NAME] = "NAME",
		[VALUE_TEXT] = "LINE",
		[VALUE_BANNER] = "LINE",
		[VALUE_COUNTRY] = "LINE",
		[VALUE_WORD] = "WORD",
		[VALUE_IP] = "A.B.C.D or X:X::X",
		[VALUE_IPV4] = "A.B.C.D",
		[VALUE_PREFIX] = "A.B.C.D/len",
		[VALUE_RANGE] = "A.B.C.D/len or FIRST-LAST",
		[VALUE_PORTS] = "PORT or FIRST-LAST",
		[VALUE_LABEL_RANGE] = "LABEL:RANGE",
		[VALUE_SECRET] = "LINE",
		[VALUE_HEX_SECRET] = "HEX",
	};

	if (a->type == VALUE_U32)
		snprintf(buf, size, "<%" PRIu32 "-%" PRIu32 ">", a->min, a->max);
	else
		snprintf(buf, size, "%s", syntax[a->type]);
	return buf;
}

static bool has_length(const struct arg *a)
{
	return a->type == VALUE_NAME || a->type == VALUE_TEXT || a->type == VALUE_BANNER ||
	       a->type == VALUE_WORD;
}

const char *value_help(const struct arg *a, char *buf, size_t size)
{
	char range[64] = "", standard[64] = "";

	if (a->type == VALUE_U32 || value_is_secret(a))
		snprintf(range, sizeof(range), ", %" PRIu32 "-%" PRIu32 "%s%s", a->min, a->max,
			 a->unit != NULL ? " " : "", a->unit != NULL ? a->unit : "");
	else if (has_length(a))
		snprintf(range, sizeof(range), ", %" PRIu32 "-%" PRIu32 " characters", a->min,
			 a->max);
	if (a->standard != NULL)
		snprintf(standard, sizeof(standard), ", default %s", a->standard);
	snprintf(buf, size, "%s%s%s", a->help, range, standard);
	return buf;
}

static void store_number(uint32_t n, void *field, size_t size)
{
	if (size == sizeof(uint32_t)) {
		memcpy(field, &n, sizeof(n));
	} else if (size == sizeof(uint16_t)) {
		uint16_t n16 = (uint16_t)n;

		memcpy(field, &n16, sizeof(n16));
	} else {
		assert(size == 1);
		*(uint8_t *)field = (uint8_t)n;
	}
}

static uint32_t load_number(const void *field, size_t size)
{
	uint32_t n = 0;
	uint16_t n16 = 0;

	if (size == sizeof(n)) {
		memcpy(&n, field, sizeof(n));
	} else if (size == sizeof(n16)) {
		memcpy(&n16, field, sizeof(n16));
		n = n16;
	} else {
		assert(size == 1);
		n = *(const uint8_t *)field;
	}
	return n;
}

void value_store(const struct value *v, void *field, size_t size)
{
	switch (v->arg->type) {
	case VALUE_U32:
	case VALUE_CHOICE:
		store_number(v->number, field, size);
		return;
	case VALUE_NAME:
	case VALUE_TEXT:
	case VALUE_BANNER:
	case VALUE_COUNTRY:
	case VALUE_WORD:
		assert(strlen(v->text) < size);
		memset(field, 0, size);
		memcpy(field, v->text, strlen(v->text));
		return;
	case VALUE_IP:
	case VALUE_IPV4:
		memcpy(field, &v->addr, sizeof(v->addr));
		return;
	case VALUE_PREFIX:
		memcpy(field, &v->prefix, sizeof(v->prefix));
		return;
	case VALUE_RANGE:
		memcpy(field, &v->range, sizeof(v->range));
		return;
	case VALUE_PORTS:
	case VALUE_LABEL_RANGE:
	case VALUE_SECRET:
	case VALUE_HEX_SECRET:
		break; /* only through hooks of rows */
	}
	assert(false);
}

static bool load_choice(const struct arg *a, uint32_t n, struct strbuf *out)
{
	for (const struct arg_choice *c = a->choices; c->word != NULL; c++) {
		if (c->value == n) {
			strbuf_add(out, c->word);
			return true;
		}
	}
	return false;
}

static bool load_text(const char *text, struct strbuf *out)
{
	if (text[0] == '\0')
		return false;
	if (strchr(text, ' ') != NULL || strchr(text, '"') != NULL)
		strbuf_printf(out, "\"%s\"", text);
	else
		strbuf_add(out, text);
	return true;
}

static bool load_ip(const void *field, struct strbuf *out)
{
	struct ip_addr a;
	char buf[IP_TEXT_MAX];

	memcpy(&a, field, sizeof(a));
	if (!ip_addr_is_set(&a))
		return false;
	strbuf_add(out, ip_addr_text(&a, buf, sizeof(buf)));
	return true;
}

static bool load_prefix(const void *field, struct strbuf *out)
{
	struct ip_prefix p;
	char buf[IP_TEXT_MAX];

	memcpy(&p, field, sizeof(p));
	if (!ip_addr_is_set(&p.addr))
		return false;
	strbuf_add(out, ip_prefix_text(&p, buf, sizeof(buf)));
	return true;
}

static bool load_range(const void *field, struct strbuf *out)
{
	struct ip_range r;
	char buf[IP_RANGE_TEXT_MAX];

	memcpy(&r, field, sizeof(r));
	if (!ip_addr_is_set(&r.first))
		return false;
	strbuf_add(out, ip_range_text(&r, buf, sizeof(buf)));
	return true;
}

bool value_load(const struct arg *a, const void *field, size_t size, struct strbuf *out)
{
	uint32_t n;

	switch (a->type) {
	case VALUE_U32:
		n = load_number(field, size);
		if (n < a->min)
			return false;
		strbuf_printf(out, "%" PRIu32, n);
		return true;
	case VALUE_CHOICE:
		return load_choice(a, load_number(field, size), out);
	case VALUE_NAME:
	case VALUE_TEXT:
	case VALUE_BANNER:
	case VALUE_COUNTRY:
	case VALUE_WORD:
		return load_text(field, out);
	case VALUE_IP:
	case VALUE_IPV4:
		return load_ip(field, out);
	case VALUE_PREFIX:
		return load_prefix(field, out);
	case VALUE_RANGE:
		return load_range(field, out);
	case VALUE_PORTS:
	case VALUE_LABEL_RANGE:
	case VALUE_SECRET:
	case VALUE_HEX_SECRET:
		break;
	}
	return false;
}

void value_store_standard(const struct arg *a, void *field, size_t size)
{
	struct value v = {.arg = NULL};
	size_t bad;

	if (a->standard != NULL && value_parse(a, a->standard, &v, &bad, NULL) == 0)
		value_store(&v, field, size);
	else
		memset(field, 0, size);
	value_clear(&v);
}

bool value_is_standard(const struct arg *a, const void *field, size_t size)
{
	struct strbuf text;
	bool set, same;

	strbuf_init(&text);
	set = value_load(a, field, size, &text);
	same = a->standard == NULL ? !set : set && strcmp(text.text, a->standard) == 0;
	strbuf_clear(&text);
	return same;
}
