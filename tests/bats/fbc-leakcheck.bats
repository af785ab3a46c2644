#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# The streams come from tests/unit/mkleak.c and mkstream.c.
# tests/unit/test_leak.c proves in detail what is found, and what is not.
# shellcheck disable=SC2154 # helper.bash and bats set these
load helper

# One session: in plain, with its last screen and text, and as others see it.
setup_file()
{
    cd "$BATS_FILE_TMPDIR" || return 1
    mkleak -s 2 -t text -p true.ppm plain > stock
    mkleak -s 2 -n 3 -t text3 -p true3.ppm aead > sealed
    mkleak -s 2 -n 2 black > dark
}

in_dir() { cd "$BATS_FILE_TMPDIR" || return 1; }

summary() { jq -e "$1" <<< "$output" > /dev/null; }

leaks() # NAME...
{
    for n in "$@"; do
        summary ".analyses[] | select(.name == \"$n\") | .leak == \"yes\" and
                 .value >= .limit" || { echo "no leak: $n"; return 1; }
    done
}

@test "fbc-leakcheck: help, version, unknown options, full disk" {
    common_options fbc-leakcheck
}

@test "fbc-leakcheck reads 85 % of the text under the paper's cipher" {
    in_dir
    expect 1 fbc-leakcheck --json --truth true.ppm --truth-text text \
        --render seen.png < <(mkleak -s 2 rc5)
    leaks returned partial glyphs truth-ink
    summary '.schema == "fbcrypt/leakcheck/1" and .frames == 200
             and .leak and .ok == false and .error == null
             and .true_glyphs > 1000
             and .true_glyphs_read >= 0.85 * .true_glyphs
             and .true_blanks_read >= 0.95 * .true_blanks'
    # White characters where they are in truth.
    convert true.ppm -threshold 1 want.ppm
    convert seen.png -threshold 60% have.ppm
    python3 - <<'PY'
want, have = (open(f, "rb").read()[-800 * 592 * 3:] for f in ("want.ppm",
                                                              "have.ppm"))
both = sum(a and b for a, b in zip(want, have))
assert both > 0.8 * sum(map(bool, want)), both
assert both > 0.8 * sum(map(bool, have)), both
PY
    [ "$(stat -c %a seen.png)" = 600 ]
}

@test "fbc-leakcheck finds a plain screen, its text and its picture" {
    in_dir
    expect 1 fbc-leakcheck --json --truth true.ppm --truth-text text \
        --find 'root@tenant' < stock
    leaks tile-pixels all-bytes tiles repeated returned glyphs truth \
        truth-ink find-drawn
    mkleak -s 2 -n 1 -p first.ppm plain > one
    convert first.ppm first.png
    expect 1 fbc-leakcheck --truth first.png < one
    [[ $output == "leak: "*" truth"* ]]
}

@test "fbc-leakcheck measures what the sizes of coded bands tell" {
    in_dir
    mkleak -s 4 -n 6 console > coded
    expect 0 fbc-leakcheck --json < coded
    summary '.leak == false and .updates == 6 and .update_bits == 0
             and (.analyses[] | select(.name == "sizes") | .leak) == "no"'
    # Every other band is said to be larger: its record's flags, and the
    # frame's checksum.
    python3 - <<'PY'
import struct
import zlib
d = bytearray(open("coded", "rb").read())
at = 16
while at < len(d):
    length, = struct.unpack_from("<I", d, at + 40)
    for band in range(0, 37, 2):
        d[at + 64 + (17 * (band + 1) * 800 + 2) * 4 + 1] = 0x82
    struct.pack_into("<I", d, at + 44,
                     zlib.crc32(d[at + 64:at + 64 + length]))
    struct.pack_into("<I", d, at + 60, zlib.crc32(d[at:at + 60]))
    at += 64 + length
open("wrong", "wb").write(d)
PY
    expect 1 fbc-leakcheck --json < wrong
    summary '.leak and ([.analyses[] | select(.leak == "yes").name] ==
                        ["sizes"]) and .update_bits > 0.9'
}

