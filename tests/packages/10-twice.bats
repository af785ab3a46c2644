#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# The packages' bytes, and the hypervisor's, are the source's: not the place's,
# the time's or the user's.
bats_require_minimum_version 1.5.0

setup()
{
    top=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    cd "$BATS_TEST_TMPDIR" || return 1
}

@test "built elsewhere, all of it, by another user's habits: the same bytes" {
    "$top/scripts/build-deb" > /dev/null
    mkdir -p elsewhere/build home
    for i in Makefile README LICENSE man scripts src tests; do
        cp -r "$top/$i" elsewhere/
    done
    ln -s "$top/build/download" elsewhere/build/
    (
        umask 077
        export HOME=$PWD/home TZ=Asia/Tokyo LC_ALL=C.UTF-8 USER=somebody
        export LOGNAME=somebody CFLAGS=-O0
        elsewhere/scripts/build-deb "$PWD/out" > /dev/null
    )
    for i in "$top"/build/deb/*.deb; do
        cmp "$i" "out/${i##*/}"
        dpkg-deb --fsys-tarfile "$i" > tree.tar
        run ! grep -aF -e "$top" -e "$PWD" tree.tar
    done
    for i in xen xen.efi; do
        cmp "$top/build/xen/patched/$i" "elsewhere/build/xen/patched/$i"
        run ! grep -aF "$top" "$top/build/xen/patched/$i"
    done
}
