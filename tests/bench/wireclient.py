# SPDX-License-Identifier: GPL-2.0-only
"""A VNC client that counts the bytes that it is sent, for tests/bench."""
import os
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "peers"))
sys.dont_write_bytecode = True

import rfbclient    # noqa: E402  (found by the lines above)

TIGHT, HEXTILE, ZLIB, ZRLE = 7, 5, 6, 16
# What a client asks for, by name.  viewer is what TigerVNC's does; 0 to 9 of
# compression are -256 to -247, JPEG quality 8 is -24.
ASKS = {
    "proxy": (TIGHT, -256), "tight1": (TIGHT, -255), "tight6": (TIGHT, -250),
    "viewer": (TIGHT, -254, -24), "zrle": (ZRLE, -254), "zlib": (ZLIB, -254),
    "hextile": (HEXTILE,), "raw": (rfbclient.RAW,),
}


class Counter(rfbclient.Client):
    def __init__(self, address, name):
        self.asks_for, self.bytes, self.updates, self.rects = name, 0, 0, 0
        super().__init__(address)
        self.encodings(*ASKS[name])

    def get(self, n):
        self.bytes += n
        return super().get(n)

    def length(self):
        """Tight's, of one to three bytes."""
        n = 0
        for shift in 0, 7, 14:
            b, = self.get(1)
            n |= (b & 0x7f if shift < 14 else b) << shift
            if not b & 0x80:
                break
        return n

    def tight(self, w, h):
        control = self.get(1)[0] >> 4
        if control == 8:
            self.get(3)
            return
        if control == 9:
            self.get(self.length())
            return
        size = w * h * 3
        if control & 4 and self.get(1)[0] == 1:
            colours = self.get(1)[0] + 1
            self.get(colours * 3)
            size = (w + 7) // 8 * h if colours == 2 else w * h
        self.get(size if size < 12 else self.length())

    def hextile(self, w, h):
        for y in range(0, h, 16):
            for x in range(0, w, 16):
                kind, = self.get(1)
                if kind & 1:
                    self.get(min(16, w - x) * min(16, h - y) * 4)
                    continue
                self.get(4 * (bool(kind & 2) + bool(kind & 4)))
                if kind & 8:
                    n, = self.get(1)
                    self.get(n * (6 if kind & 16 else 2))

    def pixels(self, w, h, encoding):
        if encoding == rfbclient.RAW:
            self.get(w * h * 4)
        elif encoding == TIGHT:
            self.tight(w, h)
        elif encoding == HEXTILE:
            self.hextile(w, h)
        elif encoding in (ZLIB, ZRLE):
            self.get(struct.unpack(">I", self.get(4))[0])
        else:
            rfbclient.die("encoding %d" % encoding)

    def update(self, incremental):
        """Asks, and reads messages up to an update."""
        self.ask(incremental)
        n = None
        while n is None:
            n = self.message()
        for _ in range(n):
            _, _, w, h, encoding = struct.unpack(">HHHHi", self.get(12))
            self.pixels(w, h, encoding)
        self.updates += 1
        self.rects += n

    def counted(self):
        return self.bytes, self.updates, self.rects
