#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""A TPM that answers what no TPM should: stands before an honest one.

usage: tests/eviltpm.py DIR HONEST MODE

Listens at DIR/s, as swtpm does, and passes on to HONEST, the honest one's
socket.  Answers to the mode's command are changed.
"""
import os
import socket
import struct
import sys

NV_READ, READ_PUBLIC, NV_READ_PUBLIC = 0x14e, 0x173, 0x169
GET_CAPABILITY, PCR_READ, QUOTE, CREATE = 0x17a, 0x17e, 0x158, 0x153


def split(rsp):
    """Parameters, and what follows them: no handle is before them here."""
    if rsp[:2] == b"\x80\x01":
        return rsp[10:], b""
    size, = struct.unpack_from(">I", rsp, 10)
    return rsp[14:14 + size], rsp[14 + size:]


def join(rsp, params, rest):
    if rsp[:2] == b"\x80\x02":
        params = struct.pack(">I", len(params)) + params + rest
    return rsp[:2] + struct.pack(">I", 10 + len(params)) + rsp[6:10] + params


def tpm2b(data):
    return struct.pack(">H", len(data)) + data


def capability(change):
    """The first handle or value in an answer to GetCapability."""
    def meddle(p):
        if p[1:5] == b"\0\0\0\1" and p[5:9] != bytes(4):
            return p[:9] + struct.pack(">I", change(
                struct.unpack_from(">I", p, 9)[0])) + p[13:]
        return p
    return meddle


# Command, and what becomes of its parameters.
MODES = {
    "kind": (GET_CAPABILITY, lambda p: p[:1] + b"\0\0\0\6" + p[5:]),
    "backwards": (GET_CAPABILITY, capability(lambda h: h - 0x300)),
    "size": (NV_READ_PUBLIC, lambda p: p[:-38] + b"\xff\xff" + p[-36:]),
    "long": (NV_READ, lambda p: tpm2b(p[2:] + b"x")),
    "short": (NV_READ, lambda p: tpm2b(p[2:-1])),
    "empty": (NV_READ, lambda p: tpm2b(b"")),
    "overrun": (NV_READ, lambda p: b"\xff\xff" + p[2:]),
    "key": (READ_PUBLIC, lambda p: p[:40] + b"\xff\xff" + p[42:]),
    "values": (PCR_READ, lambda p: p[:14] + bytes(4)),
    "digests": (PCR_READ, lambda p: p[:-2] + bytes([p[-2] ^ 1]) + p[-1:]),
    "lengths": (PCR_READ, lambda p: p[:18] + (tpm2b(bytes(20)) * 5)),
    "selection": (PCR_READ, lambda p: p[:11] + b"\xff\xff\xff" + p[14:]),
    "attest": (QUOTE, lambda p: tpm2b(bytes(1000)) + p[147:]),
    "magic": (QUOTE, lambda p: p[:2] + b"\0" + p[3:]),
    "private": (CREATE, lambda p: tpm2b(bytes(1000)) +
                p[2 + struct.unpack_from(">H", p)[0]:]),
    "none": (QUOTE, lambda p: b""),
}

# Answers of any command.
RAW = {
    "close": b"",
    "header": b"\x80\x01\0\0",
    "huge": b"\x80\x01\x7f\xff\xff\xff\0\0\0\0",
    "big": b"\x80\x01\0\0\x20\0\0\0\0\0" + bytes(8182),
    "tiny": b"\x80\x01\0\0\0\2\0\0\0\0",
    "tag": b"\x12\x34\0\0\0\x0a\0\0\0\0",
    "code": b"\x80\x01\0\0\0\x0a\xff\xff\xff\xff",
    "failure": b"\x80\x01\0\0\0\x0a\0\0\1\1",
}


def message(s):
    data = b""
    while len(data) < 10 or len(data) < struct.unpack_from(">I", data, 2)[0]:
        more = s.recv(65536)
        if not more:
            return None
        data += more
    return data


def serve(client, honest, mode):
    while True:
        cmd = message(client)
        if cmd is None:
            return
        if mode in RAW:
            client.sendall(RAW[mode])
            return
        honest.sendall(cmd)
        rsp = message(honest)
        if rsp is None:
            return
        code, meddle = MODES[mode]
        if struct.unpack_from(">I", cmd, 6)[0] == code and \
                rsp[6:10] == bytes(4):
            params, rest = split(rsp)
            rsp = join(rsp, meddle(params), rest)
        client.sendall(rsp)


def main(where, to, mode):
    s = socket.socket(socket.AF_UNIX)
    s.bind(where + "/new")
    s.listen()
    os.symlink(to + ".ctrl", where + "/s.ctrl")
    os.rename(where + "/new", where + "/s")
    while True:
        client, _ = s.accept()
        honest = socket.socket(socket.AF_UNIX)
        honest.connect(to)
        with client, honest:
            try:
                serve(client, honest, mode)
            except (BrokenPipeError, ConnectionResetError):
                pass


if __name__ == "__main__":
    if len(sys.argv) != 4 or sys.argv[3] not in MODES.keys() | RAW.keys():
        sys.exit(__doc__.split("\n\n")[1])
    main(*sys.argv[1:])
