# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Shared by the testbed's tests.  One machine a file: setup_file boots it (from
# a snapshot), the tests use it one after the other.

top=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
bin=$top/build/bin
export FBC_INSTANCE=${FBC_INSTANCE:-check}
# What takes a second here may take five on a busy machine.
export FBC_PATIENCE=${FBC_PATIENCE:-5}

# What most files need; one that needs more has its own, after "load common".
if [[ " ${FUNCNAME[*]} " == *\ @(setup|teardown)* ]]; then
    echo "common.bash: loaded here, it would replace the file's own functions" >&2
    exit 1
fi
setup() { cd "$BATS_FILE_TMPDIR" || return 1; }
teardown_file() { tb down; }

tb() { "$top/scripts/testbed" "$@"; }
dom0() { tb dom0 "$@"; }

# One processor, unless two race: several machines share the host's, and one
# that spins for another that does not run is paid by all.  And a PCI device with
# an MSI-X table that nobody in dom0 drives, at this address: in all, as machines
# that are alike share a snapshot.
spare=00:1d.0
boot() # testbed up's options
{
    tb down >/dev/null 2>&1 || true
    tb up --also --no-guest --smp 1 \
        --qemu-args "-device virtio-rng-pci,addr=1d.0" "$@"
}

# The machine's usual processor, for --cpu with more or less of it.
cpu_line()
{
    # shellcheck disable=SC2016 # text of a script
    sed -n 's/^cpu=${FBC_CPU:-\(.*\)}/\1/p' "$top/scripts/testbed"
}

# An owner, a guest under the owner's UUID, and the hypervisor's key.
owner_guest() # NAME [testbed create's arguments]
{
    local name=$1
    shift
    "$bin/fbc-keygen" -q -o "$BATS_FILE_TMPDIR/$name.owner" >/dev/null
    tb create "$name" uuid="$("$bin/fbc-keygen" -u \
        "$BATS_FILE_TMPDIR/$name.owner")" "$@"
}

vmm_key()
{
    [ -s "$BATS_FILE_TMPDIR/vmm.pub" ] ||
        dom0 fbc-status --vmm-key >"$BATS_FILE_TMPDIR/vmm.pub"
    echo "$BATS_FILE_TMPDIR/vmm.pub"
}

wrap() # NAME SESSION-FILE: blob on stdout
{
    "$bin/fbc-wrapkey" --to "$(vmm_key)" --from "$BATS_FILE_TMPDIR/$1.owner" \
        -o "$2"
}

# dom0's libxenlight.so, in which PVH guests' ACPI is.
libxl()
{
    local file=$BATS_FILE_TMPDIR/libxenlight.so
    [ -s "$file" ] || tb fetch "$(dom0 \
        'ls /usr/lib/x86_64-linux-gnu/libxenlight.so.4.* | head -n 1')" "$file"
    echo "$file"
}

# What a guest is, for fbc-launch check: sets about.
about_guest() # NAME
{
    local f
    mapfile -t f <"$top/build/testbed/$FBC_INSTANCE/guest-$1.started"
    about=(-k "${f[0]}" ${f[1]:+-r "${f[1]}"} -c "${f[2]}" -m "${f[3]}"
        -M "${f[4]}" -t "${f[5]}")
    [ "${f[5]}" != pvh ] || about+=(-l "$(libxl)" -p "${f[6]}" -P "${f[7]}")
}

# The hypervisor has measured what fbc-launch computes from the files.
as_computed() # NAME: digest to NAME.computed
{
    local about log=$BATS_FILE_TMPDIR/$1.log digest=$BATS_FILE_TMPDIR/$1.computed
    about_guest "$1"
    dom0 fbc-status --launch-log "$1" >"$log" || return
    "$bin/fbc-launch" check -q "${about[@]}" "$log" >"$digest" || {
        cat "$digest"
        return 1
    }
}

key_guest() # NAME: leaves NAME.session
{
    as_computed "$1" || return
    wrap "$1" "$BATS_FILE_TMPDIR/$1.session" >"$BATS_FILE_TMPDIR/$1.blob"
    dom0 fbc-setkey "$1" <"$BATS_FILE_TMPDIR/$1.blob"
}

