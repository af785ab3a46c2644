#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# What a stock toolstack must not do to a protected guest fails cleanly: an
# error, no output, and the guest goes on.
bats_require_minimum_version 1.5.0

setup_file() {
    load common
    boot
    owner_guest u1 --wait agent on_reboot=restart
    key_guest u1
}

teardown_file() {
    load common
    tb down
}

setup() {
    load common
    cd "$BATS_FILE_TMPDIR" || return 1
}

alive() {
    tb guest u1 "echo $RANDOM > /dev/tty0"
    [ "$(dom0 xl list u1 | tail -n 1 | awk '{print $5}' | tr -d -)" != p ]
    settled_dump u1 u1.session alive.frames
}

@test "xl save fails, writes no image, and the guest goes on" {
    run dom0 --timeout 60 'xl save -c u1 /tmp/image'
    [ "$status" -ne 0 ]
    # What there is of a file holds no page: libxl's header and little more.
    [ "$(dom0 'stat -c %s /tmp/image 2>/dev/null || echo 0')" -lt 65536 ]
    alive
}

@test "xl dump-core fails and the guest goes on" {
    run dom0 --timeout 60 'xl dump-core u1 /tmp/core'
    [ "$(dom0 'stat -c %s /tmp/core 2>/dev/null || echo 0')" -lt 65536 ]
    alive
}

@test "xl migrate fails and the guest goes on" {
    run dom0 --timeout 60 'xl migrate -s "" u1 "sh -c cat>/tmp/stream" </dev/null'
    [ "$status" -ne 0 ]
    [ "$(dom0 'stat -c %s /tmp/stream 2>/dev/null || echo 0')" -lt 65536 ]
    alive
}

@test "xenctx reads no registers" {
    run dom0 '/usr/lib/xen-4.17/bin/xenctx $(xl domid u1) 2>&1'
    [[ "$output" != *rip:* ]]
    [[ "$output" != *rsp:* ]]
    alive
}

@test "xl debug-keys is refused: registers and stacks would be in the log" {
    before=$(dom0 'xl dmesg | wc -c')
    run dom0 xl debug-keys d
    [ "$status" -ne 0 ]
    [ "$(dom0 'xl dmesg | wc -c')" = "$before" ]
    alive
}

@test "a guest that reboots is protected again, and needs a new key" {
    before=$(dom0 xl domid u1)
    tb guest --timeout 5 u1 'reboot -f' || true
    dom0 --timeout 60 "i=0; while [ \$i -lt 100 ]; do
        n=\$(xl domid u1 2>/dev/null) && [ \"\$n\" != $before ] && exit 0
        i=\$((i+1)); sleep 0.5; done; exit 1"
    run -1 dom0 fbc-setkey u1 <u1.blob
    dom0 --timeout 60 'i=0; while [ $i -lt 100 ]; do
        fbc-status u1 | grep -q "state *black" && exit 0
        i=$((i+1)); sleep 0.5; done; exit 1'
    key_guest u1
    settled_dump u1 u1.session again.frames
}

@test "a guest that powers off is gone" {
    tb guest --timeout 5 u1 'poweroff -f' || true
    dom0 --timeout 60 'i=0; while [ $i -lt 100 ]; do
        xl domid u1 >/dev/null 2>&1 || exit 0
        i=$((i+1)); sleep 0.5; done; exit 1'
}
