#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# All of it together: administrator, key server, agents with TPMs, clients.
# shellcheck disable=SC2154,SC2030,SC2031 # helper.bash and bats set these
load helper
load swtpm
load attest
load keyserver

PATH=$top/scripts:$PATH

eval "attest_$(declare -f setup_file)"

# In $base besides: keys by the tools, registrations of both hosts.
setup_file()
{
    attest_setup_file
    tls
    fbc-keygen -o owner.key > owner.pub
    fbc-keyserver admin-keygen -o admin.key > admin.pub
    for h in a b; do
        fbc-keyserver sign --key admin.key --host $h.host --golden golden \
            --roots root.pem --serial 1 > $h.reg
    done
}

# Starts the server on the port that it had, if it had one; sets $url.
server()
{
    local port=${url##*:}
    : > where
    case " $* " in
    *" --wait "*) ;;
    *) set -- "$@" --wait 60 ;;     # machines may be slow
    esac
    fbc-keyserver serve -v --database db --tls-cert tls.pem --tls-key tls.key \
        --admin admin.pub --listen "127.0.0.1:${port:-0}" \
        "$@" > where 2>> server.err 3>&- &
    server=$!
    until_ok [ -s where ]
    url=$(grep -o 'https://[^ ]*' where)
}

# Starts the agent of a TPM; sets agent_$1.
agent() # TPM
{
    TPM2TOOLS_TCTI=swtpm:path=$base/$1/s fbc-attest agent -v \
        --server "$url" --host "host-$1" --vmm-key vmm.pub --ak "$1.ak" \
        --cacert tls.pem --chain issuer.pem 2>> "agent-$1.err" 3>&- &
    declare -g "agent_$1=$!"
}

