/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Configuration of accounts: whose sites are whose, and which addresses they may use. */
#include "commands/cmd_site.h"
#include "commands/config_index.h"
#include "commands/config_line.h"
#include "commands/row.h"
#include "commands/session_place.h"
#include "commands/writer.h"
#include "platform/base/mem.h"

#include <stdio.h>
#include <string.h>

static int account(struct cmd *c)
{
	const char *name = cmd_text(c, "account");
	const struct config *config = place_config(c);

	if (!cmd_is_no(c))
		return place_enter_account(c, name);
	for (size_t i = 0; i < config->count; i++) {
		if (strcmp(config->sites[i]->account, name) == 0)
			return cmd_fail(c, ERR_BUSY, "Account %s has site %s", name,
					config->sites[i]->name);
	}
	return place_remove_account(c, name);
}

static struct account_address *find(struct account *a, const struct ip_addr *addr)
{
	for (uint32_t i = 0; i < a->address_count; i++) {
		if (ip_addr_equal(&a->addresses[i].addr, addr))
			return &a->addresses[i];
	}
	return NULL;
}

static int check_pop(struct config_line *l, const struct value *addr, const char *name,
		     struct err_msg *e)
{
	const struct pop *p = pops_find(&l->config->cloud.pops, name);

	if (p == NULL)
		strbuf_printf(l->notes, "%% Warning: there is no PoP %s\n", name);
	else if (p->address_count != 0 && !pop_has_address(p, &addr->addr))
		return err_set(e, ERR_INVALID, "allocated-ip %s pop %s: PoP %s has no such address",
			       addr->text, name, name);
	return 0;
}

static int set_allocated(struct config_line *l, struct err_msg *e)
{
	struct account *a = l->object;
	const struct value *v = config_arg(l, "ipv4");
	const char *name = config_arg(l, "pop")->text;
	struct account_address *x = find(a, &v->addr);
	int r = check_pop(l, v, name, e);

	if (r != 0)
		return r;
	if (x == NULL && a->address_count == ACCOUNT_ADDRESSES)
		return err_set(e, ERR_NO_SPACE, "Account %s has %d addresses, that is the limit",
			       a->name, ACCOUNT_ADDRESSES);
	if (x == NULL)
		x = &a->addresses[a->address_count++];
	memset(x, 0, sizeof(*x));
	x->addr = v->addr;
	snprintf(x->pop, sizeof(x->pop), "%s", name);
	return l->in_block ? 0 : cloud_check_account(&l->config->cloud.accounts, a, e);
}

static int unset_allocated(struct config_line *l, struct err_msg *e)
{
	struct account *a = l->object;
	const struct value *v = config_arg(l, "ipv4");
	struct account_address *x = find(a, &v->addr);
	const struct site_config *user = cloud_user(l->config, NULL, &v->addr);

	if (x == NULL)
		return err_set(e, ERR_NOT_FOUND, "Account %s has no address %s", a->name, v->text);
	if (user != NULL && !l->in_block && strcmp(user->account, a->name) == 0)
		return err_set(e, ERR_BUSY, "allocated-ip %s is a destination of site %s", v->text,
			       user->name);
	a->address_count--;
	memmove(x, x + 1, (size_t)(&a->addresses[a->address_count] - x) * sizeof(*x));
	memset(&a->addresses[a->address_count], 0, sizeof(*x));
	return 0;
}

static void write_allocated(const struct row *row, const void *object, struct config_writer *w)
{
	const struct account *a = object;
	char text[IP_TEXT_MAX];

	(void)row;
	for (uint32_t i = 0; i < a->address_count; i++)
		writer_line(w, "allocated-ip %s pop %s",
			    ip_addr_text(&a->addresses[i].addr, text, sizeof(text)),
			    a->addresses[i].pop);
}

static uint32_t find_reach(const struct account *a, const char *name)
{
	uint32_t i = 0;

	while (i < a->reach_count && strcmp(a->reach[i], name) != 0)
		i++;
	return i;
}

/* Accounts that reach each other have no networks in common with anybody. */
static int check_reach(const struct config *c, const struct account *a, const char *name,
		       struct err_msg *e)
{
	struct config probe = *c; /* its sites are borrowed */
	struct account *mine;
	struct strbuf clashes;
	int r = 0;

	memset(&probe.cloud, 0, sizeof(probe.cloud));
	cloud_config_copy(&probe.cloud, &c->cloud);
	mine = accounts_find(&probe.cloud.accounts, a->name);
	if (mine != NULL)
		*mine = *a;
	strbuf_init(&clashes);
	config_index_free(config_index_new(&probe, &clashes));
	if (clashes.len != 0)
		r = err_set(e, ERR_EXISTS, "reach %s: %.*s", name, (int)strcspn(clashes.text, "\n"),
			    clashes.text);
	strbuf_clear(&clashes);
	cloud_config_clear(&probe.cloud);
	return r;
}

