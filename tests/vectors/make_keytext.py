#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Writes keytext.json: key files, good ones and ones to refuse."""
import base64

import fbcref as ref
import vectorfile

SOURCE = "tests/vectors/make_keytext.py, computed by fbcref.py"
MAX_FILE = 4096


def payload(kind, label=""):
    return vectorfile.pseudo("keytext " + kind + label, ref.KEY_KINDS[kind][1])


def line(kind, data=None):
    return ref.key_line(ref.KEY_KINDS[kind][0],
                        payload(kind) if data is None else data)


def case(name, kind, text, expect="format", data=None):
    v = {"name": name, "kind": kind, "text": text, "expect": expect}
    if expect == "ok":
        v["payload"] = (payload(kind) if data is None else data).hex()
    return v


def positive():
    for kind in ref.KEY_KINDS:
        text = line(kind)
        v = case(kind, kind, text + "\n", "ok")
        v["canonical"] = True
        yield v
        yield case(kind + ", no newline at the end", kind, text, "ok")
        yield case(kind + ", comments", kind,
                   "# made by a test\n#\n#: x:y\n" + text + "\n", "ok")
        for byte in (0, 0xff, 0xfb):
            data = bytes([byte]) * ref.KEY_KINDS[kind][1]
            v = case("%s of %#04x" % (kind, byte), kind,
                     line(kind, data) + "\n", "ok", data)
            v["canonical"] = True
            yield v
    for i in range(8):
        data = payload("session", str(i))
        v = case("session %d" % i, "session", line("session", data) + "\n",
                 "ok", data)
        v["canonical"] = True
        yield v
    text = line("owner-secret") + "\n"
    pad = "#" + "c" * (MAX_FILE - len(text) - 2) + "\n"
    yield case("largest file", "owner-secret", pad + text, "ok")
    yield case("file too long by one byte", "owner-secret", "#" + pad + text)


def layout(kind):
    text = line(kind)
    prefix, b64 = text.split(":")
    for name, t in (
            ("empty file", ""), ("only a newline", "\n"),
            ("only comments", "# a\n# b\n"), ("comment without end", "# a"),
            ("CRLF", text + "\r\n"), ("CR", text + "\r"),
            ("CRLF in the comment too", "# a\r\n" + text + "\r\n"),
            ("blank line before", "\n" + text + "\n"),
            ("blank line after", text + "\n\n"),
            ("blank line after a comment", "# a\n\n" + text + "\n"),
            ("space before", " " + text + "\n"),
            ("space after", text + " \n"),
            ("space before a comment", " # a\n" + text + "\n"),
            ("tab after", text + "\t\n"),
            ("space after the colon", prefix + ": " + b64 + "\n"),
            ("comment after", text + "\n# a\n"),
            ("letter after the newline", text + "\nx"),
            ("the same key twice", text + "\n" + text + "\n"),
            ("comment in the line", text + " # a\n"),
            ("byte order mark", "\ufeff" + text + "\n"),
            ("NUL at the end", text + "\n\0"),
            ("NUL before the newline", text + "\0\n"),
            ("NUL in the data", prefix + ":" + b64[:8] + "\0" + b64[9:]),
            ("no colon", prefix + b64 + "\n"),
            ("two colons", prefix + "::" + b64 + "\n"),
            ("no prefix", ":" + b64 + "\n"), ("only the data", b64 + "\n"),
            ("only the prefix", prefix + "\n"),
            ("no data", prefix + ":\n"), ("prefix in capitals",
                                          prefix.upper() + ":" + b64 + "\n"),
            ("unknown prefix", "fbc-owner-1:" + b64 + "\n"),
            ("version missing", prefix[:-1] + ":" + b64 + "\n"),
            ("version with a letter", prefix + "a:" + b64 + "\n"),
            ("negative version", prefix[:-1] + "-1:" + b64 + "\n"),
            ("an age key", "AGE-SECRET-KEY-1QQ\n"),
            ("a PEM key", "-----BEGIN PRIVATE KEY-----\n")):
        yield case(kind + ": " + name, kind, t)


def versions(kind):
    prefix, b64 = line(kind).split(":")
    for version in ("0", "2", "9", "10", "01", "18446744073709551616"):
        p = prefix[:-1] + version
        yield case("%s: version %s" % (kind, version), kind,
                   ref.key_line(p, payload(kind)) + "\n", "version")
        yield case("%s: version %s, old checksum" % (kind, version), kind,
                   p + ":" + b64 + "\n", "version")


def kinds():
    for want in ref.KEY_KINDS:
        for have in ref.KEY_KINDS:
            if have != want:
                yield case("%s where %s is wanted" % (have, want), want,
                           line(have) + "\n", "magic")
                p = ref.KEY_KINDS[have][0][:-1] + "2"
                yield case("%s of version 2 where %s is wanted" %
                           (have, want), want,
                           ref.key_line(p, payload(have)) + "\n", "magic")


def data(kind):
    prefix, b64 = line(kind).split(":")
    alphabet = ("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                "0123456789+/")

    def encoded(name, t, expect="format"):
        return case(kind + ": " + name, kind, prefix + ":" + t + "\n", expect)

    for i in range(0, len(b64.rstrip("=")) - 1, 5):
        c = alphabet[alphabet.index(b64[i]) ^ 1]
        yield encoded("character %d changed" % i, b64[:i] + c + b64[i + 1:],
                      "checksum")
    for c in "-_=*@[`{/:~ \x7f\xff":
        if c not in "/":
            yield encoded("%r in the data" % c, b64[:7] + c + b64[8:])
    yield encoded("one character short", b64[:-1])
    yield encoded("four characters short", b64[:-4])
    yield encoded("one character more", b64 + "A")
    yield encoded("four characters more", b64 + "AAAA")
    yield encoded("padding more", b64 + "====")
    yield encoded("line broken", b64[:20] + "\n" + b64[20:])
    raw = base64.b64decode(b64)
    p = ref.KEY_KINDS[kind][1]
    for name, bad in (
            ("checksum of zeros", raw[:p] + bytes(4)),
            ("checksum reversed", raw[:p] + raw[:p - 1:-1]),
            ("checksum without the prefix",
             raw[:p] + ref.sha256(raw[:p])[:4]),
            ("checksum without the colon",
             raw[:p] + ref.sha256(prefix.encode() + raw[:p])[:4]),
            ("last bit of the checksum", raw[:-1] + bytes([raw[-1] ^ 1]))):
        yield encoded(name, base64.b64encode(bad).decode(), "checksum")
    for n in (p - 1, p + 1):
        t = ref.key_line(prefix, vectorfile.pseudo("keytext", n))
        yield case("%s: payload of %d bytes" % (kind, n), kind, t + "\n")
    if b64.endswith("="):
        i = len(b64.rstrip("=")) - 1
        c = alphabet[alphabet.index(b64[i]) ^ 1]
        yield encoded("unused bits set", b64[:i] + c + b64[i + 1:])
        yield encoded("padding missing", b64.rstrip("="))
        yield encoded("padding replaced", b64.rstrip("=") + "A")


def files():
    vectors = list(positive()) + list(kinds())
    for kind in ref.KEY_KINDS:
        for group in (layout, versions, data):
            vectors += group(kind)
    ids = []
    for i in range(4):
        pub = vectorfile.pseudo("keytext id %d" % i, 32)
        ids.append({"name": "id %d" % i, "pub": pub.hex(),
                    "id": ref.sha256(pub)[:8].hex()})
    return {"keytext.json": {"source": SOURCE, "vectors": vectors,
                             "ids": ids}}


if __name__ == "__main__":
    vectorfile.write(files())
