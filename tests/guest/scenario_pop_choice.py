# SPDX-License-Identifier: GPL-3.0-or-later
"""The PoP of a destination by measured round trip: the way to the near one is slow."""
import site_pair
from branch import POPS, expect, report
from lab import PEER_WAN, Ikeshd, wait_for
from strongswan import Charon

CONFIG = f"""
dns zone ipsec.example.net
dns listen 203.0.113.10
{POPS}ipsec site Lyon
 country Germany
 native-range 10.20.0.0/24
 destination primary fqdn pop automatic
 destination secondary fqdn pop automatic
 tunnel primary 1
  public-ip {PEER_WAN}
  psk "{site_pair.PSK}"
 tunnel secondary 1
  public-ip {site_pair.PEER2_WAN}
  psk "{site_pair.PSK}"
"""


def scenario_round_trip_decides(make):
    lab = make()
    site_pair.build(lab)
    lab.address("gw", "wan0", "203.0.113.11/32")
    lab.run("inet", ["tc", "qdisc", "add", "dev", "peer0", "root", "netem", "delay", "120ms"])
    gw = Ikeshd(lab, "gw", CONFIG)

    def name(role):
        return next(n for n in gw.json("show dns")["names"] if n["role"] == role)
    expect(f"by distance: {name('primary')}", name("primary")["pop"] == "Frankfurt")
    names = [name(role)["fqdn"] for role in ("primary", "secondary")]
    peers = [Charon(lab, name=ns, psk=site_pair.PSK, local_id=wan, remote_id=fqdn, remote_addrs=f"203.0.113.{10 + i}",
                    local_ts=net, remote_ts="10.0.0.0/24")
             for i, (ns, wan, fqdn, net) in enumerate((("peer", PEER_WAN, names[0], "10.20.0.0/24"),
                                                     ("peer2", site_pair.PEER2_WAN, names[1], "10.30.0.0/24")))]
    for peer in peers:
        peer.initiate()
    wait_for("both tunnels", lambda: [gw.tunnel("Lyon", role)["state"] for role in ("primary", "secondary")] == ["up", "up"], 20)
    took = wait_for("the other PoP", lambda: name("primary")["pop"] == "Madrid", 120, 1)
    report(f"another PoP {took:.0f} s after the tunnels were up; round trip {name('secondary')['rttMicroSec']} us at Frankfurt, "
           f"{name('primary')['rttMicroSec']} us at Madrid")
    expect("never both at one", name("secondary")["pop"] == "Frankfurt")
    answer = lab.run("inet", ["dig", "@203.0.113.10", "+short", names[0]]).stdout.strip()
    expect(answer, answer == "203.0.113.11")
    expect("tunnels stay where they are", [gw.tunnel("Lyon", role)["state"] for role in ("primary", "secondary")] == ["up", "up"])
    gw.stop()
    for peer in peers:
        peer.stop()
