/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who is told of stories, by webhook and mail, and how it goes with them and with log hosts. */
#include "commands/box_config.h"
#include "commands/box_secret.h"
#include "commands/commands_state.h"
#include "commands/config_line.h"
#include "commands/new_secret.h"
#include "commands/notify.h"
#include "commands/row.h"
#include "commands/session_place.h"
#include "commands/show_cmd.h"
#include "commands/show_notify.h"
#include "commands/syslog.h"
#include "commands/tunnel_secret.h"
#include "commands/writer.h"
#include "platform/base/mem.h"
#include "platform/os/transfer.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- Webhooks -------------------------------------------------------------------------------- */

static int url_of(const struct config_line *l, char *buf, size_t size, struct err_msg *e)
{
	const struct secret *s = &config_arg(l, "webhook-url")->secret;

	if (tunnel_secret_is_hidden(s))
		return err_set(e, ERR_INVALID,
			       "notify webhook <hidden>: this configuration was saved without its "
			       "secrets");
	snprintf(buf, size, "%.*s", (int)s->len, (const char *)s->data);
	for (const char *p = buf; *p != '\0'; p++) {
		if (*p <= ' ' || *p > '~' || *p == '"')
			return err_set(e, ERR_INVALID,
				       "notify webhook: a URL has no blanks and only ASCII "
				       "characters");
	}
	return 0;
}

static int set_webhook(struct config_line *l, struct err_msg *e)
{
	struct box_notify *n = &l->box->notify;
	struct err_msg why = {.text = ""};
	char url[BOX_URL_MAX];
	int r = url_of(l, url, sizeof(url), e);

	if (r == 0 && transfer_check_url(url, &why) != 0)
		r = err_set(e, ERR_INVALID, "notify webhook: %s", why.text);
	if (r != 0)
		return r;
	if (!box_text_add(n->webhooks[0], BOX_URL_MAX, &n->webhook_count, BOX_WEBHOOKS, url))
		return err_set(e, ERR_NO_SPACE, "There are %d webhooks, that is all there can be",
			       BOX_WEBHOOKS);
	if (strncmp(url, "http:", 5) == 0)
		strbuf_add(l->notes, "% Warning: http sends stories in clear, https does not\n");
	return 0;
}

static int unset_webhook(struct config_line *l, struct err_msg *e)
{
	struct box_notify *n = &l->box->notify;
	char url[BOX_URL_MAX];
	int r;

	if (config_arg(l, "webhook-url") == NULL) {
		memset(n->webhooks, 0, sizeof(n->webhooks));
		n->webhook_count = 0;
		return 0;
	}
	r = url_of(l, url, sizeof(url), e);
	if (r == 0 && !box_text_remove(n->webhooks[0], BOX_URL_MAX, &n->webhook_count, url))
		r = err_set(e, ERR_NOT_FOUND, "There is no such webhook");
	return r;
}

static void write_webhooks(const struct row *row, const void *object, struct config_writer *w)
{
	const struct box_notify *n = &((const struct box_config *)object)->notify;

	(void)row;
	for (uint32_t i = 0; i < n->webhook_count; i++)
		writer_line(w, "notify webhook %s", w->hide_secrets ? "<hidden>" : n->webhooks[i]);
}

/* ---- Secrets --------------------------------------------------------------------------------- */

static int take_secret(struct config_line *l, char sealed[SEAL_TEXT_MAX], const char *words,
		       struct err_msg *e)
{
	const struct value *v = config_arg(l, "notify-sealed");

	if (v != NULL)
		return box_secret_store_sealed(l, sealed, v->text, words, e);
	v = config_arg(l, "notify-secret");
	if (tunnel_secret_is_hidden(&v->secret))
		return err_set(e, ERR_INVALID,
			       "%s <hidden>: this configuration was saved without its secrets",
			       words);
	return box_secret_store(l, sealed, &v->secret, e);
}

static int set_signing(struct config_line *l, struct err_msg *e)
{
	return take_secret(l, l->box->notify.signing, "notify signing-secret", e);
}

static int unset_signing(struct config_line *l, struct err_msg *e)
{
	(void)e;
	memset(l->box->notify.signing, 0, SEAL_TEXT_MAX);
	return 0;
}

static void write_signing(const struct row *row, const void *object, struct config_writer *w)
{
	const struct box_notify *n = &((const struct box_config *)object)->notify;
	char text[BOX_SECRET_WORDS];

	(void)row;
	box_secret_words(n->signing, w, text);
	if (n->signing[0] != '\0')
		writer_line(w, "notify signing-secret %s", text);
}

/* ---- Mail ------------------------------------------------------------------------------------ */

