#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# Key servers that share a database, in a PostgreSQL of this file's own.
# shellcheck disable=SC2015,SC2030,SC2031,SC2094,SC2154 # bats, helper.bash
bats_require_minimum_version 1.5.0
load helper
load keyserve
load postgres

eval "keyserve_$(declare -f setup_file)"
eval "keyserve_$(declare -f setup)"

setup_file()
{
    start_postgres
    keyserve_setup_file
}

teardown_file()
{
    stop_postgres
}

setup()
{
    keyserve_setup
    psql_do "SET client_min_messages = error;
        DROP SCHEMA IF EXISTS fbcrypt CASCADE"
}

# Two servers, started at once: $server1, $url1, $server2, $url2.
serve_two() # [OPTION...]
{
    local i
    # shellcheck disable=SC2046 # none or two
    for i in 1 2; do
        fbc-keyserver serve -d "${database:-db}" --tls-cert tls.pem \
            --tls-key tls.key -a admin.pub -l 127.0.0.1:0 --json -v \
            --rate-client 0 --rate-host 0 $(patience "$@") "$@" > out.$i 2> err.$i 3>&- &
        declare -g "server$i=$!"
    done
    for i in 1 2; do
        until_ok test -s out.$i
        declare -g "url$i=https://$(jq -r 'select(.listen).listen' out.$i)"
    done
    at 1
}

# Requests go to this server from now on.
at() # 1|2
{
    local of=url$1
    url=${!of}
}

chain_is() # ENTRIES
{
    expect 0 fbc-keyserver log --verify --json "$database"
    jq -e --argjson n "$1" '.ok and .entries == $n' <<< "$output"
}

@test "tables are made once, and what a file holds is held there, too" {
    serve_two
    for s in 1 2; do
        at $s
        ask GET "/v1/log?from=1"
        [ "$code" = 200 ]
    done
    [ "$(psql_do 'SELECT count(*), max(number) FROM fbcrypt.version')" = "1|1" ]
    kill "$server1" "$server2"
    wait "$server1" "$server2"
    psql_do "TRUNCATE fbcrypt.hosts"
    "$top/build/tests/unit/test_keyserver" "$database"
}

@test "no matter which server the client, the poll and the evidence reach" {
    serve_two
    register a.reg
    clock=0
    for way in "1 1 1" "1 2 2" "1 1 2" "1 2 1" "2 1 1"; do
        read -r c p e <<< "$way"
        nonce=$(fbc-attest nonce)
        at "$p"
        curl -sS --cacert tls.pem -o poll "$url/v1/hosts/host-a/nonces" 3>&- &
        poll=$!
        at "$c"
        curl -sS --cacert tls.pem -o release -w '%{http_code}' \
            "$url/v1/hosts/host-a/key?nonce=$nonce" > release.code 3>&- &
        client=$!
        wait "$poll"
        grep -qx "nonce: $nonce" poll
        at "$e"
        evidence host-a "$nonce" $((++clock))
        [ "$code" = 204 ]
        wait "$client"
        [ "$(cat release.code)" = 200 ]
        part release registration | cmp - a.reg
        part release evidence | cmp - evidence
        # Nobody waits any more, here or there.
        for s in 1 2; do
            at $s
            ask POST /v1/hosts/host-a/evidence evidence
            denied 409 no-waiter
        done
    done
    [ "$(psql_do 'SELECT count(*) FROM fbcrypt.waits')" = 0 ]
    chain_is 6
}

