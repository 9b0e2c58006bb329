/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The order of the parts, and capabilities(7). */
#include "platform/os/sandbox.h"

#include "platform/base/log.h"
#include "platform/base/mem.h"
#include "platform/os/user.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define BIT(cap) (1ULL << (cap))
#define NETWORK	 (BIT(CAP_NET_ADMIN) | BIT(CAP_NET_RAW) | BIT(CAP_NET_BIND_SERVICE))

/* Devices, routes, rules, SAs; raw sockets; port 500; memory of keys that is never swapped out;
 * that root reads and writes its folders whoever owns them; BIRD as another
 * user. */
static const uint64_t kept[] = {
	[SANDBOX_WHOLE] = NETWORK | BIT(CAP_IPC_LOCK) | BIT(CAP_DAC_OVERRIDE),
	[SANDBOX_MAIN] = 0,
	[SANDBOX_READER] = BIT(CAP_DAC_OVERRIDE),
	[SANDBOX_BROKER] =
		NETWORK | BIT(CAP_DAC_OVERRIDE) | BIT(CAP_SETUID) | BIT(CAP_SETGID) | BIT(CAP_KILL),
	[SANDBOX_KEEPER] = BIT(CAP_IPC_LOCK),
};

struct sets {
	struct __user_cap_header_struct head;
	struct __user_cap_data_struct data[2];
};

static bool get(struct sets *s)
{
	s->head = (struct __user_cap_header_struct){.version = _LINUX_CAPABILITY_VERSION_3};
	return syscall(SYS_capget, &s->head, s->data) == 0;
}

bool sandbox_has_rights(void)
{
	struct sets s;

	return get(&s) && (s.data[0].effective & NETWORK) != 0;
}

int sandbox_capabilities(enum sandbox_role role, const struct user *user, struct err_msg *e)
{
	struct sets s;

	for (unsigned cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++) {
		if ((kept[role] & BIT(cap)) == 0)
			(void)prctl(PR_CAPBSET_DROP, cap, 0, 0, 0); /* wants CAP_SETPCAP */
	}
	if (user != NULL && user_become(user, e) != 0)
		return ERR_SYSTEM;
	if (!get(&s))
		return err_sys(e, errno, "capabilities");
	for (unsigned i = 0; i < ARRAY_LEN(s.data); i++) {
		uint32_t mask = (uint32_t)(kept[role] >> 32 * i);

		s.data[i].permitted &= mask;
		s.data[i].effective &= mask;
		s.data[i].inheritable &= mask;
	}
	if (syscall(SYS_capset, &s.head, s.data) != 0)
		return err_sys(e, errno, "capabilities");
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ? err_sys(e, errno, "no new rights") : 0;
}

bool sandbox_is_complete(void)
{
#ifdef IKESH_INSTRUMENTED
	return false;
#else
	return true;
#endif
}

void sandbox_enter(const struct sandbox *s, const struct log *log)
{
	struct err_msg e = {.text = ""};

#ifdef IKESH_INSTRUMENTED
	log_line(log, LOG_LVL_INFO, LOG_MAIN, "sandbox: not in an instrumented build");
	if (s->role == SANDBOX_MAIN ||
	    s->role == SANDBOX_READER) /* so that it asks, and is not only able to */
		(void)!sandbox_capabilities(s->role, NULL, &e);
	return;
#endif
	if (sandbox_capabilities(s->role, s->user, &e) != 0)
		log_line(log, LOG_LVL_WARNING, LOG_MAIN, "sandbox: %s", e.text);
	if (sandbox_files(s, &e) != 0)
		log_line(log, LOG_LVL_NOTICE, LOG_MAIN, "sandbox: %s", e.text);
	if (sandbox_calls(s->role, &e) != 0)
		log_line(log, LOG_LVL_NOTICE, LOG_MAIN, "sandbox: %s", e.text);
}
