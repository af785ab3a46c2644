#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Writes coded.json: tiles that are coded before they are sealed."""
import struct

import fbcref as ref
import make_tile
import vectorfile

SOURCE = "tests/vectors/make_coded.py, computed by fbcref.py"
BYTES = {1: 192, 2: 576}


def rgb(n):
    return struct.pack("<I", (n * 0x2f1d + 0x10203) & 0xffffff)[:3]


def picture(w, h, colour):
    """colour(x, y): a number."""
    return b"".join(rgb(colour(x, y)) for y in range(h) for x in range(w))


GLYPHS = vectorfile.pseudo("coded glyphs", 16 * 8)


def text(x, y, ground=0, ink=lambda x: 1):
    """Eight glyphs with blank rows above and below."""
    dot = 2 <= y < 13 and GLYPHS[y * 8 + x // 8] >> x % 8 & 1
    return ink(x // 8) if dot else ground


NOISE = vectorfile.pseudo("coded noise", 64 * 16)


def noise(n):
    """Nothing repeats, and each column has more than two of n colours."""
    return lambda x, y: x % n if y == 0 else NOISE[y * 64 + x] % n


def codes():
    out = []
    for name, w, h, colour in [
            ("black", 64, 16, lambda x, y: 0),
            ("one pixel", 1, 1, lambda x, y: 5),
            ("text", 64, 16, text),
            ("coloured text, a colour each", 64, 16,
             lambda x, y: text(x, y, 0, lambda c: c + 1)),
            ("text of 16 colours", 64, 16,
             lambda x, y: text(x, y, x // 8 * 2, lambda c: c * 2 + 1)),
            ("text of an edge, 33x9", 33, 9, text),
            ("two colours, no row again", 64, 16, noise(2)),
            ("three colours anywhere", 64, 16, noise(3)),
            ("four colours anywhere", 64, 16, noise(4)),
            ("five colours anywhere", 64, 16, noise(5)),
            ("16 colours anywhere", 64, 16, noise(16)),
            ("16 colours anywhere, 61x13", 61, 13, noise(16)),
            ("17 colours", 64, 16, noise(17)),
            ("a 17th colour in the last pixel", 64, 16,
             lambda x, y: 99 if (x, y) == (63, 15) else x % 16),
            ("rows of one colour", 64, 16, lambda x, y: y),
            ("pairs of rows", 64, 16, lambda x, y: y // 2 * 2 + x % 2),
            ("9 pixels wide", 9, 16, noise(3)),
    ]:
        pixels = picture(w, h, colour)
        code = ref.palette_code(pixels, w, h)
        assert not code or ref.palette_decode(code, w, h) == pixels
        out.append({"name": name, "w": w, "h": h, "pixels": pixels.hex(),
                    "code": code.hex()})
    return out


def plain(name, code, expect, w=4, h=2, length=None, size=64, tail=b""):
    b = struct.pack("<H", len(code) if length is None else length) + code
    b = b[:size] + bytes(max(0, size - len(b) - len(tail))) + tail
    out = {"name": name, "w": w, "h": h, "plain": b.hex(), "expect": expect}
    if expect == "ok":
        out["pixels"] = ref.palette_decode(code, w, h).hex()
    return out


def plains():
    two = b"\x01" + b"\x11\x22\x33\x44\x55\x66"
    three = b"\x02" + bytes(range(9))
    good = two + b"\0\0" + b"\x05\x0a"
    pairs = b"\x12" + bytes(range(9)) + b"\0\0" + b"\x21" + b"\x05\x0a"
    out = [
        plain("two rows", good, "ok"),
        plain("the second row again", two + b"\2\0" + b"\x05", "ok"),
        plain("one colour", b"\0\1\2\3" + b"\2\0" + b"\0", "ok"),
        plain("pairs", pairs, "ok"),
        plain("no pixels this time", b"", "pending"),
        plain("no room for a length", b"", "length", size=1),
        plain("longer than what is there", good, "length", length=63),
        plain("as long as can be said", good, "length", length=0xffff),
        plain("a byte less", good[:-1], "length"),
        plain("a byte more", good, "length", length=len(good) + 1),
        plain("first byte only", good[:1], "length"),
        plain("no rows", two + b"\0\0", "length"),
        plain("no palette", b"\x0f", "length"),
        plain("a row that is said to repeat", two + b"\2\0" + b"\5\x0a",
              "length"),
        plain("no pairs", b"\x12" + bytes(range(9)) + b"\0\0", "length"),
        plain("first row repeats", two + b"\1\0" + b"\x05", "reserved"),
        plain("a row below the last repeats", two + b"\4\0" + b"\5\x0a",
              "reserved"),
        plain("the 16th row repeats", two + b"\0\x80" + b"\5\x0a", "reserved"),
        plain("bit 5 of the first byte", b"\x21" + good[1:], "reserved"),
        plain("bit 7 of the first byte", b"\x81" + good[1:], "reserved"),
        plain("a bit beyond the row", two + b"\0\0" + b"\x15\x0a",
              "reserved"),
        plain("the last bit beyond the last row", two + b"\0\0" + b"\5\x8a",
              "reserved"),
        plain("something in the padding", good, "reserved", tail=b"\1"),
        plain("something right after", good + b"\1", "reserved",
              length=len(good)),
        plain("a second colour of one", b"\0\1\2\3" + b"\0\0" + b"\0\1",
              "range"),
        plain("a fourth colour of three", three + b"\0\0" + b"\0\xc0",
              "range"),
        plain("a pair's second colour is not there",
              b"\x12" + bytes(range(9)) + b"\0\0" + b"\x30" + b"\x05\x0a",
              "range"),
        plain("a pair's first colour is not there",
              b"\x12" + bytes(range(9)) + b"\0\0" + b"\x03" + b"\x05\x0a",
              "range"),
    ]
    return out


def tile(name, coding, expect="ok", version=3, w=64, h=16, told=None,
         edit=None, flags=None, **how):
    code = ref.palette_code(picture(w, h, text), w, h)
    size = BYTES.get(coding, w * h * 3)
    v = {"aead": ref.AES256_GCM, "key": make_tile.KEY, "epoch": 1, "tile": 7,
         "counter": 9, "w": w, "h": h}
    v.update(how)
    ct, record = make_tile.seal(
        pixels=struct.pack("<H", len(code)) + code +
        bytes(size - 2 - len(code)),
        flags=0x80 | coding if flags is None else flags, **v)
    if edit:
        ct, record = edit(bytearray(ct), bytearray(record))
    out = {"name": name, **v, "version": version, "coding": coding,
           "sealed": bytes(ct).hex(), "record": bytes(record).hex(),
           "expect": expect}
    out.update(told or {})
    out["key"] = v["key"].hex()
    if expect == "ok":
        out["pixels"] = picture(w, h, text).hex()
    return out


def recoded(to):
    def edit(ct, record):
        record[7] = 0x80 | to
        return ct, record
    return edit


def tiles():
    auth = {"expect": "auth"}
    return [
        tile("in a row", 1),
        tile("in three rows", 2),
        tile("in a row, ChaCha20-Poly1305", 1, aead=ref.CHACHA20_POLY1305),
        tile("in a row, of an edge", 1, w=33, h=9),
        tile("under a header of version 2", 1, version=2, **auth),
        tile("under a header of version 1", 2, version=1, **auth),
        tile("said to be in three rows", 1, edit=recoded(2), **auth),
        tile("said to be in one row", 2, edit=recoded(1), **auth),
        tile("said to be raw", 1, edit=recoded(0), **auth),
        tile("authentic, coding 3", 3, **auth),
        tile("authentic, a reserved flag", 1, flags=0x85, **auth),
        tile("a flipped bit", 1, edit=make_tile.flip("ct", 1535), **auth),
        # No code is so long, and none so short: such tiles are raw.
        tile("authentic, of 192 bytes", 1, w=64, h=1, **auth),
        tile("authentic, of 576 bytes", 2, w=64, h=3, **auth),
    ]


def files():
    return {"coded.json": {"source": SOURCE, "codes": codes(),
                           "plains": plains(), "tiles": tiles()}}


if __name__ == "__main__":
    vectorfile.write(files())
