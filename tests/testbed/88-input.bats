#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# Sealed input on real Xen, through stock QEMU, by a sender of the tests' own
# (inputs.py): what the tenant sends reaches the guest, and nothing else does.
# The guest's evdev log is the judge.
bats_require_minimum_version 1.5.0
load common

setup_file() {
    boot
    owner_guest u1 --wait agent
}

send() { # SESSION COMMAND...
    local session=$1 server
    shift
    server=$(tb vnc u1 </dev/null)
    printf '%s\n' "$@" | timeout 800 python3 "$BATS_TEST_DIRNAME/inputs.py" \
        "$server" "$session"
}

# What the guest has heard in the end; a minute later, what there is instead.
heard_is() { # 0|1 TEXT [text]
    for _ in $(seq 60); do
        heard "$1" "${@:3}" >got 2>&1 && diff got - <<<"$2" && return
        sleep 1
    done >differs
    tail -n 5 differs got
    return 1
}

# Waits until dom0's events have come to nothing, so many at least.
discarded() { # NUMBER
    local n
    for _ in $(seq 60); do
        n=$(status_of u1 input_discarded)
        [ "$n" -lt "$1" ] || return 0
        sleep 1
    done
    echo "$n events discarded, not $1"
    return 1
}

nothing_heard() {
    heard 0 >got
    heard 1 >>got
    cat got
    [ ! -s got ]
}

seal_input() { # SESSION-FILE: of u1, which asks for it
    "$bin/fbc-wrapkey" --to "$(vmm_key)" --from u1.owner --input sealed \
        -o "$1" >u1.blob
    dom0 fbc-setkey u1 <u1.blob
}

@test "before a key is set, nothing that dom0 types reaches the guest" {
    [ "$(status_of u1 input)" = closed ]
    listen
    send - "plain-text rm -rf" "plain-move 100 100 1" "plain-move 100 100 0" \
        "noise 100" "wait 1"
    # 12 keys, 2 buttons, 102 positions.
    discarded 116
    nothing_heard
    [ "$(status_of u1 input_events)" = 0 ]
}

@test "a session that asks for sealed input: dom0 types into nothing" {
    seal_input s.session
    [ "$(status_of u1 input)" = sealed ]
    listen
    was=$(status_of u1 input_discarded)
    send s.session "plain-text rm -rf" "plain-move 100 100 1" \
        "plain-move 100 100 0" "noise 200" "wait 1"
    discarded $((was + 216))
    nothing_heard
    [ "$(status_of u1 input_events)" = 0 ]
}

@test "keys and pointer arrive as they were sent, and are acknowledged" {
    listen
    send s.session hello "key 42 1" "key 30 1 30 0" "key 42 0" \
        "move 799 599" "move 12 34 1" "move 12 34" "move 12 34 0 3" \
        "move 13 34 0 -2" "challenge 68719476735" sync
    heard_is 0 "key 42 1
key 30 1
key 30 0
key 42 0"
    # evdev leaves out what does not change.
    heard_is 1 "abs 0 799
abs 1 599
abs 0 12
abs 1 34
key 272 1
key 272 0
rel 8 3
abs 0 13
rel 8 -2"
}

@test "2,000 characters arrive in order, none lost, none repeated" {
    python3 -c 'import random
random.seed(8)
print("".join(random.choice("abcdefghijklmnopqrstuvwxyz0123456789-=[];,./ ")
              for _ in range(2000)).replace("  ", " a"))' >text
    listen
    { echo hello; echo "pace 33"; fold -w 100 text | sed 's/^ /c/; s/ $/b/; s/^/text /'; } >script
    sed -n 's/^text //p' script | tr -d '\n' >want
    echo sync >>script
    timeout 800 python3 "$BATS_TEST_DIRNAME/inputs.py" "$(tb vnc u1)" s.session \
        <script >took
    cat took
    heard_is 0 "$(cat want)" text
}

