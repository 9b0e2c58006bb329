/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Version 3 of the protocol, draft-ietf-secsh-filexfer-02: sections 3 (packets), 4 (INIT, VERSION)
 * and 7 (STATUS).  Nothing of a request is looked at but its type and id. */
#include "shell/ikesh/no_sftp.h"

#include "platform/base/bytes.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#define PACKET_MAX    262144 /* as OpenSSH's own server */
#define HEAD_MAX      5	     /* type and id */
#define ANSWER_MAX    512
#define DENIED_STATUS 3 /* SSH_FX_PERMISSION_DENIED */

enum packet_type { FXP_INIT = 1, FXP_VERSION = 2, FXP_STATUS = 101 };

static bool read_all(int fd, uint8_t *buf, size_t len)
{
	while (len != 0) {
		ssize_t n = read(fd, buf, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		buf += n;
		len -= (size_t)n;
	}
	return true;
}

static bool skip(int fd, size_t len)
{
	uint8_t buf[4096];

	while (len != 0) {
		size_t n = len < sizeof(buf) ? len : sizeof(buf);

		if (!read_all(fd, buf, n))
			return false;
		len -= n;
	}
	return true;
}

static bool write_all(int fd, const uint8_t *buf, size_t len)
{
	while (len != 0) {
		ssize_t n = write(fd, buf, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		buf += n;
		len -= (size_t)n;
	}
	return true;
}

static void put_text(struct writer *w, const char *text)
{
	writer_u32(w, (uint32_t)strlen(text));
	writer_put(w, view_of(text, strlen(text)));
}

static bool answer(int out, bool greeting, uint32_t id, const char *text)
{
	uint8_t body[ANSWER_MAX], packet[ANSWER_MAX + 4];
	struct writer w = writer_of(body, sizeof(body));
	struct writer whole = writer_of(packet, sizeof(packet));

	if (greeting) {
		writer_u8(&w, FXP_VERSION);
		writer_u32(&w, 3);
	} else {
		writer_u8(&w, FXP_STATUS);
		writer_u32(&w, id);
		writer_u32(&w, DENIED_STATUS);
		put_text(&w, text);
		put_text(&w, "en");
	}
	writer_u32(&whole, (uint32_t)w.len);
	writer_put(&whole, view_of(body, w.len));
	return !w.failed && !whole.failed && write_all(out, packet, whole.len);
}

void no_sftp_serve(int in, int out, const char *text)
{
	uint8_t size[4], head[HEAD_MAX];

	while (read_all(in, size, sizeof(size))) {
		struct reader r = reader_of(view_of(size, sizeof(size)));
		uint32_t len = reader_u32(&r);
		uint8_t type;

		if (len < HEAD_MAX || len > PACKET_MAX || !read_all(in, head, sizeof(head)) ||
		    !skip(in, len - HEAD_MAX))
			return;
		r = reader_of(view_of(head, sizeof(head)));
		type = reader_u8(&r);
		if (!answer(out, type == FXP_INIT, reader_u32(&r), text))
			return;
	}
}
