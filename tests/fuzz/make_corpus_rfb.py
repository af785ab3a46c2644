#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Writes the seeds of fuzz_rfb: what VNC servers send."""
import os
import struct
import zlib

HERE = os.path.dirname(os.path.abspath(__file__))
INIT = bytes([32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0, 0, 0, 0])
RAW, COPY, HEXTILE, ZLIB, TIGHT, ZRLE = 0, 1, 5, 6, 7, 16


def init(w=70, h=20):
    return struct.pack(">HH", w, h) + INIT + struct.pack(">I", 2) + b"hi"


def hello(w=70, h=20):
    return b"RFB 003.003\n" + struct.pack(">I", 1) + init(w, h)


def update(*rects):
    return struct.pack(">HH", 0, len(rects)) + b"".join(rects)


def rect(encoding, data=b"", x=0, y=0, w=70, h=20):
    return struct.pack(">4Hi", x, y, w, h, encoding) + data


class Zip:
    """A zlib stream that is never finished.  At level 0 its contents are
    there for the fuzzer to change."""
    def __init__(self, level=0):
        self.z = zlib.compressobj(level)

    def __call__(self, data):
        return self.z.compress(data) + self.z.flush(zlib.Z_SYNC_FLUSH)


def u32len(data):
    return struct.pack(">I", len(data)) + data


def tightlen(data):
    n = len(data)
    out = bytes([n & 127 | (128 if n > 127 else 0)])
    if n > 127:
        out += bytes([n >> 7 & 127 | (128 if n > 16383 else 0)])
    if n > 16383:
        out += bytes([n >> 14])
    return out + data


def pixels(n, size=4):
    return bytes((i * 5 + i // 7) % 256 for i in range(n * size))


def hextile():
    raw = b"\1" + pixels(256)
    tiles = [raw, b"\2" + pixels(1), b"\0",
             b"\x0e" + pixels(2) + b"\2\x12\x34\0\0",
             b"\x1a" + pixels(1) + b"\1" + pixels(1) + b"\x11\x22"]
    return b"".join(tiles) + b"\x08\1\0\x53" * 5


def zrle(z):
    one = b"\1abc"
    packed = b"\3abcdefghi" + bytes([0x18] * 2 * 20)
    return [rect(ZRLE, u32len(z(one + packed))),
            rect(ZRLE, u32len(z(b"\0" + pixels(64 * 20, 3) + packed))),
            rect(ZRLE, u32len(z(b"\x80abc" + b"\xff" * 5 + b"\4" +
                                b"\x82abcdef\x80\7\0\x81\x0e" + b"\1" * 96)),
                 w=64 + 6),
            rect(ZRLE, u32len(z(b"\2abcdef" + b"\x55" * 8)), w=4, h=8)]


def tight():
    z = [Zip(), Zip(), Zip(6), Zip(9)]
    return [rect(TIGHT, b"\x80rgb"),
            rect(TIGHT, b"\x00" + tightlen(z[0](pixels(1400, 3)))),
            rect(TIGHT, b"\x50\1\1rgbRGB" + tightlen(z[1](b"\x5a" * 180))),
            rect(TIGHT, b"\x60\1\3" + pixels(4, 3) +
                 tightlen(z[2](bytes([0, 1, 2, 3] * 350)))),
            rect(TIGHT, b"\x70\2" + tightlen(z[3](pixels(1400, 3)))),
            rect(TIGHT, b"\x0f" + tightlen(Zip()(pixels(1400, 3)))),
            rect(TIGHT, b"\x00" + pixels(3, 3), w=3, h=1),
            rect(TIGHT, b"\xa0" + tightlen(pixels(8, 3)), w=4, h=2),
            rect(TIGHT, b"\x90" + tightlen(b"\xff\xd8\xff"))]


def one_by_one(rects):
    return hello() + b"".join(update(r) for r in rects)


BOMB = Zip(9)(bytes(1 << 20))

SEEDS = {
    "hello-3.3": b"\0" + hello(),
    "hello-3.7": b"\2RFB 003.007\n\2\5\1" + init(),
    "hello-3.8": b"\4RFB 003.008\n\1\1" + struct.pack(">I", 0) + init(),
    "hello-vnc": b"\3RFB 003.008\n\1\2" + pixels(4) + bytes(4) + init(),
    "hello-no": b"\xc0RFB 003.008\n\0" + u32len(b"too many \xe9"),
    "hello-wrong": b"\1RFB 003.889\n\1\2" + pixels(4) +
    struct.pack(">I", 1) + u32len(b"wrong"),
    "messages": b"\x0e" + hello() + b"\2" + b"\3\0\0\0" + u32len(b"text") +
    b"\3\0\0\0" + u32len(bytes(70)) + b"\2\1",
    "pseudo": b"\x20" + hello() +
    update(rect(-258), rect(-308, b"\1\0\0\0" + bytes(16), w=30, h=9)) +
    update(rect(-223, w=8, h=8), rect(RAW, pixels(64), w=8, h=8)) +
    struct.pack(">HH", 0, 0xffff) + rect(RAW, pixels(4), w=2, h=2) +
    rect(-224),
    "raw": b"\xd0" + hello() + update(rect(RAW, pixels(1400)),
                                      rect(RAW, pixels(6), 1, 2, 3, 2)),
    "hextile": b"\xfe" + hello() + update(rect(HEXTILE, hextile())),
    "zlib": b"\x88" + one_by_one(
        [rect(ZLIB, u32len(z(pixels(1400)))) for z in [Zip(6)] for _ in "ab"]),
    "zrle": b"\xa2" + one_by_one(zrle(Zip())),
    "tight": b"\xf8" + one_by_one(tight()),
    "bomb": b"\0" + hello() + update(rect(ZLIB, u32len(BOMB), w=1, h=1)),
    "outside": b"\0" + hello() + update(rect(RAW, pixels(4), 69, 19, 2, 2)),
    "copy": b"\0" + hello() + update(rect(COPY, bytes(4))),
    "huge": b"\0" + hello(2560, 2160) + update(rect(RAW)),
}


def main():
    path = os.path.join(HERE, "corpus", "fuzz_rfb")
    os.makedirs(path, exist_ok=True)
    for name, data in SEEDS.items():
        with open(os.path.join(path, name), "wb") as f:
            f.write(data)


main()
