#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Writes the seeds of fuzz_blob and fuzz_keytext from the vectors."""
import os

import fbcref as ref
import make_blob
import make_keytext
import vectorfile

CORPUS = os.path.join(vectorfile.HERE, "..", "fuzz", "corpus")
KINDS = list(ref.KEY_KINDS)


def blobs():
    good = make_blob.GOOD
    # Selector byte: fuzz_blob.c REPAIR, SEAL.
    yield "plain", b"\0" + good
    yield "repaired", b"\1" + good
    plain = good[:144] + make_blob.inner() + bytes(16)
    yield "sealed", b"\2" + plain
    yield "sealed-chacha", b"\2" + plain[:10] + b"\3" + plain[11:]
    yield "sealed-slots", b"\2" + good[:144] + make_blob.inner(slots=3) + (
        bytes(16))
    yield "sealed-reserved", b"\2" + good[:144] + (
        make_blob.inner(rest=bytes(10) + b"\1")) + bytes(16)
    yield "sealed-flags", b"\2" + plain[:12] + b"\1" + plain[13:]
    yield "sealed-replay", b"\2" + plain[:32] + bytes(8) + plain[40:]
    yield "short", b"\0" + good[:207]
    yield "long", b"\0" + good + b"\0"
    yield "empty", b"\0"


def keys():
    for i, kind in enumerate(KINDS):
        payload = vectorfile.pseudo("keytext " + kind, ref.KEY_KINDS[kind][1])
        line = ref.key_line(ref.KEY_KINDS[kind][0], payload).encode()
        yield kind, bytes([i]) + line + b"\n"
        yield kind + "-comment", bytes([i]) + b"# a\n#\n" + line
        yield kind + "-other", bytes([(i + 1) % 4]) + line + b"\n"
        yield kind + "-crlf", bytes([i]) + line + b"\r\n"
    for n in (1, 5, 8, 9):
        yield "session-2-%d" % n, b"\3" + (
            make_keytext.bound_line(make_keytext.bound(n)).encode())
    text = make_keytext.bound_line(make_keytext.bound(8)).encode()
    yield "session-2-cut", b"\3" + text[:14 + 336] + b"\n"
    yield "session-2-zero", b"\3" + make_keytext.bound_line(
        make_keytext.bound(1) + bytes(32)).encode()
    yield "version-2", b"\0fbc-owner-secret-2:" + line + b"\n"
    yield "empty", b"\0"


for name, seeds in (("fuzz_blob", blobs), ("fuzz_keytext", keys)):
    folder = os.path.join(CORPUS, name)
    os.makedirs(folder, exist_ok=True)
    for seed, data in seeds():
        with open(os.path.join(folder, seed), "wb") as f:
            f.write(data)
