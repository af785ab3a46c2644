#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# A domain builder that lies in each way that it can: no key that was sealed to
# the guest's launch digest opens what it built, and fbc-launch names the lie.
# What became of each is kept in build/check/attacks.
# shellcheck disable=SC2030,SC2031,SC2034,SC2154 # shared with common, lies, bats
bats_require_minimum_version 1.5.0
load common

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return 1
    # Two vCPUs, so that one may race the other; a processor with extended state
    # and an MSR that a builder can set; a device that dom0 can let write.
    local cpu
    cpu=$(cpu_line)
    cpu=${cpu/,-xsave}
    boot --smp 2 --cpu "${cpu/,-rdtscp}" --xen-args "dom0_max_vcpus=2" \
        --qemu-args "-device edu,dma_mask=0xffffffffffff"
    tb copy "$top/build/tests/rawlaunch" /usr/local/bin/
    cp "$top/build/tests/tiny.elf" kernel
    sed 's/nobody reads/dom0 changes/' kernel >kernel.other
    printf 'R%.0s' {1..40960} >ramdisk
    tr R S <ramdisk >ramdisk.other
    (cat ramdisk; head -c 4096 ramdisk) >ramdisk.longer
    # What takes a while to measure.
    yes RAMDISK | head -c 3000000 >ramdisk.large
    "$bin/fbc-keygen" -q -o a.owner >/dev/null
    "$bin/fbc-launch" compute -q -k kernel -r ramdisk -c scenario -m 8 >digest
    for i in older meant; do
        "$bin/fbc-wrapkey" --to "$(vmm_key)" --from a.owner -o $i.session \
            --launch "$(cat digest)" >$i.blob
    done
    python3 "$BATS_TEST_DIRNAME/zeroblob.py" a.owner "$(vmm_key)" >none.blob
    dom0 mkdir -p /tmp/a
    tb copy kernel kernel.other ramdisk ramdisk.* ./*.blob /tmp/a/
    mkdir -p "$top/build/check"
    : >"$top/build/check/attacks"
}

setup() {
    load lies
    cd "$BATS_FILE_TMPDIR" || return 1
    ramdisk=ramdisk mem=8 maxmem=8
}

@test "other files, or a byte of them in memory" {
    attack meant other-kernel text other-ramdisk longer-ramdisk ramdisk
    seen other-kernel "*kernel: page*differ*"
    seen text "*kernel: page*differ*"
    seen other-ramdisk "*ramdisk: page*differ*"
    seen longer-ramdisk "*mod_len is*"
    seen ramdisk "*ramdisk: page*differ*"
}

@test "another command line: a word, a space, bytes behind it" {
    attack meant cmdline-word cmdline-space cmdline-end
    seen cmdline-word "cmdline: 'init=/bin/sh' added*"
    seen cmdline-space "cmdline:*other spaces*"
    seen cmdline-end "cmdline: bytes after its end*"
}

@test "a byte where there should be none" {
    attack meant last bss padding stack p2m-tail start-end windows
    seen last "free memory: page 0x7ff should be zero"
    seen bss "kernel: page 0x106 should be zero"
    seen padding "padding: page*should be zero"
    seen stack "boot stack: page*should be zero"
    seen p2m-tail "not measured: the P2M list*"
    seen start-end "start_info: bytes after its end"
    # In a guest of 4 GiB so many are too many: 19-large-long.bats.
    seen windows "free memory: page*should be zero"
}

@test "page-table entries: another page, other rights, aliases, garbage" {
    local all="pte-other pte-gone pte-ro pte-nx pte-global l2-alias l3-alias
        l4-alias l4-garbage" i
    # shellcheck disable=SC2086
    attack meant $all table-rw
    for i in $all; do
        seen "$i" "*page tables: page*differ*"
    done
    refused table-rw "build: *" "*"
}

@test "page-table entries that name what is not the guest's memory" {
    attack meant pte-domain pte-dom0 pte-shadow pte-device pte-shared-info \
        pte-grants
    # Xen takes such a table not at all,
    refused pte-domain "build: *" "*"
    refused pte-dom0 "build: *" "*"
    refused pte-shadow "build: *" "*"
    refused pte-device "iomem: EPERM" "*"
    # or because it may have these,
    for i in pte-shared-info pte-grants; do
        seen $i "not measured: a page table names memory that is not*"
    done
    # nor from anybody else's hand.
    attack - update-own update-domain
    meant update-own "mmu_update: EPERM" unpaused
    meant update-domain "mmu_update: EPERM" unpaused
}

@test "P2M entries: the store's double, another domain's, dom0's, none" {
    local all="p2m-shadow p2m-domain p2m-dom0 p2m-shared-info p2m-none" i
    # shellcheck disable=SC2086
    attack meant $all
    for i in $all; do
        seen "$i" "not measured: the P2M list (PVH: the p2m) names a page*, 0x7ff"
    done
}

@test "two numbers for a page, or pages that have changed their places" {
    attack meant p2m-twice m2p-twice p2m-swap m2p-swap both-swap
    for i in p2m-twice m2p-twice p2m-swap m2p-swap; do
        seen $i "not measured: the P2M list (PVH: the p2m) names a page*"
    done
    seen both-swap "kernel: page 0x100 is zero*should be zero"
}

@test "a page more or less than the guest is told" {
    attack meant one-less one-more nr-pages m2p-none
    for i in one-less one-more nr-pages; do
        seen $i "not measured: start_info's nr_pages*"
    done
    seen one-more "*memory: 2049 pages, not 2048"
    seen m2p-none "not measured: the P2M list (PVH: the p2m) names a page*"
    # Nobody else gives it one.
    attack - transfer
    meant transfer "transfer: EPERM" unpaused
}

@test "pages of another type: tables that nothing names, descriptors" {
    attack meant second-root empty-table gdt
    seen second-root "free memory: page 0x7ff should be zero"
    seen empty-table "free memory: page 0x7ff should be zero"
    refused gdt "done" EBUSY
    unprotected "done | unpaused" gdt
}

@test "a page table that Xen has looked through half-way stops the start" {
    # Where the machine was busy the operation may have ended before.
    for _ in {1..10}; do
        attack - half-table
        [[ $(cat half-table.said) != *"pin: done" ]] || continue
        break
    done
    # Nobody continues it: it stays half of one, and the guest where it is.
    refused half-table "done" "EBUSY, done, EBUSY"
    [[ $(cat half-table.said) == *"pin: EPERM" ]]
    unprotected "done | unpaused, done, EINVAL | - | pin: done" half-table
}

@test "vCPU 0: registers, tables, debug registers, extended state" {
    attack meant rip rsp gpr iopl single-step kernel-stack fs-base selector \
        root user-root ldt dr7 fpu task-switched
    seen rip "CPU: rip is *"
    seen rsp "CPU: rsp is *"
    seen root "CPU: page of CR3 is *"
    seen gpr "not measured: vCPU 0*: a register besides*"
    seen selector "not measured: vCPU 0*: a register besides*"
    seen iopl "not measured: vCPU 0*: rflags*"
    seen single-step "not measured: vCPU 0*: rflags*"
    seen fpu "not measured: vCPU 0*: rflags, or how it is to start"
    seen kernel-stack "not measured: vCPU 0*: selectors, bases*"
    seen fs-base "not measured: vCPU 0*: selectors, bases*"
    seen user-root "not measured: vCPU 0*: a page table for user mode"
    seen ldt "not measured: vCPU 0*: a GDT or LDT"
    seen dr7 "not measured: vCPU 0*: debug registers"
    seen task-switched "not measured: vCPU 0*: control registers"
}

@test "vCPU 0: handlers that the kernel does not replace" {
    attack meant trap event failsafe syscall masked-failsafe vm-assist \
        sysenter-cpu0
    seen trap "not measured: vCPU 0*: a trap handler"
    for i in event failsafe syscall sysenter-cpu0; do
        seen $i "not measured: vCPU 0*: an event or system call handler"
    done
    seen masked-failsafe "not measured: vCPU 0*: rflags, or how it is to start"
    seen vm-assist "CPU: vm_assist is 0x4, not 0x0"
}

@test "other vCPUs: set up, set up and reset, callbacks" {
    attack meant sysenter-cpu1 syscall32-cpu1 cpu1-reset cpu1 reset-cpu0
    for i in sysenter-cpu1 syscall32-cpu1 cpu1-reset; do
        seen $i "not measured: another vCPU*, 1"
    done
    refused cpu1 "done" EINVAL
    refused reset-cpu0 "done" EINVAL
}

@test "MSRs and extended state, of vCPU 0 and of one that is not set up" {
    local all="msr-cpu0 msr-cpu1 xstate-cpu0 xstate-cpu1"
    # shellcheck disable=SC2086
    attack meant $all
    seen msr-cpu0 "not measured: vCPU 0*: model-specific registers"
    seen xstate-cpu0 "not measured: vCPU 0*: FPU or extended state"
    for i in msr-cpu1 xstate-cpu1; do
        seen $i "not measured: another vCPU*, 1"
    done
    # shellcheck disable=SC2086
    unprotected "done | unpaused" $all
}

@test "another memory map" {
    attack meant e820-two e820-size e820-type e820-many
    seen e820-two "memory map: 2 entries, not 1"
    seen e820-many "memory map: 128 entries, not 1"
    seen e820-size "maxmem: *"
    seen e820-type "memory map: other entries"
}

@test "start_info that names other pages, or lies elsewhere" {
    local i
    attack meant mod-start mod-len initdomain p2m-first pt-base p2m-list \
        shared-other start-second start-crossing start-magic
    seen mod-start "start_info: mod_start is *"
    seen mod-len "start_info: mod_len is *"
    seen initdomain "start_info: flags is 0x3, not 0x0"
    seen p2m-first "start_info: first_p2m_pfn is *"
    seen pt-base "start_info: pt_base is *"
    seen p2m-list "not measured: the P2M list*mfn_list is *"
    seen start-second "*start_info: on page*"
    for i in shared-other start-crossing; do
        seen $i "not measured: rsi (PVH: rbx) points to no start_info page*shared_info*"
    done
    refused start-magic "done" EINVAL
}

@test "a kernel's page as the console's or the store's, or one for both" {
    attack meant console-kernel console-is-store store-kernel \
        console-kernel-grant store-kernel-grant
    refused console-kernel "done" EINVAL
    refused console-is-store "done" EINVAL
    seen store-kernel "*page of the store is 0x100*"
    seen store-kernel-grant "*page of the store is 0x100*"
    seen console-kernel-grant "*page of the console is 0x100*"
}

@test "while it is measured dom0's other vCPU changes nothing, and starts nothing" {
    local rounds
    ramdisk=ramdisk.large mem=16 maxmem=16
    "$bin/fbc-launch" compute -q -k kernel -r ramdisk.large -c scenario -m 16 \
        >digest.large
    attack - race race-pause race-unpause race-destroy
    mv digest digest.small
    cp digest.large digest
    meant race "done" unpaused
    meant race-pause "done" unpaused
    meant race-unpause "done" "@(unpaused|EINVAL)"
    mv digest.small digest
    refused race-destroy "done" "@(ESRCH|EINVAL)"
    # The number of rounds of all operations, none of which was carried out.
    read -r rounds < <(sed -n 's/.* | 0 of \([0-9]*\) rounds$/\1/p' race.said)
    [ "$rounds" -ge 1 ]
}

@test "a mapping that dom0 keeps stops the start, and what it wrote is seen" {
    attack - held-map held-entry held-grant
    for i in held-map held-entry held-grant; do
        echo "$(cat $i.said): $(cat $i.check)"
        [[ $(cat $i.said) == "$i | done | EBUSY, done, unpaused |"* ]]
        [[ $(cat $i.check) == *"kernel: page"*differ* ]]
    done
    unprotected "done | unpaused" held-map held-grant
}

# What a device does once the guest was measured only an IOMMU prevents
# (62-unfit.bats): fbcrypt=no-iommu, as here, says that it is not asked for.
@test "what a device writes before is seen; afterwards nothing stops it here" {
    attack meant dma
    seen dma "free memory: page 0x7ff should be zero"
    attack - dma-later
    meant dma-later "done" unpaused
    for i in dma dma-later; do
        [[ $(cat $i.said) == *"| DMA reaches the guest" ]]
    done
}

# QEMU has no caches: this shows that pages written so are read and named.
@test "what dom0 writes past the caches is seen" {
    attack meant wc-text wc-start wc-p2m
    seen wc-text "*kernel: page*differ*"
    seen wc-start "cmdline: *"
    seen wc-p2m "not measured: the P2M list*"
}

@test "between a start that was refused and the next nothing is exchanged" {
    attack - held-take replaced
    meant held-take "done" "EBUSY, @(EPERM|EINVAL), unpaused"
    # Before it the builder may, and it is the same guest.
    meant replaced "done" unpaused
    attack meant replaced-full
    seen replaced-full "free memory: page 0x7ff should be zero"
}

@test "more memory than was meant" {
    attack meant more-memory more-maxmem
    seen more-memory "memory: 9 MiB, not 8 MiB*"
    seen more-maxmem "maxmem: 9 MiB, not 8 MiB"
}

@test "64 GiB: the guest may get them, or is told that it has them" {
    maxmem=65536
    "$bin/fbc-launch" compute -q -k kernel -r ramdisk -c scenario -m 8 \
        -M 65536 >digest.64g
    attack meant none nr-pages-64g
    mv digest digest.small
    mv digest.64g digest
    meant none "done" unpaused
    mv digest.small digest
    [[ $(cat none.said) == *"| refused" ]]
    seen nr-pages-64g "not measured: start_info's nr_pages*"
}

@test "other kinds of guests, and what is no part of the digest" {
    attack - 32-bit log-dirty vnuma
    refused 32-bit "32 bits: EOPNOTSUPP" "*"
    meant log-dirty "log-dirty: EOPNOTSUPP" unpaused
    meant vnuma "done" unpaused
}

@test "a key for the digest 0 does not open a guest that has none" {
    attack none m2p-none none
    seen m2p-none "not measured: the P2M list*"
    # Nor one that has.
    [[ $(cat none.said) == *"| unpaused | refused" ]]
}

@test "a log that dom0 forges convinces fbc-launch, and not the hypervisor" {
    "$bin/fbc-launch" compute -q -k kernel -r ramdisk -c scenario -m 8 \
        -o forged >/dev/null
    "$bin/fbc-launch" check -q -k kernel -r ramdisk -c scenario forged
    attack meant other-kernel
    seen other-kernel "*kernel: page*differ*"
}

@test "no guest stays behind" {
    domains_left 1
}

# The control, and the last: it uses the blob up.
@test "the guest that was meant takes the key, once, and no older one" {
    attack meant none
    [[ $(cat none.said) == "none | done | unpaused | keyed" ]]
    attack meant none other-kernel
    # FBC_ERR_REPLAY
    [[ $(cat none.said) == *"| error 10" ]]
    [[ $(cat other-kernel.said) == *"| error 10" ]]
    attack older none
    [[ $(cat none.said) == *"| error 10" ]]
}
