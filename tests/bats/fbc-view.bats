#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# The tenant's whole flow against a host that ssh finds on this machine.
# shellcheck disable=SC2154,SC2016,SC2001 # helper.bash and bats set these
load helper

PATH=$top/scripts:$PATH

# Commands named by NAME, with the text of standard input as their body.
fake() { # NAME
    { echo '#!/bin/sh'; cat; } > "bin/$1"
    chmod +x "bin/$1"
}

# host/: what the host has and is told; bin/: ssh, proxy and viewer.
host()
{
    keys
    mkdir -p bin host/bin run home/.config/fbcrypt
    mv owner.key home/.config/fbcrypt/owner.key
    rm session.key blob
    mv vmm.pub host/vmm.pub
    export HOME=$PWD/home XDG_RUNTIME_DIR=$PWD/run DISPLAY=:none
    unset XDG_CONFIG_HOME WAYLAND_DISPLAY
    known=$HOME/.config/fbcrypt/known_hosts
    # Where older versions pinned.
    old=$HOME/.config/fbcrypt/hosts/dom0.example.vmm

    fake ssh <<SH
echo "ssh \$*" >> "$PWD/log"
while [ "\$1" = -o ]; do shift 2; done
[ "\$1" != -O ] || exit 0
[ "\$1" = root@dom0.example ] || { echo "no such host" >&2; exit 255; }
shift
cd "$PWD/host" && PATH=$PWD/host/bin:/usr/bin:/bin exec sh -c "exec \$*"
SH
    fake fbc-vncproxy <<SH
for a; do echo "\$a"; done > "$PWD/proxy.args"
[ "\$1" = -k ] && cp "\$2" "$PWD/session.seen" && stat -c %a "\$2" > "$PWD/mode"
[ ! -e "$PWD/refuse" ] || { echo "fbc-vncproxy: error: x: y" >&2; exit 3; }
echo \$\$ > "$PWD/proxy.pid"
trap 'kill \$!; echo ended > "$PWD/proxy.end"; exit 0' TERM
sleep 300 3>&- &
case "\$*" in
*--web*) echo http://127.0.0.1:45678/vnc.html ;;
*) echo 127.0.0.1:45678 ;;
esac
wait
SH
    fake viewer <<SH
