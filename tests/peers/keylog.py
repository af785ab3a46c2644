#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Lines "key DOWN CODE" (Linux key codes) to what they type on an American
keyboard.  Fails on what no keyboard does: a release of what is not down, but
for modifiers, and keys left down at the end.

usage: keylog.py < LOG > TEXT
"""
import sys

PLAIN = {2: "1234567890-=", 16: "qwertyuiop[]", 28: "\n", 30: "asdfghjkl;'`",
         43: "\\zxcvbnm,./", 57: " ", 15: "\t"}
SHIFTED = {2: "!@#$%^&*()_+", 16: "QWERTYUIOP{}", 28: "\n", 30: 'ASDFGHJKL:"~',
           43: "|ZXCVBNM<>?", 57: " ", 15: "\t"}
MODIFIERS = {29, 42, 54, 56, 97, 100, 125, 126}


def table(rows):
    return {first + i: c for first, row in rows.items()
            for i, c in enumerate(row)}


plain, shifted = table(PLAIN), table(SHIFTED)
down = set()
for line in sys.stdin:
    word = line.split()
    if not word or word[0] != "key":
        continue
    pressed, code = int(word[1]), int(word[2])
    if not pressed:
        if code not in down and code not in MODIFIERS:
            sys.exit("key %d goes up, and was not down" % code)
        down.discard(code)
        continue
    down.add(code)
    if code not in MODIFIERS:
        typed = shifted if down & {42, 54} else plain
        sys.stdout.write(typed.get(code, "[%d]" % code))
if down:
    sys.exit("still down: %s" % sorted(down))
