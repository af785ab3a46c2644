#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""The digest of a launch log, from fbc-formats(5) alone.

usage: tests/launchref.py < log
"""
import hashlib
import struct
import sys


def sha(data):
    return hashlib.sha256(data).digest()


log = sys.stdin.buffer.read()
magic, version, kind, state, nr = struct.unpack_from("<4sHHII", log)
assert (magic, version, state) == (b"FBL1", 1, 0) and kind in (1, 2)
entries = [log[32 + 56 * i:88 + 56 * i] for i in range(nr)]
raw = log[32 + 56 * nr:]
maps = struct.unpack_from("<I", entries[1], 4)[0]
facts = [raw[:40], raw[40:40 + 20 * maps], raw[40 + 20 * maps:]]
assert len(facts[2]) == 4096
for entry, fact in zip(entries, facts):
    assert entry[24:] == sha(fact)
total = bytes(32)
for entry in entries:
    total = sha(total + entry)
print(sha(b"fbcrypt-launch-v1" + log[:32] + total).hex())
