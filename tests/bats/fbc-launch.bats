#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# fbc-launch against libxenguest itself, which runs without Xen.
# shellcheck disable=SC2030,SC2031,SC2094,SC2154 # helper.bash and bats set these
load helper

# kernel WORD... > file
kernel() { "$top/tests/pvkernel.py" "$@"; }

# noise BYTES SEED > file
noise()
{
    python3 -c 'import random, sys
random.seed(sys.argv[2])
sys.stdout.buffer.write(random.randbytes(int(sys.argv[1])))' "$@"
}

# The builder's log, with frames drawn by $1, equals ours.
# as_built SEED KERNEL RAMDISK CMDLINE MEMORY [MAXMEM]
as_built()
{
    local ramdisk=()
    [ -z "$3" ] || ramdisk=(--ramdisk "$3")
    launchoracle "$@" > built 2> oracle.log || {
        tail -n 5 oracle.log
        return 1
    }
    fbc-launch compute -q --kernel "$2" "${ramdisk[@]}" --cmdline "$4" \
        --memory "$5" ${6:+--maxmem "$6"} --gunzip yes -o ours > digest
    cmp built ours || {
        fbc-launch diff built ours
        return 1
    }
    [ "$(cat digest)" = "$("$top/tests/launchref.py" < built)" ]
}

@test "fbc-launch: help, version, unknown options, full disk" {
    common_options fbc-launch
}

@test "fbc-launch refuses senseless command lines" {
    kernel > k
    expect 2 fbc-launch
    expect 2 fbc-launch compute --kernel k --cmdline x
    expect 2 fbc-launch compute --kernel k --memory 64
    expect 2 fbc-launch check --kernel k
    expect 2 fbc-launch compute --kernel k --cmdline x --memory 0
    expect 2 fbc-launch compute --kernel k --cmdline x --memory 64 extra
    expect 2 fbc-launch compute --kernel k --cmdline x --memory 64 --maxmem 63
    says "--maxmem: less"
    expect 2 fbc-launch compute --kernel k --cmdline x --memory 64 --gunzip x
    says "yes or no"
    expect 2 fbc-launch compute --kernel k --cmdline x --memory 64 -o - -j
    says "--json: standard output is taken by the log"
    [ -z "$output" ]
    expect 2 fbc-launch diff a
    expect 2 fbc-launch show a b
    expect 2 fbc-launch show --kernel k
    only k
}

# A DSDT of Xen's, by its looks, with N in it.
dsdt() # N
{
    python3 - "$1" <<'PY'
import struct, sys
data = bytearray(struct.pack("<4sIBB6s8sI4sI", b"DSDT", 500, 2, 0, b"Xen",
                             b"HVM", 0, b"INTL", 1))
data += bytes(464)
data[100] = int(sys.argv[1])
data[9] = -sum(data) & 255
sys.stdout.buffer.write(data)
PY
}

@test "fbc-launch compute -o does not replace what it reads" {
    kernel virt_base=0 phys32_entry=0x1000000 supported_features=0x8000 > k
    noise 5000 1 > initrd
    dsdt 1 > dsdt
    for f in k initrd dsdt; do
        cp $f before
        expect 3 fbc-launch compute -t pvh -k k -r initrd -d dsdt -c x \
            -m 64 -o ./$f
        says "./$f: is an input, and cannot be the output, too"
        cmp before $f
    done
}

