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
    python3 "$BATS_TEST_DIRNAME/pattern.py" raw 800 600 >fb.raw
    python3 "$BATS_TEST_DIRNAME/pattern.py" ppm 800 600 >want.ppm
    tb guest-copy u1 fb.raw /tmp/fb.raw
    tb guest u1 'cat /tmp/fb.raw >/dev/fb0'
    settled_dump u1 u1.session frames
    "$bin/fbc-decrypt-frames" -q -k u1.session --ppm <frames >got.ppm
    cmp <(ppm_pixels want.ppm) <(ppm_pixels got.ppm)
}

@test "and what it started with is not measured: a key that asks is refused" {
    [ "$(status_of u1 launch_digest)" = null ]
    "$bin/fbc-wrapkey" --to "$(vmm_key)" --from u1.owner \
        --launch "$(printf '3f%.0s' {1..32})" -o l.session >l.blob
    run --separate-stderr -1 dom0 fbc-setkey u1 <l.blob
    echo "$stderr"
    [ "$(status_of u1 state)" = sealed ]
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
    settled_dump u1 u1.session frames
    tb guest u1 'echo still here >/dev/tty0'
    settled_dump u1 u1.session frames
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

@test "so does a device's page among its memory" {
    built c
    [ "$(dom0 rawhvm mmio "$id" 0x200 0xb8)" = done ]
    refused c "guest frame 200 is not ordinary memory"
}

@test "so does memory that comes on demand, and nested virtualisation" {
    built d maxmem=128
    refused d "populate on demand"
    built e nestedhvm=1
    refused e "nested virtualisation"
}

@test "a page that dom0 has mapped before refuses the start until it is gone" {
    built f
    dom0 "rawop hold $id 0x4000 30 >/tmp/held 2>&1 & sleep 2; cat /tmp/held" |
        grep -q holding
    [ "$(dom0 rawbuild unpause "$id")" = EBUSY ]
    dom0 'killall rawop; sleep 1'
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
    line=$(console_line m '^PASS moved' 60)
    settled_dump m m.session m.frames
    "$bin/fbc-decrypt-frames" -q -k m.session --ppm <m.frames >m.ppm
    [ "$(crc m.ppm)" = "$(sed -n 's/.*crc=\([0-9a-f]*\).*/\1/p' <<<"$line")" ]
    tb destroy m
}

@test "frames that move while the screen connects are found, or refused" {
    owner_guest j --wait none memory=64 vcpus=2 \
        extra="scenario=juggling count=5" --kernel "$top/build/tests/pvguest.elf"
    key_guest j
    line=$(console_line j '^PASS juggling' 120)
    settled_dump j j.session j.frames
    "$bin/fbc-decrypt-frames" -q -k j.session --ppm <j.frames >j.ppm
    [ "$(crc j.ppm)" = "$(sed -n 's/.*crc=\([0-9a-f]*\).*/\1/p' <<<"$line")" ]
    run ! grep -E 'BUG|ASSERT|panic' <(dom0 xl dmesg)
    tb destroy j
}