# Dumps frames until the guest's whole screen verifies, at most 30 s.  Raw, as
# everywhere: to compress ciphertext takes a second a frame in there.
settled_dump() # NAME SESSION FILE
{
    local i
    for i in $(seq 300); do
        # 1: it has no framebuffer yet.
        dom0 fbc-dumpvfb -r -n 1 "$1" >"$3" || [ $? -eq 1 ] || return 1
        "$bin/fbc-decrypt-frames" -q -k "$2" <"$3" && return 0
        sleep 0.5
    done
    echo "$1: the screen does not verify after $i tries"
    return 1
}

# Dumps until CHECK is content with what is in FRAMES.  Of a screen that the guest
# has drawn on, one look is not enough: a change that follows a long one is sealed
# some 200 ms later, and what was there before verifies, too.
comes_to() # NAME SESSION FRAMES CHECK [ARGUMENT]...
{
    local i
    for i in $(seq 60); do
        settled_dump "$1" "$2" "$3" || return
        "${@:4}" && return
        sleep 0.5
    done
    return 1
}

# The first of FRAMES is the picture, to the pixel.
is_picture() # FRAMES SESSION WANT.ppm GOT.ppm
{
    "$bin/fbc-decrypt-frames" -q -k "$2" --ppm <"$1" >"$4" &&
        cmp <(ppm_pixels "$3") <(ppm_pixels "$4")
}

comes_to_show() # NAME SESSION WANT.ppm FRAMES GOT.ppm
{
    comes_to "$1" "$2" "$4" is_picture "$4" "$2" "$3" "$5"
}

# The first of FRAMES has the CRC that a guest told of.
has_crc() # FRAMES SESSION CRC GOT.ppm
{
    local got
    "$bin/fbc-decrypt-frames" -q -k "$2" --ppm <"$1" >"$4" || return
    got=$(crc "$4")
    [ "$got" = "$3" ] || {
        echo "$1: crc=$got, not $3"
        return 1
    }
}

# Its screen has the CRC that the guest's console has a line of, the newest with
# REGEX: NAME.frames, NAME.ppm.
comes_to_crc() # NAME [REGEX] [SECONDS]
{
    local want
    want=$(console_line "$1" "${2:-crc=}" "${3:-5}" |
        sed -n 's/.*crc=\([0-9a-f]*\).*/\1/p')
    [ -n "$want" ] || return
    comes_to "$1" "$1.session" "$1.frames" \
        has_crc "$1.frames" "$1.session" "$want" "$1.ppm"
}

# The first of FRAMES reads so: DIR/frame-000001.png, DIR.txt.
has_words() # FRAMES SESSION DIR WORD...
{
    local word
    mkdir -p "$3"
    "$bin/fbc-decrypt-frames" -q -k "$2" --png "$3" <"$1" || return
    "$top/scripts/ocr" "$3/frame-000001.png" >"$3.txt" || return
    for word in "${@:4}"; do
        grep -qi "$word" "$3.txt" || {
            echo "no \"$word\" is read"
            return 1
        }
    done
}

status_of() # NAME FIELD
{
    local json
    json=$(dom0 fbc-status --json "$1") || {
        echo "fbc-status: $1: $json" >&2
        return 1
    }
    jq -r ".$2" <<<"$json"
}

# Raw pixels of a PPM, its header cut off.
ppm_pixels() { tail -c +"$(($(head -n 3 "$1" | wc -c) + 1))" "$1"; }

# dom0 reads the screen of a new guest u1, to the pixel: no fbcrypt here.
plain_screen() # [testbed create's arguments]
{
    local line
    tb create u1 --wait none memory=64 --kernel "$top/build/tests/pvguest.elf" \
        extra="scenario=picture seed=6" "$@"
    line=$(console_line u1 '^PASS picture' 60)
    dom0 fbc-dumpvfb -n 1 u1 >u1.frames
    "$bin/fbc-decrypt-frames" -q --without-key --ppm <u1.frames >u1.ppm
    [ "$(crc u1.ppm)" = "$(sed -n 's/.*crc=\([0-9a-f]*\).*/\1/p' <<<"$line")" ]
}

# What rawfind is to look for: of the pvguest's scenario=picture seed=9.
picture_runs() # FILE
{
    python3 "$BATS_TEST_DIRNAME/pvguest/picture.py" picture 9 800 600 "$1.ppm"
    python3 -c 'import sys
rgb = open(sys.argv[1], "rb").read()[-1440000:]
for i in range(0, len(rgb), 3):
    sys.stdout.buffer.write(rgb[i:i + 3][::-1] + b"\0")' "$1.ppm" |
        python3 "$BATS_TEST_DIRNAME/runs.py" >"$1"
}

