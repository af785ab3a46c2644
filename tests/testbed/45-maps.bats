#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# Foreign mappings of a protected guest: everything for the builder, nothing
# but shadows from the first unpause on.
bats_require_minimum_version 1.5.0

setup_file() {
    load common
    boot
    tb copy "$top/build/tests/rawop" /usr/local/bin/
}

teardown_file() {
    load common
    tb down
}

setup() {
    load common
    cd "$BATS_FILE_TMPDIR" || return 1
    frames=$((0x80000))         # 2 GiB: all of the testbed's machine
}

paused() { # NAME: created, not unpaused
    "$bin/fbc-keygen" -q -o "$1.owner" >/dev/null
    tb create "$1" --wait paused memory=64 --kernel "$top/build/tests/pvguest.elf" \
        extra="scenario=picture" uuid="$("$bin/fbc-keygen" -u "$1.owner")"
}

@test "before the first unpause the builder maps all; afterwards dom0 maps shadows only" {
    paused g
    id=$(dom0 xl domid g)
    before=$(dom0 --timeout 120 rawop probe "$id" $frames)
    echo "before: $before"
    [ "${before%% *}" -ge 16000 ]
    dom0 xl unpause g
    console_line g '^VERDICT: SUCCESS' 60
    after=$(dom0 --timeout 120 rawop probe "$id" $frames)
    pages=$(status_of g pages)
    echo "after: $after; the hypervisor holds $pages pages"
    # The shadows, and the real xenfb and store frames, which are redirected.
    [ "${after%% *}" -le $((pages + 2)) ]
    [ "${after%% *}" -ge "$pages" ]
    [ "$(status_of g maps_denied)" -gt 10000 ]
    key_guest g
    settled_dump g g.session g.frames
}

@test "a mapping that dom0 kept from before refuses the unpause" {
    paused h
    id=$(dom0 xl domid h)
    dom0 "rawop hold $id $frames 20 >/tmp/held & sleep 3; cat /tmp/held" | grep holding
    run dom0 xl unpause h
    [ "$(dom0 xl list h | tail -n 1 | awk '{print $5}')" = --p--- ]
    dom0 xl dmesg | grep 'dom0 still maps'
    dom0 'sleep 18'
    dom0 xl unpause h
    console_line h '^VERDICT: SUCCESS' 60
    tb destroy h
}

@test "the checks at the first unpause take less than 100 ms" {
    ns=$(status_of g unpause_ns)
    echo "$ns ns for a dom0 of 512 MiB"
    [ "$ns" -gt 0 ]
    [ "$ns" -lt 100000000 ]
}
