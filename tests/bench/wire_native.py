#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Bytes on the wire, of text, without Xen: QEMU's VNC server shows the frames
of a console session (tests/unit/leakgen.h) as stock Xen does, sealed, and
sealed with bands that are coded; clients with several encodings count what a
frame costs.  No heartbeat: each frame has one manifest.

usage: wire_native.py [FRAMES]      of each kind (8)
"""
import os
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import zlib

import wireclient

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
CLIENTS = "proxy", "tight1", "viewer", "zrle"
MODES = {"plain": "stock", "aead": "sealed", "console": "console"}
# Of leakgen.h: first frames.
SCENES = {"log": 20, "ls": 80, "editor": 112, "shell": 150}
BASE = 0xe0000000


class Screen:
    """QEMU without a running processor, and its VGA's memory."""

    def __init__(self, where, width, height):
        self.vnc, control = where + "/vnc", where + "/qtest"
        self.qemu = subprocess.Popen(
            ["qemu-system-x86_64", "-machine", "pc", "-accel", "tcg", "-S",
             "-m", "64", "-nic", "none", "-display", "none", "-vga", "none",
             "-device", "VGA,vgamem_mb=16,addr=2", "-vnc", "unix:" + self.vnc,
             "-qtest", "unix:%s,server=on,wait=off" % control,
             "-qtest-log", "none"], stdout=subprocess.DEVNULL)
        while not os.path.exists(control) or not os.path.exists(self.vnc):
            time.sleep(0.05)
            if self.qemu.poll() is not None:
                sys.exit("wire_native.py: QEMU does not start")
        s = socket.socket(socket.AF_UNIX)
        s.connect(control)
        self.file = s.makefile("rwb")
        self.tell("outl 0xcf8 0x80001010", "outl 0xcfc 0x%x" % BASE,
                  "outl 0xcf8 0x80001004", "outl 0xcfc 7",
                  "inb 0x3da", "outb 0x3c0 0x20")
        for n, v in (4, 0), (1, width), (2, height), (3, 32), (4, 0x41):
            self.tell("outw 0x1ce %d" % n, "outw 0x1cf %d" % v)

    def tell(self, *commands):
        for c in commands:
            self.file.write(c.encode() + b"\n")
            self.file.flush()
            if not self.file.readline().startswith(b"OK"):
                sys.exit("wire_native.py: QEMU refuses " + c[:40])

    def put(self, at, data):
        self.tell("write 0x%x 0x%x 0x%s" % (BASE + at, len(data), data.hex()))

    def end(self):
        self.qemu.send_signal(signal.SIGTERM)
        self.qemu.wait()


def frames(mode, n):
    """Width, height and pixels of a session's first frames."""
    tool = os.path.join(TOP, "build/tests/mkleak")
    with subprocess.Popen([tool, "-s", "2", "-n", str(n), mode],
                          stdout=subprocess.PIPE) as p:
        p.stdout.read(16)
        for _ in range(n):
            head = p.stdout.read(64)
            w, h = struct.unpack_from("<II", head, 8)
            data = p.stdout.read(struct.unpack_from("<I", head, 40)[0])
            yield w, h, zlib.decompress(data) if head[6] else data


def measure(where, mode, first, count):
    """Bytes and rectangles a frame, for each of CLIENTS."""
    shown = list(frames(mode, first + count))[first - 1:]
    width, height, now = shown[0]
    row = width * 4
    screen = Screen(where, width, height)
    screen.put(0, now)
    # The server knows the size once it had to show something.
    one = wireclient.Counter(screen.vnc, "raw")
    one.update(0)
    time.sleep(1)
    one.socket.close()
    clients = [wireclient.Counter(screen.vnc, name) for name in CLIENTS]
    assert clients[0].width == width and clients[0].height == height
    for c in clients:
        c.update(0)
    before = [c.counted() for c in clients]
    for _, _, px in shown[1:]:
        for y in range(height):
            new = px[y * row:(y + 1) * row]
            if new != now[y * row:(y + 1) * row]:
                screen.put(y * row, new)
        now = px
        # Its server looks at least so often while there are clients.
        time.sleep(0.3)
        for c in clients:
            c.update(1)
    out = [((c.bytes - b[0]) / count, (c.rects - b[2]) / count)
           for c, b in zip(clients, before)]
    screen.end()
    return out


def main(count):
    for scene, first in SCENES.items():
        stock = None
        for mode, name in MODES.items():
            with tempfile.TemporaryDirectory() as where:
                got = measure(where, mode, first, count)
            stock = stock or got
            for client, (n, rects), (plain, _) in zip(CLIENTS, got, stock):
                print("wire %-6s %-7s %-6s %9.0f bytes, %6.1f rectangles a "
                      "frame; by stock's same %6.2f, by its viewer %6.2f" %
                      (scene, name, client, n, rects, n / plain,
                       n / stock[CLIENTS.index("viewer")][0]), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 8)
