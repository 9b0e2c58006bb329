# SPDX-License-Identifier: GPL-3.0-or-later
"""What vendors have by default, played by strongSwan with exactly their proposals and habits: each
comes up with no parameter typed on our side, the peer beginning and we, and survives rekeying.

Not one of them is asked for less than it has: what is negotiated is checked.
"""
import time

from interop import against, site
from lab import Failure, wait_for
from vendor import Asa


def own_lan_outside(lab):
    lab.run("peer", ["ip", "rule", "add", "to", "10.20.0.0/24", "lookup", "main", "prio", "100"])


# A peer with 0.0.0.0/0 on both sides must put neither its IKE messages nor its LAN into the tunnel.
ROUTE_BASED = {"local_ts": "0.0.0.0/0", "remote_ts": "0.0.0.0/0", "build": own_lan_outside,
               "plugins": "kernel-libipsec { allow_peer_ts = yes }\n socket-default { fwmark = 0x42 }\n"
                          " kernel-netlink { fwmark = !0x42 }"}


def vendor(make, ike, esp, suites, weak=(), lines=(), **settings):
    """Both roles; `suites` is what `show ipsec sa` must name when the peer begins and when we do."""
    with against(make, site(*lines, initiate=True), ike=ike, esp=esp, **settings) as c:
        for by, suite in zip(("peer", "us"), suites):
            c.up(by)
            c.traffic()
            shown = c.gw.show("show ipsec sa site Peer")
            if suite not in shown:
                raise Failure(f"{by} began: {suite!r} is not in\n{shown}")
            for word in weak:
                if word in shown:
                    raise Failure(f"{word!r} was negotiated:\n{shown}")
            if by == "peer":
                rekey(c)
            else:
                c.peer.swanctl("--rekey", "--child", "net")
            c.expect_one()
            c.down()
        return c


def rekey(c):
    """Both SAs by both sides, no packet lost."""
    ping = c.pinging(120)
    c.peer.swanctl("--rekey", "--child", "net")
    time.sleep(0.6)
    c.gw.show("ipsec rekey site Peer")
    time.sleep(0.6)
    c.peer.swanctl("--rekey", "--ike", "gw")
    time.sleep(0.6)
    c.gw.show("ipsec rekey site Peer ike")
    c.lossless(ping)


AES = "aes128-aes256-sha1-sha256-sha384-sha512"
GCM = "aes128gcm16-aes256gcm16"
GROUPS = "modp2048-modp3072-modp4096-modp6144-modp8192-ecp256-ecp384-ecp521"


def scenario_aws(make):
    """Everything, and as responder the lowest of what we offer, whatever our order: so SHA-1 and
    group 2 must not be in our first offer.  One pair of SAs, 0.0.0.0/0."""
    vendor(make, f"{AES}-modp1024-{GROUPS},{GCM}-prfsha1-prfsha256-prfsha384-prfsha512-modp1024-{GROUPS}",
           f"{AES}-modp1024-modp1536-{GROUPS},{GCM}-modp1024-modp1536-{GROUPS}",
           ("aes-gcm-256 prf sha2-512 dh 20", "aes-cbc-128 sha2-256 prf sha2-256 dh 14"), weak=("sha1", "dh 2\n", "dh 5"),
           dpd_delay="10s", child="dpd_action = clear", **ROUTE_BASED)


def scenario_azure(make):
    """Route-based default policy: group 2 only, no PFS, GCM for Child SAs first."""
    vendor(make, "aes256-sha1-modp1024,aes256-sha256-modp1024,aes128-sha1-modp1024,aes128-sha256-modp1024,"
           "3des-sha1-modp1024,3des-sha256-modp1024",
           "aes256gcm16,aes256-sha1,aes256-sha256,aes128-sha1,3des-sha1",
           ("aes-cbc-256 sha2-256 prf sha2-256 dh 2", "dh 2"), **ROUTE_BASED)


