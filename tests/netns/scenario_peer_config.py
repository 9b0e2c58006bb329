# SPDX-License-Identifier: GPL-3.0-or-later
"""strongSwan started with exactly what `show ipsec site NAME peer-config strongswan` prints."""
from lab import GW_WAN, LAN_HOST, PEER_WAN, Failure, Ikeshd
from strongswan import Charon

HEAD = f"""
ipsec site Lyon-1
 native-range 10.20.0.0/24
 network-range hq:10.0.0.0/24
 destination primary ipv4 {GW_WAN}
"""
PSK = ' psk "correct horse battery staple"\n'
SITES = {
    "automatic": HEAD + f" tunnel primary\n  public-ip {PEER_WAN}\n" + PSK,
    "explicit IKE and ESP": HEAD + f""" init-parameters
  encryption aes-cbc-128
  integrity sha2-384
  prf sha2-512
  dh-group 15
 auth-parameters
  encryption aes-cbc-256
  integrity sha2-512
  dh-group 20
 ike-lifetime 7200
 child-lifetime 1800
 tunnel primary
  public-ip {PEER_WAN}
""" + PSK,
    "AES-GCM": HEAD + f""" init-parameters
  encryption aes-gcm-256
  prf sha2-384
  dh-group 20
 auth-parameters
  encryption aes-gcm-128
  dh-group 14
 tunnel primary
  public-ip {PEER_WAN}
""" + PSK,
    "legacy": HEAD + f""" init-parameters
  encryption aes-cbc-128
  integrity sha1
  prf sha1
  dh-group 2
 auth-parameters
  encryption aes-cbc-128
  integrity sha1
  dh-group 5
 tunnel primary
  public-ip {PEER_WAN}
""" + PSK,
    "name": HEAD + " authentication-identifier fqdn\n tunnel primary\n  local-id lyon.example.net\n" + PSK,
    "mail address": HEAD + " authentication-identifier email\n tunnel primary\n  local-id ops@example.net\n" + PSK,
    "key-id": HEAD + " authentication-identifier key-id\n tunnel primary\n  local-id lyon-1\n" + PSK,
    "own name": HEAD + f" tunnel primary\n  public-ip {PEER_WAN}\n  own-id fqdn gw.example.net\n" + PSK,
    "one pair per Child SA": HEAD + f""" network-range two:10.0.2.0/24
 network lab 10.20.2.0/24
 single-traffic-selector enable
 tunnel primary
  public-ip {PEER_WAN}
""" + PSK,
    "key with quotes": HEAD + f' tunnel primary\n  public-ip {PEER_WAN}\n  psk "a \\"quoted\\" # key \\\\ of {{many}} signs; end"\n',
    "key of octets": HEAD + f" tunnel primary\n  public-ip {PEER_WAN}\n  psk hex 00ff10c3a90a0d2200112233445566778899\n",
    "bidirectional": HEAD + f""" connection-mode bidirectional
 initiate-connection
 tunnel primary
  public-ip {PEER_WAN}
""" + PSK,
    "postquantum key": HEAD + f" tunnel primary\n  public-ip {PEER_WAN}\n" + PSK +
    '  ppk id lyon key "a postquantum key of forty characters, 12"\n  ppk required\n',
    "no destination": (HEAD + f" tunnel primary\n  public-ip {PEER_WAN}\n" + PSK).replace(
        f" destination primary ipv4 {GW_WAN}\n", ""),
}


def scenario_strongswan_with_the_printed_text(make):
    lab = make()
    gw = Ikeshd(lab, "gw")
    peer = Charon(lab)
    lab.address("peer", "lo", "10.20.2.1/24")
    for name, site in SITES.items():
        gw.configure(site)
        peer.load_text(gw.show("show ipsec site Lyon-1 peer-config strongswan include-secrets"))
        if "initiate" in site:
            gw.show("ipsec initiate site Lyon-1")
        try:
            took = gw.wait_state("Lyon-1", "up", 20)
            peer.expect_children(4 if name == "one pair per Child SA" else 1)
            lab.expect_ping("hq", LAN_HOST)
            peer.swanctl("--rekey", "--ike", "lyon-1-primary-1")
            peer.expect_children(4 if name == "one pair per Child SA" else 1)
            peer.swanctl("--rekey", "--child", "lyon-1-primary-1-net1")
            lab.expect_ping("hq", LAN_HOST)
        except Failure as f:
            raise Failure(f"{name}: {f}\n{gw.show('show ipsec site Lyon-1 peer-config strongswan')}") from None
        print(f"{name}: up after {took:.1f} s")
        gw.configure("no ipsec site Lyon-1")
        peer.load_text("connections {\n}\n")
        peer.swanctl("--terminate", "--ike", "lyon-1-primary-1", "--force", "--timeout", "1", check=False)
    peer.stop()
    gw.stop()
