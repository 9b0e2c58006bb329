/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The privileged half: reads a request, checks form and policy, does it, answers.  It reads nothing
 * from a network, knows no secret but what passes by in netlink messages, and ends with the main
 * half, or when that one says something without sense.
 */
#include "platform/base/mem.h"
#include "platform/base/secret.h"
#include "platform/os/bird_process.h"
#include "platform/os/broker.h"
#include "platform/os/broker_fd.h"
#include "platform/os/broker_netlink.h"
#include "platform/os/broker_policy.h"
#include "platform/os/icmp.h"
#include "platform/os/icmp_error.h"
#include "platform/os/keeper.h"
#include "platform/os/netlink_socket.h"

#include "platform/os/raw.h"
#include "platform/os/sandbox.h"
#include "platform/os/seqpacket.h"
#include "platform/os/sysctl.h"
#include "platform/os/tcp.h"
#include "platform/os/tun.h"
#include "platform/os/udp.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUFFER_FIRST ((size_t)64 * 1024)

struct serve {
	const struct broker_settings *settings;
	struct ucred who; /* of the main half, as the kernel says */
	int devices;	  /* a socket that is asked for names */
	char name[IFNAMSIZ];
	uint8_t *buffer;
	size_t cap;
};

static const char *device_name(void *arg, int ifindex)
{
	struct serve *s = arg;
	struct ifreq req = {.ifr_ifindex = ifindex};

	s->name[0] = '\0';
	if (ioctl(s->devices, SIOCGIFNAME, &req) == 0)
		memcpy(s->name, req.ifr_name, sizeof(s->name));
	s->name[sizeof(s->name) - 1] = '\0';
	return s->name;
}

static int open_raw(const struct broker_request *q, struct err_msg *e)
{
	enum ip_family family = (enum ip_family)q->at.addr.family;
	const struct ip_addr none = {.family = IP_NONE};
	static const uint8_t zero[16];

	switch ((enum broker_raw)q->kind) {
	case BROKER_RAW_ESP:
		return raw_open_esp(family, e);
	case BROKER_RAW_ESP_TOO_BIG:
		return raw_open_esp_too_big(e);
	case BROKER_RAW_ECHO:
		return icmp_open(family,
				 memcmp(q->at.addr.bytes, zero, 16) == 0 ? &none : &q->at.addr, e);
	case BROKER_RAW_ICMP_ERROR:
		return icmp_error_open(family, e);
	}
	return ERR_INVALID;
}

static int open_tun(const struct broker_request *q, struct err_msg *e)
{
	const struct tun_options o = {.multi_queue = (q->kind & BROKER_TUN_QUEUES) != 0,
				      .vnet_header = (q->kind & BROKER_TUN_HEADER) != 0};

	return tun_open(q->name, (q->kind & BROKER_TUN_NO_OPTIONS) != 0 ? NULL : &o, e);
}

static int start_bird(const struct serve *s, struct err_msg *e)
{
	const char *program = bird_process_program();
	char dir[PATH_MAX];

	if (program == NULL)
		return err_set(e, ERR_NOT_FOUND, "BIRD is not installed (Debian package bird2)");
	if (realpath(s->settings->state_dir, dir) == NULL)
		snprintf(dir, sizeof(dir), "%s", s->settings->state_dir);
	return bird_process_start_as(program, dir, s->who.uid, s->who.gid, e);
}

static int send_netlink(struct serve *s, const struct broker_request *q, int given,
			struct broker_reply *r, struct err_msg *e)
{
	int rc = broker_netlink_check(q->kind, q->data, device_name, s, e);

	if (rc == 0)
		r->errnum = (uint32_t)netlink_socket_put(given, q->data.data, q->data.len);
	return rc;
}

/* At its start the main half is root yet, and a keeper of an earlier one is not. */
static uid_t keeper_user(const struct serve *s)
{
	struct stat st;

	return s->who.uid == 0 && stat(s->settings->state_dir, &st) == 0 ? st.st_uid : s->who.uid;
}

/* What a request opened, or -1 with the answer in *r. */
static int act(struct serve *s, const struct broker_request *q, int given, struct broker_reply *r,
	       struct err_msg *e)
{
	switch ((enum broker_word)q->word) {
	case BROKER_UDP:
		return udp_open((enum ip_family)q->at.addr.family, q->at.port, e);
	case BROKER_UDP_AT:
		return udp_open_at(&q->at, e);
	case BROKER_UDP_BESIDE:
		return udp_open_beside(given, e);
	case BROKER_TCP:
		return tcp_listen(&q->at, e);
	case BROKER_RAW:
		return open_raw(q, e);
	case BROKER_TUN:
		return open_tun(q, e);
	case BROKER_NETLINK:
		return netlink_socket_make(q->kind, q->groups, q->group_count, q->number, "", e);
	case BROKER_KEEPER:
		return keeper_reach(s->settings->keeper, keeper_user(s), e);
	case BROKER_TERMINALS:
		return seqpacket_listen(s->settings->socket, 0666, e);
	case BROKER_SEND:
		r->code = send_netlink(s, q, given, r, e);
		break;
	case BROKER_SETTING:
		r->code = sysctl_set(broker_setting_name(q->kind), 1, e);
		break;
	case BROKER_MARK:
		r->code = icmp_mark(given, q->number, e);

		break;
	case BROKER_BIRD:
		r->code = start_bird(s, e);
		break;
	case BROKER_BIRD_SIGNAL:
		bird_process_signal(given, q->kind);
		break;
	case BROKER_NO_TERMINALS:
		(void)unlink(s->settings->socket);
		break;
	case BROKER_RENEW:
		break;
	}
	return -1;
}

