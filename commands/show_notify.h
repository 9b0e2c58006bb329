/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The screen of log hosts and receivers of notifications; as show.h. */
#ifndef COMMANDS_SHOW_NOTIFY_H
#define COMMANDS_SHOW_NOTIFY_H

#include "commands/box_config.h"
#include "commands/receiver.h"
#include "commands/show.h"

void show_notify(struct answer *a, const struct show_clock *clock,
		 const struct receiver_status *list, size_t count, const struct box_notify *config,
		 uint64_t repeats);

#endif
