/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The last mile of a tunnel as a cap on what is sent to it: packets that come faster wait in queues
 * of their sender, first those of network rules with a QoS priority, and are lost when they would
 * wait too long.  Octets are those of inner packets.  Pure: the caller reads the clock and sends.
 * Nothing is allocated for a packet: all queues of a sender share its memory.
 */
#ifndef DATAPLANE_ESP_MILE_H
#define DATAPLANE_ESP_MILE_H

#include "dataplane/net/net.h"
#include "platform/base/bytes.h"

#include <stdatomic.h>
#include <stdbool.h>

/* One of a tunnel; made and freed by the main thread with its site. */
struct esp_mile {
	_Atomic uint64_t rate; /* octets in a second, set by the main thread; 0: no cap */
	/* the sender: */
	uint64_t free_ns; /* until then it is taken by what was sent */
	uint32_t line;	  /* its queues; 0: nothing waits */
};

/* Whose packets wait in a line. */
struct esp_line_owner {
	uint32_t site;
	uint8_t slot;
};

/* All queues of a sender. */
struct esp_lines;

struct esp_lines *esp_lines_new(void);
void esp_lines_free(struct esp_lines *l); /* NULL is allowed */

/* Has the time of the next packet come, among those that wait if there are some? */
bool esp_mile_is_free(const struct esp_mile *m, uint64_t now_ns);
/* So many octets were sent. */
void esp_mile_charge(struct esp_mile *m, size_t octets, uint64_t now_ns);

/* A packet (at most 65,545 octets, with what belongs to it) waits; band as in struct net_class.
 * False: it is lost. */
bool esp_lines_put(struct esp_lines *l, struct esp_mile *m, const struct esp_line_owner *owner,
		   unsigned band, struct view packet);
/* The next one in turn, which is copied to buf and gone; 0: none is left, and the line is gone. */
size_t esp_lines_get(struct esp_lines *l, struct esp_mile *m, void *buf);

/* The line at or behind *line that is in use, from 1 on; false: none. */
bool esp_lines_next(const struct esp_lines *l, uint32_t *line, struct esp_line_owner *owner);
/* Whose packets these were is gone. */
void esp_lines_drop(struct esp_lines *l, uint32_t line);

#endif
