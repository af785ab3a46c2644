#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""What QEMU's VNC server makes of a shadow, by a client of its own.

vncfacts.py HOST:PORT rects SECONDS   Raw; rectangles of each update after the
                                      first: "update X,Y,WxH X,Y,WxH ..."
vncfacts.py HOST:PORT tight           Tight, level 0: how the first rectangle
                                      comes: "control C filter F length N of M"
"""
import select
import socket
import struct
import sys
import time

host, port = sys.argv[1].rsplit(":", 1)
s = socket.create_connection((host, int(port)), 30)


def get(n):
    out = b""
    while len(out) < n:
        piece = s.recv(n - len(out))
        if not piece:
            sys.exit("vncfacts: the server is gone")
        out += piece
    return out


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


def ask(incremental):
    s.sendall(struct.pack(">BBHHHH", 3, incremental, 0, 0, w, h))


def header():
    """The rectangles' number of the next update."""
    while True:
        kind = get(1)[0]
        if kind == 0:
            return struct.unpack(">xH", get(3))[0]
        if kind == 3:
            get(struct.unpack(">xxxI", get(7))[0])
        elif kind != 2:
            sys.exit("vncfacts: message %d" % kind)


def rects():
    s.sendall(struct.pack(">BxHi", 2, 1, 0))
    ask(0)
    first, end = True, time.time() + float(sys.argv[3])
    while time.time() < end:
        if not select.select([s], [], [], 0.1)[0]:
            continue
        seen = []
        for _ in range(header()):
            x, y, rw, rh, enc = struct.unpack(">HHHHi", get(12))
            if enc:
                sys.exit("vncfacts: encoding %d" % enc)
            get(rw * rh * 4)
            seen.append("%d,%d,%dx%d" % (x, y, rw, rh))
        if not first:
            print("update", *seen, flush=True)
        else:
            print("ready", flush=True)
        first = False
        ask(1)


def tight():
    s.sendall(struct.pack(">BxHiii", 2, 3, 7, -256, 0))
    ask(0)
    header()
    x, y, rw, rh, enc = struct.unpack(">HHHHi", get(12))
    if enc != 7:
        sys.exit("vncfacts: encoding %d" % enc)
    control = get(1)[0] >> 4
    name = {8: "fill", 9: "jpeg", 10: "png"}.get(control, "basic")
    filt = get(1)[0] if control < 8 and control & 4 else 0
    if control == 14:
        filt = get(1)[0]
    length = 0
    for i in range(3):
        b = get(1)[0]
        length |= (b & 127) << (7 * i)
        if not b & 128:
            break
    print("control %s filter %d length %d of %d" % (name, filt, length,
                                                    rw * rh * 3))


rects() if sys.argv[2] == "rects" else tight()
