# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is who, against strongSwan: identities, keys, refusals and the reasons that we name."""
from interop import AUTH, INFO, INIT, PSK, against, site
from lab import GW_WAN, PEER_WAN, Failure

IDENTITIES = [("ipv4", PEER_WAN, PEER_WAN), ("fqdn", "fw.lyon.example.net", "fqdn:fw.lyon.example.net"),
              ("email", "fw@example.net", "email:fw@example.net"), ("key-id", "lyon-42", "keyid:lyon-42")]


def scenario_identities(make):
    """Each type of identity, the peer beginning and we."""
    with against(make, site(initiate=True)) as c:
        for kind, ours, theirs in IDENTITIES:
            lines = ["ipsec site Peer", "authentication-identifier ipv4", "tunnel primary", "no local-id", "exit",
                     f"authentication-identifier {kind}", "tunnel primary"]
            lines += [f"local-id {ours}"] if kind != "ipv4" else []
            c.gw.configure("\n".join(lines))
            c.peer.load(local_id=theirs)
            for by in ("peer", "us"):
                c.up(by)
                c.lab.expect_ping("hq", "10.20.0.2", count=2)
                c.down()


def scenario_own_identity(make):
    """own-id on our side, asked for by the peer (IDr) and presented when we begin."""
    with against(make, site(initiate=True, tunnel=["own-id fqdn pop1.example.net"]),
                 remote_id="fqdn:pop1.example.net") as c:
        c.up()
        c.traffic()
        c.down()
        c.up("us")
        c.traffic()


def scenario_long_keys(make):
    """64 octets, the block size of HMAC-SHA-256, and 63; every printable character."""
    with against(make, site(initiate=True)) as c:
        for psk in ("x" * 63, "0123456789abcdef" * 4, "a.B_9!$%&/()=?+*#'-:;,<>|{}[]^~@"):
            c.gw.configure(f'ipsec site Peer\ntunnel primary\npsk "{psk}"')
            c.peer.load(psk=psk)
            for by in ("peer", "us"):
                c.up(by)
                c.down()


def scenario_psk_fail(make):
    """The wrong key in both roles: reason and hint, right after repair."""
    with against(make, site(initiate=True), psk="another key of the same length") as c:
        c.peer.initiate(check=False, timeout=10)
        c.gw.wait_state("Peer", "down", 10, reason="auth-failed")
        c.expect_detail("auth-failed", "does not fit our pre-shared key")
        c.gw.show("ipsec initiate site Peer")
        c.gw.wait_state("Peer", "down", 10, reason="auth-failed")
        c.peer.load(psk=PSK)
        c.up()
        c.traffic()
    c.capture.expect(GW_WAN, (AUTH, True, ["Notify AUTHENTICATION_FAILED"]))


def scenario_wrong_peer_id(make):
    """The peer presents another identity than configured: both are named, remote-id repairs it."""
    with against(make, site(initiate=True), local_id="fqdn:private.fw.example.net") as c:
        c.peer.initiate(check=False, timeout=10)
        c.gw.wait_state("Peer", "down", 10, reason="id-mismatch")
        c.expect_detail("private.fw.example.net", PEER_WAN)
        c.gw.show("ipsec initiate site Peer")
        c.gw.wait_state("Peer", "down", 10, reason="id-mismatch")
        c.expect_detail("private.fw.example.net")
        c.gw.configure("ipsec site Peer\ntunnel primary\nremote-id fqdn private.fw.example.net")
        c.up()
        c.traffic()
    c.capture.expect(GW_WAN, (AUTH, True, ["Notify AUTHENTICATION_FAILED"]),
                     (INFO, False, ["Notify AUTHENTICATION_FAILED", "Delete"]))


def scenario_peer_expects_another_id(make):
    """strongSwan wants us to be somebody else."""
    with against(make, site(initiate=True), remote_id="fqdn:somebody.example.net") as c:
        c.gw.show("ipsec initiate site Peer")
        c.gw.wait_state("Peer", "down", 15, reason="auth-failed")
        c.expect_detail("AUTHENTICATION_FAILED")
        c.peer.initiate(check=False, timeout=10)
        c.gw.wait_state("Peer", "down", 15)
        c.gw.configure("ipsec site Peer\ntunnel primary\nown-id fqdn somebody.example.net")
        c.up()
        c.traffic()


def scenario_two_tunnels_one_address(make):
    """Two identities behind one address: INITIAL_CONTACT of one does not touch the other."""
    config = (site("authentication-identifier fqdn", name="A", remote=None, tunnel=["local-id a.example.net"])
              + site("authentication-identifier fqdn", name="B", remote=None, psk="the key of tunnel B, not of A",
                     tunnel=["local-id b.example.net"], native="10.21.0.0/24"))
    with against(make, config, name="A", local_id="a.example.net") as c:
        c.lab.address("peer", "lo", "10.21.0.1/24")
        c.up()
        c.peer.load(local_id="b.example.net", psk="the key of tunnel B, not of A", local_ts="10.21.0.0/24",
                    name="other")
        c.peer.initiate("other")
        c.gw.wait_state("B", "up", 5)
        c.gw.wait_state("A", "up", 1)
        c.traffic()
        c.peer.stop(kill=True)
        c.peer.start()
        c.peer.initiate("other")
        c.gw.wait_state("B", "up", 5)
        if c.gw.tunnel("A")["state"] != "up":
            raise Failure("tunnel A fell with INITIAL_CONTACT of B")


