#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""A service manager in little: keeps a listening socket, passes it to a
command, and starts that again when it has ended.

    passsocket.py PORT-FILE COMMAND...

SIGHUP: ends the command by SIGTERM and starts it again.  SIGTERM: ends both;
exit status 1 if the command ever ended with another status than 0."""
import os
import signal
import socket
import sys

stop = restart = False
child = 0
bad = False


def on_signal(number, _frame):
    global stop, restart
    if number == signal.SIGTERM:
        stop = True
    else:
        restart = True
    if child:
        os.kill(child, signal.SIGTERM)


def start(listener, command):
    pid = os.fork()
    if pid:
        return pid
    signal.pthread_sigmask(signal.SIG_UNBLOCK, signals)
    if listener.fileno() != 3:
        os.dup2(listener.fileno(), 3)
    os.set_inheritable(3, True)
    os.environ["LISTEN_PID"] = str(os.getpid())
    os.environ["LISTEN_FDS"] = "1"
    os.execvp(command[0], command)


signals = {signal.SIGHUP, signal.SIGTERM}
signal.pthread_sigmask(signal.SIG_BLOCK, signals)
for s in signals:
    signal.signal(s, on_signal)

sock = socket.socket()
sock.bind(("127.0.0.1", 0))
sock.listen(512)
with open(sys.argv[1] + ".new", "w") as f:
    f.write(str(sock.getsockname()[1]))
os.rename(sys.argv[1] + ".new", sys.argv[1])

while not stop:
    restart = False
    child = start(sock, sys.argv[2:])
    signal.pthread_sigmask(signal.SIG_UNBLOCK, signals)
    _, status = os.waitpid(child, 0)
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    child = 0
    bad |= status != 0
    if not restart and not stop:
        break

sys.exit(1 if bad else 0)
