/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Start order: directories, loop, socket of the terminals (so that a second instance is noticed
 * before it touches anything), gateway, configuration, terminals.  The end is the reverse; the
 * gateway tells the peers.
 */
#include "shell/ikeshd/daemon.h"

#include "commands/box_config.h"
#include "commands/session.h"
#include "dataplane/event.h"
#include "platform/base/log.h"
#include "platform/base/mem.h"
#include "platform/base/strbuf.h"
#include "platform/os/broker.h"
#include "platform/os/file.h"
#include "platform/os/keeper.h"
#include "platform/os/loop.h"
#include "platform/os/sandbox.h"
#include "platform/os/seqpacket.h"
#include "platform/os/service_manager.h"
#include "platform/os/user.h"
#include "shell/ikeshd/metrics_http.h"
#include "shell/ikeshd/sink.h"
#include "shell/ikeshd/supervision.h"
#include "shell/ikeshd/vty.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define EVENTS_KEPT 1024

struct daemon {
	const struct daemon_options *options;
	const struct log *log;
	struct loop *loop;
	struct event_log *events;
	struct event_listener listener;
	struct gateway *gateway;
	struct commands *commands;
	struct vtys *vtys;
	struct supervision *supervision;
	struct metrics_http *metrics;
	struct keeper *keeper; /* NULL: nothing outlives us */
	int socket;	       /* -1 once the vtys have it */
};

static void on_event(void *arg, const struct event *ev)
{
	const struct daemon *d = arg;

	sink_event(d->options->sink, ev);
}

static void on_signal(void *arg, int signo)
{
	struct daemon *d = arg;

	if (signo == SIGHUP || signo == SIGUSR2) {
		log_line(d->log, LOG_LVL_NOTICE, LOG_MAIN, "%s: the tunnels wait for the %s",
			 strsignal(signo), signo == SIGHUP ? "new start" : "next process");
		loop_stop(d->loop, signo == SIGHUP ? DAEMON_RENEW : DAEMON_LEFT);
		return;
	}
	log_line(d->log, LOG_LVL_NOTICE, LOG_MAIN, "%s: ending", strsignal(signo));
	loop_stop(d->loop, DAEMON_STOPPED);
}

static void on_reload(void *arg, int status)
{
	struct daemon *d = arg;

	(void)status;
	loop_stop(d->loop, DAEMON_RELOAD);
}

static int watch_signals(struct daemon *d, struct err_msg *e)
{
	static const int wanted[] = {SIGTERM, SIGINT, SIGHUP, SIGUSR2};

	for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
		if (loop_signal_add(d->loop, wanted[i], on_signal, d) != 0)
			return err_set(e, ERR_SYSTEM, "Cannot watch signals");
	}
	return 0;
}

/* A directory that was asked for must be there; the default one is made at the first start. */
static int check_config_dir(const char *given, struct err_msg *e)
{
	const char *dir = given != NULL ? given : DAEMON_CONFIG_DIR;
	DIR *d;

	if (given == NULL) {
		int rc = file_mkdirs(dir, 0700, e);

		if (rc != 0)
			return rc;
	}
	d = opendir(dir);
	if (d == NULL)
		return err_sys(e, errno, "Cannot read the configuration directory %s", dir);
	closedir(d);
	return 0;
}

static int make_parent(const char *path, unsigned mode, struct err_msg *e)
{
	char *dir = mem_strdup(path);
	char *slash = strrchr(dir, '/');
	int rc = 0;

	if (slash != NULL && slash != dir) {
		*slash = '\0';
		rc = file_mkdirs(dir, mode, e);
	}
	free(dir);
	return rc;
}

/* Everybody may connect: SO_PEERCRED decides, and the refused ones read why. */
static int open_socket(struct daemon *d, struct err_msg *e)
{
	int rc = broker_is_there()
			 ? broker_open(&(struct broker_request){.word = BROKER_TERMINALS}, -1, e)
			 : seqpacket_listen(d->options->socket, 0666, e);

	if (rc < 0)
		return rc;
	d->socket = rc;
	return 0;
}

static void on_box(void *arg, const struct box_config *now)
{
	struct daemon *d = arg;

	metrics_http_listen(d->metrics, &now->metrics);
}

static int load_configuration(struct daemon *d, struct err_msg *e)
{
	const char *dir = d->options->config_dir;
	struct commands_options options = {
		.config_dir = dir != NULL ? dir : DAEMON_CONFIG_DIR,
		.state_dir = d->options->state_dir,
		.stop = on_reload,
		.stop_arg = d,
		.box = on_box,
		.box_arg = d,
	};
	size_t refused = 0;
	int rc;

	d->metrics = metrics_http_new(d->loop, d->log);
	d->commands = commands_new(d->loop, d->gateway, d->events, d->log, &options);
	metrics_http_serve(d->metrics, d->commands);
	rc = commands_boot(d->commands, &refused, NULL, e);
	if (rc == 0 && refused > 0)
		log_line(d->log, LOG_LVL_WARNING, LOG_MAIN,
			 "startup-config: %zu line%s refused, see show startup-config errors",
			 refused, refused == 1 ? "" : "s");
	return rc;
}