def scenario_azure_as_responder(make):
    """As responder it accepts PFS with groups 1, 2, 14 and 24 as well."""
    vendor(make, "aes256-sha1-modp1024,aes256-sha256-modp1024,aes128-sha1-modp1024,aes128-sha256-modp1024",
           "aes256gcm16-modp1024-modp2048-none,aes256-sha1-modp1024-modp2048-none", ("dh 2", "dh 2"), **ROUTE_BASED)


def scenario_gcp(make):
    """Its own order, PFS group 14, all networks in one Child SA, IKE fragmentation on."""
    vendor(make, "aes256gcm16-aes192gcm16-aes128gcm16-prfsha256-prfsha384-prfsha512-modp4096-modp8192-modp3072-modp2048-"
           "modp1536-modp1024,aes256-aes192-aes128-sha512-sha384-sha256-sha1-prfsha256-prfsha384-prfsha512-modp4096-"
           "modp8192-modp3072-modp2048-modp1536-modp1024",
           "aes256gcm16-aes192gcm16-aes128gcm16-modp2048,aes256-aes192-aes128-sha512-sha384-sha256-sha1-modp2048",
           ("aes-gcm-256 prf sha2-512", "aes-gcm-256 prf"), fragmentation="force", remote_ts="10.0.0.0/24,10.1.0.0/24",
           local_ts="10.20.0.0/24,10.21.0.0/24", lines=("network-range a:10.0.0.0/24", "network-range b:10.1.0.0/24",
                                                         "network two 10.21.0.0/24"), build=second_lan)


def second_lan(lab):
    lab.address("peer", "lan0", "10.21.0.1/24")


def scenario_cisco_ios_old(make):
    """The smart default of IOS 15: AES-CBC, SHA-512 to MD5, groups 5 and 2; esp-aes esp-sha-hmac."""
    vendor(make, "aes256-aes192-aes128-sha512-sha384-sha256-sha1-md5-modp1536-modp1024", "aes128-sha1",
           ("aes-cbc-256", "dh 5"), **ROUTE_BASED)


def scenario_cisco_ios_xe(make):
    """The default of IOS XE 16 and later: AES-CBC-256, SHA-512 and 384, groups 19, 14, 21, 5."""
    vendor(make, "aes256-sha512-sha384-ecp256-modp2048-ecp521-modp1536", "aes128-sha1",
           ("aes-cbc-256 sha2-512 prf sha2-512 dh 19", "aes-cbc-256 sha2-512 prf sha2-512 dh 19"), **ROUTE_BASED)


def scenario_cisco_asa(make):
    """All policies are sent; the usual ones; Child SAs without PFS."""
    vendor(make, "aes256-sha256-modp2048,aes256-sha1-modp1536-modp1024,aes192-sha1-modp1536-modp1024,"
           "aes128-sha1-modp1536-modp1024,3des-sha1-modp1536-modp1024", "aes256-sha1,aes192-sha1,aes128-sha1,3des-sha1",
           ("aes-cbc-256 sha2-256 prf sha2-256 dh 14", "aes-cbc-256 sha2-256 prf sha2-256 dh 14"))


def scenario_cisco_asa_one_pair(make):
    """A scripted ASA: more than one selector on a side is TS_UNACCEPTABLE; we learn it and make one
    Child SA for each pair, with nothing typed."""
    from lab import Ikeshd
    from tshark import Capture
    lab = make()
    capture = Capture(lab)
    asa = Asa(lab, "peer", psk="correct horse battery staple")
    gw = Ikeshd(lab, "gw", site("network-range a:10.0.0.0/24", "network-range b:10.1.0.0/24", "network two 10.21.0.0/24",
                                "rebuild-interval 30", initiate=True))
    capture.attach(gw)
    gw.show("ipsec initiate site Peer")
    gw.wait_state("Peer", "up", 15)
    try:
        wait_for("a Child SA for each of the four pairs", lambda: len(asa.pairs()) == 4, 60)
    except Failure as f:
        raise Failure(f"{f}\n{asa.log()}\n{gw.show('show logging')}") from None
    if asa.refusals() > 2:
        raise Failure(f"{asa.refusals()} refusals:\n{asa.log()}")
    gw.show("clear ipsec sa site Peer")
    gw.show("ipsec initiate site Peer")
    gw.wait_state("Peer", "up", 15)
    gw.stop()
    capture.stop()
    capture.check("203.0.113.10")
    asa.stop()


