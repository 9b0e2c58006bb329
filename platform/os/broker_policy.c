/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One function per kind of request, in a table.  Never opens or changes anything. */
#include "platform/os/broker_policy.h"

#include "platform/base/mem.h"
#include "platform/os/bird_process.h"
#include "platform/os/broker_netlink.h"
#include "platform/os/own.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>

#define BUFFER_MAX	(8U << 20)
#define ROUTE_GROUP_MAX 64
#define XFRM_GROUP_MAX	8
#define UNRESTRICTED	1024

static int deny(struct err_msg *e, const char *what, unsigned number)
{
	return err_set(e, ERR_DENIED, "the privileged half does not open %s %u", what, number);
}

static bool is_ike(const struct broker_settings *s, uint16_t port)
{
	return port == s->ike_port || port == s->natt_port;
}

static int udp(const struct broker_request *q, int given, const struct broker_settings *s,
	       struct err_msg *e)
{
	(void)given;
	return is_ike(s, q->at.port) ? 0 : deny(e, "UDP port", q->at.port);
}

static int udp_at(const struct broker_request *q, int given, const struct broker_settings *s,
		  struct err_msg *e)
{
	(void)given;
	(void)s;
	return q->at.port == 53 || q->at.port >= UNRESTRICTED ? 0 : deny(e, "UDP port", q->at.port);
}

/* Name server, metrics. */
static int tcp(const struct broker_request *q, int given, const struct broker_settings *s,
	       struct err_msg *e)
{
	static const uint16_t low[] = {53, 80, 443};

	(void)given;
	(void)s;
	for (size_t i = 0; i < ARRAY_LEN(low); i++) {
		if (q->at.port == low[i])
			return 0;
	}
	return q->at.port >= UNRESTRICTED ? 0 : deny(e, "TCP port", q->at.port);
}

static int option(int fd, int name)
{
	int value = -1;
	socklen_t len = sizeof(value);

	return getsockopt(fd, SOL_SOCKET, name, &value, &len) == 0 ? value : -1;
}

static int beside(const struct broker_request *q, int given, const struct broker_settings *s,
		  struct err_msg *e)
{
	struct sockaddr_storage a;
	socklen_t len = sizeof(a);
	uint16_t port = 0;

	(void)q;
	memset(&a, 0, sizeof(a));
	if (option(given, SO_TYPE) == SOCK_DGRAM && option(given, SO_PROTOCOL) == IPPROTO_UDP &&
	    getsockname(given, (struct sockaddr *)&a, &len) == 0)
		port = a.ss_family == AF_INET	 ? ntohs(((struct sockaddr_in *)&a)->sin_port)
		       : a.ss_family == AF_INET6 ? ntohs(((struct sockaddr_in6 *)&a)->sin6_port)
						 : 0;
	return port != 0 && is_ike(s, port) ? 0 : deny(e, "a socket beside one of UDP port", port);
}

static int raw(const struct broker_request *q, int given, const struct broker_settings *s,
	       struct err_msg *e)
{
	(void)given;
	(void)s;
	return q->kind <= BROKER_RAW_ICMP_ERROR && q->at.port == 0
		       ? 0
		       : deny(e, "a raw socket of kind", q->kind);
}

static int tun(const struct broker_request *q, int given, const struct broker_settings *s,
	       struct err_msg *e)
{
	(void)given;
	(void)s;
	if (q->kind <= (BROKER_TUN_QUEUES | BROKER_TUN_HEADER | BROKER_TUN_NO_OPTIONS) &&
	    (broker_is_own_device(q->name) || strcmp(q->name, OWN_TUN_PROBE_DEVICE) == 0))
		return 0;
	return err_set(e, ERR_DENIED, "the privileged half makes no device of this name");
}

static bool is_bus(unsigned bus)
{
	return bus == NETLINK_ROUTE || bus == NETLINK_NETFILTER || bus == NETLINK_XFRM;
}

static int netlink(const struct broker_request *q, int given, const struct broker_settings *s,
		   struct err_msg *e)
{
	uint32_t most = q->kind == NETLINK_ROUTE  ? ROUTE_GROUP_MAX
			: q->kind == NETLINK_XFRM ? XFRM_GROUP_MAX
						  : 0;

	(void)given;
	(void)s;
	if (!is_bus(q->kind))
		return deny(e, "netlink bus", q->kind);
	if (q->number > BUFFER_MAX)
		return deny(e, "a netlink buffer of octets", q->number);
	for (size_t i = 0; i < q->group_count; i++) {
		if (q->groups[i] == 0 || q->groups[i] > most)
			return deny(e, "netlink group", q->groups[i]);
	}
	return 0;
}

/* The bus is what the kernel says of the socket. */
static int sending(const struct broker_request *q, int given, const struct broker_settings *s,
		   struct err_msg *e)
{
	(void)s;
	if (!is_bus(q->kind) || option(given, SO_DOMAIN) != AF_NETLINK ||
	    option(given, SO_PROTOCOL) != q->kind)
		return err_set(e, ERR_DENIED, "the privileged half does not send on this socket");
	return 0;
}

static int bird_signal(const struct broker_request *q, int given, const struct broker_settings *s,
		       struct err_msg *e)
{
	if ((q->kind == SIGTERM || q->kind == SIGKILL) && bird_process_is_ours(given, s->state_dir))
		return 0;
	return err_set(e, ERR_DENIED, "the privileged half ends no other process than BIRD");
}

static int setting(const struct broker_request *q, int given, const struct broker_settings *s,
		   struct err_msg *e)
{
	(void)given;
	(void)s;
	return broker_setting_name(q->kind) != NULL ? 0 : deny(e, "kernel setting", q->kind);
}

/* The lowest octet is the slot's. */
static int mark(const struct broker_request *q, int given, const struct broker_settings *s,
		struct err_msg *e)
{
	int protocol = option(given, SO_PROTOCOL);

	(void)s;
	return option(given, SO_TYPE) == SOCK_RAW && (q->number & 0xff) == 0 &&
			       (protocol == IPPROTO_ICMP || protocol == IPPROTO_ICMPV6)
		       ? 0
		       : deny(e, "a socket with mark", q->number);
}

typedef int policy_fn(const struct broker_request *q, int given, const struct broker_settings *s,
		      struct err_msg *e);

int broker_policy_check(const struct broker_request *q, int given, const struct broker_settings *s,
			struct err_msg *e)
{
	static policy_fn *const policies[BROKER_WORD_MAX + 1] = {
		[BROKER_UDP] = udp,
		[BROKER_UDP_AT] = udp_at,
		[BROKER_UDP_BESIDE] = beside,
		[BROKER_TCP] = tcp,
		[BROKER_RAW] = raw,
		[BROKER_TUN] = tun,
		[BROKER_NETLINK] = netlink,
		[BROKER_SEND] = sending,
		[BROKER_SETTING] = setting,
		[BROKER_MARK] = mark,
		[BROKER_BIRD_SIGNAL] = bird_signal,
	};

	if (broker_takes_fd(q->word) != (given >= 0))
		return err_set(e, ERR_DENIED, "the privileged half expects no such descriptor");
	/* The others have no words of their own: all is fixed. */
	return policies[q->word] == NULL ? 0 : policies[q->word](q, given, s, e);
}
