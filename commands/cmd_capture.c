/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * `monitor capture ike`: IKE messages and the keys that open them, to files for Wireshark.  It
 * lasts as long as the operator looks at it: q, Ctrl-C, or leaving ends it.
 */
#include "commands/cmd.h"
#include "commands/commands_state.h"
#include "dataplane/site/gateway.h"
#include "platform/base/mem.h"
#include "platform/os/file.h"
#include "platform/os/loop.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define FOLDER "captures"

static void end(struct gateway *g, struct cmd *c)
{
	const struct gateway_capture_counts *n = gateway_capture_counts(g);

	if (n)
		cmd_print(c, "%" PRIu64 " messages, keys of %" PRIu64 " IKE SAs.\n", n->messages,
			  n->keys);
	gateway_capture_stop(g);
}

static void key(struct cmd *c, const char *typed, void *arg)
{
	struct gateway *g = arg;

	if (typed && typed[0] != 'q' && typed[0] != 'Q')
		return;
	end(g, c);
	if (typed)
		cmd_done(c, 0);
}

/* ike-20261123-140231 */
static void default_name(char *buf, size_t size)
{
	time_t now = (time_t)(loop_wall_ms() / 1000);
	struct tm tm;

	if (!gmtime_r(&now, &tm) || strftime(buf, size, "ike-%Y%m%d-%H%M%S", &tm) == 0)
		snprintf(buf, size, "ike");
}

static int start(struct cmd *c, struct gateway *g, const char *path)
{
	struct err_msg e = {.text = ""};
	int rc = gateway_capture_start(g, path, cmd_text(c, "site"), &e);

	if (rc)
		return cmd_fail(c, rc, "%s", e.text);
	cmd_print(c,
		  "IKE messages go to %s.pcapng, as they are on the wire and in clear,\n"
		  "with their keys, which are also in %s.keys.\n",
		  path, path);
	cmd_print(c, cmd_interactive(c) ? "q or Ctrl-C ends.\n" : "Capturing.\n");
	cmd_flush(c);
	return cmd_hold(c, key, g);
}

static int capture(struct cmd *c)
{
	const struct commands *box = cmd_commands(c);
	struct gateway *g = commands_gateway(cmd_commands(c));
	const char *name = cmd_text(c, "capture-file");
	struct err_msg e = {.text = ""};
	char path[PATH_MAX], standard[40];
	int n, rc;

	if (!g || !box->state_dir)
		return cmd_fail(c, ERR_UNSUPPORTED, "There is nothing to capture here");
	default_name(standard, sizeof(standard));
	n = snprintf(path, sizeof(path), "%s/" FOLDER, box->state_dir);
	if (n < 0 || (size_t)n + 80 >= sizeof(path))
		return cmd_fail(c, ERR_RANGE, "The path of the state directory is too long");
	rc = file_mkdirs(path, 0700, &e);
	if (rc)
		return cmd_fail(c, rc, "%s", e.text);
	snprintf(path + n, sizeof(path) - (size_t)n, "/%.64s", name ? name : standard);
	return start(c, g, path);
}

static const struct row rows[] = {
	{
		.words = "monitor capture ike [site <site>] [file <capture-file>]",
		.modes = IN_EXEC,
		.privilege = 15,
		.handler = capture,
		.help = "IKE messages and their keys to files for Wireshark",
		.manual =
			"Writes the IKE messages of all sites, or of one, to the file NAME.pcapng "
			"in the folder captures of the state directory until q or Ctrl-C is typed: "
			"on the interface wire as they are sent and received, on the interface "
			"clear as they would be without encryption, so that Wireshark and tshark "
			"show every payload without any setting.  The keys of the IKE SAs, "
			"also of existing ones, are in the file too, and once more in NAME.keys: "
			"copied to the file ikev2_decryption_table in the folder of Wireshark's "
			"preferences they open the messages of the interface wire.  One capture "
			"runs at a time; it ends by itself after 64 MiB.  Keys of Child SAs, and "
			"so what users send, are not written.",
		.reference = "RFC 7296",
	},
};

const struct row_table table_capture = {
	.family = "monitor capture",
	.rows = rows,
	.count = ARRAY_LEN(rows),
};
