#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# The proxy against a hostile VNC server (evilvnc) and with stock viewers.
# shellcheck disable=SC2154,SC2030,SC2031 # helper.bash and bats set these
# shellcheck disable=SC2016 # the inner shell expands
load helper

started=

teardown()
{
    # shellcheck disable=SC2086 # a list
    [ -z "$started" ] || { kill -CONT $started; kill $started; } 2> /dev/null
    wait
}

# Until a command succeeds, at most a minute.
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

# evilvnc with arguments; its lines, each with the time, in server.log.
serve()
{
    : > server.log
    evilvnc --truth now.ppm --seconds 600 "$@" > >(while read -r line; do
        echo "$EPOCHREALTIME $line"; done > server.log) 2> server.err &
    server=$!
    started="$started $server"
    within test -s server.log
    port=$(sed -n '1s/.* //p' server.log)
}

# The proxy with arguments, listening at ./sock.
proxy()
{
    rm -f proxy.json
    fbc-vncproxy -v --json --plain-input -k session.key --listen "$PWD/sock" "$@" \
        > proxy.json 2> proxy.err &
    proxy=$!
    started="$started $proxy"
    within test -s proxy.json
}

# What the guest shows now goes to a file.
truth() # FILE
{
    rm -f now.ppm
    kill -USR1 "$server"
    within test -e now.ppm
    mv now.ppm "$1"
}

