#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# What the hypervisor refuses, each with a reason of its own, while a running
# session stays untouched.
bats_require_minimum_version 1.5.0
load common

setup_file() {
    boot
    owner_guest u1 --wait screen
    key_guest u1
    "$bin/fbc-keygen" -q -o "$BATS_FILE_TMPDIR/other.owner" >/dev/null
    cd "$BATS_FILE_TMPDIR" || return 1
    settled_dump u1 u1.session before.frames
    status_of u1 key_id >key_id
}

# The session of setup_file still runs: same key, and its screen verifies.
untouched() {
    [ "$(status_of u1 key_id)" = "$(cat key_id)" ]
    settled_dump u1 u1.session after.frames
}

refused() { # STATUS REASON < blob
    cat >refused.blob
    run --separate-stderr -"$1" dom0 fbc-setkey u1 <refused.blob
    echo "$stderr"
    [[ "$stderr" = *"$2"* ]]
}

@test "wrong owner: the UUID is not the fingerprint of the sender" {
    "$bin/fbc-wrapkey" --to "$(vmm_key)" --from other.owner -o x.session >x.blob
    refused 1 "another VM" <x.blob
    # The sender's own UUID replaced by the victim's.
    python3 - x.blob u1.blob <<'PY' >forged.blob
import sys
x, u = (bytearray(open(p, "rb").read()) for p in sys.argv[1:3])
x[16:32] = u[16:32]
sys.stdout.buffer.write(x)
PY
    refused 3 "owner" <forged.blob
    untouched
}

@test "a replayed blob" {
    refused 1 "sequence" <u1.blob
    untouched
}

@test "a blob sealed to another hypervisor" {
    "$bin/fbc-keygen" -q -o fake.owner >/dev/null
    # Any X25519 public key can stand for a hypervisor's.
    python3 - "$(vmm_key)" <<'PY' >fake.vmm
import base64, hashlib, os, sys
prefix = b"fbc-vmm-public-1:"
key = bytes([9]) + os.urandom(30) + bytes([1])
sum4 = hashlib.sha256(prefix + key).digest()[:4]
print((prefix + base64.b64encode(key + sum4)).decode())
PY
    "$bin/fbc-wrapkey" --to fake.vmm --from u1.owner -o x.session >x.blob
    refused 1 "another hypervisor" <x.blob
    untouched
}

@test "truncated, overlong, another magic, an unknown version" {
    wrap u1 x.session >x.blob
    head -c 207 x.blob >short
    refused 3 "208" <short
    (cat x.blob; printf x) >long
    refused 3 "208" <long
    python3 -c 'import sys; b = bytearray(open("x.blob", "rb").read()); b[4] = 3; sys.stdout.buffer.write(b)' >version
    refused 5 "version" <version
    refused 3 "empty" </dev/null
    untouched
}

@test "one flipped bit in each of the 208 bytes, past the tool's own checks" {
    wrap u1 x.session >x.blob
    python3 - <<'PY'
import os, random
random.seed(1)
blob = open("x.blob", "rb").read()
os.makedirs("flipped", exist_ok=True)
for i in range(208):
    b = bytearray(blob)
    b[i] ^= 1 << random.randrange(8)
    open("flipped/%03d" % i, "wb").write(b)
PY
    tb copy "$top/build/tests/rawop" /usr/local/bin/
    tb copy flipped /root/
    id=$(dom0 xl domid u1)
    dom0 --timeout 300 "cd /root/flipped; rawop setkey $id *" >flipped.txt
    # EACCES for each, with the class that the field's check has.
    python3 - flipped.txt <<'PY'
import sys
lines = [l.split() for l in open(sys.argv[1])]
assert len(lines) == 208
MAGIC, VERSION, ALGORITHM, RESERVED, VM, OWNER, VMM, REPLAY, AUTH = \
    2, 3, 4, 5, 7, 8, 9, 10, 11
def allowed(i):
    for end, codes in ((4, {MAGIC}), (6, {VERSION}), (12, {ALGORITHM}),
                       (16, {RESERVED, AUTH}), (32, {VM}),
                       (40, {REPLAY, AUTH}), (48, {AUTH}), (80, {OWNER}),
                       (112, {VMM}), (208, {AUTH})):
        if i < end:
            return codes
for name, rc, err, result, epoch in lines:
    assert rc == "-1" and err == "EACCES", (name, rc, err)
    assert int(result) in allowed(int(name)), (name, result)
PY
    untouched
    # And the blob itself was good.
    dom0 fbc-setkey u1 <x.blob
    cp x.session u1.session
    cp x.blob u1.blob
    status_of u1 key_id >key_id
    untouched
}