echo "\$*" > "$PWD/viewer.args"
ls run/fbc-view.* > "$PWD/run.seen"
SH
    mv bin/* host/bin/ && mv host/bin/ssh host/bin/fbc-vncproxy \
        host/bin/viewer bin/
    hosts_tool fbc-status <<'SH'
case "$*" in
--vmm-key) cat vmm.pub ;;
"--json web") echo '{"schema":"fbcrypt/status/1","domain":"web","domid":7,"x":1}' ;;
*) echo "fbc-status: error: $*: no such domain" >&2; exit 3 ;;
esac
SH
    hosts_tool fbc-setkey <<'SH'
[ "$1" = web ] && cat > blob && [ "$(wc -c < blob)" -eq 208 ]
SH
    vnc 5907
    PATH=$PWD/bin:$PATH
}

# What libxl and QEMU leave in XenStore.
vnc() # PORT [LISTEN]
{
    hosts_tool xenstore-ls <<SH
[ "\$1" = /local/domain/7/console ] || exit 1
cat <<'LS'
backend = "/local/domain/0/backend/console/7/0"
vnc-listen = "${2-127.0.0.1}"
vnc-port = "$1"
tty = "/dev/pts/3"
LS
SH
}

hosts_tool() # NAME, its body on standard input
{
    fake "$1"
    mv "bin/$1" host/bin/
}

# What is known of the host, whose hypervisor has this key.
known_as() # KEY-IN-HEX
{
    mkdir -p "${known%/*}"
    cat > "$known" <<RECORD
# mine
fbc-known-host-1
server: none
name: dom0.example
ek: none
admin: none
serial: 0
vmm-key: $1
RECORD
}

# The hypervisor's key that host/vmm.pub has.
hex=09$(printf '%062d' 0)

# The tool, without a terminal of ours to ask on.
view() { setsid -w fbc-view "$@" < /dev/null; }

clean_up_done()
{
    [ -z "$(ls -A run)" ] || { ls -lR run; return 1; }
}

@test "fbc-view: help, version, unknown options" {
    expect 0 fbc-view --help
    [[ $output == "usage: fbc-view "* ]]
    [ -z "$stderr" ]
    expect 0 fbc-view -h
    expect 0 fbc-view --version
    [[ $output == "fbc-view (fbcrypt) "[0-9]* ]]
    expect 2 fbc-view --no-such-option
    says "--no-such-option: unknown option"
    [[ $stderr == *"fbc-view: hint: see fbc-view --help"* ]]
    expect 2 fbc-view -Z
    says "-Z: unknown option"
    expect 2 fbc-view --help=yes
    says "--help=yes: takes no argument"
    expect 2 fbc-view --port
    says "--port: needs an argument"
    expect 4 sh -c 'fbc-view --help > /dev/full'
    expect 4 sh -c 'fbc-view --version > /dev/full'
}

@test "fbc-view: names that are none, for a shell least of all" {
    host
    for name in '' web @ web@ @host one@two\ three 'a;b@host' '-v@host' \
                'web@-oProxyCommand=id' 'w$(id)@host' "web@ho'st" 'w b@h'; do
        expect 2 view -n "$name"
        [ -z "$output" ]
    done
    expect 2 view -n web@host other@host
    says "other@host: unexpected argument"
    for name in web@ssh://dom0.example:22 'web@[fd00::9]' \
                'web@root@[fd00::9]:22'; do
        expect 2 view -n "$name"
        says "neither URLs nor addresses in brackets"
    done
    expect 0 view -n web@root@fd00::9
    [[ $output == *" root@fd00::9 fbc-status --vmm-key"* ]]
    for port in 0 65536 99999999 -1 http; do
        expect 2 view -n --port=$port web@host
        says "not a port"
    done
    expect 2 view -n -c maybe web@host
    says "--check: maybe: not ask"
    expect 2 view -n --view-only --keymap de web@host
    says "--view-only: not with --keymap"
    expect 2 view -n --web --viewer x web@host
    [ ! -e log ]
}

@test "fbc-view --kernel keys only a VM that started as was meant" {
    host
    "$top/tests/pvkernel.py" > kernel
    head -c 9000 /dev/zero | tr '\0' r > ramdisk
    fbc-launch compute -q --kernel kernel --ramdisk ramdisk --cmdline "a b" \
        --memory 64 -o host/launch > digest
    hosts_tool fbc-status <<'SH'
case "$*" in
--vmm-key) cat vmm.pub ;;
"--json web") echo '{"domid":7,"x":1}' ;;
"--launch-log web") echo "Welcome to this host"; cat launch ;;
esac
SH
    hosts_tool fbc-setkey <<'SH'
cat > blob
SH
    meant() { view -q -c accept-new --viewer viewer --kernel kernel \
        --ramdisk ramdisk "$@" web@root@dom0.example; }
    expect 0 meant --cmdline "a b"
    [ -z "$stderr" ]
    [ "$(stat -c %s host/blob)" -eq 240 ]
    grep -q '^fbc-session-2:' session.seen
    [ "$(tail -c +145 host/blob | head -c 32 | xxd -p -c 64)" = \
        "$(cat digest)" ]
    clean_up_done

    rm host/blob
    expect 1 meant --cmdline "a"
    says "web: did not start with this kernel"
    [[ $stderr == *"cmdline: 'b' added"* ]]
    [ ! -e host/blob ]
    echo nonsense > host/launch
    expect 3 meant --cmdline "a b"
    [ ! -e host/blob ]
    clean_up_done

    expect 0 view -n --kernel kernel --cmdline "a b" web@root@dom0.example
    [[ $output == *"fbc-launch check --kernel kernel --cmdline 'a b'"* ]]
    [[ $output == *"fbc-wrapkey"*"--launch DIGEST"* ]]
    expect 0 view -n --kernel kernel --libxl "my lib" --vcpus 2 --maxvcpus 3 \
        web@root@dom0.example
    [[ $output == *"--libxl 'my lib' --vcpus 2 --maxvcpus 3 "* ]]
    expect 2 view -n --libxl x web@host
    says "only with --kernel"
    expect 2 view -n --cmdline x web@host
    says "only with --kernel"
    expect 2 view -n --kernel kernel --session x web@host
}

@test "fbc-view says which launches a session key is for" {
    host
    c3=$(printf 'c3%.0s' {1..32}) d4=$(printf 'd4%.0s' {1..32})
    for case in "::NOT CHECKED" "$c3::accepted c3c3c3c3.." \
        "$c3:$d4:accepted, one of 2"; do
        IFS=: read -r first second says <<< "$case"
        fbc-wrapkey --to host/vmm.pub -o mine.key \
            --from home/.config/fbcrypt/owner.key \
            ${first:+--launch "$first"} ${second:+--launch "$second"} > blob
        expect 0 view -s mine.key --viewer viewer web@root@dom0.example
        [ "$stderr" = "fbc-view: launch: $says" ]
        expect 0 view -q -s mine.key --viewer viewer web@root@dom0.example
        [ -z "$stderr" ]
    done
}

@test "fbc-view shows the screen: key, proxy, viewer, and nothing left" {
    host
    expect 0 view -c accept-new --viewer 'viewer --full' \
        web@root@dom0.example
    [ -z "$output" ]
    [[ $stderr == *"warning: dom0.example: pinned its hypervisor key, "* ]]
    [ "$(cat viewer.args)" = "--full 127.0.0.1::45678" ]
    # What the host was told is sealed by the owner, for this hypervisor.
    [ "$(stat -c %s host/blob)" -eq 208 ]
    grep -q '^fbc-session-1:' session.seen
    [ "$(cat mode)" = 600 ]
    [ "$(tail -n 2 proxy.args | head -n 1)" = --exec ]
    [[ $(tail -n 1 proxy.args) == \
        "ssh -o ControlPath=$PWD/run/fbc-view."*"/ssh -W 127.0.0.1:5907 root@dom0.example" ]]
    grep -q session.key run.seen
    [ "$(cat proxy.end)" = ended ]
    run ! kill -0 "$(cat proxy.pid)"
    grep -q -- '-O exit root@dom0.example' log
    clean_up_done
    cp "$known" now
    known_as "$hex"
    sed 1d "$known" | cmp - now
    [ "$(stat -c %a "$known")" = 600 ]
}

@test "fbc-view: a known hypervisor is not asked about again" {
    host
    known_as "$hex"
    sum=$(sha256sum "$known")
    for mode in ask accept-new strict; do
        expect 0 view -c $mode --viewer viewer web@root@dom0.example
        [ "$stderr" = "fbc-view: launch: NOT CHECKED" ]
    done
    [ "$(sha256sum "$known")" = "$sum" ]
    clean_up_done
}

@test "fbc-view: an unknown hypervisor gets no key unless accepted" {
    host
    expect 1 view -c strict web@root@dom0.example
    says "is not pinned"
    expect 1 view web@root@dom0.example
    says "is not pinned"
    [[ $stderr == *"hint: compare the id"* ]]
    [ ! -e host/blob ] && [ ! -e "$known" ] && [ ! -e proxy.args ]
    clean_up_done
}

@test "fbc-view asks on the terminal" {
    host
    for answer in no "1234 5678 9abc def0"$'\n'no; do
        run script -qec 'fbc-view --viewer viewer web@root@dom0.example' \
            /dev/null <<< "$answer"
        [ "$status" -eq 1 ]
        [[ $output == *"shows the key "*"(yes/no/[id])"*"was not accepted"* ]]
        [ ! -e "$known" ] && [ ! -e host/blob ]
    done
    run script -qec 'fbc-view --viewer viewer web@root@dom0.example' \
        /dev/null <<< yes
    [ "$status" -eq 0 ]
    [ -e "$known" ] && [ -e host/blob ]
    # The id is that of the key, whatever the host's comment says.
    id=$(sed -n 's/^fbc-vmm-public-1://p' host/vmm.pub | base64 -d |
        head -c 32 | sha256sum | sed 's/^\(....\)\(....\)\(....\)\(....\).*/\1 \2 \3 \4/')
    [[ $output == *"shows the key $id."* ]]
    # Who has the id from elsewhere types it.
    rm "$known"
    run script -qec 'fbc-view --viewer viewer web@root@dom0.example' \
        /dev/null <<< "$id"
    [ "$status" -eq 0 ]
    grep -qx "vmm-key: $hex" "$known"
    clean_up_done
}

