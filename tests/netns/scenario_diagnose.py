# SPDX-License-Identifier: GPL-3.0-or-later
"""Misconfigurations and path faults at a real strongSwan: what the status says of each.

CASES is the table: what is wrong, where it is shown, the reason and cause in JSON, what the detail
must name, and what strongSwan's own log says of the same fault.
"""
import os
import re
import time

from lab import GW_WAN, HQ_HOST, LAN_HOST, PEER_PRIVATE, PEER_WAN, Failure, Ikeshd, wait_for
from strongswan import Charon

PSK = "correct horse battery staple"
LIMIT = 30  # seconds until the status must say it

SITE = f"""
ipsec site Lyon
 native-range 10.20.0.0/24
 network-range hq:10.0.0.0/24
 connection-mode bidirectional
 init-parameters
  encryption aes-cbc-256
  integrity sha2-256
  prf sha2-256
  dh-group 14
 auth-parameters
  encryption aes-gcm-256
  dh-group 14
 tunnel primary
  public-ip {PEER_WAN}
  psk "{PSK}"
"""
GOOD = {"ike": "aes256-sha256-modp2048", "esp": "aes256gcm16-modp2048", "psk": PSK, "connection": "",
        "child": "", "local_id": PEER_WAN, "remote_id": GW_WAN, "local_ts": "10.20.0.0/24",
        "remote_ts": "10.0.0.0/24", "ike_rekey": "4h", "child_rekey": "1h"}


class Case:
    def __init__(self, what, reason, cause, names, log, who="peer", state="down", **peer):
        self.what, self.reason, self.cause = what, reason, cause
        self.names = [names] if isinstance(names, str) else names
        self.log, self.who, self.state, self.peer = log, who, state, peer


