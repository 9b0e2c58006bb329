/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What BIRD says of its protocols: states each second, counts of routes less often.  A session that
 * is not as it shall be is switched again, so that nothing depends on a command that got lost.
 */
#include "dataplane/site/bgp_state.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define POLL_MS	      1000
#define FEW	      100 /* neighbours whose routes are counted often */
#define COUNTS_EVERY  2	  /* polls, of few neighbours */
#define COUNTS_SELDOM 60

static const char *next_line(const char *line)
{
	line += strcspn(line, "\n");
	return line + (*line == '\n');
}

static void copy(char *buf, size_t size, const char *text, size_t len)
{
	if (len >= size)
		len = size - 1;
	memcpy(buf, text, len);
	while (len > 0 && buf[len - 1] == ' ')
		len--;
	buf[len] = '\0';
}

/* "Active        Socket: Connection refused" */
static void take_info(struct bgp_neighbour *n, const char *info, size_t len)
{
	size_t word = 0;

	while (word < len && info[word] != ' ')
		word++;
	copy(n->state, sizeof(n->state), info, word);
	while (word < len && info[word] == ' ')
		word++;
	copy(n->info, sizeof(n->info), info + word, len - word);
	n->established = strcmp(n->state, "Established") == 0;
}

static void correct(struct bgp *b, const struct tunnel *t)
{
	char name[BGP_NAME_MAX], command[BGP_NAME_MAX + 16];

	if (t->bgp->wanted != t->bgp->disabled)
		return;
	snprintf(command, sizeof(command), "%s %s", t->bgp->wanted ? "enable" : "disable",
		 bgp_protocol_name(t->site->index, t->slot, name));
	if (bird_ask(b->bird, command, NULL, NULL) != 0)
		return;
}

/* One line of `show protocols`; gives the tunnel, NULL for another protocol. */
static struct tunnel *take_line(struct bgp *b, const char *text)
{
	char line[256]; /* words of the next one are none of this one */
	char name[BGP_NAME_MAX], proto[16], table[32], state[16], since[24];
	int info = 0;
	struct tunnel *t;
	struct bgp_neighbour *n;

	copy(line, sizeof(line), text, strcspn(text, "\n"));
	if (sscanf(line, "%31s %15s %31s %15s %23s %n", name, proto, table, state, since, &info) <
		    5 ||
	    strcmp(proto, "BGP") != 0)
		return NULL;
	t = bgp_tunnel(b->g, name);
	if (t == NULL)
		return NULL;
	n = t->bgp;
	n->known = true;
	n->disabled = strcmp(state, "down") == 0;
	n->since_s = strtoull(since, NULL, 10);
	take_info(n, line + info, info == 0 ? 0 : strlen(line + info));
	if (n->disabled)
		copy(n->state, sizeof(n->state), "Down", 4);
	return t;
}

static void take_states(void *arg, unsigned code, const char *text)
{
	struct bgp *b = arg;

	if (code == BIRD_NO_REPLY)
		return;
	for (const char *line = text; *line != '\0'; line = next_line(line)) {
		struct tunnel *t = take_line(b, line);

		if (t == NULL)
			continue;
		correct(b, t);
		if (t->bgp->established)
			bgp_event_up(t);
		else if (!t->bgp->established && t->bgp->wanted)
			bgp_event_refused(t);
	}
	loop_timer_set(b->g->loop, &b->poll_timer, gateway_clock(b->g) + POLL_MS);
}

/* The number in front of the word, 0 when the line does not have it. */
static uint32_t count_of(const char *line, const char *word)
{
	size_t len = strcspn(line, "\n");
	const char *at = strstr(line, word);
	const char *digit = at;

	if (at == NULL || (size_t)(at - line) > len)
		return 0;
	while (digit > line && isdigit((unsigned char)digit[-1]))
		digit--;
	return (uint32_t)strtoul(digit, NULL, 10);
}

/* "    Routes:         3 imported, 1 filtered, 2 exported, 3 preferred" */
static void take_counts(void *arg, unsigned code, const char *text)
{
	struct bgp *b = arg;
	struct tunnel *t = NULL;

	if (code == BIRD_NO_REPLY)
		return;
	for (const char *line = text; *line != '\0'; line = next_line(line)) {
		const char *routes = line + strspn(line, " \t");
		char name[BGP_NAME_MAX];

		if (routes == line) {
			copy(name, sizeof(name), line, strcspn(line, " \n"));
			t = bgp_tunnel(b->g, name);
			continue;
		}
		if (t == NULL || strncmp(routes, "Routes:", 7) != 0)
			continue;
		t->bgp->received = count_of(routes, " imported");
		t->bgp->refused = count_of(routes, " filtered");
		t->bgp->sent = count_of(routes, " exported");
	}
}

static void poll_now(void *arg)
{
	struct bgp *b = arg;
	unsigned every = b->neighbours <= FEW ? COUNTS_EVERY : COUNTS_SELDOM;

	if (b->polls++ % every == 0 && bird_ask(b->bird, "show protocols all", take_counts, b) != 0)
		return;
	if (bird_ask(b->bird, "show protocols", take_states, b) != 0)
		return; /* begins again when it is ready */
}

void bgp_poll_start(struct bgp *b)
{
	b->poll_timer.fn = poll_now;
	b->poll_timer.arg = b;
	bird_forget(b->bird, b); /* one round at a time */
	b->polls = 0;
	loop_timer_set(b->g->loop, &b->poll_timer, gateway_clock(b->g));
}

void bgp_poll_stop(struct bgp *b)
{
	loop_timer_cancel(b->g->loop, &b->poll_timer);
	bird_forget(b->bird, b);
}