@test "a PVH guest's digest takes a DSDT, of which a library may have one" {
    kernel virt_base=0 phys32_entry=0x1000000 supported_features=0x8000 > k
    noise 9999 0 > rd
    dsdt 1 > dsdt
    (echo ELF; cat dsdt; echo more) > lib
    pvh() { fbc-launch compute -q -t pvh -k k -r rd "$@"; }
    small() { pvh -c quiet -m 64 "$@"; }
    expect 2 small
    says "--libxl: needed for a PVH guest"
    expect 2 small -l lib -d dsdt
    says "not with --libxl"
    expect 3 small -l rd
    says "has no DSDT of Xen's"
    cat lib lib > two
    expect 3 small -l two
    says "several DSDTs"
    expect 3 small -d lib
    says "no DSDT of Xen's"
    expect 3 pvh -c quiet -l lib -m 16
    says "too little for this kernel"
    expect 2 small -l lib -p 2 -P 1
    says "less than --vcpus"
    expect 2 small -l lib -P 129
    expect 2 small -l lib -M 65
    says "such a PVH guest does not start"
    expect 2 fbc-launch compute -k k -c quiet -m 64 -l lib
    says "pvh is needed with this"
    kernel virt_base=0 entry=0x1000000 > pv
    expect 3 fbc-launch compute -t pvh -k pv -c quiet -m 64 -l lib
    says "CONFIG_PVH"

    small -l lib > a
    small -d dsdt > b
    cmp a b
    dsdt 2 > dsdt2
    # Each of these is another guest.
    {
        cat a
        small -d dsdt2
        small -d dsdt -p 2
        small -d dsdt -P 2
        small -d dsdt -n
        small -d dsdt -R
        pvh -c quiet -d dsdt -m 65
        pvh -m 64 -d dsdt -c "quiet "
    } > all
    [ "$(sort -u all | wc -l)" = 8 ]
}

@test "a PVH guest's log is checked by what it says, and differences are named" {
    kernel virt_base=0 phys32_entry=0x1000000 supported_features=0x8000 > k
    noise 9999 0 > rd
    dsdt 1 > dsdt
    make() {
        fbc-launch compute -q -t pvh -k k -r rd -c "root=a quiet" -d dsdt \
            -o log "$@" > digest
    }
    check() { fbc-launch check -q -k k -r rd -c "root=a quiet" -d dsdt "$@" log; }
    has() { [[ $output == *"$1"* ]] || { echo "not: $1 in $output"; return 1; }; }
    make -m 64
    check > out
    cmp out digest
    [ "$(cat digest)" = "$("$top/tests/launchref.py" < log)" ]
    [ "$(fbc-launch show -j log | jq -r '.type, .memory_mib, .cmdline')" = \
        "$(printf 'pvh\n64\nroot=a quiet')" ]
    # Neither of these need be known.
    for i in "-n -m 64" "-R -m 64" "-n -R -m 64" "-m 4000"; do
        # shellcheck disable=SC2086
        make $i
        check > out
        cmp out digest
    done

    make -m 64
    expect 1 check -p 2
    has "ACPI tables: pages 0xfc000"
    expect 1 check -m 65
    has "memory map: other entries"
    has "memory: 0x0 and 16384 pages, not 0x0 and 16640"
    kernel virt_base=0 entry=0x1000000 > pv
    expect 1 fbc-launch check -q -k pv -c "root=a quiet" -t pv log
    has "type: a PVH guest, not a PV one"
    expect 1 fbc-launch check -q -k k -r rd -c "root=b quiet" -d dsdt log
    has "cmdline: 'root=a' added"
    has "cmdline: 'root=b' missing"
    (head -c 5000 rd; echo; tail -c +5002 rd) > rd2
    expect 1 fbc-launch check -q -k k -r rd2 -c "root=a quiet" -d dsdt log
    has "ramdisk: pages"
}

@test "a PVH guest's ramdisk that is a .gz is unpacked, or it is not" {
    kernel virt_base=0 phys32_entry=0x1000000 mod_start_pfn=1 > k
    noise 9999 0 | gzip -n > rd
    dsdt 1 > dsdt
    g() { fbc-launch "$1" -q -k k -r rd -c quiet -d dsdt "${@:2}"; }
    [ "$(g compute -t pvh -m 64 | wc -l)" = 2 ]
    for i in yes no; do
        g compute -t pvh -m 64 -g $i -o log > digest
        g check log > out
        cmp out digest
    done
}

