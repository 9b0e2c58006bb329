/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ikesh: options and the choice between a person at a terminal and lines without one. */
#include "platform/base/mem.h"
#include "shell/ikesh/entry.h"
#include "shell/ikesh/link.h"
#include "shell/ikesh/no_sftp.h"
#include "shell/ikesh/script.h"
#include "shell/ikesh/terminal.h"

#include <errno.h>
#include <getopt.h>
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#define DEFAULT_SOCKET "/run/ikesh/cli.sock"

enum input { INPUT_NONE, INPUT_LINES, INPUT_MERGE, INPUT_CHECK };

struct invocation {
	const char *socket;
	uint8_t privilege;
	char **commands; /* of -c, borrowed */
	size_t command_count;
	enum input input;
	const char *file;
};

static const char usage[] =
	"Usage: ikesh [OPTION]...\n"
	"The terminal of the ikesh IPsec IKEv2 site gateway.\n"
	"\n"
	"  --socket PATH   of the appliance (default $IKESH_SOCKET or " DEFAULT_SOCKET ")\n"
	"  -c COMMAND      execute COMMAND and end; may be given several times\n"
	"  -f FILE         execute the lines of FILE, as if they were typed\n"
	"  --merge FILE    apply the configuration lines of FILE\n"
	"  --check FILE    validate the configuration in FILE, change nothing\n"
	"  -p PRIVILEGE    begin at this privilege (0 to 15)\n"
	"  --version       print the version and end\n"
	"  --help          print this text and end\n"
	"\n"
	"FILE may be - for standard input.  Without -c, -f, --merge and --check, ikesh talks to a\n"
	"person, or executes the lines of standard input when that is no terminal.\n"
	"Exit status: 0, 1 when any line was refused, 2 when the appliance cannot be reached.\n";

enum option_number { OPT_SOCKET = 256, OPT_MERGE, OPT_CHECK, OPT_VERSION, OPT_HELP };

static const struct option options[] = {
	{"socket", required_argument, NULL, OPT_SOCKET},
	{"merge", required_argument, NULL, OPT_MERGE},
	{"check", required_argument, NULL, OPT_CHECK},
	{"version", no_argument, NULL, OPT_VERSION},
	{"help", no_argument, NULL, OPT_HELP},
	{NULL, 0, NULL, 0},
};

static int take_file(struct invocation *inv, enum input input)
{
	if (inv->input != INPUT_NONE) {
		fputs("ikesh: only one of -f, --merge and --check can be given\n", stderr);
		return ERR_INVALID;
	}
	inv->input = input;
	inv->file = optarg;
	return 0;
}

static int take_privilege(struct invocation *inv)
{
	char *end = NULL;
	unsigned long n = strtoul(optarg, &end, 10);

	if (optarg[0] < '0' || optarg[0] > '9' || *end != '\0' || n > 15) {
		fprintf(stderr, "ikesh: \"%s\" is no privilege: 0 to 15\n", optarg);
		return ERR_RANGE;
	}
	inv->privilege = (uint8_t)n;
	return 0;
}

static int take_option(struct invocation *inv, int option)
{
	switch (option) {
	case OPT_SOCKET:
		inv->socket = optarg;
		return 0;
	case 'c':
		inv->commands[inv->command_count++] = optarg;
		return 0;
	case 'f':
		return take_file(inv, INPUT_LINES);
	case OPT_MERGE:
		return take_file(inv, INPUT_MERGE);
	case OPT_CHECK:
		return take_file(inv, INPUT_CHECK);
	case 'p':
		return take_privilege(inv);
	case OPT_VERSION:
		puts("ikesh " IKESH_VERSION);
		exit(SCRIPT_OK);
	case OPT_HELP:
		fputs(usage, stdout);
		exit(SCRIPT_OK);
	default:
		fputs("ikesh: see ikesh --help\n", stderr);
		return ERR_INVALID;
	}
}

