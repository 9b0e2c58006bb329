/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Path MTU by a socket that is connected and sends nothing; it lives for one question. */
#include "platform/os/path_mtu.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ANY_PORT 4500 /* routes do not depend on it */

union any_sockaddr {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static socklen_t sockaddr_of(const struct ip_addr *a, uint16_t port, union any_sockaddr *sa)
{
	memset(sa, 0, sizeof(*sa));
	if (a->family == IP_V4) {
		sa->v4.sin_family = AF_INET;
		sa->v4.sin_port = htons(port);
		memcpy(&sa->v4.sin_addr, a->bytes, 4);
		return sizeof(sa->v4);
	}
	sa->v6.sin6_family = AF_INET6;
	sa->v6.sin6_port = htons(port);
	memcpy(&sa->v6.sin6_addr, a->bytes, 16);
	return sizeof(sa->v6);
}

static int ask(int fd, const struct ip_addr *local, const struct ip_addr *remote, int *value)
{
	bool v4 = remote->family == IP_V4;
	socklen_t value_len = sizeof(*value);
	union any_sockaddr sa;
	socklen_t len = sockaddr_of(local, 0, &sa);

	if (ip_addr_is_set(local) && bind(fd, &sa.any, len) != 0)
		return -1;
	len = sockaddr_of(remote, ANY_PORT, &sa);
	if (connect(fd, &sa.any, len) != 0)
		return -1;
	return getsockopt(fd, v4 ? IPPROTO_IP : IPPROTO_IPV6, v4 ? IP_MTU : IPV6_MTU, value,
			  &value_len);
}

int path_mtu(const struct ip_addr *local, const struct ip_addr *remote, uint32_t *mtu)
{
	int fd = socket(remote->family == IP_V4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int value = 0, rc;

	if (fd < 0)
		return ERR_SYSTEM;
	rc = ask(fd, local, remote, &value);
	(void)close(fd);
	if (rc != 0 || value <= 0)
		return ERR_NOT_FOUND;
	*mtu = (uint32_t)value;
	return 0;
}
