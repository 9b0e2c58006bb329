/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ikeshd: options, hardening of the process; the rest is daemon.c. */
#include "platform/base/log.h"
#include "platform/base/mem.h"
#include "platform/os/broker.h"
#include "platform/os/service_manager.h"
#include "shell/ikeshd/background.h"
#include "shell/ikeshd/daemon.h"
#include "shell/ikeshd/sink.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

struct invocation {
	struct daemon_options daemon;
	enum log_level level;
	bool foreground;
	bool check;
	bool privileged;
};

static const char usage[] =
	"Usage: ikeshd [OPTION]...\n"
	"The ikesh IPsec IKEv2 site gateway.\n"
	"\n"
	"  --config-dir DIR   startup-config, archive (default " DAEMON_CONFIG_DIR ")\n"
	"  --state-dir DIR    journal, SA state (default " DAEMON_STATE_DIR ")\n"
	"  --socket PATH      for ikesh (default " DAEMON_SOCKET ")\n"
	"  --dataplane NAME   auto, xfrm or userspace (default auto)\n"
	"  --foreground       stay at this terminal, log to standard error\n"
	"  --check            read startup-config, say what is wrong with it, and end\n"
	"  --ike-port N       UDP port (default 500)\n"
	"  --natt-port N      UDP port behind NAT (default 4500)\n"
	"  --log-level LEVEL  error, warning, notice, info or debug (default notice)\n"
	"  --version          print the version and end\n"
	"  --help             print this text and end\n";

enum option_number {
	OPT_CONFIG_DIR = 256,
	OPT_STATE_DIR,
	OPT_SOCKET,
	OPT_DATAPLANE,
	OPT_FOREGROUND,
	OPT_CHECK,
	OPT_IKE_PORT,
	OPT_NATT_PORT,
	OPT_LOG_LEVEL,
	OPT_PRIVILEGED_HALF,
	OPT_VERSION,
	OPT_HELP,
};

static const struct option options[] = {
	{"config-dir", required_argument, NULL, OPT_CONFIG_DIR},
	{"state-dir", required_argument, NULL, OPT_STATE_DIR},
	{"socket", required_argument, NULL, OPT_SOCKET},
	{"dataplane", required_argument, NULL, OPT_DATAPLANE},
	{"foreground", no_argument, NULL, OPT_FOREGROUND},
	{"check", no_argument, NULL, OPT_CHECK},
	{"ike-port", required_argument, NULL, OPT_IKE_PORT},
	{"natt-port", required_argument, NULL, OPT_NATT_PORT},
	{"log-level", required_argument, NULL, OPT_LOG_LEVEL},
	{&BROKER_OPTION[2], no_argument, NULL, OPT_PRIVILEGED_HALF}, /* by itself */
	{"version", no_argument, NULL, OPT_VERSION},
	{"help", no_argument, NULL, OPT_HELP},
	{NULL, 0, NULL, 0},
};

static int parse_port(const char *name, const char *text, uint16_t *out, struct err_msg *e)
{
	char *end = NULL;
	unsigned long n = strtoul(text, &end, 10);

	if (text[0] < '0' || text[0] > '9' || *end != '\0' || n < 1 || n > 65535)
		return err_set(e, ERR_RANGE, "%s \"%s\" is not a port: 1 to 65535", name, text);
	*out = (uint16_t)n;
	return 0;
}

static int parse_dataplane(const char *text, enum gateway_dataplane *out, struct err_msg *e)
{
	static const char *const names[] = {
		[GATEWAY_DP_AUTO] = "auto",
		[GATEWAY_DP_XFRM] = "xfrm",
		[GATEWAY_DP_USERSPACE] = "userspace",
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (strcmp(text, names[i]) == 0) {
			*out = (enum gateway_dataplane)i;
			return 0;
		}
	}
	return err_set(e, ERR_INVALID, "--dataplane \"%s\" is unknown: auto, xfrm or userspace",
		       text);
}

static int take_option(struct invocation *inv, int option, struct err_msg *e)
{
	switch (option) {
	case OPT_CONFIG_DIR:
		inv->daemon.config_dir = optarg;
		return 0;
	case OPT_STATE_DIR:
		inv->daemon.state_dir = optarg;
		return 0;
	case OPT_SOCKET:
		inv->daemon.socket = optarg;
		return 0;
	case OPT_DATAPLANE:
		return parse_dataplane(optarg, &inv->daemon.gateway.dataplane, e);
	case OPT_FOREGROUND:
		inv->foreground = true;
		return 0;
	case OPT_CHECK:
		inv->check = true;
		return 0;
	case OPT_IKE_PORT:
		return parse_port("--ike-port", optarg, &inv->daemon.gateway.ike_port, e);
	case OPT_NATT_PORT:
		return parse_port("--natt-port", optarg, &inv->daemon.gateway.natt_port, e);
	case OPT_LOG_LEVEL:
		if (log_level_parse(optarg, &inv->level) == 0)
			return 0;
		return err_set(
			e, ERR_INVALID,
			"--log-level \"%s\" is unknown: error, warning, notice, info or debug",
			optarg);
	case OPT_PRIVILEGED_HALF:
		inv->privileged = true;
		return 0;
	case OPT_VERSION:
		puts("ikeshd " IKESH_VERSION);
		exit(EXIT_SUCCESS);
	case OPT_HELP:
		fputs(usage, stdout);
		exit(EXIT_SUCCESS);
	default:
		return err_set(e, ERR_INVALID, "see ikeshd --help"); /* getopt has said what */
	}
}

