# SPDX-License-Identifier: GPL-2.0-only
"""Independent reference of attestation: certificates, TPM structures, PCRs,
Authenticode, records.  No library, and none of our C code."""
import base64
import hashlib
import hmac
import struct

import fbcref
import p256ref as p256
import vectorfile

SELECT = (0, 2, 4, 7, 12)


def sha256(data):
    return hashlib.sha256(data).digest()


# Keys that are the same in every run.
def number(label, length):
    return int.from_bytes(vectorfile.pseudo("attest " + label, length), "big")


class EcKey:
    def __init__(self, label, accept=lambda x, y: True):
        for i in range(10000):
            self.secret = number("%s %d" % (label, i), 32) % p256.N
            self.point = p256.multiply(self.secret)
            if accept(*self.point):
                return


def _is_prime(n):
    d, r = n - 1, 0
    while d % 2 == 0:
        d, r = d // 2, r + 1
    for a in (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37):
        x = pow(a, d, n)
        if x in (1, n - 1):
            continue
        for _ in range(r - 1):
            x = x * x % n
            if x == n - 1:
                break
        else:
            return False
    return True


def _prime(label):
    n = number(label, 128) | (3 << 1022) | 1
    while n % 65537 == 1 or any(n % p == 0 for p in (3, 5, 7, 11, 13, 17)) \
            or not _is_prime(n):
        n += 2
    return n


def modulus(label):
    return _prime(label + " p") * _prime(label + " q")


