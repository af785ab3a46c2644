#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# What a right launch digest is worth with a root file system that dm-verity
# verifies (fbcrypt(7), "A guest that is worth its digest"), and how a guest
# gives it away that starts a shell when its disk is missing.
# shellcheck disable=SC2030,SC2031,SC2154 # common.bash and bats set these
bats_require_minimum_version 1.5.0

setup_file() {
    load common
    cd "$BATS_FILE_TMPDIR" || return 1
    export PATH=$PATH:/usr/sbin:/sbin
    make_disk
    make_ramdisk | gzip -9n >ramdisk
    boot
}

teardown_file() {
    load common
    tb down
}

setup() {
    load common
    cd "$BATS_FILE_TMPDIR" || return 1
    roothash=$(cat roothash)
    cmdline="console=hvc0 quiet mitigations=off audit=0 roothash=$roothash"
}

# A root file system and, behind it, its hash tree; the same with a login
# program of dom0's.
make_disk() {
    mkdir -p fs/{bin,dev,proc}
    cp /bin/busybox fs/bin/
    echo 'the login program' >fs/bin/login
    printf '%s\n' '#!/bin/busybox sh' \
        '/bin/busybox mount -t devtmpfs dev /dev' \
        'exec >/dev/hvc0 2>&1' \
        '/bin/busybox echo the root file system is mounted' \
        '/bin/busybox cat /bin/login || /bin/busybox echo no login' \
        'while :; do /bin/busybox sleep 100; done' >fs/init
    chmod 755 fs/init
    mkfs.ext4 -q -b 4096 -O ^has_journal -d fs disk 8M
    veritysetup format --hash-offset=$((8 << 20)) disk disk |
        sed -n 's/^Root hash:[[:space:]]*//p' >roothash
    sed 's/the login program/dom0 logs you in!/' disk >disk.evil
    cp fs/bin/login login
}

# What it does when something is missing is for the command line to say, as with
# Debian's: turn off, or give a shell.
make_ramdisk() {
    local root=$top/build/images/root version i
    version=$(ls "$root/lib/modules")
    mkdir -p tree/{bin,dev,lib64,lib/modules,proc,root,run,sys}
    cp /bin/busybox "$(command -v veritysetup)" tree/bin/
    for i in $(ldd "$(command -v veritysetup)" | grep -o '/[^ ]*'); do
        cp -L "$i" tree/lib/
    done
    cp -L /lib64/ld-linux-x86-64.so.2 tree/lib64/
    for i in dm-verity sha256_generic crc32c_generic ext4 xen-blkfront; do
        modprobe -d "$root" -S "$version" --show-depends $i
    done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' |
        while read -r i; do
            "$top/scripts/testbed.d/putmodule" "$i" tree/lib/modules
            i=${i##*/}
            echo "${i%.xz}" >>tree/lib/modules/order
        done
    cat >tree/init <<'INIT'
#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
exec >/dev/hvc0 2>&1 </dev/hvc0
while read -r m; do insmod "/lib/modules/$m"; done </lib/modules/order
export LD_LIBRARY_PATH=/lib DM_DISABLE_UDEV=1
hash=$(sed -n 's/.*roothash=\([0-9a-f]*\).*/\1/p' /proc/cmdline)
i=0
while ! [ -b /dev/xvda ] && [ $i -lt 10 ]; do i=$((i + 1)); sleep 1; done
veritysetup open /dev/xvda root /dev/xvda "$hash" --hash-offset=8388608 &&
    mount -o ro /dev/mapper/root /root && exec switch_root /root /init
if ! grep -q panic= /proc/cmdline; then
    echo "no root: dropping to a shell"
    exec sh
fi
echo "no root: off"
poweroff -f
INIT
    chmod 755 tree/init
    (cd tree && find . | sort | cpio --quiet -o -H newc -R 0:0 --reproducible)
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
    run ! dom0 "grep 'dom0 logs you in' /var/log/xen/console/guest-v2.log"
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
