# SPDX-License-Identifier: GPL-2.0-only
"""An RFB client (RFC 6143) for tests: no security, 32 bits a pixel with blue in
the lowest byte, no encoding but those that are asked for.  When the server goes
away or waits for more than 30 s, or sends what is not expected, it ends the
program."""
import os
import select
import socket
import struct
import sys

RAW = 0
TIGHT = 7
COMPRESS_0 = -256


def die(why):
    sys.exit("%s: %s" % (os.path.basename(sys.argv[0]), why))


class Client:
    def __init__(self, address):
        """address: HOST:PORT, or the path of a unix socket"""
        if "/" in address:
            self.socket = socket.socket(socket.AF_UNIX)
            self.socket.settimeout(30)
            self.socket.connect(address)
        else:
            host, port = address.rsplit(":", 1)
            self.socket = socket.create_connection((host, int(port)), 30)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.get(12)
        self.send(b"RFB 003.008\n")
        self.get(self.get(1)[0])
        self.send(b"\1")
        self.get(4)
        self.send(b"\1")
        self.width, self.height = struct.unpack(">HH", self.get(20)[:4])
        self.name = self.get(struct.unpack(">I", self.get(4))[0]).decode()
        self.send(struct.pack(">Bxxx BBBB HHH BBB xxx", 0, 32, 24, 0, 1, 255,
                              255, 255, 16, 8, 0))

    def send(self, data):
        self.socket.sendall(data)

    def get(self, n):
        out = b""
        while len(out) < n:
            piece = self.socket.recv(n - len(out))
            if not piece:
                die("the server is gone")
            out += piece
        return out

    def waits(self, seconds):
        """Does something come within that time?"""
        return bool(select.select([self.socket], [], [], max(0, seconds))[0])

    def encodings(self, *wanted):
        self.send(struct.pack(">BxH%di" % len(wanted), 2, len(wanted), *wanted))

    def ask(self, incremental):
        self.send(struct.pack(">BBHHHH", 3, incremental, 0, 0, self.width,
                              self.height))

    def key(self, down, keysym):
        self.send(struct.pack(">BBxxI", 4, down, keysym))

    def message(self):
        """Reads the next message, of an update the head only: the number of
        its rectangles.  None: it was another one."""
        kind = self.get(1)[0]
        if kind == 0:
            return struct.unpack(">xH", self.get(3))[0]
        if kind == 3:
            self.get(struct.unpack(">xxxI", self.get(7))[0])
        elif kind != 2:
            die("message %d" % kind)
        return None

    def rect(self, encoding):
        """Reads the head of a rectangle: x, y, width, height."""
        *rect, enc = struct.unpack(">HHHHi", self.get(12))
        if enc != encoding:
            die("encoding %d" % enc)
        return rect
