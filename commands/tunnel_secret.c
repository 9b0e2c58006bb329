/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Both forms of a tunnel's key; see tunnel_secret.h. */
#include "commands/tunnel_secret.h"

#include "commands/seal.h"
#include "commands/writer.h"
#include "platform/base/mem.h"

#include <stdlib.h>
#include <string.h>

void tunnel_secret_forget(struct site_psk *p)
{
	secret_clear(&p->key);
	if (p->sealed != NULL)
		bytes_wipe(p->sealed, strlen(p->sealed));
	free(p->sealed);
	p->sealed = NULL;
}

int tunnel_secret_store(struct config_line *l, struct site_psk *p, const struct secret *key,
			struct err_msg *e)
{
	char sealed[SEAL_TEXT_MAX];
	int r;

	if (p->sealed != NULL && p->key.len == key->len && secret_equal(&p->key, key))
		return 0;
	r = sealer_seal(l->sealer, key, sealed, e);
	if (r != 0)
		return r;
	tunnel_secret_forget(p);
	secret_copy(&p->key, key);
	p->sealed = mem_strdup(sealed);
	return 0;
}

int tunnel_secret_store_sealed(struct config_line *l, struct site_psk *p, const char *sealed,
			       const char *word, struct err_msg *e)
{
	struct secret key = SECRET_NONE;
	struct err_msg why = {.code = 0};
	int r = sealer_open(l->sealer, sealed, &key, &why);

	if (r == ERR_INVALID)
		return err_set(e, r, "%s 6: %s", word, why.text);
	if (r != 0 && l->place->mode != CMD_TUNNEL)
		strbuf_printf(l->notes, "%% Warning: %s of site %s cannot be decrypted: %s\n", word,
			      l->site->name, why.text);
	else if (r != 0)
		strbuf_printf(l->notes,
			      "%% Warning: %s of tunnel %s %u of site %s cannot be "
			      "decrypted: %s\n",
			      word, site_role_name(l->place->role), l->place->index0 + 1,
			      l->site->name, why.text);
	tunnel_secret_forget(p);
	secret_move(&p->key, &key);
	p->sealed = mem_strdup(sealed);
	return 0;
}

bool tunnel_secret_is_hidden(const struct secret *key)
{
	return key->len == 8 && memcmp(key->data, "<hidden>", 8) == 0;
}

bool tunnel_secret_is_set(const struct site_psk *p)
{
	return p->sealed != NULL || p->key.len > 0;
}

struct tunnel_secret_words tunnel_secret_words(const struct site_psk *p,
					       const struct config_writer *w)
{
	if (w->hide_secrets || p->sealed == NULL)
		return (struct tunnel_secret_words){"", "<hidden>"};
	return (struct tunnel_secret_words){"6 ", p->sealed};
}