@test "fbc-view: another hypervisor key is refused in every mode" {
    host
    known_as "08$(printf '%062d' 0)"
    sum=$(sha256sum "$known")
    for mode in ask accept-new strict; do
        expect 1 view -c $mode web@root@dom0.example
        [[ $stderr == *"fbc-wrapkey: error: dom0.example: vmm-changed: "* ]]
        [[ $stderr == *"hint: the host was rebooted"*"--forget dom0.example -s none" ]]
    done
    [ ! -e host/blob ] && [ "$(sha256sum "$known")" = "$sum" ]
    # What the hint says helps.
    expect 0 fbc-wrapkey --forget dom0.example -s none
    [ "$(cat "$known")" = "# mine" ]
    expect 0 view -c accept-new --viewer viewer web@root@dom0.example
    clean_up_done
}

@test "fbc-view --to: the host's key must be that of the file" {
    host
    key_line fbc-vmm-public-1 "08$(printf '%062d' 0)" > other.pub
    expect 1 view -c accept-new --to other.pub web@root@dom0.example
    [[ $stderr == *": its hypervisor key is "*", that of other.pub "* ]]
    : > empty
    expect 3 view -c accept-new --to empty web@root@dom0.example
    says "empty: holds no hypervisor key"
    expect 3 view -c accept-new --to none.pub web@root@dom0.example
    says "none.pub: is missing"
    [ ! -e host/blob ]
    expect 0 view -c strict --to host/vmm.pub --viewer viewer \
        web@root@dom0.example
    [ ! -e "$known" ]
    clean_up_done
}

