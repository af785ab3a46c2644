#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154 # helper.bash and bats set these
load helper

@test "fbc-keygen: help, version, unknown options, full disk" {
    common_options fbc-keygen
}

@test "fbc-keygen -o makes a private file and prints the public key" {
    expect 0 fbc-keygen -o owner.key
    [ -z "$stderr" ]
    [ "$(stat -c %a owner.key)" = 600 ]
    [ "$(tail -n 1 <<< "$output" | cut -d: -f1)" = fbc-owner-public-1 ]
    [ "$(grep -c '^fbc-owner-secret-1:' owner.key)" -eq 1 ]
    printf '%s\n' "$output" > owner.pub
    expect 0 fbc-keygen -y owner.key
    [ "$output" = "$(cat owner.pub)" ]
    expect 0 fbc-keygen -y owner.pub
    [ "$output" = "$(cat owner.pub)" ]
    only owner.key owner.pub
}

@test "fbc-keygen: two keys differ" {
    fbc-keygen -o a > a.pub
    fbc-keygen -o b > b.pub
    run ! cmp -s a.pub b.pub
}

@test "fbc-keygen -u prints the UUIDv8 of the public key's hash" {
    # RFC 7748's base point as a public key
    pub=09$(printf '%062d' 0)
    key_line fbc-owner-public-1 "$pub" > owner.pub
    want=$(python3 -c "
import hashlib, uuid
h = bytearray(hashlib.sha256(b'fbcrypt-uuid-v1' +
              bytes.fromhex('$pub')).digest()[:16])
h[6] = h[6] & 15 | 0x80
h[8] = h[8] & 63 | 0x80
print(uuid.UUID(bytes=bytes(h)))")
    expect 0 fbc-keygen -u owner.pub
    [ "$output" = "$want" ]
    expect 0 fbc-keygen -u owner.pub --xl
    [ "$output" = "uuid = \"$want\"" ]
    expect 0 fbc-keygen --xl -u - < owner.pub
    [ "$output" = "uuid = \"$want\"" ]
}

@test "fbc-keygen -u is the same for secret and public key" {
    fbc-keygen -o owner.key > owner.pub
    [ "$(fbc-keygen -u owner.key)" = "$(fbc-keygen -u owner.pub)" ]
    grep -q "$(fbc-keygen -u owner.key)" owner.key
}

@test "fbc-keygen never overwrites, not even an empty file" {
    : > owner.key
    expect 3 fbc-keygen -o owner.key
    says "owner.key: exists"
    [ -z "$output" ]
    [ ! -s owner.key ]
    only owner.key
    ln -s elsewhere link
    expect 3 fbc-keygen -o link
    only owner.key link
}

@test "fbc-keygen leaves no key behind when the public key cannot be printed" {
    expect 4 sh -c 'fbc-keygen -o owner.key > /dev/full'
    says "stdout: No space left"
    only
    expect 4 sh -c 'fbc-keygen -o owner.key >&-'
    only
}

@test "fbc-keygen: impossible output files" {
    expect 4 fbc-keygen -o no/such/dir/key
    says "No such file"
    mkdir dir
    expect 3 fbc-keygen -o dir
    expect 3 fbc-keygen -o dir/
    expect 3 fbc-keygen -o ''
    expect 2 fbc-keygen -o -
    only dir
}

@test "fbc-keygen refuses a secret key that others can read" {
    fbc-keygen -o owner.key > owner.pub
    for mode in 644 640 604 602 660; do
        chmod $mode owner.key
        expect 3 fbc-keygen -y owner.key
        says "open to others (mode 0$mode)"
        expect 3 fbc-keygen -u owner.key
        [ -z "$output" ]
    done
    chmod 400 owner.key
    expect 0 fbc-keygen -u owner.key
}

@test "fbc-keygen: which option is needed" {
    expect 2 fbc-keygen
    says "one of them is needed"
    expect 2 fbc-keygen -y a -u b
    expect 2 fbc-keygen -o
    says "-o: needs an argument"
    expect 2 fbc-keygen --uuid
    says "--uuid: needs an argument"
    expect 2 fbc-keygen -y a --xl
}

@test "fbc-keygen: files that are no key" {
    expect 3 fbc-keygen -y nothing-there
    says "nothing-there: No such file"
    : > empty
    expect 3 fbc-keygen -y empty
    head -c 100000 /dev/zero > zeros
    expect 3 fbc-keygen -y zeros
    mkdir dir
    expect 4 fbc-keygen -y dir
    says "Is a directory"

    fbc-keygen -o owner.key > owner.pub
    { cat owner.pub; echo more; } > trailing
    expect 3 fbc-keygen -y trailing
    tail -n 1 owner.pub | tr 'A-Za-z' 'B-ZAb-za' > other
    expect 3 fbc-keygen -y other
    sed 's/public-1/public-2/' owner.pub > version
    expect 5 fbc-keygen -y version
    key_line fbc-vmm-public-1 "$(printf '%064d' 9)" > vmm.pub
    expect 3 fbc-keygen -y vmm.pub
    says "vmm.pub: is a hypervisor public key, not an owner public key"
}

@test "fbc-keygen: an escape sequence in a name does not reach the terminal" {
    expect 3 fbc-keygen -y $'\e[31mred'
    [[ $stderr != *$'\e'* ]]
    says "?[31mred"
    expect 3 fbc-keygen -y $'\xc2\x9b31m\xc3\xa9t\xc3\xa9'
    says $'?31m\xc3\xa9t\xc3\xa9'
    # C1 in 8 bits, alone and where UTF-8 breaks off; not within it.
    expect 3 fbc-keygen -y $'\x9b31m\xe2\x9b1m\xc4\x9b\xc5\x9b'
    says $'?31m\xe2?1m\xc4\x9b\xc5\x9b: '
}
