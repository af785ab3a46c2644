#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# Options of the command line with which the hypervisor takes no key.
# shellcheck disable=SC2034,SC2154 # shared with common, lies
bats_require_minimum_version 1.5.0

setup() {
    load common
    cd "$BATS_TEST_TMPDIR" || return 1
}

teardown() {
    load common
    tb down
}

# Starts Xen, and looks no further: what it said of the key.
says() # [testbed up's options]
{
    boot --until 'fbcrypt: .*armed' "$@"
    tb log | grep -a 'fbcrypt: .*armed'
}

# No key, for this reason.
unfit() # REASON OPTION...
{
    says --xen-args "${*:2}" | grep "not armed: $1"
}

@test "cpufreq=dom0-kernel: dom0 could write registers of processors" {
    unfit 'dom0 can write registers' cpufreq=dom0-kernel
}

@test "what is not armed boots dom0, and says that it has no key" {
    boot --cold --xen-args cpufreq=dom0-kernel
    run --separate-stderr dom0 fbc-status --vmm-key
    [ "$status" -ne 0 ]
    [[ "$stderr" = *"has no key"* ]]
    dom0 xl dmesg | grep 'not armed: dom0 can write registers'
}

@test "tbuf_size: dom0 could see what the hypervisor traces" {
    unfit 'dom0 can see what the hypervisor traces' tbuf_size=1
}

@test "vpmu, the last of many: registers of guests would be sampled" {
    unfit 'an option that bares guests' loglvl=warning vpmu=on
}

@test "ucode: a file that was not measured" {
    unfit 'an option that bares guests' ucode=scan
}

@test "no IOMMU, unless that is accepted" {
    unfit 'dom0 can reach guests by DMA' fbcrypt=iommu
}

# VT-d, emulated, and a device behind it that copies where dom0 tells it to.
vtd=(--qemu-args "-device intel-iommu,intremap=on \
-device edu,dma_mask=0xffffffffffff")
strict='fbcrypt=iommu iommu=force dom0-iommu=strict'

@test "an IOMMU in force: armed, without accepting DMA, which reaches no guest" {
    boot --cold "${vtd[@]}" --xen-args "$strict"
    dom0 xl dmesg | grep 'fbcrypt: armed' | grep -v 'no protection from DMA'

    # Neither while it is built nor later: what starts is what was meant.  The
    # control is in 16-tamper.bats.
    load lies
    ramdisk=ramdisk mem=8 maxmem=8
    cp "$top/build/tests/tiny.elf" kernel
    echo ramdisk >ramdisk
    "$bin/fbc-keygen" -q -o a.owner >/dev/null
    "$bin/fbc-launch" compute -q -k kernel -r ramdisk -c scenario -m 8 >digest
    tb copy "$top/build/tests/rawlaunch" /usr/local/bin/
    dom0 mkdir -p /tmp/a
    tb copy kernel ramdisk /tmp/a/
    attack - dma dma-later assign
    for i in dma dma-later; do
        meant $i "done" unpaused
        [[ $(cat $i.said) == *"| DMA does not reach the guest" ]]
    done
    # A device of its own reaches a guest, which none that is protected gets.
    meant assign "assign: EPERM" unpaused
    unprotected "done | unpaused" assign
}

@test "an IOMMU, and what lets devices past it" {
    for o in rmrr=0x1000=0:1f.2 iommu=no-igfx; do
        says "${vtd[@]}" --xen-args "$strict $o" |
            grep 'not armed: dom0 can reach guests by DMA'
    done
}

@test "rmrr goes with no-iommu" {
    says --xen-args 'rmrr=0x1000=0:1f.2' | grep 'fbcrypt: armed'
}
