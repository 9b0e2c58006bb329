/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the two sides of keeper.h say to each other: one message each, at most one descriptor. */
#ifndef PLATFORM_OS_KEEPER_WIRE_H
#define PLATFORM_OS_KEEPER_WIRE_H

#include "platform/os/keeper.h"

#include <stdint.h>

enum keeper_word {
	KEEPER_PUT = 1,	   /* with a descriptor */
	KEEPER_PUT_SECRET, /* the same, memory to be locked */
	KEEPER_DROP,
	KEEPER_END,
	KEEPER_ITEM, /* from the keeper at the beginning, with a descriptor */
	KEEPER_THAT_WAS_ALL,
};

struct keeper_message {
	uint8_t word; /* enum keeper_word */
	char name[KEEPER_NAME_MAX];
};

/* Waits.  fd -1: none is sent.  False: the other side is gone. */
bool keeper_say(int to, enum keeper_word word, const char *name, int fd);
/* Waits; *fd is -1 or the receiver's.  False: gone, or it makes no sense. */
bool keeper_hear(int from, struct keeper_message *m, int *fd);

/* The process that holds, on a listening socket; does not return. */
_Noreturn void keeper_hold(int listener);

#endif
