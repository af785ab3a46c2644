# SPDX-License-Identifier: GPL-2.0-only
"""Independent, slow reference of the primitives and formats (no library)."""
import base64
import hashlib
import hmac
import struct

AES256_GCM, CHACHA20_POLY1305 = 2, 3


# AES (FIPS 197), encryption only
def _sbox():
    p = q = 1
    box = [0] * 256
    while True:
        p ^= (p << 1) ^ (0x11b if p & 0x80 else 0)
        p &= 0xff
        q ^= q << 1
        q ^= q << 2
        q ^= q << 4
        q &= 0xff
        if q & 0x80:
            q ^= 0x09
        x = q
        for i in range(1, 5):
            x ^= ((q << i) | (q >> (8 - i))) & 0xff
        box[p] = x ^ 0x63
        if p == 1:
            break
    box[0] = 0x63
    return box


SBOX = _sbox()


def _xtime(a):
    return ((a << 1) ^ (0x1b if a & 0x80 else 0)) & 0xff


class Aes:
    def __init__(self, key):
        nk = len(key) // 4
        self.rounds = nk + 6
        w = [list(key[4 * i:4 * i + 4]) for i in range(nk)]
        rcon = 1
        for i in range(nk, 4 * (self.rounds + 1)):
            t = list(w[i - 1])
            if i % nk == 0:
                t = [SBOX[b] for b in t[1:] + t[:1]]
                t[0] ^= rcon
                rcon = _xtime(rcon)
            elif nk > 6 and i % nk == 4:
                t = [SBOX[b] for b in t]
            w.append([a ^ b for a, b in zip(w[i - nk], t)])
        self.keys = [sum(w[4 * r:4 * r + 4], [])
                     for r in range(self.rounds + 1)]

    def block(self, data):
        s = [a ^ b for a, b in zip(data, self.keys[0])]
        for r in range(1, self.rounds + 1):
            s = [SBOX[s[(i + 4 * (i % 4)) % 16]] for i in range(16)]
            if r < self.rounds:
                out = []
                for c in range(0, 16, 4):
                    a = s[c:c + 4]
                    for i in range(4):
                        b, d = a[i], a[(i + 1) % 4]
                        out.append(_xtime(b ^ d) ^ d ^ a[(i + 2) % 4] ^
                                   a[(i + 3) % 4])
                s = out
            s = [a ^ b for a, b in zip(s, self.keys[r])]
        return bytes(s)


# GCM (SP 800-38D), 96-bit nonces
def _gmul(x, y):
    z = 0
    for i in range(127, -1, -1):
        if (x >> i) & 1:
            z ^= y
        y = (y >> 1) ^ (0xe1 << 120 if y & 1 else 0)
    return z


def _pad16(data):
    return data + bytes(-len(data) % 16)


def _gcm_tag(aes, nonce, aad, ct):
    h = int.from_bytes(aes.block(bytes(16)), "big")
    y = 0
    data = (_pad16(aad) + _pad16(ct) +
            struct.pack(">QQ", len(aad) * 8, len(ct) * 8))
    for i in range(0, len(data), 16):
        y = _gmul(y ^ int.from_bytes(data[i:i + 16], "big"), h)
    mask = int.from_bytes(aes.block(nonce + b"\0\0\0\1"), "big")
    return (y ^ mask).to_bytes(16, "big")


