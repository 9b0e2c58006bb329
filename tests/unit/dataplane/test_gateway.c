/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Two whole gateways, each in a network namespace of its own, joined by a wire: real engine, real
 * userspace ESP, real routes.  "pop" responds, "branch" initiates.  Needs root and TUN; without
 * them the program says so and exits 77.  The namespaces vanish with the process.
 */
#include "dataplane/site/gateway.h"
#include "platform/base/mem.h"
#include "platform/os/loop.h"
#include "platform/os/tun.h"
#include "tests/unit/platform/suite.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define WAIT_MS	 15000 /* for what must come; sanitizers on a busy machine are slow */
#define QUIET_MS 500

struct side {
	int ns;
	struct event_log *events;
	struct gateway *g;
	struct site_config site;
};

static struct loop *loop;
static struct side pop, branch;
static struct site_status st;

/* ---- Surroundings ------------------------------------------------------------------------------
 */

static void enter(const struct side *s)
{
	ck_assert_int_eq(setns(s->ns, CLONE_NEWNET), 0);
}

static void new_ns(struct side *s)
{
	ck_assert_int_eq(unshare(CLONE_NEWNET), 0);
	s->ns = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	ck_assert_int_ge(s->ns, 0);
}

/* Runs a shell command in the side's namespace while the gateways go on; its exit status. */
static int run(const struct side *s, const char *command)
{
	pid_t pid;
	int status = 0;

	enter(s);
	pid = fork();
	if (pid == 0) {
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	}
	ck_assert_int_gt(pid, 0);
	while (waitpid(pid, &status, WNOHANG) == 0)
		ck_assert_int_eq(loop_turn(loop, 20), 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void must(const struct side *s, const char *command)
{
	ck_assert_msg(run(s, command) == 0, "%s", command);
}

static void wait_quiet(int ms)
{
	uint64_t end = loop_clock_ms() + (uint64_t)ms;

	while (loop_clock_ms() < end)
		ck_assert_int_eq(loop_turn(loop, 20), 0);
}

static void start(struct side *s)
{
	const struct gateway_options options = {.ike_port = 500,
						.natt_port = 4500,
						.dataplane = GATEWAY_DP_AUTO};
	struct err_msg e = {.text = ""};

	enter(s);
	s->events = event_log_new(loop_wall_ms, 1000);
	s->g = gateway_new(loop, &options, s->events, NULL, &e);
	ck_assert_msg(s->g != NULL, "%s", e.text);
	gateway_forward(s->g);
}

static void set(struct side *s)
{
	struct err_msg e = {.text = ""};

	enter(s);
	ck_assert_msg(gateway_site_set(s->g, &s->site, &e) == 0, "%s", e.text);
}

static void init_site(struct side *s, const char *name, const char *native, const char *peer)
{
	struct tunnel_config *t = &s->site.tunnels[SITE_PRIMARY][0];

	site_config_init(&s->site, name);
	ck_assert_int_eq(ip_prefix_parse(native, &s->site.native_range), 0);
	t->present = true;
	ck_assert_int_eq(ip_addr_parse(peer, &t->public_ip), 0);
	secret_set(&t->psk.key, "one key for both sides", 22);
}

static void set_up(void)
{
	char command[160];

	memset(&pop, 0, sizeof(pop));
	memset(&branch, 0, sizeof(branch));
	loop = loop_new(NULL);
	new_ns(&pop);
	new_ns(&branch);
	snprintf(command, sizeof(command),
		 "ip link add wire type veth peer name wire netns /proc/%d/fd/%d", (int)getpid(),
		 pop.ns);
	must(&branch, command);
	must(&pop,
	     "ip link set lo up && ip addr add 192.0.2.1/24 dev wire && ip link set wire up "
	     "&& ip addr add 2001:db8::1/64 dev wire nodad && ip addr add 10.1.0.1/32 dev lo");
	must(&branch,
	     "ip link set lo up && ip addr add 192.0.2.2/24 dev wire && ip link set wire up "
	     "&& ip addr add 2001:db8::2/64 dev wire nodad && ip addr add 10.2.0.1/32 dev lo");
	must(&pop, "echo 0 >/proc/sys/net/ipv4/ip_forward");
	start(&pop);
	start(&branch);
	init_site(&pop, "Lyon", "10.2.0.0/24", "192.0.2.2");
	init_site(&branch, "Hub", "10.1.0.0/24", "192.0.2.1");
	branch.site.connection_mode = SITE_BIDIRECTIONAL;
	branch.site.initiate_connection = true;
}

static void end(struct side *s)
{
	enter(s);
	gateway_free(s->g);
	s->g = NULL;
	site_config_clear(&s->site);
	event_log_free(s->events);
}

static void tear_down(void)
{
	end(&branch);
	end(&pop);
	close(branch.ns);
	close(pop.ns);
	loop_free(loop);
}

/* ---- What is seen ------------------------------------------------------------------------------
 */

static const struct tunnel_status *look(const struct side *s)
{
	ck_assert_int_eq(gateway_site_find(s->g, s->site.name, &st), 0);
	return &st.tunnels[0];
}

static void await_state(const struct side *s, enum tunnel_state state, const char *reason)
{
	uint64_t until = loop_clock_ms() + WAIT_MS;
	const struct tunnel_status *t = look(s);

	while (t->state != state || (reason != NULL && strcmp(t->reason, reason) != 0)) {
		ck_assert_msg(loop_clock_ms() < until, "%s is %s, reason %s, evidence %s",
			      s->site.name, tunnel_state_name(t->state), t->reason,
			      t->ike.failure.evidence);
		ck_assert_int_eq(loop_turn(loop, 20), 0);
		t = look(s);
	}
}

static bool heard(const struct side *s, enum event_id id, const char *part)
{
	const struct list *head = event_log_entries(s->events);

	for (const struct list *n = head->next; n != head; n = n->next) {
		const struct event *ev = container_of(n, struct event, node);

		if (ev->id == id && strstr(ev->text, part) != NULL)
			return true;
	}
	return false;
}

static void connect_both(void)
{
	set(&pop);
	set(&branch);
	await_state(&branch, TUNNEL_UP, "-");
	await_state(&pop, TUNNEL_UP, "-");
}

#define PING	   "ping -q -c 5 -i 0.2 -W 3 -I 10.2.0.1 10.1.0.1 >/dev/null"

#define PING_BYTES 420 /* five IPv4 packets of 84 octets */

/* ---- Tests -------------------------------------------------------------------------------------
 */

START_TEST(test_up_ping_status_down)
{
	connect_both();
	must(&pop, "test \"$(cat /proc/sys/net/ipv4/ip_forward)\" = 1");
	ck_assert(heard(&pop, EVENT_LINK_UP, "Lyon primary 1 is up, peer 192.0.2.2:"));
	ck_assert(heard(&branch, EVENT_SITE_UP, "Hub is connected over primary"));
	must(&branch, "ip route show proto 73 | grep -q '^10.1.0.0/24 dev ips1'");
	must(&pop, "ip route show proto 73 | grep -q '^10.2.0.0/24 dev ips1'");
	must(&branch, PING);
	wait_quiet(1200); /* the next look at the counters */
	ck_assert_uint_ge(look(&pop)->rx_bytes, PING_BYTES);
	ck_assert_uint_ge(look(&pop)->tx_bytes, PING_BYTES);
	ck_assert_uint_eq(look(&branch)->replay_drops, 0);
	ck_assert(look(&branch)->ike.initiator && !look(&pop)->ike.initiator);
	ck_assert(st.connected && st.active == SITE_PRIMARY);
	enter(&pop);
	gateway_site_remove(pop.g, "Lyon");
	await_state(&branch, TUNNEL_DOWN, "peer-deleted");
	must(&pop, "test -z \"$(ip route show proto 73)\" && ! ip link show ips1 2>/dev/null");
	must(&branch, "test -z \"$(ip route show proto 73)\"");
	ck_assert(heard(&branch, EVENT_LINK_DOWN, "reason peer-deleted, 0 of 1 primary tunnel"));
}
END_TEST

START_TEST(test_rekey_under_traffic)
{
	struct child_status before, after;
	struct err_msg e = {.text = ""};

	connect_both();
	ck_assert_int_eq(gateway_child_at(branch.g, "Hub", 1, 0, &before), 0);
	enter(&branch);
	ck_assert_int_eq(gateway_command(branch.g, "Hub", 0, IKE_CMD_REKEY_CHILD, &e), 0);
	must(&branch, PING);
	enter(&pop);
	ck_assert_int_eq(gateway_command(pop.g, "Lyon", 1, IKE_CMD_REKEY_CHILD, &e), 0);
	must(&branch, PING);
	enter(&pop);
	ck_assert_int_eq(gateway_command(pop.g, "Lyon", 1, IKE_CMD_REKEY_IKE, &e), 0);
	must(&branch, PING);
	ck_assert_int_eq(gateway_child_at(branch.g, "Hub", 1, 0, &after), 0);
	ck_assert_uint_ne(before.ike.spi_in, after.ike.spi_in);
	ck_assert(!heard(&branch, EVENT_LINK_DOWN, ""));
	ck_assert(!heard(&pop, EVENT_LINK_DOWN, ""));
	ck_assert(look(&pop)->state == TUNNEL_UP);
}
END_TEST

START_TEST(test_names_and_timers_do_not_renegotiate)
{
	uint64_t spi;

	connect_both();
	spi = look(&branch)->ike.spi_i;
	snprintf(branch.site.tunnels[SITE_PRIMARY][0].name, SITE_TEXT_MAX, "fiber");
	branch.site.keepalive_s = 20;
	branch.site.child_lifetime_s = 7200;
	set(&branch);
	wait_quiet(QUIET_MS);
	ck_assert(look(&branch)->state == TUNNEL_UP);
	ck_assert_uint_eq(look(&branch)->ike.spi_i, spi);
	ck_assert_str_eq(look(&branch)->name, "fiber");
	ck_assert(!heard(&branch, EVENT_LINK_DOWN, ""));
}
END_TEST

START_TEST(test_wrong_key)
{
	secret_set(&branch.site.tunnels[SITE_PRIMARY][0].psk.key, "another key", 11);
	set(&pop);
	set(&branch);
	await_state(&branch, TUNNEL_DOWN, "auth-failed");
	await_state(&pop, TUNNEL_DOWN, "auth-failed");
	ck_assert_str_ne(look(&pop)->hint, "");
	ck_assert(heard(&pop, EVENT_LINK_ATTEMPT_FAILED, "reason auth-failed"));
	ck_assert(!heard(&pop, EVENT_LINK_UP, ""));
	/* the right key, and the tunnel comes up by itself */
	secret_set(&branch.site.tunnels[SITE_PRIMARY][0].psk.key, "one key for both sides", 22);
	set(&branch);
	await_state(&branch, TUNNEL_UP, "-");
	must(&branch, PING);
}
END_TEST

START_TEST(test_identity_that_nobody_expects)
{
	ck_assert_int_eq(ike_id_parse(IKE_ID_FQDN, "stranger.example.net",
				      &branch.site.tunnels[SITE_PRIMARY][0].own_id),
			 0);
	set(&pop);
	set(&branch);
	await_state(&branch, TUNNEL_DOWN, "auth-failed");
	ck_assert(heard(&pop, EVENT_UNKNOWN_PEER, "stranger.example.net (fqdn)") ||
		  strcmp(look(&pop)->reason, "id-mismatch") == 0);
}
END_TEST

START_TEST(test_terminate_and_initiate)
{
	struct err_msg e = {.text = ""};

	connect_both();
	enter(&branch);
	ck_assert_int_eq(gateway_command(branch.g, "Hub", 0, IKE_CMD_TERMINATE, &e), 0);
	await_state(&branch, TUNNEL_ADMIN_DOWN, "admin-down");
	await_state(&pop, TUNNEL_DOWN, "peer-deleted");
	must(&branch, "test -z \"$(ip route show proto 73)\"");
	wait_quiet(QUIET_MS);
	ck_assert(look(&branch)->state == TUNNEL_ADMIN_DOWN);
	enter(&branch);
	ck_assert_int_eq(gateway_command(branch.g, "Hub", 0, IKE_CMD_INITIATE, &e), 0);
	await_state(&branch, TUNNEL_UP, "-");
	must(&branch, PING);
}
END_TEST

/* A secondary path with other addresses on both sides. */
static void add_secondary(struct side *s, const char *own, const char *peer)
{
	struct tunnel_config *t = &s->site.tunnels[SITE_SECONDARY][0];
	struct site_destination *d = &s->site.destination[SITE_SECONDARY];

	t->present = true;
	ck_assert_int_eq(ip_addr_parse(peer, &t->public_ip), 0);
	secret_set(&t->psk.key, "key of the other path", 21);
	d->kind = SITE_DEST_ADDRESS;
	ck_assert_int_eq(ip_addr_parse(own, &d->addr), 0);
	s->site.failback_delay_s = 0;
}

static void await_active(const struct side *s, enum site_role role)
{
	uint64_t until = loop_clock_ms() + WAIT_MS;

	for (look(s); !st.connected || st.active != role; look(s)) {
		ck_assert_msg(loop_clock_ms() < until, "%s stays", s->site.name);
		ck_assert_int_eq(loop_turn(loop, 20), 0);
	}
}

START_TEST(test_roles_switch_and_come_back)
{
	struct err_msg e = {.text = ""};

	must(&pop, "ip addr add 192.0.2.11/24 dev wire");
	must(&branch, "ip addr add 192.0.2.12/24 dev wire");
	add_secondary(&pop, "192.0.2.11", "192.0.2.12");
	add_secondary(&branch, "192.0.2.12", "192.0.2.11");
	connect_both();
	await_active(&branch, SITE_PRIMARY);
	while (look(&pop), st.tunnels[1].state != TUNNEL_UP)
		ck_assert_int_eq(loop_turn(loop, 20), 0);
	must(&branch, PING);
	wait_quiet(1200);
	look(&pop);
	ck_assert_uint_ge(st.tunnels[0].rx_bytes, PING_BYTES);
	ck_assert_uint_eq(st.tunnels[1].rx_bytes, 0); /* the other role waits */
	enter(&branch);
	ck_assert_int_eq(gateway_command(branch.g, "Hub", 1, IKE_CMD_TERMINATE, &e), 0);
	await_active(&branch, SITE_SECONDARY);
	await_active(&pop, SITE_SECONDARY);
	must(&branch, PING);
	ck_assert(heard(&pop, EVENT_HA_SWITCH, "Lyon moved from primary to secondary"));
	ck_assert(!heard(&pop, EVENT_SITE_DOWN, ""));
	enter(&branch);
	ck_assert_int_eq(gateway_command(branch.g, "Hub", 1, IKE_CMD_INITIATE, &e), 0);
	await_active(&branch, SITE_PRIMARY);
	await_active(&pop, SITE_PRIMARY);
	must(&branch, PING);
}
END_TEST

START_TEST(test_traffic_brings_the_tunnel_up)
{
	branch.site.initiate_connection = false;
	set(&pop);
	set(&branch);
	wait_quiet(QUIET_MS);
	ck_assert_str_eq(look(&branch)->reason, "waiting-for-traffic");
	must(&branch, "ping -q -c 20 -i 0.2 -W 1 -I 10.2.0.1 10.1.0.1 | grep -q ' [1-9][0-9]* "
		      "received'");
	await_state(&branch, TUNNEL_UP, "-");
}
END_TEST

START_TEST(test_ipv6_outside)
{
	ck_assert_int_eq(ip_addr_parse("2001:db8::2", &pop.site.tunnels[SITE_PRIMARY][0].public_ip),
			 0);
	ck_assert_int_eq(ip_addr_parse("2001:db8::1",
				       &branch.site.tunnels[SITE_PRIMARY][0].public_ip),
			 0);
	connect_both();
	must(&branch, PING);
}
END_TEST

START_TEST(test_end_tells_the_peer_and_leaves_nothing)
{
	connect_both();
	enter(&branch);
	gateway_free(branch.g);
	await_state(&pop, TUNNEL_DOWN, "peer-deleted");
	must(&branch, "test -z \"$(ip route show proto 73)\" && ! ip link show ips1 2>/dev/null");
	ck_assert(!heard(&branch, EVENT_LINK_DOWN, ""));
	/* what a crashed run leaves behind is cleaned at the next start, and only that */
	must(&branch,
	     "ip route add 10.99.0.0/24 dev wire proto 73 && ip tuntap add ips7 mode tun && "
	     "ip route add 10.98.0.0/24 dev wire && ip tuntap add ipsx mode tun");
	event_log_free(branch.events);
	start(&branch);
	must(&branch, "test -z \"$(ip route show proto 73)\" && ! ip link show ips7 2>/dev/null && "
		      "ip link show ipsx >/dev/null && ip route show | grep -q 10.98");
	set(&branch);
	await_state(&branch, TUNNEL_UP, "-");
	must(&branch, PING);
}
END_TEST

static void set_private(struct side *s, const char *own, const char *peer)
{
	struct tunnel_config *t = &s->site.tunnels[SITE_PRIMARY][0];

	ck_assert_int_eq(ip_addr_parse(own, &t->private_pop), 0);
	ck_assert_int_eq(ip_addr_parse(peer, &t->private_site), 0);
}

/* Echo requests through the tunnel measure it; then the wire loses 40 %. */
START_TEST(test_echo_measures_the_tunnel)
{
	const char *asked = "test $(awk '/^Icmp:/ && n++ {print $10}' /proc/net/snmp) -ge 5";

	set_private(&pop, "169.254.7.1", "169.254.7.2");
	set_private(&branch, "169.254.7.2", "169.254.7.1");
	connect_both();
	wait_quiet(7000);
	must(&branch, asked);
	ck_assert(look(&pop)->figures.loss_known && look(&pop)->figures.delay_known);
	ck_assert_uint_eq(look(&pop)->figures.loss, 0);
	ck_assert_int_eq(look(&pop)->health, HEALTH_GOOD);
	must(&branch, "nft 'table ip lossy { chain c { type filter hook prerouting priority 0; "
		      "udp dport 4500 numgen random mod 10 < 4 drop; }; }'");
	for (int i = 0; i < 30 && look(&pop)->health != HEALTH_DEGRADED; i++)
		wait_quiet(500);
	ck_assert_int_eq(look(&pop)->health, HEALTH_DEGRADED);
	ck_assert_uint_gt(look(&pop)->figures.loss, 1000);
	ck_assert(heard(&pop, EVENT_LINK_DEGRADED, "loss"));
	/* no address any more, no requests */
	pop.site.tunnels[SITE_PRIMARY][0].private_site.family = IP_NONE;
	memset(&pop.site.tunnels[SITE_PRIMARY][0].private_site, 0, sizeof(struct ip_addr));
	set(&pop);
	must(&pop, "! ip addr show dev ips1 | grep -q 169.254.7.1");
}
END_TEST

static void await_event(const struct side *s, enum event_id id, const char *part)
{
	uint64_t until = loop_clock_ms() + WAIT_MS;

	while (!heard(s, id, part)) {
		ck_assert_msg(loop_clock_ms() < until, "not heard: %s", part);
		ck_assert_int_eq(loop_turn(loop, 20), 0);
	}
}

/* Somebody deletes the device, takes its name, sets it down: it comes back, with its route. */
START_TEST(test_device_comes_back)
{
	bool by_name = _i == 1;

	connect_both();
	if (by_name)
		must(&branch, "ip link del ips1 && ip link add ips1 type veth peer zz");
	else
		must(&branch, _i == 0 ? "ip link del ips1" : "ip link set ips1 down");
	if (by_name) {
		await_event(&branch, EVENT_DATAPLANE_ERROR, "Hub: ips1: TUN device ips1: ");
		wait_quiet(1500);
		ck_assert(!heard(&branch, EVENT_DEVICE_RESTORED, ""));
		must(&branch, "ip link del ips1");
	}
	await_event(&branch, EVENT_DEVICE_RESTORED, "Hub: device ips1 was removed or set down");
	wait_quiet(QUIET_MS);
	must(&branch, "ip route show proto 73 | grep -q '^10.1.0.0/24 dev ips1' && "
		      "ip link show ips1 | grep -q LOWER_UP");
	must(&branch, PING);
	ck_assert(!heard(&branch, EVENT_LINK_DOWN, ""));
	enter(&branch);
	gateway_site_remove(branch.g, "Hub");
	must(&branch, "! ip link show ips1 2>/dev/null");
}
END_TEST

START_TEST(test_port_in_use)
{
	const struct gateway_options options = {.ike_port = 500, .natt_port = 4500};
	struct err_msg e = {.text = ""};

	must(&pop, "echo 0 >/proc/sys/net/ipv4/ip_forward");
	ck_assert_ptr_null(gateway_new(loop, &options, pop.events, NULL, &e));
	ck_assert_str_eq(e.text, "UDP port 500 (IPv4): Address already in use");
	must(&pop, "test \"$(cat /proc/sys/net/ipv4/ip_forward)\" = 0");
}
END_TEST

static bool can_run(void)
{
	struct err_msg e = {.text = ""};

	if (geteuid() != 0 || unshare(CLONE_NEWNET) != 0) {
		fprintf(stderr, "skipped: needs root and network namespaces\n");
		return false;
	}
	if (tun_probe(&e) != 0) {
		fprintf(stderr, "skipped: %s\n", e.text);
		return false;
	}
	return true;
}

int main(void)
{
	const TTest *const tests[] = {
		test_up_ping_status_down,
		test_rekey_under_traffic,
		test_names_and_timers_do_not_renegotiate,
		test_wrong_key,
		test_identity_that_nobody_expects,
		test_terminate_and_initiate,
		test_roles_switch_and_come_back,
		test_traffic_brings_the_tunnel_up,
		test_ipv6_outside,
		test_end_tells_the_peer_and_leaves_nothing,
		test_echo_measures_the_tunnel,
		test_port_in_use,
	};
	Suite *suite = suite_create("gateway");
	TCase *tcase = tcase_create("gateway");
	SRunner *runner;
	int failed;

	if (!can_run())
		return TEST_SKIPPED;
	tcase_set_timeout(tcase, 120);
	tcase_add_checked_fixture(tcase, set_up, tear_down);
	for (size_t i = 0; i < ARRAY_LEN(tests); i++)
		tcase_add_test(tcase, tests[i]);
	tcase_add_loop_test(tcase, test_device_comes_back, 0, 3);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
