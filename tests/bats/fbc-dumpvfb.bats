#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# What can be shown without Xen; the rest is in tests/testbed.
# shellcheck disable=SC2154 # helper.bash and bats set these
load helper

@test "fbc-dumpvfb: help, version, unknown options, full disk" {
    common_options fbc-dumpvfb
}

@test "fbc-dumpvfb lists its methods" {
    expect 0 fbc-dumpvfb --list-methods
    [ "$(cut -f1 <<< "$output")" = foreign ]
    expect 0 fbc-dumpvfb -l
    expect 2 fbc-dumpvfb --method telepathy 1
    says "telepathy: no such method"
}

@test "fbc-dumpvfb: numbers out of range" {
    for n in -1 x 1x '' ' 1' 99999999999 18446744073709551617; do
        expect 2 fbc-dumpvfb -n "$n" 1
        expect 2 fbc-dumpvfb -i "$n" 1
    done
    expect 2 fbc-dumpvfb -n
    expect 2 fbc-dumpvfb
}

@test "fbc-dumpvfb without Xen says so and writes nothing" {
    for domain in 1 web; do
        expect 4 fbc-dumpvfb $domain
        [ -z "$output" ]
        [[ $stderr == *"hint: run this in dom0, as root"* ]]
        [ "$(grep -c error: <<< "$stderr")" -eq 1 ]
        expect 4 fbc-dumpvfb -o frames $domain
    done
    only
}

@test "fbc-dumpvfb: a terminal is not fed frames" {
    run on_terminal "fbc-dumpvfb 1"
    [ "$status" -eq 2 ]
    [[ $output == *"is a terminal"* ]]
}
