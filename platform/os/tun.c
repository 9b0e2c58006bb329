/* SPDX-License-Identifier: GPL-3.0-or-later */
/* TUN devices.  Never sets addresses, MTU or routes: that is rtnl. */
#include "platform/os/tun.h"

#include "platform/os/broker.h"
#include "platform/os/own.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <linux/sockios.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef TUN_F_USO4 /* Linux 6.2 */
#define TUN_F_USO4 0x20
#define TUN_F_USO6 0x40
#endif

#define TUN_PATH	     "/dev/net/tun"
#define TUN_VNET_HEADER_SIZE 10 /* struct virtio_net_hdr */

static int ask_for(const char *name, const struct tun_options *o, struct err_msg *e)
{
	struct broker_request q = {.word = BROKER_TUN};

	(void)snprintf(q.name, sizeof(q.name), "%s", name);
	if (o == NULL)
		q.kind = BROKER_TUN_NO_OPTIONS;
	else
		q.kind = (uint8_t)((o->multi_queue ? BROKER_TUN_QUEUES : 0) |
				   (o->vnet_header ? BROKER_TUN_HEADER : 0));
	return broker_open(&q, -1, e);
}

int tun_open(const char *name, const struct tun_options *options, struct err_msg *e)
{
	struct ifreq req = {.ifr_flags = IFF_TUN | IFF_NO_PI};
	int header_size = TUN_VNET_HEADER_SIZE;
	size_t len = strlen(name);
	int errnum;
	int fd;

	if (len == 0 || len >= sizeof(req.ifr_name))
		return err_set(e, ERR_INVALID, "TUN device \"%s\": a name has 1 to %zu characters",
			       name, sizeof(req.ifr_name) - 1);
	if (broker_is_there())
		return ask_for(name, options, e);
	memcpy(req.ifr_name, name, len + 1);
	if (options != NULL && options->multi_queue)
		req.ifr_flags |= IFF_MULTI_QUEUE;
	if (options != NULL && options->vnet_header)
		req.ifr_flags |= IFF_VNET_HDR;
	fd = open(TUN_PATH, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return err_sys(e, errno, "TUN device %s: %s", name, TUN_PATH);
	if (ioctl(fd, TUNSETIFF, &req) != 0)
		goto fail;
	if (options != NULL && options->vnet_header &&
	    ioctl(fd, TUNSETVNETHDRSZ, &header_size) != 0)
		goto fail;
	return fd;
fail:
	errnum = errno;
	close(fd);
	return err_sys(e, errnum, "TUN device %s", name);
}

static int device_error(int fd, const char *what, struct err_msg *e)
{
	struct ifreq req = {.ifr_flags = 0};
	int errnum = errno;

	if (ioctl(fd, TUNGETIFF, &req) != 0)
		req.ifr_name[0] = '\0';
	return err_sys(e, errnum, "%s of TUN device %.*s", what, IFNAMSIZ, req.ifr_name);
}

int tun_enable_offload(int fd, bool *udp, struct err_msg *e)
{
	unsigned long tcp = TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_TSO_ECN;

	*udp = ioctl(fd, TUNSETOFFLOAD, tcp | TUN_F_USO4 | TUN_F_USO6) == 0;
	if (*udp || ioctl(fd, TUNSETOFFLOAD, tcp) == 0)
		return 0;
	return device_error(fd, "offload", e);
}

int tun_look(int fd, const char *name, int *ifindex, uint32_t *mtu)
{
	struct ifreq req = {.ifr_flags = 0};
	int any, rc;
	bool up;

	if (ioctl(fd, TUNGETIFF, &req) != 0 || strncmp(req.ifr_name, name, IFNAMSIZ) != 0)
		return ERR_NOT_FOUND;
	any = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (any < 0)
		return ERR_NOT_FOUND;
	rc = ioctl(any, SIOCGIFFLAGS, &req);
	up = rc == 0 && (req.ifr_flags & IFF_UP) != 0;
	if (rc == 0)
		rc = ioctl(any, SIOCGIFMTU, &req);
	*mtu = rc == 0 && up ? (uint32_t)req.ifr_mtu : 0;
	if (rc == 0)
		rc = ioctl(any, SIOCGIFINDEX, &req);
	*ifindex = req.ifr_ifindex;
	close(any);
	return rc == 0 ? 0 : ERR_NOT_FOUND;
}

/* A carrier that comes gets the device its queue a while later, and until then what is sent is
 * dropped.  Who asks for the state of the link waits for that.  Where it is refused, some packets
 * may be lost: no more. */
static void await_queue(int fd)
{
	struct ethtool_value link = {.cmd = ETHTOOL_GLINK};
	struct ifreq req = {.ifr_flags = 0};
	int any = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (any < 0)
		return;
	if (ioctl(fd, TUNGETIFF, &req) == 0) {
		req.ifr_data = (void *)&link;
		(void)ioctl(any, SIOCETHTOOL, &req);
	}
	(void)close(any);
}

int tun_set_carrier(int fd, bool on, struct err_msg *e)
{
	int carrier = on ? 1 : 0;

	if (ioctl(fd, TUNSETCARRIER, &carrier) != 0)
		return device_error(fd, "carrier", e);
	if (on)
		await_queue(fd);
	return 0;
}

int tun_probe(struct err_msg *e)
{
	static const char prefix[] = "TUN device " OWN_TUN_PROBE_DEVICE ": ";
	struct err_msg why = {.code = 0};
	const char *text = why.text;
	int fd = tun_open(OWN_TUN_PROBE_DEVICE, NULL, &why); /* the kernel fills in a free number */

	if (fd < 0) {
		if (strncmp(text, prefix, sizeof(prefix) - 1) == 0)
			text += sizeof(prefix) - 1;
		return err_set(e, ERR_SYSTEM, "No TUN device can be made here: %s", text);
	}
	close(fd);
	return 0;
}
