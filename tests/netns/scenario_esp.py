# SPDX-License-Identifier: GPL-3.0-or-later
"""ESP on the wire between two of ours: with and without UDP, over IPv4 and IPv6."""
import time

from lab import HQ_HOST, LAN_HOST, Failure, Ikeshd, wait_for
from own_pair import PSK, SITE, two_ways

ENDS = {4: ("198.18.0.1", "198.18.0.2"), 6: ("2001:db8:18::1", "2001:db8:18::2")}


class Pair:
    """Two gateways side by side; hq is behind `gw`, lan behind `peer`."""

    def __init__(self, make, family=4, encapsulation=("", ""), dataplane="userspace"):
        self.lab, self.dataplane = make(), dataplane
        self.lab.link("gw", "wan1", "198.18.0.1/24", "peer", "wan1", "198.18.0.2/24")
        self.lab.address("gw", "wan1", "2001:db8:18::1/64")
        self.lab.address("peer", "wan1", "2001:db8:18::2/64")
        for name in ("gw", "peer"):
            self.lab.nft(name, "table inet seen {\nchain in {\ntype filter hook input priority -300\n"
                               "meta l4proto esp counter comment \"raw\"\n"
                               "udp dport 4500 @th,64,32 != 0 counter comment \"udp\"\n}\n}\n")
        a, b = ENDS[family]
        self.peer = self.start("peer", "10.0.0.0/24", a, "", encapsulation[1])
        self.gw = self.start("gw", "10.20.0.0/24", b, "initiate-connection", encapsulation[0])
        self.gw.wait_state("Peer", "up", 20)
        self.peer.wait_state("Peer", "up", 5)

    def start(self, name, net, remote, initiate, encapsulation):
        return Ikeshd(self.lab, name, SITE.format(net=net, remote=remote, initiate=initiate, psk=PSK,
                                                  more=encapsulation),
                      ["--dataplane", self.dataplane])

    def seen(self, name):
        """ESP packets that arrived at a gateway: (raw, in UDP)."""
        counts = {}
        for line in self.lab.run(name, ["nft", "list", "table", "inet", "seen"]).stdout.splitlines():
            words = line.split()
            if "counter" in words:
                counts[words[-1].strip('"')] = int(words[words.index("packets") + 1])
        return counts["raw"], counts["udp"]

    def expect_way(self, raw):
        for name in ("gw", "peer"):
            seen = self.seen(name)
            # datagrams in UDP are counted many at a time
            if seen[0 if raw else 1] < (1000 if raw else 50) or seen[1 if raw else 0] != 0:
                raise Failure(f"{name} saw {seen[0]} raw ESP packets and {seen[1]} in UDP")

    def check_traffic(self):
        self.lab.expect_ping("hq", LAN_HOST)
        self.lab.expect_ping("lan", HQ_HOST, size=1300)
        self.lab.transfer("hq", "lan", LAN_HOST, 5)
        self.lab.transfer("lan", "hq", HQ_HOST, 5)

    def stop(self):
        self.gw.stop()
        self.peer.stop()


def raw(make, family):
    p = Pair(make, family, ("udp-encapsulation nat-only", "udp-encapsulation nat-only"))
    p.check_traffic()
    p.expect_way(raw=True)
    # A new way for a living site: the tunnel is negotiated anew, and packets go in UDP.
    before = p.seen("gw")[0]
    p.gw.configure("ipsec site Peer\nno udp-encapsulation")
    time.sleep(0.5)
    p.gw.wait_state("Peer", "up", 20)
    wait_for("ESP in UDP", lambda: p.lab.ping("hq", LAN_HOST) and p.seen("gw")[1] > 5, 20)
    if p.seen("gw")[0] > before + 50:
        raise Failure(f"still raw: {p.seen('gw')}, before {before}")
    p.stop()


def scenario_raw_ipv4(make):
    raw(make, 4)


def scenario_raw_ipv6(make):
    raw(make, 6)


def scenario_default_way(make):
    """One side wants UDP, and that is what both do; so it is by default."""
    for encapsulation in (("", ""), ("udp-encapsulation always", "udp-encapsulation nat-only"),
                          ("udp-encapsulation nat-only", "")):
        p = Pair(make, 4, encapsulation)
        p.check_traffic()
        p.expect_way(raw=False)
        p.stop()