def _gcm_ctr(aes, nonce, data):
    out = bytearray()
    for i in range(0, len(data), 16):
        ks = aes.block(nonce + struct.pack(">I", 2 + i // 16))
        out += bytes(a ^ b for a, b in zip(data[i:i + 16], ks))
    return bytes(out)


def gcm_seal(key, nonce, aad, pt):
    aes = Aes(key)
    ct = _gcm_ctr(aes, nonce, pt)
    return ct, _gcm_tag(aes, nonce, aad, ct)


# ChaCha20-Poly1305 (RFC 8439)
def _chacha_block(key, counter, nonce):
    def rotl(v, n):
        return ((v << n) | (v >> (32 - n))) & 0xffffffff

    init = list(struct.unpack("<4I", b"expand 32-byte k") +
                struct.unpack("<8I", key) + (counter,) +
                struct.unpack("<3I", nonce))
    s = list(init)

    def quarter(a, b, c, d):
        for x, y, z, n in ((a, b, d, 16), (c, d, b, 12),
                           (a, b, d, 8), (c, d, b, 7)):
            s[x] = (s[x] + s[y]) & 0xffffffff
            s[z] = rotl(s[z] ^ s[x], n)

    for _ in range(10):
        for i in range(4):
            quarter(i, 4 + i, 8 + i, 12 + i)
        for i in range(4):
            quarter(i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4)
    return struct.pack("<16I", *((a + b) & 0xffffffff
                                 for a, b in zip(s, init)))


def _poly1305(key, data):
    r = int.from_bytes(key[:16], "little") & 0x0ffffffc0ffffffc0ffffffc0fffffff
    acc = 0
    for i in range(0, len(data), 16):
        acc += int.from_bytes(data[i:i + 16] + b"\1", "little")
        acc = acc * r % (2**130 - 5)
    acc += int.from_bytes(key[16:], "little")
    return (acc % 2**128).to_bytes(16, "little")


def chacha_seal(key, nonce, aad, pt):
    ct = bytearray()
    for i in range(0, len(pt), 64):
        ks = _chacha_block(key, 1 + i // 64, nonce)
        ct += bytes(a ^ b for a, b in zip(pt[i:i + 64], ks))
    data = (_pad16(aad) + _pad16(bytes(ct)) +
            struct.pack("<QQ", len(aad), len(ct)))
    return bytes(ct), _poly1305(_chacha_block(key, 0, nonce)[:32], data)


# CCM (RFC 3610, SP 800-38C), any length of nonce and tag
def ccm_seal(key, nonce, aad, pt, tag_len=8):
    aes = Aes(key)
    q = 15 - len(nonce)

    def stream(i):
        return aes.block(bytes([q - 1]) + nonce + i.to_bytes(q, "big"))

    data = bytes([(64 if aad else 0) | (tag_len - 2) << 2 | (q - 1)])
    data += nonce + len(pt).to_bytes(q, "big")
    if aad:
        assert len(aad) < 0xff00
        data += _pad16(struct.pack(">H", len(aad)) + aad)
    data += _pad16(pt)
    mac = bytes(16)
    for i in range(0, len(data), 16):
        mac = aes.block(bytes(a ^ b for a, b in zip(mac, data[i:i + 16])))
    ct = bytearray()
    for i in range(0, len(pt), 16):
        ct += bytes(a ^ b for a, b in zip(pt[i:i + 16], stream(1 + i // 16)))
    return bytes(ct), bytes(a ^ b for a, b in zip(mac, stream(0)))[:tag_len]


def aead_seal(aead, key, nonce, aad, pt):
    seal = chacha_seal if aead == CHACHA20_POLY1305 else gcm_seal
    return seal(key, nonce, aad, pt)


# X25519 (RFC 7748)
P = 2**255 - 19


def x25519(k, u):
    k = bytearray(k)
    k[0] &= 248
    k[31] = (k[31] & 127) | 64
    k = int.from_bytes(k, "little")
    x1 = (int.from_bytes(u, "little") & (2**255 - 1)) % P
    x2, z2, x3, z3, swap = 1, 0, x1, 1, 0
    for t in range(254, -1, -1):
        bit = (k >> t) & 1
        if swap ^ bit:
            x2, x3, z2, z3 = x3, x2, z3, z2
        swap = bit
        a, b, c, d = x2 + z2, x2 - z2, x3 + z3, x3 - z3
        aa, bb, da, cb = a * a % P, b * b % P, d * a % P, c * b % P
        e = aa - bb
        x3, z3 = (da + cb)**2 % P, x1 * (da - cb)**2 % P
        x2, z2 = aa * bb % P, e * (aa + 121665 * e) % P
    if swap:
        x2, z2 = x3, z3
    return (x2 * pow(z2, P - 2, P) % P).to_bytes(32, "little")


def x25519_public(k):
    return x25519(k, b"\x09" + bytes(31))


# SHA-256, HKDF (RFC 5869)
def sha256(data):
    return hashlib.sha256(data).digest()


def hkdf_extract(salt, ikm):
    return hmac.new(salt, ikm, hashlib.sha256).digest()


def hkdf_expand(prk, info, length):
    out = t = b""
    n = 1
    while len(out) < length:
        t = hmac.new(prk, t + info + bytes([n]), hashlib.sha256).digest()
        out += t
        n += 1
    return out[:length]


# HPKE (RFC 9180), DHKEM(X25519, HKDF-SHA256), HKDF-SHA256
KEM_SUITE = b"KEM" + struct.pack(">H", 0x20)


def _extract(suite, salt, label, ikm):
    return hkdf_extract(salt, b"HPKE-v1" + suite + label + ikm)


def _expand(suite, prk, label, info, length):
    return hkdf_expand(prk, struct.pack(">H", length) + b"HPKE-v1" + suite +
                       label + info, length)


class Hpke:
    """Sender's side; sk_s selects mode_auth, psk adds the PSK variant."""

    def __init__(self, aead, pk_r, sk_e, info, sk_s=None, psk=b"",
                 psk_id=b""):
        self.enc = x25519_public(sk_e)
        dh = x25519(sk_e, pk_r)
        ctx = self.enc + pk_r
        if sk_s is not None:
            dh += x25519(sk_s, pk_r)
            ctx += x25519_public(sk_s)
        self.shared_secret = _expand(
            KEM_SUITE, _extract(KEM_SUITE, b"", b"eae_prk", dh),
            b"shared_secret", ctx, 32)

        suite = b"HPKE" + struct.pack(">HHH", 0x20, 1, aead)
        mode = (2 if sk_s is not None else 0) + (1 if psk else 0)
        self.context = (bytes([mode]) +
                        _extract(suite, b"", b"psk_id_hash", psk_id) +
                        _extract(suite, b"", b"info_hash", info))
        self.secret = _extract(suite, self.shared_secret, b"secret", psk)
        self.key = _expand(suite, self.secret, b"key", self.context,
                           16 if aead == 1 else 32)
        self.base_nonce = _expand(suite, self.secret, b"base_nonce",
                                  self.context, 12)
        self.aead = aead

    def seal(self, aad, pt, seq=0):
        nonce = bytes(a ^ b for a, b in zip(self.base_nonce,
                                            seq.to_bytes(12, "big")))
        ct, tag = aead_seal(self.aead, self.key, nonce, aad, pt)
        return ct + tag


# fbcrypt's own formats
def owner_uuid(pub, prefix=b"fbcrypt-uuid-v1"):
    u = bytearray(sha256(prefix + pub)[:16])
    u[6] = (u[6] & 0x0f) | 0x80
    u[8] = (u[8] & 0x3f) | 0x80
    return bytes(u)


def epoch_keys(session, salt, uuid, epoch, width, height, aead, launch=b""):
    prk = hkdf_extract(salt, session)

    def key(label):
        return hkdf_expand(prk, b"fbcrypt v1 " + label + b"\0" + uuid +
                           struct.pack("<IHHHHB", epoch, width, height, 64,
                                       16, aead) + launch, 32)

    return (key(b"tile"), key(b"manifest"), key(b"input"),
            key(b"confirm")[:8])


INPUT_KEY, INPUT_POINTER, INPUT_CHALLENGE, INPUT_BYE = 1, 2, 3, 4


def input_hello(key, slot, seq):
    """Record, key of the connection."""
    head = bytes([8 | slot]) + struct.pack("<Q", seq)[:7]
    out = hkdf_expand(key, b"fbcrypt v1 connection\0" + head, 40)
    return head + out[32:], out[:32]


def input_body(kind, data):
    return struct.pack("<Q", data << 4 | kind)[:5]


def input_record(conn, slot, counter, body):
    head = bytes([slot]) + struct.pack("<H", counter & 0xffff)
    nonce = struct.pack("<BBHQ", 3, slot, 0, counter)
    ct, tag = ccm_seal(conn, nonce, head, body)
    return head + ct + tag


def carrier_points(record, width, height):
    bits = int.from_bytes(record, "little")
    out = []
    for n in range(10):
        v = (bits >> 13 * n & 0x1fff) | (0 if n else 1 << 13)
        sx, sy = width // 128, height // 128
        out.append([(v & 127) * sx + sx // 2 + 1, (v >> 7) * sy + sy // 2 + 1])
    return out


# Of version 1.
KEY_KINDS = {
    "owner-secret": ("fbc-owner-secret-1", 32),
    "owner-public": ("fbc-owner-public-1", 32),
    "vmm-public": ("fbc-vmm-public-1", 32),
    "session": ("fbc-session-1", 88),
}


def key_line(prefix, payload):
    p = prefix.encode() + b":"
    return (p + base64.b64encode(payload + sha256(p + payload)[:4])).decode()


# Coded bands: pixels of few colours, three bytes each
def coding_len(coding, w):
    cells = (w + 7) // 8
    return [0, (cells + 15) // 16 * 48 + 240, 1536, max(1536, 24 * cells + 48),
            max(1536, 72 * cells + 48)][coding]


def _pattern(rows, size):
    """Rows as numbers; those that are not as the one above."""
    above, mask, out = 0, 0, b""
    for y, v in enumerate(rows):
        if v != above:
            mask |= 1 << y
            out += v.to_bytes(size, "little")
        above = v
    return struct.pack("<H", mask) + out


def _runs(colours):
    """Of two colours a cell, None where it has none: each run the longest."""
    out, run, n = b"", [None, None], 0
    for pair in colours + [None]:
        if pair is None or n == 256 or any(
                None not in (p, r) and p != r for p, r in zip(pair, run)):
            a = run[0] or 0
            b = a if run[1] is None else run[1]
            out += bytes([n - 1, a | b << 4])
            run, n = [None, None], 0
        if pair is not None:
            run = [r if p is None else p for p, r in zip(pair, run)]
            n += 1
    return out


def band_code(pixels, w, h):
    """b"" if there are too many colours."""
    px = [[pixels[(y * w + x) * 3:][:3] for x in range(w)] for y in range(h)]
    # Which one comes first: tile by tile, and there row by row.
    palette = list(dict.fromkeys(
        px[y][x] for t in range(0, w, 64) for y in range(h)
        for x in range(t, min(t + 64, w))))
    if len(palette) > 16:
        return b""
    glyphs, numbers, colours, patterns = [], [], [], b""
    for x in range(0, w, 8):
        cell = [[palette.index(c) for c in row[x:x + 8]] for row in px]
        seen = list(dict.fromkeys(i for row in cell for i in row))
        if len(seen) > 2:
            numbers.append(None)
            colours.append((None, None))
            patterns += _pattern([sum(v << 4 * i for i, v in enumerate(row))
                                  for row in cell], 4)
            continue
        colours.append((seen[0], seen[1] if seen[1:] else None))
        glyph = [sum((v != seen[0]) << i for i, v in enumerate(row))
                 for row in cell]
        if any(glyph) and glyph not in glyphs:
            glyphs.append(glyph)
            patterns += _pattern(glyph, 1)
        numbers.append(1 + glyphs.index(glyph) if any(glyph) else 0)
    size = (len(glyphs) + 1).bit_length()
    bits = sum((len(glyphs) + 1 if v is None else v) << i * size
               for i, v in enumerate(numbers))
    return bytes([len(palette) - 1]) + b"".join(palette) + \
        struct.pack("<H", len(glyphs)) + _runs(colours) + \
        bits.to_bytes((len(numbers) * size + 7) // 8, "little") + patterns


def band_decode(code, w, h):
    """Of a code that is right."""
    n = code[0] + 1
    palette = [code[1 + 3 * i:4 + 3 * i] for i in range(n)]
    glyphs, = struct.unpack("<H", code[1 + 3 * n:3 + 3 * n])
    at, cells, pairs = 3 + 3 * n, (w + 7) // 8, []
    while len(pairs) < cells:
        pairs += [code[at + 1]] * (code[at] + 1)
        at += 2
    size = (glyphs + 1).bit_length()
    end = at + (cells * size + 7) // 8
    bits, at = int.from_bytes(code[at:end], "little"), end

    def pattern(width):
        nonlocal at
        mask, = struct.unpack("<H", code[at:at + 2])
        at += 2
        rows, row = [], 0
        for y in range(h):
            if mask >> y & 1:
                row = int.from_bytes(code[at:at + width], "little")
                at += width
            rows.append(row)
        return rows
    known, cols = [[0] * h], []
    for x, pair in enumerate(pairs):
        v = bits >> x * size & (1 << size) - 1
        if v == glyphs + 1:
            cols.append([[r >> 4 * i & 15 for i in range(8)]
                         for r in pattern(4)])
            continue
        if v == len(known):
            known.append(pattern(1))
        cols.append([[pair >> 4 * (r >> i & 1) & 15 for i in range(8)]
                     for r in known[v]])
    assert at == len(code) and len(known) == glyphs + 1
    return b"".join(palette[cols[x // 8][y][x % 8]]
                    for y in range(h) for x in range(w))