static bool opens(uint8_t word)
{
	return word <= BROKER_NETLINK || word == BROKER_KEEPER || word == BROKER_TERMINALS;
}

static bool answer(const struct broker_reply *r, int fd)
{
	uint8_t small[BROKER_HEADER + BROKER_REPLY_MAX];
	struct writer w = writer_of(small, sizeof(small));

	broker_reply_write(r, &w);
	return !w.failed && broker_fd_write(BROKER_OWN_FD, writer_view(&w), view_of(NULL, 0), fd);
}

/* False: the main half is gone, or does not hear. */
static bool serve_one(struct serve *s, const struct broker_request *q, int given)
{
	struct broker_reply r = {.code = 0};
	struct err_msg e = {.text = ""};
	int fd = -1;
	bool good;

	r.code = broker_policy_check(q, given, s->settings, &e);
	if (r.code == 0)
		fd = act(s, q, given, &r, &e);
	if (fd < 0 && r.code == 0 && opens(q->word))
		r.code = fd < 0 && fd >= ERR_WRONG_STATE ? fd : ERR_SYSTEM;
	if (r.code < 0)
		snprintf(r.text, sizeof(r.text), "%s", e.text);
	good = answer(&r, fd);
	if (fd >= 0)
		(void)close(fd);
	return good;
}

static void make_room(struct serve *s, size_t len)
{
	if (len <= s->cap)
		return;
	free(s->buffer);
	s->buffer = mem_calloc(len, 1);
	s->cap = len;
	(void)mlock(s->buffer, len);
}

/* The program as it is on disk now; should it not be there, this one goes on. */
static void renew(const struct broker_settings *s)
{
	size_t count = 0;
	char **argv;

	while (s->argv[count] != NULL)
		count++;
	if (count == 0)
		return;
	argv = mem_calloc(count + 2, sizeof(*argv));
	argv[0] = s->argv[0];
	argv[1] = mem_strdup(BROKER_OPTION);
	for (size_t i = 1; i < count; i++)
		argv[i + 1] = s->argv[i];
	(void)fcntl(BROKER_OWN_FD, F_SETFD, 0);
	(void)execvp(argv[0], argv);
	(void)fcntl(BROKER_OWN_FD, F_SETFD, FD_CLOEXEC);
	free(argv[1]);
	free(argv);
}

static bool take_turn(struct serve *s)
{
	uint8_t header[BROKER_HEADER], word;
	struct broker_request q;
	uint32_t len;
	int given = -1;
	bool good;

	good = broker_fd_read(BROKER_OWN_FD, header, sizeof(header), &given, &s->who) &&
	       broker_header_parse(view_of(header, sizeof(header)), &word, &len) == 0;
	if (good) {
		make_room(s, len);
		good = broker_fd_read(BROKER_OWN_FD, s->buffer, len, NULL, NULL) &&
		       broker_request_parse(word, view_of(s->buffer, len), &q) == 0 &&
		       serve_one(s, &q, given);
		bytes_wipe(s->buffer, len); /* keys may have been in it */
	}
	if (given >= 0)
		(void)close(given);
	if (s->cap > BUFFER_FIRST * 16) {
		free(s->buffer);
		s->buffer = NULL;
		s->cap = 0;
	}
	if (good && word == BROKER_RENEW)
		renew(s->settings);
	return good;
}

/* Nothing of the main half's: no files, terminal or signals. */
static void leave_behind(void)
{
	static const int ignored[] = {SIGHUP, SIGINT, SIGTERM, SIGUSR1, SIGUSR2, SIGPIPE, SIGCHLD};
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (size_t i = 0; i < ARRAY_LEN(ignored); i++)
		(void)signal(ignored[i], SIG_IGN);
	for (int fd = 0; fd < 3 && null >= 0; fd++)
		(void)dup2(null, fd);
	(void)close_range(3, BROKER_OWN_FD - 1, 0);
	(void)close_range(BROKER_OWN_FD + 1, ~0U, 0);
	(void)fcntl(BROKER_OWN_FD, F_SETFD, FD_CLOEXEC);
	(void)prctl(PR_SET_NAME, "ikesh-priv");
}

_Noreturn void broker_serve(const struct broker_settings *settings)
{
	struct serve s = {.settings = settings};
	char *run = mem_strdup(settings->socket);
	char *slash = strrchr(run, '/');
	const char *folders[] = {settings->state_dir, slash == NULL ? "." : run};
	const struct sandbox sandbox = {.role = SANDBOX_BROKER,
					.writable = folders,
					.writable_count = ARRAY_LEN(folders)};

	if (slash != NULL)
		*slash = '\0';
	leave_behind();
	s.devices = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	make_room(&s, BUFFER_FIRST);
	sandbox_enter(&sandbox, NULL);
	while (take_turn(&s))
		;
	_exit(EXIT_SUCCESS);
}
