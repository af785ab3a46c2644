#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# Setting hosts up for attestation: provisioning, enrolment, the TPM.
# shellcheck disable=SC2030,SC2031,SC2154 # helper.bash and bats set these
load helper
load swtpm
load attest

teardown()
{
    [ -z "${evil-}" ] || kill $evil 2> /dev/null || true
    kill -CONT "$(cat "$base/a/pid")"
    stop_tpm "$BATS_TEST_TMPDIR/case/c"
}

@test "the TPM agrees on the policy; after the hypervisor's event it is shut" {
    stage
    boot "$base/a" "$(field image golden)"
    read_index()
    {
        tpm2_startauthsession -Q --policy-session -S session
        tpm2_policypcr -Q -S session -l sha256:0,2,4,7,12
        "$@" -P session:session
    }
    # As the hypervisor does on its first boot with this index.
    expect 1 read_index tpm2_nvread 0x01500021
    [[ $stderr == *"(0x14A)"* ]]
    tpm2_flushcontext -Q session
    head -c 32 /dev/zero > secret
    read_index tpm2_nvwrite 0x01500021 -i secret
    tpm2_flushcontext -Q session
    [ "$(fbc-attest provision --check --golden golden)" = sealed ]
    read_index tpm2_nvread 0x01500021 | cmp - secret
    tpm2_flushcontext -Q session
    bind_key "$key"
    expect 1 read_index tpm2_nvread 0x01500021
    [[ $stderr == *"(0x99D)"* ]]
    tpm2_flushcontext -Q session
    # Another image never gets there.
    boot "$base/a" "$(printf evil | digest)"
    expect 1 read_index tpm2_nvread 0x01500021
    [[ $stderr == *"(0x99D)"* ]]
    tpm2_flushcontext -Q session
    boot "$base/a" "$(field image golden)" "$key"
}

@test "provision: index, policy and authorization values; idempotent" {
    stage
    use_tpm "$base/b"
    expect 1 fbc-attest provision --check --golden golden
    says "0x01500021 is absent"
    expect 1 fbc-attest provision --check --json --golden golden
    jq -e '.ok == false and .state == "absent" and .owner_auth == false' \
        <<< "$output"
    provision() { fbc-attest provision --golden golden --owner-auth \
        owner.auth --lockout-auth lockout.auth "$@"; }
    provision --json | jq -e '.ok and .state == "unwritten" and .owner_auth
        and .lockout_auth'
    provision
    [ "$(fbc-attest provision --check --golden golden)" = unwritten ]
    tpm2_nvreadpublic 0x01500021 > public
    attributes="policywrite policyread read_stclear write_stclear no_da"
    [ "$(sed -n 's/.*friendly: pol/pol/p' public | tr '|' '\n' | sort)" = \
        "$(tr ' ' '\n' <<< "$attributes" | sort)" ]
    grep -F "value: 0x82084008" public
    grep -iF "authorization policy: $(field policy golden)" public
    # Without the owner's value nobody redefines it.
    expect 1 tpm2_nvundefine -Q 0x01500021 -C o
    echo wrong > wrong.auth
    chmod 600 wrong.auth
    expect 4 fbc-attest provision --golden golden --owner-auth wrong.auth \
        --lockout-auth lockout.auth --replace
    says "TPM2_NV_UndefineSpace: "
    [[ $stderr == *"hint: wrong authorization value"* ]]
    expect 3 tpm2_clear -Q
}