@test "the log is the builder's, byte for byte, whatever the frames" {
    noise 9999 0 > rd
    kernel > k
    for seed in 1 2 3; do
        as_built $seed k rd "root=/dev/xvda  quiet" 64
    done
    as_built 4 k "" "" 64
    as_built 4 k rd x 33
    as_built 4 k rd x 2047 4096
    as_built 4 k rd "$(printf 'x%.0s' {1..2000})" 64
}

@test "so it is with 64 GiB; there is a limit at 1 TiB" {
    noise 9999 0 > rd
    kernel > k
    as_built 5 k rd x 65536
    # Pages that are zero and the P2M list take no room.
    [ "$(stat -c %s ours)" -lt 16384 ]
    expect 0 fbc-launch compute -q --kernel k --cmdline x --memory 1048576
    expect 2 fbc-launch compute -q --kernel k --cmdline x --memory 1048577
    says "--memory: 1048577"
}

@test "so it is for kernels with other notes" {
    noise 30000 1 > rd
    while read -r words; do
        # shellcheck disable=SC2086 # words
        kernel $words > k
        as_built 5 k rd x 64 || { echo "kernel $words"; return 1; }
        as_built 6 k "" x 700 || { echo "kernel $words"; return 1; }
    done <<'WORDS'
mini
mod_start_pfn=none
init_p2m=none
hypercall_page=0xffffffff81001000
virt_base=0xffffffff80ff0000 paddr_offset=0xff0000
seed=4 text=6000000 bss=9000000
init_p2m=0xffffffff7fc00000
init_p2m=0xffffffff40000000
init_p2m=0xfffffffe00000000
init_p2m=0x8000000001
WORDS
}

@test "so it is for packed kernels and ramdisks" {
    kernel seed=7 > k
    head -c 400000 /dev/zero > rd
    gzip -c k > k.gz
    gzip -c rd > rd.gz
    as_built 1 k rd.gz x 64
    cp ours want
    for how in gzip xz zstd; do
        kernel seed=7 bzimage=$how > vmlinuz
        as_built 2 vmlinuz rd.gz x 64
        cmp ours want
    done
    as_built 3 k.gz rd.gz x 64

    # No .gz after all; cut short; two of them: each as the builder does it.
    { printf '\37\213'; head -c 5000 /dev/zero; } > fake
    as_built 4 k fake x 64
    head -c 300 rd.gz > cut.short
    as_built 5 k cut.short x 64
    cat rd.gz rd.gz > two
    as_built 6 k two x 64
}

@test "a .gz ramdisk has two digests, others have one" {
    kernel > k
    head -c 5000 /dev/zero > rd
    gzip -c rd > rd.gz
    expect 0 fbc-launch compute -q --kernel k --ramdisk rd.gz --cmdline x \
        --memory 64
    [ "${#lines[@]}" -eq 2 ]
    [[ ${lines[0]} == *"as it is (Xen 4.20"* ]]
    [[ ${lines[1]} == *"unpacked (Xen 4.19"* ]]
    digests=()
    for how in no yes; do
        expect 0 fbc-launch compute -q --kernel k --ramdisk rd.gz \
            --cmdline x --memory 64 --gunzip $how
        digests+=("$output")
        [ "${#output}" -eq 64 ]
    done
    [ "${digests[0]}" != "${digests[1]}" ]
    expect 0 fbc-launch compute -q --kernel k --ramdisk rd.gz --cmdline x \
        --memory 64 --json
    [ "$(jq -r '.digests | join(" ")' <<< "$output")" = "${digests[*]}" ]
    expect 2 fbc-launch compute -q --kernel k --ramdisk rd.gz --cmdline x \
        --memory 64 -o log
    says "--gunzip: needed"
    expect 0 fbc-launch compute -q --kernel k --ramdisk rd --cmdline x \
        --memory 64
    [ "${#lines[@]}" -eq 1 ]

    # Older toolstacks would leave out all but the first of several parts.
    cat rd.gz rd.gz > parts.gz
    for how in "" "-g no"; do
        # shellcheck disable=SC2086
        expect 0 fbc-launch compute --kernel k --ramdisk parts.gz --cmdline x \
            --memory 64 $how
        [ "${#lines[@]}" -eq 1 ]
        [ -n "$how" ] || [[ $stderr == *"a .gz of several parts"* ]]
        digests+=("$output")
    done
    [ "${digests[2]}" = "${digests[3]}" ]
    fbc-launch compute -q --kernel k --ramdisk parts.gz --cmdline x --memory 64 \
        -g yes -o log
    expect 1 fbc-launch check -q --kernel k --ramdisk parts.gz --cmdline x log
    expect 0 fbc-launch check -q --kernel k --ramdisk parts.gz --cmdline x \
        -g yes log
    # Padding is no part.
    cat rd.gz <(head -c 7 /dev/zero) > padded.gz
    expect 0 fbc-launch compute -q --kernel k --ramdisk padded.gz --cmdline x \
        --memory 64
    [ "${#lines[@]}" -eq 2 ]

    # check takes either, and says what is wrong of neither.
    for how in yes no; do
        fbc-launch compute -q --kernel k --ramdisk rd.gz --cmdline x \
            --memory 64 --gunzip $how -o log
        expect 0 fbc-launch check -q --kernel k --ramdisk rd.gz --cmdline x log
    done
    expect 1 fbc-launch check -q --kernel k --ramdisk rd.gz --cmdline x \
        --gunzip yes log
}

