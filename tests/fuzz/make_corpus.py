#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Writes the seeds of the fuzz targets of core's formats to corpus/."""
import os
import struct
import zlib

HERE = os.path.dirname(os.path.abspath(__file__))


def page(width=800, height=600, line=3200, mem=2 << 20, depth=32):
    return struct.pack("<4I2i2IB7x3Q", 0, 0, 3, 5, width, height, line, mem,
                       depth, 7, 8, 9)


def update(x, y, w, h):
    return struct.pack("<B3x4i20x", 2, x, y, w, h)


def resize(w, h, stride, depth=32, offset=0):
    return struct.pack("<B3x5i16x", 3, w, h, stride, depth, offset)


FBIF = {
    "linux": page() + update(0, 0, 800, 600) + update(8, 16, 8, 16),
    "resize": page(mem=8 << 20) + resize(1024, 768, 4096) +
    update(0, 0, 1024, 768) + resize(640, 480, 4096, offset=4096),
    "smallest": page(96, 1, 384, 384) + update(95, 0, 1, 1),
    "largest": page(2560, 1926, 10240, 10240 * 1926),
    "depth-24": page(depth=24),
    "negative": page() + update(-1, -1, -1, -1) + resize(-1, -1, -1, -1, -1),
    "overflow": page() + update(2**31 - 1, 0, 2**31 - 1, 1) +
    resize(800, 600, 2**31 - 4),
    "unknown": page() + b"\x09" + bytes(39),
}


def message(kind, payload, length=None):
    return struct.pack("<4I", kind, 1, 0, len(payload) if length is None
                       else length) + payload


def write(path, value):
    return message(11, path + b"\0" + value)


XS = {
    "linux": b"\x0f" + message(6, b"\0") +
    write(b"device/vfb/0/page-ref", b"520011") +
    write(b"device/vfb/0/event-channel", b"8") +
    write(b"device/vfb/0/protocol", b"x86_64-abi") +
    write(b"device/vfb/0/feature-update", b"1") + message(7, b"T\0") +
    write(b"device/vfb/0/state", b"3"),
    "vkbd": b"\x00" + write(b"/local/domain/12/device/vkbd/0/page-ref",
                            b"520056\0") +
    write(b"/local/domain/12/device/vkbd/0/event-channel", b"9"),
    "others": b"\x03" + write(b"/local/domain/13/device/vfb/0/state", b"3") +
    write(b"device/vfb/00/page-ref", b"1") +
    write(b"device/vfb/0/page-refx", b"1") + write(b"data/x", b"y"),
    "numbers": b"\x3f" + b"".join(
        write(b"device/vfb/0/page-ref", v)
        for v in (b"0", b"01", b"-1", b"18446744073709551615",
                  b"18446744073709551616", b"")),
    "long": b"\x10" + write(b"device/vfb/0/page-ref", b"0" * 200) +
    message(2, b"a" * 300) + write(b"device/vfb/0/state", b"4"),
    "broken": b"\x05" + message(11, b"x", 4097) +
    write(b"device/vfb/0/state", b"4"),
    "split": b"\x01" + write(b"device/vfb/0/state", b"4")[:-1],
}


def header(width=800, height=600, aead=2, epoch=1, salt=b"\x5a" * 32,
           key_id=b"\xa5" * 8, version=2):
    b = struct.pack("<4sHBBHHHH", b"FBS1", version, 1, aead, width, height, 64, 16)
    b += b"\x11" * 16 + struct.pack("<I", epoch) + salt + key_id + b"\x22" * 16
    return b + struct.pack("<I", zlib.crc32(b))


MANIFEST = struct.pack("<Q", 4) + bytes(range(88))

HEADER = {
    "gcm": b"\x00" + header() + MANIFEST,
    "chacha": b"\x00" + header(aead=3) + bytes(96),
    "version-1": b"\x00" + header(version=1) + MANIFEST,
    "version-3": b"\x01" + header(version=3) + MANIFEST,
    "version-4": b"\x01" + header(version=4) + MANIFEST,
    "none": b"\x00" + header(aead=0, epoch=0, salt=bytes(32),
                             key_id=bytes(8)),
    "largest": b"\x00" + header(2560, 1926),
    "fixed": b"\x01" + header()[:-4] + bytes(4) + MANIFEST,
}


