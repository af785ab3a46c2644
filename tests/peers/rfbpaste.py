#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Has a VNC server told a clipboard that is too long, asks for it to be pasted
by Ctrl+Alt+Shift+V, then does the same with one of 1000 characters, which are
printed.

usage: rfbpaste.py HOST:PORT|SOCKET LENGTH
"""
import os
import random
import struct
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import rfbclient    # noqa: E402  (found by the line above)

KEYS = (0xffe3, 0xffe9, 0xffe1, ord("V"))


def paste(text):
    c.send(struct.pack(">BxxxI", 6, len(text)) + text)
    for key in KEYS:
        c.key(True, key)
    for key in reversed(KEYS):
        c.key(False, key)


c = rfbclient.Client(sys.argv[1])
c.encodings(rfbclient.RAW)
paste(b"x" * int(sys.argv[2]))
time.sleep(1)
random.seed(3)
made = "".join(chr(random.randint(32, 126)) for _ in range(1000))
paste(made.encode())
print(made, end="")
time.sleep(1)
