#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Makes small PV kernels that never run: ELF, segments, Xen's notes.

usage: tests/pvkernel.py [NAME=NUMBER]... > kernel

Names are those of the notes, in lower case; text=BYTES and bss=BYTES size the
two segments, seed=N fills them, bzimage=gzip|xz|zstd packs it.
"""
import random
import struct
import subprocess
import sys

NOTES = {"entry": 1, "hypercall_page": 2, "virt_base": 3, "paddr_offset": 4,
         "init_p2m": 15, "mod_start_pfn": 16, "supported_features": 17,
         "phys32_entry": 18}
LINUX = {"virt_base": 0xffffffff80000000, "entry": 0xffffffff81000000,
         "init_p2m": 0x8000000000, "mod_start_pfn": 1, "text": 9000,
         "bss": 20000}
MINI = {"virt_base": 0, "paddr_offset": 0, "hypercall_page": 0x1000000,
        "entry": 0x1000000, "text": 8192, "bss": 100}


def note(kind, body):
    body += b"\0" * (-len(body) % 4)
    return struct.pack("<III4s", 4, len(body), kind, b"Xen\0") + body


def kernel(**p):
    """The ELF file.  Segments: text at 16 MiB, bss behind it."""
    rnd = random.Random(p.get("seed", 1))
    text = rnd.randbytes(p.get("text", 5000))
    notes = note(6, b"linux\0") + note(5, b"xen-3.0\0")
    notes += b"".join(note(NOTES[k], struct.pack("<Q", v))
                      for k, v in p.items() if k in NOTES)
    start = 64 + 3 * 56
    after = 0x1000000 + len(text)
    heads = [
        (1, 5, start, 0x1000000, len(text), len(text)),
        (1, 6, start + 8, after, 8, 8 + p.get("bss", 100)),
        (4, 4, start + len(text), 0, len(notes), len(notes)),
    ]
    out = struct.pack("<6sBB8xHHIQQQIHHHHHH", b"\x7fELF\2\1", 1, 0, 2, 62, 1,
                      0x1000000, 64, 0, 0, 64, 56, len(heads), 64, 0, 0)
    for kind, flags, offset, paddr, filesz, memsz in heads:
        out += struct.pack("<IIQQQQQQ", kind, flags, offset, paddr, paddr,
                           filesz, memsz, 4096)
    return out + text + notes


def bzimage(payload):
    head = bytearray(0x400)
    head[0x1f1] = 1
    head[0x202:0x208] = b"HdrS\x0f\x02"
    struct.pack_into("<II", head, 0x248, 0, len(payload))
    return bytes(head) + payload + b"code behind it"


def pack(how, data):
    tool = {"gzip": ["gzip", "-nc"], "xz": ["xz", "-c", "--check=crc32"],
            "zstd": ["zstd", "-qc"]}[how]
    out = subprocess.run(tool, input=data, check=True,
                         stdout=subprocess.PIPE).stdout
    # gzip states the size at its end; Linux adds it to the others.
    return out if how == "gzip" else out + struct.pack("<I", len(data))


if __name__ == "__main__":
    params = dict(MINI if "mini" in sys.argv else LINUX)
    how = None
    for word in sys.argv[1:]:
        name, _, value = word.partition("=")
        if name == "bzimage":
            how = value
        elif value == "none":
            params.pop(name, None)
        elif value:
            params[name] = int(value, 0)
    image = kernel(**params)
    sys.stdout.buffer.write(bzimage(pack(how, image)) if how else image)
