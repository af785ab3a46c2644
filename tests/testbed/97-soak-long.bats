#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# Long: updates, keys and domains in numbers, and ends without warning.  Memory
# stays flat, nothing becomes plain.  Leaves build/check/soak.txt.
#
# FBC_SOAK: so many updates (1000000), with a key for each thousand of them, and
# a domain for five thousand.
# shellcheck disable=SC2030,SC2031,SC2154 # bats runs tests in children
bats_require_minimum_version 1.5.0
load common

setup_file() {
    export BATS_TEST_TIMEOUT=7200
    export FBC_TESTBED_LIFE=28800
    mkdir -p "$top/build/check"
    : >"$top/build/check/soak.txt"
    boot
}

say() { echo "$*" | tee -a "$top/build/check/soak.txt"; }

quick() { # NAME SCENARIO
    owner_guest "$1" --wait none memory=64 \
        --kernel "$top/build/tests/pvguest.elf" extra="scenario=$2"
}

# Runs in dom0, with the guest's QEMU as $qemu.
with_qemu() { # NAME SHELL-TEXT
    # shellcheck disable=SC2016 # expands in there
    dom0 'id=$(xl domid '"$1"')
        for p in /proc/[0-9]*; do
            tr "\000" " " 2>/dev/null <$p/cmdline |
                grep -q "^[^ ]*qemu.*-xen-domid $id " && qemu=${p#/proc/}
        done
        '"$2"
}

# Free MiB of the hypervisor's, KiB of the guest's QEMU, bytes of its fbcrypt.
memory() { # NAME
    # shellcheck disable=SC2016 # expands in there
    with_qemu "$1" 'xl info free_memory
        sed -n "s/^VmRSS:[[:space:]]*\([0-9]*\) kB/\1/p" /proc/$qemu/status'
    status_of "$1" heap_bytes
}

rss() { sed -n 's/^VmRSS:[[:space:]]*\([0-9]*\) kB/\1/p' "/proc/$1/status"; } # PID

begin_proxy() { # NAME: sets proxy and port, which it keeps
    : >proxy.out
    "$bin/fbc-vncproxy" -q --json --plain-input -k "$1.session" \
        --listen "127.0.0.1:${port:-0}" "$(tb vnc "$1")" >proxy.out 3>&- 4>&- &
    proxy=$!
    for _ in $(seq 500); do
        [ -s proxy.out ] && break
        sleep 0.05
    done
    port=$(head -n 1 proxy.out | jq -r .listen)
    port=${port##*:}
}

watch_live() { "$top/build/tests/vncwatch" -s 60 -u live 127.0.0.1 "$port"; }

flat() # BEFORE AFTER PERCENT
{
    [ $(($2 * 100)) -le $(($1 * (100 + $3))) ]
}

@test "a million updates while a thousand keys are set: all exact, memory flat" {
    updates=${FBC_SOAK:-1000000}
    keys=$((updates / 1000))
    # It waits until it is keyed.
    quick up "rects count=$updates max=8 hold=30000 delay=1"
    quick key "picture seed=4"
    key_guest up
    key_guest key
    cp key.session first.session
    begin_proxy up
    "$top/build/tests/vncwatch" -s 7000 127.0.0.1 "$port" >watch.log 2>&1 3>&- 4>&- &
    viewer=$!
    # Each has been at work for a while.
    for i in $(seq 10); do
        wrap key key.session >key.blob
        dom0 fbc-setkey key <key.blob
    done
    settled_dump key key.session key.frames
    console_line up '^rects [0-9]*000' 300
    read -r -d '' free qemu heap < <(memory up; printf '\0')
    say "before: $free MiB free, QEMU $qemu KiB, $heap bytes, proxy $(rss $proxy) KiB"
    before=$(rss $proxy)

    for i in $(seq "$keys"); do
        wrap key key.session >key.blob
        dom0 fbc-setkey key <key.blob
        [ $((i % 100)) -ne 0 ] || settled_dump key key.session key.frames
    done
    run ! "$bin/fbc-decrypt-frames" -q -k first.session <key.frames
    say "$keys keys: epoch $(status_of key epoch)"

    comes_to_crc up '^PASS rects' 6000
    say "$(status_of up events) updates, $(status_of up tiles_sealed) tiles"
    [ "$(status_of up events)" -gt "$updates" ]
    [ "$(status_of up tiles_sealed)" -gt $((updates / 100)) ]
    [ "$(status_of up bad_events)" = 0 ]
    read -r -d '' free2 qemu2 heap2 < <(memory up; printf '\0')
    say "after: $free2 MiB free, QEMU $qemu2 KiB, $heap2 bytes, proxy $(rss $proxy) KiB"
    [ "$free2" = "$free" ]
    [ "$heap2" = "$heap" ]
    flat "$qemu" "$qemu2" 5
    flat "$before" "$(rss $proxy)" 5
    kill -0 $viewer
    watch_live
    kill $viewer $proxy
    xen_is_well
    tb destroy up
    tb destroy key
}

@test "200 domains, each keyed and looked at: nothing is left of them" {
    quick warm "picture seed=1"
    console_line warm '^VERDICT' 60
    tb destroy warm
    sleep 5
    before=$(dom0 xl info free_memory)
    for i in $(seq $((${FBC_SOAK:-1000000} / 5000))); do
        quick "c$i" "picture seed=$i"
        key_guest "c$i"
        [ $((i % 10)) -ne 0 ] || settled_dump "c$i" "c$i.session" frames
        tb destroy "c$i"
    done
    domains_left 1
    sleep 5
    after=$(dom0 xl info free_memory)
    say "$i domains: free before $before MiB, after $after MiB"
    [ $((before - after)) -le 1 ]
}

@test "proxy and viewer end 50 times without warning: then the screen is verified again" {
    quick ends "rects count=10000000 max=60 delay=50"
    key_guest ends
    begin_proxy ends
    watch_live
    for i in $(seq 50); do
        "$top/build/tests/vncwatch" -s 60 127.0.0.1 "$port" >watch.log 2>&1 3>&- 4>&- &
        viewer=$!
        sleep "$((RANDOM % 3)).$((RANDOM % 10))"
        kill -KILL $viewer
        if [ $((i % 2)) = 0 ]; then
            kill -KILL $proxy
            wait $proxy || true
            t=$(date +%s%N)
            begin_proxy ends
        else
            t=$(date +%s%N)
        fi
        watch_live >/dev/null
        echo "$((i % 2)) $((($(date +%s%N) - t) / 1000000))" >>ends
    done
    kill $proxy
    for who in "0 proxy" "1 viewer"; do
        say "from a new ${who#* } to a live screen: $(sed -n "s/^${who% *} //p" ends |
            sort -n | awk '{ v[NR] = $1 } END {
                printf "median %d ms, most %d ms, of %d", v[int((NR + 1) / 2)], v[NR], NR }')"
    done
    [ "$(cut -d' ' -f2 ends | sort -n | tail -n 1)" -le $((2000 * FBC_PATIENCE)) ]
    tb destroy ends
}

@test "QEMU ends 50 times without warning: the guest goes on, dom0 sees nothing plain" {
    for i in $(seq 50); do
        quick "q$i" "rects count=10000000 max=60 delay=20"
        key_guest "q$i"
        sleep "$((RANDOM % 3)).$((RANDOM % 10))"
        # shellcheck disable=SC2016 # expands in there
        with_qemu "q$i" 'kill -KILL $qemu'
        dom0 fbc-dumpvfb -r -n 1 "q$i" >frames
        "$bin/fbc-leakcheck" -q <frames
        dom0 xl list "q$i"
        tb destroy "q$i"
    done
    domains_left 1
    xen_is_well
}
