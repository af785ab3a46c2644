#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# The OCaml xenstored, Debian's default: it maps the store's page as a foreign
# one, before the guest runs, and gets the shadow as the C one does by a grant.
bats_require_minimum_version 1.5.0
load common

teardown() { tb down; }

@test "oxenstored: a guest starts, its screen is sealed, and it comes again" {
    boot --cold --oxenstored
    dom0 'ps | grep -q "[o]xenstored"'
    for name in u1 u2; do
        owner_guest $name --wait none memory=64 --kernel "$top/build/tests/pvguest.elf" \
            extra="scenario=picture seed=3"
        key_guest $name
        comes_to_crc $name '^PASS picture' 30
        tb destroy $name
    done
}
