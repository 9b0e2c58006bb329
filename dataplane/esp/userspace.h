/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The userspace backend with a number of threads that its caller chooses. */
#ifndef DATAPLANE_ESP_USERSPACE_H
#define DATAPLANE_ESP_USERSPACE_H

#include "dataplane/dataplane.h"

/* As dp_userspace_new; threads 0: as many as suit the machine. */
struct dataplane *esp_userspace_new(struct loop *loop, const struct dp_sockets *sockets,
				    const struct dp_callbacks *callbacks, const struct log *log,
				    unsigned threads, struct err_msg *e);

#endif
