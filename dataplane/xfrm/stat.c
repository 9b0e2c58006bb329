/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Counters: the kernel's packet errors of this network namespace (Documentation/networking/
 * xfrm_proc.rst), under the names that the other backend uses where they mean the same.
 */
#include "dataplane/xfrm/plane.h"

#include "platform/base/mem.h"

#include <stdlib.h>
#include <string.h>

#define KERNEL_NAME_MAX 40

enum { RX_IKE, RX_SHORT, FIRST_OF_KERNEL };

/* Several kernel counters may add up to one. */
static const struct {
	const char *name;
	const char *kernel[4];
} rows[] = {
	[RX_IKE] = {"rx_ike", {NULL}},
	[RX_SHORT] = {"rx_short", {NULL}},
	[FIRST_OF_KERNEL] = {"rx_unknown_spi", {"XfrmInNoStates"}},
	{"rx_replay", {"XfrmInStateSeqError"}},
	{"rx_auth", {"XfrmInStateProtoError"}},
	{"rx_selector",
	 {"XfrmInStateMismatch", "XfrmInTmplMismatch", "XfrmInNoPols", "XfrmInPolBlock"}},
	{"rx_header", {"XfrmInHdrError", "XfrmInStateModeError"}},
	{"rx_expired", {"XfrmInStateExpired", "XfrmInStateInvalid"}},
	{"rx_resources", {"XfrmInBufferError", "XfrmInError"}},
	{"tx_no_sa", {"XfrmOutNoStates", "XfrmOutStateInvalid", "XfrmOutStateExpired"}},
	{"tx_blocked", {"XfrmOutPolBlock", "XfrmOutPolDead"}},
	{"tx_sequence", {"XfrmOutStateSeqError"}},
	{"tx_route", {"XfrmOutBundleGenError", "XfrmOutBundleCheckError"}},
	{"tx_error", {"XfrmOutError", "XfrmOutStateProtoError", "XfrmOutStateModeError"}},
};

void xfrm_stat_open(struct xfrm_plane *p)
{
	p->counters = mem_calloc(ARRAY_LEN(rows), sizeof(p->counters[0]));
	p->stat = fopen("/proc/thread-self/net/xfrm_stat", "re");
	if (p->stat != NULL)
		(void)setvbuf(p->stat, NULL, _IONBF, 0);
}

void xfrm_stat_close(struct xfrm_plane *p)
{
	if (p->stat != NULL)
		(void)fclose(p->stat);
	free(p->counters);
}

static void count(struct xfrm_plane *p, const char *kernel_name, uint64_t value)
{
	for (size_t i = FIRST_OF_KERNEL; i < ARRAY_LEN(rows); i++) {
		for (size_t k = 0; k < ARRAY_LEN(rows[i].kernel); k++) {
			if (rows[i].kernel[k] != NULL &&
			    strcmp(rows[i].kernel[k], kernel_name) == 0)
				p->counters[i] += value;
		}
	}
}

static void read_all(struct xfrm_plane *p)
{
	char line[2 * KERNEL_NAME_MAX];
	size_t len;

	memset(p->counters, 0, ARRAY_LEN(rows) * sizeof(p->counters[0]));
	p->counters[RX_IKE] = p->rx_ike;
	p->counters[RX_SHORT] = p->rx_short;
	if (p->stat == NULL)
		return;
	rewind(p->stat);
	while (fgets(line, sizeof(line), p->stat) != NULL) {
		len = strcspn(line, " \t");
		if (line[len] == '\0')
			continue;
		line[len] = '\0';
		count(p, line, strtoull(line + len + 1, NULL, 10));
	}
}

const char *xfrm_counter(struct dataplane *dp, size_t index, uint64_t *value)
{
	struct xfrm_plane *p = xfrm_plane_of(dp);

	if (index >= ARRAY_LEN(rows))
		return NULL;
	if (index == 0)
		read_all(p);
	*value = p->counters[index];
	return rows[index].name;
}
