#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Recompute what pvguest draws, from the rules in pvguest.h alone.

picture.py picture SEED [W H [OUT.ppm]]
picture.py rects SEED COUNT [MAX [W H [OUT.ppm]]]
picture.py crc IMAGE      of a screenshot in PPM (P6) or 8-bit RGB(A) PNG
prints the crc as the guest does, then WxH.
"""
import struct
import sys
import zlib


def xorshift32(seed):
    s = seed or 0x9E3779B9
    while True:
        s ^= s << 13 & 0xFFFFFFFF
        s ^= s >> 17
        s ^= s << 5 & 0xFFFFFFFF
        yield s


def rgb(value):
    return bytes((value >> 16 & 255, value >> 8 & 255, value & 255))


def picture(seed, w, h):
    rng = xorshift32(seed)
    out = bytearray()
    for y in range(h):
        for x in range(w):
            n = next(rng)
            v = 256 * x // w << 16 | 256 * y // h << 8 | (x + y) & 255
            if (x // 64 + y // 16) & 1:
                v ^= n & 0x0F0F0F
            out += rgb(v)
    return out


def rects(seed, count, limit, w, h):
    rng = xorshift32(seed)
    out = bytearray(3 * w * h)
    for _ in range(count):
        rw = 1 + next(rng) % min(limit, w)
        rh = 1 + next(rng) % min(limit, h)
        rx = next(rng) % (w - rw + 1)
        ry = next(rng) % (h - rh + 1)
        colour = next(rng)
        for y in range(ry, ry + rh):
            row = (rgb(colour) * rw if colour >> 31 else
                   b"".join(rgb(next(rng)) for _ in range(rw)))
            at = 3 * (y * w + rx)
            out[at:at + 3 * rw] = row
    return out


def unfilter(raw, w, h, bpp):
    rows, prev, at = [], bytearray(w * bpp), 0
    for _ in range(h):
        kind, line = raw[at], bytearray(raw[at + 1:at + 1 + w * bpp])
        at += 1 + w * bpp
        for i in range(len(line)):
            a = line[i - bpp] if i >= bpp else 0
            b = prev[i]
            c = prev[i - bpp] if i >= bpp else 0
            if kind == 4:
                p = a + b - c
                guess = min((abs(p - a), 0, a), (abs(p - b), 1, b),
                            (abs(p - c), 2, c))[2]
            else:
                guess = (0, a, b, (a + b) // 2)[kind]
            line[i] = line[i] + guess & 255
        rows.append(line)
        prev = line
    return rows


def load(path):
    data = open(path, "rb").read()
    if data[:2] == b"P6":
        _, w, h, top = data.split(None, 4)[:4]
        w, h = int(w), int(h)
        assert top == b"255"
        return data[-3 * w * h:], w, h
    assert data[:8] == b"\x89PNG\r\n\x1a\n", "neither PPM nor PNG"
    at, packed, w, h, bpp = 8, b"", 0, 0, 0
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at:at + 8])
        body = data[at + 8:at + 8 + size]
        at += 12 + size
        if kind == b"IHDR":
            w, h, depth, colour = struct.unpack(">IIBB", body[:10])
            bpp = {2: 3, 6: 4}[colour]
            assert depth == 8 and not body[12], "not plain 8-bit colour"
        elif kind == b"IDAT":
            packed += body
    rows = unfilter(zlib.decompress(packed), w, h, bpp)
    if bpp == 4:
        for i, row in enumerate(rows):
            del row[3::4]
            rows[i] = row
    return b"".join(rows), w, h


def main(args):
    if len(args) < 2 or args[0] not in ("picture", "rects", "crc"):
        sys.exit(__doc__)
    out = None
    if args[0] == "crc":
        pixels, w, h = load(args[1])
    else:
        rest = args[2:] if args[0] == "picture" else args[4:]
        w, h = (int(rest[0]), int(rest[1])) if len(rest) > 1 else (800, 600)
        out = rest[2] if len(rest) > 2 else None
        if args[0] == "picture":
            pixels = picture(int(args[1]), w, h)
        else:
            limit = int(args[3]) if len(args) > 3 else 200
            pixels = rects(int(args[1]), int(args[2]), limit, w, h)
    print("%08x %dx%d" % (zlib.crc32(pixels), w, h))
    if out:
        with open(out, "wb") as f:
            f.write(b"P6 %d %d 255\n" % (w, h) + pixels)


main(sys.argv[1:])
