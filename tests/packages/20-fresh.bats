#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# The packages in a fresh Debian: installed, run, upgraded, removed, purged.
# shellcheck disable=SC2016,SC2143,SC2154 # dpkg's; outputs are shown; bats
bats_require_minimum_version 1.5.0

setup_file()
{
    local top
    top=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    export root=$BATS_FILE_TMPDIR/root
    "$top/scripts/build-deb" > /dev/null
    # What the packages need but nothing of ours; then what was there.
    unshare --mount mmdebstrap --quiet --variant=apt --include=grub-common,systemd-sysv \
        bookworm "$root" \
        < /dev/null
    mkdir "$root/debs"
    cp "$top"/build/deb/*.deb "$root/debs/"
    printf '#!/bin/sh\nexit 101\n' > "$root/usr/sbin/policy-rc.d"
    chmod +x "$root/usr/sbin/policy-rc.d"
}

# What is mounted in there is gone with the command.
inside()
{
    DEBIAN_FRONTEND=noninteractive PATH=/usr/sbin:/usr/bin:/sbin:/bin \
        HOME=/root LC_ALL=C unshare --mount sh -ec '
        mount -t proc proc "$0/proc"
        exec chroot "$0" "$@"' "$root" "$@"
}

# Everything, but for what apt and dpkg write of their own.
files()
{
    (cd "$root" && find . -path ./proc -prune -o -path ./debs -prune -o \
        -path ./var/lib/dpkg -prune -o -path ./var/cache -prune -o \
        -path ./var/lib/apt -prune -o -path ./var/log -prune -o \
        -printf '%P %l\n') | LC_ALL=C sort
}

@test "all install, with what they need, and nothing is half done" {
    inside apt-get -qq update
    # Xen's own packages come first, to see afterwards what is left of ours.
    inside apt-get -qq install --no-install-recommends xen-utils-4.17 \
        > "$BATS_FILE_TMPDIR/log" 2>&1
    for i in "$root"/debs/*.deb; do
        dpkg-deb -f "$i" Depends
    done | tr ',' '\n' | sed 's/ *(.*//; s/^ *//' | grep -v fbcrypt |
        sort -u > "$BATS_FILE_TMPDIR/needed"
    mapfile -t needed < "$BATS_FILE_TMPDIR/needed"
    inside apt-get -qq install --no-install-recommends "${needed[@]}" \
        >> "$BATS_FILE_TMPDIR/log" 2>&1
    files > "$BATS_FILE_TMPDIR/before"
    inside sh -c 'apt-get -qq install --no-install-recommends /debs/*.deb' \
        >> "$BATS_FILE_TMPDIR/log" 2>&1
    [ "$(inside dpkg-query -W -f '${db:Status-Abbrev}\n' 'fbcrypt*' |
        sort | uniq -c | tr -s ' ')" = " 5 ii " ]
    inside dpkg --audit
    [ -z "$(inside dpkg -V fbcrypt-common fbcrypt-tools fbcrypt-host \
        fbcrypt-keyserver fbcrypt-hypervisor)" ]
}

