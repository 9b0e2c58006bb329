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
