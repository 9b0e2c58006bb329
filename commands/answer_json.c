/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The JSON writer: a tree in libjansson, which escapes, keeps the order of the keys, and prints one
 * document on one line.  Strings arrive as clean UTF-8.
 */
#include "commands/answer_writer.h"
#include "platform/base/mem.h"

#include <assert.h>
#include <jansson.h>
#include <stdlib.h>

#define DEPTH_MAX 16

struct answer_json {
	json_t *open[DEPTH_MAX]; /* [0] is the root object and owns the rest */
	size_t depth;
};

struct answer_json *answer_json_new(void)
{
	struct answer_json *j = mem_zalloc(sizeof(*j));

	j->open[0] = json_object();
	return j;
}

void answer_json_free(struct answer_json *j)
{
	if (!j)
		return;
	json_decref(j->open[0]);
	free(j);
}

/* value is adopted by the innermost open object or array. */
static void put(struct answer_json *j, const char *key, json_t *value)
{
	json_t *parent = j->open[j->depth];
	int err;

	if (!value)
		abort(); /* out of memory */
	assert(json_is_array(parent) == !key);
	err = key ? json_object_set_new(parent, key, value) : json_array_append_new(parent, value);
	if (err)
		abort();
}

void answer_json_open(struct answer_json *j, const char *key, bool array)
{
	json_t *value = array ? json_array() : json_object();

	put(j, key, value);
	assert(j->depth + 1 < DEPTH_MAX);
	j->open[++j->depth] = value;
}

void answer_json_close(struct answer_json *j)
{
	assert(j->depth > 0);
	j->depth--;
}

void answer_json_string(struct answer_json *j, const char *key, const char *value)
{
	put(j, key, value ? json_string(value) : json_null());
}

void answer_json_number(struct answer_json *j, const char *key, uint64_t value)
{
	put(j, key, json_integer(value > INT64_MAX ? INT64_MAX : (json_int_t)value));
}

void answer_json_bool(struct answer_json *j, const char *key, bool value)
{
	put(j, key, json_boolean(value));
}

static int append(const char *text, size_t len, void *arg)
{
	strbuf_add_bytes(arg, text, len);
	return 0;
}

void answer_json_finish(struct answer_json *j, struct strbuf *out)
{
	assert(j->depth == 0);
	if (json_dump_callback(j->open[0], append, out, JSON_COMPACT))
		abort();
	strbuf_add_char(out, '\n');
}
