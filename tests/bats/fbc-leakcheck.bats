#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# The streams come from tests/unit/mkleak.c and mkstream.c.
# tests/unit/test_leak.c proves what is found, and what is not, in detail.
# shellcheck disable=SC2154 # helper.bash and bats set these
load helper

summary() { jq -e "$1" <<< "$output"; }

leaks() # NAME...
{
    for n in "$@"; do
        summary ".analyses[] | select(.name == \"$n\") | .leak == \"yes\" and
                 .value >= .limit"
    done
}

@test "fbc-leakcheck: help, version, unknown options, full disk" {
    common_options fbc-leakcheck
}

@test "fbc-leakcheck reads 85 % of the paper's ciphertext after 200 frames" {
    mkfifo pipe
    mkleak -t text -p true.ppm rc5 > pipe &
    expect 1 fbc-leakcheck --json --truth-text <(sleep 60 & wait; cat text) \
        < /dev/null || true
    wait || true
    mkleak -t text -p true.ppm rc5 > frames
    expect 1 fbc-leakcheck --json --truth true.ppm --truth-text text \
        --find SECRET_ACCESS --render seen.png < frames
    leaks returned partial glyphs truth-ink find-read
    summary '.true_glyphs_read >= 0.85 * .true_glyphs
             and .true_blanks_read >= 0.95 * .true_blanks
             and .true_glyphs > 1000 and .frames == 200
             and .leak and .ok == false and .error == null'
}
