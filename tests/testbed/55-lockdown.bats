#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# What a stock toolstack must not do to a protected guest fails cleanly: an
# error, no output, and the guest goes on.
bats_require_minimum_version 1.5.0
load common

setup_file() {
    boot
    owner_guest u1 --wait agent on_reboot=restart
    key_guest u1
}

alive() {
    tb guest u1 "echo $RANDOM > /dev/tty0"
    [ "$(dom0 xl list u1 | tail -n 1 | awk '{print $5}' | tr -d -)" != p ]
    settled_dump u1 u1.session alive.frames
}

@test "xl save fails, writes no image, and the guest goes on" {
    run dom0 --timeout 60 'xl save -c u1 /tmp/image'
    [ "$status" -ne 0 ]
    # What there is of a file holds no page: libxl's header and little more.
    [ "$(dom0 'stat -c %s /tmp/image 2>/dev/null || echo 0')" -lt 65536 ]
    alive
}

@test "xl dump-core fails and the guest goes on" {
    run dom0 --timeout 60 'xl dump-core u1 /tmp/core'
    [ "$status" -ne 0 ]
    [ "$(dom0 'stat -c %s /tmp/core 2>/dev/null || echo 0')" -lt 65536 ]
    alive
}

@test "xl migrate fails and the guest goes on" {
    run dom0 --timeout 60 'xl migrate -s "" u1 "sh -c cat>/tmp/stream" </dev/null'
    [ "$status" -ne 0 ]
    [ "$(dom0 'stat -c %s /tmp/stream 2>/dev/null || echo 0')" -lt 65536 ]
    alive
}

@test "xenctx reads no registers" {
    run dom0 '/usr/lib/xen-4.*/bin/xenctx $(xl domid u1) 2>&1'
    [ "$status" -ne 127 ]
    [[ "$output" != *rip:* ]]
    [[ "$output" != *rsp:* ]]
    alive
}

@test "gdbsx attaches to nothing and prints no register" {
    tb copy "$top/build/images/root/usr/sbin/gdbsx" /usr/local/bin/gdbsx
    run dom0 --timeout 30 'gdbsx -c $(xl domid u1) 64 2>&1'
    echo "$output"
    [ "$status" -ne 127 ]
    [[ "$output" != *rip* ]] || [[ "$output" = *rip:0000000000000000* ]]
    run ! grep -qiE 'r(ip|sp)[:= ]+(0x)?0*[1-9a-f]' <<<"$output"
    alive
}

@test "xen-mfndump compares no page of the guest's, nor reads its table" {
    id=$(dom0 xl domid u1)
    mfn=$(dom0 "xenstore-read /local/domain/$id/device/vfb/0/page-ref")
    # The frame before its xenfb page is some other page of the guest's.
    for what in dump-p2m "dump-ptes $id" "memcmp-mfns $id $((mfn - 1)) $id"; do
        [ "$what" = dump-p2m ] && what="dump-p2m $id" || what="$what $((mfn - 1))"
        run dom0 "xen-mfndump $what 2>&1"
        echo "$what: $output" | head -n 5
        [ "$status" -ne 0 ] && [ "$status" -ne 127 ]
        run ! grep -qE 'pfn=0x.*mfn=0x' <<<"$output"
    done
    alive
}

@test "xl debug-keys is refused: registers and stacks would be in the log" {
    printed() { tb log | grep -acE 'pressed ->|Dumping|RIP:' || true; }
    before=$(printed)
    run dom0 xl debug-keys d
    [ "$status" -ne 0 ]
    [ "$(printed)" = "$before" ]
    alive
}

@test "operations on the host that would bare its guests are refused" {
    tb copy "$top/build/tests/rawhost" /usr/local/bin/
    dom0 rawhost >host
    cat host
    [ "$(grep -vc '^low-memory' host)" = 23 ]
    run ! grep -vE '( EPERM$|^low-memory)' host
    # It reads them all, as Linux does; it writes to what is no RAM, as shadows
    # of ROMs: 96 pages at most of the 150 and more of 70-stock.bats.
    grep -x 'low-memory 256' host
    [ "$(sed -n 's/^low-memory-written //p' host)" -le 96 ]
    alive
}