def frame(codec=0, width=64, height=16, length=None):
    b = struct.pack("<4sHBBIIIIQQII12x", b"FBCF", 64, codec, 0, width, height,
                    width * 4, 32, 12345678, 3,
                    width * height * 4 if length is None else length, 0)
    return b + struct.pack("<I", zlib.crc32(b))


STREAM = b"FBCSTRM1" + struct.pack("<H6x", 1)

FRAMEHDR = {
    "raw": b"\x00" + STREAM + frame(),
    "zlib": b"\x00" + STREAM + frame(1, length=100) + frame(1, 800, 639, 9),
    "largest": b"\x00" + STREAM + frame(0, 8192, 8192),
    "fixed": b"\x01" + STREAM + frame()[:-4] + bytes(4),
    "version-2": b"\x00" + b"FBCSTRM1" + struct.pack("<H6x", 2) + frame(),
}


def program(*steps):
    return b"".join(bytes(s) + bytes(4 - len(s)) for s in steps)


# fuzzview.h's run(): operations by name.
(TRUE, TILE, PIXELS, ROWS, FIRST, BYTE, HEAD, LOOK, LIMIT, SIZE,
 VIEW) = range(11)

VIEW_SEEDS = {
    "forward": program(*[s for i in range(8) for s in ((TRUE, i), (LOOK,))]),
    "backward": program(*[s for i in (7, 6, 5, 4, 3, 2, 1, 0)
                          for s in ((TRUE, i), (LOOK,))]),
    "replay-tile": program((TRUE, 2), (LOOK,), (TILE, 1, 0, 0), (LOOK,),
                           (PIXELS, 1, 1, 1), (LOOK,)),
    "swap": program((TRUE, 1), (TILE, 1, 0, 1), (TILE, 1, 1, 0), (LOOK,)),
    "torn": program((TRUE, 1), (ROWS, 2, 5, 10), (LOOK,), (TRUE, 2), (LOOK,)),
    "manifest": program((TRUE, 2), (LOOK,), (FIRST, 1, 64, 31), (LOOK,),
                        (TRUE, 6), (LOOK,), (FIRST, 5, 64, 31), (LOOK,)),
    "old-header": program((TRUE, 5), (LOOK,), (FIRST, 1, 0, 31), (LOOK,),
                          (TRUE, 6), (LOOK,)),
    "flip": program((TRUE, 1), (BYTE, 0x80, 0x02, 1), (LOOK,),
                    (VIEW, 1), (BYTE, 0x80, 0x03, 1), (LOOK,)),
    "rewrite": program((TRUE, 1), (HEAD, 42, 0, 1), (LOOK,),
                       (HEAD, 9, 0, 1), (LOOK,)),
    "limit": program((TRUE, 1), (LIMIT, 2), (LIMIT, 4), (VIEW, 0), (LOOK,)),
    "size": program((TRUE, 1), (SIZE, 160, 23, 160), (SIZE, 96, 1, 96)),
}


def request(line, *headers, host="127.0.0.1:5999"):
    return "\r\n".join((line, "Host: " + host) + headers + ("", "")).encode()


UPGRADE = ("Connection: keep-alive, Upgrade", "Upgrade: websocket",
           "Origin: http://127.0.0.1:5999", "Sec-WebSocket-Version: 13",
           "Sec-WebSocket-Protocol: binary",
           "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")