# check_says TEXT OPTION...: the only line of the answer to log
check_says()
{
    local text=$1
    shift
    expect 1 fbc-launch check -q "$@" log
    # shellcheck disable=SC2053 # a pattern
    [[ $output == $text ]] || { echo "$output"; return 1; }
}

@test "check names what is other" {
    kernel > k
    kernel seed=2 > k2
    noise 9000 0 > rd
    noise 9000 2 > rd2
    fbc-launch compute -q --kernel k --ramdisk rd --cmdline "a b" \
        --memory 64 --maxmem 128 -o log > digest
    expect 0 fbc-launch check -q --kernel k --ramdisk rd --cmdline "a b" log
    [ "$output" = "$(cat digest)" ]
    expect 0 fbc-launch check -q --kernel k --ramdisk rd --cmdline "a b" < log

    check_says "cmdline: 'b' added" --kernel k --ramdisk rd --cmdline a
    check_says "cmdline: 'c' missing" --kernel k --ramdisk rd --cmdline "a b c"
    check_says "cmdline: the same words*" --kernel k --ramdisk rd \
        --cmdline "a b "
    check_says "kernel: page*differs" --kernel k2 --ramdisk rd --cmdline "a b"
    check_says "ramdisk: page*differs" --kernel k --ramdisk rd2 \
        --cmdline "a b"
    check_says "maxmem: 128 MiB, not 256 MiB" --kernel k --ramdisk rd \
        --cmdline "a b" --maxmem 256
    expect 1 fbc-launch check -q --kernel k --ramdisk rd --cmdline "a b" \
        --memory 65 --maxmem 128 log
    [ "${lines[0]}" = "memory: 64 MiB, not 65 MiB" ]
    expect 1 fbc-launch check -q --kernel k --cmdline "a b" log
    [[ $output == *"start_info: mod_len is 0x3000, not 0x0"* ]]
    expect 1 fbc-launch check -qj --kernel k --ramdisk rd --cmdline a log
    [ "$(jq -r '.ok, .differences[0]' <<< "$output")" = \
        $'false\ncmdline: \'b\' added' ]
}

