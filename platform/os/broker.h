/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The privileged half, as the main half sees it: a process that opens sockets and devices, sends
 * netlink messages about what is ours, and starts BIRD, and refuses everything else.  It is known
 * by one descriptor number, which also a program that is executed anew finds, so that the adapters
 * of this folder need not be told.  Where there is none, they do it themselves.
 *
 * For one thread of the main half.
 */
#ifndef PLATFORM_OS_BROKER_H
#define PLATFORM_OS_BROKER_H

#include "platform/os/broker_wire.h"

#include <stdbool.h>
#include <stdint.h>

#define BROKER_FD     31		  /* of the main half */
#define BROKER_OWN_FD 30		  /* of the privileged one */
#define BROKER_OPTION "--privileged-half" /* of a program that is executed as one */

/* What it may open and start; all are fixed for its life. */
struct broker_settings {
	uint16_t ike_port, natt_port;
	const char *socket;    /* of the terminals */
	const char *state_dir; /* BIRD's files are below */
	const char *keeper;    /* by its name */
	char **argv;	       /* the program, when it is renewed */
};

bool broker_is_there(void);
/* Makes it, before there are threads.  ERR_SYSTEM with e. */
int broker_start(const struct broker_settings *s, struct err_msg *e) WARN_UNUSED;
/* It is this process, from now on. */
_Noreturn void broker_serve(const struct broker_settings *s);

/* Asks and waits.  fd: given along, or -1; *got (or NULL): what came back, or -1.  ERR_SYSTEM: it
 * is gone. */
int broker_ask(const struct broker_request *q, int fd, struct broker_reply *out,
	       int *got) WARN_UNUSED;
/* The same for what gives a descriptor, or a negative enum err with e as it was said there. */
int broker_open(const struct broker_request *q, int fd, struct err_msg *e) WARN_UNUSED;
/* source: of echo requests, or NULL. */
int broker_open_raw(enum broker_raw kind, enum ip_family family, const struct ip_addr *source,
		    struct err_msg *e) WARN_UNUSED;
/* The same for what gives a number from 0 on. */
int broker_do(const struct broker_request *q, struct err_msg *e) WARN_UNUSED;
int broker_do_with(const struct broker_request *q, int fd, struct err_msg *e) WARN_UNUSED;

/* Both halves are executed anew: the privileged one at once, this one by the caller, who finds it
 * again there. */
void broker_renew(void);

#endif
