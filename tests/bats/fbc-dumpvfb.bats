#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# What can be shown without Xen; the rest is in tests/testbed.
# shellcheck disable=SC2154 # helper.bash and bats set these
load helper

@test "fbc-dumpvfb: help, version, unknown options, full disk" {
    common_options fbc-dumpvfb
}

@test "fbc-dumpvfb lists its methods, at least ten" {
    expect 0 fbc-dumpvfb --list-methods
    [ "$(wc -l <<< "$output")" -ge 10 ]
    [ "$(cut -f1 <<< "$output" | sort -u | wc -l)" = \
        "$(wc -l <<< "$output")" ]
    [ -z "$(grep -vE $'^[a-z-]+\t[^\t]+$' <<< "$output")" ]
    for m in foreign helper-domain third-party-table recycled-keyboard; do
        grep -q "^$m"$'\t' <<< "$output"
    done
    expect 0 fbc-dumpvfb -lv
    for o in 1 -r -mforeign -n1 -i1 -t1 -j -d -ox -s.; do
        expect 2 fbc-dumpvfb -l "$o"
        says "--list-methods: nothing else goes with it"
    done
    expect 2 fbc-dumpvfb --method telepathy 1
    says "telepathy: no such method"
    for m in foreign,telepathy telepathy,pages all,telepathy; do
        expect 2 fbc-dumpvfb --method $m 1
        says "no such method"
    done
    for m in foreign, ,foreign foreign,,pages ''; do
        expect 2 fbc-dumpvfb --method "$m" 1
        says "no such method"
    done
}

@test "fbc-dumpvfb: what is for all methods is not for one, and vice versa" {
    for o in --json --destructive --save=.; do
        expect 2 fbc-dumpvfb "$o" 1
        says "${o%=*}: only with --method=all"
    done
    expect 2 fbc-dumpvfb --method=foreign,pages --destructive 1
    expect 4 fbc-dumpvfb --method=foreign,pages --json --save=. 1
    for o in --json --destructive --save=.; do
        expect 2 fbc-dumpvfb --method=pages "$o" 1
    done
    for m in all foreign,pages; do
        expect 2 fbc-dumpvfb --method=$m -o x 1
        says "--output: not with --method=all"
    done
    for m in all pages foreign,pages; do
        expect 2 fbc-dumpvfb --method=$m -n 2 1
        says "$m: --frames and --interval are for"
        expect 2 fbc-dumpvfb --method=$m -i 2 1
    done
    expect 2 fbc-dumpvfb --time 5 1
    says "foreign: --time is for the method input only"
    expect 2 fbc-dumpvfb --time 0 --method=input 1
    expect 4 fbc-dumpvfb --time 5 --method=input 1
    only
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
        for m in $(fbc-dumpvfb --list-methods | cut -f1) all; do
            expect 4 fbc-dumpvfb --method="$m" $domain
            [ -z "$output" ]
            [[ $stderr == *"hint: run this in dom0, as root"* ]]
        done
        expect 4 fbc-dumpvfb --method=all --save . --json $domain
        [ "$(jq -r '.schema + " " + (.ok | tostring) + " " +
            (.methods | length | tostring) + " " + .error.hint' \
            <<< "$output")" = \
            "fbcrypt/methods/1 false 0 run this in dom0, as root" ]
    done
    only
}

@test "fbc-dumpvfb: a terminal is not fed frames" {
    for m in foreign pages; do
        run on_terminal "fbc-dumpvfb --method=$m 1"
        [ "$status" -eq 2 ]
        [[ $output == *"is a terminal"* ]]
    done
}
