#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Writes pool.json: draws out of the pool of random words (core/pool.h)."""
import fbcref as ref
import vectorfile

SOURCE = "tests/vectors/make_pool.py, computed by fbcref.py"


def draw(state, data):
    prk = ref.hkdf_extract(state, data)
    return (ref.hkdf_expand(prk, b"fbcrypt pool output", 32),
            ref.hkdf_expand(prk, b"fbcrypt pool state", 32))


def vector(name, state, data):
    out, state_after = draw(state, data)
    return {"name": name, "state": state.hex(), "input": data.hex(),
            "out": out.hex(), "next": state_after.hex(), "expect": "ok"}


def files():
    zero, words = bytes(32), vectorfile.pseudo("pool input 0", 80)
    vectors = [
        vector("first draw of a boot", zero, words),
        vector("another state", vectorfile.pseudo("pool state", 32), words),
        vector("no input", zero, b""),
        vector("one bit of the input", zero,
               words[:-1] + bytes([words[-1] ^ 1])),
        vector("one bit of the state", zero[:-1] + b"\1", words),
        vector("longer than a block", zero,
               vectorfile.pseudo("pool input long", 200)),
    ]
    state = zero
    for i in range(8):
        data = vectorfile.pseudo("pool input %d" % i, 80)
        v = vector("draw %d of a chain" % i, state, data)
        state = bytes.fromhex(v["next"])
        vectors.append(v)
    return {"pool.json": {"source": SOURCE, "vectors": vectors}}


if __name__ == "__main__":
    vectorfile.write(files())
