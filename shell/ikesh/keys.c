/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads keys.  Outside of pastes one at a time: what is typed ahead stays in the terminal driver.
 */
#include "shell/ikesh/keys.h"

#include "platform/base/secret.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

static bool fill(struct keys *k, size_t most)
{
	ssize_t n;

	do
		n = read(k->fd, k->read, most);
	while (n < 0 && errno == EINTR);
	k->at = 0;
	k->len = n > 0 ? (size_t)n : 0;
	return n > 0;
}

bool keys_wait(const struct keys *k)
{
	return k->at < k->len;
}

bool keys_take(struct keys *k, char *key)
{
	if (!keys_wait(k) && !fill(k, 1))
		return false;
	*key = k->read[k->at++];
	return true;
}

bool keys_take_pasted(struct keys *k, int timeout_ms, char *key)
{
	struct pollfd in = {.fd = k->fd, .events = POLLIN};
	int r;

	if (!keys_wait(k)) {
		do
			r = poll(&in, 1, timeout_ms);
		while (r < 0 && errno == EINTR);
		if (r <= 0 || !fill(k, sizeof(k->read)))
			return false;
	}
	return keys_take(k, key);
}

void keys_drop(struct keys *k)
{
	k->at = k->len;
}

void keys_wipe(struct keys *k)
{
	keys_drop(k);
	bytes_wipe(k->read, sizeof(k->read));
}
