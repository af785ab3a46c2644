#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# Every way by which dom0 reads a guest: on stock Xen, the control, most of
# them give the picture away; on patched Xen none does.  Leaves
# build/methods.txt.  The guest of our own has no table of its memory, which
# images of a whole guest start from; for those there is a Linux.
bats_require_minimum_version 1.5.0

images="dump-core save"

setup_file() {
    load common
    rm -f "$top"/build/methods*.txt
    cd "$BATS_FILE_TMPDIR" || return 1
    "$bin/fbc-dumpvfb" --list-methods | cut -f1 >names
    python3 "$BATS_TEST_DIRNAME/pvguest/picture.py" picture 9 800 600 true.ppm
    # The same as Linux's framebuffer holds it.
    python3 -c 'import sys
rgb = open("true.ppm", "rb").read()[-1440000:]
for i in range(0, len(rgb), 3):
    sys.stdout.buffer.write(rgb[i:i + 3][::-1] + b"\0")' >true.raw
    cat >judge.py <<'PY'
"""judge.py true.ppm DATA [TEXT]: runs of 16 true pixels found, and of how
many; or -1 for that text of the guest's program."""
import re
import struct
import sys
import zlib

rgb = open(sys.argv[1], "rb").read()[-1440000:]
data = open(sys.argv[2], "rb").read()
if data[:8] == b"FBCSTRM1":
    at, stream, data = 16, data, b""
    while at < len(stream):
        size = struct.unpack_from("<I", stream, at + 40)[0]
        body = stream[at + 64:at + 64 + size]
        data += zlib.decompress(body) if stream[at + 6] == 1 else body
        at += 64 + size

# The fourth byte of a pixel carries nothing.  Where the picture is noisy, a
# run is unique; one run a page, none across a page's end.
runs = []
for page in range(800 * 600 * 4 // 4096):
    for at in range(page * 1024, page * 1024 + 1024 - 16, 8):
        y, x = divmod(at, 800)
        if x % 64 <= 48 and x <= 784 and (x // 64 + y // 16) & 1:
            runs.append(b"".join(
                re.escape(rgb[3 * i:3 * i + 3][::-1]) + b"."
                for i in range(at, at + 16)))
            break
if len(data) > 8 << 20:
    runs = runs[::len(runs) // 24]
found = sum(bool(re.search(run, data, re.DOTALL)) for run in runs)
if not found and len(sys.argv) > 3 and sys.argv[3].encode() in data:
    found = -1
print(found, len(runs))
PY
}

setup() {
    load common
    cd "$BATS_FILE_TMPDIR" || return 1
}

teardown() {
    load common
    tb down
}

# Runs one method; prints its result, and errno or what its data is.
try() { # METHOD GUEST
    local found of text="the backend does not close"
    if ! dom0 fbc-dumpvfb --method="$1" "$2" >data 2>err; then
        sed -n "s/.*error: $2: $1: //p; s/.*error: $2: //p; 1q" err
        return
    fi
    [ "$2" = m1 ] || text=fbc.name=l1
    read -r found of < <(python3 judge.py true.ppm data "$text")
    if [ "$found" -gt 0 ]; then
        echo "LEAKED, $found of $of runs of pixels"
    elif [ "$found" -lt 0 ]; then
        echo "LEAKED the guest's memory"
    elif cmp -s -n 8 data <(printf FBCSTRM1) && [ -e "$2.session" ] &&
         "$bin/fbc-decrypt-frames" -q -k "$2.session" <data; then
        echo "ciphertext, opens with the key"
    else
        echo "$(stat -c %s data) bytes, no plaintext"
    fi
}

try_all() { # WHERE
    local m
    for m in $(cat names); do
        case " preseed $images " in *" $m "*) continue ;; esac
        printf '%s\t%s\n' "$m" "$(try "$m" m1)" >>"$1.results"
    done
    cat "$1.results"
}

table() {
    {
        printf '%-12s %-56s %s\n' method "stock Xen" fbcrypt
        while read -r m; do
            printf '%-12s %-56s %s\n' "$m" \
                "$(sed -n "s/^$m\t//p" stock.results)" \
                "$(sed -n "s/^$m\t//p" fbcrypt.results)"
        done <names
    } >"$top/build/methods.txt"
    cat "$top/build/methods.txt"
}

# A guest with the true picture on its screen, first seen paused.
create_m1() { # COMMAND...
    "$@" m1 --wait paused memory=32 --kernel "$top/build/tests/pvguest.elf" \
        extra="scenario=picture seed=9"
}

create_l1() { # COMMAND...
    "$@" l1 --wait agent memory=128
    tb guest-copy l1 true.raw /tmp/true.raw
    tb guest l1 'cat /tmp/true.raw > /dev/fb0; rm /tmp/true.raw'
}

@test "stock Xen: at least 8 methods leak the guest's picture" {
    boot --stock
    create_m1 tb create
    printf 'preseed\t%s\n' "$(try preseed m1)" >stock.results
    console_line m1 '^PASS picture' 60
    try_all stock
    # All at once says the same as one by one, and keeps it.
    dom0 'mkdir /dev/shm/all
        fbc-dumpvfb -m all --save /dev/shm/all --json m1' >all.json
    [ "$(jq -r .schema all.json)" = fbcrypt/methods/1 ]
    [ "$(jq .tried all.json)" = "$(wc -l <names)" ]
    tb fetch /dev/shm/all/copy-page.frames all.frames
    [ "$(python3 judge.py true.ppm all.frames | cut -d' ' -f1)" -gt 100 ]
    dom0 'rm -r /dev/shm/all'
    # The guest was not harmed by any of it.
    [ "$(dom0 xl list m1 | awk 'NR > 1 { print $5 }' | tr -d -- -br)" = "" ]
    tb destroy m1

    create_l1 tb create
    for m in $images; do
        printf '%s\t%s\n' "$m" "$(try "$m" l1)" >>stock.results
    done
    tb guest l1 true
    cat stock.results
    [ "$(grep -c 'LEAKED, ' stock.results)" -ge 8 ]
    run ! grep -E 'BUG|Oops|Call Trace' <(tb log)
}

@test "patched Xen: not one of them does, and the guest goes on" {
    boot
    create_m1 owner_guest
    printf 'preseed\t%s\n' "$(try preseed m1)" >fbcrypt.results
    [ "$(dom0 xl list m1 | awk 'NR > 1 { print $5 }' | tr -d -- -br)" = "" ] ||
        dom0 xl unpause m1
    console_line m1 '^PASS picture' 60
    key_guest m1
    settled_dump m1 m1.session before.frames
    try_all fbcrypt
    run dom0 fbc-dumpvfb -m all --destructive m1
    echo "$output"
    settled_dump m1 m1.session after.frames
    "$bin/fbc-decrypt-frames" -q -k m1.session --ppm <after.frames >after.ppm
    [ "$(crc after.ppm)" = "$(crc true.ppm)" ]
    tb destroy m1

    create_l1 owner_guest
    key_guest l1
    for m in $images; do
        printf '%s\t%s\n' "$m" "$(try "$m" l1)" >>fbcrypt.results
    done
    settled_dump l1 l1.session l1.frames
    tb guest l1 true

    table
    [ "$(wc -l <fbcrypt.results)" = "$(wc -l <names)" ]
    run ! grep LEAKED fbcrypt.results
    # These yield nothing at all, not even what cannot be read.
    for m in preseed misname copy-page grant-forge grant-copy grant-setup \
             $images vcpu vcpu-ext debug-keys exchange; do
        grep -E "^$m"$'\t(denied|nothing)' fbcrypt.results
    done
    run ! grep -E 'BUG|Oops|Call Trace' <(tb log)
}
