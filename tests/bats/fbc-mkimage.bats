#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# What is built in is what Xen and the verifier see; what would be read without
# being measured is refused.
# shellcheck disable=SC2154 # helper.bash and bats set these
load helper

PATH=$top/scripts:$PATH

# A small PE32+ image takes the hypervisor's place: objcopy does not mind, and
# a patched Xen is known by what it says at boot.
setup()
{
    cd "$BATS_TEST_TMPDIR" || return 1
    printf '%s\n' 'void efi_start(void) {}' \
        'const char says[] = "fbcrypt: armed, %s key";' > x.c
    cc -c -ffreestanding -fno-ident -o x.o x.c
    ld -m i386pep --subsystem 10 --image-base 0xffff82d040000000 \
        --no-insert-timestamp -e efi_start -o xen.efi x.o
    cat > xen.cfg <<CFG
# what the firmware measures
[global]
default=xen

[xen]
options=iommu=force dom0-iommu=strict efi=no-rs
kernel=vmlinux root=/dev/sda2 ro
ramdisk=initrd.img
CFG
}

mk() { fbc-mkimage -c xen.cfg -x xen.efi -o out.efi "$@"; }

section() # NAME FILE
{
    local size at
    read -r _ _ size _ _ at _ < <(objdump -h "$2" | grep " \\.$1 ")
    tail -c +$((16#$at + 1)) "$2" | head -c $((16#$size))
}

refused() # TEXT
{
    run mk
    [ "$status" -eq 3 ]
    [[ $output == *"$1"* ]]
    [ ! -e out.efi ]
}

# Puts a line in the place of the one that begins with KEY=.
line() { sed -i "s|^$1=.*|$2|" xen.cfg; }

@test "the configuration is in the image, at an address of its own" {
    mk
    section config out.efi | cmp - xen.cfg
    objdump -h out.efi | awk '$2 == ".config" { print $4 }' |
        grep -qE '^ffff82d0[0-9a-f]{2}[02468ace]00000$'
    run compgen -G 'out.efi.*'
    [ -z "$output" ]
}

@test "its hash is one that fbc-attest computes, and another word changes it" {
    printf 'fw%.0s' {1..48} > fw
    hash() { fbc-attest golden --image out.efi --firmware fw --name n \
        --provenance p | sed -n 's/^image: //p'; }
    mk
    one=$(hash)
    [ ${#one} -eq 64 ]
    line options 'options=iommu=force dom0-iommu=strict efi=no-rs x'
    mk
    [ "$(hash)" != "$one" ]
    # The hypervisor alone says nothing of its command line.
    run -3 fbc-attest golden --image xen.efi --firmware fw --name n \
        --provenance p
    [[ $output == *'hint: make the image with fbc-mkimage(8)'* ]]
}

# Xen's own length is any number.
@test "signing an image does not change its hash" {
    printf 'fw%.0s' {1..48} > fw
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=db \
        -keyout db.key -out db.pem 2> /dev/null
    golden() { fbc-attest golden --image "$1" --firmware fw --name n \
        --provenance p; }
    cp xen.efi first.efi
    for n in 0 1 2 3 4 5 6 7; do
        { cat first.efi; head -c $n /dev/zero | tr '\0' x; } > xen.efi
        mk
        [ $(($(stat -c %s out.efi) % 8)) -eq 0 ]
        golden out.efi > before 2> warnings
        [ ! -s warnings ]
        rm -f signed.efi
        osslsigncode sign -h sha256 -certs db.pem -key db.key \
            -in out.efi -out signed.efi
        diff before <(golden signed.efi)
        run ! cmp -s out.efi signed.efi
    done
    # One that was made in another way is told of.
    { cat out.efi; echo; } > odd.efi
    golden odd.efi 2>&1 | grep "odd.efi: signing it would change its hash"
}

@test "the configuration that was checked is the one that is built in" {
    mkdir bin
    # Whoever may write the file does it between check and use.
    cat > bin/objdump <<SH
#!/bin/sh
printf '[global]\ndefault=evil\n' > xen.cfg
PATH=$PATH exec objdump "\$@"
SH
    chmod +x bin/objdump
    cp xen.cfg before
    PATH=$PWD/bin:$PATH mk
    section config out.efi | cmp - before
}

@test "kernel and initial file system are built in on request" {
    echo kernel > k
    echo ramdisk > r
    mk -k k --ramdisk r
    section kernel out.efi | cmp - k
    section ramdisk out.efi | cmp - r
    [ "$(objdump -h out.efi | grep -cE ' \.(config|kernel|ramdisk) ')" -eq 3 ]
}

@test "files that nobody measures are refused" {
    for key in chain xsm ucode; do
        setup
        echo "$key=file" >> xen.cfg
        refused "$key: the file would be read, but not measured"
    done
}

@test "what Xen could read in another way is refused" {
    echo 'options=x' >> xen.cfg
    refused 'for the second time'
    setup; printf '[xen]\n' >> xen.cfg
    refused 'for the second time'
    setup; printf '\tramdisk=x\n' >> xen.cfg
    refused 'not plain text'
    setup; printf 'video=gfx-1024x768\r\n' >> xen.cfg
    refused 'not plain text'
    setup; line kernel 'kernel=vmlinux a # b'
    refused 'comment'
    setup; echo ' video=x' >> xen.cfg
    refused 'a space at the beginning'
    setup; echo 'bogus=x' >> xen.cfg
    refused 'not known'
    setup; echo 'words' >> xen.cfg
    refused 'neither'
    setup; sed -i 1,2d xen.cfg
    refused 'before any section'
    setup; line default 'default=other'
    refused 'no section other'
    setup; sed -i '/^kernel/d' xen.cfg
    refused 'kernel is missing'
    setup; printf 'video=x' >> xen.cfg
    refused 'no newline'
    setup; printf 'video=x\0\n' >> xen.cfg
    refused 'a NUL byte'
    setup; printf '\0' >> xen.cfg
    refused 'a NUL byte'
}

@test "options of which Xen would take only a part are refused, also by force" {
    sure='iommu=force dom0-iommu=strict efi=no-rs'
    for o in "-- $sure" "$sure -- console=hvc0" "$sure --"; do
        line options "options=$o"
        refused 'options: Xen takes what follows -- for options of dom0'
        run -3 mk --force
    done
    line options "options=$sure --x x-- -"
    mk
    rm out.efi

    # 39 characters, 9 words of 100 with a blank before each, and one more.
    long=$(printf 'x%.0s' {1..100})
    words=$(printf " $long%.0s" {1..9})
    line options "options=$sure$words $(printf 'x%.0s' {1..51})"
    [ "$(sed -n 's/^options=//p' xen.cfg | tr -d '\n' | wc -c)" -eq 1000 ]
    mk
    rm out.efi
    line options "options=$sure$words $(printf 'x%.0s' {1..52})"
    refused 'more than 1000 characters'
    run -3 mk --force
    line options "options=$(printf 'x%.0s' {1..127}) $sure"
    mk
    rm out.efi
    line options "options=$(printf 'x%.0s' {1..128}) $sure"
    refused 'a word of more than 127 characters'
}

@test "options that protect nobody are refused, or forced" {
    for o in 'efi=no-rs iommu=force' 'iommu=force dom0-iommu=strict' \
             'efi=no-rs fbcrypt=off fbcrypt=no-iommu' \
             'efi=no-rs,rs fbcrypt=no-iommu' \
             'efi=no-rs iommu=force,no-intremap dom0-iommu=strict' \
             'efi=no-rs fbcrypt=no-iommu dom0=pvh' \
             'efi=no-rs fbcrypt=no-iommu ucode=scan' \
             'efi=no-rs fbcrypt=no-iommu no-fbcrypt' \
             'efi=no-rs fbcrypt=no-iommu,iommu' \
             'efi=no-rs fbcrypt=no-iommu fbcrypt=iommu=on' \
             'efi=no-rs fbcrypt=iommu=0,iommu=1' \
             'efi=no-rs fbcrypt=iommu=2' \
             'efi=no-rs fbcrypt=no-iommu=1' \
             'efi=no-rs,rs=1 fbcrypt=no-iommu' \
             'efi=rs=off efi=rs fbcrypt=no-iommu' \
             'efi=rs=junk fbcrypt=no-iommu' \
             'efi=attr=no-rs fbcrypt=no-iommu' \
             'efi=no-rs iommu=force,off dom0-iommu=strict' \
             'efi=no-rs iommu=force no-iommu dom0-iommu=strict' \
             'efi=no-rs iommu=force=0 dom0-iommu=strict' \
             'efi=no-rs iommu=force,intremap=off dom0-iommu=strict' \
             'efi=no-rs iommu=force dom0-iommu=strict,passthrough' \
             'efi=no-rs iommu=force,dom0-passthrough dom0-iommu=strict' \
             'efi=no-rs iommu=force dom0-iommu=strict=no' \
             'efi=no-rs fbcrypt=no-iommu tbuf_size=8' \
             'efi=no-rs fbcrypt=no-iommu tevt_mask=0xffffffff' \
             'efi=no-rs fbcrypt=no-iommu gdb=com1' \
             'efi=no-rs fbcrypt=no-iommu no-gdb=com1' \
             'efi=no-rs fbcrypt=no-iommu vpmu=on' \
             'efi=no-rs fbcrypt=no-iommu hvm_debug=1' \
             'efi=no-rs fbcrypt=no-iommu cpufreq=dom0-kernel' \
             'efi=no-rs iommu=force,no-igfx dom0-iommu=strict' \
             'efi=no-rs iommu=force,igfx=off dom0-iommu=strict' \
             'efi=no-rs iommu=force dom0-iommu=strict rmrr=0x1000=0:1.0' \
             'efi=no-rs iommu=force dom0-iommu=strict ivmd=0x1000=1' \
             'efi=no-rs iommu=force dom0-iommu=strict,map-inclusive' \
             'efi=no-rs iommu=force dom0-iommu=strict,none' \
             'efi=no-rs iommu=force,no-amd-iommu-perdev-intremap
              dom0-iommu=strict' \
             'efi=no-rs iommu=force dom0-iommu=strict iommu_inclusive_mapping' \
             'efi=no-rs iommu=force dom0-iommu=strict ats' \
             'efi=no-rs iommu=force dom0-iommu=strict dbgp=ehci' \
             'efi=no-rs fbcrypt=no-iommu acpi=off' \
             'efi=no-rs fbcrypt=no-iommu acpi=ht' \
             'efi=no-rs fbcrypt=no-iommu no-acpi' \
             'efi=no-rs fbcrypt=no-iommu mmcfg=off' \
             'efi=no-rs fbcrypt=no-iommu pv-shim' \
             'efi=no-rs fbcrypt=no-iommu tboot=0x1000' \
             'efi=no-rs fbcrypt=no-iommu hardware_dom=1' \
             'efi=no-rs fbcrypt=no-iommu altp2m=1' \
             'efi=no-rs fbcrypt=no-iommu hvm_fep' \
             'efi=no-rs fbcrypt=no-iommu smep=hvm' \
             'efi=no-rs fbcrypt=no-iommu smap=0' \
             'efi=no-rs fbcrypt=no-iommu no-smap' \
             'efi=no-rs fbcrypt=no-iommu,no-smap,smap=on smap=off' \
             'efi=no-rs fbcrypt=no-iommu,no-smap no-smep'; do
        line options "options=${o//$'\n'/ }"
        echo "$o"
        refused 'options'
        echo "$o" >> tried
    done
    mk --force
    # All with which the hypervisor takes no key.
    for o in $(sed -n 's/^refused  *//p' "$top/tests/xen-options"); do
        grep -qE "(^| )(no-)?$o(=| |$)" tried
        grep -qE "^\.Ql $o(=| |$)" "$top/man/fbc-mkimage.8"
    done
    for o in 'efi=rs=no fbcrypt=iommu=off' \
             'efi=rs,no-rs fbcrypt=iommu,no-iommu' \
             'fbcrypt=off,on efi=rs=0,attr=uc iommu=no-force,required,on
              dom0-iommu=no-strict,strict=enable' \
             'efi=rs=disable iommu=off,1,force=yes,dom0-strict' \
             'efi=no-rs iommu=force,no-igfx,igfx dom0-iommu=strict cpufreq=xen' \
             'efi=no-rs fbcrypt=no-iommu rmrr=0x1000=0:1.0 ats dbgp=ehci' \
             'efi=no-rs iommu=force,amd-iommu-perdev-intremap acpi=verbose
              dom0-iommu=strict no-iommu_inclusive_mapping' \
             'efi=no-rs iommu=force dom0-iommu=strict acpi=force
              iommu_inclusive_mapping=0' \
             'efi=no-rs fbcrypt=no-iommu,no-smap smap=hvm smep' \
             'efi=no-rs fbcrypt=no-iommu smap=0 smap=on smep=1' \
             'efi=no-rs fbcrypt=iommu=false dom0=verbose gdb_x=1'; do
        line options "options=${o//$'\n'/ }"
        mk -q
    done
    line options 'options=efi=no-rs fbcrypt=no-iommu'
    mk 2> err
    grep -q warning err
    run ! grep -q no-overwrite err
    line options 'options=efi=no-rs fbcrypt=no-overwrite,no-iommu'
    mk 2> err
    grep -q 'warning: fbcrypt=no-overwrite' err
    run ! grep -q plain-input err
    run ! grep -q no-smap err
    line options 'options=efi=no-rs fbcrypt=no-iommu,no-smap'
    mk 2> err
    grep -q 'warning: fbcrypt=no-smap' err
    line options 'options=efi=no-rs fbcrypt=no-iommu,plain-input'
    mk 2> err
    grep -q 'warning: fbcrypt=plain-input' err
    mk -q 2> err
    [ ! -s err ]
}

@test "a Xen that is not patched is refused, or forced" {
    sed 's/fbcrypt: armed, /fbcrypt: alarm, /' xen.efi > stock.efi
    cmp -s xen.efi stock.efi && return 1
    run -3 fbc-mkimage -c xen.cfg -x stock.efi -o out.efi
    [[ $output == *'stock.efi: not a patched Xen'* ]]
    [ ! -e out.efi ]
    fbc-mkimage --force -c xen.cfg -x stock.efi -o out.efi
    section config out.efi | cmp - xen.cfg
}

@test "files that are missing or of another kind" {
    run -3 mk -k nothing
    run -3 fbc-mkimage -c nothing -x xen.efi -o out.efi
    cp xen.cfg text.efi
    run -3 fbc-mkimage -c xen.cfg -x text.efi -o out.efi
    mk
    run -3 fbc-mkimage -c xen.cfg -x out.efi -o again.efi
    [[ $output == *'has a section .config already'* ]]
    run -4 fbc-mkimage -c xen.cfg -x xen.efi -o no/out.efi
    run -2 fbc-mkimage -c xen.cfg -x xen.efi
    run -2 mk operand
    run -2 mk --bogus
    run -0 fbc-mkimage --help
    [[ $(fbc-mkimage --version) == 'fbc-mkimage (fbcrypt) '* ]]
}

@test "an image takes no input's place, and is put nowhere else" {
    cp xen.efi kernel
    cp xen.cfg ramdisk
    sha256sum xen.cfg xen.efi kernel ramdisk > sums
    ln xen.efi other-name
    for f in ./xen.cfg xen.efi kernel ramdisk other-name; do
        run -3 fbc-mkimage -c xen.cfg -x xen.efi -k kernel -r ramdisk -o "$f"
        [[ $output == *"$f: is an input"* ]]
    done
    sha256sum --quiet -c sums
    mkdir dir
    mkfifo pipe
    for f in dir dir/. pipe /dev/null; do
        run -3 fbc-mkimage -c xen.cfg -x xen.efi -o "$f"
        [[ $output == *"$f: exists and is not a file"* ]]
    done
    [ -z "$(ls -A dir)" ]
    [ -p pipe ]
}

# So that whoever has the inputs can compute what is in PCR 4. The hour of the
# making would show in the header, as it did.
@test "the same inputs make the same bytes, whenever that is" {
    stamp() { od -An -j$((16#88)) -N4 -tx4 "$1"; }
    [ "$(stamp xen.efi)" = " 00000000" ]
    fbc-mkimage -c xen.cfg -x xen.efi -o out.efi
    [ "$(stamp out.efi)" = " 00000000" ]
    printf '\1\2\3\4' |
        dd of=xen.efi bs=1 seek=$((16#88)) conv=notrunc status=none
    touch -d 2001-01-01 xen.efi
    fbc-mkimage -c xen.cfg -x xen.efi -o out.efi
    [ "$(stamp out.efi)" = " 04030201" ]
    # for make(1), it is new
    [ out.efi -nt xen.efi ]
}

@test "a name that begins with a dash is a name" {
    cp xen.cfg -- -c
    cp xen.efi -- -x
    cp xen.cfg -- -k
    fbc-mkimage -c -c -x -x -k -k -o -weird
    fbc-mkimage -c xen.cfg -x xen.efi -k xen.cfg -o out.efi
    cmp ./-weird out.efi
    run -4 fbc-mkimage -c xen.cfg -x xen.efi -o -no/out
    [ "$output" = "fbc-mkimage: error: ./-no/out: cannot be written" ]
}

@test "an option that is given twice is refused" {
    touch other
    for o in -c -x -o --output; do
        run -2 mk $o other
        [[ $output == *": is given twice"* ]]
    done
    for o in -k --ramdisk; do
        run -2 mk $o other $o other
        [[ $output == *": is given twice"* ]]
    done
    [ ! -e out.efi ]
}

@test "fbc-mkimage: help and version, and a full disk" {
    run -0 fbc-mkimage --help
    [[ $output == "usage: fbc-mkimage "* ]]
    run -0 fbc-mkimage --version
    run -4 sh -c 'fbc-mkimage --help > /dev/full'
    run -4 sh -c 'fbc-mkimage --version > /dev/full'
}
