# SPDX-License-Identifier: GPL-3.0-or-later
"""Two sites at one gateway, each behind a strongSwan of its own.

    hq -- gw == inet == peer -- lan      10.20.0.0/24
                    === peer2 -- lan2    10.30.0.0/24
"""
import os

from lab import HQ_HOST, LAN_HOST, PEER_WAN, Failure, Ikeshd, wait_for
from strongswan import Charon

PSK = "correct horse battery staple"
PEER2_WAN = "198.51.102.21"
LAN2_HOST = "10.30.0.9"
SERVICE = "10.254.254.1"

ELSEWHERE = tuple(f"10.0.0.0/24,{net},10.254.254.0/24" for net in ("10.30.0.0/24", "10.20.0.0/24"))

SITE = """
ipsec site {name}
 native-range {net}
{ranges} tunnel primary
  public-ip {wan}
  psk "{psk}"
"""


def build(lab):
    lab.add("peer2")
    lab.add("lan2")
    lab.link("peer2", "wan0", f"{PEER2_WAN}/24", "inet", "peer2", "198.51.102.1/24")
    lab.link("lan2", "lan0", f"{LAN2_HOST}/24", "peer2", "lan0", "10.30.0.1/24")
    lab.route("lan2", "default", "10.30.0.1")
    lab.route("gw", "198.51.102.0/24", "203.0.113.1")
    lab.route("peer2", "203.0.113.0/24", "198.51.102.1")


def expect_silence(lab, name, target):
    if lab.ping(name, target, count=3, interval=0.2)[1] != 0:
        raise Failure(f"{target} answers {name}")


class SitePair:
    """remote_ts: what the peers ask for (not all: strongSwan would take its own LAN into the tunnel); ranges:
    network-range lines of each site."""

    def __init__(self, make, ranges=("", ""), remote_ts=ELSEWHERE, box="", options=(), **charon):
        self.lab = make()
        build(self.lab)
        sites = (("Lyon", "10.20.0.0/24", PEER_WAN), ("Nice", "10.30.0.0/24", PEER2_WAN))
        self.gw = Ikeshd(self.lab, "gw", box + "".join(
            SITE.format(name=name, net=net, wan=wan, psk=PSK, ranges=ranges[i]) for i, (name, net, wan) in
            enumerate(sites)), options)
        self.peers = [Charon(self.lab, name=name, local_id=wan, local_ts=net, remote_ts=remote_ts[i], **charon)
                      for i, (name, wan, net) in enumerate((("peer", PEER_WAN, "10.20.0.0/24"),
                                                            ("peer2", PEER2_WAN, "10.30.0.0/24")))]
        for peer, (name, _, _) in zip(self.peers, sites):
            peer.initiate()
            self.gw.wait_state(name, "up", 10)

    def each_reaches_the_other(self, megabytes=4):
        lab = self.lab
        lab.expect_ping("lan", LAN2_HOST)
        lab.expect_ping("lan2", LAN_HOST)
        lab.transfer("lan", "lan2", LAN2_HOST, megabytes)
        lab.transfer("lan2", "lan", LAN_HOST, megabytes)
        for name in ("Lyon", "Nice"):
            sas = [c for s in self.gw.json(f"show ipsec sa site {name}")["sites"] for t in s["tunnels"]
                   for c in t["childSas"]]
            moved = [sum(c[key] for c in sas) for key in ("rxBytes", "txBytes")]
            if min(moved) < megabytes << 20:
                raise Failure(f"{name}: only {moved} octets went through its tunnel")

    def stop(self):
        self.gw.stop()
        for p in self.peers:
            p.stop()


def route_based(make, options=(), **charon):
    """No network-range: everything may pass, and the service address answers inside the tunnels only."""
    p = SitePair(make, box=f"dns zone ipsec.example.net\nservice-address {SERVICE}\n", options=options, **charon)
    lab = p.lab
    p.each_reaches_the_other()
    lab.expect_ping("lan", HQ_HOST)
    lab.expect_ping("lan", SERVICE)
    lab.expect_ping("lan2", SERVICE)
    for tcp in ([], ["+tcp"]):
        answer = lab.run("lan", ["dig", f"@{SERVICE}", "+short", *tcp, "SOA", "ipsec.example.net"]).stdout
        if "ns.ipsec.example.net." not in answer:
            raise Failure(f"dig over the tunnel {tcp}: {answer!r}")
    lab.route("inet", f"{SERVICE}/32", "203.0.113.10")
    expect_silence(lab, "inet", SERVICE)
    expect_silence(lab, "hq", SERVICE)
    p.gw.configure(f"no service-address {SERVICE}\n")
    expect_silence(lab, "lan", SERVICE)
    p.gw.configure("service-address 10.254.254.5\n")
    lab.expect_ping("lan", "10.254.254.5")
    p.stop()
    if "10.254" in lab.run("gw", ["ip", "addr"]).stdout:
        raise Failure("the service address is left behind")