@test "a guest that was not measured has no digest, and check says why" {
    python3 -c '
import struct, sys
sys.stdout.buffer.write(struct.pack("<4sHHIIQQ", b"FBL1", 1, 1, 9, 0, 16384,
                                    0x42))' > log
    kernel > k
    expect 1 fbc-launch check -q --kernel k --cmdline x log
    [ "$output" = "not measured: a page table names memory that is not the \
guest's, 0x42" ]
    expect 0 fbc-launch show log
    [[ $output != *digest* ]]
    expect 0 fbc-launch show -j log
    [ "$(jq -r .digest <<< "$output")" = null ]
    fbc-launch compute -q --kernel k --cmdline x --memory 64 -o good
    expect 1 fbc-launch diff good log
    expect 1 fbc-launch diff log log
}

@test "what is no kernel, log or memory is refused" {
    kernel > k
    head -c 5000 k > cut.short
    echo text > text
    expect 3 fbc-launch compute --kernel text --cmdline x --memory 64
    says "text: "
    expect 3 fbc-launch compute --kernel cut.short --cmdline x --memory 64
    expect 3 fbc-launch compute --kernel k --cmdline x --memory 20
    says "--memory: too little"
    expect 4 fbc-launch compute --kernel none --cmdline x --memory 64
    expect 4 fbc-launch compute --kernel k --ramdisk none --cmdline x \
        --memory 64
    expect 3 fbc-launch show text
    says "text: "
    fbc-launch compute -q --kernel k --cmdline x --memory 64 -o log
    head -c 100 log > short
    expect 3 fbc-launch show short
    sed 's/^FBL1\x01/FBL1\x02/' log > later
    expect 5 fbc-launch show later
    expect 3 fbc-launch compute -j --kernel text --cmdline x --memory 64
    [ "$(jq -r .error.what <<< "$output")" = text ]
    kernel bzimage=xz | head -c 3000 > packed
    expect 3 fbc-launch compute --kernel packed --cmdline x --memory 64
}

@test "memory of the log's that the files do not fit into is a difference" {
    kernel > k
    fbc-launch compute -q --kernel k --cmdline x --memory 64 -o log
    head -c 60000000 /dev/zero > rd
    expect 1 fbc-launch check -q --kernel k --ramdisk rd --cmdline x log
    [ "$output" = "memory: the log has 64 MiB, which do not fit this kernel \
and ramdisk" ]
    [ -z "$stderr" ]
    expect 1 fbc-launch check -qj --kernel k --ramdisk rd --cmdline x log
    [ "$(jq -r '.differences[0], .error' <<< "$output")" = \
        $'memory: the log has 64 MiB, which do not fit this kernel and '\
$'ramdisk\nnull' ]
    # What was said oneself is a mistake of one's own.
    expect 3 fbc-launch check -q --kernel k --ramdisk rd --cmdline x \
        --memory 64 log
    says "--memory: too little"
    # Packed it fits.
    gzip rd
    fbc-launch compute -q --kernel k --ramdisk rd.gz --gunzip no --cmdline x \
        --memory 64 -o log > digest
    expect 0 fbc-launch check -q --kernel k --ramdisk rd.gz --cmdline x log
    [ "$output" = "$(cat digest)" ]
}

# patch FILE OFFSET HEX, in place
patch_bytes() { xxd -r -p <<< "$3" | dd of="$1" bs=1 seek="$2" conv=notrunc \
    status=none; }

