#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# The client of a key server believes it nothing.
# shellcheck disable=SC2154,SC2016 # helper.bash and bats set these
load helper
load swtpm
load attest
load keyserver

eval "attest_$(declare -f setup_file)"

# In $base besides: admins, TLS certificate, registration of host a.
setup_file()
{
    attest_setup_file
    fbc-keygen -o owner.key > owner.pub
    admin boss
    admin other
    tls
    registration boss host-a 7 a.host golden root.pem > a.reg
    registration boss host-b 3 b.host golden root.pem > b.reg
    start_evil
}

# A server that answers well, with live quotes of host a; $url, evil/.
serve()
{
    stage
    cp "$base"/*.reg "$base"/owner.* "$base"/boss.* "$base"/other.* .
    cp "$base"/tls.pem .
    cp a.reg shown.reg
    export HOME=$PWD/home key
    unset XDG_CONFIG_HOME
    mkdir home
    known=$HOME/.config/fbcrypt/known_hosts
    cat > lib.sh <<SH
key=$key other_key=$other_key
cd "$PWD" || exit 1
export TPM2TOOLS_TCTI=$TPM2TOOLS_TCTI
$(declare -f release)
nonce=\${2#*nonce=}
quote() { rm -f now; fbc-attest quote --nonce "\${1:-\$nonce}" \
    --vmm-key vmm.pub --ak a.ak --chain issuer.pem > now; }
SH
    answer <<'SH'
[ "$1 ${2%nonce=*}" = "GET /v1/hosts/host-a/key?" ] && [ ${#nonce} -eq 64 ] &&
    quote && release host-a "$key" shown.reg now
SH
    evil_in "$PWD/evil"
}

# What the server answers from now on: a script on standard input.
answer()
{
    mkdir -p evil
    { echo ". '$PWD/lib.sh'"; cat; } > evil/answer
}

# The known host a, by what is pinned of it.
record() # EK ADMIN SERIAL VMM-KEY
{
    printf '%s\n' fbc-known-host-1 "server: ${server-127.0.0.1:${url##*:}}" \
        "name: host-a" "ek: $1" "admin: $2" "serial: $3" "vmm-key: $4"
}

# The tool, without a terminal to ask on.
wrap()
{
    setsid -w fbc-wrapkey --from-server "$url" --host host-a \
        --cacert tls.pem --from owner.key -o session.key "$@" < /dev/null
}

# No key for anybody: exit status 1, this reason.
denied() # REASON ARGUMENT...
{
    local reason=$1
    shift
    expect 1 wrap "$@"
    says ": $reason: "
    none_made
}

none_made()
{
    [ -z "$output" ] && [ ! -e session.key ]
}

@test "fbc-wrapkey --from-server wraps for the key that is attested" {
    serve
    wrap --pin accept-new > blob 2> err
    [ "$(stat -c %s blob)" -eq 208 ]
    [ "$(xxd -s 80 -l 32 -p -c 32 blob)" = \
        "$(xxd -r -p <<< "$key" | digest)" ]
    grep -q '^fbc-session-1:' session.key
    grep -q "warning: host-a: pinned in $known: administrator SHA256:.*, EK SHA256:" err
    # One record, with what it must say.
    ek=$(field ek-public a.host | base64 -d | digest)
    record "$ek" "$(admin_hex boss)" 7 "$key" | cmp - "$known"
    [ "$(stat -c %a "$known")" = 600 ]
    # Each time with a nonce of its own.
    wrap > blob 2> err
    [ ! -s err ]
    [ "$(sort -u evil/log | wc -l)" -eq 2 ]
}

@test "fbc-wrapkey --from-server: memory that outlives a reset" {
    serve
    wrap --pin accept-new --require-overwrite > blob 2> /dev/null
    [ -s blob ]
    rm session.key
    boot "$base/a" "$(field image golden)" "$(outliving "$key")"
    denied memory-outlives --require-overwrite
    expect 0 wrap
    says_it="fbc-wrapkey: warning: host-a: its memory outlives a reset"
    [ "$stderr" = "$says_it" ]
    rm session.key
    boot "$base/a" "$(field image golden)" "$key"
    expect 2 fbc-wrapkey --to vmm.pub --from owner.key -o session.key \
        --require-overwrite
    none_made
}

@test "an unknown host is refused, unless accepted or its admin is trusted" {
    serve
    boss=$(admin_print boss)
    for mode in "" "--pin strict" "--pin ask"; do
        # shellcheck disable=SC2086
        denied host-unknown $mode
        [[ $stderr == *"hint: its administrator's key is $boss: compare"*--admin* ]]
    done
    [ ! -e "$known" ]
    expect 2 wrap --pin maybe
    denied admin-unknown --admin other.pub --pin accept-new
    [ ! -e "$known" ]
    wrap --admin other.pub --admin boss.pub --pin strict > blob
    [ -s blob ] && [ -s "$known" ]
    rm session.key
    wrap --pin strict > blob
    [ -s blob ]
}

@test "on a terminal it asks, in the manner of ssh" {
    serve
    command="fbc-wrapkey --from-server $url --host host-a --cacert tls.pem \
        --from owner.key -o session.key > blob"
    # Nor does the EK prove anything: a hostile server knows it, too.
    ek=$(field ek-public a.host | base64 -d | digest)
    for answer in no $'maybe\nno' '' "SHA256:$ek"$'\nno'; do
        run script -qec "$command" /dev/null <<< "$answer"
        [ "$status" -eq 1 ]
        [[ $output == *"host-a of 127.0.0.1:"*"not known yet"* ]]
        [[ $output == *"administrator     SHA256:"*"EK          SHA256:"*"(yes/no/[administrator's fingerprint])?"* ]]
        [ ! -e "$known" ] && [ ! -e session.key ] && [ ! -s blob ]
    done
    [[ $output == *"host-unknown: was not accepted"* ]]
    run script -qec "$command" /dev/null <<< "$(admin_print boss)"
    [ "$status" -eq 0 ]
    [ "$(stat -c %s blob)" -eq 208 ]
    fbc-wrapkey --forget host-a
    [ ! -s "$known" ]
    run script -qec "$command" /dev/null <<< $'y\nyes'
    [ "$status" -eq 0 ]
    [[ $output == *"Please type 'yes'"* ]]
    [ -s "$known" ]
}

@test "another TPM under a known name is refused loudly in every mode" {
    serve
    wrap --pin accept-new > blob
    rm session.key
    before=$(sha256sum "$known")
    # Its administrator registers the machine b by the name of a.
    sed 's/^name: .*/name: host-a/' b.host > b-as-a.host
    registration boss host-a 9 b-as-a.host golden root.pem > shown.reg
    sed -i "s|^export TPM2TOOLS_TCTI=.*|export \
TPM2TOOLS_TCTI=swtpm:path=$base/b/s|; s/--ak a.ak/--ak b.ak/" lib.sh
    for mode in strict accept-new ask; do
        denied ek-changed --pin $mode
        [[ $stderr == *"@ WARNING: THE HOST HAS ANOTHER TPM!"* ]]
        [[ $stderr == *"known: SHA256:"*"shown: SHA256:"*"line 1"* ]]
        [[ $stderr == *"hint: once you know why: fbc-wrapkey --forget host-a" ]]
    done
    denied ek-changed --admin boss.pub
    [ "$(sha256sum "$known")" = "$before" ]
    # Once the user knows why:
    expect 0 fbc-wrapkey -v --forget host-a
    [[ $stderr == *"host-a: 1 records removed"* ]]
    wrap --pin accept-new > blob
    [ -s blob ]
    expect 1 fbc-wrapkey --forget host-z
    says "host-z: is not among the known hosts"
}

