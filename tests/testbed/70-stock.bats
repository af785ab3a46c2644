#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# The control: on stock Xen the same tools and guests give everything away.
bats_require_minimum_version 1.5.0

setup_file() {
    load common
    boot --stock --qemu-args "$spare_device"
}

teardown_file() {
    load common
    tb down
}

setup() {
    load common
    cd "$BATS_FILE_TMPDIR" || return 1
}

@test "the eavesdropper reads the plain framebuffer" {
    plain_screen
    tb destroy u1
}

@test "operations on the host are carried out, and low memory is dom0's" {
    tb copy "$top/build/tests/rawhost" /usr/local/bin/
    dom0 rawhost >host
    cat host
    grep -x 'page-offline done' host
    grep -x 'debug-keys done' host
    grep -x 'low-memory 256' host
    run ! grep EPERM host
}

@test "the tools say that this hypervisor has no fbcrypt" {
    run --separate-stderr -4 dom0 fbc-status --vmm-key
    [[ "$stderr" = *"no fbcrypt"* ]]
    head -c 208 /dev/zero >zero
    run --separate-stderr dom0 fbc-setkey 0 <zero
    [ "$status" -ne 0 ]
}

@test "dom0 moves power management, and has an MSI-X table in RAM" {
    tb copy "$top/build/tests/rawchipset" /usr/local/bin/
    dom0 --timeout 30 rawchipset 00:1f.0 "$spare" | tee done
    diff done - <<'DONE'
config-file moved
config-port moved
pm1-control given
config-address given
msix-table in-ram
msix-bar taken
DONE
}

@test "dom0 puts the machine to sleep, past Xen" {
    tb copy "$top/build/tests/rawsleep" /usr/local/bin/
    dom0 --timeout 5 rawsleep "$(pm1a_cnt)" || true
    tb hmp "info status" | grep suspended
}
