#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""nft_mss.py IPV4 IPV6 [OFFERED]: SYN packets that offer an MSS (1460) are forwarded from the device lan to ips1
and back; both must come out with these.  far-lan and far-ips1 are the other ends of the devices' wires."""
import logging
import sys

logging.getLogger("scapy").setLevel(logging.ERROR)
from scapy.all import IP, TCP, AsyncSniffer, Ether, IPv6, get_if_hwaddr, sendp  # noqa: E402

OFFERED = int(sys.argv[3]) if len(sys.argv) > 3 else 1460
SIDES = {"lan": ("10.0.0.2", "fd00:1::2"), "ips1": ("10.20.0.9", "fd00:2::9")}


def mss_behind(into, out, version):
    kind = (IP, IPv6)[version == 6]
    at = version == 6
    packet = Ether(dst=get_if_hwaddr(into)) / kind(src=SIDES[into][at], dst=SIDES[out][at]) / \
        TCP(sport=1024, dport=80, flags="S", options=[("MSS", OFFERED)])
    sniffer = AsyncSniffer(iface="far-" + out, count=1, timeout=10, lfilter=lambda p: TCP in p,
                           started_callback=lambda: sendp(packet, iface="far-" + into, verbose=False))
    sniffer.start()
    sniffer.join()
    return dict(sniffer.results[0][TCP].options)["MSS"] if sniffer.results else None


for v, wanted in ((4, int(sys.argv[1])), (6, int(sys.argv[2]))):
    for a, b in (("lan", "ips1"), ("ips1", "lan")):
        got = mss_behind(a, b, v)
        if got != wanted:
            sys.exit(f"IPv{v} from {a} to {b}: MSS {got}, wanted {wanted}")
