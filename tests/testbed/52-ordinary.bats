#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# Guests that no owner's UUID names are as on stock Xen: their screens plain,
# saved, restored, migrated and dumped.  They cannot become protected later, nor
# can a protected one become like them.
bats_require_minimum_version 1.5.0
load common

setup_file() {
    boot --mem 2048 --xen-args "dom0_mem=1024M,max:1024M"
    tb copy "$top/build/tests/rawbuild" /usr/local/bin/
}

# A Linux guest that went through a restore, by what it remembers.
answers() { # NAME
    # It opened its command channel in its former life.
    dom0 "xl domid $1 >>/run/guest/.ready"
    [ "$(tb guest "$1" 'cat /tmp/mark')" = "$(cat mark)" ]
}

@test "the screen of a PV guest with an ordinary UUID is plain" {
    plain_screen
    run --separate-stderr -1 dom0 fbc-status u1
    [[ "$stderr" = *"not protected: its UUID is not an owner's"* ]]
    [[ "$stderr" = *"fbc-keygen -u"* ]]
    "$bin/fbc-keygen" -q -o x.owner >/dev/null
    wrap x x.session >x.blob
    run --separate-stderr -1 dom0 fbc-setkey u1 <x.blob
    [[ "$stderr" = *"not protected"* ]]
    tb destroy u1
}

@test "so is that of a PVH guest" {
    plain_screen type=pvh
    tb destroy u1
}

@test "a PV guest is saved, restored and dumped" {
    tb create o1 --wait agent memory=96
    echo $RANDOM$RANDOM >mark
    tb guest -i o1 'cat >/tmp/mark' <mark
    dom0 --timeout 120 'xl save o1 /tmp/image && xl restore /tmp/image </dev/null && rm /tmp/image'
    answers o1
    # Not alive, for want of shadow paging in Debian's configuration, with
    # which stock Xen does not do it either (70-stock.bats).
    run dom0 --timeout 120 'xl migrate -s "" o1 "xl migrate-receive" </dev/null'
    [ "$status" -ne 0 ]
    answers o1
    dom0 --timeout 120 'xl dump-core o1 /tmp/core'
    [ "$(dom0 stat -c %s /tmp/core)" -gt $((90 << 20)) ]
    dom0 rm /tmp/core
    answers o1
    tb destroy o1
}

@test "an HVM guest boots from its disk, its screen is plain, it is saved, restored and migrated" {
    python3 - <<'PY' >hvm.img
# A boot sector that prints a line and halts.
text = b"AN ORDINARY HVM GUEST\0"
code = bytes.fromhex("31c08ed8b80300cd10be1c7cac84c07409b40ebb0700cd10ebf2f4ebfd")
code = code.replace(b"\xbe\x1c\x7c", b"\xbe" + (0x7c00 + len(code)).to_bytes(2, "little"))
sector = (code + text).ljust(510, b"\0") + b"\x55\xaa"
import sys
sys.stdout.buffer.write(sector.ljust(1 << 20, b"\0"))
PY
    dom0 'cat >/domu/hvm.img' <hvm.img
    dom0 'cat >/domu/hvm.cfg; xl create -q /domu/hvm.cfg' <<'CFG'
name="hvm"
type="hvm"
memory=32
vcpus=1
boot="c"
disk=["format=raw,vdev=hda,access=rw,backendtype=qdisk,target=/domu/hvm.img"]
stdvga=1
vnc=1
vnclisten="0.0.0.0"
vncdisplay=31
usb=0
hpet=0
tsc_mode="native"
CFG
    hvm_screen
    run --separate-stderr -1 dom0 fbc-status hvm
    [[ "$stderr" = *"not protected: it is neither a PV nor a PVH guest"* ]]
    dom0 --timeout 120 'xl save hvm /tmp/image && xl restore /tmp/image </dev/null && rm /tmp/image'
    hvm_screen
    before=$(dom0 xl domid hvm)
    dom0 --timeout 120 'xl migrate -s "" hvm "xl migrate-receive" </dev/null'
    # Its VNC server's port was in use by its former self.
    [ "$(dom0 xl domid hvm)" != "$before" ]
    [ "$(dom0 xl list hvm | tail -n 1 | awk '{print $5}' | tr -d 'rb-')" = "" ]
    tb destroy hvm
}

hvm_screen()
{
    local address i
    address=$(tb port 5931)
    for i in $(seq 120); do
        timeout 60 gvnccapture -q "127.0.0.1:$((${address#*:} - 5900))" hvm.png &&
            "$top/scripts/ocr" hvm.png | grep -qi 'ORDINARY' && return
        sleep 0.5
    done
    "$top/scripts/ocr" hvm.png
    return 1
}

@test "a handle changes in neither direction" {
    tb create plain --wait none memory=64 --kernel "$top/build/tests/pvguest.elf" \
        extra="scenario=idle"
    owner_guest kept --wait none memory=64 --kernel "$top/build/tests/pvguest.elf" \
        extra="scenario=idle"
    uuid=$(status_of kept uuid)
    [ "$(dom0 rawbuild handle "$(dom0 xl domid plain)" "$uuid")" = EPERM ]
    [ "$(dom0 rawbuild handle "$(dom0 xl domid kept)" 01234567-89ab-4def-8123-456789abcdef)" = EPERM ]
    # What is nobody's may be renamed, as ever.
    [ "$(dom0 rawbuild handle "$(dom0 xl domid plain)" 01234567-89ab-4def-8123-456789abcdef)" = done ]
    tb destroy plain
    tb destroy kept
}

@test "fbcrypt=all protects them, too; fbcrypt=off none" {
    boot --cold --xen-args "fbcrypt=all"
    tb create u1 --wait none memory=64 --kernel "$top/build/tests/pvguest.elf" \
        extra="scenario=picture seed=6"
    console_line u1 '^PASS picture' 60
    [ "$(status_of u1 state)" = black ]
    boot --cold --xen-args "fbcrypt=off"
    owner_guest u1 --wait none memory=64 --kernel "$top/build/tests/pvguest.elf" \
        extra="scenario=picture seed=6"
    run --separate-stderr -1 dom0 fbc-status u1
    [[ "$stderr" = *"not protected: the hypervisor protects no domain"* ]]
}
