#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# A guest whose every update rectangle is known (pvguest/pvguest.h).
bats_require_minimum_version 1.5.0
load common

setup_file() {
    boot
}

setup() {
    cd "$BATS_FILE_TMPDIR" || return 1
    guest="--kernel $top/build/tests/pvguest.elf --wait none memory=64"
}

# Creates a pvguest, keyed as soon as it may be.
pvguest() { # NAME SCENARIO [KEY=VALUE]...
    # shellcheck disable=SC2086
    owner_guest "$1" $guest extra="scenario=$2" "${@:3}"
    key_guest "$1"
}

last_crc() { # NAME: of the newest "crc=" on its console
    console_line "$1" 'crc=' 5 | sed -n 's/.*crc=\([0-9a-f]*\).*/\1/p'
}

@test "1,000 random rectangles: every tile verifies, the picture is exact, no counter twice" {
    pvguest rects 'rects seed=7 count=1000 delay=5'
    console_line rects '^start' 60
    # Look while it draws; the last frame decides.
    dom0 --timeout 300 fbc-dumpvfb -r -n 60 -i 40 rects >rects.drawn
    console_line rects 'VERDICT: SUCCESS rects' 240
    comes_to_crc rects
    dom0 fbc-dumpvfb -r -n 3 -i 200 rects >rects.end
    (cat rects.drawn; tail -c +17 rects.end) >all.frames
    "$bin/fbc-decrypt-frames" -k rects.session --check-counters --json <all.frames >rects.json
    cat rects.json
    [ "$(jq -r .counters_reused rects.json)" = 0 ]
    [ "$(jq -r .counters_seen rects.json)" -gt 494 ]
    [ "$(jq -r '.last | "\(.bad) \(.pending)"' rects.json)" = "0 0" ]
    [ "$(last_crc rects)" = "$(python3 "$BATS_TEST_DIRNAME/pvguest/picture.py" rects 7 1000 | cut -d' ' -f1)" ]
    [ "$(status_of rects bad_events)" = 0 ]
    [ "$(status_of rects max_step_bytes)" -le 65536 ]
    tb destroy rects
}

@test "what changes faster than it can be sealed is sealed once, and the end is exact" {
    pvguest again 'again seed=5 count=1000'
    console_line again '^start' 60
    settled_dump again again.session again.frames
    before=$(status_of again tiles_sealed)
    # Once its ring is full, the guest waits until it is told: not by dom0.
    dom0 'd=/local/domain/$(xl domid again)
        kill -STOP $(xenstore-read $d/image/device-model-pid)
        xenstore-write $d/data/step 1'
    console_line again 'VERDICT: SUCCESS again untold=0 ' 240
    dom0 'kill -CONT $(xenstore-read /local/domain/$(xl domid again)/image/device-model-pid)'
    comes_to_crc again
    screens=$((($(status_of again tiles_sealed) - before) / $(status_of again tiles)))
    echo "$(status_of again events) times all of the screen: sealed $screens times"
    [ "$(status_of again events)" -gt 1000 ]
    [ "$screens" -ge 1 ]
    [ "$screens" -le 200 ]
    tb destroy again
}

@test "a vCPU that draws all the time does not hold up the one that tells of it" {
    pvguest flood 'flood seed=7 count=200' vcpus=2
    console_line flood '^start' 60
    dom0 'xenstore-write "/local/domain/$(xl domid flood)/data/step" 1'
    console_line flood 'VERDICT: SUCCESS flood' 240
    comes_to_crc flood
    [ "$(status_of flood events)" -gt 100 ]
    tb destroy flood
}

@test "an odd size with a stride wider than the screen" {
    pvguest odd 'picture seed=3 w=1000 h=701 stride=4096 mem=4'
    console_line odd 'VERDICT: SUCCESS' 60
    [ "$(status_of odd shadow_width)" = 1008 ]
    comes_to_crc odd
    tb destroy odd
}

@test "1920x1080" {
    pvguest hd 'picture seed=4 w=1920 h=1080 mem=8'
    console_line hd 'VERDICT: SUCCESS' 60
    comes_to_crc hd
    tb destroy hd
}

@test "resize: each size exact at the tenant, under an epoch of its own" {
    pvguest size 'resize hold=600000'
    seen=
    for n in 0 1 2 3 4 5; do
        console_line size "^step $n " 60
        tb screenshot size step.png || true
        comes_to_crc size "^step $n "
        epoch=$(status_of size epoch)
        [[ " $seen " != *" $epoch "* ]]
        seen="$seen $epoch"
        dom0 "xenstore-write /local/domain/$(dom0 xl domid size)/data/step $((n + 1))"
    done
    console_line size 'VERDICT: SUCCESS' 60
    tb destroy size
}

# bats test_tags=either
@test "every way of writing a XenStore request is understood" {
    for xs in linux all chunks bytes; do
        pvguest "xs$xs" "picture seed=9 xs=$xs"
        console_line "xs$xs" 'VERDICT: SUCCESS' 60
        comes_to_crc "xs$xs"
        tb destroy "xs$xs"
    done
}

# bats test_tags=either
@test "firmware that was here before leaves the store's page as it was at first" {
    for requests in 1 20 100; do
        pvguest "fw$requests" "picture seed=7 firmware=$requests"
        console_line "fw$requests" 'VERDICT: SUCCESS' 60
        comes_to_crc "fw$requests"
        tb destroy "fw$requests"
    done
}

# bats test_tags=either
@test "unusual but correct frontends are served" {
    for style in absolute aborted no-tx reversed rewritten; do
        pvguest "odd$style" "picture seed=5 style=odd-$style"
        console_line "odd$style" 'VERDICT: SUCCESS' 60
        comes_to_crc "odd$style"
        tb destroy "odd$style"
    done
}
