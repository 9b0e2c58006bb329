/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The order of the parts, and capabilities(7). */
#include "platform/os/sandbox.h"

#include "platform/base/log.h"
#include "platform/base/mem.h"

#include <errno.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Devices, routes, rules, SAs; raw sockets; port 500; memory of keys that is never swapped out; and
 * that root reads and writes its folders whoever owns them. */
static const unsigned kept[] = {CAP_NET_ADMIN, CAP_NET_RAW, CAP_NET_BIND_SERVICE, CAP_IPC_LOCK,
				CAP_DAC_OVERRIDE};

static bool is_kept(unsigned cap)
{
	for (size_t i = 0; i < ARRAY_LEN(kept); i++) {
		if (kept[i] == cap)
			return true;
	}
	return false;
}

int sandbox_capabilities(struct err_msg *e)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &head, data) != 0)
		return err_sys(e, errno, "capabilities");
	for (unsigned cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++) {
		if (!is_kept(cap))
			(void)prctl(PR_CAPBSET_DROP, cap, 0, 0, 0); /* wants CAP_SETPCAP */
	}
	for (unsigned cap = 0; cap < 64; cap++) {
		unsigned bit = 1U << cap % 32;

		if (is_kept(cap))
			continue;
		data[cap / 32].permitted &= ~bit;
		data[cap / 32].effective &= ~bit;
		data[cap / 32].inheritable &= ~bit;
	}
	if (syscall(SYS_capset, &head, data) != 0)
		return err_sys(e, errno, "capabilities");
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ? err_sys(e, errno, "no new rights") : 0;
}

void sandbox_enter(const struct sandbox *s, const struct log *log)
{
	struct err_msg e = {.text = ""};

#ifdef IKESH_INSTRUMENTED
	log_line(log, LOG_LVL_INFO, LOG_MAIN, "sandbox: not in an instrumented build");
	return;
#endif
	if (sandbox_capabilities(&e) != 0)
		log_line(log, LOG_LVL_WARNING, LOG_MAIN, "sandbox: %s", e.text);
	if (sandbox_files(s, &e) != 0)
		log_line(log, LOG_LVL_NOTICE, LOG_MAIN, "sandbox: %s", e.text);
	if (sandbox_calls(&e) != 0)
		log_line(log, LOG_LVL_NOTICE, LOG_MAIN, "sandbox: %s", e.text);
}
