#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# With CONFIG_FBCRYPT off the patched tree builds, and is Xen as it was.
bats_require_minimum_version 1.5.0
load common

@test "with CONFIG_FBCRYPT off Xen builds, without a trace of fbcrypt" {
    "$top/scripts/build-xen" --without
    tree=$top/build/xen/without/tree/xen
    run ! grep -q '^CONFIG_FBCRYPT=y' "$tree/.config"
    nm "$tree/xen-syms" >symbols
    [ "$(wc -l <symbols)" -gt 5000 ]
    run ! grep -iE 'fbcrypt|fbc_|br_aes' symbols
}

@test "it boots and runs a guest, whose screen dom0 reads" {
    boot --cold --xen "$top/build/xen/without/xen"
    plain_screen
    run --separate-stderr -4 dom0 fbc-status --vmm-key
    [[ "$stderr" = *"no fbcrypt"* ]]
}