@test "another administrator is refused, unless trusted by name" {
    serve
    wrap --pin accept-new > blob
    rm session.key
    registration other host-a 8 a.host golden root.pem > shown.reg
    denied admin-changed --pin accept-new
    [[ $stderr == *"@ WARNING: ANOTHER ADMINISTRATOR SPEAKS"* ]]
    denied admin-unknown --admin boss.pub
    wrap --admin other.pub > blob 2> err
    grep -q "warning: host-a: now registered by SHA256:" err
    grep -qx "admin: $(admin_hex other)" "$known"
    grep -qx "serial: 8" "$known"
}

@test "an old registration is not taken after a newer one" {
    serve
    wrap --pin accept-new > blob
    registration boss host-a 8 a.host golden root.pem > shown.reg
    wrap > blob
    grep -qx 'serial: 8' "$known"
    rm session.key
    cp a.reg shown.reg
    denied serial
    says "registration 8 was seen already, and 7 is shown"
    denied serial --admin boss.pub
}

@test "a new key of a known host is accepted with evidence, and told" {
    serve
    wrap --pin accept-new > blob
    sed -i "s/^vmm-key: .*/vmm-key: $other_key/" "$known"
    wrap --pin strict > blob 2> err
    grep -q "warning: host-a: its hypervisor has another key" err
    grep -qx "vmm-key: $key" "$known"
}

