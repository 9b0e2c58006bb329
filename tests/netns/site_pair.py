# SPDX-License-Identifier: GPL-3.0-or-later
"""Two sites at one gateway, each behind a strongSwan of its own.

    hq -- gw == inet == peer -- lan      10.20.0.0/24
                    === peer2 -- lan2    10.30.0.0/24
"""
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