@test "fbc-leakcheck finds nothing in sealed frames" {
    in_dir
    expect 0 fbc-leakcheck --json --truth true3.ppm --truth-text text3 \
        --find kernel --render nothing.png < sealed
    summary '.leak == false and .ok and .frames == 3 and .keyed == 3
             and .read_cells == 0 and .true_glyphs > 50
             and .true_glyphs_read == 0
             and .entropy_min > 7.8 and .width == 800 and .height == 592
             and ([.analyses[].leak] | index("yes") == null)
             and (.analyses | length == 16)'
    expect 0 fbc-leakcheck < sealed
    [ "$output" = "no leak found" ]
    [ -z "$stderr" ]
}

@test "fbc-leakcheck finds nothing in a black screen without a key" {
    in_dir
    expect 0 fbc-leakcheck --json < dark
    summary '.leak == false and .shadows == 2 and .keyed == 0
             and .uniform == .tiles'
}

@test "fbc-leakcheck finds a nonce that was used twice, and a roll-back" {
    keys
    for i in 0 1 2; do picture 250 100 $i > $i.ppm; done
    mkstream session.key 0.ppm 1.ppm 2.ppm > frames
    expect 0 fbc-leakcheck < frames
    mkstream -R session.key 0.ppm 1.ppm > reused
    expect 1 fbc-leakcheck < reused
    [[ $output == "leak: "*xor* ]]
    mkstream -T 23 session.key 0.ppm 1.ppm 2.ppm > back
    expect 1 fbc-leakcheck < back
    [ "$output" = "leak: tiles returned" ]
}

@test "fbc-leakcheck: one colour is no leak, two are" {
    keys
    grey() { convert -size 128x64 "xc:#$1" -depth 8 ppm:-; }
    grey 777777 > a.ppm
    grey 000000 > b.ppm
    mkstream -p session.key a.ppm > one
    expect 0 fbc-leakcheck < one
    mkstream -p session.key a.ppm b.ppm > two
    expect 1 fbc-leakcheck < two
    [ "$output" = "leak: colours xor" ]
}

@test "fbc-leakcheck --raw judges pages and finds text in three encodings" {
    head -c 100000 /dev/urandom > random
    expect 0 fbc-leakcheck --raw --json --find secret < random
    summary '.mode == "raw" and .pages == 25 and .leak == false
             and .entropy_min > 7.7 and (.analyses | length == 2)'
    expect 0 fbc-leakcheck --raw < <(head -c 10000 /dev/zero)
    expect 1 fbc-leakcheck --raw < <(cat random /etc/services)
    [ "$output" = "leak: page-bytes" ]
    for c in ASCII UTF-16LE UTF-32LE; do
        # Across two pages.
        { head -c 4090 random; printf 'a secret' | iconv -t $c; cat random; } \
            > memory
        expect 1 fbc-leakcheck --raw --find secret < memory
        [ "$output" = "leak: find-text" ]
    done
    expect 1 fbc-leakcheck --raw --find secret < <(printf secret)
}

@test "fbc-leakcheck -v tells value and limit of every analysis" {
    in_dir
    expect 0 fbc-leakcheck -v < sealed
    [[ $stderr == *"3 frames of 800 x 592, 3 changed, 3 with a header, "* ]]
    [ "$(grep -cE ': (ok: .*, limit |not run: )' <<< "$stderr")" -eq 16 ]
    [[ $stderr == *"truth: not run: no --truth given"* ]]
}