@test "a packed kernel that is damaged, cut or packed otherwise is refused" {
    compute() { fbc-launch compute -q --kernel "$1" --cmdline x --memory 64; }
    kernel > k
    for how in gzip xz zstd; do
        kernel bzimage=$how > good
        compute good > digest
        [ "$(cat digest)" = "$(compute k)" ]
        cp good bad
        patch_bytes bad 4000 "$(head -c 16 /dev/zero | xxd -p)"
        expect 3 compute bad
        says "bad: cannot be unpacked"
        cp good cut
        patch_bytes cut $((0x24c)) 00100000
        expect 3 compute cut
        says "cut: "
    done
    # Of LZ4; of an older protocol; longer than the file.
    patch_bytes good $((0x400)) 02214c18
    expect 3 compute good
    says "packed by none of gzip, xz, lzma, zstd"
    [[ $stderr == *"hint: unpack it: extract-vmlinux"* ]]
    patch_bytes good $((0x206)) 0702
    expect 3 compute good
    says "too old"
    patch_bytes cut $((0x24c)) 00000010
    expect 3 compute cut
    says "cut short"

    # Not packed at all; a .gz of it that is damaged; no file.
    python3 -B - "$top/tests" <<'PY'
import sys
sys.path.insert(0, sys.argv[1])
import pvkernel
open("plain", "wb").write(pvkernel.bzimage(open("k", "rb").read()))
PY
    [ "$(compute plain)" = "$(compute k)" ]
    gzip -c k > k.gz
    patch_bytes k.gz 4000 "$(head -c 16 /dev/zero | xxd -p)"
    expect 3 compute k.gz
    says "k.gz: cannot be unpacked"
    expect 3 compute .
    says ".: not a file of 1 byte to 1 GiB"
}

@test "compute and check warn of what makes a right digest worthless" {
    kernel > k
    expect 0 fbc-launch compute --kernel k --memory 64 \
        --cmdline "init=/bin/sh console=hvc0"
    for w in init= panic= roothash= hvc0; do
        [[ $stderr == *"warning: --cmdline: "*"$w"* ]]
    done
    expect 0 fbc-launch compute --kernel k --memory 64 \
        --cmdline "panic=10 roothash=00" -o log
    [ -z "$stderr" ]
    expect 0 fbc-launch check --kernel k --cmdline "panic=10 roothash=00" log
    [ -z "$stderr" ]
    expect 0 fbc-launch show log
    [[ $output == *"cmdline: panic=10 roothash=00"* ]]
}

# A log of dom0's making, in which all fits: of a PV guest with PAGES pages, or
# of a PVH guest with a memory map of these pieces of RAM, or of none.
forged() # pv PAGES | pvh BYTES...
{
    python3 - "$@" <<'PY'
import hashlib, struct, sys
pv, sizes = sys.argv[1] == "pv", [int(i) for i in sys.argv[2:]]
e820 = [(i << 40, n, 1) for i, n in enumerate([1 << 30] if pv else sizes)]
e820 = e820 or [(0, 1 << 30, 2)]
def entry(kind, count, first, bitmap=0, digest=bytes(32)):
    return struct.pack("<HHIQQ", kind, 0, count, first, bitmap) + digest
def sha(data):
    return hashlib.sha256(data).digest()
cpu, start = bytes(40), b"other" + bytes(4091)
e820 = b"".join(struct.pack("<QQI", *i) for i in e820)
log = [entry(1, 1, 0, 0, sha(cpu)), entry(2, len(e820) // 20, 0, 0, sha(e820)),
       entry(3, 1, 2, 0, sha(start))] + [entry(5, 1, 5)] * pv + [
       entry(6, 1, 3), entry(6, 1, 4), entry(4, 64, 0, 65472, b"o" * 32)]
log += [] if pv else [entry(7, 262144, 0)]
sys.stdout.buffer.write(struct.pack(
    "<4sHHIIQQ", b"FBL1", 1, 1 if pv else 2, 0, len(log),
    sizes[0] if pv else 262144, 0) + b"".join(log) + cpu + e820 + start)
PY
}

@test "a log that tells of no memory is of no guest that could be meant" {
    kernel virt_base=0 entry=0x1000000 > k
    for of in "pv 255" pvh "pvh 1000" "pvh 1073741824 18446744072635809792"; do
        # shellcheck disable=SC2086
        forged $of > log
        fbc-launch show log
        expect 1 fbc-launch check -q -k k -c "root=a quiet" log
        [ "$output" = "memory: none, or more than there can be" ]
        expect 1 fbc-launch check -k k -c "root=a quiet" -j log
        jq -e '.ok == false and .state == "measured"' <<< "$output"
    done
    # Nor if it is said how much there is.
    expect 1 fbc-launch check -q -t pv -k k -c "root=a quiet" -m 64 log
}
