/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two questions; the first answer waits in a struct secret for the second. */
#include "commands/new_secret.h"

#include "commands/value.h"
#include "platform/base/mem.h"

#include <stdlib.h>
#include <string.h>

struct dialogue {
	struct new_secret wanted;
	struct value first;
};

static int end(struct dialogue *d, int result, bool drop)
{
	if (drop && d->wanted.drop != NULL)
		d->wanted.drop(d->wanted.arg);
	value_clear(&d->first);
	free(d);
	return result;
}

/* A typed answer is the secret as it is, blanks and quotes and all. */
static int parse(const struct dialogue *d, const char *answer, struct value *v, struct err_msg *e)
{
	struct strbuf quoted;
	size_t bad;
	int r;

	strbuf_init(&quoted);
	strbuf_printf(&quoted, "\"%s\"", answer);
	r = value_parse(arg_find(d->wanted.arg_name), quoted.text, v, &bad, e);
	strbuf_wipe(&quoted);
	return r;
}

static int second_answer(struct cmd *c, const char *answer, void *arg)
{
	struct dialogue *d = arg;
	struct value second = {.arg = NULL};
	struct err_msg e = {.code = 0};
	bool same;

	if (answer == NULL)
		return end(d, 0, true);
	same = parse(d, answer, &second, &e) == 0 && second.secret.len == d->first.secret.len &&
	       secret_equal(&second.secret, &d->first.secret);
	value_clear(&second);
	if (!same)
		return end(d, cmd_fail(c, ERR_INVALID, "%s", d->wanted.mismatch), true);
	return end(d, d->wanted.fn(c, &d->first.secret, d->wanted.arg), false);
}

static int first_answer(struct cmd *c, const char *answer, void *arg)
{
	struct dialogue *d = arg;
	struct err_msg e = {.code = 0};

	if (answer == NULL)
		return end(d, 0, true);
	if (parse(d, answer, &d->first, &e) != 0)
		return end(d, cmd_fail(c, ERR_INVALID, "%s", e.text), true);
	return cmd_ask(c, d->wanted.again, true, second_answer, d);
}

int new_secret_ask(struct cmd *c, const struct new_secret *wanted)
{
	struct dialogue *d;

	if (!cmd_interactive(c)) {
		if (wanted->drop != NULL)
			wanted->drop(wanted->arg);
		return cmd_fail(c, ERR_TRUNCATED, "Incomplete command.");
	}
	d = mem_zalloc(sizeof(*d));
	d->wanted = *wanted;
	return cmd_ask(c, wanted->first, true, first_answer, d);
}
