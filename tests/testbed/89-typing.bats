#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# Viewers' keys and pointers through fbc-vncproxy, sealed, stock QEMU and the
# hypervisor: the guest's evdev log is what was typed.
bats_require_minimum_version 1.5.0
load common

setup_file() {
    mkdir -p "$top/build/check"
    boot
    owner_guest u1 --wait agent
    cd "$BATS_FILE_TMPDIR" || return 1
    "$bin/fbc-wrapkey" --to "$(vmm_key)" --from u1.owner --input sealed \
        -o u1.session >u1.blob
    dom0 fbc-setkey u1 <u1.blob
    start_proxy --web "$("$top/scripts/novnc")"
}

teardown_file() {
    cd "$BATS_FILE_TMPDIR" || return 1
    stop_proxy
    tb down
}

setup() {
    cd "$BATS_FILE_TMPDIR" || return 1
    where=$(head -n 1 proxy.out | jq -r .listen)
    url=$(head -n 1 proxy.out | jq -r .url)
    export DISPLAY=:$(cat display)
}

# The keyboard's log as text; a repeated key is one that was not let go.
heard_text() {
    heard 0 | sed -E 's/^key ([0-9]+) ([01])$/key \2 \1/' |
        python3 "$top/tests/peers/keylog.py"
}

# Random characters, every one of the keyboard.
random_text() { # LENGTH
    python3 -c 'import random, sys
random.seed(9)
print("".join(chr(random.randint(33, 126)) for _ in range(int(sys.argv[1]))),
      end="")' "$1"
}

# Input into a screen that is not live is withheld, and counted: on a machine so
# busy that challenges stay unanswered.  No other key may be missing, and none
# may be there that was not typed.
as_typed() # TEXT TYPED WITHHELD-BEFORE
{
    local held
    [ "$(report .input.lost)" = 0 ] || return
    held=$(($(report .input.withheld) - $3))
    echo "$held events withheld" | tee -a "$top/build/check/typing.txt"
    python3 - "$1" "$2" $held <<'PY'
import sys
text, typed = (open(name).read() for name in sys.argv[1:3])
rest = iter(text.lower())
assert all(c in rest for c in typed.lower()), "a key that was not typed"
missing = len(text) - len(typed)
assert missing <= int(sys.argv[3]), "%d keys are missing" % missing
assert missing or text == typed or int(sys.argv[3]), "another character"
assert len(typed) * 10 > len(text), "next to nothing arrived"
PY
}

# Of what the viewer was given, some may not have reached the proxy yet, nor of
# that some the guest.
typed_is() # TEXT WITHHELD-BEFORE
{
    local i
    for i in $(seq 90); do
        heard_text >typed
        as_typed "$1" typed "$2" && return
        sleep 1
    done
    return 1
}

@test "the screen is live, and the hypervisor has answered" {
    until_report '.live and .input.open and .input.answers > 1'
    [ "$(status_of u1 input)" = sealed ]
}

@test "TigerVNC: 2,000 characters with modifiers, in order, each once" {
    start_viewer "${where##*:}"
    random_text 2000 >text
    listen
    held=$(report .input.withheld)
    records=$(status_of u1 input_records)
    bytes=$(report .upstream.bytes_out)
    xdotool type --delay 33 --file text
    typed_is text "$held"
    bytes=$(($(report .upstream.bytes_out) - bytes))
    records=$(($(status_of u1 input_records) - records))
    echo "2000 characters: $records records, $bytes bytes" |
        tee -a "$top/build/check/typing.txt"
    # At most 120 bytes a key, Shift is one, too; what a busy machine makes the
    # proxy send again does not count, nor do a second's challenges.
    keys=$(heard 0 | grep -c ' 1$')
    [ $((records * 60)) -lt $((keys * 120 + 20000)) ]
}

@test "TigerVNC: pointer, buttons and wheel" {
    window=$(xdotool search --onlyvisible --name TigerVNC | tail -n 1)
    listen
    xdotool mousemove --window "$window" 123 45
    sleep 0.5
    xdotool click 1 click 3 click 2 click 4 click 5
    sleep 0.5
    xdotool mousemove --window "$window" 700 500
    for _ in $(seq 60); do
        heard 1 >got
        [ "$(grep '^abs 0' got | tail -n 1)" != "abs 0 700" ] ||
            [ "$(grep '^abs 1' got | tail -n 1)" != "abs 1 500" ] || break
        sleep 1
    done
    cat got
    grep -E '^(key|rel)' got >buttons
    diff buttons - <<END
key 272 1
key 272 0
key 273 1
key 273 0
key 274 1
key 274 0
rel 8 1
rel 8 -1
END
    [ "$(grep '^abs 0' got | tail -n 1)" = "abs 0 700" ]
    [ "$(grep '^abs 1' got | tail -n 1)" = "abs 1 500" ]
    stop_viewer
}

