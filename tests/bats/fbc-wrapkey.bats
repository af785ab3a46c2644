#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154 # helper.bash and bats set these
load helper

wrap() { fbc-wrapkey --to vmm.pub --from owner.key -o session.key "$@"; }

# A little-endian number in the blob: OFFSET LENGTH FILE
number() { python3 -c '
import sys
a, n, f = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
print(int.from_bytes(open(f, "rb").read()[a:a + n], "little"))' "$@"; }

# vmm.pub of a hypervisor whose secret is 32 times 42.
vmm()
{
    key_line fbc-vmm-public-1 "$(PYTHONPATH=$top/tests/vectors python3 -B -c '
import fbcref
print(fbcref.x25519_public(32 * b"\x42").hex())')" > vmm.pub
}

# What it finds in a blob: session key, wanted refresh, sealed input.
opened() # BLOB
{
    PYTHONPATH=$top/tests/vectors python3 -B - "$1" <<'PY'
import struct, sys
import fbcref as ref
blob, sk = open(sys.argv[1], "rb").read(), 32 * b"\x42"
head, sealed, enc, owner = blob[:144], blob[144:], blob[112:144], blob[48:80]
pub = ref.x25519_public(sk)
shared = ref._expand(ref.KEM_SUITE, ref._extract(
    ref.KEM_SUITE, b"", b"eae_prk", ref.x25519(sk, enc) +
    ref.x25519(sk, owner)), b"shared_secret", enc + pub + owner, 32)
suite = b"HPKE" + struct.pack(">HHH", 0x20, 1, ref.AES256_GCM)
info = b"fbcrypt-hpke-v1" + blob[16:32] + ref.sha256(pub)
context = (b"\2" + ref._extract(suite, b"", b"psk_id_hash", b"") +
           ref._extract(suite, b"", b"info_hash", info))
secret = ref._extract(suite, shared, b"secret", b"")
key = ref._expand(suite, secret, b"key", context, 32)
nonce = ref._expand(suite, secret, b"base_nonce", context, 12)
plain = ref.gcm_seal(key, nonce, head, sealed[:48])[0]
assert ref.gcm_seal(key, nonce, head, plain) == (sealed[:48], sealed[48:])
print(plain[:32].hex(), *struct.unpack("<HB", plain[34:37]))
PY
}

# In hexadecimal.
file_key() # SESSION.KEY
{
    tail -n 1 "$1" | cut -d : -f 2 | base64 -d | head -c 32 | xxd -p -c 32
}

@test "fbc-wrapkey: help, version, unknown options, full disk" {
    common_options fbc-wrapkey
}

@test "fbc-wrapkey writes 208 bytes and a private session key file" {
    keys
    [ "$(stat -c %s blob)" -eq 208 ]
    [ "$(head -c 4 blob)" = FBK1 ]
    [ "$(stat -c %a session.key)" = 600 ]
    [ "$(grep -c '^fbc-session-1:' session.key)" -eq 1 ]
    only owner.key owner.pub vmm.pub session.key blob
}

@test "fbc-wrapkey binds the blob to owner, VM and hypervisor" {
    keys
    python3 - "$(fbc-keygen -u owner.pub)" <<'PY'
import base64, hashlib, sys, uuid
blob = open("blob", "rb").read()
vmm = bytes([9]) + bytes(31)
line = open("owner.pub").read().splitlines()[-1].split(":")[1]
assert blob[4:16] == bytes.fromhex("010020000100020000000000")
assert blob[16:32] == uuid.UUID(sys.argv[1]).bytes
assert blob[48:80] == base64.b64decode(line)[:32]
assert blob[80:112] == hashlib.sha256(vmm).digest()
line = open("session.key").read().splitlines()[-1].split(":")[1]
file = base64.b64decode(line)
assert file[32:48] == blob[16:32] and file[48:80] == blob[80:112]
assert file[80:88] == blob[32:40]
assert file[:32] not in blob
PY
}

@test "fbc-wrapkey: a new session key and a higher number each time" {
    keys
    cp session.key first
    wrap > second.blob
    [ "$(file_key first)" != "$(file_key session.key)" ]
    [ "$(number 32 8 second.blob)" -gt "$(number 32 8 blob)" ]
    now=$(date +%s)
    [ $(($(number 32 8 second.blob) / 1000 - now)) -le 1 ]
}

@test "fbc-wrapkey: the number rises even when the clock goes back" {
    keys
    future=$(python3 -c '
import base64
f = base64.b64decode(open("session.key").read().split(":")[-1])
print((f[:80] + (1 << 60).to_bytes(8, "little")).hex())')
    key_line fbc-session-1 "$future" > session.key
    wrap > next.blob
    [ "$(number 32 8 next.blob)" = $(((1 << 60) + 1)) ]
    last=$(python3 -c 'print(bytes(80).hex() + 8 * "ff")')
    key_line fbc-session-1 "$last" > session.key
    expect 3 wrap
    says "used up"
}

@test "fbc-wrapkey --expires and --refresh" {
    keys
    [ "$(number 40 8 blob)" -eq 0 ]
    wrap --expires 60 --refresh 500 > b
    left=$(($(number 40 8 b) - $(date +%s)))
    [ "$left" -gt 50 ] && [ "$left" -le 60 ]
    expect 2 wrap --expires 0
    expect 2 wrap --expires -1
    expect 2 wrap --expires 1d
    expect 2 wrap --refresh 65536
}

@test "fbc-wrapkey --input takes sealed and plain" {
    keys
    vmm
    wrap --input sealed --refresh 700 > b
    [ "$(opened b)" = "$(file_key session.key) 700 1" ]
    wrap --input plain > b
    [ "$(opened b)" = "$(file_key session.key) 0 0" ]
    expect 2 wrap --input both
    says "not sealed or plain"
    expect 2 wrap --input ""
}

@test "fbc-wrapkey --launch writes the digest into a longer blob" {
    keys
    digest=$(printf 'c3%.0s' {1..32})
    wrap --launch "$digest" > b
    [ "$(stat -c %s b)" -eq 240 ]
    [ "$(number 4 2 b)" -eq 2 ] && [ "$(number 12 4 b)" -eq 1 ]
    [ "$(tail -c +145 b | head -c 32 | xxd -p -c 64)" = "$digest" ]
    # Several: a blob each, of the same key, with rising numbers.
    other=$(printf '3c%.0s' {1..32})
    wrap --launch "$digest" --launch "$other" > b
    [ "$(stat -c %s b)" -eq 480 ]
    tail -c 240 b > second
    [ "$(tail -c +145 second | head -c 32 | xxd -p -c 64)" = "$other" ]
    [ "$(number 32 8 second)" -eq $(($(number 32 8 b) + 1)) ]
    wrap > after
    [ "$(number 32 8 after)" -gt "$(number 32 8 second)" ]
    many=()
    for i in {1..9}; do many+=(--launch "$digest"); done
    expect 2 wrap "${many[@]}"
    wrap "${many[@]:2}" > b
    [ "$(stat -c %s b)" -eq 1920 ]
    # Nobody's, and what a session key file has after the last one.
    zero=$(printf '00%.0s' {1..32})
    for bad in '' 00 "$zero" "${digest}0" "${digest%?}" "${digest%?}g" "${digest^^}"; do
        expect 2 wrap --launch "$bad"
        says "--launch: 64 digits"
    done
}

# What the session key file holds, in hex.
payload() { sed -n "s/^$1://p" session.key | base64 -d | xxd -p -c 1000; }

@test "fbc-wrapkey --launch: the session key file tells what was asked for" {
    keys
    a=$(printf 'c3%.0s' {1..32}) b=$(printf '3c%.0s' {1..32})
    wrap --launch "$a" --launch "$b" > two
    [ "$(grep -c '^fbc-session-[12]:' session.key)" -eq 1 ]
    file=$(payload fbc-session-2)
    [ "${#file}" -eq $((2 * (88 + 64 + 4))) ]
    [ "${file:176:128}" = "$a$b" ]
    # The number is that of the last blob.
    tail -c 240 two | tail -c +33 | head -c 8 | xxd -p > seq
    [ "${file:160:16}" = "$(cat seq)" ]
    # It is replaced as any other, and digests do not stay in it.
    wrap --launch "$b" > one
    file=$(payload fbc-session-2)
    [ "${file:176:64}" = "$b" ] && [ "${#file}" -eq 248 ]
    wrap > none
    file=$(payload fbc-session-1)
    [ "${#file}" -eq 184 ]
    [ "$(number 32 8 none)" -gt "$(number 32 8 one)" ]
}

@test "fbc-wrapkey: a terminal is not fed a blob" {
    keys
    cp session.key before
    run on_terminal "fbc-wrapkey --to vmm.pub --from owner.key -o session.key"
    [ "$status" -eq 2 ]
    [[ $output == *"is a terminal"* ]]
    cmp before session.key
}

@test "fbc-wrapkey: a blob that cannot be written costs no session key" {
    keys
    cp session.key before
    expect 4 sh -c 'fbc-wrapkey --to vmm.pub --from owner.key -o session.key \
        > /dev/full'
    says "stdout: No space left"
    cmp before session.key
    only owner.key owner.pub vmm.pub session.key blob before
    rm session.key
    expect 4 sh -c 'fbc-wrapkey --to vmm.pub --from owner.key -o session.key \
        >&-'
    only owner.key owner.pub vmm.pub blob before
}

@test "fbc-wrapkey: no blob when the session key cannot be written" {
    keys
    expect 4 fbc-wrapkey --to vmm.pub --from owner.key -o no/dir/key
    [ -z "$output" ]
    expect 2 fbc-wrapkey --to vmm.pub --from owner.key -o -
}

@test "fbc-wrapkey replaces nothing but a session key" {
    keys
    sum=$(sha256sum owner.key)
    expect 3 fbc-wrapkey --to vmm.pub --from owner.key -o owner.key
    says "owner.key: is an owner secret key, not a session key"
    [ -z "$output" ]
    [ "$(sha256sum owner.key)" = "$sum" ]
    echo precious > notes
    chmod 600 notes
    expect 3 fbc-wrapkey --to vmm.pub --from owner.key -o notes
    [ "$(cat notes)" = precious ]
    ln -s nowhere dangling
    expect 3 fbc-wrapkey --to vmm.pub --from owner.key -o dangling
    says "dangling: is a symbolic link"
    [ -z "$output" ]
}

@test "fbc-wrapkey refuses an owner key that others can read, and links" {
    keys
    chmod 640 owner.key
    expect 3 wrap
    says "owner.key: secret key is open to others"
    [ -z "$output" ]
    chmod 600 owner.key
    mv owner.key elsewhere
    ln -s elsewhere owner.key
    expect 3 wrap
    says "symbolic link"
    rm owner.key
    mkfifo -m 600 owner.key
    expect 3 timeout 60 fbc-wrapkey --to vmm.pub --from owner.key -o s
    says "regular file"
}

@test "fbc-wrapkey: keys in the wrong place" {
    keys
    expect 3 fbc-wrapkey --to owner.pub --from owner.key -o s
    says "owner.pub: is an owner public key, not a hypervisor public key"
    expect 3 fbc-wrapkey --to vmm.pub --from session.key -o s
    says "session.key: is a session key, not an owner secret key"
    [ ! -e s ]
    expect 2 fbc-wrapkey --to vmm.pub --from owner.key
    expect 2 fbc-wrapkey --to vmm.pub -o s
    expect 2 fbc-wrapkey --from owner.key -o s
    expect 2 fbc-wrapkey --to - --from - -o s
}

@test "fbc-wrapkey: key files that an editor or a mail has changed" {
    keys
    wrap() { fbc-wrapkey --to "$1" --from "${2-owner.key}" -o new.key; }
    sed 's/$/\r/' vmm.pub > crlf.pub
    expect 3 wrap crlf.pub
    says "crlf.pub: has lines that end in CR or CRLF, not in LF"
    [[ $stderr == *"hint: a key file is ASCII"* ]]
    { printf '\xef\xbb\xbf'; cat vmm.pub; } > bom.pub
    expect 3 wrap bom.pub
    says "bom.pub: begins with a byte order mark"
    for enc in UTF-16 UTF-16LE UTF-16BE; do
        iconv -t $enc vmm.pub > wide.pub
        expect 3 wrap wide.pub
        says "wide.pub: is in UTF-16"
    done
    sed 's/$/\r/' owner.key > crlf.key
    chmod 600 crlf.key
    expect 3 wrap vmm.pub crlf.key
    says "crlf.key: has lines that end in CR"
    [ ! -e new.key ]
}

@test "fbc-wrapkey: a hypervisor key of small order is refused" {
    keys
    key_line fbc-vmm-public-1 "$(printf '%064d' 0)" > vmm.pub
    expect 3 fbc-wrapkey --to vmm.pub --from owner.key -o s
    says "vmm.pub: nothing can be sealed"
    [ -z "$output" ]
    [ ! -e s ]
}

@test "fbc-wrapkey reads the hypervisor key from a pipe" {
    keys
    expect 0 sh -c 'cat vmm.pub | fbc-wrapkey --to - --from owner.key -o s \
        > b'
    [ "$(stat -c %s b)" -eq 208 ]
    fbc-wrapkey --to <(cat vmm.pub) --from owner.key -o s > c
    [ "$(stat -c %s c)" -eq 208 ]
}
