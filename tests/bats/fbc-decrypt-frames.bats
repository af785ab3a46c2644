#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# The streams come from tests/unit/mkstream.c.
# shellcheck disable=SC2154 # helper.bash and bats set these
load helper

# 250 x 100 pixels: 4 columns, the last one narrow, 7 bands, the last one low.
tiles=28

pictures()
{
    picture 250 100 0 > a.ppm
    picture 250 100 1 > b.ppm
    picture 250 100 2 > c.ppm
}

setup_file()
{
    cd "$BATS_FILE_TMPDIR" || return 1
    keys
    pictures
    mkstream session.key a.ppm b.ppm c.ppm > frames
}

# The same files for each test, which may change them.
fixture() { cp "$BATS_FILE_TMPDIR"/{session.key,*.ppm,frames} .; }

decrypt() { fbc-decrypt-frames -k session.key "$@"; }

summary() { jq -e "$1" <<< "$output"; }

same() # PICTURE PPM
{
    [ "$(convert "$1" ppm:- | sha256sum)" = "$(sha256sum < "$2")" ]
}

@test "fbc-decrypt-frames: help, version, unknown options, full disk" {
    common_options fbc-decrypt-frames
}

@test "fbc-decrypt-frames --png gives back every pixel of every frame" {
    fixture
    expect 0 decrypt --png out < frames
    [ -z "$stderr$output" ]
    same out/frame-000001.png a.ppm
    same out/frame-000002.png b.ppm
    same out/frame-000003.png c.ppm
    [ "$(find out | wc -l)" -eq 4 ]
    [ "$(stat -c %a out out/frame-000001.png | tr '\n' ' ')" = "700 600 " ]
}

@test "fbc-decrypt-frames --ppm writes the last frame" {
    fixture
    decrypt --ppm < frames | cmp - c.ppm
    expect 0 decrypt --ppm -o x.ppm < frames
    cmp x.ppm c.ppm
}

@test "fbc-decrypt-frames --last writes one PNG, with the frame's number" {
    fixture
    expect 0 decrypt --last --png out < frames
    [ "$(find out -type f)" = out/frame-000003.png ]
    same out/frame-000003.png c.ppm
}

pictures_of() { # Y4M OF 250x100
    echo $((($(stat -c %s "$1") - $(head -n 1 "$1" | wc -c)) / (6 + 75000)))
}

