#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Edge cases of the primitives: block boundaries, odd curve points."""
import fbcref as ref
import vectorfile

SOURCE = "tests/vectors/make_edges.py, computed by fbcref.py"
LENGTHS = (0, 1, 15, 16, 17, 31, 47, 48, 63, 64, 65, 127, 128, 129, 193, 257)

# u-coordinates that RFC 7748 maps to 0: order 1, 2, 4, 8 and their twins.
SMALL_ORDER = (
    0, 1, ref.P - 1, ref.P, ref.P + 1,
    0x00b8495f16056286fdb1329ceb8d09da6ac49ff1fae35616aeb8413b7c7aebe0,
    0x57119fd0dd4e22d8868e1c58c45c44045bef839c55b1d0b1248c50a3bc959c5f,
    2**255, 2**255 + 1,
)
ODD = (2, 9, ref.P - 2, ref.P + 2, ref.P + 9, 2**255 - 2, 2**255 - 1,
       2**255 + 9, 2**256 - 1)


def data(label, length):
    return vectorfile.pseudo("edges " + label, length)


def aead(name, aead_id):
    vectors = []
    for i, n in enumerate(LENGTHS):
        m = LENGTHS[(5 * i + 3) % len(LENGTHS)]
        label = "%s PT %d AAD %d" % (name, n, m)
        key, nonce = data(label + " key", 32), data(label + " nonce", 12)
        aad, pt = data(label + " aad", m), data(label + " pt", n)
        ct, tag = ref.aead_seal(aead_id, key, nonce, aad, pt)
        vectors.append({
            "name": label, "key": key.hex(), "nonce": nonce.hex(),
            "aad": aad.hex(), "pt": pt.hex(), "ct": ct.hex(),
            "tag": tag.hex(), "expect": "ok"})
    return {"source": SOURCE, "vectors": vectors}


def ccm():
    vectors = []
    for i, n in enumerate(LENGTHS + (5,)):
        m = LENGTHS[(5 * i + 3) % len(LENGTHS)]
        label = "AES-256-CCM-8 PT %d AAD %d" % (n, m)
        key, nonce = data(label + " key", 32), data(label + " nonce", 12)
        aad, pt = data(label + " aad", m), data(label + " pt", n)
        v = {"name": label, "key": key.hex(), "nonce": nonce.hex(),
             "aad": aad.hex(), "pt": pt.hex()}
        ct, tag = ref.ccm_seal(key, nonce, aad, pt)
        vectors.append(dict(v, ct=ct.hex(), tag=tag.hex(), expect="ok"))
        # A longer tag cut short is another tag.
        ct, tag = ref.ccm_seal(key, nonce, aad, pt, 16)
        vectors.append(dict(v, name=label + ", of 16 bytes of tag",
                            ct=ct.hex(), tag=tag[:8].hex(), expect="auth"))
    return {"source": SOURCE, "vectors": vectors}


def curve():
    vectors = []
    for expect, points in (("crypto", SMALL_ORDER), ("ok", ODD)):
        for u in points:
            point = u.to_bytes(32, "little")
            scalar = data("scalar %d" % u, 32)
            out = ref.x25519(scalar, point)
            assert (out == bytes(32)) == (expect == "crypto")
            vectors.append({
                "name": "u = %#x" % u, "scalar": scalar.hex(),
                "point": point.hex(), "out": out.hex(), "expect": expect})
    return {"source": SOURCE, "vectors": vectors}


def files():
    return {"ccm8-edge.json": ccm(),
            "gcm-edge.json": aead("AES-256-GCM", ref.AES256_GCM),
            "chacha-edge.json": aead("ChaCha20-Poly1305",
                                     ref.CHACHA20_POLY1305),
            "rfc7748-edge.json": curve()}


if __name__ == "__main__":
    vectorfile.write(files())
