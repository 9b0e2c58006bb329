/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What BIRD says: octets on its control socket, in pieces of a size that the first octet gives, and
 * the text of `show route all`, which has what peers announce.
 */
#include "dataplane/site/bgp_state.h"
#include "platform/os/bird_link.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define ASKS   3
#define ROUTES 20

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct loop *loop;
static int listener = -1;
static char path[64];

struct asked {
	struct bird_link *link;
	unsigned answers, more;
};

static void greeted(void *arg, const char *text)
{
	(void)arg;
	if (strlen(text) == SIZE_MAX)
		abort();
}

static void lost(void *arg, bool hung)
{
	(void)hung;
	if (bird_link_is_open(*(struct bird_link **)arg))
		abort();
}

static void remove_path(void)
{
	unlink(path);
}

static void start(void)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	struct err_msg e;

	loop = loop_new(&e);
	snprintf(path, sizeof(path), "/tmp/ikesh-fuzz-bird.%ld", (long)getpid());
	(void)snprintf(a.sun_path, sizeof(a.sun_path), "%s", path);
	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (loop == NULL || bind(listener, (const struct sockaddr *)&a, sizeof(a)) != 0 ||
	    listen(listener, 4) != 0)
		abort();
	(void)atexit(remove_path);
}

static void on_reply(void *arg, unsigned code, const char *text)
{
	struct asked *a = arg;

	if (code != BIRD_NO_REPLY && (code > 9999 || strlen(text) == SIZE_MAX))
		abort();
	/* who gets an answer may ask again */
	if (a->answers++ == 0 && bird_link_is_open(a->link) &&
	    bird_link_ask(a->link, "show status", on_reply, a) == 0)
		a->more++;
}

static void turn(void)
{
	if (loop_turn(loop, 0) != 0)
		abort();
}

static void talk(const uint8_t *data, size_t size, size_t piece)
{
	struct bird_link *link = NULL;
	struct bird_link_callbacks callbacks = {.arg = &link, .greeted = greeted, .lost = lost};
	struct asked asked[ASKS];
	struct err_msg e;
	pid_t pid;
	int peer;

	memset(asked, 0, sizeof(asked));
	link = bird_link_new(loop, &callbacks);
	if (bird_link_open(link, path, &pid, &e) != 0)
		abort();
	peer = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	for (unsigned i = 0; i < ASKS; i++) {
		asked[i].link = link;
		if (bird_link_ask(link, "show protocols", on_reply, &asked[i]) != 0)
			abort();
	}
	while (size > 0 && bird_link_is_open(link)) {
		size_t n = size < piece ? size : piece;

		if (send(peer, data, n, MSG_NOSIGNAL) < 0)
			break;
		data += n;
		size -= n;
		turn();
	}
	bird_link_free(link);
	close(peer);
	for (unsigned i = 0; i < ASKS; i++) { /* each gets one answer for each question */
		if (asked[i].answers != 1 + asked[i].more)
			abort();
	}
}

static void read_routes(const uint8_t *data, size_t size)
{
	static struct gateway g;
	static struct site site;
	static struct tunnel tunnel;
	static struct bgp_neighbour neighbour;
	struct site *by_index[2] = {NULL, &site};
	struct bgp_route out[ROUTES];
	char *text = malloc(size + 1);
	size_t count;

	if (text == NULL)
		abort();
	memcpy(text, data, size);
	text[size] = '\0';
	g.by_index = by_index;
	g.index_cap = 2;
	site.g = &g;
	site.index = 1;
	site.tunnels[0] = &tunnel;
	tunnel.site = &site;
	tunnel.slot = 1;
	tunnel.bgp = &neighbour;
	(void)snprintf(site.config.name, sizeof(site.config.name), "Fuzz");
	count = bgp_routes_parse(&g, text, false, out, 0, ROUTES);
	for (size_t i = 0; i < count && i < ROUTES; i++) {
		if (strcmp(out[i].site, "Fuzz") != 0 ||
		    memchr(out[i].path, '\0', sizeof(out[i].path)) == NULL ||
		    strchr(out[i].path, '\n') != NULL)
			abort();
	}
	if (count > ROUTES + 1)
		abort();
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (listener < 0)
		start();
	if (size < 2)
		return 0;
	if (data[0] >= 64)
		read_routes(data + 1, size - 1);
	else
		talk(data + 1, size - 1, (size_t)data[0] * data[0] + 1);
	return 0;
}
