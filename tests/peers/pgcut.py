#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Between a client and PostgreSQL: cuts a connection at a COMMIT.

    pgcut.py SOCKET DIRECTORY before|after FLAG

Listens as DIRECTORY/.s.PGSQL.5432.  While the file FLAG is there, the next
COMMIT is lost (before), or carried out and its answer is lost (after); FLAG is
removed, and everything else is passed on."""
import os
import socket
import struct
import sys
import threading

real, directory, when, flag = sys.argv[1:]


def receive(s, n):
    data = b""
    while len(data) < n:
        part = s.recv(n - len(data))
        if not part:
            raise EOFError
        data += part
    return data


def answers(server, client, cut):
    try:
        while True:
            data = server.recv(65536)
            if not data or cut.is_set():
                break
            client.sendall(data)
    except OSError:
        pass
    for s in server, client:
        try:
            s.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def serve(client):
    server = socket.socket(socket.AF_UNIX)
    server.connect(real)
    cut = threading.Event()
    threading.Thread(target=answers, args=(server, client, cut),
                     daemon=True).start()
    try:
        # The first message has no type.
        head = receive(client, 4)
        server.sendall(head + receive(client, struct.unpack("!I", head)[0] - 4))
        while True:
            kind = receive(client, 1)
            size = receive(client, 4)
            body = receive(client, struct.unpack("!I", size)[0] - 4)
            if kind == b"Q" and body == b"COMMIT\0" and os.path.exists(flag):
                os.unlink(flag)
                cut.set()
                if when == "before":
                    break
            server.sendall(kind + size + body)
    except (EOFError, OSError):
        pass
    try:
        server.shutdown(socket.SHUT_RDWR)
        client.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass


listener = socket.socket(socket.AF_UNIX)
listener.bind(directory + "/listening")
listener.listen(16)
os.rename(directory + "/listening", directory + "/.s.PGSQL.5432")
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],),
                     daemon=True).start()