static int set_reach(struct config_line *l, struct err_msg *e)
{
	struct account *a = l->object;
	const char *name = config_arg(l, "account")->text;
	uint32_t at = find_reach(a, name);

	if (strcmp(a->name, name) == 0)
		return err_set(e, ERR_INVALID,
			       "reach %s: the sites of an account reach each other anyway", name);
	if (at == ACCOUNT_REACH)
		return err_set(e, ERR_NO_SPACE, "Account %s reaches %d others, that is the limit",
			       a->name, ACCOUNT_REACH);
	if (at < a->reach_count)
		return 0;
	if (!l->in_block && accounts_find(&l->config->cloud.accounts, name) == NULL)
		strbuf_printf(l->notes, "%% Warning: there is no account %s\n", name);
	snprintf(a->reach[a->reach_count++], sizeof(a->reach[0]), "%s", name);
	return l->in_block ? 0 : check_reach(l->config, a, name, e);
}

static int unset_reach(struct config_line *l, struct err_msg *e)
{
	struct account *a = l->object;
	const char *name = config_arg(l, "account")->text;
	uint32_t at = find_reach(a, name);

	if (at == a->reach_count)
		return err_set(e, ERR_NOT_FOUND, "Account %s does not reach %s", a->name, name);
	a->reach_count--;
	memmove(a->reach[at], a->reach[at + 1], (a->reach_count - at) * sizeof(a->reach[0]));
	memset(a->reach[a->reach_count], 0, sizeof(a->reach[0]));
	return 0;
}

static void write_reach(const struct row *row, const void *object, struct config_writer *w)
{
	const struct account *a = object;

	(void)row;
	for (uint32_t i = 0; i < a->reach_count; i++)
		writer_line(w, "reach %s", a->reach[i]);
}

static int check_site_account(struct config_line *l, struct err_msg *e)
{
	const struct site_config *s = l->site;
	int r;

	if (s->account[0] != '\0' && accounts_find(&l->config->cloud.accounts, s->account) == NULL)
		strbuf_printf(l->notes, "%% Warning: there is no account %s\n", s->account);
	if (l->in_block)
		return 0;
	r = cloud_check_site(&l->config->cloud, s, e);
	return r == 0 ? site_check_networks(l, e) : r;
}

static const struct row rows[] = {
	{
		.words = "account <account>",
		.no_words = "account <account>",
		.modes = IN_CONFIG,
		.flags = ROW_ENTERS,
		.enters = CMD_ACCOUNT,
		.handler = account,
		.help = "A customer with sites and addresses of its own",
		.manual = "Enters an account, and makes it when it is new.  Accounts are optional; "
			  "sites without one belong together.  Sites of two accounts may have the "
			  "same networks as long as no reach joins the accounts with others: "
			  "packets go by routes of their own account.  The no form removes an "
			  "account "
			  "that has no site.",
	},
	{
		.words = "allocated-ip <ipv4> pop <pop>",
		.no_words = "allocated-ip <ipv4> [pop <pop>]",
		.modes = IN_ACCOUNT,
		.set = set_allocated,
		.unset = unset_allocated,
		.write = write_allocated,
		.help = "Address that the account's sites may use as destination",
		.manual = "An address of a PoP that is allocated to the account; may be given "
			  "several times.  Two accounts never have addresses of the same PoP.",
	},
	{
		.words = "vpn-user-range <vpn-user-range>",
		.modes = IN_ACCOUNT,
		.fields = {FIELD("vpn-user-range", struct account, vpn_users)},
		.help = "Network of the account's VPN users",
		.manual = "Network of the account's VPN users, 10.41.0.0/16 without this line; it "
			  "is announced to sites with BGP and stands on the peer's worksheet.",
	},
	{
		.words = "reach <account>",
		.no_words = "reach <account>",
		.modes = IN_ACCOUNT,
		.set = set_reach,
		.unset = unset_reach,
		.write = write_reach,
		.help = "Account whose sites this one reaches, and the other way round",
		.manual = "Sites reach only sites of their own account through the appliance, and "
			  "those without an account each other.  This line opens the way between "
			  "all sites of two accounts, in both directions; routes of BGP are "
			  "not passed on between accounts.",
	},
	{
		.words = "account <account>",
		.modes = IN_SITE,
		.fields = {FIELD("account", struct site_config, account)},
		.check = check_site_account,
		.help = "Account that the site belongs to",
		.manual = "Account that the site belongs to.  Its destinations must be addresses "
			  "that are allocated to the account.",
	},
};

const struct row_table table_account = {
	.family = "accounts",
	.rows = rows,
	.count = ARRAY_LEN(rows),
};
