#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# A PVH dom0, which boots here with AMD's IOMMU: the hypervisor has no key then,
# and such a dom0 gets at no page of a guest all the same.
bats_require_minimum_version 1.5.0
load common

setup_file() { cd "$BATS_FILE_TMPDIR" || return 1; }

teardown() { tb down; }

# AMD's IOMMU, as a PVH dom0 needs one, and QEMU emulates no VT-x; its network
# card has to use what that translates.
amd=(--qemu-args "-device amd-iommu \
-global virtio-net-pci.iommu_platform=on \
-global virtio-net-pci.disable-legacy=on")

@test "dom0 is not a PV domain: there is no key, and a started guest's memory is not mapped" {
    boot --cold "${amd[@]}" --xen-args \
        "fbcrypt=iommu iommu=force dom0-iommu=strict dom0=pvh"
    dom0 xl dmesg | grep -aoE 'fbcrypt: .*(armed|unfit).*' | tr -d '\r' >said
    cat said
    [ "$(grep -c 'dom0 is not a PV domain (dom0=pvh)' said)" = 2 ]
    [ "$(grep -c unfit: said)" = 1 ]
    dom0 'dmesg | grep "Booting kernel on Xen PVH"'

    tb copy "$top/build/tests/rawop" /usr/local/bin/
    for type in pv pvh; do
        owner_guest $type --wait paused type=$type memory=64 \
            --kernel "$top/build/tests/pvguest.elf" extra="scenario=picture"
        # A PV guest's frames are anywhere in the machine: to try all takes minutes.
        probe="rawop probe $(dom0 xl domid $type) 0x4600"
        [ $type = pv ] || dom0 --timeout 60 "$probe" >before
        dom0 xl unpause $type
        console_line $type '^pvguest: ' 60
        if [ $type = pvh ]; then
            dom0 --timeout 60 "$probe" >after
            cat before after
            [ "$(cut -d' ' -f1 before)" -ge 16000 ]
            grep '^0 mappable' after
        fi
        comes_true "xenstore-exists \
            /local/domain/\$(xl domid $type)/device/vfb/0/page-ref"
        run ! --separate-stderr dom0 fbc-dumpvfb -r -n 1 $type
        [[ "$stderr" = *"denied by the hypervisor"* ]]
        dom0 fbc-status $type | grep '^vmm_key  *none'
        [ "$(status_of $type 'vmm.armed, .vmm.key' | tr '\n' ' ')" = 'false null ' ]
        tb destroy $type
    done
}
