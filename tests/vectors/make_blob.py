#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Writes blob.json: key blobs, good ones and ones that must be refused."""
import struct

import fbcref as ref
import vectorfile

SOURCE = "tests/vectors/make_blob.py, computed by fbcref.py"

OWNER_SK = vectorfile.pseudo("blob owner", 32)
OTHER_SK = vectorfile.pseudo("blob other owner", 32)
VMM_SK = vectorfile.pseudo("blob vmm", 32)
OTHER_VMM_SK = vectorfile.pseudo("blob other vmm", 32)
SK_E = vectorfile.pseudo("blob ephemeral", 32)
SESSION = vectorfile.pseudo("blob session", 32)
SEQ = 1700000000000
NOT_AFTER = 1800000000

OWNER = ref.x25519_public(OWNER_SK)
UUID = ref.owner_uuid(OWNER)
OTHER_UUID = ref.owner_uuid(ref.x25519_public(OTHER_SK))


def inner(key=SESSION, slots=0, refresh=500, rest=bytes(11), sealed_input=0):
    return key + struct.pack("<HHB", slots, refresh, sealed_input) + rest


def make(owner_sk=OWNER_SK, uuid=None, vmm_sk=VMM_SK, vmm_hash=None,
         hpke_vmm_sk=None, sk_e=SK_E, seq=SEQ, not_after=NOT_AFTER,
         magic=b"FBK1", version=1, kem=0x20, kdf=1, aead=ref.AES256_GCM,
         hpke_aead=None, flags=0, plain=None, info=None, aad=None, seal_seq=0,
         mode="auth", owner=None, enc=None, prefix=b"fbcrypt-hpke-v1"):
    """A blob that is consistent but for what the arguments say."""
    owner_pub = owner or ref.x25519_public(owner_sk)
    uuid = uuid or ref.owner_uuid(owner_pub)
    vmm_hash = vmm_hash or ref.sha256(ref.x25519_public(vmm_sk))
    pk_r = ref.x25519_public(hpke_vmm_sk or vmm_sk)
    h = ref.Hpke(hpke_aead or aead, pk_r, sk_e,
                 info if info is not None else prefix + uuid + vmm_hash,
                 owner_sk if mode == "auth" else None,
                 *((b"\x55" * 32, b"psk") if mode == "psk" else ()))
    head = (magic + struct.pack("<HHHHI", version, kem, kdf, aead, flags) +
            uuid + struct.pack("<QQ", seq, not_after) + owner_pub + vmm_hash +
            (enc or h.enc))
    assert len(head) == 144
    blob = head + h.seal(head if aad is None else aad(head),
                         inner() if plain is None else plain, seal_seq)
    assert len(blob) == 208
    return blob


GOOD = make()


def flip(offset, bit):
    b = bytearray(GOOD)
    b[offset] ^= 1 << bit
    return bytes(b)


def case(name, blob, expect, parse=None, uuid=UUID, last_seq=0,
         vmm_sk=VMM_SK, **seal):
    """parse: what reading without a key says, where it is not `expect`."""
    v = {"name": name, "blob": blob.hex(), "uuid": uuid.hex(),
         "last_seq": str(last_seq), "vmm_sk": vmm_sk.hex(),
         "vmm_pub": ref.x25519_public(vmm_sk).hex(),
         "parse": parse or expect, "expect": expect}
    v.update(seal)
    return v


def good(name, seq=SEQ, not_after=NOT_AFTER, refresh=500, key=SESSION,
         owner_sk=OWNER_SK, sk_e=SK_E, last_seq=0, aead=ref.AES256_GCM,
         sealed_input=0):
    blob = make(owner_sk=owner_sk, seq=seq, not_after=not_after, sk_e=sk_e,
                plain=inner(key, 0, refresh, sealed_input=sealed_input),
                aead=aead)
    more = {} if aead != ref.AES256_GCM else {
        "owner_sk": owner_sk.hex(), "sk_e": sk_e.hex()}
    return case(name, blob, "ok",
                uuid=ref.owner_uuid(ref.x25519_public(owner_sk)),
                last_seq=last_seq, seq=str(seq), not_after=str(not_after),
                refresh_ms=refresh, sealed_input=sealed_input, session=key.hex(), **more)


