# SPDX-License-Identifier: GPL-3.0-or-later
"""Traffic selectors against strongSwan: narrowing, several of them, several Child SAs."""
import time

from interop import AUTH, CHILD, against, site
from lab import GW_WAN, HQ_HOST, LAN_HOST, Failure, wait_for

# More networks on either side: hosts hq and lan have an address in each.
HQ2, LAN2 = "10.1.0.2", "10.21.0.2"


def more_networks(lab):
    lab.address("hq", "lan0", f"{HQ2}/24")
    lab.address("gw", "lan0", "10.1.0.1/24")
    lab.address("lan", "lan0", f"{LAN2}/24")
    lab.address("peer", "lan0", "10.21.0.1/24")


def ping_all(c, pairs):
    for source, target in pairs:
        def there(source=source, target=target):
            done = c.lab.run("hq", ["ping", "-q", "-c", "2", "-i", "0.1", "-W", "1", "-I", source, target], check=False)
            return done.returncode == 0
        try:
            wait_for(f"ping {source} -> {target}", there, 8)
        except Failure as f:
            raise Failure(f"{f}\n{c.both()}") from None


ALL = [(HQ_HOST, LAN_HOST), (HQ_HOST, LAN2), (HQ2, LAN_HOST), (HQ2, LAN2)]
NETWORKS = ["network-range a:10.0.0.0/24", "network-range b:10.1.0.0/24", "network two 10.21.0.0/24"]
FOUR = [{"name": f"net{i}{k}", "local_ts": f"10.{20 + k}.0.0/24", "remote_ts": f"10.{i}.0.0/24"}
        for i in (0, 1) for k in (0, 1)]


def scenario_several_selectors(make):
    """Two networks on either side in one Child SA, both roles."""
    with against(make, site(*NETWORKS, initiate=True), build=more_networks, local_ts="10.20.0.0/24,10.21.0.0/24",
                 remote_ts="10.0.0.0/24,10.1.0.0/24") as c:
        for by in ("peer", "us"):
            c.up(by)
            ping_all(c, ALL)
            c.expect_one()
            c.gw.show("ipsec rekey site Peer")
            time.sleep(0.5)
            ping_all(c, ALL)
            c.down()


def scenario_several_children_of_peer(make):
    """Four Child SAs with one pair each, made by the peer; one goes and comes again."""
    with against(make, site(*NETWORKS), build=more_networks, children=FOUR) as c:
        for child in FOUR:
            c.peer.initiate(child["name"])
        c.gw.wait_state("Peer", "up", 5)
        c.peer.expect_children(4)
        ping_all(c, ALL)
        c.peer.swanctl("--terminate", "--child", "net01")
        c.peer.expect_children(3)
        wait_for("three of ours", lambda: len(c.children()) == 3, 8)
        c.peer.initiate("net01")
        ping_all(c, ALL)
        c.peer.swanctl("--rekey", "--ike", "gw")
        time.sleep(0.5)
        c.peer.expect_children(4)
        c.gw.show("ipsec rekey site Peer")
        time.sleep(1)
        ping_all(c, ALL)


def scenario_single_selectors(make):
    """single-traffic-selector: we make four Child SAs with one pair each."""
    with against(make, site(*NETWORKS, "single-traffic-selector enable", initiate=True), build=more_networks,
                 children=FOUR) as c:
        c.up("us")
        c.peer.expect_children(4)
        ping_all(c, ALL)
        c.gw.show("ipsec rekey site Peer")
        time.sleep(1.5)
        c.peer.expect_children(4)
        c.gw.show("ipsec rekey site Peer ike")
        time.sleep(0.5)
        ping_all(c, ALL)


def scenario_narrowed_by_peer(make):
    """We offer all pairs at once, the peer has a Child SA for each: it narrows, we ask for the rest."""
    with against(make, site(*NETWORKS, initiate=True), build=more_networks, children=FOUR) as c:
        c.up("us")
        c.peer.expect_children(4, 20)
        ping_all(c, ALL)


def scenario_narrowed_by_us(make):
    """The peer wants much more than it may have."""
    with against(make, site("network-range a:10.0.0.0/24"), local_ts="10.20.0.0/16", remote_ts="10.0.0.0/8") as c:
        c.up()
        c.traffic()
        if "10.20.0.0/24" not in c.peer.sas() or "10.0.0.0/24" not in c.peer.sas():
            raise Failure("not narrowed:\n" + c.peer.sas())
        c.peer.swanctl("--rekey", "--child", "net")
        time.sleep(0.5)
        c.traffic()


def scenario_narrower_peer(make):
    """The peer allows a part of what we offer; the detail says what came of it."""
    with against(make, site("network-range a:10.0.0.0/16", native="10.20.0.0/16", initiate=True)) as c:
        c.up("us")
        c.traffic()
        c.expect_detail("10.20.0.0/24")
        c.gw.show("ipsec rekey site Peer")
        time.sleep(0.5)
        c.traffic()


def scenario_wrong_selectors(make):
    """Nothing in common, in both roles: ts-unacceptable, the IKE SA stays, repair needs no restart."""
    with against(make, site("network-range a:10.99.0.0/24", initiate=True)) as c:
        c.peer.initiate(check=False, timeout=10)
        c.gw.wait_state("Peer", "down", 5, reason="ts-unacceptable")
        c.expect_detail("10.0.0.0/24")
        if "ESTABLISHED" not in c.peer.sas():
            raise Failure("the IKE SA does not stay:\n" + c.peer.sas())
        c.gw.show("clear ipsec sa site Peer")
        wait_for("strongSwan is clean", lambda: "gw:" not in c.peer.sas(), 5)
        c.gw.show("ipsec initiate site Peer")
        c.gw.wait_state("Peer", "down", 5, reason="ts-unacceptable")
        c.gw.configure("ipsec site Peer\nno network-range a\nnetwork-range a:10.0.0.0/24")
        wait_for("strongSwan is clean", lambda: "gw:" not in c.peer.sas(), 5)
        c.up()
        c.traffic()
    c.capture.expect(GW_WAN, (AUTH, True, ["Authentication", "Notify TS_UNACCEPTABLE"]))


def scenario_refused_pairs_rest(make):
    """A peer that narrows to one pair on purpose is not asked for the others without end."""
    ranges = [f"network-range r{i}:10.{100 + i}.0.0/24" for i in range(10)]
    with against(make, site("network-range a:10.0.0.0/24", *ranges, initiate=True)) as c:
        c.up("us")
        c.traffic()
        time.sleep(5)
        asked = [m for m in c.capture.messages() if m.source == GW_WAN and m.exchange == CHILD and not m.response]
        if len(asked) > 10:
            raise Failure(f"{len(asked)} requests in five seconds")
        c.gw.wait_state("Peer", "up", 1)


def scenario_ports_and_protocols(make):
    """The peer limits its Child SA to one protocol: only that passes."""
    with against(make, site(), local_ts="10.20.0.0/24[icmp]", remote_ts="10.0.0.0/24[icmp]") as c:
        c.up()
        c.traffic()
        c.gw.show("show ipsec sa site Peer")