@test "provision: an index for another image is replaced on demand only" {
    stage
    use_tpm "$base/b"
    efi "options=console=com2" > changed.efi
    fbc-attest golden --image changed.efi --firmware golden --name xen-2 \
        --provenance x > golden-2
    provision() { fbc-attest provision --golden "$1" --owner-auth \
        owner.auth --lockout-auth lockout.auth "${@:2}"; }
    provision golden --index 0x01500022
    expect 1 provision golden-2 --index 0x01500022
    says "0x01500022 exists"
    expect 1 fbc-attest provision --check --golden golden-2 \
        --index 0x01500022
    says "is foreign"
    provision golden-2 --index 0x01500022 --replace
    [ "$(fbc-attest provision --check --golden golden-2 \
        --index 0x01500022)" = unwritten ]
    for i in 0x00500021 0x02000000 0x 1 21m; do
        expect 2 provision golden --index $i
    done
    printf 'a b\n' > bad.auth
    expect 3 fbc-attest provision --golden golden --owner-auth bad.auth \
        --lockout-auth lockout.auth --replace
    says "bad.auth: authorization value is open to others (mode 0644)"
    chmod 600 bad.auth
    expect 3 fbc-attest provision --golden golden --owner-auth bad.auth \
        --lockout-auth lockout.auth --replace
    says "bad.auth: is not 1 to 32"
}

@test "enroll: a TPM without a persistent EK, certificates from files" {
    stage
    use_tpm "$base/b"
    tpm2_evictcontrol -Q -C o -c 0x81010001 -P owner-pass ||
        tpm2_evictcontrol -Q -C o -c 0x81010001
    openssl x509 -in <(field ek-certificate b.request | base64 -d) \
        -inform der -out ek.pem
    fbc-attest enroll --vmm-key vmm.pub --ak b.ak --chain issuer.pem \
        --ek-cert ek.pem > request
    cmp request b.request
    fbc-attest enroll --activate b.challenge --ak b.ak | cmp - b.response
    [ -z "$(tpm2_getcap handles-transient)" ]
    [ -z "$(tpm2_getcap handles-loaded-session)" ]
}

# Five certificates between the EK's and root five.pem, as of Intel's firmware
# TPMs: chain.pem, from the EK's issuer up.  The issuer's key is the CA's.
five_intermediates()
{
    local i issuer=five
    # shellcheck disable=SC2086 # several words
    openssl req -x509 $ec -days 9 -subj /CN=five \
        -addext basicConstraints=critical,CA:TRUE -keyout five.key \
        -out five.pem 2> /dev/null
    echo "basicConstraints=critical,CA:TRUE" > ca.ext
    for i in i1 i2 i3 i4; do
        # shellcheck disable=SC2086
        openssl req $ec -subj /CN=$i -keyout $i.key -out $i.csr 2> /dev/null
        openssl x509 -req -in $i.csr -CA $issuer.pem -CAkey $issuer.key \
            -extfile ca.ext -days 9 -set_serial 7 -out $i.pem 2> /dev/null
        issuer=$i
    done
    { cat ca.ext
      echo subjectKeyIdentifier=$(openssl x509 -in issuer.pem -noout \
          -ext subjectKeyIdentifier | tail -n 1); } > ca2.ext
    openssl x509 -x509toreq -in issuer.pem -signkey "$base/ca/signkey.pem" \
        -out i5.csr 2> /dev/null
    openssl x509 -req -in i5.csr -CA i4.pem -CAkey i4.key -extfile ca2.ext \
        -days 9 -set_serial 7 -out i5.pem 2> /dev/null
    cat i5.pem i4.pem i3.pem i2.pem i1.pem > chain.pem
}

# Bytes of standard input in an NV index, and so many of ff behind them.
put_nv() # INDEX PADDING
{
    { cat; head -c "$2" /dev/zero | tr '\0' '\377'; } > nv.bin
    tpm2_nvdefine -Q "$1" -C p -s "$(stat -c %s nv.bin)" \
        -a 'ppwrite|ppread|authread|ownerread|no_da|platformcreate'
    tpm2_nvwrite -Q "$1" -C p -i nv.bin
}

der() { openssl x509 -in "$1" -outform der; }

