#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# A domain builder that lies in each way that it can: no key that was sealed to
# the guest's launch digest opens what it built, and fbc-launch names the lie.
# What became of each is kept in build/check/attacks.
# shellcheck disable=SC2030,SC2031,SC2154 # common.bash and bats set these
bats_require_minimum_version 1.5.0

setup_file() {
    load common
    cd "$BATS_FILE_TMPDIR" || return 1
    # Two vCPUs, so that one may race the other.
    boot --smp 2 --xen-args "dom0_max_vcpus=2"
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

teardown_file() {
    load common
    tb down
}

setup() {
    load common
    cd "$BATS_FILE_TMPDIR" || return 1
    large=
}

# Builds a guest for each, and lies.  NAME | CHANGE | START | KEY: NAME.said;
# NAME.check is what fbc-launch says of its log.
attack() { # BLOB|none-at-all NAME...
    local blob=/tmp/a/$1.blob i mem=8 rd=ramdisk
    shift
    [ -f "${blob##*/}" ] || blob=
    [ -z "$large" ] || mem=16 rd=ramdisk.large
    dom0 --timeout 120 "rm -rf /tmp/a/logs; mkdir /tmp/a/logs; cd /tmp/a
        rawlaunch $("$bin/fbc-keygen" -u a.owner | tr -d -) kernel $rd \
        scenario $mem $mem '$blob' logs $* 2>errors" >said
    cat said
    dom0 'cd /tmp/a; tar cf - logs' | tar xf -
    for i in "$@"; do
        grep "^$i | " said >"$i.said"
        : >"$i.check"
        [ ! -s "logs/$i" ] || "$bin/fbc-launch" check -q -k kernel -r $rd \
            -c scenario -m $mem -M $mem "logs/$i" >"$i.check" || true
        echo "$BATS_TEST_NUMBER | $(cat "$i.said") | $(head -n 1 "$i.check")" \
            >>"$top/build/check/attacks"
    done
}

# It starts, is refused its key, and fbc-launch says why.
seen() { # NAME PATTERN
    echo "$(cat "$1.said"): $(cat "$1.check")"
    [ "$(cut -d'|' -f2- "$1.said")" = " done | unpaused | refused" ]
    # shellcheck disable=SC2053 # a pattern
    [[ $(cat "$1.check") == $2 ]]
}

# Xen refuses the change, the start, or both; there is nothing to key.
refused() { # NAME CHANGE START
    echo "$(cat "$1.said"): $(cat "$1.check")"
    # shellcheck disable=SC2053 # patterns
    [[ $(cut -d'|' -f2 "$1.said") == ' '$2' ' ]]
    # shellcheck disable=SC2053
    [[ $(cut -d'|' -f3 "$1.said") == ' '$3' ' ]]
    [ ! -s "$1.check" ]
}

# The change is refused, and what starts is what was meant.
meant() { # NAME CHANGE START
    echo "$(cat "$1.said"): $(cat "$1.check")"
    # shellcheck disable=SC2053 # patterns
    [[ $(cut -d'|' -f2 "$1.said") == ' '$2' ' ]]
    # shellcheck disable=SC2053
    [[ $(cut -d'|' -f3 "$1.said") == ' '$3' ' ]]
    [ "$(cat "$1.check")" = "$(cat digest)" ]
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
    attack meant last bss padding stack p2m-tail start-end
    seen last "free memory: page 0x7ff should be zero"
    seen bss "kernel: page 0x106 should be zero"
    seen padding "padding: page*should be zero"
    seen stack "boot stack: page*should be zero"
    seen p2m-tail "not measured: the P2M list*"
    seen start-end "start_info: bytes after its end"
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
    # or because the guest may have these,
    for i in pte-device pte-shared-info pte-grants; do
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
        seen "$i" "not measured: the P2M list names a page*, 0x7ff"
    done
}

@test "two numbers for a page, or pages that have changed their places" {
    attack meant p2m-twice m2p-twice p2m-swap m2p-swap both-swap
    for i in p2m-twice m2p-twice p2m-swap m2p-swap; do
        seen $i "not measured: the P2M list names a page*"
    done
    seen both-swap "kernel: page 0x100 is zero*should be zero"
}

@test "a page more or less than the guest is told" {
    attack meant one-less one-more nr-pages m2p-none transfer
    for i in one-less one-more nr-pages transfer; do
        seen $i "not measured: start_info's nr_pages*"
    done
    seen one-more "*memory: 2049 pages, not 2048"
    seen m2p-none "not measured: the P2M list names a page*"
}

# Half-validated tables are those of an operation that has not ended; the lock
# waits for these (45-maps.bats).
@test "pages of another type: tables that nothing names, descriptors" {
    attack meant second-root empty-table gdt
    seen second-root "free memory: page 0x7ff should be zero"
    seen empty-table "free memory: page 0x7ff should be zero"
    refused gdt "done" EBUSY
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

@test "other vCPUs: set up, set up and reset, callbacks, MSRs" {
    attack meant sysenter-cpu1 syscall32-cpu1 cpu1-reset cpu1 reset-cpu0
    for i in sysenter-cpu1 syscall32-cpu1 cpu1-reset; do
        seen $i "not measured: another vCPU*, 0x1"
    done
    refused cpu1 "done" EINVAL
    refused reset-cpu0 "done" EINVAL
    # The testbed's machine has none of these MSRs, and no XSAVE.
    attack - msr-cpu0 msr-cpu1 xstate-cpu0 xstate-cpu1
    for i in msr-cpu0 msr-cpu1 xstate-cpu0 xstate-cpu1; do
        meant $i "*: EINVAL" unpaused
    done
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
        seen $i "not measured: rsi points to no start_info page*shared_info*"
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
    large=1
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
    attack - held-map held-entry
    for i in held-map held-entry; do
        echo "$(cat $i.said): $(cat $i.check)"
        [[ $(cat $i.said) == "$i | done | EBUSY, done, unpaused |"* ]]
        [[ $(cat $i.check) == *"kernel: page"*differ* ]]
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