static int parse(int argc, char **argv, struct invocation *inv)
{
	int option;

	while ((option = getopt_long(argc, argv, "c:f:p:", options, NULL)) != -1) {
		int rc = take_option(inv, option);

		if (rc != 0)
			return rc;
	}
	if (optind < argc) {
		fprintf(stderr, "ikesh: \"%s\" is no option, see ikesh --help\n", argv[optind]);
		return ERR_INVALID;
	}
	if (inv->command_count != 0 && inv->input != INPUT_NONE) {
		fputs("ikesh: -c cannot be combined with -f, --merge or --check\n", stderr);
		return ERR_INVALID;
	}
	return 0;
}

/* As login shell or forced command, what to do may stand somewhere else. */
static int settle(struct invocation *inv)
{
	struct entry entry = {
		.commands = inv->commands,
		.count = inv->command_count,
		.has_input = inv->input != INPUT_NONE,
		.original = getenv("SSH_ORIGINAL_COMMAND"),
		.own_path = "/proc/self/exe",
	};
	struct err_msg e = {.code = 0};
	int rc = entry_settle(&entry, &e);

	inv->command_count = entry.count;
	if (rc != 0)
		fprintf(stderr, "ikesh: %s\n", e.text);
	if (entry.sftp)
		no_sftp_serve(STDIN_FILENO, STDOUT_FILENO, e.text);
	return rc;
}

static int run_file(const struct invocation *inv, struct link *l, FILE *in)
{
	const char *name = in == stdin ? "stdin" : inv->file;

	if (inv->input == INPUT_MERGE)
		return script_merge(l, in, name);
	if (inv->input == INPUT_CHECK)
		return script_check(l, in, name);
	return script_lines(l, in, name);
}

/* The file is opened first: a wrong name is no reason to trouble the appliance. */
static FILE *open_input(const struct invocation *inv)
{
	FILE *in;

	if (inv->input == INPUT_NONE || strcmp(inv->file, "-") == 0)
		return stdin;
	in = fopen(inv->file, "re");
	if (in == NULL)
		fprintf(stderr, "ikesh: Cannot read %s: %s\n", inv->file, strerror(errno));
	return in;
}

static int run(struct invocation *inv)
{
	bool person = inv->command_count == 0 && inv->input == INPUT_NONE && isatty(STDIN_FILENO) &&
		      isatty(STDOUT_FILENO);
	struct link_user user = {.privilege = inv->privilege};
	struct err_msg e = {.code = 0};
	FILE *in = open_input(inv);
	struct link *l;
	int rc;

	if (in == NULL)
		return SCRIPT_REFUSED;
	l = mem_zalloc(sizeof(*l));
	if (strcmp(nl_langinfo(CODESET), "UTF-8") == 0)
		user.flags |= WIRE_UTF8;
	if (person) {
		user.flags |= WIRE_INTERACTIVE;
		terminal_window(&user.rows, &user.columns);
	}
	rc = link_open(l, inv->socket, &user, &e);
	if (rc != 0) {
		fprintf(stderr, "ikesh: %s\n", e.text);
		rc = SCRIPT_UNREACHABLE;
	} else if (person) {
		rc = terminal_run(l);
	} else if (inv->command_count != 0) {
		rc = script_commands(l, inv->commands, inv->command_count);
	} else {
		rc = run_file(inv, l, in);
	}
	link_close(l);
	free(l);
	if (in != stdin)
		fclose(in);
	return rc;
}

int main(int argc, char **argv)
{
	struct invocation inv = {.socket = getenv("IKESH_SOCKET"),
				 .privilege = WIRE_PRIVILEGE_DEFAULT};
	const struct rlimit none = {.rlim_cur = 0, .rlim_max = 0};
	int rc = SCRIPT_REFUSED;

	/* Keys are typed here: no core, no ptrace by others of the same user. */
	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	setlocale(LC_CTYPE, "");
	if (inv.socket == NULL || inv.socket[0] == '\0')
		inv.socket = DEFAULT_SOCKET;
	inv.commands = mem_calloc((size_t)argc + 1, sizeof(*inv.commands));
	if (parse(argc, argv, &inv) == 0 && settle(&inv) == 0)
		rc = run(&inv);
	free(inv.commands);
	return rc;
}
