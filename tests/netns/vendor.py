#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A scripted responder with the habits of one maker that strongSwan cannot be given.

Written from RFC 7296 alone: AES-CBC-256, HMAC-SHA2-256, group 14, a pre-shared key.  Like a Cisco
ASA it answers TS_UNACCEPTABLE when a side has more than one selector, and has no PFS.  Of an IKE SA that
it does not know it says INVALID_IKE_SPI.  It makes no traffic; what it decided goes to a file, a line of
JSON each.

HABIT is one of: cookies (asks for another cookie each time), widens (answers the rekeying of a Child SA
with all networks), deaf (drops IKE_SA_INIT).

vendor.py ADDRESS PSK LOG [HABIT]
"""
import hashlib
import hmac
import json
import os
import socket
import struct
import sys

SA, KE, IDI, IDR, AUTH, NONCE, NOTIFY, DELETE, TSI, TSR, SK = 33, 34, 35, 36, 39, 40, 41, 42, 44, 45, 46
IKE_SA_INIT, IKE_AUTH, CREATE_CHILD_SA, INFORMATIONAL = 34, 35, 36, 37
INVALID_KE_PAYLOAD, TS_UNACCEPTABLE, NO_PROPOSAL_CHOSEN = 17, 38, 14
INVALID_IKE_SPI, NAT_SOURCE, NAT_DESTINATION, COOKIE, REKEY_SA = 4, 16388, 16389, 16390, 16393
GROUP = 14
# RFC 3526 section 3
PRIME = int("""FFFFFFFF FFFFFFFF C90FDAA2 2168C234 C4C6628B 80DC1CD1 29024E08 8A67CC74 020BBEA6 3B139B22 514A0879
8E3404DD EF9519B3 CD3A431B 302B0A6D F25F1437 4FE1356D 6D51C245 E485B576 625E7EC6 F44C42E9 A637ED6B 0BFF5CB6 F406B7ED
EE386BFB 5A899FA5 AE9F2411 7C4B1FE6 49286651 ECE45B3D C2007CB8 A163BF05 98DA4836 1C55D39A 69163FA8 FD24CF5F 83655D23
DCA3AD96 1C62F356 208552BB 9ED52907 7096966D 670C354E 4ABC9804 F1746C08 CA18217C 32905E46 2E36CE3B E39E772C 180E8603
9B2783A2 EC07A28F B5C55DF0 6F4C52C9 DE2BCBF6 95581718 3995497C EA956AE5 15D22618 98FA0510 15728E5A 8AACAA68 FFFFFFFF
FFFFFFFF""".replace(" ", "").replace("\n", ""), 16)


def prf(key, data):
    return hmac.new(key, data, hashlib.sha256).digest()


def prf_plus(key, seed, length):
    out, block, i = b"", b"", 1
    while len(out) < length:
        block = prf(key, block + seed + bytes([i]))
        out, i = out + block, i + 1
    return out[:length]


def aes(key, iv):
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
    return Cipher(algorithms.AES(key), modes.CBC(iv))


def chain(payloads):
    """[(type, body)] to octets; gives (first type, octets)."""
    out = b""
    for i, (_, body) in enumerate(payloads):
        after = payloads[i + 1][0] if i + 1 < len(payloads) else 0
        out += struct.pack("!BBH", after, 0, len(body) + 4) + body
    return (payloads[0][0] if payloads else 0), out


def unchain(first, data):
    found = []
    while first and len(data) >= 4:
        after, _, length = struct.unpack("!BBH", data[:4])
        found.append((first, data[4:length]))
        if first == SK:
            return found, after
        first, data = after, data[length:]
    return found, 0


def notify(kind, data=b""):
    return (NOTIFY, struct.pack("!BBH", 0, 0, kind) + data)


def transforms(proposal):
    """[(type, id, key bits)] of a proposal body behind its SPI."""
    found = []
    while len(proposal) >= 8:
        _, _, length, kind, _, number = struct.unpack("!BBHBBH", proposal[:8])
        bits = struct.unpack("!H", proposal[10:12])[0] if length >= 12 else 0
        found.append((kind, number, bits))
        proposal = proposal[length:]
    return found


def proposals(body):
    while len(body) >= 8:
        _, _, length, number, protocol, spi_len, _ = struct.unpack("!BBHBBBB", body[:8])
        yield number, protocol, body[8:8 + spi_len], transforms(body[8 + spi_len:length])
        body = body[length:]


def answer(number, protocol, spi, chosen):
    """SA payload with one proposal."""
    out = b""
    for i, (kind, ident, bits) in enumerate(chosen):
        attribute = struct.pack("!HH", 0x800e, bits) if bits else b""
        out += struct.pack("!BBHBBH", 3 if i + 1 < len(chosen) else 0, 0, 8 + len(attribute), kind, 0, ident) + attribute
    return (SA, struct.pack("!BBHBBBB", 0, 0, 8 + len(spi) + len(out), number, protocol, len(spi), len(chosen)) + spi + out)


def choose(body, wanted):
    """The first proposal that has all of `wanted`."""
    for number, protocol, spi, offered in proposals(body):
        if all(w in offered for w in wanted):
            return number, protocol, spi
    return None


def selectors(body):
    found, data = [], body[4:]
    for _ in range(body[0]):
        length = struct.unpack("!H", data[2:4])[0]
        found.append((data[:length], f"{socket.inet_ntoa(data[8:12])}-{socket.inet_ntoa(data[12:16])}"))
        data = data[length:]
    return found


class Peer:
    IKE_SUITE = [(1, 12, 256), (3, 12, 0), (2, 5, 0), (4, GROUP, 0)]
    ESP_SUITE = [(1, 12, 256), (3, 12, 0), (5, 0, 0)]

    ALL = struct.pack("!BBHBBHHH", 1, 0, 0, 7, 0, 16, 0, 65535) + bytes(4) + b"\xff" * 4

    def __init__(self, address, psk, log, habit=""):
        self.address, self.psk, self.log, self.habit = address, psk.encode(), log, habit
        self.sas, self.answers = {}, {}
        self.sockets = {}
        for port in (500, 4500):
            self.sockets[port] = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.sockets[port].bind((address, port))

    def say(self, **what):
        self.log.write(json.dumps(what) + "\n")
        self.log.flush()

    def run(self):
        import select
        while True:
            for s in select.select(list(self.sockets.values()), [], [])[0]:
                data, peer = s.recvfrom(65535)
                port = s.getsockname()[1]
                if port == 4500 and data[:4] != bytes(4):
                    continue
                reply = self.message(data[4:] if port == 4500 else data, peer, port)
                if reply:
                    s.sendto((bytes(4) if port == 4500 else b"") + reply, peer)

    def message(self, data, peer, port):
        spi_i, spi_r, first, _, exchange, flags, ident, _ = struct.unpack("!8s8sBBBBII", data[:28])
        if flags & 0x20:
            return None
        if data in self.answers:
            return self.answers[data]
        if exchange == IKE_SA_INIT:
            reply = self.init(data, spi_i, unchain(first, data[28:])[0], peer, port)
        else:
            sa = self.sas.get(spi_r)
            if sa is None:
                first, out = chain([notify(INVALID_IKE_SPI)])
                return self.header(spi_i, spi_r, first, exchange, ident, len(out)) + out
            reply = self.protected(sa, data, first, exchange, ident)
        self.answers[data] = reply
        return reply

    @staticmethod
    def header(spi_i, spi_r, first, exchange, ident, length):
        return struct.pack("!8s8sBBBBII", spi_i, spi_r, first, 0x20, exchange, 0x20, ident, 28 + length)

    def init(self, data, spi_i, payloads, peer, port):
        body = dict(payloads)
        if self.habit == "deaf":
            return None
        if self.habit == "cookies":
            first, out = chain([notify(COOKIE, os.urandom(20))])
            return self.header(spi_i, bytes(8), first, IKE_SA_INIT, 0, len(out)) + out
        choice = choose(body[SA], self.IKE_SUITE)
        if not choice:
            first, out = chain([notify(NO_PROPOSAL_CHOSEN)])
            return self.header(spi_i, bytes(8), first, IKE_SA_INIT, 0, len(out)) + out
        if struct.unpack("!H", body[KE][:2])[0] != GROUP:
            first, out = chain([notify(INVALID_KE_PAYLOAD, struct.pack("!H", GROUP))])
            return self.header(spi_i, bytes(8), first, IKE_SA_INIT, 0, len(out)) + out
        spi_r, nr, secret = os.urandom(8), os.urandom(32), int.from_bytes(os.urandom(32), "big")
        shared = pow(int.from_bytes(body[KE][4:], "big"), secret, PRIME).to_bytes(256, "big")
        ni = body[NONCE]
        keys = prf_plus(prf(ni + nr, shared), ni + nr + spi_i + spi_r, 32 * 7)
        names = ("d", "ai", "ar", "ei", "er", "pi", "pr")
        sa = {n: keys[32 * i:32 * i + 32] for i, n in enumerate(names)}

        def address_hash(address):
            return hashlib.sha1(spi_i + spi_r + socket.inet_aton(address[0]) + struct.pack("!H", address[1])).digest()
        first, out = chain([answer(choice[0], 1, b"", self.IKE_SUITE),
                            (KE, struct.pack("!HH", GROUP, 0) + pow(2, secret, PRIME).to_bytes(256, "big")), (NONCE, nr),
                            notify(NAT_SOURCE, address_hash((self.address, port))), notify(NAT_DESTINATION, address_hash(peer))])
        reply = self.header(spi_i, spi_r, first, IKE_SA_INIT, 0, len(out)) + out
        sa.update(spi_i=spi_i, spi_r=spi_r, ni=ni, nr=nr, request=data, reply=reply)
        self.sas[spi_r] = sa
        return reply

    def protected(self, sa, data, first, exchange, ident):
        outer, inner = unchain(first, data[28:])
        if not outer or outer[-1][0] != SK or hmac.new(sa["ai"], data[:-16], hashlib.sha256).digest()[:16] != data[-16:]:
            return None
        iv, sealed = outer[-1][1][:16], outer[-1][1][16:-16]
        d = aes(sa["ei"], iv).decryptor()
        plain = d.update(sealed) + d.finalize()
        payloads = unchain(inner, plain[:-1 - plain[-1]])[0]
        handler = {IKE_AUTH: self.auth, CREATE_CHILD_SA: self.create, INFORMATIONAL: self.info}[exchange]
        first, out = chain(handler(sa, payloads))
        pad = -(len(out) + 1) % 16
        iv = os.urandom(16)
        e = aes(sa["er"], iv).encryptor()
        sealed = iv + e.update(out + bytes(pad) + bytes([pad])) + e.finalize()
        body = struct.pack("!BBH", first, 0, 4 + len(sealed) + 16) + sealed
        message = self.header(sa["spi_i"], sa["spi_r"], SK, exchange, ident, len(body) + 16) + body
        return message + hmac.new(sa["ar"], message, hashlib.sha256).digest()[:16]

    def auth(self, sa, payloads):
        body = dict(payloads)
        pad = prf(self.psk, b"Key Pad for IKEv2")
        wanted = prf(pad, sa["request"] + sa["nr"] + prf(sa["pi"], body[IDI]))
        if body[AUTH][4:] != wanted:
            self.say(what="wrong AUTH")
            return [notify(24)]
        own = struct.pack("!BBH", 1, 0, 0) + socket.inet_aton(self.address)
        out = [(IDR, own), (AUTH, struct.pack("!BBH", 2, 0, 0) + prf(pad, sa["reply"] + sa["ni"] + prf(sa["pr"], own)))]
        self.say(what="authenticated")
        return out + self.child(payloads)

    def child(self, payloads):
        """SA, TSi, TSr of a new Child SA, or why not."""
        body = dict(payloads)
        initiator, responder = selectors(body[TSI]), selectors(body[TSR])
        choice = choose(body[SA], self.ESP_SUITE)
        if not choice:
            return [notify(NO_PROPOSAL_CHOSEN)]
        if len(initiator) > 1 or len(responder) > 1:
            self.say(what="refused", initiator=len(initiator), responder=len(responder))
            return [notify(TS_UNACCEPTABLE)]
        rekey = any(t == NOTIFY and struct.unpack("!H", b[2:4])[0] == REKEY_SA for t, b in payloads)
        self.say(what="child", pair=[initiator[0][1], responder[0][1]], rekey=rekey)
        wide = rekey and self.habit == "widens"
        return [answer(choice[0], 3, os.urandom(4), self.ESP_SUITE)] + \
               ([(NONCE, os.urandom(32))] if NONCE in body else []) + \
               [(TSI, self.ALL if wide else body[TSI]), (TSR, self.ALL if wide else body[TSR])]

    def create(self, _, payloads):
        if TSI not in dict(payloads):
            return [notify(NO_PROPOSAL_CHOSEN)]  # rekeying of the IKE SA
        return self.child(payloads)

    @staticmethod
    def info(_, payloads):
        return [(DELETE, b) for t, b in payloads if t == DELETE and b[0] == 3]


class Asa:
    """The responder above in namespace `name` of a laboratory."""

    def __init__(self, lab, name, psk, address="198.51.100.21", habit=""):
        from lab import wait_for
        self.lab, self.path = lab, os.path.join(lab.dir, "asa.json")
        self.process = lab.start(name, ["/usr/bin/python3", os.path.abspath(__file__), address, psk, self.path, habit], "asa.out")
        wait_for("the ASA listens", lambda: ":4500" in lab.run(name, ["ss", "-Hlun"]).stdout, 10)

    def _lines(self):
        with open(self.path) as f:
            return [json.loads(line) for line in f]

    def pairs(self):
        return {tuple(x["pair"]) for x in self._lines() if x["what"] == "child"}

    def refusals(self):
        return sum(x["what"] == "refused" for x in self._lines())

    def log(self):
        return "\n".join(map(str, self._lines())) + self.lab.log("asa.out")

    def stop(self):
        self.lab.stop(self.process)


if __name__ == "__main__":
    with open(sys.argv[3], "a") as out:
        Peer(sys.argv[1], sys.argv[2], out, sys.argv[4] if len(sys.argv) > 4 else "").run()
