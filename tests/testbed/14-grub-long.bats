#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# What the launch digest of a boot loader is worth: GRUB, from a disk of dom0's,
# starts what the tenant signed, or nothing (fbcrypt(7), "Firmware and boot
# loaders").
# shellcheck disable=SC2030,SC2031,SC2154 # common.bash and bats set these
bats_require_minimum_version 1.5.0
load common

setup_file() {
    export FBC_GUEST=pvh GNUPGHOME=$BATS_FILE_TMPDIR/gpg
    cd "$BATS_FILE_TMPDIR" || return 1
    export PATH=$PATH:/usr/sbin:/sbin
    make_keys
    make_disks
    make_grubs
    gpgconf --kill gpg-agent
    boot
}

teardown_file() {
    gpgconf --kill gpg-agent
    tb down
}

make_keys() {
    local i
    mkdir -m 700 "$GNUPGHOME"
    for i in tenant dom0; do
        gpg --batch -q --passphrase '' --quick-generate-key $i rsa2048 sign \
            never
        gpg --export $i >$i.key
    done
}

sign() { # FILE WHO
    gpg --batch -q --yes -u "$2" --digest-algo SHA256 --detach-sign "$1"
}

# The tenant's; with one byte of the ramdisk changed, or of the kernel; with
# that ramdisk, and dom0's signature.
make_disks() {
    local i
    mkdir fs
    cp "$top"/build/images/root/boot/vmlinuz-* fs/vmlinuz
    gzip -dc "$top/build/images/guest.cpio.gz" >fs/ramdisk
    sign fs/vmlinuz tenant
    sign fs/ramdisk tenant
    mke2fs -q -t ext2 -b 4096 -d fs disk 12M
    sed 's/%s is ready/%s is Ready/' disk >disk.ramdisk
    sed 's/org) #1 SMP/org) #2 SMP/' disk >disk.kernel
    sed -i 's/%s is ready/%s is Ready/' fs/ramdisk
    sign fs/ramdisk dom0
    mke2fs -q -t ext2 -b 4096 -d fs disk.dom0 12M
    for i in ramdisk kernel; do
        [ "$(cmp -l disk disk.$i | wc -l)" -eq 1 ]
    done
}

# The tenant's; dom0's, which is the same, and has no key.  And two of a tenant
# who forgot to halt, one of them without superusers, too.
make_grubs() {
    cat >grub.cfg <<'CFG'
set superusers=nobody
set root=(xen/xvda)
if linux /vmlinuz console=tty0 console=hvc0 quiet mitigations=off rodata=off \
    audit=0 cryptomgr.notests; then
    if initrd /ramdisk; then
        boot
    fi
fi
echo "not as signed: halted"
halt
CFG
    sed '/^halt/d' grub.cfg >asks.cfg
    sed '/^set superusers/d' asks.cfg >prompt.cfg
    grub grub.cfg grub --pubkey tenant.key
    grub grub.cfg grub.dom0
    grub asks.cfg grub.asks --pubkey tenant.key
    grub prompt.cfg grub.prompt --pubkey tenant.key
}

grub() { # CONFIGURATION FILE [grub-mkstandalone's options]
    local modules="echo ext2 gcry_rsa gcry_sha256 halt linux pgp"
    grub-mkstandalone -O i386-xen_pvh -o "$2" "${@:3}" --modules="$modules" \
        --install-modules="$modules normal test" --locales= --fonts= \
        --themes= boot/grub/grub.cfg="$1"
}

guest() { # NAME GRUB [testbed create's arguments]
    owner_guest "$1" --wait none memory=160 extra= --kernel "$2" "${@:3}"
}

# A key for the digest of the tenant's GRUB.
bound_key() # NAME
{
    "$bin/fbc-wrapkey" --to "$(vmm_key)" --from "$1.owner" \
        --launch "$(cat digest)" -o "$1.session" >"$1.blob" || return
    dom0 fbc-setkey "$1" <"$1.blob"
}

@test "GRUB starts Linux, whose screen opens by a key for GRUB's digest alone" {
    guest u1 grub --data disk
    "$bin/fbc-launch" compute -q -t pvh -l "$(libxl)" -k grub -c "" -m 160 \
        >digest
    bound_key u1
    [ "$(status_of u1 launch_checked)" = true ]
    [ "$(status_of u1 launch_digest)" = "$(cat digest)" ]
    as_computed u1
    cmp u1.computed digest

    console_line u1 '^@READY' 120
    [ "$(status_of u1 state)" = sealed ]
    tb guest u1 'grep -q "%s is ready" /init'
    pattern_arrives u1
    tb destroy u1
}

# The digest is right, and there is no Linux.
refused() # NAME WHY [testbed create's arguments]
{
    local state
    guest "$1" grub on_poweroff=preserve "${@:3}"
    as_computed "$1"
    cmp "$1.computed" digest
    console_line "$1" "error: $2" 120
    console_line "$1" 'not as signed: halted' 60
    for _ in $(seq 100); do
        # Shut down, and kept.
        state=$(dom0 "xl list $1" | awk 'NR == 2 { print $5 }')
        [ "$state" != ---s-- ] || break
        sleep 0.5
    done
    [ "$state" = ---s-- ]
    [ "$(status_of "$1" state)" = no-framebuffer ]
    run -1 dom0 "grep -a READY /var/log/xen/console/guest-$1.log"
    tb destroy "$1"
}

@test "a byte of the ramdisk is changed: GRUB starts nothing, and halts" {
    refused r1 'bad signature' --data disk.ramdisk
}

@test "so it does with a kernel changed, another's signature, or no disk" {
    refused r2 'bad signature' --data disk.kernel
    refused r3 'public key .* not found' --data disk.dom0
    refused r4 '.*'
}

# The control: it is for the signature that GRUB does not start this ramdisk.
@test "a GRUB without the tenant's key starts it, and gets no session key" {
    guest c grub.dom0 --data disk.ramdisk
    run bound_key c
    echo "$output"
    [ "$status" -eq 1 ]
    [[ $output == *"started with other contents"* ]]
    as_computed c
    run ! cmp c.computed digest
    run "$bin/fbc-launch" check -q -t pvh -l "$(libxl)" -k grub -c "" -m 160 \
        c.log
    echo "$output"
    [ "$status" -eq 1 ]
    [[ $output == kernel:* ]]

    console_line c '^@READY' 120
    tb guest c 'grep -q "%s is Ready" /init'
    [ "$(status_of c keyed)" = false ]
    [ "$(status_of c state)" = black ]
    tb destroy c
}

@test "one that does not halt obeys dom0 at a prompt, or asks for a name" {
    guest p1 grub.prompt
    console_line p1 'grub>' 120
    # shellcheck disable=SC2016 # dom0's and GRUB's to expand
    dom0 'printf "%s\r" "echo \$prefix" \
        >$(xenstore-read /local/domain/$(xl domid p1)/console/tty)'
    console_line p1 '\(memdisk\)/boot/grub' 30
    tb destroy p1
    guest p2 grub.asks
    console_line p2 'Enter username' 120
    run -1 dom0 "grep -a 'grub>' /var/log/xen/console/guest-p2.log"
}