def path_mtu(make, encapsulation, dataplane="userspace"):
    """A link on the way is short: its ICMPv6 reaches the gateway, and hosts are told what fits."""
    lab = make()
    for name, dev, addr in (("gw", "wan0", "2001:db8:203::10"), ("inet", "gw0", "2001:db8:203::1"),
                            ("peer", "wan0", "2001:db8:198::21"), ("inet", "peer0", "2001:db8:198::1")):
        lab.address(name, dev, addr + "/64")
    lab.route("gw", "2001:db8:198::/64", "2001:db8:203::1")
    lab.route("peer", "2001:db8:203::/64", "2001:db8:198::1")
    for name, dev in (("inet", "peer0"), ("peer", "wan0")):
        lab.run(name, ["ip", "link", "set", dev, "mtu", "1350"])
    ends = [Ikeshd(lab, name, SITE.format(net=net, remote=remote, initiate=initiate, psk=PSK,
                                          more="udp-encapsulation " + encapsulation),
                   ["--dataplane", dataplane])
            for name, net, remote, initiate in (
                ("peer", "10.0.0.0/24", "2001:db8:203::10", ""),
                ("gw", "10.20.0.0/24", "2001:db8:198::21", "initiate-connection"))]
    ends[1].wait_state("Peer", "up", 20)
    lab.expect_ping("hq", LAN_HOST)
    lab.transfer("hq", "lan", LAN_HOST, 2)
    lab.transfer("lan", "hq", HQ_HOST, 2)
    # 40 octets of IPv6, perhaps 8 of UDP, 8 of ESP, 8 of IV, 16 of ICV; 2 of padding
    fits = (1350 - 72 - (8 if encapsulation == "always" else 0)) // 4 * 4 - 2
    lab.expect_ping("hq", LAN_HOST, size=fits - 28)
    wait_for("the MTU of the device", lambda: f"mtu {max(fits, 1280)}" in lab.run(
        "gw", ["ip", "link", "show", "ips1"]).stdout, 5)
    for size, told in ((1372, max(fits, 1280)), (fits - 27, fits)):
        lab.run("hq", ["ip", "route", "flush", "cache"])  # which remembers what it was told
        said = lab.run("hq", ["ping", "-n", "-c", "2", "-i", "0.3", "-W", "1", "-M", "do", "-s", str(size),
                              LAN_HOST], check=False).stdout
        if f"mtu = {told}" not in said:
            raise Failure(f"{encapsulation}: ping of {size + 28} octets was not told {told}: {said}")
    for e in ends:
        e.stop()


def scenario_path_mtu(make):
    path_mtu(make, "always")


def scenario_path_mtu_raw(make):
    path_mtu(make, "nat-only")


def df_bit(make, dataplane="userspace"):
    """Packets with DF that are too long: refused, or in fragments where the site says so."""
    p = Pair(make, dataplane=dataplane)
    lab = p.lab
    df = ["-M", "do", "-s", "1460"]

    def said():
        for name in ("hq", "lan"):  # which remember what they were told
            lab.run(name, ["ip", "route", "flush", "cache"])
        return lab.run("hq", ["ping", "-n", "-c", "3", "-i", "0.2", "-W", "1", *df, LAN_HOST], check=False).stdout

    if "Frag needed" not in said():
        raise Failure(f"DF is ignored: {said()}")
    p.gw.configure("ipsec site Peer\ndf-bit clear")
    p.peer.configure("ipsec site Peer\ndf-bit clear")  # for the answers, which have DF as well
    wait_for("fragments in place of a refusal", lambda: " 0% packet loss" in said(), 10)
    lab.run("gw", ["nft", "flush", "ruleset"])  # of somebody else
    wait_for("the same again", lambda: " 0% packet loss" in said(), 35, 1)
    lab.transfer("hq", "lan", LAN_HOST, 5)
    lab.transfer("lan", "hq", HQ_HOST, 5)
    p.gw.configure("ipsec site Peer\nno df-bit")
    wait_for("refused again", lambda: "Frag needed" in said(), 10)
    p.stop()


def scenario_df_bit(make):
    df_bit(make)


def scenario_other_way_out(make):
    """The own address goes, and with it the way out: the tunnel begins anew from the other one."""
    lab, gw, peer = two_ways(make)
    lab.run("gw", ["ip", "address", "del", "198.18.1.1/24", "dev", "wan1"])
    lab.route("gw", "192.0.2.1/32", "198.18.2.2")
    wait_for("the other address", lambda: peer.tunnel("Peer")["peer"] == "198.18.2.1", 5)
    lab.expect_ping("hq", LAN_HOST)
    for side in (gw, peer):
        if "NAT" in side.show("show ipsec sa"):
            raise Failure("a NAT was seen where there is none:\n" + side.show("show ipsec sa"))
    gw.stop()
    peer.stop()