CASES = [
    # ---- keys and identities; the peer initiates, then we do
    Case("wrong key", "auth-failed", "psk-mismatch", ["Noticed  *here", "AUTH of the peer does not fit"],
         "received AUTHENTICATION_FAILED", psk="another key of the same length"),
    Case("wrong key", "auth-failed", "refused-by-peer", "Noticed  *by the peer",
         "tried 1 shared key.*but MAC mismatched", who="here", psk="another key of the same length"),
    Case("identity is a name", "id-mismatch", "id-value",
         ["! type  *ipv4  *fqdn", "lyon.example.net", "its key is right"],
         "received AUTHENTICATION_FAILED", local_id="lyon.example.net"),
    Case("identity is a name", "id-mismatch", "id-value", "! type  *ipv4  *fqdn", "DELETE|AUTH", who="here",
         local_id="lyon.example.net"),
    Case("identity is an e-mail address", "id-mismatch", "id-value", "! type  *ipv4  *email",
         "received AUTHENTICATION_FAILED", local_id="email:ops@example.net"),
    Case("identity is the address as a name", "id-mismatch", "id-type", "! type  *ipv4  *fqdn",
         "received AUTHENTICATION_FAILED", local_id=f"fqdn:{PEER_WAN}"),
    Case("identity is the address as key-id", "id-mismatch", "id-type", "! type  *ipv4  *key-id",
         "received AUTHENTICATION_FAILED", local_id=f"keyid:{PEER_WAN}"),
    Case("identity is another address", "id-mismatch", "id-value", "! value .*198.51.100.99",
         "received AUTHENTICATION_FAILED", local_id="198.51.100.99"),
    Case("identity is a private address", "id-mismatch", "id-private-address",
         ["192.168.1.2", "remote-id ipv4"], "received AUTHENTICATION_FAILED", local_id="192.168.1.2"),
    Case("peer expects another identity of ours", "id-mismatch", "own-id",
         ["identity of this appliance|Identity of this appliance", "gw.example.net"],
         "received AUTHENTICATION_FAILED", remote_id="gw.example.net"),
    Case("peer expects another identity of ours", "auth-failed", "refused-by-peer", "own-id",
         "no matching peer config|AUTH_FAILED", who="here", remote_id="gw.example.net"),
    # ---- algorithms of the IKE SA
    Case("IKE encryption", "no-proposal-chosen", "ike-algorithms", "! encryption  *aes-cbc-256  *aes-cbc-128",
         "received NO_PROPOSAL_CHOSEN", ike="aes128-sha256-modp2048"),
    Case("IKE encryption is AES-GCM", "no-proposal-chosen", "ike-algorithms",
         "! encryption  *aes-cbc-256  *aes-gcm-256", "received NO_PROPOSAL_CHOSEN",
         ike="aes256gcm16-prfsha256-modp2048"),
    Case("IKE integrity", "no-proposal-chosen", "ike-algorithms", "! integrity  *sha2-256  *sha2-384",
         "received NO_PROPOSAL_CHOSEN", ike="aes256-sha384-prfsha256-modp2048"),
    Case("IKE PRF", "no-proposal-chosen", "ike-algorithms", "! prf  *sha2-256  *sha2-512",
         "received NO_PROPOSAL_CHOSEN", ike="aes256-sha256-prfsha512-modp2048"),
    Case("IKE DH group", "no-proposal-chosen", "ike-algorithms", "! dh-group  *dh14  *dh20",
         "received NO_PROPOSAL_CHOSEN", ike="aes256-sha256-ecp384"),
    Case("IKE encryption", "no-proposal-chosen", "ike-algorithms-refused",
         ["! encryption  *aes-cbc-256  *aes-cbc-128", "  integrity  *sha2-256  *sha2-256"],
         "received proposals unacceptable", who="here", ike="aes128-sha256-modp2048"),
    Case("IKE encryption is AES-GCM", "no-proposal-chosen", "ike-algorithms-refused",
         "! encryption  *aes-cbc-256  *aes-gcm-256", "received proposals unacceptable", who="here",
         ike="aes256gcm16-prfsha256-modp2048"),
    Case("IKE integrity", "no-proposal-chosen", "ike-algorithms-refused",
         ["! integrity  *sha2-256  *sha2-384", "integrity differs: here sha2-256, peer sha2-384"],
         "received proposals unacceptable", who="here", ike="aes256-sha384-prfsha256-modp2048"),
    Case("IKE PRF", "no-proposal-chosen", "ike-algorithms-refused", "! prf  *sha2-256  *sha2-512",
         "received proposals unacceptable", who="here", ike="aes256-sha256-prfsha512-modp2048"),
    Case("IKE DH group", "no-proposal-chosen", "ike-algorithms-refused",
         ["! dh-group  *dh14  *dh20", "  encryption  *aes-cbc-256  *aes-cbc-256"],
         "received proposals unacceptable", who="here", ike="aes256-sha256-ecp384"),
    Case("IKE DH group that we do not have", "no-proposal-chosen", "ike-algorithms-refused",
         "! dh-group  *dh14  *dh21", "received proposals unacceptable", who="here", ike="aes256-sha256-ecp521"),
    Case("all of IKE", "no-proposal-chosen", "ike-algorithms-refused",
         ["! encryption  *aes-cbc-256  *3des", "! dh-group  *dh14  *dh2"],
         "received proposals unacceptable", who="here", ike="3des-sha1-modp1024"),
    # ---- algorithms of the Child SA
    Case("ESP encryption", "no-proposal-chosen", "child-algorithms", "! encryption  *aes-gcm-256  *aes-gcm-128",
         "received NO_PROPOSAL_CHOSEN", esp="aes128gcm16-modp2048"),
    Case("ESP encryption is AES-CBC", "no-proposal-chosen", "child-algorithms",
         "! encryption  *aes-gcm-256  *aes-cbc-256", "received NO_PROPOSAL_CHOSEN", esp="aes256-sha256-modp2048"),
    Case("ESP encryption", "no-proposal-chosen", "child-algorithms-refused", "auth-parameters",
         "no acceptable ENCRYPTION_ALGORITHM found|received proposals unacceptable", who="here",
         esp="aes128gcm16-modp2048"),
    # ---- traffic selectors
    Case("network behind the peer", "ts-unacceptable", "selectors",
         "! networks of the peer  *10.20.0.0/24  *192.168.77.0/24", "received TS_UNACCEPTABLE",
         local_ts="192.168.77.0/24"),
    Case("network behind us", "ts-unacceptable", "selectors", "! networks here  *10.0.0.0/24  *172.30.0.0/16",
         "received TS_UNACCEPTABLE", remote_ts="172.30.0.0/16"),
    Case("network behind the peer", "ts-unacceptable", "selectors-refused", "10.20.0.0/24",
         "traffic selectors .* unacceptable", who="here", local_ts="192.168.77.0/24"),
]


