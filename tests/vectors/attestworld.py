# SPDX-License-Identifier: GPL-2.0-only
"""The world of the attestation vectors: TPM makers, TPMs, what was measured,
what the verifier has; all of it the same in every run."""
import attestref as ref
import vectorfile

pseudo = vectorfile.pseudo

NONCE = pseudo("attest nonce", 32)
KEY = pseudo("attest vmm key", 32)
IMAGE = pseudo("attest image", 32)
FIRMWARE = {n: pseudo("attest pcr%d" % n, 32) for n in (0, 2, 7)}


class Tpm:
    """A TPM with an EK, its certificate, and an AK."""

    def __init__(self, label, serial, ca):
        self.modulus = ref.modulus(label)
        self.ek = ref.ek_public(self.modulus)
        self.ak_key = ref.EcKey(label + " ak")
        self.ak = ref.ak_public(self.ak_key)
        self.cert = self.certify(ca, serial)

    def certify(self, ca, serial, extensions=ref.EK, n=None, **options):
        return ref.certificate(ref.rsa_spki(n or self.modulus), "", ca.name,
                               ca.key, serial, extensions, **options)


class Ca:
    def __init__(self, name, issuer=None, extensions=ref.CA):
        self.name, self.key = name, ref.EcKey("ca " + name)
        issuer = issuer or self
        self.cert = ref.certificate(
            ref.ec_spki(self.key), name, issuer.name, issuer.key,
            1 + ref.number("serial " + name, 2), extensions)


ROOT = Ca("Test root")
MAKER = Ca("Test TPM maker", ROOT)
OTHER = Ca("Other root")
A = Tpm("tpm a", 1001, MAKER)
B = Tpm("tpm b", 1002, MAKER)


def pcrs(**change):
    values = {**FIRMWARE, 4: ref.pcr4(IMAGE), 12: ref.pcr12(KEY)}
    values.update({int(k[3:]): v for k, v in change.items()})
    return values


def digest(values, order=ref.SELECT):
    return ref.sha256(b"".join(values[n] for n in order))


def signed(values, tpm=A, ek=None, ak=None, key=None, accept=None, **attest):
    """Quote and signature of a TPM over these PCRs."""
    key, ek, ak = key or tpm.ak_key, ek or tpm.ek, ak or tpm.ak
    attest.setdefault("signer", ref.qualified(ek, ak))
    attest.setdefault("nonce", NONCE)
    attest.setdefault("digest", digest(values))
    quote = ref.attest(**attest)
    sig = ref.p256.sign(key.secret, quote, *([accept] if accept else []))
    return quote, ref.signature(*sig)


def text(values=None, tpm=A, key=KEY, quote=None, sig=None, ak=None, ek=None,
         cert=None, chain=None, shown=None, **attest):
    values = values or pcrs()
    if quote is None:
        quote, good = signed(values, tpm, ak=ak, **attest)
        sig = sig or good
    return ref.evidence(key, shown or values, quote, sig, ak or tpm.ak,
                        ek or tpm.ek, cert or tpm.cert,
                        [MAKER.cert] if chain is None else chain)


def flip(data, at, bit=1):
    return data[:at] + bytes([data[at] ^ bit]) + data[at + 1:]


def golden(name, image=IMAGE, key=None, **change):
    f = {**FIRMWARE, **{int(k[3:]): v for k, v in change.items()}}
    return ref.golden(name, image, f[0], f[2], f[7], key)


GOLDEN = {
    "good": golden("image 1"),
    "pinned": golden("image 1, key pinned", key=KEY),
    "other-image": golden("image 2", pseudo("attest image 2", 32)),
    "other-firmware": golden("image 2, firmware 2",
                             pseudo("attest image 2", 32),
                             pcr0=pseudo("attest firmware 2", 32)),
}


def host(name, tpm=A, ak=None, **counters):
    return ref.host(name, tpm.cert, tpm.ek, (ak or tpm).ak, KEY, **counters)


HOSTS = {
    "a": host("host a"),
    "a-before": host("host a", resets=7, clock=123455),
    "a-same": host("host a", resets=7, clock=123456),
    "a-after": host("host a", resets=7, clock=123457),
    "a-last-boot": host("host a", resets=6, restarts=3, clock=99999999),
    "a-next-boot": host("host a", resets=8, clock=1),
    "a-restarted": host("host a", resets=7, restarts=1, clock=5),
    "a-noda": ref.host("host a", A.cert, A.ek, ref.ak_public(
        A.ak_key, 0x00050472), KEY),
    "b": host("host b", B),
    "mixed": host("host a with the AK of b", ak=B),
}
ROOTS = {"root": ref.pem(ROOT.cert), "maker": ref.pem(MAKER.cert),
         "ek-a": ref.pem(A.cert), "other": ref.pem(OTHER.cert)}


def tpm():
    """Values that a TPM computes."""
    seed, secret = pseudo("attest seed", 32), pseudo("attest secret", 32)
    short = ref.EcKey("short ak", lambda x, y: x < 2**248)
    name = ref.object_name(A.ak)
    policy = ref.policy(FIRMWARE[0], FIRMWARE[2], ref.pcr4(IMAGE),
                        FIRMWARE[7])
    return {
        "image": IMAGE.hex(), "pcr4": ref.pcr4(IMAGE).hex(),
        "key": KEY.hex(), "pcr12": ref.pcr12(KEY).hex(),
        "pcr12_outlives": ref.pcr12(KEY, False).hex(),
        "pcrs": "".join(pcrs()[n].hex() for n in ref.SELECT),
        "digest": digest(pcrs()).hex(), "policy": policy.hex(),
        "ek": A.ek.hex(), "ak": A.ak.hex(), "ak_name": name.hex(),
        "qualified": ref.qualified(A.ek, A.ak).hex(),
        "seed": seed.hex(), "secret": secret.hex(),
        "credential": ref.credential(seed, name, secret).hex(),
        "short_ak": ref.ak_public(short, short=True).hex(),
        "short_signature": ref.signature(*ref.p256.sign(
            short.secret, b"message")).hex(),
    }
