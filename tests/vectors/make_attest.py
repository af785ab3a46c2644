#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Writes attest.json: evidence, most of it tampered with, and the reason with
which a verifier must refuse it.  A vector's text is the good evidence with
"cut" characters at "at" replaced by "insert"."""
import os

import attestref as ref
import vectorfile
from attestworld import (A, B, FIRMWARE, GOLDEN, HOSTS, IMAGE, KEY, MAKER,
                         NONCE, OTHER, ROOT, ROOTS, Ca, digest, flip, pcrs,
                         pseudo, signed, text, tpm)

SOURCE = "tests/vectors/make_attest.py, computed by attestref.py"

BASE = text()
LINES = BASE.splitlines(keepends=True)
FIELDS = [line.split(":")[0] for line in LINES[1:]]
VECTORS = []


def case(name, expect, evidence, **use):
    a, end = len(os.path.commonprefix([BASE, evidence])), 0
    while end < min(len(BASE), len(evidence)) - a and \
            BASE[-1 - end] == evidence[-1 - end]:
        end += 1
    VECTORS.append({"name": name, "at": a, "cut": len(BASE) - a - end,
                    "insert": evidence[a:len(evidence) - end],
                    "expect": expect, **use})


def good():
    case("good", "ok", BASE)
    case("comments before it", "ok", "# made by a test\n#\n" + BASE)
    case("golden values of a second image, too", "ok", BASE,
         golden=["other-image", "good"])
    case("the pinned key", "ok", BASE, golden=["pinned"])
    case("the maker's certificate is an anchor", "ok", text(chain=[]),
         roots="maker")
    case("the EK certificate itself is an anchor", "ok", text(chain=[]),
         roots="ek-a")
    case("root in the chain, too", "ok", text(chain=[MAKER.cert, ROOT.cert]))
    case("eight intermediates, of which one is of use", "ok", text(
        chain=[OTHER.cert] * 7 + [MAKER.cert]))
    case("same boot, later", "ok", BASE, host="a-before")
    case("a new boot", "ok", BASE, host="a-last-boot")
    quote, sig = signed(pcrs(), accept=lambda r, s: r < 2**248)
    case("r with a leading zero", "ok", text(quote=quote, sig=sig))
    r = sig[6:38].lstrip(b"\0")
    case("r without its leading zero", "ok",
         text(quote=quote, sig=sig[:4] + ref.tpm2b(r) + sig[38:]))
    r, s = ref.p256.sign(A.ak_key.secret, quote)
    case("s negated: the same statement", "ok",
         text(quote=quote, sig=ref.signature(r, ref.p256.N - s)))


def layout():
    fmt = "evidence-format"
    for name, t in (
            ("empty file", ""), ("a newline only", "\n"),
            ("comments only", "# a\n"), ("title only", LINES[0]),
            ("no newline at the end", BASE[:-1]),
            ("trailing newline", BASE + "\n"),
            ("trailing space", BASE + " "), ("trailing byte", BASE + "x"),
            ("twice", BASE + BASE),
            ("CRLF", BASE.replace("\n", "\r\n")),
            ("CR", BASE.replace("\n", "\r")),
            ("CRLF in the last line", BASE[:-1] + "\r\n"),
            ("blank line first", "\n" + BASE),
            ("blank line after the title", LINES[0] + "\n" +
             "".join(LINES[1:])),
            ("comment after the title", LINES[0] + "# a\n" +
             "".join(LINES[1:])),
            ("comment at the end", BASE + "# a\n"),
            ("byte order mark", "\ufeff" + BASE),
            ("space before the title", " " + BASE),
            ("space after the title", BASE.replace("\n", " \n", 1)),
            ("unknown line", BASE + "extra: 00\n"),
            ("two spaces after a name", BASE.replace(": ", ":  ", 1)),
            ("no space after a name", BASE.replace(": ", ":", 1)),
            ("space before the colon", BASE.replace(": ", " : ", 1)),
            ("upper-case name", BASE.replace("pcr0", "PCR0", 1)),
            ("NUL in a value", BASE.replace("pcr0: ", "pcr0: \0", 1)),
            ("version a", BASE.replace("evidence-1", "evidence-a", 1)),
            ("no version", BASE.replace("evidence-1", "evidence-", 1)),
            ("golden values", GOLDEN["good"]),
            ("host record", HOSTS["a"]),
            ("a key file", ref.fbcref.key_line("fbc-vmm-public-1", KEY) +
             "\n"),
            ("nine intermediates", text(chain=[MAKER.cert] * 9)),
            ("certificate too long", text(cert=A.cert + bytes(4096))),
            ("quote too long", text(quote=bytes(513), sig=bytes(72))),
            ("signature too long", text(sig=bytes(73))),
            ("AK too short", text(ak=bytes(27))),
            ("EK of 315 bytes", text(ek=A.ek[:-1]))):
        case(name, fmt, t)
    for version in ("2", "11", "01", "0"):
        case("version " + version, "evidence-version",
             BASE.replace("evidence-1", "evidence-" + version, 1))
    for i, field in enumerate(FIELDS, 1):
        last = field == "ek-chain"
        case(field + " missing", "ek-cert-chain" if last else fmt,
             "".join(LINES[:i] + LINES[i + 1:]))
        case(field + " twice", "ok" if last else fmt,
             "".join(LINES[:i] + [LINES[i]] + LINES[i:]))
        line = LINES[i][:-1]
        case(field + " without a value", fmt, BASE.replace(
            LINES[i], field + ": \n"))
        case(field + " one character short", fmt, BASE.replace(
            LINES[i], line[:-1] + "\n"))
        case(field + " with a space at the end", fmt, BASE.replace(
            LINES[i], line + " \n"))
        case("cut inside " + field, fmt, "".join(LINES[:i]) + line[:-2])
    for i in range(1, len(FIELDS)):
        case("%s before %s" % (FIELDS[i], FIELDS[i - 1]), fmt, "".join(
            LINES[:i] + [LINES[i + 1], LINES[i]] + LINES[i + 2:]))
    case("upper-case hexadecimal", fmt, BASE.replace(
        FIRMWARE[0].hex(), FIRMWARE[0].hex().upper()))
    ek = ref.b64(A.ek)
    assert ek.endswith("==") and ek[-3] in "AQgw"
    case("base64 with unused bits set", fmt, BASE.replace(
        ek, ek[:-3] + chr(ord(ek[-3]) + 1) + "=="))
    case("base64 without padding", fmt, BASE.replace(ek, ek[:-2]))
    case("base64 with too much padding", fmt, BASE.replace(
        ek, ek[:-3] + "==="))
    case("base64 in two lines", fmt, BASE.replace(
        ref.b64(A.ek), ref.b64(A.ek)[:76] + "\n" + ref.b64(A.ek)[76:]))
    case("base64 for URLs", fmt, BASE.replace("/", "_"))


def flips():
    """A bit of each part is changed, and nothing is signed anew."""
    quote, sig = signed(pcrs())
    for name, at in (("magic", 0), ("type", 5), ("signer", 20),
                     ("nonce", 50), ("clock", 80), ("resets", 85),
                     ("restarts", 89), ("safe", 92), ("firmware", 95),
                     ("selection", 108), ("digest", 130), ("end", 144)):
        case("bit of the quote's %s" % name, "signature",
             text(quote=flip(quote, at), sig=sig))
    case("quote cut by a byte", "signature", text(quote=quote[:-1], sig=sig))
    case("quote longer by a byte", "signature",
         text(quote=quote + b"\0", sig=sig))
    case("bit of r", "signature", text(sig=flip(sig, 20)))
    case("bit of s", "signature", text(sig=flip(sig, 60)))
    for name, at in (("algorithm", 1), ("hash", 3), ("length of r", 5),
                     ("length of s", 39)):
        case("bit of the signature's " + name, "signature-format",
             text(sig=flip(sig, at)))
    case("signature cut by a byte", "signature-format", text(sig=sig[:-1]))
    case("byte after a short signature", "signature-format",
         text(sig=ref.signature(1, 1, encode=ref.strip) + b"\0"))
    for name, at in (("size", 1), ("type", 3), ("name algorithm", 5),
                     ("attributes", 7), ("policy", 30), ("symmetric", 45),
                     ("key bits", 52), ("exponent", 57)):
        case("bit of the EK's " + name, "ek-template",
             text(ek=flip(A.ek, at)))
    case("bit of the EK's modulus", "ek-cert-key", text(ek=flip(A.ek, 200)))
    for name, at in (("size", 1), ("type", 3), ("name algorithm", 5),
                     ("attributes", 9), ("scheme", 15), ("curve", 19)):
        case("bit of the AK's " + name, "ak-template",
             text(quote=quote, sig=sig, ak=flip(A.ak, at)))
    case("bit of the AK's point", "host-ak",
         text(quote=quote, sig=sig, ak=flip(A.ak, 50)))
    case("bit of the vmm-key", "pcr12", text(key=flip(KEY, 0)))
    for n in ref.SELECT:
        case("bit of pcr%d" % n, "pcr-values", text(
            shown=pcrs(**{"pcr%d" % n: flip(pcrs()[n], 31, 128)})))
    case("two PCR values exchanged", "pcr-values", text(
        shown=pcrs(pcr0=FIRMWARE[2], pcr2=FIRMWARE[0])))
    case("golden PCR 4 shown, another quoted", "pcr-values", text(
        values=pcrs(pcr4=pseudo("evil", 32)), shown=pcrs()))


def certificates():
    case("another root", "ek-cert-chain", BASE, roots="other")
    case("no intermediate", "ek-cert-chain", text(chain=[]))
    case("intermediate of another root", "ek-cert-chain",
         text(chain=[Ca("Test TPM maker", OTHER).cert]))
    case("intermediate that is no CA", "ek-cert-chain",
         text(chain=[Ca("Test TPM maker", ROOT,
                        (ref.CA_FALSE, ref.CERT_SIGN)).cert]))
    case("EK certified by an EK", "ek-cert-chain",
         text(cert=ref.certificate(ref.rsa_spki(A.modulus), "", "EK B",
                                   B.ak_key, 7, ref.EK),
              chain=[ref.certificate(ref.ec_spki(B.ak_key), "EK B",
                                     MAKER.name, MAKER.key, 8, ref.EK),
                     MAKER.cert]))
    case("self-signed EK certificate", "ek-cert-chain",
         text(cert=ref.certificate(ref.rsa_spki(A.modulus), "x", "x",
                                   OTHER.key, 9, ref.EK)))
    case("key marked as RSAES-OAEP", "ek-cert-oaep",
         text(cert=ref.certificate(ref.oaep_spki(A.modulus), "", MAKER.name,
                                   MAKER.key, 1001, ref.EK)))
    case("RSA 1024", "ek-cert-weak",
         text(cert=ref.certificate(ref.rsa_spki(A.modulus >> 1024 | 1), "",
                                   MAKER.name, MAKER.key, 1001, ref.EK)))
    case("signed with SHA-1", "ek-cert-weak",
         text(cert=A.certify(MAKER, 1001, sha1=True)))
    case("unknown critical extension", "ek-cert-chain",
         text(cert=A.certify(MAKER, 1001, ref.EK + (ref.UNKNOWN_CRITICAL,))))
    case("bit of the certificate's signature", "ek-cert-chain",
         text(cert=flip(A.cert, len(A.cert) - 3)))
    case("bit of the certificate's key", "ek-cert-chain",
         text(cert=flip(A.cert, 250)))
    case("bit of the intermediate's signature", "ek-cert-chain",
         text(chain=[flip(MAKER.cert, len(MAKER.cert) - 3)]))
    case("expired", "ek-cert-time",
         text(cert=A.certify(MAKER, 1001, end="20210101000000Z")))
    case("for a TLS server", "ek-cert-usage",
         text(cert=A.certify(MAKER, 1001, (ref.CA_FALSE, ref.TPM_NAME,
                                           ref.KEY_ENCIPHERMENT,
                                           ref.SERVER_USAGE))))
    case("no extended key usage", "ek-cert-usage",
         text(cert=A.certify(MAKER, 1001, (ref.CA_FALSE, ref.TPM_NAME,
                                           ref.KEY_ENCIPHERMENT))))
    case("for signatures", "ek-cert-usage",
         text(cert=A.certify(MAKER, 1001, (ref.CA_FALSE, ref.TPM_NAME,
                                           ref.DIGITAL_SIGNATURE,
                                           ref.EK_USAGE))))
    case("the maker's certificate as the EK's", "ek-cert-usage",
         text(cert=MAKER.cert))
    case("certificate that is none", "ek-cert-format", text(cert=b"\x30\x03"
                                                                 b"\x02\x01"
                                                                 b"\x01"))
    case("certificate cut", "ek-cert-format", text(cert=A.cert[:-1]))
    case("byte after the certificate", "ek-cert-format",
         text(cert=A.cert + b"\0"))
    case("intermediate that is none", "ek-cert-format",
         text(chain=[b"\x30\x00"]))
    case("byte after the intermediate", "ek-cert-format",
         text(chain=[MAKER.cert + b"\0"]))
    case("certificate of another TPM", "ek-cert-key", text(cert=B.cert))
    case("other exponent certified", "ek-cert-key", text(
        cert=ref.certificate(ref.rsa_spki(A.modulus, 3), "", MAKER.name,
                             MAKER.key, 1001, ref.EK)))
    case("elliptic key certified", "ek-cert-key", text(
        cert=ref.certificate(ref.ec_spki(A.ak_key), "", MAKER.name, MAKER.key,
                             1001, ref.EK)))
    case("certificate issued anew", "host-ek",
         text(cert=A.certify(MAKER, 2001)))


def keys():
    """Keys that are not what was enrolled, and keys of a wrong kind."""
    case("all of it from another TPM", "host-ek", text(tpm=B))
    other = ref.EcKey("another ak")
    case("another AK of the same TPM", "host-ak",
         ref.evidence(KEY, pcrs(), *signed(
             pcrs(), ak=ref.ak_public(other), key=other),
             ref.ak_public(other), A.ek, A.cert, [MAKER.cert]))
    mixed = ref.evidence(KEY, pcrs(), *signed(pcrs(), B), B.ak, A.ek, A.cert,
                         [MAKER.cert])
    case("EK and AK of different TPMs", "host-ak", mixed)
    case("the same, enrolled like this", "signer", mixed, host="mixed")
    case("EK of one TPM and the rest of another", "host-ek",
         text(tpm=B, ek=A.ek, cert=A.cert), host="b")
    case("quote of another TPM", "signature", text(quote=signed(
        pcrs(), B)[0], sig=signed(pcrs(), B)[1]))
    case("signed by another key", "signature",
         text(quote=signed(pcrs())[0], sig=signed(pcrs(), key=other)[1]))
    case("AK in the owner's hierarchy", "signer", text(
        signer=ref.qualified(A.ek, A.ak, 0x40000001)))
    case("signer is the AK's own name", "signer", text(
        signer=ref.object_name(A.ak)))
    noda = ref.ak_public(A.ak_key, 0x00050472)
    case("AK without dictionary-attack protection", "ok", text(ak=noda),
         host="a-noda")
    case("the same, enrolled with it", "host-ak", text(ak=noda))
    for name, ak in (
            ("not restricted, without dictionary-attack protection",
             ref.ak_public(A.ak_key, 0x00040472)),
            ("encrypted when duplicated", ref.ak_public(A.ak_key,
                                                        0x00050872)),
            ("not restricted", ref.ak_public(A.ak_key, 0x00040072)),
            ("not fixed to the TPM", ref.ak_public(A.ak_key, 0x00050070)),
            ("not fixed to its parent", ref.ak_public(A.ak_key, 0x00050062)),
            ("made outside", ref.ak_public(A.ak_key, 0x00050052)),
            ("decrypting, too", ref.ak_public(A.ak_key, 0x00070072)),
            ("cleared at reset", ref.ak_public(A.ak_key, 0x00050076)),
            ("EC-Schnorr", ref.ak_public(A.ak_key, scheme="001c000b")),
            ("with SHA-1", ref.ak_public(A.ak_key, scheme="00180004")),
            ("on P-384", ref.ak_public(A.ak_key, curve=4)),
            ("RSA", A.ek[:90])):
        case("AK " + name, "ak-template", text(
            quote=signed(pcrs())[0], sig=signed(pcrs())[1], ak=ak))
    case("AK with a policy", "evidence-format",     # longer than any good one
         text(quote=signed(pcrs())[0], sig=signed(pcrs())[1],
              ak=ref.ak_public(A.ak_key, policy=bytes(32))))
    case("EK that signs", "ek-template",
         text(ek=ref.ek_public(A.modulus, 0x000700b2)))
    case("EK with the AK's attributes", "ek-template",
         text(ek=ref.ek_public(A.modulus, 0x00030072)))


def quotes():
    """What the right AK signed, but not what was asked for."""
    short = signed(pcrs(), nonce=NONCE[:20])
    for name, expect, change in (
            ("replayed for another nonce", "nonce",
             {"nonce": pseudo("attest old nonce", 32)}),
            ("nonce of zeros", "nonce", {"nonce": bytes(32)}),
            ("nonce of 20 bytes", "nonce", {"nonce": NONCE[:20]}),
            ("no nonce", "nonce", {"nonce": b""}),
            ("nonce of 64 bytes", "nonce", {"nonce": NONCE * 2}),
            ("magic of another maker", "quote-magic", {"magic": 0xff544348}),
            ("magic of zeros", "quote-magic", {"magic": 0}),
            ("certify, not quote", "quote-type", {"type_": 0x8017}),
            ("time, not quote", "quote-type", {"type_": 0x8019}),
            ("signer's name by SHA-1", "quote-format",
             {"signer": b"\x00\x04" + bytes(20)}),
            ("signer is a handle", "quote-format",
             {"signer": bytes.fromhex("81010002")}),
            ("signer of 34 bytes by SHA-384", "quote-format",
             {"signer": b"\x00\x0c" + bytes(32)}),
            ("clock flag of 2", "quote-format", {"safe": 2}),
            ("digest by SHA-1", "quote-format", {"digest": bytes(20)}),
            ("no selection", "selection", {"selections": []}),
            ("SHA-1 bank", "selection",
             {"selections": [ref.selection(alg=4)]}),
            ("SHA-384 bank", "selection",
             {"selections": [ref.selection(alg=0xc)]}),
            ("two banks", "selection",
             {"selections": [ref.selection(), ref.selection(alg=4)]}),
            ("selection of 4 bytes", "selection",
             {"selections": [ref.selection(size=4)]}),
            ("without PCR 12", "selection",
             {"selections": [ref.selection((0, 2, 4, 7))]}),
            ("without PCR 4", "selection",
             {"selections": [ref.selection((0, 2, 7, 12))]}),
            ("PCR 23 for PCR 12", "selection",
             {"selections": [ref.selection((0, 2, 4, 7, 23))]}),
            ("one PCR more", "selection",
             {"selections": [ref.selection((0, 1, 2, 4, 7, 12))]}),
            ("no PCR", "selection", {"selections": [ref.selection(())]}),
            ("clock not safe", "clock-unsafe", {"safe": 0}),
            ("digest in another order", "pcr-values",
             {"digest": digest(pcrs(), (12, 7, 4, 2, 0))}),
            ("digest of zeros", "pcr-values", {"digest": bytes(32)})):
        case(name, expect, text(**change))
    quote, _ = signed(pcrs())
    for name, expect, data in (
            ("byte after the quote", "quote-format", quote + b"\0"),
            ("quote one byte short", "quote-format", quote[:-1]),
            ("quote ends in the selection", "quote-format", quote[:107]),
            ("quote ends in the clock", "quote-format", quote[:80]),
            ("quote ends in the nonce", "quote-format", quote[:60]),
            ("quote ends in the signer", "quote-format", quote[:20]),
            ("quote of 8 bytes", "quote-format", quote[:8]),
            ("a message that is no structure", "quote-magic", bytes(145))):
        case(name, expect, text(quote=data, sig=ref.signature(
            *ref.p256.sign(A.ak_key.secret, data))))
    case("short nonce and its verifier", "nonce",
         text(quote=short[0], sig=short[1]))
    r, s = ref.p256.sign(A.ak_key.secret, quote)
    for name, sig in (
            ("RSASSA", ref.signature(r, s, alg=0x14)),
            ("ECDSA with SHA-1", ref.signature(r, s, hash_=4)),
            ("ECDSA with SHA-384", ref.signature(r, s, hash_=0xc)),
            ("null", b"\x00\x10" + bytes(10)),
            ("r of no bytes", ref.signature(r, s)[:4] + ref.tpm2b(b"") +
             ref.tpm2b(bytes(32))),
            ("short r with a leading zero",
             ref.signature(r, s)[:4] + ref.tpm2b(b"\0" + bytes(30)) +
             ref.tpm2b(s.to_bytes(32, "big"))),
            ("s missing", ref.signature(r, s)[:38])):
        case("signature: " + name, "signature-format",
             text(quote=quote, sig=sig))
    for name, sig in (("r and s of zero", ref.signature(0, 0)),
                      ("r = s = 1", ref.signature(1, 1)),
                      ("s + n", ref.signature(r, (s + ref.p256.N) %
                                              2**256)),
                      ("r and s exchanged", ref.signature(s, r)),
                      ("r of n", ref.signature(ref.p256.N, s))):
        case("signature: " + name, "signature", text(quote=quote, sig=sig))


def freshness():
    case("the same quote again", "replay", BASE, host="a-same")
    case("an older quote of this boot", "replay", BASE, host="a-after")
    case("a quote of the boot before", "rollback", BASE, host="a-next-boot")
    case("before a resume", "rollback", BASE, host="a-restarted")
    case("cleared TPM", "rollback", text(resets=0, clock=50),
         host="a-next-boot")
    case("largest counters", "ok", text(resets=2**32 - 1,
                                        restarts=2**32 - 1,
                                        clock=2**64 - 1), host="a-after")


def measurements():
    evil = pseudo("attest evil image", 32)
    for n in (0, 2, 7):
        case("other firmware in PCR %d" % n, "pcr%d" % n,
             text(pcrs(**{"pcr%d" % n: pseudo("attest other firmware", 32)})))
    case("another image", "pcr4", text(pcrs(pcr4=ref.pcr4(evil))))
    case("image and firmware of different golden values", "pcr4", text(
        pcrs(pcr4=ref.pcr4(pseudo("attest image 2", 32)))),
         golden=["good", "other-firmware"])
    case("something started before the image", "pcr4", text(pcrs(
        pcr4=ref.extend(bytes(32), ref.sha256(
            b"Calling EFI Application from Boot Option"),
            ref.sha256(bytes(4)), evil, ref.sha256(
            b"Returning from EFI Application from Boot Option"), IMAGE))))
    case("image hash not extended but set", "pcr4", text(pcrs(pcr4=IMAGE)))
    case("no golden value fits", "pcr4", BASE, golden=["other-image"])
    case("no key bound", "pcr12-zero", text(pcrs(pcr12=bytes(32))))
    case("PCR 12 extended again by dom0", "pcr12", text(pcrs(
        pcr12=ref.extend(ref.pcr12(KEY), ref.sha256(b"dom0")))))
    case("PCR 12 extended before", "pcr12", text(pcrs(pcr12=ref.extend(
        bytes(32), ref.sha256(b"dom0"), ref.sha256(KEY)))))
    case("PCR 12 of another key", "pcr12", text(pcrs(
        pcr12=ref.pcr12(pseudo("attest dom0's key", 32)))))
    case("another key for PCR 12", "pcr12",
         text(key=pseudo("attest dom0's key", 32)))
    case("PCR 12 by the key, not its hash", "pcr12", text(pcrs(
        pcr12=ref.extend(bytes(32), KEY))))
    case("PCR 12 of ones", "pcr12", text(pcrs(pcr12=b"\xff" * 32)))
    another = pseudo("attest dom0's key", 32)
    case("another key than the pinned one", "key-pinned", text(
        pcrs(pcr12=ref.pcr12(another)), key=another), golden=["pinned"])
    case("another key, none pinned", "ok", text(
        pcrs(pcr12=ref.pcr12(another)), key=another))


def memory():
    """Whether memory is overwritten at a reset."""
    outlives = text(pcrs(pcr12=ref.pcr12(KEY, False)))
    case("overwritten, as required", "ok", BASE, require_overwrite=True)
    case("it outlives a reset", "ok", outlives, overwrites=False)
    case("it outlives a reset, the pinned key", "ok", outlives,
         golden=["pinned"], overwrites=False)
    case("it outlives a reset, and should not", "memory-outlives", outlives,
         require_overwrite=True, overwrites=False)
    another = pseudo("attest dom0's key", 32)
    case("it outlives a reset, and another key", "key-pinned", text(
        pcrs(pcr12=ref.pcr12(another, False)), key=another),
         golden=["pinned"], require_overwrite=True, overwrites=False)
    case("it outlives a reset, overwritten shown", "pcr-values", text(
        values=pcrs(pcr12=ref.pcr12(KEY, False)), shown=pcrs()),
         require_overwrite=True)
    for name, data in (
            ("another key", another + ref.OUTLIVES),
            ("a letter more", KEY + ref.OUTLIVES + b"s"),
            ("a letter less", KEY + ref.OUTLIVES[:-1]),
            ("a zero byte", KEY + ref.OUTLIVES + b"\0"),
            ("a newline", KEY + ref.OUTLIVES + b"\n"),
            ("an upper-case letter", KEY + ref.OUTLIVES.capitalize()),
            ("a bit flipped", KEY + flip(ref.OUTLIVES, 9)),
            ("the text first", ref.OUTLIVES + KEY),
            ("the text alone", ref.OUTLIVES),
            ("the key twice", KEY + KEY)):
        case("event of " + name, "pcr12", text(pcrs(
            pcr12=ref.extend(bytes(32), ref.sha256(data)))))
    for name, first, second in (
            ("the key and the text", KEY, ref.OUTLIVES),
            ("both kinds", KEY, KEY + ref.OUTLIVES),
            ("both kinds, turned round", KEY + ref.OUTLIVES, KEY)):
        case("two events: " + name, "pcr12", text(pcrs(pcr12=ref.extend(
            bytes(32), ref.sha256(first), ref.sha256(second)))))


def files():
    VECTORS.clear()
    for make in (good, layout, flips, certificates, keys, quotes, freshness,
                 measurements, memory):
        make()
    return {"attest.json": {
        "source": SOURCE, "nonce": NONCE.hex(), "roots": ROOTS,
        "golden": GOLDEN, "hosts": HOSTS, "base": BASE, "tpm": tpm(),
        "vectors": VECTORS}}


if __name__ == "__main__":
    vectorfile.write(files())
