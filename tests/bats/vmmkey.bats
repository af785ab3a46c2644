#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# The hypervisor's part at boot (src/core/vmmkey.c) with a real TPM's code, and
# dom0 before and after it.  dom0 knows the owner's authorization value here.
# shellcheck disable=SC2119,SC2120 # verify
# shellcheck disable=SC2030,SC2031,SC2094,SC2154,SC2317 # bats, helper.bash
load helper
load swtpm
load attest

index=0x01500021
attributes='policywrite|policyread|read_stclear|write_stclear|no_da'
pcrs=sha256:0,2,4,7,12

# The first host's TPM, provisioned, is in $base/a, off.
setup_file()
{
    export base=$BATS_FILE_TMPDIR
    fixture hosts make_hosts
    export firmware_pcrs
    firmware_digests
}

teardown_file() { :; }

# Each test has a TPM of its own, $tpm, that has just been provisioned.
stage()
{
    tpm=$BATS_TEST_TMPDIR/tpm
    mkdir "$tpm"
    cp -a "$base/a/state" "$tpm/"
    cp "$base/golden" .
    image=$(field image golden)
    policy=$(field policy golden)
    start_tpm "$tpm"
    use_tpm "$tpm"
}

teardown()
{
    stop_tpm "$BATS_TEST_TMPDIR/tpm"
}

# Reset and firmware, then the hypervisor; what it says is in key.
power_on() # [OPTION]...
{
    boot "$tpm" "$image" && hypervisor "$@"
}

hypervisor()
{
    bootkey "$@" "$tpm/s" > key
}

# The same, but the TPM's state is saved before: a restart, not a reset.
restart()
{
    (
        tpm2_shutdown() { command tpm2_shutdown; }
        power_on
    )
}

# is NAME=VALUE...
is()
{
    local pair
    for pair; do
        [ "$(field "${pair%%=*}" key)" = "${pair#*=}" ] || {
            echo "not $pair:"
            cat key
            return 1
        }
    done
}

sealed() { is mode=sealed attested=yes exposed=no "err=0 success"; }

# unattested ERROR STEP
unattested()
{
    is mode=per-boot attested=no exposed=no created=no "step=$2"
    [[ $(field err key) == "$1 "* ]]
}

pcr12() # [BANK]
{
    tpm2_pcrread "${1-sha256}:12" | sed -n 's/^ *12: 0x//p'
}

# What PCR 12 is after one event.
event_of() # FILE
{
    { head -c 32 /dev/zero; sha256sum "$1" | cut -d' ' -f1 | xxd -r -p; } |
        sha256sum | cut -d' ' -f1 | tr a-f A-F
}

bound() # [TEXT]
{
    { field public key | xxd -r -p; printf %s "${1-}"; } > public
    [ "$(pcr12)" = "$(event_of public)" ]
}

# By the same event: memory is not overwritten at a reset.
outlives() { bound "memory outlives a reset"; }

# tpm2_nvread and the like in a session with the policy of these PCRs.
with_policy() # COMMAND...
{
    tpm2_startauthsession -Q --policy-session -S session
    tpm2_policypcr -Q -S session -l $pcrs
    local status=0
    "$@" -P session:session || status=$?
    tpm2_flushcontext -Q session
    return $status
}

# dom0 tries what it can; nothing of it may work.
dom0_is_shut_out()
{
    head -c 32 /dev/zero > zero
    expect 1 with_policy tpm2_nvread $index
    [[ $stderr == *"(0x99D)"* ]]
    expect 1 with_policy tpm2_nvwrite $index -i zero
    [[ $stderr == *"(0x99D)"* ]]
    expect 1 tpm2_nvread $index -C o -P owner-pass
    expect 1 tpm2_nvread $index
    expect 1 tpm2_pcrreset 12
    [ -z "$(tpm2_getcap handles-loaded-session)" ]
}

redefine() # ATTRIBUTES POLICY [ARGUMENT]...
{
    printf %s "$2" | xxd -r -p > policy
    tpm2_nvundefine -Q $index -C o -P owner-pass 2> /dev/null || true
    tpm2_nvdefine -Q $index -C o -P owner-pass -s 32 -L policy -a "$1" \
        "${@:3}"
}