@test "enroll: five intermediates, from a file and from the TPM" {
    stage
    spare_tpm "$PWD/c"
    five_intermediates
    enroll_c() { fbc-attest enroll --vmm-key vmm.pub --ak c.ak "$@"; }
    challenge() { rm -f p; fbc-attest enroll --challenge "$1" \
        --roots "$2" --pending p > /dev/null; }

    enroll_c > none
    [ "$(grep -c '^ek-chain: ' none)" -eq 0 ]
    enroll_c --chain chain.pem > file
    [ "$(grep -c '^ek-chain: ' file)" -eq 5 ]
    challenge file five.pem
    # One that begins in one index and ends in the next; what is left is ff.
    { der i5.pem; der i4.pem; der i3.pem; } > low
    [ "$(der i5.pem | wc -c)" -lt 900 ]
    [ "$(cat <(der i5.pem) <(der i4.pem) | wc -c)" -gt 900 ]
    head -c 900 low | put_nv 0x01c00100 0
    tail -c +901 low | put_nv 0x01c00101 77
    { der i2.pem; der i1.pem; } | put_nv 0x01c00102 9
    enroll_c > tpm
    diff file tpm
    challenge tpm five.pem
    run challenge tpm root.pem
    [ "$status" -eq 1 ]
    # What cannot be parsed is told, and --chain is heeded in its place.
    echo no certificate | put_nv 0x01c001ff 0
    expect 4 enroll_c
    says "TPM: certificate 6 of its chain cannot be parsed"
    [[ $stderr == *"hint: give the certificates"*"--chain" ]]
    enroll_c --chain chain.pem | diff file -
    for i in 1 2 3 4 5 6 7 8 9; do cat i1.pem; done > nine
    expect 3 enroll_c --chain nine
    says "nine: certificate 9 is one too many"
}

@test "enroll: challenges, responses and requests that do not fit" {
    stage
    expect 2 fbc-attest enroll --challenge a.request --roots root.pem \
        --pending -
    says "--pending -: what holds a secret goes into a file"
    [ -z "$output" ]
    expect 3 fbc-attest enroll --vmm-key golden --ak a.ak
    sed "s/^ak-name: ..../ak-name: ffff/" a.request > bad
    expect 3 fbc-attest enroll --challenge bad --roots root.pem --pending p
    says "ak-name is not the name"
    [ ! -e p ]
    sed "s|^ek-public: .*|ek-public: $(field ek-public b.request)|" \
        a.request > bad
    expect 1 fbc-attest enroll --challenge bad --roots root.pem --pending p
    says "ek-cert-key"
    expect 3 fbc-attest enroll --challenge a.request --roots root.pem \
        --pending a.pending
    says "a.pending: exists"
    [ -z "$output" ]
    # One that cannot be handed out keeps nothing.
    echo mine > taken
    expect 3 fbc-attest enroll --challenge a.request --roots root.pem \
        --pending p -o taken
    says "taken: exists"
    [ ! -e p ]
    expect 4 sh -c 'fbc-attest enroll --challenge a.request --roots root.pem \
        --pending p > /dev/full'
    says "stdout: No space left"
    [ ! -e p ]
    chmod 640 a.pending
    expect 3 fbc-attest enroll --accept a.response --pending a.pending \
        --name x
    says "a.pending: its secret is open to others (mode 0640)"
    chmod 600 a.pending
    expect 1 fbc-attest enroll --accept b.response --pending a.pending \
        --name x
    says "another AK"
    sed "s/^secret: ......../secret: 00000000/" a.response > bad
    expect 1 fbc-attest enroll --accept bad --pending a.pending --name x
    says "wrong secret"
    expect 2 fbc-attest enroll --accept a.response --pending a.pending \
        --name "$(printf '%65s' x | tr ' ' x)"
    expect 3 fbc-attest enroll --accept a.response --pending a.pending \
        --name "$(printf 'a\nb')"
    [ "$(stat -c %a "$base/a.pending")" = 600 ]
}

@test "golden: pins, sources of firmware values, files that are none" {
    stage
    make() { fbc-attest golden --image xen.efi --name n --provenance p "$@"; }
    diff <(make --firmware firmware.bin) <(make --firmware golden)
    diff <(make --firmware firmware.bin) <(make --firmware evidence)
    make --firmware golden --vmm-key vmm.pub > pinned
    [ "$(field vmm-key pinned)" = "$key" ]
    [ "$(field pcr12 pinned)" = "$(field pcr12 evidence)" ]
    [ "$(field policy pinned)" = "$(field policy golden)" ]
    expect 3 make --firmware xen.efi
    says "is neither evidence"
    expect 3 fbc-attest golden --image golden --name n --provenance p \
        --firmware golden
    says "golden: not the expected kind"
    expect 3 fbc-attest golden --image /dev/null --name n --provenance p \
        --firmware golden
    expect 2 fbc-attest golden --image xen.efi --name "" --provenance p \
        --firmware golden
    expect 2 fbc-attest golden --image xen.efi --name n --firmware golden \
        --provenance "$(printf 'x\n')y
z"
    make --firmware golden -o out
    expect 3 make --firmware golden -o out
    says "out: exists"
}

