#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# The real thing: a Debian host with systemd, Debian's own Xen but for the
# hypervisor, and our packages; a Debian guest; a tenant with README's commands.
#
# Nothing in the machine is the testbed's.  Pictures stay in build/host/seen.
# shellcheck disable=SC2016,SC2154 # dom0's to expand; bats and setup set these
bats_require_minimum_version 1.5.0

load machine

setup_file()
{
    local disk
    "$top/scripts/build-deb" > /dev/null
    export machine=$BATS_FILE_TMPDIR/machine seen=$hosts/seen
    disk=$("$top/tests/packages/mkhost")
    export tenant=$BATS_FILE_TMPDIR/tenant
    rm -rf "$seen"
    mkdir -p "$machine" "$seen" "$tenant"/{bin,home,work}
    # The tenant's machine has fbcrypt-tools, and this host in ssh_config.
    for i in "$top"/build/deb/fbcrypt-{common,tools}_*.deb; do
        dpkg-deb -x "$i" "$tenant/root"
    done
    printf '#!/bin/sh\nexec /usr/bin/ssh -F %s "$@"\n' "$machine/ssh.conf" \
        > "$tenant/bin/ssh"
    chmod +x "$tenant/bin/ssh"

    qemu-img create -q -f qcow2 -F qcow2 -b "$disk" "$machine/disk"
    machine_on "$machine" disk
}

teardown_file()
{
    [ -e "$machine/console.log" ] || return 0
    machine_off "$machine"
    cp "$machine/console.log" "$seen/"
}

setup()
{
    export PATH=$tenant/bin:$tenant/root/usr/bin:$PATH HOME=$tenant/home
    cd "$tenant/work" || return 1
}

dom0() { timeout 300 ssh dom0 "$@"; }

# The five commands of README, from the first line to the last, literally.
readme() # FROM TO
{
    sed -n "/^The tenant's five commands/,/^\$/s/^    //p" "$top/README" |
        sed 's/ *# .*//' > "$tenant/five"
    [ "$(grep -c . "$tenant/five")" -eq 7 ]
    sed -n "$1,$2p" "$tenant/five" > "$tenant/some"
    cat "$tenant/some"
    bash -eo pipefail "$tenant/some"
}

console_text() # FILE.png
{
    "$top/scripts/ocr" "$1"
}

@test "GRUB starts the packages' hypervisor, with what it needs; it arms" {
    machine_wait "$machine" 120 'fbcrypt: armed'
    machine_wait "$machine" 500 'xenhost login:'
    machine_reach "$machine" 240
    dom0 'xl info xen_commandline' | tee /dev/stderr |
        grep -w 'iommu=force dom0-iommu=strict efi=no-rs'
    dom0 'xl dmesg' | grep -i fbcrypt
    dom0 fbc-status --vmm-key | grep -v '^#' | grep .
}

@test "Debian's own scripts started Xen's daemons, oxenstored among them" {
    dom0 'systemctl is-active xen.service'
    dom0 'readlink /proc/$(cat /run/xenstore.pid)/exe' | tee /dev/stderr |
        grep -x '/usr/lib/xen-4.17/bin/oxenstored'
    dom0 'pgrep -x xenconsoled'
    dom0 'xl list' | grep '^Domain-0 '
    dom0 'systemctl --failed --no-legend' > failed
    cat failed
    [ ! -s failed ]
    dom0 'dpkg -V fbcrypt-common fbcrypt-host fbcrypt-hypervisor'
}

@test "the administrator creates a Debian guest under the tenant's UUID" {
    readme 1 2 > asked
    cat asked
    {
        cat <<'CFG'
name = "my-vm"
memory = 384
vcpus = 1
kernel = "/vmlinuz"
ramdisk = "/initrd.img"
root = "/dev/xvda ro"
extra = "mitigations=off"
disk = [ "/srv/my-vm.img,raw,xvda,rw" ]
vfb = [ "type=vnc" ]
# QEMU has no processor whose time stamps never stop.
tsc_mode = "native"
CFG
        grep '^uuid = ' asked
    } > my-vm.cfg
    dom0 'cat > /etc/xen/my-vm.cfg' < my-vm.cfg
    dom0 'xl create /etc/xen/my-vm.cfg'
    dom0 'xl list my-vm'
    dom0 fbc-status my-vm
}

@test "README's commands show the tenant the guest's login screen, verified" {
    local end=$((SECONDS + 700))
    readme 3 5
    dom0 fbc-status my-vm
    until
        rm -f frame-*.png
        readme 6 7 && console_text frame-000001.png > text &&
            grep 'guest login:' text
    do
        if [ $SECONDS -ge $end ]; then
            echo "no login on the screen, but:"
            cat text
            dom0 'xl list; fbc-status my-vm'
            return 1
        fi
        sleep 3
    done
    cp frame-000001.png "$seen/tenant-sees.png"
    ssh dom0 fbc-dumpvfb -n 1 my-vm |
        fbc-decrypt-frames -k session.key --live -v
}

@test "dom0 sees noise" {
    ssh dom0 fbc-dumpvfb -n 1 my-vm > frames
    fbc-leakcheck < frames
    fbc-decrypt-frames --without-key --png plain < frames
    cp plain/frame-000001.png "$seen/dom0-sees.png"
    console_text plain/frame-000001.png > text
    run ! grep -i 'login' text
}

@test "fbc-view shows it in a viewer, through Debian's QEMU and its VNC" {
    cat > viewer <<SH
#!/bin/bash
for ((i = 0; i < 60; i++)); do
    timeout 60 gvnccapture -q "127.0.0.1:\$((\${1##*:} - 5900))" \
        "$seen/viewer-sees.png" &&
        "$top/scripts/ocr" "$seen/viewer-sees.png" | grep 'guest login:' && exit
    sleep 2
done
exit 1
SH
    chmod +x viewer
    run -0 fbc-view -k owner.key -c accept-new --viewer "$PWD/viewer" my-vm@dom0
    echo "$output"
    [[ $output == *"guest login:"* ]]
}