def check(gw, case, since):
    def there():
        t = gw.tunnel("Lyon")
        return (t["state"], t["reason"], t["cause"]) == (case.state, case.reason, case.cause)
    try:
        wait_for(f"{case.what} ({case.who}): {case.reason} {case.cause}", there, LIMIT - (time.monotonic() - since), 0.2)
    except Failure as f:
        raise Failure(f"{f}\n{gw.show('show ipsec connection-status detail')}{gw.show('show logging')}") from None
    detail = gw.show("show ipsec connection-status site Lyon detail")
    for name in case.names:
        if not re.search(name, detail):
            raise Failure(f"{case.what} ({case.who}): {name} is not in\n{detail}")
    return detail


def log_since(peer, at):
    return peer.log()[at:]


def table(make, who):
    lab = make()
    gw = Ikeshd(lab, "gw", SITE)
    # One fault follows the other within a second: half-open IKE SAs must not add up.
    peer = Charon(lab, **{**GOOD, "extra": "half_open_timeout = 1\n  block_threshold = 99"})
    failures, lines, verbose = [], [], []
    for case in [c for c in CASES if c.who == who]:
        gw.configure("no ipsec site Lyon")
        peer.swanctl("--terminate", "--ike", "gw", "--timeout", "3", check=False)
        peer.load(**{**GOOD, **case.peer})
        gw.configure(SITE)
        at, since = len(peer.log()), time.monotonic()
        if who == "peer":
            peer.initiate(check=False, timeout=8)
        else:
            gw.show("ipsec initiate site Lyon")
        try:
            detail = check(gw, case, since)
            theirs = re.search(case.log, log_since(peer, at))
            lines.append(f"{case.what} | {case.reason} | {case.cause} | {theirs and theirs.group(0)}")
            if not theirs:
                failures.append(f"{case.what} ({who}): strongSwan's log lacks {case.log}\n{log_since(peer, at)[-1500:]}")
            verbose.append(detail)
        except Failure as f:
            failures.append(str(f))
    print("\n".join(lines))
    if os.environ.get("SHOW"):
        print("\n".join(verbose))
    if failures:
        raise Failure(f"{len(failures)} of {len(lines) + len(failures)} cases:\n" + "\n----\n".join(failures))
    gw.stop()
    peer.stop()


def scenario_misconfigured_peer_initiates(make):
    table(make, "peer")


def scenario_misconfigured_peer_answers(make):
    table(make, "here")


# ---- What diagnose says is what mends it ---------------------------------------------------------

MENDED = [
    ("identity", {"local_id": "lyon.example.net"}),
    ("identity type", {"local_id": f"keyid:{PEER_WAN}"}),
    ("IKE encryption", {"ike": "aes128-sha256-modp2048"}),
    ("IKE PRF and DH group", {"ike": "aes256-sha256-prfsha512-ecp384"}),
    ("IKE AES-GCM", {"ike": "aes256gcm16-prfsha256-modp2048"}),
    ("ESP encryption", {"esp": "aes128gcm16-modp2048"}),
    ("ESP AES-CBC", {"esp": "aes256-sha256-modp2048"}),
    ("network of the peer", {"local_ts": "192.168.77.0/24"}),
    ("network here", {"remote_ts": "172.30.0.0/16"}),
]


