/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The secret of quick crash detection as a file; see crash_secret.h.  RFC 6290 sections 5.1, 9.1.
 */
#include "dataplane/site/crash_secret.h"

#include "platform/os/file.h"
#include "platform/os/rng.h"

static int make(const char *path, struct secret *out, struct err_msg *e)
{
	secret_alloc(out, CRASH_SECRET_LEN);
	rng_bytes(out->data, out->len);
	return file_write_atomic(path, out->data, out->len, 0600, false, e);
}

static int load(const char *path, struct secret *out, struct err_msg *e)
{
	struct strbuf text;
	int rc;

	strbuf_init(&text);
	rc = file_read(path, CRASH_SECRET_LEN, &text, e);
	if (rc == 0 && text.len != CRASH_SECRET_LEN)
		rc = ERR_RANGE;
	if (rc == 0)
		secret_set(out, text.text, text.len);
	strbuf_wipe(&text);
	return rc;
}

int crash_secret_load(const char *state_dir, struct secret *out, struct err_msg *e)
{
	struct strbuf path;
	int rc;

	strbuf_init(&path);
	strbuf_printf(&path, "%s/" CRASH_SECRET_FILE, state_dir);
	rc = load(path.text, out, e);
	if (rc == ERR_NOT_FOUND) {
		rc = make(path.text, out, e);
	} else if (rc == ERR_RANGE) {
		rc = make(path.text, out, e);
		if (rc == 0)
			rc = err_set(e, ERR_INVALID, "%s was damaged, a new one is used",
				     path.text);
	} else if (rc != 0) {
		secret_alloc(out, CRASH_SECRET_LEN);
		rng_bytes(out->data, out->len);
	}
	strbuf_clear(&path);
	return rc;
}