HTTP = {
    "page": request("GET /vnc.html?path=websockify%3Ftoken%3D01 HTTP/1.1",
                    "User-Agent: x", "Accept: */*"),
    "socket": request("GET /websockify?token=0%31&x=2 HTTP/1.1", *UPGRADE),
    "head": request("HEAD /a/b%20c.js HTTP/1.1", "Content-Length: 0"),
    "post": request("POST / HTTP/1.1", "Content-Length: 3") + b"a=b",
    "chunked": request("GET / HTTP/1.1", "Transfer-Encoding: chunked"),
    "dots": request("GET /a/%2e%2e/.b HTTP/1.1"),
    "old": request("GET / HTTP/1.0"),
    "twice": request("GET /?token=1&token=2 HTTP/1.1", "Origin: a", "Origin: b"),
    "folded": request("GET / HTTP/1.1", "X: a", " b"),
    "rfb": b"RFB 003.008\n",
}


def ws_frame(first, payload=b"", mask=b"\x37\xfa\x21\x3d"):
    n = len(payload)
    form = bytes([n | 0x80]) if n < 126 else b"\xfe" + struct.pack(">H", n)
    return bytes([first]) + form + mask + bytes(
        b ^ mask[i & 3] for i, b in enumerate(payload))


WS = {
    "binary": b"\x00" + ws_frame(0x82, b"RFB 003.008\n"),
    "pieces": b"\x02" + ws_frame(0x02, b"one") + ws_frame(0x89, b"ping") +
    ws_frame(0x00) + ws_frame(0x8a, b"pong") + ws_frame(0x80, b"two"),
    "long": b"\x1f" + ws_frame(0x82, bytes(range(200))),
    "largest": b"\x04" + b"\x82\xff" + struct.pack(">Q", 1 << 20) + bytes(9),
    "larger": b"\x04" + b"\x82\xff" + struct.pack(">Q", 1 << 63) + bytes(9),
    "text": b"\x00" + ws_frame(0x81, b"Hello"),
    "bare": b"\x00" + b"\x82\x05Hello",
    "close": b"\x00" + ws_frame(0x88, b"\x03\xe8na\xc3\xafve") +
    ws_frame(0x82, b"x"),
    "close-bad": b"\x01" + ws_frame(0x88, b"\x03\xed") + ws_frame(0x88),
}


# fuzz_kbdring.c's operations, by name.
(K_GUEST_WORD, K_DOM0_WORD, K_GUEST_NEAR, K_DOM0_NEAR, K_EVENT, K_PUMP,
 K_GUEST_TAKE, K_LIMITS, K_JUMP) = (bytes([i]) for i in range(9))
IN_CONS, IN_PROD, OUT_PROD = b"\x00", b"\x01", b"\x03"


def kbd_key(code, pressed=1):
    return K_EVENT + struct.pack("<BB2xI8x", 3, pressed, code)


def kbd_event(kind, *words):
    return K_EVENT + struct.pack("<B3x3i", kind, *words)


KBDRING = {
    "typing": b"".join(kbd_key(30, p) + K_PUMP + K_GUEST_TAKE
                       for p in (1, 0, 2)),
    "pointer": kbd_event(4, 799, 599, -1) + kbd_event(1, 5, -5, 0) + K_PUMP +
    K_LIMITS + bytes(8) + kbd_event(4, 32767, 32767, 0) + K_PUMP,
    "refused": kbd_key(0) + kbd_key(0x300) + kbd_event(4, 800, 0, 0) +
    kbd_event(4, 0, -1, 0) + kbd_event(1, 1 << 20, 0, 0) +
    kbd_event(5, 0, 1, 1) + kbd_event(9, 1, 1, 1) + K_PUMP,
    "full": (kbd_key(30) * 51 + K_PUMP) * 2 + K_PUMP + K_GUEST_TAKE + K_PUMP,
    "wrap": K_JUMP + struct.pack("<i", -5) +
    (kbd_key(31) * 3 + K_PUMP + K_GUEST_TAKE * 2) * 5,
    "guest-garbage": kbd_key(30) + K_GUEST_NEAR + IN_CONS + b"\x05" + K_PUMP +
    K_GUEST_NEAR + IN_CONS + b"\xcd" + K_PUMP + K_GUEST_NEAR + IN_CONS +
    b"\xce" + K_PUMP + K_GUEST_WORD + OUT_PROD + b"\xff" * 4 + K_PUMP,
    "dom0-garbage": kbd_key(30) + K_DOM0_NEAR + IN_PROD + b"\x34" + K_PUMP +
    K_DOM0_NEAR + IN_PROD + b"\x33" + K_PUMP + K_DOM0_WORD + IN_CONS +
    b"\xff" * 4 + kbd_key(30) + K_PUMP,
}


