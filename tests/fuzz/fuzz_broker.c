/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Requests of a main half that was taken over: the privileged half's decoder, its policy, and its
 * checks of netlink messages.  Input: header, and what follows it.  What is accepted is looked at
 * once more, in another way.
 */
#include "platform/os/broker_netlink.h"
#include "platform/os/broker_policy.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

/* Even numbers are ours. */
static const char *device(void *arg, int ifindex)
{
	(void)arg;
	return ifindex == 1 ? "lo" : ifindex % 2 == 0 ? "ips12" : "eth0";
}

static void look_again(struct view v)
{
	for (size_t at = 0; at < v.len;) {
		struct nlmsghdr m;
		struct ifinfomsg link;

		memcpy(&m, v.data + at, sizeof(m)); /* whole, or it was not accepted */
		if (m.nlmsg_type < RTM_NEWLINK || m.nlmsg_type > RTM_NEWTCLASS)
			abort();
		if (m.nlmsg_type == RTM_DELLINK) {
			memcpy(&link, v.data + at + sizeof(m), sizeof(link));
			if (link.ifi_index < 0 || link.ifi_index % 2 != 0)
				abort();
		}
		at += (m.nlmsg_len + 3U) & ~3U;
	}
}

static void check_round(const struct broker_request *q, struct view body)
{
	uint8_t again[BROKER_HEADER + BROKER_SMALL_MAX];
	struct writer w = writer_of(again, sizeof(again));

	broker_request_write(q, &w);
	if (w.failed || w.len + q->data.len != BROKER_HEADER + body.len)
		abort();
	/* behind the end of a name may be anything */
	if (q->word != BROKER_TUN &&
	    memcmp(again + BROKER_HEADER, body.data, w.len - BROKER_HEADER) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct broker_settings settings = {.ike_port = 500,
							.natt_port = 4500,
							.socket = "/nowhere/s",
							.state_dir = "/nowhere"};
	struct broker_request q;
	struct err_msg e;
	uint32_t len;
	uint8_t word;
	struct view body;

	if (size < BROKER_HEADER ||
	    broker_header_parse(view_of(data, BROKER_HEADER), &word, &len) != 0)
		return 0;
	body = view_of(data + BROKER_HEADER, size - BROKER_HEADER);
	if (broker_request_parse(word, body, &q) != 0)
		return 0;
	check_round(&q, body);
	if (!broker_takes_fd(word) && broker_policy_check(&q, -1, &settings, &e) == 0 &&
	    word == BROKER_TUN && strncmp(q.name, "ip", 2) != 0 && strncmp(q.name, "ik", 2) != 0)
		abort();
	if (word == BROKER_SEND && broker_netlink_check(q.kind, q.data, device, NULL, &e) == 0 &&
	    q.kind == NETLINK_ROUTE)
		look_again(q.data);
	return 0;
}
