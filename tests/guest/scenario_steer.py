# SPDX-License-Identifier: GPL-3.0-or-later
"""Several tunnels of one site over kernel ESP: nftables marks, the mark chooses the SA."""
import json
import time

from branch import Branch, expect, report, until
from lab import LAN_HOST, Failure, wait_for
from qos import PRIORITIES, compete
from scenario_sites import degraded_share_follows, hits_of_one_tunnel, three_and_three
import site_pair


XFRM = {"options": ["--dataplane", "xfrm"], "esp_plugin": ""}


def branch(make, **kw):
    return Branch(make, **XFRM, **kw)


def scenario_marks_choose_the_tunnel(make):
    """Flows over both tunnels; one dies, only its flows move; it returns, none moves back."""
    b = branch(make, primary=2)
    marks = {}

    def play(start):
        until(start, 6)
        marks["cut"] = b.cut(2)
        marks["down"] = time.monotonic() + b.wait_state(2, "down", 40)
        until(start, 30)
        marks["heal"] = b.heal(2)
        b.wait_state(2, "up", 40)
        until(start, 45)
    f = b.flows(47, play, count=24, rate=4)
    cut, heal = marks["cut"], marks["heal"]
    before, after, late = f.spread(cut), f.spread(cut + 12), f.spread(heal + 14)
    last = f.last_loss(cut, heal) or cut
    report(f"flows per uplink {dict(before)}; after the cut {dict(after)}; at the end {dict(late)}")
    report(f"lost {f.lost(cut, heal)} packets, {last - cut:.1f} s until the last loss, "
           f"down after {marks['down'] - cut:.1f} s")
    expect(f"uneven: {before}", set(before) == {"w1", "w2"}, b)
    moves = f.moved(cut, cut + 12)
    expect(f"healthy flows moved: {moves}", moves[("w1", "w1")] == before["w1"], b)
    expect(f"flows stayed on the dead one: {moves}", moves[("w2", "w1")] == before["w2"], b)
    expect("flows moved back", late == after, b)
    b.stop()
    left = b.lab.run("gw", ["nft", "list", "tables"]).stdout
    expect("the table is left behind: " + left, "ikesh" not in left)


def scenario_flush_and_caps(make):
    """`nft flush ruleset` of somebody else is repaired within 10 s; each last mile is a cap."""
    b = branch(make, primary=2, tunnel=lambda n: f"  last-mile-bandwidth downstream {4 * n} upstream 4\n")
    lab = b.lab
    expect("no cap per tunnel", all(f"ceil {4 * n}Mbit" in lab.run("gw", ["tc", "class", "show", "dev", "ips1"]).stdout
                                    for n in (1, 2)))
    lab.run("gw", ["nft", "flush", "ruleset"])
    took = wait_for("the table returns", lambda: "bucket" in lab.run("gw", ["nft", "list", "table", "inet", "ikesh"],
                                                                     check=False).stdout, 15)
    report(f"table made anew after {took:.1f} s")
    sent, received = lab.ping("hq", LAN_HOST, count=20)
    if sent != received:
        raise Failure(f"{sent - received} of {sent} pings lost")
    b.stop()


def scenario_priorities(make):
    """Network rules with a QoS priority on a saturated site of two tunnels: the mark chooses the class, the rule its
    queue.  What each queue sent and dropped is told by the kernel: this machine is too slow for clocks."""
    b = branch(make, primary=2, site=" bandwidth downstream 2 upstream 2\n",
               tunnel=lambda n: "  last-mile-bandwidth downstream 2 upstream 2\n")
    b.gw.configure(PRIORITIES)
    compete(b.lab, 0.2, 4)
    queues = {q["handle"]: q for q in json.loads(b.lab.run("gw", ["tc", "-s", "-j", "qdisc", "show", "dev", "ips1"]).stdout)}
    sums = {}
    for stream, band in (("voice", 1), ("mail", 2), ("bulk", 0)):
        of_band = [queues[f"{band or ''}1{slot}:"] for slot in (1, 2)]
        sums[stream] = [sum(q[key] for q in of_band) for key in ("packets", "drops")]
    report(f"[packets, drops] by queue: {sums}")
    expect(f"voice waits: {sums}", sums["voice"][0] > 300 and sums["voice"][1] <= 5, b)
    expect(f"bulk drops nothing: {sums}", sums["bulk"][1] > 0 and sums["bulk"][1] > 5 * sums["mail"][1], b)
    b.stop()


def scenario_hits_of_one_tunnel(make):
    hits_of_one_tunnel(make, **XFRM)


def scenario_three_and_three(make):
    """Six tunnels, two roles: one, two, three paths are cut, all come back."""
    three_and_three(make, count=24, rate=4, slack=2, **XFRM)


scenario_three_and_three.long = True


def scenario_degraded_share_follows(make):
    """20 % loss on one of three: its share goes, its flows stay, and the share returns."""
    degraded_share_follows(make, count=24, rate=4, **XFRM)


scenario_degraded_share_follows.long = True


def scenario_sites_route_based(make):
    """Two sites reach each other through the gateway, and its service address."""
    site_pair.route_based(make, **XFRM)


def scenario_accounts(make):
    """Sites of two accounts are kept apart."""
    site_pair.accounts(make, **XFRM)


def scenario_sites_policy_based(make):
    """The same with ranges on both sides."""
    site_pair.policy_based(make, **XFRM)


def scenario_same_networks_of_two_accounts(make):
    site_pair.overlap(make, **XFRM)