/* Found by whoever has the ports: two of us cannot have them. */
static void keeper_name(const struct daemon_options *o, char name[KEEPER_NAME_MAX])
{
	snprintf(name, KEEPER_NAME_MAX, "%u-%u", o->gateway.ike_port, o->gateway.natt_port);
}

static void open_keeper(struct daemon *d)
{
	struct err_msg e = {.text = ""};
	char name[KEEPER_NAME_MAX];

	keeper_name(d->options, name);
	d->keeper = keeper_open(name, &e);
	if (d->keeper == NULL)
		log_line(d->log, LOG_LVL_WARNING, LOG_MAIN,
			 "%s: a restart will interrupt the tunnels", e.text);
}

static struct broker_settings settings_of(const struct daemon_options *o, const char *keeper)
{
	return (struct broker_settings){.ike_port = o->gateway.ike_port,
					.natt_port = o->gateway.natt_port,
					.socket = o->socket,
					.state_dir = o->state_dir,
					.keeper = keeper,
					.argv = o->argv};
}

_Noreturn void daemon_serve(const struct daemon_options *o)
{
	char keeper[KEEPER_NAME_MAX];
	struct broker_settings s;

	keeper_name(o, keeper);
	s = settings_of(o, keeper);
	broker_serve(&s);
}

/* At the first start: a process that was executed anew has found its other half. */
static int split(struct daemon *d, struct err_msg *e)
{
	char keeper[KEEPER_NAME_MAX];
	struct broker_settings s;
	int rc;

	if (broker_is_there() || *d->options->confined)
		return 0;
	rc = make_parent(d->options->socket, 0755, e);
	if (rc != 0 || !sandbox_has_rights())
		return rc;
	keeper_name(d->options, keeper);
	s = settings_of(d->options, keeper);
	return broker_start(&s, e);
}

static void on_broker(void *arg, int fd, unsigned events)
{
	struct daemon *d = arg;

	(void)events;
	loop_fd_remove(d->loop, fd);
	log_line(d->log, LOG_LVL_ERROR, LOG_MAIN,
		 "The privileged half has ended: the tunnels wait for the next start");
	loop_stop(d->loop, DAEMON_ORPHANED);
}

/* It never speaks unasked. */
static int watch_broker(struct daemon *d, struct err_msg *e)
{
	if (!broker_is_there() || loop_fd_add(d->loop, BROKER_FD, LOOP_READ, on_broker, d) == 0)
		return 0;
	return err_set(e, ERR_SYSTEM, "Cannot watch the privileged half");
}

/* As whom the main half goes on; false: as it is. */
static bool choose_user(const struct daemon *d, const char *const *folders, size_t count,
			struct sandbox *s, struct user *u)
{
	char program[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", program, sizeof(program) - 1);
	struct err_msg e = {.text = ""};

	program[len < 0 ? 0 : len] = '\0';
	s->role = SANDBOX_MAIN;
	if (geteuid() != 0)
		return false;
	if (sandbox_is_complete() && user_choose(folders, count, program, u, &e))
		return true;
	if (!user_owns(folders, count))
		s->role = SANDBOX_READER;
	log_line(d->log, LOG_LVL_INFO, LOG_MAIN, "sandbox: the main half stays root%s: %s",
		 s->role == SANDBOX_READER ? ", with access to the files of others"
					   : " without its rights",
		 e.text);
	return false;
}

/* Before there are threads.  All of our files are in these three. */
static void confine(const struct daemon *d)
{
	const struct rlimit all = {.rlim_cur = RLIM_INFINITY, .rlim_max = RLIM_INFINITY};
	const struct daemon_options *o = d->options;
	const char *config = o->config_dir != NULL ? o->config_dir : DAEMON_CONFIG_DIR;
	char *run = mem_strdup(o->socket);
	char *slash = strrchr(run, '/');
	const char *folders[] = {config, o->state_dir, slash == NULL ? "." : run};
	struct sandbox s = {.writable = folders, .writable_count = ARRAY_LEN(folders)};
	struct user u;

	if (slash != NULL)
		*slash = '\0';
	(void)setrlimit(RLIMIT_MEMLOCK, &all); /* keys are never swapped out */
	if (broker_is_there() && choose_user(d, folders, 2, &s, &u))
		s.user = &u;
	sandbox_enter(&s, d->log);
	free(run);
}

static int open_gateway(struct daemon *d, struct err_msg *e)
{
	struct gateway_options o = d->options->gateway;

	open_keeper(d);
	if (!*d->options->confined)
		confine(d);
	*d->options->confined = true;
	o.keeper = d->keeper;
	d->gateway = gateway_new(d->loop, &o, d->events, d->log, e);
	return d->gateway == NULL ? ERR_SYSTEM : 0;
}

static int start(struct daemon *d, struct err_msg *e)
{
	int rc = check_config_dir(d->options->config_dir, e);

	if (rc == 0)
		rc = file_mkdirs(d->options->state_dir, 0700, e);
	if (rc == 0)
		rc = split(d, e);
	if (rc != 0)
		return rc;
	d->loop = loop_new(e);
	if (d->loop == NULL)
		return ERR_SYSTEM;
	d->events = event_log_new(loop_wall_ms, EVENTS_KEPT);
	d->listener.fn = on_event;
	d->listener.arg = d;
	event_listen(d->events, &d->listener);
	rc = watch_signals(d, e);
	if (rc == 0)
		rc = watch_broker(d, e);
	if (rc == 0)
		rc = open_socket(d, e);
	if (rc != 0)
		return rc;
	rc = open_gateway(d, e);
	if (rc == 0)
		rc = load_configuration(d, e);
	if (rc != 0)
		return rc;
	gateway_configured(d->gateway);
	d->vtys = vtys_new(d->loop, d->socket, d->commands, d->log, e);
	if (d->vtys == NULL)
		return ERR_SYSTEM;
	d->socket = -1;
	return 0;
}

static void remove_socket(const struct daemon *d)
{
	struct err_msg e;

	if (broker_is_there())
		(void)!broker_do(&(struct broker_request){.word = BROKER_NO_TERMINALS}, &e);
	else
		unlink(d->options->socket);
}

/* What is not told, deleted or closed here goes on: SAs, devices, routes, BIRD, what is kept. */
static void leave(struct daemon *d)
{
	supervision_free(d->supervision);
	metrics_http_free(d->metrics);
	vtys_free(d->vtys, "% The appliance restarts\n");
	remove_socket(d);
	commands_free(d->commands);
	gateway_leave(d->gateway);
}

static void end(struct daemon *d, const char *farewell)
{
	supervision_free(d->supervision);
	metrics_http_free(d->metrics);
	vtys_free(d->vtys, farewell);
	if (d->socket >= 0)
		close(d->socket);
	if (d->socket >= 0 || d->vtys != NULL)
		remove_socket(d);
	commands_free(d->commands);
	gateway_free(d->gateway);
	if (d->gateway != NULL)
		keeper_end(d->keeper);
	else
		keeper_leave(d->keeper); /* this start has failed, another one may not */
	if (d->events != NULL)
		event_unlisten(&d->listener);
	event_log_free(d->events);
	if (d->loop != NULL && broker_is_there())
		loop_fd_remove(d->loop, BROKER_FD);
	loop_free(d->loop);
}

int daemon_run(const struct daemon_options *o, void (*ready)(void *arg), void *arg,
	       struct err_msg *e)
{
	struct daemon d = {.options = o, .log = &o->sink->log, .socket = -1};
	int rc = start(&d, e);