# fuzz_input.c's.
(I_SEAL, I_RECORD, I_POINTS, I_WRONG, I_EVENT, I_PUMP, I_TAKE, I_CONNECT,
 I_TIME, I_EPOCH, I_DOM0_PROD, I_GUEST_CONS, I_RAW) = (
     bytes([i]) for i in range(13))
I_HELLO = I_RECORD + b"\x00\xff" + I_PUMP
I_OLD = I_RECORD + b"\x01\xff" + I_PUMP


def i_seal(v):
    return I_SEAL + struct.pack("<I", v)


def i_bring(n):
    return I_RECORD + bytes([0, n]) + I_PUMP


INPUT = {
    "typing": I_HELLO + b"".join(i_seal(6 + 16 * n) + i_bring(n) + I_TAKE +
                                 b"\x09" for n in range(6)),
    "pointer": I_HELLO + b"".join(i_seal(2 + 64 * 8 * n + 4096 * 3) +
                                  i_bring(n) + I_TAKE + b"\x09"
                                  for n in range(6)),
    "replay": I_HELLO + i_seal(6) + i_bring(0) * 2 + i_seal(7) + i_seal(14) +
    i_bring(2) + i_bring(1) + i_bring(0),
    "reconnect": I_HELLO + i_seal(0x1ff * 512 + 2) + i_bring(0) + I_CONNECT +
    I_OLD + I_HELLO + i_seal(6) + i_bring(0) + I_OLD + I_RECORD + b"\x01\0" +
    I_PUMP,
    "bye": I_HELLO + i_seal(0x1ff * 512 + 2) + i_bring(0) + i_seal(1) +
    i_bring(1) + i_bring(1) + I_HELLO,
    "epoch": I_HELLO + i_seal(6) + I_EPOCH + i_bring(0) + I_CONNECT + I_HELLO,
    "full": I_HELLO + b"".join(i_seal(2 + 512 * 255 * (n % 2)) + i_bring(n)
                               for n in range(9)) + I_TAKE + b"\x30" +
    i_bring(8) + i_bring(6),
    "pieces": I_HELLO + i_seal(6) + I_POINTS + b"\0\0\0\x05" + I_PUMP +
    I_POINTS + b"\0\0\x05\x0a" + I_PUMP + I_POINTS + b"\0\0\x01\x0a" +
    I_PUMP,
    "wrong": I_HELLO + i_seal(6) + (I_WRONG + b"\0\0\x7f" + I_PUMP) * 65 +
    i_bring(0) + I_TIME + b"\xff\xff\xff\xff" + i_bring(0),
    "own": I_HELLO + I_EVENT + b"\x03\x01\x1e\0" + I_EVENT +
    b"\x04\0\x05\x05" + I_RAW + b"\xff" * 16 + I_PUMP,
    "senseless": I_HELLO + i_seal(6) + I_RECORD + b"\0\0" + I_DOM0_PROD +
    b"\x40" + I_PUMP + I_GUEST_CONS + b"\x40" + i_bring(0) + I_GUEST_CONS +
    b"\0" + i_bring(0),
}


def main():
    for name, seeds in (("fbif", FBIF), ("xs", XS), ("header", HEADER),
                        ("framehdr", FRAMEHDR), ("view", VIEW_SEEDS),
                        ("view_coded", VIEW_SEEDS),
                        ("http", HTTP), ("ws", WS), ("kbdring", KBDRING),
                        ("input", INPUT)):
        folder = os.path.join(HERE, "corpus", "fuzz_" + name)
        os.makedirs(folder, exist_ok=True)
        for seed, data in seeds.items():
            with open(os.path.join(folder, seed), "wb") as f:
                f.write(data)


if __name__ == "__main__":
    main()