static bool is_domain(const char *text)
{
	if (*text == '\0' || *text == '.' || *text == '-')
		return false;
	for (; *text != '\0'; text++) {
		if (!isalnum((unsigned char)*text) && strchr(".-_", *text) == NULL)
			return false;
	}
	return true;
}

/* What all relays take unquoted: RFC 5321 section 4.1.2, Dot-string "@" Domain. */
static int check_mailbox(const char *text, struct err_msg *e)
{
	size_t at = strcspn(text, "@");

	for (size_t i = 0; i < at; i++) {
		if (!isalnum((unsigned char)text[i]) &&
		    strchr("!#$%&'*+-/=?^_`{|}~.", text[i]) == NULL)
			at = 0;
	}
	if (at == 0 || text[at] != '@' || !is_domain(text + at + 1))
		return err_set(e, ERR_INVALID, "mail address %s: allowed is NAME@DOMAIN", text);
	return 0;
}

static int set_to(struct config_line *l, struct err_msg *e)
{
	const char *text = config_arg(l, "mail-to")->text;
	struct box_notify *n = &l->box->notify;
	int r = check_mailbox(text, e);

	if (r == 0 && !box_text_add(n->to[0], BOX_MAIL_MAX, &n->to_count, BOX_MAILBOXES, text))
		r = err_set(e, ERR_NO_SPACE,
			    "There are %d mail addresses, that is all there can be", BOX_MAILBOXES);
	return r;
}

static int unset_to(struct config_line *l, struct err_msg *e)
{
	struct box_notify *n = &l->box->notify;
	const struct value *v = config_arg(l, "mail-to");

	if (v == NULL) {
		memset(n->to, 0, sizeof(n->to));
		n->to_count = 0;
		return 0;
	}
	if (!box_text_remove(n->to[0], BOX_MAIL_MAX, &n->to_count, v->text))
		return err_set(e, ERR_NOT_FOUND, "No mail goes to %s", v->text);
	return 0;
}

static void write_to(const struct row *row, const void *object, struct config_writer *w)
{
	const struct box_notify *n = &((const struct box_config *)object)->notify;

	(void)row;
	for (uint32_t i = 0; i < n->to_count; i++)
		writer_line(w, "notify email to %s", n->to[i]);
}

static int check_from(struct config_line *l, struct err_msg *e)
{
	return l->box->notify.from[0] == '\0' ? 0 : check_mailbox(l->box->notify.from, e);
}

static uint32_t standard_port(uint32_t security)
{
	static const uint32_t ports[] = {[BOX_STARTTLS] = 587, [BOX_TLS] = 465, [BOX_CLEAR] = 25};

	return ports[security];
}

static int set_relay(struct config_line *l, struct err_msg *e)
{
	const struct value *relay = config_arg(l, "mail-relay"), *port = config_arg(l, "mail-port"),
			   *security = config_arg(l, "mail-security");
	struct box_notify *n = &l->box->notify;
	struct ip_addr addr;

	if (ip_addr_parse(relay->text, &addr) != 0 && !is_domain(relay->text))
		return err_set(e, ERR_INVALID,
			       "notify email relay %s: allowed is a name or an address",
			       relay->text);
	memset(n->relay, 0, sizeof(n->relay));
	snprintf(n->relay, sizeof(n->relay), "%s", relay->text);
	n->security = security == NULL ? BOX_STARTTLS : security->number;
	n->relay_port = port == NULL ? standard_port(n->security) : port->number;
	if (n->security == BOX_CLEAR && n->user[0] != '\0')
		strbuf_add(l->notes, "% Warning: the password of notify email login goes to the "
				     "relay in clear\n");
	return 0;
}

static int unset_relay(struct config_line *l, struct err_msg *e)
{
	struct box_notify *n = &l->box->notify;

	(void)e;
	memset(n->relay, 0, sizeof(n->relay));
	n->security = n->relay_port = 0;
	return 0;
}

static void write_relay(const struct row *row, const void *object, struct config_writer *w)
{
	static const char *const words[] = {
		[BOX_STARTTLS] = "starttls", [BOX_TLS] = "tls", [BOX_CLEAR] = "none"};
	const struct box_notify *n = &((const struct box_config *)object)->notify;
	char port[32] = "", security[32] = "";

	(void)row;
	if (n->relay[0] == '\0')
		return;
	if (n->relay_port != standard_port(n->security) || w->all)
		snprintf(port, sizeof(port), " port %" PRIu32, n->relay_port);
	if (n->security != BOX_STARTTLS || w->all)
		snprintf(security, sizeof(security), " security %s", words[n->security]);
	writer_line(w, "notify email relay %s%s%s", n->relay, port, security);
}

