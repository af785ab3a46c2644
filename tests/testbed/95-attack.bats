#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# Guests come and go while dom0 attacks all the time, by every method.
bats_require_minimum_version 1.5.0
load common

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return 1
    boot --smp 2 --xen-args "dom0_max_vcpus=2"
    picture_runs runs
    tb copy "$top/build/tests/rawop" "$top/build/tests/rawfind" \
        "$BATS_TEST_DIRNAME/try-methods" /usr/local/bin/
    tb copy runs /dev/shm/runs
}

@test "create/destroy cycles under attack: no crash, no zombie, no leak" {
    cycles=10
    [ -z "${FBC_ALL:-}" ] || cycles=40
    before=$(dom0 xl info free_memory)
    "$bin/fbc-dumpvfb" --list-methods | cut -f1 >methods
    tb copy methods /tmp/methods
    # One vCPU of dom0 attacks, the other serves; whatever domain there is.
    dom0 'cat >/tmp/attack' <<'SH'
while [ ! -e /tmp/stop ]; do
    for m in $(cat /tmp/methods); do
        for d in $(xl list | tail -n +3 | awk '{print $2}'); do
            try-methods $d /dev/shm/runs $m >>/tmp/tries 2>/dev/null
            sleep 0.5           # or there would be no cycle to attack
        done
        [ ! -e /tmp/stop ] || break
    done
    for d in $(xl list | tail -n +3 | awk '{print $2}'); do
        head -c 208 /dev/urandom >/tmp/junk
        rawop setkey $d /tmp/junk
        xl pause $d; xl unpause $d
    done >/dev/null 2>&1
done
touch /tmp/stopped
SH
    dom0 'setsid sh /tmp/attack >/dev/null 2>&1 </dev/null &'
    # As many as are needed for what is asserted below, however slow dom0 is.
    for i in $(seq 100); do
        owner_guest "a$i" --wait none memory=32 --kernel "$top/build/tests/pvguest.elf" \
            extra="scenario=picture seed=9"
        key_guest "a$i" || true
        sleep 1
        tb destroy "a$i"
        [ "$i" -lt "$cycles" ] ||
            [ "$(dom0 'cut -f1 /tmp/tries | sort | uniq -c |
                awk "{n += \$1} END {print (n >= 40 && NR >= 15)}"')" != 1 ] ||
            break
    done
    dom0 --timeout 120 'touch /tmp/stop; i=0
        while [ ! -e /tmp/stopped ] && [ $i -lt 500 ]; do i=$((i+1)); sleep 1; done'
    dom0 'cut -f1 /tmp/tries | sort | uniq -c'
    dom0 cat /tmp/tries >tries
    [ "$(wc -l <tries)" -ge 40 ]
    [ "$(cut -f1 tries | sort -u | wc -l)" -ge 15 ]
    run ! grep LEAKED tries
    xen_is_well
    domains_left 1
    after=$(dom0 xl info free_memory)
    echo "free before $before MiB, after $after MiB"
    [ $((before - after)) -le 1 ]
    # And a guest still works.
    owner_guest ok --wait none memory=32 --kernel "$top/build/tests/pvguest.elf" \
        extra="scenario=picture seed=9"
    key_guest ok
    settled_dump ok ok.session ok.frames
}
