/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Requests to the metrics page: complete at one length only, and the same with all that follows. */
#include "shell/ikeshd/http_request.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int parse(const uint8_t *data, size_t size, struct http_request *out)
{
	char *exact = malloc(size == 0 ? 1 : size);
	int rc;

	if (exact == NULL)
		abort();
	memcpy(exact, data, size);
	memset(out, 0, sizeof(*out));
	rc = http_request_parse(exact, size, out);
	free(exact);
	return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct http_request whole, part;
	int rc = parse(data, size, &whole);

	if (rc != 0 && rc != ERR_BUSY && rc != ERR_INVALID && rc != ERR_NO_SPACE)
		abort();
	if (rc == 0 &&
	    (memchr(whole.path, '\0', sizeof(whole.path)) == NULL || (whole.get && whole.head)))
		abort();
	if (rc == ERR_BUSY && size > HTTP_HEAD_MAX)
		abort();
	if (rc == 0 && size > 1 && parse(data, size - 1, &part) == 0 &&
	    memcmp(&whole, &part, sizeof(part)) != 0)
		abort();
	return 0;
}
