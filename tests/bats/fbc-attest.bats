#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# The verifier of attestation: each refusal has its own reason.
# shellcheck disable=SC2094,SC2154 # helper.bash and bats set these
load helper
load swtpm
load attest

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
    says "--nonce: is given twice"
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

@test "from provisioning to a session key, with nothing left in TMPDIR" {
    stage
    mkdir tmp
    export TMPDIR=$PWD/tmp
    verify evidence > attested.pub
    grep -v '^#' attested.pub | cmp - <(grep -v '^#' vmm.pub)
    grep '^# .*attested: host-a$' attested.pub
    verify < evidence | cmp - attested.pub
    fbc-keygen -o owner.key > owner.pub
    fbc-wrapkey --to attested.pub --from owner.key -o session.key > blob
    [ "$(stat -c %s blob)" -eq 208 ]
    [ -z "$(ls -A tmp)" ]
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

@test "memory that outlives a reset: told, and refused on demand" {
    stage
    expect 0 verify --require-overwrite evidence
    [ -z "$stderr" ]
    verify --json evidence | jq -e '.overwrites == true'

    boot "$base/a" "$(field image golden)" "$(outliving "$key")"
    expect 0 quote
    [ -z "$stderr" ]
    quote > now
    expect 0 verify now
    grep -v '^#' <<< "$output" | cmp - <(grep -v '^#' vmm.pub)
    [ "$stderr" = "fbc-attest: warning: host-a: its memory outlives a reset" ]
    verify --json now 2> /dev/null | jq -e '.ok and .overwrites == false'
    refused memory-outlives --require-overwrite now
    expect 1 verify --require-overwrite --json now
    jq -e '.reason == "memory-outlives" and .overwrites == false and
           .vmm_key == null' <<< "$output"
    # A refused quote leaves no trace in the host record.
    expect 1 verify --require-overwrite --update now
    cmp a.host "$base/a.host"
    fbc-attest golden --image xen.efi --firmware golden --name pinned \
        --provenance x --vmm-key vmm.pub > pinned
    expect 0 fbc-attest verify --nonce "$(cat nonce)" --host a.host \
        --golden pinned --roots root.pem now
    explained() { fbc-attest explain --nonce "$(cat nonce)" --host a.host \
        --golden golden --roots root.pem "$@"; }
    explained now | grep '^memory  *yes  *expected any, found outlives a'
    expect 1 explained --require-overwrite now
    grep '^memory  *no  *expected overwritten at a reset, found outlives a' \
        <<< "$output"
    # Of another key; with another text; after the key's own event.
    for event in "$(outliving "$other_key")" "$(outliving "$key")00"; do
        boot "$base/a" "$(field image golden)" "$event"
        quote_refused pcr12
    done
    boot "$base/a" "$(field image golden)" "$key"
    bind_key "$(outliving "$key")"
    quote_refused pcr12
    boot "$base/a" "$(field image golden)" "$key"
    expect 2 fbc-attest golden --image xen.efi --firmware golden --name x \
        --provenance x --require-overwrite
}

@test "refused: the same events in another order" {
    stage
    # As boot() does it, but the image before the separator.
    tpm2_shutdown -c
    reset_tpm "$base/a"
    tpm2_pcrextend "0:sha256=$(printf firmware | digest)" \
        "2:sha256=$(printf roms | digest)" "7:sha256=$(printf keys | digest)"
    printf 'Calling EFI Application from Boot Option' > event
    tpm2_pcrevent -Q 4 event
    tpm2_pcrextend "4:sha256=$(field image golden)"
    printf '\0\0\0\0' > event
    tpm2_pcrevent -Q 4 event
    bind_key "$key"
    quote_refused pcr4
    # And somebody's event in PCR 12 before the hypervisor's.
    boot "$base/a" "$(field image golden)"
    tpm2_pcrextend "12:sha256=$(printf dom0 | digest)"
    bind_key "$key"
    quote_refused pcr12
    boot "$base/a" "$(field image golden)" "$key"
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

@test "a host record behind a link is updated where it is" {
    stage
    quote > now
    mkdir records
    mv a.host records/a
    ln -s records/a a.host
    verify --update now > /dev/null
    [ "$(readlink a.host)" = records/a ]
    [ "$(ls -A records)" = a ]
    mv records/a a.host
    refused replay now
}

@test "evidence is not used up by a key that cannot be written" {
    stage
    quote > now
    cp a.host before
    echo mine > taken
    expect 3 verify --update -o taken now
    says "taken: exists"
    expect 3 verify --update -o no/where/ now
    expect 4 verify --update -o no/where now
    for json in "" --json; do
        # shellcheck disable=SC2086
        expect 4 sh -c '"$@" > /dev/full' _ fbc-attest verify $json --update \
            --nonce "$(cat nonce)" --host a.host --golden golden \
            --roots root.pem now
        says "stdout: No space left"
    done
    cmp before a.host
    [ "$(cat taken)" = mine ]
    run ! grep -q . <(find . -name '.*.??????')
    verify --update -o vmm now
    grep -v '^#' vmm | cmp - <(grep -v '^#' vmm.pub)
    refused replay now
}

@test "two that update a host record at once do not take its counters back" {
    stage
    for i in 1 2 3 4 5 6; do
        quote > "now.$i"
    done
    cp a.host first.host
    verify --update now.6 > /dev/null
    last=$(field clock a.host)
    for _ in 1 2 3; do
        cp first.host a.host
        for i in 6 1 5 2 4 3; do
            verify --update "now.$i" > /dev/null 2>&1 &
        done
        wait
        [ "$(field clock a.host)" = "$last" ]
    done
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
    says "golden: its values contradict each other"
    cp "$base/golden" .
    cp golden a.host
    expect 3 verify evidence
    says "a.host: line 2: not the expected kind"
    cp "$base/a.host" .
    sed 's/$/\r/' "$base/a.host" > a.host
    expect 3 verify evidence
    says "a.host: has lines that end in CR or CRLF"
    cp "$base/a.host" .
    echo > root.pem
    expect 3 verify evidence
    says "root.pem: has no certificate"
}

# Files of certificates in which one block is bad: each is refused whole.
bad_pems() # GOOD-PEM ANOTHER-GOOD-PEM
{
    mkdir -p bad
    # One character in the middle of the second is another, or is none.
    { cat "$1"; sed '5s/./!/' "$2"; cat "$1"; } > bad/character
    { cat "$1"; sed '5d' "$2"; cat "$1"; } > bad/line
    { cat "$1"; sed '$d' "$2"; cat "$1"; } > bad/end
    { cat "$1"; sed '1d' "$2"; cat "$1"; } > bad/begin
    { cat "$1"; sed '1s/-/_/' "$2"; } > bad/begin-line
    { cat "$1"; head -n 6 "$2"; } > bad/cut
    { cat "$1"; sed 's/CERTIFICATE/X509 CRL/' "$2"; } > bad/kind
    # END and BEGIN touch, as where a file lacks its last newline.
    { printf %s "$(cat "$1")"; cat "$2"; } > bad/touch
}

@test "a bad certificate in a file of several is not the end of the file" {
    stage
    cat root.pem issuer.pem > two.pem
    fbc-attest verify --nonce "$(cat nonce)" --host a.host --golden golden \
        --roots two.pem evidence > /dev/null
    bad_pems root.pem issuer.pem
    for pem in bad/*; do
        expect 3 fbc-attest verify --nonce "$(cat nonce)" --host a.host \
            --golden golden --roots "$pem" evidence
        says "$pem: "
        case $pem in
        bad/kind) says "a block that is no certificate" ;;
        *) says "certificate 2 cannot be parsed" ;;
        esac
        expect 3 fbc-attest enroll --vmm-key vmm.pub --ak a.ak --chain "$pem"
        says "$pem: "
        [ -z "$output" ]
    done
    expect 3 fbc-attest verify --nonce "$(cat nonce)" --host a.host \
        --golden golden --roots bad/touch evidence
    [[ $stderr == *"hint: its BEGIN line must stand alone"* ]]
    # What people write around certificates is passed over, CRLF is not odd.
    { echo "subject=/CN=x"; sed 's/$/\r/' root.pem; echo; cat issuer.pem; } \
        > commented.pem
    fbc-attest verify --nonce "$(cat nonce)" --host a.host --golden golden \
        --roots commented.pem evidence > /dev/null
    iconv -t UTF-16 root.pem > utf16.pem
    expect 3 fbc-attest verify --nonce "$(cat nonce)" --host a.host \
        --golden golden --roots utf16.pem evidence
    says "utf16.pem: is in UTF-16"
    openssl x509 -in root.pem -outform der -out root.der
    expect 3 fbc-attest verify --nonce "$(cat nonce)" --host a.host \
        --golden golden --roots root.der evidence
    [[ $stderr == *"hint: it is one in DER form: openssl x509"* ]]
}

# An EK certificate for TPM a's key by a CA of this test (ca.pem), in ek.pem.
certify() # DAYS [OPENSSL-X509'S OPTION]...
{
    # shellcheck disable=SC2086 # several words
    [ -e ca.pem ] || openssl req -x509 $ec -days 900 \
        -subj /CN=maker -addext basicConstraints=critical,CA:TRUE \
        -keyout ca.key -out ca.pem 2> /dev/null
    openssl x509 -in <(field ek-certificate a.request | base64 -d) \
        -inform der -pubkey -noout > ek.pub
    cat > ek.ext <<'EXT'
basicConstraints=critical,CA:FALSE
keyUsage=critical,keyEncipherment
extendedKeyUsage=2.23.133.8.1
EXT
    # shellcheck disable=SC2086
    openssl req -new $ec -keyout any.key -subj /CN=ek -out any.csr 2> /dev/null
    openssl x509 -req -in any.csr -force_pubkey ek.pub -CA ca.pem \
        -CAkey ca.key -set_serial 5 -extfile ek.ext -days "$1" "${@:2}" \
        -out ek.pem 2> /dev/null
}

# A request with that certificate.
request_with() # EK-CERT
{
    fbc-attest enroll --vmm-key vmm.pub --ak a.ak --ek-cert "$1" > request
}

challenge() { fbc-attest enroll --challenge request --roots "$@" \
    --pending pending; }

@test "a refused certificate has its own reason and hint" {
    stage
    certify 9
    request_with ek.pem
    expect 1 challenge root.pem
    says "ek-cert-chain: "
    says "(no certificate of /CN=maker)"
    [[ $stderr == *"hint: is the TPM maker's root in --roots"* ]]
    certify 9 -sha1
    request_with ek.pem
    expect 1 challenge ca.pem
    says "ek-cert-weak: "
    says "(CA signature digest algorithm too weak"
    [[ $stderr == *"ask the TPM's maker for another certificate"* ]]
    certify 9
    request_with ek.pem
    expect 0 challenge ca.pem
}

@test "an EK certificate that has expired is taken on demand only" {
    stage
    certify 0
    request_with ek.pem
    sleep 1
    expect 1 challenge ca.pem
    says "ek-cert-time: "
    says "(certificate has expired: /CN=ek)"
    [[ $stderr == *"with --expired-ek"* ]]
    [ ! -e pending ]
    expect 1 challenge root.pem --expired-ek
    says "ek-cert-chain"
    challenge ca.pem --expired-ek > challenge
    fbc-attest enroll --activate challenge --ak a.ak > response
    fbc-attest enroll --accept response --pending pending --name old > host
    fbc-attest quote --nonce "$(cat nonce)" --vmm-key vmm.pub --ak a.ak \
        --ek-cert ek.pem > now
    old() { fbc-attest verify --nonce "$(cat nonce)" --host host \
        --golden golden --roots ca.pem now "$@"; }
    expect 1 old
    says "ek-cert-time"
    expect 0 old --expired-ek
    expect 0 fbc-attest explain --nonce "$(cat nonce)" --host host \
        --golden golden --roots ca.pem --expired-ek now
    expect 2 fbc-attest nonce --expired-ek
}

@test "EK certificates as makers hand them out" {
    stage
    field ek-certificate a.request | base64 -d > ek.der
    enroll_by() { fbc-attest enroll --vmm-key vmm.pub --ak a.ak --chain \
        issuer.pem --ek-cert "$1"; }
    len=$(stat -c %s ek.der)
    # TCG_PCCLIENT_STORED_CERT, as in some TPMs, with what fills the index up.
    { printf '\x10\x01\x00'; printf "\\x$(printf %02x $((len >> 8)))"
      printf "\\x$(printf %02x $((len & 255)))"; cat ek.der
      head -c 50 /dev/zero; } > stored
    enroll_by stored | cmp - a.request
    { printf '\x10\x01\x00\x04\x00\x10\x02'; cat ek.der; } > stored
    enroll_by stored | cmp - a.request
    # Others are told, with the way to make one of it, which works.
    base64 -w 0 ek.der | tr -- '+/' '-_' | tr -d = > plain
    expect 3 enroll_by plain
    says "plain: has no certificate in PEM form"
    [[ $stderr == *"hint: it is base64 without PEM's lines: "* ]]
    printf '{"pubhash":"x","certificate":"%s"}' "$(cat plain)" > intel.json
    expect 3 enroll_by intel.json
    [[ $stderr == *"hint: it is the JSON of Intel's server: jq "* ]]
    for FILE in plain intel.json; do
        run --separate-stderr enroll_by $FILE
        # shellcheck disable=SC2154
        sed -n 's/.*hint: [^:]*: //p' <<< "$stderr" | sed "s/FILE/$FILE/" \
            > command
        rm -f ek.der
        sh command || true
        enroll_by ek.der | cmp - a.request
    done
}

@test "an EK certificate's file has one certificate" {
    stage
    openssl x509 -in <(field ek-certificate a.request | base64 -d) \
        -inform der -out ek.pem
    cat ek.pem issuer.pem > two.pem
    enroll_by() { fbc-attest enroll --vmm-key vmm.pub --ak a.ak --chain \
        issuer.pem --ek-cert "$1"; }
    enroll_by ek.pem | cmp - a.request
    expect 3 enroll_by two.pem
    says "two.pem: certificate 2 is one too many: intermediates go to --chain"
    sed '5s/./!/' ek.pem > bad.pem
    expect 3 enroll_by bad.pem
    says "bad.pem: certificate 1 cannot be parsed"
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

@test "verify --json -o: the key goes into the file" {
    stage
    verify --json -o vmm evidence > yes.json
    jq -e .ok yes.json
    verify evidence | cmp - vmm
    expect 3 verify --json -o vmm evidence
    says "vmm: exists"
    jq -e '.ok == false and .vmm_key == null and .error.status == 3' \
        <<< "$output"
    fbc-attest nonce > nonce
    expect 1 verify --json -o new evidence
    [ ! -e new ]
}

@test "explain: a line a check, also with less to go by" {
    stage
    expect 0 fbc-attest explain --nonce "$(cat nonce)" --host a.host \
        --golden golden --roots root.pem evidence
    [ "$(grep -c ' yes ' <<< "$output")" -eq 20 ]
    tail -n 1 <<< "$output" | grep '^answer  *yes$'
    expect 1 fbc-attest explain evidence
    grep '^nonce  *not-checked' <<< "$output"
    grep '^answer  *no: some checks were left out' <<< "$output"
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
