#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# The Debian packages: what is in them.  What takes longer: tests/packages.
# shellcheck disable=SC2016,SC2154 # of sed and sh; helper.bash and bats set these
load helper

setup_file()
{
    local top
    top=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    "$top/scripts/build-deb" > /dev/null
    export debs=$top/build/deb
}

contents() # PACKAGE: paths, without directories
{
    dpkg-deb -c "$debs/$1"_*.deb | grep -v '^d' |
        awk '{ sub(/^\./, "", $6); print $6 }' | LC_ALL=C sort
}

@test "make deb: a package a role, each file of make install in one of them" {
    make -s -C "$top" install DESTDIR="$PWD/all" PREFIX=/usr \
        UNITDIR=/lib/systemd/system > /dev/null
    (cd all && find . -not -type d -printf '/%P\n') |
        sed 's|^/usr/share/man/.*|&.gz|' > want
    : > have
    for p in common tools host keyserver hypervisor; do
        contents fbcrypt-$p > $p
        grep -v /usr/share/doc/ $p >> have
    done
    [ "$(printf '%s\n' "$debs"/*.deb | wc -l)" -eq 5 ]
    run ! grep . <(sort have | uniq -d)
    cat >> want <<'LIST'
/boot/fbcrypt/xen.gz
/etc/default/grub.d/fbcrypt.cfg
/etc/grub.d/09_fbcrypt
/usr/lib/fbcrypt/stock/xl
/usr/lib/fbcrypt/xen.efi
/usr/lib/fbcrypt/xl
/usr/sbin/xl
/usr/share/lintian/overrides/fbcrypt-host
/usr/share/lintian/overrides/fbcrypt-keyserver
LIST
    diff <(LC_ALL=C sort want) <(LC_ALL=C sort have)
    # Tools with their pages, where they belong.
    for t in tools:fbc-keygen.1 tools:fbc-view.1 host:fbc-status.8 \
             host:fbc-setkey.8 host:fbc-dumpvfb.8 keyserver:fbc-keyserver.8 \
             common:fbc-attest.1 hypervisor:fbc-mkimage.8; do
        p=${t%:*} t=${t#*:}
        grep -E "^/usr/s?bin/${t%.*}\$" "$p"
        grep -x "/usr/share/man/man${t##*.}/$t.gz" "$p"
    done
    dpkg-deb --fsys-tarfile "$debs"/fbcrypt-hypervisor_*.deb |
        tar -xO ./boot/fbcrypt/xen.gz | gzip -dc |
        cmp - "$top/build/xen/patched/xen"
}

@test "make deb builds nothing again while nothing has changed" {
    stat -c '%n %i %y' "$debs"/*.deb > first
    "$top/scripts/build-deb" > names
    stat -c '%n %i %y' "$debs"/*.deb | diff first -
    diff names <(cd "$top" && ls build/deb/*.deb)
}

@test "a host's package brings the QEMU that shows a guest's screen" {
    [[ ", $(dpkg-deb -f "$debs"/fbcrypt-host_*.deb Recommends)," == \
        *", qemu-system-xen,"* ]]
}

@test "the packages' version is the tools'" {
    version=$(dpkg-parsechangelog -l "$top/scripts/debian/changelog" -S Version)
    grep -x "VERSION    := $version" "$top/Makefile"
    for p in "$debs"/*.deb; do
        [ "$(dpkg-deb -f "$p" Version)" = "$version" ]
    done
}

@test "the packages are lintian-clean" {
    run lintian --allow-root --fail-on error,warning,info --display-info \
        "$debs"/*.deb
    echo "$output"
    [ "$status" -eq 0 ]
    [ -z "$output" ]
}

# GRUB's own library, but for what asks disks.
grub_entries()
{
    mkdir -p boot/fbcrypt lib
    : > boot/fbcrypt/xen.gz
    for i in 6.1.0-9 6.1.0-10 6.1.0-11-cloud; do
        echo CONFIG_XEN_DOM0=y > boot/config-$i
        echo kernel > boot/vmlinuz-$i
    done
    echo initrd > boot/initrd.img-6.1.0-10
    echo "# CONFIG_XEN_DOM0 is not set" > boot/config-6.1.0-11-cloud
    cat > lib/grub-mkconfig_lib <<'SH'
. /usr/share/grub/grub-mkconfig_lib
prepare_grub_to_access_device() { echo "search $1"; }
make_system_path_relative_to_its_root() { echo "/rel${1#"$here"}"; }
SH
    sed "s|/boot|$PWD/boot|g" "$top/scripts/debian/grub.cfg" > cfg
    sed "s|/boot|$PWD/boot|g" "$top/scripts/debian/grub.sh" > script
    cat > mkconfig <<'SH'
GRUB_CMDLINE_XEN="dom0_mem=2G" GRUB_CMDLINE_XEN_DEFAULT=""
GRUB_CMDLINE_LINUX="quiet" GRUB_CMDLINE_LINUX_DEFAULT="splash"
GRUB_DISTRIBUTOR=Debian GRUB_DEVICE=/dev/sda2 GRUB_DEVICE_BOOT=/dev/sda1
GRUB_DEVICE_UUID='' GRUB_DISABLE_LINUX_UUID='' GRUB_FS=ext2
. ./cfg
echo "$GRUB_DEFAULT" > default
set -a
pkgdatadir=$PWD/lib here=$PWD
. ./script
SH
    bash mkconfig > entries 2> err.log
    grub-script-check entries
}

@test "GRUB boots it with what fbcrypt(7) asks for, the admin's options last" {
    grub_entries
    [ "$(cat default)" = fbcrypt ]
    grep "^menuentry 'Debian GNU/Linux, with fbcrypt' .* 'fbcrypt' {" entries
    # The newest kernel that can be dom0, first.
    [ "$(sed -n "s/.*menuentry_id_option '\(.*\)'.*/\1/p" entries |
        paste -sd' ')" = "fbcrypt fbcrypt-6.1.0-10 fbcrypt-6.1.0-9" ]
    xen="multiboot2 /rel/boot/fbcrypt/xen.gz placeholder dom0_mem=2G"
    xen="$xen iommu=force dom0-iommu=strict efi=no-rs"
    [ "$(grep -c "$xen " entries)" -eq 3 ]
    [ "$(grep -c 'module2 /rel/boot/vmlinuz-6.1.0-10 placeholder root=/dev/sda2 ro quiet splash$' entries)" -eq 2 ]
    [ "$(grep -c 'module2 --nounzip /rel/boot/initrd.img-6.1.0-10$' entries)" -eq 2 ]
    run ! grep initrd.img-6.1.0-9 entries

    sed -i 's/^GRUB_CMDLINE_FBCRYPT=.*/GRUB_CMDLINE_FBCRYPT=fbcrypt=no-iommu/
        s/^FBCRYPT_GRUB_DEFAULT=.*/FBCRYPT_GRUB_DEFAULT=0/' cfg
    bash mkconfig > entries 2> err.log
    grep "$xen fbcrypt=no-iommu " entries
    [ -z "$(cat default)" ]

    # Removed, not purged: its configuration stays, and does nothing.
    rm boot/fbcrypt/xen.gz
    bash mkconfig > entries
    [ ! -s entries ]
}