def scenario_wrong_proposal(make):
    """Nothing in common in IKE_SA_INIT: the offer of the peer is shown, in both roles."""
    lines = ["init-parameters", " encryption aes-gcm-256", " dh-group 20"]
    with against(make, site(*lines, initiate=True), ike="aes128-sha256-modp2048") as c:
        c.peer.initiate(check=False, timeout=10)
        c.gw.wait_state("Peer", "down", 10, reason="no-proposal-chosen")
        c.expect_detail("aes-cbc-128", "aes-gcm-256")
        c.gw.show("ipsec initiate site Peer")
        c.gw.wait_state("Peer", "down", 15, reason="no-proposal-chosen")
        c.expect_detail("NO_PROPOSAL_CHOSEN")
        c.gw.configure("ipsec site Peer\ninit-parameters\nno encryption\nno dh-group")
        c.up()
        c.traffic()
    c.capture.expect(GW_WAN, (INIT, True, ["Notify NO_PROPOSAL_CHOSEN"]))


def scenario_wrong_child_proposal(make):
    """Nothing in common for the Child SA: the IKE SA stays, the reason is shown, repair needs no restart."""
    lines = ["auth-parameters", " encryption aes-gcm-256"]
    with against(make, site(*lines, initiate=True), esp="aes128-sha256") as c:
        c.peer.initiate(check=False, timeout=10)
        c.gw.wait_state("Peer", "down", 10, reason="no-proposal-chosen")
        c.gw.configure("ipsec site Peer\nauth-parameters\nno encryption")
        c.peer.swanctl("--terminate", "--ike", "gw", check=False)
        c.up()
        c.traffic()
    c.capture.expect(GW_WAN, (AUTH, True, ["Authentication", "Notify NO_PROPOSAL_CHOSEN"]))


def scenario_wrong_child_proposal_as_initiator(make):
    lines = ["auth-parameters", " encryption aes-gcm-256"]
    with against(make, site(*lines, initiate=True), esp="aes128-sha256") as c:
        c.gw.show("ipsec initiate site Peer")
        c.gw.wait_state("Peer", "down", 10, reason="no-proposal-chosen")
        c.expect_detail("NO_PROPOSAL_CHOSEN")


def scenario_unknown_peer(make):
    """An identity that nobody has configured is named."""
    with against(make, site("authentication-identifier fqdn", remote=None, tunnel=["local-id a.example.net"]),
                 local_id="fqdn:stranger.example.net") as c:
        c.peer.initiate(check=False, timeout=10)
        if "stranger.example.net" not in c.gw.show("show ipsec connection-status"):
            raise Failure("the stranger is not named:\n" + c.gw.show("show ipsec connection-status"))
        c.peer.load(local_id="fqdn:a.example.net")
        c.up()
        c.traffic()


PPK = "a postquantum key that is long enough"


def scenario_ppk(make):
    """A postquantum preshared key with strongSwan, both roles: used when both have it, also over a
    rekeying; with another key nothing comes up, and the reason says so; required on one side only."""
    with against(make, site(initiate=True, tunnel=[f'ppk id lyon key "{PPK}"']),
                 connection="ppk_id = lyon\n    ppk_required = yes", ppk=PPK) as c:
        for by in ("peer", "us"):
            c.up(by)
            c.traffic()
            if "with a postquantum preshared key" not in c.gw.show("show ipsec sa"):
                raise Failure(c.gw.show("show ipsec sa"))
            if "using PPK for PPK_ID" not in c.peer.log():
                raise Failure("strongSwan does not use the PPK")
            c.gw.show("ipsec rekey site Peer ike")
            c.traffic()
            c.down()
        c.gw.configure('ipsec site Peer\ntunnel primary\nppk id lyon key "another postquantum key, as long as it"')
        c.peer.initiate(check=False, timeout=10)
        c.gw.wait_state("Peer", "down", 10, reason="auth-failed")
        c.gw.configure(f'ipsec site Peer\ntunnel primary\nppk id lyon key "{PPK}"\nppk required')
        c.peer.load(connection="")
        c.peer.initiate(check=False, timeout=10)
        c.expect_detail("does not use the postquantum preshared key")
        c.gw.configure("ipsec site Peer\ntunnel primary\nno ppk required")
        c.up()
        c.traffic()
        if "with a postquantum" in c.gw.show("show ipsec sa"):
            raise Failure("a PPK in use that the peer does not have")