static int parse(int argc, char **argv, struct invocation *inv, struct err_msg *e)
{
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		int rc = take_option(inv, option, e);

		if (rc != 0)
			return rc;
	}
	if (optind < argc)
		return err_set(e, ERR_INVALID, "\"%s\" is no option, see ikeshd --help",
			       argv[optind]);
	if (inv->daemon.gateway.ike_port == inv->daemon.gateway.natt_port)
		return err_set(e, ERR_INVALID, "--ike-port and --natt-port must differ");
	return 0;
}

/* Keys are in this process: no core, no ptrace by others of the same user. */
static void harden(void)
{
	const struct rlimit none = {.rlim_cur = 0, .rlim_max = 0};

	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	signal(SIGPIPE, SIG_IGN);
	umask(022);
}

static int fail(const struct err_msg *e)
{
	fprintf(stderr, "ikeshd: %s\n", e->text);
	return EXIT_FAILURE;
}

static int check(const struct invocation *inv)
{
	struct sink sink;
	struct err_msg e = {.code = 0};
	int rc;

	sink_foreground(&sink, inv->level);
	sink_started(&sink);
	rc = daemon_check(&inv->daemon, &sink.log, &e);
	sink_clear(&sink);
	if (rc < 0)
		return fail(&e);
	if (rc > 0) {
		fprintf(stderr, "ikeshd: startup-config: %d line%s refused\n", rc,
			rc == 1 ? "" : "s");
		return EXIT_FAILURE;
	}
	puts("startup-config is valid");
	return EXIT_SUCCESS;
}

struct start {
	struct sink sink;
	int background; /* of background_enter, -1: foreground or done */
};

static void on_ready(void *arg)
{
	struct start *start = arg;

	sink_started(&start->sink);
	if (start->background >= 0)
		background_ready(start->background);
	start->background = -1;
}

/* The program as it is on disk now, with the same process number; it takes over what we left. */
static _Noreturn void renew(const struct invocation *inv)
{
	sigset_t none;

	broker_renew();
	service_manager_bequeath(inv->daemon.manager);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execvp(inv->daemon.argv[0], inv->daemon.argv);
	fprintf(stderr, "ikeshd: %s: %s\n", inv->daemon.argv[0], strerror(errno));
	_exit(EXIT_FAILURE); /* whoever starts us again takes over */
}

/* Runs the appliance, again after each `reload`. */
static int run(struct invocation *inv)
{
	struct start start = {.background = -1};
	struct err_msg e = {.code = 0};
	bool confined = broker_is_there(); /* executed anew as the main half */
	int rc;

	if (inv->foreground) {
		sink_foreground(&start.sink, inv->level);
	} else {
		start.background = background_enter(&e);
		if (start.background < 0)
			return fail(&e);
		sink_background(&start.sink, inv->level);
	}
	inv->daemon.sink = &start.sink;
	inv->daemon.confined = &confined;
	inv->daemon.gateway.state_dir = inv->daemon.state_dir;
	inv->daemon.manager = service_manager_new();
	do
		rc = daemon_run(&inv->daemon, on_ready, &start, &e);
	while (rc == DAEMON_RELOAD);
	if (rc < 0 && start.sink.syslog)
		log_line(&start.sink.log, LOG_LVL_ERROR, LOG_MAIN, "%s", e.text);
	if (rc == DAEMON_LEFT)
		_exit(EXIT_SUCCESS); /* workers forward to the last moment */
	if (rc == DAEMON_ORPHANED)
		_exit(EXIT_FAILURE); /* the same, and somebody should start us again */
	if (rc == DAEMON_RENEW)
		renew(inv);
	service_manager_free(inv->daemon.manager);
	sink_clear(&start.sink);
	return rc >= 0 ? EXIT_SUCCESS : fail(&e);
}

int main(int argc, char **argv)
{
	struct invocation inv = {
		.daemon = {.state_dir = DAEMON_STATE_DIR,
			   .socket = DAEMON_SOCKET,
			   .gateway = {.ike_port = 500, .natt_port = 4500},
			   .argv = argv},
		.level = LOG_LVL_NOTICE,
	};
	struct err_msg e = {.code = 0};

	if (parse(argc, argv, &inv, &e) != 0)
		return fail(&e);
	harden();
	if (inv.privileged)
		daemon_serve(&inv.daemon);
	return inv.check ? check(&inv) : run(&inv);
}
