#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# The tenant's whole flow with a hypervisor's key that is attested.
# shellcheck disable=SC2154,SC2016,SC2001 # helper.bash and bats set these
load helper
load swtpm
load attest
load keyserver

PATH=$top/scripts:$PATH

eval "attest_$(declare -f setup_file)"

setup_file()
{
    attest_setup_file
    fbc-keygen -o owner.key > owner.pub
    admin boss
    tls
    registration boss host-a 7 a.host golden root.pem > a.reg
    start_evil
}

fake() # FILE, its body on standard input
{
    { echo '#!/bin/sh'; cat; } > "$1"
    chmod +x "$1"
}

# host/: the real fbc-attest with a TPM; ssh, proxy and viewer in bin/.
host()
{
    stage
    mkdir -p bin host/bin run home/.config/fbcrypt/hosts
    export HOME=$PWD/home XDG_RUNTIME_DIR=$PWD/run
    unset XDG_CONFIG_HOME DISPLAY WAYLAND_DISPLAY
    config=$HOME/.config/fbcrypt
    attest=$config/hosts/dom0.example.attest
    cp "$base/owner.key" "$config/"
    cp "$base"/{tls.pem,a.reg,boss.pub} .
    cp vmm.pub a.ak issuer.pem host/
    ln -s "$top/build/bin/fbc-attest" host/bin/attest
    fake bin/ssh <<SH
while [ "\$1" = -o ]; do shift 2; done
[ "\$1" != -O ] || exit 0
shift
cd "$PWD/host" && PATH=$PWD/host/bin:/usr/bin:/bin exec sh -c "\$*"
SH
    fake bin/fbc-vncproxy <<SH
cp "\$2" "$PWD/session.seen"
echo 127.0.0.1:45678
SH
    fake host/bin/fbc-status <<< 'cat vmm.pub'
    fake host/bin/fbc-setkey <<< '[ "$1" = web ] && cat > blob'
    fake host/bin/fbc-attest <<SH
exec attest "\$@" --ak a.ak --chain issuer.pem
SH
    PATH=$PWD/bin:$PATH
}

# What the tenant holds the host against.
set_up()
{
    mkdir "$attest"
    cp a.host "$attest/host"
    cp golden "$attest/golden-1"
    cp root.pem "$attest/roots.pem"
}

view() { setsid -w fbc-view -p 5907 --viewer none "$@" web@root@dom0.example \
    < /dev/null; }

# The host was given a session key sealed to the hypervisor that has $key.
keyed()
{
    [ "$(xxd -s 80 -l 32 -p -c 32 host/blob)" = \
        "$(xxd -r -p <<< "$key" | digest)" ]
    grep -q '^fbc-session-1:' session.seen
    [ -z "$(ls -A run)" ]
}

not_keyed()
{
    [ ! -e host/blob ] && [ ! -e session.seen ] && [ -z "$(ls -A run)" ]
}

@test "fbc-view has the host attest to what is set up for it" {
    host
    set_up
    expect 0 view
    [ "$output" = 127.0.0.1:45678 ]
    keyed
    [ ! -e "$config/known_hosts" ]
    # What was accepted once is remembered.
    run ! cmp -s a.host "$attest/host"
    rm host/blob
    expect 0 view -v
    [[ $stderr == *"fbc-view: fbc-attest verify --nonce "* ]]
    [[ $stderr == *"golden values: xen-1"* ]]
    keyed
    # The host's shell may have something to say before.
    rm host/blob
    sed -i 's|exec sh -c "\$\*"|sh -c "echo Welcome!; \$*"|' bin/ssh
    expect 0 view
    keyed
    run ! grep -q -- --expired-ek <<< "$(view -n)"
    [ "$(view -n --expired-ek | grep -c -- ' verify .*--expired-ek')" -eq 1 ]
    [ "$(fbc-view -n -S https://keys.example --expired-ek web@h |
        grep -c -- '^fbc-wrapkey .*--expired-ek')" -eq 1 ]
    # From another place.
    mv "$attest" elsewhere
    expect 0 view --attest elsewhere
    expect 1 view -c strict
    says "is not pinned"
}

@test "fbc-view: a host that cannot attest gets no key" {
    host
    set_up
    # A key that no TPM knows, from whoever has dom0.
    cp other.pub host/vmm.pub
    expect 1 view
    says "pcr12: "
    not_keyed
    # Evidence that was right once.
    cp vmm.pub host/vmm.pub
    cp evidence host/
    fake host/bin/fbc-attest <<< 'cat evidence'
    expect 1 view
    says "nonce: "
    not_keyed
    fake host/bin/fbc-attest <<< 'echo nonsense'
    expect 3 view
    says "evidence-format: "
    fake host/bin/fbc-attest <<< 'echo no TPM >&2; exit 4'
    expect 4 view
    says "fbc-attest quote"
    not_keyed
    rm host/bin/fbc-attest
    expect 4 view
    says "fbc-attest: not found"
    not_keyed
}

