# SPDX-License-Identifier: GPL-3.0-or-later
"""libreswan and openiked with kernel ESP against ikeshd."""
import re

from lab import PEER_WAN, Failure, Ikeshd, wait_for
from peers import Libreswan, Openiked

PSK = "correct horse battery staple"
SITE = f"""
ipsec site Peer
 native-range 10.20.0.0/24
 connection-mode bidirectional
 tunnel primary
  public-ip {PEER_WAN}
  psk "{PSK}"
"""


def new_lab(make):
    lab = make()
    lab.route("peer", "10.0.0.0/24", "198.51.100.1")  # policies need a route to work on
    return lab


def check(lab, gw):
    gw.wait_state("Peer", "up", 60)
    lab.expect_ping("hq", "10.20.0.2", interval=0.2)
    lab.expect_ping("lan", "10.0.0.2", interval=0.2, size=1300)
    gw.show("ipsec rekey site Peer")
    lab.expect_ping("hq", "10.20.0.2", count=20, interval=0.2)


def scenario_libreswan_initiates(make):
    lab = new_lab(make)
    gw = Ikeshd(lab, "gw", SITE)
    peer = Libreswan(lab, PSK)
    peer.initiate()
    check(lab, gw)
    peer.stop()
    gw.wait_state("Peer", "down", 10, reason="peer-deleted")
    gw.stop()


def scenario_libreswan_responds(make):
    lab = new_lab(make)
    peer = Libreswan(lab, PSK, narrowing="yes")
    gw = Ikeshd(lab, "gw", SITE)
    gw.show("ipsec initiate site Peer")
    check(lab, gw)
    gw.stop()
    peer.stop()


def scenario_openiked_initiates(make):
    lab = new_lab(make)
    gw = Ikeshd(lab, "gw", SITE)
    peer = Openiked(lab, PSK, mode="active")
    check(lab, gw)
    gw.stop()
    peer.stop()


def scenario_openiked_responds(make):
    lab = new_lab(make)
    peer = Openiked(lab, PSK)
    gw = Ikeshd(lab, "gw", SITE)
    gw.show("ipsec initiate site Peer")
    check(lab, gw)
    gw.stop()
    peer.stop()


def scenario_libreswan_exact_selectors(make):
    """libreswan's default narrows nothing: with the networks of both sides named it comes up, and
    takes ESN; rekeying of both SAs by it and by us, with PFS as it wants it."""
    lab = new_lab(make)
    peer = Libreswan(lab, PSK, esn="yes", replay_window="128")
    gw = Ikeshd(lab, "gw", SITE.replace(" native-range", " network-range hq:10.0.0.0/24\n native-range"))
    gw.show("ipsec initiate site Peer")
    gw.wait_state("Peer", "up", 60)
    lab.expect_ping("hq", "10.20.0.2", interval=0.2)
    if "esn" not in lab.run("peer", ["ip", "xfrm", "state"]).stdout:
        raise Failure("no ESN:\n" + lab.run("peer", ["ip", "xfrm", "state"]).stdout)
    for rekey in (lambda: peer.whack("--name", "gw", "--rekey-ipsec"), lambda: gw.show("ipsec rekey site Peer"),
                  lambda: peer.whack("--name", "gw", "--rekey-ike"), lambda: gw.show("ipsec rekey site Peer ike"),
                  lambda: peer.whack("--name", "gw", "--rekey-ipsec")):
        rekey()
        lab.expect_ping("hq", "10.20.0.2", count=15, interval=0.2)
    gw.wait_state("Peer", "up", 1)
    gw.stop()
    peer.stop()


def scenario_libreswan_wrong_key(make):
    """Reason and repair; then the peer dies without a word and comes back."""
    lab = new_lab(make)
    gw = Ikeshd(lab, "gw", SITE)
    peer = Libreswan(lab, "another key of the same length")
    peer.whack("--name", "gw", "--initiate", "--asynchronous", check=False)
    gw.wait_state("Peer", "down", 30, reason="auth-failed")
    peer.stop()
    gw.configure('ipsec site Peer\ntunnel primary\npsk "another key of the same length"')
    peer.start()
    peer.initiate()
    check(lab, gw)
    peer.kill()
    peer.start()
    peer.initiate()
    # it does not say that it starts anew: the old tunnel is given a moment to show that it lives
    wait_for("traffic", lambda: lab.ping("hq", "10.20.0.2", count=1)[1] == 1, 10)
    lab.expect_ping("hq", "10.20.0.2", interval=0.2)
    gw.stop()
    peer.stop()


def scenario_openiked_rekeys(make):
    """openiked's own lifetimes, made short; nothing that is sent gets lost."""
    lab = new_lab(make)
    gw = Ikeshd(lab, "gw", SITE)
    peer = Openiked(lab, PSK, mode="active", suites="", lifetimes="ikelifetime 25 lifetime 10")
    gw.wait_state("Peer", "up", 60)
    lab.expect_ping("hq", "10.20.0.2", count=200, interval=0.25)
    text = gw.show("show ipsec statistics")
    if not re.search(r"ike_child_rekeyed\s+[2-9]", text):
        raise Failure("no rekeying happened:\n" + text)
    gw.stop()
    peer.stop()
