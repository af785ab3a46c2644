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


def bound(n, label=""):
    """Payload of a session key of version 2, with n launch digests."""
    return payload("session") + b"".join(
        vectorfile.pseudo("keytext launch %d%s" % (i, label), 32)
        for i in range(n))


def bound_line(data):
    return ref.key_line("fbc-session-2", data) + "\n"


def launches():
    for n in range(1, 9):
        for label in ("", " again"):
            data = bound(n, label)
            v = case("session for %d digests%s" % (n, label), "session",
                     bound_line(data), "ok", data)
            v["canonical"] = True
            yield v
    data = bound(1)
    text = bound_line(data)
    yield case("bound session, no newline at the end", "session", text[:-1],
               "ok", data)
    yield case("bound session, comments", "session", "# a\n#\n" + text, "ok",
               data)
    yield case("session for no digest, version 2", "session",
               bound_line(bound(0)))
    yield case("session for 9 digests", "session", bound_line(bound(9)))
    for n in (1, 31, 33, 63):
        yield case("session and %d bytes of digests" % n, "session",
                   bound_line(bound(2)[:88 + n]))
    yield case("session of 87 bytes, version 2", "session",
               bound_line(bound(0)[:87]))
    for i in range(3):
        bad = bytearray(bound(3))
        bad[88 + 32 * i:120 + 32 * i] = bytes(32)
        yield case("digest %d of 3 is zero" % i, "session", bound_line(bad),
                   "reserved")
    yield case("digest, version 1", "session",
               ref.key_line("fbc-session-1", data) + "\n")
    yield case("digest, version 3", "session",
               ref.key_line("fbc-session-3", data) + "\n", "version")
    b64 = text.split(":")[1]
    yield case("digest, checksum of version 1", "session", "fbc-session-2:" +
               ref.key_line("fbc-session-1", data).split(":")[1] + "\n",
               "checksum")
    for i in range(0, len(b64) - 4, 7):
        c = "A" if b64[i] != "A" else "B"
        yield case("bound session, character %d changed" % i, "session",
                   "fbc-session-2:" + b64[:i] + c + b64[i + 1:], "checksum")
    # A file that is cut where one of fewer digests would end.
    cut = bound_line(bound(8)).split(":")[1]
    yield case("session for 8 digests, cut after 5", "session",
               "fbc-session-2:" + cut[:336] + "\n", "checksum")
    yield case("session for 8 digests, cut after 7", "session",
               "fbc-session-2:" + cut[:424] + "\n")
    for want in ref.KEY_KINDS:
        if want != "session":
            yield case("bound session where %s is wanted" % want, want, text,
                       "magic")


def versions(kind):
    prefix, b64 = line(kind).split(":")
    for version in ("0", "2", "9", "10", "01", "18446744073709551616"):
        if (kind, version) == ("session", "2"):
            continue
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
    vectors = list(positive()) + list(kinds()) + list(launches())
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
