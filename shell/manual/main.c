/* SPDX-License-Identifier: GPL-3.0-or-later */
/* manual {commands | events} FILE: a manual page from the tables of the program, for the build. */
#include "platform/base/mem.h"
#include "shell/manual/mdoc.h"

#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*write)(FILE *out);
	} pages[] = {{"commands", manual_commands}, {"events", manual_events}};
	FILE *out;

	for (size_t i = 0; argc == 3 && i < ARRAY_LEN(pages); i++) {
		if (strcmp(argv[1], pages[i].name) != 0)
			continue;
		out = fopen(argv[2], "we");
		if (!out) {
			perror(argv[2]);
			return EXIT_FAILURE;
		}
		pages[i].write(out);
		if (ferror(out) | fclose(out)) {
			perror(argv[2]);
			return EXIT_FAILURE;
		}
		return EXIT_SUCCESS;
	}
	fputs("usage: manual {commands | events} FILE\n", stderr);
	return 2;
}