@test "evidence that is old, of another nonce or of another host: nothing" {
    serve
    # Replayed: what was right for the first client.
    wrap --pin accept-new > blob
    rm session.key
    cp now old
    answer <<< 'release host-a "$key" shown.reg old'
    denied nonce
    # For a nonce of the server's choice.
    answer <<< 'quote "$(fbc-attest nonce)"; release host-a "$key" a.reg now'
    denied nonce
    # Another host's, in truth and in name.
    use_tpm "$base/b"
    cat >> lib.sh <<SH
quote_b() { rm -f now; TPM2TOOLS_TCTI=swtpm:path=$base/b/s fbc-attest quote \
    --nonce "\$nonce" --vmm-key vmm.pub --ak b.ak --chain issuer.pem > now; }
SH
    answer <<< 'quote_b; release host-a "$key" shown.reg now'
    denied host-ek
    answer <<< 'quote_b; release host-b "$key" b.reg now'
    denied name
    answer <<< 'quote_b; release host-a "$key" b.reg now'
    denied name
    says "shows the registration of another host"
}

@test "a key that is not the one of the evidence is not used" {
    serve
    answer <<< 'quote; release host-a "$other_key" shown.reg now'
    denied release-key --pin accept-new
    # And evidence for a key that the TPM does not know.
    answer <<'SH'
quote
sed "s/^vmm-key: .*/vmm-key: $other_key/" now > lie
release host-a "$other_key" shown.reg lie
SH
    denied pcr12 --pin accept-new
    [ ! -e "$known" ]
}

@test "registrations that no administrator has signed" {
    serve
    # Another host record, golden values or number under an old signature.
    sed 's/^serial: .*/serial: 8/' a.reg > shown.reg
    denied admin-signature --pin accept-new
    sed "s/^admin: .*/admin: $(admin_hex other)/" a.reg > shown.reg
    denied admin-signature --pin accept-new
    sed '/^signature: /y/0123456789/1234567890/' a.reg > shown.reg
    denied admin-signature --pin accept-new
    { grep -v ^signature a.reg; grep ^signature b.reg; } > shown.reg
    denied admin-signature --pin accept-new
    # A signed one whose parts are no records.
    for part in host-record golden root; do
        cp a.host h; cp golden g; cp root.pem r
        case $part in
        host-record) sed -i 's/^clock: .*/clock: x/' h ;;
        golden) sed -i 's/^pcr4: ..../pcr4: 0000/' g ;;
        root) ;;
        esac
        registration boss host-a 8 h g r > shown.reg
        [ $part != root ] || {
            sed '/^signature/d; s/^root: .*/root: MDAwMA==/' shown.reg > s
            openssl pkeyutl -sign -rawin -in s -inkey boss.pem -out sig
            { cat s; echo "signature: $(xxd -p -c 64 sig)"; } > shown.reg
        }
        expect 3 wrap --pin accept-new
        says ": registration-format: "
        none_made
    done
    { echo '# hello'; cat a.reg; } > shown.reg
    expect 3 wrap --pin accept-new
    says ": registration-format: line 1: "
    [ ! -e "$known" ]
}