	if (rc != 0) {
		end(&d, NULL);
		return rc;
	}
	gateway_forward(d.gateway);
	event_emit(d.events, EVENT_STARTED, NULL, 0, "%s %s started, data plane %s (%s)",
		   commands_hostname(d.commands), IKESH_VERSION, gateway_dataplane_name(d.gateway),
		   gateway_dataplane_reason(d.gateway));
	if (ready != NULL)
		ready(arg);
	d.supervision = supervision_new(d.loop, d.gateway, d.events, o->manager);
	rc = loop_run(d.loop);
	if (rc < 0)
		err_set(e, rc, "The event loop failed");
	event_emit(d.events, EVENT_STOPPED, NULL, 0, "%s ends (%s)", commands_hostname(d.commands),
		   rc == DAEMON_RELOAD			     ? "reload"
		   : rc == DAEMON_LEFT || rc == DAEMON_RENEW ? "restart"
		   : rc == DAEMON_ORPHANED		     ? "the privileged half is gone"
							     : "signal");
	if (rc == DAEMON_RELOAD || rc == DAEMON_RENEW)
		service_manager_reloading(o->manager);
	else
		service_manager_stopping(o->manager);
	if (rc == DAEMON_LEFT || rc == DAEMON_RENEW || rc == DAEMON_ORPHANED) {
		leave(&d);
		return rc;
	}
	end(&d, rc == DAEMON_RELOAD ? "% The appliance restarts\n" : "% The appliance ends\n");
	return rc;
}

int daemon_check(const struct daemon_options *o, const struct log *log, struct err_msg *e)
{
	const char *dir = o->config_dir != NULL ? o->config_dir : DAEMON_CONFIG_DIR;
	struct commands_options options = {.config_dir = dir, .state_dir = o->state_dir};
	char path[4096];
	struct loop *loop;
	struct event_log *events;
	struct commands *c;
	struct strbuf report;
	size_t refused = 0;
	int rc;

	snprintf(path, sizeof(path), "%s/startup-config", dir);
	if (access(path, R_OK) != 0)
		return err_sys(e, errno, "Cannot read %s", path);
	loop = loop_new(e);
	if (loop == NULL)
		return ERR_SYSTEM;
	events = event_log_new(loop_wall_ms, EVENTS_KEPT);
	c = commands_new(loop, NULL, events, log, &options);
	strbuf_init(&report);
	rc = commands_boot(c, &refused, &report, e);
	fwrite(report.text, 1, report.len, stdout);
	fflush(stdout);
	strbuf_clear(&report);
	commands_free(c);
	event_log_free(events);
	loop_free(loop);
	return rc != 0 ? rc : (int)refused;
}
