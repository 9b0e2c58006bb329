/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What receivers of notifications get.  A webhook: one JSON document.  A mail: the same for people.
 *
 * JSON: {"hostname","at","test","repeats","lost","stories":[STORY...],"summary":{"open","closed"},
 * "notSaved"}, STORY and what follows as in `show stories json`; the latter two only with stories.
 *   test: sent by `notify test`; repeats: stories of the same things that were not told one by one;
 *   lost: stories that this receiver has not been told of since the message before
 */
#ifndef COMMANDS_NOTIFY_TEXT_H
#define COMMANDS_NOTIFY_TEXT_H

#include "commands/box_config.h"
#include "commands/show.h"
#include "dataplane/site/story.h"
#include "platform/base/strbuf.h"

struct secret;

struct notify_message {
	const char *hostname;
	struct show_clock clock;
	bool test;
	uint64_t repeats, lost;
	const struct story *const *stories;
	size_t count;
};

void notify_json(const struct notify_message *m, struct strbuf *out);
/* A whole mail (RFC 5322) with CR LF. */
void notify_mail(const struct notify_message *m, const struct box_notify *config,
		 struct strbuf *out);
/* "X-Ikesh-Signature: sha256=<HMAC-SHA256 of the body, hexadecimal>". */
void notify_signature(const struct secret *key, const struct strbuf *body, struct strbuf *out);
/* Who mails are from. */
void notify_from(const struct box_notify *config, const char *hostname, char *buf, size_t size);

#endif