static int set_login(struct config_line *l, struct err_msg *e)
{
	struct box_notify *n = &l->box->notify;
	int r = take_secret(l, n->password, "notify email login", e);

	if (r != 0)
		return r;
	memset(n->user, 0, sizeof(n->user));
	snprintf(n->user, sizeof(n->user), "%s", config_arg(l, "mail-user")->text);
	if (n->security == BOX_CLEAR && n->relay[0] != '\0')
		strbuf_add(l->notes, "% Warning: the password goes to the relay in clear\n");
	return 0;
}

static int unset_login(struct config_line *l, struct err_msg *e)
{
	struct box_notify *n = &l->box->notify;

	(void)e;
	memset(n->user, 0, sizeof(n->user));
	memset(n->password, 0, sizeof(n->password));
	return 0;
}

static void write_login(const struct row *row, const void *object, struct config_writer *w)
{
	const struct box_notify *n = &((const struct box_config *)object)->notify;
	char text[BOX_SECRET_WORDS];

	(void)row;
	box_secret_words(n->password, w, text);
	if (n->user[0] != '\0')
		writer_line(w, "notify email login %s password %s", n->user, text);
}

/* ---- Exec ------------------------------------------------------------------------------------ */

static int test(struct cmd *c)
{
	size_t n = notify_test(cmd_commands(c)->notify);

	if (n == 0)
		return cmd_fail(c, ERR_NOT_FOUND,
				"Nobody is told of stories: see notify webhook and notify email "
				"in configuration mode");
	cmd_print(c, "A test goes to %zu receiver%s. See show notifications.\n", n,
		  n == 1 ? "" : "s");
	return 0;
}

static int show_notifications(struct cmd *c)
{
	const struct commands *box = cmd_commands(c);
	struct receiver_status list[BOX_LOG_HOSTS + NOTIFY_RECEIVERS];
	struct show_clock clock = show_now(c);
	struct answer *a = show_begin(c);
	size_t n = syslog_status(box->syslog, list, BOX_LOG_HOSTS);

	n += notify_status(box->notify, list + n, NOTIFY_RECEIVERS);
	show_notify(a, &clock, list, n, &box->running.box.notify, notify_repeats(box->notify));
	return show_end(c, a);
}