def scenario_commands_of_diagnose_mend(make):
    """The configuration lines of the first finding are typed as they are; then the tunnel comes up."""
    lab = make()
    lab.address("peer", "lo", "192.168.77.1/24")
    gw = Ikeshd(lab, "gw", SITE)
    peer = Charon(lab, **{**GOOD, "extra": "half_open_timeout = 1\n  block_threshold = 99"})
    for what, settings in MENDED:
        gw.configure("no ipsec site Lyon")
        peer.swanctl("--terminate", "--ike", "gw", "--timeout", "3", check=False)
        peer.load(**{**GOOD, **settings})
        gw.configure(SITE)
        peer.initiate(check=False, timeout=8)
        first = gw.json("show ipsec diagnose site Lyon")["findings"][0]
        lines = [line.replace("LABEL", "added") for line in first["commands"]]
        if not lines:
            raise Failure(f"{what}: no commands in {first}")
        gw.configure("\n".join(lines))
        peer.swanctl("--terminate", "--ike", "gw", "--timeout", "3", check=False)
        peer.initiate(check=False, timeout=8)
        gw.wait_state("Lyon", "up", 5)
        print(f"{what} | {'; '.join(line.strip() for line in lines[1:])}")
    peer.stop()
    gw.stop()


def scenario_packet_size(make):
    """A hole in the path: found through the tunnel, where private addresses are configured."""
    lab = make()
    gw = Ikeshd(lab, "gw", SITE.replace("  psk", "  private-ip pop 169.254.21.2 site 169.254.21.1\n  psk").replace(
        " tunnel primary", " network-range bgp:169.254.21.2/32\n network bgp 169.254.21.1/32\n tunnel primary"))
    lab.address("peer", "lo", "169.254.21.1/32")
    peer = Charon(lab, **{**GOOD, "local_ts": "10.20.0.0/24,169.254.21.1/32",
                          "remote_ts": "10.0.0.0/24,169.254.21.2/32"})
    peer.initiate()
    gw.wait_state("Lyon", "up", 5)
    lab.expect_ping("hq", LAN_HOST)
    text = gw.show("show ipsec diagnose site Lyon")
    if "packets of 1400 octets pass" not in text or "(3 of 3)" not in text:
        raise Failure(text)
    fault(lab, "meta length > 1200 drop")
    found = gw.json("show ipsec diagnose site Lyon")["findings"][0]
    if found["check"] != "packet size" or "1000 octets pass" not in found["text"]:
        raise Failure(str(found))
    fault(lab, "")
    lab.run("peer", ["ip", "addr", "del", "169.254.21.1/32", "dev", "lo"])
    found = gw.json("show ipsec diagnose site Lyon")["findings"][0]
    if found["check"] != "inner reachability":
        raise Failure(str(found))
    peer.stop()
    gw.stop()


# ---- Faults of the path --------------------------------------------------------------------------

FAULTS = """table inet fault {{
 chain c {{ type filter hook {hook} priority 0;
 {rules}
 }}
}}
"""


def fault(lab, rules, name="inet", hook="forward"):
    """Rules on the router between both sides (or at one of them) instead of the previous ones."""
    lab.run(name, ["nft", "delete", "table", "inet", "fault"], check=False)
    if rules:
        lab.nft(name, FAULTS.format(rules=rules, hook=hook))


def expect(gw, what, reason, cause, names=(), state="down"):
    """The status says so within the limit, and the detail names what it shall."""
    at = time.monotonic()
    detail = check(gw, Case(what, reason, cause, list(names), "", state=state), at)
    print(f"{what} | {reason} | {cause} | {time.monotonic() - at:.0f} s")
    if os.environ.get("SHOW"):
        print(detail)


