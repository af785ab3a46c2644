#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# The key server, with hosts whose TPM is a program (tests/peers/fakehost.c).
# shellcheck disable=SC2015,SC2030,SC2031,SC2094,SC2154 # bats, helper.bash
bats_require_minimum_version 1.5.0
load helper
load keyserve

@test "help, version and unknown options" {
    common_options fbc-keyserver
}

@test "commands refuse options that are not theirs, and what lacks" {
    expect 2 fbc-keyserver
    says "COMMAND: one is needed"
    expect 2 fbc-keyserver serve -d db
    says "is needed"
    expect 2 fbc-keyserver sign -k admin.key --revoke a --golden golden
    says "--golden: not with sign --revoke"
    expect 2 fbc-keyserver log
    says "FILE: is needed"
    expect 2 fbc-keyserver log --known 1:00 db
    says "--known: goes with --verify"
    expect 2 fbc-keyserver admin-keygen -o -
    expect 2 fbc-keyserver serve --wait 0
    says "--wait: 0: not a number"
    expect 2 fbc-keyserver serve --tls-cert tls.pem --tls-key tls.key -d db \
        -a admin.pub -l nowhere
    says "nowhere: is not ADDRESS:PORT"
    expect 2 fbc-keyserver backup -d db -
    says "-: a copy goes into a file"
    expect 2 fbc-keyserver backup -d db a b
    says "b: unexpected argument"
    # shellcheck disable=SC2046 # words
    expect 2 fbc-keyserver serve $(printf -- '-a admin.pub %.0s' {1..33})
    says "--admin: more than 32"
}

@test "a server that cannot say where it listens does not run on" {
    for json in "" --json; do
        # shellcheck disable=SC2086
        expect 4 timeout 60 sh -c '"$@" > /dev/full' _ fbc-keyserver serve \
            $json -d db --tls-cert tls.pem --tls-key tls.key -a admin.pub \
            -l 127.0.0.1:0
        says "stdout: No space left"
    done
}

@test "administrators' keys are private and not overwritten" {
    [ "$(stat -c %a admin.key)" = 600 ]
    expect 0 fbc-keyserver admin-keygen -y admin.key
    [ "$output" = "$(cat admin.pub)" ]
    # What clients show of it.
    grep '^fbc-' admin.pub | cut -d: -f2 | base64 -d | head -c 32 > raw
    grep -qx "# SHA256:$(sha256sum < raw | cut -d' ' -f1)" admin.pub
    expect 3 fbc-keyserver admin-keygen -o admin.key
    says "exists"
    chmod 644 admin.key
    expect 3 fbc-keyserver admin-keygen -y admin.key
    says "open to others"
    fbc-keygen -o owner.key > /dev/null
    expect 3 fbc-keyserver admin-keygen -y owner.key
    says "is an owner secret key, not an administrator's secret key"
    chmod 600 admin.pub
    expect 3 fbc-keyserver sign -k admin.pub --revoke host-a
    says "is an administrator's public key, not"
}

@test "what is signed verifies with openssl" {
    grep '^fbc-' admin.pub | cut -d: -f2 | base64 -d | head -c 32 > raw
    (printf '302a300506032b6570032100' | xxd -r -p; cat raw) > spki
    sign a 7 > reg
    fbc-keyserver sign -k admin.key --revoke host-a --serial 8 > rev
    for f in reg rev; do
        head -n -1 "$f" > signed
        sed -n 's/^signature: //p' "$f" | xxd -r -p > sig
        openssl pkeyutl -verify -pubin -keyform DER -inkey spki -rawin \
            -in signed -sigfile sig
    done
}

@test "hosts with names that URLs cannot hold are not signed" {
    fakehost host . host-a | sed 's/^name: .*/name: host a/' > x.host
    expect 3 sign x 1
    says "its name cannot be registered"
    expect 2 fbc-keyserver sign -k admin.key --revoke ../a
    says "is not a valid host name"
}

@test "roots are signed all or none" {
    cat root.crt tls.pem root.crt > three
    fbc-keyserver sign -k admin.key -H a.host -g golden -r three > reg
    [ "$(grep -c '^root: ' reg)" -eq 3 ]
    { cat root.crt; sed '5s/./!/' root.crt; cat root.crt; } > bad
    expect 3 fbc-keyserver sign -k admin.key -H a.host -g golden -r bad
    says "bad: certificate 2 cannot be parsed"
    [ -z "$output" ]
    { printf %s "$(cat root.crt)"; cat root.crt; } > touch
    expect 3 fbc-keyserver sign -k admin.key -H a.host -g golden -r touch
    says "touch: certificate 2 cannot be parsed"
    [ -z "$output" ]
}