def positive():
    yield good("a good blob")
    yield good("sequence number just above the last", last_seq=SEQ - 1)
    yield good("smallest sequence number", seq=1)
    yield good("largest sequence number", seq=2**64 - 1, last_seq=2**64 - 2)
    yield good("no expiry", not_after=0)
    yield good("largest expiry and refresh", not_after=2**64 - 1,
               refresh=65535)
    yield good("no wish for refresh", refresh=0)
    yield good("sealed input", sealed_input=1)
    yield good("all-zero session key", key=bytes(32))
    yield good("another owner", owner_sk=OTHER_SK)
    yield good("another ephemeral key", sk_e=vectorfile.pseudo("blob e2", 32))
    yield good("ChaCha20-Poly1305", aead=ref.CHACHA20_POLY1305)


def length():
    for n in (0, 1, 4, 6, 143, 144, 191, 192, 207):
        yield case("cut to %d bytes" % n, GOOD[:n], "length")
    yield case("trailing zero byte", GOOD + b"\0", "length")
    yield case("trailing newline", GOOD + b"\n", "length")
    yield case("two blobs", GOOD + GOOD, "length")


def form():
    for m in (b"FBK2", b"fbk1", b"\0\0\0\0", b"1KBF", b"FBS1"):
        yield case("magic %r" % m, make(magic=m), "magic")
    for n in (0, 2, 0x0100, 0x0101, 0xffff):
        yield case("version %#x" % n, make(version=n), "version")
    for n in (0, 0x10, 0x21, 0x2000, 0x647a):
        yield case("KEM %#x" % n, make(kem=n), "algorithm")
    for n in (0, 2, 3, 0x0100):
        yield case("KDF %#x" % n, make(kdf=n), "algorithm")
    for n in (0, 1, 4, 0x0200, 0xffff):
        yield case("AEAD %#x" % n, make(aead=n, hpke_aead=2), "algorithm")
    for bit in range(32):
        yield case("flag bit %d" % bit, make(flags=1 << bit), "reserved")


def identity():
    yield case("blob for another VM", make(owner_sk=OTHER_SK), "wrong-vm",
               parse="ok")
    yield case("the VM is another one", GOOD, "wrong-vm", parse="ok",
               uuid=OTHER_UUID)
    yield case("the VM's UUID differs in its last bit", GOOD, "wrong-vm",
               parse="ok", uuid=UUID[:15] + bytes([UUID[15] ^ 1]))
    yield case("nil UUID", GOOD, "wrong-vm", parse="ok", uuid=bytes(16))
    yield case("another owner keys this VM",
               make(owner_sk=OTHER_SK, uuid=UUID), "wrong-owner")
    yield case("another owner, owner's name left in",
               make(owner_sk=OTHER_SK, owner=OWNER), "auth", parse="ok")
    for prefix in (b"fbshadow-uuid-v1", b"fbcrypt-uuid-v2", b""):
        u = ref.owner_uuid(OWNER, prefix)
        yield case("fingerprint made with %r" % prefix, make(uuid=u),
                   "wrong-owner", uuid=u)
    u = ref.sha256(b"fbcrypt-uuid-v1" + OWNER)[:16]
    yield case("fingerprint without version and variant", make(uuid=u),
               "wrong-owner", uuid=u)
    yield case("made for another hypervisor", make(vmm_sk=OTHER_VMM_SK),
               "wrong-vmm", parse="ok")
    yield case("hypervisor was restarted", GOOD, "wrong-vmm", parse="ok",
               vmm_sk=OTHER_VMM_SK)
    yield case("another hypervisor's key under this one's name",
               make(hpke_vmm_sk=OTHER_VMM_SK), "auth", parse="ok")


