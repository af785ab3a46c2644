#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Writes kdf.json: owner fingerprints and epoch keys."""
import fbcref as ref
import vectorfile

SOURCE = "tests/vectors/make_kdf.py, computed by fbcref.py"
DIGEST = vectorfile.pseudo("kdf launch", 32)


def epoch(name, expect="ok", **change):
    v = {"epoch": 1, "width": 800, "height": 600, "aead": ref.AES256_GCM,
         "uuid": vectorfile.pseudo("kdf uuid", 16),
         "salt": vectorfile.pseudo("kdf salt", 32),
         "session": vectorfile.pseudo("kdf session", 32)}
    v.update(change)
    tile, manifest, inputs, key_id = ref.epoch_keys(
        v["session"], v["salt"], v["uuid"], v["epoch"], v["width"],
        v["height"], v["aead"], v.get("launch", b""))
    v = {k: x.hex() if isinstance(x, bytes) else x for k, x in v.items()}
    out = {"name": name, **v, "expect": expect}
    if expect == "ok":
        out.update(tile=tile.hex(), manifest=manifest.hex(),
                   input=inputs.hex(), key_id=key_id.hex())
    return out


def files():
    epochs = [
        epoch("base"),
        epoch("another epoch", epoch=2),
        epoch("largest epoch", epoch=0xffffffff),
        epoch("another width", width=801),
        epoch("another height", height=601),
        epoch("width and height exchanged", width=600, height=800),
        epoch("largest size", width=2560, height=1926),
        epoch("ChaCha20-Poly1305", aead=ref.CHACHA20_POLY1305),
        epoch("another uuid", uuid=vectorfile.pseudo("kdf uuid 2", 16)),
        epoch("another salt", salt=vectorfile.pseudo("kdf salt 2", 32)),
        epoch("another key", session=vectorfile.pseudo("kdf session 2", 32)),
        epoch("all zero", uuid=bytes(16), salt=bytes(32), session=bytes(32)),
        epoch("bound to a launch digest", launch=DIGEST),
        epoch("bound to another launch digest",
              launch=vectorfile.pseudo("kdf launch 2", 32)),
        epoch("bound to a digest of zeros", launch=bytes(32)),
        epoch("bound, ChaCha20-Poly1305", launch=DIGEST,
              aead=ref.CHACHA20_POLY1305),
        epoch("no cipher", "crypto", aead=0),
        epoch("AES-128-GCM", "crypto", aead=1),
        epoch("export only", "crypto", aead=255),
    ]
    owners = []
    for i in range(16):
        pub = vectorfile.pseudo("kdf owner %d" % i, 32)
        owners.append({"name": "owner %d" % i, "owner_pub": pub.hex(),
                       "uuid": ref.owner_uuid(pub).hex(), "expect": "ok"})
    return {"kdf.json": {"source": SOURCE, "epochs": epochs,
                         "vectors": owners}}


if __name__ == "__main__":
    vectorfile.write(files())
