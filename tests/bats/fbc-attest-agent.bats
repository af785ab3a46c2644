#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# The host's side of the key server: quotes for whoever asks there.
# shellcheck disable=SC2154,SC2016,SC2030,SC2031 # helper.bash, bats set these
load helper
load swtpm
load attest
load keyserver

eval "attest_$(declare -f setup_file)"

setup_file()
{
    attest_setup_file
    tls
    start_evil
}

# A server of ours: it has the nonces in evil/nonces, and takes evidence into
# evil/got.
serve()
{
    stage
    cp "$base"/tls.pem .
    mkdir -p evil
    cat > evil/answer <<SH
cd "$PWD/evil" || exit 1
case "\$1 \$2" in
"GET /v1/hosts/host-a/nonces?wait=25")
    i=0
    while [ ! -s nonces ] && [ \$i -lt 20 ]; do sleep 0.1; i=\$((i + 1)); done
    echo 200 > status
    echo fbc-nonces-1
    [ ! -s nonces ] || sed 's/^/nonce: /' nonces ;;
"POST /v1/hosts/host-a/evidence")
    got=got.\$(wc -l < nonces)
    cat > got.new && sed -i 1d nonces && mv got.new "\$got"
    echo 204 > status ;;
*) echo 404 > status ;;
esac
SH
    evil_in "$PWD/evil"
}

teardown()
{
    [ -z "${agent-}" ] || kill "$agent" 2> /dev/null || true
}

# Starts the agent; its messages go into err.  What a shell starts in the
# background ignores SIGINT.
agent()
{
    env --default-signal=INT fbc-attest agent -v --server "$url" --host host-a \
        --cacert tls.pem --ak a.ak --chain issuer.pem "$@" \
        > out 2> err 3>&- &
    agent=$!
}

until_true() { until_ok "$@" || { cat err; return 1; }; }

# It ends by a signal, as it should, and leaves nothing.
ends() # SIGNAL
{
    local pid=$agent
    # While it waits others have the TPM.
    # shellcheck disable=SC2317 # called by until_ok
    rests() { ! pgrep -x fbc-tpm -P "$pid"; }
    until_true rests
    agent=
    kill -s "$1" "$pid"
    SECONDS=0
    wait "$pid"
    [ $SECONDS -lt 60 ]
    [ ! -s out ]
    [ -z "$(tpm2_getcap handles-transient)" ]
    [ -z "$(tpm2_getcap handles-loaded-session)" ]
}

@test "fbc-attest agent sends evidence for each nonce, until it is ended" {
    serve
    for _ in 1 2 3; do fbc-attest nonce; done > three
    cp three evil/nonces
    agent --vmm-key vmm.pub
    until_true [ -e evil/got.1 ]
    for i in 3 2 1; do
        nonce=$(sed -n "$((4 - i))p" three)
        fbc-attest verify --nonce "$nonce" --host a.host --golden golden \
            --roots root.pem "evil/got.$i" > vmm
        grep -q "$(grep -v '^#' vmm.pub)" vmm
    done
    # Later ones, too, and while it waits it can be ended.
    rm evil/got.1
    nonce=$(fbc-attest nonce)
    echo "$nonce" > evil/nonces
    until_true [ -e evil/got.1 ]
    fbc-attest verify --nonce "$nonce" --host a.host --golden golden \
        --roots root.pem evil/got.1 > vmm
    sent() { [ "$(grep -c ': evidence sent' err)" -ge 4 ]; }
    until_true sent
    ends TERM
    [ "$(grep -c warning err)" -eq 0 ]
    # A nonce that waited is asked for again.
    [ "$(grep -c ^POST evil/log)" -ge 4 ]
}

@test "fbc-attest agent asks fbc-status for the hypervisor's key" {
    serve
    mkdir bin
    printf '#!/bin/sh\n[ "$*" = --vmm-key ] && cat "%s"\n' "$PWD/vmm.pub" \
        > bin/fbc-status
    chmod +x bin/fbc-status
    PATH=$PWD/bin:$PATH
    fbc-attest nonce > evil/nonces
    nonce=$(cat evil/nonces)
    agent --vmm-key auto
    until_true [ -e evil/got.1 ]
    fbc-attest verify --nonce "$nonce" --host a.host --golden golden \
        --roots root.pem evil/got.1 > vmm
    ends INT
    # PCR 12 is of another key: the host is told before any verifier says no.
    cp other.pub vmm.pub
    fbc-attest nonce > evil/nonces
    agent --vmm-key auto
    until_true grep -q "warning: PCR 12 is not that of this" err
    ends HUP
    echo "echo nonsense" >> bin/fbc-status
    expect 3 timeout 100 fbc-attest agent --server "$url" --host host-a \
        --ak a.ak --chain issuer.pem --vmm-key auto
    says "fbc-status: "
}

