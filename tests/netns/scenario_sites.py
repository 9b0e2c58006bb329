# SPDX-License-Identifier: GPL-3.0-or-later
"""A site with three tunnels in each HA role over six paths: one, two, three paths are cut, all come back, one gets bad."""
import time

from branch import Branch, expect, report, until
from lab import LAN_HOST, wait_for

MBPS = {1: 100, 2: 50, 3: 50, 4: 50, 5: 50, 6: 50}
RULE = """
network-rule 10 pinned
 site Branch
 match protocol udp
 match destination-port {port}
 wan-role wan{wan} fallback any
"""


def shares(b):
    """Percent of new flows by uplink."""
    tunnels = b.gw.json("show ipsec health")["sites"][0]["tunnels"]
    return {n + 1: t["sharePercent"] for n, t in enumerate(tunnels)}


def lost_after(f, cut, until_s, some=False):
    """Seconds until the last loss; some: single packets, which a slow machine loses anyway, do not count."""
    if some:
        bad = [t for t in range(int(until_s)) if f.lost(cut + t, cut + t + 1) > 0.1 * f.count(cut + t, cut + t + 1)]
        return bad[-1] + 1.0 if bad else 0.0
    last = f.last_loss(cut, cut + until_s)
    return 0.0 if last is None else last - cut


def three_and_three(make, count=48, rate=10, slack=0.0, **branch):
    """slack: seconds that a machine may be slower than ours."""
    b = Branch(make, primary=3, secondary=3, site=" ha failback-delay 10\n",
               tunnel=lambda n: f"  last-mile-bandwidth downstream {MBPS[n]} upstream {MBPS[n]}\n", **branch)
    b.gw.configure("story link-down threshold 10")
    at, said = {}, {}

    def play(start):
        until(start, 5)
        said["all"] = shares(b)
        for n, when in ((1, 6), (2, 17), (3, 28)):
            until(start, when)
            at[n] = b.cut(n)
        until(start, 54)
        said["secondary"] = shares(b)
        for n in (1, 2, 3):
            at["heal"] = b.heal(n)
        until(start, 84)
        said["back"] = shares(b)
    f = b.flows(86, play, count=count, rate=rate)

    report(f"shares at first {said['all']}")
    expect(f"shares do not follow the bandwidth: {said['all']}", said["all"] == {1: 50, 2: 25, 3: 25, 4: 0, 5: 0, 6: 0}, b)
    for n in (1, 2):
        cut, took = at[n], lost_after(f, at[n], 8 if slack else 10, slack > 0)
        moves = f.moved(cut, cut + 8)
        report(f"w{n} cut: {f.lost(cut, cut + 10)} packets lost within {took:.1f} s; before and after {dict(moves)}")
        expect(f"flows were lost longer than 4.5 s after cut {n}", took <= 4.5 + slack, b)
        for other in {1, 2, 3} - set(range(1, n + 1)):
            expect(f"a healthy flow of w{other} moved at cut {n}: {dict(moves)}",
                   all(new == f"w{other}" for (old, new) in moves if old == f"w{other}"), b)
        expect(f"flows stayed on w{n}: {dict(moves)}", not any(new == f"w{n}" for (_, new) in moves), b)
    took = lost_after(f, at[3], 26, slack > 0)
    report(f"w3 cut, the last one: {f.lost(at[3], at['heal'])} packets lost within {took:.1f} s, then "
           f"{dict(f.spread(at['heal']))} by shares {said['secondary']}")
    expect("the switch took longer than 30 s", took <= 30, b)
    expect("not all on secondary", set(f.spread(at["heal"])) <= {"w4", "w5", "w6"}, b)
    expect("not the shares of secondary", sum(said["secondary"][n] for n in (4, 5, 6)) >= 98, b)
    report(f"healed: {f.lost(at['heal'], at['heal'] + 30)} packets lost at the failback, shares {said['back']}")
    expect("losses at the failback", f.lost(at["heal"] + 5 + slack) <= slack, b)
    expect("not back on primary", set(f.spread(at["heal"] + 29)) <= {"w1", "w2", "w3"}, b)
    expect(f"shares did not come back: {said['back']}", said["back"][1] >= 40 and said["back"][4] == 0, b)
    told = b.gw.json("show stories")["stories"]
    kinds = sorted(s["kind"] for s in told)
    report(f"stories {[(s['kind'], s['index'], s['status']) for s in told]}")
    expect(f"wrong stories {kinds}", kinds.count("ha-switch") == 1 and kinds.count("link-down") == 3 and
           "site-down" not in kinds, b)
    expect("HA story is not closed", all(s["status"] == "closed" for s in told if s["kind"] == "ha-switch"), b)
    b.stop()


