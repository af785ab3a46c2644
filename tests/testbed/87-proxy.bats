#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# The tenant's viewers, through fbc-vncproxy, on a guest's screen that real QEMU
# relays.  Leaves pictures in build/viewers, or build/viewers-pvh.
bats_require_minimum_version 1.5.0
load common

pictures=$top/build/viewers${FBC_GUEST:+-$FBC_GUEST}

setup_file() {
    boot
    owner_guest u1 --wait agent
    key_guest u1
    # A shell on the guest's screen, which echoes what is typed.
    tb guest u1 'setsid sh -c "exec setsid -c sh -i" </dev/tty1 >/dev/tty1 2>&1 &'
    mkdir -p "$pictures"
    rm -f "$pictures"/*
    cd "$BATS_FILE_TMPDIR" || return 1
    start_proxy --web "$("$top/scripts/novnc")"
}

teardown_file() {
    cd "$BATS_FILE_TMPDIR" || return 1
    stop_proxy
    tb down
}

setup() {
    cd "$BATS_FILE_TMPDIR" || return 1
    url=$(head -n 1 proxy.out | jq -r .url)
    port=$(head -n 1 proxy.out | jq -r .listen)
    port=${port##*:}
    export DISPLAY=:$(cat display)
}

same() { # PPM PNG
    [ "$(ppm_pixels "$1" | sha256sum)" = \
      "$(convert "$2" -depth 8 rgb:- | sha256sum)" ]
}

@test "TigerVNC: what is typed in it appears in it, to the pixel" {
    start_viewer "$port"
    # Before, keys go nowhere.
    until_report .live
    xdotool type --delay 60 'echo Typed-4711-by-TigerVNC'
    xdotool key Return
    ok=
    for _ in $(seq 100); do
        sleep 1
        timeout 60 import -window "$window" tiger.png
        truth t.ppm
        # Once as typed, once as printed.
        same t.ppm tiger.png &&
            [ "$("$top/scripts/ocr" tiger.png | grep -c '4711-by-Tiger')" -ge 2 ] &&
            ok=1 && break
    done
    cp tiger.png "$pictures/tigervnc.png"
    stop_viewer
    [ -n "$ok" ]
}

@test "gtk-vnc shows the same" {
    for _ in $(seq 10); do
        truth t.ppm
        timeout 60 gvnccapture -q "127.0.0.1:$((port - 5900))" gtk.png &&
            same t.ppm gtk.png && break
        sleep 1
    done
    cp gtk.png "$pictures/gtk-vnc.png"
    same t.ppm gtk.png
}

@test "noVNC in Chromium shows the same" {
    shown=
    for _ in 1 2 3; do
        truth t.ppm
        python3 "$top/tests/browser/browser.py" -t 120 \
            -s "$pictures/novnc.png" t.ppm "$url" && shown=1 && break
    done
    [ -n "$shown" ]
}

# Watches while the guest draws: the last picture is exact.  How long after the
# end it came is said, and depends on the machine.
settle() { # SHELL-TEXT
    local watcher end last
    rm -rf seen
    mkdir seen
    "$top/build/tests/vncwatch" -s 900 -d seen 127.0.0.1 "$port" >watch.log 2>&1 3>&- &
    watcher=$!
    for _ in $(seq 300); do
        grep -q live watch.log && break
        sleep 0.2
    done
    tb guest u1 "$1"
    end=$(date +%s.%N)
    for i in $(seq 0 239); do
        # The kernel may have said something meanwhile.
        [ $((i % 40)) != 0 ] || truth t.ppm
        # shellcheck disable=SC2012
        last=$(ls seen | sort -n | tail -n 1)
        cmp -s <(ppm_pixels "seen/$last") <(ppm_pixels t.ppm) && break
        sleep 0.5
    done
    kill $watcher
    cmp <(ppm_pixels "seen/$last") <(ppm_pixels t.ppm)
    # shellcheck disable=SC2012
    echo "$(ls seen | wc -l) pictures; the last $(echo "${last%%-*} - $end" | bc) s after the end"
}

# Leaves what the proxy counted in build/check/pending.txt.
@test "scrolling: the last picture is exact" {
    settle 'ls -lR /proc/self /sys/class /bin > /dev/tty1 2>/dev/null'
    report '{tiles, updates, state}' >>"$top/build/check/pending.txt"
}

@test "a full-screen animation: the last picture is exact" {
    # Noise, but of a kind that is soon fetched by truth().
    settle 'cd /tmp; for i in 1 2 3 4 5 6 7 8 9 10; do
        head -c 20000 /dev/urandom >p; cat p p p p >q; cat q q q q >r
        cat r r r r r r >f
        dd if=f of=/dev/fb0 bs=1920000 count=1 2>/dev/null; done'
    report '{tiles, updates, state}' >>"$top/build/check/pending.txt"
}

@test "QEMU sends a tile and its record as one rectangle of 64x17" {
    python3 "$BATS_TEST_DIRNAME/vncfacts.py" "$(tb vnc u1)" rects 600 \
        >rects 3>&- &
    watcher=$!
    for _ in $(seq 300); do
        grep -q ready rects && break
        sleep 0.2
    done
    # One character, in one tile: row 5, column 20 of the text is band 5, x 160.
    sleep 2
    for i in $(seq 60); do
        tb guest u1 "printf '\033[6;21H$((i % 10))' > /dev/tty1"
        sleep 1
        grep -qE '^update.* 128,86,64x17( |$)' rects && break
    done
    kill $watcher || true
    cat rects
    grep -E '^update.* 128,86,64x17( |$)' rects
}

@test "at level 0 Tight comes unpacked, and never as JPEG" {
    python3 "$BATS_TEST_DIRNAME/vncfacts.py" "$(tb vnc u1)" tight >tight
    cat tight
    read -r _ control _ filter _ length _ of <tight
    [ "$control" = basic ]
    [ "$filter" = 0 ]
    [ "$length" -ge "$of" ]
}
