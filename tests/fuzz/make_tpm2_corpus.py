#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Writes the seeds of fuzz_tpm2 to corpus/: boots with a TPM that errs once.

usage: make_tpm2_corpus.py
"""
import hashlib
import os

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = os.path.join(HERE, "corpus", "fuzz_tpm2")

# What the first byte says, and then each command's: see fuzz_tpm2.c.
PER_BOOT, FIRST, SECOND = 0, 1, 2
HONEST, RAW, CUT, FLIP, REFUSE, LOSE, BLOCK, REPLAY = range(8)

# The commands of the three boots, counted from 0.
RANDOM, PCR12, PUBLIC, PCRS, START, POLICY, DIGEST, READ = 0, 1, 2, 3, 8, 9, \
    10, 11
FIRST_FLUSH, FIRST_WRITE, FIRST_READ, FIRST_LOCK = 12, 16, 18, 20
LOCK, FLUSH, EVENT = 13, 14, 15


def refuse(code):
    return bytes([REFUSE]) + code.to_bytes(2, "big")


def flip(*pairs):
    out = bytes([FLIP, len(pairs)])
    for at, bits in pairs:
        out += bytes([at, bits])
    return out


def named(*pairs):
    """The same to an index; its name then fits."""
    out = flip(*pairs)
    return out[:1] + bytes([out[1] | 0x80]) + out[2:]


def dom0(start, attributes=0, alg=0, size=0, policy_len=0, policy=0, pcr4=0,
         pcr12=0):
    """The first byte, and what dom0 made of the index and PCR 12."""
    return (bytes([0x80 | start]) + attributes.to_bytes(4, "little") +
            bytes([alg, size, policy_len, 0, policy]) +
            (bytes([1, pcr12]) if pcr12 else bytes([0, pcr4])))


def raw(rsp):
    return bytes([RAW]) + len(rsp).to_bytes(2, "big") + rsp


def answer(tail, tag=0x8001, code=0):
    return (tag.to_bytes(2, "big") + (10 + len(tail)).to_bytes(4, "big") +
            code.to_bytes(4, "big") + tail)


def at(start, number, what):
    return bytes([start]) + bytes(number) + what


def pcr(value):
    return raw(answer(bytes.fromhex("00000015" "00000001000b03001000"
                                    "000000010020") + value))


def main():
    event = hashlib.sha256(b"fbcrypt: unattested").digest()
    seeds = {
        "per-boot": bytes([PER_BOOT]),
        "first": bytes([FIRST]),
        "second": bytes([SECOND]),
        "no-random": at(SECOND, RANDOM, bytes([BLOCK])),
        "pcr12-used": at(SECOND, PCR12, pcr(event)),
        "pcr12-zero-after": at(SECOND, EVENT + 1, pcr(bytes(32))),
        "index-absent": at(SECOND, PUBLIC, refuse(0x18b)),
        "index-ownerread": at(SECOND, PUBLIC, flip((19, 0x02))),
        "index-unwritten": at(SECOND, PUBLIC, flip((18, 0x20))),
        "index-policy": at(SECOND, PUBLIC, flip((24, 0x01))),
        "dom0-ownerwrite": dom0(SECOND, attributes=0x02),
        "dom0-ownerread": dom0(FIRST, attributes=0x20000),
        "dom0-not-no-da": dom0(SECOND, attributes=0x02000000),
        "dom0-locked": dom0(SECOND, attributes=0x10000800),
        "dom0-hash": dom0(SECOND, alg=0x07),
        "dom0-size": dom0(SECOND, size=0x01),
        "dom0-short-policy": dom0(SECOND, policy_len=20),
        "dom0-long-policy": dom0(SECOND, policy_len=64),
        "dom0-policy": dom0(FIRST, policy=0x01),
        "dom0-image": dom0(SECOND, pcr4=0x01),
        "dom0-pcr12": dom0(PER_BOOT, pcr12=0x01),
        "index-named": at(SECOND, PUBLIC, named((19, 0x02))),
        "index-named-policy": at(SECOND, PUBLIC, named((24, 0x01))),
        "index-named-unwritten": at(SECOND, PUBLIC, named((18, 0x20))),
        "index-refused": at(FIRST, PUBLIC, refuse(0x28b)),
        "first-refused": at(FIRST, READ, refuse(0x148)),
        "exposed": at(SECOND, EVENT, bytes([LOSE]) * 9),
        "index-cut": at(SECOND, PUBLIC, bytes([CUT, 60])),
        "pcr-cut": at(SECOND, PCRS + 2, bytes([CUT, 30])),
        "no-session": at(FIRST, START, refuse(0x905)),
        "another-session": at(FIRST, START, flip((13, 0x01))),
        "policy-lost": at(FIRST, POLICY, bytes([BLOCK])),
        "digest": at(SECOND, DIGEST, flip((12, 0x80))),
        "read-locked": at(SECOND, READ, refuse(0x148)),
        "read-unwritten": at(SECOND, READ, refuse(0x14a)),
        "read-replayed": at(SECOND, READ, bytes([REPLAY, DIGEST])),
        "read-area": at(SECOND, READ, flip((13, 0x10), (15, 0x10))),
        "first-flush": at(FIRST, FIRST_FLUSH, bytes([LOSE])),
        "write-lost": at(FIRST, FIRST_WRITE, bytes([LOSE])),
        "write-other": at(FIRST, FIRST_READ, flip((16, 0x01))),
        "first-lock": at(FIRST, FIRST_LOCK, refuse(0x99d)),
        "lock": at(SECOND, LOCK, bytes([BLOCK])),
        "flush": at(SECOND, FLUSH, refuse(0x1cb)),
        "event-lost": at(SECOND, EVENT, bytes([LOSE])),
        "events-lost": at(PER_BOOT, 3, bytes([BLOCK]) * 4),
        "event-hash": at(PER_BOOT, 3, flip((42, 0x01))),
        "event-banks": at(PER_BOOT, 3, flip((17, 0x01))),
        "busy": at(SECOND, 0, (refuse(0x922) + b"\0") * 17),
        "busy-always": at(FIRST, 2, refuse(0x90a) * 102),
        "long": at(SECOND, PUBLIC, raw(bytes(1100))),
        "tpm12": at(PER_BOOT, 1, raw(answer(b"", 0x00c4, 0x1e))),
    }
    os.makedirs(OUT, exist_ok=True)
    for name, data in seeds.items():
        with open(os.path.join(OUT, name), "wb") as f:
            f.write(data)


if __name__ == "__main__":
    main()
