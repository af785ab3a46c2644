# SPDX-License-Identifier: GPL-2.0-only
"""A key blob that asks for a launch digest of zeros, to standard output.

usage: zeroblob.py OWNER.key VMM.pub

fbc-wrapkey(1) makes none.  A guest without a digest must not have that one.
"""
import base64
import os
import struct
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "vectors"))
sys.dont_write_bytecode = True
import fbcref as ref  # noqa: E402


def key(path):
    with open(path, encoding="ascii") as f:
        line = f.read().splitlines()[-1]
    return base64.b64decode(line.split(":")[1])[:32]


secret, vmm = key(sys.argv[1]), key(sys.argv[2])
owner = ref.x25519_public(secret)
uuid, vmm_hash = ref.owner_uuid(owner), ref.sha256(vmm)
h = ref.Hpke(ref.AES256_GCM, vmm, os.urandom(32),
             b"fbcrypt-hpke-v1" + uuid + vmm_hash, secret)
head = (b"FBK1" + struct.pack("<HHHHI", 2, 0x20, 1, ref.AES256_GCM, 1) + uuid +
        struct.pack("<QQ", int(time.time() * 1000), 0) + owner + vmm_hash +
        h.enc + bytes(32))
sys.stdout.buffer.write(head + h.seal(head, os.urandom(32) + bytes(16)))