# Xen would take what lies behind its tables for the interrupt's.
@test "an interrupt's entry that the IO-APIC does not have is not read, nor written" {
    for pin in 24 1000 0x3fffffff 0x7ffffff0; do
        [ "$(dom0 rawhost ioapic $pin)" = "ioapic EINVAL" ]
        [ "$(dom0 rawhost ioapic-write $pin)" = "ioapic-write EINVAL" ]
    done
    [ "$(dom0 rawhost ioapic 23)" = "ioapic done" ]
    alive
}

@test "and what a stock toolstack and dom0's kernel ask of the host is done" {
    dom0 'xl info >/dev/null && xl info -n >/dev/null && xl dmesg >/dev/null &&
        xl list >/dev/null && xl vcpu-list >/dev/null &&
        xl cpupool-list >/dev/null && xl sched-credit2 >/dev/null &&
        xentop -b -i 1 >/dev/null && xenpm get-cpufreq-states >/dev/null &&
        [ "$(xenhypfs cat /params/loglvl)" = warning/warning ] &&
        { hwclock >/dev/null 2>&1 || :; } && date -s "@$(date +%s)" >/dev/null'
    run dom0 'dmesg | grep -i "hypercall.*failed"'
    [ -z "$output" ]
}

@test "dom0 cannot put the machine to sleep by itself, nor have a reset look like that" {
    tb copy "$top/build/tests/rawsleep" /usr/local/bin/
    dom0 --timeout 30 rawsleep "$(pm1a_cnt)" | tee slept
    printf '%s\n' 'type 0' awake | diff - slept
    tb hmp "info status" | grep running
    alive
}

@test "dom0 moves no register of the chipset, and no MSI-X table where it may not write" {
    tb copy "$top/build/tests/rawchipset" /usr/local/bin/
    at=$(pm1a_cnt)
    # That of dom0's network, by which this goes.
    nic=$(dom0 'basename "$(readlink -f /sys/class/net/e*/device/..)"')
    dom0 "grep -l . /sys/bus/pci/devices/$nic/msi_irqs/*"
    dom0 --timeout 30 rawchipset 00:1f.0 "$spare" "${nic#0000:}" | tee done
    diff done - <<'DONE'
config-file stays
config-port stays
config-memory stays
pm1-control EPERM
config-address EPERM
cmos-more EPERM
cmos-shutdown stays
cmos-setup stays
cmos-alarm changed
cmos-century changed
msix-table EPERM
msix-config EPERM
msix-bar taken
msix-again taken
config-space read-only
pci-remove EBUSY
DONE
    [ "$(pm1a_cnt)" = "$at" ]
    dom0 xl dmesg | grep 'MSI-X table at 0x0*10000000 refused'
    alive
}

@test "xl reboot: the guest is protected again, and needs a new key" {
    before=$(dom0 xl domid u1)
    dom0 xl reboot u1
    dom0 --timeout 60 "i=0; while [ \$i -lt 500 ]; do
        n=\$(xl domid u1 2>/dev/null) && [ \"\$n\" != $before ] && exit 0
        i=\$((i+1)); sleep 0.5; done; exit 1"
    run -1 dom0 fbc-setkey u1 <u1.blob
    dom0 --timeout 60 'i=0; while [ $i -lt 500 ]; do
        fbc-status u1 | grep -q "state *black" && exit 0
        i=$((i+1)); sleep 0.5; done; exit 1'
    key_guest u1
    settled_dump u1 u1.session again.frames
}

@test "xl shutdown: the guest powers off and is gone" {
    # What Linux runs then.
    tb guest u1 'mkdir -p /sbin; printf "#!/bin/sh\nexec /bin/poweroff -f\n" >/sbin/poweroff
        chmod +x /sbin/poweroff'
    dom0 xl shutdown u1
    dom0 --timeout 60 'i=0; while [ $i -lt 500 ]; do
        xl domid u1 >/dev/null 2>&1 || exit 0
        i=$((i+1)); sleep 0.5; done; exit 1'
}