@test "fbc-decrypt-frames --y4m is a stream of the right colours" {
    fixture
    decrypt --y4m --fps 25 < frames > y4m
    head=$(head -n 1 y4m)
    [ "$head" = "YUV4MPEG2 W250 H100 F25:1 Ip A1:1 C444 XCOLORRANGE=FULL" ]
    # Frames each 100 ms: at places 0, 2.5 and 5 of the film.
    [ "$(stat -c %s y4m)" -eq $((${#head} + 1 + 6 * (6 + 75000))) ]
    python3 - <<'PY'
y4m = open("y4m", "rb").read()
rgb = open("c.ppm", "rb").read()[-75000:]
yuv = y4m[-75000:]
n = 25000
for i in range(n):
    y, u, v = yuv[i], yuv[n + i] - 128, yuv[2 * n + i] - 128
    back = (y + 1.5748 * v, y - 0.1873 * u - 0.4681 * v, y + 1.8556 * u)
    for a, b in zip(back, rgb[3 * i:3 * i + 3]):
        assert abs(a - b) < 2, (i, back, rgb[3 * i:3 * i + 3])
PY
    # At 10 a second one each; at 5 the one in between is too short to be seen;
    # joined streams follow each other.
    for rate in 10:3 5:2 100:21; do
        decrypt --y4m --fps "${rate%:*}" < frames > film
        [ "$(pictures_of film)" -eq "${rate#*:}" ]
    done
    mkstream -e 2 session.key a.ppm b.ppm > later
    cat frames later | decrypt --y4m > film
    [ "$(pictures_of film)" -eq 5 ]
    decrypt --y4m --last < frames > one
    [ "$(grep -ac ^FRAME one)" -ge 1 ]
    [ "$(stat -c %s one)" -eq $((${#head} + 1 + 6 + 75000)) ]
}

# A stream of plain frames of one colour, ten seconds apart: WIDTH HEIGHT N
pauses()
{
    python3 - "$@" <<'PY'
import struct, sys, zlib
w, h, n = map(int, sys.argv[1:])
out = struct.pack("<8sH6x", b"FBCSTRM1", 1)
data = zlib.compress(bytes(w * h * 4), 9)
for i in range(n):
    head = struct.pack("<4sHBBIIIIQQII12x", b"FBCF", 64, 1, 0, w, h, w * 4, 32,
                       i * 10**10, i, len(data), zlib.crc32(data))
    out += head + struct.pack("<I", zlib.crc32(head)) + data
sys.stdout.buffer.write(out)
PY
}

# How many pictures of 64 x 64 a film on standard input has.
count_64() { echo $(($(wc -c) / (6 + 64 * 64 * 3))); }

@test "fbc-decrypt-frames --y4m: a small stream is no long film" {
    film() { fbc-decrypt-frames --without-key --y4m "$@"; }
    pauses 64 64 2 > two
    [ "$(stat -c %s two)" -lt 300 ]
    # Ten seconds, or 600 pictures, and the last one.
    for rate in 10:101 60:601 61:601 1000:601; do
        [ "$(film --fps "${rate%:*}" < two | count_64)" -eq "${rate#*:}" ]
    done
    # A GiB, ten pictures for each frame, and what zlib left.
    pauses 2000 2000 4 > large
    [ "$(film --fps 60 < large | wc -c)" -lt $(((1 << 30) + 50 * 12000000)) ]
}

@test "fbc-decrypt-frames --y4m: interrupted, it repeats nothing more" {
    pauses 64 64 2 > two
    mkfifo pipe
    fbc-decrypt-frames --without-key --y4m --fps 60 < two > pipe 3>&- &
    pid=$!
    exec 8< pipe
    # It has begun, and waits for somebody who reads.
    blocked() { grep -q '^State:.*sleeping' /proc/$pid/status &&
        python3 -c 'import array, fcntl, sys, termios
n = array.array("i", [0])
fcntl.ioctl(8, termios.FIONREAD, n)
sys.exit(n[0] < 40000)'; }
    until_ok blocked
    kill -TERM $pid
    [ "$(count_64 <&8)" -lt 20 ]
    exec 8<&-
    wait $pid
}

@test "fbc-decrypt-frames: ChaCha20-Poly1305, raw frames, joined streams" {
    fixture
    mkstream -a 3 session.key a.ppm b.ppm > chacha
    decrypt --ppm < chacha | cmp - b.ppm
    mkstream -r session.key a.ppm b.ppm > raw
    [ "$(stat -c %s raw)" -gt "$(stat -c %s chacha)" ]
    decrypt --ppm < raw | cmp - b.ppm
    mkstream -e 2 session.key b.ppm > later
    cat frames later > joined
    expect 0 decrypt --json --png out < joined
    summary '.frames == 4 and .epochs == 2 and .epoch == 2 and .live'
    same out/frame-000004.png b.ppm
}

@test "fbc-decrypt-frames --json counts tiles and manifests" {
    fixture
    expect 0 decrypt --json < frames
    summary ".schema == \"fbcrypt/decrypt-frames/1\" and .ok and .frames == 3
             and .unusable == 0 and .width == 250 and .height == 100
             and .tiles.fresh + .tiles.held == 3 * $tiles
             and .tiles.fresh > $tiles and .tiles.held > 0
             and .tiles.bad == 0 and .tiles.pending == 0
             and .last.tiles == $tiles and .manifests.ok == 3 and .live
             and .epoch == 1 and .manifest_counter > .counter
             and .error == null"
    only a.ppm b.ppm c.ppm frames session.key
}

@test "fbc-decrypt-frames -v tells about every frame" {
    fixture
    expect 0 decrypt -v < frames
    [[ $stderr == *"frame 1: $tiles fresh, 0 held, 0 missing, 0 bad; \
manifest ok"* ]]
    [[ $stderr == *"3 frames, 0 unusable; 250 x 100, epoch 1"*"; live"* ]]
}

@test "fbc-decrypt-frames: one flipped bit: the tile held stays, status 1" {
    fixture
    mkstream -t 0 session.key a.ppm b.ppm > flipped
    expect 1 decrypt --json --png out < flipped
    says "last frame: 1 tiles do not verify"
    summary '.ok == false and .last.bad == 1 and .error.status == 1'
    same out/frame-000002.png b.ppm
}

@test "fbc-decrypt-frames: a tile that never verified is black" {
    fixture
    mkstream -t 5 session.key a.ppm > flipped
    expect 1 decrypt --png out < flipped
    cp a.ppm want.ppm
    python3 - <<'PY'
p = bytearray(open("a.ppm", "rb").read())
for y in range(16, 32):
    i = len(p) - 75000 + (y * 250 + 64) * 3
    p[i:i + 64 * 3] = bytes(64 * 3)
open("want.ppm", "wb").write(p)
PY
    same out/frame-000001.png want.ppm
    expect 1 decrypt --json < flipped
    summary '.live == false and .manifests.ok == 1 or .last.bad == 1'
}

@test "fbc-decrypt-frames: a rolled-back tile is refused" {
    fixture
    mkstream -T 27 session.key a.ppm b.ppm c.ppm > rolled
    expect 1 decrypt --json --png out < rolled
    summary '.last.pending == 1 and .last.bad == 0'
    python3 - <<'PY'
c = bytearray(open("c.ppm", "rb").read())
b = open("b.ppm", "rb").read()
for y in range(96, 100):
    i = len(b) - 75000 + (y * 250 + 192) * 3
    c[i:i + 58 * 3] = b[i:i + 58 * 3]
open("want.ppm", "wb").write(c)
PY
    same out/frame-000003.png want.ppm
}

@test "fbc-decrypt-frames: a tile held back is not live" {
    fixture
    mkstream -T 27 session.key a.ppm b.ppm > held
    expect 0 decrypt --json < held
    summary '.live == false and .manifests.bad == 1'
    expect 1 decrypt --live < held
    says "its manifest does not verify"
    expect 0 decrypt --live < frames
    expect 2 decrypt --live --half < frames
}

@test "fbc-decrypt-frames: an old manifest does not make a new screen live" {
    fixture
    mkstream -m session.key a.ppm b.ppm > frozen
    expect 0 decrypt --json < frozen
    summary '.live == false and .manifests.ok == 1 and .manifests.bad == 1'
    expect 1 decrypt --live < frozen
}

@test "fbc-decrypt-frames: a torn header costs one frame, not the screen" {
    fixture
    mkstream -s session.key a.ppm b.ppm > torn
    expect 1 decrypt --json --png out < torn
    says "last frame: "
    summary '.unusable == 1 and .frames == 2'
    same out/frame-000002.png a.ppm
    mkstream -e 2 session.key c.ppm > later
    expect 0 decrypt --ppm -o x < <(cat torn later)
    cmp x c.ppm
}

@test "fbc-decrypt-frames: an older epoch does not come back" {
    fixture
    mkstream -e 2 session.key b.ppm > later
    expect 1 decrypt --json --ppm -o x < <(cat later frames)
    summary '.unusable == 3 and .epoch == 2'
    cmp x b.ppm
}

@test "fbc-decrypt-frames: not keyed yet" {
    fixture
    mkstream -u session.key a.ppm > black
    expect 1 decrypt --png out --json < black
    says "not keyed yet"
    summary '.ok == false and .unusable == 1 and .live == false'
    [ ! -e out ]
    expect 0 decrypt --ppm -o x < <(cat black frames)
    cmp x c.ppm
    expect 1 decrypt < <(cat frames black)
    says "last frame: not keyed yet"
}

@test "fbc-decrypt-frames: another session key opens nothing" {
    fixture
    keys
    expect 1 decrypt --png out < frames
    says "made for another VM"
    [ ! -e out ]
    cp "$BATS_FILE_TMPDIR"/{owner.key,vmm.pub} .
    fbc-wrapkey --to vmm.pub --from owner.key -o session.key > blob
    expect 1 decrypt --ppm -o x < frames
    says "made with another session key"
    [ ! -e x ]
}

# A session key for a guest of one of these digests, each of one byte.
session_for()
{
    local b options=()
    for b; do options+=(--launch "$(printf "$b%.0s" {1..32})"); done
    fbc-wrapkey --to vmm.pub --from owner.key -o session.key \
        "${options[@]}" > blob
}

@test "fbc-decrypt-frames: a guest of another launch digest shows nothing" {
    keys
    pictures
    c3=$(printf 'c3%.0s' {1..32}) d4=$(printf 'd4%.0s' {1..32})
    session_for c3
    mkstream -l "$c3" session.key a.ppm c.ppm > frames
    mkstream -l "$d4" session.key a.ppm c.ppm > others
    mkstream -l any session.key a.ppm c.ppm > any
    expect 0 decrypt --live --check-counters --png out < frames
    same out/frame-000002.png c.ppm
    for stream in others any; do
        expect 1 decrypt --live --png none < "$stream"
        says "made with another session key"
        [ ! -e none ]
    done
    # And one that is for any guest.
    fbc-wrapkey --to vmm.pub --from owner.key -o session.key > blob
    mkstream -l "$c3" session.key a.ppm > bound
    expect 1 decrypt --png none < bound
    [ ! -e none ]
    # One of several digests.
    session_for b2 c3 a1
    for b in b2 c3 a1; do
        mkstream -l "$(printf "$b%.0s" {1..32})" session.key c.ppm > frames
        expect 0 decrypt --live --png "out-$b" < frames
        same "out-$b/frame-000001.png" c.ppm
    done
    mkstream -l "$d4" session.key c.ppm > others
    expect 1 decrypt --live --png none < others
    [ ! -e none ]
}

@test "fbc-decrypt-frames tells how the guest started" {
    keys
    pictures
    c3=$(printf 'c3%.0s' {1..32})
    # For any guest: measured; not measurable; of a hypervisor of before.
    mkstream session.key a.ppm c.ppm > frames
    expect 0 decrypt -v --json --live < frames
    summary '.launch == "any" and .launch_checked == false and
        .launch_digest == "'"$(printf 'a1%.0s' {1..16})"'"'
    [[ $stderr == *"launch: NOT CHECKED; live"* ]]
    mkstream -l none session.key a.ppm c.ppm > frames
    expect 0 decrypt -v --json --live < frames
    summary '.launch == "unmeasured" and .launch_checked == false and
        .launch_digest == null'
    [[ $stderr == *"launch: NOT CHECKED; live"* ]]
    mkstream -1 session.key a.ppm c.ppm > frames
    expect 0 decrypt -v --json --live --png old < frames
    same old/frame-000002.png c.ppm
    summary '.launch == null and .launch_checked == false and
        .launch_digest == null'
    [[ $stderr == *"launch: NOT CHECKED; live"* ]]

    # Said to be accepted, when nobody asked: not live.
    mkstream -c 2 session.key a.ppm > frames
    expect 1 decrypt --json --live < frames
    summary '.launch == null and .manifests.bad == 1'

    session_for b2 c3
    mkstream -l "$c3" session.key a.ppm c.ppm > frames
    expect 0 decrypt -v --json --live < frames
    summary '.launch == "accepted" and .launch_checked and
        .launch_digest == "'"$c3"'"'
    [[ $stderr == *"launch: accepted c3c3c3c3..; live"* ]]
    # Keys that prove it, and manifests that say otherwise.
    for claim in 1 3; do
        mkstream -c $claim -l "$c3" session.key a.ppm > frames
        expect 1 decrypt --json --live < frames
        summary '.launch == "accepted" and .manifests.bad == 1'
    done
    # A manifest of before, under keys for a digest.
    mkstream -1 session.key a.ppm > frames
    expect 1 decrypt --json --live < frames
    summary '.live == false and .manifests.bad == 1'
}

# A picture of N colours, most of them in one tile.
colours() # N
{
    python3 - "$1" <<'PY'
import sys
n = int(sys.argv[1])
out = bytearray(b"P6\n250 100\n255\n")
for y in range(100):
    for x in range(250):
        c = (x + y * 7) % (n if 64 <= x < 128 and 16 <= y < 32 else 2)
        out += bytes((c * 9 % 256, 255 - c, c))
sys.stdout.buffer.write(out)
PY
}

@test "fbc-decrypt-frames: bands that are coded" {
    keys
    for n in 2 16 200; do colours $n > $n.ppm; done
    mkstream -C session.key 2.ppm 16.ppm 200.ppm 2.ppm > frames
    expect 0 decrypt --json --live --png out < frames
    summary '.manifests.bad == 0 and .last.bad == 0'
    same out/frame-000001.png 2.ppm
    same out/frame-000002.png 16.ppm
    same out/frame-000003.png 200.ppm
    same out/frame-000004.png 2.ppm
    expect 0 decrypt --json --check-counters < frames
    summary '.counters_reused == 0'
    mkstream -C -R session.key 2.ppm 16.ppm > frames
    expect 1 decrypt --json --check-counters < frames
    summary '.counters_reused > 0'

    # One bit of one, and one that is older.
    mkstream -C -t 4 session.key 16.ppm 2.ppm > frames
    expect 1 decrypt --json --ppm -o x.ppm < frames
    summary '.last.bad == 4'
    mkstream -C -T 4 session.key 16.ppm 2.ppm > frames
    expect 1 decrypt --json --live < frames
}

@test "fbc-decrypt-frames: session key files that are damaged" {
    keys
    pictures
    session_for c3 d4
    mkstream session.key a.ppm > frames
    cp session.key good
    # Cut after the first digest, or anywhere.
    for n in 182 183 184 198; do
        head -c "$(($(grep -b -m1 -o fbc-session good | cut -d: -f1) + n))" \
            good > session.key
        expect 3 decrypt --ppm < frames
    done
    sed 's/^fbc-session-2/fbc-session-3/' good > session.key
    expect 5 decrypt --ppm < frames
    sed 's/^fbc-session-2/fbc-session-1/' good > session.key
    expect 3 decrypt --ppm < frames
    zero=$(printf '00%.0s' {1..32})
    { key_line fbc-session-2 "$(printf '11%.0s' {1..88})$zero"; } > session.key
    expect 3 decrypt --ppm < frames
    says "reserved"
}

@test "fbc-decrypt-frames: frames of an unprotected domain" {
    fixture
    mkstream -p session.key a.ppm b.ppm > plain
    expect 3 decrypt --png out < plain
    [[ $stderr == *"hint: "*"--without-key"* ]]
    [ ! -e out ]
    expect 0 fbc-decrypt-frames --without-key --png seen < plain
    same seen/frame-000001.png a.ppm
    same seen/frame-000002.png b.ppm
}

@test "fbc-decrypt-frames --without-key shows noise where the screen was" {
    fixture
    expect 0 fbc-decrypt-frames --without-key --ppm -o seen.ppm < frames
    [ "$(head -n 2 seen.ppm | tail -n 1)" = "256 108" ]
    python3 - <<'PY'
seen = open("seen.ppm", "rb").read()[-256 * 108 * 3:]
true = open("c.ppm", "rb").read()[-75000:]
same = sum(seen[((1 + y + y // 16) * 256 + x) * 3 + i] ==
           true[(y * 250 + x) * 3 + i]
           for y in range(100) for x in range(250) for i in range(3))
assert same < 75000 / 256 * 1.5, same
PY
}

@test "fbc-decrypt-frames --half decrypts the upper half only" {
    fixture
    expect 0 decrypt --half --ppm -o half.ppm --json < frames
    summary '.last.tiles == 12 and .live == false'
    fbc-decrypt-frames --without-key --ppm -o seen.ppm < frames
    python3 - <<'PY'
half = open("half.ppm", "rb").read()[-75000:]
true = open("c.ppm", "rb").read()[-75000:]
seen = open("seen.ppm", "rb").read()[-256 * 108 * 3:]
assert half[:48 * 750] == true[:48 * 750]
for y in range(48, 100):
    row = (1 + y + y // 16) * 256 * 3
    assert half[y * 750:(y + 1) * 750] == seen[row:row + 750]
PY
}

@test "fbc-decrypt-frames: an input is never replaced by the output" {
    fixture
    sums=$(sha256sum session.key frames)
    ln session.key link
    for f in session.key link frames; do
        expect 3 decrypt --ppm -o "$f" < frames
        says "$f: is an input"
        expect 3 decrypt --y4m -o "$f" < frames
    done
    [ "$(sha256sum session.key frames)" = "$sums" ]
}

@test "fbc-decrypt-frames --image takes a picture of the screen" {
    fixture
    mkstream -i session.key a.ppm > shot.ppm
    expect 0 decrypt --image --ppm -o x --json < shot.ppm
    summary '.frames == 1 and .live'
    cmp x a.ppm
    convert shot.ppm -quality 50 jpg:- | convert jpg:- lossy.ppm
    expect 3 decrypt --image --ppm -o y < lossy.ppm
    [ ! -e y ]
    expect 3 decrypt --image < frames
    says "is not a binary PPM"
    expect 3 decrypt --image < <(head -c 5000 shot.ppm)
    says "cut short"
    expect 3 decrypt --image < <(cat shot.ppm; echo)
    says "trailing bytes"
    { printf 'P6 # made by hand\n256\t108 255\n'; tail -c 82944 shot.ppm; } |
        decrypt --image --ppm | cmp - a.ppm
}

@test "fbc-decrypt-frames --check-counters finds a nonce used twice" {
    fixture
    expect 0 decrypt --check-counters --json < frames
    summary ".counters_seen == 3 * $tiles and .counters_reused == 0"
    mkstream -R session.key a.ppm b.ppm > reused
    expect 1 decrypt --check-counters --json < reused
    says "counters: "
    summary '.counters_reused > 0 and .ok == false'
    mkstream -e 2 session.key b.ppm > later
    expect 0 decrypt --check-counters < <(cat frames later)
    expect 2 fbc-decrypt-frames --without-key --check-counters < frames
}

@test "fbc-decrypt-frames: damaged streams leave no output" {
    fixture
    size=$(stat -c %s frames)
    for n in 0 1 15 17 79 80 1000 $((size / 2)) $((size - 1)); do
        head -c "$n" frames > short
        expect 3 decrypt --png out < short
        [ ! -e out ]
        expect 3 decrypt --ppm -o x < short
    done
    says "is cut short"
    head -c 16 frames > short
    expect 3 decrypt --ppm -o x < short
    says "has no frames"
    for at in 0 9 16 20 22 24 28 40 60 76 100 $((size - 5)); do
        python3 - "$at" <<'PY'
import sys
b = bytearray(open("frames", "rb").read())
b[int(sys.argv[1])] ^= 0x41
open("bad", "wb").write(b)
PY
        run --separate-stderr decrypt --png out --json < bad
        [ "$status" -eq 3 ] || [ "$status" -eq 5 ]
        summary '.ok == false'
        [ ! -e out ]
    done
    expect 3 decrypt --png out < <(cat frames; echo trailing)
    only a.ppm b.ppm c.ppm frames session.key short bad
}

@test "fbc-decrypt-frames: a failure keeps the files of an earlier run" {
    fixture
    decrypt --png out < frames
    before=$(sha256sum out/*)
    expect 3 decrypt --png out < <(head -c 9000 frames)
    [ "$(sha256sum out/*)" = "$before" ]
    [ "$(find out | wc -l)" -eq 4 ]
    decrypt --ppm -o x < frames
    expect 3 decrypt --ppm -o x < <(head -c 9000 frames)
    cmp x c.ppm
}

@test "fbc-decrypt-frames: places that cannot be written" {
    fixture
    expect 4 sh -c 'fbc-decrypt-frames -k session.key --ppm < frames \
        > /dev/full'
    says "stdout: No space left"
    expect 4 decrypt --png no/such/dir < frames
    expect 3 decrypt --png session.key < frames
    says "is not a directory"
    expect 4 decrypt --ppm -o no/such/file < frames
    mkdir dir
    expect 3 decrypt --ppm -o dir < frames
    [ -z "$(ls -A dir)" ]
}

@test "fbc-decrypt-frames: a key file that others can read is refused" {
    fixture
    chmod 644 session.key
    expect 3 decrypt --png out < frames
    says "session.key: secret key is open to others"
    [ ! -e out ]
    chmod 600 session.key
    mv session.key s
    ln -s s session.key
    expect 3 decrypt < frames
    says "symbolic link"
}

@test "fbc-decrypt-frames: options that exclude each other" {
    fixture
    expect 2 fbc-decrypt-frames < frames
    says "a session key is needed"
    expect 2 decrypt --without-key < frames
    expect 2 decrypt --png out --ppm < frames
    expect 2 decrypt --ppm --json < frames
    says "--json: standard output is taken"
    expect 2 decrypt -o x < frames
    expect 2 decrypt --fps 0 --y4m < frames
    for o in --ppm --png=out ''; do
        # shellcheck disable=SC2086
        expect 2 decrypt --fps 10 $o < frames
        says "--fps: only with --y4m"
    done
    expect 2 decrypt --last < frames
    says "--last: only with --png, --ppm or --y4m"
    for o in "--half --without-key" "--without-key --half"; do
        # shellcheck disable=SC2086
        expect 2 fbc-decrypt-frames $o < frames
        says "--half: not with --without-key"
    done
    expect 2 fbc-decrypt-frames -k - < frames
    expect 2 decrypt another < frames
    only a.ppm b.ppm c.ppm frames session.key
}

@test "fbc-decrypt-frames: a terminal is not fed pictures" {
    fixture
    for o in --ppm --y4m; do
        run script -qec "fbc-decrypt-frames -k session.key $o < frames" \
            /dev/null
        [ "$status" -eq 2 ]
        [[ $output == *"is a terminal"* ]]
    done
}

@test "fbc-decrypt-frames --y4m cannot change its size" {
    fixture
    picture 300 100 0 > wide.ppm
    mkstream -e 2 session.key wide.ppm > wide
    expect 3 decrypt --y4m -o x < <(cat frames wide)
    says "the screen changed from 250 x 100 to 300 x 100"
    [ ! -e x ]
    expect 0 decrypt --png out < <(cat frames wide)
    same out/frame-000003.png c.ppm
    same out/frame-000004.png wide.ppm
}

@test "fbc-decrypt-frames: interrupted, it keeps what it has" {
    fixture
    mkfifo pipe
    fbc-decrypt-frames -k session.key --png out < pipe 3>&- &
    pid=$!
    exec 9> pipe
    cat frames >&9
    until_ok eval 'find out -name "*3.png" | grep -q .'
    [ ! -e out/frame-000001.png ]
    kill -INT $pid || true
    kill -TERM $pid 2> /dev/null || true
    exec 9>&-
    status=0
    wait $pid || status=$?
    [ "$status" -eq 0 ]
    same out/frame-000003.png c.ppm
    [ "$(find out | wc -l)" -eq 4 ]
}

@test "fbc-decrypt-frames: a signal that is ignored stays so" {
    fixture
    mkfifo pipe
    env --ignore-signal=HUP fbc-decrypt-frames -k session.key --ppm -o x \
        < pipe 3>&- 9>&- &
    pid=$!
    exec 9> pipe
    head -c 20000 frames >&9
    until_ok eval 'find . -name ".x.*" | grep -q .'
    kill -HUP $pid
    kill -HUP $pid
    tail -c +20001 frames >&9
    exec 9>&-
    wait $pid
    cmp x c.ppm
}
