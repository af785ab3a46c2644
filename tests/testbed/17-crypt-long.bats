#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# A root file system that dm-crypt decrypts, as fbcrypt(7) makes it ("A guest
# that is worth its digest").
# shellcheck disable=SC2030,SC2031,SC2154 # common.bash and bats set these
bats_require_minimum_version 1.5.0
load common

setup_file() {
    load root
    cd "$BATS_FILE_TMPDIR" || return 1
    export PATH=$PATH:/usr/sbin:/sbin
    make_disk
    make_ramdisk cryptsetup 'echo passphrase?
cryptsetup open --header /header /dev/xvda root </dev/tty1 >/dev/tty1 2>&1' \
        dm-crypt xts ecb aes_generic algif_skcipher | gzip -9n >ramdisk.crypt
    boot
}

@test "an encrypted root, its header in the ramdisk: the passphrase is typed sealed" {
    owner_guest e1 --wait none memory=160 --ramdisk ramdisk.crypt \
        --data disk.crypt extra="console=hvc0 console=tty0 quiet \
mitigations=off audit=0 panic=1"
    key_sealed e1
    [ "$(status_of e1 launch_checked)" = true ]
    console_line e1 '^passphrase\?' 120
    # What is typed before it asks is dropped.
    for _ in 1 2 3; do
        sleep 2
        sealed_input e1 e1.session hello "text correct horse" \
            "key 28 1 28 0" sync
        console_line e1 '^the root file system is mounted' 3 && break
    done
    console_line e1 '^the login program' 30
    tb destroy e1
}