# A guest that has not started, and a helper that tries to have its frames in a
# page table: what became of that, and of the guest's first unpause.
third_party() # NAME
{
    local id
    owner_guest "$1" --wait paused memory=64 \
        --kernel "$top/build/tests/pvguest.elf" extra="scenario=picture"
    id=$(dom0 xl domid "$1")
    dom0 --timeout 60 "rm -f /tmp/held
        rawtable $id 0x80000 20 >/tmp/held 2>&1 </dev/null & p=\$!
        i=0; while ! [ -s /tmp/held ] && [ \$i -lt 500 ]; do
            i=\$((i+1)); sleep 0.2; done
        cat /tmp/held; rawbuild unpause $id
        kill \$p 2>/dev/null; wait \$p; true"
}

# A guest that puts a word into its keyboard's page once dom0 has taken the
# keyboard away: what dom0 got to see of that, to FILE.
recycled() # NAME FILE
{
    owner_guest "$1" --wait none memory=64 \
        --kernel "$top/build/tests/pvguest.elf" extra="scenario=recycled wait=600000"
    console_line "$1" '^ready' 60
    dom0 --timeout 120 "fbc-dumpvfb -r -m recycled-keyboard $1" >"$2"
}

# Xen has not stumbled: its whole log, the beginning of which its ring may have
# lost.
# A machine that was started from a snapshot may have said nothing yet.
xen_is_well()
{
    local log
    log=$(tb log | tr -d '\0')
    run ! grep -aE '\(XEN\).*(BUG|ASSERT|[Pp]anic|Oops|FATAL)' <<<"$log"
}

crc() { python3 "$BATS_TEST_DIRNAME/pvguest/picture.py" crc "$1" | cut -d' ' -f1; }

# Waits for a line on a guest's console: the whole line to stdout.
console_line() # NAME REGEX SECONDS
{
    dom0 --timeout "$(($3 + 5))" "i=0; while [ \$i -lt $(($3 * 2 * FBC_PATIENCE)) ]; do
        grep -aE '$2' /var/log/xen/console/guest-$1.log | tail -n 1 | tr -d '\r' | grep . && exit 0
        i=\$((i+1)); sleep 0.5; done; tail -n 5 /var/log/xen/console/guest-$1.log >&2; exit 1"
}

# A program of dom0's that keeps a mapping until release.
hold() { # COMMAND...
    dom0 --timeout 60 "rm -f /tmp/held
        $* >/tmp/held 2>&1 </dev/null & echo \$! >/tmp/holder
        i=0; while [ \$i -lt 500 ]; do
            grep holding /tmp/held && exit 0; i=\$((i+1)); sleep 0.3; done
        cat /tmp/held >&2; exit 1"
}

release() {
    dom0 'kill $(cat /tmp/holder); i=0
        while kill -0 $(cat /tmp/holder) 2>/dev/null && [ $i -lt 500 ]; do
            i=$((i+1)); sleep 0.1; done'
}

# Waits until it holds in dom0; domains are listed if it never does.
comes_true() # SHELL-CONDITION
{
    dom0 --timeout 125 "i=0; while [ \$i -lt $((120 * FBC_PATIENCE)) ]; do
        $1 && exit 0
        i=\$((i+1)); sleep 0.5; done; xl list >&2; exit 1"
}

# There are so many domains, dom0 among them: one that was destroyed is there
# until the last of dom0's programs has let go of its memory.
domains_left() { comes_true "[ \$(xl list | tail -n +2 | wc -l) = $1 ]"; }
no_zombie() { comes_true "! xl list | grep -qF '(null)'"; }

# Where the machine's PM1a_CNT is.
pm1a_cnt()
{
    tb hmp "info mtree -f" |
        sed -n 's/^ *0*\([0-9a-f]*\)-.*: acpi-cnt.*/\1/p' | head -n 1
}

