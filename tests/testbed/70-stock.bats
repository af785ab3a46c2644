#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# The control: on stock Xen the same tools and guests give everything away.
bats_require_minimum_version 1.5.0
load common

setup_file() {
    boot --stock
}

@test "the eavesdropper reads the plain framebuffer" {
    for i in pv pvh; do
        plain_screen type=$i
        tb destroy u1
    done
}

@test "a guest drives what dom0 makes for it, and serves it what dom0 asks for" {
    tb create u1 --wait agent
    offered u1 >devices
    cat devices
    [ "$(sort devices)" = "$(printf '%s\n' sysrq xen-backend/vbd-0-51712 \
        xen/vbd-51760 xen/vdispl-0 xen/vkbd-1)" ]
    tb destroy u1
}

@test "xenctx reads registers, and xen-mfndump which frames a guest has, and compares them" {
    tb create u1 --wait agent
    dom0 '/usr/lib/xen-4.*/bin/xenctx $(xl domid u1)' | grep 'rip: 0*[1-9a-f]'
    dom0 'xen-mfndump dump-p2m $(xl domid u1) 2>&1' >p2m
    frame=$(sed -n 's/.*pfn=0x100 ==> mfn=\(0x[0-9a-f]*\).*/\1/p' p2m)
    dom0 "id=\$(xl domid u1); xen-mfndump memcmp-mfns \$id $frame \$id $frame"
    tb destroy u1
}

@test "frames go to a helper domain, and to a third party before the launch" {
    tb copy "$top"/build/tests/raw* "$BATS_TEST_DIRNAME/try-methods" \
        /usr/local/bin/
    picture_runs runs
    tb copy runs /dev/shm/runs
    tb create u1 --wait none memory=64 --kernel "$top/build/tests/pvguest.elf" \
        extra="scenario=picture seed=9"
    console_line u1 '^PASS picture' 60
    dom0 try-methods u1 /dev/shm/runs helper-domain third-party-table >tries
    cat tries
    [ "$(grep -c LEAKED tries)" = 2 ]
    tb destroy u1
    dom0 --timeout 120 rawhost iomem >given
    cat given
    [ "$(cut -d" " -f1 given)" -gt 390000 ]
    third_party t >became
    cat became
    [ "$(cat became)" = "holding 512 frames"$'\n'unpaused ]
    tb destroy t
}

@test "Xen writes an MSI-X table into another domain's page" {
    became=$(dom0 --timeout 20 rawmsix "0000:$spare")
    echo "$became"
    [ "$became" = "0 0, 16 bytes written" ]
}

# As of 4.19 Xen looks at it first.
@test "an HVM guest is given a state that reaches out of it" {
    tb copy "$top/build/tests/rawroute" /usr/local/bin/
    dom0 rawroute | tee state
    printf '%s\n' 'route changed' 'pic changed' | diff - state
}

@test "a domain that dom0 makes has nested virtualisation, and is introspected" {
    tb copy "$top/build/tests/rawhelper" /usr/local/bin/
    dom0 rawhelper | tee tries
    printf '%s done\n' nested introspect nobody debug | diff - <(head -n 4 tries)
    printf '%s done\n' pool zombie | diff - <(tail -n 2 tries)
}

@test "a guest that has crashed is run on" {
    tb create c --wait none memory=64 on_crash=preserve \
        --kernel "$top/build/tests/pvguest.elf" extra="scenario=crash fault=0"
    comes_true "xl list c | tail -n 1 | grep -q -- '-sc-'"
    [ "$(dom0 rawhelper resume "$(dom0 xl domid c)")" = 'resume done' ]
    tb destroy c
}

@test "dom0 keeps the page of a keyboard that is gone" {
    recycled k seen
    grep -q LANTERN seen
    console_line k '^PASS recycled' 30
    tb destroy k
}

@test "operations on the host are carried out, and low memory is dom0's" {
    tb copy "$top/build/tests/rawhost" /usr/local/bin/
    dom0 rawhost >host
    cat host
    grep -x 'page-offline done' host
    grep -x 'debug-keys done' host
    grep -x 'option done' host
    grep -x 'helper-ports done' host
    grep -x 'helper-cmos done' host
    grep -x 'helper-frame done' host
    grep -x 'low-memory 256' host
    [ "$(sed -n 's/^low-memory-written //p' host)" -ge 150 ]
    run ! grep EPERM host
    # Also an interrupt's entry that there is not.
    [ "$(dom0 rawhost ioapic 1000)" = "ioapic done" ]
}

@test "live migration of a PV guest wants shadow paging, which Debian leaves out" {
    tb create m1 --wait none memory=64 --kernel "$top/build/tests/pvguest.elf" \
        extra="scenario=idle"
    run dom0 --timeout 60 'xl migrate -s "" m1 "xl migrate-receive" </dev/null'
    echo "$output"
    [ "$status" -ne 0 ]
    tb destroy m1
}

@test "the tools say that this hypervisor has no fbcrypt" {
    run --separate-stderr -4 dom0 fbc-status --vmm-key
    [[ "$stderr" = *"no fbcrypt"* ]]
    head -c 208 /dev/zero >zero
    run --separate-stderr dom0 fbc-setkey 0 <zero
    [ "$status" -ne 0 ]
}

@test "dom0 moves power management, and has an MSI-X table in RAM and configuration space" {
    tb copy "$top/build/tests/rawchipset" /usr/local/bin/
    dom0 --timeout 30 rawchipset 00:1f.0 "$spare" | tee done
    diff done - <<'DONE'
config-file moved
config-port moved
config-memory moved
pm1-control given
config-address given
cmos-more given
cmos-shutdown changed
cmos-setup changed
cmos-alarm changed
cmos-century changed
msix-table in-ram
msix-config in-config
msix-bar taken
msix-again taken
config-space written
DONE
}

@test "dom0 puts the machine to sleep, past Xen" {
    tb copy "$top/build/tests/rawsleep" /usr/local/bin/
    dom0 --timeout 5 rawsleep "$(pm1a_cnt)" >slept || true
    grep -x 'type 1' slept
    tb hmp "info status" | grep suspended
}
