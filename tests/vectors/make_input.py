#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Writes input.json: records of sealed input, and their points."""
import fbcref as ref
import vectorfile

SOURCE = "tests/vectors/make_input.py, computed by fbcref.py"

KEY = vectorfile.pseudo("input key", 32)
SEQ = 1764396000000001


def hello(name, expect="ok", key=KEY, slot=0, seq=SEQ, edit=None, told=None,
          head=None):
    record, conn = ref.input_hello(key, slot, seq)
    record = bytearray(record)
    if head is not None:
        record[0] = head
    if edit is not None:
        record[edit // 8] ^= 1 << edit % 8
    out = {"name": name, "key": (told or key).hex(), "slot": slot,
           "seq": str(seq), "record": bytes(record).hex(), "expect": expect}
    if expect == "ok":
        out.update(conn=conn.hex())
    return out


def hellos():
    out = [
        hello("base"),
        hello("slot 7", slot=7),
        hello("first number", seq=1),
        hello("largest number", seq=(1 << 56) - 1),
        hello("distinct bytes", slot=5, seq=0x11121314151617),
        hello("key of zeros", key=bytes(32)),
        hello("another key", "auth", told=bytes(32)),
        hello("no name", "reserved", seq=1 << 16),
        hello("number 0", "reserved", seq=0),
        hello("not a hello", "reserved", head=0),
    ]
    out += [hello("reserved bit %d" % b, "reserved", edit=b)
            for b in (4, 5, 6, 7)]
    out += [hello("bit %d flipped" % b, "auth", edit=b)
            for b in (0, 2, 8, 63, 64, 127)]
    return out


def keys(*codes):
    return sum((c | (d << 15)) << 16 * i for i, (c, d) in enumerate(codes))


def pointer(x, y, buttons=0, wheel=0):
    return x | y << 12 | buttons << 24 | (wheel & 15) << 32


def record(name, expect="ok", kind=ref.INPUT_KEY, data=0, counter=1, slot=0,
           edit=None, told=None, opener=None, **fields):
    _, conn = ref.input_hello(KEY, slot, SEQ)
    r = bytearray(ref.input_record(conn, slot, counter,
                                   ref.input_body(kind, data)))
    if edit is not None:
        r[edit // 8] ^= 1 << edit % 8
    out = {"name": name, "key": KEY.hex(), "seq": str(SEQ),
           "slot": slot if opener is None else opener,
           "counter": str(counter if told is None else told),
           "record": bytes(r).hex(), "expect": expect}
    if expect == "ok":
        out.update(kind=kind, keys=[], x=0, y=0, buttons=0, wheel=0,
                   challenge="0")
        out.update(fields)
    return out


def key(name, *codes, **how):
    return record(name, data=keys(*codes), keys=[list(c) for c in codes],
                  **how)


def point(name, x, y, buttons=0, wheel=0, **how):
    return record(name, kind=ref.INPUT_POINTER,
                  data=pointer(x, y, buttons, wheel), x=x, y=y,
                  buttons=buttons, wheel=wheel, **how)


def challenge(name, value, **how):
    return record(name, kind=ref.INPUT_CHALLENGE, data=value,
                  challenge=str(value), **how)


def records():
    out = [
        key("a key down", (30, 1)),
        key("a key up", (30, 0)),
        key("smallest and largest code", (1, 0), (0x2ff, 1)),
        key("up and down", (30, 0), (31, 1)),
        key("last slot", (42, 1), slot=7),
        key("16 bits of the counter travel", (42, 1), counter=0x10001),
        key("low bits 0", (42, 1), counter=0x20000),
        key("largest counter", (42, 1), counter=(1 << 48) - 1),
        point("origin", 0, 0),
        point("all bits", 4095, 4095, 255, -1),
        point("distinct", 0x123, 0x456, 0x78, 7),
        point("wheel towards the user", 1, 2, 0, -8),
        challenge("smallest", 1),
        challenge("largest", (1 << 36) - 1),
        record("bye", kind=ref.INPUT_BYE),
    ]
    stale, auth, bad = {"expect": "stale"}, {"expect": "auth"}, "range"
    down = {"data": keys((30, 1))}
    out += [
        record("same record again", told=2, **down, **stale),
        record("one that was left out", told=1, counter=2, **down, **stale),
        record("counter 0", counter=0, **down, **stale),
        record("beyond the last counter", counter=1 << 48, **down, **stale),
        record("another slot's", opener=3, **down, **stale),
        record("same low bits, another counter", told=0x10001, **down, **auth),
        record("slot changed", edit=0, opener=1, **down, **auth),
        record("counter changed", edit=8, told=0, **down, **stale),
        record("made a hello", edit=3, **down, **stale),
        record("reserved bit", "reserved", edit=4, **down),
    ]
    out += [record("bit %d flipped" % b, edit=b, **down, **auth)
            for b in (24, 63, 64, 127)]
    out += [
        record("no code", bad),
        record("no first code", bad, data=keys((0, 0), (30, 1))),
        record("code too large", bad, data=keys((0x300, 1))),
        record("second code too large", bad, data=keys((1, 1), (0x7fff, 1))),
        record("second down without code", bad, data=keys((1, 1), (0, 1))),
        record("behind the codes", bad, data=keys((1, 1)) | 1 << 32),
        record("challenge 0", bad, kind=ref.INPUT_CHALLENGE),
        record("bye with something", bad, kind=ref.INPUT_BYE, data=1),
        record("kind 0", bad, kind=0, **down),
        record("kind 5", bad, kind=5, **down),
        record("kind 15", bad, kind=15, **down),
    ]
    return out


def points(name, data, width, height, expect="ok"):
    out = {"name": name, "record": data.hex(), "width": width,
           "height": height, "expect": expect}
    if expect == "ok":
        out["points"] = ref.carrier_points(data, width, height)
    return out


def carrier():
    data = vectorfile.pseudo("carrier", 16)
    out = [points("%dx%d" % s, data, *s) for s in (
        (800, 639), (640, 511), (1024, 817), (384, 384), (2560, 2048),
        (511, 384))]
    out += [points("no bit set", bytes(16), 800, 639),
            points("all bits set", b"\xff" * 16, 800, 639)]
    out += [points("%dx%d, which is too small" % s, data, *s, "size")
            for s in ((383, 639), (800, 383), (0, 0))]
    out += [points("%dx%d, which is too large" % s, data, *s, "size")
            for s in ((2561, 639), (800, 2049), (1 << 31, 1 << 31))]
    return out


def files():
    return {"input.json": {"source": SOURCE, "hellos": hellos(),
                           "vectors": records(), "points": carrier()}}


if __name__ == "__main__":
    vectorfile.write(files())
