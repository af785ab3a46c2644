#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# What a right launch digest is worth with a root file system that dm-verity
# verifies (fbcrypt(7), "A guest that is worth its digest"), and how a guest
# gives it away that starts a shell when its disk is missing.
# shellcheck disable=SC2030,SC2031,SC2154 # common.bash and bats set these
bats_require_minimum_version 1.5.0
load common

setup_file() {
    load root
    cd "$BATS_FILE_TMPDIR" || return 1
    export PATH=$PATH:/usr/sbin:/sbin
    make_disk
    # shellcheck disable=SC2016 # text of a script
    make_ramdisk veritysetup 'veritysetup open /dev/xvda root /dev/xvda "$hash" \
    --hash-offset=8388608' dm-verity sha256_generic | gzip -9n >ramdisk
    boot
}

setup() {
    cd "$BATS_FILE_TMPDIR" || return 1
    roothash=$(cat roothash)
    cmdline="console=hvc0 quiet mitigations=off audit=0 roothash=$roothash"
}

guest() { # NAME [testbed create's arguments]
    local name=$1
    shift
    owner_guest "$name" vfb= --wait none memory=160 --ramdisk ramdisk "$@"
    as_computed "$name"
    cat "$name.computed"
}

@test "a disk that dom0 changed has the right digest, and no login" {
    guest v1 --data disk extra="$cmdline panic=1"
    console_line v1 '^the root file system is mounted' 120
    console_line v1 '^the login program' 30
    tb destroy v1
    guest v2 --data disk.evil extra="$cmdline panic=1"
    cmp v1.computed v2.computed
    console_line v2 '^no login|^no root: off' 120
    run -1 dom0 "grep 'dom0 logs you in' /var/log/xen/console/guest-v2.log"
    tb destroy v2
}

@test "without its disk it is off, as the command line says" {
    guest v3 extra="$cmdline panic=1"
    cmp v1.computed v3.computed
    console_line v3 '^no root: off' 120
}

# The control: by withholding the disk, dom0 gets a shell on its console.
@test "without panic= there is a shell behind a right digest; fbc-launch warns" {
    guest v4 extra="$cmdline"
    console_line v4 'dropping to a shell' 120
    console_line v4 'built-in shell' 30
    tb destroy v4
    run --separate-stderr "$bin/fbc-launch" compute -g yes -r ramdisk \
        -k "$top/build/images/vmlinux" -c "$cmdline" -m 160
    [ "$output" = "$(cat v4.computed)" ]
    [[ $stderr == *"starts a shell: neither panic="* ]]
    run --separate-stderr "$bin/fbc-launch" compute -g yes -r ramdisk \
        -k "$top/build/images/vmlinux" -c "$cmdline panic=1" -m 160
    [[ $stderr != *"starts a shell"* ]]
}