FORTI_ESP = ("aes128-sha1", "aes256-sha1", "aes128-sha256", "aes256-sha256", "aes128gcm16", "aes256gcm16", "chacha20poly1305")


def scenario_fortigate_old(make):
    """FortiOS 6 and 7: groups 14 and 5, PFS with the same."""
    vendor(make, "aes128-sha256-modp2048-modp1536,aes256-sha256-modp2048-modp1536,"
           "aes128gcm16-prfsha256-modp2048-modp1536,aes256gcm16-prfsha384-modp2048-modp1536,"
           "chacha20poly1305-prfsha256-modp2048-modp1536", ",".join(f"{p}-modp2048-modp1536" for p in FORTI_ESP),
           ("aes-gcm-256 prf sha2-384 dh 14", "dh 14"), weak=("dh 5",), **ROUTE_BASED)


def scenario_fortigate_new(make):
    """FortiOS 8 wizard: groups 20 and 21."""
    vendor(make, "aes128-sha256-ecp384-ecp521,aes256-sha256-ecp384-ecp521,aes128gcm16-prfsha256-ecp384-ecp521,"
           "aes256gcm16-prfsha384-ecp384-ecp521,chacha20poly1305-prfsha256-ecp384-ecp521",
           ",".join(f"{p}-ecp384-ecp521" for p in FORTI_ESP), ("aes-gcm-256 prf sha2-384 dh 20", "dh 20"), **ROUTE_BASED)


def scenario_palo_alto(make):
    """The default crypto profiles: AES-128-CBC, 3DES, SHA-1, group 2, PFS group 2."""
    vendor(make, "aes128-3des-sha1-modp1024", "aes128-3des-sha1-modp1024",
           ("aes-cbc-128 sha1 prf sha1 dh 2", "aes-cbc-128 sha1 prf sha1 dh 2"), **ROUTE_BASED)


def scenario_zscaler(make):
    """With the encryption licence: AES-128 or 256, SHA-1 or SHA-256 with group 2, SHA-2 with 14; no PFS."""
    vendor(make, "aes256-aes128-sha512-sha384-modp2048,aes256-aes128-sha256-sha1-modp2048-modp1024",
           "aes256gcm16-aes128gcm16,aes256-aes128-sha256-sha1", ("dh 14", "dh 14"), **ROUTE_BASED)


def scenario_zscaler_without_licence(make):
    """ESP without encryption is never accepted; the reason says so."""
    with against(make, site(initiate=True), ike="aes256-sha256-modp2048", esp="null-sha1", **ROUTE_BASED) as c:
        c.peer.initiate(check=False, timeout=10)
        c.gw.wait_state("Peer", "down", 10, reason="no-proposal-chosen")
        c.gw.show("clear ipsec sa site Peer")
        c.gw.show("ipsec initiate site Peer")
        c.gw.wait_state("Peer", "down", 10, reason="no-proposal-chosen")


def scenario_strongswan(make):
    vendor(make, "default", "default", ("aes-gcm-256 prf sha2-512 dh 31", "prf sha2-256 dh 31"), weak=("sha1",))


def scenario_gcm_licence(make):
    """From 100 Mbps on our automatic is AES-GCM only: AWS has it, as initiator and as responder."""
    vendor(make, f"{AES}-modp1024-{GROUPS},{GCM}-prfsha256-prfsha384-modp1024-{GROUPS}",
           f"{AES}-modp1024-{GROUPS},{GCM}-modp1024-{GROUPS}", ("aes-gcm-", "aes-gcm-"), weak=("Child SA aes-cbc",),
           lines=("license bandwidth 500",), **ROUTE_BASED)
