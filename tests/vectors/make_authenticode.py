#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Writes authenticode.json: small EFI images, good ones with their hash and
ones to refuse."""
import hashlib
import struct

import vectorfile

SOURCE = "tests/vectors/make_authenticode.py"
PE = 0x40


def section(name, size, offset, virtual=0x1000):
    return name.encode().ljust(8, b"\0") + struct.pack(
        "<IIIIIIHHI", size, virtual, size, offset, 0, 0, 0, 0, 0x60000020)


def image(sections, headers=0x200, dirs=16, certs=(0, 0), rest=b"",
          length=None, machine=0x8664, magic=0x20b, opt_len=None, count=None,
          pe=PE):
    """sections: (name, offset, bytes) or (name, offset, size) without any."""
    opt = bytearray(112 + 8 * dirs)
    struct.pack_into("<H", opt, 0, magic)
    struct.pack_into("<I", opt, 60, headers)
    struct.pack_into("<I", opt, 64, 0xc0ffee11)         # checksum
    struct.pack_into("<I", opt, 108, dirs)
    if dirs > 4:
        struct.pack_into("<II", opt, 112 + 4 * 8, *certs)
    head = b"MZ" + bytes(0x3a) + struct.pack("<I", pe)
    head += b"PE\0\0" + struct.pack(
        "<HHIIIHH", machine, len(sections) if count is None else count,
        1, 0, 0, len(opt) if opt_len is None else opt_len, 0x2022) + opt
    body = {}
    for name, offset, data in sections:
        size = data if isinstance(data, int) else len(data)
        head += section(name, size, offset)
        if not isinstance(data, int):
            body[offset] = data
    out = bytearray(head.ljust(headers, b"\0"))
    for offset, data in body.items():
        if len(out) < offset + len(data):
            out += bytes(offset + len(data) - len(out))
        out[offset:offset + len(data)] = data
    out += rest
    return bytes(out if length is None else out[:length])


def digest(b):
    """As firmware does it (EDK II, DxeTpm2MeasureBootLib)."""
    pe = struct.unpack_from("<I", b, 0x3c)[0]
    count = struct.unpack_from("<H", b, pe + 6)[0]
    opt = pe + 24
    opt_len = struct.unpack_from("<H", b, pe + 20)[0]
    headers, = struct.unpack_from("<I", b, opt + 60)
    dirs, = struct.unpack_from("<I", b, opt + 108)
    h = hashlib.sha256(b[:opt + 64])
    certs = 0
    if dirs > 4:
        entry = opt + 112 + 32
        h.update(b[opt + 68:entry])
        h.update(b[entry + 8:headers])
        certs = struct.unpack_from("<I", b, entry + 4)[0]
    else:
        h.update(b[opt + 68:headers])
    table = [struct.unpack_from("<II", b, opt + opt_len + 40 * i + 16)
             for i in range(count)]
    total = headers
    for size, offset in sorted((s for s in table if s[0]),
                               key=lambda s: s[1]):
        h.update(b[offset:offset + size])
        total += size
    h.update(b[total:len(b) - certs])
    return h.digest()


def data(label, n):
    return vectorfile.pseudo("authenticode " + label, n)


TEXT = (".text", 0x200, data("text", 0x80))
DATA = (".data", 0x280, data("data", 0x40))
PLAIN = image([TEXT, DATA])


def good(name, file):
    return {"name": name, "file": file.hex(), "expect": "ok",
            "hash": digest(file).hex()}


def bad(name, expect, file):
    return {"name": name, "file": file.hex(), "expect": expect}


def vectors():
    yield good("two sections", PLAIN)
    yield good("no section", image([]))
    yield good("sections in another order in the table",
               image([DATA, TEXT]))
    yield good("a section without data", image(
        [TEXT, (".bss", 0, 0), DATA]))
    yield good("a section without data that points outside", image(
        [TEXT, (".bss", 0xffffffff, 0), DATA]))
    yield good("bytes after the last section", image([TEXT, DATA],
                                                     rest=data("rest", 9)))
    yield good("a gap between sections", image(
        [TEXT, (".data", 0x2a0, data("data", 0x40))]))
    yield good("a gap, and bytes after", image(
        [TEXT, (".data", 0x2a0, data("data", 0x40))], rest=data("rest", 70)))
    certs = data("certificates", 24)
    signed = image([TEXT, DATA], certs=(0x2c0, 24), rest=certs)
    yield good("certificates", signed)
    v = good("other certificates: the same hash", image(
        [TEXT, DATA], certs=(0x2c0, 24), rest=data("others", 24)))
    assert v["hash"] == digest(signed).hex()
    yield v
    v = good("another checksum: the same hash", PLAIN.replace(
        struct.pack("<I", 0xc0ffee11), bytes(4)))
    assert v["hash"] == digest(PLAIN).hex()
    yield v
    yield good("four directories only", image([TEXT, DATA], dirs=4))
    yield good("five directories", image([TEXT, DATA], dirs=5))
    yield good("no directory", image([TEXT, DATA], dirs=0))
    yield good("longer optional header", image(
        [TEXT], opt_len=112 + 8 * 16, dirs=16))
    many = [(".s%d" % i, 0x1200 + 8 * i, data("s%d" % i, 8))
            for i in range(96)]
    yield good("96 sections", image(many, headers=0x1200))
    yield bad("97 sections", "range", image(
        many + [(".s", 0x1800, data("s", 8))], headers=0x1200))

    yield bad("empty", "length", b"")
    yield bad("one byte short of a DOS header", "length", PLAIN[:63])
    yield bad("not MZ", "magic", b"ZM" + PLAIN[2:])
    yield bad("not PE", "magic", PLAIN.replace(b"PE\0\0", b"PE\0\1"))
    yield bad("ELF", "magic", b"\x7fELF" + PLAIN[4:])
    yield bad("PE header outside", "length", image([TEXT], pe=0x1000))
    yield bad("PE header at the end of the address space", "length",
              image([TEXT], pe=0xffffffff))
    yield bad("PE header in the DOS header", "magic", image([TEXT], pe=0x3c))
    yield bad("32 bits", "algorithm", image([TEXT], magic=0x10b))
    yield bad("for i386", "algorithm", image([TEXT], machine=0x14c))
    yield bad("for AArch64", "algorithm", image([TEXT], machine=0xaa64))
    yield bad("optional header too short for its directories", "range",
              image([TEXT], opt_len=112 + 8 * 15))
    yield bad("optional header of no bytes", "range", image([TEXT],
                                                            opt_len=0))
    yield bad("2^32 - 1 directories", "range", PLAIN.replace(
        struct.pack("<I", 16), b"\xff\xff\xff\xff", 1))
    yield bad("65535 sections", "range", image([TEXT], count=0xffff))
    yield bad("more sections than the headers hold", "range",
              image([TEXT], count=20))
    yield bad("headers of no bytes", "range", image([TEXT, DATA]).replace(
        struct.pack("<I", 0x200), bytes(4), 1))
    yield bad("headers longer than the file", "length",
              image([], headers=0x200, length=0x1ff))
    yield bad("file ends in the headers", "length", PLAIN[:0x100])
    yield bad("file ends in a section", "length", PLAIN[:-1])
    yield bad("section outside", "length", image([TEXT, (".x", 0x400, 16)]))
    yield bad("section that wraps 32 bits", "length",
              image([TEXT, (".x", 0xfffffff0, 0x20)]))
    yield bad("section of 2^32 - 1 bytes", "length",
              image([TEXT, (".x", 0x280, 0xffffffff)]))
    yield bad("section in the headers", "range", image(
        [TEXT, (".x", 0x1f0, 16)]))
    yield bad("sections overlap", "range", image([TEXT, (".x", 0x27f, 1)]))
    yield bad("sections at one place", "range", image(
        [TEXT, (".x", 0x200, 0x80)]))
    yield bad("certificates not at the end", "range", image(
        [TEXT, DATA], certs=(0x2c0, 24), rest=certs + b"x"))
    yield bad("certificates outside", "range", image(
        [TEXT, DATA], certs=(0x2c0, 24)))
    yield bad("certificates in a section", "range", image(
        [TEXT, DATA], certs=(0x280, 0x40)))
    yield bad("certificates larger than the file", "range", image(
        [TEXT, DATA], certs=(0xffffffff, 0xffffffff)))
    yield bad("certificates that are the file", "range", image(
        [TEXT, DATA], certs=(0, 0x2c0)))


def files():
    return {"authenticode.json": {"source": SOURCE,
                                  "vectors": list(vectors())}}


if __name__ == "__main__":
    vectorfile.write(files())