@test "fbc-view: what an older version pinned is taken over" {
    host
    mkdir "${old%/*}"
    { echo "# pinned 2026-01-01"; tail -n 1 host/vmm.pub; } > "$old"
    cp "$old" before
    # Nothing is lost where nothing can be written.
    mkdir "$known"
    expect 4 view -c accept-new web@root@dom0.example
    cmp before "$old"
    rmdir "$known"
    expect 0 view -c strict --viewer viewer web@root@dom0.example
    [[ $stderr == *"warning: dom0.example: its pinned key is now in $known; "*"$old.old"* ]]
    cmp before "$old.old"
    [ ! -e "$old" ]
    grep -qx "vmm-key: $hex" "$known"
    expect 0 view -c strict --viewer viewer web@root@dom0.example
    [ "$stderr" = "fbc-view: launch: NOT CHECKED" ]

    # Another key, and one that is none, is refused as ever.
    expect 0 fbc-wrapkey --forget dom0.example -s none
    key_line fbc-vmm-public-1 "08$(printf '%062d' 0)" > "$old"
    expect 1 view -c accept-new web@root@dom0.example
    says "vmm-changed: "
    [ ! -e "$old" ] && [ -e "$old.old.1" ]
    expect 0 fbc-wrapkey --forget dom0.example -s none
    echo nonsense > "$old"
    expect 3 view -c accept-new web@root@dom0.example
    says "dom0.example.vmm: "
    # Who forgets a host, forgets what was not taken over yet, too.
    expect 0 fbc-wrapkey --forget dom0.example
    [ ! -e "$old" ]
    expect 1 fbc-wrapkey --forget dom0.example
    clean_up_done
}

@test "fbc-view: what is no key is not taken for one" {
    host
    { cat host/vmm.pub; tail -n 1 host/vmm.pub; } > two
    for key in '' 'hello' "$(cat home/.config/fbcrypt/owner.key)" \
               "$(cat two)" "$(tail -n 1 host/vmm.pub)x"; do
        echo "$key" > host/vmm.pub
        expect 3 view -c accept-new web@root@dom0.example
        if [ "$key" = "$(cat two)" ]; then
            says "printed several hypervisor keys"
        else
            says "printed no hypervisor key"
        fi
    done
    [ ! -e "$known" ]
    # One that looks like a key, and is none, is not pinned either.
    key_line fbc-vmm-public-1 "09$(printf '%062d' 0)" | sed 's/....$/AAAA/' \
        > host/vmm.pub
    expect 3 view -c accept-new web@root@dom0.example
    [[ $stderr == *"fbc-wrapkey: error: "* ]]
    [ ! -e "$known" ] && [ ! -e host/blob ]
    # Nor a key that nothing can be sealed to.
    key_line fbc-vmm-public-1 "$(printf '%064d' 0)" > host/vmm.pub
    expect 3 view -c accept-new web@root@dom0.example
    says "nothing can be sealed to this public key"
    [ ! -e "$known" ] && [ ! -e host/blob ]
    clean_up_done
}

