/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See mdoc.h. */
#include "shell/manual/mdoc.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

static void put_escaped(FILE *out, const char *text, size_t len)
{
	bool quoted = false;

	if (len > 0 && (*text == '.' || *text == '\''))
		fputs("\\&", out);
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\\') {
			fputs("\\e", out);
		} else if (text[i] == '`') { /* commands are between two of them */
			fputs(quoted ? "\\(cq" : "\\(oq", out);
			quoted = !quoted;
		} else {
			fputc(text[i], out);
		}
	}
}

void mdoc_head(FILE *out, const char *name, const char *description)
{
	const char *upper = name;

	fprintf(out, ".\\\" SPDX-License-Identifier: GPL-3.0-or-later\n"
		     ".\\\" Made from the tables of the program, not to be edited.\n"
		     ".Dd " IKESH_MANUAL_DATE "\n.Dt ");
	for (; *upper; upper++)
		fputc(toupper((unsigned char)*upper), out);
	fprintf(out, " 7\n.Os\n.Sh NAME\n.Nm %s\n.Nd %s\n", name, description);
}

void mdoc_sentences(FILE *out, const char *text)
{
	size_t begin = 0, i = 0;

	for (; text[i]; i++) {
		if (text[i] != '.' || text[i + 1] != ' ' ||
		    !(text[i + 2] == ' ' || isupper((unsigned char)text[i + 2])))
			continue;
		put_escaped(out, text + begin, i + 1 - begin);
		fputc('\n', out);
		while (text[i + 1] == ' ')
			i++;
		begin = i + 1;
	}
	put_escaped(out, text + begin, i - begin);
	if (i > begin && text[i - 1] != '.')
		fputc('.', out);
	fputc('\n', out);
}

void mdoc_line(FILE *out, const char *macro, const char *text)
{
	fprintf(out, ".%s \"", macro);
	for (; *text; text++)
		if (*text == '"')
			fputs("\"\"", out);
		else
			put_escaped(out, text, 1);
	fputs("\"\n", out);
}
