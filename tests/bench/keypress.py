#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""keypress.py HOST:PORT N: from a key that is pressed to the first changed
pixel at a viewer, in ms, N times, one a line.  The guest echoes on a text
screen whose cursor does not blink; every other key takes the character back."""
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "peers"))
sys.dont_write_bytecode = True

import rfbclient    # noqa: E402  (found by the lines above)

BACKSPACE = 0xff08

s = rfbclient.Client(sys.argv[1])
screen = bytearray(s.width * s.height * 4)


def changed():
    """Reads one message; has a pixel changed?"""
    n = s.message()
    if n is None:
        return False
    change = False
    for _ in range(n):
        x, y, w, h = s.rect(rfbclient.RAW)
        px = s.get(w * h * 4)
        for row in range(h):
            at = ((y + row) * s.width + x) * 4
            new = px[row * w * 4:(row + 1) * w * 4]
            change |= screen[at:at + w * 4] != new
            screen[at:at + w * 4] = new
    s.ask(1)
    return change


s.encodings(rfbclient.RAW)
s.ask(0)
for n in range(int(sys.argv[2])):
    # Quiet first, at different places in the server's rhythm.
    quiet = time.time() + 0.5 + n % 10 * 0.013
    while time.time() < quiet:
        if s.waits(quiet - time.time()):
            changed()
    key = BACKSPACE if n & 1 else ord("x")
    start = time.time()
    s.key(1, key)
    while not changed():
        if time.time() - start > 20:
            sys.exit("keypress: nothing changes on the screen")
    print("%.1f" % ((time.time() - start) * 1000), flush=True)
    s.key(0, key)
