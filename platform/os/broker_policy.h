/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What of a well-formed request is allowed; messages of netlink are looked at elsewhere. */
#ifndef PLATFORM_OS_BROKER_POLICY_H
#define PLATFORM_OS_BROKER_POLICY_H

#include "platform/os/broker.h"

/* 0, or ERR_DENIED with e.  given: the descriptor that came along, or -1. */
int broker_policy_check(const struct broker_request *q, int given, const struct broker_settings *s,
			struct err_msg *e) WARN_UNUSED;

#endif
