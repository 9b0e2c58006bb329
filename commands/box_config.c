/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Factory state, lists and comparison of the box's own configuration. */
#include "commands/box_config.h"

#include <stdio.h>
#include <string.h>

void box_config_init(struct box_config *b)
{
	memset(b, 0, sizeof(*b));
	snprintf(b->hostname, sizeof(b->hostname), "%s", BOX_HOSTNAME_DEFAULT);
	b->archive_maximum = BOX_ARCHIVE_DEFAULT;
	b->monitor_severity = 7;
	b->story_threshold_s = BOX_STORY_THRESHOLD;
	b->metrics = box_metrics_default();
	b->notify.criticality = BOX_CRITICALITY;
	b->notify.digest_s = BOX_DIGEST;
	b->notify.repeat_s = BOX_REPEAT;
}

bool box_config_equal(const struct box_config *a, const struct box_config *b)
{
	/* NOLINTNEXTLINE(bugprone-suspicious-memory-comparison): unused octets are zero */
	return memcmp(a, b, sizeof(*a)) == 0;
}

struct ip_endpoint box_metrics_default(void)
{
	struct ip_endpoint e;

	memset(&e, 0, sizeof(e));
	e.addr = ip_addr_v4(0x7f000001);
	e.port = BOX_METRICS_PORT;
	return e;
}

/* Index of the first user whose name is not below name. */
static size_t lower_bound(const struct box_config *b, const char *name)
{
	size_t at = 0;

	while (at < b->user_count && strcmp(b->users[at].name, name) < 0)
		at++;
	return at;
}

struct box_user *box_user_find(struct box_config *b, const char *name)
{
	size_t at = lower_bound(b, name);

	return at < b->user_count && strcmp(b->users[at].name, name) == 0 ? &b->users[at] : NULL;
}

struct box_user *box_user_add(struct box_config *b, const char *name)
{
	size_t at = lower_bound(b, name);
	struct box_user *u = box_user_find(b, name);

	if (u != NULL || b->user_count == BOX_USERS)
		return u;
	u = &b->users[at];
	memmove(u + 1, u, (b->user_count - at) * sizeof(*u));
	memset(u, 0, sizeof(*u));
	snprintf(u->name, sizeof(u->name), "%s", name);
	u->privilege = 1;
	b->user_count++;
	return u;
}

bool box_user_remove(struct box_config *b, const char *name)
{
	struct box_user *u = box_user_find(b, name);

	if (u == NULL)
		return false;
	b->user_count--;
	memmove(u, u + 1, (size_t)(b->users + b->user_count - u) * sizeof(*u));
	memset(&b->users[b->user_count], 0, sizeof(*u));
	return true;
}

static size_t log_host_at(const struct box_config *b, const struct ip_addr *addr)
{
	size_t at = 0;

	while (at < b->log_host_count && !ip_addr_equal(&b->log_hosts[at].addr, addr))
		at++;
	return at;
}

bool box_log_host_set(struct box_config *b, const struct ip_addr *addr, bool tcp, uint16_t port)
{
	size_t at = log_host_at(b, addr);

	if (at == BOX_LOG_HOSTS)
		return false;
	if (at == b->log_host_count)
		b->log_host_count++;
	memset(&b->log_hosts[at], 0, sizeof(b->log_hosts[at]));
	b->log_hosts[at].addr = *addr;
	b->log_hosts[at].port = port;
	b->log_hosts[at].tcp = tcp;
	return true;
}

bool box_log_host_remove(struct box_config *b, const struct ip_addr *addr)
{
	size_t at = log_host_at(b, addr);

	if (at == b->log_host_count)
		return false;
	b->log_host_count--;
	memmove(&b->log_hosts[at], &b->log_hosts[at + 1],
		(b->log_host_count - at) * sizeof(b->log_hosts[0]));
	memset(&b->log_hosts[b->log_host_count], 0, sizeof(b->log_hosts[0]));
	return true;
}

static uint32_t text_at(const char *list, size_t size, uint32_t count, const char *text)
{
	uint32_t at = 0;

	while (at < count && strcmp(list + at * size, text) != 0)
		at++;
	return at;
}

bool box_text_add(char *list, size_t size, uint32_t *count, uint32_t max, const char *text)
{
	if (text_at(list, size, *count, text) < *count)
		return true;
	if (*count == max)
		return false;
	snprintf(list + *count * size, size, "%s", text);
	(*count)++;
	return true;
}

bool box_text_remove(char *list, size_t size, uint32_t *count, const char *text)
{
	uint32_t at = text_at(list, size, *count, text);

	if (at == *count)
		return false;
	(*count)--;
	memmove(list + at * size, list + (at + 1) * size, (*count - at) * size);
	memset(list + *count * size, 0, size);
	return true;
}
