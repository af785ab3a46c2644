#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# fbc-vncproxy --web: Debian's noVNC in a headless Chromium, and who may ask.
# shellcheck disable=SC2154,SC2034 # helper.bash and bats set these
load helper

novnc=$top/scripts/novnc
browser=$top/tests/browser/browser.py

# One Chromium for all tests.
setup_file()
{
    export FBC_BROWSER=$BATS_FILE_TMPDIR/browser
    mkdir "$FBC_BROWSER"
    FBC_BROWSER_GROUP=$(python3 "$BATS_TEST_DIRNAME/../browser/browser.py" \
        --start "$FBC_BROWSER" 3>&-)
    export FBC_BROWSER_GROUP
}

teardown_file() { kill -s KILL -- "-$FBC_BROWSER_GROUP"; }

# A line in a file that is being written: FILE PATTERN; at most a minute.
await()
{
    for _ in $(seq 600); do
        ! grep -q -- "$2" "$1" 2> /dev/null || return 0
        sleep 0.1
    done
    echo "$1: no $2"
    cat "$1"
    return 1
}

# A server whose dom0 does what SCENARIO says, and a proxy in front of it.
start() # SCENARIO [EVILVNC'S OPTION]...
{
    keys
    evilvnc --size 480x400 --truth truth.ppm --seconds 600 "${@:2}" \
        session.key "$1" \
        > server.out &
    server=$!
    await server.out '^[0-9]'
    start_proxy "127.0.0.1:$(head -n 1 server.out)"
}