@test "60 moves a second arrive, each of them" {
    listen
    { echo hello; echo "pace 16"
        for i in $(seq 600); do echo "move $i $((i % 500)) 0"; done
        echo sync; } >script
    timeout 800 python3 "$BATS_TEST_DIRNAME/inputs.py" "$(tb vnc u1)" s.session \
        <script >took
    cat took
    heard_is 1 "$(for i in $(seq 600); do
        echo "abs 0 $i"; echo "abs 1 $((i % 500))"; done)"
}

@test "repeated, left out, exchanged, changed, forged: the guest gets nothing of it" {
    listen
    send s.session hello "text abc" sync \
        "again 1" "again 3" "again 0" "wrong 3" \
        "lose xyz" "again 5" "again 6" "reverse 2" "wrong 4" "part 4 9" \
        "noise 300" "plain-text evil" "forged 40" "unanswered 2"
    heard_is 0 abc text
    # An end that the guest has heard, and nothing of all that before it.
    send s.session "hello 1" "text end" sync
    heard_is 0 abcend text
    [ -z "$(heard 1)" ]
    [ "$(status_of u1 input_refused)" -ge 48 ]
}

@test "what was lost is repeated: the text is whole" {
    listen
    send s.session hello "text one" "lose two" "text three" "noise 50" \
        "plain-text X" sync >took
    cat took
    heard_is 0 onetwothree text
    run ! grep -q ' 0 sent again' took
}

@test "an old connection's records are nobody's, though recorded" {
    # dom0 polls, and on a busy machine misses some: it gets three tries.
    for _ in 1 2 3; do
        listen
        record
        send s.session "pace 50" hello "text secret" sync
        recorded >rec
        heard_is 0 secret text
        "$bin/fbc-leakcheck" --input --find secret --json <rec >answer
        jq -c '[.events, .keys, .records]' answer
        [ "$(jq .records answer)" -lt 7 ] || break
    done

    # Ten positions a record, and it gets nothing out of them.
    [ "$(jq .records answer)" -ge 7 ]
    [ "$(jq .keys answer)" = 0 ]

    # Played again, hello and all, now and after the next hello.
    python3 -c 'import struct, sys
d = sys.stdin.buffer.read()
for i in range(16, len(d), 48):
    if d[i + 8] == 4:
        print("plain-move %d %d 0" % struct.unpack("<ii", d[i + 12:i + 20]))' \
        <rec >replay
    listen
    was=$(status_of u1 input_discarded)
    { cat replay; echo "wait 1"; } >script
    timeout 400 python3 "$BATS_TEST_DIRNAME/inputs.py" "$(tb vnc u1)" s.session <script
    discarded $((was + $(wc -l <replay)))
    nothing_heard
    { echo hello; echo "text a"; echo sync; cat replay; echo "unanswered 1"
        echo "text b"; echo sync; } >script
    timeout 400 python3 "$BATS_TEST_DIRNAME/inputs.py" "$(tb vnc u1)" s.session <script
    heard_is 0 ab text
}

@test "dom0 stops the stream and lets it go on: in order, once" {
    listen
    # The backend is away: what it was to carry is lost.
    send s.session hello "text before" sync "part 3 5" "lose during" \
        "noise 20" "text after" sync
    heard_is 0 beforeduringafter text
}

@test "two slots at once: each has its own order" {
    listen
    send s.session "hello 0" "text aa" sync "hello 5" "text bb" sync
    heard_is 0 aabb text
    # The first one is still there.
    [ "$(status_of u1 input)" = sealed ]
}

@test "another session key ends all connections, and the next one works" {
    cp s.session old.session
    seal_input s.session
    listen
    run send old.session hello
    echo "$output"
    [ "$status" -ne 0 ]
    send s.session hello "text new" sync
    heard_is 0 new text
}

@test "a session that does not ask goes on as before, until a record comes" {
    "$bin/fbc-wrapkey" --to "$(vmm_key)" --from u1.owner -o s.session >u1.blob
    dom0 fbc-setkey u1 <u1.blob
    [ "$(status_of u1 input)" = plain ]
    listen
    record
    send s.session "plain-text plain" "wait 1"
    heard_is 0 plain text
    recorded >rec
    run -1 "$bin/fbc-leakcheck" -q --input --find plain <rec
    [ "$output" = "leak: input-keys input-text" ]

    send s.session hello "plain-text evil" "text sealed" sync
    heard_is 0 plainsealed text
    [ "$(status_of u1 input)" = sealed ]
}