@test "the client's own golden values and roots count, if given" {
    serve
    wrap --pin accept-new --golden golden --roots root.pem > blob
    rm session.key
    efi "another image" > other.efi
    fbc-attest golden --image other.efi --firmware firmware.bin \
        --name other --provenance test > other.golden
    denied pcr4 --golden other.golden
    wrap --golden other.golden --golden golden > blob
    rm session.key
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
        -subj /CN=maker -keyout m.key -out maker.pem 2> /dev/null
    denied ek-cert-chain --roots maker.pem
    # And the registration's, if not.
    registration boss host-a 8 a.host other.golden root.pem > shown.reg
    denied pcr4
    registration boss host-a 8 a.host golden maker.pem > shown.reg
    denied ek-cert-chain
    expect 3 wrap --golden golden.none
}

@test "an EK certificate that has expired is taken on demand only" {
    serve
    # The maker's root is of yesterday.
    openssl x509 -in root.pem -days 0 -out old.pem -signkey \
        "$base/ca/swtpm-localca-rootca-privkey.pem" 2> /dev/null
    registration boss host-a 8 a.host golden old.pem > shown.reg
    sleep 1
    denied ek-cert-time --admin boss.pub
    wrap --admin boss.pub --expired-ek > blob
    [ "$(stat -c %s blob)" -eq 208 ] && [ -s session.key ]
}

@test "a host that booted something else gets no key" {
    serve
    use_tpm "$base/b"
    boot "$base/b" "$(printf evil | digest)" "$key"
    sed -i "s|^export TPM2TOOLS_TCTI=.*|export \
TPM2TOOLS_TCTI=swtpm:path=$base/b/s|; s/--ak a.ak/--ak b.ak/" lib.sh
    sed 's/^name: .*/name: host-a/' b.host > b-as-a.host
    registration boss host-a 9 b-as-a.host golden root.pem > shown.reg
    denied pcr4 --pin accept-new
    [ ! -e "$known" ]
    boot "$base/b" "$(field image golden)" "$key"
}

@test "the server's refusals are told with its reason" {
    serve
    refusal() { answer <<< "printf 'fbc-refusal-1\nreason: %s\ntext: %s\n' \
        '$2' '$3'"; echo "$1" > evil/status; }
    refusal 404 no-such-host "no host of this name is registered"
    denied no-such-host
    refusal 403 pcr4 "another image"
    denied pcr4
    refusal 504 host-silent "the host gave no evidence in time"
    expect 6 wrap
    says ": host-silent: the host gave no"
    [[ $stderr == *"hint: does fbc-attest agent run"* ]]
    refusal 429 rate "slow down"
    echo 17 > evil/retry-after
    expect 4 wrap
    says ": rate: slow down"
    [[ $stderr == *"hint: try again in 17 seconds"* ]]
    # Of no server of ours.
    answer <<< 'printf "<html>\033]0;owned\007"'
    for status in 200 204 302 403 404 500; do
        echo $status > evil/status
        run --separate-stderr wrap
        [ "$status" -eq 3 ] || [ "$status" -eq 4 ]
        [ -z "$(tr -d '[:print:]\n' <<< "$stderr")" ]
        none_made
    done
    refusal 404 no-such-host $'\033[2J'
    expect 3 wrap
    [ -z "$(tr -d '[:print:]\n' <<< "$stderr")" ]
}

