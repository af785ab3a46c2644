# SPDX-License-Identifier: GPL-2.0-only
"""ECDSA over P-256 (FIPS 186-5) with deterministic nonces (RFC 6979)."""
import hashlib
import hmac

P = 2**256 - 2**224 + 2**192 + 2**96 - 1
N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551
B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b
G = (0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296,
     0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5)


def add(a, b):
    if a is None or b is None:
        return a or b
    if a[0] == b[0]:
        if (a[1] + b[1]) % P == 0:
            return None
        m = (3 * a[0] * a[0] - 3) * pow(2 * a[1], -1, P)
    else:
        m = (b[1] - a[1]) * pow(b[0] - a[0], -1, P)
    x = (m * m - a[0] - b[0]) % P
    return x, (m * (a[0] - x) - a[1]) % P


def multiply(k, point=G):
    out = None
    while k:
        if k & 1:
            out = add(out, point)
        point = add(point, point)
        k >>= 1
    return out


def on_curve(x, y):
    return (y * y - x * x * x + 3 * x - B) % P == 0


def _nonces(secret, digest):
    h = (int.from_bytes(digest, "big") % N).to_bytes(32, "big")
    x = secret.to_bytes(32, "big")
    k, v = bytes(32), b"\x01" * 32

    def mac(data):
        return hmac.new(k, data, hashlib.sha256).digest()

    for byte in (b"\x00", b"\x01"):
        k = mac(v + byte + x + h)
        v = mac(v)
    while True:
        v = mac(v)
        n = int.from_bytes(v, "big")
        if 0 < n < N:
            yield n
        k = mac(v + b"\x00")
        v = mac(v)


def sign(secret, message, accept=lambda r, s: True, hash_=hashlib.sha256):
    """(r, s); accept refuses signatures that will not do."""
    digest = hash_(message).digest()
    z = int.from_bytes(digest[:32], "big")
    for k in _nonces(secret, digest.ljust(32, b"\0")[:32]):
        r = multiply(k)[0] % N
        s = pow(k, -1, N) * (z + r * secret) % N
        if r and s and accept(r, s):
            return r, s


def verify(point, message, r, s):
    if not (0 < r < N and 0 < s < N and on_curve(*point)):
        return False
    z = int.from_bytes(hashlib.sha256(message).digest(), "big")
    w = pow(s, -1, N)
    p = add(multiply(z * w % N), multiply(r * w % N, point))
    return p is not None and p[0] % N == r
