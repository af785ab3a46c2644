#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Prints a guest's evdev log (struct input_event of 64 bits), standard input:
a line an event, "key CODE VALUE", "rel CODE VALUE" or "abs CODE VALUE".

evlog.py text    the characters of the keys that went down, on a US keyboard,
                 in one line; a key that does not go up at once is an error.
                 Caps Lock is left out: QEMU presses it on its own, when it
                 takes the lock for other than the client's keysyms say
"""
import struct
import sys

KINDS = {1: "key", 2: "rel", 3: "abs"}
CAPS_LOCK = 58
US = dict(enumerate("\0\0001234567890-=\b\tqwertyuiop[]\n\0asdfghjkl;'`\0\\"
                    "zxcvbnm,./\0*\0 "))

data = sys.stdin.buffer.read()
events = []
for at in range(0, len(data), 24):
    kind, code, value = struct.unpack("<HHi", data[at + 16:at + 24])
    if (kind, code) == (0, 3):
        sys.exit("evlog.py: the guest did not read its own events in time")
    if kind:
        events.append((KINDS.get(kind, str(kind)), code, value))

if sys.argv[1:] != ["text"]:
    for e in events:
        print(*e)
else:
    text = ""
    for i in range(0, len(events), 2):
        pair = events[i:i + 2]
        if len(pair) < 2 or pair[0] != ("key", pair[1][1], 1) or pair[1][2]:
            sys.exit("evlog.py: event %d: %s" % (i, pair))
        if pair[0][1] != CAPS_LOCK:
            text += US[pair[0][1]]
    print(text)
