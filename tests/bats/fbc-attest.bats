#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# Attestation on software TPMs, from provisioning to a wrapped session key.
# shellcheck disable=SC2154 # helper.bash and bats set these
load helper
load swtpm

key=$(printf 'a7%.0s' {1..32})
other_key=$(printf '5c%.0s' {1..32})

# What every test starts from, in $base: two enrolled hosts, golden values,
# evidence of the first.
setup_file()
{
    export base=$BATS_FILE_TMPDIR
    cd "$base" || return 1
    make_tpm "$base/a" "$base/ca"
    make_tpm "$base/b" "$base/ca"
    cp ca/root.pem ca/issuer.pem .
    key_line fbc-vmm-public-1 "$key" > vmm.pub
    key_line fbc-vmm-public-1 "$other_key" > other.pub
    efi "options=console=com1" > xen.efi
    echo owner-pass > owner.auth
    echo lockout-pass > lockout.auth

    # Firmware's PCRs as recorded by whoever sets the first host up.
    start_tpm "$base/a"
    start_tpm "$base/b"
    boot "$base/a" "$(printf installer | digest)"
    tpm2_pcrread -Q -o firmware.bin sha256:0,2,7
    fbc-attest golden --image xen.efi --firmware firmware.bin --name xen-1 \
        --provenance "test firmware" > golden
    fbc-attest provision --golden golden --owner-auth owner.auth \
        --lockout-auth lockout.auth
    boot "$base/a" "$(field image golden)" "$key"
    enroll a
    boot "$base/b" "$(field image golden)" "$key"
    enroll b
    use_tpm "$base/a"
    fbc-attest nonce > nonce
    quote > evidence
}

teardown_file()
{
    stop_tpm "$base/a"
    stop_tpm "$base/b"
}

# Writes $1.host.
enroll() # TPM
{
    use_tpm "$base/$1"
    fbc-attest enroll --vmm-key vmm.pub --ak "$1.ak" --chain issuer.pem \
        > "$1.request"
    fbc-attest enroll --challenge "$1.request" --roots root.pem \
        --pending "$1.pending" > "$1.challenge"
    fbc-attest enroll --activate "$1.challenge" --ak "$1.ak" > "$1.response"
    fbc-attest enroll --accept "$1.response" --pending "$1.pending" \
        --name "host-$1" > "$1.host"
}

# Evidence of the TPM in use, by AK a.
quote()
{
    fbc-attest quote --nonce "$(cat nonce)" --vmm-key vmm.pub --ak a.ak \
        --chain issuer.pem "$@"
}

# Copies what setup_file made.
stage()
{
    cp "$base"/{*.pem,*.pub,*.auth,*.ak,*.host,*.request,*.pending} .
    cp "$base"/{*.challenge,*.response,xen.efi,golden,nonce,evidence} .
    cp "$base/firmware.bin" .
    use_tpm "$base/a"
}

verify()
{
    fbc-attest verify --nonce "$(cat nonce)" --host a.host --golden golden \
        --roots root.pem "$@"
}

# verify must say no, for this reason.
refused() # REASON ARGUMENT...
{
    local reason=$1
    shift
    expect 1 verify "$@"
    says ": $reason: "
    [ -z "$output" ]
    [[ $stderr == *"fbc-attest: hint: "* ]]
}

# A quote of the TPM in use must be refused for this reason.
quote_refused() # REASON
{
    quote > now
    refused "$1" now
}

@test "fbc-attest: help, version, unknown options, full disk" {
    common_options fbc-attest
    expect 2 fbc-attest
    says "COMMAND: one is needed"
    expect 2 fbc-attest attest
    says "attest: no such command"
    expect 4 sh -c 'fbc-attest nonce > /dev/full'
    says "stdout: No space left"
}