# A tap between fbc-vncproxy and QEMU for guest u1 and its session, and an X
# display for viewers; their pids go to *.pid, the proxy's first line to
# proxy.out, and what QEMU is sent to tap.log.
start_proxy() # [fbc-vncproxy's options]
{
    python3 "$top/tests/peers/rfbtap.py" "$(tb vnc u1)" tap.log >tap.out 3>&- 4>&- &
    echo $! >tap.pid
    for _ in $(seq 500); do
        [ -s tap.out ] && break
        sleep 0.1
    done
    "$bin/fbc-vncproxy" -v --json -k u1.session --listen 127.0.0.1:0 "$@" \
        "127.0.0.1::$(cat tap.out)" >proxy.out 2>proxy.err 3>&- 4>&- &
    echo $! >proxy.pid
    for _ in $(seq 500); do
        [ -s proxy.out ] && break
        sleep 0.1
    done
    # Who comes while it is reset, as its last client has gone, is turned away.
    Xvfb -displayfd 5 -noreset -screen 0 1024x768x24 -nolisten tcp >xvfb.log 2>&1 5>display 3>&- 4>&- &
    echo $! >xvfb.pid
    for _ in $(seq 500); do
        [ -s display ] && DISPLAY=:$(cat display) xdotool getdisplaygeometry >/dev/null 2>&1 && break
        sleep 0.1
    done
}

# What the proxy says of itself, when it is asked.
report() # JQ
{
    local n
    n=$(wc -l <proxy.out)
    kill -USR1 "$(cat proxy.pid)"
    for _ in $(seq 300); do
        [ "$(wc -l <proxy.out)" -gt "$n" ] && break
        sleep 0.1
    done
    tail -n 1 proxy.out | jq -rc "$1"
}

until_report() # JQ
{
    for _ in $(seq 500); do
        [ "$(report "$1")" = true ] && return
        sleep 0.3
    done
    tail -n 5 proxy.err
    report .
    return 1
}

