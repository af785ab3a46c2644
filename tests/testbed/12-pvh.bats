#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# What only PVH guests have, and dom0 could use.  The rest of the suite runs for
# them, too: tests/run, FBC_GUEST.
# shellcheck disable=SC2030,SC2031,SC2154 # bats runs tests in children
bats_require_minimum_version 1.5.0
load common

setup_file() {
    export FBC_GUEST=pvh
    boot
    tb copy "$top/build/tests/rawhvm" /usr/local/bin/
    tb copy "$top/build/tests/rawop" /usr/local/bin/
    tb copy "$top/build/tests/rawbuild" /usr/local/bin/
    tb copy "$top/build/tests/rawpvh" /usr/local/bin/
}

# Of an owner's, built and not started.  Sets id.
built() # NAME [testbed create's arguments]
{
    owner_guest "$1" --wait paused memory=64 extra="scenario=idle" \
        --kernel "$top/build/tests/pvguest.elf" "${@:2}"
    id=$(dom0 xl domid "$1")
}

refused() # NAME WHY
{
    [ "$(dom0 rawbuild unpause "$id")" = EINVAL ]
    dom0 xl dmesg | grep "d$id: $2"
    tb destroy "$1"
}

@test "a stock Linux guest's screen is black, then sealed, then exact" {
    owner_guest u1 --wait agent memory=96
    [ "$(status_of u1 state)" = black ]
    key_guest u1
    [ "$(status_of u1 state)" = sealed ]
    pattern_arrives u1
}

# Xen may load them when they are used, and then must notice that they are not.
@test "its vector registers are its own while Xen seals" {
    tb guest-copy u1 "$top/build/tests/keepxmm" /tmp/keepxmm
    run tb guest --timeout 120 u1 'chmod +x /tmp/keepxmm; /tmp/keepxmm'
    echo "$output"
    [ "$output" = kept ]
}

# A key for the launch digest in FILE, to NAME.bound and NAME.blob.
bound_key() # NAME FILE
{
    "$bin/fbc-wrapkey" --to "$(vmm_key)" --from "$1.owner" \
        --launch "$(cat "$2")" -o "$1.bound" >"$1.blob" || return
    dom0 fbc-setkey "$1" <"$1.blob"
}

@test "it has started with what fbc-launch computes; a key that asks is taken" {
    as_computed u1
    [ "$(dom0 fbc-status --launch u1)" = "$(cat u1.computed)" ]
    printf '3f%.0s' {1..32} >other
    run bound_key u1 other
    echo "$output"
    [ "$status" -eq 1 ]
    [[ $output == *"started with other contents"* ]]
    [ "$(status_of u1 launch_checked)" = false ]

    bound_key u1 u1.computed
    [ "$(status_of u1 launch_checked)" = true ]
    [ "$(status_of u1 launch_step_bytes)" -le 65536 ]
    settled_dump u1 u1.bound frames
}

