#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""keypress.py HOST:PORT N: from a key that is pressed to the first changed pixel
at a viewer, in ms, N times, one a line.  The guest echoes on a text screen
whose cursor does not blink; every other key takes the character back."""
import select
import socket
import struct
import sys
import time

host, port = sys.argv[1].rsplit(":", 1)
s = socket.create_connection((host, int(port)), 30)
s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def get(n):
    out = b""
    while len(out) < n:
        piece = s.recv(n - len(out))
        if not piece:
            sys.exit("keypress: the server is gone")
        out += piece
    return out


def ask(incremental):
    s.sendall(struct.pack(">BBHHHH", 3, incremental, 0, 0, w, h))


def update():
    """Reads one update; has a pixel changed?"""
    changed = False
    kind = get(1)[0]
    if kind == 3:
        get(struct.unpack(">xxxI", get(7))[0])
    if kind:
        return False
    for _ in range(struct.unpack(">xH", get(3))[0]):
        x, y, rw, rh, enc = struct.unpack(">HHHHi", get(12))
        if enc:
            sys.exit("keypress: encoding %d" % enc)
        px = get(rw * rh * 4)
        for row in range(rh):
            at = ((y + row) * w + x) * 4
            new = px[row * rw * 4:(row + 1) * rw * 4]
            changed |= screen[at:at + rw * 4] != new
            screen[at:at + rw * 4] = new
    ask(1)
    return changed


get(12)
s.sendall(b"RFB 003.008\n")
get(get(1)[0])
s.sendall(b"\1")
get(4)
s.sendall(b"\1")
w, h = struct.unpack(">HH", get(20)[:4])
get(struct.unpack(">I", get(4))[0])
s.sendall(struct.pack(">Bxxx BBBB HHH BBB xxx", 0, 32, 24, 0, 1, 255, 255, 255,
                      16, 8, 0))
s.sendall(struct.pack(">BxHi", 2, 1, 0))
screen = bytearray(w * h * 4)
ask(0)
for n in range(int(sys.argv[2])):
    # Quiet first, at different places in the server's rhythm.
    quiet = time.time() + 0.5 + n % 10 * 0.013
    while time.time() < quiet:
        if select.select([s], [], [], max(0, quiet - time.time()))[0]:
            update()
    key = 0xff08 if n & 1 else 0x78
    start = time.time()
    s.sendall(struct.pack(">BBxxI", 4, 1, key))
    while not update():
        if time.time() - start > 20:
            sys.exit("keypress: nothing changes on the screen")
    print("%.1f" % ((time.time() - start) * 1000), flush=True)
    s.sendall(struct.pack(">BBxxI", 4, 0, key))
