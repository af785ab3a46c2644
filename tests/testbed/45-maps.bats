#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# Foreign mappings of a protected guest: everything for the builder, nothing
# but shadows from the first unpause on.
bats_require_minimum_version 1.5.0
load common

setup_file() {
    # A dom0 of 1 GiB with two vCPUs: one may race the other.
    boot --smp 2 --mem 2048 --xen-args "dom0_mem=1024M,max:1024M dom0_max_vcpus=2"
    tb copy "$top"/build/tests/raw* /usr/local/bin/
}

setup() {
    cd "$BATS_FILE_TMPDIR" || return 1
    frames=$((0x80000))         # 2 GiB: all of the testbed's machine
}

paused() { # NAME: created, not unpaused
    "$bin/fbc-keygen" -q -o "$1.owner" >/dev/null
    tb create "$1" --wait paused memory=64 --kernel "$top/build/tests/pvguest.elf" \
        extra="scenario=picture" uuid="$("$bin/fbc-keygen" -u "$1.owner")"
}

@test "before the first unpause the builder maps all; afterwards dom0 maps shadows only" {
    paused g
    id=$(dom0 xl domid g)
    before=$(dom0 --timeout 120 rawop probe "$id" $frames)
    echo "before: $before"
    [ "${before%% *}" -ge 16000 ]
    dom0 xl unpause g
    console_line g '^VERDICT: SUCCESS' 60
    after=$(dom0 --timeout 120 rawop probe "$id" $frames)
    pages=$(status_of g pages)
    echo "after: $after; the hypervisor holds $pages pages"
    # The real frames that are redirected, of xenfb, keyboard and store, and the
    # shadows, which PVH guests have under other numbers (12-pvh.bats).
    [ "${FBC_GUEST:-pv}" = pv ] || pages=0
    [ "${after%% *}" -le $((pages + 3)) ]
    [ "${after%% *}" -ge "$pages" ]
    [ "$(status_of g maps_denied)" -gt 10000 ]
    key_guest g
    settled_dump g g.session g.frames
}

@test "a mapping that dom0 kept from before refuses the unpause until it is gone" {
    paused h
    id=$(dom0 xl domid h)
    hold rawop hold "$id" $frames 120
    run dom0 xl unpause h
    [ "$(dom0 xl list h | tail -n 1 | awk '{print $5}')" = --p--- ]
    dom0 xl dmesg | grep 'references to its pages are not its own'
    [ "$(dom0 rawbuild unpause "$id")" = EBUSY ]
    # The builder's rights ended with the first try.
    after=$(dom0 --timeout 120 rawop probe "$id" $frames)
    echo "after: $after"
    [ "${after%% *}" -le 2 ]
    release
    # All that the guest will see is looked at again.
    dom0 xl unpause h
    console_line h '^VERDICT: SUCCESS' 60
    key_guest h
    settled_dump h h.session h.frames
    tb destroy h
}

@test "grants made behind the checks' back by another vCPU do not survive" {
    times=1
    [ -z "${FBC_ALL:-}" ] || times=5
    for n in $(seq $times); do
        paused "r$n"
        id=$(dom0 xl domid "r$n")
        run dom0 --timeout 60 rawgrant race "$id"
        echo "$output"
        [[ $output = *" 0 grants survived" ]]
        # The racing vCPU stood still until its mapping had been found.
        [[ $output = refused,* ]]
        tb destroy "r$n"
    done
}

# The machines of other hostile guests have one processor; this one has two.
@test "pages that change under our feet, on two vCPUs" {
    count=5000
    [ -z "${FBC_ALL:-}" ] || count=20000
    owner_guest good --wait none memory=64 \
        --kernel "$top/build/tests/pvguest.elf" extra="scenario=picture"
    key_guest good
    owner_guest race --wait none memory=64 vcpus=2 on_crash=preserve \
        --kernel "$top/build/tests/pvguest.elf" extra="scenario=racing count=$count"
    # However fast it makes tiles due, dom0 seals no more than a screen of them.
    console_line race '^racing vcpus=2' 60
    for i in 1 2 3; do
        wrap race race.session >race.blob
        dom0 --timeout 30 fbc-setkey race <race.blob
    done
    console_line race '^VERDICT' 240 | grep '^VERDICT: SUCCESS '
    tb destroy race
    settled_dump good good.session good.frames
    [ "$(dom0 fbc-status --json good | jq -r .state)" = sealed ]
    xen_is_well
    tb destroy good
}

no_xenconsoled()
{
    # shellcheck disable=SC2016
    dom0 'p=$(cat /run/xenconsoled.pid); kill $p
        i=0; while [ -e /proc/$p ] && [ $i -lt 500 ]; do
            i=$((i+1)); sleep 0.1; done'
}

@test "a builder that lies about the console's page is found out" {
    paused p
    # Nobody has the console's page mapped but who lies.
    no_xenconsoled
    run dom0 rawbuild pin "$(dom0 xl domid p)"
    dom0 'xenconsoled --log=guest --pid-file=/run/xenconsoled.pid'
    echo "$output"
    [ "$output" = EBUSY ]
    tb destroy p
    paused q
    no_xenconsoled
    run dom0 --timeout 120 rawbuild console "$(dom0 xl domid q)"
    dom0 'xenconsoled --log=guest --pid-file=/run/xenconsoled.pid'
    echo "$output"
    [ "$output" = EINVAL ]
    dom0 xl dmesg | grep 'console page .* is not one'
    tb destroy q
}