@test "a client gets key, evidence for its nonce and the registration" {
    nonce=$(fbc-attest nonce)
    serve
    register a.reg
    client release host-a "$nonce"
    evidence host-a "$nonce" 1000
    [ "$code" = 204 ]
    got release 200
    part release registration | cmp - a.reg
    part release evidence | cmp - evidence
    grep -qx "vmm-key: $(printf 'a7%.0s' {1..32})" release
    # The verifier that everybody has says yes to it, too.
    part release evidence > from-server
    fbc-attest verify --nonce "$nonce" --host a.host --golden golden \
        --roots root.crt from-server > vmm.pub
    end
    jq -se '.[1] | .released == 1 and .refused == 0' out
    [ "$(decisions)" = "host-a released ok" ]
}

@test "a host that waits hears of a nonce at once" {
    nonce=$(fbc-attest nonce)
    serve
    register a.reg
    curl -sS --cacert tls.pem -o poll "$url/v1/hosts/host-a/nonces?wait=60" \
        3>&- &
    poll=$!
    curl -sS --cacert tls.pem "$url/v1/hosts/host-a/key?nonce=$nonce" \
        > release 3>&- &
    wait "$poll"
    grep -qx "nonce: $nonce" poll
    evidence host-a "$nonce" 1
    [ "$code" = 204 ]
}

@test "several clients of one host each get a quote of their own" {
    serve
    register a.reg
    for i in 1 2 3 4 5; do
        nonces[i]=$(fbc-attest nonce)
        client "r$i" host-a "${nonces[i]}"
    done
    ask GET "/v1/hosts/host-a/nonces"
    [ "$(sed 1d body)" = "$(printf 'nonce: %s\n' "${nonces[@]}")" ]
    for i in 1 2 3 4 5; do
        evidence host-a "${nonces[i]}" "$i"
        [ "$code" = 204 ]
        got "r$i" 200
        part "r$i" evidence | cmp - evidence
    done
}

@test "registrations are refused that no accepted administrator signed" {
    serve
    sed 's/^serial: 5/serial: 6/' a.reg > altered
    expect 1 register altered
    says "admin-signature: the signature does not verify"
    fbc-keyserver sign -k other.key -H a.host -g golden -r root.crt > other.reg
    expect 1 register other.reg
    says "admin-unknown"
    # The accepted key's name under another one's signature.
    sed "s/^admin: .*/$(grep ^admin: a.reg)/" other.reg > mixed
    expect 1 register mixed
    says "admin-signature"
    ask PUT /v1/hosts/host-b a.reg
    denied 400 name
    grep -v ^signature: a.reg > unsigned
    ask PUT /v1/hosts/host-a unsigned
    denied 400 bad-request
    (echo "# comment"; cat a.reg) > commented
    ask PUT /v1/hosts/host-a commented
    denied 400 bad-request
    echo hello > garbage
    ask PUT /v1/hosts/host-a garbage
    denied 400 bad-request
    ask GET "/v1/hosts/host-a/key?nonce=$(fbc-attest nonce)"
    denied 404 no-such-host
    [ "$(fbc-keyserver log db)" = fbc-log-1 ]
}