@test "golden: firmware that has measured nothing is refused" {
    stage
    make() { fbc-attest golden --image xen.efi --name n --provenance p "$@"; }
    # 96 bytes: PCR 0, 2 and 7.
    ones() { head -c 32 /dev/zero | tr '\0' '\377'; }
    r() { head -c 32 /dev/urandom; }
    z() { head -c 32 /dev/zero; }
    r > bytes; r >> bytes; r >> bytes
    make --firmware bytes > /dev/null
    for pcrs in "z r r" "r z r" "r r z" "ones r r" "r ones r" "r r ones" \
                "z z z"; do
        for p in $pcrs; do $p; done > bytes
        expect 3 make --firmware bytes
        says "bytes: PCR 0, 2 or 7 is all 00 or ff: nothing was measured"
        [[ $stderr == *"hint: the firmware does not extend the SHA-256 bank"* ]]
        [ -z "$output" ]
    done
    # Nor from evidence, nor are golden values of an older version taken.
    sed "s/^pcr7: .*/pcr7: $(z | xxd -p -c 32)/" evidence > unmeasured
    expect 3 make --firmware unmeasured
    says "unmeasured: PCR 0, 2 or 7"
    sed "s/^pcr2: .*/pcr2: $(ones | xxd -p -c 32)/" golden > old
    for c in "golden --image xen.efi --name n --provenance p --firmware old" \
             "provision --check --golden old" \
             "verify --nonce $(cat nonce) --host a.host --roots root.pem \
              --golden old evidence"; do
        # shellcheck disable=SC2086
        expect 3 fbc-attest $c
        says "old: PCR 0, 2 or 7"
    done
}

@test "golden: an image must have one configuration built in, and no other" {
    stage
    make() { fbc-attest golden --image "$1" --firmware golden --name n \
        --provenance p; }
    efi "options=x" .config > one.efi
    make one.efi | grep -q '^image: '
    for i in .data config .configs .Config; do
        efi "options=x" "$i" > none.efi
        expect 3 make none.efi
        says "none.efi: has no configuration (.config) built in"
        says "hint: make the image with fbc-mkimage(8)"
        [ -z "$output" ]
    done
    efi "options=x" .config .data .config > two.efi
    expect 3 make two.efi
    says "two.efi: has more than one configuration"
    says "fbc-mkimage(8)"
    efi "" .config > empty.efi
    expect 3 make empty.efi
    says "empty.efi: has an empty configuration"
}

@test "host side: no TPM, an AK of another TPM" {
    stage
    TPM2TOOLS_TCTI=device:/nonexistent expect 4 quote
    says "TPM: tcti:"
    [[ $stderr == *"hint: is there a TPM at device:/nonexistent?"* ]]
    TPM2TOOLS_TCTI=nonsense expect 4 quote
    [[ $stderr == *"hint: is there a TPM at nonsense?"* ]]
    [ "$(wc -l <<< "$stderr")" -eq 2 ]
    expect 4 fbc-attest quote --nonce "$(cat nonce)" --vmm-key vmm.pub \
        --ak b.ak --chain issuer.pem
    says "TPM2_Load: "
    [[ $stderr == *"hint: was the AK file made on this TPM?"* ]]
    [ -z "$output" ]
    [ -z "$(tpm2_getcap handles-transient)" ]
    [ -z "$(tpm2_getcap handles-loaded-session)" ]
}

