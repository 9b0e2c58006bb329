/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the checks of the three netlink buses share; for broker_netlink.c and its neighbours only.
 */
#ifndef PLATFORM_OS_BROKER_CHECK_H
#define PLATFORM_OS_BROKER_CHECK_H

#include "platform/os/broker_netlink.h"

#include <stdint.h>

/* The message that is looked at. */
struct check {
	int bus;
	uint16_t type, flags;
	broker_device_fn *device;
	void *arg; /* of device */
	struct err_msg *e;
};

/* fn NULL: any value will do. */
struct attr_rule {
	uint16_t type;
	int (*fn)(const struct check *c, struct view value, void *arg);
};

struct message_rule {
	uint16_t type;
	int (*fn)(const struct check *c, struct view m); /* m: behind the netlink header */
};

const struct message_rule *broker_nft_rules(size_t *count);
const struct message_rule *broker_xfrm_rules(size_t *count);

int broker_deny(const struct check *c, const char *why); /* ERR_DENIED */
/* Every attribute of the list has a rule, and its function agrees. */
int broker_attrs(const struct check *c, struct view list, const struct attr_rule *rules,
		 size_t count, void *arg) WARN_UNUSED;
/* The fixed part of a message, and the attributes behind it. */
int broker_body(const struct check *c, struct view m, void *fixed, size_t size,
		struct view *attrs) WARN_UNUSED;
bool broker_text_is(struct view v, const char *text); /* with its NUL */
bool broker_u32(struct view v, uint32_t *out);
bool broker_is_own_if_id(uint32_t id);

#endif
