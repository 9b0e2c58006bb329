# SPDX-License-Identifier: GPL-3.0-or-later
"""New keys, against strongSwan: by both sides, with and without PFS, at once, by lifetime, by
re-authentication; nothing that is sent meanwhile gets lost."""
import subprocess
import time

from interop import CHILD, INFO, against, site
from lab import GW_WAN, PEER_WAN, Failure, wait_for


def rekey_us(c):
    c.gw.show("ipsec rekey site Peer")


def rekey_us_ike(c):
    c.gw.show("ipsec rekey site Peer ike")


def rekey_peer(c):
    c.peer.swanctl("--rekey", "--child", "net")


def rekey_peer_ike(c):
    c.peer.swanctl("--rekey", "--ike", "gw")


def at_once(c, ours, theirs, delay=0):
    """Both begin in the same moment, as well as processes can be started; the peer later by delay."""
    first = subprocess.Popen([f"{c.lab.bin}/ikesh", "--socket", c.gw.socket, "-c", ours], stdout=subprocess.DEVNULL)
    time.sleep(delay)
    theirs(c)
    first.wait(20)


def scenario_without_pfs(make):
    """The peer never wants a group for Child SAs."""
    with against(make, site(initiate=True), esp="aes256gcm16") as c:
        for by in ("peer", "us"):
            c.up(by)
            ping = c.pinging(200)
            for rekey in (rekey_us, rekey_peer, rekey_us_ike, rekey_us, rekey_peer_ike, rekey_peer):
                rekey(c)
                time.sleep(0.4)
            c.lossless(ping)
            c.expect_one()
            c.down()


def scenario_with_pfs(make):
    """The peer insists on a group that is not our first: INVALID_KE_PAYLOAD once, then never again."""
    with against(make, site(initiate=True), esp="aes256gcm16-modp2048") as c:
        for by in ("peer", "us"):
            c.up(by)
            ping = c.pinging(250)
            for rekey in (rekey_us, rekey_peer, rekey_us_ike, rekey_us, rekey_peer_ike, rekey_peer):
                rekey(c)
                time.sleep(0.6)
            c.lossless(ping)
            c.expect_one()
            c.down()
    c.capture.expect(PEER_WAN, (CHILD, True, ["Security Association", "Key Exchange", "Traffic Selector - Initiator"]))
    refused = [m for m in c.capture.messages() if m.source == PEER_WAN and "Notify INVALID_KE_PAYLOAD" in m.inner]
    if len(refused) > 2:
        raise Failure("the group in use is not offered first:\n" + "\n".join(map(str, refused)))


def scenario_pfs_by_configuration(make):
    """dh-group 14 for Child SAs on our side, several on the peer's."""
    with against(make, site("auth-parameters", " dh-group 14", initiate=True), esp="aes256gcm16-ecp256-modp2048") as c:
        c.up("us")
        rekey_us(c)
        time.sleep(0.5)
        rekey_peer(c)
        time.sleep(0.5)
        c.expect_one()
        c.traffic()
        c.gw.show("show ipsec sa site Peer")


def scenario_child_collisions(make):
    """Both rekey the Child SA at once, over and over: one pair remains, no packet is lost."""
    with against(make, site(initiate=True)) as c:
        c.up("us")
        ping = c.pinging(400)
        for _ in range(8):
            at_once(c, "ipsec rekey site Peer", rekey_peer)
            time.sleep(0.4)
        c.lossless(ping)
        c.expect_one()
        c.traffic()


def scenario_ike_collisions(make):
    """Both rekey the IKE SA at once; one survives with the Child SA."""
    with against(make, site(initiate=True)) as c:
        c.up("us")
        ping = c.pinging(400)
        for _ in range(8):
            at_once(c, "ipsec rekey site Peer ike", rekey_peer_ike)
            time.sleep(0.5)
        c.lossless(ping)
        c.expect_one()
        rekey_us(c)
        time.sleep(0.5)
        c.expect_one()
        c.traffic()


def scenario_mixed_collisions(make):
    """The IKE SA by one side while the other rekeys the Child SA: TEMPORARY_FAILURE, then done."""
    with against(make, site(initiate=True)) as c:
        c.up("us")
        ping = c.pinging(500)
        for _ in range(4):
            at_once(c, "ipsec rekey site Peer", rekey_peer_ike)
            time.sleep(0.5)
            at_once(c, "ipsec rekey site Peer ike", rekey_peer)
            time.sleep(0.5)
        c.lossless(ping)
        c.expect_one()
        c.traffic()


def scenario_short_lifetimes(make):
    """Lifetimes of the peer of a few seconds: it rekeys all the time."""
    with against(make, site(), child_rekey="2s", ike_rekey="5s", connection="over_time = 30s\n rand_time = 1s",
                 child="life_time = 60s\n rand_time = 0s") as c:
        c.up()
        ping = c.pinging(600)
        c.lossless(ping)
        c.expect_one()
    rekeys = [m for m in c.capture.messages() if m.exchange == CHILD and m.response]
    if len(rekeys) < 6:
        raise Failure(f"only {len(rekeys)} rekeys")


def reauthenticates(make, before, allowed):
    with against(make, site(), ike_rekey="0s", connection="reauth_time = 3s\n over_time = 5s\n rand_time = 1s",
                 extra=f"make_before_break = {before}") as c:
        c.up()
        ping = c.pinging(500)
        c.lossless(ping, allowed)
        c.gw.wait_state("Peer", "up", 3)
        wait_for("one pair", lambda: len(c.children()) == 1, 10)
        c.traffic()
        events = c.gw.show("show logging")
    return events


def scenario_reauthentication(make):
    """Make before break: the new IKE SA comes before the old one goes; nothing is lost, no alarm."""
    events = reauthenticates(make, "yes", 0)
    if "LINK_DOWN" in events.rsplit("LINK_UP", 1)[0]:
        raise Failure("the link went down for a re-authentication:\n" + events)


def scenario_reauthentication_with_break(make):
    """Break before make: the peer deletes first; a moment is lost, not more."""
    reauthenticates(make, "no", 60)


def scenario_childless(make):
    """RFC 6023: the peer makes the IKE SA without a Child SA, and that later."""
    with against(make, site(initiate=True), connection="childless = force") as c:
        c.up()
        c.traffic()
        rekey_us(c)
        time.sleep(0.5)
        c.expect_one()
        c.traffic()


def scenario_delete_crossing(make):
    """Both delete at once; then it comes up again."""
    with against(make, site(initiate=True)) as c:
        for delay in (0, 0.005, 0.01, 0.02, 0.04):
            c.up("us")
            at_once(c, "clear ipsec sa site Peer",
                    lambda c: c.peer.swanctl("--terminate", "--ike", "gw", check=False), delay)
            c.gw.wait_state("Peer", "down", 5)
            wait_for("strongSwan is clean", lambda: "gw:" not in c.peer.sas(), 10)
    c.capture.expect(GW_WAN, (INFO, False, ["Delete"]))