@test "senseless hypercalls: each its own errno, nothing happens" {
    tb copy "$top/build/tests/rawop" /usr/local/bin/
    id=$(dom0 xl domid u1)
    [ "$(dom0 rawop op 77 3 "$id" 0)" = "-1 ENOSYS 3" ]
    [ "$(dom0 rawop op 0x80000002 3 "$id" 0)" = "-1 ENOSYS 3" ]
    [ "$(dom0 rawop op 2 3 "$id" 1)" = "-1 EINVAL 3" ]
    [ "$(dom0 rawop op 2 99 "$id" 0)" = "-1 EILSEQ 3" ]
    [ "$(dom0 rawop op 2 3 4242 0)" = "-1 ESRCH 3" ]
    [ "$(dom0 rawop op 2 3 0 0)" = "0 0 3" ]
    [ "$(dom0 rawop op 1 3 0 0)" = "-1 EOPNOTSUPP 3" ]
    [ "$(dom0 rawop null 2)" = "-1 EFAULT 0" ]
    # A record of zeros is nobody's.
    [ "$(dom0 rawop op 3 3 "$id" 0)" = "-1 EACCES 3" ]
    [ "$(dom0 rawop op 3 3 0 0)" = "-1 EOPNOTSUPP 3" ]
    # The continuation of set_key without a set_key: seals what is due, i.e.
    # nothing.
    [ "$(dom0 rawop op 0x80000001 3 "$id" 0)" = "0 0 3" ]
    untouched
}

@test "an unprotected domain, one without framebuffer, one that is gone" {
    run --separate-stderr -1 dom0 fbc-status 0
    [[ "$stderr" = *"not protected: it is a control domain"* ]]
    owner_guest bare vfb= --wait none memory=64 --kernel "$top/build/tests/pvguest.elf" extra="scenario=idle"
    [ "$(status_of bare state)" = no-framebuffer ]
    run --separate-stderr dom0 fbc-dumpvfb -n 1 bare
    [ "$status" -ne 0 ]
    [[ "$stderr" = *"no "*framebuffer* ]]
    tb destroy bare
    run --separate-stderr -3 dom0 fbc-status bare
    [[ "$stderr" = *"no such domain"* ]]
    run --separate-stderr -3 dom0 fbc-setkey bare <u1.blob
    [[ "$stderr" = *"no such domain"* ]]
}

@test "a tool of another ABI version says so" {
    tb copy "$top/build/tests/fbc-status-abi99" /usr/local/bin/
    run --separate-stderr -5 dom0 fbc-status-abi99 u1
    [[ "$stderr" = *"ABI 3"*"99"* ]]
}

@test "a second domain cannot take the UUID's key while the first lives" {
    tb create twin --wait none memory=64 --kernel "$top/build/tests/pvguest.elf" \
        extra="scenario=picture" uuid="$("$bin/fbc-keygen" -u u1.owner)"
    wrap u1 twin.session >twin.blob
    run --separate-stderr -1 dom0 fbc-setkey twin <twin.blob
    [[ "$stderr" = *"another live domain"* ]]
    tb destroy twin
    untouched
}
