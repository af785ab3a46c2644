#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""A seed of fuzz_host: what a TPM answers to a command of fbc-attest.

usage: make_host_corpus.py SOCKET WORK AK OUT COMMAND...

SOCKET is that of a swtpm; WORK the target's first byte; AK the file with the
AK, which need not be there before the command, or "-".  The command finds the
TPM through TPM2TOOLS_TCTI.
"""
import base64
import os
import re
import socket
import struct
import subprocess
import sys
import tempfile
import threading

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "peers"))
from eviltpm import message  # noqa: E402


def part(data):
    return struct.pack(">H", len(data)) + data


def record(listener, to, answers):
    while True:
        client, _ = listener.accept()
        with client, socket.socket(socket.AF_UNIX) as tpm:
            tpm.connect(to)
            while (cmd := message(client)) is not None:
                tpm.sendall(cmd)
                answers.append(message(tpm))
                client.sendall(answers[-1])


def main(to, work, ak, out, *command):
    answers, public = [], b""
    with tempfile.TemporaryDirectory() as where, \
            socket.socket(socket.AF_UNIX) as listener:
        listener.bind(where + "/s")
        listener.listen()
        os.symlink(os.path.abspath(to) + ".ctrl", where + "/s.ctrl")
        threading.Thread(target=record, args=(listener, to, answers),
                         daemon=True).start()
        os.environ["TPM2TOOLS_TCTI"] = "swtpm:path=" + where + "/s"
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    if ak != "-":
        with open(ak, encoding="ascii") as f:
            public = base64.b64decode(re.search(r"^ak-public: (.*)$",
                                                f.read(), re.M).group(1))
    with open(out, "wb") as f:
        f.write(bytes([int(work)]) + part(public) + b"".join(
            part(a) for a in answers))


if __name__ == "__main__":
    if len(sys.argv) < 6:
        sys.exit(__doc__.split("\n\n")[1])
    main(*sys.argv[1:])
