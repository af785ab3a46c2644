#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""From a key pressed to a screen that is wholly drawn anew (pvguest's scenario
redraw), N times, a line each: milliseconds in all, and of them those after the
VNC server's last piece of pixels came.

usage: redraw.py SERVER N [COMMAND...]

SERVER is the VNC server's HOST:PORT.  COMMAND starts a proxy: its last argument
will be what to connect to, and its first line says where it listens."""
import multiprocessing
import os
import select
import socket
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "peers"))
sys.dont_write_bytecode = True

import rfbclient    # noqa: E402  (found by the lines above)

PIXELS = 4096       # bytes; a manifest, or the end of an update, is less


def relay(listener, server, last):
    """Between one client and the server; when pixels came last."""
    host, port = server.rsplit(":", 1)
    near, _ = listener.accept()
    far = socket.create_connection((host, int(port)), 30)
    for s in near, far:
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    while True:
        for s in select.select([near, far], [], [])[0]:
            data = s.recv(1 << 20)
            if not data:
                return
            if s is far and len(data) >= PIXELS:
                last.value = time.monotonic()
            (near if s is far else far).sendall(data)


def take(client, screen):
    """Reads one message; pixels go where they belong."""
    n = client.message()
    if n is None:
        return
    for _ in range(n):
        x, y, w, h = client.rect(rfbclient.RAW)
        px = client.get(w * h * 4)
        for row in range(h):
            at = ((y + row) * client.width + x) * 4
            screen[at:at + w * 4] = px[row * w * 4:(row + 1) * w * 4]
    client.ask(1)


def main(server, presses, command):
    listener = socket.create_server(("127.0.0.1", 0))
    address = "127.0.0.1:%d" % listener.getsockname()[1]
    last = multiprocessing.Value("d", 0)
    between = multiprocessing.Process(target=relay, daemon=True,
                                      args=(listener, server, last))
    between.start()
    proxy = None
    if command:
        proxy = subprocess.Popen(command + [address], text=True,
                                 stdout=subprocess.PIPE)
        address = proxy.stdout.readline().strip()
        time.sleep(2)

    client = rfbclient.Client(address)
    screen = bytearray(client.width * client.height * 4)
    pixels = client.width * client.height
    client.encodings(rfbclient.RAW)
    client.ask(0)
    for n in range(1, presses + 1):
        # Quiet first, at different places in the server's rhythm.
        quiet = time.monotonic() + 1 + n % 10 * 0.013
        while client.waits(quiet - time.monotonic()):
            take(client, screen)
        start = time.monotonic()
        client.key(1, ord("x"))
        while screen[2::4] != bytes([n & 255]) * pixels:
            take(client, screen)
            if time.monotonic() - start > 60:
                sys.exit("redraw: the screen is not drawn")
        now = time.monotonic()
        print("%.1f %.1f" % ((now - start) * 1e3, (now - last.value) * 1e3),
              flush=True)
        client.key(0, ord("x"))
    if proxy:
        proxy.terminate()
        proxy.wait()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3:])
