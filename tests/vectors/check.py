#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Checks that fbcref.py reproduces every vector file, published or made."""
import json
import os
import sys

import fbcref as ref
import make_attest
import make_authenticode
import make_blob
import make_coded
import make_edges
import make_input
import make_kdf
import make_keytext
import make_pool
import make_tile
import vectorfile

H = bytes.fromhex
bad = []


def expect(ok, where, v):
    if not ok:
        bad.append("%s: %s" % (where, v["name"]))


def load(name):
    with open(os.path.join(vectorfile.HERE, name), encoding="ascii") as f:
        return json.load(f)["vectors"]


def aead(name, aead_id):
    for v in load(name):
        if "pt" in v:
            ct, tag = ref.aead_seal(aead_id, H(v["key"]), H(v["nonce"]),
                                    H(v["aad"]), H(v["pt"]))
            expect((ct.hex(), tag.hex()) == (v["ct"], v["tag"]), name, v)
        else:
            # Both modes are counter modes: sealing ct gives pt.
            pt, _ = ref.aead_seal(aead_id, H(v["key"]), H(v["nonce"]), b"",
                                  H(v["ct"]))
            _, tag = ref.aead_seal(aead_id, H(v["key"]), H(v["nonce"]),
                                   H(v["aad"]), pt)
            expect(tag.hex() != v["tag"] and v["expect"] == "auth", name, v)


def ccm():
    for v in load("ccm.json"):
        ct, tag = ref.ccm_seal(H(v["key"]), H(v["nonce"]), H(v["aad"]),
                               H(v["pt"]), len(v["tag"]) // 2)
        expect((ct.hex(), tag.hex()) == (v["ct"], v["tag"]), "ccm.json", v)


def hkdf():
    for v in load("rfc5869.json"):
        prk = ref.hkdf_extract(H(v["salt"]), H(v["ikm"]))
        okm = ref.hkdf_expand(prk, H(v["info"]), v["length"])
        expect((prk.hex(), okm.hex()) == (v["prk"], v["okm"]),
               "rfc5869.json", v)


def curve():
    for v in load("rfc7748.json"):
        if "iterations" in v:
            k = u = b"\x09" + bytes(31)
            for _ in range(v["iterations"]):
                k, u = ref.x25519(k, u), k
            expect(k.hex() == v["out"], "rfc7748.json", v)
        else:
            out = ref.x25519(H(v["scalar"]), H(v["point"]))
            expect(out.hex() == v["out"], "rfc7748.json", v)


def hpke():
    for v in load("rfc9180.json"):
        h = ref.Hpke(v["aead"], H(v["pkRm"]), H(v["skEm"]), H(v["info"]),
                     H(v["skSm"]) if v["mode"] == 2 else None)
        got = (h.enc, h.shared_secret, h.key, h.base_nonce,
               h.seal(H(v["aad"]), H(v["pt"])))
        expect([b.hex() for b in got] ==
               [v[k] for k in ("enc", "shared_secret", "key", "base_nonce",
                               "ct")], "rfc9180.json", v)
        expect(ref.x25519_public(H(v["skRm"])).hex() == v["pkRm"],
               "rfc9180.json", v)


def made():
    for module in (make_attest, make_authenticode, make_blob, make_coded,
                   make_edges, make_input, make_kdf, make_keytext, make_pool,
                   make_tile):
        for name, obj in module.files().items():
            path = os.path.join(vectorfile.HERE, name)
            with open(path, encoding="ascii") as f:
                expect(f.read() == vectorfile.text(obj), module.__name__,
                       {"name": name + " is not what the script writes"})


aead("gcm.json", ref.AES256_GCM)
aead("chacha.json", ref.CHACHA20_POLY1305)
ccm()
hkdf()
curve()
hpke()
made()
for line in bad:
    print("check.py: error: " + line, file=sys.stderr)
sys.exit(1 if bad else 0)