@test "fbc-leakcheck: fonts, pictures and texts that are none" {
    in_dir
    expect 4 fbc-leakcheck --font no-such < sealed
    expect 3 fbc-leakcheck --font text < sealed
    says "text: is not a PSF font"
    head -c 2000 /usr/share/consolefonts/Lat15-VGA16.psf.gz > short.gz
    expect 3 fbc-leakcheck --font short.gz < sealed
    expect 3 fbc-leakcheck --font /dev/zero < sealed
    says "is too large"
    zcat /usr/share/consolefonts/Lat15-Terminus32x16.psf.gz > large.psf
    expect 3 fbc-leakcheck --font large.psf < sealed
    says "not 8 x 8 to 8 x 16"
    zcat /usr/share/consolefonts/Lat15-VGA16.psf.gz > font.psf
    expect 0 fbc-leakcheck --font font.psf < sealed
    expect 4 fbc-leakcheck --truth no-such < sealed
    expect 3 fbc-leakcheck --truth text < sealed
    convert true.ppm true.png
    head -c 500 true.png > cut.png
    expect 3 fbc-leakcheck --json --truth cut.png < sealed
    says "cut.png: is a damaged PNG"
    summary '.ok == false and .error.status == 3 and .leak == false'
    convert -size 640x480 xc:red small.png
    expect 3 fbc-leakcheck --truth small.png < sealed
    says "small.png: is 640 x 480, the screen 800 x 592"
    expect 4 fbc-leakcheck --truth-text no-such < sealed
    cp sealed self
    expect 3 fbc-leakcheck --render ./self < self
    cmp sealed self
    cp true.png true.copy
    for option in --truth --truth-text --font; do
        cp true.copy same
        ln -sf same link
        expect 3 fbc-leakcheck $option same --render link < sealed
        says "link: is an input, and cannot be the output, too"
        cmp same true.copy
        [ -L link ]
    done
    expect 4 fbc-leakcheck --render no/such/file < sealed
}

@test "fbc-leakcheck: damaged streams and wrong options" {
    in_dir
    expect 3 fbc-leakcheck < /dev/null
    expect 3 fbc-leakcheck < text
    expect 3 fbc-leakcheck < <(head -c 16 sealed)
    says "has no frames"
    expect 3 fbc-leakcheck --json < <(head -c 100000 stock)
    summary '.ok == false and .error.status == 3'
    expect 3 fbc-leakcheck --raw < /dev/null
    expect 3 fbc-leakcheck --raw < <(printf 'too little to say so')
    says "too short to be judged"
    expect 2 fbc-leakcheck --find abc < sealed
    expect 2 fbc-leakcheck --find 'a b  c' < sealed
    expect 2 fbc-leakcheck --find $'a\tbcde' < sealed
    expect 2 fbc-leakcheck --raw --truth true.ppm < sealed
    expect 2 fbc-leakcheck --render - < sealed
    expect 4 sh -c 'fbc-leakcheck < sealed > /dev/full'
    run script -qec fbc-leakcheck /dev/null
    [ "$status" -eq 2 ]
    [[ $output == *"is a terminal"* ]]
}

# A stream of one frame of one colour: WIDTH HEIGHT
frame_of()
{
    python3 - "$@" <<'PY'
import struct, sys, zlib
w, h = map(int, sys.argv[1:])
z = zlib.compressobj(1)
data = b"".join(z.compress(b"\1\5\2\0" * w) for _ in range(h)) + z.flush()
head = struct.pack("<4sHBBIIIIQQII12x", b"FBCF", 64, 1, 0, w, h, w * 4, 32, 0,
                   0, len(data), zlib.crc32(data))
sys.stdout.buffer.write(struct.pack("<8sH6x", b"FBCSTRM1", 1) + head +
                        struct.pack("<I", zlib.crc32(head)) + data)
PY
}

@test "fbc-leakcheck: a screen for which there is not the memory is refused" {
    frame_of 8192 675 > frames
    expect 0 fbc-leakcheck < frames
    frame_of 8192 676 > frames
    expect 3 fbc-leakcheck --json < frames
    says "8192 x 676 pixels: more than 2560 x 2160 would take too much memory"
    summary '.ok == false and .error.status == 3'
    # The pixels themselves take 256 MB.
    frame_of 8192 8192 > frames
    # shellcheck disable=SC2016
    expect 3 bash -c 'ulimit -v 400000; fbc-leakcheck < frames'
}

# An input log of an 800 x 639 shadow: each argument is an event, MS:TYPE:A:B or
# MS:record:TEXT, ten positions that carry 16 bytes made of TEXT.
input_log() {
    python3 - "$BATS_TEST_DIRNAME/../vectors" "$@" <<'PY'
import hashlib
import struct
import sys
sys.path.insert(0, sys.argv[1])
sys.dont_write_bytecode = True
import fbcref
out = b"FBCINPT1" + struct.pack("<II", 800, 639)
for arg in sys.argv[2:]:
    ms, kind, *rest = arg.split(":")
    if kind == "record":
        record = b"\0" + hashlib.sha256(rest[0].encode()).digest()[:15]
        events = [(4, 0, x, y) for x, y in
                  fbcref.carrier_points(record, 800, 639)]
    else:
        events = [(int(kind), 1, int(rest[0]), int(rest[1]))]
    for t, pressed, a, b in events:
        out += struct.pack("<QBB2xII28x", int(ms) * 10**6, t, pressed, a, b)
sys.stdout.buffer.write(out)
PY
}

