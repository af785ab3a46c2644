#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Writes the seeds of fuzz_pvbuild, fuzz_launchlog, fuzz_dsdt to corpus/."""
import hashlib
import os
import struct
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, ".."))
sys.dont_write_bytecode = True

import pvkernel     # noqa: E402  (found by the line above)


def kernels():
    small = dict(text=600, bss=3000)
    linux = dict(pvkernel.LINUX, **small)
    mini = dict(pvkernel.MINI, **small)
    for name, p, pages, ramdisk in (
            ("linux", linux, 9000, 5000), ("linux-no-ramdisk", linux, 9000, 0),
            ("mini", mini, 9000, 5000),
            ("mapped-ramdisk", {k: v for k, v in linux.items()
                                if k != "mod_start_pfn"}, 9000, 5000),
            ("odd-size", linux, 8777, 1), ("too-small", linux, 4200, 0),
            ("p2m-near", dict(linux, init_p2m=0xffffffff00000000), 9000, 0),
            ("p2m-odd", dict(linux, init_p2m=0x8000000001), 9000, 0),
            ("base-0", dict(mini, virt_base=0, init_p2m=0), 9000, 0),
            ("entry-outside", dict(linux, entry=4096), 9000, 0),
            ("pvh", dict(linux, phys32_entry=0x1000000,
                         supported_features=0x8801), 9000, 5000),
            ("pvh-mapped-ramdisk", dict(mini, phys32_entry=0x1000000), 9000,
             5000),
            ("pvh-entry-outside", dict(mini, phys32_entry=16), 9000, 0)):
        yield name, struct.pack("<II", pages, ramdisk) + pvkernel.kernel(**p)


def log(state=0, nr_pages=1000, e820=1, windows=((0, 5), (64, 1 << 63)),
        tail=b""):
    facts = [bytes(40), bytes(20 * e820), bytes(4096)]
    rows = [(1, 1, 0, 0, hashlib.sha256(facts[0]).digest()),
            (2, e820, 0, 0, hashlib.sha256(facts[1]).digest()),
            (3, 1, 7, 0, hashlib.sha256(facts[2]).digest()),
            (5, 2, 20, 0, bytes(32)), (6, 1, 8, 0, bytes(32)),
            (6, 1, 9, 0, bytes(32))]
    rows += [(4, 64, first, bits, bytes(range(32))) for first, bits in windows]
    out = struct.pack("<4sHHIIQQ", b"FBL1", 1, 1, state, len(rows), nr_pages,
                      0)
    for kind, count, first, bits, digest in rows:
        out += struct.pack("<HHIQQ", kind, 0, count, first, bits) + digest
    return out + b"".join(facts) + tail


def pvh_log(nr_pages=7, bits=2, runs=((0, 3), (7, 3), (100, 1)), state=0):
    facts = [bytes(40), bytes(40), bytes(24) + struct.pack("<Q", 7 * 4096 + 56)
             + bytes(24) + b"quiet" + bytes(4035)]
    rows = [(1, 1, 0, 0, hashlib.sha256(facts[0]).digest()),
            (2, 2, 0, 0, hashlib.sha256(facts[1]).digest()),
            (3, 1, 7, 0, hashlib.sha256(facts[2]).digest()),
            (6, 1, 8, 0, bytes(32)), (6, 1, 9, 0, bytes(32)),
            (4, 64, 0, bits, bytes(range(32)))]
    rows += [(7, count, first, 0, bytes(32)) for first, count in runs]
    out = struct.pack("<4sHHIIQQ", b"FBL1", 1, 2, state, len(rows), nr_pages,
                      0)
    for kind, count, first, b, digest in rows:
        out += struct.pack("<HHIQQ", kind, 0, count, first, b) + digest
    return out + b"".join(facts)


def dsdt(body=100, name=b"DSDT", oem=b"Xen"):
    head = struct.pack("<4sIBB6s8sI4sI", name, 36 + body, 2, 0, oem, b"HVM", 0,
                       b"INTL", 0x20200925)
    data = bytearray(head + bytes(i & 255 for i in range(body)))
    data[9] = -sum(data) & 255
    return bytes(data)


def dsdts():
    yield "good", b"ELF" + dsdt() + b"behind"
    yield "two", dsdt() + dsdt(50)
    yield "ssdt", dsdt(name=b"SSDT")
    yield "others", dsdt(oem=b"BOCHS")
    yield "short", dsdt()[:-1]
    yield "sum", dsdt()[:-1] + b"x"


def logs():
    yield "pvh", pvh_log()
    yield "pvh-hole", pvh_log(bits=8)
    yield "pvh-joined", pvh_log(runs=((0, 3), (3, 3), (100, 1)))
    yield "pvh-too-few", pvh_log(nr_pages=6)
    yield "pvh-state", pvh_log(state=10, nr_pages=0, runs=())
    yield "good", log()
    yield "no-map", log(e820=0)
    yield "two-maps", log(e820=2)
    yield "no-windows", log(windows=())
    yield "window-back", log(windows=((64, 1), (0, 1)))
    yield "window-odd", log(windows=((3, 1),))
    yield "window-beyond", log(windows=((960, 1 << 63),))
    yield "trailing", log(tail=b"x")
    yield "state-cpu", log(state=10)
    yield "state-only", struct.pack("<4sHHIIQQ", b"FBL1", 1, 1, 2, 0, 64, 0)
    yield "version-2", log().replace(b"FBL1\1", b"FBL1\2")
    yield "short", log()[:-1]


for target, seeds in (("fuzz_pvbuild", kernels()), ("fuzz_launchlog", logs()),
                      ("fuzz_dsdt", dsdts())):
    where = os.path.join(HERE, "corpus", target)
    os.makedirs(where, exist_ok=True)
    for name, data in seeds:
        with open(os.path.join(where, name), "wb") as f:
            f.write(data)
