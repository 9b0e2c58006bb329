/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How it goes with a machine that is told things: what log hosts and notifications show. */
#ifndef COMMANDS_RECEIVER_H
#define COMMANDS_RECEIVER_H

#include <stddef.h>
#include <stdint.h>

#define RECEIVER_NAME_MAX 320
#define RECEIVER_TEXT_MAX 256

struct receiver_status {
	const char *kind; /* "syslog", "webhook", "email" */
	char name[RECEIVER_NAME_MAX];
	uint64_t sent, lost, failures;
	size_t waiting;
	uint64_t sent_ms;		 /* the latest, wall clock; 0: none yet */
	uint64_t retry_ms;		 /* loop time of the next attempt, 0: none is due */
	char trouble[RECEIVER_TEXT_MAX]; /* "": none */
};

#endif