def scenario_three_and_three(make):
    three_and_three(make)


scenario_three_and_three.long = True


def degraded_share_follows(make, count=48, rate=10, **branch):
    """20 % loss on one of three: its share goes, its flows stay, and the share returns."""
    b = Branch(make, primary=3, **branch)
    at, said = {}, {}

    def play(start):
        until(start, 4)
        at["bad"] = time.monotonic()
        b.impair(1, "numgen random mod 100 < 20 drop")
        at["off"] = wait_for("no share for w1", lambda: shares(b)[1] == 0, 40, 0.5)
        said["off"] = shares(b)
        at["healed"] = b.heal(1)
        at["on"] = wait_for("a share for w1", lambda: shares(b)[1] > 0, 60, 0.5)
        said["on"] = shares(b)
        until(start, 75)
    f = b.flows(76, play, count=count, rate=rate)
    before = f.spread(at["bad"])
    moves = f.moved(at["bad"], at["healed"])
    report(f"share of w1 gone after {at['off']:.1f} s: {said['off']}, back {at['on']:.1f} s after it was good: {said['on']}")
    report(f"flows {dict(before)}, then {dict(moves)}; lost {f.lost(at['bad'], at['healed'])} of "
           f"{f.count(at['bad'], at['healed'])} packets")
    expect(f"flows moved: {dict(moves)}", all(old == new for (old, new) in moves), b)
    expect("it went down", "LINK_DOWN" not in b.events(), b)
    b.stop()


def scenario_degraded_share_follows(make):
    degraded_share_follows(make)


scenario_degraded_share_follows.long = True


def scenario_rule_moves_only_its_flows(make):
    """A rule with hits: the flows that match go to its WAN link, the others stay; then to another one; then back."""
    b = Branch(make, primary=2, tunnel=lambda n: f"  wan-role wan{n}\n")
    at = {}

    def play(start):
        until(start, 4)
        at["first"] = time.monotonic()
        b.gw.configure(RULE.format(port=7000, wan=1))
        until(start, 8)
        at["second"] = time.monotonic()
        b.gw.configure(RULE.format(port=7000, wan=2))
        until(start, 12)
        at["none"] = time.monotonic()
        b.gw.configure(RULE.format(port=7001, wan=2))
        until(start, 15)
        at["hits"] = b.gw.json("show ipsec network-rule 10")["rules"][0]["packets"]
    f = b.flows(16, play, rate=10)
    report(f"flows {dict(f.spread(at['first']))}, rule wan1 {dict(f.spread(at['first'] + 3))}, rule wan2 "
           f"{dict(f.spread(at['second'] + 3))}, without it {dict(f.spread(at['none'] + 3))}; hits {at['hits']}, lost {f.lost()}")
    expect("rule wan1", set(f.spread(at["first"] + 3)) == {"w1"}, b)
    expect("rule wan2", set(f.spread(at["second"] + 3)) == {"w2"}, b)
    expect("packets were lost", f.lost() == 0, b)
    expect(f"hits {at['hits']}", 48 * 10 * 7 <= at["hits"] <= 48 * 10 * 9, b)
    b.stop()


def hits_of_one_tunnel(make, **how):
    """A rule with a WAN role and one with a priority only, at a site with nothing to choose: both count."""
    b = Branch(make, primary=1, tunnel=lambda n: "  wan-role wan1\n", **how)
    b.wait_state(1, "up", 30)
    b.gw.configure("network-rule 10 seven\nmatch protocol udp\nmatch destination-port 7000\nwan-role wan1 fallback any\n"
                   "network-rule 20 ping\nmatch protocol icmp\nqos-priority 3\n")
    sent, received = b.lab.ping("hq", LAN_HOST, count=20)
    f = b.flows(4, lambda start: until(start, 4), count=4, rate=5)
    hits = [b.gw.json(f"show ipsec network-rule {n}")["rules"][0]["packets"] for n in (10, 20)]
    report(f"hits {hits} of {f.count()} and {sent}; lost {f.lost()} and {sent - received}")
    expect(f"hits {hits}", hits == [f.count(), sent] and received == sent and f.lost() == 0, b)
    b.gw.configure("no network-rule 10\nno network-rule 20\n")
    sent, received = b.lab.ping("hq", LAN_HOST, count=10)
    expect("pings lost", sent == received, b)
    b.stop()


def scenario_hits_of_one_tunnel(make):
    hits_of_one_tunnel(make)