@test "the key is made on the first boot, and is the same after every reset" {
    stage
    power_on
    sealed
    is created=yes commands=24
    bound
    dom0_is_shut_out
    [ "$(fbc-attest provision --check --golden golden)" = sealed ]
    secret=$(field secret key)

    power_on
    sealed
    is created=no commands=17 "secret=$secret"
    bound
    dom0_is_shut_out

    restart
    sealed
    is created=no "secret=$secret"
    bound
    dom0_is_shut_out
    # The power was cut.
    swtpm_ioctl --unix "$tpm/s.ctrl" -i
    tpm2_startup -c
    power_on
    sealed
    is created=no "secret=$secret"
    dom0_is_shut_out
}

@test "a verifier accepts the quote, and only with this key" {
    stage
    power_on
    cp "$base/ca/root.pem" "$base/ca/issuer.pem" .
    key_line fbc-vmm-public-1 "$(field public key)" > vmm.pub
    fbc-attest enroll --vmm-key vmm.pub --ak ak --chain issuer.pem > request
    fbc-attest enroll --challenge request --roots root.pem \
        --pending pending > challenge
    fbc-attest enroll --activate challenge --ak ak > response
    fbc-attest enroll --accept response --pending pending --name a > host
    power_on
    key_line fbc-vmm-public-1 "$(field public key)" | cmp - vmm.pub
    fbc-attest nonce > nonce
    verify()
    {
        fbc-attest quote --nonce "$(cat nonce)" --vmm-key vmm.pub --ak ak \
            --chain issuer.pem > evidence
        fbc-attest verify --nonce "$(cat nonce)" --host host \
            --golden golden --roots root.pem "$@" evidence
    }
    verify
    expect 0 verify --require-overwrite
    [ -z "$stderr" ]
    # Neither the key nor the golden values tell, but PCR 12 does.
    power_on -m -s
    expect 0 verify
    [[ $stderr == *"warning: a: its memory outlives a reset" ]]
    expect 1 verify --require-overwrite
    says ": memory-outlives: "
    power_on
    # dom0 adds a key of its own, or the TPM gave no answer in time.
    bind_key "$(printf '5c%.0s' {1..32})"
    expect 1 verify
    power_on -l 16
    unattested 30 PCR_Event
    expect 1 verify
}

@test "memory outlives a reset: nothing is sealed unless accepted; told" {
    stage
    power_on
    sealed
    secret=$(field secret key)
    power_on -m
    is mode=per-boot attested=yes exposed=no commands=4
    is "err=39 memory outlives a reset"
    outlives
    run ! bound
    [ "$(field secret key)" != "$secret" ]
    dom0_is_shut_out
    power_on -m -s
    sealed
    is created=no commands=17 "secret=$secret"
    outlives
    dom0_is_shut_out
    # Where it is overwritten, that option changes nothing.
    power_on -s
    sealed
    is "secret=$secret"
    bound
}

@test "no index: a key of this boot, attested" {
    stage
    tpm2_nvundefine -Q $index -C o -P owner-pass
    power_on
    is mode=per-boot attested=yes created=no exposed=no commands=5
    is "err=35 the NV index is not defined"
    bound
    secret=$(field secret key)
    power_on
    is mode=per-boot attested=yes
    [ "$(field secret key)" != "$secret" ]
    bound
}

@test "dom0 has cleared the TPM, or disabled the owner's hierarchy" {
    stage
    power_on
    sealed
    secret=$(field secret key)
    tpm2_hierarchycontrol -Q -C p shEnable clear
    power_on
    sealed
    is "secret=$secret"
    tpm2_clear -Q -c l lockout-pass
    power_on
    is mode=per-boot attested=yes exposed=no
    bound
    [ "$(field secret key)" != "$secret" ]
}

@test "dom0 has redefined the index so that it can read or write it" {
    stage
    power_on
    before=$(field public key)
    head -c 32 /dev/zero > mine
    for more in ownerread ownerwrite authread authwrite ppread \
        'ownerread|ownerwrite' writeall writedefine globallock; do
        redefine "$attributes|$more" "$policy"
        case $more in *ownerwrite*)
            tpm2_nvwrite -Q $index -C o -P owner-pass -i mine ;;
        esac
        power_on
        unattested 36 "NV index"
        [ "$(pcr12)" = "$(event_of <(printf 'fbcrypt: unattested'))" ]
    done
    # Less than there should be; or the platform's, which has no value here.
    for less in no_da read_stclear write_stclear; do
        redefine "${attributes/|$less/}" "$policy"
        power_on
        unattested 36 "NV index"
    done
    tpm2_nvundefine -Q $index -C o -P owner-pass
    tpm2_nvdefine -Q $index -C p -s 32 -L policy \
        -a "$attributes|platformcreate"
    power_on
    unattested 36 "NV index"
    tpm2_nvundefine -Q $index -C p
    # As it was: a new key, not the old one.
    redefine "$attributes" "$policy"
    power_on
    sealed
    is created=yes
    [ "$(field public key)" != "$before" ]
}

