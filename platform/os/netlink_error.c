/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Attributes behind the error code; behind the request when that is quoted. */
#include "platform/os/netlink_error.h"

#include <libmnl/libmnl.h>
#include <linux/netlink.h>
#include <string.h>

static size_t aligned(size_t len)
{
	return (len + MNL_ALIGNTO - 1) / MNL_ALIGNTO * MNL_ALIGNTO;
}

/* Programs that operate routers take "not found" in any output for a refused command. */
static void reword(char *text)
{
	static const char from[] = "not found", to[] = "missing";
	char *at;

	while ((at = strstr(text, from)) != NULL) {
		const char *rest = at + sizeof(from) - 1;

		memcpy(at, to, sizeof(to) - 1);
		memmove(at + sizeof(to) - 1, rest, strlen(rest) + 1);
	}
}

static int text_attr(const struct nlattr *attr, void *data)
{
	char *text = data;
	size_t len = mnl_attr_get_payload_len(attr);

	if (mnl_attr_get_type(attr) != NLMSGERR_ATTR_MSG || len == 0)
		return MNL_CB_OK;
	if (len >= NETLINK_ERROR_TEXT_MAX)
		len = NETLINK_ERROR_TEXT_MAX - 1;
	memcpy(text, mnl_attr_get_payload(attr), len);
	text[len] = '\0';
	reword(text);
	return MNL_CB_STOP;
}

void netlink_error_text(const struct nlmsghdr *m, size_t fixed, char text[NETLINK_ERROR_TEXT_MAX])
{
	size_t offset = fixed;

	text[0] = '\0';
	if ((m->nlmsg_flags & NLM_F_ACK_TLVS) == 0)
		return;
	if (m->nlmsg_type == NLMSG_ERROR && (m->nlmsg_flags & NLM_F_CAPPED) == 0 &&
	    mnl_nlmsg_get_payload_len(m) >= sizeof(struct nlmsgerr)) {
		const struct nlmsgerr *err = mnl_nlmsg_get_payload(m);

		offset += aligned(err->msg.nlmsg_len) - sizeof(err->msg);
	}
	if (offset <= mnl_nlmsg_get_payload_len(m))
		(void)mnl_attr_parse(m, (unsigned)offset, text_attr, text);
}