@test "refusals reach the other server's client, too, and are logged once" {
    serve_two --wait 5
    register a.reg
    nonce=$(fbc-attest nonce)
    client release host-a "$nonce"
    at 2
    evidence host-a "$nonce" 5 pcr4
    denied 403 pcr4
    got release 403
    grep -qx "reason: pcr4" release
    # A quote is taken once, at whichever server.
    nonce=$(fbc-attest nonce)
    client one host-a "$nonce"
    evidence host-a "$nonce" 1000
    got one 200
    cp evidence before
    at 1
    client two host-a "$nonce"
    at 2
    ask POST /v1/hosts/host-a/evidence before
    denied 403 replay
    got two 403
    grep -qx "reason: replay" two
    # Who is not the host has no effect over there.
    nonce=$(fbc-attest nonce)
    client three host-a "$nonce"
    fakehost evidence . host-b "$nonce" 1 > of-b
    at 1
    ask POST /v1/hosts/host-a/evidence of-b
    denied 403 host-ak
    got three 504
    grep -qx "reason: host-silent" three
    [ "$(decisions)" = "host-a refused pcr4
host-a released ok
host-a refused replay
host-a refused host-silent" ]
    [ "$(psql_do 'SELECT count(*) FROM fbcrypt.waits')" = 0 ]
    chain_is 5
}

@test "registrations and revocations hold at all servers at once" {
    serve_two
    register a.reg
    at 2
    ask GET "/v1/hosts/host-a/nonces?wait=0"
    [ "$code" = 200 ]
    register a.reg              # the same again is no change
    sign a 4 > old
    expect 1 register old
    says "serial"
    fbc-keyserver sign -k admin.key --revoke host-a --serial 6 > rev
    register rev
    at 1
    ask GET "/v1/hosts/host-a/key?nonce=$(fbc-attest nonce)"
    denied 404 no-such-host
    expect 1 register a.reg
    says "serial"
    chain_is 2
}

@test "the chain holds while two servers write" {
    serve_two
    for i in {1..40}; do
        sign a "$i" > "a.$i"
        fbc-keyserver sign -k admin.key --revoke host-b --serial $((i + 5)) \
            > "b.$i"
    done
    register b.reg
    # Ten of each at a time, so that the two take turns on a busy machine, too;
    # on a connection that is kept.
    many() # URL HOST METHOD FIRST
    {
        local i args=()
        for i in $(seq "$4" $(($4 + 9))); do
            args+=(--next -sS --cacert tls.pem -X "$3" -o /dev/null
                   -w '%{http_code}\n' -H 'Expect:' --data-binary "@$2.$i"
                   "$1/v1/hosts/host-$2")
        done
        curl "${args[@]:1}" >> "codes.$2" 3>&-
    }
    for i in 1 11 21 31; do
        many "$url1" a PUT "$i" &
        many "$url2" b DELETE "$i"
        wait $!
    done
    [ "$(sort codes.a codes.b | uniq -c | tr -s ' ')" = " 80 204" ]
    chain_is 81
    # And they took turns.
    fbc-keyserver log "$database" | awk 'NR > 1 && $3 != last { n++; last = $3 }
        END { exit n < 4 }'
}

@test "a database that is killed costs patience, and nothing that was done" {
    serve_two --metrics 0
    register a.reg
    nonce=$(fbc-attest nonce)
    client release host-a "$nonce"
    postgres_down
    away() { ask GET "/v1/hosts/host-b/nonces?wait=0"; denied 503 database; }
    until_ok away
    curl -sS "http://$(head -n 1 out.1 | jq -r .metrics)/metrics" > metrics
    grep '^fbc_keyserver_database_errors_total [1-9]' metrics
    grep '^fbc_keyserver_requests_total{kind="nonces",status="503"} [1-9]' \
        metrics
    ask GET "/v1/hosts/host-b/nonces?wait=0"
    grep -qi '^retry-after: [1-9]' head
    # The writer waits for a while.
    ask PUT /v1/hosts/host-b b.reg &
    put=$!
    postgres_up
    wait "$put"
    until_ok register b.reg
    # Its client still waits, and the database knows of it again.
    at 2
    until_ok pending host-a "$nonce"
    evidence host-a "$nonce" 1
    [ "$code" = 204 ]
    got release 200
    chain_is 3
}

@test "a server that is killed leaves the others at work" {
    serve_two
    register a.reg
    nonce=$(fbc-attest nonce)
    client lost host-a "$nonce"
    kill -9 "$server1"
    wait "$server1" || true
    at 2
    # What was its own is forgotten with time, and does no harm before.
    evidence host-a "$nonce" 1
    [ "$code" = 204 ]
    psql_do "UPDATE fbcrypt.waits SET expires = now() - interval '1 hour'"
    nonce=$(fbc-attest nonce)
    client release host-a "$nonce"
    ask GET "/v1/hosts/host-a/nonces?wait=0"
    [ "$(sed 1d body)" = "nonce: $nonce" ]
    evidence host-a "$nonce" 2
    got release 200
    chain_is 3
}

# A server whose connections are cut, once, $when a COMMIT is carried out.
serve_cut() # before|after [OPTION...]
{
    mkdir cut
    python3 "$top/tests/peers/pgcut.py" "$pgdir/.s.PGSQL.$pgport" cut "$1" \
        flag 3>&- &
    until_ok test -S cut/.s.PGSQL.5432
    database="postgresql://fbc@/postgres?host=$PWD/cut" serve "${@:2}"
    register a.reg
}

cut_commit() # before|after
{
    serve_cut "$1"
    nonce=$(fbc-attest nonce)
    client release host-a "$nonce"
    touch flag
    evidence host-a "$nonce" 1000
    [ ! -e flag ]
    [ "$code" = 204 ]
    got release 200
    [ "$(decisions)" = "host-a released ok" ]
    chain_is 2
}

@test "a connection that is lost before a commit: it is written, once" {
    cut_commit before
}

@test "a connection that is lost in a commit: it was written, once" {
    cut_commit after
}

@test "an outcome that was taken as the connection is lost is its client's" {
    serve_cut after --wait 5
    # As another server would have decided, with the news of it lost.
    psql_do "CREATE FUNCTION fbcrypt.refuse() RETURNS trigger LANGUAGE plpgsql
        AS \$\$ BEGIN NEW.reason := 'pcr4'; RETURN NEW; END \$\$;
        CREATE TRIGGER refuse BEFORE INSERT ON fbcrypt.waits FOR EACH ROW
        EXECUTE FUNCTION fbcrypt.refuse()"
    touch flag
    ask GET "/v1/hosts/host-a/key?nonce=$(fbc-attest nonce)"
    denied 403 pcr4
    [ ! -e flag ]
    [ "$(psql_do 'SELECT count(*) FROM fbcrypt.waits')" = 0 ]
    chain_is 1
}

forget_log()
{
    psql_do "ALTER TABLE fbcrypt.log DISABLE TRIGGER append_only;
        DELETE FROM fbcrypt.log"
}

not_written_on() # ENTRY
{
    sign b 9 > newer
    for _ in 1 2 3; do
        ask PUT /v1/hosts/host-b newer
        denied 500 internal
    done
    grep "its log lacks entry $1, which was written" err
    [ "$(psql_do 'SELECT count(*) FROM fbcrypt.log')" = 0 ]
}

@test "a log that lacks what was written is not written on" {
    serve -v
    register a.reg
    forget_log
    psql_do "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
        WHERE application_name = 'fbc-keyserver'"
    not_written_on 1
}

@test "nor if it lacks it after a connection that is lost in a commit" {
    serve_cut before -v
    register b.reg
    forget_log
    touch flag
    not_written_on 2
    [ ! -e flag ]
}

@test "the log is append-only, and its chain shows what was changed" {
    serve
    register a.reg
    register b.reg
    end
    for sql in "UPDATE fbcrypt.log SET line = 'x'" "DELETE FROM fbcrypt.log" \
        "TRUNCATE fbcrypt.log"; do
        run psql_do "$sql"
        [[ $output == *append-only* ]]
    done
    psql_do "ALTER TABLE fbcrypt.log DISABLE TRIGGER append_only;
        UPDATE fbcrypt.log SET line = replace(line, 'host-a', 'host-c')"
    expect 1 fbc-keyserver log --verify "$database"
    says "entry 1"
    expect 2 fbc-keyserver backup -d "$database" copy
    says "only of SQLite's databases"
    [[ $stderr == *pg_dump* ]]
}

@test "what is no key server's database is refused, and its errors are clear" {
    serve_with() { fbc-keyserver serve -d "$1" --tls-cert tls.pem \
        --tls-key tls.key -a admin.pub -l 127.0.0.1:0; }
    expect 3 fbc-keyserver log "$database"
    says "postgresql://$pgdir:$pgport/postgres: is not a key server's database"
    psql_do "CREATE SCHEMA fbcrypt; CREATE TABLE fbcrypt.version(number bigint);
        INSERT INTO fbcrypt.version VALUES (2)"
    expect 5 serve_with "$database"
    says "is of another version"
    expect 4 serve_with "postgresql://fbc@/nothing?host=$pgdir&port=$pgport"
    says 'database "nothing" does not exist'
    expect 4 serve_with "postgresql://127.0.0.1:1/postgres"
    says "Connection refused"
    expect 2 serve_with "postgresql://a:b@c:d:e"
    expect 2 fbc-keyserver log --verify "postgresql://fbc:geheim@127.0.0.1/x"
    says "a password on a command line is everybody's"
    [[ $stderr == *"hint: "*passfile* && $stderr != *geheim* ]]
    expect 2 fbc-keyserver log "postgresql://fbc@127.0.0.1/x?password=geheim%"
    [[ $stderr != *geheim* ]]
    mkdir lib
    echo "no library" > lib/libpq.so.5
    LD_LIBRARY_PATH=lib expect 4 serve_with "$database"
    says "libpq.so.5: cannot be loaded"
    [[ $stderr == *"hint: apt-get install libpq5"* ]]
}

@test "who uses a file needs no PostgreSQL's library" {
    mkdir lib
    echo "no library" > lib/libpq.so.5
    export LD_LIBRARY_PATH=$PWD/lib
    database='' serve
    register a.reg
    run ! grep libpq "/proc/$server/maps"
    end
}

@test "TLS to the database is verified as sslmode says, passwords are a file's" {
    psql_do "CREATE ROLE far LOGIN SUPERUSER PASSWORD 'geheim'"
    far="postgresql://far@127.0.0.1:$pgport/postgres?connect_timeout=20"
    far="$far&passfile=$PWD/pass&sslmode=verify-full&sslrootcert=$PWD"
    echo "*:*:*:far:geheim" > pass
    chmod 600 pass
    cp "$pgdir/server.crt" ca.pem
    database="$far/ca.pem" serve -v
    register a.reg
    [ "$(psql_do "SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity
        USING (pid) WHERE usename = 'far'" )" = t ]
    run ! grep geheim out err "/proc/$server/cmdline" "/proc/$server/environ"
    end
    printf '%s\n' '[fbc]' host=127.0.0.1 "port=$pgport" dbname=postgres \
        user=far password=geheim sslmode=verify-full \
        "sslrootcert=$PWD/ca.pem" > services
    PGSERVICEFILE=$PWD/services fbc-keyserver log --verify \
        "postgresql://?service=fbc"
    expect 4 fbc-keyserver log "$far/tls.pem"
    says "certificate verify failed"
    echo "*:*:*:far:falsch" > pass
    expect 4 fbc-keyserver log "$far/ca.pem"
    says "password authentication failed"
    [[ $stderr != *falsch* ]]
}

@test "a role with the rights that the manual gives can serve" {
    serve
    end
    psql_do "CREATE ROLE serving LOGIN"
    mandoc -T utf8 "$top/man/fbc-keyserver-formats.5" | col -bx |
        sed -n 's/^ *\(GRANT .*;\)$/\1/p' > grants
    [ "$(wc -l < grants)" -ge 4 ]
    "$pgbin/psql" -X -q -v ON_ERROR_STOP=1 -d "$database" -f grants
    database=${database/fbc@/serving@}
    serve
    register a.reg
    nonce=$(fbc-attest nonce)
    client release host-a "$nonce"
    evidence host-a "$nonce" 1
    got release 200
    run psql_do "DELETE FROM fbcrypt.hosts"
    [[ $output == *"permission denied"* ]]
}