@test "answers that are no release" {
    serve
    for body in 'exit 0' 'head -c 1000 /dev/urandom' 'cat a.reg' 'cat golden' \
        'quote; release host-a "$key" a.reg now | tr "\n" "\r"' \
        'quote; release host-a "$key" a.reg now | head -c 5000' \
        'quote; { echo "# x"; release host-a "$key" a.reg now; echo; }'; do
        answer <<< "$body"
        expect 3 wrap --pin accept-new
        says ": release-format: "
        none_made
    done
    answer <<< 'quote; release host-a "$key" a.reg golden'
    expect 3 wrap --pin accept-new
    says ": evidence-format: "
    answer <<< 'quote; release host-a "$key" golden now'
    expect 3 wrap --pin accept-new
    says ": registration-format: "
    answer <<< 'quote; release host-a "$key" a.reg now | sed 1s/1/2/'
    expect 5 wrap --pin accept-new
    [ ! -e "$known" ] && [ ! -e session.key ]
}

@test "answers without end, without sense, or that never come" {
    serve
    for mode in huge length endless; do
        echo $mode > evil/mode
        expect 3 timeout 100 setsid -w fbc-wrapkey --from-server "$url" \
            --host host-a --cacert tls.pem --from owner.key -o session.key
        most=98304
        [ $mode != endless ] || most=65536      # of headers alone
        says "its answer is longer than $most bytes"
        none_made
    done
    for mode in never drip; do
        echo $mode > evil/mode
        SECONDS=0
        expect 6 wrap --timeout 2
        says "has not answered within 2 seconds"
        [ $SECONDS -lt 60 ]
        none_made
    done
    # Nor does a server answer that speaks no TLS.
    python3 -c '
import socket, time
s = socket.create_server(("127.0.0.1", 0))
print(s.getsockname()[1], flush=True)
time.sleep(300)' > silent 3>&- &
    silent=$!
    until_ok [ -s silent ]
    expect 6 timeout 100 fbc-wrapkey --from-server \
        "https://127.0.0.1:$(cat silent)" --host host-a --timeout 1 \
        --from owner.key -o session.key
    kill "$silent"
    says "has not answered within 1 seconds"
    none_made
    for mode in garbage close; do
        echo $mode > evil/mode
        run --separate-stderr wrap
        [ "$status" -eq 3 ] || [ "$status" -eq 4 ]
        [ -z "$(tr -d '[:print:]\n' <<< "$stderr")" ]
        none_made
    done
    # No way to another server.
    echo redirect > evil/mode
    echo "$url/other" > evil/location
    : > evil/log
    expect 3 wrap
    says "HTTP status 302"
    [ "$(wc -l < evil/log)" -eq 1 ]
}

@test "TLS: the server's certificate counts, and nothing but https" {
    serve
    expect 1 setsid -w fbc-wrapkey --from-server "$url" --host host-a \
        --from owner.key -o session.key
    says "certificate"
    [[ $stderr == *"hint: "*"--cacert"* ]]
    expect 1 setsid -w fbc-wrapkey --from-server \
        "https://localhost:${url##*:}" --host host-a --cacert tls.pem \
        --from owner.key -o session.key
    says "certificate"
    none_made
    for bad in http://127.0.0.1 127.0.0.1 file:///etc/passwd \
               https://user@127.0.0.1 https:// https://-x https://a:0 \
               https://a:65536 'https://a/?x' 'https://a b' 'https://a/%41'; do
        expect 2 fbc-wrapkey --from-server "$bad" --host host-a \
            --from owner.key -o session.key
    done
    for bad in ::1 ::1:8443 2001:db8::1 2001:db8::1:8443/path; do
        expect 2 fbc-wrapkey --from-server "https://$bad" --host host-a \
            --from owner.key -o session.key
        says "has an IPv6 address without brackets"
    done
    for bad in '' .. a/b 'a?b' -x 'a b' "$(printf 'a%.0s' {1..65})"; do
        expect 2 fbc-wrapkey --from-server "$url" --host "$bad" \
            --from owner.key -o session.key
    done
    expect 4 wrap --cacert none.pem
    says "none.pem: No such file"
    expect 3 wrap --cacert owner.pub
    [ ! -e evil/log ]
}

