/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Configuration of the box as a whole. */
#include "commands/config_line.h"
#include "commands/row.h"
#include "platform/base/mem.h"

#include <ctype.h>
#include <string.h>

/* RFC 1123 section 2.1 */
static int check_hostname(struct config_line *l, struct err_msg *e)
{
	const char *name = l->box->hostname;
	size_t len = strlen(name);

	if (strchr(name, '_') != NULL || !isalnum((unsigned char)name[0]) ||
	    !isalnum((unsigned char)name[len - 1]))
		return err_set(e, ERR_INVALID,
			       "hostname %s: allowed are letters, digits, '.' and '-', with a "
			       "letter or digit at both ends",
			       name);
	return 0;
}

static const struct row rows[] = {
	{
		.words = "hostname <hostname>",
		.modes = IN_CONFIG,
		.fields = {FIELD("hostname", struct box_config, hostname)},
		.check = check_hostname,
		.help = "Name of this appliance",
		.manual = "Names the appliance in prompts and event lines.",
		.reference = "RFC 1123 section 2.1",
	},
};

const struct row_table table_box = {
	.family = "box",
	.rows = rows,
	.count = ARRAY_LEN(rows),
};
