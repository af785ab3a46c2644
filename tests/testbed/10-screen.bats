#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# A stock Linux guest's screen: black, then sealed, then exact at the tenant.
bats_require_minimum_version 1.5.0
load common

setup_file() {
    boot
}

@test "before a key is set dom0 sees black, from the very first frame" {
    "$bin/fbc-keygen" -q -o u1.owner >/dev/null
    # Dump as soon as there is anything to map, while the guest boots and
    # draws; no-one has keyed it.
    dom0 --timeout 120 'i=0
        while [ $i -lt 2000 ]; do
            fbc-dumpvfb -q -n 60 -i 100 u1 2>/dev/null && exit 0
            i=$((i+1)); sleep 0.1
        done; exit 1' >black.frames &
    dump=$!
    tb create u1 --wait agent uuid="$("$bin/fbc-keygen" -u u1.owner)"
    tb guest u1 'echo NOBODY MAY READ THIS > /dev/tty0'
    wait $dump
    [ "$(status_of u1 state)" = black ]
    mkdir -p black
    "$bin/fbc-decrypt-frames" -q --without-key --png black <black.frames
    [ "$(find black -name '*.png' | wc -l)" -ge 60 ]
    # All below the header row is black in each of them, and there is a header.
    python3 - black.frames <<'PY'
import struct, sys, zlib
data = open(sys.argv[1], "rb").read()
at, frames = 16, 0
while at < len(data):
    head = data[at:at + 64]
    width, height, stride = struct.unpack_from("<III", head, 8)
    size = struct.unpack_from("<I", head, 40)[0]
    body = data[at + 64:at + 64 + size]
    pixels = zlib.decompress(body) if head[6] == 1 else body
    assert not any(pixels[stride:]), "frame %d is not black" % frames
    assert pixels[:3] == b"FBS", "frame %d has no header" % frames
    at += 64 + size
    frames += 1
assert frames >= 60
PY
}

@test "the tenant's key is accepted through xl and the screen verifies" {
    wrap u1 u1.session >u1.blob
    dom0 xl fbcrypt-setkey u1 <u1.blob
    [ "$(status_of u1 state)" = sealed ]
    settled_dump u1 u1.session keyed.frames
}

@test "a picture written to /dev/fb0 arrives exactly, all 24 colour bits" {
    python3 "$BATS_TEST_DIRNAME/pattern.py" raw 800 600 >fb.raw
    python3 "$BATS_TEST_DIRNAME/pattern.py" ppm 800 600 >want.ppm
    tb guest-copy u1 fb.raw /tmp/fb.raw
    tb guest u1 'cat /tmp/fb.raw > /dev/fb0'
    comes_to_show u1 u1.session want.ppm picture.frames got.ppm
}

@test "the same through QEMU's VNC server and a stock client" {
    for _ in $(seq 60); do
        tb screenshot u1 vnc.png
        convert vnc.png -depth 8 vnc.ppm
        "$bin/fbc-decrypt-frames" -q -k u1.session --image --json <vnc.ppm \
            >vnc.json || true
        [ "$(jq -r .live vnc.json)" != true ] || break
        sleep 1
    done
    [ "$(jq -r '.last | "\(.tiles) \(.bad) \(.pending)"' vnc.json)" = "494 0 0" ]
    [ "$(jq -r .live vnc.json)" = true ]
    "$bin/fbc-decrypt-frames" -q -k u1.session --image --ppm <vnc.ppm >got.ppm
    cmp <(ppm_pixels want.ppm) <(ppm_pixels got.ppm)
}

@test "text on fbcon is readable at the tenant, and not in what dom0 sees" {
    tb guest u1 'printf "\033[2J\033[H" > /dev/tty0
        for i in 1 2 3 4 5 6; do
            echo "The launch code is ORANGE HARBOUR SEVEN" > /dev/tty0; done'
    comes_to u1 u1.session text.frames \
        has_words text.frames u1.session tenant orange harbour
    mkdir -p dom0
    "$bin/fbc-decrypt-frames" -q --without-key --png dom0 <text.frames
    "$top/scripts/ocr" dom0/frame-000001.png >dom0.txt
    cat dom0.txt
    # On the screen are 30 of them; noise is read as 2,000 letters, of which few
    # may make one by chance.
    words='launch|code|orange|harbour|seven'
    [ "$(grep -oiE "$words" tenant.txt | wc -l)" -ge 20 ]
    [ "$(grep -oiE "$words" dom0.txt | wc -l)" -le 2 ]
}

@test "half of it can be shown decrypted, as in the paper's figure 6" {
    mkdir -p half
    "$bin/fbc-decrypt-frames" -q -k u1.session --half --png half <text.frames
    [ -s half/frame-000001.png ]
}

@test "a second key starts a new epoch; the old one opens nothing new" {
    before=$(status_of u1 epoch)
    cp u1.session old.session
    key_guest u1
    [ "$(status_of u1 epoch)" -gt "$before" ]
    settled_dump u1 u1.session new.frames
    run -1 "$bin/fbc-decrypt-frames" -q -k old.session <new.frames
    run -1 "$bin/fbc-decrypt-frames" -q -k u1.session <text.frames
}

@test "no step sealed more than 64 KiB of pixels" {
    [ "$(status_of u1 max_step_bytes)" -gt 0 ]
    [ "$(status_of u1 max_step_bytes)" -le 65536 ]
}

@test "memory held for the domain: the shadow plus at most 2 %" {
    dom0 fbc-status --json u1 >status.json
    jq '{shadow_pages, pages, heap_bytes}' status.json
    # Without what sealed input keeps of its connections, less than a KiB.
    [ "$(jq '(.pages * 4096 + .heap_bytes - 1024) * 100 <= .shadow_pages * 4096 * 102' \
        status.json)" = true ]
    # The shadow itself: the picture's memory and its metadata rows.
    [ "$(jq '.shadow_pages * 4096 >= .shadow_width * .shadow_height * 4' status.json)" = true ]
}
