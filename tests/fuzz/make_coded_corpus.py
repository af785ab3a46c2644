#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Writes the seeds of fuzz_coded to corpus/: the vectors of coded.json."""
import json
import os
import struct

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = os.path.join(HERE, "corpus", "fuzz_coded")
VECTORS = os.path.join(HERE, "..", "vectors", "coded.json")


def name_of(kind, name):
    return kind + "-" + "".join(c if c.isalnum() else "-" for c in name)


with open(VECTORS, encoding="ascii") as f:
    vectors = json.load(f)
seeds = {}


def head(v):
    return struct.pack("<HB", v["w"] - 1, v["h"] - 1)


for v in vectors["codes"]:
    code = bytes.fromhex(v["code"])
    if code:
        seeds[name_of("code", v["name"])] = \
            head(v) + struct.pack("<H", len(code)) + code
for v in vectors["plains"]:
    seeds[name_of("plain", v["name"])] = head(v) + bytes.fromhex(v["plain"])
seeds["palette-cut"] = struct.pack("<HBH", 7, 1, 3) + b"\x0f\1\2"
seeds["pixels-many"] = struct.pack("<HB", 127, 15) + bytes(range(51))
os.makedirs(OUT, exist_ok=True)
for name, data in seeds.items():
    with open(os.path.join(OUT, name), "wb") as f:
        f.write(data)
