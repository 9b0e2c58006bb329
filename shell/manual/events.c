/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ikesh-events(7): every event, reason and cause, with what to do. */
#include "dataplane/event.h"
#include "dataplane/site/status_reason.h"
#include "ikev2/reason.h"
#include "shell/manual/mdoc.h"

static const char *const severities[] = {"emergency", "alert",	"critical",	 "error",
					 "warning",   "notice", "informational", "debugging"};

static void put_event(FILE *out, const struct event_row *row)
{
	fprintf(out, ".It Li %%%s-%u-%s\n", row->facility, row->severity, row->mnemonic);
	mdoc_sentences(out, row->meaning);
	fprintf(out, ".br\nSeverity %s.\n.br\n", severities[row->severity & 7]);
	mdoc_sentences(out, row->remedy);
}

static void put_fix(FILE *out, const char *where, const char *text)
{
	if (!text[0])
		return;
	fprintf(out, ".br\n%s: ", where);
	mdoc_sentences(out, text);
}

static void put_cause(FILE *out, const struct ike_cause_row *row)
{
	fprintf(out, ".It Li %s\n", row->name);
	mdoc_sentences(out, row->sentence);
	put_fix(out, "Here", row->fix_here);
	put_fix(out, "On the peer", row->fix_peer);
	if (!row->fix_here[0] && !row->fix_peer[0])
		fputs(".br\nNo action is needed.\n", out);
}

static void put_reason(FILE *out, enum ike_reason r)
{
	fprintf(out, ".Ss %s\n.Bl -tag -width Ds\n", ike_reason_name(r));
	for (unsigned c = IKE_CAUSE_NONE + 1; c < IKE_CAUSE_COUNT; c++)
		if (ike_cause_row((enum ike_cause)c)->reason == r)
			put_cause(out, ike_cause_row((enum ike_cause)c));
	fputs(".El\n", out);
}

static void put_configuration(FILE *out)
{
	fputs(".Ss Configuration and waiting\n"
	      "Reasons of tunnels that cannot, or need not, come up yet; they have no cause.\n"
	      ".Bl -tag -width Ds\n",
	      out);
	for (unsigned i = 0; i < STATUS_REASON_COUNT; i++) {
		const struct status_reason_row *row = status_reason_row((enum status_reason)i);

		fprintf(out, ".It Li %s\n", row->name);
		mdoc_sentences(out, row->sentence);
		fputs(".br\nHere: ", out);
		mdoc_sentences(out, row->remedy);
	}
	fputs(".El\n", out);
}

void manual_events(FILE *out)
{
	mdoc_head(out, "ikesh-events", "events, reasons and causes of the IPsec site gateway");
	fputs(".Sh DESCRIPTION\n"
	      "The appliance says each thing that an operator should hear about in one line, an "
	      "event:\n"
	      "on terminals with\n.Ic terminal monitor ,\n"
	      "in\n.Ic show logging ,\n"
	      "in the journal of the system, and at the machines of\n.Ic logging host .\n"
	      "A line begins with facility, severity and name of the event.\n.Pp\n"
	      "A tunnel that is not up, or that is about to fail, has a reason and, finer, a "
	      "cause:\n"
	      "in\n.Ic show ipsec connection-status ,\n"
	      "its detail, its JSON, in events, stories "
	      "and metrics.\n"
	      "Names of reasons and causes are stable.\n"
	      ".Sh EVENTS\n.Bl -tag -width Ds\n",
	      out);
	for (unsigned i = 0; i < EVENT_COUNT; i++)
		put_event(out, event_row((enum event_id)i));
	fputs(".El\n.Sh REASONS\n"
	      "Each heading is a reason, below it are its causes.\n"
	      "\"Here\" is what can be done on this appliance, \"on the peer\" what the operator "
	      "of the other\n"
	      "side can do.\n",
	      out);
	for (unsigned r = IKE_REASON_NONE + 1; r < IKE_REASON_COUNT; r++)
		put_reason(out, (enum ike_reason)r);
	put_configuration(out);
	fputs(".Sh SEE ALSO\n.Xr ikesh 1 ,\n.Xr ikesh-commands 7 ,\n.Xr ikeshd 8\n", out);
}
