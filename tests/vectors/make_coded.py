#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Writes coded.json: bands that are coded before they are sealed."""
import struct

import fbcref as ref
import make_tile
import vectorfile

SOURCE = "tests/vectors/make_coded.py, computed by fbcref.py"


def rgb(n):
    return struct.pack("<I", (n * 0x2f1d + 0x10203) & 0xffffff)[:3]


def picture(w, h, colour):
    """colour(x, y): a number."""
    return b"".join(rgb(colour(x, y)) for y in range(h) for x in range(w))


GLYPHS = vectorfile.pseudo("coded glyphs", 16 * 40)
LINE = vectorfile.pseudo("coded line", 320)


def text(x, y, ground=0, ink=lambda x: 1, blank=4):
    """Of forty glyphs, with blank rows above and below, and blanks."""
    g = LINE[x // 8] % 40
    dot = g % blank and 2 <= y < 13 and GLYPHS[y * 40 + g] >> x % 8 & 1
    return ink(x // 8) if dot else ground


NOISE = vectorfile.pseudo("coded noise", 64 * 16)


def noise(n):
    """Nothing repeats, and each cell has more than two of n colours."""
    return lambda x, y: x % n if y == 0 else NOISE[y * 64 + x % 64] % n


def codes():
    out = []
    for name, w, h, colour in [
            ("black", 128, 16, lambda x, y: 0),
            ("one pixel", 1, 1, lambda x, y: 5),
            ("text", 240, 16, text),
            ("coloured text, a colour each", 128, 16,
             lambda x, y: text(x, y, 0, lambda c: c % 15 + 1)),
            ("text of 16 colours", 128, 16,
             lambda x, y: text(x, y, x // 16 * 2, lambda c: c // 2 * 2 + 1)),
            ("reverse text", 128, 16,
             lambda x, y: 1 - text(x, y) if x >= 64 else text(x, y)),
            ("text of an edge, 99x9", 99, 9, text),
            ("two colours, no glyph again", 128, 16, noise(2)),
            ("three colours anywhere", 64, 16, noise(3)),
            ("16 colours anywhere", 96, 16, noise(16)),
            ("16 colours anywhere, 61x13", 61, 13, noise(16)),
            ("17 colours", 64, 16, noise(17)),
            ("a 17th colour in the last pixel", 128, 16,
             lambda x, y: 99 if (x, y) == (127, 15) else x % 16),
            ("a cell of three colours in text", 128, 16,
             lambda x, y: x % 3 + 2 if x // 8 == 9 else text(x, y)),
            ("cells of three colours first and last", 128, 16,
             lambda x, y: x % 3 + 2 if x // 8 in (0, 15) else text(x, y)),
            ("rows of one colour", 96, 16, lambda x, y: y),
            ("columns of one colour", 96, 16, lambda x, y: x // 8),
            ("the tile to the right is not first", 128, 2,
             lambda x, y: 2 * (x // 64) + y),
            ("9 pixels wide", 9, 16, noise(3)),
            ("a narrow cell, not of the first colour", 20, 5,
             lambda x, y: int(x >= 16)),
            ("257 cells of two colours", 2056, 2, lambda x, y: y),
    ]:
        pixels = picture(w, h, colour)
        code = ref.band_code(pixels, w, h)
        assert not code or ref.band_decode(code, w, h) == pixels
        out.append({"name": name, "w": w, "h": h, "pixels": pixels.hex(),
                    "code": code.hex()})
    return out


def plain(name, code, expect, w=24, h=2, length=None, size=128, tail=b""):
    b = struct.pack("<H", len(code) if length is None else length) + code
    b = b[:size] + bytes(max(0, size - len(b) - len(tail))) + tail
    out = {"name": name, "w": w, "h": h, "plain": b.hex(), "expect": expect}
    if expect == "ok":
        out["pixels"] = ref.band_decode(code, w, h).hex()
        assert ref.band_code(bytes.fromhex(out["pixels"]), w, h) == code
    return out


TWO, THREE = bytes(range(6)), bytes(range(9))


def code(palette=TWO, count=None, glyphs=1, runs=b"\x02\x10",
         numbers=b"\x04", patterns=b"\x02\0\x5a"):
    """Three cells: blank, a glyph in the second row, blank."""
    return bytes([len(palette) // 3 - 1 if count is None else count]) + \
        palette + struct.pack("<H", glyphs) + runs + numbers + patterns


def in_full(rows=b"\x10\x02\0\0", **how):
    """The first cell in full, of three colours in the first row."""
    return code(**{"palette": THREE, "glyphs": 0, "numbers": b"\x01",
                   "runs": b"\x02\0", "patterns": b"\x03\0" + rows +
                   bytes(4), **how})


def plains():
    good = code()
    out = [
        plain("a glyph among blanks", good, "ok"),
        plain("one colour", code(TWO[:3], glyphs=0, runs=b"\x02\0",
                                 numbers=b"\0", patterns=b""), "ok"),
        plain("a cell in full", in_full(), "ok"),
        plain("a glyph again, in other colours",
              code(THREE, runs=b"\x01\x10\x00\x21", numbers=b"\x14"), "ok"),
        plain("no pixels this time", b"", "pending"),
        plain("no room for a length", b"", "length", size=1),
        plain("longer than what is there", good, "length", length=127),
        plain("as long as can be said", good, "length", length=0xffff),
        plain("a byte less", good[:-1], "length"),
        plain("a byte more", good, "length", length=len(good) + 1),
        plain("first byte only", good[:1], "length"),
        plain("no palette", b"\x0f", "length"),
        plain("no runs", good[:9], "length"),
        plain("half a run", good[:10], "length"),
        plain("no numbers", good[:11], "length"),
        plain("no pattern", good[:12], "length"),
        plain("half a mask", good[:13], "length"),
        plain("a pattern that nobody has", code(patterns=good[12:] * 2),
              "length"),
        plain("a glyph that is not used", code(glyphs=2), "length"),
        plain("one row of a cell in full", in_full()[:-4], "length"),
        plain("half a row", in_full()[:-5], "length"),
        plain("more glyphs than cells", code(glyphs=4), "range"),
        plain("a run beyond the last cell", code(runs=b"\x03\x10"), "range"),
        plain("a second run beyond it", code(runs=b"\x01\x10\x01\x10"),
              "range"),
        plain("a run's first colour is not there", code(runs=b"\x02\x12"),
              "range"),
        plain("a run's second colour is not there", code(runs=b"\x02\x20"),
              "range"),
        plain("a glyph before it was written",
              code(glyphs=2, numbers=b"\x08"), "range"),
        plain("a number that no cell has", code(glyphs=1, numbers=b"\x0c"),
              "range"),
        plain("a row below the band", code(patterns=b"\x06\0\x5a\x5a"),
              "range"),
        plain("the 16th row", code(patterns=b"\x02\x80\x5a\x5a"), "range"),
        plain("a fourth colour of three", in_full(b"\x10\x32\0\0"), "range"),
        plain("a fourth colour in the lower bits",
              in_full(b"\x10\x03\0\0"), "range"),
        plain("bit 4 of the first byte", code(count=0x11), "reserved"),
        plain("bit 7 of the first byte", code(count=0x81), "reserved"),
        plain("a bit beyond the numbers", code(numbers=b"\x44"), "reserved"),
        plain("something in the padding", good, "reserved", tail=b"\1"),
        plain("something right after", good + b"\1", "reserved",
              length=len(good)),
        # What is right but for the coder's choice.
        plain("a colour twice", code(TWO[:3] * 2), "reserved"),
        plain("a colour that is not used", code(THREE), "reserved"),
        plain("colours in another order", code(runs=b"\x02\x01"), "reserved"),
        plain("runs that could be one", code(runs=b"\0\x10\1\x10"),
              "reserved"),
        plain("a blank's second colour",
              code(TWO, glyphs=0, runs=b"\x02\x10", numbers=b"\0",
                   patterns=b""), "reserved"),
        plain("a row that is the same as the one above",
              code(patterns=b"\x03\0\0\x5a"), "reserved"),
        plain("a glyph whose first pixel is set",
              code(patterns=b"\x01\0\x5b"), "reserved"),
        plain("a glyph that is blank", code(patterns=b"\0\0"), "reserved"),
        plain("a glyph twice", code(glyphs=2, numbers=b"\x24",
                                    patterns=good[12:] * 2), "reserved"),
        plain("a cell of two colours in full",
              in_full(b"\x10\0\0\0", palette=TWO), "reserved"),
        plain("a pixel right of a narrow cell",
              code(numbers=b"\x10", patterns=b"\x02\0\xf0"), "reserved",
              w=20),
    ]
    return out


def band(name, coding, expect="ok", version=3, w=160, h=8, told=None,
         edit=None, flags=None, size=None, **how):
    c = ref.band_code(picture(w, h, text), w, h)
    if size is None:
        size = ref.coding_len(coding, w)
    v = {"aead": ref.AES256_GCM, "key": make_tile.KEY, "epoch": 1, "tile": 7,
         "counter": 9, "w": w, "h": h}
    v.update({k: x for k, x in how.items() if k in v})
    ct, record = make_tile.seal(
        pixels=(struct.pack("<H", len(c)) + c + bytes(size))[:size],
        flags=0x80 | coding if flags is None else flags,
        **{"nonce_type": 4, "letter": b"B", **v, **how})
    v.update(told or {})
    if edit:
        ct, record = edit(bytearray(ct), bytearray(record))
    out = {"name": name, **v, "version": version, "coding": coding,
           "sealed": bytes(ct).hex(), "record": bytes(record).hex(),
           "expect": expect}
    out["key"] = v["key"].hex()
    if expect == "ok":
        out["pixels"] = picture(w, h, text).hex()
    return out


def recoded(to):
    def edit(ct, record):
        record[7] = 0x80 | to
        return ct, record
    return edit


def bands():
    auth = {"expect": "auth"}
    return [
        band("as a line of text", 1),
        band("in 1536 bytes", 2),
        band("as any text", 3, w=520, h=4),
        band("as anything", 4, w=200),
        band("as a line of text, ChaCha20-Poly1305", 1,
             aead=ref.CHACHA20_POLY1305),
        band("as a line of text, of the last band", 1, w=133, h=3),
        band("the last tile, epoch and counter", 1, epoch=0xffffffff,
             tile=4839, counter=(1 << 56) - 1),
        band("under a header of version 2", 1, version=2, **auth),
        band("under a header of version 1", 2, version=1, **auth),
        band("said to be larger", 1, edit=recoded(2), **auth),
        band("said to be smaller", 2, edit=recoded(1), **auth),
        band("said to be tiles", 1, edit=recoded(0), **auth),
        band("authentic, coding 5", 5, size=768, **auth),
        band("authentic, a reserved flag", 1, flags=0x89, **auth),
        band("authentic, a tile's letter", 1, letter=b"T", **auth),
        band("authentic, a tile's nonce", 1, nonce_type=1, **auth),
        band("a flipped bit", 1, edit=make_tile.flip("ct", 2687), **auth),
        band("another tile's", 1, told={"tile": 12}, **auth),
        band("another epoch's", 1, told={"epoch": 2}, **auth),
        band("of another height", 1, told={"h": 7}, **auth),
        # Such bands are not coded: there is no room.
        band("authentic, one row of 511 pixels", 2, w=511, h=1, **auth),
        band("authentic, three rows of 100 pixels", 2, w=100, h=3, **auth),
    ]


def files():
    return {"coded.json": {"source": SOURCE, "codes": codes(),
                           "plains": plains(), "bands": bands()}}


if __name__ == "__main__":
    vectorfile.write(files())
