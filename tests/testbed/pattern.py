#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""A known picture: pattern.py raw|ppm WIDTH HEIGHT > FILE

raw is what /dev/fb0 takes (blue, green, red, a fourth byte that must not
matter), ppm the same picture as a viewer should show it.
"""
import sys

kind, w, h = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
out = bytearray()
if kind == "ppm":
    out += b"P6\n%d %d\n255\n" % (w, h)
for y in range(h):
    for x in range(w):
        r, g, b = x * 3 & 255, y * 5 & 255, (x ^ y) & 255
        out += bytes((b, g, r, 0xA5) if kind == "raw" else (r, g, b))
sys.stdout.buffer.write(out)
