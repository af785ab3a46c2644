#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# Options of the command line with which the hypervisor takes no key.
# shellcheck disable=SC2034,SC2154 # shared with common, lies
bats_require_minimum_version 1.5.0
load common

dma='dom0 can reach guests by DMA, or Xen by interrupt messages (iommu=force dom0-iommu=strict, or fbcrypt=no-iommu to accept it)'

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
}

teardown() { tb down; }

# Starts Xen, and looks no further: what it said of fitness and key.
says() # [testbed up's options, over several lines]
{
    boot --until 'fbcrypt: .*armed' "${@//$'\n'/}"
    tb log | grep -aoE 'fbcrypt: .*(armed|unfit).*' | tr -d '\r'
}

# It has no key, for all of these reasons and no other.
unfit() # LOG REASON...
{
    cat "$1"
    grep 'not armed: ' "$1"
    diff <(sed -n 's/^fbcrypt: unfit: //p' "$1" | sort) \
        <(printf '%s\n' "${@:2}" | sort)
}

# Each alone would do: no machine is started for it alone.
@test "options that let dom0 at guests are named, all of them" {
    says --xen-args 'cpufreq=dom0-kernel tbuf_size=1 ucode=scan vpmu=on
        hvm_debug=1 mmcfg=amd-fam10 tboot=0 hardware_dom=0 pv-shim=0 altp2m=0
        hvm_fep=0' >said
    unfit said \
        'dom0 can write registers of processors (cpufreq=dom0-kernel)' \
        'dom0 can see what the hypervisor traces (tbuf_size)' \
        'an option that bares guests: '{ucode,vpmu,hvm_debug,mmcfg,tboot,hardware_dom,pv-shim,altp2m,hvm_fep}
}

@test "no SMEP, and no SMAP unless that is accepted: this QEMU has none for dom0" {
    for o in fbcrypt=smap smep=0; do
        says --xen-args $o >said
        unfit said 'Xen can be led into memory of dom0'"'"'s (no SMEP or SMAP: the CPU, smep=, smap=; or fbcrypt=no-smap to accept it)'
    done
    says --xen-args smap=0 >said
    grep ' armed, .* SMAP not asked for' said
}

# Looked at is acpi=off, too, but with it Xen 4.17 does not start here.
@test "no IOMMU, unless that is accepted" {
    says --xen-args fbcrypt=iommu >said
    unfit said 'no IOMMU' 'no iommu=force' 'no dom0-iommu=strict' 'no interrupt remapping' \
        "$dma"
}

@test "what is not armed boots dom0, and says that it has no key" {
    boot --cold --xen-args cpufreq=dom0-kernel
    run --separate-stderr dom0 fbc-status --vmm-key
    [ "$status" -ne 0 ]
    [[ "$stderr" = *"has no key"* ]]
    dom0 xl dmesg | grep 'not armed: dom0 can write registers'
}

# VT-d, emulated, and a device behind it that copies where dom0 tells it to.
vtd=(--qemu-args "-device intel-iommu,intremap=on \
-device edu,dma_mask=0xffffffffffff")
strict='fbcrypt=iommu iommu=force dom0-iommu=strict'

@test "an IOMMU in force: armed after dom0 was parsed, and DMA reaches no guest" {
    boot --cold "${vtd[@]}" --xen-args "$strict loglvl=info"
    dom0 xl dmesg >log
    grep 'fbcrypt: armed' log | grep -v 'no protection from DMA'
    [ "$(grep -oE 'Building a PV Dom0|fbcrypt: armed' log | tr '\n' ,)" = \
        'Building a PV Dom0,fbcrypt: armed,' ]

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
    # Strict, it would not pass through.
    says "${vtd[@]}" --xen-args "${strict/strict/passthrough,map-inclusive}
        iommu=no-igfx,no-intremap,no-amd-iommu-perdev-intremap ats dbgp=ehci
        rmrr=0x1000=0:1f.2 ivmd=0x1000=0:1f.2" >said
    unfit said 'no dom0-iommu=strict' dom0-iommu={passthrough,map-inclusive} \
        iommu={no-igfx,no-amd-iommu-perdev-intremap} 'no interrupt remapping' \
        'devices have a way around the IOMMU: '{rmrr,ivmd,ats,dbgp} "$dma"
}

@test "dom0 is not a PV domain" {
    says "${vtd[@]}" --xen-args "$strict dom0=pvh" >said
    unfit said 'dom0 is not a PV domain (dom0=pvh)'
}

@test "what lets devices past an IOMMU goes with no-iommu" {
    says --xen-args 'rmrr=0x1000=0:1f.2 ats' | grep 'fbcrypt: armed'
}
