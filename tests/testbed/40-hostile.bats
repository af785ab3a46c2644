#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# Guests that lie on every shared page.  The hypervisor stays up, another
# guest's screen goes on verifying, and dom0 gets nothing that is not sealed.
bats_require_minimum_version 1.5.0
load common

setup_file() {
    boot
    owner_guest good --wait screen
    key_guest good
}

unharmed() {
    settled_dump good good.session good.frames
    [ "$(dom0 fbc-status --json good | jq -r .state)" = sealed ]
    xen_is_well
}

# The guest was alive to the end, and saw nothing done that it had not asked for.
succeeds() { # NAME SECONDS
    local line
    line=$(console_line "$1" '^VERDICT' "$2") || {
        dom0 "xl list $1"
        return 1
    }
    echo "$line"
    [[ $line = "VERDICT: SUCCESS "* ]]
}

hostile() { # NAME EXTRA SECONDS [xl options]
    local name=$1 extra=$2 seconds=$3
    shift 3
    owner_guest "$name" --wait none memory=64 --kernel "$top/build/tests/pvguest.elf" \
        extra="scenario=$extra" on_crash=preserve "$@"
    succeeds "$name" "$seconds"
}

@test "hostile rings: negative, overflowing, unknown, out of step" {
    hostile ring 'hostile-ring delay=5' 120
    wrap ring ring.session >ring.blob
    dom0 fbc-setkey ring <ring.blob
    [ "$(status_of ring bad_events)" -gt 50 ]
    comes_to_crc ring 'PASS hostile-ring'
    tb destroy ring
    unharmed
}

@test "the same while keyed" {
    owner_guest kring --wait none memory=64 --kernel "$top/build/tests/pvguest.elf" \
        extra="scenario=hostile-ring delay=5"
    key_guest kring
    succeeds kring 120
    settled_dump kring kring.session kring.frames
    tb destroy kring
    unharmed
}

@test "hostile info pages and directories, one lie after the other" {
    hostile info 'hostile-info case=all wait=400 linger=50' 300
    tb destroy info
    unharmed
}

@test "the same for the keyboard's page" {
    hostile kbd 'hostile-info case=all dev=vkbd wait=400 linger=50' 300
    tb destroy kbd
    unharmed
}

@test "garbage on the XenStore ring" {
    hostile xs 'xs-fuzz seed=3 count=1000' 120
    tb destroy xs
    hostile xsno 'xs-fuzz seed=99 count=2000 connect=0' 120
    tb destroy xsno
    unharmed
}

@test "none of them left a page behind" {
    domains_left 2
}