@test "fbc-attest: options that a command needs, and those that it refuses" {
    for c in enroll quote golden provision verify "enroll --challenge x" \
             "enroll --accept x" "provision --check"; do
        # shellcheck disable=SC2086
        expect 2 fbc-attest $c
        says "is needed"
    done
    expect 2 fbc-attest nonce --golden x
    says "--golden: not with nonce"
    expect 2 fbc-attest enroll --activate x --roots y
    says "--roots: not with enroll --activate"
    expect 2 fbc-attest quote --nonce 1 --nonce 2 --vmm-key x
    says "nonce: is given twice"
    expect 2 fbc-attest verify a b --nonce 1 --host x --golden x --roots x
    says "b: unexpected argument"
    stage
    for n in "" 12 "$(tr a-f A-F < nonce)0" "$(cat nonce)0" \
             "$(sed 's/./x/' nonce)"; do
        expect 2 fbc-attest quote --nonce "$n" --vmm-key vmm.pub --ak a.ak
        says "--nonce: is not 64"
    done
}

@test "fbc-attest nonce: 64 digits, others each time" {
    [[ $(fbc-attest nonce) =~ ^[0-9a-f]{64}$ ]]
    [ "$(fbc-attest nonce)" != "$(fbc-attest nonce)" ]
}

@test "from provisioning to a session key" {
    stage
    verify evidence > attested.pub
    grep -v '^#' attested.pub | cmp - <(grep -v '^#' vmm.pub)
    grep '^# .*attested: host-a$' attested.pub
    verify < evidence | cmp - attested.pub
    fbc-keygen -o owner.key > owner.pub
    fbc-wrapkey --to attested.pub --from owner.key -o session.key > blob
    [ "$(stat -c %s blob)" -eq 208 ]
    run ! ls -d /tmp/fbc-attest.*
}