@test "dom0 has redefined the index with another size, hash or policy" {
    stage
    for size in 1 31 33 64; do
        redefine "$attributes" "$policy" -s $size
        power_on
        unattested 36 "NV index"
    done
    redefine "$attributes" "$policy${policy:0:32}" -g sha384
    power_on
    unattested 36 "NV index"

    # The policy of now, when PCR 12 is extended: dom0 writes its own key.
    tpm2_createpolicy -Q --policy-pcr -l $pcrs -L mine
    redefine "$attributes" "$(xxd -p -c99 mine)"
    head -c 32 /dev/zero > key-of-dom0
    with_policy tpm2_nvwrite $index -i key-of-dom0
    power_on
    unattested 37 "NV index"
    # The right one or its own.
    printf %s "$policy" | xxd -r -p > right
    tpm2_startauthsession -Q -S trial
    tpm2_policyor -Q -S trial -L either sha256:right,mine
    tpm2_flushcontext -Q trial
    redefine "$attributes" "$(xxd -p -c99 either)"
    power_on
    unattested 37 "NV index"
    # For another image; for fewer PCRs.
    boot "$tpm" "$(printf evil | digest)"
    tpm2_createpolicy -Q --policy-pcr -l $pcrs -L evil
    redefine "$attributes" "$(xxd -p -c99 evil)"
    power_on
    unattested 37 "NV index"
    boot "$tpm" "$image"
    tpm2_createpolicy -Q --policy-pcr -l sha256:4,12 -L fewer
    redefine "$attributes" "$(xxd -p -c99 fewer)"
    power_on
    unattested 37 "NV index"
}

@test "another image, or PCR 12 already extended: nothing, and it is shut" {
    stage
    power_on
    boot "$tpm" "$(printf evil | digest)"
    hypervisor
    unattested 37 "NV index"
    dom0_is_shut_out
    # By the key of dom0's choice, as the hypervisor would have done it.
    boot "$tpm" "$image" "$(printf '5c%.0s' {1..32})"
    before=$(pcr12)
    hypervisor
    unattested 33 PCR_Read
    [ "$(pcr12)" != "$before" ]
    dom0_is_shut_out
    # A hypervisor that protects nothing.
    power_on -c
    is mode=per-boot attested=no exposed=no "err=0 success" commands=2
    [ "$(pcr12)" = "$(event_of <(printf 'fbcrypt: unattested'))" ]
    dom0_is_shut_out
    # A second start without a reset; a resume in place of one.
    power_on
    sealed
    hypervisor
    unattested 33 PCR_Read
    power_on
    tpm2_shutdown
    swtpm_ioctl --unix "$tpm/s.ctrl" -i
    tpm2_startup
    hypervisor
    unattested 33 PCR_Read
    dom0_is_shut_out
}

@test "every active bank is capped" {
    stage
    tpm2_pcrallocate -Q sha1:all+sha256:all+sha384:all+sha512:none
    for i in 1 2; do
        power_on
        sealed
        bound
        for bank in sha1 sha384; do
            [[ $(pcr12 $bank) == *[1-9A-F]* ]]
        done
        dom0_is_shut_out
    done
}

@test "without the SHA-256 bank nothing is attested and dom0 is kept away" {
    stage
    power_on
    tpm2_pcrallocate -Q sha1:all+sha256:none
    tpm2_shutdown -c
    reset_tpm "$tpm"
    hypervisor
    is mode=per-boot attested=no exposed=yes "err=31 the TPM's answer is \
malformed"
}

@test "dom0 has used up the sessions and saved the TPM's state" {
    stage
    power_on
    for ((i = 0; i < 64; i++)); do
        tpm2_startauthsession -Q --policy-session -S s$i
    done
    expect 1 tpm2_startauthsession -Q --policy-session -S one-more
    restart
    unattested 32 StartAuthSession
    is rc=0x905
    tpm2_flushcontext -s
    dom0_is_shut_out
    power_on
    sealed
}

@test "answers that are lost, commands that never arrive" {
    stage
    power_on
    for n in 10 13 14 15 16; do
        for how in -d -l; do
            power_on $how $n
            is mode=per-boot attested=no exposed=no
            [[ $(field err key) == "30 "* ]]
            expect 1 with_policy tpm2_nvread $index
        done
    done
    power_on
    sealed
}