def scenario_path_blocked_when_we_initiate(make):
    lab = make()
    gw = Ikeshd(lab, "gw", SITE)

    def again():
        gw.configure("no ipsec site Lyon")
        gw.configure(SITE)
        gw.show("ipsec initiate site Lyon")

    again()
    expect(gw, "no IKE at the peer", "no-response", "port-unreachable",
           [f"ICMP port unreachable from {PEER_WAN}"])
    peer = Charon(lab, **GOOD)
    fault(lab, "udp dport 500 drop")
    again()
    expect(gw, "UDP 500 dropped", "no-response", "silent", ["no answer to IKE_SA_INIT after 2"])
    fault(lab, "udp dport 500 reject with icmpx admin-prohibited")
    again()
    expect(gw, "UDP 500 rejected by a firewall", "no-response", "prohibited", ["ICMP .*prohibited from 203.0.113.1"])
    fault(lab, "ip daddr 198.51.100.21 reject with icmp host-unreachable")
    again()
    expect(gw, "host unreachable", "no-response", "host-unreachable", ["ICMP host unreachable from 203.0.113.1"])
    fault(lab, "")
    lab.run("gw", ["ip", "route", "replace", "unreachable", "198.51.100.0/24"])
    again()
    expect(gw, "no route", "no-response", "no-route", ["this machine cannot send"])
    lab.run("gw", ["ip", "route", "del", "unreachable", "198.51.100.0/24"])
    lab.route("gw", "198.51.100.0/24", "203.0.113.1")
    fault(lab, "udp dport 4500 drop")
    again()
    expect(gw, "UDP 4500 dropped", "no-response", "port-4500-blocked", ["IKE_SA_INIT on port 500 was answered"])
    fault(lab, "")
    peer.stop()
    gw.stop()


def scenario_path_blocked_when_the_peer_initiates(make):
    lab = make()
    gw = Ikeshd(lab, "gw", SITE.replace("bidirectional", "responder-only"))
    peer = Charon(lab, **GOOD)
    expect(gw, "the peer never initiates", "waiting-for-peer", None, ["peer has to initiate"])
    fault(lab, "udp dport 500 drop")
    peer.initiate(check=False, timeout=2)
    expect(gw, "UDP 500 dropped", "waiting-for-peer", None, ["nothing has come from it"])
    fault(lab, "udp dport 4500 drop")
    peer.swanctl("--terminate", "--ike", "gw", "--timeout", "1", check=False)
    peer.initiate(check=False, timeout=2)
    expect(gw, "UDP 4500 dropped", "no-response", "auth-missing", ["its IKE_AUTH has not come on UDP port 4500"])
    fault(lab, "")
    peer.stop()
    gw.stop()


def scenario_ikev1_peer(make):
    lab = make()
    gw = Ikeshd(lab, "gw", SITE)
    peer = Charon(lab, **{**GOOD, "connection": "aggressive = no"})
    path = os.path.join(peer.dir, "swanctl.conf")
    with open(path) as f:
        text = f.read().replace("version = 2", "version = 1")
    with open(path, "w") as f:
        f.write(text)
    peer.swanctl("--load-all", "--file", path)
    peer.initiate(check=False, timeout=2)
    expect(gw, "IKEv1 peer initiates", "ikev1-peer", "ikev1-only", ["Main Mode", "IKE version .* IKEv2"])
    gw.configure("no ipsec site Lyon")
    gw.configure(SITE)
    gw.show("ipsec initiate site Lyon")
    expect(gw, "IKEv1 peer answers", "no-proposal-chosen", "no-connection", ["refuses every other algorithm"])
    peer.stop()
    gw.stop()


def scenario_peer_closes_at_once(make):
    lab = make()
    gw = Ikeshd(lab, "gw", SITE)
    peer = Charon(lab, **GOOD)
    peer.initiate()
    gw.wait_state("Lyon", "up", 5)
    peer.swanctl("--terminate", "--ike", "gw")
    expect(gw, "peer deletes at once", "peer-deleted", "deleted-at-once", ["ms after the IKE SA came up"])
    peer.initiate()
    gw.wait_state("Lyon", "up", 5)
    peer.swanctl("--terminate", "--child", "net")
    expect(gw, "peer deletes the Child SA", "peer-deleted", "child-deleted", ["Child SA"])
    peer.stop()
    gw.stop()


