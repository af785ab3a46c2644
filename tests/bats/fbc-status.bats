#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# What can be shown without Xen; the rest is in tests/testbed.
# shellcheck disable=SC2154 # helper.bash and bats set these
load helper

@test "fbc-status: help, version, unknown options, full disk" {
    common_options fbc-status
}

@test "fbc-status needs a domain, or --vmm-key without one" {
    expect 2 fbc-status
    expect 2 fbc-status a b
    expect 2 fbc-status --vmm-key a
    says "not with --vmm-key"
}

@test "fbc-status --launch and --launch-log go alone, with a domain" {
    for o in --launch --launch-log -l -L; do
        expect 2 fbc-status $o
        expect 2 fbc-status $o --json a
        expect 2 fbc-status $o --vmm-key
        expect 4 fbc-status $o a
    done
    expect 2 fbc-status --launch --launch-log a
    says "goes alone"
}

@test "fbc-status without Xen says so" {
    for domain in 1 web --vmm-key; do
        expect 4 fbc-status $domain
        [ -z "$output" ]
        [[ $stderr == *"hint: run this in dom0, as root"* ]]
        [ "$(grep -c error: <<< "$stderr")" -eq 1 ]
    done
}

@test "fbc-status --json is one valid object after a failure, too" {
    expect 4 fbc-status --json 7
    jq -e '.schema == "fbcrypt/status/1" and .ok == false and .domain == "7"
           and .state == null and has("bytes_sealed") and has("seal_cycles")
           and has("epoch") and .error.status == 4
           and (.error.why | length) > 0' <<< "$output"
    expect 4 fbc-status --json --vmm-key
    jq -e '.domain == null and .vmm == null' <<< "$output"
}

@test "fbc-status --json quotes any domain name" {
    expect 4 fbc-status --json $'a"b\\c\nd\x80\xc3\xa9'
    jq -e '.domain == "a\"b\\c\nd\ufffd\u00e9"' <<< "$output"
}
