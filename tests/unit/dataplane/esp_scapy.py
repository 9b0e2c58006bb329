#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""scapy as independent implementation of ESP: what it seals we open, and what we seal it opens.

esp_scapy.py ORACLE: runs the program esp_oracle.  Exit 77 when scapy is not installed.
"""
import random
import subprocess
import sys

try:
    from scapy.layers.inet import IP, TCP, UDP, ICMP
    from scapy.layers.inet6 import IPv6
    from scapy.layers.ipsec import ESP, IPSecIntegrityError, SecurityAssociation
    from scapy.packet import Raw
except ImportError as why:
    print("skipped:", why)
    sys.exit(77)

# scapy's name, transform, integrity name, transform, key length
INTEG = [("HMAC-SHA1-96", 2, 20), ("SHA2-256-128", 12, 32), ("SHA2-384-192", 13, 48),
         ("SHA2-512-256", 14, 64)]
# scapy leaves the high half of the sequence number out of HMAC: extended ones with AES-GCM only.
SUITES = [("AES-GCM", 20, bits, "NULL", 0, 0, esn) for bits in (128, 256) for esn in (0, 1)]
SUITES += [("AES-CBC", 12, bits, name, number, length, 0)
           for bits in (128, 256) for name, number, length in INTEG]

TUNNELS = [IP(src="192.0.2.1", dst="192.0.2.2"), IPv6(src="2001:db8::1", dst="2001:db8::2")]


def inner_packets(rng):
    """Packets of both families around every padding length, and large ones."""
    for n in list(range(0, 40)) + [1000, 1372, 1380]:
        body = Raw(rng.randbytes(n))
        yield IP(src="10.1.0.1", dst="10.2.0.1", tos=n % 256) / UDP(sport=n, dport=53) / body
        yield IPv6(src="fd00:1::1", dst="fd00:2::1") / TCP(sport=n, dport=80) / body
    yield IP(src="10.1.0.1", dst="10.2.0.1") / ICMP()


class Oracle:
    def __init__(self, path):
        self.process = subprocess.Popen([path], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True)

    def ask(self, verb, suite, keys, spi, seq, packet):
        _, encr, bits, _, integ, _, esn = suite
        fields = [verb, encr, bits, integ, esn, keys[0].hex(), keys[1].hex() or "-", spi, seq,
                  packet.hex()]
        self.process.stdin.write(" ".join(map(str, fields)) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().strip()
        if answer == "":
            sys.exit("the oracle died")
        return None if answer == "refused" else bytes.fromhex(answer)


def association(suite, keys, spi, seq, tunnel):
    crypt, _, _, auth, _, _, esn = suite
    return SecurityAssociation(ESP, spi=spi, seq_num=seq & 0xffffffff, crypt_algo=crypt,
                               crypt_key=keys[0], auth_algo=auth, auth_key=keys[1] or None,
                               tunnel_header=tunnel.copy(), esn_en=bool(esn), esn=seq >> 32)


def check_packet(oracle, rng, suite, tunnel, packet):
    """Both directions of one packet under fresh keys; the number of checks made."""
    name, _, bits, _, _, integ_len, esn = suite
    keys = (rng.randbytes(bits // 8 + (4 if name == "AES-GCM" else 0)), rng.randbytes(integ_len))
    spi = rng.randrange(256, 2**32)
    seq = rng.randrange(1, 2**64 if esn else 2**32)
    clear = bytes(packet)
    what = f"{suite} {len(clear)} octets, sequence number {seq}"

    theirs = association(suite, keys, spi, seq, tunnel).encrypt(packet.__class__(clear))
    got = oracle.ask("open", suite, keys, spi, seq, bytes(theirs[ESP]))
    assert got == clear, f"we open scapy's packet: {what}: {got}"

    ours = oracle.ask("seal", suite, keys, spi, seq, clear)
    whole = tunnel.copy() / ESP(ours)
    whole = whole.__class__(bytes(whole))
    opened = association(suite, keys, spi, seq, tunnel).decrypt(whole)
    assert bytes(opened) == clear, f"scapy opens our packet: {what}"

    broken = bytearray(bytes(theirs[ESP]))
    bit = rng.randrange(len(broken) * 8)
    broken[bit // 8] ^= 1 << bit % 8
    got = oracle.ask("open", suite, keys, spi, seq, bytes(broken))
    assert got is None, f"we open a packet with bit {bit} flipped: {what}"

    broken = bytearray(ours)
    broken[-1] ^= 1
    whole = tunnel.copy() / ESP(bytes(broken))
    try:
        association(suite, keys, spi, seq, tunnel).decrypt(whole.__class__(bytes(whole)))
    except IPSecIntegrityError:
        return 4
    raise AssertionError(f"scapy opens our packet with a wrong ICV: {what}")


def main():
    oracle = Oracle(sys.argv[1])
    rng = random.Random(4303)
    count = 0
    for suite in SUITES:
        for number, packet in enumerate(inner_packets(rng)):
            count += check_packet(oracle, rng, suite, TUNNELS[number // 2 % 2], packet)
    print(f"{count} checks of {len(SUITES)} suites passed")


main()