# What fbc-launch says of u1's log, if something else was meant.
meant() # LINE [OPTION VALUE]...
{
    local about i line=$1
    about_guest u1
    shift
    while [ $# -gt 0 ]; do
        for i in "${!about[@]}"; do
            [ "${about[$i]}" != "$1" ] || about[i + 1]=$2
        done
        shift 2
    done
    run "$bin/fbc-launch" check -q "${about[@]}" u1.log
    echo "$output"
    [ "$status" -eq 1 ]
    # shellcheck disable=SC2053 # a pattern
    [[ $output == $line ]]
}

@test "another command line, ramdisk, memory or processor is another digest" {
    local about
    about_guest u1
    [ "${about[2]}${about[4]}" = -r-c ]
    meant "cmdline: 'quiet' added*" -c "${about[5]/ quiet/}"
    gzip -dc "${about[3]}" >ramdisk
    python3 -c 'b = bytearray(open("ramdisk", "rb").read()); b[100000] ^= 1
open("ramdisk.other", "wb").write(b)'
    gzip -nc ramdisk.other >ramdisk.gz
    meant "ramdisk: page*" -r ramdisk.gz
    meant "memory: 96 MiB, not 97 MiB*" -m 97 -M 97
    meant "ACPI tables: *differs*" -p 2 -P 2
}

@test "one that xl has rebooted has another ACPI table, which is known, too" {
    local about old
    owner_guest r1 --wait agent memory=96 on_reboot=restart vfb=
    as_computed r1
    cp r1.computed first
    old=$(dom0 xl domid r1)
    tb guest --timeout 5 r1 'reboot -f' || true
    for _ in $(seq 100); do
        id=$(dom0 "xl domid r1 2>/dev/null || true")
        [ -z "$id" ] || [ "$id" = "$old" ] ||
            ! dom0 fbc-status --launch r1 >second || break
        sleep 0.5
    done
    as_computed r1
    cmp second r1.computed
    run ! cmp first second
    about_guest r1
    [ "$("$bin/fbc-launch" compute -q "${about[@]}" -g yes -R)" = \
        "$(cat second)" ]
    tb destroy r1
}

# dom0 changes a guest that is built, and starts it: what fbc-launch says.  No
# key that asks for what was meant opens it.
lie() # WHAT [testbed create's arguments]
{
    local about
    owner_guest "$1" --wait paused memory=64 on_crash=preserve \
        on_reboot=preserve --kernel "$top/build/tests/pvguest.elf" \
        extra=scenario=idle "${@:2}"
    id=$(dom0 xl domid "$1")
    about_guest "$1"
    "$bin/fbc-launch" compute -q "${about[@]}" >"$1.meant"
    [ "$(dom0 rawpvh "$1" "$id")" = done ]
    [ "$(dom0 rawbuild unpause "$id")" = unpaused ]
    dom0 fbc-status --launch-log "$1" >"$1.log"
    run "$bin/fbc-launch" check -q "${about[@]}" "$1.log"
    [ "$status" -eq 1 ]
    echo "$1: $output"
    said=$output
    # One whose start it was may have crashed by now.
    run bound_key "$1" "$1.meant"
    [ "$status" -ne 0 ]
    [[ $output == *"started with other contents"* || $1 == @(entry|event) ]]
    tb destroy "$1" || [[ $1 == @(entry|event) ]]
}

@test "a lie in memory: a byte, a page more or less, another memory map" {
    lie poke
    [ "$said" = "free memory: page 0x3000 should be zero" ]
    lie text
    [[ $said == "kernel: page"*differ* ]]
    lie acpi
    [[ $said == "ACPI tables: page"*differ* ]]
    lie hole
    [[ $said == "memory: "*"in 4 pieces, not 3"* ]]
    lie extra
    [[ $said == "memory: "*"in 4 pieces, not 3"* ]]
    lie map
    [[ $said == "memory map: 1 entries, not 5"* ]]
}

@test "a lie in the processors: registers, memory types, interrupts, a second" {
    lie entry
    [[ $said == "CPU: rip is 0x"* ]]
    lie start-info
    [[ $said == "CPU: rbx is 0x3000000, not 0x"* ]]
    lie register
    [ "$said" = "not measured: vCPU 0 has more set than a builder sets: a \
register besides rip, rsp and rsi (PVH: rip, rbx)" ]
    lie segment
    [[ $said == "not measured: vCPU 0 "*": selectors"* ]]
    lie paging
    [[ $said == "not measured: vCPU 0 "*": control registers" ]]
    lie msr
    [[ $said == "not measured: vCPU 0 "*": model-specific registers" ]]
    lie apic
    [[ $said == "not measured: vCPU 0 "*": the local APIC" ]]
    lie cache
    [[ $said == "not measured: vCPU 0 "*": MTRR"* ]]
    lie event
    [[ $said == "not measured: vCPU 0 "*" is pending" ]]
    lie event1 vcpus=2
    [ "$said" = "not measured: another vCPU is set up, too, 1" ]
    lie param
    [[ $said == "not measured: an HVM parameter"*", 37" ]]
}

@test "a second vCPU that is set up, too, refuses the start" {
    built v vcpus=2
    [ "$(dom0 rawpvh vcpu1 "$id")" = done ]
    refused v "not one vCPU that is set up"
}

@test "of its frames dom0 maps those of the framebuffer's page, store and console" {
    id=$(dom0 xl domid u1)
    dom0 "rawop probe $id 0x10000" | tee probe
    # All of 96 MiB, and the pages up to 4 GiB that the builder has made.
    [ "$(cut -d' ' -f1 <probe)" -le 4 ]
    gfn=$(dom0 "xenstore-read /local/domain/$id/device/vfb/0/page-ref")
    [ "$(dom0 rawhvm map "$id" "$gfn")" = done ]
    # As shadows are named, those of all the machine's pages that are such.
    frames=$(dom0 'xl info total_memory | head -n 1')
    dom0 --timeout 120 "rawhvm shadows $id $((frames * 256 + 0x40000))" |
        tee shadows
    [ "$(cut -d' ' -f1 <shadows)" = "$(status_of u1 pages)" ]
}

@test "no operation on its behalf, of all that such guests have" {
    # The control: a guest that is not protected.
    tb create plain --wait none memory=64 extra="scenario=idle" \
        --kernel "$top/build/tests/pvguest.elf"
    dom0 "rawhvm doors $(dom0 xl domid plain)" | tee plain
    tb destroy plain || true
    [ "$(grep -c ' done$' plain)" -ge 17 ]

    dom0 "rawhvm doors $(dom0 xl domid u1)" | tee doors
    [ "$(wc -l <doors)" = "$(wc -l <plain)" ]
    run ! grep ' done$' doors
    # Some of libxenctrl say so in other words.
    [ "$(grep -c ' EPERM$' doors)" -ge 20 ]
    settled_dump u1 u1.bound frames
    tb guest u1 'echo still here >/dev/tty0'
    settled_dump u1 u1.bound frames
}

@test "a device model that was there before refuses the start" {
    built a
    [ "$(dom0 rawhvm device-model "$id")" = done ]
    refused a "a device model"
}

@test "so does memory that is watched" {
    built b
    [ "$(dom0 rawhvm log-dirty "$id")" = done ]
    refused b "log-dirty mode"
}

@test "nothing is left with it that nobody measures: no port, page or interrupt" {
    tb create plain --wait paused type=pvh memory=64 extra="scenario=idle" \
        --kernel "$top/build/tests/pvguest.elf"
    dom0 "rawhvm rights $(dom0 xl domid plain)" | tee plain
    tb destroy plain
    [ "$(grep -c ' done$' plain)" -ge 5 ]

    built c
    dom0 "rawhvm rights $id" | tee rights
    [ "$(wc -l <rights)" = "$(wc -l <plain)" ]
    run ! grep -v ' EPERM$' rights
    [ "$(dom0 rawbuild unpause "$id")" = unpaused ]
    tb destroy c
}

@test "so does memory that comes on demand; with nested virtualisation there is none" {
    built d maxmem=128
    refused d "populate on demand"
    run tb create e type=pvh memory=64 --wait none nestedhvm=1 \
        --kernel "$top/build/tests/pvguest.elf" extra="scenario=idle"
    echo "$output"
    [ "$status" -ne 0 ]
    run -1 dom0 xl domid e
}

@test "a page that dom0 has mapped before refuses the start until it is gone" {
    built f
    hold rawop hold "$id" 0x4000 120
    [ "$(dom0 rawbuild unpause "$id")" = EBUSY ]
    release
    [ "$(dom0 rawbuild unpause "$id")" = unpaused ]
    dom0 xl dmesg | grep "d$id: .* references to its pages are not its own"
    tb destroy f
}

@test "a page that the guest moves stays sealed, and its frames are nobody's" {
    owner_guest m --wait none memory=64 extra="scenario=moved" \
        --kernel "$top/build/tests/pvguest.elf"
    key_guest m
    line=$(console_line m '^moved from=' 60)
    id=$(dom0 xl domid m)
    read -r from to < <(sed 's/.*from=\([0-9]*\) to=\([0-9]*\).*/\1 \2/' <<<"$line")
    [ "$(dom0 rawhvm map "$id" "$from")" = EPERM ]
    [ "$(dom0 rawhvm map "$id" "$to")" = EPERM ]
    settled_dump m m.session m.frames
    dom0 "xenstore-write /local/domain/$id/data/step 1"
    comes_to_crc m '^PASS moved' 60
    tb destroy m
}

@test "frames that move while the screen connects are found, or refused" {
    owner_guest j --wait none memory=64 vcpus=2 \
        extra="scenario=juggling count=5" --kernel "$top/build/tests/pvguest.elf"
    key_guest j
    comes_to_crc j '^PASS juggling' 120
    xen_is_well
    tb destroy j
}
