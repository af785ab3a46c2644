# SPDX-License-Identifier: GPL-2.0-only
"""Writing of vector files, and data that is the same in every run."""
import hashlib
import json
import os

HERE = os.path.dirname(os.path.abspath(__file__))


def pseudo(label, length):
    return hashlib.shake_256(b"fbcrypt " + label.encode()).digest(length)


def text(obj):
    return json.dumps(obj, indent=1) + "\n"


def write(files):
    for name, obj in files.items():
        with open(os.path.join(HERE, name), "w", encoding="ascii") as f:
            f.write(text(obj))