@test "they run: the tenant's part, dom0's up to the missing Xen, the server" {
    for t in $(inside sh -c 'cd /usr/bin; ls fbc-*; cd /usr/sbin; ls fbc-*'); do
        inside "$t" --version | grep "^$t (fbcrypt) 0"
    done
    inside sh -ec 'cd /root; fbc-keygen -q -o owner.key > owner.pub
        fbc-keygen -u owner.key --xl | grep "^uuid = "
        fbc-keyserver admin-keygen -o admin.key > admin.pub'
    run -4 --separate-stderr inside fbc-status --vmm-key
    [[ $stderr == *"fbc-status: error: "* ]]
    # Ours for the one command, the host's for all others.
    head -c 208 /dev/zero > "$root/root/blob"
    run inside sh -c 'xl fbcrypt-setkey web < /root/blob'
    echo "$output"
    [[ $output != *"ERROR"*"Can't find"* ]]
    [[ $output == *blob* || $output == *privcmd* || $output == *libxl* ]]
    run ! inside xl list
    [[ $output == *"Can't find hypervisor information"* ]]
    inside sh -ec 'printf "[global]\ndefault=x\n[x]\noptions=iommu=force \
dom0-iommu=strict efi=no-rs\nkernel=vmlinux\n" > /root/xen.cfg
        fbc-mkimage -c /root/xen.cfg -x /usr/lib/fbcrypt/xen.efi -o /root/x.efi'
    [ -s "$root/root/x.efi" ]
    rm -r "$root"/root/*
}

@test "services are enabled, and wait for their configuration" {
    for u in fbc-attest-agent.service fbc-keyserver.service \
             fbc-keyserver.socket; do
        inside systemctl is-enabled $u
        grep '^ConditionPathExists=/etc/fbcrypt/' "$root/lib/systemd/system/$u"
        systemd-analyze verify --man=no --root="$root" $u
    done
}

@test "an upgrade keeps what an administrator has changed, and its state" {
    echo '# changed' >> "$root/etc/default/grub.d/fbcrypt.cfg"
    mkdir -p "$root/var/lib/fbcrypt" "$root/var/lib/private/fbcrypt-keyserver" \
        "$root/etc/fbcrypt/keyserver"
    echo ak > "$root/var/lib/fbcrypt/ak"
    echo db > "$root/var/lib/private/fbcrypt-keyserver/db"
    echo key > "$root/etc/fbcrypt/keyserver/tls.key"
    echo NAME=x > "$root/etc/fbcrypt/attest-agent"
    mkdir "$root/debs/new"
    for i in "$root"/debs/*.deb; do
        rm -rf "$BATS_TEST_TMPDIR/x"
        dpkg-deb -R "$i" "$BATS_TEST_TMPDIR/x"
        sed -i 's/^Version: .*/&+next/; s/\(= [0-9.]*\))/\1+next)/' \
            "$BATS_TEST_TMPDIR/x/DEBIAN/control"
        dpkg-deb -Zgzip -z1 --root-owner-group -b "$BATS_TEST_TMPDIR/x" \
            "$root/debs/new/" > /dev/null
    done
    inside sh -c 'apt-get -qq install --no-install-recommends /debs/new/*.deb' \
        >> "$BATS_FILE_TMPDIR/log" 2>&1
    inside dpkg-query -W -f '${Version}\n' fbcrypt-host | grep '+next$'
    grep '^# changed$' "$root/etc/default/grub.d/fbcrypt.cfg"
    [ "$(cat "$root/var/lib/fbcrypt/ak")" = ak ]
    [ "$(inside dpkg-divert --list 'fbcrypt*' /usr/sbin/xl |
        grep -c 'by fbcrypt-host$')" -eq 1 ]
    inside fbc-keygen --version
    run ! inside xl list
    [[ $output == *"Can't find hypervisor information"* ]]
}

@test "an upgrade of Xen's own packages leaves xl where it is" {
    inside apt-get -qq install --reinstall --no-install-recommends \
        xen-utils-common >> "$BATS_FILE_TMPDIR/log" 2>&1
    grep fbcrypt-setkey "$root/usr/sbin/xl"
    [[ $(readlink "$root/usr/sbin/xl.distrib") == *xen-utils-wrapper ]]
}

@test "removed, the host has its own xl again; configuration and state stay" {
    inside sh -c 'apt-get -qq remove "fbcrypt-*"' \
        >> "$BATS_FILE_TMPDIR/log" 2>&1
    [[ $(readlink "$root/usr/sbin/xl") == *xen-utils-wrapper ]]
    [ ! -e "$root/boot/fbcrypt/xen.gz" ]
    [ -e "$root/var/lib/fbcrypt/ak" ]
    [ -x "$root/etc/grub.d/09_fbcrypt" ]
    inside env pkgdatadir=/usr/share/grub /etc/grub.d/09_fbcrypt
}

@test "purged, nothing is left but what somebody put there" {
    inside sh -c 'apt-get -qq purge "fbcrypt-*"' \
        >> "$BATS_FILE_TMPDIR/log" 2>&1
    [ "$(cat "$root/etc/fbcrypt/keyserver/tls.key")" = key ]
    rm -r "$root/etc/fbcrypt"
    files > "$BATS_TEST_TMPDIR/after"
    diff "$BATS_FILE_TMPDIR/before" "$BATS_TEST_TMPDIR/after"
    [ -z "$(inside dpkg -l | grep fbcrypt)" ]
    [ -z "$(inside dpkg-divert --list '*fbcrypt*')" ]
    [ -z "$(inside dpkg -V xen-utils-common)" ]
}
