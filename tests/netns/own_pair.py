# SPDX-License-Identifier: GPL-3.0-or-later
"""Two of ours with a tunnel between them: hq is behind `gw`, which begins, lan behind `peer`."""
import subprocess

from lab import GW_WAN, LAN_HOST, PEER_WAN, Ikeshd

PSK = "correct horse battery staple"
USERSPACE = ["--dataplane", "userspace"]
SITE = """
ipsec site Peer
 native-range {net}
 connection-mode bidirectional
 {initiate}
 {more}
 tunnel primary
  public-ip {remote}
  psk "{psk}"
"""
ROAMING = f"""
ipsec site Peer
 native-range 10.0.0.0/24
 authentication-identifier fqdn
 udp-encapsulation nat-only
 tunnel primary
  local-id gw.example.net
  psk "{PSK}"
"""


def site(net, remote, initiate=True, more=""):
    return SITE.format(net=net, remote=remote, initiate="initiate-connection" if initiate else "", psk=PSK, more=more)


def pair(make, env=None, peer_env=None, more="", options=USERSPACE):
    """more: of gw's configuration; env and peer_env: functions of the lab."""
    lab = make()
    if env is not None:
        env, peer_env = env(lab), peer_env(lab)
    peer = Ikeshd(lab, "peer", site("10.0.0.0/24", GW_WAN, initiate=False), options, peer_env)
    gw = Ikeshd(lab, "gw", more + site("10.20.0.0/24", PEER_WAN), options, env)
    gw.wait_state("Peer", "up", 20)
    peer.wait_state("Peer", "up", 20)
    lab.expect_ping("hq", LAN_HOST)
    return lab, gw, peer


def two_ways(make):
    """Two links, of which the first leads to the peer at 192.0.2.1, which knows us by name only; no NAT."""
    lab = make()
    for number in (1, 2):
        lab.link("gw", f"wan{number}", f"198.18.{number}.1/24", "peer", f"wan{number}", f"198.18.{number}.2/24")
    lab.route("gw", "192.0.2.1/32", "198.18.1.2")
    lab.address("peer", "lo", "192.0.2.1/32")
    peer = Ikeshd(lab, "peer", ROAMING, USERSPACE)
    gw = Ikeshd(lab, "gw", site("10.20.0.0/24", "192.0.2.1", more="udp-encapsulation nat-only")
                + "  own-id fqdn gw.example.net\n", USERSPACE)
    gw.wait_state("Peer", "up", 20)
    lab.expect_ping("hq", LAN_HOST)
    return lab, gw, peer


def flood(lab, seconds, interval=0.01):
    return subprocess.Popen(["ip", "netns", "exec", lab.ns("hq"), "ping", "-n", "-q", "-i", str(interval), "-w",
                             str(seconds), LAN_HOST], stdout=subprocess.PIPE, text=True)
