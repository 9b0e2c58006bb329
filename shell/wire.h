/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The messages between ikesh and ikeshd: one per SEQPACKET datagram, a type octet, the fixed fields
 * of that type, and text to the end.  One const table says what each type carries; encoder and
 * decoder walk the same rows.  Nothing here knows sockets or sessions.
 *
 * A conversation: HELLO, WELCOME (or REFUSED and the end), then LINE ... OUTPUT* DONE, one line at
 * a time.  Between LINE and DONE the appliance may send ASK, which wants ANSWER; the client may
 * send INTERRUPT.  ASYNC, TERMINAL and CLOSE may come at any time.  HELP, COMPLETE, SECRET and
 * CHECK have an answer of their own and run only while no line does.  Long texts (a paste, a file
 * to check) come as TEXT pieces before PASTE or CHECK.
 */
#ifndef SHELL_WIRE_H
#define SHELL_WIRE_H

#include "platform/base/bytes.h"
#include "platform/base/err.h"

#include <stdbool.h>
#include <stdint.h>

#define WIRE_VERSION	       1
#define WIRE_TEXT_MAX	       32768 /* text octets of one message */
#define WIRE_MESSAGE_MAX       (WIRE_TEXT_MAX + 16)
#define WIRE_UPLOAD_MAX	       (8u << 20) /* all TEXT pieces before one PASTE or CHECK */
#define WIRE_PRIVILEGE_DEFAULT 255	  /* HELLO: whatever the user's group gives */

enum wire_type {
	/* ikesh to ikeshd */
	WIRE_HELLO = 1,	 /* version, privilege wanted, INTERACTIVE, COLOR and UTF8, window */
	WIRE_LINE,	 /* execute; ends in DONE */
	WIRE_TEXT,	 /* a piece of a long text */
	WIRE_PASTE,	 /* execute the pieces as one block; ends in DONE */
	WIRE_CHECK,	 /* validate the pieces, the text is their name; ends in CHECKED */
	WIRE_ANSWER,	 /* to ASK */
	WIRE_INTERRUPT,	 /* Ctrl-C */
	WIRE_HELP,	 /* `?` behind the text; ends in HELP_TEXT with LAST */
	WIRE_COMPLETE,	 /* TAB behind the text; ends in CANDIDATES with LAST */
	WIRE_SECRET,	 /* may this line reach the history?  ends in SECRECY */
	WIRE_BEGIN_FILE, /* the lines that follow come from the file that is named */
	WIRE_END_FILE,	 /* ends in DONE */
	WIRE_WINDOW,	 /* rows and columns of the window have changed */
	WIRE_LINES,	 /* several lines of the file, each with its end; ends in DONE */
	/* ikeshd to ikesh */
	WIRE_WELCOME = 64, /* version, privilege given; the text is the first prompt */
	WIRE_REFUSED,	   /* the text says why; the connection ends */
	WIRE_OUTPUT,	   /* of the running line */
	WIRE_ASK,	   /* the text is the question; HIDDEN: no echo */
	WIRE_DONE,	   /* status; the text is the next prompt */
	WIRE_ASYNC,	   /* lines that belong to no command */
	WIRE_CLOSE,	   /* print what came before and leave */
	WIRE_TERMINAL,	   /* rows and columns of `terminal length` and `width`; 0 rows: no pager */
	WIRE_HELP_TEXT,
	WIRE_CANDIDATES, /* one per line */
	WIRE_SECRECY,	 /* status 1: secret */
	WIRE_CHECKED,	 /* status: lines refused, 0 = valid; the report came as OUTPUT */
	WIRE_HOLD,	 /* the running line takes keys, each as ANSWER */
};

enum wire_flag {
	WIRE_INTERACTIVE = 1, /* HELLO: a terminal with a person */
	WIRE_COLOR = 2,	      /* HELLO */
	WIRE_UTF8 = 16,	      /* HELLO: the terminal shows UTF-8 */
	WIRE_HIDDEN = 4,      /* ASK */
	WIRE_LAST = 8,	      /* HELP_TEXT, CANDIDATES: the last piece */
};

/* Fields that a type does not carry are zero after decoding and ignored by the encoder. */
struct wire_message {
	enum wire_type type;
	uint16_t version;
	uint8_t privilege;
	uint8_t flags; /* enum wire_flag */
	uint32_t status;
	uint16_t rows, columns;
	struct view text; /* borrowed */
};

/* ERR_RANGE: the text is too long, or holds an octet that this type may not carry; ERR_NO_SPACE:
 * cap is too small; *len is the length of the message. */
int wire_encode(const struct wire_message *m, void *buf, size_t cap, size_t *len) WARN_UNUSED;

/* out->text looks into datagram.  ERR_INVALID: unknown type or flag, or text that this type may not
 * carry; ERR_TRUNCATED: fields are missing; ERR_RANGE: too long.  A HELLO or WELCOME of another
 * version yields type and version only, so that each side can say so. */
int wire_decode(struct view datagram, struct wire_message *out) WARN_UNUSED;

/* Does the client send this type?  False for types of the appliance and unknown ones. */
bool wire_from_client(enum wire_type type);
const char *wire_type_name(enum wire_type type); /* "line", "unknown" */

#endif
