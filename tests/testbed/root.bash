# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154 # common.bash sets it
# A guest's root file system, and ramdisks that verify or decrypt it, in the
# current directory.

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

    # Encrypted, the header apart.  Few iterations, as this machine is slow.
    mkfs.ext4 -q -b 4096 -O ^has_journal -d fs disk.crypt 8M
    printf %s 'correct horse' >passphrase
    cryptsetup reencrypt --encrypt --type luks2 --header header \
        --luks2-keyslots-size 512k --pbkdf pbkdf2 \
        --pbkdf-force-iterations 1000 -q --key-file passphrase disk.crypt
}

# What it does when something is missing is for the command line to say, as with
# Debian's: turn off, or give a shell.
make_ramdisk() { # TOOL COMMAND MODULE...: cpio to stdout
    local i
    rm -rf tree
    mkdir -p tree/{bin,dev,lib64,lib/modules,proc,root,run,sys}
    [ "$1" != cryptsetup ] || cp header tree/
    cp /bin/busybox "$(command -v "$1")" tree/bin/
    for i in $(ldd "$(command -v "$1")" | grep -o '/[^ ]*'); do
        cp -L "$i" tree/lib/
    done
    cp -L /lib64/ld-linux-x86-64.so.2 tree/lib64/
    put_modules tree/lib/modules "${@:3}" crc32c_generic ext4 xen-blkfront
    {
        cat <<'INIT'
#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
exec >/dev/hvc0 2>&1 </dev/hvc0
while read -r m; do insmod "/lib/modules/$m"; done </lib/modules/order
export LD_LIBRARY_PATH=/lib DM_DISABLE_UDEV=1
hash=$(sed -n 's/.*roothash=\([0-9a-f]*\).*/\1/p' /proc/cmdline)
i=55
! [ -e /sys/bus/xen/devices/vbd-51712 ] || i=0
while ! [ -b /dev/xvda ] && [ $i -lt 60 ]; do i=$((i + 1)); sleep 1; done
INIT
        echo "$2 &&"
        cat <<'INIT'
    mount -o ro /dev/mapper/root /root && exec switch_root /root /init
if ! grep -q panic= /proc/cmdline; then
    echo "no root: dropping to a shell"
    exec sh
fi
echo "no root: off"
poweroff -f
INIT
    } >tree/init
    chmod 755 tree/init
    (cd tree && find . | sort | cpio --quiet -o -H newc -R 0:0 --reproducible)
}