@test "verify needs no TPM and no tpm2-tools" {
    stage
    TPM2TOOLS_TCTI=device:/nonexistent verify evidence > attested.pub
    mkdir empty
    env PATH="$PWD/empty" "$top/build/bin/fbc-attest" verify --host a.host \
        --nonce "$(cat nonce)" --golden golden --roots root.pem evidence |
        cmp - attested.pub
    grep -q fbc-vmm-public-1 attested.pub
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

@test "refused: another nonce" {
    stage
    fbc-attest nonce > nonce
    refused nonce evidence
}

@test "refused: the quote of another TPM" {
    stage
    use_tpm "$base/b"
    fbc-attest quote --nonce "$(cat nonce)" --vmm-key vmm.pub --ak b.ak \
        --chain issuer.pem > from-b
    refused host-ek from-b
    mv b.host a.host
    verify from-b | grep -q fbc-vmm-public-1
}

@test "refused: EK and AK of different TPMs, in evidence and at enrolment" {
    stage
    use_tpm "$base/b"
    fbc-attest quote --nonce "$(cat nonce)" --vmm-key vmm.pub --ak b.ak \
        --chain issuer.pem > from-b
    sed "s|^ek-public: .*|ek-public: $(field ek-public evidence)|
         s|^ek-certificate: .*|ek-certificate: $(field ek-certificate \
             evidence)|" from-b > mixed
    refused host-ak mixed

    # A request that pairs them is challenged, but nobody can answer.
    sed "s|^ek-public: .*|ek-public: $(field ek-public a.request)|
         s|^ek-certificate: .*|ek-certificate: $(field ek-certificate \
             a.request)|" b.request > mixed.request
    fbc-attest enroll --challenge mixed.request --roots root.pem \
        --pending mixed.pending > mixed.challenge
    expect 4 fbc-attest enroll --activate mixed.challenge --ak b.ak
    [ -z "$output" ]
    use_tpm "$base/a"
    expect 4 fbc-attest enroll --activate mixed.challenge --ak a.ak
    [ -z "$output" ]
    expect 4 fbc-attest enroll --activate mixed.challenge --ak b.ak
    [ -z "$output" ]
}

@test "refused: PCR 12 extended again by dom0, another key, no key" {
    stage
    tpm2_pcrextend "12:sha256=$(printf dom0 | digest)"
    quote > now 2> warning
    grep -q "warning: PCR 12" warning
    refused pcr12 now
    boot "$base/a" "$(field image golden)" "$other_key"
    quote_refused pcr12
    boot "$base/a" "$(field image golden)"
    quote_refused pcr12-zero
    boot "$base/a" "$(field image golden)" "$key"
    quote > now
    verify now > /dev/null
}

@test "refused: an image with one word changed, until it is signed off" {
    stage
    efi "options=console=com2" > changed.efi
    fbc-attest golden --image changed.efi --firmware evidence --name xen-2 \
        --provenance "of host-a's evidence" > golden-2
    [ "$(field pcr4 golden-2)" != "$(field pcr4 golden)" ]
    boot "$base/a" "$(field image golden-2)" "$key"
    quote > now
    refused pcr4 now
    # While hosts are updated, both are accepted.
    verify --golden golden-2 now > /dev/null
    verify --golden golden-2 -v evidence 2>&1 > /dev/null | grep xen-1
    verify --golden golden-2 -v now 2>&1 > /dev/null | grep xen-2
    boot "$base/a" "$(field image golden)" "$key"
}

@test "refused: other firmware" {
    stage
    for n in 0 2 7; do
        tpm2_pcrextend "$n:sha256=$(printf update | digest)"
        quote > now
        [ $n != 0 ] || refused pcr0 now
        expect 1 fbc-attest explain --nonce "$(cat nonce)" --host a.host \
            --golden golden --roots root.pem now
        grep -q "^pcr$n  *no " <<< "$output"
    done
    boot "$base/a" "$(field image golden)" "$key"
}

@test "refused: replay of a quote that was accepted; a new boot is told" {
    stage
    quote > now
    verify --update now > /dev/null
    refused replay now
    [ "$(field clock a.host)" -gt 0 ]
    boot "$base/a" "$(field image golden)" "$other_key"
    cp other.pub vmm.pub
    quote > later
    expect 0 verify --update later
    [[ $stderr == *"warning: host-a: has booted since"* ]]
    [[ $stderr == *"warning: host-a: its hypervisor key has changed"* ]]
    refused rollback now
    quote > again
    expect 0 verify --update again
    [ -z "$stderr" ]
    boot "$base/a" "$(field image golden)" "$key"
}

@test "refused: a clock that may have gone back after a power cut" {
    stage
    # The TPM's clock is unsafe for up to 4 s; it may catch up at once.
    for ((i = 0; i < 50; i++)); do
        reset_tpm "$base/a"
        quote > now 2> /dev/null
        expect 1 verify now
        case $stderr in *": clock-unsafe: "*) break ;; esac
    done
    says ": clock-unsafe: "
    boot "$base/a" "$(field image golden)" "$key"
    reset_tpm "$base/a"
    clock=$(tpm2_readclock | sed -n 's/^ *clock: //p')
    tpm2_setclock -p owner-pass $((clock + 10000))
    quote > now 2> /dev/null
    refused pcr0 now
    boot "$base/a" "$(field image golden)" "$key"
    quote > now
    verify now > /dev/null
}

@test "refused: the hypervisor key that golden values do not pin" {
    stage
    fbc-attest golden --image xen.efi --firmware golden --name pinned \
        --provenance x --vmm-key other.pub > pinned
    expect 1 fbc-attest verify --nonce "$(cat nonce)" --host a.host \
        --golden pinned --roots root.pem evidence
    says ": key-pinned: "
    fbc-attest golden --image xen.efi --firmware golden --name pinned \
        --provenance x --vmm-key vmm.pub > pinned-2
    verify --golden pinned-2 evidence > /dev/null
}

@test "refused: roots of another maker, no intermediate" {
    stage
    openssl req -x509 -newkey rsa:2048 -nodes -keyout /dev/null \
        -subj /CN=swtpm-localca-rootca -days 2 -out other.pem 2> /dev/null
    expect 1 fbc-attest verify --nonce "$(cat nonce)" --host a.host \
        --golden golden --roots other.pem evidence
    says ": ek-cert-chain: "
    grep -v ek-chain evidence > without
    refused ek-cert-chain without
    cat root.pem issuer.pem > both.pem
    fbc-attest verify --nonce "$(cat nonce)" --host a.host --golden golden \
        --roots both.pem without > /dev/null
}