@test "serial numbers rise, over revocations, too" {
    serve
    register a.reg
    sign a 4 > old
    expect 1 register old
    says "serial"
    sign a 5 -g golden > same
    expect 1 register same
    register a.reg              # the same again is no change
    fbc-keyserver sign -k admin.key --revoke host-a --serial 5 > rev
    expect 1 register rev
    says "serial"
    fbc-keyserver sign -k admin.key --revoke host-a --serial 6 > rev
    register rev
    ask GET "/v1/hosts/host-a/key?nonce=$(fbc-attest nonce)"
    denied 404 no-such-host
    ask GET "/v1/hosts/host-a/nonces?wait=0"
    denied 404 no-such-host
    expect 1 register a.reg
    says "serial"
    fbc-keyserver sign -k admin.key --revoke host-b > rev
    expect 1 register rev
    says "no-such-host"
    sign a 7 > new
    register new
    ask GET "/v1/hosts/host-a/nonces?wait=0"
    [ "$code" = 200 ]
    [ "$(fbc-keyserver log db | awk 'NR > 1 { print $1, $5 }')" = \
        "1 registered
2 revoked
3 registered" ]
}

@test "evidence for another nonce is of no use" {
    nonce=$(fbc-attest nonce)
    serve
    register a.reg
    evidence host-a "$(fbc-attest nonce)" 1
    denied 409 no-waiter
    client release host-a "$nonce"
    evidence host-a "$(fbc-attest nonce)" 2
    denied 409 no-waiter
    [ ! -s release.code ]
    evidence host-a "$nonce" 3
    got release 200
    # Once is enough.
    evidence host-a "$nonce" 4
    denied 409 no-waiter
}

@test "a quote is not taken twice, nor one older than the last" {
    nonce=$(fbc-attest nonce)
    serve
    register a.reg
    client one host-a "$nonce"
    evidence host-a "$nonce" 1000
    got one 200
    cp evidence before
    client two host-a "$nonce"
    ask POST /v1/hosts/host-a/evidence before
    denied 403 replay
    got two 403
    grep -qx "reason: replay" two
    other=$(fbc-attest nonce)
    client three host-a "$other"
    evidence host-a "$other" 999
    denied 403 replay
    got three 403
    # Also when the server was started again, and the host registered anew.
    end
    serve
    sign a 6 > new
    register new
    other=$(fbc-attest nonce)
    client four host-a "$other"
    evidence host-a "$other" 1000
    denied 403 replay
    got four 403
    [ "$(decisions)" = "host-a released ok
host-a refused replay
host-a refused replay
host-a refused replay" ]
}

@test "who is not the host cannot spoil a client's wait" {
    nonce=$(fbc-attest nonce)
    serve
    register a.reg
    register b.reg
    client release host-a "$nonce"
    fakehost evidence . host-b "$nonce" 1 > of-b
    ask POST /v1/hosts/host-a/evidence of-b
    denied 403 host-ak
    evidence host-b "$nonce" 1
    denied 409 no-waiter
    fakehost evidence . host-a "$nonce" 1 > good
    fakehost evidence . host-a "$nonce" 2 > better
    (sed '/^signature/,$d' good; sed -n '/^signature/,$p' better) > mixed
    ask POST /v1/hosts/host-a/evidence mixed
    denied 403 signature
    sed 's/^fbc-evidence-1/fbc-evidence-2/' good > newer
    ask POST /v1/hosts/host-a/evidence newer
    denied 400 evidence-version
    echo >> good
    ask POST /v1/hosts/host-a/evidence good
    denied 400 evidence-format
    [ ! -s release.code ]
    evidence host-a "$nonce" 3
    got release 200
    [ "$(decisions)" = "host-a released ok" ]
}

@test "a host that booted something else is refused, and the client told" {
    nonce=$(fbc-attest nonce)
    serve
    register a.reg
    client release host-a "$nonce"
    evidence host-a "$nonce" 1 pcr4
    denied 403 pcr4
    got release 403
    grep -qx "reason: pcr4" release
    [ "$(decisions)" = "host-a refused pcr4" ]
}

@test "a client of a silent host is told so in time" {
    serve --wait 1
    register a.reg
    ask GET "/v1/hosts/host-a/key?nonce=$(fbc-attest nonce)"
    denied 504 host-silent
    ask GET "/v1/hosts/host-a/nonces?wait=1"
    [ "$code" = 200 ]
    [ "$(cat body)" = fbc-nonces-1 ]
    [ "$(decisions)" = "host-a refused host-silent" ]
}

@test "requests of another form are refused" {
    serve --rate-client 0
    register a.reg
    ask GET /
    denied 404 no-such-page
    ask GET /v1/hosts/../log?from=1
    denied 404 no-such-page
    ask GET /v1/hosts/host%2da/nonces?wait=0
    denied 404 no-such-page
    ask GET "/v1/hosts/$(printf 'a%.0s' {1..300})/nonces"
    denied 404 no-such-page
    ask GET "/v1/hosts/host-a/key?nonce=00"
    denied 400 bad-request
    ask GET "/v1/hosts/host-a/nonces?wait=0&wait=1"
    denied 400 bad-request
    ask POST /v1/hosts/host-a/nonces
    denied 405 method
    allow() { grep -ix $'allow: '"$1"$'\r' head; }
    allow GET
    ask GET /v1/hosts/host-a
    denied 405 method
    allow "PUT, DELETE"
    ask GET /v1/hosts/host-a/evidence
    denied 405 method
    allow POST
    ask PUT /v1/log
    denied 405 method
    allow GET
    ask BREW /v1/hosts/host-a/key
    denied 405 method
    ask GET "/v1/log?from=0"
    denied 400 bad-request
    ask GET "/v1/log?from=1" a.reg
    denied 413 too-large
    [ "$(decisions)" = "" ]
}

@test "what is no request is answered as text, too, and ends the connection" {
    serve --rate-client 0
    cat > raw.py <<'PY'
import socket, ssl, sys
c = ssl.create_default_context(cafile="tls.pem")
c.check_hostname = False
n = int(sys.argv[2])
request = sys.argv[1].encode().decode("unicode_escape").replace("@", n * "a")
s = c.wrap_socket(socket.create_connection(("127.0.0.1", int(sys.argv[3]))))
s.sendall(request.encode("latin-1"))
s.settimeout(60)
answer = b""
try:
    while True:
        part = s.recv(65536)
        if not part:
            break
        answer += part
except ssl.SSLEOFError:
    pass
sys.stdout.buffer.write(answer)
PY
    # Status, reason, length of @, request; none is longer than a TLS record, as
    # what is not read when a connection is closed takes the answer with it.
    while read -r want reason n request; do
        python3 raw.py "$request" "$n" "${url##*:}" > answer
        echo "$request"; head -n 1 answer
        [[ $(head -n 1 answer) == "HTTP/1.1 $want "* ]]
        grep -qix $'content-type: text/plain; charset=us-ascii\r' answer
        grep -qix $'connection: close\r' answer
        [ "$(grep -c ^HTTP/1.1 answer)" -eq 1 ]
        sed '1,/^\r$/d' answer | head -n 2 | diff - <(
            printf 'fbc-refusal-1\nreason: %s\n' "$reason")
    done <<'LIST'
400 bad-request 0 GET /v1/log?from=1 HTTP/1.1\r\n\r\n
400 bad-request 0 GET /v1/log?from=1 HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n
400 bad-request 0 PUT /v1/hosts/a HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n
431 too-large 16280 GET /v1/log?from=1 HTTP/1.1\r\nHost: a\r\nX: @\r\n\r\n
414 too-large 16379 GET /@
LIST
    ask GET "/v1/log?from=1"
    [ "$code" = 200 ]
}

@test "bodies need a length within bounds" {
    serve --rate-client 0
    register a.reg
    # It is refused by its head: no more of it needs to come.
    code=$(curl -sS --cacert tls.pem -o body -w '%{http_code}' -X POST \
        -H 'Content-Length: 52225' --data-binary x \
        "$url/v1/hosts/host-a/evidence")
    denied 413 too-large
    head -c 16385 /dev/zero > big
    ask PUT /v1/hosts/host-a big
    denied 413 too-large
    head -c 513 /dev/zero > big
    ask DELETE /v1/hosts/host-a big
    denied 413 too-large
    : > empty
    ask POST /v1/hosts/host-a/evidence empty
    denied 400 evidence-format
    code=$(curl -sS --cacert tls.pem -o body -w '%{http_code}' -X POST \
        "$url/v1/hosts/host-a/evidence")
    denied 411 length
    code=$(curl -sS --cacert tls.pem -o body -w '%{http_code}' -T - \
        "$url/v1/hosts/host-a" < a.reg)
    denied 411 length
    for length in -1 1x 18446744073709551616 99999999999999999999999; do
        code=$(curl -sS --cacert tls.pem -o body -w '%{http_code}' -X PUT \
            -H "Content-Length: $length" "$url/v1/hosts/host-a" || true)
        [[ $code = 4* || $code = 000 ]]
    done
    end                         # it is still there
}

@test "addresses and hosts have rates" {
    serve --rate-client 1
    for i in {1..10}; do
        ask GET "/v1/log?from=1"
        [ "$code" = 200 ]
    done
    i=0
    until [ "$code" = 429 ] || [ $((++i)) -gt 100 ]; do
        ask GET "/v1/log?from=1"
    done
    denied 429 rate
    grep -qi '^retry-after: [1-9]' head
    end
    serve --rate-client 0 --rate-host 1 --wait 1
    register a.reg
    register b.reg
    # One a second, which a busy machine takes to start some.
    for i in {1..60}; do nonces[i]=$(fbc-attest nonce); done
    for i in {1..60}; do
        curl -sS --cacert tls.pem -o /dev/null -w '%{http_code}\n' \
            "$url/v1/hosts/host-a/key?nonce=${nonces[i]}" > "code.$i" \
            3>&- &
        clients[i]=$!
    done
    wait "${clients[@]}"
    [ "$(cat code.* | grep -c 429)" -ge 10 ]
    [ "$(cat code.* | grep -c 504)" -ge 5 ]
    ask GET "/v1/hosts/host-b/key?nonce=$(fbc-attest nonce)"
    denied 504 host-silent
}

@test "of one host so many clients wait and no more" {
    serve --rate-client 0 --rate-host 0 --wait 60
    register a.reg
    for i in {1..16}; do
        client "r$i" host-a "$(fbc-attest nonce)"
    done
    ask GET "/v1/hosts/host-a/key?nonce=$(fbc-attest nonce)"
    denied 503 busy
    grep -qi '^retry-after: [1-9]' head
    ask GET "/v1/hosts/host-a/nonces"
    [ "$(grep -c ^nonce: body)" = 16 ]
    # When it stops, they are told to ask again.
    end
    got r1 503
    grep -qx "reason: stopping" r1
    got r16 503
}

@test "a host's own poll gets through to a full house" {
    serve --rate-client 0
    register a.reg
    for i in 1 2 3 4 5 6; do
        curl -sS --cacert tls.pem -o "poll.$i" -w '%{http_code}' \
            "$url/v1/hosts/host-a/nonces?wait=60" > "poll.$i.code" 3>&- &
    done
    # All but four of them are sent away.
    ended() { [ "$(cat poll.?.code | wc -c)" -ge 6 ]; }
    until_ok ended
    nonce=$(fbc-attest nonce)
    client release host-a "$nonce"
    for i in 1 2 3 4 5 6; do
        got "poll.$i" 200
    done
    [ "$(cat poll.? | grep -c "^nonce: $nonce")" = 4 ]
    evidence host-a "$nonce" 1
    got release 200
}

@test "the log's chain shows what was changed" {
    serve --wait 1
    register a.reg
    register b.reg
    ask GET "/v1/hosts/host-a/key?nonce=$(fbc-attest nonce)"
    ask GET "/v1/log?from=1"
    cp body log
    ask GET "/v1/log?from=3"
    [ "$(wc -l < body)" = 2 ]
    expect 0 fbc-keyserver log --verify --from 3 body
    expect 1 fbc-keyserver log --verify body
    says "begins with entry 3, not 1"
    end
    fbc-keyserver log db | cmp - log
    expect 0 fbc-keyserver log --verify db
    last=$output
    [[ $last == 3:* ]]
    [ "$(tail -c 65 log)" = "${last#3:}" ]
    fbc-keyserver log --verify --known "$last" log
    # From the entry after a known one on; the known one itself says nothing
    # that could be checked without the one before it.
    two=$(sed -n 3p log | awk '{ print $1 ":" $NF }')
    (head -n 1 log; tail -n 1 log) > third
    expect 0 fbc-keyserver log --verify --from 3 --known "$two" third
    sed 's/ host-silent/ ok/; s/ registered / revoked /' third > changed
    run ! cmp -s third changed
    expect 1 fbc-keyserver log --verify --from 3 --known "$two" changed
    says "entry 3: its hash"
    (head -n 1 log; tail -n 2 log) > second
    expect 1 fbc-keyserver log --verify --from 2 --known "$two" second
    says "entry 2 is the first and cannot be checked"
    for change in 's/host-silent/ok/' 's/^2 .*Z/2 2026-01-01T00:00:00Z/' \
        2d 's/ registered / revoked /'; do
        sed "$change" log > changed
        expect 1 fbc-keyserver log --verify changed
        says "entry"
        expect 1 fbc-keyserver log --verify --json - < changed
        jq -e '.ok == false and .error.status == 1' <<< "$output"
    done
    # The entry that is named is the one that is wrong, wherever it begins.
    (head -n 1 log; tail -n 2 log | sed '2s/host-silent/ok/') > changed
    expect 1 fbc-keyserver log --verify --from 2 changed
    says "entry 3: its hash"
    # What was cut off is missed by who knows that it was there.
    head -n -1 log > shorter
    expect 0 fbc-keyserver log --verify shorter
    expect 1 fbc-keyserver log --verify --known "$last" shorter
    says "is not there"
    expect 3 fbc-keyserver log --verify a.reg
    # The same in the database, once the triggers are out of the way.
    python3 - <<'PY'
import sqlite3
db = sqlite3.connect("db")
for change in ("UPDATE log SET line = 'x'", "DELETE FROM log"):
    try:
        db.execute(change)
        raise SystemExit("not append-only: " + change)
    except sqlite3.IntegrityError:
        pass
db.execute("DROP TRIGGER log_update")
db.execute("UPDATE log SET line = replace(line, 'host-silent', 'ok')"
           " WHERE number = 3")
db.commit()
PY
    expect 1 fbc-keyserver log --verify db
    says "entry 3"
}

# Into the log of db, which is then none; 500 bytes each.
lines() # N
{
    python3 - "$1" <<'PY'
import sqlite3, sys
db = sqlite3.connect("db")
db.executemany("INSERT INTO log VALUES (?, ?)",
               ((i, 499 * "x" + "\n") for i in range(1, int(sys.argv[1]) + 1)))
db.commit()
PY
}

@test "a log that cannot be printed: no reason is made up" {
    serve
    end
    lines 100
    expect 4 sh -c 'fbc-keyserver log db > /dev/full'
    says "stdout: could not be written"
}

@test "a backup that is ended leaves nothing in the way of the next" {
    mkdir to
    serve
    end
    lines 60000
    # It may be over before it is ended; not every time.
    for _ in {1..20}; do
        rm -rf to/copy
        fbc-keyserver backup -d db to/copy 2> err 3>&- &
        backup=$!
        until [ -n "$(ls -A to)" ]; do :; done
        kill -TERM "$backup"
        wait "$backup" && rc=0 || rc=$?
        [ $rc = 0 ] || break
    done
    cat err
    [ $rc = 4 ]
    grep -q "error: db: interrupted" err
    [ -z "$(ls -A to)" ]
    fbc-keyserver backup -d db to/copy
    [ "$(ls -A to)" = copy ]
    fbc-keyserver log to/copy | wc -l | grep -qx 60001
}

@test "a backup is one file, made while the server runs, and takes its place" {
    nonce=$(fbc-attest nonce)
    serve
    register a.reg
    client release host-a "$nonce"
    evidence host-a "$nonce" 1000
    got release 200
    fbc-keyserver backup -d db copy
    expect 3 fbc-keyserver backup -d db copy
    says "exists"
    [ "$(stat -c %a copy)" = 600 ]
    register b.reg
    end
    rm db db-*
    mv copy db
    expect 0 fbc-keyserver log --verify db
    [[ $output == 2:* ]]
    serve
    ask GET "/v1/hosts/host-b/nonces?wait=0"
    denied 404 no-such-host
    nonce=$(fbc-attest nonce)
    client again host-a "$nonce"
    evidence host-a "$nonce" 1000
    denied 403 replay           # counters came along
    register b.reg
    end
    expect 0 fbc-keyserver log --verify db
    [[ $output == 4:* ]]
    expect 4 fbc-keyserver backup -d nothing copy
    ln -s nowhere link
    expect 3 fbc-keyserver backup -d db link
    says "link: exists"
    [ ! -e nowhere ]
    echo "not a database" > db
    expect 3 fbc-keyserver log db
}

# The value of a metric, whose labels are in the order of the manual.
metric() # NAME[{LABELS}]
{
    curl -sS -o metrics -D metrics.head "http://$(jq -r .metrics < <(head -n 1 \
        out))/metrics"
    awk -v name="fbc_keyserver_$1" '$1 == name { print $2; found = 1 }
        END { exit !found }' metrics
}

@test "metrics count what was asked, decided and answered, and tell nobody's name" {
    serve --metrics 0 --wait 5 -v
    register a.reg
    nonce=$(fbc-attest nonce)
    client release host-a "$nonce"
    [ "$(metric clients_waiting)" = 1 ]
    evidence host-a "$nonce" 1
    got release 200
    ask GET "/v1/hosts/host-a/key?nonce=$(fbc-attest nonce)"
    denied 504 host-silent
    ask GET /nothing
    ask BREW /v1/log
    [ "$(metric 'requests_total{kind="register",status="204"}')" = 1 ]
    grep -ix $'content-type: text/plain; version=0.0.4; charset=utf-8\r' \
        metrics.head
    [ "$(metric 'requests_total{kind="key",status="200"}')" = 1 ]
    [ "$(metric 'requests_total{kind="key",status="504"}')" = 1 ]
    [ "$(metric 'requests_total{kind="evidence",status="204"}')" = 1 ]
    [ "$(metric 'requests_total{kind="none",status="404"}')" = 1 ]
    [ "$(metric 'requests_total{kind="none",status="405"}')" = 1 ]
    [ "$(metric 'decisions_total{decision="registered"}')" = 1 ]
    [ "$(metric 'decisions_total{decision="released"}')" = 1 ]
    [ "$(metric 'decisions_total{decision="refused"}')" = 1 ]
    [ "$(metric 'decisions_total{decision="revoked"}')" = 0 ]
    [ "$(metric database_errors_total)" = 0 ]
    [ "$(metric clients_waiting)" = 0 ]
    # The one that waited in vain took five seconds.
    [ "$(metric 'request_seconds_count{kind="key"}')" = 2 ]
    awk -v s="$(metric 'request_seconds_sum{kind="key"}')" \
        'BEGIN { exit !(s >= 5 && s < 100) }'
    # As the format has it, each name with its help and its type.
    run ! grep -vE '^(# (HELP fbc_keyserver_[a-z_]+ .*\.|TYPE fbc_keyserver_[a-z_]+ (counter|gauge|summary))|fbc_keyserver_[a-z_]+(\{([a-z]+="[a-z0-9]+",?)+\})? [0-9]+(\.[0-9]+)?)$' \
        metrics
    run ! grep -E "host-|$nonce|127\.|admin" metrics
    at=http://$(jq -r .metrics < <(head -n 1 out))
    [ "$(curl -sS -o body -w '%{http_code}' "$at/")" = 404 ]
    [ "$(curl -sS -o body -w '%{http_code}' "$at/v1/log?from=1")" = 404 ]
    [ "$(curl -sS -o body -w '%{http_code}' -X POST "$at/metrics")" = 405 ]
    [[ $at == http://127.0.0.1:* ]]
    ask GET /metrics            # and not to strangers
    denied 404 no-such-page
    expect 4 fbc-keyserver serve -d db2 --tls-cert tls.pem --tls-key tls.key \
        -a admin.pub -l 127.0.0.1:0 --metrics "${at##*:}"
    says "Address already in use"
    expect 2 fbc-keyserver serve --metrics 65536
    says "--metrics: 65536: not a number"
}

# A server with a socket that stays; sets $manager and $url.
serve_passed()
{
    python3 "$top/tests/peers/passsocket.py" port fbc-keyserver serve -d db \
        --tls-cert tls.pem --tls-key tls.key -a admin.pub --rate-client 0 \
        --rate-host 0 --per-client 0 > out 2> err 3>&- &
    manager=$!
    until_ok test -s port
    url=https://127.0.0.1:$(cat port)
}

@test "a restart refuses no connection" {
    serve_passed
    until_ok register a.reg
    touch go
    for i in 1 2 3; do
        (while [ -e go ]; do
            curl -sS --max-time 60 --cacert tls.pem -o /dev/null \
                -w '%{http_code}\n' "$url/v1/log?from=1" || echo "failed: $?"
        done) > "load.$i" 2>&1 3>&- &
        loads[i]=$!
    done
    for i in 1 2 3; do
        before=$(cat load.? | wc -l)
        kill -HUP "$manager"
        more() { [ "$(cat load.? | wc -l)" -gt $((before + 10)) ]; }
        until_ok more
    done
    rm go
    wait "${loads[@]}"
    kill "$manager"
    wait "$manager"
    [ "$(sort load.? | uniq -c | wc -l)" = 1 ] || { sort load.? | uniq -c
        return 1; }
    grep -qx 200 load.1
    [ "$(grep -c . out)" = 4 ]  # four servers said where they were
}

@test "restarts fail no request of hosts and clients" {
    serve_passed
    keyload "$url" tls.pem . 20 20 4 fresh > load 2> load.err 3>&- &
    load=$!
    # Registered are 20, and the first keys released.
    begun() { [ "$(fbc-keyserver log db | wc -l)" -gt $((21 + $1)) ]; }
    servers() { [ "$(grep -c . out)" = "$1" ]; }
    for n in 1 2 3; do
        until_ok begun $((n * 15))
        kill -HUP "$manager"
        until_ok servers $((n + 1))
    done
    wait "$load" || { cat load load.err; return 1; }
    kill "$manager"
    wait "$manager"
    grep -qx 'errors, 0, of any kind' load
    expect 0 fbc-keyserver log --verify db
    [[ $output == 100:* ]]
}

@test "killed at any moment it is back at once, and nothing it said is lost" {
    local kills=5 began quick=(--rate-client 0 --rate-host 0 --per-client 0)
    [ -z "${FBC_ALL:-}" ] || kills=50
    serve "${quick[@]}"
    keyload "$url" tls.pem . 20 20 $((kills * 2)) rough told=told > load \
        2> load.err 3>&- &
    load=$!
    until_ok grep -q 'all are registered' load.err
    for ((n = 0; n < kills; n++)); do
        sleep "$((RANDOM % 2)).$((RANDOM % 10))"
        kill -KILL "$server"
        wait "$server" || true
        began=${EPOCHREALTIME/[.,]/}
        fbc-keyserver serve -d db --tls-cert tls.pem --tls-key tls.key \
            -a admin.pub -l "${url#https://}" "${quick[@]}" > out 2> err 3>&- &
        server=$!
        until_ok ask GET '/v1/log?from=1'
        [ "$code" = 200 ]
        echo $(((${EPOCHREALTIME/[.,]/} - began) / 1000)) >> took
    done
    wait "$load" || { cat load load.err; return 1; }
    end
    echo "back after, in ms: $(sort -n took | tr '\n' ' ')"
    [ -z "${FBC_ALL:-}" ] || [ "$(sort -n took | tail -n 1)" -le 2000 ]

    expect 0 fbc-keyserver log --verify db
    fbc-keyserver log db | awk 'NR > 1 {
        print $5, $5 == "registered" ? $3 : $4 }' | LC_ALL=C sort > log
    [ "$(grep -c ^released told)" -gt $((kills * 2)) ]
    run ! grep . <(LC_ALL=C sort told | LC_ALL=C comm -23 - log)
    run ! grep . <(uniq -d log)
}

@test "a server that stops lets a waiting client have its answer" {
    nonce=$(fbc-attest nonce)
    serve
    register a.reg
    fakehost evidence . host-a "$nonce" 1 > evidence
    # The host's connection stays; it answers when the server is stopping.
    python3 - "$url" "$nonce" "$server" <<'PY' 3>&- &
import http.client, os, signal, ssl, sys, time
url, nonce, server = sys.argv[1:]
c = http.client.HTTPSConnection(url[8:], timeout=60,
    context=ssl.create_default_context(cafile="tls.pem"))
c.request("GET", "/v1/hosts/host-a/nonces?wait=60")
assert nonce in c.getresponse().read().decode()
os.kill(int(server), signal.SIGTERM)
time.sleep(0.5)
c.request("POST", "/v1/hosts/host-a/evidence", open("evidence", "rb").read())
r = c.getresponse()
assert r.status == 204, r.status
PY
    host=$!
    curl -sS --cacert tls.pem -o release -w '%{http_code}' \
        "$url/v1/hosts/host-a/key?nonce=$nonce" > release.code 3>&- &
    wait "$host"
    got release 200
    part release evidence | cmp - evidence
    wait "$server"
}

@test "only TLS is spoken, and only as of 1.2" {
    serve
    run curl -sS --max-time 20 "http://${url#https://}/v1/log?from=1"
    [ "$status" -ne 0 ]
    run curl -sS "$url/v1/log?from=1"
    [ "$status" -eq 60 ]
    run curl -sS --cacert tls.pem --tls-max 1.1 --ciphers DEFAULT@SECLEVEL=0 \
        "$url/v1/log?from=1"
    [ "$status" -eq 35 ]
    ask GET "/v1/log?from=1"
    [ "$code" = 200 ]
    expect 1 fbc-keyserver register -s "$url" a.reg
    says "SSL certificate problem"
    end
    expect 4 register a.reg
}

@test "what a server needs is checked before it serves" {
    serve_with() { fbc-keyserver serve -d db --tls-cert "$1" --tls-key "$2" \
        -a "$3" -l 127.0.0.1:0; }
    expect 3 serve_with root.crt tls.key admin.pub
    says "tls.key: is not the key of the first certificate in root.crt"
    expect 3 serve_with a.reg tls.key admin.pub
    says "a.reg: has no certificate in PEM form"
    sed '3s/./!/' tls.pem > bad.pem
    expect 3 serve_with bad.pem tls.key admin.pub
    says "bad.pem: certificate 1 cannot be parsed"
    umask 077
    sed '2s/./!/' tls.key > bad.key
    expect 3 serve_with tls.pem bad.key admin.pub
    says "bad.key: has no private key in PEM form, or one that cannot"
    openssl pkey -in tls.key -aes256 -passout pass:x -out locked.key
    expect 3 serve_with tls.pem locked.key admin.pub
    says "locked.key: has a passphrase"
    [[ $stderr == *"hint: nobody is there to type it: openssl pkey"* ]]
    openssl x509 -in tls.pem -signkey tls.key -days 0 -out old.pem \
        2> /dev/null
    sleep 1
    expect 3 serve_with old.pem tls.key admin.pub
    says "old.pem: has expired"
    umask 022
    expect 3 serve_with tls.pem tls.key tls.pem
    says "is not an administrator's public key"
    expect 3 serve_with tls.pem tls.key admin.key
    says "is an administrator's secret key"
    chmod 644 tls.key
    expect 3 serve_with tls.pem tls.key admin.pub
    says "open to all"
    expect 3 fbc-keyserver serve -d db --tls-cert tls.pem --tls-key tls.key \
        -a admin.pub -l 127.0.0.1:0 --json
    jq -e '.ok == false and .listen == null and .error.status == 3' \
        <<< "$output"
    chmod 600 tls.key
    passed() { sh -c 'LISTEN_PID=$$ LISTEN_FDS=1 exec fbc-keyserver serve \
        -d db --tls-cert tls.pem --tls-key tls.key -a admin.pub 3< tls.pem'; }
    expect 4 passed
    says "LISTEN_FDS"
    echo hello > db
    expect 3 serve_with tls.pem tls.key admin.pub
}
