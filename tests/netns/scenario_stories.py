# SPDX-License-Identifier: GPL-3.0-or-later
"""Stories: told once, kept over restarts, closed by themselves, and no traffic hangs on their file."""
import os
import time

from branch import Branch, expect, report
from lab import LAN_HOST, run, wait_for


def stories(b, more=""):
    return b.gw.json(f"show stories {more}")["stories"]


def told(b, kind, timeout, status="open"):
    return wait_for(f"{status} story {kind}",
                    lambda: any(s["kind"] == kind and s["status"] == status for s in stories(b)), timeout, 0.2)


def again(b, n):
    """A peer that remembers nothing connects."""
    b.peers[n - 1].stop(kill=True)
    b.peers[n - 1].start()
    b.connect(n)
    b.wait_state(n, "up", 60)


def scenario_link_down_is_told_once(make):
    """Threshold, cause, acknowledge, comment, restart by TERM and by KILL, closing, no false story."""
    b = Branch(make, primary=2)
    b.gw.configure("story link-down threshold 10")
    for n in (1, 2):
        b.wait_state(n, "up", 30)
    time.sleep(12)
    expect("a story of a start", stories(b) == [], b)
    cut = b.cut(1)
    b.lab.start("hq", ["ping", "-q", "-i", "0.2", LAN_HOST], "ping.log")
    b.wait_state(1, "down", 40)
    down = time.monotonic()
    expect("no line at once", "%STORY-4-LINK_DOWN: Branch primary 1 is down, reason dead-peer, 1 of 2 primary tunnels "
           "remain" in b.events(), b)
    expect("told too early", stories(b) == [], b)
    told(b, "link-down", 15)
    opened = time.monotonic()
    report(f"down {down - cut:.1f} s after the cut, told {opened - down:.1f} s later")
    expect("not after the threshold", 8 <= opened - down <= 14, b)
    one = stories(b)[0]
    expect(f"wrong story {one}", (one["id"], one["site"], one["role"], one["index"], one["indication"]) ==
           (1, "Branch", "primary", 1, "Link is down") and one["events"], b)
    b.gw.ikesh(["-c", "story 1 acknowledge", "-c", "story 1 comment carrier ticket 4711"])
    for kill in (False, True):
        time.sleep(1.5)  # a kill loses what was not saved yet, half a second of it
        b.gw.stop(kill=kill)
        b.gw.start()
        one = stories(b, "id 1")[0]
        expect(f"lost by the restart: {one}", one["status"] == "open" and one["acknowledged"] and
               one["comments"][0]["text"] == "carrier ticket 4711", b)
        wait_for("the configuration is the saved one", lambda: stories(b), 5)
        b.gw.configure("story link-down threshold 10")
        again(b, 2)
    time.sleep(20)
    expect(f"a false story: {stories(b)}", len(stories(b)) == 1, b)
    b.heal(1)
    again(b, 1)
    took = told(b, "link-down", 45, "closed")
    report(f"closed {took:.0f} s after it was up")
    expect("closed too early", took > 25, b)
    expect("no line of it", "%STORY-5-CLOSED: Story 1 closed: Link is down, Branch primary 1" in b.events(), b)
    b.gw.configure("no ipsec site Branch")
    time.sleep(12)
    expect("a story of a removed site", len(stories(b)) == 1, b)
    b.stop()


scenario_link_down_is_told_once.long = True


def scenario_full_disk(make):
    """The file of the stories cannot grow: a warning, traffic goes on, saved when there is room again."""
    state = []

    def make_small():
        lab = make()
        state.append(os.path.join(lab.dir, "small"))
        os.mkdir(state[0])
        run(["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", state[0]])
        return lab
    try:
        b = Branch(make_small, primary=2, options=())
        b.gw.stop()
        b.gw.options += ["--state-dir", state[0]]
        b.gw.start()
        b.gw.configure("story link-down threshold 10")
        for n in (1, 2):
            again(b, n)
        filler = os.path.join(state[0], "filler")
        fd = os.open(filler, os.O_WRONLY | os.O_CREAT)
        try:
            while True:
                os.write(fd, bytes(1024))
        except OSError:
            os.close(fd)
        b.cut(1)
        b.lab.start("hq", ["ping", "-q", "-i", "0.2", LAN_HOST], "ping.log")
        b.wait_state(1, "down", 40)
        told(b, "link-down", 20)
        wait_for("a warning", lambda: "%STORY-4-STORE: Stories are kept in memory only" in b.events(), 30)
        b.lab.expect_ping("hq", LAN_HOST, count=20)
        expect("not said with the stories", "full" in (b.gw.json("show stories")["notSaved"] or ""), b)
        os.remove(filler)
        took = wait_for("saved again", lambda: "Stories are saved again" in b.events(), 90)
        report(f"saved again {took:.0f} s after there was room")
        b.gw.stop()
        b.gw.start()
        expect(f"not there: {stories(b)}", stories(b)[0]["kind"] == "link-down", b)
        b.stop()
    finally:
        run(["umount", "-l", state[0]], check=False)


scenario_full_disk.long = True