@test "host side: no TSS libraries; who only verifies needs none" {
    stage
    mkdir lib
    for part in esys mu rc tctildr; do
        rm -f lib/*
        : > lib/libtss2-$part.so.0
        LD_LIBRARY_PATH=$PWD/lib expect 4 quote
        says ": cannot be loaded: $PWD/lib/libtss2-$part.so.0: "
        [[ $stderr == *"hint: apt-get install tpm2-tools"* ]]
        [ -z "$output" ]
        LD_LIBRARY_PATH=$PWD/lib verify evidence > vmm
        LD_LIBRARY_PATH=$PWD/lib fbc-attest enroll --challenge a.request \
            --roots root.pem --pending p.$part > challenge
    done
    rm lib/*
    # An older one has not all that is needed.
    echo 'int nothing;' | cc -shared -fPIC -x c -o lib/libtss2-esys.so.0 -
    LD_LIBRARY_PATH=$PWD/lib expect 4 quote
    says "libtss2-esys.so.0: is too old"
    for i in "$top"/build/bin/*; do
        run ! grep -q "NEEDED.*tss2" <(readelf -d "$i")
    done
}

@test "host side: without tpm2-tools or any other program" {
    stage
    use_tpm "$base/b"
    alone() { env -u LD_LIBRARY_PATH PATH=/nonexistent \
        "$top/build/bin/fbc-attest" "$@"; }
    for i in '' --replace; do
        # shellcheck disable=SC2086 # one word or none
        alone provision --golden golden --owner-auth owner.auth \
            --lockout-auth lockout.auth --index 0x01500023 $i
    done
    alone enroll --activate b.challenge --ak b.ak | cmp - b.response
    alone enroll --vmm-key vmm.pub --ak new.ak --chain issuer.pem > request
    alone quote --nonce "$(cat nonce)" --vmm-key vmm.pub --ak new.ak \
        --chain issuer.pem > now
    [ -z "$(tpm2_getcap handles-transient)" ]
    [ -z "$(tpm2_getcap handles-loaded-session)" ]
}

@test "a TPM that hangs: a signal ends it, and nothing is left behind" {
    stage
    kill -STOP "$(cat "$base/a/pid")"
    quote > out 2> err 3>&- &
    quote=$!
    # shellcheck disable=SC2317 # called by until_ok
    child() { pgrep -x fbc-tpm -P "$(pgrep -P $quote -x fbc-attest)"; }
    until_ok child
    child=$(child)
    kill -TERM "$(pgrep -P $quote -x fbc-attest)"
    status=0
    wait $quote || status=$?
    [ "$status" -eq 4 ]
    grep -q "error: TPM.*: interrupted" err
    run ! kill -0 "$child"
    [ ! -s out ]
    kill -CONT "$(cat "$base/a/pid")"
    quote > now
    [ -z "$(tpm2_getcap handles-transient)" ]
    [ -z "$(tpm2_getcap handles-loaded-session)" ]
}

@test "killed at any moment, it leaves nothing in a TPM without a manager" {
    stage
    # swtpm has one connection at a time: tpm2_getcap waits for its end.
    for i in $(seq 12); do
        fbc-attest enroll --vmm-key vmm.pub --ak "k$i.ak" \
            --chain issuer.pem > request 2> err 3>&- &
        enroll=$!
        sleep "0.$(printf %02d $((i * 3)))"
        kill -KILL $enroll || true
        wait $enroll || true
        [ -z "$(tpm2_getcap handles-transient)" ]
        [ -z "$(tpm2_getcap handles-loaded-session)" ]
    done
}

# Each mode of tests/peers/eviltpm.py, and the error that it must give.
evil_modes="
close       TPM2_ReadPublic: tcti:
header      TPM2_ReadPublic: tcti:
huge        TPM2_ReadPublic: tcti:
big         TPM2_ReadPublic: tcti:
tiny        TPM2_ReadPublic: sys:
tag         TPM2_ReadPublic: sys:
code        TPM2_ReadPublic: 255:
failure     TPM2_ReadPublic: tpm:error(2.0): commands not being accepted
kind        TPM2_GetCapability: the TPM's answer is malformed
backwards   TPM2_GetCapability: the TPM's answer is malformed
size        TPM2_NV_Read: tpm:error(2.0): NV offset+size is out of range
long        TPM2_NV_Read: the TPM's answer is malformed
short       TPM2_NV_Read: the TPM's answer is malformed
empty       TPM2_NV_Read: the TPM's answer is malformed
overrun     TPM2_NV_Read: mu:
values      TPM: has no SHA-256 PCRs
digests     TPM2_Quote: not of the PCRs as they are
lengths     TPM: has no SHA-256 PCRs
selection   TPM: has no SHA-256 PCRs
attest      TPM2_Quote: the TPM's answer is malformed
magic       TPM2_Quote: the TPM's answer is malformed
none        TPM2_Quote: mu:
private     TPM2_Create: esapi:"

@test "a TPM that lies gives an error, whatever it says" {
    stage
    spare_tpm "$PWD/c"
    der issuer.pem | put_nv 0x01c00100 7
    fbc-attest enroll --vmm-key vmm.pub --ak c.ak > c.request
    while read -r mode want; do
        [ -n "$mode" ] || continue
        mkdir "$mode"
        python3 -B "$top/tests/peers/eviltpm.py" "$PWD/$mode" "$PWD/c/s" "$mode" \
            3>&- &
        evil=$!
        until_ok [ -S "$mode/s" ]
        use_tpm "$PWD/$mode"
        command=(quote --nonce "$(cat nonce)" --ak c.ak)
        [ "$mode" != private ] || command=(enroll --ak private.ak)
        expect 4 fbc-attest "${command[@]}" --vmm-key vmm.pub
        says "$want"
        [ -z "$output" ]
        [ "$(wc -l <<< "$stderr")" -le 2 ]
        kill $evil
        use_tpm "$PWD/c"
        # What was loaded when it went wrong; there is no resource manager.
        tpm2_flushcontext -t
        tpm2_flushcontext -l
    done <<< "$evil_modes"
    [ ! -e private.ak ]
    # One that is of another kind than it was is passed over.
    mkdir key
    python3 -B "$top/tests/peers/eviltpm.py" "$PWD/key" "$PWD/c/s" key 3>&- &
    evil=$!
    until_ok [ -S key/s ]
    TPM2TOOLS_TCTI=swtpm:path=$PWD/key/s fbc-attest quote --ak c.ak \
        --nonce "$(cat nonce)" --vmm-key vmm.pub > now
    kill $evil
    [ "$(field ek-public now)" = "$(field ek-public c.request)" ]
}

quote_by() # AK
{
    fbc-attest quote --nonce "$(cat nonce)" --vmm-key vmm.pub --ak "$1" \
        --chain issuer.pem
}

# Quotes and power cuts by turns, more than the TPM has tries.
power_cuts() # AK
{
    local i
    for ((i = 0; i < 6; i++)); do
        quote_by "$1" > now || return 1
        reset_tpm "$PWD/c"
    done
}

@test "power cuts do not lock a host out of attestation" {
    stage
    spare_tpm "$PWD/c"
    tpm2_dictionarylockout --setup-parameters --max-tries=4 \
        --recovery-time=7200
    fbc-attest enroll --vmm-key vmm.pub --ak c.ak --chain issuer.pem \
        > c.request
    [[ $(field ak-public c.request | base64 -d | xxd -p) == \
        ????0023000b00050472* ]]
    power_cuts c.ak
    tpm2_getcap properties-variable | grep 'TPM2_PT_LOCKOUT_COUNTER: 0x0$'

    # One of an earlier version: it attests, is locked out, is told the cure.
    tpm2_createak -Q -C 0x81010001 -G ecc -g sha256 -s ecdsa -c old.ctx \
        -f tss -u old.pub -r old.priv
    tpm2_flushcontext -Q -t
    printf 'fbc-ak-1\nak-public: %s\nak-private: %s\n' \
        "$(base64 -w 0 old.pub)" "$(base64 -w 0 old.priv)" > old.ak
    fbc-attest enroll --vmm-key vmm.pub --ak old.ak --chain issuer.pem \
        > old.request
    [[ $(field ak-public old.request | base64 -d | xxd -p) == \
        ????0023000b00050072* ]]
    fbc-attest enroll --challenge old.request --roots root.pem \
        --pending old.pending > old.challenge
    run power_cuts old.ak
    [ "$status" -eq 1 ]
    expect 4 quote_by old.ak
    says "lockout mode"
    [[ $stderr == *"hint: power cuts count"*"fbcrypt-provision(7)"* ]]
    expect 4 fbc-attest enroll --activate old.challenge --ak old.ak
    [[ $stderr == *"hint: power cuts count"* ]]
    # Neither the EK nor the new AK is concerned.
    quote_by c.ak > now
    tpm2_dictionarylockout --clear-lockout
    quote_by old.ak > now
}

# What a page shows as code, prompts removed.
code_of() # PAGE
{
    awk '/^\.Bd -literal/ { code = 1; next }
         /^\.Ed/ { code = 0 }
         code { sub(/^[$#] /, ""); gsub(/\\e/, "\\"); print }' "$top/man/$1"
}

# The host at the other end of ssh is this directory; its AK is in it, too.
stand_ins()
{
    mkdir bin
    cat > bin/ssh <<'SH'
#!/bin/sh
shift
exec sh -c "$*"
SH
    cat > bin/fbc-attest <<SH
#!/bin/sh
case "\$*" in
quote*|enroll*--vmm-key*|enroll*--activate*)
    exec "$top/build/bin/fbc-attest" "\$@" --ak host.ak ;;
esac
exec "$top/build/bin/fbc-attest" "\$@"
SH
    printf '#!/bin/sh\ncat "%s"\n' "$base/vmm.pub" > bin/fbc-status
    chmod +x bin/*
    PATH=$PWD/bin:$PATH
    cp "$base/issuer.pem" chain.pem
    cp "$base/root.pem" roots.pem
}

@test "the examples of fbc-attest(1) work" {
    stand_ins
    cp "$base/golden" .
    use_tpm "$base/a"
    fbc-keygen -o owner.key > owner.pub
    code_of fbc-attest.1 > script
    [ "$(wc -l < script)" -ge 14 ]
    bash -e -o pipefail script
    grep -v '^#' "$base/vmm.pub" | cmp - <(grep -v '^#' vmm.pub)
    [ "$(stat -c %s blob)" -eq 208 ]
    [ "$(field clock host.record)" -gt 0 ]
}

@test "the commands of fbcrypt-provision(7) lead to an attested host" {
    stand_ins
    spare_tpm "$PWD/c"
    efi "$(cat "$top/README")" > fbcrypt-2.efi
    printf 'fw%.0s' {1..48} > fw
    printf '#!/bin/sh\n' > bin/fbc-setkey
    chmod +x bin/fbc-setkey
    {
        declare -f boot bind_key digest efi field reset_tpm use_tpm
        cat <<SH
top=$top
make() { :; }
scp() { :; }
mkdir() { :; }
cp() { :; }
apt-get() { :; }
efibootmgr() { :; }
tar() { :; }
./extract-vmlinux() { :; }
online() { case " \$* " in *' https://'*) ;; *) command "\$@" ;; esac; }
fbc-keyserver() { online fbc-keyserver "\$@"; }
fbc-attest() { online fbc-attest "\$@"; }
fbc-wrapkey() { online fbc-wrapkey "\$@"; }
scripts/fbc-mkimage() { efi "\$(cat xen.cfg)" > "\${!#}"; }
reboot() {
    rm -f this
    fbc-attest golden --image fbcrypt.efi --firmware fw --name x \\
        --provenance x -o this
    boot "$PWD/c" "\$(field image this)" "$key"
}
SH
        code_of fbcrypt-provision.7 | sed 's|/run/||g'
    } > script
    bash -e -o pipefail script > out
    [ "$(fbc-attest provision --check --golden golden-2)" = unwritten ]
    pcr4=$(grep -i "^ *4 *: 0x$(field pcr4 golden)" out)
    [ -n "$pcr4" ]
    grep -v '^#' "$base/vmm.pub" | cmp - <(grep -v '^#' vmm.pub)
}
