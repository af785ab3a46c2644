#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""wire.py HOST:PORT SECONDS NAME...: the bytes that a VNC server sends to
clients that look on at the same time, a line each: name, bytes, updates,
rectangles.  Prints "ready" once all of them have the whole screen; then it
counts, for so many seconds or until its standard input ends.

Names are of what a client asks for: proxy (Tight 0, as fbc-vncproxy does),
tight1, tight6 (without JPEG), viewer (Tight 2 and JPEG 8, as TigerVNC does),
zrle, zlib, hextile, raw."""
import os
import struct
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "peers"))
sys.dont_write_bytecode = True

import rfbclient    # noqa: E402  (found by the lines above)

HEXTILE, ZLIB, ZRLE = 5, 6, 16
ASKS = {
    "proxy": (7, -256), "tight1": (7, -255), "tight6": (7, -250),
    "viewer": (7, -254, -24), "zrle": (16, -254), "zlib": (6, -254),
    "hextile": (5,), "raw": (0,),
}


class Counter(rfbclient.Client):
    def __init__(self, address, name):
        super().__init__(address)
        self.name_of, self.bytes = name, 0
        self.updates = self.rects = 0
        self.encodings(*ASKS[name])

    def get(self, n):
        data = super().get(n)
        self.bytes = getattr(self, "bytes", 0) + n
        return data

    def long(self):
        """Tight's length, of one to three bytes."""
        n, shift = 0, 0
        while True:
            b, = self.get(1)
            n |= (b & (0x7f if shift < 14 else 0xff)) << shift
            shift += 7
            if not b & 0x80 or shift > 14:
                return n

    def tight(self, w, h):
        control = self.get(1)[0] >> 4
        if control == 8:
            self.get(3)
        elif control == 9:
            self.get(self.long())
        else:
            size = w * h * 3
            if control & 4:
                if self.get(1)[0] == 1:
                    colours = self.get(1)[0] + 1
                    self.get(colours * 3)
                    size = (w + 7) // 8 * h if colours == 2 else w * h
            self.get(size if size < 12 else self.long())

    def hextile(self, w, h):
        for y in range(0, h, 16):
            for x in range(0, w, 16):
                tw, th = min(16, w - x), min(16, h - y)
                kind, = self.get(1)
                if kind & 1:
                    self.get(tw * th * 4)
                    continue
                self.get(4 * (bool(kind & 2) + bool(kind & 4)))
                if kind & 8:
                    n, = self.get(1)
                    self.get(n * (6 if kind & 16 else 2))

    def pixels(self, w, h, encoding):
        if encoding == 0:
            self.get(w * h * 4)
        elif encoding == 7:
            self.tight(w, h)
        elif encoding == HEXTILE:
            self.hextile(w, h)
        elif encoding in (ZLIB, ZRLE):
            self.get(struct.unpack(">I", self.get(4))[0])
        else:
            rfbclient.die("encoding %d" % encoding)

    def update(self, incremental):
        """Asks, and reads messages up to an update, if there is one."""
        self.ask(incremental)
        while True:
            n = self.message()
            if n is None:
                continue
            for _ in range(n):
                _, _, w, h, enc = struct.unpack(">HHHHi", self.get(12))
                self.pixels(w, h, enc)
            self.updates += 1
            self.rects += n
            return

    def watch(self, stop):
        """Asks for more as soon as there was something."""
        self.socket.settimeout(None)
        while not stop.is_set():
            self.update(1)


clients = [Counter(sys.argv[1], name) for name in sys.argv[3:]]
for c in clients:
    c.update(0)
stop = threading.Event()
for c in clients:
    threading.Thread(target=c.watch, args=(stop,), daemon=True).start()
time.sleep(3)
before = [(c.bytes, c.updates, c.rects) for c in clients]
print("ready", flush=True)
end = threading.Thread(target=sys.stdin.read, daemon=True)
end.start()
end.join(float(sys.argv[2]))
time.sleep(2)
for c, b in zip(clients, before):
    print(c.name_of, c.bytes - b[0], c.updates - b[1], c.rects - b[2])
sys.stdout.flush()
os._exit(0)