def listed(lab):
    """nft(8) can print what we made: it gives up on some things that the kernel takes."""
    return lab.run("gw", ["nft", "list", "ruleset"]).stdout


def accounts(make, options=(), **charon):
    """Sites of different accounts do not reach each other, unless one account is told to."""
    p = SitePair(make, box="account acme\naccount beta\n", ranges=(" account acme\n", " account beta\n"), options=options,
                 **charon)
    lab = p.lab

    def apart():
        expect_silence(lab, "lan", LAN2_HOST)
        expect_silence(lab, "lan2", LAN_HOST)
        lab.expect_ping("lan", HQ_HOST)
        lab.expect_ping("hq", LAN2_HOST)
        if "oifname @to1 accept" not in listed(lab):
            raise Failure("the chains of accounts are not there")
    apart()
    p.gw.configure("account beta\nreach acme\n")
    p.each_reaches_the_other(1)
    p.gw.configure("account beta\nno reach acme\n")
    apart()
    lab.run("gw", ["nft", "flush", "ruleset"])  # of somebody else
    wait_for("apart again", lambda: lab.ping("lan", LAN2_HOST, count=2)[1] == 0, 35, 1)
    apart()
    p.gw.configure("ipsec site Lyon\naccount beta\n")
    p.each_reaches_the_other(1)
    p.gw.configure("ipsec site Lyon\nno account\n")
    apart()
    p.gw.configure("ipsec site Nice\nno account\n")
    p.each_reaches_the_other(1)
    p.stop()


# Says who answers, to a connection from a port that is always the same.
NAME_SERVER = """
import socket, sys
l = socket.socket()
l.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
l.bind(("0.0.0.0", 7001))
l.listen()
while True:
    s, who = l.accept()
    s.sendall(f"{sys.argv[1]} {who[0]}".encode())
    s.close()
"""
NAME_ASKER = """
import socket, sys, time
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, bytes([1, 0, 0, 0, 0, 0, 0, 0]))
s.settimeout(5)
s.bind(("0.0.0.0", 5555))
s.connect((sys.argv[1], 7001))
print(s.recv(100).decode())
time.sleep(1)  # both connections are there at the same time
"""


class Overlap:
    """Accounts acme and beta with the same two networks each, 192.168.1.0/24 and 192.168.2.0/24, four peers."""
    HOSTS = {"a1": (1, "acme"), "a2": (2, "acme"), "b1": (1, "beta"), "b2": (2, "beta")}

    def __init__(self, make, options=(), **charon):
        self.lab = lab = make()
        config = f"account acme\naccount beta\nservice-address {SERVICE}\n"
        self.peers = []
        for i, (name, (net, account)) in enumerate(self.HOSTS.items()):
            wan = f"198.51.{110 + i}.21"
            for ns in (f"p{name}", name):
                lab.add(ns)
            lab.link(f"p{name}", "wan0", f"{wan}/24", "inet", f"to{name}", f"198.51.{110 + i}.1/24")
            lab.link(name, "lan0", f"192.168.{net}.9/24", f"p{name}", "lan0", f"192.168.{net}.1/24")
            lab.route(name, "default", f"192.168.{net}.1")
            lab.route("gw", f"198.51.{110 + i}.0/24", "203.0.113.1")
            lab.route(f"p{name}", "203.0.113.0/24", f"198.51.{110 + i}.1")
            config += SITE.format(name=f"{name}\n account {account}", net=f"192.168.{net}.0/24", wan=wan, psk=PSK, ranges="")
        self.gw = Ikeshd(lab, "gw", config, options)
        for i, (name, (net, _)) in enumerate(self.HOSTS.items()):
            peer = Charon(lab, name=f"p{name}", local_id=f"198.51.{110 + i}.21", local_ts=f"192.168.{net}.0/24",
                          remote_ts=f"192.168.{3 - net}.0/24,10.0.0.0/24,10.254.254.0/24", **charon)
            peer.initiate()
            self.gw.wait_state(name, "up", 10)
            self.peers.append(peer)
            lab.start(name, ["/usr/bin/python3", "-c", NAME_SERVER, name], f"{name}.log")
            wait_for(f"server in {name}", lambda ns=name: ":7001" in lab.run(ns, ["ss", "-Htln"]).stdout, 10)

    def ask(self, name):
        net = 3 - self.HOSTS[name][0]
        return self.lab.start(name, ["/usr/bin/python3", "-c", NAME_ASKER, f"192.168.{net}.9"], f"ask-{name}.log")

    def each_reaches_its_own(self):
        for name in self.HOSTS:
            if os.path.exists(os.path.join(self.lab.dir, f"ask-{name}.log")):
                os.unlink(os.path.join(self.lab.dir, f"ask-{name}.log"))
        for asker in [self.ask(name) for name in self.HOSTS]:
            asker.wait(20)
        for name, (net, _) in self.HOSTS.items():
            said, wanted = self.lab.log(f"ask-{name}.log").strip(), f"{name[0]}{3 - net} 192.168.{net}.9"
            if said != wanted:
                raise Failure(f"{name} asks, {said!r} answers instead of {wanted!r}")
            self.lab.expect_ping(name, f"192.168.{3 - net}.9")
            self.lab.expect_ping(name, SERVICE)

    def stop(self):
        self.gw.stop()
        for p in self.peers:
            p.stop()


