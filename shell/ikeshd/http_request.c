/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One pass over the lines of a head. */
#include "shell/ikeshd/http_request.h"

#include <string.h>
#include <strings.h>

#define OPENMETRICS "application/openmetrics-text"

/* Octets up to and without the line end at or behind from; LF alone is taken as one, too. */
static bool next_line(const char *text, size_t len, size_t *from, const char **line, size_t *n)
{
	const char *end = memchr(text + *from, '\n', len - *from);

	if (end == NULL)
		return false;
	*line = text + *from;
	*n = (size_t)(end - *line);
	*from += *n + 1;
	if (*n > 0 && (*line)[*n - 1] == '\r')
		(*n)--;
	return true;
}

static bool printable(const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if ((unsigned char)text[i] < 0x20 || (unsigned char)text[i] == 0x7f)
			return false;
	}
	return true;
}

/* METHOD SP PATH SP HTTP/1.x */
static int parse_first(const char *line, size_t n, struct http_request *out)
{
	const char *path = memchr(line, ' ', n);
	const char *version;
	size_t len;

	if (path == NULL || path == line || !printable(line, n))
		return ERR_INVALID;
	out->get = path - line == 3 && memcmp(line, "GET", 3) == 0;
	out->head = path - line == 4 && memcmp(line, "HEAD", 4) == 0;
	path++;
	version = memchr(path, ' ', n - (size_t)(path - line));
	if (version == NULL || *path != '/')
		return ERR_INVALID;
	len = (size_t)(version - path);
	version++;
	if (n - (size_t)(version - line) != 8 || memcmp(version, "HTTP/1.", 7) != 0 ||
	    (version[7] != '0' && version[7] != '1'))
		return ERR_INVALID;
	out->old = version[7] == '0';
	for (size_t i = 0; i < len && i < sizeof(out->path) - 1 && path[i] != '?'; i++)
		out->path[i] = path[i];
	return 0;
}

static void parse_field(const char *line, size_t n, struct http_request *out)
{
	static const char name[] = "Accept:";
	size_t at = sizeof(name) - 1, wanted = sizeof(OPENMETRICS) - 1;

	if (n < at || strncasecmp(line, name, at) != 0)
		return;
	for (; at + wanted <= n; at++) {
		if (strncasecmp(line + at, OPENMETRICS, wanted) == 0)
			out->openmetrics = true;
	}
}

int http_request_parse(const char *text, size_t len, struct http_request *out)
{
	struct http_request r = {.get = false};
	const char *line;
	size_t from = 0, n;
	int rc;

	if (!next_line(text, len, &from, &line, &n))
		return len >= HTTP_HEAD_MAX ? ERR_NO_SPACE : ERR_BUSY;
	rc = parse_first(line, n, &r);
	if (rc != 0)
		return rc;
	while (next_line(text, len, &from, &line, &n)) {
		if (n == 0) {
			*out = r;
			return 0;
		}
		parse_field(line, n, &r);
	}
	return len >= HTTP_HEAD_MAX ? ERR_NO_SPACE : ERR_BUSY;
}
