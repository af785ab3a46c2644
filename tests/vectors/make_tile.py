#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Writes tile.json and header.json: what a shadow is made of."""
import struct
import zlib

import fbcref as ref
import vectorfile

SOURCE = "tests/vectors/make_tile.py, computed by fbcref.py"

KEY = vectorfile.pseudo("tile key", 32)
GCM, CHACHA = ref.AES256_GCM, ref.CHACHA20_POLY1305


# Tiles
def seal(aead, key, epoch, tile, counter, w, h, pixels, flags=0x80,
         nonce_type=1, letter=b"T"):
    nonce = struct.pack("<B", nonce_type) + struct.pack("<I", tile)[:3] + \
        struct.pack("<Q", counter)
    aad = letter + struct.pack("<IBHH", epoch, flags, w, h)
    ct, tag = ref.aead_seal(aead, key, nonce, aad, pixels)
    return ct, struct.pack("<Q", counter)[:7] + bytes([flags]) + tag


def tile(name, expect="ok", newest=0, told=None, edit=None, pixels=None,
         **how):
    v = {"aead": GCM, "key": KEY, "epoch": 1, "tile": 0, "counter": 1,
         "w": 2, "h": 2}
    v.update({k: x for k, x in how.items() if k in v})
    if pixels is None:
        pixels = vectorfile.pseudo("pixels " + name, v["w"] * v["h"] * 3)
    ct, record = seal(pixels=pixels, **{**v, **how})
    v.update(told or {})
    if edit:
        ct, record = edit(bytearray(ct), bytearray(record))
    out = {"name": name, **v, "newest": newest, "sealed": bytes(ct).hex(),
           "record": bytes(record).hex(), "expect": expect}
    if expect == "ok":
        out["pixels"] = pixels.hex()
    out["key"] = v["key"].hex()
    return out