@test "fbc-view: a host whose memory outlives a reset" {
    host
    set_up
    boot "$base/a" "$(field image golden)" "$(outliving "$key")"
    expect 1 view --require-overwrite
    says "memory-outlives: "
    not_keyed
    expect 0 view
    [[ $stderr == *"warning: host-a: its memory outlives a reset"* ]]
    keyed
    boot "$base/a" "$(field image golden)" "$key"
    rm host/blob
    expect 0 view --require-overwrite
    [[ $stderr != *"outlives"* ]]
    keyed
    # There is nothing to check where the key is pinned.
    expect 2 view --require-overwrite --to vmm.pub
    says "--require-overwrite: not with --to"
    rm -rf "$attest"
    expect 2 view --require-overwrite
    says "only with --server or --attest"
    view -n --require-overwrite --server https://k.example |
        grep 'fbc-wrapkey --from-server .* --require-overwrite'
}

@test "fbc-view: what is set up must be whole" {
    host
    for file in host roots.pem golden-1; do
        rm -rf "$attest"
        set_up
        rm "$attest/$file"
        expect 3 view
        not_keyed
    done
    rm -rf "$attest"
    expect 3 view --attest "$attest"
    says "$attest/host: is missing"
    # No way back to a pinned key while it is set up.
    cp vmm.pub "$config/hosts/dom0.example.vmm"
    mkdir "$attest"
    expect 3 view
    not_keyed
    expect 0 view --to "$config/hosts/dom0.example.vmm"
    keyed
}

@test "fbc-view --server takes the key of a key server, with evidence" {
    host
    mkdir evil
    cat > evil/answer <<SH
$(declare -f release)
export TPM2TOOLS_TCTI=$TPM2TOOLS_TCTI
cd "$PWD" && rm -f now && fbc-attest quote --nonce "\${2#*nonce=}" \
    --vmm-key vmm.pub --ak a.ak --chain issuer.pem > now &&
    release host-a $key a.reg now
SH
    evil_in "$PWD/evil"
    expect 1 view --server "$url" --host host-a --cacert tls.pem
    says "host-unknown: "
    not_keyed
    expect 0 view --server "$url" --host host-a --cacert tls.pem \
        --check accept-new
    keyed
    grep -qx "name: host-a" "$config/known_hosts"
    grep -qx "vmm-key: $key" "$config/known_hosts"
    rm host/blob "$config/known_hosts"
    expect 0 view -S "$url" -H host-a --cacert tls.pem -a boss.pub -q
    [ -z "$stderr" ]
    keyed
    rm host/blob session.seen
    sed -i "s/^ek: .*/ek: $other_key/" "$config/known_hosts"
    expect 1 view --server "$url" --host host-a --cacert tls.pem
    says "ek-changed: "
    [[ $stderr == *"WARNING: THE HOST HAS ANOTHER TPM!"* ]]
    not_keyed
    # The name, unless it is given, is that of the host.
    : > evil/log
    run view --server "$url" --cacert tls.pem
    grep -q '^GET /v1/hosts/dom0.example/key' evil/log
}

@test "fbc-view -n shows the steps of attestation" {
    host
    set_up
    o="-o ControlMaster=auto -o ControlPersist=60 -o ControlPath=DIR/ssh"
    c=home/.config/fbcrypt
    s=$c/hosts/dom0.example.attest
    expect 0 view -n
    diff - <(sed "s|$PWD/||g; 7q" <<< "$output") <<OUT
ssh $o root@dom0.example fbc-status --vmm-key < /dev/null > DIR/vmm.pub
fbc-attest nonce    # prints NONCE
ssh $o root@dom0.example fbc-attest quote --vmm-key - --nonce NONCE < DIR/vmm.pub > DIR/evidence
fbc-attest verify --nonce NONCE --host $s/host --update --roots $s/roots.pem --golden $s/golden-1 -o DIR/attested.pub DIR/evidence
fbc-wrapkey --to DIR/attested.pub --input sealed --from $c/owner.key -o DIR/session.key > DIR/blob
ssh $o root@dom0.example fbc-setkey web < DIR/blob > /dev/null
fbc-vncproxy -k DIR/session.key --listen 127.0.0.1:0 --exec 'ssh -o ControlPath=DIR/ssh -W 127.0.0.1:5907 root@dom0.example'    # prints where to connect: ADDRESS
OUT
    expect 0 view -n --server https://keys.example --cacert "my ca.pem" -a x
    diff - <(sed "s|$PWD/||g; 2q" <<< "$output") <<OUT
fbc-wrapkey --from-server https://keys.example --host dom0.example --pin ask --cacert 'my ca.pem' -a x --input sealed --from $c/owner.key -o DIR/session.key > DIR/blob
ssh $o root@dom0.example fbc-setkey web < DIR/blob > /dev/null
OUT
}

@test "fbc-view: options of attestation that do not go together" {
    host
    expect 2 view -n --host x
    says "only with --server"
    expect 2 view -n --admin x
    expect 2 view -n --server https://a --to vmm.pub
    says "--server: not with --to or --attest"
    expect 2 view -n --server https://a --attest x
    expect 2 view -n --attest x --to vmm.pub
    says "--attest: not with --to"
    expect 2 view --server http://a
    says "is not an https URL"
    not_keyed
}
