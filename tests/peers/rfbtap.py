#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Stands between a client and a VNC server without security, and writes down
what of the client's is input: a line a message, "pointer BUTTONS X Y", "key
DOWN KEYSYM", "extkey DOWN KEYSYM CODE" or "text LENGTH".

usage: rfbtap.py HOST:PORT LOG

Prints the port where it waits for clients, one after the other."""
import select
import socket
import struct
import sys

# Message types with a fixed length, of RFC 6143.
LENGTH = {0: 20, 3: 10, 4: 8, 5: 6}


def messages(log):
    """A coroutine that is sent the client's bytes."""
    data = b""

    def need(n):
        nonlocal data
        while len(data) < n:
            data += yield
        piece, data = data[:n], data[n:]
        return piece

    yield from need(12 + 1 + 1)
    while True:
        kind = (yield from need(1))[0]
        if kind in LENGTH:
            rest = yield from need(LENGTH[kind] - 1)
            if kind == 4:
                print("key", *struct.unpack(">BxxI", rest), file=log)
            elif kind == 5:
                print("pointer", *struct.unpack(">BHH", rest), file=log)
        elif kind == 2:
            (n,) = struct.unpack(">xH", (yield from need(3)))
            yield from need(4 * n)
        elif kind == 6:
            (n,) = struct.unpack(">xxxI", (yield from need(7)))
            print("text", n, file=log)
            yield from need(n)
        elif kind == 255:
            _, down, sym, code = struct.unpack(">BHII", (yield from need(11)))
            print("extkey", down, sym, code, file=log)
        else:
            sys.exit("rfbtap.py: message %d" % kind)
        log.flush()


def relay(client, server, log):
    listener = messages(log)
    next(listener)
    while True:
        for s in select.select([client, server], [], [])[0]:
            data = s.recv(65536)
            if not data:
                return
            if s is client:
                listener.send(data)
            (server if s is client else client).sendall(data)


host, port = sys.argv[1].rsplit(":", 1)
door = socket.create_server(("127.0.0.1", 0))
print(door.getsockname()[1], flush=True)
with open(sys.argv[2], "a", encoding="ascii") as out:
    while True:
        one = door.accept()[0]
        try:
            two = socket.create_connection((host, int(port)), 30)
            for each in one, two:
                each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            relay(one, two, out)
            two.close()
        except OSError:
            pass
        one.close()
