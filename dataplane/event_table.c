/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The table of events: one row each, in the order of enum event_id (a test holds that).  Log lines,
 * shows, metrics and ikesh-events(7) take their words from here.  Severities are those of syslog
 * (RFC 5424 section 6.2.1).
 */
#include "dataplane/event.h"

#include "platform/base/mem.h"

static const struct event_row rows[] = {
	{EVENT_LINK_UP, "STORY", 5, "LINK_UP",
	 "A tunnel of a site came up: its IKE SA and at least one Child SA are established.",
	 "No action is needed."},
	{EVENT_LINK_DOWN, "STORY", 4, "LINK_DOWN",
	 "A tunnel of a site went down; the text names the reason and the tunnels that remain.",
	 "Follow the hint that `show ipsec connection-status site NAME detail` prints."},
	{EVENT_LINK_ATTEMPT_FAILED, "STORY", 4, "LINK_ATTEMPT_FAILED",
	 "A tunnel that is down could not come up; said once for each new reason.",
	 "Compare both sides with `show ipsec connection-status site NAME detail`."},
	{EVENT_LINK_DEGRADED, "STORY", 4, "LINK_DEGRADED",
	 "A tunnel is silent, or its loss, jitter or delay is above the limits of the site; new "
	 "flows go to the other tunnels of its HA role.",
	 "Look at `show ipsec health site NAME history`, then check the uplink of the tunnel."},
	{EVENT_LINK_RESTORED, "STORY", 5, "LINK_RESTORED",
	 "A tunnel that was degraded is heard and within the limits again.",
	 "No action is needed."},
	{EVENT_SITE_UP, "STORY", 5, "SITE_UP",
	 "The first tunnel of a site came up; its networks are reachable.", "No action is needed."},
	{EVENT_SITE_DOWN, "STORY", 2, "SITE_DOWN",
	 "The last tunnel of a site went down; its networks are not reachable.",
	 "Check the uplinks of the site, then the reason of each tunnel."},
	{EVENT_HA_SWITCH, "STORY", 2, "HA_SWITCH",
	 "The traffic of a site moved to the tunnels of its other HA role.",
	 "When it moved to the secondary role, find out why all primary tunnels are down."},
	{EVENT_POP_LOST, "STORY", 2, "POP_LOST",
	 "An address of a PoP is not on this machine any more; tunnels that end there are down "
	 "with "
	 "reason pop-unavailable, and names lead to other PoPs.",
	 "Find out who removed the address; add it again, or enter `shutdown` below the PoP."},
	{EVENT_POP_BACK, "STORY", 5, "POP_BACK",
	 "The addresses of all PoPs are on this machine again.", "No action is needed."},
	{EVENT_CHILD_FAILED, "IPSEC", 4, "CHILD_FAILED",
	 "A Child SA was not established or not rekeyed; the IKE SA stays.",
	 "Compare the traffic selectors and the auth-parameters of both sides."},
	{EVENT_UNKNOWN_PEER, "IPSEC", 4, "UNKNOWN_PEER",
	 "A peer presented an identity that no tunnel expects; it was refused.",
	 "If it is one of yours, set authentication-identifier and local-id, public-ip or "
	 "remote-id "
	 "of its tunnel to what the text shows."},
	{EVENT_IKE_DEBUG, "IKE", 7, "DEBUG",
	 "A line of `debug ike`: a message, a change of state, a proposal; only terminals with "
	 "`terminal monitor` show it, `show logging` does not keep it.",
	 "`undebug all` ends it."},
	{EVENT_BGP_UP, "BGP", 5, "ADJCHANGE_UP", "The BGP session over a tunnel was established.",
	 "No action is needed."},
	{EVENT_BGP_DOWN, "BGP", 4, "ADJCHANGE_DOWN",
	 "The BGP session over a tunnel was disconnected; the text names the reason.",
	 "Look at the tunnel first, then at `show bgp site NAME`."},
	{EVENT_BGP_FAILED, "BGP", 4, "SESSION_FAILED",
	 "A BGP session could not be established; said once for each new reason.",
	 "Compare AS numbers, private addresses, timers and password with the peer's."},
	{EVENT_BGP_DAEMON, "BGP", 3, "DAEMON",
	 "BIRD, which speaks BGP for the appliance, is not installed, has ended, does not answer "
	 "or "
	 "refused its configuration; or it works again.  Tunnels are not affected.",
	 "Install the package bird2, or look at bird/bird.log in the state directory."},
	{EVENT_DATAPLANE_ERROR, "IPSEC", 3, "DATAPLANE_ERROR",
	 "The system refused an operation on a device, a route or an SA; it is tried again.",
	 "The text names the operation and the cause; check devices and routes of this machine."},
	{EVENT_DEVICE_RESTORED, "IPSEC", 4, "DEVICE_RESTORED",
	 "Another program removed the network device of a site, or set it down; it is there again, "
	 "with its addresses, routes and caps.",
	 "Find out which program of this machine takes devices named ips<number> for its own."},
	{EVENT_CONFIG_CHANGED, "SYS", 5, "CONFIG_I", "The running configuration was changed.",
	 "No action is needed."},
	{EVENT_CONFIG_SAVED, "SYS", 5, "CONFIG_SAVED", "The running configuration was saved.",
	 "No action is needed."},
	{EVENT_CONFIG_ERROR, "SYS", 3, "CONFIG_ERROR",
	 "A line of the startup configuration was refused, or the file cannot be used.",
	 "Look at `show startup-config errors`, correct the lines and save."},
	{EVENT_CONFIG_REVERTED, "ARCHIVE", 5, "REVERTED",
	 "A change that was not confirmed in time was taken back, by a difference: tunnels that it "
	 "did not concern stayed up.",
	 "Make the change again, and enter `configure confirm` when it works."},
	{EVENT_CONFIG_LOCKED, "SYS", 5, "CONFIG_LOCK",
	 "An operator keeps all others out of configuration mode, or lets them in again.",
	 "No action is needed."},
	{EVENT_CONFIG_COMMAND, "PARSER", 5, "CFGLOG_LOGGEDCMD",
	 "An operator entered a command that changes the configuration or needs privilege 15; "
	 "secrets are left out.",
	 "No action is needed."},
	{EVENT_PRIVILEGE_PASSED, "SYS", 5, "PRIV_AUTH_PASS",
	 "An operator raised his privilege level with the right secret.", "No action is needed."},
	{EVENT_PRIVILEGE_FAILED, "SYS", 4, "PRIV_AUTH_FAIL",
	 "A wrong secret was given for a higher privilege level or another user.",
	 "When it was not a typing error, find out who sat at that terminal."},
	{EVENT_MASTER_KEY, "SYS", 5, "MASTER_KEY",
	 "The key that encrypts pre-shared keys in configurations was changed.",
	 "Save the configuration: the saved one is still encrypted with the previous key."},
	{EVENT_RELOAD_SCHEDULED, "SYS", 5, "SCHEDULED_RELOAD",
	 "A restart of the appliance was scheduled or cancelled.",
	 "`reload cancel` takes a scheduled restart back."},
	{EVENT_CLOCK_CHANGED, "SYS", 5, "CLOCK_CHANGED",
	 "The clock of this machine was set, or stands still; open stories carry the same mark. "
	 "Tunnels, timers and lifetimes do not run by this clock.",
	 "Compare `show clock` with a clock that is right, and look at the daemon of time."},
	{EVENT_STARTED, "SYS", 5, "RESTART", "The appliance has started.", "No action is needed."},
	{EVENT_TAKEN_OVER, "SYS", 5, "TAKEN_OVER",
	 "After a restart, a crash or an upgrade the appliance goes on with the tunnels of the "
	 "process before; the peers notice nothing.",
	 "No action is needed."},
	{EVENT_NOT_TAKEN_OVER, "SYS", 4, "NOT_TAKEN_OVER",
	 "The process before left state that cannot be used, for the reason in the text: another "
	 "version wrote it, or it is damaged.  Tunnels are negotiated anew.",
	 "No action is needed; traffic was interrupted until the tunnels were up again."},
	{EVENT_STOPPED, "SYS", 5, "STOPPED", "The appliance ends in an orderly way.",
	 "No action is needed."},
	{EVENT_STORY_OPENED, "STORY", 4, "OPENED",
	 "Events of a site or a tunnel add up to a story; one story is told once.",
	 "`show stories id N` names the probable cause and what to do."},
	{EVENT_STORY_CLOSED, "STORY", 5, "CLOSED",
	 "What a story told of is over, or concerns nothing that is configured any more.",
	 "No action is needed."},
	{EVENT_STORY_STORE, "STORY", 4, "STORE",
	 "Stories cannot be saved, or can be again; they are kept in memory meanwhile, and traffic "
	 "is not affected.",
	 "Make room in the state directory, or look at its disk."},
	{EVENT_DNS_UPDATE, "DNS", 4, "UPDATE",
	 "The name server of `dns update server` does not take updates, takes them again, or has "
	 "a name that is somebody else's; said once for each new reason.",
	 "Look at `show dns`, then at the log of that server."},
	{EVENT_RECEIVER, "SYS", 4, "RECEIVER",
	 "A log host or a receiver of notifications cannot be reached, refuses or does not answer; "
	 "said once, and again when it takes messages.  Traffic is not affected.",
	 "Look at `show notifications`, then at the receiver."},
};

_Static_assert(ARRAY_LEN(rows) == EVENT_COUNT, "one row for each event");

const struct event_row *event_row(enum event_id id)
{
	return &rows[(unsigned)id < EVENT_COUNT ? id : 0];
}
