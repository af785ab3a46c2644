#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# Doors to a guest's memory past a mapping of dom0's own: another domain, page
# tables of a third party, hardware that Xen believes, a page that the guest has
# freed.  70-stock.bats shows that each stands open without fbcrypt.
bats_require_minimum_version 1.5.0
load common

setup_file() {
    boot
    cd "$BATS_FILE_TMPDIR" || return 1
    picture_runs runs
    tb copy "$top"/build/tests/raw* "$BATS_TEST_DIRNAME/try-methods" \
        /usr/local/bin/
    tb copy runs /dev/shm/runs
    owner_guest u1 --wait none memory=64 --kernel "$top/build/tests/pvguest.elf" \
        extra="scenario=picture seed=9"
    key_guest u1
}

alive() {
    settled_dump u1 u1.session alive.frames
    xen_is_well
}

@test "no frame of a guest's goes to another domain, by whichever table" {
    dom0 try-methods u1 /dev/shm/runs helper-domain third-party-table >tries
    cat tries
    [ "$(grep -c ': EPERM$' tries)" = 2 ]
    alive
}

@test "dom0 hands on no memory as a device's" {
    given=$(dom0 --timeout 120 rawhost iomem)
    echo "$given"
    # What the firmware keeps to itself is at most a MiB or two.
    [ "${given%% *}" -le 512 ]
    alive
}

@test "nor does it put a guest's frames aside before the launch" {
    third_party t >became
    cat became
    # Refused, or found out.
    [ "$(tail -n 1 became)" != unpaused ] || [ "$(head -n 1 became)" = EPERM ]
    tb destroy t
    alive
}

@test "Xen writes no MSI-X table into memory" {
    became=$(dom0 --timeout 20 rawmsix "0000:$spare")
    echo "$became"
    [[ $became = "-1 "*", 0 bytes written" ]]
    alive
}

@test "the page of a keyboard that is gone does not show what comes after it" {
    run recycled k seen
    echo "$output"
    run ! grep -q LANTERN seen
    [ ! -s seen ]
    # Nor does QEMU, which has it mapped writable, harm what the guest puts
    # there.
    dom0 "xenstore-rm /local/domain/$(dom0 xl domid k)/device/vkbd/0"
    console_line k '^PASS recycled' 60
    tb destroy k
    alive
}

@test "an HVM guest is given no state that reaches out of it" {
    dom0 rawroute | tee state
    printf '%s\n' 'route stays' 'pic stays' | diff - state
    alive
}

@test "a domain that dom0 makes has nothing that Xen's developers do not call secure" {
    dom0 rawhelper event | tee tries
    printf '%s\n' 'nested EPERM' 'event done' 'introspect EPERM' 'nobody EPERM' \
        'debug EPERM' 'step EPERM' 'pool EPERM' 'zombie ESRCH' | diff - tries
    alive
}

@test "no helper stays behind" {
    no_zombie
}
