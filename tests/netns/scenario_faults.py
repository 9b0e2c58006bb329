# SPDX-License-Identifier: GPL-3.0-or-later
"""What other programs and operators do to the machine: said as an event, and healed by itself."""
import os

from lab import GW_WAN, LAN_HOST, PEER_WAN, Failure, Ikeshd, run, wait_for

PSK = "correct horse battery staple"
SITE = """
ipsec site Peer
 native-range {net}
 connection-mode bidirectional
 {initiate}
 dead-interval 30
 rebuild-interval 30
 tunnel primary
  public-ip {remote}
  psk "{psk}"
"""


def pair(make):
    lab = make()
    peer = Ikeshd(lab, "peer", SITE.format(net="10.0.0.0/24", remote=GW_WAN, initiate="", psk=PSK),
                  ["--dataplane", "userspace"])
    gw = Ikeshd(lab, "gw", SITE.format(net="10.20.0.0/24", remote=PEER_WAN, initiate="initiate-connection",
                                       psk=PSK), ["--dataplane", "userspace"])
    return lab, gw, peer


def heals(lab, gw, seconds=20):
    wait_for("traffic", lambda: lab.ping("hq", LAN_HOST, count=2)[1] == 2, seconds)
    gw.wait_state("Peer", "up", 5)
    lab.transfer("hq", "lan", LAN_HOST, 1)


def said(gw, *words):
    return all(w in gw.show("show logging") for w in words)


def scenario_device_deleted(make):
    lab, gw, peer = pair(make)
    gw.wait_state("Peer", "up", 20)
    lab.expect_ping("hq", LAN_HOST)
    for command in (["ip", "link", "del", "ips1"], ["ip", "link", "set", "ips1", "down"]):
        before = gw.show("show logging").count("DEVICE_RESTORED")
        lab.run("gw", command)
        wait_for("the event", lambda: gw.show("show logging").count("DEVICE_RESTORED") > before, 5)
        heals(lab, gw, 5)
    if said(gw, "LINK_DOWN"):
        raise Failure("the tunnel went down: " + gw.show("show logging"))
    gw.stop()
    peer.stop()


def scenario_route_refused(make):
    """Somebody else has the route: an event that names it; ours comes when that one is gone."""
    lab = make()
    lab.run("gw", ["ip", "route", "add", "unreachable", "10.20.0.0/24"])
    peer = Ikeshd(lab, "peer", SITE.format(net="10.0.0.0/24", remote=GW_WAN, initiate="", psk=PSK),
                  ["--dataplane", "userspace"])
    gw = Ikeshd(lab, "gw", SITE.format(net="10.20.0.0/24", remote=PEER_WAN, initiate="initiate-connection",
                                       psk=PSK), ["--dataplane", "userspace"])
    gw.wait_state("Peer", "up", 20)
    wait_for("the event", lambda: said(gw, "DATAPLANE_ERROR", "10.20.0.0/24"), 10)
    if lab.ping("hq", LAN_HOST, count=2)[1] != 0:
        raise Failure("the other program's route was ignored")
    lab.run("gw", ["ip", "route", "del", "unreachable", "10.20.0.0/24"])
    heals(lab, gw)
    gw.stop()
    peer.stop()


def scenario_address_removed(make):
    lab, gw, peer = pair(make)
    gw.wait_state("Peer", "up", 20)
    lab.expect_ping("hq", LAN_HOST)
    lab.run("gw", ["ip", "addr", "del", GW_WAN + "/24", "dev", "wan0"])
    wait_for("the tunnel goes down", lambda: gw.tunnel("Peer")["state"] != "up", 30)
    wait_for("the cause", lambda: "this machine cannot send" in gw.show("show ipsec connection-status detail"),
             30)
    lab.run("gw", ["ip", "addr", "add", GW_WAN + "/24", "dev", "wan0"])
    lab.route("gw", "198.51.100.0/24", "203.0.113.1")
    heals(lab, gw, 40)
    gw.stop()
    peer.stop()


scenario_address_removed.long = True


def scenario_failed_start(make):
    """A start that fails leaves the machine as it was."""
    lab = make()
    lab.run("gw", ["sysctl", "-qw", "net.ipv4.ip_forward=0"])
    os.mkdir(os.path.join(lab.dir, "c"))
    holder = lab.start("gw", ["/usr/bin/python3", "-c", "import socket, time\ns = socket.socket(socket.AF_INET, "
                              "socket.SOCK_DGRAM)\ns.bind(('', 4500))\ntime.sleep(60)"], "holder.log")
    wait_for("port 4500", lambda: ":4500" in lab.run("gw", ["ss", "-Hlnu"]).stdout, 5)
    done = run(["ip", "netns", "exec", lab.ns("gw"), os.path.join(lab.bin, "ikeshd"), "--foreground",
                "--config-dir", os.path.join(lab.dir, "c"), "--state-dir", os.path.join(lab.dir, "s"),
                "--socket", os.path.join(lab.dir, "x.sock")], check=False)
    if done.returncode == 0 or "UDP port 4500" not in done.stdout + done.stderr:
        raise Failure(f"exit {done.returncode}: {done.stdout}{done.stderr}")
    if lab.run("gw", ["sysctl", "-n", "net.ipv4.ip_forward"]).stdout.strip() != "0":
        raise Failure("ip_forward was changed")
    lab.stop(holder)
    gw = Ikeshd(lab, "gw", SITE.format(net="10.20.0.0/24", remote=PEER_WAN, initiate="", psk=PSK),
                ["--dataplane", "userspace"])
    wait_for("forwarding", lambda: lab.run("gw", ["sysctl", "-n", "net.ipv4.ip_forward"]).stdout.strip() == "1", 5)
    gw.stop()
