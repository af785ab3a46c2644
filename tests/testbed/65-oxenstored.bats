#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# The OCaml xenstored either works or is refused with a reason.
bats_require_minimum_version 1.5.0

setup() {
    load common
    cd "$BATS_FILE_TMPDIR" || return 1
}

teardown() {
    load common
    tb down
}

@test "oxenstored: served sealed, or the first unpause refused with a reason" {
    boot --oxenstored
    dom0 'ps | grep -q "[o]xenstored"'
    owner_guest u1 --wait none memory=64 --kernel "$top/build/tests/pvguest.elf" \
        extra="scenario=picture seed=3" || true
    if [ "$(status_of u1 state)" = building ]; then
        # It maps the store page as a foreign one, so it never sees the shadow.
        dom0 xl dmesg | grep -E 'fbcrypt: d[0-9]+: dom0 still maps'
    else
        key_guest u1
        settled_dump u1 u1.session u1.frames
    fi
}
