# SPDX-License-Identifier: GPL-2.0-only
# Shared by the tests of the key server's clients: registrations made without
# the tools, and a server that answers as it is told (tests/peers/evilkeys.py).
# To be loaded after attest.bash.
# shellcheck disable=SC2034,SC2154 # helper.bash and bats set these

# Ed25519 keys by openssl: NAME.pem, and NAME.pub as the tools take it.
admin() # NAME
{
    openssl genpkey -algorithm ed25519 -out "$1.pem" 2> /dev/null
    key_line fbc-admin-public-1 "$(admin_hex "$1")" > "$1.pub"
}

admin_hex() # NAME
{
    openssl pkey -in "$1.pem" -pubout -outform DER | tail -c 32 | xxd -p -c 32
}

# What people compare.
admin_print() # NAME
{
    echo "SHA256:$(admin_hex "$1" | xxd -r -p | sha256sum | cut -d' ' -f1)"
}

# A certificate for 127.0.0.1, of its own authority: tls.pem, tls.key
tls()
{
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
        -days 2 -subj /CN=test -addext subjectAltName=IP:127.0.0.1 \
        -keyout tls.key -out tls.pem 2> /dev/null
}

plain() { grep -v '^#' "$1"; }

# Registration of a host on stdout; ROOT in PEM.
registration() # ADMIN NAME SERIAL HOST-RECORD GOLDEN ROOT
{
    local text sig
    text=$(echo fbc-registration-1
        echo "name: $2"
        echo "serial: $3"
        echo "host-record: $(plain "$4" | base64 -w 0)"
        echo "golden: $(plain "$5" | base64 -w 0)"
        echo "root: $(openssl x509 -in "$6" -outform DER | base64 -w 0)"
        echo "admin: $(admin_hex "$1")")
    printf '%s\n' "$text" > to-sign
    openssl pkeyutl -sign -rawin -in to-sign -inkey "$1.pem" -out sig
    sig=$(xxd -p -c 64 sig)
    rm to-sign sig
    printf '%s\nsignature: %s\n' "$text" "$sig"
}

# A release on stdout.
release() # NAME VMM-KEY REGISTRATION EVIDENCE
{
    printf 'fbc-release-1\nname: %s\nvmm-key: %s\nregistration: %s\n' "$1" \
        "$2" "$(base64 -w 0 < "$3")"
    echo "evidence: $(base64 -w 0 < "$4")"
}

# evilkeys.py for all tests of a file, with tls.pem and tls.key of $base; sets
# $url.
start_evil()
{
    mkdir "$base/none"
    ln -s none "$base/evil"
    python3 "$top/tests/peers/evilkeys.py" "$base/evil" "$base/tls.pem" \
        "$base/tls.key" > /dev/null 2> "$base/none/err" 3>&- &
    echo $! > "$base/evil.pid"
    until_ok [ -s "$base/none/port" ]
    url=https://127.0.0.1:$(cat "$base/none/port")
    export url
}

# It does from now on what this directory says.
evil_in() # DIR
{
    mkdir -p "$1"
    ln -sfn "$1" "$base/evil"
}

eval "attest_$(declare -f teardown_file)"

teardown_file()
{
    [ ! -s "$base/evil.pid" ] || kill "$(cat "$base/evil.pid")"
    attest_teardown_file
}
