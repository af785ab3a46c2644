#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# The same guest, disk and network on stock Xen and protected on ours: what is
# not the framebuffer works as before.
bats_require_minimum_version 1.5.0
load common

setup() {
    cd "$BATS_FILE_TMPDIR" || return 1
    head -c 2000000 /dev/urandom >disk.img
    truncate -s 2000384 disk.img
}

teardown() { tb down; }

exercise() { # testbed up's options
    boot "$@"
    rm -f r1.owner
    start=$(date +%s%N)
    owner_guest r1 --wait agent --data disk.img \
        vif='["mac=00:16:3e:00:00:01,script=/usr/lib/testbed/dom0-vif"]'
    echo "guest's boot: $((($(date +%s%N) - start) / 1000000)) ms"
    # Disk: read what was put there, write and read back.
    want=$(sha256sum <disk.img | cut -d' ' -f1)
    [ "$(tb guest r1 'sha256sum < /dev/xvda' | cut -d' ' -f1)" = "$want" ]
    tb guest r1 'dd if=/dev/urandom of=/tmp/r bs=4096 count=100 2>/dev/null
        dd if=/tmp/r of=/dev/xvda conv=fsync 2>/dev/null
        echo 3 > /proc/sys/vm/drop_caches
        dd if=/dev/xvda bs=4096 count=100 2>/dev/null | cmp - /tmp/r'
    # Network, both ways.
    tb guest r1 'ip addr add 10.9.0.2/24 dev eth0; ip link set eth0 up
        ping -c 3 -W 5 10.9.0.1 >/dev/null'
    dom0 'mkdir /tmp/www; head -c 4000000 /dev/urandom > /tmp/www/net
        httpd -p 5000 -h /tmp/www'
    sum=$(tb guest r1 'wget -q -O - http://10.9.0.1:5000/net | sha256sum' | cut -d' ' -f1)
    [ "$sum" = "$(dom0 'sha256sum < /tmp/www/net' | cut -d' ' -f1)" ]
    tb guest r1 'httpd -p 5000 -h /tmp'
    sum=$(dom0 'wget -q -O - http://10.9.0.2:5000/r | sha256sum' | cut -d' ' -f1)
    [ "$sum" = "$(tb guest r1 'sha256sum < /tmp/r' | cut -d' ' -f1)" ]
    tb destroy r1
    domains_left 1
}

@test "boot, disk and network on stock Xen" {
    exercise --stock
}

@test "boot, disk and network on patched Xen" {
    exercise
}
