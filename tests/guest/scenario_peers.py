# SPDX-License-Identifier: GPL-3.0-or-later
"""libreswan and openiked with kernel ESP against ikeshd."""
from lab import PEER_WAN, Ikeshd
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
