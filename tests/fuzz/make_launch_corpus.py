#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Writes the seeds of fuzz_pvbuild and fuzz_launchlog to corpus/."""
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
            ("entry-outside", dict(linux, entry=4096), 9000, 0)):
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


def logs():
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


for target, seeds in (("fuzz_pvbuild", kernels()), ("fuzz_launchlog", logs())):
    where = os.path.join(HERE, "corpus", target)
    os.makedirs(where, exist_ok=True)
    for name, data in seeds:
        with open(os.path.join(where, name), "wb") as f:
            f.write(data)