@test "fbc-view: a host whose shell prints lines of its own" {
    host
    sed -i 's|exec sh -c "\$\*"|sh -c "echo Welcome!; \$*"|' bin/ssh
    expect 0 view -c accept-new --viewer viewer web@root@dom0.example
    [ "$(stat -c %s host/blob)" -eq 208 ]
    [ "$(cat viewer.args)" = "127.0.0.1::45678" ]
    [[ $(tail -n 1 proxy.args) == *"127.0.0.1:5907 root@dom0.example" ]]
    grep -qx "vmm-key: $hex" "$known"
    # What was pinned is what was used.
    [ "$(xxd -s 80 -l 32 -p -c 32 host/blob)" = \
        "$(sed -n 's/^vmm-key: //p' "$known" | xxd -r -p |
            sha256sum | cut -d ' ' -f 1)" ]
    expect 0 view -c strict --viewer viewer web@root@dom0.example
    clean_up_done
}

@test "fbc-view: no owner key, no ssh" {
    host
    expect 4 env -u HOME fbc-view -n web@root@dom0.example
    says "HOME: is not set"
    XDG_CONFIG_HOME=$PWD/home/.config expect 0 env -u HOME fbc-view -n \
        web@root@dom0.example
    rm home/.config/fbcrypt/owner.key
    expect 3 view web@root@dom0.example
    says "owner.key: there is no owner key"
    [[ $stderr == *"hint: fbc-keygen -o $HOME/.config/fbcrypt/owner.key makes"* ]]
    # On a new machine; the hint does it.
    rmdir home/.config/fbcrypt
    expect 3 view web@root@dom0.example
    hint=${stderr#*hint: }
    [[ $hint == "mkdir -p $HOME/.config/fbcrypt && fbc-keygen -o "*" makes "* ]]
    sh -c "${hint% makes *}"
    [ -e home/.config/fbcrypt/owner.key ]
    [ ! -e log ]
    rm home/.config/fbcrypt/owner.key
    expect 3 view -k "new keys/a" web@root@dom0.example
    [[ $stderr == *"hint: mkdir -p 'new keys' && fbc-keygen -o 'new keys/a'"* ]]
    [ ! -e log ]
    clean_up_done
}

@test "fbc-view: the host's errors are told, not obeyed" {
    host
    expect 4 view -c accept-new web@elsewhere
    says "elsewhere: ssh failed"
    [[ $stderr == *"no such host"* ]]
    hosts_tool fbc-setkey <<'SH'
printf '\033]0;owned\007\033[2J\302\233denied\n' >&2
exit 1
SH
    expect 1 view -c accept-new web@root@dom0.example
    says "fbc-setkey web: exit status 1"
    [[ $stderr == *"denied"* ]]
    [ -z "$(tr -d '[:print:]\n' <<< "$stderr")" ]
    rm host/bin/fbc-setkey
    expect 4 view -c accept-new web@root@dom0.example
    says "fbc-setkey: not found"
    hosts_tool fbc-setkey <<< 'cat > blob'
    for port in '' 0 65536 x '5907; id' -1 590700000 '5 9'; do
        vnc "$port"
        expect 3 view web@root@dom0.example
        says "xenstore-ls printed no vnc-port"
    done
    for address in 'a b' '1;id' '$(id)' example.com unix:/x -oProxy; do
        vnc 5907 "$address"
        expect 3 view web@root@dom0.example
        says "no address in vnc-listen"
    done
    hosts_tool fbc-status <<'SH'
[ "$1" = --vmm-key ] && cat vmm.pub || echo '{"domid":null}'
SH
    expect 3 view web@root@dom0.example
    says "told no domain id"
    [ ! -e proxy.args ]
    clean_up_done
}

@test "fbc-view: a host that does not stop talking fills no memory" {
    host
    # XDG_RUNTIME_DIR is memory: how much there is at the most.
    watched() # COMMAND...
    {
        local most=0 now
        setsid fbc-view -c accept-new --viewer viewer "$@" \
            web@root@dom0.example < /dev/null > out 2> err 3>&- &
        local pid=$! rc=0
        while kill -0 $pid 2> /dev/null; do
            now=$(du -sb run | cut -f 1)
            [ "$now" -le $most ] || most=$now
        done
        wait $pid || rc=$?
        echo "status $rc, $most bytes: $(head -c 300 err)"
        [ "$rc" -eq 3 ] && [ "$most" -lt 4000000 ]
    }
    hosts_tool fbc-status <<< 'yes | head -c 50000000'
    watched
    grep -q 'error: root@dom0.example: fbc-status --vmm-key: printed more than' err
    # Also what it says while it prints what it should.
    hosts_tool fbc-status <<< 'cat vmm.pub; yes | head -c 20000000 >&2; exit 3'
    watched
    grep -q 'error: root@dom0.example: fbc-status --vmm-key: exit status' err
    [ "$(stat -c %s err)" -lt 3000 ]
    clean_up_done
}

@test "fbc-view: SIGTERM is heeded while ssh waits" {
    host
    hosts_tool fbc-status <<SH
echo \$\$ > "$PWD/at"
exec sleep 300 3>&-
SH
    for signal in TERM HUP INT; do
        rm -f at
        setsid env --default-signal=INT fbc-view -c accept-new \
            web@root@dom0.example < /dev/null > out 2> err 3>&- &
        pid=$!
        until_ok [ -s at ]
        # To itself only, as kill(1) and service managers do it.
        kill -s $signal $pid
        rc=0
        wait $pid || rc=$?
        [ "$rc" -ge 130 ]
        run ! kill -0 "$(cat at)"
        clean_up_done
    done
}

@test "fbc-view honours vnclisten= of the VM" {
    host
    while read -r listen target nc; do
        [ "$listen" != none ] || listen=
        vnc 5907 "$listen"
        expect 0 view -c accept-new --viewer viewer web@root@dom0.example
        [[ $(tail -n 1 proxy.args) == *" -W $target root@dom0.example" ]]
        expect 0 view -N --viewer viewer web@root@dom0.example
        [[ $(tail -n 1 proxy.args) == *" nc $nc" ]]
    done <<'LIST'
127.0.0.1 127.0.0.1:5907 127.0.0.1 5907
192.0.2.7 192.0.2.7:5907 192.0.2.7 5907
0.0.0.0 127.0.0.1:5907 127.0.0.1 5907
none 127.0.0.1:5907 127.0.0.1 5907
:: '[::1]:5907' ::1 5907
fd00::9 '[fd00::9]:5907' fd00::9 5907
LIST
    # One that QEMU has not told of.
    hosts_tool xenstore-ls <<< 'echo "vnc-port = \"5907\""'
    expect 0 view --viewer viewer web@root@dom0.example
    [[ $(tail -n 1 proxy.args) == *" -W 127.0.0.1:5907 root@dom0.example" ]]
}

@test "fbc-view --password-file: the proxy is told, and its refusal ends all" {
    host
    rm bin/fbc-vncproxy
    umask 077
    echo sesame > vnc.pw
    echo wrong > wrong.pw
    fake ssh <<SH
while [ "\$1" = -o ]; do shift 2; done
case \$1 in
-O) exit 0 ;;
-W) exec evilvnc --size 480x400 --stdio --seconds 60 --password sesame \
    "$PWD"/run/fbc-view.*/session.key ;;