watch()
{
    vncwatch "$@" "$PWD/sock" 0
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

state_is()
{
    [ "$(field .state)" = "$1" ]
}

@test "fbc-vncproxy: help, version, unknown options, full disk" {
    common_options fbc-vncproxy
}

@test "fbc-vncproxy: usage" {
    keys
    expect 2 fbc-vncproxy localhost:1
    says "-k: a session key is needed"
    expect 2 fbc-vncproxy -k session.key
    says "one of them is needed"
    expect 2 fbc-vncproxy -k session.key --exec true localhost:1
    expect 2 fbc-vncproxy -k session.key localhost:1 localhost:2
    says "localhost:2: unexpected"
    expect 2 fbc-vncproxy -k - localhost:1
    says "not from standard input"
    expect 2 fbc-vncproxy -k session.key localhost
    says "localhost: neither HOST:PORT nor"
    for bad in ::1 ::1:5900 fe80::1:5900 2001:db8::1; do
        expect 2 fbc-vncproxy -k session.key --listen ./sock $bad
        says "IPv6 addresses are written in brackets"
    done
    expect 2 fbc-vncproxy -k session.key --web . --listen ./sock localhost:1
    says "--web: browsers cannot use a unix socket"
    only session.key owner.key owner.pub vmm.pub blob
}

@test "fbc-vncproxy that cannot say where it listens does not run on" {
    keys
    for json in "" --json; do
        # shellcheck disable=SC2086
        expect 4 timeout 60 sh -c '"$@" > /dev/full' _ fbc-vncproxy $json \
            -k session.key --listen 127.0.0.1:0 127.0.0.1::1
        says "stdout: No space left"
    done
}

@test "fbc-vncproxy listens on this machine only" {
    keys
    for where in 0.0.0.0:5901 :5901 5901 '[::]:5901' '*:5901' 10.0.0.1:5901 \
        example.com:5901 127.0.0.2:5901 127.0.0.1.example.com:5901; do
        expect 2 fbc-vncproxy -k session.key --listen "$where" localhost:1
        says "$where: viewers may only connect from this machine"
    done
    expect 2 fbc-vncproxy -k session.key --listen 127.0.0.1:x localhost:1
    says "x is not a port"
    expect 2 fbc-vncproxy -k session.key --listen '[::1]:65536' localhost:1
    expect 2 fbc-vncproxy -k session.key --listen "/$(printf %0120d 0)" \
        localhost:1
    says "longer than a unix socket's path"
}

@test "fbc-vncproxy refuses secrets that others can read" {
    keys
    chmod 640 session.key
    expect 3 fbc-vncproxy -k session.key --listen ./sock localhost:1
    says "open to others (mode 0640)"
    chmod 600 session.key
    expect 3 fbc-vncproxy -k owner.key --listen ./sock localhost:1
    says "owner.key: is an owner secret key, not a session key"
    expect 3 fbc-vncproxy -k nothing --listen ./sock localhost:1
    says "nothing: No such file"
    echo secret > password
    for option in --password-file --viewer-password-file; do
        expect 3 fbc-vncproxy -k session.key --listen ./sock $option \
            password localhost:1
        says "password: password is open to others (mode 0644)"
        expect 3 fbc-vncproxy -k session.key --listen ./sock $option nothing \
            localhost:1
        : > empty
        chmod 600 empty
        expect 3 fbc-vncproxy -k session.key --listen ./sock $option empty \
            localhost:1
        says "empty: first line is empty"
    done
    ln -s password link
    expect 3 fbc-vncproxy -k session.key --listen ./sock --password-file \
        link localhost:1
    [ ! -e sock ]
}

@test "fbc-vncproxy: its unix socket is private, and goes with it" {
    keys
    serve session.key
    proxy 127.0.0.1::"$port"
    [ "$(stat -c %a sock)" = 600 ]
    expect 4 fbc-vncproxy -k session.key --listen ./sock 127.0.0.1::"$port"
    says "./sock: Address already in use"
    [ -S sock ]

    # One that is left behind is replaced.
    kill -KILL "$proxy"
    within test ! -e sock
    python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("sock")'
    proxy 127.0.0.1::"$port"
    within watch -u live
    kill "$proxy"
    wait "$proxy"
    within test ! -e sock
    : > file
    expect 4 fbc-vncproxy -k session.key --listen ./file localhost:1
    [ -f file ]
}

@test "stock viewers of every kind see exactly the guest's screen, at once" {
    keys
    serve --size 330x206 session.key
    proxy 127.0.0.1::"$port"
    within watch -u live
    truth t.ppm
    pids=
    for e in tight zrle raw hextile zlib; do
        for b in 32 15 8; do
            state=live
            [ $b = 32 ] || state=seen
            watch -e "$e" -b $b -u $state -t t.ppm &
            pids="$pids $!"
        done
    done
    for p in $pids; do wait "$p"; done

    # gtk-vnc, over TCP; it takes a display number
    kill "$proxy"
    wait "$proxy"
    fbc-vncproxy --plain-input -k session.key --listen '127.0.0.1:0' 127.0.0.1::"$port" \
        > where &
    started="$started $!"
    within test -s where
    [[ $(cat where) == 127.0.0.1:[0-9]* ]]
    within vncwatch -u live 127.0.0.1 "$(sed 's/.*://' where)"
    captured()
    {
        timeout 60 gvnccapture -q \
            "127.0.0.1:$(($(sed 's/.*://' where) - 5900))" seen.png
        [ "$(convert seen.png rgb:- | sha256sum)" = \
          "$(convert t.ppm rgb:- | sha256sum)" ]
    }
    within captured
}

# What the guest shows now is what a viewer sees; it may have drawn since.
stands()
{
    truth t.ppm && watch -s 1 -t t.ppm
}

@test "bands that are coded, the same" {
    keys
    serve --console --size 330x206 --every 300 --draws 5 session.key
    proxy 127.0.0.1::"$port"
    within watch -u live
    within stands
    [ "$(field '.tiles.bad')" = 0 ]
}

# When the screen was marked first after that time, or that time, if it is.
marked_since() # TIME
{
    awk -v t="$1" '$2 == "marked" && $1 > t && !m { m = $1 }
        { state = $2 }
        END { if (m || state == "marked") print m ? m : t }' seen.log
}

# A screen that is too large at once is never drawn on.
has_marked() # SCENARIO TIME
{
    [ "$1" = huge-init ] || grep -q scenario server.log || return 1
    [ -n "$(marked_since "$2")" ]
}

# One attack in a directory of its own: prints what went wrong.
attack() # SCENARIO
{
    local began viewer
    mkdir "$1" "$1/seen"
    cd "$1" || return
    cp ../session.key .
    serve --trigger go session.key "$1"
    proxy 127.0.0.1::"$port"
    [ "$1" = huge-init ] || within watch -u live > /dev/null
    truth t0.ppm
    watch -s 600 -d seen > seen.log 2> seen.err &
    viewer=$!
    started="$started $viewer"
    within test -s seen.log
    began=$EPOCHREALTIME
    : > go
    within has_marked "$1" "$began"
    sleep 3                             # what else may come
    kill "$viewer"
    wait "$viewer" || true
    truth t1.ppm
    vncwatch -j t0.ppm t1.ppm -- seen/*.ppm > forged.log || cat forged.log
    [ -n "$(ls seen)" ] || echo "nothing was seen"

    # 5 s, and what a busy machine adds.
    awk -v b="$began" -v m="$(marked_since "$began")" 'BEGIN {
        if (m == "" || m - b > 30) print "no mark", b, m
        printf "%.1f s\n", m - b > "took" }'
    awk '/^VmHWM/ && $2 > 200000 { print "memory", $2 }' "/proc/$proxy/status"
    [ "$(field '.schema')" = fbcrypt/vncproxy/1 ] || echo "no report"
}

attacks()
{
    local s
    for s; do
        (trap teardown EXIT; attack "$s" > "$s.bad" 2>&1) &
    done
    wait
    for s; do
        echo "$s: marked after $(cat "$s/took")"
        [ ! -s "$s.bad" ] || { echo "== $s"; cat "$s.bad"; failed=1; }
    done
    [ -z "$failed" ]
}

@test "no attack on the shadow shows a forged pixel; each is marked in 5 s" {
    keys
    attacks flip-header flip-cipher flip-counter flip-flags flip-tag \
        flip-manifest flip-manifest-counter flip-manifest-tag replay \
        old-manifest rollback swap
}

@test "no attack on the protocol does either, nor takes memory" {
    keys
    attacks freeze truncate-hang truncate-close flood bells huge huge-init \
        huge-text bpp8 bpp16 jpeg outside copyrect unknown
}

@test "a screen that freezes is marked, and live again when it thaws" {
    keys
    serve session.key
    proxy 127.0.0.1::"$port"
    within watch -u live
    truth t.ppm
    kill -STOP "$server"
    watch -u marked
    [ "$(field .state)" = frozen ]
    [[ $(field .why) == "frozen: no manifest for "*" s" ]]
    kill -CONT "$server"
    within watch -u live -t t.ppm
    [ "$(field .marks)" -ge 1 ]
}

@test "viewers stay through restart, new key, reboot of the VM and resize" {
    keys
    serve --unix "$PWD/dom0" --size 320x200 session.key
    proxy "$PWD/dom0"
    within watch -u live
    watch -s 600 -d . > seen.log 2> seen.err &
    viewer=$!
    started="$started $viewer"
    within grep live seen.log

    # The server goes, and comes back with a larger screen.
    kill "$server"
    within state_is lost
    within grep marked seen.log
    rm dom0
    serve --unix "$PWD/dom0" --size 400x300 --epoch 2 session.key
    within grep 'live 400x300' seen.log

    # A new session key, first set, then known, as fbc-wrapkey writes it.
    cp session.key old.key
    fbc-wrapkey --to vmm.pub --from owner.key -o session.key > blob
    kill -HUP "$server"
    within sh -c "grep -q 'new session key' proxy.err"
    within watch -u live
    truth t.ppm
    watch -u live -t t.ppm

    # It is the other way round, too: the file changes first.
    fbc-wrapkey --to vmm.pub --from owner.key -o session.key > blob
    kill -HUP "$proxy"
    within state_is other-key
    kill -HUP "$server"
    within watch -u live
    [ "$(field .keys)" = 2 ]
    [ "$(field .upstream.reconnects)" = 1 ]
    kill -0 "$viewer"
    [ ! -s seen.err ]
}

@test "a screen without a key, and with another one, is marked as such" {
    keys
    serve --aead 0 session.key
    proxy 127.0.0.1::"$port"
    watch -o seen.ppm -u marked
    within state_is unkeyed
    [ "$(field .why)" = "no key set yet" ]
    [ "$(field .live)" = false ]

    kill "$server" "$proxy"
    wait "$proxy"

    serve session.key
    cp session.key mine.key
    fbc-wrapkey --to vmm.pub --from owner.key -o session.key > blob
    proxy 127.0.0.1::"$port"
    within state_is other-key
    [ "$(field .why)" = "another session key or launch" ]
    cp mine.key session.key
    within state_is live
}

# What a viewer that connects now has in its title.
title()
{
    PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$top/tests/peers python3 -c '
import rfbclient, sys
print(rfbclient.Client(sys.argv[1]).name)' "$PWD/sock"
}

launch_is() { [ "$(field '[.launch, .launch_checked] | @csv')" = "$1" ]; }

@test "the proxy tells whether the guest's launch was accepted" {
    keys
    c3=$(printf 'c3%.0s' {1..32}) d4=$(printf 'd4%.0s' {1..32})
    wrap() {
        fbc-wrapkey --to vmm.pub --from owner.key -o session.key "$@" > blob
    }
    serve session.key
    proxy 127.0.0.1::"$port"
    [ "$(title)" = "127.0.0.1::$port (fbcrypt, launch: NOT CHECKED)" ]
    within state_is live
    within launch_is '"any",false'
    [ "$(field .launch_digest)" = "$(printf 'a1%.0s' {1..16})" ]
    grep -q 'live: .*, launch: NOT CHECKED' proxy.err

    # A key for digests, of which the guest has the first.
    wrap --launch "$c3" --launch "$d4"
    kill -HUP "$proxy"
    within state_is other-key
    [ "$(title)" = "127.0.0.1::$port (fbcrypt, launch: accepted, one of 2)" ]
    launch_is ',false'
    kill -HUP "$server"
    within watch -u live
    within launch_is '"accepted",true'
    [ "$(field .launch_digest)" = "$c3" ]
    [ "$(title)" = "127.0.0.1::$port (fbcrypt, launch: accepted c3c3c3c3..)" ]
    grep -q 'live: .*, launch: accepted c3c3c3c3\.\.' proxy.err

    # Who looks at one that is accepted cannot be given one that is not.
    run ! grep -q 'takes any launch' proxy.err
    wrap
    kill -HUP "$server"
    within state_is other-key
    within grep -q 'warning: the new session key takes any launch' proxy.err
    sleep 1.5
    state_is other-key
    [ "$(grep -c 'takes any launch' proxy.err)" -eq 1 ]
    kill "$proxy"
    wait "$proxy"
    proxy 127.0.0.1::"$port"
    within state_is live
    launch_is '"any",false'
}

@test "a proxy that expects another launch shows nothing" {
    keys
    c3=$(printf 'c3%.0s' {1..32}) d4=$(printf 'd4%.0s' {1..32})
    fbc-wrapkey --to vmm.pub --from owner.key -o session.key \
        --launch "$c3" > blob
    serve session.key
    # The same session key, from the same owner, for another guest.
    python3 - "$c3" "$d4" <<'PY'
import base64, hashlib, sys
*comments, line = open("session.key").read().splitlines()
prefix, text = line.split(":")
data = base64.b64decode(text)[:-4].replace(*map(bytes.fromhex, sys.argv[1:]))
tag = hashlib.sha256(prefix.encode() + b":" + data).digest()[:4]
print(prefix + ":" + base64.b64encode(data + tag).decode(),
      file=open("session.key", "w"))
PY
    proxy 127.0.0.1::"$port"
    within state_is other-key
    watch -o seen.ppm -u marked
    [ "$(field .tiles.ok)" = 0 ]
    launch_is ',false'
    truth t.ppm
    run ! watch -s 2 -u live -t t.ppm
    # The control: with the digest as it was all is shown.
    kill "$proxy"
    wait "$proxy"
    fbc-wrapkey --to vmm.pub --from owner.key -o session.key \
        --launch "$c3" > blob
    kill -HUP "$server"
    proxy 127.0.0.1::"$port"
    within watch -u live
}

# What the last one sent has been read.
nobody_watches()
{
    [ "$(field .viewers.now)" = 0 ]
}

@test "keys and pointer reach the guest; nothing does with --view-only" {
    keys
    serve session.key
    proxy 127.0.0.1::"$port"
    within watch -u live
    # Again, should the screen be marked just then.
    press() { watch -u live -k 0x61 -c 100,150; sleep 1; pressed; }
    # What makes QEMU say 100, 150; see parse/rfb/pointer.h.
    pressed()
    {
        grep 'key 1 0x61' server.log && grep 'key 0 0x61' server.log &&
            grep 'pointer 1 101 151' server.log &&
            sed '1,/pointer 1 /d' server.log | grep 'pointer 0 101 151'
    }
    within press
    [ "$(field '.input.withheld == 0 or .marks > 0')" = true ]

    kill "$proxy"
    wait "$proxy"
    : > server.log
    proxy --view-only 127.0.0.1::"$port"
    within watch -u live
    watch -u live -k 0x62 -c 10,20
    within nobody_watches
    [ "$(field .input.passed)" = 0 ]
    run ! grep 'key\|pointer' server.log
}

@test "what is typed goes nowhere while the screen is not the guest's" {
    keys
    serve --aead 0 session.key
    proxy 127.0.0.1::"$port"
    within state_is unkeyed
    watch -u marked -k 0x70 -c 10,20
    within nobody_watches
    [ "$(field .input.passed)" = 0 ]
    [ "$(field .input.withheld)" -ge 4 ]
    run ! grep 'key\|pointer' server.log
}

@test "a key that is down when its viewer goes comes up" {
    keys
    serve session.key
    proxy 127.0.0.1::"$port"
    within watch -u live
    python3 - "$PWD/sock" <<'PY'
import socket, struct, sys
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
s.settimeout(60)
def get(n):
    b = b""
    while len(b) < n:
        more = s.recv(n - len(b))
        assert more, "cut off"
        b += more
    return b
get(12)
s.sendall(b"RFB 003.003\n")
assert get(4) == b"\0\0\0\1"
s.sendall(b"\1")
w, h = struct.unpack(">HH", get(4))
get(16 + struct.unpack(">16xI", get(20))[0] - 16)
s.sendall(struct.pack(">BBHI", 4, 1, 0, 0xffe3) +
          struct.pack(">BBHH", 5, 4, 7, 8))
PY
    within grep 'key 0 0xffe3' server.log
    grep 'key 1 0xffe3' server.log
    grep 'pointer 4 8 9' server.log
    within grep 'pointer 0 8 9' server.log
}

@test "clipboards do not pass, in either direction" {
    keys
    serve session.key
    proxy 127.0.0.1::"$port"
    within watch -u live
    # Text and key again, should the screen be marked just then.
    python3 - "$PWD/sock" <<'PY' &
import socket, struct, sys, time
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
s.sendall(b"RFB 003.008\n\1\1")
while True:                         # until the test ends it
    s.sendall(struct.pack(">BBHI", 6, 0, 0, 100000) + b"x" * 100000 +
              struct.pack(">BBHI", 4, 1, 0, 0x7a))
    time.sleep(1)
PY
    started="$started $!"
    within grep 'key 1 0x7a' server.log
    run ! grep text server.log
}

more() # UPDATES
{
    [ "$(($(field .viewers.updates) - before))" -ge "$1" ]
}

@test "a viewer that does not read does not hold up the others" {
    keys
    serve --size 1280x800 --every 100 session.key
    proxy 127.0.0.1::"$port"
    within watch -u live
    watch -e raw -s 600 > stalled.log &
    stalled=$!
    started="$started $stalled"
    within grep live stalled.log
    kill -STOP "$stalled"
    before=$(field .viewers.updates)
    watch -s 600 > other.log &
    started="$started $!"
    within more 8
    kill -CONT "$stalled"
    kill -0 "$stalled"
}

@test "half a message holds nothing up, and greetings do not take for ever" {
    keys
    serve session.key
    proxy 127.0.0.1::"$port"
    within watch -u live
    python3 - "$PWD/sock" <<'PY'
import socket, sys, time
def connect():
    s = socket.socket(socket.AF_UNIX)
    s.connect(sys.argv[1])
    s.settimeout(60)
    return s
for sent in b"R", b"RFB 003.008\n", b"RFB 003.008\n\1\1\2\0\0", \
        b"RFB 003.008\n\1\1\6\0\0\0\0\0\0\11ab":
    s = connect()
    s.sendall(sent)
    t = connect()
    assert t.recv(12) == b"RFB 003.008\n"
for sent in b"GET / HTTP/1.1\r\n", b"\x16\3\1aaaaaaaaa", \
        b"RFB 003.008\n\1\1\7aaaaaaaaaaaaaaa", \
        b"RFB 003.008\n\1\1\0\0\0\0\x20\x18\0\1\0\0\0\xff\0\xff\0\0\0\0\0\0":
    for again in range(5):
        start = time.monotonic()
        s = connect()
        s.sendall(sent)
        while s.recv(4096):
            pass
        if time.monotonic() - start < 5:    # not only when time was up
            break
    else:
        sys.exit("slow: %r" % sent)
PY
    watch -u live
    [ "$(field .viewers.dropped)" -ge 4 ]
}

@test "sixteen viewers are served, the next one is not" {
    keys
    serve session.key
    proxy 127.0.0.1::"$port"
    for i in $(seq 16); do
        watch -s 600 > "$i.log" &
        started="$started $!"
        within grep live "$i.log"
    done
    expect 1 watch -u live
    [ "$stderr" = "vncwatch: no connection" ]
    [ "$(field .viewers.now)" = 16 ]
    [ "$(field .viewers.refused)" = 1 ]
}

@test "silent connections do not keep a viewer out" {
    keys
    serve session.key
    proxy 127.0.0.1::"$port"
    python3 - "$PWD/sock" <<'PY' > silent.log &
import signal, socket, sys
held = [socket.socket(socket.AF_UNIX) for i in range(16)]
for s in held:
    s.connect(sys.argv[1])
    assert s.recv(12) == b"RFB 003.008\n"
print("held", flush=True)
signal.pause()
PY
    started="$started $!"
    within grep held silent.log
    watch -u live
    [ "$(field .viewers.refused)" = 0 ]
}

@test "who is asked for a password has minutes: a viewer's user, and ssh's" {
    keys
    umask 077
    echo swordfish > viewer.pw
    proxy --viewer-password-file viewer.pw \
        --exec "sleep 12; exec evilvnc --stdio session.key"
    grep -q "viewer.pw: VNC looks at the first 8 of its 9 char" proxy.err
    python3 - "$PWD/sock" <<'PY'
import socket, sys, time
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
s.settimeout(60)
def get(n):
    data = b""
    while len(data) < n:
        more = s.recv(n - len(data))
        assert more, "cut off"
        data += more
    return data
assert get(12) == b"RFB 003.008\n"
s.sendall(b"RFB 003.008\n")
assert get(2) == b"\1\2"
s.sendall(b"\2")
get(16)
time.sleep(12)
s.sendall(bytes(16))
assert get(4) == b"\0\0\0\1"     # it was listened to
PY
    within watch -p swordfish -u live
    [ "$(field .upstream.connections)" = 1 ]
    [ "$(field .upstream.failures)" = 0 ]
}

@test "passwords: of the server, and for viewers" {
    keys
    umask 077
    echo sesame > server.pw
    echo swordfish > viewer.pw
    echo wrong > wrong.pw
    serve --password sesame session.key
    proxy --password-file wrong.pw 127.0.0.1::"$port"
    within grep -i 'password\|auth' proxy.err
    kill "$proxy"
    wait "$proxy"
    proxy --password-file server.pw --viewer-password-file viewer.pw \
        127.0.0.1::"$port"
    within watch -p swordfish -u live
    expect 1 watch -p swordfigh -u live
    [ "$stderr" = "vncwatch: no connection" ]
    # Only eight characters count: so it has always been.
    watch -p swordfisX -u live
    expect 1 watch -u live
    [ "$stderr" = "vncwatch: no connection" ]
    [ "$(field .viewers.dropped)" -ge 1 ]
    run ! grep 'sesame\|swordfish' proxy.err proxy.json \
        "/proc/$proxy/cmdline"
}

@test "a refusal that repeats itself ends it, with what to do" {
    keys
    umask 077
    echo wrong > wrong.pw
    serve --password sesame session.key
    run_proxy() { timeout 90 fbc-vncproxy --plain-input -k session.key \
        --listen "$PWD/sock" "$@"; }
    expect 1 run_proxy 127.0.0.1::"$port"
    says "VNC server: the server wants a password"
    [[ $stderr == *"hint: the VM has vncpasswd=: give --password-file"* ]]
    [ ! -e sock ]
    expect 1 run_proxy --password-file wrong.pw 127.0.0.1::"$port"
    says "VNC server: the server refuses the password"
    [[ $stderr == *"hint: is it that of the VM's vncpasswd="* ]]
    expect 1 run_proxy --json --exec false
    says "VNC server: closed the connection"
    [[ $stderr == *"hint: the command ends without a byte"* ]]
    jq -es '.[1].error.status == 1 and .[1].upstream.failures == 5' \
        <<< "$output"
}

@test "a server that is not there, or goes again, is waited for" {
    keys
    # Five times nobody listens, which is no refusal.
    proxy 127.0.0.1::1
    within sh -c '[ "$(grep -c refused proxy.err)" -ge 5 ]'
    kill -0 "$proxy"
    kill "$proxy"
    wait "$proxy"
    # A command that has worked once may fail for long.
    proxy --exec 'if [ -e worked ]; then exit 1; fi; : > worked
        exec 3<&0; evilvnc --stdio session.key <&3 & i=0
        until [ -e enough ] || [ $i -ge 600 ]; do sleep 0.1; i=$((i+1)); done
        kill $!'
    within watch -u live
    : > enough
    within sh -c '[ "$(grep -c "closed the connection" proxy.err)" -ge 6 ]'
    kill -0 "$proxy"
}

@test "--exec: the server is a command's standard input and output" {
    keys
    proxy --exec "evilvnc --stdio session.key"
    within watch -u live
    [ "$(field .upstream.connections)" = 1 ]
}

@test "--json reports everything, on SIGUSR1 and at the end" {
    keys
    serve --every 50 session.key
    proxy 127.0.0.1::"$port"
    head -n 1 proxy.json | jq -e '.schema == "fbcrypt/vncproxy-listen/1" and
        .ok and (.listen | endswith("/sock")) and .url == null'
    watch -u live
    watch -s 600 &
    started="$started $!"
    # One that stands still for a while is marked meanwhile.
    good='.schema == "fbcrypt/vncproxy/1" and
        .ok and .error == null and .live == (.state == "live") and
        .live == (.why == null) and .width == 320 and .height == 200 and
        .epoch == 1 and .uptime_ms > 1000 and .updates > 10 and
        .unusable == 0 and .tiles.ok > 75 and
        .tiles.bad == 0 and .manifests.ok > 10 and .manifests.bad == 0 and
        .manifests.stale == 0 and .epochs == 1 and .keys == 0 and
        .marks >= 0 and .upstream.connections == 1 and
        .upstream.reconnects == 0 and .upstream.failures == 0 and
        .upstream.bytes_in > 200000 and .upstream.bytes_out > 100 and
        .viewers.accepted == 2 and .viewers.updates > 10 and
        .viewers.bytes > 1000 and .input.passed == 0 and
        .latency_us.samples > 5 and .latency_us.p50 > 0 and
        .latency_us.p95 >= .latency_us.p50 and
        .latency_us.p99 >= .latency_us.p95 and
        .latency_us.max >= .latency_us.p99'
    is_good()
    {
        [ "$(field "$good and .live and .tiles.pending == 0")" = true ]
    }
    within is_good
    reports=$(wc -l < proxy.json)
    kill "$proxy"
    wait "$proxy"
    [ "$(wc -l < proxy.json)" -eq $((reports + 1)) ]
    tail -n 1 proxy.json | jq -e "$good" > /dev/null
}

@test "the examples of the manual work" {
    keys
    mkdir bin
    cat > bin/ssh <<SH
#!/bin/sh
[ "\$*" = "-W localhost:5900 dom0" ] && exec evilvnc --size 480x400 --stdio session.key
SH
    cat > bin/vncviewer <<'SH'
#!/bin/sh
for i in $(seq 100); do
    case $1 in
    ./*) vncwatch -u live "$1" 0 && exit ;;
    *) vncwatch -u live "${1%:*}" "${1##*:}" && exit ;;
    esac
    sleep 0.1
done
exit 1
SH
    # Nothing waits for the first line of a report here.
    cat > bin/head <<'SH'
#!/bin/sh
until [ -s "$3" ]; do sleep 0.1; done
exec /usr/bin/head "$@"
SH
    chmod +x bin/*
    awk '/^\.Sh/ { on = /EXAMPLES/ }
         /^\.Bd/ { code = 1; next }
         /^\.Ed/ { code = 0; if (on) print "kill %% 2> /dev/null || :" }
         on && code { sub(/^[$#] /, ""); gsub(/\\e$/, "\\"); print }' \
        "$top/man/fbc-vncproxy.1" > script
    [ "$(wc -l < script)" -ge 10 ]
    PATH=$PWD/bin:$PATH run -0 bash -e -o pipefail script
    [[ $output == *'"live"'*'"p50"'* ]]
}

@test "the judge of the tests above is not blind" {
    keys
    serve session.key
    proxy 127.0.0.1::"$port"
    within watch -u live -o seen.ppm
    truth t.ppm
    vncwatch -j t.ppm -- seen.ppm
    kill -USR2 "$server"
    within sh -c 'vncwatch -s 1 -u live -t t.ppm "$PWD/sock" 0; [ $? = 1 ]'
    truth other.ppm
    run -1 vncwatch -j other.ppm -- seen.ppm
    kill -STOP "$server"
    watch -u marked -o marked.ppm
    vncwatch -j other.ppm -- marked.ppm
    run -1 vncwatch -j t.ppm -- marked.ppm
}

@test "it is confined once it runs" {
    keys
    serve session.key
    proxy 127.0.0.1::"$port"
    grep -E '^Seccomp:\s*2' "/proc/$proxy/status"
    grep -E '^NoNewPrivs:\s*1' "/proc/$proxy/status"
    grep -E '^Max core file size +0 +0 ' "/proc/$proxy/limits"
    grep 'confined: seccomp' proxy.err
    within watch -u live
}
