#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# fbc-vncproxy's sealed input: what viewers type, the guest gets, and dom0, a
# VNC server that does with it what it likes (evilvnc), neither reads, alters
# nor leaves it out unnoticed.
# shellcheck disable=SC2154,SC2030,SC2031 # helper.bash and bats set these
load helper

started=

teardown()
{
    # shellcheck disable=SC2086 # a list
    [ -z "$started" ] || kill $started 2> /dev/null
    wait
}

# Until a command succeeds, at most 60 s.
within()
{
    local end=$((SECONDS + 60))
    while [ $SECONDS -le $end ]; do
        "$@" > /dev/null 2>&1 && return
        sleep 0.05
    done
    echo "not within 60 s: $*"
    tail -n 5 ./*.err ./*.log
    return 1
}

serve()
{
    keys
    : > server.log
    # Tests empty it.
    evilvnc --size 480x400 --seconds 600 "$@" >> server.log 2> server.err &
    server=$!
    started="$started $server"
    within test -s server.log
    port=$(head -n 1 server.log)
}

proxy()
{
    rm -f proxy.json sock
    fbc-vncproxy -v --json -k session.key --listen "$PWD/sock" "$@" \
        127.0.0.1::"$port" > proxy.json 2> proxy.err &
    proxy=$!
    started="$started $proxy"
    within test -s proxy.json
}

# A field of the proxy's report of now.
field() # JQ
{
    local n
    n=$(wc -l < proxy.json)
    kill -USR1 "$proxy"
    within sh -c "[ \$(wc -l < proxy.json) -gt $n ]" || return
    tail -n 1 proxy.json | jq -r "$1"
}

is() # JQ
{
    [ "$(field "$1")" = true ]
}

# Viewers' keys, from standard input.
types()
{
    python3 "$top/tests/peers/rfbtype.py" "$@" "$PWD/sock"
}

# What the guest has got, as text.
guest_text()
{
    sed -n 's/^guest key/key/p' server.log | python3 "$top/tests/peers/keylog.py"
}

guest_has() # FILE
{
    guest_text | cmp - "$1"
}

# Every character of the keyboard, in random order.
random_text() # LENGTH
{
    awk -v n="$1" 'BEGIN {
        srand(7)
        while ( n-- > 0 )
            printf "%c", 32 + int(95 * rand())
    }'
}

# dom0 has seen positions without buttons, and nothing else.
only_positions()
{
    grep -q '^pointer 0 ' server.log
    run ! grep -E '^(key|extkey|text) |^pointer [^0]' server.log
}

@test "fbc-vncproxy: options of sealed input" {
    keys
    expect 2 fbc-vncproxy -k session.key --keymap nosuch localhost:1
    says "nosuch: no such keyboard layout"
    XKB_CONFIG_ROOT=/nonexistent HOME=/nonexistent \
        expect 4 fbc-vncproxy -k session.key --keymap de localhost:1
    says "de: libxkbcommon finds no layouts"
    [[ $stderr != *xkbcommon:* ]]
    expect 2 fbc-vncproxy -k session.key --keymap ../de localhost:1
    says "not a name such as"
    expect 2 fbc-vncproxy -k session.key --plain-input --keymap de localhost:1
    says "--plain-input: not with --keymap"
    for o in --keymap=de --paste; do
        expect 2 fbc-vncproxy -k session.key "$o" --view-only localhost:1
        says "--view-only: not with --keymap and --paste"
    done
    for ms in 4 1001 x ''; do
        expect 2 fbc-vncproxy -k session.key --input-cadence "$ms" localhost:1
    done
}

@test "2,000 characters arrive in order, none lost or repeated" {
    serve session.key
    proxy
    within is .live
    random_text 2000 > text
    types -r 200 < text
    within guest_has text
    [ "$(field .input.lost,.input.withheld)" = $'0\n0' ]
    only_positions

    # At most 120 bytes a key, Shift included.  On a busy machine the server
    # answers late, and records are sent again.
    bytes=$(field .upstream.bytes_out) resent=$(field .input.resent)
    echo "$bytes bytes, $resent records sent again"
    [ "$bytes" -lt $((2000 * 120 + 20000 + resent * 120)) ]
}

@test "30 keys and 60 moves a second: each of them arrives" {
    serve session.key
    proxy
    within is .live
    random_text 90 > text
    # What does not keep up merges moves, and the last one arrives.  Then again,
    # more slowly in the end.
    for rate in 30 30 30 30 15 8; do
        types -r $rate -m 180 < text > moves
        last=$(tail -n 1 moves)
        within grep -qx "guest $last" server.log
        within guest_has text
        within guest_text               # fails while a key is down
        sed -n 's/^guest pos/pos/p' server.log > got
        run ! grep -E '^[0-9,]+[ac]|^>' <(diff moves got)
        : > server.log
        ! cmp moves got || break
    done
    cmp moves got
    [ "$(field .input.lost,.input.withheld)" = $'0\n0' ]
}

@test "a viewer that types faster than the line waits, and loses nothing" {
    serve session.key
    proxy
    within is .live
    random_text 1500 > text
    types < text
    within guest_has text
    [ "$(field .input.lost,.input.withheld)" = $'0\n0' ]
}

@test "extended key events go by the key's place, and by keysym with --keymap" {
    serve session.key
    proxy
    within is .live
    printf 'yz-' | types -e -s 0.5
    within sh -c 'printf yz- > text'
    within guest_has text
    kill "$proxy"
    wait "$proxy" || true

    proxy --keymap de
    within is .live
    : > server.log
    printf 'yz-@' | types -e -s 0.5
    # z, y and / on an American keyboard; AltGr and q.
    pressed()
    {
        [ "$(sed -n 's/^guest key 1 //p' server.log | tr '\n' ' ')" = \
            "44 21 53 42 100 16 42 " ]
    }
    within pressed
}

@test "what is lost on the way is sent again" {
    serve --lose 997 session.key
    proxy
    within is .live
    random_text 300 > text
    types -r 60 -s 1 < text
    within guest_has text
    [ "$(field '.input.resent > 0')" = true ]
    [ "$(field .input.lost)" = 0 ]
}

@test "a reconnection in the middle loses and repeats nothing" {
    serve --trigger go session.key restart
    proxy
    within is .live
    random_text 400 > text
    # What is typed while there is no connection goes nowhere; this ends before.
    head -c 150 text > first
    types < first
    within guest_has first
    within guest_text                   # fails while a key is down
    : > go
    within grep -q '^scenario' server.log
    within is '.live and .upstream.reconnects == 1'
    tail -c +151 text | types
    within guest_has text
    [ "$(field .input.connections)" = 1 ]
}

@test "a modifier that is held over a reconnection stays held" {
    serve --trigger go session.key restart
    proxy
    within is .live
    python3 -B - "$PWD/sock" "$top/tests/peers" <<'PY' &
import sys, time
sys.path.insert(0, sys.argv[2])
import rfbclient
c = rfbclient.Client(sys.argv[1])
c.key(True, 0xffe1)
while True:                         # until the test ends it
    time.sleep(0.3)
    c.key(True, 0x42)
    c.key(False, 0x42)
PY
    started="$started $!"
    within grep -q 'guest key 1 42' server.log
    : > go
    within is '.live and .upstream.reconnects == 1'
    : > server.log
    within grep -q 'guest key 0 48' server.log
    run ! grep 'guest key [01] 42' server.log
}

@test "a new epoch in the middle loses and repeats nothing" {
    serve --trigger go session.key rekey
    proxy
    within is .live
    random_text 400 > text
    types -r 120 < text &
    within grep -q 'guest key' server.log
    : > go
    wait $!
    within guest_has text
    within is '.epochs == 2'
    [ "$(field .input.connections,.input.lost)" = $'1\n0' ]
}

@test "keys that a viewer holds when it goes come up" {
    serve session.key
    proxy
    within is .live
    vncwatch -u live -k 0x61 "$PWD/sock" 0 &
    within grep -q 'guest key 1 30' server.log
    within grep -q 'guest key 0 30' server.log
    wait $!
    python3 -B - "$PWD/sock" "$top/tests/peers" <<'PY'
import sys
sys.path.insert(0, sys.argv[2])
import rfbclient
c = rfbclient.Client(sys.argv[1])
c.key(True, 0xffe1)
c.key(True, 0x62)
c.socket.close()
PY
    within grep -q 'guest key 0 48' server.log
    within guest_text
}

@test "--paste: a viewer's clipboard is typed when it is asked for" {
    serve session.key
    proxy --paste
    within is .live
    # One that is longer than what is taken; then one that is not.
    python3 "$top/tests/peers/rfbpaste.py" "$PWD/sock" 5000 > text
    [ "$(wc -c < text)" -eq 1000 ]
    within guest_has text
    only_positions
    [ "$(field .input.lost)" = 0 ]
}

@test "two viewers type at once: of each, all arrives, with its modifiers" {
    serve session.key
    proxy
    within is .live
    # One has letters in both cases, the other the rest, and both the 5.
    awk 'BEGIN { srand(1); while ( n++ < 300 )
        printf "%s", substr("ABCDEFGHIJabcdefghij5", 1 + int(21 * rand()), 1) }' > one
    awk 'BEGIN { srand(2); while ( n++ < 300 )
        printf "%s", substr("!@#$67890KLMNOPklmnop5", 1 + int(22 * rand()), 1) }' > two
    types -r 60 < one &
    types -e -r 60 < two
    wait $!
    within sh -c "[ \$(grep -cE 'guest key 1 (6|30|48|46|32|18|33|34|35|23|36)$' \
        server.log) -ge 300 ]"
    # Whose 5 it is nobody can tell.
    all_there()
    {
        guest_text > text &&
            tr -d 5 < one | cmp - <(tr -dc 'A-Ja-j' < text) &&
            tr -d 5 < two | cmp - <(tr -dc '!@#$67890K-Pk-p' < text) &&
            [ "$(tr -dc 5 < text | wc -c)" = \
                "$(cat one two | tr -dc 5 | wc -c)" ]
    }
    within all_there
    [ "$(field .input.lost,.input.withheld)" = $'0\n0' ]
}

@test "a viewer that goes lets go of its own keys and buttons, and of no others" {
    serve session.key
    proxy
    within is .live
    cat > two.py <<'PY'
import struct, sys, time
sys.path.insert(0, sys.argv[2])
import rfbclient
def guest(line):
    end = time.time() + 60
    while line not in open("server.log").read().split("\n"):
        assert time.time() < end, line
        time.sleep(0.05)
def press(c, buttons, x):
    c.send(struct.pack(">BBHH", 5, buttons, x, 9))
one, two = rfbclient.Client(sys.argv[1]), rfbclient.Client(sys.argv[1])
one.key(True, 0xffe1)                   # Shift
one.key(True, 0x61)
press(one, 1, 10)
guest("guest key 1 272")
two.key(True, 0xffe1)
two.key(True, 0xffe3)                   # Control
two.key(True, 0x62)
press(two, 4, 20)                       # the right button; no left
guest("guest key 1 273")
press(two, 4, 21)
guest("guest pos 21 9 0")
one.socket.close()
guest("guest key 0 30")
guest("guest key 0 272")
log = open("server.log").read()
for code in 42, 29, 48, 273:
    lines = [l for l in log.split("\n") if l.endswith(" %d" % code) and
             l.startswith("guest key")]
    assert lines[-1] == "guest key 1 %d" % code, lines
assert log.count("guest key 0 272") == 1
two.socket.close()
for code in 42, 29, 48, 273:
    guest("guest key 0 %d" % code)
PY
    python3 -B two.py "$PWD/sock" "$top/tests/peers"
}

@test "two proxies of one session share the hypervisor's slots" {
    serve session.key
    proxy
    within is .input.open
    slot=$(field .input.slot)
    kill "$proxy"
    wait "$proxy" || true
    # It said goodbye: the slot is free again.
    within grep -qx "slot $slot is free" server.log
    proxy
    within is .input.open
    slot=$(field .input.slot)
    # This one did not.
    kill -9 "$proxy"
    wait "$proxy" || true
    proxy
    within is .input.open
    [ "$(field .input.slot)" != "$slot" ]
    echo -n x > text
    types < text
    within guest_has text
}

@test "dom0 that keeps input is noticed: the screen is marked" {
    serve --trigger go session.key swallow
    proxy
    within is .live
    : > go
    within is '.state == "unanswered"'
    [[ $(field .why) == "challenge not answered for "* ]]
}

@test "a recording that is played from the start is live to nobody" {
    # 50 pictures of 100 ms each: all of it is 5 s late, and smooth by then.
    serve --lag 50 --heartbeat 100 session.key
    sleep 6
    proxy --plain-input
    within is .live
    kill "$proxy"
    wait "$proxy" || true
    proxy
    within is '.state == "unanswered"'
    within grep -q 'sealed input is not answered' proxy.err
    [ "$(field .marks)" = 0 ]
}

@test "a hypervisor without sealed input: marked, told, and nothing in clear" {
    serve --no-input session.key
    proxy
    within is '.state == "unanswered"'
    printf 'secret' | types -s 1
    within grep -q -- --plain-input proxy.err
    [ "$(grep -c 'sealed input is not answered' proxy.err)" = 1 ]
    within is '.input.withheld == 6'
    only_positions
    kill "$proxy"
    wait "$proxy" || true

    proxy --plain-input
    within is .live
    printf 'open' | types -s 0.5
    within grep -q '^key 1 0x6f' server.log
}

@test "a screen that is too small for sealed input says so" {
    serve --size 320x200 session.key
    proxy
    within is '.state == "unanswered"'
    within grep -q 'too small for sealed input' proxy.err
    run ! grep -q '^pointer' server.log
}

@test "a guest that takes no events stays live, and lost ones are told" {
    serve --trigger go session.key full
    proxy
    within is .live
    : > go
    within grep -q '^scenario' server.log
    printf 'abc' | types -s 1
    within is '.input.lost > 0'
    within is .live
    grep -q 'may be lost' proxy.err
}

@test "--view-only passes nothing on, and is challenged all the same" {
    serve session.key
    proxy --view-only
    within is .live
    printf 'abc' | types -s 1
    [ "$(field '.input.answers > 0')" = true ]
    run ! grep -q '^guest' server.log
    [ "$(field .input.passed)" = 0 ]
}

@test "--input-cadence: as many records a second, typed or not" {
    serve session.key
    proxy --input-cadence 50
    within is .live
    vncwatch -s 600 "$PWD/sock" 0 &     # a viewer that types nothing
    local watching=$! idle busy good
    sleep 1
    # A second; 10 positions are a record.
    rate() {
        local start n
        start=$(date +%s%N)
        n=$(grep -c '^pointer' server.log)
        sleep 4
        n=$(($(grep -c '^pointer' server.log) - n))
        echo $((n * 1000000000 / ($(date +%s%N) - start)))
    }
    # Another program may take the processor for some of this.
    for i in {1..9}; do
        idle=$(rate)
        random_text 30 > "text$i"
        types -s 4 < "text$i" &
        busy=$(rate)
        wait $!
        echo "$idle positions idle, $busy while typing"
        good=$((idle >= 150 && idle <= 225 && busy >= 150 && busy <= 225))
        [ "$good" = 0 ] || break
    done
    [ "$good" = 1 ]
    kill $watching
    wait $watching || true
    cat text? > text
    within guest_has text
    only_positions
}