@test "known hosts: a file that is broken is no file without this host" {
    serve
    mkdir -p "${known%/*}"
    echo "nonsense" > "$known"
    expect 3 wrap --pin accept-new
    says "known_hosts: line 1: "
    none_made
    expect 3 fbc-wrapkey --forget host-a
    [ "$(cat "$known")" = nonsense ]
    wrap --pin accept-new --known-hosts elsewhere > blob
    rm session.key
    cat elsewhere elsewhere > "$known"
    expect 3 wrap --pin accept-new
    says "line 8: a second record of this host"
    expect 0 fbc-wrapkey --forget host-a --known-hosts elsewhere
    [ ! -s elsewhere ]
    # Of one server only.
    sed 's/^server: .*/server: other:443/; 7q' "$known" > elsewhere
    expect 1 fbc-wrapkey --forget host-a --from-server "$url" \
        --known-hosts elsewhere
    expect 0 fbc-wrapkey --forget host-a --from-server https://OTHER/ \
        --known-hosts elsewhere
}

@test "known hosts of an older version are converted, and none is lost" {
    serve
    mkdir -p "${known%/*}"
    ek=$(field ek-public a.host | base64 -d | digest)
    { echo "# mine"
      echo "keys.example:443 host-a $other_key $other_key 3 $key"
      echo "127.0.0.1:${url##*:} host-a $ek $(admin_hex boss) 7 $key"
      echo "# end"; } > "$known"
    cp "$known" before
    # Where it cannot be written it is read.
    mkdir "$known.lock"
    wrap --pin strict > blob 2> err
    grep -q "warning: $known: is of an older version, and cannot be " err
    cmp before "$known"
    rmdir "$known.lock"
    wrap --pin strict > blob 2> err
    grep -q "warning: $known: converted, .* kept as $known.old" err
    cmp before "$known.old"
    { echo "# mine"
      server=keys.example:443 record "$other_key" "$other_key" 3 "$key"
      record "$ek" "$(admin_hex boss)" 7 "$key"
      echo "# end"; } | cmp - "$known"
    wrap --pin strict > blob 2> err
    [ ! -s err ]
    # What was not the host stays refused.
    sed "s/ $ek / $other_key /" before > "$known"
    rm session.key
    denied ek-changed --pin accept-new
    [ "$(grep -c '^ek: ' "$known")" -eq 2 ]
    cmp before "$known.old"
    [ -e "$known.old.1" ]
    # One that is broken is not touched.
    echo "keys.example:443 host-a" > "$known"
    expect 3 wrap --pin accept-new
    says "known_hosts: line 1: "
    [ "$(cat "$known")" = "keys.example:443 host-a" ]
}

@test "nothing is asked of the server before what is here is in order" {
    serve
    rm owner.key
    expect 3 wrap
    says "owner.key: No such file"
    cp "$base/owner.key" .
    echo precious > session.key
    chmod 600 session.key
    expect 3 wrap
    [ "$(cat session.key)" = precious ]
    [ ! -e evil/log ]
    rm session.key
    expect 2 wrap --to vmm.pub
    says "--to: not with --from-server"
    expect 2 fbc-wrapkey --to vmm.pub --admin boss.pub --from owner.key -o s
    expect 2 fbc-wrapkey --to vmm.pub --pin strict --from owner.key -o s
    says "--host: is needed with --pin"
    expect 2 fbc-wrapkey --to vmm.pub --host 'a b' --from owner.key -o s
    says "a b: is not a valid host name"
    [ ! -e s ]
    expect 2 fbc-wrapkey --forget host-a --pin strict
    expect 2 fbc-wrapkey --from-server "$url" --from owner.key -o s
    expect 2 fbc-wrapkey --forget host-a --from owner.key
    expect 2 wrap --timeout 0
    [ ! -e evil/log ]
}
