#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Expected values for the unit tests of ikev2, computed without the product: hmac and hashlib of the
standard library, pow() on integers, ciphers of python3-cryptography.  Prints vectors.h.

    /usr/bin/python3 vectors.py > vectors.h
"""
import hashlib
import hmac
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

HASH = {"SHA1": (hashlib.sha1, 20, 12), "SHA256": (hashlib.sha256, 32, 16),
        "SHA384": (hashlib.sha384, 48, 24), "SHA512": (hashlib.sha512, 64, 32)}


def out(name, data):
    text = data.hex()
    lines = ['"%s"' % text[i:i + 80] for i in range(0, len(text), 80)]
    print("#define %s \\\n\t%s" % (name, " \\\n\t".join(lines)))


print("""/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Made by vectors.py, independently of the product; not edited by hand. */
#ifndef TESTS_UNIT_IKEV2_VECTORS_H
#define TESTS_UNIT_IKEV2_VECTORS_H

/* clang-format off */""")


def prf(h, key, data):
    return hmac.new(key, data, HASH[h][0]).digest()


def prf_plus(h, key, seed, size):
    block, stream, n = b"", b"", 1
    while len(stream) < size:
        block = prf(h, key, block + seed + bytes([n]))
        stream += block
        n += 1
    return stream[:size]


def count(first, size):
    return bytes((first + i) & 0xff for i in range(size))


# ---- prf+ ------------------------------------------------------------------------------------------

for h in HASH:
    out("V_PLUS_" + h, prf_plus(h, count(1, 20), count(0x80, 50), 200))

# ---- IKE SA keys, RFC 7296 sections 2.14 and 2.18 ---------------------------------------------------

NI, NR = count(0x10, 32), count(0x50, 40)
SPI_I, SPI_R = 0x0123456789abcdef, 0xfedcba9876543210
SPIS = struct.pack(">QQ", SPI_I, SPI_R)
SHARED = b"\0\0" + count(0x21, 254)  # leading zeros must survive
out("V_SHARED", SHARED)


def ike_keys(h, seed, encr_len, integ_len):
    n = HASH[h][1]
    return prf_plus(h, seed, NI + NR + SPIS, 3 * n + 2 * integ_len + 2 * encr_len)


SUITES = {"GCM256_SHA384": ("SHA384", 36, 0), "CBC128_SHA1": ("SHA1", 16, 20),
          "CBC256_SHA256": ("SHA256", 32, 32), "CBC256_SHA512": ("SHA512", 32, 64)}
for name, (h, e, a) in SUITES.items():
    # all seven keys in the order of section 2.14
    out("V_IKE_" + name, ike_keys(h, prf(h, NI + NR, SHARED), e, a))
OLD_SK_D = count(0xc0, 32)
out("V_REKEY_SHA256_TO_GCM256_SHA384",
    ike_keys("SHA384", prf("SHA256", OLD_SK_D, SHARED + NI + NR), 36, 0))

# ---- Child SA keys, section 2.17 ---------------------------------------------------------------------

out("V_CHILD_GCM128", prf_plus("SHA256", OLD_SK_D, NI + NR, 2 * 20))
out("V_CHILD_CBC256_SHA512_PFS", prf_plus("SHA256", OLD_SK_D, SHARED + NI + NR, 2 * (32 + 64)))

# ---- AUTH, section 2.15; PPK, RFC 8784 section 3 -----------------------------------------------------

MESSAGE, ID_BODY = count(0, 300), b"\x02\x00\x00\x00" + b"gw1.example.net"
for h in HASH:
    for psk in (b"secret", b"k" * 64, b"k" * 65, b"k" * 129):
        key = prf(h, psk, b"Key Pad for IKEv2")
        signed = MESSAGE + NR + prf(h, count(0x33, HASH[h][1]), ID_BODY)
        out("V_AUTH_%s_%d" % (h, len(psk)), prf(h, key, signed))
out("V_PPK_SK_D", prf_plus("SHA256", b"post-quantum", count(1, 32), 32))
out("V_PPK_SK_PI", prf_plus("SHA256", b"post-quantum", count(2, 32), 32))
out("V_PPK_SK_PR", prf_plus("SHA256", b"post-quantum", count(3, 32), 32))

# ---- MODP groups: the primes from the formula of RFC 2409 and 3526 ------------------------------------


def arctan_inverse(x, unity):
    total = term = unity // x
    n, sign = 3, -1
    while term:
        term //= x * x
        total += sign * (term // n)
        sign, n = -sign, n + 2
    return total


def pi_bits(bits):  # floor(2^bits * pi), Machin
    unity = 1 << (bits + 64)
    return (4 * (4 * arctan_inverse(5, unity) - arctan_inverse(239, unity))) >> 64


def modp(n, k):
    return 2**n - 2**(n - 64) - 1 + 2**64 * (pi_bits(n - 130) + k)


GROUPS = {2: (modp(1024, 129093), 32), 5: (modp(1536, 741804), 32), 14: (modp(2048, 124476), 32),
          15: (modp(3072, 1690314), 40), 16: (modp(4096, 240904), 48)}
for group, (p, private_len) in GROUPS.items():
    size = p.bit_length() // 8
    a = int.from_bytes(b"\x80" + count(group, private_len - 1), "big")
    b = int.from_bytes(count(0x91, 40), "big")
    out("V_DH%d_P" % group, p.to_bytes(size, "big"))
    out("V_DH%d_PRIVATE" % group, a.to_bytes(private_len, "big"))
    out("V_DH%d_PUBLIC" % group, pow(2, a, p).to_bytes(size, "big"))
    out("V_DH%d_PEER" % group, pow(2, b, p).to_bytes(size, "big"))
    out("V_DH%d_SHARED" % group, pow(2, a * b, p).to_bytes(size, "big"))
    if group in (2, 14):  # a secret, and a public value, with a zero in front
        while pow(2, a * b, p) >> (p.bit_length() - 8):
            b += 1
        out("V_DH%d_ZERO_PEER" % group, pow(2, b, p).to_bytes(size, "big"))
        out("V_DH%d_ZERO_SHARED" % group, pow(2, a * b, p).to_bytes(size, "big"))
        while pow(2, a, p) >> (p.bit_length() - 8):
            a += 1
        out("V_DH%d_ZERO_PRIVATE" % group, a.to_bytes(private_len, "big"))
        out("V_DH%d_ZERO_PUBLIC" % group, pow(2, a, p).to_bytes(size, "big"))

# ---- SK and SKF, RFC 7296 section 3.14, RFC 5282, RFC 7383 --------------------------------------------


def header(next_payload, length):
    return SPIS + bytes([next_payload, 0x20, 37, 0x08]) + struct.pack(">II", 7, length)


def protect(name, h, key, integ_key, iv, chain, pad, first=41, fragment=None):
    """One message; h None: AES-GCM with the salt at the end of the key."""
    mid = b"" if fragment is None else struct.pack(">HH", *fragment)
    icv_len = HASH[h][2] if h else 16
    body_len = len(mid) + len(iv) + len(chain) + len(pad) + 1 + icv_len
    head = header(46 if fragment is None else 53, 28 + 4 + body_len)
    head += bytes([first, 0]) + struct.pack(">H", 4 + body_len) + mid
    text = chain + pad + bytes([len(pad)])
    if h:
        enc = Cipher(algorithms.AES(key), modes.CBC(iv)).encryptor()
        message = head + iv + enc.update(text) + enc.finalize()
        message += hmac.new(integ_key, message, HASH[h][0]).digest()[:icv_len]
    else:
        message = head + iv + AESGCM(key[:-4]).encrypt(key[-4:] + iv, text, head)
    out(name, message)


CHAIN = bytes.fromhex("00000008" "00004000")  # N(INITIAL_CONTACT)
IV16, IV8 = count(0xa0, 16), struct.pack(">Q", 5)
for bits in (128, 256):
    key = count(0x61, bits // 8)
    for h in HASH:
        protect("V_SK_CBC%d_%s" % (bits, h), h, key, count(0x41, HASH[h][1]), IV16, CHAIN, bytes(7))
    protect("V_SK_GCM%d" % bits, None, key + b"salt", None, IV8, CHAIN, b"")
KEY256, INTEG256 = count(0x61, 32), count(0x41, 32)
protect("V_SK_CBC_EMPTY", "SHA256", KEY256, INTEG256, IV16, b"", bytes(15), first=0)
protect("V_SK_GCM_EMPTY", None, KEY256 + b"salt", None, IV8, b"", b"", first=0)
protect("V_SK_CBC_LONG_PAD", "SHA256", KEY256, INTEG256, IV16, CHAIN, count(9, 7 + 16 * 14))
protect("V_SK_GCM_PAD", None, KEY256 + b"salt", None, IV8, CHAIN, count(9, 200))
enc_bad = count(0, 15) + b"\x10"


def bad_pad():
    """16 octets of plaintext whose last one claims 16 octets of padding in front of it."""
    body_len = 16 + 16 + 16
    head = header(46, 32 + body_len) + bytes([41, 0]) + struct.pack(">H", 4 + body_len)
    enc = Cipher(algorithms.AES(KEY256), modes.CBC(IV16)).encryptor()
    m = head + IV16 + enc.update(enc_bad) + enc.finalize()
    out("V_SK_CBC_PAD_TOO_LONG", m + hmac.new(INTEG256, m, hashlib.sha256).digest()[:16])
    body_len = 8 + 1 + 16
    head = header(46, 32 + body_len) + bytes([41, 0]) + struct.pack(">H", 4 + body_len)
    out("V_SK_GCM_PAD_TOO_LONG",
        head + IV8 + AESGCM(KEY256).encrypt(b"salt" + IV8, b"\x01", head))


bad_pad()
protect("V_SKF_CBC_1", "SHA256", KEY256, INTEG256, IV16, CHAIN, bytes(7), fragment=(1, 2))
protect("V_SKF_GCM_2", None, KEY256 + b"salt", None, IV8, CHAIN, b"", first=0, fragment=(2, 2))

# ---- NAT detection, section 2.23; cookie, section 2.6 -------------------------------------------------

out("V_NATD_V4", hashlib.sha1(SPIS + bytes([192, 0, 2, 1]) + struct.pack(">H", 500)).digest())
out("V_NATD_V6", hashlib.sha1(
    SPIS + bytes.fromhex("20010db8000000000000000000000001") + struct.pack(">H", 4500)).digest())
out("V_COOKIE", b"\x07" + hmac.new(
    count(0, 32), NI + bytes([192, 0, 2, 1]) + struct.pack(">Q", SPI_I), hashlib.sha256).digest())

# ---- Token of quick crash detection, RFC 6290 section 5.1 ----------------------------------------------

out("V_QCD_TOKEN", prf("SHA256", count(0, 32), SPIS)[:16])
print("""/* clang-format on */

#endif""")