@test "nor is the store's port anybody's, nor has a protected guest a device model" {
    paused w
    id=$(dom0 xl domid w)
    # Xen looks at the domain whose memory it would be, which is no HVM guest.
    [ "$(dom0 rawbuild target "$id" | tr '\n' ' ')" = "EOPNOTSUPP EPERM " ]
    [ "$(dom0 rawbuild subscribe "$id")" = EPERM ]
    [ "$(dom0 rawbuild store-port "$id")" = EINVAL ]
    dom0 xl dmesg | tail -n 3 | grep "$id: store page is"
    tb destroy w
}

@test "domains without a vCPU, or with one that nobody set up, or dead already" {
    [ "$(dom0 rawbuild empty)" = EINVAL ]
    [ "$(dom0 rawbuild bare)" = EINVAL ]
    paused z
    id=$(dom0 xl domid z)
    hold rawop hold "$id" $frames 120
    dom0 xl destroy z
    dom0 xl list
    # xl has paused it once more.
    dom0 rawbuild unpause "$id"
    run dom0 rawbuild unpause "$id"
    echo "$output"
    release
    [[ "$output" = @(EINVAL|ESRCH) ]]
    no_zombie
}

granted() { # NAME WAIT: prints what became of it
    owner_guest "$1" --wait none memory=64 --kernel "$top/build/tests/pvguest.elf" \
        extra="scenario=granted wait=$2"
    ref=$(console_line "$1" '^granted ref=' 30)
    id=$(dom0 xl domid "$1")
}

# Xen 4.17.5 asks whose the first of them is: then it read and wrote all.
@test "a batch of copies reads and writes no frame that is only named" {
    for i in pv pvh; do
        owner_guest "n$i" --wait none memory=64 type=$i \
            --kernel "$top/build/tests/pvguest.elf" extra="scenario=picture"
        console_line "n$i" '^PASS picture' 60
        most=$frames
        [ $i = pv ] || most=$((0x4000))
        copied=$(dom0 --timeout 120 rawgrant frames "$(dom0 xl domid n$i)" $most)
        echo "$i: $copied"
        [ "$copied" = "0 read, 0 writable" ]
        tb destroy "n$i"
    done
}

@test "a page that dom0 has mapped by a grant does not become framebuffer" {
    granted s 600000
    hold rawgrant hold "$id" "${ref#*=}" 120
    console_line s '^PASS granted mapped=1 connected=0' 60
    [ "$(status_of s state)" = refused ]
    dom0 fbc-status s | grep 'dom0 may have this page mapped already'
    release
    tb destroy s

    # The same page, granted but not mapped: then nobody can map it any more.
    granted t 1000
    console_line t '^PASS granted mapped=0 connected=1' 60
    run dom0 rawgrant hold "$id" "${ref#*=}" 1
    [[ $output != *holding* ]]
    key_guest t
    settled_dump t t.session t.frames
    tb destroy t
}

@test "a crash prints no registers, stack or page tables where dom0 can read them" {
    for how in fault=0 fault=1; do
        before=$(tb log | wc -c)
        owner_guest c --wait none memory=64 \
            --kernel "$top/build/tests/pvguest.elf" \
            extra="scenario=crash $how" on_crash=preserve on_reboot=preserve
        # A PVH guest's fault is a triple one: its shutdown is a reboot.
        for i in $(seq 150); do
            dom0 xl list c | tail -n 1 | grep -q -- '-s[cr]- ' && break
            sleep 1
        done
        tb log | tail -c +"$before" >log
        cat log
        grep -qE 'crashed on cpu|Triple fault' log
        run ! grep -iE 'fbc0dead|5ec2e7fbc|rip:|rsp:|stack trace|walk' log
        # Nor is it run on.
        [ "$(dom0 rawhelper resume "$(dom0 xl domid c)")" = 'resume EPERM' ]
        dom0 xl list c | tail -n 1 | grep -q -- '-s[cr]- '
        tb destroy c
        rm c.owner
    done
}

# The reference is the builder's own work on the same guest, in the same minute;
# one of four, as it takes one gap in the machine's time to spoil one.
@test "the checks at the first unpause take a tenth of xl create at most" {
    owner_guest v --wait paused memory=64 --kernel "$top/build/tests/pvguest.elf" \
        extra="scenario=picture"
    good='' step=
    for _ in 1 2 3 4; do
        create=$(dom0 'now() { cut -d" " -f1 /proc/uptime | tr -d .; }
            xl destroy v; s=$(now); xl create -q -p /domu/v.cfg; e=$(now)
            xl unpause v; echo $(((e - s) * 10000000))')
        ns=$(status_of v unpause_ns)
        echo "$ns ns for a dom0 of 1 GiB; xl create took $create ns"
        [ "$ns" -gt 0 ]
        [ $((ns * 10)) -ge "$create" ] || good=1
        one=$(status_of v unpause_step_ns)
        [ "${step:-0}" -gt "$one" ] || step=$one
    done
    [ -n "$good" ]
    tb destroy v
    echo "$step" >step
}

# A step is as long as its work, which is bounded: the longest of the tries above,
# and of one with as many pages as they had together, so that gaps in the
# machine's time come to both.
@test "nor do they hold up dom0 for longer when the guest is larger" {
    step=$(cat step)
    owner_guest x --wait paused memory=256 --kernel "$top/build/tests/pvguest.elf" \
        extra="scenario=picture"
    good=
    for _ in {1..10}; do
        dom0 xl unpause x
        one=$(status_of x unpause_step_ns)
        echo "longest step: $step ns for 64 MiB, $one ns for 256 MiB"
        [ "$one" -gt 0 ]
        [ "$one" -ge $((step * 2)) ] || { good=1; break; }
        dom0 'xl destroy x; xl create -q -p /domu/x.cfg'
    done
    [ -n "$good" ]
    tb destroy x
}