@test "malformed evidence is bad input, with a line; versions are told" {
    stage
    expect 3 verify <(head -c -1 evidence)
    says "evidence-format"
    expect 3 verify <(sed 's/$/\r/' evidence)
    expect 3 verify <(cat evidence; echo)
    expect 3 verify /dev/null
    expect 5 verify <(sed 's/fbc-evidence-1/fbc-evidence-2/' evidence)
    says "evidence-version"
    expect 3 verify nothing
    says "nothing: No such file"
    expect 3 fbc-attest explain <(sed 's/^pcr4.*/pcr4: x/' evidence)
    grep "^evidence .* no .*line 6" <<< "$output"
}

@test "a verifier's own files are checked, too" {
    stage
    verify evidence > /dev/null
    sed -i 's/^pcr0: ./pcr0: x/' golden
    expect 3 verify evidence
    says "golden: line 5"
    cp "$base/golden" .
    sed -i "s/^pcr0: .*/pcr0: $(printf x | digest)/" golden
    expect 3 verify evidence
    says "golden: its values do not belong together"
    cp "$base/golden" .
    cp golden a.host
    expect 3 verify evidence
    says "a.host: line 2: not the expected kind"
    cp "$base/a.host" .
    echo > root.pem
    expect 3 verify evidence
    says "root.pem: has no certificate"
}

@test "verify --json: a reason, the same fields on failure" {
    stage
    verify --json evidence > yes.json
    jq -e '.schema == "fbcrypt/attest-verify/1" and .ok and .reason == null
           and .host == "host-a" and .golden == "xen-1" and .error == null
           and (.checks | map(.answer) | unique) == ["yes"]' yes.json
    [ "$(jq -r .vmm_key yes.json)" = "$(grep -v '^#' vmm.pub)" ]
    fbc-attest nonce > nonce
    expect 1 verify --json evidence
    jq -e '.ok == false and .reason == "nonce" and .vmm_key == null and
           (.checks[] | select(.check == "nonce") | .reason == "nonce") and
           .error.status == 1' <<< "$output"
    diff <(jq -c 'keys' yes.json) <(jq -c 'keys' <<< "$output")
    expect 3 verify --json nothing
    diff <(jq -c 'keys' yes.json) <(jq -c 'keys' <<< "$output")
    expect 3 verify --json /dev/null
    jq -e '.reason == "evidence-format"' <<< "$output"
}

@test "explain: a line a check, also with less to go by" {
    stage
    expect 0 fbc-attest explain --nonce "$(cat nonce)" --host a.host \
        --golden golden --roots root.pem evidence
    [ "$(grep -c ' yes ' <<< "$output")" -eq 19 ]
    tail -n 1 <<< "$output" | grep '^answer  *yes$'
    expect 1 fbc-attest explain evidence
    grep '^nonce  *not-checked' <<< "$output"
    grep '^answer  *no: not all was checked' <<< "$output"
    expect 1 fbc-attest explain --nonce "$(fbc-attest nonce)" < evidence
    grep '^nonce  *no  *expected [0-9a-f]*, found [0-9a-f]*: .*; to do: ' \
        <<< "$output"
    [ -z "$stderr" ]
}

