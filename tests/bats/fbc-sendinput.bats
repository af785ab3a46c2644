#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# What can be shown without Xen; the rest is in tests/testbed.
# shellcheck disable=SC2154 # helper.bash and bats set these
load helper

@test "fbc-sendinput: help, version, unknown options, full disk" {
    common_options fbc-sendinput
}

@test "fbc-sendinput needs one domain" {
    expect 2 fbc-sendinput < /dev/null
    says "one domain id or name is needed"
    expect 2 fbc-sendinput a b < /dev/null
}

@test "fbc-sendinput without Xen says so" {
    for domain in 1 web; do
        expect 4 fbc-sendinput $domain < /dev/null
        [[ $stderr == *"hint: run this in dom0, as root"* ]]
        [ "$(grep -c error: <<< "$stderr")" -eq 1 ]
    done
}

@test "fbc-sendinput: domain ids and names that cannot be" {
    expect 3 fbc-sendinput 32752 < /dev/null
    says "no domain id is that high"
    expect 2 fbc-sendinput '' < /dev/null
}

@test "fbc-sendinput: a terminal is not read" {
    run script -qec "fbc-sendinput 1" /dev/null
    [ "$status" -eq 2 ]
    [[ $output == *"stdin: is a terminal"* ]]
}