def flip(where, bit):
    def edit(ct, record):
        (ct if where == "ct" else record)[bit // 8] ^= 1 << bit % 8
        return ct, record
    return edit


def tiles():
    out = []
    for aead in (GCM, CHACHA):
        n = "GCM" if aead == GCM else "ChaCha20"
        out += [
            tile(n + " 2x2", aead=aead),
            tile(n + " one pixel", aead=aead, w=1, h=1),
            tile(n + " 64x16", aead=aead, w=64, h=16),
            tile(n + " black 64x1", aead=aead, w=64, h=1, pixels=bytes(192)),
            tile(n + " last tile, epoch and counter", aead=aead,
                 epoch=0xffffffff, tile=4839, counter=(1 << 56) - 1,
                 newest=(1 << 56) - 2, w=33, h=8),
            tile(n + " distinct bytes", aead=aead, epoch=0x04030201,
                 tile=0x1205, counter=0x0d0c0b0a090807, w=5, h=3),
        ]
    auth = {"expect": "auth"}
    out += [tile("sealed bit %d flipped" % b, edit=flip("ct", b), **auth)
            for b in (0, 47, 95)]
    out += [tile("tag bit %d flipped" % b, edit=flip("r", b), **auth)
            for b in (64, 127, 191)]
    out += [tile("counter bit %d set" % b, edit=flip("r", b), **auth)
            for b in (1, 31, 55)]
    out += [
        tile("shown as another tile", told={"tile": 1}, **auth),
        tile("shown in another epoch", told={"epoch": 2}, **auth),
        tile("shown as 4x1", told={"w": 4, "h": 1}, **auth),
        tile("shown as 1x4", told={"w": 1, "h": 4}, **auth),
        tile("another key", told={"key": bytes(32)}, **auth),
        tile("another algorithm", told={"aead": CHACHA}, **auth),
        tile("sealed as a manifest", nonce_type=2, **auth),
        tile("another kind of AAD", letter=b"U", **auth),
        tile("authentic, but with a codec", flags=0x81, **auth),
        tile("authentic, but with a reserved flag", flags=0xc0, **auth),
        tile("valid bit lost", "pending", edit=flip("r", 63)),
        tile("authentic, but marked as never sealed", "pending", flags=0),
        tile("never sealed", "pending",
             edit=lambda ct, record: (bytes(len(ct)), bytes(24))),
        tile("same counter as held", "stale", counter=9, newest=9),
        tile("older than held", "stale", counter=9, newest=10),
        tile("newest counter but old by 2^55", "stale", counter=1,
             newest=1 << 55),
        tile("counter 0", "stale", counter=0),
        tile("one newer than held", counter=10, newest=9),
    ]
    return out


# Headers
UUID = vectorfile.pseudo("header uuid", 16)
SALT = vectorfile.pseudo("header salt", 32)
KEY_ID = vectorfile.pseudo("header key id", 8)
VMM_ID = vectorfile.pseudo("header vmm", 16)


def header(name, expect="ok", crc=0, magic=b"FBS1", version=1, layout=1,
           tw=64, th=16, **how):
    v = {"width": 800, "height": 600, "aead": GCM, "uuid": UUID, "epoch": 1,
         "salt": SALT, "key_id": KEY_ID, "vmm_id": VMM_ID}
    v.update(how)
    b = magic + struct.pack("<HBBHHHH", version, layout, v["aead"],
                            v["width"], v["height"], tw, th) + v["uuid"] + \
        struct.pack("<I", v["epoch"]) + v["salt"] + v["key_id"] + v["vmm_id"]
    b += struct.pack("<I", zlib.crc32(b) ^ crc)
    assert len(b) == 96
    out = {"name": name, "bytes": b.hex(), "expect": expect}
    if expect == "ok":
        out.update({k: x.hex() if isinstance(x, bytes) else x
                    for k, x in v.items()})
        out["version"] = version
    return out


def headers():
    none = {"aead": 0, "epoch": 0, "salt": bytes(32), "key_id": bytes(8)}
    return [
        header("800x600"),
        header("ChaCha20-Poly1305", aead=CHACHA),
        header("smallest", width=96, height=1),
        header("largest", width=2560, height=1926),
        header("largest epoch", epoch=0xffffffff),
        header("not keyed yet", **none),
        header("800x600, version 2", version=2),
        header("not keyed yet, version 2", version=2, **none),
        header("magic of a key blob", "magic", magic=b"FBK1"),
        header("magic in lower case", "magic", magic=b"fbs1"),
        header("magic of all zeros", "magic", magic=bytes(4)),
        header("version 0", "version", version=0),
        header("800x600, version 3", version=3),
        header("version 4", "version", version=4),
        header("version 257", "version", version=257),
        header("layout 0", "version", layout=0),
        header("layout 2", "version", layout=2),
        header("tiles of 32x16", "version", tw=32),
        header("tiles of 64x32", "version", th=32),
        header("AES-128-GCM", "algorithm", aead=1),
        header("AEAD 4", "algorithm", aead=4),
        header("AEAD 255", "algorithm", aead=255),
        header("width 0", "size", width=0),
        header("width 95", "size", width=95),
        header("width 2561", "size", width=2561),
        header("height 0", "size", height=0),
        header("height 1927", "size", height=1927),
        header("height 65535", "size", height=65535),
        header("first bit of the checksum", "checksum", crc=1),
        header("last bit of the checksum", "checksum", crc=1 << 31),
        header("not keyed, but an epoch", "reserved",
               **{**none, "epoch": 1}),
        header("not keyed, but a salt", "reserved",
               **{**none, "salt": bytes(31) + b"\1"}),
        header("not keyed, but a key id", "reserved",
               **{**none, "key_id": KEY_ID}),
    ]


# Manifests
ANY, ACCEPTED, UNMEASURED = 1, 2, 3
LAUNCH = vectorfile.pseudo("manifest launch", 16)


def manifest(name, expect="ok", told=None, reserved=None, edit=None,
             nonce_type=2, nonce_tile=0, nonce_counter=None, version=1,
             launched=0, launch=bytes(16), **how):
    v = {"aead": GCM, "key": KEY, "epoch": 1, "counters": [1, 2, 3],
         "counter": 4, "time_ns": 123456789, "ack": [0] * 8, "challenge": 0,
         "conn": [0] * 8, "gap": 0}
    v.update(how)
    body = struct.pack("<Q8HQ8HB", v["time_ns"], *v["ack"],
                       v["challenge"], *v["conn"], v["gap"])
    if version == 2:
        body += bytes([launched]) + (reserved or bytes(6)) + launch
    else:
        body += reserved or bytes(7)
    vec = struct.pack("<I", v["epoch"]) + b"".join(
        struct.pack("<Q", c)[:7] for c in v["counters"])
    nonce = struct.pack("<BBH", nonce_type, nonce_tile, 0) + struct.pack(
        "<Q", v["counter"] if nonce_counter is None else nonce_counter)
    ct, tag = ref.aead_seal(v["aead"], v["key"], nonce, vec, body)
    b = bytearray(struct.pack("<Q", v["counter"]) + ct + tag)
    if edit is not None:
        b[edit // 8] ^= 1 << edit % 8
    v.update({"version": version, "launched": launched, "launch": launch})
    v.update(told or {})
    out = {"name": name, **v, "bytes": bytes(b).hex(), "expect": expect}
    out["key"] = v["key"].hex()
    out["launch"] = v["launch"].hex()
    for k in ("time_ns", "challenge", "counter"):
        out[k] = str(v[k])
    out["counters"] = [str(c) for c in v["counters"]]
    return out


def manifests():
    auth = {"expect": "auth"}
    out = [
        manifest("three tiles"),
        manifest("ChaCha20-Poly1305", aead=CHACHA),
        manifest("nothing sealed yet", counters=[0, 0], counter=1),
        manifest("largest numbers", epoch=0xffffffff,
                 counters=[(1 << 56) - 1] * 5, counter=(1 << 56) - 1,
                 time_ns=(1 << 64) - 1, ack=[65535] * 8,
                 challenge=(1 << 64) - 1, conn=[65535] * 8, gap=255),
        manifest("distinct bytes", epoch=0x01020304,
                 counters=[0x11121314151617, 0x21222324252627],
                 counter=0x31323334353637, time_ns=0x4142434445464748,
                 ack=[0x5152, 0x6162, 0x7172, 1, 2, 3, 4, 5],
                 challenge=0x8182838485868788,
                 conn=[0x9192, 0xa1a2, 0xb1b2, 6, 7, 8, 9, 10],
                 gap=0xc2),
        manifest("494 tiles", counters=list(range(7, 501)), counter=999),
    ]
    out += [manifest("bit %d flipped" % b, edit=b, **auth)
            for b in (0, 55, 63, 64, 300, 511, 512, 639)]
    out += [
        manifest("a tile newer", told={"counters": [1, 2, 4]}, **auth),
        manifest("a tile older", told={"counters": [0, 2, 3]}, **auth),
        manifest("two tiles exchanged", told={"counters": [2, 1, 3]}, **auth),
        manifest("a tile less", told={"counters": [1, 2]}, **auth),
        manifest("a tile more", told={"counters": [1, 2, 3, 0]}, **auth),
        manifest("another epoch", told={"epoch": 2}, **auth),
        manifest("another key", told={"key": bytes(32)}, **auth),
        manifest("another algorithm", told={"aead": CHACHA}, **auth),
        manifest("sealed as a tile", nonce_type=1, **auth),
        manifest("sealed as of tile 1", nonce_tile=1, **auth),
        manifest("authentic, counter beyond 56 bits", counter=1 << 56,
                 **auth),
        manifest("authentic, counter 0", "pending", counter=0),
        manifest("authentic, first reserved byte", "reserved",
                 reserved=b"\1" + bytes(6)),
        manifest("authentic, last reserved byte", "reserved",
                 reserved=bytes(6) + b"\x80"),
    ]

    def v2(name, expect="ok", launched=ANY, launch=LAUNCH, **how):
        return manifest("version 2, " + name, expect, version=2,
                        launched=launched, launch=launch, **how)

    out += [
        v2("measured, any"),
        v2("accepted", launched=ACCEPTED),
        v2("accepted, ChaCha20-Poly1305", launched=ACCEPTED, aead=CHACHA),
        v2("not measurable", launched=UNMEASURED, launch=bytes(16)),
        v2("a digest of zeros", launch=bytes(16)),
        v2("distinct bytes", launched=ACCEPTED, launch=bytes(range(160, 176)),
           time_ns=0x4142434445464748, conn=list(range(1, 9))),
    ]
    out += [v2("bit %d flipped" % b, edit=b, **auth)
            for b in (0, 63, 64, 447, 448, 455, 456, 463, 464, 511, 512, 639,
                       640, 767)]
    out += [
        v2("read as version 1", told={"version": 1}, **auth),
        manifest("version 1, read as version 2", told={"version": 2}, **auth),
        v2("authentic, state 0", "reserved", launched=0),
        v2("authentic, state 4", "reserved", launched=4),
        v2("authentic, state 130", "reserved", launched=0x82),
        v2("authentic, not measurable but a digest", "reserved",
           launched=UNMEASURED, launch=bytes(15) + b"\1"),
        v2("authentic, first reserved byte", "reserved",
           reserved=b"\1" + bytes(5)),
        v2("authentic, last reserved byte", "reserved",
           reserved=bytes(5) + b"\x80"),
        manifest("version 1, authentic, launch state in reserved bytes",
                 "reserved", reserved=b"\2" + LAUNCH[:6]),
    ]
    return out


def files():
    return {
        "tile.json": {"source": SOURCE, "vectors": tiles()},
        "header.json": {"source": SOURCE, "vectors": headers(),
                        "manifests": manifests()},
    }


if __name__ == "__main__":
    vectorfile.write(files())
