/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Origin of packets by a BPF program and a map of one number that is shared with it. */
#include "platform/os/origin.h"

#include "platform/base/mem.h"

#include <errno.h>
#include <linux/bpf.h>
#include <linux/if_tun.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LICENSE "GPL"

struct origin {
	int map, program;
	size_t len;
	_Atomic uint32_t *processor; /* 1 more than its number; 0: no packet yet */
};

static int bpf(enum bpf_cmd command, union bpf_attr *attr)
{
	return (int)syscall(SYS_bpf, command, attr, sizeof(*attr));
}

static int new_map(void)
{
	union bpf_attr a;

	memset(&a, 0, sizeof(a));
	a.map_type = BPF_MAP_TYPE_ARRAY;
	a.key_size = a.value_size = sizeof(uint32_t);
	a.max_entries = 1;
	a.map_flags = BPF_F_MMAPABLE;
	return bpf(BPF_MAP_CREATE, &a);
}

static int new_program(int map)
{
	/* NOLINTBEGIN(misc-redundant-expression): some of these names are 0 */
	const struct bpf_insn code[] = {
		{.code = BPF_LD | BPF_IMM | BPF_DW,
		 .dst_reg = BPF_REG_6,
		 .src_reg = BPF_PSEUDO_MAP_VALUE,
		 .imm = map},
		{.code = 0},
		{.code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_get_smp_processor_id},
		{.code = BPF_ALU | BPF_ADD | BPF_K, .dst_reg = BPF_REG_0, .imm = 1},
		{.code = BPF_STX | BPF_MEM | BPF_W, .dst_reg = BPF_REG_6, .src_reg = BPF_REG_0},
		/* so much of the packet is kept: all */
		{.code = BPF_ALU | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = -1},
		{.code = BPF_JMP | BPF_EXIT},
	};
	/* NOLINTEND(misc-redundant-expression) */
	union bpf_attr a;

	memset(&a, 0, sizeof(a));
	a.prog_type = BPF_PROG_TYPE_SOCKET_FILTER;
	a.insns = (uint64_t)(uintptr_t)code;
	a.insn_cnt = ARRAY_LEN(code);
	a.license = (uint64_t)(uintptr_t)LICENSE;
	return bpf(BPF_PROG_LOAD, &a);
}

struct origin *origin_new(struct err_msg *e)
{
	struct origin *o = mem_zalloc(sizeof(*o));
	void *page = MAP_FAILED;

	o->program = -1;
	o->len = (size_t)sysconf(_SC_PAGESIZE);
	o->map = new_map();
	if (o->map >= 0)
		o->program = new_program(o->map);
	if (o->program >= 0)
		page = mmap(NULL, o->len, PROT_READ, MAP_SHARED, o->map, 0);
	if (page == MAP_FAILED) {
		(void)err_sys(e, errno, "BPF program for the processor of packets");
		origin_free(o);
		return NULL;
	}
	o->processor = page;
	return o;
}

void origin_free(struct origin *o)
{
	if (o == NULL)
		return;
	if (o->processor != NULL)
		(void)munmap((void *)o->processor, o->len);
	if (o->program >= 0)
		(void)close(o->program);
	if (o->map >= 0)
		(void)close(o->map);
	free(o);
}

int origin_watch_socket(struct origin *o, int fd, struct err_msg *e)
{
	if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_BPF, &o->program, sizeof(o->program)) != 0)
		return err_sys(e, errno, "BPF program of a socket");
	return 0;
}

int origin_watch_tun(struct origin *o, int fd, struct err_msg *e)
{
	if (ioctl(fd, TUNSETFILTEREBPF, &o->program) != 0)
		return err_sys(e, errno, "BPF program of a TUN device");
	return 0;
}

void origin_leave_socket(int fd)
{
	const int none = 0;

	(void)setsockopt(fd, SOL_SOCKET, SO_DETACH_BPF, &none, sizeof(none));
}

int origin_processor(const struct origin *o)
{
	return (int)atomic_load_explicit(o->processor, memory_order_relaxed) - 1;
}
