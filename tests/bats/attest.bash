# SPDX-License-Identifier: GPL-2.0-only
# Shared by the tests of fbc-attest: two enrolled hosts.
# shellcheck disable=SC2034,SC2094,SC2154 # helper.bash and bats set these

key=$(printf 'a7%.0s' {1..32})
other_key=$(printf '5c%.0s' {1..32})

# What every test starts from, in $base: two enrolled hosts, golden values,
# evidence of the first; a TPM of the same maker that is off.
setup_file()
{
    local t
    export base=$BATS_FILE_TMPDIR
    fixture hosts make_hosts
    cd "$base" || return 1
    for t in a b; do
        start_tpm "$base/$t"
        boot "$base/$t" "$(field image golden)" "$key"
    done
    use_tpm "$base/a"
    fbc-attest nonce > nonce
    quote > evidence
}

# The same with both hosts shut down, so that it can be copied.
make_hosts()
{
    local base=$PWD t
    for t in a b spare; do
        make_tpm "$base/$t" "$base/ca"
    done
    cp ca/root.pem ca/issuer.pem .
    key_line fbc-vmm-public-1 "$key" > vmm.pub
    key_line fbc-vmm-public-1 "$other_key" > other.pub
    efi "options=console=com1" > xen.efi
    echo owner-pass > owner.auth
    echo lockout-pass > lockout.auth
    chmod 600 ./*.auth

    # Firmware's PCRs as recorded by whoever sets the first host up.
    start_tpm "$base/a"
    start_tpm "$base/b"
    boot "$base/a" "$(printf installer | digest)"
    tpm2_pcrread -Q -o firmware.bin sha256:0,2,7
    fbc-attest golden --image xen.efi --firmware firmware.bin --name xen-1 \
        --provenance "test firmware" > golden
    fbc-attest provision --golden golden --owner-auth owner.auth \
        --lockout-auth lockout.auth
    for t in a b; do
        boot "$base/$t" "$(field image golden)" "$key"
        enroll $t
        tpm2_shutdown -c
        stop_tpm "$base/$t"
    done
}

# The TPM that is off, in DIR; it is the same each time.
spare_tpm() # DIR
{
    mkdir "$1"
    cp -a "$base/spare/state" "$1/"
    start_tpm "$1"
    use_tpm "$1"
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
        --chain issuer.pem
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
