# SPDX-License-Identifier: GPL-2.0-only
# A key server, its hosts and its clients, for tests; its database is db, or
# $database.
# shellcheck disable=SC2015,SC2030,SC2031,SC2034,SC2094,SC2154 # bats, helper

setup_file()
{
    export base=$BATS_FILE_TMPDIR
    cd "$base" || return 1
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
        -days 2 -subj /CN=test -addext subjectAltName=IP:127.0.0.1 \
        -keyout tls.key -out tls.pem 2> /dev/null
    fakehost world .
    fakehost host . host-a > a.host
    fakehost host . host-b > b.host
    fbc-keyserver admin-keygen -o admin.key > admin.pub
    fbc-keyserver admin-keygen -o other.key > other.pub
    sign a 5 > a.reg
    sign b 5 > b.reg
}

setup()
{
    umask 022
    mkdir "$BATS_TEST_TMPDIR/case"
    cd "$BATS_TEST_TMPDIR/case" || return 1
    cp "$base"/{*.pem,*.key,*.host,*.der,*.pub,*.reg,root.crt,golden} .
    trace_tests_only
}

teardown()
{
    local job
    for job in $(jobs -p); do
        kill "$job" 2> /dev/null || true
    done
    wait
}

sign() # HOST SERIAL [OPTION...]
{
    fbc-keyserver sign -k admin.key -H "$1.host" -g golden -r root.crt \
        --serial "$2" "${@:3}"
}

# Machines may be slow: clients wait long where a test does not say how long.
patience() # [OPTION...]
{
    [[ " $* " == *" --wait "* ]] || echo --wait 60
}

# Sets $server and $url.
serve() # [OPTION...]
{
    rm -f out
    # shellcheck disable=SC2046 # none or two
    fbc-keyserver serve -d "${database:-db}" --tls-cert tls.pem \
        --tls-key tls.key -a admin.pub -l 127.0.0.1:0 --json \
        $(patience "$@") "$@" > out 2> err 3>&- &
    server=$!
    until_ok test -s out
    url=https://$(jq -r 'select(.listen).listen' out)
}

# Ends it; the last line of out has the counts.
end()
{
    kill "$server"
    wait "$server"
}

# Sets $code; the body goes to stdout's file "body".
ask() # METHOD TARGET [FILE]
{
    code=$(curl -sS --path-as-is -X "$1" --cacert tls.pem -o body -D head \
        -w '%{http_code}' ${3:+--data-binary "@$3"} \
        -H 'Content-Type: text/plain' -H 'Expect:' "$url$2")
}

# The answer must be this one.
denied() # STATUS REASON
{
    [ "$code" = "$1" ] && [ "$(sed -n 2p body)" = "reason: $2" ] || {
        echo "status $code, not $1 $2"
        cat body
        return 1
    }
}

register() { fbc-keyserver register -s "$url" --cacert tls.pem "$1"; }

# A client in the background, its answer in FILE and its status in FILE.code.
client() # FILE NAME NONCE
{
    curl -sS --cacert tls.pem -o "$1" -w '%{http_code}' \
        "$url/v1/hosts/$2/key?nonce=$3" > "$1.code" 3>&- &
    until_ok pending "$2" "$3"
}

pending() # NAME NONCE
{
    ask GET "/v1/hosts/$1/nonces?wait=0"
    grep -qx "nonce: $2" body
}

# Sets $code.
evidence() # NAME NONCE CLOCK [pcr4]
{
    fakehost evidence . "$@" > evidence
    ask POST "/v1/hosts/$1/evidence" evidence
}

got() # FILE CODE
{
    until_ok test -s "$1.code"
    [ "$(cat "$1.code")" = "$2" ] || {
        echo "$1: $(cat "$1.code"), not $2"
        cat "$1"
        return 1
    }
}

# A field of a record, decoded.
part() { sed -n "s/^$2: //p" "$1" | base64 -d; }

# Decisions and reasons, one a line, without those of registrations.
decisions()
{
    fbc-keyserver log "${database:-db}" | awk 'NR > 1 && $5 != "registered" { print $3, $5,
        $6 }'
}