static const struct row rows[] = {
	{
		.words = "notify webhook <webhook-url>",
		.no_words = "notify webhook [<webhook-url>]",
		.modes = IN_CONFIG,
		.flags = ROW_SECRET,
		.set = set_webhook,
		.unset = unset_webhook,
		.write = write_webhooks,
		.help = "Web address that stories are posted to",
		.manual = "Stories that open and close are posted to this https or http address as "
			  "JSON, those of the same moment together; up to four addresses.  The "
			  "document has hostname, at, test, repeats, lost and stories, each story "
			  "as in show stories json.  A receiver that is not reached, or answers "
			  "with a status other than 2xx, is tried again for an hour, ever more "
			  "seldom.  The path may be a secret: only the host is shown, except in "
			  "configurations.",
		.reference = "RFC 9110",
	},
	{
		.words = "notify signing-secret <notify-secret>",
		.no_words = "notify signing-secret [<rest>]",
		.modes = IN_CONFIG,
		.flags = ROW_SECRET,
		.set = set_signing,
		.unset = unset_signing,
		.write = write_signing,
		.help = "Secret that webhooks recognise us by",
		.manual = "Each post has a header X-Ikesh-Signature: sha256= and the HMAC-SHA256 "
			  "of its body with this secret, in hexadecimal digits.  It is shown and "
			  "saved encrypted.",
		.reference = "RFC 2104",
	},
	{
		.words = "notify signing-secret 0 <notify-secret>",
		.modes = IN_CONFIG,
		.flags = ROW_SECRET | ROW_NO_NO,
		.set = set_signing,
		.help = "A secret in clear text follows",
		.manual = "The same; for secrets that begin with a word that it would take.",
	},
	{
		.words = "notify signing-secret 6 <notify-sealed>",
		.modes = IN_CONFIG,
		.flags = ROW_SECRET | ROW_NO_NO,
		.set = set_signing,
		.help = "An encrypted secret follows",
		.manual = "Sets the secret from its encrypted form, as it stands in "
			  "configurations.",
	},
	{
		.words = "notify email to <mail-to>",
		.no_words = "notify email to [<mail-to>]",
		.modes = IN_CONFIG,
		.set = set_to,
		.unset = unset_to,
		.write = write_to,
		.help = "Mail address that stories are sent to",
		.manual = "Stories are sent to this address as mail; up to eight addresses.  A "
			  "relay must be configured, too.",
		.reference = "RFC 5322",
	},
	{
		.words = "notify email from <mail-from>",
		.no_words = "notify email from [<mail-from>]",
		.modes = IN_CONFIG,
		.fields = {FIELD("mail-from", struct box_config, notify.from)},
		.check = check_from,
		.help = "Mail address of this appliance",
		.manual = "Mails are from this address; ikesh@HOSTNAME without it.",
	},
	{
		.words = "notify email relay <mail-relay> [port <mail-port>] [security "
			 "<mail-security>]",
		.no_words = "notify email relay [<rest>]",
		.modes = IN_CONFIG,
		.set = set_relay,
		.unset = unset_relay,
		.write = write_relay,
		.help = "Mail server that takes mails from us",
		.manual = "Mails are handed to this server.  Without a port it is 587, 465 with "
			  "security tls, 25 with security none.  starttls, which is the default, "
			  "sends nothing to a server that does not offer it.",
		.reference = "RFC 5321, RFC 3207",
	},
	{
		.words = "notify email login <mail-user> password <notify-secret>",
		.no_words = "notify email login [<rest>]",
		.modes = IN_CONFIG,
		.flags = ROW_SECRET,
		.set = set_login,
		.unset = unset_login,
		.write = write_login,
		.help = "Name and password for the mail server",
		.manual = "Logs in to the mail server.  The password is shown and saved encrypted.",
		.reference = "RFC 4954",
	},
	{
		.words = "notify email login <mail-user> password 0 <notify-secret>",
		.modes = IN_CONFIG,
		.flags = ROW_SECRET | ROW_NO_NO,
		.set = set_login,
		.help = "A password in clear text follows",
		.manual = "The same; for passwords that begin with a word that it would take.",
	},
	{
		.words = "notify email login <mail-user> password 6 <notify-sealed>",
		.modes = IN_CONFIG,
		.flags = ROW_SECRET | ROW_NO_NO,
		.set = set_login,
		.help = "An encrypted password follows",
		.manual = "Sets the password from its encrypted form, as it stands in "
			  "configurations.",
	},
	{
		.words = "notify ca-file <ca-file>",
		.no_words = "notify ca-file [<ca-file>]",
		.modes = IN_CONFIG,
		.fields = {FIELD("ca-file", struct box_config, notify.ca_file)},
		.help = "Certificates of the authorities that receivers are verified with",
		.manual = "A file in PEM form with the certificates that webhooks and mail servers "
			  "are verified with, in place of those that the system trusts.",
		.reference = "RFC 5280",
	},
	{
		.words = "notify criticality <notify-criticality>",
		.no_words = "notify criticality [<notify-criticality>]",
		.modes = IN_CONFIG,
		.fields = {FIELD("notify-criticality", struct box_config, notify.criticality)},
		.help = "Least criticality of stories that are told",
		.manual = "Stories of a lower criticality are not sent; see show stories.",
	},
	{
		.words = "notify digest <notify-digest>",
		.no_words = "notify digest [<notify-digest>]",
		.modes = IN_CONFIG,
		.fields = {FIELD("notify-digest", struct box_config, notify.digest_s)},
		.help = "Time in which stories gather for one mail",
		.manual = "A mail is sent so long after the first story that it tells, with all "
			  "that opened and closed meanwhile.",
	},
	{
		.words = "notify repeat-interval <notify-repeat>",
		.no_words = "notify repeat-interval [<notify-repeat>]",
		.modes = IN_CONFIG,
		.fields = {FIELD("notify-repeat", struct box_config, notify.repeat_s)},
		.help = "Time in which a story of the same thing is told once",
		.manual = "A story of the same kind, site and tunnel that opens again within this "
			  "time is not told at once; at its end the latest is told, with how many "
			  "there were.  0 tells each.",
	},
	{
		.words = "show notifications [json]",
		.modes = IN_EXEC,
		.handler = show_notifications,
		.help = "Log hosts, webhooks and mail: what they got, what waits, what fails",
		.manual = "Machines that are told of events and stories, with what they took, what "
			  "waits for them, what was lost, and why the latest message failed.",
	},
	{
		.words = "notify test",
		.modes = IN_EXEC,
		.privilege = 15,
		.handler = test,
		.help = "Send a test to all webhooks and mail addresses",
		.manual = "Sends a message to all webhooks and mail addresses at once; show "
			  "notifications says what became of it.",
	},
	{
		.words = "notification test",
		.modes = IN_EXEC,
		.privilege = 15,
		.flags = ROW_HIDDEN,
		.handler = test,
		.help = "Send a test to all webhooks and mail addresses",
		.manual = "The same as notify test, which goes to all webhooks and mail addresses.",
	},
};

const struct row_table table_notify = {
	.family = "notifications",
	.rows = rows,
	.count = ARRAY_LEN(rows),
};