@test "fbc-attest agent goes on after failures, without haste" {
    local spent=$SECONDS
    serve
    cp evil/answer good
    echo 'echo 500 > "$(dirname "$0")/status"' > evil/answer
    echo garbage > evil/mode
    agent --vmm-key vmm.pub
    until_true grep -q "warning: .*; again in 1 seconds" err
    echo answer > evil/mode
    until_true grep -q "HTTP status 500.*; again in [0-9]* seconds" err
    cat > evil/answer <<'SH'
cd "$(dirname "$0")" || exit 1
echo 429 > status
echo 3 > retry-after
printf 'fbc-refusal-1\nreason: rate\ntext: slow down\n'
SH
    until_true grep -Eq "rate: slow down; again in ([3-9]|..) seconds" err
    cp good evil/answer
    rm evil/retry-after
    nonce=$(fbc-attest nonce)
    echo "$nonce" > evil/nonces
    until_true [ -e evil/got.1 ]
    fbc-attest verify --nonce "$nonce" --host a.host --golden golden \
        --roots root.pem evil/got.1 > vmm
    # A client that has gone: no failure.
    sed -i 's/echo 204/echo 409/' evil/answer
    fbc-attest nonce > evil/nonces
    until_true grep -q "nobody waits any more" err
    spent=$((SECONDS - spent))
    ends TERM
    # Not more requests than failures allow, and one each 2 s.
    [ "$(wc -l < evil/log)" -lt $((60 + spent / 2)) ]
}

@test "fbc-attest agent finds its TPM again after a reset" {
    serve
    fbc-attest nonce > evil/nonces
    agent --vmm-key vmm.pub
    until_true [ -e evil/got.1 ]
    boot "$base/a" "$(field image golden)" "$key"
    rm evil/got.1
    nonce=$(fbc-attest nonce)
    echo "$nonce" > evil/nonces
    until_true [ -e evil/got.1 ]
    fbc-attest verify --nonce "$nonce" --host a.host --golden golden \
        --roots root.pem evil/got.1 > vmm
    ends TERM
}

@test "fbc-attest agent: what cannot work is an error at once" {
    serve
    start() { timeout 100 fbc-attest agent --vmm-key vmm.pub --ak a.ak \
        --chain issuer.pem --cacert tls.pem --server "$url" "$@"; }
    expect 2 start
    says "--host: is needed"
    for bad in ../x 'a b' ''; do
        expect 2 start --host "$bad"
        says "is not a valid host name"
    done
    expect 2 fbc-attest agent --vmm-key vmm.pub --host a --server http://a
    says "is not an https URL"
    expect 4 fbc-attest agent --vmm-key vmm.pub --host a --server "$url" \
        --cacert none.pem
    { cat tls.pem; sed '3s/./!/' tls.pem; } > bad.pem
    expect 3 fbc-attest agent --vmm-key vmm.pub --ak a.ak --host a \
        --chain issuer.pem --server "$url" --cacert bad.pem
    says "bad.pem: certificate 2 cannot be parsed"
    expect 3 fbc-attest agent --vmm-key vmm.pub --host a --server "$url" \
        --ak none.ak
    [[ $stderr == *"hint: fbc-attest enroll makes it"* ]]
    expect 3 fbc-attest agent --vmm-key owner.pub --host a --server "$url" \
        --ak a.ak --chain issuer.pem
    TPM2TOOLS_TCTI=swtpm:path=$PWD/none expect 4 start --host host-a
    expect 2 start --host host-a --golden golden
    says "--golden: not with agent"
    [ ! -e evil/log ]
}

@test "the unit of fbc-attest agent is one that systemd takes" {
    mkdir root
    sed "s|@BINDIR@|$top/build/bin|" "$top/scripts/fbc-attest-agent.service" \
        > root/fbc-attest-agent.service
    expect 0 systemd-analyze verify --man=no root/fbc-attest-agent.service
    [ -z "$stderr" ]
    expect 0 systemd-analyze security --offline=true --threshold=25 \
        root/fbc-attest-agent.service
}
