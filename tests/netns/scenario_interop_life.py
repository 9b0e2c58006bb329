# SPDX-License-Identifier: GPL-3.0-or-later
"""Coming and going, against strongSwan: deletes, silence, crashes of either side, both beginning."""
import os
import re
import subprocess
import time

from interop import INFO, against, site
from lab import GW_WAN, PEER_WAN, Failure, Ikeshd, wait_for
from tshark import Capture

QUICK = {"retransmit_timeout": "0.4", "retransmit_tries": "2"}


def ike_sas(c):
    return len(re.findall(r"^gw: #\d+, ESTABLISHED", c.peer.sas(), re.M))


def scenario_deletes(make):
    """DELETE by either side, of the Child SA and of the IKE SA."""
    with against(make, site("rebuild-interval 30", initiate=True)) as c:
        c.up()
        c.peer.swanctl("--terminate", "--ike", "gw")
        c.gw.wait_state("Peer", "down", 2, reason="peer-deleted")
        c.up()
        c.gw.show("ipsec terminate site Peer")
        wait_for("strongSwan is clean", lambda: ike_sas(c) == 0, 5)
        c.gw.wait_state("Peer", "admin-down", 2)
        c.peer.initiate(check=False, timeout=5)
        c.gw.wait_state("Peer", "admin-down", 2)
        c.up("us")
        c.traffic()
        c.gw.configure("no ipsec site Peer")
        wait_for("strongSwan is clean", lambda: ike_sas(c) == 0, 5)
        c.gw.configure(site(initiate=True))
        c.up()
        c.traffic()


def scenario_child_deleted_by_peer(make):
    """Only the Child SA: the peer that made it makes a new one, ours is made again by us."""
    with against(make, site("rebuild-interval 30", initiate=True)) as c:
        c.up()
        c.peer.swanctl("--terminate", "--child", "net")
        c.gw.wait_state("Peer", "down", 3)
        c.peer.initiate()
        c.gw.wait_state("Peer", "up", 3)
        c.traffic()
        c.down()
        c.up("us")
        c.peer.swanctl("--terminate", "--child", "net")
        c.gw.wait_state("Peer", "up", 40)
        c.traffic()


scenario_child_deleted_by_peer.long = True


def scenario_dpd_clear(make):
    """We vanish: the peer notices and forgets; when we are back it gets in."""
    with against(make, site(), dpd_delay="2s", child="dpd_action = clear", **QUICK) as c:
        c.up()
        c.gw.crash()
        wait_for("strongSwan has cleared", lambda: "gw:" not in c.peer.sas(), 15)
        c.gw.start()
        c.capture.attach(c.gw)
        c.up()
        c.traffic()


def scenario_dpd_restart(make):
    """We vanish and return: the peer tries until we are there."""
    with against(make, site(), dpd_delay="2s", child="dpd_action = restart", connection="keyingtries = 0", **QUICK) as c:
        c.up()
        c.gw.crash()
        time.sleep(5)
        c.gw.start()
        c.capture.attach(c.gw)
        c.gw.wait_state("Peer", "up", 30)
        c.traffic()
        c.peer.expect_children(1)


def scenario_dpd_both(make):
    """Both sides probe an idle tunnel, for a while."""
    with against(make, site("keepalive 5"), dpd_delay="2s") as c:
        c.up()
        time.sleep(13)
        c.gw.wait_state("Peer", "up", 1)
        c.traffic()
        probes = [m for m in c.capture.messages() if m.exchange == INFO and not m.response]
    if not any(m.source == PEER_WAN for m in probes):
        raise Failure("the peer did not probe")


def scenario_peer_crash(make):
    """The peer dies and comes back with INITIAL_CONTACT: the old IKE SA goes, nothing is doubled."""
    with against(make, site(initiate=True)) as c:
        c.up()
        for _ in range(2):
            c.peer.stop(kill=True)
            c.peer.start()
            c.peer.initiate()
            c.gw.wait_state("Peer", "up", 2)
            c.traffic()
            wait_for("one Child SA", lambda: len(c.children()) == 1, 3)