def expect_refused(gw, lines, text):
    try:
        said = gw.configure(lines)
    except Failure as refused:
        said = str(refused)
    if text not in said:
        raise Failure(f"{lines!r}: {said!r} instead of {text!r}")


def overlap(make, options=(), **charon):
    """Two accounts have the same networks: each of their sites reaches its own other site, and nobody else's."""
    p = Overlap(make, options, **charon)
    lab, gw = p.lab, p.gw
    p.each_reaches_its_own()
    rules = lab.run("gw", ["ip", "rule"]).stdout
    if rules.count("fwmark") != 2:
        raise Failure(f"two tables are expected:\n{rules}")
    if "192.168." in lab.run("gw", ["ip", "route"]).stdout:
        raise Failure("an ambiguous network is in the main table")
    tables = {a["name"]: a["table"] for a in gw.json("show account")["accounts"]}
    for name, table in tables.items():
        routes = lab.run("gw", ["ip", "route", "show", "table", str(table)]).stdout
        if routes.count("192.168.") != 2:
            raise Failure(f"table {table} of {name}:\n{routes}")
    for account in ("acme", "beta"):
        said = gw.show(f"ping 192.168.2.9 account {account} count 3")
        if "!!!" not in said:
            raise Failure(f"{account}: {said}")
    expect_refused(gw, "ipsec site a3\naccount acme\nnative-range 192.168.2.128/25\n", "overlaps 192.168.2.0/24 of site a2")
    expect_refused(gw, "account acme\nreach beta\n", "must not overlap")
    expect_refused(gw, "ipsec site b1\nno account\n", "must not overlap")
    lab.run("gw", ["ip", "rule", "del", "pref", "31730"])
    lab.run("gw", ["nft", "flush", "ruleset"])  # of somebody else
    wait_for("rules are there again", lambda: lab.run("gw", ["ip", "rule"]).stdout.count("fwmark") == 2, 45, 1)
    wait_for("and the table", lambda: "own_in" in lab.run("gw", ["nft", "list", "ruleset"]).stdout, 35, 1)
    p.each_reaches_its_own()
    gw.stop(kill=True)
    gw.start()
    p.each_reaches_its_own()
    if "192.168." in lab.run("gw", ["ip", "route"]).stdout or lab.run("gw", ["ip", "rule"]).stdout.count("fwmark") != 2:
        raise Failure("tables after a crash")
    gw.configure("no ipsec site b1\nno ipsec site b2\n")
    lab.expect_ping("a1", "192.168.2.9")
    lab.expect_ping("hq", "192.168.2.9")
    if "fwmark" in lab.run("gw", ["ip", "rule"]).stdout:
        raise Failure("rules are left behind")
    p.stop()


def policy_based(make, options=(), **charon):
    """Ranges on both sides: each reaches what its range names, and nothing else."""
    p = SitePair(make, ranges=(" network-range nice:10.30.0.0/24\n network-range hq:10.0.0.0/24\n",
                               " network-range lyon:10.20.0.0/24\n"),
                 remote_ts=("10.30.0.0/24,10.0.0.0/24", "10.20.0.0/24"), options=options, **charon)
    p.each_reaches_the_other()
    p.lab.expect_ping("lan", HQ_HOST)
    expect_silence(p.lab, "lan2", HQ_HOST)
    try:
        p.gw.configure("ipsec site Corsica\nnative-range 10.30.0.128/25\n")
    except Failure as refused:
        if "overlaps 10.30.0.0/24 of site Nice" not in str(refused):
            raise
    else:
        raise Failure("networks of two sites overlap, and nobody said so")
    p.each_reaches_the_other(1)
    p.stop()