def scenario_rekeying_fails(make):
    """The first Child SA has no DH group on the wire: a wrong one shows when it is rekeyed."""
    lab = make()
    gw = Ikeshd(lab, "gw", SITE)
    peer = Charon(lab, **{**GOOD, "esp": "aes256gcm16-ecp384"})
    peer.initiate()
    gw.wait_state("Lyon", "up", 5)
    peer.swanctl("--rekey", "--child", "net", check=False)
    expect(gw, "PFS group, the peer rekeys", "no-proposal-chosen", "rekey-dh-group",
           ["! dh-group  *dh14  *dh20", "rekey"], state="up")
    gw.configure("no ipsec site Lyon")
    peer.load(esp="aes256gcm16-ecp384")
    gw.configure(SITE)
    peer.initiate(check=False)
    gw.wait_state("Lyon", "up", 5)
    gw.show("ipsec rekey site Lyon")
    expect(gw, "PFS group, we rekey", "no-proposal-chosen", "rekey-dh-group",
           ["peer refuses dh-group 14 when a Child SA was to be rekeyed"], state="up")
    lab.expect_ping("hq", LAN_HOST)
    peer.swanctl("--terminate", "--ike", "gw")
    peer.load(esp=GOOD["esp"])
    peer.initiate()
    gw.wait_state("Lyon", "up", 5)
    gw.show("ipsec rekey site Lyon")
    time.sleep(1)
    if gw.tunnel("Lyon")["reason"] is not None:
        raise Failure("still blamed:\n" + gw.show("show ipsec connection-status detail"))
    peer.stop()
    gw.stop()


def scenario_key_changed_at_reauthentication(make):
    lab = make()
    gw = Ikeshd(lab, "gw", SITE)
    peer = Charon(lab, **GOOD)
    peer.initiate()
    gw.wait_state("Lyon", "up", 5)
    peer.load(psk="a new key that nobody told us")
    peer.swanctl("--rekey", "--ike", "gw", "--reauth", check=False)
    expect(gw, "key changed at re-authentication", "auth-failed", "psk-mismatch", ["Noticed  *here"])
    peer.stop()
    gw.stop()


def scenario_private_identity_behind_nat(make):
    lab = make(nat=True)
    gw = Ikeshd(lab, "gw", SITE.replace(PEER_WAN, "203.0.113.1"))
    peer = Charon(lab, **{**GOOD, "local_id": PEER_PRIVATE})
    peer.initiate(check=False, timeout=5)
    expect(gw, "private address behind NAT", "id-mismatch", "id-private-address", [PEER_PRIVATE, "behind NAT", "remote-id ipv4"])
    gw.configure(f"ipsec site Lyon\ntunnel primary\nremote-id ipv4 {PEER_PRIVATE}")
    peer.initiate()
    gw.wait_state("Lyon", "up", 5)
    lab.expect_ping("hq", LAN_HOST)
    peer.stop()
    gw.stop()


def scenario_swapped_keys_and_dynamic_peers(make):
    """Two tunnels that wait for any address: a peer with the wrong name is known by its key."""
    lab = make()
    gw = Ikeshd(lab, "gw", """
ipsec site Lyon
 native-range 10.20.0.0/24
 authentication-identifier fqdn
 tunnel primary 1
  local-id one.example.net
  psk "the first of the two keys"
 tunnel primary 2
  local-id two.example.net
  psk "the second of the two keys"
""")
    peer = Charon(lab, psk="the first of the two keys", local_id="wrong.example.net")
    peer.initiate(check=False, timeout=5)
    expect(gw, "wrong name of a dynamic peer", "id-mismatch", "id-value", ["wrong.example.net", "one.example.net", "its key is right"])
    if gw.tunnel("Lyon", index=2)["reason"] != "waiting-for-peer":
        raise Failure("the other tunnel was blamed:\n" + gw.show("show ipsec connection-status detail"))
    peer.load(psk="the second of the two keys", local_id="one.example.net")
    peer.initiate(check=False, timeout=5)
    expect(gw, "keys of two tunnels swapped", "auth-failed", "psk-of-other-tunnel", ["two.example.net"])
    peer.stop()
    gw.stop()


