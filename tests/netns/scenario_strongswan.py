# SPDX-License-Identifier: GPL-3.0-or-later
"""The main job against strongSwan, which is configured independently of our code."""
import time

from lab import GW_WAN, HQ_HOST, LAN_HOST, PEER_WAN, Failure, Ikeshd
from strongswan import Charon

PSK = "correct horse battery staple"

RESPONDER = f"""
ipsec site Branch-Lyon
 type branch
 native-range 10.20.0.0/24
 connection-mode responder-only
 authentication-identifier fqdn
 destination primary ipv4 {GW_WAN}
 tunnel primary
  name fiber
  local-id lyon-p1.id.example.net
  psk "{PSK}"
"""

INITIATOR = f"""
ipsec site AWS
 native-range 10.20.0.0/24
 connection-mode bidirectional
 initiate-connection
 tunnel primary
  public-ip {PEER_WAN}
  psk "{PSK}"
"""


def established(make, nat=False, config=RESPONDER, site="Branch-Lyon", **settings):
    lab = make(nat=nat)
    gw = Ikeshd(lab, "gw", config)
    peer = Charon(lab, psk=PSK, **settings)
    return lab, gw, peer, site


def check_traffic(lab):
    lab.expect_ping("hq", LAN_HOST)
    lab.expect_ping("lan", HQ_HOST, size=1300)
    lab.transfer("hq", "lan", LAN_HOST)
    lab.transfer("lan", "hq", HQ_HOST)


def scenario_five_lines(make):
    """Five typed lines on a factory-new box and the peer's own initiation."""
    lab = make()
    gw = Ikeshd(lab, "gw")
    gw.configure(f"""
ipsec site X
native-range 10.20.0.0/24
tunnel primary
public-ip {PEER_WAN}
psk "{PSK}"
""")
    peer = Charon(lab, psk=PSK)
    peer.initiate()
    gw.wait_state("X", "up", 5)
    check_traffic(lab)
    gw.stop()
    peer.stop()


def scenario_responder_behind_nat(make):
    """(a) responder-only, peer behind NAT with FQDN identifier and a dynamic address."""
    lab, gw, peer, site = established(make, nat=True, local_id="lyon-p1.id.example.net")
    peer.initiate()
    gw.wait_state(site, "up", 5)
    check_traffic(lab)
    detail = gw.show(f"show ipsec connection-status site {site} detail")
    if "NAT" not in detail:
        raise Failure("detail does not mention the NAT:\n" + detail)
    gw.stop()
    peer.stop()


def scenario_initiator(make):
    """(b) bidirectional site that we initiate."""
    lab, gw, peer, site = established(make, config=INITIATOR, site="AWS")
    gw.wait_state(site, "up", 95)
    check_traffic(lab)
    peer.expect_children(1)
    gw.stop()
    peer.stop()


def scenario_wrong_psk(make):
    lab = make()
    gw = Ikeshd(lab, "gw", RESPONDER)
    peer = Charon(lab, psk="another key of the same length", local_id="lyon-p1.id.example.net")
    peer.initiate(check=False, timeout=10)
    gw.wait_state("Branch-Lyon", "down", 30, reason="auth-failed")
    peer.load(psk=PSK)
    peer.initiate()
    gw.wait_state("Branch-Lyon", "up", 5)
    gw.stop()
    peer.stop()


def scenario_wrong_psk_as_initiator(make):
    lab = make()
    Charon(lab, psk="another key of the same length")
    gw = Ikeshd(lab, "gw", INITIATOR)
    gw.wait_state("AWS", "down", 30, reason="auth-failed")
    gw.stop()


def rekeys(make, **kw):
    """Three rekeys of the Child SA and one of the IKE SA under traffic, no packet lost."""
    lab, gw, peer, site = established(make, **kw)
    if kw.get("site") != "AWS":
        peer.initiate()
    gw.wait_state(site, "up", 95)
    lab.expect_ping("hq", LAN_HOST)
    ping = lab.start("hq", ["ping", "-n", "-q", "-i", "0.01", "-c", "1500", "-W", "2", LAN_HOST], "ping.log")
    for step in range(3):
        time.sleep(1.5)
        if step % 2 == 0:
            peer.swanctl("--rekey", "--child", "net")
        else:
            gw.show(f"ipsec rekey site {site}")
    time.sleep(1.5)
    peer.swanctl("--rekey", "--ike", "gw")
    time.sleep(1.5)
    peer.swanctl("--rekey", "--child", "net")
    ping.wait(60)
    text = lab.log("ping.log")
    if " 0% packet loss" not in text or "1500 packets transmitted" not in text:
        raise Failure("packets lost over the rekeys:\n" + text + gw.show("show logging"))
    peer.expect_children(1)
    gw.wait_state(site, "up", 2)
    gw.stop()
    peer.stop()