@test "dom0 makes no other keyboard for a guest, no display, and no server of it" {
    offered u1 >devices
    cat devices
    [ "$(cat devices)" = xen/vbd-51760 ]
    dom0 'xl dmesg | grep "does not see a device"'
}

@test "a guest that takes nothing: records wait with their sender, none is cut" {
    listen
    # No vCPU of the guest's runs: its ring fills up.
    dom0 xl pause u1
    { echo hello; for _ in $(seq 12); do echo "text pause-0123"; done
        echo "wait 3"; echo sync; } >script
    timeout 800 python3 "$BATS_TEST_DIRNAME/inputs.py" "$(tb vnc u1)" s.session \
        <script >took 3>&- &
    for _ in $(seq 40); do
        [ "$(status_of u1 input_full || echo 0)" -eq 0 ] || break
        sleep 0.5
    done
    [ "$(status_of u1 input_full)" -gt 0 ]
    sleep 2
    dom0 xl unpause u1
    wait $!
    cat took
    heard_is 0 "$(for _ in $(seq 12); do printf pause-0123; done)" text
}

@test "fbcrypt=plain-input: dom0 types before a key is set, and not after" {
    boot --cold --xen-args fbcrypt=plain-input,console
    rm -f vmm.pub u1.owner
    owner_guest u1 --wait agent
    [ "$(status_of u1 input)" = plain ]
    listen
    send - "plain-text early" "wait 1"
    heard_is 0 early text
    seal_input s.session
    was=$(status_of u1 input_discarded)
    send s.session "plain-text late" "wait 1"
    discarded $((was + 8))
    send s.session hello "text sealed" sync
    heard_is 0 earlysealed text
}

# What flags records have in the last frame; and the header's version.
codings() # FRAMES
{
    python3 - "$1" <<'PY'
import collections
import struct
import sys
data = open(sys.argv[1], "rb").read()
_, _, codec, _, w, h = struct.unpack_from("<4sHBBII", data, 16)
px = data[16 + 64:16 + 64 + w * h * 4]
assert codec == 0 and len(px) == w * h * 4
seen = collections.Counter(
    px[(17 * (band + 1) * w + tile * 64 + 2) * 4 + 1]
    for band in range(37) for tile in range(12))
print("version", px[5], *sorted("%02x" % f for f in seen))
PY
}

# The same machine.
@test "fbcrypt=console: text is sealed in 576 bytes a band, and is exact" {
    # What was there before is sealed once more, with a new key.
    tb guest u1 'printf "\033[2J\033[H" >/dev/tty0
        for i in 1 2 3 4 5 6; do
            echo "The launch code is ORANGE HARBOUR SEVEN" >/dev/tty0; done
        ls -l --color=always /bin | head -20 >/dev/tty0'
    seal_input s.session
    comes_to u1 s.session text.frames \
        has_words text.frames s.session coded orange harbour
    [ "$(codings text.frames)" = "version 3 00 81" ]
    "$bin/fbc-leakcheck" --json <text.frames >leak.json
    [ "$(jq -c '[.leak, .updates > 0, .update_bits < 2.33]' leak.json)" = \
        "[false,true,true]" ]
    [ "$(status_of u1 max_step_bytes)" -le 65536 ]
}

@test "fbcrypt=console: a picture of many colours is exact, too, and sealed as it is" {
    python3 "$BATS_TEST_DIRNAME/pattern.py" raw 800 600 >fb.raw
    python3 "$BATS_TEST_DIRNAME/pattern.py" ppm 800 600 >want.ppm
    tb guest-copy u1 fb.raw /tmp/fb.raw
    tb guest u1 'cat /tmp/fb.raw >/dev/fb0'
    comes_to_show u1 s.session want.ppm picture.frames got.ppm
    [ "$(codings picture.frames)" = "version 3 80" ]
}
