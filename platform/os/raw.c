/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Raw IP sockets.  Owns nothing but the descriptor that it returns; never reads or sends. */
#include "platform/os/raw.h"

#include "platform/base/mem.h"
#include "platform/os/broker.h"

#include <errno.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#define RAW_BUFFER_BYTES (4 * 1024 * 1024)
#define SPI_LEN		 4

static int set(int fd, int level, int name, int value)
{
	return setsockopt(fd, level, name, &value, sizeof(value));
}

static void set_buffer(int fd, int forced, int plain)
{
	if (set(fd, SOL_SOCKET, forced, RAW_BUFFER_BYTES) != 0)
		(void)set(fd, SOL_SOCKET, plain, RAW_BUFFER_BYTES);
}

static int set_options(int fd, enum ip_family family)
{
	set_buffer(fd, SO_RCVBUFFORCE, SO_RCVBUF);
	set_buffer(fd, SO_SNDBUFFORCE, SO_SNDBUF);
	if (family == IP_V4)
		return set(fd, IPPROTO_IP, IP_RECVTOS, 1) |
		       set(fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DONT);
	return set(fd, IPPROTO_IPV6, IPV6_RECVTCLASS, 1) |
	       set(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_DONT);
}

int raw_open_esp(enum ip_family family, struct err_msg *e)
{
	const char *name = family == IP_V4 ? "IPv4" : "IPv6";
	int errnum;
	int fd;

	if (broker_is_there())
		return broker_open_raw(BROKER_RAW_ESP, family, NULL, e);
	fd = socket(family == IP_V4 ? AF_INET : AF_INET6, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC,
		    IPPROTO_ESP);
	if (fd < 0)
		return err_sys(e, errno, "raw ESP socket (%s)", name);
	if (set_options(fd, family) == 0)
		return fd;
	errnum = errno;
	(void)close(fd);
	return err_sys(e, errnum, "raw ESP socket (%s)", name);
}

int raw_keep_part(int fd, enum ip_family family, unsigned part, unsigned parts, struct err_msg *e)
{
	/* X: octets in front of the SPI */
	const struct sock_filter x =
		family == IP_V4 ? (struct sock_filter)BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0)
				: (struct sock_filter)BPF_STMT(BPF_LDX | BPF_IMM, 0);
	struct sock_filter code[] = {
		x,
		BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0),
		BPF_STMT(BPF_ALU | BPF_SUB | BPF_X, 0),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, SPI_LEN, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, part == 0 ? UINT32_MAX : 0), /* too short */
		BPF_STMT(BPF_LD | BPF_W | BPF_IND, 0),
		BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, parts),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, part, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX), /* all of it */
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	const struct sock_fprog program = {.len = ARRAY_LEN(code), .filter = code};

	if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) != 0)
		return err_sys(e, errno, "raw ESP socket: part %u of %u", part, parts);
	return 0;
}

int raw_open_esp_too_big(struct err_msg *e)
{
	int fd;

	if (broker_is_there())
		return broker_open_raw(BROKER_RAW_ESP_TOO_BIG, IP_V6, NULL, e);
	fd = socket(AF_INET6, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_ESP);
	if (fd < 0)
		return err_sys(e, errno, "raw ESP socket (IPv6 errors)");
	(void)set(fd, SOL_SOCKET, SO_RCVBUF, 0); /* as little as possible is kept */
	if (set(fd, IPPROTO_IPV6, IPV6_RECVERR, 1) == 0)
		return fd;
	(void)err_sys(e, errno, "raw ESP socket (IPv6 errors)");
	(void)close(fd);
	return ERR_SYSTEM;
}