# DER (X.690) and X.509 (RFC 5280)
def der(tag, *parts):
    body = b"".join(parts)
    n = len(body)
    if n < 128:
        size = bytes([n])
    else:
        raw = n.to_bytes((n.bit_length() + 7) // 8, "big")
        size = bytes([0x80 | len(raw)]) + raw
    return bytes([tag]) + size + body


def seq(*parts):
    return der(0x30, *parts)


def integer(n):
    return der(0x02, n.to_bytes(n.bit_length() // 8 + 1, "big"))


def oid(text):
    first, second, *rest = map(int, text.split("."))
    out = bytearray()
    for arc in [first * 40 + second] + rest:
        group = [arc & 127]
        while arc > 127:
            arc >>= 7
            group.append(arc & 127 | 128)
        out += bytes(reversed(group))
    return der(0x06, bytes(out))


def bits(data, unused=0):
    return der(0x03, bytes([unused]), data)


def name(common):
    return seq(der(0x31, seq(oid("2.5.4.3"), der(0x0c, common.encode()))))


def extension(which, value, critical=False):
    return seq(oid(which), der(0x01, b"\xff") if critical else b"",
               der(0x04, value))


def ec_spki(key):
    x, y = key.point
    return seq(seq(oid("1.2.840.10045.2.1"), oid("1.2.840.10045.3.1.7")),
               bits(b"\x04" + x.to_bytes(32, "big") + y.to_bytes(32, "big")))


def rsa_spki(n, e=65537):
    return seq(seq(oid("1.2.840.113549.1.1.1"), der(0x05)),
               bits(seq(integer(n), integer(e))))


def oaep_spki(n, e=65537):
    """As in the EK certificates of some makers (RFC 4055)."""
    return seq(seq(oid("1.2.840.113549.1.1.7"), seq()),
               bits(seq(integer(n), integer(e))))


CA_TRUE = extension("2.5.29.19", seq(der(0x01, b"\xff")), True)
CA_FALSE = extension("2.5.29.19", seq(), True)
CERT_SIGN = extension("2.5.29.15", bits(b"\x04", 2), True)
KEY_ENCIPHERMENT = extension("2.5.29.15", bits(b"\x20", 5), True)
DIGITAL_SIGNATURE = extension("2.5.29.15", bits(b"\x80", 7), True)
EK_USAGE = extension("2.5.29.37", seq(oid("2.23.133.8.1")))
SERVER_USAGE = extension("2.5.29.37", seq(oid("1.3.6.1.5.5.7.3.1")))
UNKNOWN_CRITICAL = extension("2.999.1", seq(), True)


def _attribute(which, text):
    return der(0x31, seq(oid(which), der(0x0c, text.encode())))


# The subjectAltName of EK certificates: critical, as the subject is empty.
TPM_NAME = extension("2.5.29.17", seq(der(0xa4, seq(
    _attribute("2.23.133.2.1", "id:46424300"),
    _attribute("2.23.133.2.2", "test"),
    _attribute("2.23.133.2.3", "id:00000001")))), True)
CA = (CA_TRUE, CERT_SIGN)
EK = (CA_FALSE, KEY_ENCIPHERMENT, EK_USAGE, TPM_NAME)


def certificate(spki, subject, issuer, issuer_key, serial, extensions,
                end="99991231235959Z", sha1=False):
    alg = seq(oid("1.2.840.10045.4.1" if sha1 else "1.2.840.10045.4.3.2"))
    tbs = seq(der(0xa0, integer(2)), integer(serial), alg,
              name(issuer),
              seq(der(0x17, b"200101000000Z"), der(0x18, end.encode())),
              name(subject) if subject else seq(), spki,
              der(0xa3, seq(*extensions)))
    r, s = p256.sign(issuer_key.secret, tbs,
                     hash_=hashlib.sha1 if sha1 else hashlib.sha256)
    return seq(tbs, alg, bits(seq(integer(r), integer(s))))


def pem(cert):
    text = base64.b64encode(cert).decode()
    return "-----BEGIN CERTIFICATE-----\n" + "".join(
        text[i:i + 64] + "\n" for i in range(0, len(text), 64)) + \
        "-----END CERTIFICATE-----\n"


# TPM 2.0 library, part 2
def tpm2b(data):
    return struct.pack(">H", len(data)) + data


def ek_public(n, attributes=0x000300b2):
    policy = bytes.fromhex("837197674484b3f81a90cc8d46a5d724"
                           "fd52d76e06520b64f2a1da1b331469aa")
    return tpm2b(struct.pack(">HHI", 1, 0xb, attributes) + tpm2b(policy) +
                 bytes.fromhex("000600800043" "0010" "0800" "00000000") +
                 tpm2b(n.to_bytes(256, "big")))


def strip(n):
    return n.to_bytes((n.bit_length() + 7) // 8, "big")


def ak_public(key, attributes=0x00050072, policy=b"", scheme="0018000b",
              short=False, curve=3):
    coord = strip if short else lambda n: n.to_bytes(32, "big")
    return tpm2b(struct.pack(">HHI", 0x23, 0xb, attributes) + tpm2b(policy) +
                 bytes.fromhex("0010" + scheme) +
                 struct.pack(">HH", curve, 0x10) +
                 tpm2b(coord(key.point[0])) + tpm2b(coord(key.point[1])))


def object_name(public):
    return b"\x00\x0b" + sha256(public[2:])


def qualified(ek, ak, hierarchy=0x4000000b):
    parent = b"\x00\x0b" + sha256(struct.pack(">I", hierarchy) +
                                  object_name(ek))
    return b"\x00\x0b" + sha256(parent + object_name(ak))


def selection(pcrs=SELECT, alg=0xb, size=3):
    mask = bytearray(size)
    for i in pcrs:
        mask[i // 8] |= 1 << i % 8
    return struct.pack(">HB", alg, size) + bytes(mask)


def attest(signer, nonce, digest, magic=0xff544347, type_=0x8018,
           clock=123456, resets=7, restarts=0, safe=1, selections=None,
           firmware=0x2019102300163636):
    selections = [selection()] if selections is None else selections
    return (struct.pack(">IH", magic, type_) + tpm2b(signer) + tpm2b(nonce) +
            struct.pack(">QIIBQ", clock, resets, restarts, safe, firmware) +
            struct.pack(">I", len(selections)) + b"".join(selections) +
            tpm2b(digest))


def signature(r, s, alg=0x18, hash_=0xb, encode=None):
    encode = encode or (lambda n: n.to_bytes(32, "big"))
    return struct.pack(">HH", alg, hash_) + tpm2b(encode(r)) + \
        tpm2b(encode(s))


# TPM2_MakeCredential (part 1, 24), for a given seed
def kdfa(seed, label, context, length):
    return hmac.new(seed, struct.pack(">I", 1) + label + b"\0" + context +
                    struct.pack(">I", 8 * length),
                    hashlib.sha256).digest()[:length]


def credential(seed, name_, secret):
    aes = fbcref.Aes(kdfa(seed, b"STORAGE", name_, 16))
    plain, enc, block = tpm2b(secret), b"", bytes(16)
    for i in range(0, len(plain), 16):
        part = plain[i:i + 16]
        block = bytes(a ^ b for a, b in zip(aes.block(block), part))
        enc += block
        block = block.ljust(16, b"\0")
    mac = hmac.new(kdfa(seed, b"INTEGRITY", b"", 32), enc + name_,
                   hashlib.sha256).digest()
    return tpm2b(tpm2b(mac) + enc)


# PCRs
def extend(pcr, *digests):
    for d in digests:
        pcr = sha256(pcr + d)
    return pcr


def pcr4(image):
    return extend(bytes(32),
                  sha256(b"Calling EFI Application from Boot Option"),
                  sha256(bytes(4)), image)


OUTLIVES = b"memory outlives a reset"


def pcr12(key, overwrites=True):
    return extend(bytes(32), sha256(key if overwrites else key + OUTLIVES))


def policy(pcr0, pcr2, pcr_4, pcr7):
    return sha256(bytes(32) + bytes.fromhex("0000017f" "00000001") +
                  selection() + sha256(pcr0 + pcr2 + pcr_4 + pcr7 +
                                       bytes(32)))


# Records
def b64(data):
    return base64.b64encode(data).decode()


def record(title, *lines):
    return "".join([title + "\n"] + ["%s: %s\n" % line for line in lines])


def identity(ak, ek, cert, chain):
    return [("ak-public", b64(ak)), ("ek-public", b64(ek)),
            ("ek-certificate", b64(cert))] + \
        [("ek-chain", b64(c)) for c in chain]


def evidence(key, pcrs, quote, sig, ak, ek, cert, chain):
    return record("fbc-evidence-1", ("vmm-key", key.hex()),
                  *(("pcr%d" % n, pcrs[n].hex()) for n in SELECT),
                  ("quote", b64(quote)), ("signature", b64(sig)),
                  *identity(ak, ek, cert, chain))


def golden(label, image, pcr0, pcr2, pcr7, key=None):
    four = pcr4(image)
    return record("fbc-golden-1", ("name", label), ("image", image.hex()),
                  ("pcr0", pcr0.hex()), ("pcr2", pcr2.hex()),
                  ("pcr4", four.hex()), ("pcr7", pcr7.hex()),
                  ("policy", policy(pcr0, pcr2, four, pcr7).hex()),
                  ("vmm-key", key.hex() if key else "none"),
                  ("pcr12", pcr12(key).hex() if key else "none"),
                  ("provenance", "a test"))


def host(label, cert, ek, ak, key, resets=0, restarts=0, clock=0):
    return record("fbc-host-1", ("name", label),
                  ("ek-certificate-sha256", sha256(cert).hex()),
                  ("ek-public", b64(ek)), ("ak-public", b64(ak)),
                  ("vmm-key", key.hex()), ("resets", resets),
                  ("restarts", restarts), ("clock", clock))
