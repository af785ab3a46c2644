#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Types its standard input into a VNC server, as somebody at an American
keyboard would: Shift goes down before a capital and comes up after the last
one in a row.  Then, or at the same time, moves the pointer.

usage: rfbtype.py [OPTION]... HOST:PORT|SOCKET < TEXT
  -r N   keys a second (0: as fast as can be); who is late does not hurry
  -m N   pointer moves, spread over the typing; printed as "pos X Y 0"
  -e     QEMU's extended key events, once the server has offered them
  -s N   stay N seconds after the last key
"""
import getopt
import os
import struct
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import rfbclient    # noqa: E402  (found by the line above)

SHIFTED = '~!@#$%^&*()_+{}|:"<>?'
SHIFT = 0xffe1
# Rows of the keyboard: characters, shifted, and the first one's scan code.
ROWS = (("1234567890-=", "!@#$%^&*()_+", 2),
        ("qwertyuiop[]", "QWERTYUIOP{}", 16),
        ("asdfghjkl;'`", 'ASDFGHJKL:"~', 30),
        ("\\zxcvbnm,./", "|ZXCVBNM<>?", 43),
        (" ", " ", 57), ("\n", "\n", 28), ("\t", "\t", 15))
CODE = {c: code + i for plain, shifted, code in ROWS
        for row in (plain, shifted) for i, c in enumerate(row)}


def keysym(c):
    return {"\n": 0xff0d, "\t": 0xff09}.get(c, ord(c))


class Typist(rfbclient.Client):
    extended = False

    def press(self, down, sym, code):
        if self.extended:
            self.send(struct.pack(">BBHII", 255, 0, down, sym, code))
        else:
            self.key(down, sym)

    def pointer(self, buttons, x, y):
        self.send(struct.pack(">BBHH", 5, buttons, x, y))

    def drain(self):
        """Reads and forgets what the server sends."""
        while self.waits(0):
            if not self.socket.recv(65536):
                rfbclient.die("the server is gone")

    def want_extended(self):
        """Asks for updates until the extension is announced."""
        self.encodings(rfbclient.RAW, -258)
        while not self.extended:
            self.ask(False)
            for _ in range(self.message() or 0):
                x, y, w, h, enc = struct.unpack(">HHHHi", self.get(12))
                if enc == -258:
                    self.extended = True
                else:
                    self.get(w * h * 4)
            if not self.extended:
                self.ask(False)


def main():
    opts, args = getopt.getopt(sys.argv[1:], "r:m:es:")
    o = dict(opts)
    rate, moves = float(o.get("-r", 0)), int(o.get("-m", 0))
    text = sys.stdin.read()
    c = Typist(args[0])
    if "-e" in o:
        c.want_extended()
    else:
        c.encodings(rfbclient.RAW)
    due, moved, shift = time.monotonic(), 0, False

    def move(until):
        nonlocal moved
        while moved < until:
            x, y = 10 + moved * 7 % 400, 20 + moved * 13 % 300
            c.pointer(0, x, y)
            print("pos %d %d 0" % (x, y))
            moved += 1

    for i, ch in enumerate(text):
        wants = ch in SHIFTED or ch.isupper()
        if wants != shift:
            c.press(wants, SHIFT, 42)
            shift = wants
        c.press(True, keysym(ch), CODE[ch])
        c.press(False, keysym(ch), CODE[ch])
        move(moves * (i + 1) // len(text))
        c.drain()
        if rate:
            due = max(due + 1 / rate, time.monotonic())
            time.sleep(max(0, due - time.monotonic()))
    if shift:
        c.press(False, SHIFT, 42)
    move(moves)
    end = time.monotonic() + float(o.get("-s", 0))
    while time.monotonic() < end:
        c.drain()
        time.sleep(0.02)
    c.socket.close()


main()