esac
shift
cd "$PWD/host" && PATH=$PWD/host/bin:/usr/bin:/bin exec sh -c "exec \$*"
SH
    # A viewer that stays until it is cut off.
    fake viewer <<'SH'
vncwatch -s 90 -u "${until-never}" 127.0.0.1 "${1##*:}"
SH
    expect 1 view -c accept-new --viewer viewer web@root@dom0.example
    [[ $stderr == *"fbc-vncproxy: error: VNC server: the server wants a"* ]]
    [[ $stderr == *"hint: the VM has vncpasswd=: give --password-file"* ]]
    expect 1 view --password-file wrong.pw --viewer viewer \
        web@root@dom0.example
    [[ $stderr == *"error: VNC server: the server refuses the password"* ]]
    until=live expect 0 view --password-file vnc.pw --viewer viewer \
        web@root@dom0.example
    clean_up_done
}

@test "fbc-view --web prints the URL and waits; signals end all" {
    host
    for signal in INT TERM HUP; do
        rm -f out proxy.pid proxy.end
        # A shell's background jobs ignore SIGINT.
        env --default-signal=INT,TERM,HUP fbc-view -q -c accept-new \
            --web-dir "my novnc" web@root@dom0.example > out 3>&- &
        pid=$!
        until_ok [ -s out ]
        [ "$(cat out)" = http://127.0.0.1:45678/vnc.html ]
        kill -s "$signal" "$pid"
        wait "$pid" || true
        [ "$(cat proxy.end)" = ended ]
        clean_up_done
    done
    grep -qx -- "my novnc" proxy.args
    grep -qx -- "-q" proxy.args
}

@test "fbc-view: an interrupt at any step ends all, and leaves nothing" {
    host
    # As a terminal does it: to all processes that are in front.
    interrupted() # STEP
    {
        rm -f at
        setsid env --default-signal=INT fbc-view -c accept-new \
            --viewer viewer web@root@dom0.example < /dev/null > out 2> err 3>&- &
        pid=$!
        until_ok [ -s at ]
        kill -s INT -- "-$pid"
        rc=0
        wait "$pid" || rc=$?
        echo "$1: $rc: $(cat err)"
        [ "$rc" -eq 130 ]
        gone() { ! pgrep -s "$pid"; }
        until_ok gone
        clean_up_done
        # Nothing half there among what is kept.
        [ "$(find home -type f ! -name owner.key ! -name known_hosts \
            ! -name known_hosts.lock | wc -l)" -eq 0 ]
        rm -f "$known"
    }
    mkdir saved
    cp -a bin host saved/
    for step in host/bin/fbc-status bin/fbc-wrapkey host/bin/fbc-setkey \
                host/bin/xenstore-ls bin/fbc-vncproxy bin/viewer; do
        printf '#!/bin/sh\necho at > "%s/at"\nexec sleep 300 3>&-\n' "$PWD" > $step
        chmod +x $step
        interrupted $step
        rm -rf bin host
        cp -a saved/. .
    done
}

@test "fbc-view: the proxy's exit status is its own" {
    host
    : > refuse
    expect 3 view -c accept-new --viewer viewer web@root@dom0.example
    [[ $stderr == *"fbc-vncproxy: error: x: y"* ]]
    [ ! -e viewer.args ]
    clean_up_done
    rm refuse
    expect 4 view --viewer 'exit 9; :' web@root@dom0.example
    says "exit status 9"
    [ "$(cat proxy.end)" = ended ]
    clean_up_done
}

@test "fbc-view --session and --port: no key is made, nothing is asked" {
    host
    fbc-wrapkey --to host/vmm.pub --from home/.config/fbcrypt/owner.key \
        -o mine.key > /dev/null
    expect 0 view -s mine.key -p 5999 --nc --view-only -l 127.0.0.1:5 \
        --viewer viewer web@root@dom0.example
    [ ! -e log ] || ! grep -q fbc- log
    [ -e mine.key ]
    cmp mine.key session.seen
    [ "$(head -n 5 proxy.args | tr '\n' ' ')" = \
        "-k mine.key --listen 127.0.0.1:5 --view-only " ]
    [[ $(tail -n 1 proxy.args) == \
        "ssh -o ControlPath="*" root@dom0.example nc 127.0.0.1 5999" ]]
    clean_up_done
}

@test "fbc-view: a long name of the temporary directory" {
    host
    long=$PWD/$(printf 'long%.0s' {1..30})
    mkdir "$long"
    fake viewer <<< :
    XDG_RUNTIME_DIR=$long expect 0 view -c accept-new --viewer viewer \
        web@root@dom0.example
    socket=$(sed -n 's/^ssh -o ControlMaster=auto .* -o ControlPath=\([^ ]*\) .*/\1/p' \
        log | head -n 1)
    [[ $socket == /tmp/fbc-view.*/ssh ]]
    # ssh appends 17 characters while it makes the socket.
    [ ${#socket} -le 90 ]
    [[ $(tail -n 1 proxy.args) == *"ControlPath=$socket "* ]]
    [ ! -e "${socket%/ssh}" ] && [ -z "$(ls -A "$long")" ]
    # What is secret stays where it was asked for.
    grep -q "^$long/" <<< "$(sed -n 2p proxy.args)"
}

@test "fbc-view: each viewer is told the port its way" {
    host
    for v in vncviewer gvncviewer remmina; do
        cp bin/viewer bin/$v
        expect 0 view -q -c accept-new --viewer "$PWD/bin/$v -x" \
            web@root@dom0.example
        cat viewer.args >> all.args
    done
    diff - all.args <<'OUT'
-x 127.0.0.1::45678
-x 127.0.0.1:39778
-x -c vnc://127.0.0.1:45678
OUT
    # The first that is installed; without a display none.
    expect 0 view -q web@root@dom0.example
    [ "$(cat viewer.args)" = "127.0.0.1::45678" ]
}

@test "fbc-view -n prints every step, runs none, writes nothing" {
    host
    before=$(find . | LC_ALL=C sort)
    expect 0 view -n --viewer my-viewer web@root@dom0.example
    [ "$(find . | LC_ALL=C sort)" = "$before" ]
    c=home/.config/fbcrypt
    o="-o ControlMaster=auto -o ControlPersist=60 -o ControlPath=DIR/ssh"
    diff - <(sed "s|$PWD/||g" <<< "$output") <<OUT
ssh $o root@dom0.example fbc-status --vmm-key < /dev/null > DIR/vmm.pub
fbc-wrapkey --to DIR/vmm.pub --host dom0.example --pin ask --input sealed --from $c/owner.key -o DIR/session.key > DIR/blob
ssh $o root@dom0.example fbc-setkey web < DIR/blob > /dev/null
ssh $o root@dom0.example fbc-status --json web < /dev/null > DIR/status
ssh $o root@dom0.example xenstore-ls /local/domain/DOMID/console < /dev/null > DIR/console
fbc-vncproxy -k DIR/session.key --listen 127.0.0.1:0 --exec 'ssh -o ControlPath=DIR/ssh -W LISTEN:PORT root@dom0.example'    # prints where to connect: ADDRESS
my-viewer ADDRESS
OUT
}

@test "fbc-view -v tells the steps as they are taken" {
    host
    expect 0 view -v -c accept-new --viewer viewer web@root@dom0.example
    # As -n prints them, but for the names that were not known.
    grep -c '^fbc-view: ssh .* root@dom0.example ' <<< "$stderr" |
        grep -qx 4
    [[ $stderr == *"fbc-view: fbc-vncproxy -k "* ]]
    [[ $stderr == *"fbc-view: viewer 127.0.0.1::45678"* ]]
}

@test "fbc-view, with the real proxy, shows the guest's screen to the pixel" {
    host
    rm bin/fbc-vncproxy
    # In place of host, hypervisor and guest: one that has the session key.
    fake ssh <<SH
while [ "\$1" = -o ]; do shift 2; done
case \$1 in
-O) exit 0 ;;
-W) [ "\$2" = 127.0.0.1:5907 ] && echo \$\$ > "$PWD/server.pid" &&
    exec evilvnc --size 480x400 --stdio --seconds 60 --truth "$PWD/truth.ppm" \
        "$PWD"/run/fbc-view.*/session.key ;;
esac
shift
cd "$PWD/host" && PATH=$PWD/host/bin:/usr/bin:/bin exec sh -c "exec \$*"
SH
    fake viewer <<'SH'
port=${1##*:}
# What is not live yet is marked.
for i in 1 2 3 4 5 6 7 8 9 10; do
    timeout 30 gvnccapture -q "127.0.0.1:$((port - 5900))" shot.png || exit 1
    convert shot.png -depth 8 shot.ppm
    rm -f truth.ppm
    kill -s USR1 "$(cat server.pid)"
    sleep 1
    ! cmp -s shot.ppm truth.ppm || exit 0
done
exit 1
SH
    expect 0 view -c accept-new --viewer viewer web@root@dom0.example
    cmp shot.ppm truth.ppm
    [ "$(stat -c %s host/blob)" -eq 208 ]
    clean_up_done
    # Its process group was killed; the last of it may take a moment.
    gone() { ! kill -0 "$(cat server.pid)"; }
    until_ok gone
}

@test "fbc-view and scripts/novnc are shellcheck-clean" {
    shellcheck "$top/scripts/fbc-view" "$top/scripts/novnc"
}

@test "fbc-view: the examples of its page work" {
    host
    fake fbc-vncproxy <<< 'echo http://127.0.0.1:45678/vnc.html'
    awk '/^\.Sh/ { on = /EXAMPLES/ }
         /^\.Bd/ { code = 1; next }
         /^\.Ed/ { code = 0 }
         on && code { sub(/^[$] /, ""); print }' "$top/man/fbc-view.1" > script
    [ "$(grep -c ^fbc-view script)" -eq 2 ]
    expect 0 bash -e script
    [[ $output == "ssh "*"http://127.0.0.1:45678/vnc.html" ]]
    clean_up_done
}
