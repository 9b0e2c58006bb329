# SPDX-License-Identifier: GPL-3.0-or-later
"""libreswan and openiked started with exactly what `show ipsec site NAME peer-config` prints."""
from lab import GW_WAN, PEER_WAN, Ikeshd
from peers import LibreswanText, Openiked
from scenario_peers import PSK, check, new_lab

SUITES = {
    "automatic": "",
    "explicit": " init-parameters\n  encryption aes-cbc-256\n  integrity sha2-512\n  prf sha2-512\n  dh-group 14\n"
                " auth-parameters\n  encryption aes-cbc-128\n  integrity sha2-512\n  dh-group 14\n",
    "AES-GCM for IKE": " init-parameters\n  encryption aes-gcm-256\n  prf sha2-384\n  dh-group 20\n",
    "AES-GCM": " init-parameters\n  encryption aes-gcm-256\n  prf sha2-384\n  dh-group 20\n"
               " auth-parameters\n  encryption aes-gcm-128\n  dh-group 20\n",
}
IDENTITIES = {
    "address": f"  public-ip {PEER_WAN}\n",
    "name": "  local-id lyon.example.net\n",
}


def printed(gw, product, suite, identity):
    identifier = " authentication-identifier fqdn\n" if identity == "name" else ""
    gw.configure(f"ipsec site Peer\n native-range 10.20.0.0/24\n network-range hq:10.0.0.0/24\n{identifier}"
                 f" destination primary ipv4 {GW_WAN}\n{SUITES[suite]} tunnel primary\n{IDENTITIES[identity]}"
                 f'  psk "{PSK}"\n' + ('  ppk id lyon key "a postquantum key of forty characters, 12"\n'
                                        if suite == "AES-GCM for IKE" else ""))
    return gw.show(f"show ipsec site Peer peer-config {product} include-secrets")


def with_printed_text(make, product, start, without=()):
    lab = new_lab(make)
    gw = Ikeshd(lab, "gw")
    lab.route("peer", "default", "198.51.100.1")  # left=%defaultroute
    for suite in SUITES:
        if suite in without:
            continue
        identity = "name" if "AES-GCM" in suite else "address"
        peer = start(lab, printed(gw, product, suite, identity))
        check(lab, gw)
        peer.stop()
        gw.configure("no ipsec site Peer")
    gw.stop()


def scenario_libreswan_with_the_printed_text(make):
    with_printed_text(make, "libreswan", LibreswanText)


def scenario_openiked_with_the_printed_text(make):
    # Its build for Linux offers a proposal without transforms for AES-GCM (openiked-portable issue 126).
    with_printed_text(make, "openiked", lambda lab, text: Openiked(lab, PSK, text=text), without=("AES-GCM",))
