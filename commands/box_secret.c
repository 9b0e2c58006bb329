/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The clear form is wiped as soon as it is sealed or compared. */
#include "commands/box_secret.h"

#include "commands/writer.h"

#include <stdio.h>
#include <string.h>

int box_secret_store(struct config_line *l, char sealed[SEAL_TEXT_MAX], const struct secret *clear,
		     struct err_msg *e)
{
	struct secret before = SECRET_NONE;
	struct err_msg ignored = {.text = ""};
	char text[SEAL_TEXT_MAX] = "";
	bool same = sealed[0] != '\0' && sealer_open(l->sealer, sealed, &before, &ignored) == 0 &&
		    before.len == clear->len && secret_equal(&before, clear);
	int r = same ? 0 : sealer_seal(l->sealer, clear, text, e);

	secret_clear(&before);
	if (r == 0 && !same) {
		memset(sealed, 0, SEAL_TEXT_MAX);
		snprintf(sealed, SEAL_TEXT_MAX, "%s", text);
	}
	return r;
}

int box_secret_store_sealed(struct config_line *l, char sealed[SEAL_TEXT_MAX], const char *text,
			    const char *words, struct err_msg *e)
{
	struct secret clear = SECRET_NONE;
	struct err_msg why = {.text = ""};
	int r = sealer_open(l->sealer, text, &clear, &why);

	secret_clear(&clear);
	if (r == ERR_INVALID || strlen(text) >= SEAL_TEXT_MAX)
		return err_set(e, ERR_INVALID, "%s 6: %s", words, why.text);
	if (r != 0)
		strbuf_printf(l->notes, "%% Warning: %s cannot be decrypted: %s\n", words,
			      why.text);
	memset(sealed, 0, SEAL_TEXT_MAX);
	snprintf(sealed, SEAL_TEXT_MAX, "%s", text);
	return 0;
}

void box_secret_words(const char *sealed, const struct config_writer *w, char buf[BOX_SECRET_WORDS])
{
	snprintf(buf, BOX_SECRET_WORDS, "%s%s", w->hide_secrets ? "" : "6 ",
		 w->hide_secrets ? "<hidden>" : sealed);
}
