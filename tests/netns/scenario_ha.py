# SPDX-License-Identifier: GPL-3.0-or-later
"""Sites with several tunnels: who carries what, and what is lost when one of them dies."""
import time

from branch import Branch, expect, report, until
from lab import wait_for


def scenario_three_tunnels_one_dies(make):
    """One of three: new flows leave it within 3 s, healthy flows never move, it comes back."""
    b = Branch(make, primary=3)
    marks = {}

    def play(start):
        until(start, 5)
        marks["cut"] = b.cut(2)
        marks["down"] = time.monotonic() + b.wait_state(2, "down", 30)
        until(start, 25)
        marks["heal"] = b.heal(2)
        marks["up"] = time.monotonic() + b.wait_state(2, "up", 30)
        until(start, 42)
    f = b.flows(45, play)
    cut, heal = marks["cut"], marks["heal"]
    last = f.last_loss(cut, heal) or cut
    report(f"flows per uplink {dict(f.spread(cut))}; after the cut {dict(f.spread(cut + 8))}")
    report(f"lost {f.lost(cut, heal)} packets, {last - cut:.1f} s until the last loss, "
           f"down after {marks['down'] - cut:.1f} s, up {marks['up'] - heal:.1f} s after it was healed")
    report(f"lost before the cut {f.lost(0, cut)}, 5 s after healing and later {f.lost(heal + 5)} of {f.count(heal + 5)}")
    before, dead = f.spread(cut), f.spread(cut)["w2"]
    expect(f"uneven: {before}", min(before.values()) >= 4 and len(before) == 3)
    expect("flows were lost longer than 4.5 s", last - cut <= 4.5, b)
    moves = f.moved(cut, cut + 8)
    expect(f"healthy flows moved: {moves}", moves[("w1", "w1")] == before["w1"] and moves[("w3", "w3")] == before["w3"], b)
    expect(f"flows stayed on the dead one: {moves}", moves[("w2", "w1")] + moves[("w2", "w3")] == dead, b)
    # our workers go before other programs, the peers' do not: on a busy machine they lose a packet now and then
    expect("losses beside the cut", f.lost(0, cut) <= f.count(0, cut) // 1000 and
           f.lost(heal + 5) <= f.count(heal + 5) // 1000, b)
    expect("down too late", marks["down"] - cut <= 30, b)
    b.stop()


scenario_three_tunnels_one_dies.long = True


def scenario_role_switch_and_failback(make):
    """All primary tunnels die: the secondary takes over; failback after the delay."""
    b = Branch(make, primary=2, secondary=1, site=" ha failback-delay 10\n")
    marks = {}

    def play(start):
        until(start, 5)
        b.cut(1)
        marks["cut"] = b.cut(2)
        until(start, 30)
        b.heal(1)
        marks["heal"] = b.heal(2)
        until(start, 58)
    f = b.flows(60, play)
    cut, heal = marks["cut"], marks["heal"]
    last = f.last_loss(cut, heal) or cut
    switched = max(moves[1][0] for moves in f.via.values() if len(moves) > 1) - cut
    back = [t - heal for moves in f.via.values() for t, via in moves if t > heal and via != "w3"]
    report(f"flows per uplink {dict(f.spread(cut))}; while cut {dict(f.spread(heal))}; at the end "
           f"{dict(f.spread(heal + 27))}")
    report(f"lost {f.lost(cut, heal)} packets, on secondary after {switched:.1f} s (last loss {last - cut:.1f} s); "
           f"failback {min(back, default=-1):.1f} s after healing, lost {f.lost(heal)} there")
    expect("secondary carried something before", "w3" not in f.spread(cut), b)
    expect("not all flows moved to secondary", set(f.spread(heal)) == {"w3"}, b)
    expect("the switch took longer than 30 s", last - cut <= 30, b)
    expect("no failback", back and "w3" not in f.spread(heal + 27), b)
    expect("failback before its delay", min(back) >= 10, b)
    expect("losses at the failback", f.lost(heal + 5) == 0, b)
    expect("no event of the switch", b.events().count("HA_SWITCH") == 2, b)
    b.stop()


scenario_role_switch_and_failback.long = True


def scenario_degraded_tunnel_is_avoided(make):
    """20 % loss on one of two: new flows avoid it, it is not down; it is used again when it is good."""
    b = Branch(make, primary=2)
    marks = {}

    def play(start):
        until(start, 10)
        b.impair(2, "numgen random mod 100 < 20 drop")
        marks["bad"] = time.monotonic()
        marks["said"] = wait_for("degraded", lambda: "LINK_DEGRADED" in b.events(), 30)
        until(start, 40)
        marks["heal"] = b.heal(2)
        until(start, 45)
    f = b.flows(48, play)
    bad = marks["bad"]
    report(f"said after {marks['said']:.1f} s; flows per uplink {dict(f.spread(bad))} before, "
           f"{dict(f.spread(bad + 25))} later; lost {f.lost(bad, marks['heal'])} of {f.count(bad, marks['heal'])} packets")
    expect("the tunnel went down", b.state(2) == "up" and "LINK_DOWN" not in b.events(), b)
    took = wait_for("restored", lambda: "LINK_RESTORED" in b.events(), 60)
    report(f"good again {took + 5:.0f} s after it was healed")
    b.stop()


scenario_degraded_tunnel_is_avoided.long = True