# What does not go is killed: bats would wait for it.
stop_proxy()
{
    local pids
    mapfile -t pids < <(cat ./*.pid)
    kill "${pids[@]}" 2>/dev/null || true
    for _ in $(seq 100); do
        kill -0 "${pids[@]}" 2>/dev/null || return 0
        sleep 0.1
    done
    kill -KILL "${pids[@]}"
    echo "had to be killed: ${pids[*]}" >&2
    return 1
}

# TigerVNC at the proxy's port, with the pointer in it; its pid in viewer.pid.
start_viewer() # PORT: sets window
{
    vncviewer -Shared -RemoteResize=0 -AlertOnFatalError=0 \
        "127.0.0.1::$1" >viewer.log 2>&1 3>&- 4>&- &
    echo $! >viewer.pid
    for _ in $(seq 500); do
        window=$(xdotool search --onlyvisible --name TigerVNC | tail -n 1) &&
            [ -n "$window" ] && break
        sleep 0.2
    done
    [ -n "$window" ] || {
        tail -n 20 viewer.log xvfb.log proxy.err proxy.out
        return 1
    }
    sleep 2
    xdotool mousemove --window "$window" 400 300 windowfocus "$window"
    sleep 1
}

stop_viewer()
{
    kill "$(cat viewer.pid)"
    rm viewer.pid
}

# The screen of guest u1, by its own account.
truth() { # PPM
    tb guest u1 'cat /dev/fb0' >fb.raw
    python3 -c 'import sys
fb = open("fb.raw", "rb").read()[:1920000]
rgb = bytearray(1440000)
rgb[0::3], rgb[1::3], rgb[2::3] = fb[2::4], fb[1::4], fb[0::4]
sys.stdout.buffer.write(b"P6\n800 600\n255\n" + rgb)' >"$1"
}

# dom0 records the input that passes through it, until recorded(), which prints
# it; at most 15 minutes.
record()
{
    # shellcheck disable=SC2016
    dom0 'rm -f /tmp/rec.pid; setsid sh -c "echo \$\$ >/tmp/rec.pid
        exec fbc-dumpvfb --method=input --time 900 -o /dev/shm/rec u1" \
        >/dev/null 2>/tmp/rec.err </dev/null &
        i=0; until grep -q privcmd /proc/$(cat /tmp/rec.pid)/maps 2>/dev/null; do
            i=$((i+1)); [ $i -lt 500 ] || exit 1; sleep 0.1; done; sleep 0.5' 2>/dev/null
}

recorded()
{
    # shellcheck disable=SC2016
    dom0 'p=$(cat /tmp/rec.pid); kill $p
        i=0; while [ -e /proc/$p ] && [ $i -lt 500 ]; do
            i=$((i+1)); sleep 0.1; done
        cat /tmp/rec.err >&2; cat /dev/shm/rec'
}

# What guest u1 gets from here on: event0 is its keyboard, event1 its pointer.
listen()
{
    # shellcheck disable=SC2016
    tb guest u1 'for i in 0 1; do
            kill $(cat /tmp/ev$i.pid 2>/dev/null) 2>/dev/null
            rm -f /tmp/ev$i.pid
            setsid sh -c "echo \$\$ >/tmp/ev$i.pid
                exec cat /dev/input/event$i >/tmp/ev$i" >/dev/null 2>&1 </dev/null &
        done
        for i in 0 1; do
            j=0; until ls -l /proc/$(cat /tmp/ev$i.pid)/fd | grep -q /event; do
                j=$((j+1)); [ $j -lt 500 ] || exit 1; sleep 0.1; done
        done 2>/dev/null'
}

heard() # 0|1 [text]
{
    tb guest u1 "cat /tmp/ev$1" | python3 "$BATS_TEST_DIRNAME/evlog.py" "${@:2}"
}

# To a guest whose session wants sealed input, as commands of inputs.py.
sealed_input() # NAME SESSION COMMAND...
{
    local server
    server=$(tb vnc "$1" </dev/null)
    printf '%s\n' "${@:3}" | timeout 300 python3 \
        "$BATS_TEST_DIRNAME/inputs.py" "$server" "$2"
}

# A key for just this launch, and for sealed input: NAME.session.
key_sealed() # NAME
{
    as_computed "$1" || return
    "$bin/fbc-wrapkey" --to "$(vmm_key)" --from "$BATS_FILE_TMPDIR/$1.owner" \
        --input sealed --launch "$(cat "$BATS_FILE_TMPDIR/$1.computed")" \
        -o "$BATS_FILE_TMPDIR/$1.session" >"$BATS_FILE_TMPDIR/$1.blob" &&
        dom0 fbc-setkey "$1" <"$BATS_FILE_TMPDIR/$1.blob"
}

# dom0 makes a second keyboard, a display and a disk for a guest, asks it to serve
# a disk of its own, and presses SysRq-h: what the guest has of these, when it has
# seen all.
offered() # NAME
{
    dom0 'home=/local/domain/$(xl domid '"$1"')
        device() { # CLASS NUMBER
            b=/local/domain/0/backend/$1/${home##*/}/$2
            xenstore-write $b/frontend $home/device/$1/$2 \
                $b/frontend-id ${home##*/} $b/online 1 $b/state 2
            xenstore-write $home/device/$1/$2/backend $b \
                $home/device/$1/$2/backend-id 0 $home/device/$1/$2/state 1
        }
        device vkbd 1; device vdispl 0
        b=$home/backend/vbd/0/51712
        xenstore-write $b/frontend $home/data \
            $b/frontend-id 0 $b/physical-device 1:0 $b/mode r $b/online 1 \
            $b/state 1
        xenstore-write $home/control/sysrq h
        device vbd 51760'
    tb guest "$1" 'i=0
        while ! [ -e /sys/bus/xen/devices/vbd-51760 ] && [ $i -lt 300 ]; do
            i=$((i+1)); sleep 0.2; done
        ls -d /sys/bus/xen*/devices/* | grep -E "vkbd-1|vdispl|-51712|-51760" |
            sed "s,/sys/bus/,,; s,/devices,,"
        ! dmesg | grep -q "sysrq: HELP" || echo sysrq'
}

# Kernel modules of a guest, and what they need, with their order.
put_modules() # DIR MODULE...
{
    local root=$top/build/images/root i
    for i in "${@:2}"; do
        modprobe -d "$root" -S "$(ls "$root/lib/modules")" --show-depends "$i"
    done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' |
        while read -r i; do
            "$top/scripts/testbed.d/putmodule" "$i" "$1"
            i=${i##*/}
            echo "${i%.xz}" >>"$1/order"
        done
}

# A picture that a keyed Linux guest shows arrives as it was, to the pixel.
pattern_arrives() # NAME
{
    python3 "$BATS_TEST_DIRNAME/pattern.py" raw 800 600 >fb.raw
    python3 "$BATS_TEST_DIRNAME/pattern.py" ppm 800 600 >want.ppm
    tb guest-copy "$1" fb.raw /tmp/fb.raw
    tb guest "$1" 'cat /tmp/fb.raw >/dev/fb0'
    comes_to_show "$1" "$1.session" want.ppm frames got.ppm
}
