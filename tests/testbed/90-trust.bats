#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# Measured boot on real firmware (OVMF) and a TPM (swtpm): who gets the
# hypervisor's key, and what a verifier accepts.  The tests are one story, and
# each goes on where the one before it ended.
bats_require_minimum_version 1.5.0
load common

# shellcheck disable=SC2154 # common.bash sets these

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return 1
    tb down >/dev/null 2>&1 || true
    tb efi-config >xen.cfg
    "$top/scripts/fbc-mkimage" -c xen.cfg -x "$top/build/xen/patched/xen.efi" \
        -o golden.efi
}

setup() {
    cd "$BATS_FILE_TMPDIR" || return 1
    attest="$bin/fbc-attest"
}

teardown_file() {
    tb down
    cp -f "$BATS_FILE_TMPDIR"/*.log "$top/build/check/" 2>/dev/null || true
}

# Off, and on again with this image; AK and chain are where the host keeps them.
power() # crb|tis IMAGE [testbed up's options]
{
    local kind=$1 image=$2
    shift 2
    # Without it the TPM's clock is not safe after the next start.
    dom0 tpm2_shutdown -Q -c 2>/dev/null || true
    tb down
    tb up --also --smp 1 --measured "$kind" --hardware "hw/$kind" --image "$image" \
        --no-guest "$@" 2>&1 | tee up.log
    tb log >"90-$kind-${image%.efi}.log"
    tb copy "hw/$kind/chain.pem" /root/
    dom0 mkdir -p /var/lib/fbcrypt
    [ ! -e "ak.$kind" ] || tb copy "ak.$kind" /var/lib/fbcrypt/ak
}

hv_says() { tb log | grep -a "fbcrypt: " | tr -d '\r'; }

# What the firmware of that machine keeps.
stored() # VARIABLE
{
    "$top/scripts/testbed.d/efivar" hw/smm/vars.fd "$1"
}

key_flags() { # attested sealed
    [ "$(dom0 'fbc-status --json --vmm-key' | jq -r "$1" 2>/dev/null)" = true ]
}

enrol() # crb|tis: leaves KIND.host, ak.KIND
{
    dom0 "fbc-status --vmm-key |
        fbc-attest enroll -k - -c /root/chain.pem" >"$1.request" &&
    rm -f "$1.pending" &&
    "$attest" enroll --challenge "$1.request" -r "hw/$1/root.pem" \
        -p "$1.pending" >"$1.challenge" &&
    dom0 fbc-attest enroll --activate - <"$1.challenge" >"$1.response" &&
    "$attest" enroll --accept "$1.response" -p "$1.pending" --name "$1" \
        >"$1.host" &&
    tb fetch /var/lib/fbcrypt/ak "ak.$1"
}

quote() # NONCE [KEY-FILE-IN-DOM0]: evidence on stdout
{
    dom0 "{ ${2:+cat $2 #} fbc-status --vmm-key
          } | fbc-attest quote -k - -c /root/chain.pem -n $1"
}

verify() # NONCE EVIDENCE [HOST]
{
    "$attest" verify -n "$1" -H "${3:-crb}.host" -g golden \
        -r "hw/${3:-crb}/root.pem" "$2"
}

refused() # REASON NONCE EVIDENCE [HOST [OPTION]...]
{
    local reason=$1 status=0
    shift
    "$attest" verify -j -n "$1" -H "${3:-crb}.host" -g golden \
        -r "hw/${3:-crb}/root.pem" "${@:4}" "$2" >verdict || status=$?
    [ $status -eq 1 ] || { cat verdict; return 1; }
    jq -e --arg r "$reason" '.ok == false and .reason == $r' verdict \
        >/dev/null || { cat verdict; return 1; }
}

# All that dom0 can try to get at the index.
no_reading() {
    local out
    out=$(dom0 'exec 2>&1
        tpm2_startauthsession -Q --policy-session -S /tmp/s &&
        tpm2_policypcr -Q -S /tmp/s -l sha256:0,2,4,7,12 &&
        tpm2_nvread 0x01500021 -P session:/tmp/s -s 32 -o /tmp/k
        tpm2_flushcontext -Q /tmp/s
        tpm2_nvread 0x01500021 -C o -P owner -s 32 -o /tmp/k
        tpm2_nvread 0x01500021 -s 32 -o /tmp/k
        [ ! -s /tmp/k ] && echo nothing')
    echo "$out"
    [ "$(tail -n 1 <<<"$out")" = nothing ]
}

@test "a machine without an index: a per-boot key, bound into PCR 12; PCR 4 is the computed one" {
    power crb golden.efi
    hv_says
    hv_says | grep -q 'armed, per-boot key (attested)'
    # This firmware will not; where it will, nothing is said.
    hv_says | grep -q 'memory outlives a reset: .* will not overwrite it$'
    dom0 'fbc-status --json --vmm-key' | jq -e '.vmm.overwrites == false'
    ms=$(hv_says | sed -n 's/.*TPM (CRB) took \([0-9]*\) ms/\1/p')
    [ "$ms" -lt $((1000 * FBC_PATIENCE)) ]

    dom0 'tpm2_pcrread -Q -o /tmp/fw sha256:0,2,7; cat /tmp/fw' >firmware.bin
    "$attest" golden --image golden.efi --firmware firmware.bin \
        --name golden --provenance testbed >golden
    dom0 'tpm2_pcrread sha256:4' | tr A-F a-f |
        grep -q "$(sed -n 's/^pcr4: //p' golden)"

    enrol crb
    nonce=$("$attest" nonce)
    quote "$nonce" >evidence.perboot
    dom0 fbc-status --vmm-key | grep -v '^#' >perboot.pub
    verify "$nonce" evidence.perboot | grep -qxFf perboot.pub
    # The verifier learns it from the TPM, too.
    refused memory-outlives "$nonce" evidence.perboot crb --require-overwrite
    jq -e '.overwrites == false' verdict
}

@test "provisioned: the hypervisor makes its key, and a verified picture follows" {
    tb copy golden /root/
    dom0 'umask 077; echo owner > /run/owner; echo lockout > /run/lockout
        fbc-attest provision -g /root/golden --owner-auth /run/owner \
            --lockout-auth /run/lockout'
    dom0 'fbc-attest provision --check -g /root/golden' | grep unwritten

    power crb golden.efi
    hv_says
    hv_says | grep -q 'armed, new sealed key (attested)'
    tb copy golden /root/
    dom0 'fbc-attest provision --check -g /root/golden' | grep sealed
    dom0 fbc-status --vmm-key >sealed.pub

    enrol crb
    nonce=$("$attest" nonce)
    quote "$nonce" >evidence
    echo "$nonce" >nonce
    verify "$nonce" evidence >vmm.pub
    owner_guest u1
    key_guest u1
    [ "$(status_of u1 state)" = sealed ]
    settled_dump u1 u1.session frames
    "$bin/fbc-decrypt-frames" -q -k u1.session --png png <frames
    mkdir -p "$top/build/check/trust"
    cp png/*.png "$top/build/check/trust/"
}

@test "dom0 cannot read the index, nor reset PCR 12, nor extend it unseen" {
    no_reading
    run ! dom0 tpm2_pcrreset 12
    run ! dom0 tpm2_pcrreset 4
    nonce=$("$attest" nonce)
    quote "$nonce" >e
    verify "$nonce" e

    dom0 'echo x > /tmp/x; tpm2_pcrevent -Q 12 /tmp/x'
    nonce=$("$attest" nonce)
    quote "$nonce" >e
    refused pcr12 "$nonce" e
    no_reading
}

@test "evidence: replayed, cut, with any value changed, by another AK: refused" {
    refused nonce "$("$attest" nonce)" evidence
    nonce=$(cat nonce)
    verify "$nonce" evidence
    for n in 1 2 100 1000 "$(($(stat -c %s evidence) - 1))"; do
        head -c "$n" evidence >e
        run -3 verify "$nonce" e
        [[ $output == *evidence-format* ]]
    done
    # Every line but the comment and the title: a value of the right form.
    awk '/^[a-z0-9-]+: / { print NR }' evidence >lines
    [ "$(wc -l <lines)" -ge 10 ]
    while read -r n; do
        python3 - "$n" evidence >e <<'PY'
import sys
lines = open(sys.argv[2]).read().split("\n")
name, value = lines[int(sys.argv[1]) - 1].split(": ")
at = len(value) // 2
value = value[:at] + ("b" if value[at] != "b" else "a") + value[at + 1:]
lines[int(sys.argv[1]) - 1] = name + ": " + value
print("\n".join(lines), end="")
PY
        run ! cmp -s evidence e
        run verify "$nonce" e
        [ "$status" -eq 1 ] || [ "$status" -eq 3 ]
    done <lines
    # The TPM makes another AK for whoever asks.
    dom0 'mv /var/lib/fbcrypt/ak /tmp/; fbc-status --vmm-key |
        fbc-attest enroll -k - -c /root/chain.pem > /dev/null'
    quote "$nonce" >e
    refused host-ak "$nonce" e
}

@test "another kernel and another initial file system of dom0: the same sealed key" {
    mkdir -p esp/EFI/BOOT extra
    date >extra/another
    { cat "$top/build/images/dom0.cpio"
      (cd extra && echo another | cpio --quiet -o -H newc -R 0:0)
    } >esp/EFI/BOOT/dom0.cpio
    { cat "$top/build/images/vmlinux"; echo another; } >esp/EFI/BOOT/vmlinux
    power crb golden.efi --esp esp
    dom0 '[ -s /another ]'
    hv_says
    hv_says | grep -q 'armed, sealed key (attested)'
    dom0 fbc-status --vmm-key | cmp - sealed.pub
    nonce=$("$attest" nonce)
    quote "$nonce" >e
    verify "$nonce" e | grep -qxF "$(grep -v '^#' sealed.pub)"
    no_reading
    # One that is older than what was accepted.
    cp crb.host updated.host
    verify "$nonce" e updated >/dev/null 2>&1 || true
    "$attest" verify -u -n "$nonce" -H updated.host -g golden \
        -r hw/crb/root.pem e >/dev/null
    run -1 "$attest" verify -n "$(cat nonce)" -H updated.host -g golden \
        -r hw/crb/root.pem evidence
}

@test "a kernel of dom0's that has the hypervisor's memory copied to it is not started" {
    mkdir -p bad/EFI/BOOT
    # The first loadable segment begins somewhere far before the file.
    python3 - "$top/build/images/vmlinux" bad/EFI/BOOT/vmlinux <<'PY'
import struct
import sys
elf = bytearray(open(sys.argv[1], "rb").read())
at, = struct.unpack_from("<Q", elf, 32)
while struct.unpack_from("<I", elf, at)[0] != 1:
    at += 56
struct.pack_into("<Q", elf, at + 8, 0xffffffff00000000)
open(sys.argv[2], "wb").write(elf)
PY
    run power crb golden.efi --esp bad
    tb log | tr -d '\r' | tail -n 20
    tb log | grep -a 'Panic on CPU'
    tb log | grep -a 'Could not construct domain 0'
    # No key has been near it.
    run ! grep -a 'fbcrypt: armed' <(tb log)
    run ! grep -aE 'FATAL|PAGE FAULT' <(tb log)

    # Nor one whose P2M table would be in the linear map, among page tables.
    python3 - "$top/build/images/vmlinux" bad/EFI/BOOT/vmlinux <<'PY'
import struct
import sys
elf = bytearray(open(sys.argv[1], "rb").read())
at = elf.index(struct.pack("<III4s", 4, 8, 15, b"Xen")) + 16
struct.pack_into("<Q", elf, at, 0xffff810000000000)
open(sys.argv[2], "wb").write(elf)
PY
    run power crb golden.efi --esp bad
    tb log | grep -a "dom0's image or its P2M table lies where"
    tb log | grep -a 'Could not construct domain 0'
    run ! grep -aE 'fbcrypt: armed|FATAL|PAGE FAULT' <(tb log)

    # Nor one that is to be decompressed.
    cp "$top"/build/images/root/boot/vmlinuz-* bad/EFI/BOOT/vmlinux
    run power crb golden.efi --esp bad
    tb log | grep -a "kernel was not measured: it must not be compressed"
    tb log | grep -a 'Panic on CPU'
}

@test "one word more in the command line: no sealed key, no attested one" {
    tb efi-config --xen-args conring_size=64k >word.cfg
    "$top/scripts/fbc-mkimage" -c word.cfg \
        -x "$top/build/xen/patched/xen.efi" -o word.efi
    power crb word.efi
    hv_says
    hv_says | grep -q 'NV index: the NV index has another policy'
    hv_says | grep -q 'armed, per-boot key (unattested)'
    nonce=$("$attest" nonce)
    quote "$nonce" >e
    refused pcr4 "$nonce" e
    no_reading
}

@test "memory outlives a reset, and the command line does not accept it: no key is sealed" {
    tb efi-config | sed 's/ fbcrypt=no-overwrite//' >outlives.cfg
    "$top/scripts/fbc-mkimage" -c outlives.cfg \
        -x "$top/build/xen/patched/xen.efi" -o outlives.efi
    power crb outlives.efi
    hv_says
    hv_says | grep -q 'will not overwrite it; no key is sealed'
    # The index, of another policy besides, was not looked at.
    hv_says | grep -q 'armed, per-boot key (attested)'
    run ! key_flags .vmm.sealed
    no_reading
}

@test "firmware that overwrites memory at a reset is asked to, and nobody takes that back" {
    power crb outlives.efi --smm --hardware hw/smm
    hv_says
    hv_says | grep -q 'armed, per-boot key (attested)'
    run ! grep -a 'outlives a reset' <(tb log)
    key_flags .vmm.overwrites
    dom0 'tpm2_pcrread -Q -o /tmp/fw sha256:0,2,7; cat /tmp/fw' >smm.bin
    "$attest" golden --image outlives.efi --firmware smm.bin --name smm \
        --provenance testbed >smm.golden
    dom0 rm /var/lib/fbcrypt/ak
    enrol smm
    nonce=$("$attest" nonce)
    quote "$nonce" >e
    "$attest" verify -n "$nonce" -H smm.host -g smm.golden \
        -r hw/smm/root.pem --require-overwrite e
    tb down
    request=MemoryOverwriteRequestControl
    [ "$(stored "$request")" = 11 ]
    [ "$(stored "${request}Lock")" = 01 ]
}

@test "another hypervisor, which leaves dom0 the TPM: the key stays sealed, a forged one is refused" {
    sed 's/ efi=no-rs//; s/fbcrypt=[^ ]* //g' xen.cfg >stock.cfg
    "$top/scripts/fbc-mkimage" --force -c stock.cfg \
        -x "$top/build/images/root/boot/xen-4.17-amd64.efi" -o stock.efi
    power crb stock.efi
    no_reading
    # dom0 extends PCR 12 as ours would have.
    grep -v '^#' sealed.pub | cut -d: -f2 | base64 -d | head -c 32 >raw
    tb copy raw sealed.pub /root/
    dom0 'tpm2_pcrread sha256:12' | grep -q '12: 0x0\{64\}'
    dom0 'tpm2_pcrevent -Q 12 /root/raw'
    nonce=$("$attest" nonce)
    quote "$nonce" /root/sealed.pub >e
    refused pcr4 "$nonce" e

    # And leaves the firmware load options for our image.
    dom0 'insmod /lib/modules/efivarfs.ko
        mount -t efivarfs efivarfs /sys/firmware/efi/efivars
        ls /sys/firmware/efi/efivars'
    python3 "$BATS_TEST_DIRNAME/bootoption.py" 'x -- evil=LOADOPTIONS' \
        >option
    tb copy option /root/
    dom0 'cd /sys/firmware/efi/efivars
        g=8be4df61-93ca-11d2-aa0d-00e098032b8c
        cat /root/option > Boot0009-$g
        printf "\007\000\000\000\011\000" > BootNext-$g'
}

@test "load options of dom0's choice count for nothing" {
    power crb golden.efi
    hv_says
    tb log | grep -a 'evil=LOADOPTIONS' && false
    dom0 'xl info | grep xen_commandline' | grep -v evil
    hv_says | grep -q 'armed, sealed key (attested)'
    dom0 fbc-status --vmm-key | cmp - sealed.pub
    nonce=$("$attest" nonce)
    quote "$nonce" >e
    verify "$nonce" e
}

@test "an index that dom0 has redefined is not used" {
    policy=$(sed -n 's/^policy: //p' golden)
    echo "$policy" | xxd -r -p >policy
    tb copy policy /root/
    dom0 'tpm2_nvundefine -Q -C o -P owner 0x01500021
        tpm2_nvdefine -Q 0x01500021 -C o -P owner -s 32 -L /root/policy \
        -a "policywrite|policyread|ownerread|read_stclear|write_stclear|no_da"'
    power crb golden.efi
    hv_says
    hv_says | grep -q 'the NV index is of another kind'
    hv_says | grep -q 'armed, per-boot key (unattested)'
    # Nothing was written to it.
    no_reading
    nonce=$("$attest" nonce)
    quote "$nonce" >e
    refused pcr12 "$nonce" e
}

@test "the other interface: the same key in two boots, and not the first host" {
    power tis golden.efi
    tb copy golden /root/
    dom0 'umask 077; echo owner > /run/owner; echo lockout > /run/lockout
        fbc-attest provision -g /root/golden --owner-auth /run/owner \
            --lockout-auth /run/lockout'
    power tis golden.efi
    hv_says
    hv_says | grep -q 'armed, new sealed key (attested)'
    ms=$(hv_says | sed -n 's/.*TPM (TIS) took \([0-9]*\) ms/\1/p')
    [ "$ms" -lt $((1000 * FBC_PATIENCE)) ]
    enrol tis
    dom0 fbc-status --vmm-key >tis.pub
    run ! cmp tis.pub sealed.pub

    power tis golden.efi
    hv_says | grep -q 'armed, sealed key (attested)'
    dom0 fbc-status --vmm-key | cmp - tis.pub
    nonce=$("$attest" nonce)
    quote "$nonce" >e
    verify "$nonce" e tis
    refused host-ek "$nonce" e crb
    no_reading
}
