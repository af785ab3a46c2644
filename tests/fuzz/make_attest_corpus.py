#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Writes the seeds of the attestation's fuzz targets to corpus/."""
import base64
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
VECTORS = os.path.join(HERE, "..", "vectors")
sys.path.insert(0, VECTORS)
sys.dont_write_bytecode = True

import attestref as ref     # noqa: E402  (found by the line above)


def load(name):
    with open(os.path.join(VECTORS, name), encoding="ascii") as f:
        return json.load(f)


ATTEST = load("attest.json")
TPM = {k: bytes.fromhex(v) for k, v in ATTEST["tpm"].items()}
ID = [line for line in ATTEST["base"].splitlines(keepends=True)
      if line.startswith(("ak-public", "ek-"))]
CLAIM = "vmm-key: %s\nak-name: %s\n" % (TPM["key"].hex(),
                                        TPM["ak_name"].hex())
RECORDS = [
    ("evidence", ATTEST["base"]),
    ("request", "fbc-enroll-request-1\n" + CLAIM + "".join(ID)),
    ("challenge", ref.record(
        "fbc-enroll-challenge-1", ("ak-name", TPM["ak_name"].hex()),
        ("credential", ref.b64(TPM["credential"])),
        ("seed", ref.b64(b"\x01\x00" + TPM["ek"][-256:])))),
    ("response", ref.record(
        "fbc-enroll-response-1", ("ak-name", TPM["ak_name"].hex()),
        ("secret", TPM["secret"].hex()))),
    ("pending", "fbc-enroll-pending-1\nsecret: %s\n" % TPM["secret"].hex() +
     CLAIM + "".join(ID)),
    ("host", ATTEST["hosts"]["a-last-boot"]),
    ("golden", ATTEST["golden"]["pinned"]),
    ("ak", ref.record("fbc-ak-1", ("ak-public", ref.b64(TPM["ak"])),
                      ("ak-private", ref.b64(bytes(range(126)))))),
]


def evidence():
    for i, (name, text) in enumerate(RECORDS):
        data = text.encode()
        yield name, bytes([i]) + data
        if len(data) < 1000:
            yield name + "-comment", bytes([i]) + b"# x\n" + data
            yield name + "-crlf", bytes([i]) + data.replace(b"\n", b"\r\n")
            yield name + "-version-2", bytes([i]) + data.replace(
                b"-1\n", b"-2\n", 1)
    yield "golden-none", b"\x06" + ATTEST["golden"]["good"].encode()
    yield "empty", b"\x00"


def field(name):
    line = next(x for x in ATTEST["base"].splitlines()
                if x.startswith(name + ": "))
    return base64.b64decode(line.split(": ")[1])


def attest():
    yield "ek", b"\x00" + TPM["ek"]
    yield "ak", b"\x01" + TPM["ak"]
    yield "ak-short", b"\x01" + TPM["short_ak"]
    sig, quote = field("signature"), field("quote")
    yield "signature", b"\x02" + sig
    yield "signature-short", b"\x02" + ref.signature(
        1, 2**200, encode=ref.strip)
    yield "quote", b"\x03" + quote
    yield "quote-nonce-20", b"\x03" + ref.attest(
        bytes([0, 11]) + bytes(32), bytes(20), bytes(32))
    yield "quote-two-banks", b"\x03" + ref.attest(
        bytes([0, 11]) + bytes(32), bytes(32), bytes(32),
        selections=[ref.selection(), ref.selection(alg=4)])
    yield "quote-certify", b"\x03" + ref.attest(
        bytes([0, 11]) + bytes(32), bytes(32), bytes(32), type_=0x8017)


def authenticode():
    names = ("two sections", "certificates", "four directories only",
             "a gap, and bytes after", "sections overlap",
             "section that wraps 32 bits", "certificates outside")
    for v in load("authenticode.json")["vectors"]:
        if v["name"] in names:
            file = bytes.fromhex(v["file"])
            yield v["name"].replace(" ", "-").replace(",", ""), file
            if v["name"] == "two sections":
                one = file.replace(b".data\0\0\0", b".config\0")
                yield "configuration", one
                yield "two-configurations", one.replace(
                    b".text\0\0\0", b".config\0")


def main():
    for name, seeds in (("evidence", evidence()), ("attest", attest()),
                        ("authenticode", authenticode())):
        folder = os.path.join(HERE, "corpus", "fuzz_" + name)
        os.makedirs(folder, exist_ok=True)
        for seed, data in seeds:
            with open(os.path.join(folder, seed), "wb") as f:
                f.write(data)


if __name__ == "__main__":
    main()
