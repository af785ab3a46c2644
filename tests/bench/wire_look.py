#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""wire_look.py HOST:PORT NAME...: the bytes that a VNC server sends to clients
(wireclient.py) that look on at the same time, a line each: name, bytes,
updates, rectangles.  Says "ready" once each has the whole screen; then it
counts until its standard input ends, and two seconds more."""
import os
import sys
import threading
import time

import wireclient


def watch(client):
    """Asks for more as soon as there was something."""
    client.socket.settimeout(None)
    while True:
        client.update(1)


clients = [wireclient.Counter(sys.argv[1], name) for name in sys.argv[2:]]
for c in clients:
    c.update(0)
for c in clients:
    threading.Thread(target=watch, args=(c,), daemon=True).start()
time.sleep(3)
before = [c.counted() for c in clients]
print("ready", flush=True)
sys.stdin.read()
time.sleep(2)
for c, was in zip(clients, before):
    print(c.asks_for, *(n - w for n, w in zip(c.counted(), was)))
sys.stdout.flush()
# The threads wait for a server that may have nothing more to say.
os._exit(0)
