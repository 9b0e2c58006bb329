/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Table-driven encoder and decoder of the messages between ikesh and ikeshd. */
#include "shell/wire.h"

#include "platform/base/mem.h"

#include <string.h>

enum field {
	F_VERSION = 1,
	F_PRIVILEGE = 2,
	F_FLAGS = 4,
	F_STATUS = 8,
	F_SIZE = 16,
	F_TEXT = 32, /* any octets but NUL */
	F_LINE = 64, /* as F_TEXT, without line ends */
};

struct row {
	enum wire_type type; /* of the client below WIRE_WELCOME, of the appliance from there */
	const char *name;
	unsigned fields; /* enum field, on the wire in this order */
	unsigned flags;	 /* enum wire_flag that may be set */
};

static const struct row rows[] = {
	{WIRE_HELLO, "hello", F_VERSION | F_PRIVILEGE | F_FLAGS | F_SIZE,
	 WIRE_INTERACTIVE | WIRE_COLOR | WIRE_UTF8},
	{WIRE_LINE, "line", F_LINE, 0},
	{WIRE_TEXT, "text", F_TEXT, 0},
	{WIRE_PASTE, "paste", 0, 0},
	{WIRE_CHECK, "check", F_LINE, 0},
	{WIRE_ANSWER, "answer", F_LINE, 0},
	{WIRE_INTERRUPT, "interrupt", 0, 0},
	{WIRE_HELP, "help", F_LINE, 0},
	{WIRE_COMPLETE, "complete", F_LINE, 0},
	{WIRE_SECRET, "secret", F_LINE, 0},
	{WIRE_BEGIN_FILE, "begin-file", F_LINE, 0},
	{WIRE_END_FILE, "end-file", 0, 0},
	{WIRE_WINDOW, "window", F_SIZE, 0},
	{WIRE_LINES, "lines", F_TEXT, 0},
	{WIRE_WELCOME, "welcome", F_VERSION | F_PRIVILEGE | F_LINE, 0},
	{WIRE_REFUSED, "refused", F_TEXT, 0},
	{WIRE_OUTPUT, "output", F_TEXT, 0},
	{WIRE_ASK, "ask", F_FLAGS | F_TEXT, WIRE_HIDDEN},
	{WIRE_DONE, "done", F_STATUS | F_LINE, 0},
	{WIRE_ASYNC, "async", F_TEXT, 0},
	{WIRE_CLOSE, "close", 0, 0},
	{WIRE_TERMINAL, "terminal", F_SIZE, 0},
	{WIRE_HELP_TEXT, "help-text", F_FLAGS | F_TEXT, WIRE_LAST},
	{WIRE_CANDIDATES, "candidates", F_FLAGS | F_TEXT, WIRE_LAST},
	{WIRE_SECRECY, "secrecy", F_STATUS, 0},
	{WIRE_CHECKED, "checked", F_STATUS, 0},
	{WIRE_HOLD, "hold", 0, 0},
};

static const struct row *row_of(unsigned type)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if ((unsigned)rows[i].type == type)
			return &rows[i];
	}
	return NULL;
}

static bool text_allowed(const struct row *row, struct view text)
{
	if (text.len == 0)
		return true;
	if ((row->fields & (F_TEXT | F_LINE)) == 0 || memchr(text.data, '\0', text.len) != NULL)
		return false;
	if ((row->fields & F_LINE) == 0)
		return true;
	return memchr(text.data, '\n', text.len) == NULL &&
	       memchr(text.data, '\r', text.len) == NULL;
}

int wire_encode(const struct wire_message *m, void *buf, size_t cap, size_t *len)
{
	const struct row *row = row_of(m->type);
	struct writer w = writer_of(buf, cap);
	bool has_text;

	if (row == NULL)
		return ERR_INVALID;
	has_text = (row->fields & (F_TEXT | F_LINE)) != 0;
	if (has_text && (m->text.len > WIRE_TEXT_MAX || !text_allowed(row, m->text)))
		return ERR_RANGE;
	writer_u8(&w, (uint8_t)row->type);
	if ((row->fields & F_VERSION) != 0)
		writer_u16(&w, m->version);
	if ((row->fields & F_PRIVILEGE) != 0)
		writer_u8(&w, m->privilege);
	if ((row->fields & F_FLAGS) != 0)
		writer_u8(&w, (uint8_t)(m->flags & row->flags));
	if ((row->fields & F_STATUS) != 0)
		writer_u32(&w, m->status);
	if ((row->fields & F_SIZE) != 0) {
		writer_u16(&w, m->rows);
		writer_u16(&w, m->columns);
	}
	if (has_text)
		writer_put(&w, m->text);
	if (w.failed)
		return ERR_NO_SPACE;
	*len = w.len;
	return 0;
}

int wire_decode(struct view datagram, struct wire_message *out)
{
	struct reader r = reader_of(datagram);
	const struct row *row = row_of(reader_u8(&r));
	struct wire_message m = {0};

	if (r.failed)
		return ERR_TRUNCATED;
	if (row == NULL)
		return ERR_INVALID;
	m.type = row->type;
	if ((row->fields & F_VERSION) != 0) {
		m.version = reader_u16(&r);
		if (!r.failed && m.version != WIRE_VERSION) {
			*out = m;
			return 0;
		}
	}
	if ((row->fields & F_PRIVILEGE) != 0)
		m.privilege = reader_u8(&r);
	if ((row->fields & F_FLAGS) != 0)
		m.flags = reader_u8(&r);
	if ((row->fields & F_STATUS) != 0)
		m.status = reader_u32(&r);
	if ((row->fields & F_SIZE) != 0) {
		m.rows = reader_u16(&r);
		m.columns = reader_u16(&r);
	}
	if (r.failed)
		return ERR_TRUNCATED;
	m.text = reader_rest(&r);
	if (m.text.len > WIRE_TEXT_MAX)
		return ERR_RANGE;
	if ((m.flags & ~row->flags) != 0 || !text_allowed(row, m.text))
		return ERR_INVALID;
	*out = m;
	return 0;
}

bool wire_from_client(enum wire_type type)
{
	const struct row *row = row_of(type);

	return row != NULL && row->type < WIRE_WELCOME;
}

const char *wire_type_name(enum wire_type type)
{
	const struct row *row = row_of(type);

	return row != NULL ? row->name : "unknown";
}
