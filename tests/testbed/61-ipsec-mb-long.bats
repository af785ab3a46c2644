#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# CONFIG_FBCRYPT_IPSEC_MB: the pixels by another library.  Natively it runs with
# all others (tests/mk/crypto.mk).
bats_require_minimum_version 1.5.0
load common

setup() { cd "$BATS_FILE_TMPDIR" || return 1; }

@test "CONFIG_FBCRYPT_IPSEC_MB: Xen builds with it, and without it has none of it" {
    "$top/scripts/build-xen" --ipsec-mb
    nm "$top/build/xen/ipsec-mb/tree/xen/xen-syms" | grep ' T aes_gcm_enc_256_sse$'
    nm "$top/build/xen/patched/tree/xen/xen-syms" >symbols
    grep -q ' T fbc_aead_seal$' symbols
    run ! grep aes_gcm_ symbols
}

@test "it returns as the rest of Xen does, by a thunk" {
    tree=$top/build/xen/ipsec-mb/tree/xen
    grep '^CONFIG_RETURN_THUNK=y' "$tree/.config"
    objdump -dr --no-show-raw-insn \
        "$tree/common/fbcrypt/ipsec-mb/sse_t1/gcm256_api_by8_sse.o" >code
    [ "$(grep -c __x86_return_thunk code)" -ge 3 ]
    run ! grep -w ret code
}

@test "what it seals is exact: PV, and PVH whose vector registers stay its own" {
    boot --cold --xen "$top/build/xen/ipsec-mb/xen"
    dom0 xl dmesg | grep 'fbcrypt: armed, .* AES-256-GCM of intel-ipsec-mb$'
    owner_guest pv --wait none memory=64 --kernel "$top/build/tests/pvguest.elf" \
        extra="scenario=rects seed=2 count=100"
    key_guest pv
    [ "$(status_of pv aead)" = AES-256-GCM ]
    comes_to_crc pv '^PASS rects' 120
    tb destroy pv

    FBC_GUEST=pvh owner_guest u1 --wait agent
    key_guest u1
    pattern_arrives u1
    tb guest-copy u1 "$top/build/tests/keepxmm" /tmp/keepxmm
    run tb guest --timeout 120 u1 'chmod +x /tmp/keepxmm; /tmp/keepxmm'
    echo "$output"
    [ "$output" = kept ]
    xen_is_well
}

@test "on a CPU without AES instructions it is not called" {
    boot --cold --xen "$top/build/xen/ipsec-mb/xen" \
        --cpu "$(cpu_line),-aes,-pclmulqdq"
    rm -f vmm.pub u1.*
    dom0 xl dmesg | grep 'fbcrypt: armed, .* ChaCha20-Poly1305$'
    owner_guest u1 --wait none memory=64 --kernel "$top/build/tests/pvguest.elf" \
        extra="scenario=picture seed=2"
    # The blob is AES-256-GCM here, too.
    key_guest u1
    comes_to_crc u1 '^PASS picture' 60
}

teardown_file() { tb down; }