@test "fbc-attest and tpm2_checkquote agree on signatures and nonces" {
    stage
    binary() { field "$1" evidence | base64 -d; }
    # Flips a bit of byte $2 of stdin.
    flip() { python3 -c 'import sys
b = bytearray(sys.stdin.buffer.read())
b[int(sys.argv[1])] ^= 1
sys.stdout.buffer.write(b)' "$1"; }
    # FIELD BYTE NONCE
    both()
    {
        binary quote > quote
        binary signature > signature
        binary ak-public > ak
        [ -z "$1" ] || binary "$1" | flip "$2" > "${1/ak-public/ak}"
        tpm2_checkquote -Q -u ak -m quote -s signature -g sha256 -q "$3" \
            > /dev/null 2>&1 && theirs=yes || theirs=no
        sed "s|^quote: .*|quote: $(base64 -w 0 quote)|
             s|^signature: .*|signature: $(base64 -w 0 signature)|
             s|^ak-public: .*|ak-public: $(base64 -w 0 ak)|" evidence > mine
        fbc-attest explain --json --nonce "$3" mine > json || true
        ours=$(jq -r '[.checks[] | select(.check == "signature" or
            .check == "quote" or .check == "nonce") | .answer] |
            if . == ["yes", "yes", "yes"] then "yes" else "no" end' json)
        echo "$1 $2: theirs $theirs, ours $ours"
        [ "$theirs" = "$ours" ]
    }
    n=$(cat nonce)
    both "" 0 "$n"
    [ "$ours" = yes ]
    both "" 0 "$(fbc-attest nonce)"
    [ "$ours" = no ]
    for byte in 0 9 50 92 144; do
        both quote $byte "$n"
    done
    for byte in 1 20 40 71; do
        both signature $byte "$n"
    done
    for byte in 30 89; do
        both ak-public $byte "$n"
    done
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
    expect 4 fbc-attest provision --golden golden --owner-auth wrong.auth \
        --lockout-auth lockout.auth --replace
    says "tpm2_nvundefine: "
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

@test "enroll: challenges, responses and requests that do not fit" {
    stage
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

@test "host side: no TPM, no tools, an AK of another TPM, interrupted" {
    stage
    TPM2TOOLS_TCTI=device:/nonexistent expect 4 quote
    [[ $stderr == *"hint: is there a TPM at device:/nonexistent?"* ]]
    mkdir bin
    expect 4 env PATH="$PWD/bin" "$top/build/bin/fbc-attest" quote \
        --nonce "$(cat nonce)" --vmm-key vmm.pub --ak a.ak
    says "tpm2_readpublic: cannot be run"
    [[ $stderr == *"apt-get install tpm2-tools"* ]]
    expect 4 fbc-attest quote --nonce "$(cat nonce)" --vmm-key vmm.pub \
        --ak b.ak --chain issuer.pem
    [[ $stderr == *"hint: was the AK file made on this TPM?"* ]]
    [ -z "$output" ]

    # A tool that hangs is ended with us, and nothing is left behind.
    printf '#!/bin/sh\necho $$ > "%s/tool"\nexec sleep 60\n' "$PWD" \
        > bin/tpm2_quote
    chmod +x bin/tpm2_quote
    PATH=$PWD/bin:$PATH fbc-attest quote --nonce "$(cat nonce)" \
        --vmm-key vmm.pub --ak a.ak > out 2> err &
    for ((i = 0; i < 200; i++)); do
        [ -s tool ] && break
        sleep 0.05
    done
    kill -TERM $!
    status=0
    wait $! || status=$?
    [ "$status" -eq 4 ]
    grep -q "tpm2_quote: interrupted" err
    run ! kill -0 "$(cat tool)"
    [ ! -s out ]
    run ! ls -d /tmp/fbc-attest.*
}

@test "secrets are on no command line" {
    stage
    use_tpm "$base/b"
    mkdir bin
    for t in tpm2_changeauth tpm2_nvdefine tpm2_nvundefine \
             tpm2_activatecredential; do
        printf '#!/bin/sh\necho "$@" >> "%s/lines"\nexec %s "$@"\n' "$PWD" \
            "$(command -v $t)" > bin/$t
        chmod +x bin/$t
    done
    PATH=$PWD/bin:$PATH
    fbc-attest provision --golden golden --owner-auth owner.auth \
        --lockout-auth lockout.auth --index 0x01500023
    fbc-attest provision --golden golden --owner-auth owner.auth \
        --lockout-auth lockout.auth --index 0x01500023 --replace
    fbc-attest enroll --activate b.challenge --ak b.ak > response
    cmp response b.response
    [ "$(wc -l < lines)" -ge 4 ]
    run ! grep -E "pass|$(field secret response)" lines
}
