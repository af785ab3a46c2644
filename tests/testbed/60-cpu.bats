#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# CPUs that lack what we would like to use.
bats_require_minimum_version 1.5.0
load common

setup() {
    cd "$BATS_FILE_TMPDIR" || return 1
    cpu=$(cpu_line)
}

teardown() { tb down; }

@test "no AES instructions: ChaCha20-Poly1305, exact all the same" {
    boot --cold --cpu "$cpu,-aes,-pclmulqdq"
    rm -f vmm.pub u1.*
    owner_guest u1 --wait none memory=64 --kernel "$top/build/tests/pvguest.elf" \
        extra="scenario=rects seed=2 count=100"
    key_guest u1
    [ "$(status_of u1 aead)" = ChaCha20-Poly1305 ]
    comes_to_crc u1 '^PASS rects' 120
}

@test "no RDRAND: the hypervisor does not arm, and the screen stays black" {
    boot --cold --cpu "$cpu,-rdrand"
    rm -f vmm.pub u1.*
    run --separate-stderr dom0 fbc-status --vmm-key
    [ "$status" -ne 0 ]
    [[ "$stderr" = *"has no key"* ]]
    dom0 xl dmesg | grep "not armed: CPU has no working RDSEED or RDRAND"
    owner_guest u1 --wait none memory=64 --kernel "$top/build/tests/pvguest.elf" \
        extra="scenario=picture seed=2"
    console_line u1 '^VERDICT: SUCCESS' 60
    [ "$(status_of u1 state)" = black ]
    dom0 fbc-dumpvfb -n 1 u1 >u1.frames
    "$bin/fbc-decrypt-frames" -q --without-key --ppm <u1.frames >u1.ppm
    # One row of header, then nothing.
    [ -z "$(ppm_pixels u1.ppm | tail -c +2401 | tr -d '\0' | head -c 1)" ]
}
