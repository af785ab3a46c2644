# SPDX-License-Identifier: GPL-2.0-only
# A PostgreSQL for the tests of a file: in a directory of its own, not root's,
# on a socket there and on a port of 127.0.0.1, with TLS; no cluster of the
# system's is touched.
# shellcheck disable=SC2034,SC2086,SC2154 # helper.bash and bats set these

# What it runs as: PostgreSQL refuses root.
pg_as=()
[ "$(id -u)" -ne 0 ] ||
    pg_as=(setpriv --reuid=65534 --regid=65534 --clear-groups)

pg() # PROGRAM ARGUMENT...
{
    # Not in bats' directory, which others may not enter.
    (cd "$pgdir" && HOME=$pgdir "${pg_as[@]}" "$pgbin/$1" "${@:2}")
}

# Makes and starts it; sets $pgdir, $pgbin, $pgport and $database, whose user is
# fbc.
start_postgres()
{
    export pgdir pgbin pgport database
    pgbin=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
    # A socket's path is short.
    pgdir=$(mktemp -d /tmp/fbc-pg.XXXXXX)
    openssl req -x509 $ec -days 2 -subj /CN=db \
        -addext subjectAltName=IP:127.0.0.1 -keyout "$pgdir/server.key" \
        -out "$pgdir/server.crt" 2> /dev/null
    [ ${#pg_as[@]} -eq 0 ] || chown -R 65534:65534 "$pgdir"
    pg initdb -D "$pgdir/data" -N -A trust -U fbc -E UTF8 --locale=C \
        > "$pgdir/initdb.log"
    cat >> "$pgdir/data/postgresql.conf" <<CONF
listen_addresses = '127.0.0.1'
unix_socket_directories = '$pgdir'
ssl = on
ssl_cert_file = '$pgdir/server.crt'
ssl_key_file = '$pgdir/server.key'
shared_buffers = 16MB
CONF
    cat > "$pgdir/data/pg_hba.conf" <<CONF
local all all trust
hostssl all all 127.0.0.1/32 scram-sha-256
CONF
    # Another program may take the port before it does.
    for _ in 1 2 3 4 5; do
        pgport=$(python3 -c 'import socket
s = socket.socket()
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])')
        echo "port = $pgport" >> "$pgdir/data/postgresql.conf"
        ! postgres_up || break
    done
    pg pg_ctl -D "$pgdir/data" status > /dev/null
    database="postgresql://fbc@/postgres?host=$pgdir&port=$pgport"
}

postgres_up()
{
    pg pg_ctl -D "$pgdir/data" -s -w -l "$pgdir/log" start 3>&-
}

# As by kill -9.
postgres_down()
{
    pg pg_ctl -D "$pgdir/data" -s -w -m immediate stop
}

stop_postgres()
{
    [ -n "${pgdir-}" ] || return 0
    [ ! -e "$pgdir/data/postmaster.pid" ] || postgres_down
    rm -rf "$pgdir"
}

psql_do() # SQL
{
    # Not by the wrapper of Debian's, which is a Perl script.
    "$pgbin/psql" -X -q -A -t -v ON_ERROR_STOP=1 -d "$database" -c "$1"
}
