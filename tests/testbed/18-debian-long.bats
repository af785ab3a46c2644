#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# Debian's own kernel and initramfs, with dm-crypt as its installer sets it up:
# what a right launch digest is worth when dom0 withholds the disk or writes to
# its LUKS header (fbcrypt(7), "A guest that is worth its digest").
# shellcheck disable=SC2030,SC2031,SC2154 # common.bash and bats set these
bats_require_minimum_version 1.5.0
load common

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return 1
    export PATH=$PATH:/usr/sbin:/sbin
    debian=$top/build/debian
    [ -s "$debian/initrd.img" ] || make_debian
    make_disks
    cp "$debian/initrd.img" .
    # In front, where it need not be packed.
    (echo header | cpio --quiet -o -H newc -R 0:0; cat initrd.img) >ramdisk
    boot --mem 4096 --xen-args "dom0_mem=1536M,max:1536M"
}

setup() {
    cd "$BATS_FILE_TMPDIR" || return 1
    debian=$top/build/debian
    encrypted="panic=1 quiet mitigations=off root=/dev/mapper/root \
cryptopts=source=/dev/xvda,target=root,luks"
}

# Kernel and initramfs of an installation with an encrypted disk.
make_debian() {
    local tree
    tree=$(mktemp -d)
    unshare --mount mmdebstrap --quiet --variant=apt \
        --aptopt='APT::Install-Recommends "false"' \
        --dpkgopt=force-unsafe-io --dpkgopt=path-exclude='/usr/share/doc/*' \
        --include=linux-image-amd64,busybox,cryptsetup-initramfs \
        bookworm "$tree/root" </dev/null
    mkdir -p "$debian"
    cp "$tree"/root/boot/vmlinuz-* "$debian/vmlinuz"
    cp "$tree"/root/boot/initrd.img-* "$debian/initrd.img"
    rm -rf "$tree"
}

# A disk with its header on it; its header; the same disk when dom0 was there.
make_disks() {
    local i
    mkdir -p fs/{bin,sbin,dev,proc,sys,run,etc}
    cp /bin/busybox fs/bin/
    printf '%s\n' '#!/bin/busybox sh' \
        '/bin/busybox echo "THE LOGIN" >/dev/hvc0' \
        'while :; do /bin/busybox sleep 100; done' >fs/sbin/init
    chmod 755 fs/sbin/init
    for i in disk plain; do
        mkfs.ext4 -q -b 4096 -O ^has_journal -d fs $i 8M
        sed -i 's/THE LOGIN/DOM0 HERE/' fs/sbin/init
    done
    truncate -s 24M disk
    printf %s 'correct horse' >passphrase
    cryptsetup reencrypt --encrypt --type luks2 --reduce-device-size 16M \
        --pbkdf pbkdf2 --pbkdf-force-iterations 1000 -q \
        --key-file passphrase disk
    cryptsetup luksHeaderBackup disk --header-backup-file header
    cp disk disk.evil
    python3 "$BATS_TEST_DIRNAME/lukslie.py" disk.evil plain
}

guest() { # NAME RAMDISK [testbed create's arguments]
    owner_guest "$1" --wait none memory=512 --kernel "$debian/vmlinuz" \
        --ramdisk "$2" "${@:3}"
}

# What dom0 types into the guest's console.
console_types() { # NAME LINE
    # shellcheck disable=SC2016
    dom0 'tty=$(xenstore-read /local/domain/$(xl domid '"$1"')/console/tty)
        printf "%s\n" '"$(printf %q "$2")"' >$tty'
}

@test "without its disk Debian's initramfs gives dom0 a shell, unless told not to" {
    # "line" and "i" are run's, too.
    local words="root=/dev/xvda ro console=hvc0 quiet mitigations=off"
    guest d1 initrd.img vfb= extra="$words"
    guest d2 initrd.img vfb= extra="$words panic=1"
    # Nothing given is nothing.
    guest d3 initrd.img vfb= extra="$words panic="
    for i in d1 d2 d3; do
        as_computed $i
    done
    for i in d1 d3; do
        console_line $i 'Dropping to a shell' 180
        # shellcheck disable=SC2016 # the guest's to expand
        console_types $i 'echo $((6 * 7)) of $(id -u)'
        console_line $i '^42 of 0' 30
    done
    console_line d2 'Rebooting automatically due to panic= boot argument' 60
    for i in d1 d3; do
        tb destroy $i
    done
    # fbc-launch says so of these, and of no other.
    for option in "" " panic=" " panic=1"; do
        run --separate-stderr "$bin/fbc-launch" compute -g no -m 512 \
            -k "$debian/vmlinuz" -r initrd.img -c "$words$option"
        if [ "$option" = " panic=1" ]; then
            [[ $stderr != *"starts a shell"* ]]
        else
            [[ $stderr == *"starts a shell: neither panic="* ]]
        fi
    done
}

# The passphrase goes to the guest's screen, sealed, where it is asked for.
unlock() { # NAME
    key_sealed "$1"
    [ "$(status_of "$1" launch_checked)" = true ]
    for _ in $(seq 60); do
        settled_dump "$1" "$1.session" "$1.frames" || {
            sleep 2
            continue
        }
        "$bin/fbc-decrypt-frames" -q -k "$1.session" --png "$1.seen" \
            <"$1.frames"
        "$top/scripts/ocr" "$1.seen/frame-000001.png" >text
        ! grep -i 'unlock disk' text || break
        rm -rf "$1.seen"
        sleep 2
    done
    cat text
    grep -i 'unlock disk' text
    sealed_input "$1" "$1.session" hello "text correct horse" \
        "key 28 1 28 0" sync
}

@test "an encrypted disk opens by a passphrase that is typed sealed" {
    guest e1 initrd.img --data disk extra="$encrypted"
    unlock e1
    console_line e1 'THE LOGIN' 60
    tb destroy e1
}

@test "dom0 writes into the header on the disk, and has a login of its own" {
    guest e2 initrd.img --data disk.evil extra="$encrypted"
    unlock e2
    console_line e2 'DOM0 HERE' 60
    tb destroy e2
    # The digest is the right one.
    cmp e1.computed e2.computed
}

@test "it has not where the header is part of the ramdisk" {
    guest e3 ramdisk --data disk extra="$encrypted,header=/header"
    unlock e3
    console_line e3 'THE LOGIN' 60
    tb destroy e3
    guest e4 ramdisk --data disk.evil extra="$encrypted,header=/header"
    unlock e4
    cmp e3.computed e4.computed
    for _ in $(seq 600); do
        dom0 xl domid e4 >/dev/null 2>&1 || break
        sleep 1
    done
    run -1 dom0 xl domid e4
    run -1 dom0 "grep -a 'DOM0 HERE' /var/log/xen/console/guest-e4.log"
}
