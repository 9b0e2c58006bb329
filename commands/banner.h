/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines that belong to a banner whose closing delimiter is still to come. */
#ifndef COMMANDS_BANNER_H
#define COMMANDS_BANNER_H

struct session;

/* One more line of an open banner; 0, or negative when the whole of it was refused. */
int banner_line(struct session *s, const char *line);
/* No further line comes: an open banner is refused.  0 when there was none. */
int banner_abandon(struct session *s);

#endif
