#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# The hypervisor measures what dom0 has built, and gets what fbc-launch computes
# from the files.  What else dom0 may put there: 16-tamper.bats.
# shellcheck disable=SC2030,SC2031,SC2154 # common.bash and bats set these
bats_require_minimum_version 1.5.0

setup_file() {
    load common
    boot
    tb copy "$top/build/tests/rawbuild" /usr/local/bin/
}

teardown_file() {
    load common
    tb down
}

setup() {
    load common
    cd "$BATS_FILE_TMPDIR" || return 1
    mini=$top/build/tests/pvguest.elf
}

# The hypervisor's digest is that of the files.
measured() { # NAME
    as_computed "$1"
    cp "$1.computed" "$1.digest"
    [ "$(dom0 fbc-status --launch "$1")" = "$(cat "$1.digest")" ]
    [ "$(status_of "$1" launch)" = measured ]
    [ "$(status_of "$1" launch_digest)" = "$(cat "$1.digest")" ]
}

# Sets a key that is sealed to the digest in NAME.digest.
bound_key() { # NAME
    "$bin/fbc-wrapkey" --to "$(vmm_key)" --from "$1.owner" -o "$1.session" \
        --launch "$(cat "$1.digest")" >"$1.blob"
    dom0 fbc-setkey "$1" <"$1.blob"
}

@test "Linux with a .gz ramdisk is measured as computed, and takes its key" {
    owner_guest l1 --wait screen
    measured l1
    bound_key l1
    [ "$(status_of l1 launch_checked)" = true ]
    settled_dump l1 l1.session l1.frames
    [ "$(stat -c %s l1.log)" -lt 16384 ]
    status_of l1 unpause_ns
    status_of l1 unpause_step_ns
    # Measuring stops for dom0 every 64 KiB.
    [ "$(status_of l1 launch_step_bytes)" -le 65536 ]
    [ "$(status_of l1 launch_step_bytes)" -gt 60000 ]
    tb destroy l1
}

@test "so it is with a plain ramdisk, other memory and vCPUs" {
    gzip -dc "$top/build/images/guest.cpio.gz" >guest.cpio
    owner_guest l2 --wait none memory=100 maxmem=160 vcpus=2 \
        --ramdisk guest.cpio
    measured l2
    tb destroy l2
}

@test "so it is with another kernel, which has a hypercall page" {
    owner_guest m1 --wait none memory=65 --kernel "$mini" extra="scenario=idle"
    measured m1
    tb destroy m1
    # Not in the digest: who, when, on which frames, how many vCPUs.
    owner_guest m2 --wait none memory=65 vcpus=3 --kernel "$mini" \
        extra="scenario=idle"
    measured m2
    tb destroy m2
    cmp m1.digest m2.digest
}

@test "what other domains left in memory is not measured" {
    # Memory of dom0's that is full, and given to a guest.
    dom0 --timeout 120 'mount -t tmpfs none /mnt
        yes LANTERN | head -c 300000000 >/mnt/full; rm /mnt/full; umount /mnt
        xl mem-set 0 1000; sleep 2; xl list'
    owner_guest m3 --wait none memory=300 --kernel "$mini" extra="scenario=idle"
    measured m3
    tb destroy m3
}

@test "while it is built a guest has no log, and takes no key" {
    owner_guest b1 --wait paused memory=64 --kernel "$mini"
    run dom0 fbc-status --launch b1
    [ "$status" -eq 1 ]
    [[ $output == *"not measured yet"* ]]
    run key_guest b1
    [ "$status" -ne 0 ]
    tb destroy b1
}

@test "another kernel under the same UUID gets no key: no false login" {
    "$bin/fbc-launch" compute -q --kernel "$mini" \
        --cmdline "scenario=picture" --memory 64 >f1.digest
    # What dom0 starts in its place: here, only the command line is another.
    owner_guest f1 --wait none memory=64 --kernel "$mini" \
        extra="scenario=picture seed=6"
    run bound_key f1
    echo "$output"
    [ "$status" -eq 1 ]
    [[ $output == *"started with other contents"* ]]
    [ "$(status_of f1 keyed)" = false ]
    # The control: a key that asks for nothing opens this screen, too.
    key_guest f1
    [ "$(status_of f1 keyed)" = true ]
    [ "$(status_of f1 launch_checked)" = false ]
    tb destroy f1
    # And the one that was meant takes its key.
    tb create f1 uuid="$("$bin/fbc-keygen" -u f1.owner)" --wait none \
        memory=64 --kernel "$mini" extra="scenario=picture"
    # One of several digests is enough.
    "$bin/fbc-wrapkey" --to "$(vmm_key)" --from f1.owner -o f1.session \
        --launch "$(printf 'ff%.0s' {1..32})" --launch "$(cat f1.digest)" \
        >f1.blob
    dom0 fbc-setkey f1 <f1.blob
    [ "$(status_of f1 launch_checked)" = true ]
    tb destroy f1
}