begin()
{
    stage
    cp "$base"/*.reg "$base"/{owner,admin}.* "$base"/tls.* .
    export HOME=$PWD/home XDG_RUNTIME_DIR=$PWD
    unset XDG_CONFIG_HOME DISPLAY WAYLAND_DISPLAY
    mkdir home
    url=
    server "$@"
    for h in a b; do
        fbc-keyserver register --server "$url" --cacert tls.pem $h.reg
    done
}

teardown()
{
    for p in ${agent_a-} ${agent_b-} ${server-}; do
        kill "$p" 2> /dev/null || true
    done
}

wrap() # HOST ARGUMENT...
{
    local host=$1
    shift
    fbc-wrapkey --from-server "$url" --host "$host" --cacert tls.pem \
        --admin admin.pub --from owner.key --timeout 100 "$@"
}

# Until a client is served: what came before may have to wear off.
wrap_at_last() # HOST
{
    for _ in $(seq 60); do
        ! wrap "$1" -o s > blob 2> err || return 0
        sleep 0.5
    done
    cat err
    return 1
}

# The blob is sealed to the hypervisor's key.
sealed() # BLOB
{
    [ "$(xxd -s 80 -l 32 -p -c 32 "$1")" = \
        "$(xxd -r -p <<< "$key" | digest)" ]
}

@test "from a registration to a session key, over the real server" {
    begin
    agent a
    agent b
    wrap host-a -o a.session > a.blob
    wrap host-b -o b.session > b.blob
    sealed a.blob
    sealed b.blob
    sed -n 's/^name: //p' home/.config/fbcrypt/known_hosts | diff - <(
        printf 'host-a\nhost-b\n')
    # Without the administrator's key, from what is known now.
    expect 0 setsid -w fbc-wrapkey --from-server "$url" --host host-a \
        --cacert tls.pem --from owner.key -o a.session
    [ -z "$stderr" ]
    expect 1 wrap host-c -o c.session
    says ": no-such-host: "
    # The server's log tells the same.
    kill "$server"
    wait "$server"
    fbc-keyserver log db | grep -c ' released ok ' | grep -qx 3
}

@test "many clients of one host at once: each gets evidence of its own" {
    begin --rate-host 0 --rate-client 0
    agent a
    for i in $(seq 8); do
        { wrap host-a -o "$i.session" > "$i.blob" 2> "$i.err" ||
            touch "$i.failed"; } &
        pids="${pids-} $!"
    done
    # shellcheck disable=SC2086
    wait $pids
    for i in $(seq 8); do
        [ ! -e "$i.failed" ] || { cat "$i.err"; return 1; }
        sealed "$i.blob"
    done
    [ "$(grep -c host-a home/.config/fbcrypt/known_hosts)" -eq 1 ]
}

@test "a host that is silent, revoked, registered anew" {
    begin --wait 2
    expect 6 wrap host-a -o s
    says ": host-silent: "
    agent a
    wrap_at_last host-a
    sealed blob
    fbc-keyserver sign --key admin.key --revoke host-a --serial 2 > revoked
    fbc-keyserver register --server "$url" --cacert tls.pem revoked
    expect 1 wrap host-a -o s
    says ": no-such-host: "
    fbc-keyserver sign --key admin.key --host a.host --golden golden \
        --roots root.pem --serial 3 > a.reg
    fbc-keyserver register --server "$url" --cacert tls.pem a.reg
    rm blob
    wrap_at_last host-a
    sealed blob
    grep -qx 'serial: 3' home/.config/fbcrypt/known_hosts
}

@test "a host that booted another image: the server says no, and the reason" {
    begin
    agent b
    wrap host-b -o s > blob
    boot "$base/b" "$(printf evil | digest)" "$key"
    rm s
    # With the reset of its TPM the agent may miss a nonce.
    for _ in $(seq 30); do
        run --separate-stderr wrap host-b -o s
        [ "$status" -ne 1 ] || break
    done
    says ": pcr4: "
    [ ! -e s ]
    boot "$base/b" "$(field image golden)" "$key"
}

@test "the agent outlives the server" {
    begin
    agent a
    wrap host-a -o s > blob
    kill "$server"
    wait "$server"
    expect 4 wrap host-a -o s
    until_ok grep -q "again in" agent-a.err
    server
    rm blob
    wrap_at_last host-a
    sealed blob
}

@test "what fbc-wrapkey(1) shows of a key server works" {
    begin
    agent a
    mkdir -p bin host
    cat > bin/ssh <<SH
#!/bin/sh
[ "\$*" = "host-a fbc-setkey web" ] && cat > "$PWD/host/blob"
SH
    chmod +x bin/ssh
    PATH=$PWD/bin:$PATH
    awk '/^\.Sh/ { on = /DESCRIPTION/ }
         /^\.Bd/ { code = 1; next }
         /^\.Ed/ { code = 0 }
         on && code { sub(/^[$] /, ""); sub(/\\e$/, "\\"); print }' \
        "$top/man/fbc-wrapkey.1" > script
    [ "$(wc -l < script)" -eq 3 ]
    sed -i "s|https://keys.example:8443|$url --cacert tls.pem|; s/host1/host-a/" \
        script
    bash -e -o pipefail script
    sealed host/blob
}

@test "fbc-view and the real server" {
    begin
    agent a
    mkdir -p bin host home/.config/fbcrypt
    cp owner.key home/.config/fbcrypt/
    cat > bin/ssh <<SH
#!/bin/sh
while [ "\$1" = -o ]; do shift 2; done
[ "\$2 \$3" != "fbc-setkey web" ] || cat > "$PWD/host/blob"
SH
    printf '#!/bin/sh\necho 127.0.0.1:45678\n' > bin/fbc-vncproxy
    chmod +x bin/*
    PATH=$PWD/bin:$PATH
    expect 0 fbc-view --server "$url" --cacert tls.pem --admin admin.pub \
        --host host-a --port 5907 --viewer none web@root@dom0.example
    [ "$output" = 127.0.0.1:45678 ]
    sealed host/blob
}