@test "fbc-leakcheck --input reads what was typed in the clear" {
    # s e c r e t
    input_log 0:3:31:0 90:3:18:0 200:3:46:0 310:3:19:0 420:3:18:0 480:3:20:0 >log
    run --separate-stderr -1 fbc-leakcheck --input --find Secret <log
    [ "$output" = "leak: input-keys input-text" ]
    run --separate-stderr -1 fbc-leakcheck --input --find public <log
    [ "$output" = "leak: input-keys" ]
}

@test "fbc-leakcheck --input sees a path, and records as none" {
    # shellcheck disable=SC2046
    input_log $(for i in $(seq 40); do echo "$((i * 16)):4:$((100 + i * 9)):$((300 - i * 5))"; done) >log
    run --separate-stderr -1 fbc-leakcheck --input <log
    [ "$output" = "leak: input-path" ]

    # shellcheck disable=SC2046
    input_log $(for i in $(seq 100); do echo "$((i * 20)):record:$i"; done) >log
    fbc-leakcheck --input --rhythm --json <log >answer
    [ "$(jq -r .mode answer)" = input ]
    [ "$(jq .events answer)" = 1000 ]
    [ "$(jq .records answer)" = 100 ]
    [ "$(jq .keys answer)" = 0 ]
    [ "$(jq '[.analyses[] | select(.leak == "no").name] | length' answer)" = 4 ]
}

@test "fbc-leakcheck --input --rhythm tells typing from a constant rate" {
    # shellcheck disable=SC2046
    input_log $(for i in $(seq 60); do echo "$((i * 20 + i / 4 * 700)):record:$i"; done) >log
    fbc-leakcheck --input <log
    run --separate-stderr -1 fbc-leakcheck --input --rhythm <log
    [ "$output" = "leak: input-rhythm" ]
}

@test "fbc-leakcheck --input refuses what is no input log" {
    printf 'FBCINPT2' | expect 3 fbc-leakcheck --input
    input_log 0:3:31:0 | head -c 63 >log
    run -3 fbc-leakcheck --input <log
    run -2 fbc-leakcheck --input --raw <log
    run -2 fbc-leakcheck --rhythm <log
    run -2 fbc-leakcheck --input --font x <log
}

@test "fbc-leakcheck --input: no events are no answer" {
    input_log >log
    expect 3 fbc-leakcheck --input <log
    [ -z "$output" ]
    says "has no events"
    expect 3 fbc-leakcheck --input --json <log
    summary '.ok == false and .error.status == 3'
}

# Interrupted when so many bytes have been read, with more to come.
interrupted() # BYTES
{
    local pid status=0
    mkfifo "pipe$1"
    fbc-leakcheck --input < "pipe$1" > answer 2> says 3>&- 9>&- &
    pid=$!
    exec 9> "pipe$1"
    head -c "$1" log >&9
    until_ok waits "$pid"
    kill -TERM "$pid"
    wait "$pid" || status=$?
    exec 9>&-
    return "$status"
}

# It has read all that is in the pipe, and waits for more.
waits() # PID
{
    grep -q '^State:.*sleeping' "/proc/$1/status" &&
        python3 -c 'import array, fcntl, sys, termios
n = array.array("i", [0])
fcntl.ioctl(9, termios.FIONREAD, n)
sys.exit(n[0] > 0)'
}

@test "fbc-leakcheck --input: interrupted within an event, it judges the others" {
    input_log 0:3:31:0 90:3:18:0 >log
    run -1 interrupted 100
    [ "$(cat answer)" = "leak: input-keys" ]
    [ ! -s says ]
    # Before the first of them.
    for n in 30 8; do
        run -3 interrupted $n
        [ ! -s answer ]
        grep -q 'error: stdin: has no events' says
    done
}
