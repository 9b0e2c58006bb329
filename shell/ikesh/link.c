/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The connection to the appliance. */
#include "shell/ikesh/link.h"

#include "platform/base/secret.h"
#include "platform/os/seqpacket.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int send_message(struct link *l, const struct wire_message *m)
{
	uint8_t buf[WIRE_MESSAGE_MAX];
	size_t len = 0;
	int rc = wire_encode(m, buf, sizeof(buf), &len);

	if (rc != 0)
		return rc;
	rc = seqpacket_send(l->fd, view_of(buf, len));
	bytes_wipe(buf, len); /* a line may hold a key */
	return rc;
}

int link_send(struct link *l, enum wire_type type, const char *text)
{
	struct wire_message m = {.type = type};

	if (text != NULL)
		m.text = view_of(text, strlen(text));
	return send_message(l, &m);
}

int link_send_window(struct link *l, uint16_t rows, uint16_t columns)
{
	return send_message(l, &(struct wire_message){.type = WIRE_WINDOW,
						      .rows = rows,
						      .columns = columns});
}

int link_send_upload(struct link *l, const char *text, size_t len)
{
	for (size_t at = 0; at < len;) {
		size_t n = len - at < WIRE_TEXT_MAX ? len - at : WIRE_TEXT_MAX;
		struct wire_message m = {.type = WIRE_TEXT, .text = view_of(text + at, n)};
		int rc = send_message(l, &m);

		if (rc != 0)
			return rc;
		at += n;
	}
	return 0;
}

static void keep_prompt(struct link *l, struct view text)
{
	size_t n = text.len < sizeof(l->prompt) - 1 ? text.len : sizeof(l->prompt) - 1;

	if (n != 0)
		memcpy(l->prompt, text.data, n);
	l->prompt[n] = '\0';
}

int link_receive(struct link *l, struct wire_message *m)
{
	size_t len = 0;

	if (seqpacket_receive(l->fd, l->in, sizeof(l->in), &len) != 0 || len == 0 ||
	    wire_decode(view_of(l->in, len), m) != 0)
		return ERR_SYSTEM;
	if (m->type == WIRE_DONE || m->type == WIRE_WELCOME)
		keep_prompt(l, m->text);
	return 0;
}

static int greet(struct link *l, const char *path, const struct link_user *user, struct err_msg *e)
{
	struct wire_message m = {.type = WIRE_HELLO,
				 .version = WIRE_VERSION,
				 .privilege = user->privilege,
				 .flags = user->flags,
				 .rows = user->rows,
				 .columns = user->columns};

	/* Somebody who is refused reads why, although the appliance may be faster than our HELLO.
	 */
	(void)!send_message(l, &m);
	if (link_receive(l, &m) != 0)
		return err_set(e, ERR_SYSTEM, "The appliance at %s closed the connection", path);
	if (m.type == WIRE_REFUSED)
		return err_set(e, ERR_DENIED, "%.*s", (int)m.text.len, (const char *)m.text.data);
	if (m.type != WIRE_WELCOME || m.version != WIRE_VERSION)
		return err_set(e, ERR_SYSTEM,
			       "The appliance at %s speaks another version of the protocol", path);
	l->privilege = m.privilege;
	return 0;
}

int link_open(struct link *l, const char *path, const struct link_user *user, struct err_msg *e)
{
	struct err_msg why = {.code = 0};
	int rc;

	*l = (struct link){.fd = -1};
	l->fd = seqpacket_connect(path, &why);
	if (l->fd < 0)
		return err_set(e, ERR_SYSTEM, "Cannot reach the appliance: %s", why.text);
	rc = greet(l, path, user, e);
	if (rc != 0)
		link_close(l);
	return rc;
}

void link_close(struct link *l)
{
	if (l->fd >= 0)
		close(l->fd);
	l->fd = -1;
	bytes_wipe(l->in, sizeof(l->in));
}
