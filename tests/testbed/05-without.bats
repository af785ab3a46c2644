#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# With CONFIG_FBCRYPT off the patched tree builds, and is Xen as it was.
bats_require_minimum_version 1.5.0

setup() {
    load common
    cd "$BATS_FILE_TMPDIR" || return 1
}

teardown_file() {
    load common
    tb down
}

@test "with CONFIG_FBCRYPT off Xen builds, without a trace of fbcrypt" {
    "$top/scripts/build-xen" --without
    tree=$top/build/xen/without/tree/xen
    run ! grep -q '^CONFIG_FBCRYPT=y' "$tree/.config"
    nm "$tree/xen-syms" >symbols
    [ "$(wc -l <symbols)" -gt 5000 ]
    run ! grep -iE 'fbcrypt|fbc_|br_aes' symbols
}

@test "it boots and runs a guest, whose screen dom0 reads" {
    boot --xen "$top/build/xen/without/xen"
    tb create u1 --wait none memory=64 --kernel "$top/build/tests/pvguest.elf" \
        extra="scenario=picture seed=6"
    line=$(console_line u1 '^PASS picture' 60)
    dom0 fbc-dumpvfb -n 1 u1 >u1.frames
    "$bin/fbc-decrypt-frames" -q --without-key --ppm <u1.frames >u1.ppm
    [ "$(crc u1.ppm)" = "$(sed -n 's/.*crc=\([0-9a-f]*\).*/\1/p' <<<"$line")" ]
    run --separate-stderr -4 dom0 fbc-status --vmm-key
    [[ "$stderr" = *"no fbcrypt"* ]]
}