def replay():
    yield case("the same blob again", GOOD, "replay", parse="ok",
               last_seq=SEQ)
    yield case("an older blob", GOOD, "replay", parse="ok", last_seq=SEQ + 1)
    yield case("last possible number used up", GOOD, "replay", parse="ok",
               last_seq=2**64 - 1)
    yield case("sequence number 0", make(seq=0), "replay", parse="ok")
    newer = GOOD[:32] + struct.pack("<Q", SEQ + 1) + GOOD[40:]
    yield case("old blob with a newer number written in", newer, "auth",
               parse="ok", last_seq=SEQ)


def crypto():
    def auth(name, *args, **kwargs):
        return case(name, make(*args, **kwargs), "auth", parse="ok")

    yield auth("mode_base", mode="base")
    yield auth("mode_auth_psk", mode="psk")
    yield auth("empty info", info=b"")
    yield auth("info with another prefix", prefix=b"fbshadow-hpke-v1")
    yield auth("info names another VM",
               info=b"fbcrypt-hpke-v1" + OTHER_UUID +
               ref.sha256(ref.x25519_public(VMM_SK)))
    yield auth("info without the hypervisor", info=b"fbcrypt-hpke-v1" + UUID)
    yield auth("second message of a context", seal_seq=1)
    yield auth("no associated data", aad=lambda head: b"")
    yield auth("associated data without enc", aad=lambda head: head[:112])
    yield auth("key schedule of another AEAD", hpke_aead=3)
    yield auth("sealed with AES-256-GCM, labelled ChaCha20-Poly1305", aead=3,
               hpke_aead=2)
    yield auth("enc of another ephemeral key", enc=ref.x25519_public(OTHER_SK))
    yield auth("enc with its unused top bit set",
               enc=make()[112:143] + bytes([make()[143] | 0x80]))
    yield auth("enc is 0, a point of small order", enc=bytes(32))
    yield auth("enc is 1, a point of small order", enc=b"\1" + bytes(31))
    yield case("tag of zeros", GOOD[:192] + bytes(16), "auth", parse="ok")
    other = make(plain=inner(OTHER_SK))
    yield case("tag of another blob", GOOD[:192] + other[192:], "auth",
               parse="ok")
    yield case("sealed part of another blob", GOOD[:144] + other[144:192] +
               GOOD[192:], "auth", parse="ok")
    weak = bytes(32)
    u = ref.owner_uuid(weak)
    yield case("owner key is a point of small order",
               make(owner=weak, uuid=u), "auth", parse="ok", uuid=u)


def inside():
    def reserved(name, **kwargs):
        return case(name, make(plain=inner(**kwargs)), "reserved", parse="ok")

    yield reserved("viewer slots inside", slots=1)
    yield reserved("high viewer slot inside", slots=0x8000)
    yield reserved("another kind of input", sealed_input=2)
    yield reserved("input with its highest bit set", sealed_input=0x80)
    for i in (0, 5, 10):
        rest = bytearray(11)
        rest[i] = 0x80
        yield reserved("reserved byte %d inside" % i, rest=bytes(rest))


def fields():
    """One flipped bit in each field; the C test flips all 1664."""
    for name, offset, bit, expect, parse in (
            ("magic", 0, 0, "magic", None),
            ("version", 4, 1, "version", None),
            ("kem", 6, 5, "algorithm", None),
            ("kdf", 8, 0, "algorithm", None),
            ("aead to 3", 10, 0, "auth", "ok"),
            ("aead to 0", 10, 1, "algorithm", None),
            ("flags", 12, 2, "reserved", None),
            ("uuid", 16, 0, "wrong-vm", "wrong-owner"),
            ("seq", 32, 7, "auth", "ok"),
            ("not_after", 40, 0, "auth", "ok"),
            ("owner", 48, 0, "wrong-owner", None),
            ("vmm", 80, 0, "wrong-vmm", "ok"),
            ("enc", 112, 0, "auth", "ok"),
            ("sealed", 144, 0, "auth", "ok"),
            ("tag", 207, 7, "auth", "ok")):
        yield case("bit flipped in " + name, flip(offset, bit), expect, parse)


def files():
    vectors = [v for group in (positive, length, form, identity, replay,
                               crypto, inside, fields) for v in group()]
    return {"blob.json": {"source": SOURCE, "vectors": vectors}}


if __name__ == "__main__":
    vectorfile.write(files())