# Sets url, port and token.
start_proxy() # SERVER
{
    fbc-vncproxy -v -k session.key --listen 127.0.0.1:0 --web "$($novnc)" \
        "$1" > proxy.out 2> proxy.err &
    proxy=$!
    await proxy.out ^http
    url=$(head -n 1 proxy.out)
    port=${url#http://127.0.0.1:}
    port=${port%%/*}
    token=${url##*%3D}
}

teardown()
{
    [ -z "${proxy-}" ] || kill "$proxy" 2> /dev/null || true
    [ -z "${server-}" ] || kill "$server" 2> /dev/null || true
    [ -z "${silent-}" ] || kill "$silent" 2> /dev/null || true
    wait
}

# The guest's screen as it is now, in truth.ppm.
truth()
{
    rm -f truth.ppm
    kill -s USR1 "$server"
    for _ in $(seq 600); do
        [ ! -e truth.ppm ] || return 0
        sleep 0.1
    done
    return 1
}

# The status of a request: PATH [CURL'S OPTION]...
status() { curl -s -m 60 -o /dev/null -w '%{http_code}' "${@:2}" \
    "http://127.0.0.1:$port/$1"; }

socket=(-H 'Connection: Upgrade' -H 'Upgrade: websocket'
        -H 'Sec-WebSocket-Version: 13'
        -H 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==')

# The first line of an answer to a WebSocket's request, which may stay open.
upgrade() # PATH ORIGIN [CURL'S OPTION]...
{
    local most code
    for most in 2 60; do
        code=$(curl -s -m $most -o /dev/null -w '%{http_code}' "${socket[@]}" \
            ${2:+-H "Origin: $2"} "${@:3}" "http://127.0.0.1:$port/$1") || true
        [ "$code" = 000 ] || break
    done
    echo "$code"
}

@test "fbc-vncproxy --web: noVNC shows the guest's screen to the pixel" {
    start honest --size 800x600
    truth
    expect 0 python3 "$browser" -s shot.png truth.ppm "$url"
    # The page itself shows it as well: its middle is the canvas.
    [ "$(convert shot.png -format '%wx%h' info:)" = 1000x673 ]
    grep -q 'confined: seccomp' proxy.err
}

@test "fbc-vncproxy --web: noVNC follows what the guest draws" {
    start honest --size 481x403 --every 200 --draws 20
    truth
    cp truth.ppm first.ppm
    expect 0 python3 "$browser" -x first.ppm "$url"
    # When the guest has drawn its last, what stands is the truth.
    drawn()
    {
        cp truth.ppm before.ppm && sleep 1 && truth &&
            cmp -s before.ppm truth.ppm
    }
    until_ok drawn
    run ! cmp -s first.ppm truth.ppm
    expect 0 python3 "$browser" truth.ppm "$url"
}

@test "fbc-vncproxy --web: noVNC 1.6, which starts inline" {
    cp -rL "$($novnc)" my
    python3 - my/vnc.html <<'PY'
import re, sys
page = open(sys.argv[1]).read()
page, n = re.subn(r'<script[^>]*src="app/ui.js"></script>',
                  """<script type="module">
        import UI from "./app/ui.js";
        window.started = UI;
    </script>""", page)
assert n == 1
open(sys.argv[1], "w").write(page)
PY
    novnc='echo my' start honest
    truth
    expect 0 python3 "$browser" truth.ppm "$url"
}

@test "fbc-vncproxy --web: vnc_lite.html, which is one inline script" {
    start honest
    truth
    expect 0 python3 "$browser" truth.ppm "${url/vnc.html/vnc_lite.html}"
}

@test "fbc-vncproxy --web: a click and keys reach the guest" {
    start honest
    truth
    expect 0 python3 "$browser" -i truth.ppm "$url"
    for event in 'pos 40 30 0' 'key 1 272' 'key 0 272' 'key 1 30' 'key 0 30' \
        'key 1 48' 'key 0 48'; do
        await server.out "^guest $event\$"
    done
    # dom0 has seen positions without buttons, and no keys.
    run ! grep -E '^(ext)?key |^pointer [^0]' server.out
}

@test "fbc-vncproxy --web: text and clicks arrive in order, each once" {
    start honest
    truth
    printf '%s' "The 9 lazy dogs (all of Them) said: \"[What?]\" & {left}" > text
    expect 0 python3 "$browser" -k text truth.ppm "$url"
    grep '^click' <<< "$output" > clicks
    [ "$(wc -l < clicks)" -eq 7 ]
    arrived()
    {
        sed -n 's/^guest key \(.*\)/key \1/p' server.out | grep -v ' 272$' |
            python3 "$top/tests/peers/keylog.py" > typed || true
        # Where the pointer was when the button went down.
        awk '/^guest pos/ { x = $3; y = $4 }
            /^guest key 1 272/ { print "click", x, y }' server.out > clicked
        cmp typed text && cmp clicked clicks
    }
    until_ok arrived
}

@test "fbc-vncproxy --web: a tampered screen is not shown as live" {
    start flip-cipher --tile 3 --bit 9
    await server.out ^scenario
    truth
    expect 0 python3 "$browser" -x -s shot.png truth.ppm "$url"
}

@test "fbc-vncproxy --web: plain viewers use the same port" {
    start honest
    truth
    # It takes the first picture, which may be a marked one.
    captured()
    {
        timeout 60 gvnccapture -q "127.0.0.1:$((port - 5900))" shot.png &&
            convert shot.png -depth 8 shot.ppm && cmp shot.ppm truth.ppm
    }
    until_ok captured
}

# Says "HTTP" or "RFB": who spoke first to a client that was silent for so long,
# or until it was greeted.
spoken_to() # SECONDS|greeted
{
    python3 - "$port" "$1" "/${url#http://*/}" <<'PY'
import socket, sys, time
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
s.settimeout(60)
heard = b""
if sys.argv[2] == "greeted":
    heard = s.recv(65536)
else:
    time.sleep(float(sys.argv[2]))
s.sendall(b"GET %s HTTP/1.1\r\nHost: 127.0.0.1:%s\r\n\r\n" % (
    sys.argv[3].encode(), sys.argv[1].encode()))
while True:
    data = s.recv(65536)
    if not data:
        break
    heard += data
greeting = heard.startswith(b"RFB 003.008\n")
assert heard[12 * greeting:].startswith(b"HTTP/1.1 200 OK\r\n"), heard
print("RFB" if greeting else "HTTP")
PY
}

# Five times at most: who asks later than it should is greeted.
asks_after() # SECONDS
{
    for _ in 1 2 3 4 5; do
        [ "$(spoken_to "$1")" != HTTP ] || return 0
    done
    return 1
}

@test "fbc-vncproxy --web: a browser that is slow to ask is answered" {
    keys
    start_proxy /nowhere
    asks_after 0.3
    asks_after 0.8
}

@test "fbc-vncproxy --web: a request after the greeting is answered, too" {
    keys
    start_proxy /nowhere
    [ "$(spoken_to greeted)" = RFB ]
}

@test "fbc-vncproxy --web: silent connections do not block viewers" {
    start honest
    truth
    python3 - "$port" <<'PY' > silent &
import signal, socket, sys
held = [socket.create_connection(("127.0.0.1", int(sys.argv[1])))
        for i in range(40)]
print("held", flush=True)
signal.pause()
PY
    silent=$!
    await silent held
    timeout 60 gvnccapture -q "127.0.0.1:$((port - 5900))" shot.png
    expect 0 python3 "$browser" truth.ppm "$url"
}

@test "fbc-vncproxy --web: no page and no socket without the token" {
    keys
    start_proxy /nowhere
    [ "$(status "${url#http://*/}")" = 200 ]
    [ "$(status app/ui.js)" = 200 ]
    [ "$(status app/ui.js --http1.0)" = 200 ]
    [ "$(upgrade "websockify?token=$token" "http://127.0.0.1:$port")" = 101 ]

    wrong=$(tr 0-9a-f 1-9a-f0 <<< "$token")
    [ "$(status '')" = 403 ]
    [ "$(status vnc.html)" = 403 ]
    [ "$(status vnc_lite.html)" = 403 ]
    [ "$(status "vnc.html?path=websockify%3Ftoken%3D$wrong")" = 403 ]
    [ "$(upgrade websockify "http://127.0.0.1:$port")" = 403 ]
    [ "$(upgrade "websockify?token=$wrong" "http://127.0.0.1:$port")" = 403 ]
    [ "$(upgrade "websockify?token=${token%?}" \
        "http://127.0.0.1:$port")" = 403 ]
}

@test "fbc-vncproxy --web: foreign names and foreign pages are refused" {
    keys
    start_proxy /nowhere
    page=${url#http://*/}
    [ "$(status "$page" -H "Host: localhost:$port")" = 200 ]
    for host in evil.example "evil.example:$port" 127.0.0.1 \
                "127.0.0.1:1$port" "localhost.evil.example:$port"; do
        [ "$(status "$page" -H "Host: $host")" = 403 ]
        [ "$(status app/ui.js -H "Host: $host")" = 403 ]
        curl -s "http://127.0.0.1:$port/$page" -H "Host: $host" |
            grep -q "forward its port under the same number"
        [ "$(upgrade "websockify?token=$token" "http://$host" \
            -H "Host: $host")" = 403 ]
    done
    for origin in '' null http://evil.example "http://localhost:$port" \
                  "https://127.0.0.1:$port" "http://127.0.0.1"; do
        [ "$(upgrade "websockify?token=$token" "$origin")" = 403 ]
    done
}

@test "fbc-vncproxy --web serves the directory and nothing else" {
    keys
    mkdir -p my/app
    cp "$($novnc)/vnc.html" my/
    echo secret > secret.js
    echo 'a' > my/app/a.js
    ln -s ../secret.js my/link.js
    cp session.key my/session.key
    novnc='echo my' start_proxy /nowhere
    [ "$(status app/a.js)" = 200 ]
    [ "$(status link.js)" = 404 ]
    [ "$(status session.key)" = 404 ]
    [ "$(status ../secret.js --path-as-is)" = 400 ]
    [ "$(status app/%2e%2e/../secret.js --path-as-is)" = 400 ]
    [ "$(status app/a.js -X POST)" = 405 ]
    [ "$(status app/a.js -H "X: $(head -c 9000 /dev/zero | tr '\0' x)")" = \
        431 ]
    # A file that comes later, as the confined process finds it.
    echo 'later' > my/app/b.js
    [ "$(curl -s "http://127.0.0.1:$port/app/b.js")" = later ]
    kill -0 "$proxy"
}

@test "fbc-vncproxy --web needs noVNC, and a port that browsers can use" {
    keys
    mkdir empty
    expect 4 fbc-vncproxy -k session.key --listen 127.0.0.1:0 --web empty \
        /nowhere
    says "vnc.html: No such file"
    [[ $stderr == *"hint: Debian's package novnc"* ]]
    expect 4 fbc-vncproxy -k session.key --listen 127.0.0.1:0 --web none \
        /nowhere
    says "none: No such file"
    expect 2 fbc-vncproxy -k session.key --listen "$PWD/socket" --web empty \
        /nowhere
    says "--web: browsers cannot"
}