def scenario_esp_blocked(make):
    """UDP 4500 lets IKE pass, but ESP in one direction only."""
    lab = make()
    gw = Ikeshd(lab, "gw", SITE)
    peer = Charon(lab, **GOOD)
    fault(lab, "ip saddr 198.51.100.21 udp dport 4500 @th,64,32 != 0 drop")
    peer.initiate()
    gw.wait_state("Lyon", "up", 5)
    lab.ping("hq", LAN_HOST, count=10)
    expect(gw, "ESP of the peer dropped", "one-way-traffic", "no-esp-received", ["none comes out of it"], state="up")
    fault(lab, "")
    lab.expect_ping("hq", LAN_HOST)
    wait_for("all is well", lambda: gw.tunnel("Lyon")["reason"] is None, 5)
    peer.stop()
    gw.stop()


def scenario_rekey_storm(make):
    lab = make()
    gw = Ikeshd(lab, "gw", SITE)
    peer = Charon(lab, **{**GOOD, "child_rekey": "2s", "child": "rand_time = 0s"})
    peer.initiate()
    gw.wait_state("Lyon", "up", 5)
    expect(gw, "lifetime of 2 s at the peer", "rekey-storm", "rekey-storm", ["child-lifetime"], state="up")
    peer.stop()
    gw.stop()


def scenario_two_peers_with_one_identity(make):
    lab = make()
    gw = Ikeshd(lab, "gw", f"""
ipsec site Lyon
 native-range 10.20.0.0/24
 authentication-identifier fqdn
 tunnel primary 1
  local-id lyon.example.net
  psk "{PSK}"
""")
    lab.add("twin")
    lab.link("twin", "wan0", "198.51.101.21/24", "inet", "twin0", "198.51.101.1/24")
    lab.route("twin", "203.0.113.0/24", "198.51.101.1")
    lab.address("twin", "lo", "10.20.0.1/24")
    lab.route("gw", "198.51.101.0/24", "203.0.113.1")
    peers = [Charon(lab, name, psk=PSK, local_id="lyon.example.net") for name in ("peer", "twin")]
    for peer in peers * 2:
        peer.swanctl("--terminate", "--ike", "gw", "--force", "--timeout", "1", check=False)
        peer.initiate()
    expect(gw, "two peers with one identity", "replaced", "two-peers",
           ["198.51.100.21:4500 and 198.51.101.21:4500 take the tunnel from each other"], state="up")
    for peer in peers:
        peer.stop()
    gw.stop()


MANY = "".join(f" network-range n{i}:10.{100 + i}.0.0/24\n network m{i} 10.20.{i + 1}.0/24\n" for i in range(50))


def scenario_large_messages_lost(make):
    lab = make()
    gw = Ikeshd(lab, "gw", SITE.replace(" tunnel primary\n", MANY + " tunnel primary\n"))
    # the peer does not know IKE fragmentation, the path drops IP fragments
    peer = Charon(lab, **{**GOOD, "fragmentation": "no"})
    fault(lab, "ip frag-off & 0x1fff != 0 drop", hook="prerouting")
    gw.show("ipsec initiate site Lyon")
    expect(gw, "IP fragments dropped", "no-response", "fragments-lost", ["IKE_AUTH of [12]... octets", "IKE_SA_INIT of"])
    # the peer's fragments of IKE are larger than the path takes
    gw.configure("no ipsec site Lyon")
    gw.configure(SITE.replace("bidirectional", "responder-only"))
    many = ", ".join(f"10.20.{i}.0/24" for i in range(80))
    peer.load(fragmentation="force", local_ts=many)
    fault(lab, "ip saddr 198.51.100.21 meta length > 1000 drop")
    peer.initiate(check=False, timeout=3)
    expect(gw, "large packets dropped", "no-response", "fragments-lost", ["1 of 2 fragments of IKE_AUTH arrived"])
    fault(lab, "")
    peer.stop()
    gw.stop()
