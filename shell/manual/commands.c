/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ikesh-commands(7): every command with its arguments, from the row tables. */
#include "commands/args.h"
#include "commands/mode.h"
#include "commands/row.h"
#include "commands/value.h"
#include "shell/manual/mdoc.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* ---- Patterns -------------------------------------------------------------------------------- */

/* "show ipsec site [<site>]" as macros, one token a line. */
static void put_words(FILE *out, const char *words)
{
	fputs(".It Xo\n", out);
	while (*words) {
		size_t len = strcspn(words, " [{|}]");

		if (*words == ' ') {
			words++;
			continue;
		}
		if (len == 0) {
			fprintf(out,
				*words == '['	? ".Oo\n"
				: *words == ']' ? ".Oc\n"
						: ".No \\&%c\n",
				*words);
			words++;
			continue;
		}
		if (*words == '<')
			fprintf(out, ".Ar %.*s\n", (int)len - 2, words + 1);
		else
			fprintf(out, ".Ic %.*s\n", (int)len, words);
		words += len;
	}
	fputs(".Xc\n", out);
}

static void put_modes(FILE *out, const struct row *row)
{
	bool first = true;

	if (row->modes & IN_EXEC) {
		if (row->privilege > 1)
			fprintf(out, "Privilege %u.\n", row->privilege);
		return;
	}
	if ((row->modes & IN_ANY_CONFIG) == IN_ANY_CONFIG) {
		fputs("In every configuration mode.\n", out);
		return;
	}
	fputs("In ", out);
	for (unsigned m = CMD_CONFIG; m < CMD_MODES; m++) {
		if (!(row->modes & IN(m)))
			continue;
		fprintf(out, "%s%s", first ? "" : ", ", mode_prompt((enum cmd_mode)m));
		first = false;
	}
	fputs(".\n", out);
}

static void put_no_form(FILE *out, const struct row *row)
{
	bool is_setting = row->set || row->fields[0].arg;

	if (!is_setting || row->flags & ROW_NO_NO)
		return;
	fputs("The form with\n.Ic no\nrestores the default, or removes what was set.\n", out);
}

static void put_row(FILE *out, const struct row *row)
{
	put_words(out, row->words);
	mdoc_sentences(out, row->manual);
	put_modes(out, row);
	put_no_form(out, row);
	if (row->reference)
		fprintf(out, "See %s.\n", row->reference);
}

static void put_table(FILE *out, const struct row_table *t)
{
	fprintf(out, ".Ss %c%s\n.Bl -tag -width Ds\n", toupper((unsigned char)t->family[0]),
		t->family + 1);
	for (size_t i = 0; i < t->count; i++)
		if (!(t->rows[i].flags & ROW_HIDDEN))
			put_row(out, &t->rows[i]);
	fputs(".El\n", out);
}

/* ---- Arguments ------------------------------------------------------------------------------- */

static void put_choices(FILE *out, const struct arg *a)
{
	fputs(".Bl -tag -width Ds -compact\n", out);
	for (const struct arg_choice *c = a->choices; c->word; c++) {
		fprintf(out, ".It Ic %s\n", c->word);
		mdoc_sentences(out, c->help);
	}
	fputs(".El\n", out);
}

static void put_arg(FILE *out, const struct arg *a)
{
	char syntax[128], help[256];

	fprintf(out, ".It Ar %s\n", a->name);
	if (a->type == VALUE_CHOICE) {
		mdoc_sentences(out, a->help);
		if (a->standard)
			fprintf(out, "Default is\n.Ic %s .\n", a->standard);
		put_choices(out, a);
		return;
	}
	mdoc_line(out, "Li", value_syntax(a, syntax, sizeof(syntax)));
	fputs(".br\n", out);
	mdoc_sentences(out, value_help(a, help, sizeof(help)));
}

/* Only those that a visible command takes. */
static bool is_used(const struct arg *a)
{
	char token[80];

	(void)snprintf(token, sizeof(token), "<%s>", a->name);
	for (const struct row_table *const *t = row_tables(); *t; t++)
		for (size_t i = 0; i < (*t)->count; i++)
			if (!((*t)->rows[i].flags & ROW_HIDDEN) &&
			    strstr((*t)->rows[i].words, token))
				return true;
	return false;
}

void manual_commands(FILE *out)
{
	const struct arg *a;

	mdoc_head(out, "ikesh-commands", "commands of the IPsec site gateway");
	fputs(".Sh DESCRIPTION\n"
	      "Every command that an operator can type in\n.Xr ikesh 1 ,\n"
	      "by family, with the mode that it belongs to: commands without one are typed at the "
	      "prompt\n"
	      "that ends with # or >, the others in configuration mode, whose prompt they name.\n"
	      "A command of a mode above can be typed in the modes below.\n"
	      "Words may be abbreviated as far as they stay unique, and\n.Ic \\&?\n"
	      "says what may come next.\n"
	      "Each\n.Ic show\ncommand takes the filters\n"
	      ".Ic include , exclude , begin , section , count , json , redact\nand\n.Ic no-more\n"
	      "behind a vertical bar.\n",
	      out);
	fputs(".Sh COMMANDS\n", out);
	for (const struct row_table *const *t = row_tables(); *t; t++)
		put_table(out, *t);
	fputs(".Sh ARGUMENTS\n.Bl -tag -width Ds\n", out);
	for (size_t i = 0; (a = arg_at(i)) != NULL; i++)
		if (is_used(a))
			put_arg(out, a);
	fputs(".El\n.Sh SEE ALSO\n.Xr ikesh 1 ,\n.Xr ikesh.conf 5 ,\n.Xr ikesh-events 7 ,\n"
	      ".Xr ikeshd 8\n",
	      out);
}