@test "fbc-mkimage takes the command line of GRUB's entry" {
    options=$(sed -n 's/^options="\$options \(.*\)"$/\1/p' \
        "$top/scripts/debian/grub.sh")
    printf '[global]\ndefault=xen\n[xen]\noptions=%s\nkernel=vmlinux\n' \
        "$options" > xen.cfg
    "$top/scripts/fbc-mkimage" -c xen.cfg -x "$top/build/xen/patched/xen.efi" \
        -o image.efi
}

@test "xl is the host's own but for fbcrypt-setkey" {
    mkdir -p lib/stock
    printf '#!/bin/sh\necho ours "$@"\n' > lib/xl
    printf '#!/bin/sh\necho "stock ${0##*/}" "$@"\n' > lib/stock/xl
    chmod +x lib/xl lib/stock/xl
    sed "s|/usr/lib/fbcrypt|$PWD/lib|" "$top/scripts/debian/xl" > xl
    [ "$(sh xl fbcrypt-setkey 'my vm')" = "ours fbcrypt-setkey my vm" ]
    [ "$(sh xl -v fbcrypt-setkey web)" = "ours -v fbcrypt-setkey web" ]
    [ "$(sh xl list)" = "stock xl list" ]
    [ "$(sh xl create fbcrypt-setkey)" = "stock xl create fbcrypt-setkey" ]
    [ "$(sh xl)" = "stock xl" ]
}
