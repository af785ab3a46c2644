#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Pictures for the guest's /dev/xvda: screens.py > disk; 800x600, BGRX, one
after the other: photo (smooth shapes with grain), gradient, noise.  Each byte is
one less than it is on the screen, because dom0 serves that disk and sees it."""
import random
import sys

W, H = 800, 600
rng = random.Random(4)


def photo():
    blobs = [(rng.randrange(W), rng.randrange(H), rng.randrange(60, 260),
              [rng.randrange(256) for _ in range(3)]) for _ in range(24)]
    out = bytearray()
    for y in range(H):
        # Blobs near this row only; coarse steps keep this quick.
        near = [b for b in blobs if abs(b[1] - y) < b[2]]
        for x in range(0, W, 4):
            px = [40 + y // 8, 60 + x // 16, 90]
            for bx, by, r, c in near:
                d = (x - bx) ** 2 + (y - by) ** 2
                if d < r * r:
                    k = 256 - 256 * d // (r * r)
                    px = [(p * (256 - k) + q * k) >> 8 for p, q in zip(px, c)]
            grain = rng.getrandbits(16)
            for i in range(4):
                g = (grain >> 4 * i & 7) - 4
                out += bytes(min(255, max(0, p + g)) for p in px) + b"\0"
    return out


def gradient():
    return b"".join(bytes((x * 255 // (W - 1), y * 255 // (H - 1), 128, 0))
                    for y in range(H) for x in range(W))


def noise():
    out = bytearray(rng.randbytes(W * H * 4))
    return out


for draw in (photo, gradient, noise):
    sys.stdout.buffer.write(bytes(draw()).translate(
        bytes((i - 1) & 255 for i in range(256))))