def scenario_our_crash(make):
    """We die and come back: INITIAL_CONTACT replaces what the peer still has, even with unique = keep."""
    with against(make, site("initiate-connection", initiate=True), connection="unique = keep") as c:
        c.gw.wait_state("Peer", "up", 20)
        for _ in range(2):
            c.restart()
            c.gw.wait_state("Peer", "up", 15)
            c.traffic()
            c.peer.expect_children(1, 15)
            if ike_sas(c) != 1:
                raise Failure(c.peer.sas())


def scenario_crash_as_responder(make):
    """We die as responder and come back: INVALID_IKE_SPI answers tell the peer's DPD."""
    with against(make, site(), dpd_delay="2s", child="dpd_action = restart", connection="keyingtries = 0", **QUICK) as c:
        c.up()
        c.restart()
        c.gw.wait_state("Peer", "up", 30)
        c.traffic()
    c.capture.expect(GW_WAN, (INFO, True, ["Notify INVALID_IKE_SPI"]))


def scenario_both_begin(make):
    """Both initiate in the same moment: after a while (we wait 30 s for strongSwan to delete its own, which it
    never does) one IKE SA is left, and it works."""
    with against(make, site("initiate-connection", initiate=True)) as c:
        c.gw.wait_state("Peer", "up", 20)
        for _ in range(3):
            c.gw.show("ipsec terminate site Peer")
            wait_for("clean", lambda: ike_sas(c) == 0, 5)
            ours = subprocess.Popen([f"{c.lab.bin}/ikesh", "--socket", c.gw.socket, "-c", "ipsec initiate site Peer"])
            c.peer.initiate(check=False, timeout=5)
            ours.wait(10)
            c.gw.wait_state("Peer", "up", 5)
            c.expect_one(45)
            c.traffic()


scenario_both_begin.long = True


def scenario_no_flap(make):
    """After both have begun it stays: nothing goes up or down for a while."""
    with against(make, site("initiate-connection", initiate=True)) as c:
        c.gw.wait_state("Peer", "up", 20)
        c.peer.initiate(check=False, timeout=5)
        time.sleep(8)
        before = c.gw.show("show logging").count("LINK_")
        time.sleep(12)
        if c.gw.show("show logging").count("LINK_") != before:
            raise Failure("it flaps:\n" + c.gw.show("show logging"))
        c.gw.wait_state("Peer", "up", 1)
        c.traffic()


def scenario_two_of_ours_crash(make):
    """Ours as the peer of ours: the responder dies and comes back; what the peer asks next is denied with the token of
    RFC 6290, and it is up again in the same second."""
    lab = make()
    capture = Capture(lab)
    gw = Ikeshd(lab, "gw", site("keepalive 5", "dead-interval 30"))
    capture.attach(gw)
    branch = Ikeshd(lab, "peer", site("keepalive 5", "dead-interval 30", "rebuild-interval 30", "initiate-connection",
                                      initiate=True, name="Gateway", remote=GW_WAN, native="10.0.0.0/24"))
    branch.wait_state("Gateway", "up", 15)
    secret = f"{gw.dir}/state/crash-secret"
    if os.stat(secret).st_mode & 0o7777 != 0o600 or os.stat(secret).st_size != 32:
        raise Failure(f"{secret}: {os.stat(secret)}")
    gw.crash()
    gw.start()
    capture.attach(gw)
    took = gw.wait_state("Peer", "up", 75)
    lab.expect_ping("hq", "10.20.0.2")
    print(f"     up again {took:.1f} s after the start")
    capture.expect(GW_WAN, (INFO, True, ["Notify INVALID_IKE_SPI", "Notify QUICK_CRASH_DETECTION"]))
    if took > 6.5:  # keepalive 5, and what is done at once
        raise Failure("that was no quick crash detection")
    counters = branch.show("show ipsec statistics")  # those that are not zero
    if not re.search(r"ike_crash_tokens_accepted +1\b", counters) or "ike_crash_tokens_wrong" in counters:
        raise Failure(counters)
    for command, wanted in (("show ipsec sa site Gateway", "has given a token"), ("show ipsec site Gateway detail", "(RFC 6290)")):
        if wanted not in branch.show(command):
            raise Failure(branch.show(command))
    branch.stop()
    gw.stop()
    capture.stop()
    capture.check(GW_WAN)


scenario_two_of_ours_crash.long = True