def scenario_rekey_as_responder(make):
    rekeys(make, nat=True, local_id="lyon-p1.id.example.net")


def scenario_rekey_as_initiator(make):
    rekeys(make, config=INITIATOR, site="AWS")


def scenario_dead_peer(make):
    """Killing the peer shows dead-peer within 60 s; the tunnel returns within 90 s of its return."""
    lab, gw, peer, site = established(make, config=INITIATOR, site="AWS")
    gw.wait_state(site, "up", 95)
    peer.stop(kill=True)
    gw.wait_state(site, "down", 62, reason="dead-peer")
    peer.start()
    gw.wait_state(site, "up", 90)
    lab.expect_ping("hq", LAN_HOST)
    gw.stop()


def scenario_restart_restores(make):
    """write, stop, start: the configuration is back and the tunnel comes up again."""
    lab = make()
    gw = Ikeshd(lab, "gw")
    gw.configure(INITIATOR)
    before = gw.show("show running-config")
    gw.show("write memory")
    peer = Charon(lab, psk=PSK)
    gw.wait_state("AWS", "up", 95)
    gw.stop()
    gw.start()
    if gw.show("show running-config") != before:
        raise Failure("running-config differs after the restart")
    gw.wait_state("AWS", "up", 95)
    lab.expect_ping("hq", LAN_HOST)
    gw.stop()
    peer.stop()


IKE_SUITES = [
    ("aes-cbc-128", "sha1", "sha1", 2, "aes128-sha1-modp1024"),
    ("aes-cbc-256", "sha2-256", "sha2-256", 5, "aes256-sha256-modp1536"),
    ("aes-cbc-128", "sha2-384", "sha2-384", 14, "aes128-sha384-modp2048"),
    ("aes-cbc-256", "sha2-512", "sha2-512", 15, "aes256-sha512-modp3072"),
    ("aes-gcm-128", "sha2-256", None, 16, "aes128gcm16-prfsha256-modp4096"),
    ("aes-gcm-256", "sha2-384", None, 19, "aes256gcm16-prfsha384-ecp256"),
    ("aes-gcm-256", "sha2-512", None, 20, "aes256gcm16-prfsha512-ecp384"),
]


def scenario_every_suite(make):
    """(c) each encryption, integrity and PRF algorithm and each DH group once, in IKE and in ESP."""
    lab = make()
    gw = Ikeshd(lab, "gw", INITIATOR.replace(" initiate-connection\n", ""))
    peer = Charon(lab, psk=PSK)
    for encryption, prf, integrity, group, proposal in IKE_SUITES:
        esp = proposal.split("-prf")[0] if integrity is None else "-".join(proposal.split("-")[:2])
        esp += "-" + proposal.split("-")[-1]
        peer.load(ike=proposal, esp=esp)
        lines = f"ipsec site AWS\ninit-parameters\nencryption {encryption}\nprf {prf}\ndh-group {group}\n"
        lines += f"integrity {integrity}\n" if integrity else "integrity automatic\n"
        lines += f"auth-parameters\nencryption {encryption}\ndh-group {group}\n"
        lines += f"integrity {integrity}\n" if integrity else "integrity automatic\n"
        gw.configure(lines)
        gw.show("ipsec initiate site AWS")
        gw.wait_state("AWS", "up", 20)
        lab.expect_ping("hq", LAN_HOST)
        peer.swanctl("--rekey", "--child", "net")
        lab.expect_ping("hq", LAN_HOST, count=20)
        detail = gw.show("show ipsec connection-status site AWS detail")
        if encryption not in detail:
            raise Failure(f"{encryption} is not in\n{detail}")
        gw.show("ipsec terminate site AWS")
        gw.wait_state("AWS", "admin-down", 10)
    gw.stop()
    peer.stop()


def scenario_two_of_ours(make):
    """Two ikeshd with each other; the branch side initiates."""
    lab = make()
    gw = Ikeshd(lab, "gw", f"""
ipsec site Branch
 native-range 10.20.0.0/24
 tunnel primary
  public-ip {PEER_WAN}
  psk "{PSK}"
""")
    branch = Ikeshd(lab, "peer", f"""
ipsec site Gateway
 native-range 10.0.0.0/24
 connection-mode bidirectional
 initiate-connection
 tunnel primary
  public-ip {GW_WAN}
  psk "{PSK}"
""")
    gw.wait_state("Branch", "up", 95)
    branch.wait_state("Gateway", "up", 5)
    check_traffic(lab)
    branch.stop()
    gw.wait_state("Branch", "down", 5, reason="peer-deleted")
    gw.stop()