@test "30 keys and 60 moves a second for 20 s: every key, and no other move" {
    random_text 600 >text
    listen
    held=$(report .input.withheld)
    python3 "$top/tests/peers/rfbtype.py" -r 30 -m 1200 "$where" <text >moves
    typed_is text "$held"
    for _ in $(seq 60); do
        heard 1 | awk '$1 == "abs" && $2 == 0 { x = $3 }
                       $1 == "abs" && $2 == 1 { print "pos", x, $3, 0 }' >got
        [ "$(tail -n 1 got)" != "$(tail -n 1 moves)" ] || break
        [ "$(report .input.withheld)" = "$held" ] || break
        sleep 1
    done
    # Moves may be merged where acknowledgements are late.
    echo "1200 moves, $(wc -l <got) of them in the guest" |
        tee -a "$top/build/check/typing.txt"
    run ! grep -E '^[0-9,]+a|^>' <(diff moves got)
    [ "$(report .input.withheld)" != "$held" ] ||
        [ "$(tail -n 1 got)" = "$(tail -n 1 moves)" ]
}

@test "noVNC in Chromium: text with Shift, moves and clicks, in order, each once" {
    random_text 240 >text
    truth t.ppm
    listen
    held=$(report .input.withheld)
    python3 "$top/tests/browser/browser.py" -t 240 -k text t.ppm "$url" >clicks
    cat clicks
    [ "$(wc -l <clicks)" -eq 30 ]
    typed_is text "$held"
    for _ in $(seq 60); do
        heard 1 | awk '$1 == "abs" && $2 == 0 { x = $3 }
                       $1 == "abs" && $2 == 1 { y = $3 }
                       $1 == "key" && $3 == 1 { print "click", x, y }' >got
        [ "$(wc -l <got)" -lt 30 ] || break
        [ "$(report .input.withheld)" = "$held" ] || break
        sleep 1
    done
    if [ "$(report .input.withheld)" = "$held" ]; then
        diff clicks got
    else
        run ! grep '^>' <(diff clicks got)
    fi
}

# Waits until the text on the guest's screen ends in that.
until_screen() # PATTERN
{
    for _ in $(seq 60); do
        tb guest u1 'fold -w 100 /dev/vcs1' | grep '[^ ]' >screen || true
        tail -n 1 screen | grep -qE "$1 *$" && return
        sleep 0.3
    done
    cat screen
    return 1
}

types() { # TEXT
    xdotool type --delay 60 "$1"
    xdotool key Return
}

@test "a login on a text console, its password typed: dom0 gets none of it" {
    password=Xq7_$(random_text 64 | tr -dc 'A-Za-z2-9@_%' | head -c 12)
    # The guest gets its hash, and a root directory that is not root's alone.
    # shellcheck disable=SC2016
    openssl passwd -6 "$password" | tb guest -i u1 'read -r hash
        chmod 755 /
        echo "tenant:x:1000:1000::/tmp:/bin/sh" >>/etc/passwd
        echo "tenant:$hash:1::::::" >/etc/shadow
        setsid getty 38400 tty1 linux </dev/null >/dev/null 2>&1 &'
    start_viewer "${where##*:}"
    until_screen 'login:'
    types tenant
    until_screen 'Password:'
    types "${password^^}"
    # Another one does not do.
    until_screen 'login:'
    record
    listen
    types tenant
    until_screen 'Password:'
    types "$password"
    until_screen '\$'
    # shellcheck disable=SC2016
    types 'echo $(id -un) $(tty) >who'
    for _ in $(seq 60); do
        [ "$(tb guest u1 'cat /tmp/who')" != "tenant /dev/tty1" ] || break
        sleep 1
    done
    until_screen '\$'
    recorded >rec
    stop_viewer
    heard_text >typed
    cat typed
    grep -qF "$password" typed
    [ "$(tb guest u1 'cat /tmp/who')" = "tenant /dev/tty1" ]

    "$bin/fbc-leakcheck" --input --find "$password" --json <rec >answer
    jq -c '[.events, .keys, .records]' answer
    [ "$(jq .keys answer)" = 0 ]
    [ "$(jq .records answer)" -gt $((2 * ${#password})) ]
}

@test "all that QEMU was sent are positions without buttons" {
    [ "$(grep -c '^pointer 0 ' tap.log)" -gt 2000 ]
    run ! grep -v '^pointer 0 ' tap.log
}
