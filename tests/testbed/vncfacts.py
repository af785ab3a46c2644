#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""What QEMU's VNC server makes of a shadow, by a client of its own.

vncfacts.py HOST:PORT rects SECONDS   Raw; rectangles of each update after the
                                      first: "update X,Y,WxH X,Y,WxH ..."
vncfacts.py HOST:PORT tight           Tight, level 0: how the first rectangle
                                      comes: "control C filter F length N of M"
"""
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "peers"))
sys.dont_write_bytecode = True

import rfbclient    # noqa: E402  (found by the lines above)


def rects(s, seconds):
    s.encodings(rfbclient.RAW)
    s.ask(0)
    first, end = True, time.time() + seconds
    while time.time() < end:
        if not s.waits(0.1):
            continue
        n = s.message()
        if n is None:
            continue
        seen = []
        for _ in range(n):
            x, y, w, h = s.rect(rfbclient.RAW)
            s.get(w * h * 4)
            seen.append("%d,%d,%dx%d" % (x, y, w, h))
        if not first:
            print("update", *seen, flush=True)
        else:
            print("ready", flush=True)
        first = False
        s.ask(1)


def tight(s):
    s.encodings(rfbclient.TIGHT, rfbclient.COMPRESS_0, rfbclient.RAW)
    s.ask(0)
    while not s.message():
        pass
    _, _, w, h = s.rect(rfbclient.TIGHT)
    control = s.get(1)[0] >> 4
    name = {8: "fill", 9: "jpeg", 10: "png"}.get(control, "basic")
    filt = s.get(1)[0] if control < 8 and control & 4 else 0
    if control == 14:
        filt = s.get(1)[0]
    length = 0
    for i in range(3):
        b = s.get(1)[0]
        length |= (b & 127) << (7 * i)
        if not b & 128:
            break
    print("control %s filter %d length %d of %d" % (name, filt, length,
                                                    w * h * 3))


client = rfbclient.Client(sys.argv[1])
if sys.argv[2] == "rects":
    rects(client, float(sys.argv[3]))
else:
    tight(client)
